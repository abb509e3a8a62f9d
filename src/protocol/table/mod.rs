//! What is said of a table of examples: how its files were read, what its columns are, which task suits it, what is wrong with it.
//!
//! Plain data: options go in (each `None` means "as recognised"), facts come out. The findings are in `finding`, columns and tasks in
//! `task`, the parts of a split in `split`. Absent: cells of the table (they stay with the engine) and every word that a visitor
//! reads.

mod finding;
mod split;
mod task;

pub use finding::{FileRefusal, LabelMerge, RaggedRow, RowPlace, TableFinding, TableRepair};
pub use split::{SetAside, SplitOptions, SplitPart, SplitReport};
pub use task::{ColumnFacts, ColumnKind, TableProposal, TableTask, TaskColumns, TaskProposal, TaskReason, TypedClass};

use super::event::FileReport;
use serde::{Deserialize, Serialize};

/// How rows lie in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableForm {
    /// Cells between separators, perhaps quoted (RFC 4180 and its relatives).
    Delimited,
    /// One JSON document: an array of objects or arrays, an object of arrays, or SQuAD's layout.
    Json,
    /// One JSON value per line.
    JsonLines,
    /// One token per line with its columns, a blank line between sentences.
    Conll,
    /// Every line that is not blank is a text. With several files, each file is a class (or a part of the split).
    Lines,
    /// Every file is one text; its folder is its class.
    Documents,
    /// Files of equally many lines: each file is a column.
    ParallelLines,
    /// Typed by hand.
    Typed,
}

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    Comma,
    Tab,
    Semicolon,
    Pipe,
    /// Blanks, one or more; only between the columns of [`TableForm::Conll`].
    Blanks,
}

/// Whether cells may stand in quotation marks, inside which separators and line ends count as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteStyle {
    /// `"`, doubled inside a cell.
    Double,
    /// `'`, doubled inside a cell.
    Single,
    /// Quotation marks are text.
    None,
}

/// What happens to a row with too few or too many cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RaggedPolicy {
    /// Missing cells are empty; surplus separators are taken for text of the widest column.
    Repair,
    /// The row is left out, and counted.
    SetAside,
}

/// The visitor's corrections; `None` is "as recognised".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableOptions {
    pub form: Option<TableForm>,
    pub separator: Option<Separator>,
    pub quote: Option<QuoteStyle>,
    /// The first row holds the names of the columns.
    pub header: Option<bool>,
    pub ragged: Option<RaggedPolicy>,
    /// Column of the token in [`TableForm::Conll`], from 0.
    pub token_column: Option<u32>,
    /// Column of the tag in [`TableForm::Conll`], from 0.
    pub tag_column: Option<u32>,
    /// Rows to keep at most, spread evenly over the files; never more than the engine's own limit.
    pub most_rows: Option<u32>,
}

/// Where the rows of the files went. `read == kept + ragged + unreadable + over_limit`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows found in the files, the header and blank lines not counted. Of [`TableForm::Conll`]: sentences.
    pub read: u64,
    /// Rows of the table.
    pub kept: u64,
    /// Ragged rows that were left out on request ([`RaggedPolicy::SetAside`]).
    pub ragged: u64,
    /// Rows that are not valid JSON.
    pub unreadable: u64,
    /// Rows beyond the limit.
    pub over_limit: u64,
    /// Blank lines between rows; no rows, and so not in `read`.
    pub blank_lines: u64,
}

/// How files became a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableReading {
    pub form: TableForm,
    /// Names, sizes and encodings of the files that were read.
    pub files: Vec<FileReport>,
    pub separator: Option<Separator>,
    pub quote: Option<QuoteStyle>,
    pub header: Option<bool>,
    pub token_column: Option<u32>,
    pub tag_column: Option<u32>,
    /// Names of the columns; `column 1`, `column 2`, … where the files have none.
    pub columns: Vec<String>,
    pub counts: RowCounts,
    pub findings: Vec<TableFinding>,
    /// The first rows, cells cut to a few hundred characters, for the eye.
    pub excerpt: Vec<Vec<String>>,
}
