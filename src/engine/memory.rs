//! Whether a run fits the device's memory. How much it needs is `protocol`'s formula, which the page shows.

use super::device::OpenDevice;
use crate::checkpoint::ModelConfig;
use crate::protocol::{DeviceKind, Fault, FaultCode, MemoryUse, NextAction, RunConfig};

const FLOAT: u64 = 4;
/// A worker's memory ends at 4 GiB; text, tokenizer and the program itself want some of it.
const MOST_ON_CPU: u64 = 3 << 30;

/// What a run with this config needs, as if the whole batch went through the model at once.
pub fn estimate(model: &ModelConfig, config: &RunConfig) -> MemoryUse {
    model.size().memory(model.vocab_size as u32, config.batch_size, config.window, config.frozen_layers)
}

/// Refuses what the device cannot hold, before it tries.
///
/// # Errors
/// `OutOfMemory` with the numbers.
pub fn check(model: &ModelConfig, config: &RunConfig, device: &OpenDevice) -> Result<(), Fault> {
    let refuse = |what: &str, bytes: u64, most: u64| {
        let detail = format!("{what}: {} MB are needed, {} MB can be had", bytes >> 20, most >> 20);
        Err(Fault::new(FaultCode::OutOfMemory, NextAction::SmallerBatch, detail))
    };
    let tokens = u64::from(config.batch_size) * u64::from(config.window);
    let (width, vocab) = (model.n_embd as u64, model.vocab_size as u64);
    let largest = FLOAT * (tokens * vocab).max(tokens * 4 * width).max(vocab * width);
    if largest > device.most_tensor_bytes {
        return refuse("the largest tensor", largest, device.most_tensor_bytes);
    }
    let all = estimate(model, config).total();
    let bounded = device.info.kind == DeviceKind::Cpu && cfg!(target_arch = "wasm32");
    if bounded && all > MOST_ON_CPU { refuse("the run", all, MOST_ON_CPU) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ModelSize;

    fn model(vocab_size: u32) -> ModelConfig {
        ModelConfig::new(ModelSize { n_layer: 2, n_head: 2, n_embd: 64, n_ctx: 1024 }, vocab_size)
    }

    #[test]
    fn a_larger_batch_needs_more_and_at_last_too_much() {
        let device = OpenDevice { most_tensor_bytes: 8 << 20, ..OpenDevice::cpu(None) };
        let config = |batch_size| RunConfig { batch_size, window: 128, ..RunConfig::default() };
        assert!(estimate(&model(512), &config(8)).total() < estimate(&model(512), &config(9)).total());
        assert!(estimate(&model(512), &config(1)).total() > 16 * model(512).parameters());
        // 8 × 128 × 512 logits are 2 MB, 64 × 128 × 512 are 16 MB.
        assert_eq!(check(&model(512), &config(8), &device), Ok(()));
        let fault = check(&model(512), &config(64), &device).unwrap_err();
        assert_eq!(fault.code, FaultCode::OutOfMemory);
        assert!(fault.detail.contains("16 MB"), "{}", fault.detail);
    }
}
