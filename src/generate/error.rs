//! What can go wrong between logits and text.

use crate::protocol::{Fault, FaultCode, NextAction};

/// Why no token could be chosen.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GenerateError {
    #[error("there is no prompt to write on from")]
    EmptyPrompt,
    #[error("the model gave no logits")]
    NoLogits,
    /// The model's numbers have broken; nothing sensible can be drawn.
    #[error("the logit of token {id} is {value}")]
    NotFinite { id: usize, value: f32 },
    #[error("{name} cannot be {value}")]
    Dial { name: &'static str, value: f64 },
    #[error("a context of {0} tokens is too short to write in")]
    Context(usize),
    #[error("writing has already ended")]
    Ended,
}

impl From<GenerateError> for Fault {
    fn from(error: GenerateError) -> Self {
        let (code, action) = match error {
            GenerateError::EmptyPrompt => (FaultCode::EmptyPrompt, NextAction::None),
            GenerateError::NotFinite { .. } => (FaultCode::LossNotFinite, NextAction::LowerLearningRate),
            GenerateError::Dial { .. } => (FaultCode::SettingsRefused, NextAction::None),
            GenerateError::NoLogits | GenerateError::Context(_) | GenerateError::Ended => (FaultCode::Internal, NextAction::Retry),
        };
        Fault::new(code, action, error.to_string())
    }
}
