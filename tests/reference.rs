//! The model and the optimiser against PyTorch and `transformers`, natively on the CPU device.
#![cfg(all(feature = "engine", not(target_arch = "wasm32")))]

#[path = "shared/reference.rs"]
mod shared;

use attune::model::ops::gpu::{Adapter, suit_adapter};
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
fn twenty_steps_with_a_frozen_block_equal_pytorch() {
    block_on(shared::frozen_training_agrees(&Device::flex(), 1e-5));
}

#[test]
fn cached_generation_equals_the_whole_window() {
    block_on(shared::cached_steps_agree(&Device::flex(), 1e-4));
}

#[test]
fn dropout_is_repeatable() {
    block_on(shared::dropout_agrees(&Device::flex(), &Device::flex(), 0.0));
}

/// The same checks on WebGPU's native sibling: the kernels' text is the one that browsers get, for cards and for adapters that are programs.
/// One test, because a device is opened once.
#[test]
fn wgpu_equals_pytorch() {
    let Ok(device) = Device::wgpu_options().tasks_max(64).init() else {
        println!("SKIPPED: no graphics adapter, not even a software one");
        return;
    };
    block_on(async {
        for adapter in [Adapter::Software, Adapter::GraphicsCard] {
            suit_adapter(adapter);
            shared::forward_agrees(&device, 1e-4).await;
            shared::gradients_agree(&device, 1e-5).await;
            shared::training_agrees(&device, 2e-5).await;
            shared::frozen_training_agrees(&device, 2e-5).await;
            shared::cached_steps_agree(&device, 1e-4).await;
            shared::dropout_agrees(&device, &Device::flex(), 1e-4).await;
            shared::odd_sizes_agree(&device, &Device::flex(), 1e-4).await;
        }
    });
}
