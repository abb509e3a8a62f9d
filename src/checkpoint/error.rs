//! What can be wrong with a checkpoint.

use crate::protocol::{Fault, FaultCode, NextAction};
use std::fmt;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    // Weights
    /// The container: cut off, tampered with, or no safetensors file at all.
    #[error("the weights file is damaged: {0}")]
    Safetensors(#[from] safetensors::SafeTensorError),
    #[error("tensor {name} holds {dtype} numbers; f32, f16 and bf16 are read")]
    NumberType { name: String, dtype: String },
    #[error("tensor {name} of shape {shape:?} cannot have {values} values")]
    Size { name: String, shape: Vec<usize>, values: usize },
    #[error("tensor {0} holds a number that is not finite")]
    NotFinite(String),
    #[error("tensor {name} holds {value}, which is too large for f16")]
    TooLargeForF16 { name: String, value: f32 },
    #[error("two tensors are called {0}")]
    Duplicate(String),
    #[error("the weights do not fit the configuration: {0}")]
    Mismatch(Mismatch),
    #[error("lm_head.weight differs from transformer.wte.weight, though the configuration says that they are one")]
    HeadNotTied,

    // Configuration
    #[error("config.json cannot be read: {0}")]
    ConfigJson(serde_json::Error),
    #[error("config.json: {field} is {value}; {wanted}")]
    Unsupported { field: &'static str, value: String, wanted: &'static str },

    // Run bundle
    #[error("this is no saved run")]
    NotABundle,
    #[error("the saved run has format {found}; this version reads up to {known}")]
    NewerBundle { found: u32, known: u32 },
    #[error("the saved run is cut off or damaged: {0}")]
    BundleDamaged(&'static str),
    #[error("the saved run's {part} cannot be read: {cause}")]
    BundlePart { part: &'static str, cause: Box<CheckpointError> },
}

/// Tensors that are not as the configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mismatch {
    pub missing: Vec<String>,
    pub unexpected: Vec<String>,
    /// Name, shape that the configuration says, shape in the file.
    pub misshapen: Vec<(String, Vec<usize>, Vec<usize>)>,
}

impl Mismatch {
    /// Everything fits.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.misshapen.is_empty()
    }
}

/// At most four names of each kind: a wrong model would fill pages.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        let misshapen = self.misshapen.iter().map(|(name, expected, found)| format!("{name} {found:?} instead of {expected:?}")).collect();
        let mut separator = "";
        for (what, names) in [("missing", &self.missing), ("unexpected", &self.unexpected), ("wrong shape", &misshapen)] {
            if names.is_empty() {
                continue;
            }
            write!(f, "{separator}{what}: {}", names[..names.len().min(SHOWN)].join(", "))?;
            if names.len() > SHOWN {
                write!(f, " and {} more", names.len() - SHOWN)?;
            }
            separator = "; ";
        }
        Ok(())
    }
}

impl CheckpointError {
    /// The error concerns a saved run, not a model.
    fn of_a_run(&self) -> bool {
        matches!(self, Self::NotABundle | Self::NewerBundle { .. } | Self::BundleDamaged(_) | Self::BundlePart { .. })
    }
}

impl From<CheckpointError> for Fault {
    fn from(error: CheckpointError) -> Self {
        let (code, action) = match &error {
            // A newer page wrote it: the cached old one must go.
            CheckpointError::NewerBundle { .. } => (FaultCode::CheckpointDamaged, NextAction::ReloadPage),
            run if run.of_a_run() => (FaultCode::CheckpointDamaged, NextAction::ChooseText),
            CheckpointError::Unsupported { .. } => (FaultCode::ModelNotLoaded, NextAction::None),
            // Most often a broken download.
            _ => (FaultCode::ModelDamaged, NextAction::Retry),
        };
        Fault::new(code, action, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_reads_as_a_sentence() {
        let names = |count: usize| (0..count).map(|index| format!("t{index}")).collect();
        let mismatch = Mismatch { missing: names(6), unexpected: Vec::new(), misshapen: vec![("w".into(), vec![2, 3], vec![3, 2])] };
        assert_eq!(mismatch.to_string(), "missing: t0, t1, t2, t3 and 2 more; wrong shape: w [3, 2] instead of [2, 3]");
        assert!(Mismatch::default().is_empty());
    }

    #[test]
    fn faults_tell_a_damaged_run_from_a_damaged_model() {
        let fault = Fault::from(CheckpointError::BundleDamaged("checksum"));
        assert_eq!((fault.code, fault.action), (FaultCode::CheckpointDamaged, NextAction::ChooseText));
        assert!(fault.detail.contains("checksum"));
        assert_eq!(Fault::from(CheckpointError::HeadNotTied).code, FaultCode::ModelDamaged);
    }
}
