//! Numbers about a run: what a loss means in bits, how fast it goes, whether it has gone wrong, how far attention has moved; and about its
//! result: how right a model is, how sure one can be of that, and how sure it is itself. `docs/metrics.md` lists them with their sources.
//!
//! In: plain numbers, seconds of a clock that the caller reads, labels and texts as they stand in a table. Out: plain numbers, and the tables
//! that scikit-learn and seqeval print. Absent: tensors, clocks, tokenizers.

mod answers;
mod bootstrap;
mod calibration;
mod chrf;
mod classification;
mod correlation;
mod divergence;
mod error;
mod language;
mod loss_watch;
mod loss_window;
mod overlap;
mod random;
mod ranking;
mod rouge;
mod scores;
mod spans;
mod sums;
mod throughput;

pub use answers::{chinese_exact_match, chinese_token_f1, chinese_tokens, exact_match, squad_normalised, token_f1};
pub use bootstrap::{Bootstrap, Difference, Interval};
pub use calibration::{Calibration, ReliabilityBin};
pub use chrf::{ChrfCounts, chrf, corpus_chrf};
pub use classification::{ClassScores, ClassificationReport, accuracy, confusion_matrix, hamming_loss, present_labels};
pub use correlation::{mean_absolute_error, pearson, r_squared, root_mean_squared_error, spearman};
pub use divergence::{js_distance, map_distance, triangle_distance};
pub use error::MetricsError;
pub use language::{bits_per_byte, perplexity};
pub use loss_watch::{LossState, LossWatch};
pub use loss_window::LossWindow;
pub use overlap::Overlap;
pub use ranking::{hit_rate, ndcg, reciprocal_rank};
pub use rouge::{rouge_l, rouge_l_of, rouge_l_sum, rouge_tokens};
pub use scores::Scores;
pub use spans::{Span, SpanReport, marks_spans, spans};
pub use throughput::{Throughput, seconds_left};
