//! What is said of a run over labelled texts: after each epoch, and at its end.

use super::figures::{Figure, FigureInterval, FigureName, TaskFigures};
use crate::protocol::table::SplitPart;
use serde::{Deserialize, Serialize};

/// Figures of one part after an epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartScores {
    pub rows: u64,
    /// Mean over the rows, weighted as in training; see [`FigureName::Loss`].
    pub loss: f64,
    /// Those of [`FigureName::of`] that have a value, in that order: a curve each.
    pub figures: Vec<Figure>,
}

impl PartScores {
    /// A figure by name, the loss too.
    pub fn figure(&self, name: FigureName) -> Option<f64> {
        if name == FigureName::Loss {
            return Some(self.loss);
        }
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }
}

/// What an epoch came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// 0: before the first step.
    pub epoch: u32,
    pub step: u32,
    /// Of as many training rows as there are for validation, always the same.
    pub training: PartScores,
    /// `None` without a validation part.
    pub validation: Option<PartScores>,
    /// The best so far by the chosen metric; its model is kept.
    pub best: bool,
}

/// What a Transformer must beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineKind {
    MajorityClass,
    /// Of several labels: one regression for each class.
    TfidfLogistic,
    /// Always the mean of the training part.
    Mean,
    /// Of tags: each word's most frequent one in the training part; for other words that of all.
    MostFrequentTag,
    /// Of text to text without a context: the source as it is.
    CopySource,
    /// Of numbers.
    TfidfRidge,
    /// Of several labels: the classes that at least half of the training rows have, which may be none.
    FrequentLabels,
}

/// A baseline on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineReport {
    pub kind: BaselineKind,
    pub figures: TaskFigures,
    /// The model's headline figure ([`TaskFigures::headline`]) minus the baseline's, on the same drawn rows: beyond chance when the interval
    /// excludes 0. Below 0 is better where the smaller is ([`FigureName::larger_is_better`]).
    pub model_minus_baseline: Option<FigureInterval>,
}

/// The report at the end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    /// `Test`; `Validation` where there is no test part: then the figures are too good, since the best epoch was chosen by them.
    pub part: SplitPart,
    /// Rows behind the figures.
    pub rows: u64,
    /// Rows of the part; more than `rows` where text to text was asked about [`REPORT_ANSWERS`](super::figures::REPORT_ANSWERS) of them only. The loss is over all.
    pub part_rows: u64,
    /// Mean over the rows, not weighted; see [`FigureName::Loss`].
    pub loss: f64,
    pub figures: TaskFigures,
    /// Empty for tasks that have none.
    pub baselines: Vec<BaselineReport>,
    /// Epochs that were run, and the one whose model this is (0: none was judged, it is the last).
    pub epochs: u32,
    pub best_epoch: u32,
    /// The run ended before its last epoch since it had stopped getting better.
    pub stopped_early: bool,
}
