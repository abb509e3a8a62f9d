//! Where the heads look: attention of one sentence, packed for the page.
//!
//! In: a model and the ids of a sentence. Out: an [`crate::protocol::AttentionFrame`] and its bytes. Called by `engine` on a time budget.
//! Absent: tokenizers, history (the page keeps it), and everything about when to record.

mod frame;

pub use frame::{pack, record};
