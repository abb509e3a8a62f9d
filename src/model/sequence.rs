//! A head that reads whole texts: one vector per text, pooled from the decoder's last hidden states, and a linear map from it to a few numbers.
//!
//! In: token ids in rows of one length, padded on the right, and a pooling matrix. Out: `outputs` numbers per text: a class's logit each, or a
//! score. Hugging Face's `GPT2ForSequenceClassification` with the same names: the body, and `score.weight [outputs, d]` without a bias. It
//! pools by the last token; so do we by default, and then the numbers are the same. Beyond it: pooling may be the mean over the text's tokens,
//! and a text longer than a row is read in several rows whose pooled states are averaged.
//!
//! No attention mask is needed: causality keeps every token from seeing the padding after it, and pooling passes the padding over.
//!
//! Of a pair that is read apart each text has a vector, `u` and `v`, and the head reads `[u, v, |u - v|, u * v]`: `score.weight [outputs, 4d]` (Conneau et al.
//! 2017, arXiv 1705.02364; Reimers and Gurevych 2019, arXiv 1908.10084, without the product).
//!
//! The same head may stand over every token instead ([`SequenceModel::token_outputs`]): Hugging Face's `GPT2ForTokenClassification` without its
//! bias and without the dropout before its head. And there may be none: then every token's numbers are the logits of the token that follows it, from
//! the embeddings that the body has anyway, as in `GPT2LMHeadModel`.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::gpt::{Dropout, Gpt};
use super::low_rank::LowRank;
use super::ops;
use super::parameters::{ParameterError, Parameters, Slot, flat, leaf, read_many};
use crate::checkpoint::{ModelConfig, NamedTensor, expected_tensors};

/// Name of the head's weights in Hugging Face's checkpoints.
pub const SCORE: &str = "score.weight";
/// Vectors that a head reads of a pair whose texts are read apart.
const COMPARED: usize = 4;

/// Vectors that a head reads of a text, or of a pair whose texts are read apart.
pub fn head_vectors(apart: bool) -> usize {
    if apart { COMPARED } else { 1 }
}

/// A decoder with a head over whole texts, or over every token.
#[derive(Module, Debug)]
pub struct SequenceModel {
    pub body: Gpt,
    /// `[outputs, d]`, or `[outputs, 4d]` over pairs that are read apart; `None` where the body's own tied head is used.
    pub score: Option<Param<Tensor<2>>>,
}

impl SequenceModel {
    /// A head on a body, on the body's device. `score` is `[outputs, d]` or `[outputs, 4d]`.
    ///
    /// # Errors
    /// When `score` has another shape.
    pub fn new(body: Gpt, score: NamedTensor) -> Result<Self, ParameterError> {
        let (d, outputs) = (body.config.n_embd, score.shape.first().copied().unwrap_or(0));
        let fits = [d, COMPARED * d].iter().any(|&width| score.shape == [outputs, width] && score.values.len() == outputs * width);
        if outputs == 0 || !fits {
            return Err(ParameterError::Shape { name: score.name, expected: vec![outputs, d], found: score.shape });
        }
        let device = body.wte.val().device();
        let weights = leaf(Tensor::from_data(TensorData::new(score.values, score.shape), &device));
        Ok(Self { body, score: Some(Param::initialized(ParamId::new(), weights)) })
    }

    /// A body with its own tied head alone: every token's numbers are the logits of the next one.
    pub fn without_head(body: Gpt) -> Self {
        Self { body, score: None }
    }

    /// What [`Self::read_values`] read, on a device.
    ///
    /// # Errors
    /// Values that are not those of such a model.
    pub fn from_values(config: ModelConfig, mut values: Vec<NamedTensor>, device: &Device) -> Result<Self, ParameterError> {
        match values.pop_if(|last| last.name == SCORE) {
            Some(score) => Self::new(Gpt::from_values(config, values, device)?, score),
            None => Ok(Self::without_head(Gpt::from_values(config, values, device)?)),
        }
    }

    /// Numbers per text, or per token.
    pub fn outputs(&self) -> usize {
        self.head().dims()[0]
    }

    fn head(&self) -> Tensor<2> {
        self.score.as_ref().map_or_else(|| self.body.wte.val(), Param::val)
    }

    /// `ids [rows * time]` and `pooling [texts, rows * time]` to `[texts, outputs]`. Each row of `pooling` says how much each token's state counts
    /// in a text's vector; a row of zeros is no text and gives zeros. Of pairs that are read apart `pooling` is `[2 * texts, rows * time]`, all first texts
    /// before all second ones.
    pub fn forward(&self, ids: Tensor<1, Int>, pooling: Tensor<2>, time: usize, dropout: &Dropout) -> Tensor<2> {
        let pooled = self.pooled(ids, pooling, time, dropout);
        ops::tied_logits(if self.compares() { compared(pooled) } else { pooled }, self.head())
    }

