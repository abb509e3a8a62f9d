//! Words of trying a model of labelled texts: one text at a time, or a file.

use crate::page::format::{grouped, percent};

/// The words of trying.
pub struct TryWords {
    pub title: &'static str,
    pub prompt: &'static str,
    pub second: &'static str,
    pub examples: &'static str,
    pub ask_mark: &'static str,
    /// Classes that are not on show, and the probability that none of them is above.
    pub others: fn(usize, f64) -> String,
    /// An empty written text.
    pub nothing: &'static str,
    pub untrained: &'static str,
    pub after: fn(u32) -> String,
    /// The run has ended with the best epoch's model: epoch and step.
    pub kept: fn(u32, u32) -> String,
    pub windows: fn(u32) -> String,
    /// Something was not read; `true`: of a prompt that a text is written to.
    pub cut: fn(bool) -> &'static str,
    pub needs_plan: &'static str,
    pub file: &'static str,
    pub file_note: &'static str,
    pub file_note_pair: &'static str,
    /// Texts with an answer, of how many.
    pub file_done: fn(usize, usize) -> String,
    pub file_untrained: &'static str,
    /// Figures with their values.
    pub file_right: fn(&str) -> String,
    pub file_save: &'static str,
    pub file_reading: &'static str,
    /// Texts asked about, of how many.
    pub file_wait: fn(usize, usize) -> String,
    pub file_stop: &'static str,
    pub file_stopped: &'static str,
    pub file_lost: &'static str,
    /// Right answers, of how many.
    pub file_counted: fn(usize, usize) -> String,
    /// Steps of the model at the first answer and at the last.
    pub file_moved: fn(u32, u32) -> String,
    /// Names of the columns of text, second text and label; empty where there is none.
    pub file_columns: fn(&[String; 3]) -> String,
    pub file_no_text: &'static str,
    pub file_no_second: &'static str,
    pub too_many: fn(usize) -> String,
}

/// English.
pub const EN: TryWords = TryWords {
    title: "Try it",
    prompt: "Type a text and watch what the model says",
    second: "and the second text",
    examples: "or take one of these:",
    ask_mark: "Choose this mark for \u{201c}Which words decided?\u{201d}",
    others: |classes, most| {
        let most = percent(most);
        if classes == 1 { format!("and one more, with {most}") } else { format!("and {} more, none above {most}", grouped(classes as u64)) }
    },
    nothing: "(It writes nothing.)",
    untrained: "The model has not learned yet: this is a guess.",
    after: |step| format!("after step {}", grouped(u64::from(step))),
    kept: |epoch, step| match epoch {
        0 => "with the model as it was before it learned on".to_owned(),
        epoch => format!("with the model of epoch {epoch} (step {}), the best one", grouped(u64::from(step))),
    },
    windows: |windows| format!("read in {windows} overlapping pieces"),
    cut: |writes| {
        if writes {
            "It did not fit into the prompt: its start was not read. Shorten it, or set a longer piece in the recipe."
        } else {
            "The end of this long text was not read: divide it, or shorten it."
        }
    },
    needs_plan: "As soon as the model is ready, you can type here.",
    file: "A whole file at once",
    file_note: "A table (CSV, TSV, JSON) whose columns are named as those of your examples, or one text per line. You get a table with the answer to each. \
        A column of labels, or a label behind a tab, shows how right the model is.",
    file_note_pair: "A table (CSV, TSV, JSON) whose columns are named as those of your examples, or two texts per line with a tab between them. You get a \
        table with the answer to each. A column of labels, or a label behind another tab, shows how right the model is.",
    file_done: |done, texts| {
        let has = if done == 1 { "has an answer" } else { "have an answer" };
        if done == texts {
            return if done == 1 {
                "The text has an answer.".to_owned()
            } else {
                format!("All {} texts have an answer.", grouped(texts as u64))
            };
        }
        format!("{} of {} texts {has}.", grouped(done as u64), grouped(texts as u64))
    },
    file_untrained: "The model has not learned yet: these are guesses.",
    file_right: |figures| format!("Where the label is known: {figures}."),
    file_save: "Save as CSV",
    file_reading: "reading the file \u{2026}",
    file_wait: |done, texts| format!("asking the model: {} of {} \u{2026}", grouped(done as u64), grouped(texts as u64)),
    file_stop: "Stop",
    file_stopped: "Stopped.",
    file_lost: "The model was changed meanwhile: choose the file again.",
    file_counted: |right, known| {
        let are = if right == 1 { "answers is right" } else { "answers are right" };
        let share = percent(right as f64 / known.max(1) as f64);
        format!("Where the label is known, {} of {} {are} ({share}).", grouped(right as u64), grouped(known as u64))
    },
    file_moved: |first, last| {
        let [first, last] = [first, last].map(|step| grouped(u64::from(step)));
        format!("The model learned on meanwhile: the answers are those of steps {first} to {last}.")
    },
    file_columns: |names| {
        let part = |(what, name): (&str, &String)| (!name.is_empty()).then(|| format!("{what} from \u{201c}{name}\u{201d}"));
        format!("{}.", ["Texts", "second texts", "labels"].into_iter().zip(names).filter_map(part).collect::<Vec<_>>().join(", "))
    },
    file_no_text: "There is no text in this file. Choose another one.",
    file_no_second: "The second texts are missing in this file. Name their column as in your examples, and choose the file again.",
    too_many: |most| format!("Only the first {} texts are read: divide the file to have answers to the rest.", grouped(most as u64)),
};
