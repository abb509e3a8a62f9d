//! Checks of the model against PyTorch, for any device: the native test runs them on the CPU, the browser's on WebGPU too.
//!
//! The numbers were written by tests/reference/gpt2_fixture.py and adamw.py, which say how to make them again.

use attune::checkpoint::{ModelConfig, NamedTensor, load_model, read_safetensors};
use attune::model::parameters::{Slot, read_floats};
use attune::model::{Gpt, KeyValueCache};
use attune::train::{AdamWSetting, Trainer, TrainerSetting, Windows};
use burn::tensor::{Device, Int, Tensor};
use serde_json::Value;

const CONFIG: &str = include_str!("../reference/fixtures/gpt2_small/config.json");
const WEIGHTS: &[u8] = include_bytes!("../reference/fixtures/gpt2_small/model.safetensors");
const REFERENCE: &str = include_str!("../reference/fixtures/gpt2_small/reference.json");
const GRADIENTS: &[u8] = include_bytes!("../reference/fixtures/gpt2_small/reference_grads.safetensors");
const TRAINING: &str = include_str!("../reference/fixtures/adamw/training.json");
const FROZEN: &str = include_str!("../reference/fixtures/adamw/frozen.json");
const FROZEN_TRAINED: &[u8] = include_bytes!("../reference/fixtures/adamw/frozen_parameters.safetensors");
const TRAINED: &[u8] = include_bytes!("../reference/fixtures/adamw/final_parameters.safetensors");

/// All numbers of a nested list, in order.
fn numbers(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        other => vec![other.as_f64().expect("a number") as f32],
    }
}

fn whole(value: &Value) -> Vec<i32> {
    numbers(value).into_iter().map(|number| number as i32).collect()
}

pub fn close(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}: number of values");
    for (index, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= tolerance, "{what}: value {index} is {a}, PyTorch says {b} (tolerance {tolerance})");
    }
}

fn load() -> (ModelConfig, Vec<NamedTensor>) {
    load_model(CONFIG, WEIGHTS).expect("the fixture loads")
}

pub fn small_model(device: &Device) -> Gpt {
    let (config, values) = load();
    Gpt::from_values(config, values, device).expect("the fixture fits")
}

struct Reference {
    ids: Vec<i32>,
    targets: Vec<i32>,
    time: usize,
    json: Value,
}

fn reference() -> Reference {
    let json: Value = serde_json::from_str(REFERENCE).expect("reference.json");
    let time = json["length"].as_u64().expect("length") as usize;
    Reference { ids: whole(&json["input_ids"]), targets: whole(&json["target_ids"]), time, json }
}

/// Logits and attention of every layer and head, to `tolerance`.
pub async fn forward_agrees(device: &Device, tolerance: f32) {
    let model = small_model(device);
    let reference = reference();
    let ids: Tensor<1, Int> = Tensor::from_data(reference.ids.as_slice(), device);
    let traced = model.traced(ids, reference.time);
    let logits = read_floats(traced.logits).await.expect("logits");
    close("logits", &logits, &numbers(&reference.json["logits"]), tolerance);
    for (layer, maps) in traced.attention.into_iter().enumerate() {
        let maps = read_floats(maps).await.expect("attention");
        close(&format!("attention of layer {layer}"), &maps, &numbers(&reference.json["attentions"][layer]), tolerance);
    }
}

/// Loss and the gradient of every parameter, to `tolerance`.
pub async fn gradients_agree(device: &Device, tolerance: f32) {
    let device = device.clone().autodiff();
    let mut model = small_model(&device);
    let reference = reference();
    let windows = Windows { inputs: reference.ids, targets: reference.targets, time: reference.time };
    let (inputs, targets) = windows.tensors(&device.clone().inner());
    let dropout = model.no_dropout();
    let loss = model.loss(inputs, targets, windows.time, 1.0 / windows.counted() as f64, &dropout);
    let gradients = loss.backward();
    let value = read_floats(loss).await.expect("loss")[0];
    close("loss", &[value], &[reference.json["loss"].as_f64().expect("loss") as f32], tolerance);
    let expected = read_safetensors(GRADIENTS).expect("gradients");
    let names = attune::checkpoint::expected_tensors(&model.config);
    for ((name, _), slot) in names.into_iter().zip(model.slots()) {
        let gradient = match slot {
            Slot::Matrix(param) => read_floats(param.val().grad(&gradients).expect("a gradient")).await,
            Slot::Vector(param) => read_floats(param.val().grad(&gradients).expect("a gradient")).await,
        };
        let theirs = expected.iter().find(|tensor| tensor.name == name).expect("a reference gradient");
        close(&format!("gradient of {name}"), &gradient.expect("readable"), &theirs.values, tolerance);
    }
}

/// Twenty AdamW steps: every loss and norm, and the parameters at the end, to `tolerance` (a bias whose true gradient is zero excepted, as
/// the script explains).
pub async fn training_agrees(device: &Device, tolerance: f32) {
    steps_agree(device, tolerance, TRAINING, TRAINED).await;
}

/// The same with the embeddings and the lower block frozen; these must come out bit by bit as they went in.
pub async fn frozen_training_agrees(device: &Device, tolerance: f32) {
    let trained = steps_agree(device, tolerance, FROZEN, FROZEN_TRAINED).await;
    let moved = |name: &str| !name.contains("wte") && !name.contains("wpe") && !name.contains(".h.0.");
    for (before, after) in load().1.iter().zip(&trained) {
        assert_eq!(before.values != after.values, moved(&before.name), "{}", before.name);
    }
}

