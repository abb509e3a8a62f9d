//! Probes of a model of labelled texts: which words decided, and whether names, genders or places change what it says.
//!
//! In: a typed text; rows of the validation part. Out: `Predict` and `Weigh` of texts that were changed, and what the answers differ by. Pure: `heard` (an answer as
//! numbers), `pieces` (words of a text), `occlusion`, `swaps`, `job` (what to ask next), `fairness` (figures). Views: the rest.
//! Words: `strings::probe`. Absent: attention (`page::inside`), the gradient of a word (models of running text have it there).
//!
//! Test ids: those of the views, in the headers of `decide_view`, `fairness_view` and `findings_view`.

pub mod decide_view;
pub mod fairness;
pub mod fairness_view;
mod findings_view;
mod heard;
pub mod job;
pub mod occlusion;
mod pieces;
pub mod swaps;
