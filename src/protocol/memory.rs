//! How much memory a run needs, in its parts: one formula for the plan and for the picker.
//!
//! In: a shape, the tokenizer's size, the windows of a pass, how much of the model is frozen. Out: bytes, roughly: what libraries and drivers
//! want for themselves is not counted.

use serde::{Deserialize, Serialize};

use super::config::ModelSize;

/// Training is in 32-bit floats.
const FLOAT: u64 = 4;
/// AdamW keeps two moments.
const MOMENTS: u64 = 2;
/// Numbers kept per token and layer for the backward pass, in widths: two inputs, two norms, queries, keys and values, what attention
/// gave, the sum after it, and the four wide ones of the MLP; as much again while gradients flow back through one layer is shared.
const KEPT_PER_LAYER: u64 = 14;
/// Numbers per token and entry of the vocabulary: logits and their gradient.
const KEPT_PER_TOKEN: u64 = 2;

/// Bytes that a run needs, by what they are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryUse {
    pub weights: u64,
    /// One number per parameter that learns.
    pub gradients: u64,
    /// The optimiser's two moments per parameter that learns.
    pub optimizer: u64,
    /// What a forward pass keeps for the backward pass, and the logits.
    pub activations: u64,
}

impl MemoryUse {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.weights + self.gradients + self.optimizer + self.activations
    }
}

impl ModelSize {
    /// Parameters that stay as they are when the `frozen_layers` lowest blocks are frozen, and with them the embeddings of tokens and
    /// positions; 0 when none is.
    pub fn frozen_parameters(&self, vocab_size: u32, frozen_layers: u32) -> u64 {
        if frozen_layers == 0 {
            return 0;
        }
        let learning = Self { n_layer: self.n_layer - frozen_layers.min(self.n_layer), ..*self }.parameters(vocab_size);
        let embeddings = (u64::from(vocab_size) + u64::from(self.n_ctx)) * u64::from(self.n_embd);
        self.parameters(vocab_size) - (learning - embeddings)
    }

    /// What a run on passes of `windows` windows of `time` tokens needs.
    pub fn memory(&self, vocab_size: u32, windows: u32, time: u32, frozen_layers: u32) -> MemoryUse {
        let parameters = self.parameters(vocab_size);
        let learning = parameters - self.frozen_parameters(vocab_size, frozen_layers);
        // Nothing is kept of blocks that no gradient flows through.
        let layers = u64::from(self.n_layer - frozen_layers.min(self.n_layer));
        let tokens = u64::from(windows) * u64::from(time);
        let kept = KEPT_PER_LAYER * u64::from(self.n_embd) * layers + KEPT_PER_TOKEN * u64::from(vocab_size);
        MemoryUse {
            weights: FLOAT * parameters,
            gradients: FLOAT * learning,
            optimizer: MOMENTS * FLOAT * learning,
            activations: FLOAT * tokens * kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NANO: ModelSize = ModelSize { n_layer: 4, n_head: 4, n_embd: 128, n_ctx: 256 };

    #[test]
    fn frozen_parameters_are_those_of_embeddings_and_lower_blocks() {
        let block = 12 * 128 * 128 + 13 * 128;
        let embeddings = (4096 + 256) * 128;
        assert_eq!([0, 1, 4, 9].map(|layers| NANO.frozen_parameters(4096, layers)), [0, embeddings + block, 1_350_144, 1_350_144]);
        // What is left of a wholly frozen model is its last norm.
        assert_eq!(NANO.parameters(4096) - NANO.frozen_parameters(4096, 4), 2 * 128);
    }

    #[test]
    fn memory_grows_with_the_batch_and_shrinks_with_what_is_frozen() {
        let all = NANO.memory(4096, 8, 128, 0);
        assert_eq!((all.weights, all.gradients, all.optimizer), (5_401_600, 5_401_600, 10_803_200));
        assert_eq!(all.activations, 4 * 8 * 128 * (14 * 128 * 4 + 2 * 4096));
        assert_eq!(NANO.memory(4096, 16, 128, 0).activations, 2 * all.activations);
        let half = NANO.memory(4096, 8, 128, 2);
        assert_eq!((half.weights, half.optimizer), (all.weights, 2 * half.gradients));
        assert!(half.gradients < all.gradients && half.activations < all.activations && half.total() < all.total());
    }
}
