//! A run over labelled texts in two containers: what stays the same through it is written once ([`LabelGround`], tens of megabytes for a large
//! table), what changes with every checkpoint ([`LabelBundle`]).
//!
//! | container | parts |
//! | --- | --- |
//! | `ATTUNTAB` | meta JSON, config.json, tokenizer.json, the table (the caller's bytes), the part of each example (a byte each), tensors that do not learn, tensors that the run began with |
//! | `ATTUNLAB` | meta JSON, curves and report (the caller's bytes), tensors that learn, their first moments, their second moments, those of the best epoch |
//!
//! Tensors are safetensors files in f32, in no order: their names tell which they are. Which of them a model needs is looked at where it is built.

use super::bundle::{OptimizerState, part};
use super::config::ModelConfig;
use super::container::{FORMAT_GROUND, FORMAT_LABELS};
use super::error::CheckpointError;
use super::safetensors::{FileType, read_safetensors, write_safetensors};
use super::tensor::NamedTensor;

/// What stays the same through a run.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelGround {
    /// The engine's own JSON: settings as planned, how the table was read.
    pub meta_json: String,
    pub config: ModelConfig,
    pub tokenizer_json: String,
    pub table: Vec<u8>,
    pub parts: Vec<u8>,
    pub held: Vec<NamedTensor>,
    /// Empty where it began with a base or with noise.
    pub carried: Vec<NamedTensor>,
}

/// A checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelBundle {
    /// The engine's own JSON: settings as they are now, step, epoch, which ground it stands on.
    pub meta_json: String,
    pub course: Vec<u8>,
    pub learned: Vec<NamedTensor>,
    /// Of what learns. Both empty before the first step.
    pub optimizer: OptimizerState,
    /// Empty before the first epoch that was judged.
    pub best: Vec<NamedTensor>,
}

fn encode(tensors: &[NamedTensor]) -> Result<Vec<u8>, CheckpointError> {
    write_safetensors(tensors, FileType::F32, &[])
}

fn decode(name: &'static str, bytes: &[u8]) -> Result<Vec<NamedTensor>, CheckpointError> {
    let tensors = read_safetensors(bytes).map_err(part(name))?;
    match tensors.iter().find(|tensor| tensor.values.iter().any(|value| !value.is_finite())) {
        Some(tensor) => Err(part(name)(CheckpointError::NotFinite(tensor.name.clone()))),
        None => Ok(tensors),
    }
}

impl LabelGround {
    /// Writes the container.
    ///
    /// # Errors
    /// A tensor whose values do not fill its shape, or a name used twice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let config_json = self.config.to_json(FileType::F32);
        let (held, carried) = (encode(&self.held)?, encode(&self.carried)?);
        let texts = [self.meta_json.as_bytes(), config_json.as_bytes(), self.tokenizer_json.as_bytes()];
        Ok(FORMAT_GROUND.seal(&[texts[0], texts[1], texts[2], &self.table, &self.parts, &held, &carried]))
    }

    /// Reads a container, whole and unchanged.
    ///
    /// # Errors
    /// No such container, a newer format, a checksum that does not fit, or a part that cannot be read.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let mut reader = FORMAT_GROUND.open(bytes)?;
        let ground = Self {
            meta_json: reader.text("meta")?,
            config: ModelConfig::read(&reader.text("config")?).map_err(part("config"))?,
            tokenizer_json: reader.text("tokenizer")?,
            table: reader.part()?.to_vec(),
            parts: reader.part()?.to_vec(),
            held: decode("held weights", reader.part()?)?,
            carried: decode("first weights", reader.part()?)?,
        };
        reader.end()?;
        Ok(ground)
    }
}

impl LabelBundle {
    /// Writes the container.
    ///
    /// # Errors
    /// A tensor whose values do not fill its shape, or a name used twice.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let (learned, m, v, best) = (encode(&self.learned)?, encode(&self.optimizer.m)?, encode(&self.optimizer.v)?, encode(&self.best)?);
        Ok(FORMAT_LABELS.seal(&[self.meta_json.as_bytes(), &self.course, &learned, &m, &v, &best]))
    }

    /// Reads a container, whole and unchanged.
    ///
    /// # Errors
    /// No such container, a newer format, a checksum that does not fit, or parts that do not fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let mut reader = FORMAT_LABELS.open(bytes)?;
        let (meta_json, course) = (reader.text("meta")?, reader.part()?.to_vec());
        let learned = decode("weights", reader.part()?)?;
        let m = decode("first moments", reader.part()?)?;
        let v = decode("second moments", reader.part()?)?;
        let best = decode("best weights", reader.part()?)?;
        reader.end()?;
        for (name, others) in [("first moments", &m), ("second moments", &v), ("best weights", &best)] {
            let alike = |(one, other): (&NamedTensor, &NamedTensor)| one.name == other.name && one.shape == other.shape;
            if !others.is_empty() && (others.len() != learned.len() || !learned.iter().zip(others).all(alike)) {
                return Err(CheckpointError::BundleDamaged(name));
            }
        }
        if m.is_empty() != v.is_empty() {
            return Err(CheckpointError::BundleDamaged("moments of one kind only"));
        }
        Ok(Self { meta_json, course, learned, optimizer: OptimizerState { m, v }, best })
    }
}

