//! Learning from labelled texts: the words that page and engine exchange about tables, classes, such runs and their reports.
//!
//! How a conversation goes. Every question is a [`Command::Labels`](super::Command) with its request; its answer is
//! [`Event::Labels`](super::Event) with the same request, or a `Fault` with it.
//!
//! 1. [`LabelCommand::OpenTable`] (files in the packet's buffers) or [`LabelCommand::TypeTable`] → `TableProgress` now and then, `TableReady`. The
//!    table stays open until another takes its place; [`LabelCommand::Cancel`] ends the reading.
//! 2. [`LabelCommand::Examine`] with a choice of columns and a split → `Examined`: classes, counts, parts, findings. At once, without a model.
//! 3. [`LabelCommand::Prepare`] → `Phase` events (model, tokens, speed), `Examined`, `Prepared`. What blocks training ([`TableFinding::blocks`])
//!    is in `Examined`; then a `Fault` comes instead of the plan. A run over a text that is going on ends, and is kept.
//! 4. From here `Start`, `Pause`, `Resume`, `Step`, `Stop`, `SetLearningRate` speak of this run, until a text is prepared or a saved run resumed.
//!    `Start` with another number begins anew ("reset"). `Phase` and `Step` events are those of any run; `loss` is nats per text.
//! 5. [`Event::LabelRun`](super::Event) news: `Epoch` before the first step (epoch 0) and after every epoch; at the end, the best epoch's model
//!    restored, `Report` with the test part, looked at this once. `Phase::Finished` comes before the report after `Stop`, after it otherwise.
//! 6. [`LabelCommand::Predict`] at any time after `Prepared` → `Predicted`; during a run between two steps.
//!
//! `Report`'s buffers, little-endian, one number per row of the part, in the order of the table: 0 rows of the table (`u32`), 1 labels (`u32`), 2
//! predictions (`u32`), 3 probabilities of the prediction (`f32`), 4 losses in nats (`f32`), then for each baseline its predictions (`u32`).
//!
//! Absent: texts of the table, except for those asked for by [`LabelCommand::ReadRows`]; the words a visitor reads.

use super::command::FileHead;
use super::config::{LearningRateSchedule, Start};
use super::limits::limit;
use super::memory::MemoryUse;
use super::table::{
    RowPlace, SetAside, SplitOptions, SplitPart, SplitReport, TableFinding, TableOptions, TableProposal, TableReading, TaskColumns,
    TypedClass,
};
use serde::{Deserialize, Serialize};

/// What stands for a text: the state of its last token, or the mean over its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextPooling {
    #[default]
    Last,
    Mean,
}

/// How much of the model learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trained {
    /// Only the new head.
    HeadOnly,
    /// The head, the last norm and so many of the topmost blocks. As many as there are, or more: everything.
    TopLayers { layers: u32 },
    #[default]
    Everything,
}

/// How classes count in the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeighting {
    #[default]
    Equal,
    /// The rarer the more: scikit-learn's `class_weight="balanced"`.
    Balanced,
}

/// The figure of the validation part that decides which epoch is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopMetric {
    Loss,
    Accuracy,
    #[default]
    MacroF1,
}

/// What is learned from a table, and from which rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelChoice {
    pub columns: TaskColumns,
    /// Labels that differ only by case or blanks are one class.
    pub merge_labels: bool,
    pub split: SplitOptions,
}

/// Everything that determines a run over labelled texts, apart from the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelConfig {
    pub choice: LabelChoice,
    /// The base; from scratch, the tokenizer is made from the training texts.
    pub start: Start,
    pub seed: u64,
    /// Passes over the training part, at most.
    pub epochs: u32,
    /// Texts per step.
    pub batch_size: u32,
    /// Tokens read at once; longer texts are read in overlapping windows of this length. At most the model's context.
    pub window: u32,
    pub pooling: TextPooling,
    pub trained: Trained,
    /// Peak learning rate of the head.
    pub learning_rate: f64,
    /// Each block below learns this much slower than the one above it; 1: all alike.
    pub layer_decay: f64,
    pub schedule: LearningRateSchedule,
    /// Share of the steps over which the learning rate rises from zero.
    pub warmup_share: f64,
    pub weight_decay: f64,
    pub clip_norm: f64,
    pub dropout: f64,
    pub weighting: ClassWeighting,
    pub metric: StopMetric,
    /// The run ends when so many epochs in a row were no better than the best; 0: never.
    pub patience: u32,
    /// Train what a Transformer must beat as well.
    pub baselines: bool,
}

impl LabelConfig {
    /// Defaults for a choice: measured on film reviews with the bundled base.
    pub fn new(choice: LabelChoice) -> Self {
        Self {
            choice,
            start: Start::default(),
            seed: 1,
            epochs: 4,
            batch_size: 16,
            window: 128,
            pooling: TextPooling::default(),
            trained: Trained::default(),
            learning_rate: 5e-4,
            layer_decay: 1.0,
            schedule: LearningRateSchedule::Linear,
            warmup_share: 0.1,
            weight_decay: 0.01,
            clip_norm: 1.0,
            dropout: 0.1,
            weighting: ClassWeighting::default(),
            metric: StopMetric::default(),
            patience: 2,
            baselines: true,
        }
    }

