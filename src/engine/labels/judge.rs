//! What a model says of examples, a pass at a time, and the figures of an epoch.

use std::rc::Rc;

use super::super::breath::Breath;
use super::prepare::LabelPrepared;
use crate::model::SequenceModel;
use crate::protocol::labels::{FigureName, MOST_JUDGED, PartScores};
use crate::protocol::{DeviceKind, Fault, SplitPart};
use crate::text::{answered_rows, epoch_order};
use crate::train::{Target, TaskScores, sequence_outputs};

/// The stream of the seed that the judged training rows are drawn from: no epoch's.
const STREAM: u64 = 1 << 41;
/// Texts whose passes are made at once.
const TEXTS_AT_ONCE: usize = 256;

/// What judging works with.
pub struct Judge {
    /// Without autodiff; its weights stay as they are while it is judged.
    pub model: SequenceModel,
    pub prepared: Rc<LabelPrepared>,
    pub kind: DeviceKind,
    pub breath: Breath,
}

/// The figures of an epoch.
pub struct Judged {
    pub training: Option<PartScores>,
    pub validation: Option<PartScores>,
}

/// The part that the report at the end is made on, with its examples: the test part, or where there is none the validation part.
pub fn measured_part(prepared: &LabelPrepared) -> (SplitPart, Vec<usize>) {
    let test = prepared.part(SplitPart::Test);
    if test.is_empty() { (SplitPart::Validation, prepared.part(SplitPart::Validation)) } else { (SplitPart::Test, test) }
}

/// So many of the examples at most, drawn by the seed, in their order.
pub fn drawn(prepared: &LabelPrepared, numbers: &[usize], most: usize) -> Vec<usize> {
    let drawn = answered_rows(prepared.plan.config.seed, numbers.len(), most);
    drawn.into_iter().map(|at| numbers[at as usize]).collect()
}

/// The rows that a report is made on.
pub struct Sample {
    pub part: SplitPart,
    pub numbers: Vec<usize>,
    /// Rows of the part.
    pub part_rows: u64,
    /// Beside what must be beaten.
    pub baselines: bool,
}

impl Sample {
    /// For the report at the end of a run.
    pub fn at_the_end(prepared: &LabelPrepared) -> Self {
        let (part, numbers) = measured_part(prepared);
        Self { part, part_rows: numbers.len() as u64, numbers, baselines: prepared.plan.config.baselines }
    }

    /// For a look at a part while one wants it.
    pub fn of_part(prepared: &LabelPrepared, part: SplitPart) -> Self {
        let all = prepared.part(part);
        Self { part, part_rows: all.len() as u64, numbers: drawn(prepared, &all, MOST_JUDGED), baselines: false }
    }
}

/// Training examples that every epoch is judged on: as many as there are for validation (all of them without a validation part would cost too
/// much: then 256), drawn by the seed.
pub fn training_sample(prepared: &LabelPrepared) -> Vec<usize> {
    const WITHOUT_VALIDATION: usize = 256;
    let training = prepared.part(SplitPart::Training);
    let validation = prepared.chosen.split.report.validation as usize;
    let most = if validation > 0 { validation } else { WITHOUT_VALIDATION };
    let order = epoch_order(prepared.plan.config.seed, STREAM, training.len());
    order.into_iter().take(most).map(|at| training[at as usize]).collect()
}

impl Judge {
    /// The head's numbers for examples, a list each, in this order.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn outputs(&self, numbers: &[usize]) -> Result<Vec<Vec<f32>>, Fault> {
        let width = self.prepared.task.outputs();
        let shape = self.prepared.shape(self.kind, true);
        let mut places: Vec<usize> = (0..numbers.len()).collect();
        // Texts of a kind together, so that little is padding.
        places.sort_by_key(|&place| self.prepared.example(numbers[place]).ids.len());
        let mut outputs = vec![Vec::new(); numbers.len()];
        for chunk in places.chunks(TEXTS_AT_ONCE) {
            let chosen: Vec<usize> = chunk.iter().map(|&place| numbers[place]).collect();
            for pass in self.prepared.passes(&chosen, shape) {
                self.breath.take().await;
                let read = sequence_outputs(&self.model, &pass).await?;
                for (&number, values) in pass.numbers.iter().zip(read.chunks_exact(width)) {
                    for &place in chunk.iter().filter(|&&place| numbers[place] == number) {
                        outputs[place] = values.to_vec();
                    }
                }
            }
        }
        Ok(outputs)
    }

    async fn scores(&self, numbers: &[usize]) -> Result<Option<PartScores>, Fault> {
        let outputs = self.outputs(numbers).await?;
        let targets: Vec<Target> = numbers.iter().map(|&number| self.prepared.target(number).clone()).collect();
        let scores = self.prepared.task.judge(&outputs, &targets);
        Ok(scores.map(|TaskScores { loss, figures }| PartScores { rows: numbers.len() as u64, loss, figures }))
    }
}

/// Judges the validation part, and as many rows of the training part.
///
/// # Errors
/// A device that fails.
pub async fn judge(judge: Judge) -> Result<Judged, Fault> {
    if let Some(tokens) = &judge.prepared.tokens {
        return tokens.judge(&judge).await;
    }
    let validation = judge.scores(&judge.prepared.part(SplitPart::Validation)).await?;
    let training = judge.scores(&training_sample(&judge.prepared)).await?;
    Ok(Judged { training, validation })
}

/// How good an epoch is: by the chosen figure, and where that is the same (few rows, or nothing found yet) by the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EpochRank {
    /// The larger the better.
    pub figure: f64,
    /// Of the validation part, in nats.
    pub loss: f64,
}

impl EpochRank {
    /// By figures of the validation part; a figure without a value is worse than any.
    pub fn of(scores: &PartScores, metric: FigureName) -> Self {
        let value = scores.figure(metric).filter(|value| !value.is_nan());
        let figure = value.map_or(f64::NEG_INFINITY, |value| if metric.larger_is_better() { value } else { -value });
        Self { figure, loss: scores.loss }
    }

    /// Whether this epoch is to be kept rather than the other, which came before it.
    pub fn beats(self, other: Self) -> bool {
        self.figure > other.figure || self.figure == other.figure && self.loss < other.loss
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::Figure;

    #[test]
    fn the_figure_decides_and_of_equal_ones_the_loss() {
        let rank = |loss: f64, name: FigureName, value: f64| {
            EpochRank::of(&PartScores { rows: 9, loss, figures: vec![Figure { name, value }] }, FigureName::MacroF1)
        };
        let f1 = |value: f64, loss: f64| rank(loss, FigureName::MacroF1, value);
        assert!(f1(0.8, 0.9).beats(f1(0.7, 0.1)) && !f1(0.7, 0.1).beats(f1(0.8, 0.9)));
        assert!(f1(1.0, 0.2).beats(f1(1.0, 0.6)) && !f1(1.0, 0.6).beats(f1(1.0, 0.2)));
        assert!(!f1(1.0, 0.2).beats(f1(1.0, 0.2)), "the earlier of two that are alike stays");
        // Without a value: worse than any, and of two such the loss decides.
        let without = |loss| rank(loss, FigureName::Accuracy, 1.0);
        assert!(f1(0.0, 0.9).beats(f1(f64::NAN, 0.1)) && f1(0.0, 0.9).beats(without(0.1)) && without(0.1).beats(without(0.2)));
        assert!(!f1(0.8, f64::NAN).beats(f1(0.8, 0.5)), "a loss that is no number beats nothing");
    }
}
