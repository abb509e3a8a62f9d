//! One frame: every layer's and head's weights for one sentence, one byte each, and the sentence's loss.

use super::sentence::Sentence;
use crate::model::Gpt;
use crate::model::parameters::ParameterError;
use crate::protocol::AttentionFrame;

/// Attention and loss of a sentence under a model without autodiff; `run` and `step` say which model it is.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn record(model: &Gpt, sentence: &Sentence, run: u32, step: u32) -> Result<(AttentionFrame, Vec<u8>), ParameterError> {
    let look = sentence.look(model).await?;
    let (layers, heads) = (look.maps.len() as u32, model.config.n_head as u32);
    let frame = AttentionFrame { run, step, layers, heads, tokens: sentence.tokens.clone(), loss: look.loss() };
    Ok((frame, pack(&look.maps)))
}

/// Weights in 0..=1, layer after layer, as bytes: `round(255 * weight)`. What is not a number becomes 0.
pub fn pack(layers: &[Vec<f32>]) -> Vec<u8> {
    // A cast from float to integer saturates, and takes NaN to 0.
    layers.iter().flatten().map(|&weight| (255.0 * weight).round() as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::ModelConfig;
    use crate::model::init::initial_values;
    use burn::tensor::Device;

    fn model() -> Gpt {
        let config = ModelConfig {
            vocab_size: 20,
            n_positions: 16,
            n_embd: 32,
            n_layer: 2,
            n_head: 4,
            layer_norm_epsilon: 1e-5,
            embd_pdrop: 0.0,
            attn_pdrop: 0.0,
            resid_pdrop: 0.0,
            bos_token_id: None,
            eos_token_id: None,
        };
        Gpt::from_values(config.clone(), initial_values(&config, 5), &Device::flex()).unwrap()
    }

    fn frame(ids: &[u32]) -> (AttentionFrame, Vec<u8>) {
        let sentence = Sentence { ids: ids.to_vec(), tokens: ids.iter().map(u32::to_string).collect() };
        futures::executor::block_on(record(&model(), &sentence, 3, 7)).unwrap()
    }

    #[test]
    fn bytes_are_rounded_and_kept_in_range() {
        assert_eq!(pack(&[vec![0.0, 1.0, 0.5], vec![0.001, 1.2, -0.1, f32::NAN]]), [0, 255, 128, 0, 255, 0, 0]);
    }

    #[test]
    fn a_frame_has_a_causal_map_for_every_head() {
        let (head, bytes) = frame(&[1, 2, 3, 4, 5]);
        assert_eq!((head.run, head.step, head.layers, head.heads, bytes.len()), (3, 7, 2, 4, head.buffer_len()));
        for layer in 0..2 {
            for one in 0..4 {
                for query in 0..5 {
                    let row: Vec<f32> = (0..5).map(|key| head.weight(&bytes, layer, one, query, key).unwrap()).collect();
                    assert!(row[query + 1..].iter().all(|&weight| weight == 0.0), "{row:?}");
                    // Each of five bytes may be half a unit off.
                    assert!((row.iter().sum::<f32>() - 1.0).abs() <= 2.5 / 255.0, "{row:?}");
                }
            }
        }
        // An untrained model wavers between all 20 tokens.
        assert!((head.loss.unwrap() - 20f32.ln()).abs() < 0.3, "{:?}", head.loss);
    }

    #[test]
    fn a_single_token_looks_at_itself_and_has_no_loss() {
        let (head, bytes) = frame(&[9]);
        assert_eq!((head.loss, bytes), (None, vec![255; 8]));
    }
}
