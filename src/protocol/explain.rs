//! Questions about what happens inside the model, switches that turn parts of it off, and their answers.
//!
//! All questions are about the pinned sentence ([`Command::Pin`](super::Command::Pin)) and the model as it is between two steps, unless they
//! name another [`Moment`]. Each [`Answer`] travels in [`Event::Answered`](super::Event::Answered) with the request, the run and the step that it
//! speaks of: of a past step whose weights were not kept, that of the nearest which is at hand.
//! what cannot be answered becomes a `Fault` with the same request. Small lists are in the head, long ones in byte buffers: bytes as they
//! are, numbers as little-endian `f32` or `u32`, read with [`floats`] and [`whole_numbers`]. Layers, heads and positions count from 0. Shapes are
//! row-major: `t` tokens of the sentence, `layers`, `heads`, `size` numbers per head.

use super::command::SamplingConfig;
use super::event::TokenChoice;
use serde::{Deserialize, Serialize};

/// One head of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeadPlace {
    pub layer: u32,
    pub head: u32,
}

/// A part of the model that a switch acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelPart {
    Head { layer: u32, head: u32 },
    Mlp { layer: u32 },
}

/// What a switch puts in the place of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SwitchTo {
    /// Nothing: the part adds zero to the residual stream (a head's output before `attn.c_proj` is zero; an MLP's output with its bias is).
    Zero,
    /// What the part says on average over windows of the visitor's text: a head's mean output before `attn.c_proj`, an MLP's mean output.
    Mean,
    /// The base model's part, by its weights: a head's columns of `attn.c_attn` with their biases and its rows of `attn.c_proj`; an MLP's two
    /// layers. The layer norms and everything else stay the tuned model's.
    Base,
}

/// One switch. At most one per part counts: the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    pub part: ModelPart,
    pub to: SwitchTo,
}

/// A model of the run's past or present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Before the first step.
    Base,
    Now,
    /// In `Compare` the recorded frame nearest to this step; in other questions the nearest model at hand: the base model, weights that
    /// were kept, or the model as it is.
    Step {
        step: u32,
    },
}

/// The dials of sampling that change which token may come next ([`SamplingConfig`](super::SamplingConfig) has them all).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dials {
    pub temperature: f64,
    pub top_k: u32,
    pub top_p: f64,
    pub repetition_penalty: f64,
}

impl Dials {
    /// What leaves every probability as the model has it.
    pub const NONE: Self = Self { temperature: 1.0, top_k: 0, top_p: 1.0, repetition_penalty: 1.0 };
}

impl From<&SamplingConfig> for Dials {
    fn from(config: &SamplingConfig) -> Self {
        let SamplingConfig { temperature, top_k, top_p, repetition_penalty, .. } = *config;
        Self { temperature, top_k, top_p, repetition_penalty }
    }
}

/// What the page can ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// How attention differs between two moments. Answer: `Compared`.
    Compare { from: Moment, to: Moment },
    /// What every head does over windows of the visitor's text, now and before the first step. Answer: `Roles`. Needs no pinned sentence.
    Roles,
    /// How much the sentence's loss rises when each part alone is switched. Answer: `SwitchMap`.
    SwitchMap { to: SwitchTo },
    /// Which tokens up to `position` speak for `token` as the next one; without a token, for the sentence's own next token, or the likeliest
    /// after the last. Answer: `Attributed`.
    Attribute { position: u32, token: Option<u32>, at: Moment },
    /// What the model would say after each layer: final norm and head applied early. `top` is at most [`MOST_CHOICES`]. Answer: `Lens`.
    Lens { top: u32, at: Moment },
    /// The arithmetic of one query token in one head. Answer: `Arithmetic`.
    Arithmetic { layer: u32, head: u32, query: u32, at: Moment },
    /// How much each part adds on the sentence's way through the blocks, and what it comes to. Answer: `Flow`.
    Flow { top: u32, at: Moment, dials: Dials },
}

impl Question {
    /// The moment that it asks about, where it can be chosen.
    pub fn at(&self) -> Option<Moment> {
        match *self {
            Self::Attribute { at, .. } | Self::Lens { at, .. } | Self::Arithmetic { at, .. } | Self::Flow { at, .. } => Some(at),
            Self::Compare { .. } | Self::Roles | Self::SwitchMap { .. } => None,
        }
    }

