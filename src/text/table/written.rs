//! Labels as people write them, one line per row: from cells, to what an example should give, and back into cells.
//!
//! Several classes stand between the choice's separator, or `;` where the table has none (lists, columns of `0` and `1`). Tags stand between blanks.

use super::class_targets::{labels_of, unknown_flags};
use super::error::TableError;
use super::examples::Examples;
use super::label_lists;
use super::labels::normalise;
use super::store::{Table, list_cell};
use super::values::{Commas, number};
use crate::protocol::{TableTask, TaskColumns};

/// A label that was understood.
#[derive(Debug, Clone, PartialEq)]
pub enum WrittenLabel {
    Class(u32),
    /// Rising.
    Set(Vec<u32>),
    Number(f64),
}

/// The label of a row as one line.
pub fn written_label(table: &Table, columns: &TaskColumns, row: usize) -> String {
    let target = columns.target.map_or("", |target| table.cell(row, target as usize));
    match columns.task {
        // What is neither yes nor no is no class either: the label is not understood.
        _ if let Some(odd) = unknown_flags(table, columns, row).next() => odd.trim().to_owned(),
        TableTask::ClassifySeveral if !columns.more_targets.is_empty() || columns.label_separator.is_none() => {
            labels_of(table, columns, row).join(&format!("{} ", TaskColumns::USUAL_SEPARATOR))
        }
        TableTask::TagTokens => labels_of(table, columns, row).join(" "),
        // Of several accepted texts the first.
        _ => columns.target.and_then(|target| table.items(row, target as usize).next()).unwrap_or(target).to_owned(),
    }
}

/// The cells that a row has when its label is `label`, by column.
///
/// # Errors
/// `LabelRefused` for what is no number where one is wanted, no column of its own, or not one tag for each token.
pub fn written_cells(table: &Table, columns: &TaskColumns, row: usize, label: &str) -> Result<Vec<(u32, String)>, TableError> {
    let refused = || TableError::LabelRefused(super::excerpt(label));
    let target = columns.target.ok_or(TableError::NoTarget("a target"))?;
    let one = |cell: String| Ok(vec![(target, cell)]);
    match columns.task {
        TableTask::ClassifySeveral if !columns.more_targets.is_empty() => {
            let all: Vec<u32> = std::iter::once(target).chain(columns.more_targets.iter().copied()).collect();
            let set: Vec<&str> = label_lists::labels(label, columns.written_separator()).collect();
            if set.iter().any(|label| all.iter().all(|&column| table.name(column as usize) != *label)) {
                return Err(refused());
            }
            let cell = |column: u32| if set.contains(&table.name(column as usize)) { "1" } else { "0" };
            Ok(all.into_iter().map(|column| (column, cell(column).to_owned())).collect())
        }
        TableTask::ClassifySeveral if table.is_list(target as usize) => {
            one(list_cell(label_lists::labels(label, columns.written_separator())))
        }
        TableTask::TagTokens => {
            let tokens = table.items(row, columns.text as usize).count();
            if label.split_whitespace().count() != tokens {
                return Err(refused());
            }
            one(list_cell(label.split_whitespace()))
        }
        TableTask::Score | TableTask::ScorePair if !label.trim().is_empty() => {
            // The column is asked only where it decides.
            let commas = if label.contains(',') { table.commas(target as usize) } else { Commas::default() };
            if number(label, commas).is_none() { Err(refused()) } else { one(label.to_owned()) }
        }
        // What is shown and corrected is the first of several accepted texts; the others are still accepted.
        TableTask::TextToText if table.is_list(target as usize) && !label.trim().is_empty() => {
            let others = table.items(row, target as usize).skip(1).filter(|other| *other != label);
            one(list_cell(std::iter::once(label).chain(others)))
        }
        _ if table.is_list(target as usize) => one(list_cell(std::iter::once(label))),
        _ => one(label.to_owned()),
    }
}

impl Examples {
    /// The class that a label names. Where spellings of a label are one class, so are new ones.
    fn class_called(&self, label: &str) -> Option<u32> {
        let find = |is: &mut dyn FnMut(&str) -> bool| (0..).zip(&self.classes).find(|(_, name)| is(name)).map(|(class, _)| class);
        find(&mut |name| name.trim() == label).or_else(|| {
            let (mut wanted, mut buffer) = (String::new(), String::new());
            normalise(label, &mut wanted);
            find(&mut |name| self.merge_labels && normalise(name, &mut buffer) == wanted)
        })
    }

