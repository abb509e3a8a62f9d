//! Words on what came of a file of texts: what to do about what was odd in it, how right the answers are, what was not read. Those of bringing the file stand in `try_labels`.

use crate::page::format::grouped;
use crate::protocol::TableFinding;

/// The words of a file's answers.
pub struct BatchWords {
    /// Step of the model that the answers are of.
    pub past: fn(u32) -> String,
    /// What to do about a finding. The buttons of the open table mend that table, not this file: here it is the file that is brought again.
    pub advice: fn(&TableFinding) -> &'static str,
    /// Figures with their values, the rows behind them, and for how many rows at most intervals are drawn.
    pub figures: fn(&str, usize, usize) -> String,
    /// Names of figures that have no value.
    pub undefined: fn(&str) -> String,
    /// Numbers that are in no figure.
    pub unread: fn(usize) -> String,
    /// Labels for whose sake there is no figure.
    pub unplaced: fn(usize) -> String,
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

fn advice_en(finding: &TableFinding) -> &'static str {
    match finding {
        TableFinding::NoRows => "Bring a file with a row for each text.",
        TableFinding::RaggedRows { repaired: true, .. } => {
            "Mend these lines and bring the file again, or go on with them as they were read."
        }
        TableFinding::RaggedRows { .. } => "Mend these lines and bring the file again, or go on without them.",
        TableFinding::StrayQuotes { .. } => {
            "Rows after it may stand in one cell: close or take out the quotation mark, and bring the file again."
        }
        TableFinding::UnreadableRows { .. } => "Mend these lines and bring the file again, or go on without them.",
        TableFinding::NotRows { .. } => "If texts stand there, put them among the rows and bring the file again.",
        TableFinding::TooManyRows { .. } => "Divide the file, and bring its parts one after the other.",
        TableFinding::TooManyColumns { .. } => "If the texts stand in a later column, take out others and bring the file again.",
        TableFinding::ReplacedCharacters { .. } => "Save the file as UTF-8 and bring it again.",
        TableFinding::FilesPassedOver { .. } => "Save it as a text file and bring it again.",
        TableFinding::EmptyTexts { .. } => "Fill them in and bring the file again, or go on without these rows.",
        TableFinding::UnknownLabels { .. } => {
            "Correct the labels and bring the file again, or go on: such rows have an answer, but count in no figure."
        }
        TableFinding::NotNumbers { .. } => {
            "Write numbers there and bring the file again, or go on: such rows have an answer, but count in no figure."
        }
        TableFinding::UnevenTags { .. } => {
            "Write a tag for each word, with blanks between, and bring the file again, or go on: such rows have an answer, but count in no figure."
        }
        // No file of texts alone is looked at for the rest.
        _ => "Correct the file and bring it again, or go on as it is.",
    }
}

/// English.
pub const EN: BatchWords = BatchWords {
    past: |step| format!("Made with the model of step {}: choose the file again for the model as it is now.", grouped(u64::from(step))),
    advice: advice_en,
    figures: |figures, rows, most| {
        let rows = if rows == 1 { "the row".to_owned() } else { format!("the {} rows", grouped(rows as u64)) };
        format!("In figures, over {rows} whose label is known: {figures}. Ranges are drawn for files of up to {most} rows.")
    },
    undefined: |names| format!("No value has {names}: bring at least two rows in which labels and answers differ."),
    unread: |count| {
        let (count, are) = (grouped(count as u64), if count == 1 { "is" } else { "are" });
        format!("{count} with a comma {are} in no figure: write such numbers with a point, without commas, and bring the file again.")
    },
    unplaced: |count| {
        let (count, are) = (grouped(count as u64), if count == 1 { "label is" } else { "labels are" });
        format!("{count} {are} written otherwise than the classes, so there are no figures: write them alike and bring the file again.")
    },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::strings::findings;
    use crate::protocol::{RaggedRow, RowPlace};

    /// What the reader of files and the engine's answer find, with what is said of it.
    #[test]
    fn every_finding_has_an_action_that_is_there_for_a_file_of_texts() {
        let place = RowPlace { file: 0, line: 3 };
        let ragged = |repaired| TableFinding::RaggedRows {
            expected: 2,
            shorter: 1,
            longer: 0,
            cut: 0,
            repaired,
            rows: vec![RaggedRow { place, cells: 1 }],
        };
        let found = [
            TableFinding::NoRows,
            ragged(true),
            ragged(false),
            TableFinding::StrayQuotes { cells: 1, first: place },
            TableFinding::UnreadableRows { rows: 1, places: vec![place], rest_lost: true },
            TableFinding::NotRows { count: 1, names: vec!["notes".to_owned()] },
            TableFinding::TooManyRows { rows: 17, limit: 9 },
            TableFinding::TooManyColumns { columns: 17, limit: 9 },
            TableFinding::ReplacedCharacters { characters: 2, encoding: "UTF-8".to_owned() },
            TableFinding::FilesPassedOver { count: 1, files: Vec::new() },
            TableFinding::EmptyTexts { rows: 1, places: Vec::new() },
            TableFinding::UnknownLabels { rows: 1, labels: vec![("odd".to_owned(), 1)] },
            TableFinding::NotNumbers { rows: 1, examples: vec!["n/a".to_owned()], places: Vec::new() },
            TableFinding::UnevenTags { rows: 1, places: Vec::new() },
            TableFinding::TextIsNumbers { column: 0 },
        ];
        for finding in found {
            let said = format!("{} {}", (findings::EN.said)(&finding, &[], &[]), (EN.advice)(&finding));
            assert!(said.contains("ring") && !said.contains("above") && !said.contains("Read it otherwise"), "{said}");
        }
        let repaired = (findings::EN.said)(&ragged(true), &[], &[]);
        assert_eq!(repaired, "1 row has other than 2 cells (line 3). 1 row was filled up with empty cells.", "what became of it is said");
    }
}
