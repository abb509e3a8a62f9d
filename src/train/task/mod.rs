//! What a model can learn from labelled texts: each task is one small file that says how an example is put to the model, what the head's numbers
//! mean, what is minimised, and how good an answer is.
//!
//! In: texts and targets of a table; the head's outputs `[texts, outputs]`. Out: ids to read, a loss on the device, scores. The trainer
//! ([`super::sequence`]) knows a task only through [`Task`], so a new one is a new file here and a name in the engine's choice. Absent:
//! tables, messages, the optimiser.

mod classify;
mod tags;

pub use classify::Classify;
pub use tags::{Tags, WordReader, WordTokens};

use burn::tensor::{Int, Tensor};

use crate::model::ops;

use crate::text::{TextError, Tokenizer};

/// What an example should give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The number of a class.
    Class(u32),
}

/// How good outputs are over some rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TaskScores {
    /// As in training: the mean over the rows, weighted where the task weighs them, in nats.
    pub loss: f64,
    /// Share of rows that are right.
    pub accuracy: f64,
    /// Mean F1 of the classes that occur, as scikit-learn's `f1_score(average="macro")`.
    pub macro_f1: f64,
}

/// A task over whole texts.
pub trait Task {
    /// Numbers that the head gives per text.
    fn outputs(&self) -> usize;

    /// An example as the model reads it. `second` is the second text of a pair, empty without one. An example without tokens is given as
    /// none.
    ///
    /// # Errors
    /// Should the tokenizer fail.
    fn template(&self, tokenizer: &Tokenizer, text: &str, second: &str) -> Result<Vec<u32>, TextError>;

    /// How much an example counts in the mean that is minimised.
    fn weight(&self, target: Target) -> f64;

    /// The loss of one pass: the examples' losses times their weights, over `total`, which is the weight of the whole batch. `outputs` may have more rows
    /// than there are targets; they do not count. `[1]`
    fn loss(&self, outputs: Tensor<2>, targets: &[Target], total: f64) -> Tensor<1>;

    /// Weights of the classes where every token has a class of its own; `None` when all count alike.
    fn token_weights(&self) -> Option<&[f64]> {
        None
    }

    /// Loss of one example, not weighted. `outputs` are its numbers.
    fn example_loss(&self, outputs: &[f32], target: Target) -> f64;

    /// What the numbers of one example say: of classes their probabilities.
    fn probabilities(&self, outputs: &[f32]) -> Vec<f32>;

    /// Scores over rows; `None` without any. `outputs` are those of all rows one after the other.
    fn judge(&self, outputs: &[f32], targets: &[Target]) -> Option<TaskScores>;
}

/// Cross-entropy of rows `[rows, classes]` whose class is not −1, each times the weight of its class, over `total`: `[1]`, in nats.
pub(super) fn class_losses(outputs: Tensor<2>, ids: &[i32], weights: Option<&[f64]>, total: f64) -> Tensor<1> {
    let device = outputs.device().inner();
    let on_device = |ids: &[i32]| -> Tensor<1, Int> { Tensor::from_data(ids, &device) };
    let Some(weights) = weights else { return ops::cross_entropy(outputs, on_device(ids), 1.0 / total) };
    // The kernel knows one factor per call: one call for each class that is there, the other rows passed over.
    let mut present: Vec<i32> = ids.iter().copied().filter(|&id| id >= 0).collect();
    present.sort_unstable();
    present.dedup();
    let of_class = |class: i32| {
        let only: Vec<i32> = ids.iter().map(|&id| if id == class { id } else { -1 }).collect();
        let weight = weights.get(class as usize).copied().unwrap_or(1.0);
        ops::cross_entropy(outputs.clone(), on_device(&only), weight / total)
    };
    let losses = present.into_iter().map(of_class).reduce(|sum, loss| sum + loss);
    losses.unwrap_or_else(|| ops::cross_entropy(outputs.clone(), on_device(ids), 0.0))
}
