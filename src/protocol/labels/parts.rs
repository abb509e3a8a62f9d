//! The parts of a model that learns from labelled texts, with what learns in each: for a diagram of it.

use serde::{Deserialize, Serialize};

/// A part of the model. Blocks are counted from 0, upwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelPlace {
    TokenEmbeddings,
    PositionEmbeddings,
    /// Attention with the norm before it.
    Attention {
        block: u32,
    },
    /// Low-rank adapters beside its matrices.
    AttentionAdapters {
        block: u32,
    },
    /// The feed-forward part with the norm before it.
    Mlp {
        block: u32,
    },
    /// Low-rank adapters beside its matrices.
    MlpAdapters {
        block: u32,
    },
    LastNorm,
    /// The map from a text's vector to the answer.
    Head,
}

/// Parameters of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPart {
    pub place: ModelPlace,
    pub parameters: u64,
    /// Those of them that learn: all or none.
    pub trainable: u64,
}
