//! What a model can learn from labelled texts: each task is one small file that says how an example is put to the model, what the head's numbers
//! mean, what is minimised, and how good an answer is.
//!
//! In: texts and targets of a table; the head's outputs `[texts, outputs]`. Out: ids to read, a loss on the device, answers and scores. The trainer
//! ([`super::sequence`]) knows a task only through [`Task`], so a new one is a new file here and a name in the engine's choice. Absent:
//! tables, messages, the optimiser.

mod classify;
mod pair;
mod score;
mod several;
mod tags;

pub use classify::Classify;
pub use pair::{Pair, joined};
pub use score::Score;
pub use several::Several;
pub use tags::{Tags, WordReader, WordTokens};

use burn::tensor::{Int, Tensor};

use crate::model::ops;

use crate::protocol::labels::{Figure, FigureName, TextAnswer};
use crate::text::{TextError, Tokenizer};

/// What an example should give.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// The number of a class.
    Class(u32),
    /// The numbers of its classes, rising; perhaps none.
    Set(Vec<u32>),
    /// In the unit of the table.
    Number(f64),
}

/// How good outputs are over some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskScores {
    /// As in training: the mean over the rows, weighted where the task weighs them.
    pub loss: f64,
    /// Those of [`FigureName::of`] the task that have a value, in that order.
    pub figures: Vec<Figure>,
}

impl TaskScores {
    /// A figure by name; `None` where it has no value.
    pub fn figure(&self, name: FigureName) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }
}

/// F1 of a class by its rows, the rows that were said to be it, and those that are both; 0 without any, as scikit-learn has it by default.
fn f1_of([is, said, both]: [u32; 3]) -> f64 {
    if is + said == 0 { 0.0 } else { f64::from(2 * both) / f64::from(is + said) }
}

/// Mean F1 over classes: whether any row at all has the class, and its counts among the chosen rows. Classes that have rows, but none among these, are left out.
fn mean_f1(classes: impl Iterator<Item = (bool, [u32; 3])>) -> f64 {
    let asked = classes.filter(|(has, counts)| !has || counts[0] > 0);
    let (sum, count) = asked.fold((0.0, 0_u32), |(sum, count), (_, counts)| (sum + f1_of(counts), count + 1));
    sum / f64::from(count.max(1))
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
    fn weight(&self, target: &Target) -> f64;

    /// The loss of one pass: the examples' losses times their weights, over `total`, which is the weight of the whole batch. `outputs` may have more rows
    /// than there are targets; they are zeros and do not count. `[1]`
    fn loss(&self, outputs: Tensor<2>, targets: &[Target], total: f64) -> Tensor<1>;

    /// Weights of the classes where every token has a class of its own; `None` when all count alike.
    fn token_weights(&self) -> Option<&[f64]> {
        None
    }

    /// Loss of one example, not weighted. `outputs` are its numbers.
    fn example_loss(&self, outputs: &[f32], target: &Target) -> f64;

    /// What an example adds to the sum that training divides by all weights.
    fn weighted_loss(&self, outputs: &[f32], target: &Target) -> f64 {
        self.weight(target) * self.example_loss(outputs, target)
    }

    /// What the numbers of one example say.
    fn answer(&self, outputs: &[f32]) -> TextAnswer;

    /// Figures of answers: those of [`FigureName::of`] this task that have a value, in that order.
    fn figures(&self, answers: &[TextAnswer], targets: &[Target]) -> Vec<Figure>;

    /// Scores over rows, one list of numbers for each; `None` without any row.
    fn judge(&self, outputs: &[Vec<f32>], targets: &[Target]) -> Option<TaskScores> {
        if targets.is_empty() || outputs.len() != targets.len() {
            return None;
        }
        let (mut sum, mut total) = (0.0, 0.0);
        for (row, target) in outputs.iter().zip(targets) {
            sum += self.weighted_loss(row, target);
            total += self.weight(target);
        }
        let answers: Vec<TextAnswer> = outputs.iter().map(|row| self.answer(row)).collect();
        Some(TaskScores { loss: sum / total, figures: self.figures(&answers, targets) })
    }
}

/// A figure that has a value.
fn figure(name: FigureName, value: Option<f64>) -> Option<Figure> {
    value.filter(|value| value.is_finite()).map(|value| Figure { name, value })
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
