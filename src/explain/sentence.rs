//! A sentence as the model reads it, and a first look: attention, losses and what comes next.

use burn::tensor::{Device, Int, Tensor};

use crate::model::Gpt;
use crate::model::ops;
use crate::model::parameters::{ParameterError, read_many};

/// Ids with their texts, as many of the one as of the other; at least one and at most the model's context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub ids: Vec<u32>,
    pub tokens: Vec<String>,
}

/// What one forward pass over a sentence tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Per layer `[heads, t, t]`.
    pub maps: Vec<Vec<f32>>,
    /// Loss in nats of every token after the first, `[t - 1]`.
    pub losses: Vec<f32>,
    /// Logits after the last token, `[vocab]`.
    pub next: Vec<f32>,
}

impl Look {
    /// Mean loss in nats per token; `None` for a single token.
    pub fn loss(&self) -> Option<f32> {
        (!self.losses.is_empty()).then(|| self.losses.iter().sum::<f32>() / self.losses.len() as f32)
    }
}

impl Sentence {
    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The ids on a device, `[t]`.
    pub fn inputs(&self, device: &Device) -> Tensor<1, Int> {
        let ids: Vec<i32> = self.ids.iter().map(|&id| id as i32).collect();
        Tensor::from_data(ids.as_slice(), device)
    }

    /// The id after each, −1 after the last, `[t]`.
    pub fn targets(&self, device: &Device) -> Tensor<1, Int> {
        let ids: Vec<i32> = self.ids.iter().skip(1).map(|&id| id as i32).chain(std::iter::once(-1)).collect();
        Tensor::from_data(ids.as_slice(), device)
    }

    /// One pass through a model without autodiff.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn look(&self, model: &Gpt) -> Result<Look, ParameterError> {
        let device = model.wte.val().device();
        let traced = model.traced(self.inputs(&device), self.len());
        let [rows, vocab] = traced.logits.dims();
        let next = traced.logits.clone().slice([rows - 1..rows, 0..vocab]).reshape([vocab]);
        let mut tensors = vec![ops::token_losses(traced.logits, self.targets(&device)), next];
        tensors.extend(traced.attention.into_iter().map(|map| map.flatten(0, 1)));
        let mut read = read_many(tensors).await?.into_iter();
        let mut losses = read.next().unwrap_or_default();
        losses.pop();
        let next = read.next().unwrap_or_default();
        Ok(Look { maps: read.collect(), losses, next })
    }

    /// Mean loss under a model without autodiff, nats per token; `None` for a single token.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn loss(&self, model: &Gpt) -> Result<Option<f32>, ParameterError> {
        let device = model.wte.val().device();
        let losses = read_many(vec![model.token_losses(self.inputs(&device), self.targets(&device), self.len())]).await?;
        let predicted = self.len() - 1;
        Ok((predicted > 0).then(|| losses.iter().flatten().sum::<f32>() / predicted as f32))
    }
}
