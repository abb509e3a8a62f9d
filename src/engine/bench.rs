//! A training step for benchmarks and nothing else: exported from the engine module so that the peers' harness can time it in a page, with
//! the same weights and data as every rival.

use js_sys::Float32Array;
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::prelude::*;

use crate::checkpoint::{ModelConfig, NamedTensor, PREFIX};
use crate::model::Gpt;
use crate::model::ops::gpu::{Adapter, suit_adapter};
use crate::model::parameters::read_floats;
use crate::protocol::ModelSize;
use crate::train::{AdamWSetting, Trainer, TrainerSetting, Windows};
use burn::tensor::{Device, Tensor};

/// A model in training, as the harness sees it.
#[wasm_bindgen]
pub struct Bench {
    trainer: Trainer,
    time: usize,
    learning_rate: f64,
    losses: RefCell<VecDeque<Tensor<1>>>,
}

fn refuse(error: impl ToString) -> JsError {
    JsError::new(&error.to_string())
}

/// The harness's names for parameters, as Hugging Face calls them.
fn full_name(name: &str) -> String {
    let name = match name.split_once('.') {
        None => format!("{name}.weight"),
        Some(("lnf", "g")) => "ln_f.weight".to_owned(),
        Some(("lnf", _)) => "ln_f.bias".to_owned(),
        Some((layer, part)) => {
            let part = match part {
                "ln1.g" => "ln_1.weight",
                "ln1.b" => "ln_1.bias",
                "wqkv" => "attn.c_attn.weight",
                "bqkv" => "attn.c_attn.bias",
                "wo" => "attn.c_proj.weight",
                "bo" => "attn.c_proj.bias",
                "ln2.g" => "ln_2.weight",
                "ln2.b" => "ln_2.bias",
                "w1" => "mlp.c_fc.weight",
                "b1" => "mlp.c_fc.bias",
                "w2" => "mlp.c_proj.weight",
                _ => "mlp.c_proj.bias",
            };
            format!("h.{layer}.{part}")
        }
    };
    format!("{PREFIX}{name}")
}

#[derive(serde::Deserialize)]
struct Shape {
    vocab: u32,
    d: u32,
    layers: u32,
    heads: u32,
    ctx: u32,
}

#[derive(serde::Deserialize)]
struct Optimizer {
    lr: f64,
    b1: f64,
    b2: f64,
    eps: f64,
    wd: f64,
}

#[derive(serde::Deserialize)]
struct Head {
    name: String,
    shape: Vec<usize>,
}

#[wasm_bindgen]
impl Bench {
    /// `backend` is `webgpu`, `webgpu-software` (an adapter that is a program) or `cpu`; `shape`, `optimizer` and `heads` (names and shapes) are the harness's objects as JSON; `values` are
    /// all weights in the order of `heads`.
    pub async fn create(backend: String, shape: String, optimizer: String, heads: String, values: Float32Array) -> Result<Bench, JsError> {
        let shape: Shape = serde_json::from_str(&shape).map_err(refuse)?;
        let optimizer: Optimizer = serde_json::from_str(&optimizer).map_err(refuse)?;
        let heads: Vec<Head> = serde_json::from_str(&heads).map_err(refuse)?;
        // The harness says which adapter it asked the browser for; the session finds out by itself.
        suit_adapter(if backend == "webgpu-software" { Adapter::Software } else { Adapter::GraphicsCard });
        let device = if backend.starts_with("webgpu") {
            Device::wgpu_options().tasks_max(64).init_async().await.map_err(|error| refuse(format!("{error:?}")))?
        } else {
            Device::flex()
        };
        let config =
            ModelConfig::new(ModelSize { n_layer: shape.layers, n_head: shape.heads, n_embd: shape.d, n_ctx: shape.ctx }, shape.vocab);
        let all = values.to_vec();
        let mut rest = &all[..];
        let mut tensors = Vec::with_capacity(heads.len());
        for head in heads {
            let (values, after) = rest.split_at_checked(head.shape.iter().product()).ok_or_else(|| refuse("too few weights"))?;
            rest = after;
            tensors.push(NamedTensor { name: full_name(&head.name), shape: head.shape, values: values.to_vec() });
        }
        let model = Gpt::from_values(config, tensors, &device.autodiff()).map_err(refuse)?;
        let setting =
            AdamWSetting { beta1: optimizer.b1, beta2: optimizer.b2, epsilon: optimizer.eps, weight_decay: optimizer.wd, clip_norm: 0.0 };
        let trainer = Trainer::new(model, TrainerSetting { optimizer: setting, dropout: 0.0, seed: 1 });
        Ok(Self { trainer, time: shape.ctx as usize, learning_rate: optimizer.lr, losses: RefCell::default() })
    }

    /// One step, not waiting for the device. Its loss is queued.
    pub fn step(&mut self, inputs: Vec<i32>, targets: Vec<i32>) {
        let report = self.trainer.step(&[Windows { inputs, targets, time: self.time }], self.learning_rate);
        self.losses.borrow_mut().extend(report.losses);
    }

    /// Drops the oldest unread loss.
    pub fn skip(&self) {
        self.losses.borrow_mut().pop_front();
    }

    /// Waits for the newest step and returns its loss; forgets the others.
    pub async fn loss(&self) -> Result<f32, JsError> {
        let last = self.losses.borrow_mut().drain(..).next_back();
        let last = last.ok_or_else(|| refuse("no step was taken"))?;
        let values = read_floats(last).await.map_err(refuse)?;
        values.first().copied().ok_or_else(|| refuse("an empty loss"))
    }
}
