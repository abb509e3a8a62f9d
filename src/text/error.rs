//! What can go wrong while a text is read, and how the page is told.

use crate::protocol::{Fault, FaultCode, NextAction};

/// Why a text, a file or a tokenizer was refused. Sizes are in bytes, lengths in characters, unless the name says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("there is no text in {0}")]
    Empty(String),
    #[error("{characters} characters are too few: at least {minimum} are needed")]
    TooShort { characters: u64, minimum: u64 },
    #[error("{characters} characters are too few to write like, but could be a table: at least {minimum} are needed")]
    TooShortButRows { characters: u64, minimum: u64 },
    #[error("{name} is not a text: {kind}")]
    Binary { name: String, kind: &'static str },
    #[error("{bytes} bytes are too many: at most {limit} can be read at once")]
    TooLarge { bytes: u64, limit: u64 },
    #[error("no encoding is called {0}")]
    UnknownEncoding(String),
    #[error("{name} could not be read as {encoding}")]
    UnreadableEncoding { name: String, encoding: String },
    #[error("the tokenizer could not be read: {0}")]
    TokenizerDamaged(String),
    #[error("the text could not be split into tokens: {0}")]
    Tokenizing(String),
    #[error("{tokens} tokens are too few to learn from: at least {minimum} are needed")]
    TooFewTokens { tokens: u64, minimum: u64 },
    #[error("the model has no token that ends a text, so it could not end an answer")]
    NoEnd,
}

impl From<TextError> for Fault {
    fn from(error: TextError) -> Self {
        let (code, action) = match &error {
            TextError::Empty(_) => (FaultCode::EmptyText, NextAction::ChooseText),
            TextError::TooShort { .. } | TextError::TooFewTokens { .. } => (FaultCode::TextTooShort, NextAction::ChooseText),
            TextError::TooShortButRows { .. } => (FaultCode::TextIsExamples, NextAction::ReadAsTable),
            TextError::Binary { .. } => (FaultCode::BinaryFile, NextAction::ChooseText),
            TextError::TooLarge { .. } => (FaultCode::FileTooLarge, NextAction::ChooseText),
            TextError::UnknownEncoding(_) | TextError::UnreadableEncoding { .. } => (FaultCode::UnreadableEncoding, NextAction::ChooseText),
            TextError::TokenizerDamaged(_) => (FaultCode::ModelDamaged, NextAction::ReloadPage),
            TextError::NoEnd => (FaultCode::ModelUnfit, NextAction::ChooseModel),
            TextError::Tokenizing(_) => (FaultCode::Internal, NextAction::ReloadPage),
        };
        Fault::new(code, action, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_carries_the_numbers() {
        let fault = Fault::from(TextError::TooLarge { bytes: 60_000_000, limit: 50_000_000 });
        assert_eq!(fault.code, FaultCode::FileTooLarge);
        assert!(fault.detail.contains("60000000") && fault.detail.contains("50000000"), "{}", fault.detail);
    }
}
