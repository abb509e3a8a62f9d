//! Training: optimiser, schedule, one step, evaluation.
//!
//! In come batches of token ids (`text::Batch`) and a model; out come losses as tensors on the device, read back only when the caller
//! asks. Called by `engine`, by tests and by the benchmark. Of the protocol it knows the names of figures and answers, not the messages; it knows
//! nothing of storage or of the browser. The caller decides when to read, to pause and to save.
//!
//! * [`schedule`]: the learning rate of each step;
//! * [`adamw`]: AdamW with PyTorch's semantics, global-norm clipping, decay on matrices only;
//! * [`trainer`]: one optimiser step from one or more batches;
//! * [`evaluate`]: mean loss over fixed windows;
//! * [`task`]: what can be learned from labelled texts, [`passes`]: such texts as rows, [`sequence`]: the step over them;
//! * [`tokens`]: texts whose every token may have a class, as rows; [`greedy`]: answers to prompts.

pub mod adamw;
pub mod evaluate;
pub mod greedy;
pub mod passes;
pub mod schedule;
pub mod sequence;
pub mod task;
pub mod tokens;
pub mod trainer;

pub use adamw::{AdamW, AdamWSetting};
pub use evaluate::evaluate;
pub use greedy::GreedyWriter;
pub use passes::{Example, Pooling, Reading, SequencePass, Shape, passes};
pub use schedule::{Decay, Schedule, learning_rate};
pub use sequence::{LabelPass, Pass, SequenceStep, SequenceTrainer, sequence_outputs, sequence_states};
pub use task::{Classify, Pair, Score, Several, Tags, Target, Task, TaskScores, WordReader, WordTokens, joined};
pub use tokens::{Counted, TokenExample, TokenPass, TokenRow, token_losses, token_outputs, token_passes};
pub use trainer::{StepTensors, StepUnderWay, Trainer, TrainerSetting, Windows};
