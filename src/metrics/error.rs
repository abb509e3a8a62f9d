//! Why a figure cannot be calculated. What goes in is the caller's data, so each message names the numbers that do not fit.

use thiserror::Error;

/// Input that has no score, or that does not fit together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MetricsError {
    #[error("there are no rows to score")]
    NoRows,
    #[error("{truth} true values but {predicted} predicted ones")]
    Lengths { truth: usize, predicted: usize },
    /// Only for tagged sentences.
    #[error("sentence {sentence} has {truth} true tags but {predicted} predicted ones")]
    SentenceLengths { sentence: usize, truth: usize, predicted: usize },
    #[error("label {label} is not among the {classes} classes")]
    UnknownLabel { label: usize, classes: usize },
    #[error("row {row} has no reference to compare with")]
    NoReference { row: usize },
    #[error("there are no bins to sort into")]
    NoBins,
}

/// Both sides have the same number of rows, and at least one.
pub(super) fn same_length(truth: usize, predicted: usize) -> Result<(), MetricsError> {
    match truth == predicted {
        false => Err(MetricsError::Lengths { truth, predicted }),
        true if truth == 0 => Err(MetricsError::NoRows),
        true => Ok(()),
    }
}
