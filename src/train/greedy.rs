//! Answers to prompts: the likeliest token each time, until the model ends its answer. Over the model's key-value cache, a few tokens per call, so that
//! a caller can do something else in between.
//!
//! In: a model without autodiff, a prompt, how long an answer may be. Out: the answer's ids, as `transformers` gives them with `do_sample=False`.
//! Absent: dials (`crate::generate` has them), text.

use burn::tensor::Tensor;

use crate::model::parameters::{ParameterError, read_floats};
use crate::model::{Gpt, KeyValueCache};

/// Tokens of a prompt that are fed per call: some milliseconds' worth.
const FED_AT_ONCE: usize = 16;

/// An answer that is being written. The same one takes prompt after prompt, in the same memory.
pub struct GreedyWriter {
    cache: KeyValueCache,
    end: u32,
    prompt: Vec<u32>,
    fed: usize,
    /// Tokens that may still be written.
    left: usize,
    answer: Vec<u32>,
}

impl GreedyWriter {
    /// For a model whose answers end with the token `end`.
    pub fn new(model: &Gpt, end: u32) -> Self {
        Self { cache: KeyValueCache::new(model), end, prompt: Vec::new(), fed: 0, left: 0, answer: Vec::new() }
    }

    /// Begins to answer a prompt with at most `most` tokens, the end included. Without a prompt there is no answer.
    pub fn ask(&mut self, prompt: &[u32], most: usize) {
        self.cache.clear();
        self.prompt = prompt.to_vec();
        (self.fed, self.left) = (0, if prompt.is_empty() { 0 } else { most });
        self.answer.clear();
    }

    /// Feeds a piece of the prompt, or writes a token. False when the answer is there. The model must stay the same for one answer.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn advance(&mut self, model: &Gpt) -> Result<bool, ParameterError> {
        if self.left == 0 {
            return Ok(false);
        }
        let mut logits: Option<Tensor<2>> = None;
        let all = self.prompt.len() + self.answer.len();
        for place in self.fed..all.min(self.fed + FED_AT_ONCE) {
            let id = self.prompt.get(place).or_else(|| self.answer.get(place - self.prompt.len()));
            let Some(&id) = id else { break };
            logits = model.step(id, &mut self.cache);
            self.fed += 1;
        }
        if self.fed < all {
            return Ok(true);
        }
        // No logits: the context is full.
        let Some(logits) = logits else {
            self.left = 0;
            return Ok(false);
        };
        let logits = read_floats(logits).await?;
        let best = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let id = logits.iter().position(|&logit| logit == best).map_or(self.end, |id| id as u32);
        self.left = if id == self.end { 0 } else { self.left - 1 };
        if id != self.end {
            self.answer.push(id);
        }
        Ok(self.left > 0)
    }

    /// The answer so far, without its end.
    pub fn answer(&self) -> &[u32] {
        &self.answer
    }
}
