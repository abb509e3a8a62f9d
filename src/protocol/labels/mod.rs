//! Learning from labelled texts: the words that page and engine exchange about tables, classes, such runs and their reports.
//!
//! How a conversation goes. Every question is a [`Command::Labels`](crate::protocol::Command) with its request; its answer is
//! [`Event::Labels`](crate::protocol::Event) with the same request, or a `Fault` with it.
//!
//! 1. [`LabelCommand::OpenTable`] (files in the packet's buffers) or [`LabelCommand::TypeTable`] → `TableProgress` now and then, `TableReady`. The
//!    table stays open until another takes its place; [`LabelCommand::Cancel`] ends the reading.
//! 2. [`LabelCommand::Examine`] with a choice of columns and a split → `Examined`: classes, counts, parts, findings. At once, without a model.
//! 3. [`LabelCommand::Prepare`] → `Phase` events (model, tokens, speed), `Examined`, `Prepared`. What blocks training ([`TableFinding::blocks`])
//!    is in `Examined`; then a `Fault` comes instead of the plan. A run over a text that is going on ends, and is kept.
//! 4. From here `Start`, `Pause`, `Resume`, `Step`, `Stop`, `SetLearningRate` speak of this run, until a text is prepared or a saved run resumed.
//!    `Start` with another number begins anew ("reset"). `Phase` and `Step` events are those of any run; `loss` is nats per text.
//! 5. [`Event::LabelRun`](crate::protocol::Event) news: `Epoch` before the first step (epoch 0) and after every epoch; at the end, the best epoch's model
//!    restored, `Report` with the test part, looked at this once. `Phase::Finished` comes before the report after `Stop`, after it otherwise.
//! 6. [`LabelCommand::Predict`] at any time after `Prepared` → `Predicted`; during a run between two steps.
//!
//! `Report`'s buffers, little-endian, one number per row of the part, in the order of the table: 0 rows of the table (`u32`), 1 labels (`u32`), 2
//! predictions (`u32`), 3 probabilities of the prediction (`f32`), 4 losses in nats (`f32`), then for each baseline its predictions (`u32`).
//!
//! Settings are in `config`, the parts of the model in `parts`, reports in `report`. Absent: texts of the table, except for those asked for by [`LabelCommand::ReadRows`]; the words a visitor reads.

mod config;
mod parts;
mod report;

pub use config::{ClassWeighting, LabelChoice, LabelConfig, LowRankMatrices, StopMetric, TextPooling, Trained};
pub use parts::{ModelPlace, PlanPart};
pub use report::{BaselineKind, BaselineReport, CalibrationBin, FigureInterval, LabelReport, Quality, ScoreLine};

use crate::protocol::command::FileHead;
use crate::protocol::memory::MemoryUse;
use crate::protocol::table::{RowPlace, SetAside, SplitReport, TableFinding, TableOptions, TableProposal, TableReading, TypedClass};
use serde::{Deserialize, Serialize};

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
    /// Where they are, from the embeddings up to the head; together exactly those two counts.
    pub parts: Vec<PlanPart>,
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
    Report { report: Box<LabelReport> },
}
