//! What a visitor brings, up to the numbers that a model reads.
//!
//! In: file bytes, a tokenizer file, a seed. Out, in the order of use: [`decode`] turns bytes into a string and names the encoding,
//! [`Corpus`] joins files into one text with its [`crate::protocol::DataCheck`], [`Tokenizer`] and [`Encoder`] turn it into ids,
//! [`Dataset`] splits the ids into a training and a validation part, [`Batches`] draws shuffled windows of fixed shape.
//! Called by the engine and by training.
//!
//! Absent on purpose: tensors, threads, clocks, files and anything of a browser. All of it runs natively and in a worker alike.

mod answer_room;
mod batches;
mod check;
mod corpus;
mod dataset;
mod decode;
mod error;
mod language;
mod prompt;
mod shuffle;
mod spacing;
pub mod table;
mod tokenizer;
mod window;

pub use answer_room::{AnswerRoom, AnsweredRow};
pub use batches::{BatchPosition, Batches};
pub use check::{VerdictInput, data_check, verdict};
pub use corpus::{Corpus, MAX_BYTES, MIN_CHARACTERS};
pub use dataset::{Dataset, Part};
pub use decode::{Decoded, decode};
pub use error::TextError;
pub use language::language;
pub use prompt::{CutTokens, PromptReader, answer_targets};
pub use shuffle::{answered_rows, drawn_part, epoch_order};
pub use spacing::{spaced, words};
pub use tokenizer::{END_OF_TEXT, Encoder, StreamDecoder, Tokenizer};
pub use window::{Batch, IGNORED};