    /// The head reads pairs whose texts are read apart.
    pub fn compares(&self) -> bool {
        self.score.as_ref().is_some_and(|score| score.val().dims()[1] == COMPARED * self.body.config.n_embd)
    }

    /// The texts' vectors before the head: as [`Self::forward`], to `[texts, d]`.
    pub fn pooled(&self, ids: Tensor<1, Int>, pooling: Tensor<2>, time: usize, dropout: &Dropout) -> Tensor<2> {
        let (hidden, _) = self.body.hidden(ids, time, dropout);
        // A product with a matrix of weights is one fused kernel on every device, forward and backward; gathering rows is not.
        let nothing = Tensor::zeros([self.body.config.n_embd], &hidden.device());
        ops::linear(pooling, hidden, nothing)
    }

    /// `ids [rows * time]` to `[rows * time, outputs]`: the head over every token's state.
    pub fn token_outputs(&self, ids: Tensor<1, Int>, time: usize, dropout: &Dropout) -> Tensor<2> {
        ops::tied_logits(self.body.hidden(ids, time, dropout).0, self.head())
    }

    /// Lets the whole body stay as it is: only the head learns. As [`Gpt::freeze`] otherwise.
    pub fn freeze_body(&mut self) {
        self.body.freeze_all();
    }

    /// The same model on another device, its adapters beside their matrices. Everything learns there until it is frozen again.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn moved(&mut self, device: &Device) -> Result<Self, ParameterError> {
        let names = self.names();
        let tensors = self.slots().into_iter().map(|slot| match slot {
            Slot::Matrix(param) => flat(param.val()),
            Slot::Vector(param) => flat(param.val()),
        });
        let read = read_many(tensors.collect()).await?;
        let mut values: Vec<_> = names.into_iter().zip(read).map(|((name, shape), values)| NamedTensor { name, shape, values }).collect();
        let heads = usize::from(self.score.is_some());
        let mut adapters = values.split_off(expected_tensors(&self.body.config).len() + heads).into_iter();
        let mut model = Self::from_values(self.body.config.clone(), values, device)?;
        for (old, new) in self.body.h.iter().zip(&mut model.body.h) {
            for ((_, old), new) in old.maps().into_iter().zip(new.maps_mut()) {
                if let Some(adapter) = &old.adapter {
                    let mut next = || adapters.next().map(|named| named.values).unwrap_or_default();
                    let (down, up) = (next(), next());
                    new.adapter = Some(LowRank::new(old.weight.val().dims(), adapter.rank(), down, up, adapter.scale, device));
                }
            }
        }
        Ok(model)
    }

    /// Reads every parameter back from the device, under Hugging Face's names, adapters merged into their matrices.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn read_values(&self) -> Result<Vec<NamedTensor>, ParameterError> {
        let mut body = self.body.clone();
        body.merge();
        let mut values = body.read_values().await?;
        let Some(score) = self.score.as_ref().map(Param::val) else { return Ok(values) };
        let shape = score.dims().to_vec();
        let plain = if score.is_autodiff() { score.inner() } else { score };
        let read = read_many(vec![plain.flatten(0, 1)]).await?.pop().unwrap_or_default();
        values.push(NamedTensor { name: SCORE.to_owned(), shape, values: read });
        Ok(values)
    }
}

/// `[2 * texts, d]` to what the head reads of a pair: `[texts, 4d]`.
fn compared(vectors: Tensor<2>) -> Tensor<2> {
    let texts = vectors.dims()[0] / 2;
    let (first, second) = (vectors.clone().narrow(0, 0, texts), vectors.narrow(0, texts, texts));
    let (difference, product) = ((first.clone() - second.clone()).abs(), first.clone() * second.clone());
    Tensor::cat(vec![first, second, difference, product], 1)
}

impl Parameters for SequenceModel {
    fn slots(&mut self) -> Vec<Slot<'_>> {
        let (mut slots, adapters) = self.body.slots_apart();
        slots.extend(self.score.as_mut().map(Slot::Matrix));
        slots.extend(adapters);
        slots
    }

    fn names(&self) -> Vec<(String, Vec<usize>)> {
        let mut names = expected_tensors(&self.body.config);
        names.extend(self.score.as_ref().map(|score| (SCORE.to_owned(), score.val().dims().to_vec())));
        for (layer, map, adapter) in self.body.adapters() {
            let name = |matrix: &str| format!("h.{layer}.{map}.lora_{matrix}");
            names.push((name("A"), adapter.down.val().dims().to_vec()));
            names.push((name("B"), adapter.up.val().dims().to_vec()));
        }
        names
    }

    fn device(&self) -> Device {
        self.body.wte.val().device()
    }
}
