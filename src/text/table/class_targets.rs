//! Targets of classes: the labels of each row as the task reads them, the classes that they make, and the rows that say too little.

use super::MAX_LISTED;
use super::examples::{Aside, ExampleOptions, Found, Targets, list};
use super::label_lists;
use super::labels::{Classes, Spellings};
use super::store::Table;
use super::values::flag;
use crate::protocol::{RowPlace, TableFinding, TableTask, TaskColumns};

/// The labels of a row, as the task reads them.
pub(super) fn labels_of<'a>(table: &'a Table, columns: &'a TaskColumns, row: usize) -> Vec<&'a str> {
    let target = columns.target.map_or(0, |target| target as usize);
    match (columns.task, columns.label_separator) {
        (TableTask::ClassifySeveral, _) if !columns.more_targets.is_empty() => {
            flags(columns).filter(|&column| flag(table.cell(row, column)) == Some(true)).map(|column| table.name(column)).collect()
        }
        (TableTask::ClassifySeveral, Some(separator)) => label_lists::labels(table.cell(row, target), separator).collect(),
        (TableTask::ClassifySeveral | TableTask::TagTokens, _) => table.items(row, target).collect(),
        _ => vec![table.cell(row, target)],
    }
}

/// The columns of yes and no, where each class has one.
fn flags(columns: &TaskColumns) -> impl Iterator<Item = usize> {
    let all = columns.target.iter().chain(&columns.more_targets).map(|&column| column as usize);
    all.filter(|_| columns.task == TableTask::ClassifySeveral && !columns.more_targets.is_empty())
}

/// The cells of a row's columns of yes and no that say neither: `-1` for "not judged", say.
pub(super) fn unknown_flags<'a>(table: &'a Table, columns: &TaskColumns, row: usize) -> impl Iterator<Item = &'a str> {
    flags(columns).map(move |column| table.cell(row, column)).filter(|cell| flag(cell).is_none())
}

/// Whether the cells where the labels of a row should stand are empty.
fn has_no_label(table: &Table, columns: &TaskColumns, row: usize, labels: &[&str]) -> bool {
    labels.iter().all(|label| label.trim().is_empty()) && flags(columns).all(|column| table.cell(row, column).trim().is_empty())
}

/// Rows of several labels of which the cells say too little, as they are found.
#[derive(Default)]
struct Doubts {
    bare: (u64, Vec<RowPlace>),
    odd: (u64, Vec<RowPlace>),
    odd_cells: Spellings,
}

impl Doubts {
    /// Whether the row is an example all the same: without a label it has none of the classes, but what is neither yes nor no says nothing.
    fn admit(&mut self, table: &Table, columns: &TaskColumns, row: usize, labels: &[&str]) -> bool {
        let mut odd = unknown_flags(table, columns, row).peekable();
        let doubt = if odd.peek().is_some() {
            &mut self.odd
        } else if has_no_label(table, columns, row, labels) {
            &mut self.bare
        } else {
            return true;
        };
        doubt.0 += 1;
        list(&mut doubt.1, table.place(row));
        let known = odd.peek().is_none();
        odd.for_each(|cell| self.odd_cells.count(cell.trim()));
        known
    }

    fn report(self, learned: bool, findings: &mut Vec<TableFinding>) {
        let (rows, places) = self.bare;
        if rows > 0 && learned {
            findings.push(TableFinding::WithoutLabels { rows, places });
        }
        let (rows, places) = self.odd;
        if rows > 0 {
            findings.push(TableFinding::UnknownFlags { rows, values: self.odd_cells.first(MAX_LISTED), places });
        }
    }
}

/// Targets of classes.
pub(super) fn classes(
    table: &Table,
    columns: &TaskColumns,
    options: &ExampleOptions,
    mut rows: Vec<u32>,
    aside: &mut Aside,
    findings: &mut Vec<TableFinding>,
) -> Found {
    let task = columns.task;
    let (mut spellings, mut doubts) = (Spellings::default(), Doubts::default());
    rows.retain(|&row| {
        let (row, place) = (row as usize, table.place(row as usize));
        let labels = labels_of(table, columns, row);
        if task == TableTask::TagTokens {
            let tokens = table.items(row, columns.text as usize).count();
            if labels.len() != tokens || labels.iter().any(|tag| tag.trim().is_empty()) {
                aside.counts.uneven_tags += 1;
                list(&mut aside.tags, place);
                return false;
            }
        } else if task == TableTask::ClassifySeveral {
            // With several labels, none is an answer too.
            if !doubts.admit(table, columns, row, &labels) {
                aside.counts.unknown_label += 1;
                return false;
            }
        } else if labels.iter().all(|label| label.trim().is_empty()) {
            aside.counts.empty_label += 1;
            list(&mut aside.labels, place);
            return false;
        }
        labels.iter().filter(|label| !label.trim().is_empty()).for_each(|label| spellings.count(label));
        true
    });
    doubts.report(options.known_labels.is_none(), findings);
    if !columns.more_targets.is_empty() {
        // A class that no row has is still a class of its column.
        columns.target.iter().chain(&columns.more_targets).for_each(|&column| spellings.count(table.name(column as usize)));
    }
    let classes = Classes::new(&spellings, options.merge_labels, options.known_labels.as_deref(), findings);
    let (mut ends, mut ids, mut unknown) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()), Spellings::default());
    let mut unknown_rows = 0;
    rows.retain(|&row| {
        let start = ids.len();
        let mut known = true;
        for label in labels_of(table, columns, row as usize).into_iter().filter(|label| !label.trim().is_empty()) {
            match classes.class(label) {
                Some(class) => ids.push(class),
                None => {
                    unknown.count(label);
                    known = false;
                }
            }
        }
        if !known {
            ids.truncate(start);
            unknown_rows += 1;
            return false;
        }
        if task == TableTask::ClassifySeveral {
            let mut own = ids.split_off(start);
            own.sort_unstable();
            own.dedup();
            ids.extend(own);
        }
        ends.push(ids.len() as u32);
        true
    });
    if !unknown.is_empty() {
        findings.push(TableFinding::UnknownLabels { rows: unknown_rows, labels: unknown.first(MAX_LISTED) });
    }
    let lists = matches!(task, TableTask::ClassifySeveral | TableTask::TagTokens);
    let targets = if lists { Targets::Lists { ends, ids } } else { Targets::Classes(ids) };
    aside.counts.unknown_label += unknown_rows;
    (rows, targets, classes.names)
}
