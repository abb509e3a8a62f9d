//! One token at a time: a preallocated cache of keys and values, so that shapes never change while a text grows.

use burn::tensor::{Int, Tensor};

use super::gpt::Gpt;
use super::ops;

/// Keys and values of the tokens so far, `[ctx, d]` per layer.
pub struct KeyValueCache {
    layers: Vec<(Tensor<2>, Tensor<2>)>,
    position: usize,
}

impl KeyValueCache {
    /// An empty cache for a model without autodiff.
    pub fn new(model: &Gpt) -> Self {
        let shape = [model.config.n_positions, model.config.n_embd];
        let device = model.wte.val().device();
        let layers = (0..model.config.n_layer).map(|_| (Tensor::zeros(shape, &device), Tensor::zeros(shape, &device))).collect();
        Self { layers, position: 0 }
    }

    /// Tokens in the cache.
    pub fn len(&self) -> usize {
        self.position
    }

    pub fn is_empty(&self) -> bool {
        self.position == 0
    }

    /// Forgets all tokens; the memory stays.
    pub fn clear(&mut self) {
        self.position = 0;
    }
}

impl Gpt {
    /// Logits `[1, vocab]` after one more token, or `None` when the cache is full. On a model without autodiff.
    pub fn step(&self, id: u32, cache: &mut KeyValueCache) -> Option<Tensor<2>> {
        if cache.position >= self.config.n_positions {
            return None;
        }
        let device = self.wte.val().device();
        let ids: Tensor<1, Int> = Tensor::from_data([id as i32], &device);
        let epsilon = self.config.layer_norm_epsilon;
        let mut x = ops::embed(ids, self.wte.val(), self.wpe.val(), 1, cache.position);
        for (block, (keys, values)) in self.h.iter().zip(cache.layers.iter_mut()) {
            let qkv = block.attn.c_attn.forward(block.ln_1.forward(x.clone(), epsilon));
            let (attended, new_keys, new_values) =
                ops::attention_step(qkv, keys.clone(), values.clone(), cache.position, self.config.n_head);
            (*keys, *values) = (new_keys, new_values);
            let after = block.attn.c_proj.forward_residual(attended, x);
            let hidden = block.mlp.c_fc.forward(block.ln_2.forward(after.clone(), epsilon));
            x = block.mlp.c_proj.forward_gelu_residual(hidden, after);
        }
        cache.position += 1;
        Some(ops::tied_logits(self.ln_f.forward(x, epsilon), self.wte.val()))
    }
}