/// Trains as the script did and returns the parameters at the end.
async fn steps_agree(device: &Device, tolerance: f32, record: &str, trained: &[u8]) -> Vec<NamedTensor> {
    let json: Value = serde_json::from_str(record).expect("the script's record");
    let number = |value: &Value| value.as_f64().expect("a number");
    let optimizer = AdamWSetting {
        beta1: number(&json["betas"][0]),
        beta2: number(&json["betas"][1]),
        epsilon: number(&json["epsilon"]),
        weight_decay: number(&json["weight_decay"]),
        clip_norm: number(&json["clip_norm"]),
    };
    let mut model = small_model(&device.clone().autodiff());
    model.freeze(json["frozen_layers"].as_u64().expect("a number") as usize);
    let mut trainer = Trainer::new(model, TrainerSetting { optimizer, dropout: 0.0, seed: 1 });
    let steps = json["windows"].as_array().expect("windows");
    for (step, windows) in steps.iter().enumerate() {
        let rows: Vec<Vec<i32>> = windows.as_array().expect("rows").iter().map(whole).collect();
        let time = rows[0].len() - 1;
        let windows = Windows {
            inputs: rows.iter().flat_map(|row| row[..time].to_vec()).collect(),
            targets: rows.iter().flat_map(|row| row[1..].to_vec()).collect(),
            time,
        };
        let report = trainer.step(&[windows], number(&json["learning_rate"]));
        let loss = read_floats(report.losses[0].clone()).await.expect("loss")[0];
        let norm = read_floats(report.clip).await.expect("norm")[0];
        close(&format!("loss of step {step}"), &[loss], &[number(&json["losses"][step]) as f32], tolerance);
        close(&format!("norm of step {step}"), &[norm], &[number(&json["norms"][step]) as f32], tolerance.max(2e-5));
    }
    let expected = read_safetensors(trained).expect("trained parameters");
    let values = trainer.model.read_values().await.expect("parameters");
    for ours in &values {
        let theirs = expected.iter().find(|tensor| tensor.name == ours.name).expect("a trained parameter");
        let noise = number(&json["rounding"][&ours.name]) as f32;
        close(&ours.name, &ours.values, &theirs.values, tolerance.max(4.0 * noise));
    }
    values
}

/// One token at a time gives the logits of the whole window.
pub async fn cached_steps_agree(device: &Device, tolerance: f32) {
    let model = small_model(device);
    let reference = reference();
    let expected = numbers(&reference.json["logits"]);
    let vocab = model.config.vocab_size;
    let mut cache = KeyValueCache::new(&model);
    for (position, &id) in reference.ids[..reference.time].iter().enumerate() {
        let logits = model.step(id as u32, &mut cache).expect("room in the cache");
        let logits = read_floats(logits).await.expect("logits");
        close(&format!("logits at {position}"), &logits, &expected[position * vocab..(position + 1) * vocab], tolerance);
    }
}

/// With dropout, two devices drop the same elements: losses and gradients of one step agree.
pub async fn dropout_agrees(one: &Device, other: &Device, tolerance: f32) {
    let mut seen: Vec<Vec<f32>> = Vec::new();
    for device in [one, other] {
        let optimizer = AdamWSetting::default();
        let mut trainer = Trainer::new(small_model(&device.clone().autodiff()), TrainerSetting { optimizer, dropout: 0.2, seed: 7 });
        let reference = reference();
        let windows = Windows { inputs: reference.ids, targets: reference.targets, time: reference.time };
        let report = trainer.step(&[windows], 1e-3);
        let mut values = read_floats(report.losses[0].clone()).await.expect("loss");
        values.extend(read_floats(report.clip).await.expect("norm"));
        seen.push(values);
    }
    close("loss and norm under dropout", &seen[0], &seen[1], tolerance);
}

/// Sizes that fill no tile and no vector (101 tokens, 3 windows of 37, width 40): all parameters agree after three steps.
pub async fn odd_sizes_agree(one: &Device, other: &Device, tolerance: f32) {
    let config = ModelConfig { vocab_size: 101, n_positions: 40, n_embd: 40, n_layer: 1, n_head: 2, ..load().0 };
    let (time, windows) = (37, 3);
    let ids: Vec<i32> = (0..=time * windows).map(|index| ((index * index + 7 * index) % 101) as i32).collect();
    let pass = Windows { inputs: ids[..time * windows].to_vec(), targets: ids[1..].to_vec(), time };
    let mut seen: Vec<Vec<NamedTensor>> = Vec::new();
    for device in [one, other] {
        let values = attune::model::init::initial_values(&config, 3);
        let model = Gpt::from_values(config.clone(), values, &device.clone().autodiff()).expect("a model of this shape");
        let mut trainer = Trainer::new(model, TrainerSetting { optimizer: AdamWSetting::default(), dropout: 0.0, seed: 1 });
        for _ in 0..3 {
            trainer.step(std::slice::from_ref(&pass), 1e-3);
        }
        seen.push(trainer.model.read_values().await.expect("parameters"));
    }
    for (ours, theirs) in seen[0].iter().zip(&seen[1]) {
        // The gradient of a key's bias is zero but for rounding, which AdamW blows up to whole steps.
        if !ours.name.ends_with("attn.c_attn.bias") {
            close(&ours.name, &ours.values, &theirs.values, tolerance);
        }
    }
}
