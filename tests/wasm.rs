//! WebGPU against the CPU device and PyTorch, in a dedicated worker of a real browser. A missing adapter fails these tests.
//!
//! By hand: see "Developing" in the README. Sizes are those of a software adapter: width 32, two layers, windows of 24 tokens.
#![cfg(all(feature = "engine", target_arch = "wasm32"))]

#[path = "shared/inside.rs"]
mod inside;
#[path = "shared/reference.rs"]
mod shared;

use std::cell::RefCell;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Waker};

use attune::model::ops::gpu::{Adapter, suit_adapter};
use attune::model::parameters::read_floats;
use burn::tensor::{Device, Tensor};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

unsafe extern "C" {
    fn __wasm_call_ctors();
}

static STARTED: AtomicBool = AtomicBool::new(false);
static GPU_ERRORS: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static GPU: RefCell<Option<Device>> = const { RefCell::new(None) };
}

/// Registers cubecl's operations, once; see docs/decisions.
fn start() {
    if !STARTED.swap(true, Ordering::SeqCst) {
        console_error_panic_hook::set_once();
        // SAFETY: the linker's constructor list, called exactly once, before anything that needs it.
        unsafe { __wasm_call_ctors() };
    }
}

/// The WebGPU device, opened once; counts errors that nobody caught.
async fn gpu() -> Device {
    start();
    if let Some(device) = GPU.with_borrow(Clone::clone) {
        return device;
    }
    let (device, setup) = Device::wgpu_options().tasks_max(64).init_with_setup_async().await.expect("a WebGPU adapter");
    setup.device.on_uncaptured_error(std::sync::Arc::new(|error| {
        wasm_bindgen_test::console_error!("uncaptured GPU error: {error}");
        GPU_ERRORS.fetch_add(1, Ordering::SeqCst);
    }));
    GPU.set(Some(device.clone()));
    device
}

fn no_gpu_errors() {
    assert_eq!(GPU_ERRORS.load(Ordering::SeqCst), 0, "uncaptured GPU errors");
}

#[wasm_bindgen_test]
async fn webgpu_logits_and_attention_equal_transformers() {
    shared::forward_agrees(&gpu().await, 1e-4).await;
    no_gpu_errors();
}

/// The page changes its mind while the engine waits for the card: what was being read is nobody's business any more, and the card must not mind.
#[wasm_bindgen_test]
async fn a_read_that_nobody_waits_for_does_no_harm() {
    let device = gpu().await;
    for round in 0..12_u8 {
        let values = Tensor::<1>::full([64], f32::from(round), &device);
        let mut left = Box::pin(read_floats(values.clone() + 1.0));
        let mut context = Context::from_waker(Waker::noop());
        assert!(left.as_mut().poll(&mut context).is_pending(), "the card answered at once: there was nothing to leave");
        drop(left);
        assert_eq!(read_floats(values).await.unwrap(), [f32::from(round); 64]);
    }
    no_gpu_errors();
}

#[wasm_bindgen_test]
async fn webgpu_gradients_equal_pytorch() {
    shared::gradients_agree(&gpu().await, 1e-5).await;
    no_gpu_errors();
}

#[wasm_bindgen_test]
async fn webgpu_steps_equal_torch_adamw() {
    shared::training_agrees(&gpu().await, 2e-5).await;
    no_gpu_errors();
}

#[wasm_bindgen_test]
async fn webgpu_steps_with_a_frozen_block_equal_pytorch() {
    shared::frozen_training_agrees(&gpu().await, 2e-5).await;
    no_gpu_errors();
}

#[wasm_bindgen_test]
async fn webgpu_generation_equals_the_whole_window() {
    shared::cached_steps_agree(&gpu().await, 1e-4).await;
    no_gpu_errors();
}

#[wasm_bindgen_test]
async fn webgpu_equals_the_cpu_at_odd_sizes() {
    shared::odd_sizes_agree(&gpu().await, &Device::flex(), 1e-4).await;
    no_gpu_errors();
}

#[wasm_bindgen_test]
async fn webgpu_drops_what_the_cpu_drops() {
    shared::dropout_agrees(&gpu().await, &Device::flex(), 1e-4).await;
    no_gpu_errors();
}

/// The kernels that the page chooses when the adapter is a program, as it is in these tests.
#[wasm_bindgen_test]
async fn webgpu_kernels_for_software_adapters_equal_pytorch() {
    let device = gpu().await;
    suit_adapter(Adapter::Software);
    shared::forward_agrees(&device, 1e-4).await;
    shared::gradients_agree(&device, 1e-5).await;
    shared::training_agrees(&device, 2e-5).await;
    shared::dropout_agrees(&device, &Device::flex(), 1e-4).await;
    shared::odd_sizes_agree(&device, &Device::flex(), 1e-4).await;
    suit_adapter(Adapter::GraphicsCard);
    no_gpu_errors();
}

#[wasm_bindgen_test]
async fn cpu_in_the_browser_equals_pytorch() {
    start();
    shared::forward_agrees(&Device::flex(), 1e-4).await;
    shared::gradients_agree(&Device::flex(), 1e-5).await;
    shared::training_agrees(&Device::flex(), 1e-5).await;
}

#[wasm_bindgen_test]
async fn webgpu_switches_and_attribution_equal_the_cpus() {
    inside::inside_agrees(&gpu().await, 1e-3).await;
    no_gpu_errors();
}
