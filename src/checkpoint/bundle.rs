//! A run in one container: everything needed to go on after a reload, with a checksum.
//!
//! Layout, all numbers little-endian:
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `ATTUNRUN` |
//! | 4 | format version |
//! | 8 | length of the meta JSON |
//! | ... | meta JSON, first so that a reader needs only the file's start to say what run this is |
//! | then for each of config.json, tokenizer.json, text, weights, first moments, second moments | 8 bytes of length, then the bytes |
//! | 32 | SHA-256 of all before |
//!
//! Weights and moments are safetensors files in f32.

use super::config::ModelConfig;
use super::error::CheckpointError;
use super::names::arrange;
use super::safetensors::{FileType, read_safetensors, write_safetensors};
use super::tensor::NamedTensor;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 8] = b"ATTUNRUN";
const CHECKSUM: usize = 32;

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

/// What the start of a saved run tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleHead {
    pub version: u32,
    pub meta_json: String,
}

impl RunBundle {
    /// The format that is written. Every version ever written stays readable.
    pub const VERSION: u32 = 1;

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
        let length = MAGIC.len() + 4 + parts.iter().map(|part| 8 + part.len()).sum::<usize>() + CHECKSUM;
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&Self::VERSION.to_le_bytes());
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        Ok(bytes)
    }

    /// Reads a container, whole and unchanged.
    ///
    /// # Errors
    /// No container, a newer format, a checksum that does not fit (cut off, damaged), or parts that do not fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        // Before the checksum: a newer format may sign differently.
        Reader::open(bytes)?;
        let split = bytes.len().checked_sub(CHECKSUM).ok_or(CheckpointError::BundleDamaged("cut off"))?;
        let (content, checksum) = bytes.split_at(split);
        if Sha256::digest(content).as_slice() != checksum {
            return Err(CheckpointError::BundleDamaged("checksum"));
        }
        let mut reader = Reader::open(content)?;
        let meta_json = reader.text("meta")?;
        let config_json = reader.text("config")?;
        let tokenizer_json = reader.text("tokenizer")?;
        let text = reader.text("text")?;
        let (weights, m, v) = (reader.part()?, reader.part()?, reader.part()?);
        if !reader.rest.is_empty() {
            return Err(CheckpointError::BundleDamaged("trailing bytes"));
        }
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

    /// Reads the head from the file's first bytes (all of them, or at least [`RunBundle::head_len`]); the checksum is not looked at.
    ///
    /// # Errors
    /// No container, a newer format, or fewer bytes than the head needs.
    pub fn peek(start: &[u8]) -> Result<BundleHead, CheckpointError> {
        let mut reader = Reader::open(start)?;
        let version = reader.version;
        Ok(BundleHead { version, meta_json: reader.text("meta")? })
    }

    /// How many bytes of the file [`RunBundle::peek`] needs, from the first 20.
    ///
    /// # Errors
    /// No container, a newer format, or fewer than 20 bytes.
    pub fn head_len(start: &[u8]) -> Result<u64, CheckpointError> {
        let mut reader = Reader::open(start)?;
        Ok(20u64.saturating_add(reader.number()?))
    }
}

fn part(part: &'static str) -> impl FnOnce(CheckpointError) -> CheckpointError {
    move |cause| CheckpointError::BundlePart { part, cause: Box::new(cause) }
}

/// Reads lengths and parts one after the other.
struct Reader<'a> {
    version: u32,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Past magic and version.
    fn open(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(CheckpointError::NotABundle)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(CheckpointError::BundleDamaged("cut off"))?;
        match u32::from_le_bytes(*version) {
            0 => Err(CheckpointError::BundleDamaged("version")),
            found if found > RunBundle::VERSION => Err(CheckpointError::NewerBundle { found, known: RunBundle::VERSION }),
            version => Ok(Self { version, rest }),
        }
    }

    fn number(&mut self) -> Result<u64, CheckpointError> {
        let (number, rest) = self.rest.split_first_chunk::<8>().ok_or(CheckpointError::BundleDamaged("cut off"))?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*number))
    }

    fn part(&mut self) -> Result<&'a [u8], CheckpointError> {
        let length = usize::try_from(self.number()?).map_err(|_| CheckpointError::BundleDamaged("length"))?;
        let (part, rest) = self.rest.split_at_checked(length).ok_or(CheckpointError::BundleDamaged("cut off"))?;
        self.rest = rest;
        Ok(part)
    }

    fn text(&mut self, name: &'static str) -> Result<String, CheckpointError> {
        String::from_utf8(self.part()?.to_vec()).map_err(|_| CheckpointError::BundleDamaged(name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::expected_tensors;
    use super::*;
    use proptest::prelude::*;

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
        assert_eq!(RunBundle::peek(FROZEN_V1).unwrap(), BundleHead { version: 1, meta_json: r#"{"step":12}"#.to_owned() });
    }

    #[test]
    fn the_start_of_the_file_tells_what_run_it_is() {
        let bytes = sample().to_bytes().unwrap();
        let needed = RunBundle::head_len(&bytes[..20]).unwrap() as usize;
        assert_eq!(RunBundle::peek(&bytes[..needed]).unwrap().meta_json, r#"{"step":12}"#);
        assert!(matches!(RunBundle::peek(&bytes[..needed - 1]), Err(CheckpointError::BundleDamaged(_))));
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
        let mut bytes = [MAGIC.as_slice(), &version.to_le_bytes(), content].concat();
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
            let _ = RunBundle::peek(&signed(1, &content));
            let _ = RunBundle::from_bytes(&content);
        }

        #[test]
        fn lengths_that_lie_are_refused(lengths in prop::collection::vec(prop_oneof![0u64..40, any::<u64>()], 0..8)) {
            let content: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
            prop_assert!(RunBundle::from_bytes(&signed(1, &content)).is_err());
        }
    }
}
