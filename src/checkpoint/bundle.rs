//! A run in one container: everything needed to go on after a reload, with a checksum.
//!
//! A [container](super::container) `ATTUNRUN` of meta JSON, config.json, tokenizer.json, text, weights, first moments, second moments.
//! Weights and moments are safetensors files in f32.

use super::config::ModelConfig;
use super::container::FORMAT_TEXT as FORMAT;
use super::error::CheckpointError;
use super::names::arrange;
use super::safetensors::{FileType, read_safetensors, write_safetensors};
use super::tensor::NamedTensor;

/// AdamW's moments, one tensor per parameter under the parameter's name. Both empty before the first step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OptimizerState {
    /// First moments (`exp_avg` in PyTorch).
    pub m: Vec<NamedTensor>,
    /// Second moments (`exp_avg_sq`).
    pub v: Vec<NamedTensor>,
}

/// A run as saved.
#[derive(Debug, Clone, PartialEq)]
pub struct RunBundle {
    /// The engine's own JSON: settings, step, position in the data, title.
    pub meta_json: String,
    pub config: ModelConfig,
    pub tokenizer_json: String,
    /// The text that is learned.
    pub text: String,
    /// In the order of [`super::expected_tensors`].
    pub weights: Vec<NamedTensor>,
    pub optimizer: OptimizerState,
}

impl RunBundle {
    /// The format that is written. Every version ever written stays readable.
    pub const VERSION: u32 = FORMAT.version;

    /// Writes the container.
    ///
    /// # Errors
    /// A tensor whose values do not fill its shape, or a name used twice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let encode = |tensors: &[NamedTensor]| write_safetensors(tensors, FileType::F32, &[]);
        let (weights, m, v) = (encode(&self.weights)?, encode(&self.optimizer.m)?, encode(&self.optimizer.v)?);
        let config_json = self.config.to_json(FileType::F32);
        let parts: [&[u8]; 7] =
            [self.meta_json.as_bytes(), config_json.as_bytes(), self.tokenizer_json.as_bytes(), self.text.as_bytes(), &weights, &m, &v];
        Ok(FORMAT.seal(&parts))
    }

    /// Reads a container, whole and unchanged.
    ///
    /// # Errors
    /// No container, a newer format, a checksum that does not fit (cut off, damaged), or parts that do not fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let mut reader = FORMAT.open(bytes)?;
        let meta_json = reader.text("meta")?;
        let config_json = reader.text("config")?;
        let tokenizer_json = reader.text("tokenizer")?;
        let text = reader.text("text")?;
        let (weights, m, v) = (reader.part()?, reader.part()?, reader.part()?);
        reader.end()?;
        let config = ModelConfig::read(&config_json).map_err(part("config"))?;
        let read =
            |name: &'static str, bytes: &[u8]| read_safetensors(bytes).and_then(|tensors| arrange(&config, tensors)).map_err(part(name));
        let weights = read("weights", weights)?;
        let moments = |name: &'static str, bytes: &[u8]| {
            let tensors = read_safetensors(bytes).map_err(part(name))?;
            if tensors.is_empty() { Ok(tensors) } else { arrange(&config, tensors).map_err(part(name)) }
        };
        let optimizer = OptimizerState { m: moments("first moments", m)?, v: moments("second moments", v)? };
        if optimizer.m.len() != optimizer.v.len() {
            return Err(CheckpointError::BundleDamaged("moments of one kind only"));
        }
        Ok(Self { meta_json, config, tokenizer_json, text, weights, optimizer })
    }
}

/// The part of a run that an error is about.
pub(super) fn part(part: &'static str) -> impl FnOnce(CheckpointError) -> CheckpointError {
    move |cause| CheckpointError::BundlePart { part, cause: Box::new(cause) }
}

#[cfg(test)]
mod tests {
    use super::super::container::{BundleHead, RunKind, head_len, peek};
    use super::super::names::expected_tensors;
    use super::*;
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    /// Written by version 1 of the format; a page of any later version must read it.
    const FROZEN_V1: &[u8] = include_bytes!("fixtures/run_bundle_v1.bin");

