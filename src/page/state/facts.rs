//! The small facts that the state is made of.

use crate::protocol::{Fault, StopReason, TokenChoice};

/// Where the data on the screen comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// Nothing yet.
    #[default]
    Empty,
    /// A recorded run plays until the visitor opens a text or presses Play.
    Recorded,
    /// The engine, on the visitor's text.
    Live,
}

/// Where a run stands, in the few words that buttons need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// No run; a plan may be there or on its way.
    #[default]
    Idle,
    /// Started, or being resumed from storage; no word from the engine yet.
    Starting,
    Running,
    Paused,
    Finished(StopReason),
}

impl Stage {
    /// A run exists that has not ended.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Paused)
    }
}

/// What is known of the recorded run on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub title: String,
    pub steps: u32,
    /// The last event was played.
    pub ended: bool,
}

/// A point of the training curve: mean loss since the point before, nats per token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossPoint {
    pub step: u32,
    pub loss: f32,
    pub learning_rate: f64,
    pub gradient_norm: f32,
    pub tokens_per_second: f32,
}

/// An evaluation: mean losses in nats per token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidationPoint {
    pub step: u32,
    pub validation: f32,
    pub training: f32,
    pub bits_per_byte: f32,
}

/// A text written while training.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleText {
    pub step: u32,
    pub prompt: String,
    pub text: String,
}

/// One written token.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenToken {
    pub text: String,
    /// 0..=1, after the dials.
    pub probability: f32,
    pub choices: Vec<TokenChoice>,
}

/// A text written on from the visitor's prompt; streams in token by token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writing {
    pub request: u32,
    pub prompt: String,
    pub tokens: Vec<WrittenToken>,
    pub done: bool,
    pub tokens_per_second: f32,
    /// The engine still has the logits after the prompt, so that dials can weigh them anew.
    pub weighable: bool,
    /// The latest `Reweigh`.
    pub reweigh_request: u32,
    /// Its answer: next-token choices under changed dials, likeliest first.
    pub reweighed: Vec<TokenChoice>,
}

/// A fault as the page keeps it: never lost, only put aside.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultEntry {
    pub id: u32,
    pub fault: Fault,
    /// How often it came in a row.
    pub times: u32,
    pub dismissed: bool,
}
