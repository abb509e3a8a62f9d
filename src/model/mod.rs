//! The Transformer: GPT-2's architecture with Hugging Face's names, on burn tensors.
//!
//! In come token ids and parameters, out come logits, losses, attention weights. Called by `train`, `generate` (through `engine`),
//! `explain`. From `checkpoint` it takes the plain types: a configuration and named tensors. Knows nothing of texts, of the protocol or of the
//! browser.
//!
//! * [`block`]: layer norm, attention, MLP, one block;
//! * [`gpt`]: the whole model: logits, loss, traced forward pass;
//! * [`inside`]: every part's contribution apart; [`replace`]: parts switched off or exchanged;
//! * [`cache`]: one token at a time, with a preallocated key-value cache;
//! * [`freeze`]: parameters that stay as they are;
//! * [`low_rank`]: adapters beside frozen matrices;
//! * [`init`]: GPT-2's initialisation from a seed;
//! * [`parameters`]: every parameter by name, in and out; [`reading`]: reads that end although nobody waits;
//! * [`sequence`]: a head that reads whole texts: classes and scores; [`learned`]: what learns of it, in and out;
//! * [`ops`]: the fused kernels.

pub mod block;
pub mod cache;
pub mod freeze;
pub mod gpt;
pub mod init;
pub mod inside;
pub mod learned;
pub mod low_rank;
pub mod ops;
pub mod parameters;
pub mod reading;
pub mod replace;
pub mod sequence;

pub use cache::KeyValueCache;
pub use gpt::{Dropout, Gpt, Traced};
pub use inside::{BlockInside, Inside};
pub use learned::LearnedValues;
pub use low_rank::{Adapted, LowRankSetting};
pub use parameters::{ParameterError, Parameters};
pub use sequence::SequenceModel;
