//! Tables of examples: files (or rows typed by hand) to examples of a task in training, validation and test parts.
//!
//! In the order of use: [`TableReader`] turns files into a [`Table`] a slice at a time, [`Table::typed`] does so with typed rows;
//! [`propose`] says what the columns are and which tasks they allow; [`Examples::collect`] takes the rows and targets of a chosen task;
//! [`split`] divides them. What was recognised, repaired, left out or doubtful comes out beside each as plain data of
//! [`crate::protocol`]. Nothing is dropped in silence: every row that was read is kept or counted under a named reason.
//!
//! Absent on purpose: tokens, tensors, clocks, and the words that a visitor reads.

mod arrange;
mod cell_lists;
mod cell_tags;
mod chats;
mod class_targets;
mod columns;
mod conll;
mod delimited;
mod dialect;
mod duplicates;
mod error;
mod examples;
mod header;
mod hint;
mod json;
mod json_groups;
mod json_known;
mod json_layout;
mod json_loose;
mod json_rows;
mod label_lists;
mod labels;
mod lines;
mod packed;
mod paths;
mod propose;
mod quotes;
mod reader;
mod rows;
mod shape;
mod split;
mod store;
mod stratify;
mod task_names;
mod typed;
mod values;
mod written;

pub use error::TableError;
pub use examples::{ExampleOptions, Examples, Targets};
pub use hint::TableHint;
pub use paths::extension;
pub use propose::propose;
pub use reader::{TableProgress, TableReader};
pub use split::{Split, split};
pub use store::Table;
pub use written::{WrittenLabel, written_cells, written_label};

/// Rows that a table may have; of longer files one of every so many rows is kept.
pub const MAX_ROWS: u32 = 200_000;
/// Columns that a table may have.
pub const MAX_COLUMNS: usize = 128;
/// Bytes that the cells may take together: nested JSON repeats what its rows share.
pub const MAX_CELL_BYTES: usize = 256 * 1024 * 1024;
/// Places and examples that a finding lists.
const MAX_LISTED: usize = 20;
/// Characters that an example is cut to.
const EXAMPLE_CHARACTERS: usize = 120;

/// The start of a text, for a finding.
fn excerpt(text: &str) -> String {
    let mut cut: String = text.chars().take(EXAMPLE_CHARACTERS).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
