//! Errors of the other rooms as the page is told of them, and finding out that the graphics card is to blame.

use std::sync::{Arc, Mutex, PoisonError};

use crate::model::ParameterError;
use crate::protocol::{Fault, FaultCode, NextAction};

impl From<ParameterError> for Fault {
    fn from(error: ParameterError) -> Self {
        let (code, action) = match error {
            ParameterError::Missing(_) | ParameterError::Shape { .. } => (FaultCode::ModelDamaged, NextAction::Retry),
            ParameterError::Read(_) => (FaultCode::GpuError, NextAction::ResumeFromCheckpoint),
        };
        Fault::new(code, action, error.to_string())
    }
}

/// An answer to a command that cannot be followed now: a message was lost, or came out of turn.
pub fn out_of_turn(detail: &str) -> Fault {
    Fault::new(FaultCode::SettingsRefused, NextAction::Retry, detail)
}

/// What a graphics card has complained of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GpuTrouble {
    Lost(String),
    OutOfMemory(String),
    /// A validation or internal error: what was computed since cannot be trusted.
    Error(String),
}

impl From<GpuTrouble> for Fault {
    fn from(trouble: GpuTrouble) -> Self {
        match trouble {
            GpuTrouble::Lost(detail) => Fault::new(FaultCode::DeviceLost, NextAction::ResumeFromCheckpoint, detail),
            GpuTrouble::OutOfMemory(detail) => Fault::new(FaultCode::OutOfMemory, NextAction::SmallerBatch, detail),
            GpuTrouble::Error(detail) => Fault::new(FaultCode::GpuError, NextAction::ResumeFromCheckpoint, detail),
        }
    }
}

/// Notes what the callbacks of a graphics card say, for the session to look at between two steps: nobody else hears these errors, and
/// training would go on with garbage.
#[derive(Debug, Clone, Default)]
pub struct GpuWatch(Arc<Mutex<Option<GpuTrouble>>>);

impl GpuWatch {
    /// Notes trouble. The first one stays: the others follow from it.
    pub fn note(&self, trouble: GpuTrouble) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get_or_insert(trouble);
    }

    /// What has been noted.
    pub fn trouble(&self) -> Option<GpuTrouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_trouble_stays() {
        let watch = GpuWatch::default();
        assert_eq!(watch.trouble(), None);
        watch.note(GpuTrouble::OutOfMemory("buffer".to_owned()));
        watch.note(GpuTrouble::Lost("later".to_owned()));
        let fault = Fault::from(watch.trouble().unwrap());
        assert_eq!((fault.code, fault.action), (FaultCode::OutOfMemory, NextAction::SmallerBatch));
    }
}
