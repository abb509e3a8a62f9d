//! The pretraining program, from text files to a model folder, on the project's sample texts: it runs to the end, takes up an interrupted
//! run, keeps held-back texts out, and what it writes opens here and in `transformers`.

use crate::python;
use attune::checkpoint::load_model;
use attune::text::Tokenizer;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

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

/// Runs the program with further arguments.
fn pretrain(run: &Path, arguments: &[&str]) {
    let mut command = python::script(WHAT, &root().join("pretrain/pretrain.py")).unwrap();
    command.arg("--config").arg(root().join("pretrain/configs/test.toml")).arg("--run").arg(run).arg("--cpu").args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn history(run: &Path) -> Vec<Value> {
    fs::read_to_string(run.join("history.jsonl")).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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
    let started = Instant::now();
    // Stopped before the end, then taken up by the whole run.
    pretrain(&run, &["--tokens", "20480"]);
    let before = history(&run);
    pretrain(&run, &[]);
    assert!(started.elapsed() < Duration::from_secs(240), "two runs took {:?}", started.elapsed());
    let after = history(&run);
    assert_eq!(after[..before.len()], before[..], "the history is kept");
    assert!(number(&after[before.len()]["step"]) > 10.0, "the second run did not begin anew");
    let (first, last) = (&after[0], after.last().unwrap());
    assert_eq!(number(&last["tokens"]), 61_440.0);
    assert!(number(&last["loss"]) < number(&first["loss"]) - 1.0, "{first} {last}");

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

fn size(sample: &str) -> u64 {
    fs::metadata(root().join("static/samples").join(sample)).unwrap().len()
}

/// What cleaning, holding back and the n-gram baseline do, on texts a few lines long.
#[test]
fn the_parts_do_what_they_say() {
    if !ready() {
        return;
    }
    let script: PathBuf = root().join("tests/reference/pretrain_parts.py");
    let output = python::script(WHAT, &script).unwrap().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
