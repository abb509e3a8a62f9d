//! Why a baseline cannot be trained.

use thiserror::Error;

/// Input that nothing can be learned from.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BaselineError {
    #[error("there are no rows to learn from")]
    NoRows,
    #[error("{rows} rows but {labels} labels")]
    Lengths { rows: usize, labels: usize },
    #[error("label {label} is not among the {classes} classes")]
    UnknownLabel { label: usize, classes: usize },
    #[error("all rows have the same label")]
    OneClass,
    #[error("the texts hold no terms: they are empty, or every word has one letter")]
    NoTerms,
}
