//! The pretraining program, from text files to a model folder, on the project's sample texts: it runs to the end, takes up an interrupted
//! run as if nothing had been, works alike in one process and in two, keeps held-back texts out, and what it writes opens here and in `transformers`.

use crate::python;
use attune::checkpoint::load_model;
use attune::text::Tokenizer;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// No run takes longer, on two slow cores.
const LIMIT: Duration = Duration::from_secs(120);

const WHAT: &str = "pretraining on the sample texts";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether Python has all that pretraining needs; says so on the terminal if not.
fn ready() -> bool {
    let find = "import importlib.util as u; print(all(u.find_spec(m) for m in ('torch', 'transformers', 'tokenizers', 'accelerate')))";
    match python::run(WHAT, find, &[]) {
        Some(answer) if answer.trim() == "True" => true,
        Some(_) => {
            python::skipped(WHAT, "Python lacks a package of pretrain/requirements.txt");
            false
        }
        None => false,
    }
}

/// The test suite's configuration.
fn config() -> PathBuf {
    root().join("pretrain/configs/test.toml")
}

/// The same with other words in it, as a file of its own.
fn changed(folder: &Path, changes: &[(&str, &str)]) -> PathBuf {
    let mut text = fs::read_to_string(config()).unwrap();
    let samples = format!("path = \"{}/static", root().display());
    for (from, to) in changes.iter().chain(&[("path = \"../../static", samples.as_str())]) {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let path = folder.join("changed.toml");
    fs::write(&path, text).unwrap();
    path
}

/// Starts the program with further arguments: in one process, or in several by torchrun.
fn start(config: &Path, run: &Path, processes: usize, arguments: &[&str]) -> Child {
    let program = root().join("pretrain/pretrain.py");
    let mut command = if processes == 1 {
        python::script(WHAT, &program).unwrap()
    } else {
        let mut command = python::script(WHAT, Path::new("-m")).unwrap();
        command.args(["torch.distributed.run", "--standalone", "--nproc_per_node", &processes.to_string(), "--"]).arg(&program);
        command
    };
    // One thread for each: several would take turns on a small machine.
    command.env("OMP_NUM_THREADS", "1").arg("--config").arg(config).arg("--run").arg(run).arg("--cpu").args(arguments);
    command.stderr(fs::File::create(run.join("stderr.txt")).unwrap()).spawn().unwrap()
}

/// Waits for it to end well.
fn finish(mut child: Child, run: &Path) {
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("a run takes more than {LIMIT:?}");
        }
        sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{}", fs::read_to_string(run.join("stderr.txt")).unwrap());
}

fn pretrain(config: &Path, run: &Path, processes: usize, arguments: &[&str]) {
    finish(start(config, run, processes, arguments), run);
}

/// A new run folder with the prepared texts of another.
fn prepared_as(other: &Path, name: &str) -> PathBuf {
    let run = python::folder(name);
    for file in ["tokenizer.json", "train.npy", "held_back.npz", "held_back.json", "prepared.json"] {
        fs::copy(other.join(file), run.join(file)).unwrap();
    }
    run
}

