//! What a drawing of a sentence's way through the blocks needs: how long each contribution is, and what it comes to; and the same question
//! asked after every layer, the logit lens.

use burn::tensor::Tensor;

use crate::model::Gpt;
use crate::model::parameters::{ParameterError, read_many};
use crate::protocol::explain::{Answer, float_bytes, whole_bytes};

use super::choices::{Words, likeliest, log_probability};
use super::sentence::Sentence;

/// Euclidean length of every row.
fn lengths(values: &[f32], rows: usize) -> Vec<f32> {
    let width = (values.len() / rows.max(1)).max(1);
    values.chunks_exact(width).map(|row| row.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt() as f32).collect()
}

fn flat(tensor: Tensor<2>) -> Tensor<1> {
    tensor.flatten(0, 1)
}

/// Answers `Flow`. `sampled` gets a row of logits, the ids up to and with its token, and the likeliest ids; it says how likely each is to be written. `pause` is
/// called between two layers.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn flow(
    model: &Gpt,
    sentence: &Sentence,
    top: usize,
    text: &impl Fn(u32) -> String,
    sampled: impl Fn(&[f32], &[u32], &[u32]) -> Vec<f32>,
    pause: impl AsyncFn(),
) -> Result<(Answer, Vec<Vec<u8>>), ParameterError> {
    let (count, heads) = (sentence.len(), model.config.n_head);
    let inside = model.inside(sentence.inputs(&model.wte.val().device()), count);
    let mut ends = read_many(vec![flat(inside.embedding), flat(inside.logits)]).await?.into_iter();
    let embedding = lengths(&ends.next().unwrap_or_default(), count);
    let logits = ends.next().unwrap_or_default();
    let [mut by_head, mut attention, mut mlp, mut stream] = [const { Vec::new() }; 4];
    let layers = inside.blocks.len();
    for (layer, block) in inside.blocks.into_iter().enumerate() {
        pause().await;
        let mut tensors: Vec<Tensor<1>> = (0..heads).map(|head| flat(model.head_output(layer, head, block.heads.clone()))).collect();
        tensors.extend([flat(block.attention), flat(block.mlp), flat(block.stream)]);
        let mut read: Vec<Vec<f32>> = read_many(tensors).await?.iter().map(|values| lengths(values, count)).collect();
        for list in [&mut stream, &mut mlp, &mut attention] {
            list.extend(read.pop().unwrap_or_default());
        }
        by_head.extend(read.into_iter().flatten());
    }
    let mut words = Words::default();
    let [mut scores, mut probabilities, mut chances] = [const { Vec::new() }; 3];
    let mut numbers = Vec::new();
    for (position, row) in logits.chunks_exact(model.config.vocab_size).enumerate() {
        let candidates = likeliest(row, top);
        let ids: Vec<u32> = candidates.iter().map(|candidate| candidate.id).collect();
        chances.extend(sampled(row, &sentence.ids[..=position], &ids));
        for candidate in candidates {
            numbers.push(words.number(candidate.id, text));
            scores.push(candidate.logit);
            probabilities.push(candidate.probability);
        }
    }
    let answer = Answer::Flow {
        layers: layers as u32,
        heads: heads as u32,
        top: (numbers.len() / count.max(1)) as u32,
        tokens: sentence.tokens.clone(),
        words: words.into_list(),
    };
    let mut buffers: Vec<Vec<u8>> = [&embedding, &by_head, &attention, &mlp, &stream].into_iter().map(|list| float_bytes(list)).collect();
    buffers.extend([whole_bytes(&numbers), float_bytes(&scores), float_bytes(&probabilities), float_bytes(&chances)]);
    Ok((answer, buffers))
}

/// Answers `Lens`: the final norm and the head after the embedding and after every block. `pause` is called between two rows.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn lens(
    model: &Gpt,
    sentence: &Sentence,
    top: usize,
    text: &impl Fn(u32) -> String,
    pause: impl AsyncFn(),
) -> Result<(Answer, Vec<Vec<u8>>), ParameterError> {
    let count = sentence.len();
    let inside = model.inside(sentence.inputs(&model.wte.val().device()), count);
    let streams = std::iter::once(inside.embedding).chain(inside.blocks.into_iter().map(|block| block.stream));
    let mut words = Words::default();
    let (mut numbers, mut probabilities, mut following) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    for stream in streams {
        pause().await;
        let logits = read_many(vec![flat(model.early_logits(stream))]).await?;
        for (position, row) in logits.iter().flat_map(|logits| logits.chunks_exact(model.config.vocab_size)).enumerate() {
            for candidate in likeliest(row, top) {
                numbers.push(words.number(candidate.id, text));
                probabilities.push(candidate.probability);
            }
            following.push(sentence.ids.get(position + 1).map_or(0.0, |&id| log_probability(row, id).exp()));
        }
        rows += 1;
    }
    let answer = Answer::Lens {
        rows,
        top: (numbers.len() / (count * rows as usize).max(1)) as u32,
        tokens: sentence.tokens.clone(),
        words: words.into_list(),
    };
    Ok((answer, vec![whole_bytes(&numbers), float_bytes(&probabilities), float_bytes(&following)]))
}
