//! A model as two of the three files of a Hugging Face folder: config.json and model.safetensors (tokenizer.json is `text`'s).

use super::config::ModelConfig;
use super::error::CheckpointError;
use super::names::arrange;
use super::safetensors::{FileType, read_safetensors, write_safetensors};
use super::tensor::NamedTensor;

/// The files' contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFiles {
    /// config.json
    pub config_json: String,
    /// model.safetensors
    pub weights: Vec<u8>,
}

/// Reads both files; the tensors come in the order of [`super::expected_tensors`], checked against the configuration.
///
/// # Errors
/// Anything that [`ModelConfig::read`], [`read_safetensors`] or [`arrange`] refuse.
pub fn load_model(config_json: &str, weights: &[u8]) -> Result<(ModelConfig, Vec<NamedTensor>), CheckpointError> {
    let config = ModelConfig::read(config_json)?;
    let tensors = arrange(&config, read_safetensors(weights)?)?;
    Ok((config, tensors))
}

/// Writes both files so that `GPT2LMHeadModel.from_pretrained` opens them. The tensors may come in any order.
///
/// # Errors
/// A configuration or tensors that could not be read back, or numbers too large for f16.
pub fn save_model(config: &ModelConfig, tensors: Vec<NamedTensor>, file_type: FileType) -> Result<ModelFiles, CheckpointError> {
    config.check()?;
    let tensors = arrange(config, tensors)?;
    Ok(ModelFiles { config_json: config.to_json(file_type), weights: write_safetensors(&tensors, file_type, &[])? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NANO_CONFIG: &str = include_str!("../../static/models/attune-en-nano/config.json");
    const NANO_WEIGHTS: &[u8] = include_bytes!("../../static/models/attune-en-nano/model.safetensors");

    #[test]
    fn the_bundled_model_loads_and_comes_back() {
        let (config, tensors) = load_model(NANO_CONFIG, NANO_WEIGHTS).unwrap();
        assert_eq!(tensors.len(), 4 + 12 * 4);
        assert_eq!(tensors.iter().map(|tensor| tensor.values.len() as u64).sum::<u64>(), config.parameters());
        // The file is f16: f16 must lose nothing.
        for file_type in [FileType::F16, FileType::F32] {
            let files = save_model(&config, tensors.clone(), file_type).unwrap();
            assert_eq!(load_model(&files.config_json, &files.weights).unwrap(), (config.clone(), tensors.clone()));
        }
    }

    #[test]
    fn a_configuration_of_another_model_does_not_fit() {
        let narrower = NANO_CONFIG.replace("\"n_layer\": 4", "\"n_layer\": 3");
        assert_ne!(narrower, NANO_CONFIG);
        let error = load_model(&narrower, NANO_WEIGHTS).unwrap_err();
        assert!(matches!(&error, CheckpointError::Mismatch(mismatch) if mismatch.unexpected.len() == 12), "{error}");
    }

    #[test]
    fn a_broken_download_is_refused() {
        assert!(matches!(load_model(NANO_CONFIG, &NANO_WEIGHTS[..NANO_WEIGHTS.len() / 2]), Err(CheckpointError::Safetensors(_))));
    }
}
