//! Continues the bundled base model's training beside PyTorch (continue_nano.py), on the same windows in the same order: the losses must
//! follow step by step. PyTorch and this program train at the same time.
//!
//! Needs Python (`ATTUNE_PYTHON`) and the novels (`$ATTUNE_SHARED/data/lm_en_novels`); skips visibly without. `ATTUNE_CONTINUE_STEPS` sets
//! the number of steps: 60 unless told, 500 for the whole proof (some minutes).

use crate::python;
use attune::checkpoint::load_model;
use attune::model::Gpt;
use attune::model::parameters::read_floats;
use attune::train::{AdamWSetting, Trainer, TrainerSetting, Windows};
use burn::tensor::Device;
use futures::executor::block_on;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BATCH: usize = 8;
const TIME: usize = 128;
const LEARNING_RATE: f64 = 5e-4;
/// Nats per token. Two of PyTorch's own attention kernels stay within 1e-6 of each other over 500 steps.
const TOLERANCE: f64 = 1e-3;

#[derive(Deserialize)]
struct Curve {
    losses: Vec<f64>,
    norms: Vec<f64>,
    learning_rate: f64,
    batch_size: usize,
    window: usize,
}

fn data() -> Option<PathBuf> {
    let folder = Path::new(&std::env::var_os("ATTUNE_SHARED")?).join("data/lm_en_novels");
    folder.is_dir().then_some(folder)
}

#[test]
fn continued_training_follows_pytorch() {
    let what = "continued training beside PyTorch";
    let Some(data) = data() else { return python::skipped(what, "set ATTUNE_SHARED to a folder with data/lm_en_novels") };
    let steps: usize = std::env::var("ATTUNE_CONTINUE_STEPS").map_or(60, |steps| steps.parse().expect("ATTUNE_CONTINUE_STEPS is a number"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = python::folder("continue_nano");
    let (out, tokens) = (folder.join("losses.json"), folder.join("tokens.u16"));
    let arguments = [Path::new("--data"), &data, Path::new("--out"), &out, Path::new("--tokens"), &tokens, Path::new("--steps")];
    let Some(mut command) = python::script(what, &root.join("tests/reference/continue_nano.py")) else { return };
    let mut peer = command.args(arguments).arg(steps.to_string()).spawn().unwrap();
    while !tokens.exists() {
        if let Some(status) = peer.try_wait().unwrap() {
            assert!(status.success(), "continue_nano.py: {status}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let ids: Vec<i32> = fs::read(&tokens).unwrap().chunks_exact(2).map(|pair| i32::from(u16::from_le_bytes([pair[0], pair[1]]))).collect();
    assert_eq!(ids.len(), steps * BATCH * TIME + 1);
    let ours = block_on(train(root, &ids, steps));
    assert!(peer.wait().unwrap().success(), "continue_nano.py failed");

    let theirs: Curve = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!((theirs.learning_rate, theirs.batch_size, theirs.window), (LEARNING_RATE, BATCH, TIME));
    assert_eq!((theirs.losses.len(), ours.len()), (steps, steps));
    let mut largest = 0f64;
    for (step, ((loss, norm), (their_loss, their_norm))) in ours.iter().zip(theirs.losses.iter().zip(&theirs.norms)).enumerate() {
        assert!((loss - their_loss).abs() <= TOLERANCE, "step {step}: loss {loss}, PyTorch {their_loss}");
        assert!((norm - their_norm).abs() <= 0.01 * their_norm, "step {step}: norm {norm}, PyTorch {their_norm}");
        largest = largest.max((loss - their_loss).abs());
    }
    println!("{steps} steps: largest difference of a loss {largest:.2e}, last loss {:.4}", theirs.losses[steps - 1]);
}

/// Loss and gradient norm of every step.
async fn train(root: &Path, ids: &[i32], steps: usize) -> Vec<(f64, f64)> {
    let model = root.join("static/models/attune-en-nano");
    let config = fs::read_to_string(model.join("config.json")).unwrap();
    let (config, values) = load_model(&config, &fs::read(model.join("model.safetensors")).unwrap()).unwrap();
    let model = Gpt::from_values(config, values, &Device::flex().autodiff()).expect("the bundled model fits");
    let optimizer = AdamWSetting { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, clip_norm: 1.0 };
    let mut trainer = Trainer::new(model, TrainerSetting { optimizer, dropout: 0.0, seed: 1 });
    let mut curve = Vec::with_capacity(steps);
    for batch in 0..steps {
        let start = batch * BATCH * TIME;
        let windows = Windows {
            inputs: ids[start..start + BATCH * TIME].to_vec(),
            targets: ids[start + 1..=start + BATCH * TIME].to_vec(),
            time: TIME,
        };
        let report = trainer.step(&[windows], LEARNING_RATE);
        let loss = read_floats(report.losses[0].clone()).await.expect("a loss")[0];
        let norm = read_floats(report.clip).await.expect("a norm")[0];
        curve.push((f64::from(loss), f64::from(norm)));
    }
    curve
}
