//! One pre-norm Transformer block, with the fields that Hugging Face's GPT-2 has.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};

use super::low_rank::LowRank;
use super::ops;
use crate::checkpoint::ModelConfig;

/// Layer normalisation (arXiv 1607.06450).
#[derive(Module, Debug)]
pub struct LayerNorm {
    pub weight: Param<Tensor<1>>,
    pub bias: Param<Tensor<1>>,
}

impl LayerNorm {
    /// `[n, d] -> [n, d]`.
    pub fn forward(&self, x: Tensor<2>, epsilon: f64) -> Tensor<2> {
        ops::layer_norm(x, self.weight.val(), self.bias.val(), epsilon)
    }
}

/// A linear map stored `[in, out]`, as GPT-2's `Conv1D`. Named so that no loader transposes it.
#[derive(Module, Debug)]
pub struct Conv1d {
    pub weight: Param<Tensor<2>>,
    pub bias: Param<Tensor<1>>,
    /// What learns in its place while the matrix is frozen.
    pub adapter: Option<LowRank>,
}

impl Conv1d {
    /// `[n, in] -> [n, out]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let y = ops::linear(x.clone(), self.weight.val(), self.bias.val());
        match &self.adapter {
            Some(adapter) => adapter.add_to(y, x),
            None => y,
        }
    }

    /// `forward(x) + residual`.
    pub fn forward_residual(&self, x: Tensor<2>, residual: Tensor<2>) -> Tensor<2> {
        let y = ops::linear_residual(x.clone(), self.weight.val(), self.bias.val(), residual);
        match &self.adapter {
            Some(adapter) => adapter.add_to(y, x),
            None => y,
        }
    }

    /// `forward(gelu(x)) + residual`.
    pub fn forward_gelu_residual(&self, x: Tensor<2>, residual: Tensor<2>) -> Tensor<2> {
        let y = ops::gelu_linear_residual(x.clone(), self.weight.val(), self.bias.val(), residual);
        match &self.adapter {
            Some(adapter) => adapter.add_gelu_to(y, x),
            None => y,
        }
    }
}

/// Projections of multi-head self-attention.
#[derive(Module, Debug)]
pub struct Attention {
    /// Width to queries, keys and values, side by side.
    pub c_attn: Conv1d,
    pub c_proj: Conv1d,
}

/// The feed-forward part: four times as wide inside, GELU between.
#[derive(Module, Debug)]
pub struct Mlp {
    pub c_fc: Conv1d,
    pub c_proj: Conv1d,
}

/// One block: `x + attn(ln_1(x))`, then `x + mlp(ln_2(x))`.
#[derive(Module, Debug)]
pub struct Block {
    pub ln_1: LayerNorm,
    pub attn: Attention,
    pub ln_2: LayerNorm,
    pub mlp: Mlp,
}

/// What a block must know of the pass it takes part in.
pub struct Pass<'a> {
    pub config: &'a ModelConfig,
    /// Rows per window.
    pub time: usize,
    /// `[1]`: seed of this step's dropout.
    pub seed: &'a Tensor<1, Int>,
    /// Share of activations and attention weights dropped.
    pub drop: f64,
    /// Number of the block, to tell its dropout from the others'.
    pub layer: usize,
}

/// Salts of the hash that chooses what is dropped: one per place in the model.
pub fn salt(layer: usize, place: u32) -> u32 {
    layer as u32 * 4 + place
}

impl Block {
    /// `[n, d] -> [n, d]`; also returns the packed queries, keys and values `[n, 3d]`, from which attention can be drawn.
    pub fn forward(&self, x: Tensor<2>, pass: &Pass) -> (Tensor<2>, Tensor<2>) {
        let epsilon = pass.config.layer_norm_epsilon;
        let qkv = self.attn.c_attn.forward(self.ln_1.forward(x.clone(), epsilon));
        let attended = ops::causal_attention(qkv.clone(), pass.seed.clone(), pass.time, pass.config.n_head, pass.drop, salt(pass.layer, 1));
        let x = self.residual(pass, 2, x, |residual| self.attn.c_proj.forward_residual(attended, residual));
        let hidden = self.mlp.c_fc.forward(self.ln_2.forward(x.clone(), epsilon));
        let x = self.residual(pass, 3, x, |residual| self.mlp.c_proj.forward_gelu_residual(hidden, residual));
        (x, qkv)
    }

    /// `x + branch`: fused where nothing is dropped; otherwise the branch is computed onto zeros, thinned, and added.
    fn residual(&self, pass: &Pass, place: u32, x: Tensor<2>, branch: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
        if pass.drop <= 0.0 {
            return branch(x);
        }
        let branch = branch(x.zeros_like());
        x + ops::hash_dropout(branch, pass.seed.clone(), pass.drop, salt(pass.layer, place))
    }
}
