//! Numbers about a run: what a loss means in bits, how fast it goes, whether it has gone wrong.
//!
//! In: plain numbers and seconds of a clock that the caller reads. Out: plain numbers. Absent: tensors, clocks, text.

mod language;
mod loss_watch;
mod loss_window;
mod throughput;

pub use language::{bits_per_byte, perplexity};
pub use loss_watch::{LossState, LossWatch};
pub use loss_window::LossWindow;
pub use throughput::{Throughput, seconds_left};
