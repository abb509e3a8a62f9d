//! Parameters of every part of a model with a head, and which of them learn.

use crate::checkpoint::ModelConfig;
use crate::protocol::labels::{LowRankMatrices, ModelPlace, PlanPart, Trained};

/// Blocks that gradients flow through.
pub fn learning_layers(model: &ModelConfig, trained: Trained) -> u64 {
    match trained {
        Trained::HeadOnly => 0,
        Trained::TopLayers { layers } => u64::from(layers).min(model.n_layer as u64),
        Trained::LowRank { .. } | Trained::Everything => model.n_layer as u64,
    }
}

/// From the embeddings up to a head of so many rows of the model's width.
pub fn parts(model: &ModelConfig, trained: Trained, rows: usize) -> Vec<PlanPart> {
    let d = model.n_embd as u64;
    let layers = model.n_layer as u64;
    // `Gpt::freeze` of no layer at all leaves the embeddings free.
    let below = match trained {
        Trained::HeadOnly | Trained::LowRank { .. } => None,
        _ => Some(layers - learning_layers(model, trained)),
    };
    let learns = |lowest: u64| below.is_some_and(|below| lowest >= below);
    let mut parts = Vec::new();
    let mut part = |place, parameters, learns| parts.push(PlanPart { place, parameters, trainable: if learns { parameters } else { 0 } });
    let embeddings = below == Some(0);
    part(ModelPlace::TokenEmbeddings, model.vocab_size as u64 * d, embeddings);
    part(ModelPlace::PositionEmbeddings, model.n_positions as u64 * d, embeddings);
    for number in 0..layers {
        let block = number as u32;
        let norm = 2 * d;
        part(ModelPlace::Attention { block }, norm + linear(d, 3 * d) + linear(d, d), learns(number));
        let (attention, mlp) = adapters(d, trained);
        if attention > 0 {
            part(ModelPlace::AttentionAdapters { block }, attention, true);
        }
        part(ModelPlace::Mlp { block }, norm + linear(d, 4 * d) + linear(4 * d, d), learns(number));
        if mlp > 0 {
            part(ModelPlace::MlpAdapters { block }, mlp, true);
        }
    }
    part(ModelPlace::LastNorm, 2 * d, below.is_some());
    part(ModelPlace::Head, rows as u64 * d, true);
    parts
}

fn linear(from: u64, to: u64) -> u64 {
    from * to + to
}

/// Parameters of a block's adapters: of attention, and of the MLP.
fn adapters(d: u64, trained: Trained) -> (u64, u64) {
    let Trained::LowRank { rank, matrices, .. } = trained else { return (0, 0) };
    let LowRankMatrices { attention_in, attention_out, mlp_in, mlp_out } = matrices;
    let thin = |wanted: bool, from: u64, to: u64| if wanted { u64::from(rank) * (from + to) } else { 0 };
    (thin(attention_in, d, 3 * d) + thin(attention_out, d, d), thin(mlp_in, d, 4 * d) + thin(mlp_out, 4 * d, d))
}
