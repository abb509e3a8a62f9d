//! What the page knows: one plain [`RunState`] that events are applied to, and a [`Store`] that wakes the views that follow a part of it.
//!
//! In: events and their buffers (from `client`, or from a recorded run). Out: reads by part, and commands to the engine. Views call
//! [`Store::with`] inside a closure or effect; they then wake when that part changes and at no other time. Nothing is copied.
//!
//! Absent on purpose: the browser. `RunState` is data and rules only, so it is tested natively. Which settings the form shows is
//! `page::settings`' business; what is hovered or selected in a drawing belongs to that drawing.

mod answers;
#[cfg(test)]
mod answers_tests;
mod asides;
mod asking;
mod attention;
mod facts;
mod labels;
mod lifecycle;
#[cfg(test)]
mod past_tests;
mod run;
mod store;
#[cfg(test)]
mod tests;

pub use answers::{Age, Answers, Due, Latest, Switches, Told, Topic};
pub use asides::Asides;
pub use attention::{AttentionHistory, PastFrame, StoredFrame};
pub use facts::{FaultEntry, LossPoint, Recorded, SampleText, Source, Stage, ValidationPoint, Writing, WrittenToken};
pub use labels::{ClosedReport, LabelState, Owed, Said, StoredReport, TableFacts};
pub use run::RunState;
pub use store::{Store, use_store};

/// The parts of the state that a view can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    /// Is a worker there and does it answer.
    Engine,
    /// Which device it runs on.
    Device,
    /// The open text: report, title, whether one is being read.
    Text,
    /// The plan of the prepared run, its config, whether one is being made.
    Plan,
    /// What the run is doing: phase, stage, run id, whether Play waits for the plan.
    Phase,
    /// The latest step report.
    Step,
    /// The loss curves: training and validation points.
    Loss,
    /// Attention frames and which one is shown.
    Attention,
    /// Samples written while training.
    Samples,
    /// The text being written on from the visitor's prompt.
    Writing,
    /// What went wrong.
    Faults,
    /// What is in storage: the saved run, base models.
    Saved,
    /// Where the shown data comes from: nothing, a recorded run, or the engine.
    Source,
    /// Colours changed (light or dark): drawings on a canvas read their colours again.
    Look,
    /// Answers about the inside of the model, and its switches.
    Answers,
    /// The open table: how it was read, its examples and findings.
    Table,
    /// Epochs of a run over a table.
    Epochs,
    /// The report at the end of such a run.
    Report,
    /// Rows of the table that were asked for.
    Rows,
    /// What the model says of texts.
    Prediction,
    /// What views asked for themselves, by name.
    Asides,
}

impl Part {
    /// How many parts there are.
    pub const COUNT: usize = 21;
    /// Every part.
    pub const ALL: [Part; Self::COUNT] = [
        Self::Engine,
        Self::Device,
        Self::Text,
        Self::Plan,
        Self::Phase,
        Self::Step,
        Self::Loss,
        Self::Attention,
        Self::Samples,
        Self::Writing,
        Self::Faults,
        Self::Saved,
        Self::Source,
        Self::Look,
        Self::Answers,
        Self::Table,
        Self::Epochs,
        Self::Report,
        Self::Rows,
        Self::Prediction,
        Self::Asides,
    ];
}

/// A set of parts: what one event changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts(u32);

impl Parts {
    /// Nothing changed.
    pub const NONE: Self = Self(0);

    /// Every part.
    pub fn all() -> Self {
        Self::of(&Part::ALL)
    }

    /// These parts.
    pub fn of(parts: &[Part]) -> Self {
        Self(parts.iter().fold(0, |bits, &part| bits | 1 << part as u32))
    }

    /// Is `part` in the set.
    pub fn contains(self, part: Part) -> bool {
        self.0 & (1 << part as u32) != 0
    }

    /// No part is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both sets together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl From<Part> for Parts {
    fn from(part: Part) -> Self {
        Self::of(&[part])
    }
}
