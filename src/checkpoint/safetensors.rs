//! The safetensors container: a JSON header and little-endian numbers.
//!
//! The crate of the same name checks the container (header length, offsets, overlaps, sizes); here are the numbers. Read: f32, f16, bf16.
//! Written: f32 or f16.

use super::error::CheckpointError;
use super::names::is_buffer;
use super::tensor::NamedTensor;
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{HashMap, HashSet};

/// How numbers are stored in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileType {
    F32,
    /// Half the size; about three significant digits, at most 65,504.
    F16,
}

impl FileType {
    /// As `torch` and config.json call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F16 => "float16",
        }
    }
}

/// Reads all tensors as f32, sorted by name. Left out: GPT-2's `attn.bias` and `attn.masked_bias`, which are no weights but the causal mask
/// of old checkpoints.
///
/// # Errors
/// A damaged container, or numbers of another type.
pub fn read_safetensors(bytes: &[u8]) -> Result<Vec<NamedTensor>, CheckpointError> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut tensors = Vec::with_capacity(file.len());
    for (name, view) in file.iter().filter(|(name, _)| !is_buffer(name)) {
        let data = view.data();
        let values: Vec<f32> = match view.dtype() {
            Dtype::F32 => data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            Dtype::F16 => data.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
            Dtype::BF16 => data.chunks_exact(2).map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
            other => return Err(CheckpointError::NumberType { name: name.to_owned(), dtype: other.to_string() }),
        };
        tensors.push(NamedTensor::new(name, view.shape().to_vec(), values)?);
    }
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tensors)
}

/// Writes tensors so that Python's `safetensors` and `transformers` open them. `metadata` goes into the header beside `format: pt`,
/// which `transformers` asks for.
///
/// # Errors
/// A shape that does not fit its values, a name used twice, or for f16 a finite number beyond its range.
pub fn write_safetensors(tensors: &[NamedTensor], file_type: FileType, metadata: &[(String, String)]) -> Result<Vec<u8>, CheckpointError> {
    let mut names = HashSet::new();
    let mut encoded = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        tensor.check_size()?;
        if !names.insert(tensor.name.as_str()) {
            return Err(CheckpointError::Duplicate(tensor.name.clone()));
        }
        encoded.push(encode(tensor, file_type)?);
    }
    let dtype = match file_type {
        FileType::F32 => Dtype::F32,
        FileType::F16 => Dtype::F16,
    };
    let mut views = Vec::with_capacity(tensors.len());
    for (tensor, data) in tensors.iter().zip(&encoded) {
        views.push((tensor.name.as_str(), TensorView::new(dtype, tensor.shape.clone(), data)?));
    }
    let mut header = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    header.extend(metadata.iter().cloned());
    Ok(safetensors::serialize(views, Some(header))?)
}

