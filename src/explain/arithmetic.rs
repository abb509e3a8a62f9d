//! `softmax(Q·Kᵀ / √size + mask)·V` for one query token of one head, every number on the way.
//!
//! Queries, keys and values come from the model; the rest is worked out here in the order of the formula, and equals what the kernels do
//! in one go (a test holds the two together).

use crate::model::Gpt;
use crate::model::parameters::{ParameterError, read_floats};
use crate::protocol::explain::{Answer, float_bytes};

use super::sentence::Sentence;

/// One head's arithmetic for one query; `t` tokens, `size` numbers per head.
#[derive(Debug, Clone, PartialEq)]
pub struct Arithmetic {
    pub scale: f32,
    /// `[size]`
    pub query: Vec<f32>,
    /// `[t, size]`
    pub keys: Vec<f32>,
    /// Query times key, `[t]`.
    pub dots: Vec<f32>,
    pub scaled: Vec<f32>,
    /// −∞ past the query.
    pub masked: Vec<f32>,
    pub weights: Vec<f32>,
    /// `[t, size]`
    pub values: Vec<f32>,
    /// `[size]`
    pub output: Vec<f32>,
}

impl Arithmetic {
    /// From packed queries, keys and values `[t, 3d]` with `heads` heads.
    pub fn new(qkv: &[f32], tokens: usize, heads: usize, head: usize, query: usize) -> Self {
        let width = qkv.len() / tokens.max(1) / 3;
        let size = width / heads.max(1);
        let part = |token: usize, third: usize| {
            let start = (token * 3 + third) * width + head * size;
            &qkv[start..start + size]
        };
        let all = |third: usize| (0..tokens).flat_map(|token| part(token, third).iter().copied()).collect::<Vec<f32>>();
        let own = part(query, 0);
        let scale = 1.0 / (size as f32).sqrt();
        let dots: Vec<f32> = (0..tokens).map(|key| own.iter().zip(part(key, 1)).map(|(q, k)| q * k).sum()).collect();
        let scaled: Vec<f32> = dots.iter().map(|dot| dot * scale).collect();
        let masked: Vec<f32> = scaled.iter().enumerate().map(|(key, &score)| if key > query { f32::NEG_INFINITY } else { score }).collect();
        let largest = masked.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f32> = masked.iter().map(|score| (score - largest).exp()).collect();
        let total: f32 = powers.iter().sum();
        let weights: Vec<f32> = powers.iter().map(|power| power / total).collect();
        let mut output = vec![0.0; size];
        for (token, weight) in weights.iter().enumerate() {
            output.iter_mut().zip(part(token, 2)).for_each(|(sum, value)| *sum += weight * value);
        }
        Self { scale, query: own.to_vec(), keys: all(1), dots, scaled, masked, weights, values: all(2), output }
    }

    /// Of a sentence in the live model.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn of(model: &Gpt, sentence: &Sentence, layer: usize, head: usize, query: usize) -> Result<Self, ParameterError> {
        let inside = model.inside(sentence.inputs(&model.wte.val().device()), sentence.len());
        let qkv = match inside.blocks.into_iter().nth(layer) {
            Some(block) => read_floats(block.qkv).await?,
            None => Vec::new(),
        };
        Ok(Self::new(&qkv, sentence.len(), model.config.n_head, head, query))
    }

    /// As it travels.
    pub fn answer(self, sentence: &Sentence, layer: u32, head: u32, query: u32) -> (Answer, Vec<Vec<u8>>) {
        let size = self.query.len() as u32;
        let answer = Answer::Arithmetic { layer, head, query, size, scale: self.scale, tokens: sentence.tokens.clone() };
        let parts = [&self.query, &self.keys, &self.dots, &self.scaled, &self.masked, &self.weights, &self.values, &self.output];
        (answer, parts.into_iter().map(|part| float_bytes(part)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tokens_by_hand() {
        // Two heads of one number: tokens × (queries | keys | values).
        let qkv = [1.0, 9.0, 2.0, 9.0, 5.0, 9.0, /* second token */ 3.0, 9.0, 1.0, 9.0, 7.0, 9.0];
        let first = Arithmetic::new(&qkv, 2, 2, 0, 0);
        assert_eq!((first.dots, first.weights, first.output), (vec![2.0, 1.0], vec![1.0, 0.0], vec![5.0]));
        assert_eq!(first.masked, [2.0, f32::NEG_INFINITY]);
        let second = Arithmetic::new(&qkv, 2, 2, 0, 1);
        assert_eq!((second.dots.as_slice(), second.scale), ([6.0, 3.0].as_slice(), 1.0));
        let weight = 1.0 / (1.0 + (-3.0f32).exp());
        assert!((second.weights[0] - weight).abs() < 1e-6);
        assert!((second.output[0] - (5.0 * weight + 7.0 * (1.0 - weight))).abs() < 1e-5);
        assert_eq!((second.keys, second.values), (vec![2.0, 1.0], vec![5.0, 7.0]));
    }
}