#[cfg(test)]
mod tests {
    use super::super::container::{RunKind, mark_of, peek};
    use super::*;

    fn tensors(scale: f32) -> Vec<NamedTensor> {
        let tensor = |name: &str, shape: &[usize]| {
            let values = (0..shape.iter().product::<usize>()).map(|index| scale * (index as f32 + 0.5)).collect();
            NamedTensor { name: name.to_owned(), shape: shape.to_vec(), values }
        };
        vec![tensor("h.0.attn.c_attn.lora_A", &[4, 2]), tensor("score.weight", &[3, 4])]
    }

    fn bundle() -> LabelBundle {
        LabelBundle {
            meta_json: r#"{"step":12}"#.to_owned(),
            course: vec![0, 1, 255],
            learned: tensors(1.0),
            optimizer: OptimizerState { m: tensors(0.5), v: tensors(0.25) },
            best: tensors(2.0),
        }
    }

    fn ground() -> LabelGround {
        let config = r#"{"model_type":"gpt2","vocab_size":3,"n_positions":2,"n_embd":4,"n_layer":1,"n_head":1,"eos_token_id":0}"#;
        LabelGround {
            meta_json: "{}".to_owned(),
            config: ModelConfig::read(config).unwrap(),
            tokenizer_json: r#"{"version":"1.0"}"#.to_owned(),
            table: b"rows".to_vec(),
            parts: vec![0, 2, 1],
            held: tensors(3.0),
            carried: Vec::new(),
        }
    }

    #[test]
    fn both_come_back_as_they_were() {
        let before_the_first_step = LabelBundle { optimizer: OptimizerState::default(), best: Vec::new(), ..bundle() };
        for bundle in [bundle(), before_the_first_step] {
            assert_eq!(LabelBundle::from_bytes(&bundle.to_bytes().unwrap()).unwrap(), bundle);
        }
        assert_eq!(LabelGround::from_bytes(&ground().to_bytes().unwrap()).unwrap(), ground());
    }

    #[test]
    fn the_start_tells_which_kind_it_is_and_marks_tell_grounds_apart() {
        let head = peek(&bundle().to_bytes().unwrap()).unwrap();
        assert_eq!((head.kind, head.meta_json.as_str()), (RunKind::Labels, r#"{"step":12}"#));
        assert!(matches!(peek(&ground().to_bytes().unwrap()), Err(CheckpointError::NotABundle)), "a ground is no run");
        let other = LabelGround { table: b"Rows".to_vec(), ..ground() };
        let marks = [ground(), other].map(|ground| mark_of(&ground.to_bytes().unwrap()));
        assert!(marks[0] != marks[1] && marks[0].len() == 64);
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_refused() {
        for mut bytes in [bundle().to_bytes().unwrap(), ground().to_bytes().unwrap()] {
            let reads = |bytes: &[u8]| LabelBundle::from_bytes(bytes).is_ok() || LabelGround::from_bytes(bytes).is_ok();
            assert!(reads(&bytes));
            for index in 0..bytes.len() {
                assert!(!reads(&bytes[..index]));
                bytes[index] ^= 1 << (index % 8);
                assert!(!reads(&bytes), "byte {index}");
                bytes[index] ^= 1 << (index % 8);
            }
        }
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        let refused = |change: fn(&mut LabelBundle)| {
            let mut bundle = bundle();
            change(&mut bundle);
            LabelBundle::from_bytes(&bundle.to_bytes().unwrap()).is_err()
        };
        assert!(!refused(|_| ()));
        assert!(refused(|bundle| drop(bundle.optimizer.m.pop())));
        assert!(refused(|bundle| bundle.optimizer.v.clear()));
        assert!(refused(|bundle| bundle.best[0].name.push('x')));
        assert!(refused(|bundle| bundle.learned[0].values[0] = f32::NAN));
    }
}
