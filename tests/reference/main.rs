//! Our numbers beside those of PyTorch and `transformers`. The scripts in this folder make the fixtures; each says how at its top.

#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

#[cfg(feature = "engine")]
mod bundled;
mod checkpoint;
#[cfg(feature = "engine")]
mod continue_nano;
mod pretrain;
mod python;
mod sampling;
