//! Numbers about a run: what a loss means in bits, how fast it goes, whether it has gone wrong,
//! how far attention has moved.
//!
//! In: plain numbers and seconds of a clock that the caller reads. Out: plain numbers. Absent: tensors, clocks, text.

mod divergence;
mod language;
mod loss_watch;
mod loss_window;
mod throughput;

pub use divergence::{js_distance, map_distance, triangle_distance};
pub use language::{bits_per_byte, perplexity};
pub use loss_watch::{LossState, LossWatch};
pub use loss_window::LossWindow;
pub use throughput::{Throughput, seconds_left};
