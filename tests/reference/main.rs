//! Our numbers beside those of PyTorch, `transformers`, scikit-learn and others. The scripts in this folder make the fixtures, or answer a
//! test at once; each says how at its top.

#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

mod baseline;
#[cfg(feature = "engine")]
mod bundled;
mod checkpoint;
#[cfg(feature = "engine")]
mod classify;
#[cfg(feature = "engine")]
mod continue_nano;
#[cfg(feature = "engine")]
mod explain_nano;
#[cfg(feature = "engine")]
mod heads;
mod metrics;
mod metrics_cases;
mod pretrain;
mod python;
mod sampling;
#[cfg(feature = "engine")]
mod tokens;