    fn config() -> ModelConfig {
        ModelConfig::read(r#"{"model_type":"gpt2","vocab_size":3,"n_positions":2,"n_embd":4,"n_layer":1,"n_head":1,"eos_token_id":0}"#)
            .unwrap()
    }

    fn tensors(scale: f32) -> Vec<NamedTensor> {
        let shaped = expected_tensors(&config()).into_iter().zip(1u8..);
        shaped
            .map(|((name, shape), seed)| {
                let values = (0..shape.iter().product::<usize>()).map(|index| scale * (f32::from(seed) + index as f32 / 64.0)).collect();
                NamedTensor { name, shape, values }
            })
            .collect()
    }

    fn sample() -> RunBundle {
        RunBundle {
            meta_json: r#"{"step":12}"#.to_owned(),
            config: config(),
            tokenizer_json: r#"{"version":"1.0"}"#.to_owned(),
            text: "A text with ünïcode, 好 and 😀.\n".to_owned(),
            weights: tensors(1.0),
            optimizer: OptimizerState { m: tensors(0.5), v: tensors(0.25) },
        }
    }

    #[test]
    fn a_run_comes_back_as_it_was() {
        let before_the_first_step = RunBundle { optimizer: OptimizerState::default(), text: String::new(), ..sample() };
        for run in [sample(), before_the_first_step] {
            assert_eq!(RunBundle::from_bytes(&run.to_bytes().unwrap()).unwrap(), run);
        }
    }

    #[test]
    fn the_frozen_run_of_version_1_is_still_read() {
        assert_eq!(RunBundle::from_bytes(FROZEN_V1).unwrap(), sample());
        assert_eq!(peek(FROZEN_V1).unwrap(), BundleHead { kind: RunKind::Text, version: 1, meta_json: r#"{"step":12}"#.to_owned() });
    }

    #[test]
    fn the_start_of_the_file_tells_what_run_it_is() {
        let bytes = sample().to_bytes().unwrap();
        let needed = head_len(&bytes[..20]).unwrap() as usize;
        assert_eq!(peek(&bytes[..needed]).unwrap().meta_json, r#"{"step":12}"#);
        assert!(matches!(peek(&bytes[..needed - 1]), Err(CheckpointError::BundleDamaged(_))));
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = sample().to_bytes().unwrap();
        for length in 0..bytes.len() {
            let error = RunBundle::from_bytes(&bytes[..length]).unwrap_err();
            assert!(matches!(error, CheckpointError::NotABundle | CheckpointError::BundleDamaged(_)), "{length}: {error}");
        }
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let mut bytes = sample().to_bytes().unwrap();
        // One bit of every byte; which one changes from byte to byte.
        for index in 0..bytes.len() {
            let mask = 1 << (index % 8);
            bytes[index] ^= mask;
            assert!(RunBundle::from_bytes(&bytes).is_err(), "byte {index}");
            bytes[index] ^= mask;
        }
        assert!(RunBundle::from_bytes(&bytes).is_ok());
    }

    /// A container with these parts and a right checksum: what a buggy or hostile writer could make.
    fn signed(version: u32, content: &[u8]) -> Vec<u8> {
        let mut bytes = [b"ATTUNRUN".as_slice(), &version.to_le_bytes(), content].concat();
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    #[test]
    fn a_newer_format_says_so() {
        assert!(matches!(RunBundle::from_bytes(&signed(2, b"whatever")), Err(CheckpointError::NewerBundle { found: 2, known: 1 })));
        assert!(matches!(RunBundle::from_bytes(&signed(0, b"")), Err(CheckpointError::BundleDamaged("version"))));
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused_by_name() {
        let refused = |change: fn(&mut RunBundle)| {
            let mut run = sample();
            change(&mut run);
            RunBundle::from_bytes(&run.to_bytes().unwrap()).unwrap_err()
        };
        let of_part = |error: CheckpointError, wanted: &str| matches!(error, CheckpointError::BundlePart { part, .. } if part == wanted);
        assert!(of_part(refused(|run| run.config.n_layer = 2), "weights"));
        assert!(of_part(refused(|run| run.config.n_head = 3), "config"));
        assert!(of_part(refused(|run| run.weights[0].values[0] = f32::NAN), "weights"));
        assert!(of_part(refused(|run| drop(run.optimizer.m.pop())), "first moments"));
        assert!(matches!(refused(|run| run.optimizer.v.clear()), CheckpointError::BundleDamaged(_)));
    }

    proptest! {
        #[test]
        fn signed_nonsense_never_panics(content in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(RunBundle::from_bytes(&signed(1, &content)).is_err());
            let _ = peek(&signed(1, &content));
            let _ = RunBundle::from_bytes(&content);
        }

        #[test]
        fn lengths_that_lie_are_refused(lengths in prop::collection::vec(prop_oneof![0u64..40, any::<u64>()], 0..8)) {
            let content: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
            prop_assert!(RunBundle::from_bytes(&signed(1, &content)).is_err());
        }
    }
}