fn encode(tensor: &NamedTensor, file_type: FileType) -> Result<Vec<u8>, CheckpointError> {
    match file_type {
        FileType::F32 => Ok(tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        FileType::F16 => {
            let mut bytes = Vec::with_capacity(tensor.values.len() * 2);
            for &value in &tensor.values {
                let short = f16::from_f32(value);
                if short.is_infinite() && value.is_finite() {
                    return Err(CheckpointError::TooLargeForF16 { name: tensor.name.clone(), value });
                }
                bytes.extend_from_slice(&short.to_le_bytes());
            }
            Ok(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tensor(name: &str, shape: &[usize], values: &[f32]) -> NamedTensor {
        NamedTensor::new(name, shape.to_vec(), values.to_vec()).unwrap()
    }

    /// A file with this header and this many zero bytes after it.
    fn file(header: &str, data: usize) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        bytes.resize(bytes.len() + data, 0);
        bytes
    }

    fn sample() -> Vec<NamedTensor> {
        vec![tensor("a", &[2, 3], &[0.0, -1.5, 2.0, 3.25, 1e-3, 65_504.0]), tensor("b", &[], &[7.0]), tensor("c", &[0, 4], &[])]
    }

    #[test]
    fn f32_comes_back_bit_for_bit() {
        let odd = vec![tensor("x", &[4], &[f32::MIN_POSITIVE / 4.0, -0.0, f32::MAX, 1.0 / 3.0])];
        for tensors in [sample(), odd, Vec::new()] {
            let bytes = write_safetensors(&tensors, FileType::F32, &[("made".into(), "here".into())]).unwrap();
            assert_eq!(read_safetensors(&bytes).unwrap(), tensors);
        }
    }

    #[test]
    fn f16_is_the_nearest_half() {
        let bytes = write_safetensors(&sample(), FileType::F16, &[]).unwrap();
        let read = read_safetensors(&bytes).unwrap();
        assert_eq!(read[0].values, [0.0, -1.5, 2.0, 3.25, f16::from_f32(1e-3).to_f32(), 65_504.0]);
        let large = [tensor("big", &[1], &[65_520.0])];
        assert!(matches!(write_safetensors(&large, FileType::F16, &[]), Err(CheckpointError::TooLargeForF16 { value: 65_520.0, .. })));
    }

    #[test]
    fn bf16_is_read_and_other_numbers_are_refused_by_name() {
        let mut bf = file(r#"{"w":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}"#, 0);
        bf.extend_from_slice(&[0x80, 0x3f, 0x20, 0xc0]);
        assert_eq!(read_safetensors(&bf).unwrap()[0].values, [1.0, -2.5]);
        let ints = file(r#"{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8);
        assert!(matches!(read_safetensors(&ints), Err(CheckpointError::NumberType { name, .. }) if name == "w"));
    }

    #[test]
    fn the_causal_mask_of_old_checkpoints_is_left_out() {
        let header = r#"{"h.0.attn.bias":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"h.0.attn.c_attn.bias":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#;
        let names: Vec<String> = read_safetensors(&file(header, 5)).unwrap().into_iter().map(|tensor| tensor.name).collect();
        assert_eq!(names, ["h.0.attn.c_attn.bias"]);
    }

    #[test]
    fn lies_in_the_header_are_refused() {
        let good = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        assert!(read_safetensors(&file(good, 8)).is_ok());
        let cases = [
            ("data cut off", file(good, 7)),
            ("more data than tensors", file(good, 9)),
            ("shape larger than data", file(&good.replace("[2]", "[3]"), 8)),
            ("shape that overflows", file(&good.replace("[2]", "[9223372036854775807,9223372036854775807,4]"), 8)),
            ("offsets that run backwards", file(&good.replace("[0,8]", "[8,0]"), 8)),
            ("a hole before the tensor", file(&good.replace("[0,8]", "[4,12]"), 12)),
            ("negative shape", file(&good.replace("[2]", "[-2]"), 8)),
            ("unknown type", file(&good.replace("F32", "F33"), 8)),
            ("no JSON", file("{", 0)),
            ("deep JSON", file(&"[".repeat(100_000), 0)),
            ("empty", Vec::new()),
            ("half a length", vec![1, 0, 0]),
            ("header length beyond the file", vec![0xff; 8]),
            ("header length of 99 MB", [99_000_000u64.to_le_bytes().as_slice(), b"{}"].concat()),
            ("an error page", b"<!DOCTYPE html><html><body>404 Not Found</body></html>".to_vec()),
        ];
        for (what, bytes) in cases {
            assert!(matches!(read_safetensors(&bytes), Err(CheckpointError::Safetensors(_))), "{what}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let short = NamedTensor { name: "w".into(), shape: vec![2, 2], values: vec![0.0; 3] };
        assert!(matches!(write_safetensors(&[short], FileType::F32, &[]), Err(CheckpointError::Size { values: 3, .. })));
        let huge = NamedTensor { name: "w".into(), shape: vec![usize::MAX, 2], values: vec![0.0; 2] };
        assert!(matches!(write_safetensors(&[huge], FileType::F32, &[]), Err(CheckpointError::Size { .. })));
        let twice = [tensor("w", &[1], &[1.0]), tensor("w", &[1], &[2.0])];
        assert!(matches!(write_safetensors(&twice, FileType::F32, &[]), Err(CheckpointError::Duplicate(name)) if name == "w"));
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = write_safetensors(&sample(), FileType::F32, &[]).unwrap();
        for length in 0..bytes.len() {
            assert!(read_safetensors(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read_safetensors(&bytes);
        }

        #[test]
        fn a_random_header_never_panics(header in r#"(\{|\}|"w"|:|,|\[|\]|"dtype"|"F32"|"F16"|"shape"|"data_offsets"|"__metadata__"|null|-?[0-9]{1,20}){0,30}"#, data in 0usize..40) {
            let _ = read_safetensors(&file(&header, data));
        }

        #[test]
        fn flipped_bits_are_refused_or_read_as_well_formed_tensors(flips in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
            let mut bytes = write_safetensors(&sample(), FileType::F32, &[]).unwrap();
            for flip in flips {
                let bit = flip.index(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            if let Ok(tensors) = read_safetensors(&bytes) {
                for tensor in tensors {
                    prop_assert_eq!(tensor.shape.iter().product::<usize>(), tensor.values.len());
                }
            }
        }

        #[test]
        fn any_values_come_back(bits in prop::collection::vec(any::<u32>(), 0..50)) {
            let values: Vec<f32> = bits.into_iter().map(f32::from_bits).collect();
            let bytes = write_safetensors(&[tensor("w", &[values.len()], &values)], FileType::F32, &[]).unwrap();
            let read = read_safetensors(&bytes).unwrap();
            prop_assert!(read[0].values.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
}
