//! The model and the optimiser against PyTorch and `transformers`, natively on the CPU device.
#![cfg(feature = "engine")]

#[path = "shared/reference.rs"]
mod shared;

use burn::tensor::Device;
use futures::executor::block_on;

#[test]
fn logits_and_attention_equal_transformers() {
    block_on(shared::forward_agrees(&Device::flex(), 1e-4));
}

#[test]
fn gradients_equal_pytorch() {
    block_on(shared::gradients_agree(&Device::flex(), 1e-5));
}

#[test]
fn twenty_steps_equal_torch_adamw() {
    block_on(shared::training_agrees(&Device::flex(), 1e-5));
}

#[test]
fn cached_generation_equals_the_whole_window() {
    block_on(shared::cached_steps_agree(&Device::flex(), 1e-4));
}

#[test]
fn dropout_is_repeatable() {
    block_on(shared::dropout_agrees(&Device::flex(), &Device::flex(), 0.0));
}
