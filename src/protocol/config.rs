//! What a run is: the settings that a link can carry, with their defaults.

use super::catalogue::BaseModel;
use serde::{Deserialize, Serialize};

/// Which device the visitor wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DevicePreference {
    /// WebGPU where it works, else the CPU.
    #[default]
    Auto,
    /// WebGPU or a sentence that says why not.
    WebGpu,
    /// The CPU, also where there is a GPU.
    Cpu,
}

/// How a text becomes tokens when a model starts from scratch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenizerChoice {
    /// Byte-level BPE learned from the visitor's text, with about this many tokens.
    Bpe { vocab_size: u32 },
    /// One token per character.
    Characters,
}

/// Shape of a model started from scratch (GPT-2 architecture).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSize {
    /// Number of blocks.
    pub n_layer: u32,
    /// Attention heads per block.
    pub n_head: u32,
    /// Width: length of a token's vector. A multiple of `4 * n_head`.
    pub n_embd: u32,
    /// Context: the longest window, in tokens.
    pub n_ctx: u32,
}

impl Default for ModelSize {
    fn default() -> Self {
        Self { n_layer: 4, n_head: 4, n_embd: 128, n_ctx: 128 }
    }
}

/// Where the weights come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A bundled, pretrained model with its own tokenizer.
    Base { model: BaseModel },
    /// Seeded noise (GPT-2's initialisation) and a tokenizer made from the text.
    Scratch { size: ModelSize, tokenizer: TokenizerChoice },
}

impl Default for Start {
    fn default() -> Self {
        Self::Base { model: BaseModel::NANO }
    }
}

/// What the learning rate does after warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearningRateSchedule {
    Constant,
    /// Half a cosine down to a tenth of the peak.
    #[default]
    Cosine,
    /// A straight line down to a tenth of the peak.
    Linear,
}

/// Everything that determines a run, apart from the text. Same config, text and device: same losses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunConfig {
    pub start: Start,
    pub seed: u64,
    /// Optimiser steps.
    pub steps: u32,
    /// Windows per forward pass.
    pub batch_size: u32,
    /// Tokens per window; at most the model's context.
    pub window: u32,
    /// Forward passes per optimiser step.
    pub accumulation: u32,
    /// Peak learning rate. May change while the run goes on.
    pub learning_rate: f64,
    pub schedule: LearningRateSchedule,
    /// Steps over which the learning rate rises from zero.
    pub warmup: u32,
    /// Decoupled weight decay; matrices only.
    pub weight_decay: f64,
    /// Largest global gradient norm; 0 turns clipping off.
    pub clip_norm: f64,
    pub dropout: f64,
    /// This many of the lowest blocks, and with the first of them the embeddings, stay as they are; 0: everything learns.
    pub frozen_layers: u32,
    /// Share of the text kept for checking, from its end.
    pub validation_share: f64,
    /// Steps between two evaluations.
    pub evaluate_every: u32,
    /// Most windows one evaluation reads.
    pub evaluation_windows: u32,
    /// Steps between two written samples.
    pub sample_every: u32,
}

impl Default for RunConfig {
    /// Measured on the built-in samples: enough to take on their manner with the bundled base in about a minute, and not yet so much that
    /// the loss on unseen text turns up for long.
    fn default() -> Self {
        Self {
            start: Start::default(),
            seed: 1,
            steps: 80,
            batch_size: 8,
            window: 128,
            accumulation: 1,
            learning_rate: 3e-4,
            schedule: LearningRateSchedule::default(),
            warmup: 10,
            weight_decay: 0.01,
            clip_norm: 1.0,
            dropout: 0.0,
            frozen_layers: 0,
            validation_share: 0.1,
            evaluate_every: 10,
            evaluation_windows: 16,
            sample_every: 20,
        }
    }
}
