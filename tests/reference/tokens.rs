//! The bundled base model fine-tuned on words with tags and on prompts with answers, beside PyTorch and `transformers` (tokens.py): same batches, AdamW and
//! schedule; losses, norms, tags, and answers written greedily.

use std::fs;
use std::path::Path;
use std::rc::Rc;

use attune::checkpoint::{NamedTensor, load_model};
use attune::model::parameters::read_floats;
use attune::model::{Gpt, SequenceModel};
use attune::protocol::labels::read_template;
use attune::text::{PromptReader, Tokenizer, answer_targets};
use attune::train::{
    AdamWSetting, Classify, Decay, GreedyWriter, Schedule, SequenceTrainer, Shape, TokenExample, TrainerSetting, WordReader, learning_rate,
    token_outputs, token_passes,
};
use burn::tensor::Device;
use futures::executor::block_on;
use serde::Deserialize;

/// Nats.
const LOSS: f64 = 1e-4;

#[derive(Deserialize)]
struct Tagged {
    losses: Vec<f64>,
    norms: Vec<f64>,
    predictions: Vec<Vec<usize>>,
}

#[derive(Deserialize)]
struct Answered {
    losses: Vec<f64>,
    norms: Vec<f64>,
    answers: Vec<Vec<u32>>,
}