    /// The same of another moment, where it can be chosen.
    #[must_use]
    pub fn of(mut self, moment: Moment) -> Self {
        if let Self::Attribute { at, .. } | Self::Lens { at, .. } | Self::Arithmetic { at, .. } | Self::Flow { at, .. } = &mut self {
            *at = moment;
        }
        self
    }
}

/// Most choices per position in `Lens` and `Flow`.
pub const MOST_CHOICES: u32 = 20;

/// What a head mostly does. How each is measured and named: docs/heads.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The token directly before.
    Previous,
    /// The token that followed an earlier occurrence of this one (arXiv 2209.11895).
    Induction,
    /// The same token or word where it stood earlier.
    Same,
    /// The first token of the window: an attention sink, where a head rests that has nothing to look for (arXiv 2309.17453).
    First,
    /// Punctuation marks.
    Punctuation,
    /// The token itself.
    Itself,
    /// The last few tokens, none in particular.
    Local,
    /// Many tokens about alike.
    Broad,
    /// None of these.
    Mixed,
}

impl Role {
    /// The roles that have a share of attention, in the order of [`HeadReport::shares`].
    pub const SHARED: [Self; 7] = [Self::Previous, Self::Induction, Self::Same, Self::First, Self::Punctuation, Self::Itself, Self::Local];
}

/// What a head did at one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeadReading {
    pub role: Role,
    /// The share of attention that makes the role, 0..=1; of `Broad` and `Mixed` the entropy.
    pub score: f32,
    /// Mean entropy of the rows divided by that of a uniform row: 0 looks at one token, 1 at all alike.
    pub entropy: f32,
}

/// What one head does over the visitor's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadReport {
    pub place: HeadPlace,
    pub now: HeadReading,
    /// Before the first step, over the same windows.
    pub base: HeadReading,
    /// Mean share of attention of each of [`Role::SHARED`], 0..=1; `None` where the text gave no occasion.
    pub shares: Vec<Option<f32>>,
    /// What a head that looks at all tokens alike would give each of them.
    pub chances: Vec<Option<f32>>,
}

/// How far a head's attention has moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HeadChange {
    pub place: HeadPlace,
    /// Jensen–Shannon distance (square root of the divergence, base 2), mean over query tokens: 0 the same, 1 nothing in common.
    pub distance: f32,
}

