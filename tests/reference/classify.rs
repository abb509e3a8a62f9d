//! The bundled base model fine-tuned as a text classifier beside PyTorch and `transformers` (classify.py): same head, batches, AdamW and schedule.
//! On the CPU device, and on WebGPU's native sibling where there is an adapter.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::OnceLock;

use attune::checkpoint::{NamedTensor, load_model};
use attune::model::low_rank::LowRank;
use attune::model::parameters::read_floats;
use attune::model::{Adapted, Gpt, LowRankSetting, Parameters, SequenceModel};
use attune::text::Tokenizer;
use attune::train::{
    AdamWSetting, Classify, Decay, Example, Pooling, Reading, Schedule, SequenceTrainer, Shape, Target, Task, TrainerSetting,
    learning_rate, passes, sequence_outputs,
};
use burn::tensor::Device;
use futures::executor::block_on;
use serde::Deserialize;

const CLASSES: usize = 2;
/// Nats.
const LOSS: f64 = 1e-4;
const LOGITS: f32 = 2e-3;

#[derive(Deserialize)]
struct Recipe {
    losses: Vec<f64>,
    norms: Vec<f64>,
    logits: Vec<f32>,
    predictions: Vec<usize>,
}

#[derive(Deserialize)]
struct Reference {
    texts: Vec<String>,
    ids: Vec<Vec<u32>>,
    labels: Vec<u32>,
    batches: Vec<Vec<usize>>,
    score: Vec<f32>,
    rates: Vec<f64>,
    plain: Recipe,
    rich: Recipe,
    low_rank: Recipe,
}

/// As classify.py calls them.
#[derive(Clone, Copy, PartialEq)]
enum How {
    Plain,
    Rich,
    LowRank,
}

const RANK: usize = 4;
const ALPHA: f64 = 8.0;

