//! The whole model: embeddings, blocks, final norm, tied head.

use burn::module::{Module, Param};
use burn::tensor::{Int, Tensor};

use super::block::{Block, LayerNorm, Pass, salt};
use super::ops;
use crate::checkpoint::ModelConfig;

/// GPT-2 (Radford et al. 2019; Hugging Face's `GPT2LMHeadModel` with tied embeddings).
#[derive(Module, Debug)]
pub struct Gpt {
    /// Token embeddings `[vocab, d]`, also the head.
    pub wte: Param<Tensor<2>>,
    /// Position embeddings `[ctx, d]`.
    pub wpe: Param<Tensor<2>>,
    pub h: Vec<Block>,
    pub ln_f: LayerNorm,
    #[module(skip)]
    pub config: ModelConfig,
}

/// Dropout of one pass.
#[derive(Debug, Clone)]
pub struct Dropout {
    /// Share dropped; 0 outside training.
    pub share: f64,
    /// `[1]`, on the model's device. Another seed every step.
    pub seed: Tensor<1, Int>,
}

/// A forward pass that also tells where each head looked.
pub struct Traced {
    /// `[n, vocab]`
    pub logits: Tensor<2>,
    /// Per layer `[batch * heads, time * time]`: rows of each map sum to one, nothing above the diagonal.
    pub attention: Vec<Tensor<2>>,
}

impl Gpt {
    /// Hidden states after the final norm `[n, d]`, and what [`Block::forward`] returned beside them.
    pub(super) fn hidden(&self, ids: Tensor<1, Int>, time: usize, dropout: &Dropout) -> (Tensor<2>, Vec<Tensor<2>>) {
        let mut x = ops::embed(ids, self.wte.val(), self.wpe.val(), time, 0);
        if dropout.share > 0.0 {
            x = ops::hash_dropout(x, dropout.seed.clone(), dropout.share, salt(0, 0));
        }
        self.through(x, time, dropout)
    }

    /// The blocks and the final norm, from embeddings `[n, d]`.
    pub(super) fn through(&self, mut x: Tensor<2>, time: usize, dropout: &Dropout) -> (Tensor<2>, Vec<Tensor<2>>) {
        let mut traced = Vec::with_capacity(self.h.len());
        for (layer, block) in self.h.iter().enumerate() {
            let pass = Pass { config: &self.config, time, seed: &dropout.seed, drop: dropout.share, layer };
            let (next, qkv) = block.forward(x, &pass);
            x = next;
            traced.push(qkv);
        }
        (self.ln_f.forward(x, self.config.layer_norm_epsilon), traced)
    }

    /// Logits of the next token at every position: `ids [batch * time] -> [batch * time, vocab]`. `time` is at most the context.
    pub fn logits(&self, ids: Tensor<1, Int>, time: usize, dropout: &Dropout) -> Tensor<2> {
        ops::tied_logits(self.hidden(ids, time, dropout).0, self.wte.val())
    }

    /// Mean cross-entropy in nats, `[1]`: `scale` is `1 / number of targets that are not −1`.
    pub fn loss(&self, ids: Tensor<1, Int>, targets: Tensor<1, Int>, time: usize, scale: f64, dropout: &Dropout) -> Tensor<1> {
        ops::cross_entropy(self.logits(ids, time, dropout), targets, scale)
    }

    /// Cross-entropy per position in nats, 0 where the target is −1: `[batch * time]`. On a model without autodiff.
    pub fn token_losses(&self, ids: Tensor<1, Int>, targets: Tensor<1, Int>, time: usize) -> Tensor<1> {
        let dropout = self.no_dropout();
        ops::token_losses(self.logits(ids, time, &dropout), targets)
    }

    /// Logits and attention of every layer and head. On a model without autodiff.
    pub fn traced(&self, ids: Tensor<1, Int>, time: usize) -> Traced {
        let dropout = self.no_dropout();
        let (hidden, qkv) = self.hidden(ids, time, &dropout);
        let attention = qkv.into_iter().map(|qkv| ops::attention_weights(qkv, time, self.config.n_head)).collect();
        Traced { logits: ops::tied_logits(hidden, self.wte.val()), attention }
    }

    /// Dropout switched off, on this model's device.
    pub fn no_dropout(&self) -> Dropout {
        Dropout { share: 0.0, seed: Tensor::from_data([0], &self.wte.val().device().inner()) }
    }
}