/// An answer, and what its packet's buffers hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Buffers: 0 the maps of `from`, 1 those of `to`, bytes `[layers, heads, t, t]` as in
    /// [`AttentionFrame`](super::AttentionFrame). The signed difference of one weight is `(to - from) / 255`, −1..=1: [`signed_difference`].
    Compared {
        /// The steps that were found.
        from_step: u32,
        to_step: u32,
        from_loss: Option<f32>,
        to_loss: Option<f32>,
        layers: u32,
        heads: u32,
        tokens: Vec<String>,
        /// All heads, the one that moved most first.
        changes: Vec<HeadChange>,
    },
    /// No buffers. `tokens` in `windows` windows were looked at.
    Roles { windows: u32, tokens: u32, heads: Vec<HeadReport> },
    /// Answer to `SetSwitches`; while a run trains it comes again with every picture, with the same request. Buffers: 0 the maps with the
    /// switches on, bytes `[layers, heads, t, t]`; 1 and 2 `f32 [t - 1]`, the loss in nats of every token after the first without and with
    /// the switches.
    Switched {
        switches: Vec<Switch>,
        layers: u32,
        heads: u32,
        tokens: Vec<String>,
        /// Mean loss of the sentence without and with the switches, nats per token; `None` for a single token.
        plain_loss: Option<f32>,
        switched_loss: Option<f32>,
        /// Likeliest tokens after the sentence, at temperature 1.
        plain_choices: Vec<TokenChoice>,
        switched_choices: Vec<TokenChoice>,
    },
    /// No buffers. Increases in nats per token, one part switched at a time; negative where the sentence gets easier.
    SwitchMap {
        to: SwitchTo,
        /// Nothing switched.
        loss: f32,
        /// `[layers][heads]`
        heads: Vec<Vec<f32>>,
        /// `[layers]`
        mlps: Vec<f32>,
    },
    /// Buffers: `f32 [position + 1]` each, in nats: 0 gradient × input, 1 integrated gradients (arXiv 1703.01365). Positive speaks for the token.
    Attributed {
        position: u32,
        token: TokenChoice,
        tokens: Vec<String>,
        /// Log-probability of the token, and with every token's embedding replaced by the mean embedding; nats.
        log_probability: f32,
        baseline_log_probability: f32,
        /// The difference of the two that the integrated gradients miss, as a share of it: completeness.
        gap: f32,
        /// Points on the path.
        points: u32,
    },
    /// Rows: 0 after the embedding, `l + 1` after layer `l`; the last is the model's own answer. Buffers: 0 `u32 [layers + 1, t, top]` indices into
    /// `words`, likeliest first; 1 `f32`, same shape, probabilities at temperature 1; 2 `f32 [layers + 1, t]` probability of the token that
    /// follows (0 at the last position).
    Lens { rows: u32, top: u32, tokens: Vec<String>, words: Vec<String> },
    /// Buffers, all `f32`: 0 query `[size]`; 1 keys `[t, size]`; 2 dot products `[t]`; 3 scaled by `scale` `[t]`; 4 masked `[t]`, −∞ past the query;
    /// 5 weights after softmax `[t]`; 6 values `[t, size]`; 7 the weighted sum of the values `[size]`.
    Arithmetic {
        layer: u32,
        head: u32,
        query: u32,
        size: u32,
        /// `1 / √size`
        scale: f32,
        tokens: Vec<String>,
    },
    /// Lengths are Euclidean norms. Buffers: 0 `f32 [t]` token plus position embedding; 1 `f32 [layers, heads, t]` what each head adds; 2 `f32
    /// [layers, t]` what attention adds with its bias; 3 `f32 [layers, t]` what the MLP adds; 4 `f32 [layers, t]` the stream after the block;
    /// 5 `u32 [t, top]` indices into `words`, likeliest next tokens first; 6 `f32 [t, top]` their logits; 7 `f32 [t, top]` their probabilities;
    /// 8 `f32 [t, top]` how likely the dials make each to be written, 0 for what they leave out.
    Flow { layers: u32, heads: u32, top: u32, tokens: Vec<String>, words: Vec<String> },
}

/// Numbers as little-endian bytes.
pub fn float_bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The `f32` numbers of a buffer; a remainder of fewer than four bytes is left out.
pub fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// Whole numbers as little-endian bytes.
pub fn whole_bytes(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The `u32` numbers of a buffer; a remainder of fewer than four bytes is left out.
pub fn whole_numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// Difference of two weights given as bytes, −1..=1.
pub fn signed_difference(from: u8, to: u8) -> f32 {
    (f32::from(to) - f32::from(from)) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Packet;

    #[test]
    fn numbers_survive_their_bytes() {
        let numbers = [0.5, -1.0, f32::NEG_INFINITY];
        assert_eq!(floats(&float_bytes(&numbers)), numbers);
        assert_eq!(whole_numbers(&whole_bytes(&[7, u32::MAX])), [7, u32::MAX]);
        assert!(floats(&[0, 0, 0]).is_empty());
        assert_eq!((signed_difference(0, 255), signed_difference(255, 0), signed_difference(9, 9)), (1.0, -1.0, 0.0));
    }

    #[test]
    fn a_question_can_be_asked_of_another_moment() {
        let question = Question::Flow { top: 3, at: Moment::Now, dials: Dials::NONE };
        assert_eq!(question.clone().of(Moment::Base), Question::Flow { top: 3, at: Moment::Base, dials: Dials::NONE });
        assert_eq!((question.at(), Question::Roles.of(Moment::Base).at()), (Some(Moment::Now), None));
    }

    #[test]
    fn questions_and_answers_survive_a_packet() {
        let question = Question::Compare { from: Moment::Base, to: Moment::Step { step: 4 } };
        assert_eq!(Packet::new(&question, Vec::new()).unwrap().read::<Question>().unwrap(), question);
        let change = HeadChange { place: HeadPlace { layer: 1, head: 2 }, distance: 0.5 };
        assert_eq!(Packet::new(&change, Vec::new()).unwrap().read::<HeadChange>().unwrap(), change);
    }
}
