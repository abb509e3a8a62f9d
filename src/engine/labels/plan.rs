//! What a run over labelled texts will do and need, before it is started.

use super::super::device::OpenDevice;
use super::judge::measured_part;
use super::parts::{learning_layers, parts};
use super::prepare::{LabelPrepared, reading};
use super::table::Chosen;
use crate::checkpoint::ModelConfig;
use crate::model::sequence::head_vectors;
use crate::protocol::labels::{LabelConfig, LabelPlan, PlanPart};
use crate::protocol::{Fault, FaultCode, MemoryUse, NextAction};
use crate::text::Tokenizer;

/// What a judged text costs beside a trained one: a forward pass without the backward pass of twice its size.
const JUDGING_COST: f64 = 1.0 / 3.0;
/// Numbers kept per token and layer for the backward pass, in widths, as `MemoryUse` counts them for any run.
const KEPT_PER_LAYER: u64 = 14;
const FLOAT: u64 = 4;

/// The plan without what is measured. `ids`: of every example, and of its second text where that is read apart.
pub fn plan(
    config: &LabelConfig,
    model: &ModelConfig,
    chosen: &Chosen,
    tokenizer: &Tokenizer,
    (ids, seconds): (&[Vec<u32>], &[Vec<u32>]),
    outputs: usize,
) -> LabelPlan {
    let training = chosen.split.report.training;
    let steps_per_epoch = training.div_ceil(u64::from(config.batch_size)).max(1) as u32;
    // Of each text alone; `long` counts examples with a text that is.
    let lengths = || ids.iter().chain(seconds).map(Vec::len);
    let examples = |is: &dyn Fn(usize) -> bool| {
        let second = |number: usize| seconds.get(number).is_some_and(|ids| is(ids.len()));
        ids.iter().enumerate().filter(|(number, ids)| is(ids.len()) || second(*number)).count() as u64
    };
    let reading = reading(config);
    let parts = parts(model, config.trained, outputs * head_vectors(config.reads_apart()));
    let (frozen, parameters) = counts(&parts);
    LabelPlan {
        config: config.clone(),
        classes: chosen.examples.classes.clone(),
        n_layer: model.n_layer as u32,
        n_head: model.n_head as u32,
        n_embd: model.n_embd as u32,
        n_ctx: model.n_positions as u32,
        parameters,
        frozen_parameters: frozen,
        memory: memory(model, config, &parts),
        parts,
        steps: steps_per_epoch * config.epochs,
        steps_per_epoch,
        mean_tokens: lengths().sum::<usize>() as f64 / ids.len().max(1) as f64,
        most_tokens: lengths().max().unwrap_or(0) as u32,
        long_texts: examples(&|tokens| tokens > reading.window),
        cut_texts: examples(&|tokens| reading.is_cut(tokens)),
        unread_words: 0,
        answer_tokens: 0,
        unknown_tokens: ids.iter().chain(seconds).map(|ids| tokenizer.count_unknown(ids)).sum(),
        texts_per_second: 0.0,
        expected_seconds: 0.0,
    }
}

/// Frozen parameters, and all.
fn counts(parts: &[PlanPart]) -> (u64, u64) {
    let all = parts.iter().map(|part| part.parameters).sum();
    (all - parts.iter().map(|part| part.trainable).sum::<u64>(), all)
}

/// As if every row of a batch were a whole window, and went through the model at once.
fn memory(model: &ModelConfig, config: &LabelConfig, parts: &[PlanPart]) -> MemoryUse {
    let (frozen, all) = counts(parts);
    let tokens = u64::from(config.batch_size) * u64::from(config.window);
    let layers = learning_layers(model, config.trained);
    MemoryUse {
        weights: FLOAT * all,
        gradients: FLOAT * (all - frozen),
        optimizer: 2 * FLOAT * (all - frozen),
        activations: FLOAT * tokens * (KEPT_PER_LAYER * model.n_embd as u64 * layers + u64::from(config.batch_size)),
    }
}

/// Refuses what the device cannot hold, before it tries.
///
/// # Errors
/// `OutOfMemory` with the numbers.
pub fn check_memory(prepared: &LabelPrepared, device: &OpenDevice) -> Result<(), Fault> {
    let config = &prepared.plan.config;
    let (batch, window, d) = (u64::from(config.batch_size), u64::from(config.window), prepared.model.n_embd as u64);
    let vocabulary = prepared.model.vocab_size as u64;
    let logits = if prepared.has_head() { 0 } else { batch * window * vocabulary };
    let largest = FLOAT * (batch * window * 4 * d).max(batch * batch * window).max(vocabulary * d).max(logits);
    if largest <= device.most_tensor_bytes {
        return Ok(());
    }
    let detail = format!("the largest tensor: {} MB are needed, {} MB can be had", largest >> 20, device.most_tensor_bytes >> 20);
    Err(Fault::new(FaultCode::OutOfMemory, NextAction::SmallerBatch, detail))
}

/// Training, and judging after every epoch and at the end, at this speed in texts per second.
pub fn expected_seconds(prepared: &LabelPrepared, speed: f64) -> f64 {
    let report = &prepared.chosen.split.report;
    let epochs = f64::from(prepared.plan.config.epochs);
    let judged = (epochs + 1.0) * 2.0 * report.validation as f64 + measured_part(prepared).1.len() as f64;
    (epochs * report.training as f64 + JUDGING_COST * prepared.whole_cost() * judged) / speed.max(f64::MIN_POSITIVE)
}
