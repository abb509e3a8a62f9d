//! Model files in and out: what Hugging Face `transformers` reads and writes, and the bundle that a run is saved in.
//!
//! In: bytes. Out: plain tensors and a checked configuration, or an error that says what is wrong; never a panic, whatever the bytes.
//! Absent: the model itself, the device, storage.

mod bundle;
mod config;
mod container;
mod error;
mod files;
mod label_bundle;
mod names;
mod safetensors;
mod tensor;

pub use bundle::{OptimizerState, RunBundle};
pub use config::ModelConfig;
pub use container::{BundleHead, RunKind, head_len, mark_of, peek};
pub use error::{CheckpointError, Mismatch};
pub use files::{ModelFiles, load_model, save_model};
pub use label_bundle::{LabelBundle, LabelGround};
pub use names::{PREFIX, arrange, expected_tensors};
pub use safetensors::{FileType, read_safetensors, write_safetensors};
pub use tensor::NamedTensor;
