//! A forward pass with every part kept apart: what each head, each MLP and each block adds to the residual stream.
//!
//! For pictures of one sentence and for means over a few windows, not for training: nothing is fused here, so that every term can be looked at. In:
//! ids. Out: [`Inside`]. On models without autodiff, except [`Gpt::logits_of_embeddings`].

use burn::module::{Param, ParamId};
use burn::tensor::{Int, Tensor};

use super::gpt::Gpt;
use super::ops;

/// What one block did. `n = windows * time` rows.
pub struct BlockInside {
    /// Packed queries, keys and values `[n, 3d]`, heads side by side in each third.
    pub qkv: Tensor<2>,
    /// The heads' outputs side by side `[n, d]`, before `attn.c_proj`.
    pub heads: Tensor<2>,
    /// What attention adds, `attn.c_proj`'s bias included `[n, d]`.
    pub attention: Tensor<2>,
    /// What the MLP adds, its bias included `[n, d]`.
    pub mlp: Tensor<2>,
    /// The stream after the block `[n, d]`.
    pub stream: Tensor<2>,
}

/// A forward pass, part by part.
pub struct Inside {
    /// Token plus position embedding `[n, d]`.
    pub embedding: Tensor<2>,
    pub blocks: Vec<BlockInside>,
    /// `[n, vocab]`
    pub logits: Tensor<2>,
}

impl Gpt {
    /// Every part's contribution for windows of `time` ids.
    pub fn inside(&self, ids: Tensor<1, Int>, time: usize) -> Inside {
        let epsilon = self.config.layer_norm_epsilon;
        let seed = self.no_dropout().seed;
        let embedding = ops::embed(ids, self.wte.val(), self.wpe.val(), time, 0);
        let mut x = embedding.clone();
        let mut blocks = Vec::with_capacity(self.h.len());
        for block in &self.h {
            let qkv = block.attn.c_attn.forward(block.ln_1.forward(x.clone(), epsilon));
            let heads = ops::causal_attention(qkv.clone(), seed.clone(), time, self.config.n_head, 0.0, 0);
            let attention = block.attn.c_proj.forward(heads.clone());
            x = x + attention.clone();
            let hidden = block.mlp.c_fc.forward(block.ln_2.forward(x.clone(), epsilon));
            let mlp = block.mlp.c_proj.forward_gelu_residual(hidden, x.zeros_like());
            x = x + mlp.clone();
            blocks.push(BlockInside { qkv, heads, attention, mlp, stream: x.clone() });
        }
        let logits = self.early_logits(x);
        Inside { embedding, blocks, logits }
    }

    /// The final norm and the head applied to a stream `[n, d]` of any depth: `[n, vocab]` (the "logit lens", nostalgebraist 2020).
    pub fn early_logits(&self, stream: Tensor<2>) -> Tensor<2> {
        ops::tied_logits(self.ln_f.forward(stream, self.config.layer_norm_epsilon), self.wte.val())
    }

    /// What one head adds to the stream, without the bias that all heads share: `heads [n, d]`, all heads' outputs, to `[n, d]`.
    pub fn head_output(&self, layer: usize, head: usize, heads: Tensor<2>) -> Tensor<2> {
        let device = heads.device();
        let (d, size) = (self.config.n_embd, self.config.head_dim());
        let mask: Vec<f32> = (0..d).map(|column| if column / size == head { 1.0 } else { 0.0 }).collect();
        let mask = Tensor::<1>::from_data(mask.as_slice(), &device).reshape([1, d]);
        ops::linear(heads * mask, self.h[layer].attn.c_proj.weight.val(), Tensor::zeros([d], &device))
    }

    /// The same values on the autodiff side, as constants: gradients flow through them, none is computed for them.
    #[must_use]
    pub fn constants(mut self) -> Self {
        use super::parameters::Slot;
        for slot in self.slots() {
            match slot {
                Slot::Matrix(param) => *param = Param::initialized(ParamId::new(), param.val().autodiff()),
                Slot::Vector(param) => *param = Param::initialized(ParamId::new(), param.val().autodiff()),
            }
        }
        self
    }

    /// Logits at the last place of every window, from embeddings `[windows * time, d]` that may require gradients (then this is a model of
    /// [`Self::constants`]): `[windows, vocab]`.
    pub fn logits_of_embeddings(&self, x: Tensor<2>, time: usize) -> Tensor<2> {
        let [rows, d] = x.dims();
        let (windows, last) = (rows / time.max(1), time.max(1) - 1);
        let (hidden, _) = self.through(x, time, &self.no_dropout());
        let ends = hidden.reshape([windows, time, d]).slice([0..windows, last..time, 0..d]).reshape([windows, d]);
        ops::tied_logits(ends, self.wte.val())
    }
}
