//! Attune: fine-tune a small Transformer on your own text, in the page, and watch self-attention change while it learns.
//!
//! One library, two wasm modules. The rooms and who may use whom are drawn in `docs/architecture.md`; the features guard the wall:
//! `page` never sees burn, `engine` never sees Leptos, `protocol` and `metrics` see neither.

pub mod metrics;
pub mod protocol;

#[cfg(feature = "text")]
pub mod baseline;
#[cfg(feature = "text")]
pub mod checkpoint;
#[cfg(feature = "text")]
pub mod generate;
#[cfg(feature = "text")]
pub mod text;

#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod explain;
#[cfg(feature = "engine")]
pub mod model;
#[cfg(feature = "engine")]
pub mod train;

#[cfg(feature = "page")]
pub mod page;
