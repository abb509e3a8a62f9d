//! The parts that rows are split into.

use super::TableFinding;
use serde::{Deserialize, Serialize};

/// Where a row went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitPart {
    Training,
    Validation,
    Test,
    /// Left out of training on request, because its text is in another part.
    LeftOut,
}

/// How to split. Shares are of all rows; the rest is trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitOptions {
    pub seed: u64,
    pub validation_share: f64,
    pub test_share: f64,
    /// Split anew although the files bring their own parts.
    pub ignore_ready: bool,
    /// Leave rows out of training whose text is in a ready validation or test part.
    pub drop_leaks: bool,
}

impl Default for SplitOptions {
    fn default() -> Self {
        Self { seed: 1, validation_share: 0.1, test_share: 0.1, ignore_ready: false, drop_leaks: false }
    }
}

/// Rows of a table that are no example of the chosen task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    pub empty_text: u64,
    pub empty_label: u64,
    pub not_a_number: u64,
    pub uneven_tags: u64,
    pub unknown_label: u64,
}

impl SetAside {
    /// Rows, all reasons together.
    pub fn total(&self) -> u64 {
        self.empty_text + self.empty_label + self.not_a_number + self.uneven_tags + self.unknown_label
    }
}

/// The parts of a split. `training + validation + test + left_out` is the number of examples.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SplitReport {
    /// The files brought their own parts, and they were respected.
    pub ready: bool,
    pub training: u64,
    pub validation: u64,
    pub test: u64,
    pub left_out: u64,
    /// Examples of each class (in the order of the classes) in training, validation and test. Empty for numbers and texts.
    pub classes: Vec<[u64; 3]>,
    pub findings: Vec<TableFinding>,
}
