//! Words of trying a model of labelled texts: one text at a time, or a file.

use crate::page::format::grouped;

/// The words of trying.
pub struct TryWords {
    pub title: &'static str,
    pub prompt: &'static str,
    pub second: &'static str,
    pub examples: &'static str,
    pub untrained: &'static str,
    pub after: fn(u32) -> String,
    /// The run has ended with the best epoch's model: epoch and step.
    pub kept: fn(u32, u32) -> String,
    pub windows: fn(u32) -> String,
    pub cut: &'static str,
    pub needs_plan: &'static str,
    pub file: &'static str,
    pub file_note: &'static str,
    pub file_done: fn(usize) -> String,
    pub file_save: &'static str,
    pub file_wait: fn(usize) -> String,
    pub too_many: fn(usize) -> String,
}

/// English.
pub const EN: TryWords = TryWords {
    title: "Try it",
    prompt: "Type a text and watch what the model says",
    second: "and the second text",
    examples: "or take one of these:",
    untrained: "The model has not learned yet: this is a guess.",
    after: |step| format!("after step {}", grouped(u64::from(step))),
    kept: |epoch, step| format!("with the model of epoch {epoch} (step {}), the best one", grouped(u64::from(step))),
    windows: |windows| format!("read in {windows} overlapping pieces"),
    cut: "The end of this long text was not read.",
    needs_plan: "As soon as the model is ready, you can type here.",
    file: "Classes for a whole file",
    file_note: "One text per line. You get a table with a class and its probability for each.",
    file_done: |texts| format!("{} texts have their class.", grouped(texts as u64)),
    file_save: "Save as CSV",
    file_wait: |texts| format!("reading {} texts \u{2026}", grouped(texts as u64)),
    too_many: |most| format!("Only the first {} lines are read.", grouped(most as u64)),
};
