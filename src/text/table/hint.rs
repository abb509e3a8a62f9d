//! Could a text that was brought to be written like be a table instead? Files say so by their endings (`page::text_in`); what is pasted, or called `.txt`, by
//! its content alone, and several plain texts by being several: each may be a class.
//!
//! In: names and texts, one after another. Out: the form that they would be read as.

use super::arrange::{are_parallel, lines};
use super::dialect::whole_lines;
use super::paths::{extension, is_note};
use super::shape::{Shape, shape};
use crate::protocol::{TableForm, TableOptions};

/// Bytes of each text that are looked at.
const LOOKED_AT: usize = 32 * 1024;
/// Fewest rows between separators: two lines with a comma each are no table.
const FEWEST_ROWS: usize = 4;
/// Most plain texts that are taken for a class each.
const MOST_CLASSES: usize = 20;

/// What has been seen so far.
#[derive(Debug, Default)]
pub struct TableHint {
    /// Names and lines of the first files.
    files: Vec<(String, usize)>,
    form: Option<TableForm>,
    /// Files that are no table, or of another form.
    plain: usize,
    notes: usize,
}

impl TableHint {
    /// Looks at one more text.
    pub fn see(&mut self, name: &str, text: &str) {
        // One more than can be classes tells that there are too many.
        if self.files.len() <= MOST_CLASSES {
            self.files.push((name.to_owned(), lines(text)));
        }
        self.notes += usize::from(is_note(name));
        let start = whole_lines(text, LOOKED_AT).unwrap_or("");
        let found = match shape(start, &extension(name), &TableOptions::default()) {
            Shape::Delimited(sample) => (sample.width > 1 && sample.rows.len() >= FEWEST_ROWS).then_some(TableForm::Delimited),
            Shape::Json => Some(TableForm::Json),
            Shape::JsonLines => Some(TableForm::JsonLines),
            Shape::Conll(_) => Some(TableForm::Conll),
            Shape::Prose => None,
        };
        if found.is_none() || self.form.is_some_and(|form| Some(form) != found) {
            self.plain += 1;
        }
        self.form = self.form.or(found);
    }

    /// The form in which all of them could be read: `Lines` stands for several plain texts, a class each, `ParallelLines` for texts and their labels side by
    /// side.
    pub fn form(&self) -> Option<TableForm> {
        if self.plain == 0 {
            return self.form;
        }
        let classes = self.form.is_none() && self.notes == 0 && (2..=MOST_CLASSES).contains(&self.files.len());
        let named: Vec<(&str, usize)> = self.files.iter().map(|(name, lines)| (name.as_str(), *lines)).collect();
        classes.then(|| if are_parallel(&named) { TableForm::ParallelLines } else { TableForm::Lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(files: &[(&str, &str)]) -> Option<TableForm> {
        let mut hint = TableHint::default();
        files.iter().for_each(|(name, text)| hint.see(name, text));
        hint.form()
    }

    const PROSE: &str =
        "It rained, and then it stopped.\nNobody, as far as I know, went out.\nThe street was empty.\nThen, late, a dog came.\n";

    #[test]
    fn texts_beside_their_labels_are_no_classes() {
        assert_eq!(form(&[("texts.txt", PROSE), ("labels.txt", "wet\nwet\ndry\ndry\n")]), Some(TableForm::ParallelLines));
        assert_eq!(form(&[("rain.txt", PROSE), ("sun.txt", PROSE)]), Some(TableForm::Lines));
    }

    #[test]
    fn cells_in_a_text_are_seen() {
        let cells = "text\tlabel\nwarm bread\tgood\ncold tea\tbad\nfresh fruit\tgood\n";
        assert_eq!(form(&[("pasted.txt", cells)]), Some(TableForm::Delimited));
        assert_eq!(form(&[("pasted.txt", "[{\"text\": \"a\", \"label\": 1},\n {\"text\": \"b\", \"label\": 0}]")]), Some(TableForm::Json));
        assert_eq!(form(&[("a.txt", cells), ("b.txt", cells)]), Some(TableForm::Delimited));
        assert_eq!(form(&[("a.txt", "one\ttwo\nthree\tfour\n")]), None, "too few rows to tell");
        let long = cells.repeat(2_000);
        assert_eq!(form(&[("long.txt", &long)]), Some(TableForm::Delimited));
    }

    #[test]
    fn prose_is_a_text_and_several_are_classes() {
        assert_eq!(form(&[("story.txt", PROSE)]), None);
        assert_eq!(form(&[("good.txt", PROSE), ("bad.txt", PROSE)]), Some(TableForm::Lines));
        assert_eq!(form(&[("good.txt", PROSE), ("README.txt", PROSE)]), None);
        assert_eq!(form(&[("a.txt", PROSE), ("b.txt", "x\ty\n1\t2\n3\t4\n5\t6\n")]), None, "a mixture is read as a text");
        let many: Vec<(&str, &str)> = (0..MOST_CLASSES + 1).map(|_| ("chapter.txt", PROSE)).collect();
        assert_eq!(form(&many), None);
        assert_eq!(form(&[]), None);
        let line = "é".repeat(LOOKED_AT);
        assert_eq!(form(&[("one line.txt", &line)]), None);
    }
}
