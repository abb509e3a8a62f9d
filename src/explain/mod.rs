//! What happens inside the model, told of one sentence or of windows of the visitor's text.
//!
//! In: a model as it is between two steps, and ids. Out: maps, numbers and the answers of [`crate::protocol::explain`] with their buffers. Called by
//! `engine`, on a time budget or when the page asks.
//!
//! * [`frame`], [`sentence`]: attention, losses and the next token; [`past`]: frames over a run; [`compare`]: what moved;
//! * [`habits`], [`roles`]: names for heads (docs/heads.md);
//! * [`switches`]: parts off, at their mean, or the base model's; [`attribution`]: which tokens spoke for an output;
//! * [`arithmetic`]: one head's formula in numbers; [`flow`]: contributions, and the logit lens.
//!
//! Absent: tokenizers (texts of tokens are handed in), storage, and everything about when to record.

pub mod arithmetic;
pub mod attribution;
pub mod choices;
pub mod compare;
pub mod flow;
mod frame;
pub mod habits;
pub mod past;
pub mod roles;
mod sentence;
pub mod switches;

pub use frame::{pack, record};
pub use sentence::{Look, Sentence};
