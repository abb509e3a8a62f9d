//! Learning from labelled texts: the words that page and engine exchange about tables, classes, such runs and their reports.
//!
//! How a conversation goes. Every question is a [`Command::Labels`](crate::protocol::Command) with its request; its answer is
//! [`Event::Labels`](crate::protocol::Event) with the same request, or a `Fault` with it.
//!
//! 1. [`LabelCommand::OpenTable`] (files in the packet's buffers) or [`LabelCommand::TypeTable`] → `TableProgress` now and then, `TableReady`. The
//!    table stays open until another takes its place; [`LabelCommand::Cancel`] ends the reading.
//! 2. [`LabelCommand::Examine`] with a choice of columns and a split → `Examined`: classes, counts, parts, findings. At once, without a model.
//! 3. [`LabelCommand::Prepare`] → `Phase` events (model, tokens, speed), `Examined`, `Tokenising` now and then, `Prepared`; [`LabelCommand::Cancel`] ends it. What blocks training ([`TableFinding::blocks`])
//!    is in `Examined`; then a `Fault` comes instead of the plan. A run over a text that is going on ends, and is kept.
//! 4. From here `Start`, `Pause`, `Resume`, `Step`, `Stop`, `SetLearningRate` speak of this run, until a text is prepared or a saved run resumed.
//!    `Start` with another number begins anew ("reset"). `Phase` and `Step` events are those of any run; their `loss` is [`FigureName::Loss`].
//! 5. [`Event::LabelRun`](crate::protocol::Event) news: `Epoch` before the first step (epoch 0) and after every epoch; at the end, the best epoch's model
//!    restored, `Report` with the test part, looked at this once. `Phase::Finished` comes before the report after `Stop`, after it otherwise.
//! 6. [`LabelCommand::Predict`] at any time after `Prepared` → `Predicted`; during a run between two steps.
//! 7. [`LabelCommand::Nearest`] and [`LabelCommand::Weigh`] as `Predict`, and [`LabelCommand::JudgePart`] → `PartJudged`; [`LabelCommand::ListRows`] at once. [`LabelCommand::ReadTexts`], a file in the packet's buffer, as `Predict` →
//!    `TextsRead`: what a `Predict` may then ask about. The open table stays as it is.
//! 8. [`LabelCommand::Relabel`] → `Examined`; then `Prepare`, with [`LabelConfig::go_on`] to learn on from the model as it is.
//! 9. Such a run is saved as any (`Saved`, `Resumable` at the next visit). `ResumeSaved` → `TableReady`, `Examined`, `Prepared` under request 0, then the
//!    steps, epochs and report so far, then what the run goes on with. Questions and corrections work as before it was saved.
//!
//! # Buffers of `Report`
//!
//! Little-endian, rows of the part in the order of the table. Always: 0 rows of the table (`u32`), 1 truth, 2 predictions, 3 probabilities, 4
//! losses (`f32`), then what the task adds. By task:
//!
//! | task | 1 and 2 | 3 | from 5 |
//! | --- | --- | --- | --- |
//! | one class (also of pairs) | class (`u32`) | of the predicted class (`f32`) | each baseline's 2 |
//! | several classes | a byte for each class of each row, 1 or 0 | of each class of each row (`f32`) | each baseline's 2 |
//! | numbers (also of pairs) | number (`f32`) | empty | each baseline's 2 |
//! | tags of words | tag of each word, row after row (`u32`) | of the predicted tag (`f32`) | words of each row (`u32`), each baseline's 2 |
//! | text to text | wanted texts, written texts, one after the other (UTF-8); several accepted ones with ` / ` between | bytes of each wanted text (`u32`) | bytes of each written text (`u32`); of each row chrF, ROUGE-L, exact match, token F1 (`f32`, four buffers); of each row the baseline's chrF (`f32`) |
//!
//! Settings are in `config`, the parts of the model in `parts`, figures in `figures`, reports in `report`. Absent: texts of the table, except for those asked for by
//! [`LabelCommand::ReadRows`]; the words a visitor reads.

mod brought;
mod config;
mod figures;
mod parts;
mod report;
mod template;

