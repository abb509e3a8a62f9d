//! Texts of a file that the model is asked about: what was found in it, and where.

use crate::protocol::table::TableFinding;
use serde::{Deserialize, Serialize};

/// Rows of such a file that are read.
pub const MOST_BROUGHT: usize = 5_000;

/// The texts, ready to be asked about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BroughtTexts {
    /// Names of the columns that were taken for text, second text and label; empty where there is none, or where lines are texts.
    pub columns: [String; 3],
    pub texts: Vec<String>,
    /// One for each text where the task reads two, perhaps empty.
    pub seconds: Vec<String>,
    /// None, or one for each text, written as in the table that is learned from; perhaps empty.
    pub labels: Vec<String>,
    /// Columns that are none of these (ids, dates), by name, with a cell for each text: they go back into the table that is saved.
    pub others: Vec<(String, Vec<String>)>,
    /// The file has more rows than [`MOST_BROUGHT`].
    pub more: bool,
    /// Of reading the file.
    pub findings: Vec<TableFinding>,
}
