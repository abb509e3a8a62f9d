//! Training: optimiser, schedule, one step, evaluation.
//!
//! In come batches of token ids (`text::Batch`) and a model; out come losses as tensors on the device, read back only when the caller
//! asks. Called by `engine`, by tests and by the benchmark. Knows nothing of the protocol's messages, of storage or of the browser; the
//! caller decides when to read, to pause and to save.
//!
//! * [`schedule`]: the learning rate of each step;
//! * [`adamw`]: AdamW with PyTorch's semantics, global-norm clipping, decay on matrices only;
//! * [`trainer`]: one optimiser step from one or more batches;
//! * [`evaluate`]: mean loss over fixed windows.

pub mod adamw;
pub mod evaluate;
pub mod schedule;
pub mod trainer;

pub use adamw::{AdamW, AdamWSetting};
pub use evaluate::evaluate;
pub use schedule::{Decay, Schedule, learning_rate};
pub use trainer::{StepTensors, StepUnderWay, Trainer, TrainerSetting, Windows};