    /// What an example with this label should give; `None` for an empty label where that says nothing, and for tasks whose targets are texts or tags.
    ///
    /// # Errors
    /// The labels that are not among the classes, or are no number.
    pub fn understood(&self, label: &str) -> Result<Option<WrittenLabel>, Vec<String>> {
        let class = |label: &str| self.class_called(label);
        let label = label.trim();
        match self.columns.task {
            TableTask::ClassifySeveral => {
                let (mut set, mut unknown) = (Vec::new(), Vec::new());
                for label in label_lists::labels(label, self.columns.written_separator()) {
                    match class(label) {
                        Some(class) => set.push(class),
                        None => unknown.push(label.to_owned()),
                    }
                }
                set.sort_unstable();
                set.dedup();
                if unknown.is_empty() { Ok(Some(WrittenLabel::Set(set))) } else { Err(unknown) }
            }
            _ if label.is_empty() => Ok(None),
            TableTask::Score | TableTask::ScorePair => {
                number(label, self.commas).map(|number| Some(WrittenLabel::Number(number))).ok_or_else(|| vec![label.to_owned()])
            }
            TableTask::Classify | TableTask::ClassifyPair => {
                class(label).map(|class| Some(WrittenLabel::Class(class))).ok_or_else(|| vec![label.to_owned()])
            }
            TableTask::Write | TableTask::TagTokens | TableTask::TextToText => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{ExampleOptions, Targets};
    use super::*;
    use crate::protocol::RowPlace;
    use std::collections::BTreeMap;

    fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
        let mut table = Table::default();
        columns.iter().for_each(|name| _ = table.column_or_new(name));
        for row in rows {
            table.push_row(RowPlace { file: 0, line: 1 }, row.iter().copied()).unwrap();
        }
        table
    }

    fn columns(task: TableTask, more: &[u32], label_separator: Option<char>) -> TaskColumns {
        TaskColumns { task, text: 0, second: None, target: Some(1), more_targets: more.to_vec(), split: None, label_separator }
    }

    /// Writes a label into row 0 and reads it again.
    fn again(table: &Table, columns: &TaskColumns, label: &str) -> String {
        let cells = written_cells(table, columns, 0, label).unwrap();
        let cells: BTreeMap<(u32, u32), String> = cells.into_iter().map(|(column, cell)| ((0, column), cell)).collect();
        written_label(&table.with_cells(&cells).unwrap(), columns, 0)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let one = table(&["text", "label"], &[&["a", "x"], &["b", "y"]]);
        assert_eq!(again(&one, &columns(TableTask::Classify, &[], None), "z"), "z");
        assert_eq!(again(&one, &columns(TableTask::Score, &[], None), "2.5"), "2.5");
        assert_eq!(again(&one, &columns(TableTask::ClassifySeveral, &[], Some('|')), "u|v"), "u|v");
        let flags = table(&["text", "sun", "rain"], &[&["a", "1", "0"]]);
        assert_eq!(again(&flags, &columns(TableTask::ClassifySeveral, &[2], None), "rain"), "rain");
        assert_eq!(again(&flags, &columns(TableTask::ClassifySeveral, &[2], None), "rain;sun"), "sun; rain");
        let mut lists = table(&["text", "labels"], &[&["a", "x"]]);
        lists.mark_list(1);
        assert_eq!(again(&lists, &columns(TableTask::ClassifySeveral, &[], None), "u; v"), "u; v");
        assert_eq!(again(&lists, &columns(TableTask::ClassifySeveral, &[], None), ""), "");
        lists.mark_list(0);
        assert_eq!(again(&lists, &columns(TableTask::TagTokens, &[], None), "B-PER"), "B-PER");
    }

    #[test]
    fn other_accepted_texts_stay() {
        let mut answers = table(&["question", "answers"], &[&["a", ""]]);
        answers.mark_list(1);
        let answers = answers.with_cells(&BTreeMap::from([((0, 1), list_cell(["Rom", "in Rome", "Rome"].into_iter()))])).unwrap();
        let written = |label: &str| {
            let cells = written_cells(&answers, &columns(TableTask::TextToText, &[], None), 0, label).unwrap();
            let cells = cells.into_iter().map(|(column, cell)| ((0, column), cell)).collect();
            answers.with_cells(&cells).unwrap().items(0, 1).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(written("Rome"), ["Rome", "in Rome"]);
        assert!(written("").is_empty(), "the row is taken out");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let one = table(&["text", "label", "more"], &[&["a", "1"]]);
        let refused = |task, more: &[u32], label| {
            let refused = written_cells(&one, &columns(task, more, None), 0, label);
            assert_eq!(refused, Err(TableError::LabelRefused(label.to_owned())));
        };
        refused(TableTask::Score, &[], "many");
        refused(TableTask::ClassifySeveral, &[2], "less");
        refused(TableTask::TagTokens, &[], "O O");
    }

    #[test]
    fn labels_are_understood() {
        let examples = |task, separator| {
            let table = table(&["text", "label"], &[&["a", "1"], &["b", "2"]]);
            Examples::collect(&table, columns(task, &[], separator), &ExampleOptions::default()).unwrap()
        };
        let one = examples(TableTask::Classify, None);
        assert_eq!(one.understood(" 2 "), Ok(Some(WrittenLabel::Class(1))));
        assert_eq!((one.understood(""), one.understood("3")), (Ok(None), Err(vec!["3".to_owned()])));
        let several = examples(TableTask::ClassifySeveral, Some(','));
        assert_eq!(several.understood("2,1,2"), Ok(Some(WrittenLabel::Set(vec![0, 1]))));
        assert_eq!(several.understood(""), Ok(Some(WrittenLabel::Set(Vec::new()))));
        assert_eq!(several.understood("1,5"), Err(vec!["5".to_owned()]));
        let score = examples(TableTask::Score, None);
        assert_eq!((score.understood("7"), score.understood("x")), (Ok(Some(WrittenLabel::Number(7.0))), Err(vec!["x".to_owned()])));
    }

    #[test]
    fn new_spellings_of_a_merged_class_are_understood() {
        let table = table(&["text", "label"], &[&["a", "Very good"], &["b", "very good"], &["c", "bad"]]);
        let examples = |merge_labels, task| {
            let options = ExampleOptions { merge_labels, known_labels: None };
            Examples::collect(&table, columns(task, &[], Some(';')), &options).unwrap()
        };
        let (merged, apart) = (examples(true, TableTask::Classify), examples(false, TableTask::Classify));
        assert_eq!(merged.classes, ["Very good", "bad"]);
        assert_eq!(merged.understood(" VERY  good"), Ok(Some(WrittenLabel::Class(0))));
        assert_eq!(apart.understood("very good"), Ok(Some(WrittenLabel::Class(2))));
        assert_eq!(apart.understood("VERY good"), Err(vec!["VERY good".to_owned()]));
        assert_eq!(examples(true, TableTask::ClassifySeveral).understood("BAD; very good"), Ok(Some(WrittenLabel::Set(vec![0, 1]))));
    }

    #[test]
    fn a_corrected_number_leaves_the_others_as_they_were() {
        let columns = columns(TableTask::Score, &[], None);
        let numbers = |table: &Table| {
            let examples = Examples::collect(table, columns.clone(), &ExampleOptions::default()).unwrap();
            let Targets::Numbers(values) = &examples.targets else { panic!("{:?}", examples.targets) };
            (values.clone(), examples.understood("3,500"))
        };
        let said = |number| Ok(Some(WrittenLabel::Number(number)));
        let thousands = table(&["text", "price"], &[&["a", "1,200"], &["b", "850"]]);
        assert_eq!(numbers(&thousands), (vec![1_200.0, 850.0], said(3_500.0)));
        assert_eq!(written_cells(&thousands, &columns, 1, "2,5"), Err(TableError::LabelRefused("2,5".to_owned())));
        let decimal = table(&["text", "price"], &[&["a", "1,200"], &["b", "0,5"]]);
        let cells = written_cells(&decimal, &columns, 1, "2").unwrap();
        let changed = decimal.with_cells(&cells.into_iter().map(|(column, cell)| ((1, column), cell)).collect()).unwrap();
        assert_eq!(numbers(&changed), (vec![1.2, 2.0], said(3.5)), "1,200 is still no thousand");
        assert_eq!(numbers(&Table::from_bytes(&changed.to_bytes()).unwrap()), numbers(&changed));
    }
}