/// Asks a run to end once it is past a step, as Ctrl+C or a cluster does.
fn interrupt(child: &Child, run: &Path, step: f64) {
    let started = Instant::now();
    while !run.join("history.jsonl").exists() || history(run).last().is_none_or(|line| number(&line["step"]) < step) {
        assert!(started.elapsed() < LIMIT, "{}", fs::read_to_string(run.join("stderr.txt")).unwrap());
        sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
}

/// The lines so far; one that is just being written is not there yet.
fn history(run: &Path) -> Vec<Value> {
    fs::read_to_string(run.join("history.jsonl")).unwrap().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Loads the exported folder as a user would; prints the parameters' number, six logits of the card's prompt, and the text of a round trip.
const OPEN: &str = r#"
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
folder, figures = sys.argv[1], json.load(open(sys.argv[2]))
model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
tokenizer = AutoTokenizer.from_pretrained(folder)
check = figures["check"]
assert tokenizer.encode(check["prompt"], add_special_tokens=False) == check["ids"]
logits = model.eval()(torch.tensor([check["ids"]])).logits[0, -1, :6]
assert (logits - torch.tensor(check["logits"])).abs().max() < 1e-3, logits
print(json.dumps({"parameters": model.num_parameters(), "ids": tokenizer.encode("naïve 你好\n", add_special_tokens=False)}))
"#;

#[test]
fn text_files_become_a_model_folder() {
    if !ready() {
        return;
    }
    let run = python::folder("pretrain");
    // Asked to end before the end: no model yet. Then taken up by the same command.
    let child = start(&config(), &run, 1, &[]);
    interrupt(&child, &run, 20.0);
    finish(child, &run);
    let before = history(&run);
    assert!(number(&before.last().unwrap()["step"]) < 120.0, "the first run was not stopped");
    assert!(run.join("last.pt").exists() && !run.join("model").exists(), "an unfinished run is saved, not exported");
    pretrain(&config(), &run, 1, &[]);
    let after = history(&run);
    assert_eq!(after[..before.len()], before[..], "the history is kept");
    assert!(number(&after[before.len()]["step"]) > number(&before.last().unwrap()["step"]), "the second run did not begin anew");
    let (first, last) = (&after[0], after.last().unwrap());
    assert_eq!(number(&last["tokens"]), 61_440.0);
    assert!(number(&last["loss"]) < number(&first["loss"]) - 1.0, "{first} {last}");

    // As if it had never been stopped.
    let whole = prepared_as(&run, "pretrain-whole");
    pretrain(&config(), &whole, 1, &["--stage", "train"]);
    let unbroken = history(&whole);
    let same = unbroken.last().unwrap();
    assert!((number(&last["loss"]) - number(&same["loss"])).abs() < 1e-3, "{last} {same}");
    assert!((number(&last["held_back"]["minutes"]) - number(&same["held_back"]["minutes"])).abs() < 1e-3, "{last} {same}");

    // Better than chance on the text that was held back, which stands nowhere among the training tokens.
    let figures: Value = serde_json::from_str(&fs::read_to_string(run.join("figures.json")).unwrap()).unwrap();
    let minutes = &figures["held_back"]["minutes"];
    assert!(number(&minutes["bits_per_byte"]) < number(&minutes["beside"]["the same architecture untrained"]) - 0.5, "{figures}");
    let report: Value = serde_json::from_str(&fs::read_to_string(run.join("prepared.json")).unwrap()).unwrap();
    let trained_on: u64 = ["comments", "recipes", "tales", "verse"].map(|name| size(&format!("{name}.txt"))).iter().sum();
    let bytes = report["train_bytes"].as_u64().unwrap();
    assert!(bytes <= trained_on && bytes + 200 > trained_on, "{bytes} bytes of {trained_on}");

    let model = run.join("model");
    let config = fs::read_to_string(model.join("config.json")).unwrap();
    let (config, tensors) = load_model(&config, &fs::read(model.join("model.safetensors")).unwrap()).unwrap();
    assert_eq!(tensors.iter().map(|tensor| tensor.values.len() as u64).sum::<u64>(), config.parameters());
    assert!(tensors.iter().flat_map(|tensor| &tensor.values).all(|value| value.is_finite()));
    let tokenizer = Tokenizer::from_json(&fs::read(model.join("tokenizer.json")).unwrap()).unwrap();
    assert_eq!((tokenizer.vocab_size(), tokenizer.end_of_text_id()), (config.vocab_size as u32, Some(0)));
    assert!(fs::read_to_string(model.join("README.md")).unwrap().contains("minutes"));

    let printed = python::run(WHAT, OPEN, &[&model, &run.join("figures.json")]).unwrap();
    let theirs: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(theirs["parameters"].as_u64(), Some(config.parameters()));
    let ids: Vec<u64> = theirs["ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
    assert_eq!(tokenizer.encode("naïve 你好\n").unwrap().into_iter().map(u64::from).collect::<Vec<_>>(), ids);
}

/// Two processes share a step's windows: together they learn what one does. A language without set phrases and no held-back text, on the way.
#[test]
fn two_processes_are_as_one() {
    if !ready() {
        return;
    }
    let run = python::folder("pretrain-two");
    let few = changed(
        &run,
        &[
            // What is dropped out is drawn by each process for itself.
            ("dropout = 0.1", "dropout = 0.0"),
            ("log_every = 10", "log_every = 1"),
            ("tokens = 61_440", "tokens = 2_560"),
            ("language = \"en\"", "language = \"la\""),
            ("hold_back_files = [\"minutes.txt\"]", ""),
        ],
    );
    pretrain(&few, &run, 2, &[]);
    let alone = prepared_as(&run, "pretrain-one");
    pretrain(&few, &alone, 1, &["--stage", "train"]);
    let (two, one) = (history(&run), history(&alone));
    assert_eq!((two.len(), one.len()), (5, 5));
    for (step, (two, one)) in two.iter().zip(&one).enumerate() {
        let bound = if step == 0 { 1e-3 } else { 1e-2 };
        assert!((number(&two["loss"]) - number(&one["loss"])).abs() < bound, "{two} {one}");
        assert_eq!(two["tokens"], one["tokens"]);
    }
    let card = fs::read_to_string(run.join("model/README.md")).unwrap();
    assert!(card.contains("2 processes of one thread") && !card.contains("eld back") && !card.contains("held-back"), "{card}");
}

fn size(sample: &str) -> u64 {
    fs::metadata(root().join("static/samples").join(sample)).unwrap().len()
}

/// What cleaning, holding back and the n-gram baseline do, on texts a few lines long, and how a run is shared, ended, continued and described.
#[test]
fn the_parts_do_what_they_say() {
    if !ready() {
        return;
    }
    for script in ["pretrain_parts.py", "pretrain_runs.py"] {
        let script: PathBuf = root().join("tests/reference").join(script);
        let output = python::script(WHAT, &script).unwrap().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