    /// The nearest config within all limits; what is not a number becomes its minimum.
    #[must_use]
    pub fn clamped(mut self) -> Self {
        let whole = |name: &str, value: u32| limit(name).map_or(value, |limit| limit.clamp(f64::from(value)) as u32);
        let real = |name: &str, value: f64| limit(name).map_or(value, |limit| limit.clamp(value));
        let within = |value: f64, low: f64, high: f64| if value.is_nan() { low } else { value.clamp(low, high) };
        self.seed = u64::from(whole("seed", self.seed.min(u64::from(u32::MAX)) as u32));
        self.epochs = self.epochs.clamp(1, 100);
        self.batch_size = whole("batch_size", self.batch_size);
        self.window = whole("window", self.window);
        self.learning_rate = real("learning_rate", self.learning_rate);
        self.layer_decay = within(self.layer_decay, 0.1, 1.0);
        self.warmup_share = within(self.warmup_share, 0.0, 1.0);
        self.weight_decay = real("weight_decay", self.weight_decay);
        self.clip_norm = real("clip_norm", self.clip_norm);
        self.dropout = real("dropout", self.dropout);
        if let Trained::TopLayers { layers } = &mut self.trained {
            *layers = (*layers).max(1);
        }
        if let Start::Scratch { size, .. } = &mut self.start {
            *size = size.clamped();
            self.window = self.window.min(size.n_ctx);
        }
        self
    }
}

/// A question about labelled texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelCommand {
    /// Reads the files in the packet's buffers as one table.
    OpenTable { files: Vec<FileHead>, options: TableOptions },
    /// Rows typed by hand.
    TypeTable { classes: Vec<TypedClass> },
    /// The examples of a choice, and how they are split.
    Examine { choice: LabelChoice },
    /// Makes ready for a run.
    Prepare { config: LabelConfig },
    /// Ends a reading or preparation that is under way. Answer: `Cancelled`, also when there is none.
    Cancel,
    /// Texts and labels of rows of the open table, at most 200.
    ReadRows { rows: Vec<u32> },
    /// Classes of texts by the model as it is now. `labels` is empty, or has an entry per text (an empty one: unknown to the asker): then the answer
    /// has figures, and labels that the model does not know are counted in its findings.
    Predict { texts: Vec<String>, labels: Vec<String> },
}

/// Examples of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExampleFacts {
    /// Names, in the order of their numbers.
    pub classes: Vec<String>,
    /// Examples of each class, all parts together.
    pub class_counts: Vec<u64>,
    /// `examples + set_aside.total()` is the number of rows of the table.
    pub examples: u64,
    pub set_aside: SetAside,
    /// Of the examples; those of the split are in `split`.
    pub findings: Vec<TableFinding>,
    pub split: SplitReport,
}

impl ExampleFacts {
    /// The first finding that keeps training from starting.
    pub fn blocking(&self) -> Option<&TableFinding> {
        self.findings.iter().chain(&self.split.findings).find(|finding| finding.blocks())
    }
}

/// What a run over labelled texts will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelPlan {
    /// As the engine will run it.
    pub config: LabelConfig,
    pub classes: Vec<String>,
    pub n_layer: u32,
    pub n_head: u32,
    pub n_embd: u32,
    pub n_ctx: u32,
    /// The head's included.
    pub parameters: u64,
    pub frozen_parameters: u64,
    pub memory: MemoryUse,
    /// Of all epochs.
    pub steps: u32,
    pub steps_per_epoch: u32,
    /// Tokens of an example on average, and of the longest.
    pub mean_tokens: f64,
    pub most_tokens: u32,
    /// Examples read in several windows, and those of which the end is not read.
    pub long_texts: u64,
    pub cut_texts: u64,
    /// Tokens that the tokenizer does not know.
    pub unknown_tokens: u64,
    pub texts_per_second: f64,
    pub expected_seconds: f64,
}

/// Figures of one part after an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PartScores {
    pub rows: u64,
    /// Nats per text, weighted as in training.
    pub loss: f64,
    pub accuracy: f64,
    /// Over the classes that occur.
    pub macro_f1: f64,
}

/// What an epoch came to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowText {
    pub row: u32,
    pub place: RowPlace,
    pub text: String,
    pub label: String,
}

/// What the model says of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextPrediction {
    /// The likeliest class.
    pub class: u32,
    /// One per class.
    pub probabilities: Vec<f32>,
    pub tokens: u32,
    /// More than one for a text longer than a window.
    pub windows: u32,
    /// The end of the text was not read.
    pub cut: bool,
}

/// The answer to a [`LabelCommand`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelAnswer {
    /// Bytes done and to do, rows found.
    TableProgress {
        done: u64,
        total: u64,
        rows: u64,
    },
    TableReady {
        reading: TableReading,
        proposal: TableProposal,
    },
    Examined {
        facts: ExampleFacts,
    },
    Prepared {
        plan: LabelPlan,
    },
    Cancelled,
    Rows {
        rows: Vec<RowText>,
    },
    /// One entry per text; `None` for a text without a token. `run` 0: not trained yet.
    Predicted {
        run: u32,
        step: u32,
        classes: Vec<String>,
        predictions: Vec<Option<TextPrediction>>,
        /// Where labels came with the texts, over those the model knows.
        quality: Option<Quality>,
        findings: Vec<TableFinding>,
    },
}

/// What happens in a run over labelled texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelNews {
    Epoch { report: EpochReport },
    Report { report: LabelReport },
}
