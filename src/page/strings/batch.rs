//! Words on what came of a file of texts: what was not read of it. Those of bringing the file stand in `try_labels`.

use crate::page::format::grouped;

/// The words of a file's answers.
pub struct BatchWords {
    /// Texts that were read in several pieces.
    pub pieces: fn(usize) -> String,
    /// Texts whose end was not read, and the column of the table to save that names them.
    pub no_end: fn(usize, &str) -> String,
    /// Texts whose prompt's start was not read, and that column.
    pub no_start: fn(usize, &str) -> String,
}

fn texts(count: usize) -> String {
    if count == 1 { "1 text".to_owned() } else { format!("{} texts", grouped(count as u64)) }
}

/// English.
pub const EN: BatchWords = BatchWords {
    pieces: |count| format!("Read in overlapping pieces, for {} length: {}.", if count == 1 { "its" } else { "their" }, texts(count)),
    no_end: |count, column| {
        format!(
            "The end of {} was not read, for {} length. Shorten what \u{201c}{column}\u{201d} marks in the saved table, or divide it over several rows, and bring \
             the file again.",
            texts(count),
            if count == 1 { "its" } else { "their" }
        )
    },
    no_start: |count, column| {
        format!(
            "{} did not fit into the prompt: the start of the longest part was not read. Shorten what \u{201c}{column}\u{201d} marks in the saved table and bring the \
             file again, or raise \u{201c}longest piece\u{201d} and learn again.",
            texts(count)
        )
    },
};