pub use brought::{BroughtTexts, MOST_BROUGHT};
pub use config::{ClassWeighting, LabelChoice, LabelConfig, LongTexts, LowRankMatrices, PairReading, TextPooling, Trained};
pub use figures::{
    CalibrationBin, ClassFigures, EPOCH_ANSWERS, Figure, FigureInterval, FigureName, Quality, REPORT_ANSWERS, ScoreFigures, ScoreLine,
    SeveralFigures, SpanFigures, TaskFigures, TextFigures,
};
pub use parts::{ModelPlace, PlanPart};
pub use report::{BaselineKind, BaselineReport, EpochReport, LabelReport, PartScores};
pub use template::{TemplateError, TemplatePart, default_template, read_template};

use crate::protocol::command::FileHead;
use crate::protocol::memory::MemoryUse;
use crate::protocol::sealed::Sealed;
use crate::protocol::table::{
    RowPlace, SetAside, SplitPart, SplitReport, TableFinding, TableOptions, TableProposal, TableReading, TypedClass,
};
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
    /// What the model says of texts as it is now. `seconds` has the second text of each pair (of questions the context), and is empty for tasks with one
    /// text. `labels` is empty, or has an entry per text, written as in the table (an empty one: unknown to the asker; with several classes: none):
    /// then the answer has figures, and labels that the model does not know are counted in its findings.
    Predict { texts: Vec<String>, seconds: Vec<String>, labels: Vec<String> },
    /// How likely one answer is in each of some texts, of tasks whose answers are marks of words or written texts: what becomes of it in a changed text says
    /// what it rests on.
    Weigh { texts: Vec<String>, seconds: Vec<String>, answer: Weighed },
    /// Which of some texts are nearest in meaning to a text, to the model as it is now. `among` empty: the training rows (of many, 2,000 spread evenly).
    Nearest { text: String, among: Vec<String>, most: u32 },
    /// Rows of a part of the prepared split.
    ListRows { part: SplitPart },
    /// What the model as it is now makes of the rows of a part; of more than [`MOST_JUDGED`] so many are drawn by the seed.
    JudgePart { part: SplitPart },
    /// Corrects the labels of rows of the open table, written as in [`RowText::label`]; an empty one takes the row out, or with several classes means none.
    /// Answer: `Examined`, of the choice that was examined or prepared last. What is prepared from now on learns from them; the run that is prepared
    /// or under way does not.
    Relabel { rows: Vec<(u32, String)> },
    /// Texts of a file, read as tables are, by the names of the columns that are learned from. Without such names its own columns are judged; a file
    /// that is no table has a text a line, behind a tab the second text (of pairs) and the label.
    ReadTexts { file: FileHead },
}

/// An answer that texts are held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighed {
    /// A tag of the word that begins at this byte of each text; `None`: not in this one.
    Tag {
        tag: u32,
        starts: Vec<Option<u32>>,
    },
    Written {
        text: String,
    },
}

/// Examples of a choice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExampleFacts {
    /// Names, in the order of their numbers; of tagging those of the tags. Empty for numbers and texts.
    pub classes: Vec<String>,
    /// Examples of each class, all parts together.
    pub class_counts: Vec<u64>,
    /// `examples + set_aside.total()` is the number of rows of the table.
    pub examples: u64,
    pub set_aside: SetAside,
    /// Of the examples; those of the split are in `split`.
    pub findings: Vec<TableFinding>,
    pub split: SplitReport,
    pub corrected: CorrectedRows,
}

/// Rows whose labels are no longer those that the prepared run was made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedRows {
    pub rows: u64,
    /// Of them in its training part.
    pub training: u64,
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
    /// Examples read in several windows, and those of which the end is not read. Of text to text: those whose prompt lost the start of its longest field, or
    /// whose answer lost its end.
    pub long_texts: u64,
    pub cut_texts: u64,
    /// Of tags: words that the tokenizer makes nothing of; they stand outside.
    pub unread_words: u64,
    /// Of text to text: tokens that every prompt leaves to its answer, the end included.
    pub answer_tokens: u32,
    /// Tokens that the tokenizer does not know.
    pub unknown_tokens: u64,
    pub texts_per_second: f64,
    pub expected_seconds: f64,
}

