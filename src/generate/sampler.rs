//! Chooses the next token: dials in the order in which `transformers` applies them, then one draw.
//!
//! In: logits, ids already written, [`SamplingConfig`], a number in 0..1. Out: an id and probabilities. Everything is computed in f64 and
//! ordered by (probability, then lower id), so the same numbers give the same token on every device.

use super::error::GenerateError;
use crate::protocol::SamplingConfig;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The tokens that may come next with their probabilities, after all dials.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Likeliest first, equal ones by id; probabilities sum to one. Never empty.
    candidates: Vec<(u32, f64)>,
}

impl Distribution {
    /// Applies the dials to one row of `logits` (`[vocabulary]`): repetition penalty (CTRL, arXiv 1909.05858: logits above zero are
    /// divided, those below multiplied, once per token however often it was written), temperature, top-k (what ties with the
    /// last one stays), top-p, softmax. Temperature 0 leaves the likeliest token alone. Ids in `written` beyond the vocabulary are ignored.
    ///
    /// # Errors
    /// No logits, a logit that is not finite, or a dial outside its meaning.
    pub fn new(logits: &[f32], written: &[u32], config: &SamplingConfig) -> Result<Self, GenerateError> {
        check_dials(config)?;
        if logits.is_empty() {
            return Err(GenerateError::NoLogits);
        }
        if let Some(id) = logits.iter().position(|value| !value.is_finite()) {
            return Err(GenerateError::NotFinite { id, value: logits[id] });
        }
        let mut scores: Vec<(u32, f64)> = (0u32..).zip(logits.iter().map(|&value| f64::from(value))).collect();
        penalise(&mut scores, written, config.repetition_penalty);
        if config.temperature == 0.0 {
            scores.sort_by(likelier);
            scores.truncate(1);
            scores[0].1 = 1.0;
            return Ok(Self { candidates: scores });
        }
        keep_top_k(&mut scores, config.top_k as usize);
        scores.sort_by(likelier);
        // Dividing after subtracting the largest keeps a tiny temperature from overflowing.
        let largest = scores[0].1;
        for (_, score) in &mut scores {
            *score = ((*score - largest) / config.temperature).exp();
        }
        normalise(&mut scores);
        keep_top_p(&mut scores, config.top_p);
        Ok(Self { candidates: scores })
    }

    /// The token that a number in 0..1 falls on, with its probability. Likelier tokens lie nearer to 0.
    pub fn choose(&self, uniform: f64) -> (u32, f32) {
        let mut sum = 0.0;
        let mut chosen = self.candidates[0];
        for &candidate in self.candidates.iter().filter(|candidate| candidate.1 > 0.0) {
            chosen = candidate;
            sum += candidate.1;
            if uniform < sum {
                break;
            }
        }
        (chosen.0, chosen.1 as f32)
    }

    /// The `count` likeliest tokens, likeliest first; fewer where the dials left fewer.
    pub fn top(&self, count: usize) -> Vec<(u32, f32)> {
        self.candidates.iter().take(count).map(|&(id, probability)| (id, probability as f32)).collect()
    }

    /// The probability of one token; 0 for what the dials left out.
    pub fn probability(&self, id: u32) -> f64 {
        self.candidates.iter().find(|candidate| candidate.0 == id).map_or(0.0, |candidate| candidate.1)
    }
}

fn check_dials(config: &SamplingConfig) -> Result<(), GenerateError> {
    let refuse = |name, value| Err(GenerateError::Dial { name, value });
    if !(config.temperature.is_finite() && config.temperature >= 0.0) {
        return refuse("temperature", config.temperature);
    }
    if !(0.0..=1.0).contains(&config.top_p) {
        return refuse("top_p", config.top_p);
    }
    if !(config.repetition_penalty.is_finite() && config.repetition_penalty > 0.0) {
        return refuse("repetition_penalty", config.repetition_penalty);
    }
    Ok(())
}

/// Likelier first; equal ones by id.
fn likelier(a: &(u32, f64), b: &(u32, f64)) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

fn penalise(scores: &mut [(u32, f64)], written: &[u32], penalty: f64) {
    if penalty == 1.0 {
        return;
    }
    let mut seen = vec![false; scores.len()];
    for &id in written {
        if let Some(seen) = seen.get_mut(id as usize) {
            *seen = true;
        }
    }
    for ((_, score), _) in scores.iter_mut().zip(seen).filter(|(_, seen)| *seen) {
        *score = if *score < 0.0 { *score * penalty } else { *score / penalty };
    }
}

fn keep_top_k(scores: &mut Vec<(u32, f64)>, k: usize) {
    if k == 0 || k >= scores.len() {
        return;
    }
    let last = scores.select_nth_unstable_by(k - 1, likelier).1.1;
    scores.retain(|candidate| candidate.1 >= last);
}

/// Drops from the unlikely end while what is dropped sums to at most `1 - p`; the likeliest always stays.
fn keep_top_p(scores: &mut Vec<(u32, f64)>, p: f64) {
    if p >= 1.0 {
        return;
    }
    let mut dropped = 0.0;
    while scores.len() > 1 {
        dropped += scores[scores.len() - 1].1;
        if dropped > 1.0 - p {
            break;
        }
        scores.pop();
    }
    normalise(scores);
}

fn normalise(scores: &mut [(u32, f64)]) {
    // From the smallest up, so that many small parts are not lost beside a large one.
    let sum: f64 = scores.iter().rev().map(|candidate| candidate.1).sum();
    for (_, probability) in scores {
        *probability /= sum;
    }
}

/// The numbers that draws are made with: one per token, the same for the same seed on every device. ChaCha with eight rounds.
#[derive(Debug, Clone)]
pub struct TokenRng(ChaCha8Rng);

impl TokenRng {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The next number in 0..1, with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests;