/// Adapters beside all matrices, with the reference's numbers for a beginning.
fn adapt(model: &mut SequenceModel, device: &Device) {
    let adapted = Adapted { attention_in: true, attention_out: true, mlp_in: true, mlp_out: true };
    model.body.adapt(&LowRankSetting { rank: RANK, alpha: ALPHA, adapted }, 1);
    let mut number = 0;
    for block in &mut model.body.h {
        for map in [&mut block.attn.c_attn, &mut block.attn.c_proj, &mut block.mlp.c_fc, &mut block.mlp.c_proj] {
            let shape = map.weight.val().dims();
            let down = (0..shape[0] * RANK).map(|place| (0.1 * ((place + 10_000 * number) as f64).sin()) as f32).collect();
            map.adapter = Some(LowRank::new(shape, RANK, down, vec![0.0; RANK * shape[1]], ALPHA / RANK as f64, device));
            number += 1;
        }
    }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn reference() -> Reference {
    serde_json::from_str(&fs::read_to_string(root().join("tests/reference/fixtures/classify.json")).unwrap()).unwrap()
}

/// The bundled model with a reference's head.
pub fn bundled(score: &[f32], device: &Device) -> SequenceModel {
    with_head(score, 1, device)
}

/// The bundled base with a head that reads so many vectors.
pub fn with_head(score: &[f32], vectors: usize, device: &Device) -> SequenceModel {
    let folder = root().join("static/models/attune-en-nano");
    let config = fs::read_to_string(folder.join("config.json")).unwrap();
    let (config, values) = load_model(&config, &fs::read(folder.join("model.safetensors")).unwrap()).unwrap();
    let width = vectors * config.n_embd;
    let score = NamedTensor { name: "score.weight".to_owned(), shape: vec![score.len() / width, width], values: score.to_vec() };
    SequenceModel::new(Gpt::from_values(config, values, device).unwrap(), score).unwrap()
}

/// The graphics adapter, where there is one. A process opens it once.
pub fn wgpu() -> Option<Device> {
    static OPENED: OnceLock<Option<Device>> = OnceLock::new();
    OPENED.get_or_init(|| Device::wgpu_options().tasks_max(64).init().ok()).clone()
}

struct Ours {
    losses: Vec<f64>,
    norms: Vec<f64>,
    logits: Vec<f32>,
}

async fn train(theirs: &Reference, how: How, shape: Shape, device: &Device) -> Ours {
    let mut model = bundled(&theirs.score, &device.clone().autodiff());
    let mut task = Classify::new(CLASSES);
    let mut reading = Reading { window: 256, pooling: Pooling::Last };
    if how == How::LowRank {
        adapt(&mut model, &device.clone().autodiff());
        reading.pooling = Pooling::Both;
    }
    if how == How::Rich {
        model.body.freeze(2);
        let count = |class| theirs.labels.iter().filter(|&&label| label == class).count() as u64;
        task = task.balanced(&[count(0), count(1)]);
        reading = Reading { window: 12, pooling: Pooling::Mean };
    }
    let optimizer = AdamWSetting { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, clip_norm: 1.0 };
    let setting = TrainerSetting { optimizer, dropout: 0.0, seed: 1 };
    let mut trainer = SequenceTrainer::new(model, Rc::new(task), setting, if how == How::Plain { 1.0 } else { 0.7 });
    let example = |number: usize| Example { number, ids: &theirs.ids[number], second: None, target: Target::Class(theirs.labels[number]) };
    let schedule = Schedule { peak: 2e-3, warmup: 2, steps: theirs.batches.len() as u32, decay: Decay::Linear };
    let mut ours = Ours { losses: Vec::new(), norms: Vec::new(), logits: vec![0.0; theirs.ids.len() * CLASSES] };
    for (step, batch) in theirs.batches.iter().enumerate() {
        let examples: Vec<Example> = batch.iter().map(|&number| example(number)).collect();
        let rate = learning_rate(&schedule, step as u32);
        assert!((rate - theirs.rates[step]).abs() < 1e-12, "step {step}: {rate}, PyTorch {}", theirs.rates[step]);
        let report = trainer.step(&passes(&examples, reading, shape), rate);
        let mut loss = 0.0;
        for part in report.losses {
            loss += f64::from(read_floats(part).await.unwrap()[0]);
        }
        ours.losses.push(loss);
        ours.norms.push(f64::from(read_floats(report.clip).await.unwrap()[0]));
    }
    let all: Vec<Example> = (0..theirs.ids.len()).map(example).collect();
    let model = trainer.inference_model();
    for pass in passes(&all, reading, shape) {
        let outputs = sequence_outputs(&model, &pass).await.unwrap();
        for (number, outputs) in pass.numbers.iter().zip(outputs.chunks_exact(CLASSES)) {
            ours.logits[number * CLASSES..(number + 1) * CLASSES].copy_from_slice(outputs);
        }
    }
    ours
}

fn follows(what: &str, theirs: &Recipe, ours: &Ours) {
    let (mut largest, mut farthest) = (0f64, 0f32);
    assert_eq!(ours.losses.len(), theirs.losses.len());
    for (step, (ours, theirs)) in ours.losses.iter().zip(&theirs.losses).enumerate() {
        assert!((ours - theirs).abs() <= LOSS, "{what}, step {step}: loss {ours}, PyTorch {theirs}");
        largest = largest.max((ours - theirs).abs());
    }
    for (step, (ours, theirs)) in ours.norms.iter().zip(&theirs.norms).enumerate() {
        assert!((ours - theirs).abs() <= 1e-3 * theirs, "{what}, step {step}: norm {ours}, PyTorch {theirs}");
    }
    for (place, (ours, theirs)) in ours.logits.iter().zip(&theirs.logits).enumerate() {
        assert!((ours - theirs).abs() <= LOGITS, "{what}, logit {place}: {ours}, PyTorch {theirs}");
        farthest = farthest.max((ours - theirs).abs());
    }
    let predictions: Vec<usize> = ours.logits.chunks_exact(CLASSES).map(Classify::predict).collect();
    assert_eq!(predictions, theirs.predictions, "{what}");
    println!("{what}: largest difference of a loss {largest:.1e}, of a logit {farthest:.1e}");
}

/// Passes of any shape give the same: padded to few shapes, cut small, or a whole batch at once.
const SHAPES: [Shape; 3] = [Shape { rows: 32, fixed: false }, Shape { rows: 3, fixed: false }, Shape { rows: 16, fixed: true }];

#[test]
fn a_classifier_follows_pytorch() {
    let theirs = reference();
    for shape in SHAPES {
        follows("plain", &theirs.plain, &block_on(train(&theirs, How::Plain, shape, &Device::flex())));
        follows("rich", &theirs.rich, &block_on(train(&theirs, How::Rich, shape, &Device::flex())));
        follows("low rank", &theirs.low_rank, &block_on(train(&theirs, How::LowRank, shape, &Device::flex())));
    }
}

/// The same with the kernels' text that browsers get.
#[test]
fn a_classifier_follows_pytorch_on_wgpu() {
    let Some(device) = wgpu() else {
        return crate::python::skipped("a classifier on WebGPU", "no graphics adapter, not even a software one");
    };
    let theirs = reference();
    let shape = Shape { rows: 8, fixed: true };
    follows("rich on WebGPU", &theirs.rich, &block_on(train(&theirs, How::Rich, shape, &device)));
    follows("low rank on WebGPU", &theirs.low_rank, &block_on(train(&theirs, How::LowRank, shape, &device)));
}

#[test]
fn texts_become_the_same_tokens() {
    let theirs = reference();
    let bytes = fs::read(root().join("static/models/attune-en-nano/tokenizer.json")).unwrap();
    let tokenizer = Tokenizer::from_json(&bytes).unwrap();
    let task = Classify::new(CLASSES);
    for (text, ids) in theirs.texts.iter().zip(&theirs.ids) {
        assert_eq!(task.template(&tokenizer, text, "").unwrap(), *ids, "{text}");
    }
}

#[test]
fn learned_values_are_put_back() {
    let theirs = reference();
    let mut model = bundled(&theirs.score, &Device::flex().autodiff());
    model.freeze_body();
    let before = block_on(model.read_learned()).unwrap();
    let setting = TrainerSetting { optimizer: AdamWSetting::default(), dropout: 0.0, seed: 1 };
    let mut trainer = SequenceTrainer::new(model, Rc::new(Classify::new(CLASSES)), setting, 1.0);
    let examples = [Example { number: 0, ids: &theirs.ids[0], second: None, target: Target::Class(1) }];
    let reading = Reading { window: 32, pooling: Pooling::Last };
    let body = block_on(trainer.model.body.read_values()).unwrap();
    trainer.step(&passes(&examples, reading, SHAPES[0]), 1e-2);
    assert_eq!(block_on(trainer.model.body.read_values()).unwrap(), body, "a frozen body stays");
    let after = block_on(trainer.model.read_learned()).unwrap();
    assert_ne!(after, before);
    trainer.model.restore(&before);
    assert_eq!(block_on(trainer.model.read_learned()).unwrap(), before);
    // And it learns on from there.
    trainer.step(&passes(&examples, reading, SHAPES[0]), 1e-2);
    assert_ne!(block_on(trainer.model.read_learned()).unwrap(), before);
}

#[test]
fn adapters_begin_without_effect_and_merge_into_what_they_are() {
    let theirs = reference();
    let device = Device::flex();
    let plain = bundled(&theirs.score, &device);
    let mut adapted = plain.clone();
    adapt(&mut adapted, &device);
    let reading = Reading { window: 32, pooling: Pooling::Last };
    let examples = [Example { number: 0, ids: &theirs.ids[4], second: None, target: Target::Class(1) }];
    let pass = passes(&examples, reading, SHAPES[0]).remove(0);
    let outputs = |model: &SequenceModel| block_on(sequence_outputs(model, &pass)).unwrap();
    assert_eq!(outputs(&adapted), outputs(&plain), "B is zero");
    // With numbers in B they say something, and merged the same.
    for block in &mut adapted.body.h {
        for map in [&mut block.attn.c_attn, &mut block.attn.c_proj, &mut block.mlp.c_fc, &mut block.mlp.c_proj] {
            let shape = map.weight.val().dims();
            let down = block_on(read_floats(map.adapter.as_ref().unwrap().down.val())).unwrap();
            let up = (0..RANK * shape[1]).map(|place| 0.2 * (place as f32).cos()).collect();
            map.adapter = Some(LowRank::new(shape, RANK, down, up, ALPHA / RANK as f64, &device));
        }
    }
    let apart = outputs(&adapted);
    assert!(apart.iter().zip(outputs(&plain)).any(|(ours, plain)| (ours - plain).abs() > 1e-2), "{apart:?}");
    let mut merged = adapted.clone();
    merged.body.merge();
    assert_eq!(merged.body.adapters().count(), 0);
    assert!(apart.iter().zip(outputs(&merged)).all(|(apart, merged)| (apart - merged).abs() < 1e-3));
    // What is saved is the merged model; what moves to another device is the model with its adapters.
    assert_eq!(block_on(adapted.read_values()).unwrap(), block_on(merged.read_values()).unwrap());
    let mut moved = block_on(adapted.moved(&device)).unwrap();
    assert_eq!(moved.names(), adapted.names());
    assert_eq!(block_on(moved.read_learned()).unwrap(), block_on(adapted.read_learned()).unwrap());
    assert_eq!(outputs(&moved), apart);
}