/// Rows of a part that are judged on request.
pub const MOST_JUDGED: usize = 2_000;

/// Characters of a row's texts that are sent, each.
pub const ROW_CHARACTERS: usize = 4_000;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowText {
    pub row: u32,
    pub place: RowPlace,
    pub text: String,
    /// The second text of a pair, or the context of a question; empty without one.
    pub second: String,
    /// One of the two is longer than [`ROW_CHARACTERS`]: its end is not here.
    pub cut: bool,
    /// As it stands in the table. Several classes stand between the choice's `label_separator`, or `;` where it has none.
    pub label: String,
}

/// A word of a text and its tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaggedWord {
    /// Bytes of the text that it takes.
    pub start: u32,
    pub end: u32,
    pub tag: u32,
    /// Of this tag.
    pub probability: f32,
}

/// What a model says of one text, by kind of task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextAnswer {
    /// The likeliest class, and a probability per class; they add up to 1.
    Class {
        class: u32,
        probabilities: Vec<f32>,
    },
    /// The classes whose probability is 0.5 or more, rising, and a probability per class.
    Classes {
        classes: Vec<u32>,
        probabilities: Vec<f32>,
    },
    /// In the unit of the table.
    Score {
        value: f64,
    },
    Tags {
        words: Vec<TaggedWord>,
    },
    Text {
        text: String,
    },
}

/// A text that is near another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Row of the table, or place in the list that was asked about.
    pub place: u32,
    /// Cosine of the angle between the texts' vectors, `-1..=1`, once the mean of those looked at is taken off.
    pub similarity: f32,
}

/// What the model says of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextPrediction {
    pub answer: TextAnswer,
    pub tokens: u32,
    /// More than one for a text longer than a window.
    pub windows: u32,
    /// The end of the text was not read.
    pub cut: bool,
    /// The answer is all that the label says; `None` without a label that the model knows, and for numbers and written texts, which may be nearly right.
    pub right: Option<bool>,
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
    /// Rows cut into tokens, on the way to a plan, and rows to be cut.
    Tokenising {
        done: u64,
        total: u64,
    },
    Prepared {
        plan: Box<LabelPlan>,
    },
    Cancelled,
    Rows {
        rows: Sealed<Vec<RowText>>,
    },
    /// The nearest first. `looked_at`: how many texts were compared.
    Nearest {
        neighbours: Vec<Neighbour>,
        looked_at: u32,
    },
    /// Rows of the table, rising.
    RowList {
        rows: Vec<u32>,
    },
    /// One entry per text; `None` for a text without a token. `run` 0: not trained yet.
    Predicted {
        run: u32,
        step: u32,
        /// Or names of tags; empty for numbers and texts.
        classes: Vec<String>,
        predictions: Vec<Option<TextPrediction>>,
        /// Where labels came with the texts, over those the model knows.
        figures: Option<Sealed<TaskFigures>>,
        findings: Vec<TableFinding>,
    },
    TextsRead {
        texts: Sealed<BroughtTexts>,
    },
    /// A report on the rows of that part, without baselines, and its buffers.
    PartJudged {
        run: u32,
        step: u32,
        report: Sealed<LabelReport>,
        buffers: Vec<Vec<u8>>,
    },
    /// One entry per text, `0..=1`; `None` where there is nothing to weigh. Of written texts the geometric mean over the answer's tokens and its end.
    Weighed {
        run: u32,
        step: u32,
        probabilities: Vec<Option<f64>>,
    },
}

/// What happens in a run over labelled texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelNews {
    Epoch {
        report: EpochReport,
    },
    /// `best_epoch` as in the report.
    Report {
        best_epoch: u32,
        report: Sealed<LabelReport>,
    },
}

impl LabelNews {
    /// The report, closed.
    pub fn report(report: &LabelReport) -> Self {
        Self::Report { best_epoch: report.best_epoch, report: Sealed::of(report) }
    }
}
