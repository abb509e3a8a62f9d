//! Columns, the tasks that they allow, and the choice of both.

use super::TableFinding;
use serde::{Deserialize, Serialize};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Text,
    /// One of a few values that repeat.
    Label,
    /// Several labels in a cell: a list, or names between separators.
    Labels,
    Number,
    /// `train`, `validation`, `test`.
    Split,
    /// Names the row, says nothing of it.
    Id,
    Date,
    /// A list of tokens.
    Tokens,
    /// A list of as many tags.
    Tags,
    Empty,
}

/// What was found in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnFacts {
    pub name: String,
    pub kind: ColumnKind,
    /// Different values, as far as they were counted (at most 10,000).
    pub distinct: u64,
    pub empty: u64,
    /// Cells that are numbers.
    pub numbers: u64,
    /// Mean length in characters of the cells that are not empty.
    pub mean_characters: u32,
    /// The longest cell, in characters.
    pub most_characters: u32,
    /// What stands between labels of [`ColumnKind::Labels`]; `None` for lists.
    pub label_separator: Option<char>,
    /// The first different values, cut.
    pub examples: Vec<String>,
}

impl ColumnFacts {
    /// Says yes or no of each row: nothing but `0` and `1`, or `true` and `false`.
    pub fn is_flag(&self) -> bool {
        let flag = |cell: &String| matches!(cell.trim(), "0" | "1" | "0.0" | "1.0" | "true" | "false" | "True" | "False");
        self.kind == ColumnKind::Label
            && self.distinct <= 2
            && self.empty == 0
            && !self.examples.is_empty()
            && self.examples.iter().all(flag)
    }
}

/// What a model can learn from a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableTask {
    /// Language modelling: go on with a text.
    Write,
    /// A text to one class.
    Classify,
    /// A text to any number of classes.
    ClassifySeveral,
    /// A text to a number.
    Score,
    /// Two texts to a class.
    ClassifyPair,
    /// Two texts to a number.
    ScorePair,
    /// Every token to a tag.
    TagTokens,
    /// A text (and perhaps its context) to a text.
    TextToText,
}

impl TableTask {
    /// Classes are told apart, so that rare ones can be made to count more.
    pub fn weighs_classes(self) -> bool {
        matches!(self, Self::Classify | Self::ClassifyPair | Self::ClassifySeveral | Self::TagTokens)
    }

    /// What is learned is said of a text, or of a pair, as a whole.
    pub fn judges_texts(self) -> bool {
        matches!(self, Self::Classify | Self::ClassifySeveral | Self::Score) || self.has_pairs()
    }

    /// Two texts are put side by side.
    pub fn has_pairs(self) -> bool {
        matches!(self, Self::ClassifyPair | Self::ScorePair)
    }
}

/// Which columns play which part. Positions from 0; `target` and `more_targets` are never among the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskColumns {
    pub task: TableTask,
    /// The text; of pairs the first; of tagging the tokens; of text to text the source or the question.
    pub text: u32,
    /// The second text of a pair; the context of a question.
    pub second: Option<u32>,
    /// The label, labels, number, tags or answer; `None` for writing.
    pub target: Option<u32>,
    /// Further columns of `0` and `1` when each class of `ClassifySeveral` has its own.
    pub more_targets: Vec<u32>,
    pub split: Option<u32>,
    /// What stands between several labels in a cell; `None` for lists.
    pub label_separator: Option<char>,
}

impl TaskColumns {
    /// Between several labels where nothing else is told.
    pub const USUAL_SEPARATOR: char = ';';

    /// What stands between the labels of a row as it is written for the page and by it. Columns of yes and no have nothing between them but that.
    pub fn written_separator(&self) -> char {
        self.label_separator.filter(|_| self.more_targets.is_empty()).unwrap_or(Self::USUAL_SEPARATOR)
    }
}

/// Why a task is proposed; the page holds the sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskReason {
    /// There is nothing but text.
    OnlyText,
    /// A column of `classes` values that repeat, beside a text.
    LabelBesideText {
        classes: u32,
    },
    /// Cells with several labels each.
    LabelsBesideText,
    /// Several columns of `0` and `1`.
    OnesAndZeros {
        columns: u32,
    },
    NumberBesideText,
    LabelBesideTwoTexts {
        classes: u32,
    },
    NumberBesideTwoTexts,
    TokensWithTags,
    QuestionContextAnswer,
    /// The names say so (source and target, question and answer).
    SourceAndTarget,
    TwoTexts,
}

/// A task that the columns allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskProposal {
    pub columns: TaskColumns,
    pub reason: TaskReason,
}

/// What a table is good for; the first proposal is the best. Empty where there is nothing to learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableProposal {
    pub columns: Vec<ColumnFacts>,
    pub proposals: Vec<TaskProposal>,
    pub findings: Vec<TableFinding>,
}

/// A class and the texts that were typed for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedClass {
    pub name: String,
    pub texts: Vec<String>,
}
