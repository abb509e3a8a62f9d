//! What stops a table from being read or used.

use super::super::error::TextError;
use crate::protocol::{Fault, FaultCode, NextAction};

/// Why files are no table, or a table no examples. What leaves a usable table behind is a `TableFinding` instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A file could not be read at all.
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("the cells of the table take more than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the table has no column {column}: there are {columns}")]
    NoSuchColumn { column: u32, columns: u32 },
    #[error("the task {0} needs a column to learn")]
    NoTarget(&'static str),
    #[error("column {0} is chosen for two parts")]
    ColumnTwice(u32),
    #[error("\"{0}\" cannot be the label of this row")]
    LabelRefused(String),
    #[error("the stored table is damaged: {0}")]
    Damaged(&'static str),
}

impl From<TableError> for Fault {
    fn from(error: TableError) -> Self {
        let (code, action) = match error {
            TableError::Text(error) => return error.into(),
            TableError::TooLarge { .. } => (FaultCode::FileTooLarge, NextAction::ChooseText),
            TableError::NoSuchColumn { .. } | TableError::NoTarget(_) | TableError::ColumnTwice(_) => {
                (FaultCode::SettingsRefused, NextAction::ChooseText)
            }
            TableError::LabelRefused(_) => (FaultCode::SettingsRefused, NextAction::None),
            TableError::Damaged(_) => (FaultCode::CheckpointDamaged, NextAction::ChooseText),
        };
        Self::new(code, action, error.to_string())
    }
}
