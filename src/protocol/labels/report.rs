//! The report on a classifier: figures with their intervals, calibration, baselines. Figures are those of `docs/metrics.md`.

use crate::protocol::table::SplitPart;
use serde::{Deserialize, Serialize};

/// One line of a classification report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreLine {
    pub name: String,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// True rows behind it.
    pub support: u64,
}

/// A figure and its 95% bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FigureInterval {
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
}

/// How good predictions are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Classes that occur in truth or prediction.
    pub classes: Vec<ScoreLine>,
    pub macro_average: ScoreLine,
    pub weighted_average: ScoreLine,
    pub accuracy: FigureInterval,
    pub macro_f1: FigureInterval,
    /// The report as scikit-learn prints it.
    pub text: String,
    /// `[true class][predicted class]`, all classes.
    pub confusion: Vec<Vec<u64>>,
}

/// Rows whose probability lies in `(low, high]`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    pub low: f64,
    pub high: f64,
    pub rows: u64,
    /// Mean probability and share of right rows; `None` for an empty bin.
    pub confidence: Option<f64>,
    pub accuracy: Option<f64>,
}

/// What a Transformer must beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineKind {
    MajorityClass,
    TfidfLogistic,
}

/// A baseline on the same rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BaselineReport {
    pub kind: BaselineKind,
    pub quality: Quality,
    /// The model's macro F1 minus the baseline's, on the same drawn rows: beyond chance when the interval excludes 0.
    pub model_minus_baseline: Option<FigureInterval>,
}

/// The report at the end of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    pub classes: Vec<String>,
    /// `Test`; `Validation` where there is no test part: then the figures are too good, since the best epoch was chosen by them.
    pub part: SplitPart,
    pub rows: u64,
    /// Nats per text.
    pub loss: f64,
    pub quality: Quality,
    pub calibration: Vec<CalibrationBin>,
    pub expected_calibration_error: f64,
    pub baselines: Vec<BaselineReport>,
    /// Epochs that were run, and the one whose model this is (0: none was judged, it is the last).
    pub epochs: u32,
    pub best_epoch: u32,
    /// The run ended before its last epoch since it had stopped getting better.
    pub stopped_early: bool,
}
