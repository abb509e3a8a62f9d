//! From logits to text: choosing the next token under the visitor's dials, and writing on, token by token.
//!
//! In: a prompt as ids, one row of logits per token (whoever has the model computes it), the dials. Out: the chosen token with its
//! probability and alternatives, and text as soon as it is certain. Absent: the model, the tokenizer (whoever has one implements
//! [`TokenText`]), the clock. So a forward pass can run
//! between two calls, on any device, and writing can be left off at any token.

mod error;
mod sampler;
mod stop;
mod writer;

pub use error::GenerateError;
pub use sampler::{Distribution, TokenRng};
pub use stop::StopText;
pub use writer::{EndReason, Input, StoredLogits, TokenText, Writer, WrittenToken};
