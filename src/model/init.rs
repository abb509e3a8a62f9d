//! GPT-2's initialisation, from a seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::checkpoint::{ModelConfig, NamedTensor, expected_tensors};

/// Standard deviation of all weights (Radford et al. 2019).
const DEVIATION: f64 = 0.02;

/// Normal weights with deviation 0.02; the projections that end in the residual stream are scaled by `1 / sqrt(2 * layers)`; biases zero,
/// norms one. As `GPT2PreTrainedModel._init_weights`. The same seed gives the same model on every device.
pub fn initial_values(config: &ModelConfig, seed: u64) -> Vec<NamedTensor> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let residual = DEVIATION / (2.0 * config.n_layer as f64).sqrt();
    expected_tensors(config)
        .into_iter()
        .map(|(name, shape)| {
            let len = shape.iter().product();
            let values = if name.ends_with("bias") {
                vec![0.0; len]
            } else if shape.len() == 1 {
                vec![1.0; len]
            } else {
                let deviation = if name.ends_with("c_proj.weight") { residual } else { DEVIATION };
                normal(&mut rng, len, deviation)
            };
            NamedTensor { name, shape, values }
        })
        .collect()
}

/// First weights of a head that reads so many vectors of a text: `[outputs, vectors * d]`, normal with deviation 0.02 as `GPT2ForSequenceClassification`
/// begins.
pub fn initial_score(config: &ModelConfig, outputs: usize, vectors: usize, seed: u64) -> NamedTensor {
    // A stream of its own: the same seed also draws a whole model.
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(1);
    let shape = vec![outputs, vectors * config.n_embd];
    NamedTensor { name: super::sequence::SCORE.to_owned(), values: normal(&mut rng, shape.iter().product(), DEVIATION), shape }
}

/// Normal numbers by Box and Muller's transform (1958).
pub(super) fn normal(rng: &mut impl Rng, len: usize, deviation: f64) -> Vec<f32> {
    let mut values = Vec::with_capacity(len + 1);
    while values.len() < len {
        // 1 - u is in (0, 1]: its logarithm is finite.
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * rng.random::<f64>();
        values.push((deviation * radius * angle.cos()) as f32);
        values.push((deviation * radius * angle.sin()) as f32);
    }
    values.truncate(len);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> ModelConfig {
        ModelConfig { n_layer: 2, n_head: 2, n_embd: 32, n_positions: 16, ..ModelConfig::new(Default::default(), 50) }
    }

    #[test]
    fn the_same_seed_gives_the_same_model_and_another_seed_another() {
        let values = |seed| initial_values(&small(), seed).into_iter().flat_map(|named| named.values).collect::<Vec<_>>();
        assert_eq!(values(1), values(1));
        assert_ne!(values(1), values(2));
    }

    #[test]
    fn deviations_are_those_of_gpt2() {
        let all = initial_values(&small(), 3);
        let deviation = |name: &str| {
            let named = all.iter().find(|named| named.name.ends_with(name)).unwrap();
            (named.values.iter().map(|v| f64::from(v * v)).sum::<f64>() / named.values.len() as f64).sqrt()
        };
        assert!((deviation(".h.0.mlp.c_fc.weight") - 0.02).abs() < 0.001);
        assert!((deviation(".h.1.mlp.c_proj.weight") - 0.01).abs() < 0.0005);
        assert_eq!(deviation(".h.0.attn.c_attn.bias"), 0.0);
        assert_eq!(deviation("ln_f.weight"), 1.0);
    }
}