#[derive(Deserialize)]
struct Reference {
    tags: Vec<String>,
    sentences: Vec<String>,
    ids: Vec<Vec<u32>>,
    targets: Vec<Vec<i32>>,
    score: Vec<f32>,
    rates: Vec<f64>,
    tag_batches: Vec<Vec<usize>>,
    plain: Tagged,
    balanced: Tagged,
    windows: Tagged,
    rows: Vec<(String, String)>,
    prompts: Vec<Vec<u32>>,
    row_answers: Vec<Vec<u32>>,
    answer_batches: Vec<Vec<usize>>,
    most_tokens: usize,
    answers: Answered,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn reference() -> Reference {
    serde_json::from_str(&fs::read_to_string(root().join("tests/reference/fixtures/tokens.json")).unwrap()).unwrap()
}

fn tokenizer() -> Tokenizer {
    Tokenizer::from_json(&fs::read(root().join("static/models/attune-en-nano/tokenizer.json")).unwrap()).unwrap()
}

fn body(device: &Device) -> Gpt {
    let folder = root().join("static/models/attune-en-nano");
    let config = fs::read_to_string(folder.join("config.json")).unwrap();
    let (config, values) = load_model(&config, &fs::read(folder.join("model.safetensors")).unwrap()).unwrap();
    Gpt::from_values(config, values, device).unwrap()
}

fn trainer(model: SequenceModel, task: Classify) -> SequenceTrainer {
    let optimizer = AdamWSetting { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, clip_norm: 1.0 };
    SequenceTrainer::new(model, Rc::new(task), TrainerSetting { optimizer, dropout: 0.0, seed: 1 }, 1.0)
}

/// Trains over the batches; every loss and norm must be PyTorch's.
#[allow(clippy::too_many_arguments, reason = "each is one side of the comparison")]
async fn follows(
    what: &str,
    trainer: &mut SequenceTrainer,
    examples: &[TokenExample<'_>],
    batches: &[Vec<usize>],
    window: usize,
    shape: Shape,
    rates: &[f64],
    (losses, norms): (&[f64], &[f64]),
) {
    let schedule = Schedule { peak: 2e-3, warmup: 2, steps: batches.len() as u32, decay: Decay::Linear };
    let mut largest = 0f64;
    assert_eq!(batches.len(), losses.len());
    for (step, batch) in batches.iter().enumerate() {
        let batch: Vec<TokenExample> = batch.iter().map(|&number| examples[number]).collect();
        let rate = learning_rate(&schedule, step as u32);
        assert!((rate - rates[step]).abs() < 1e-12);
        let report = trainer.step(&token_passes(&batch, window, shape), rate);
        let mut loss = 0.0;
        for part in report.losses {
            loss += f64::from(read_floats(part).await.unwrap()[0]);
        }
        let norm = f64::from(read_floats(report.clip).await.unwrap()[0]);
        assert!((loss - losses[step]).abs() <= LOSS, "{what}, step {step}: loss {loss}, PyTorch {}", losses[step]);
        assert!((norm - norms[step]).abs() <= 1e-3 * norms[step], "{what}, step {step}: norm {norm}, PyTorch {}", norms[step]);
        largest = largest.max((loss - losses[step]).abs());
    }
    println!("{what}: largest difference of a loss {largest:.1e}");
}

/// How tags are learned.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Plain,
    Balanced,
    /// In windows, weighted, with frozen blocks.
    Windows,
}

async fn tags(theirs: &Reference, way: Way, shape: Shape, device: &Device) {
    let classes = theirs.tags.len();
    let body = body(&device.clone().autodiff());
    let score = NamedTensor { name: "score.weight".to_owned(), shape: vec![classes, body.config.n_embd], values: theirs.score.clone() };
    let mut model = SequenceModel::new(body, score).unwrap();
    let mut task = Classify::new(classes);
    let (what, window, recipe) = match way {
        Way::Plain => ("tags", 256, &theirs.plain),
        Way::Balanced => ("tags, balanced", 256, &theirs.balanced),
        Way::Windows => ("tags in windows", 8, &theirs.windows),
    };
    if way == Way::Windows {
        model.body.freeze(2);
    }
    if way != Way::Plain {
        let mut counts = vec![0; classes];
        theirs.targets.iter().flatten().filter(|&&target| target >= 0).for_each(|&target| counts[target as usize] += 1);
        task = task.balanced(&counts);
    }
    let mut trainer = trainer(model, task);
    let example = |number: usize| TokenExample { number, ids: &theirs.ids[number], targets: &theirs.targets[number] };
    let examples: Vec<TokenExample> = (0..theirs.ids.len()).map(example).collect();
    follows(what, &mut trainer, &examples, &theirs.tag_batches, window, shape, &theirs.rates, (&recipe.losses, &recipe.norms)).await;
    let model = trainer.inference_model();
    let mut said: Vec<Vec<(usize, usize)>> = vec![Vec::new(); examples.len()];
    for pass in token_passes(&examples, window, shape) {
        let outputs = token_outputs(&model, &pass).await.unwrap();
        for counted in pass.counted() {
            let own = &outputs[counted.place * classes..(counted.place + 1) * classes];
            said[counted.number].push((counted.token, Classify::predict(own)));
        }
    }
    for (said, theirs) in said.iter_mut().zip(&recipe.predictions) {
        said.sort_unstable();
        assert_eq!(&said.iter().map(|(_, tag)| *tag).collect::<Vec<_>>(), theirs, "{what}");
    }
}

async fn answers(theirs: &Reference, shape: Shape, device: &Device) {
    let model = SequenceModel::without_head(body(&device.clone().autodiff()));
    let vocabulary = model.outputs();
    let mut trainer = trainer(model, Classify::new(vocabulary));
    let read: Vec<(Vec<u32>, Vec<i32>)> =
        theirs.prompts.iter().zip(&theirs.row_answers).map(|(prompt, answer)| answer_targets(prompt, answer)).collect();
    let examples: Vec<TokenExample> =
        read.iter().enumerate().map(|(number, (ids, targets))| TokenExample { number, ids, targets }).collect();
    let recipe = (theirs.answers.losses.as_slice(), theirs.answers.norms.as_slice());
    follows("answers", &mut trainer, &examples, &theirs.answer_batches, 256, shape, &theirs.rates, recipe).await;
    let model = trainer.inference_model();
    let end = *theirs.row_answers[0].last().unwrap();
    let mut writer = GreedyWriter::new(&model.body, end);
    for (prompt, answer) in theirs.prompts.iter().zip(&theirs.answers.answers) {
        writer.ask(prompt, theirs.most_tokens);
        while writer.advance(&model.body).await.unwrap() {}
        assert_eq!(writer.answer(), answer, "the answer to {prompt:?}");
    }
}

const SHAPES: [Shape; 3] = [Shape { rows: 32, fixed: false }, Shape { rows: 2, fixed: false }, Shape { rows: 8, fixed: true }];

#[test]
fn tags_follow_pytorch() {
    let theirs = reference();
    for shape in SHAPES {
        for way in [Way::Plain, Way::Balanced, Way::Windows] {
            block_on(tags(&theirs, way, shape, &Device::flex()));
        }
    }
}

#[test]
fn answers_follow_pytorch() {
    let theirs = reference();
    for shape in SHAPES {
        block_on(answers(&theirs, shape, &Device::flex()));
    }
}

/// The same with the kernels' text that browsers get.
#[test]
fn tags_and_answers_follow_pytorch_on_wgpu() {
    let Ok(device) = Device::wgpu_options().tasks_max(64).init() else {
        return crate::python::skipped("tags and answers on WebGPU", "no graphics adapter, not even a software one");
    };
    let theirs = reference();
    block_on(tags(&theirs, Way::Windows, SHAPES[2], &device));
    block_on(answers(&theirs, SHAPES[2], &device));
}

#[test]
fn words_and_prompts_become_the_same_tokens() {
    let theirs = reference();
    let tokenizer = tokenizer();
    let mut reader = WordReader::new(&tokenizer);
    for (sentence, (ids, targets)) in theirs.sentences.iter().zip(theirs.ids.iter().zip(&theirs.targets)) {
        let words: Vec<(&str, &str)> = sentence.split(' ').map(|word| word.rsplit_once('/').unwrap()).collect();
        let read = reader.read(&words.iter().map(|(word, _)| *word).collect::<Vec<&str>>()).unwrap();
        let tag = |name: &str| theirs.tags.iter().position(|tag| tag == name).unwrap() as u32;
        let tags: Vec<u32> = words.iter().map(|(_, name)| tag(name)).collect();
        assert_eq!((&read.ids, &read.targets(&tags)), (ids, targets), "{sentence}");
    }
    let reader = PromptReader::new(&tokenizer, &read_template("{source}\n=> {answer}", false).unwrap()).unwrap();
    for ((source, answer), (prompt, wanted)) in theirs.rows.iter().zip(theirs.prompts.iter().zip(&theirs.row_answers)) {
        assert_eq!(&reader.prompt(&tokenizer, source, "", 99).unwrap().ids, prompt);
        assert_eq!(&reader.answer(&tokenizer, answer, 99).unwrap().ids, wanted);
    }
}
