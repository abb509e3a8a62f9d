//! How much memory a run needs, roughly, and whether that fits.

use super::device::OpenDevice;
use crate::checkpoint::ModelConfig;
use crate::protocol::{DeviceKind, Fault, FaultCode, NextAction, RunConfig};

/// Weights, gradients and two moments.
const COPIES: u64 = 4;
/// Numbers kept per token and layer for the backward pass, in widths: two inputs, two norms, queries, keys and values, what attention
/// gave, the sum after it, and the four wide ones of the MLP; as much again while gradients flow back through one layer is shared.
const KEPT_PER_LAYER: u64 = 14;
/// Numbers per token and entry of the vocabulary: logits and their gradient.
const KEPT_PER_TOKEN: u64 = 2;
const FLOAT: u64 = 4;
/// A worker's memory ends at 4 GiB; text, tokenizer and the program itself want some of it.
const MOST_ON_CPU: u64 = 3 << 30;

/// Bytes for weights, optimiser state and activations of one forward and backward pass.
pub fn estimate(model: &ModelConfig, config: &RunConfig) -> u64 {
    let tokens = u64::from(config.batch_size) * u64::from(config.window);
    let (width, layers, vocab) = (model.n_embd as u64, model.n_layer as u64, model.vocab_size as u64);
    let activations = tokens * (KEPT_PER_LAYER * width * layers + KEPT_PER_TOKEN * vocab);
    FLOAT * (COPIES * model.parameters() + activations)
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
    let all = estimate(model, config);
    let bounded = device.info.kind == DeviceKind::Cpu && cfg!(target_arch = "wasm32");
    if bounded && all > MOST_ON_CPU { refuse("the run", all, MOST_ON_CPU) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(vocab_size: usize) -> ModelConfig {
        ModelConfig {
            vocab_size,
            n_positions: 1024,
            n_embd: 64,
            n_layer: 2,
            n_head: 2,
            layer_norm_epsilon: 1e-5,
            embd_pdrop: 0.0,
            attn_pdrop: 0.0,
            resid_pdrop: 0.0,
            bos_token_id: None,
            eos_token_id: None,
        }
    }

    #[test]
    fn a_larger_batch_needs_more_and_at_last_too_much() {
        let device = OpenDevice { most_tensor_bytes: 8 << 20, ..OpenDevice::cpu(None) };
        let config = |batch_size| RunConfig { batch_size, window: 128, ..RunConfig::default() };
        assert!(estimate(&model(512), &config(8)) < estimate(&model(512), &config(9)));
        assert!(estimate(&model(512), &config(1)) > 16 * model(512).parameters());
        // 8 × 128 × 512 logits are 2 MB, 64 × 128 × 512 are 16 MB.
        assert_eq!(check(&model(512), &config(8), &device), Ok(()));
        let fault = check(&model(512), &config(64), &device).unwrap_err();
        assert_eq!(fault.code, FaultCode::OutOfMemory);
        assert!(fault.detail.contains("16 MB"), "{}", fault.detail);
    }
}
