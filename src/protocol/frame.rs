//! Attention of one sentence at one step, packed to bytes.

use serde::{Deserialize, Serialize};

/// Head of an attention frame. Its buffer holds `[layer, head, query, key]` weights, one byte each: `round(255 * weight)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttentionFrame {
    pub run: u32,
    pub step: u32,
    pub layers: u32,
    pub heads: u32,
    /// The sentence's tokens, as text pieces; `tokens.len()` is both query and key length.
    pub tokens: Vec<String>,
    /// Mean loss of the sentence under the model, nats per token; `None` for a single token.
    pub loss: Option<f32>,
}

impl AttentionFrame {
    /// Bytes that the frame's buffer must hold.
    pub fn buffer_len(&self) -> usize {
        self.layers as usize * self.heads as usize * self.tokens.len() * self.tokens.len()
    }

    /// Where the `[query, key]` map of one head starts in the buffer.
    pub fn map_offset(&self, layer: usize, head: usize) -> usize {
        (layer * self.heads as usize + head) * self.tokens.len() * self.tokens.len()
    }

    /// One weight in 0..=1, or `None` outside the frame.
    pub fn weight(&self, buffer: &[u8], layer: usize, head: usize, query: usize, key: usize) -> Option<f32> {
        let t = self.tokens.len();
        if layer >= self.layers as usize || head >= self.heads as usize || query >= t || key >= t {
            return None;
        }
        buffer.get(self.map_offset(layer, head) + query * t + key).map(|&byte| f32::from(byte) / 255.0)
    }
}
