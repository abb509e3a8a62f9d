//! The rows of a table that are examples of a chosen task, with their targets as numbers; the others are counted under their reason.

use super::class_targets::classes;
use super::error::TableError;
use super::store::Table;
use super::values::{Commas, is_number, number};
use super::{MAX_LISTED, excerpt};
use crate::protocol::{RowPlace, SetAside, TableFinding, TableTask, TaskColumns};
use std::borrow::Cow;

/// How labels are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExampleOptions {
    /// Labels that differ only by case or blanks are one.
    pub merge_labels: bool,
    /// Classes of a model that is to be used: other labels are unknown, and no class is missing.
    pub known_labels: Option<Vec<String>>,
}

/// What is to be learned, one entry per example.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Writing, and text to text: the target is in the table.
    Texts,
    Classes(Vec<u32>),
    /// Example *i* has the classes `ids[ends[i - 1]..ends[i]]`, in rising order; of tagging: the tag of each token.
    Lists {
        ends: Vec<u32>,
        ids: Vec<u32>,
    },
    Numbers(Vec<f64>),
}

/// Examples of a task. `rows.len() + set_aside.total()` is the number of rows of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    pub columns: TaskColumns,
    /// Row of the table of each example, rising.
    pub rows: Vec<u32>,
    /// Names of the classes; of tagging: of the tags. Empty for numbers and texts.
    pub classes: Vec<String>,
    pub targets: Targets,
    pub set_aside: SetAside,
    pub findings: Vec<TableFinding>,
    /// How the numbers of the target column are read.
    pub(super) commas: Commas,
    /// Spellings that differ only by case or blanks are one class.
    pub(super) merge_labels: bool,
}

/// Rows without a usable target, by reason.
#[derive(Default)]
pub(super) struct Aside {
    pub(super) counts: SetAside,
    texts: Vec<RowPlace>,
    pub(super) labels: Vec<RowPlace>,
    numbers: (Vec<RowPlace>, Vec<String>),
    pub(super) tags: Vec<RowPlace>,
}

/// Adds to a list that is cut.
pub(super) fn list<T>(all: &mut Vec<T>, item: T) {
    if all.len() < MAX_LISTED {
        all.push(item);
    }
}

impl Examples {
    /// Takes the examples of the task that `columns` describes.
    ///
    /// # Errors
    /// `NoSuchColumn`, `NoTarget` and `ColumnTwice` for columns that do not make a task.
    pub fn collect(table: &Table, columns: TaskColumns, options: &ExampleOptions) -> Result<Self, TableError> {
        check(table, &columns)?;
        let mut aside = Aside::default();
        let rows = with_texts(table, &columns, &mut aside);
        let mut findings = Vec::new();
        let (rows, targets, classes) = match columns.task {
            TableTask::Write => (rows, Targets::Texts, Vec::new()),
            TableTask::TextToText => (with_answers(table, &columns, rows, &mut aside), Targets::Texts, Vec::new()),
            TableTask::Score | TableTask::ScorePair => numbers(table, &columns, rows, &mut aside),
            TableTask::Classify | TableTask::ClassifyPair | TableTask::ClassifySeveral | TableTask::TagTokens => {
                classes(table, &columns, options, rows, &mut aside, &mut findings)
            }
        };
        let commas = columns.target.map_or_else(Commas::default, |target| table.commas(target as usize));
        let mut examples =
            Self { columns, rows, classes, targets, set_aside: aside.counts, findings, commas, merge_labels: options.merge_labels };
        examples.report(table, aside, options.known_labels.is_some());
        Ok(examples)
    }

    /// Number of examples.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text of an example; of lists (of tagging: the tokens) the items with blanks between them.
    pub fn text<'a>(&self, table: &'a Table, example: usize) -> Cow<'a, str> {
        self.input(table, example, Some(self.columns.text))
    }

    /// The second text of a pair, or the context; empty without one.
    pub fn second<'a>(&self, table: &'a Table, example: usize) -> Cow<'a, str> {
        self.input(table, example, self.columns.second)
    }

    fn input<'a>(&self, table: &'a Table, example: usize, column: Option<u32>) -> Cow<'a, str> {
        self.rows.get(example).zip(column).map_or_else(Cow::default, |(&row, column)| table.text(row as usize, column as usize))
    }

    /// The target as it stands in the table: the text to write, of several accepted ones the first.
    pub fn target<'a>(&self, table: &'a Table, example: usize) -> &'a str {
        self.references(table, example).next().unwrap_or("")
    }

    /// All accepted targets of an example: answers of a question, say. Usually there is one.
    pub fn references<'a>(&self, table: &'a Table, example: usize) -> impl Iterator<Item = &'a str> {
        let place = self.rows.get(example).zip(self.columns.target);
        place.into_iter().flat_map(|(&row, target)| table.items(row as usize, target as usize))
    }

    pub(super) fn cell<'a>(&self, table: &'a Table, example: usize, column: Option<u32>) -> &'a str {
        match (self.rows.get(example), column) {
            (Some(&row), Some(column)) => table.cell(row as usize, column as usize),
            _ => "",
        }
    }

    /// Classes of an example: one, several, or its tags; none for numbers and texts.
    pub fn classes_of(&self, example: usize) -> &[u32] {
        match &self.targets {
            Targets::Classes(classes) => classes.get(example..=example).unwrap_or(&[]),
            Targets::Lists { ends, ids } => {
                let start = if example == 0 { 0 } else { ends.get(example - 1).map_or(ids.len(), |&end| end as usize) };
                let end = ends.get(example).map_or(start, |&end| end as usize);
                &ids[start..end]
            }
            Targets::Texts | Targets::Numbers(_) => &[],
        }
    }

    /// Examples that have each class.
    pub fn class_counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.classes.len()];
        for example in 0..self.len() {
            let mut seen = self.classes_of(example).to_vec();
            seen.sort_unstable();
            seen.dedup();
            for class in seen {
                counts[class as usize] += 1;
            }
        }
        counts
    }

    fn report(&mut self, table: &Table, aside: Aside, known: bool) {
        let Aside { counts, texts, labels, numbers, tags } = aside;
        let mut add = |rows: u64, finding: TableFinding| {
            if rows > 0 {
                self.findings.push(finding);
            }
        };
        add(counts.empty_text, TableFinding::EmptyTexts { rows: counts.empty_text, places: texts });
        add(counts.empty_label, TableFinding::EmptyLabels { rows: counts.empty_label, places: labels });
        let not = TableFinding::NotNumbers { rows: counts.not_a_number, examples: numbers.1, places: numbers.0 };
        add(counts.not_a_number, not);
        add(counts.uneven_tags, TableFinding::UnevenTags { rows: counts.uneven_tags, places: tags });
        let text = self.columns.text;
        let numeric = (0..self.len()).filter(|&example| is_number(&self.text(table, example))).count();
        if self.len() > 1 && numeric * 10 >= self.len() * 9 {
            self.findings.push(TableFinding::TextIsNumbers { column: text });
        }
        if let Targets::Numbers(values) = &self.targets
            && let Some((&first, rest)) = values.split_first()
            && rest.iter().all(|&value| value == first)
        {
            self.findings.push(TableFinding::OneNumber { value: first, rows: values.len() as u64 });
        }
        if !known && !matches!(self.columns.task, TableTask::Write | TableTask::TextToText | TableTask::Score | TableTask::ScorePair) {
            self.report_classes(table.rows());
        }
    }

    fn report_classes(&mut self, rows: usize) {
        let (counts, examples) = (self.class_counts(), self.len() as u64);
        let one_of_many = self.columns.task != TableTask::ClassifySeveral;
        match &self.classes[..] {
            [] if rows > 0 => self.findings.push(TableFinding::NoClass),
            [only] if one_of_many || counts[0] == examples => {
                self.findings.push(TableFinding::OneClass { label: only.clone(), rows: examples });
            }
            _ => {}
        }
        if self.columns.task == TableTask::TagTokens || self.classes.len() < 2 {
            return;
        }
        let single: Vec<String> =
            self.classes.iter().zip(&counts).filter(|(_, count)| **count == 1).map(|(name, _)| name.clone()).collect();
        if !single.is_empty() {
            let count = single.len() as u64;
            self.findings.push(TableFinding::SingleRowClasses { labels: single.into_iter().take(MAX_LISTED).collect(), count });
        }
        if examples >= 20 && self.classes.len() as u64 * 2 > examples {
            self.findings.push(TableFinding::ManyClasses { classes: self.classes.len() as u64, rows: examples });
        }
        let largest = counts.iter().zip(&self.classes).max_by_key(|(count, _)| **count);
        if let Some((&count, label)) = largest
            && one_of_many
            && examples >= 20
            && count * 10 >= examples * 9
        {
            self.findings.push(TableFinding::Imbalance { label: label.clone(), share: count as f64 / examples as f64 });
        }
    }
}

fn check(table: &Table, columns: &TaskColumns) -> Result<(), TableError> {
    let inputs = std::iter::once(columns.text).chain(columns.second);
    let targets = columns.target.iter().chain(&columns.more_targets).copied();
    let mut seen = std::collections::HashSet::new();
    for column in inputs.chain(targets).chain(columns.split) {
        if column as usize >= table.columns() {
            return Err(TableError::NoSuchColumn { column, columns: table.columns() as u32 });
        }
        if !seen.insert(column) {
            return Err(TableError::ColumnTwice(column));
        }
    }
    let pair = matches!(columns.task, TableTask::ClassifyPair | TableTask::ScorePair);
    if pair && columns.second.is_none() {
        return Err(TableError::NoTarget("a second text"));
    }
    if columns.target.is_none() && columns.task != TableTask::Write {
        return Err(TableError::NoTarget("a target"));
    }
    Ok(())
}

/// Rows whose texts are not empty. A context may be.
fn with_texts(table: &Table, columns: &TaskColumns, aside: &mut Aside) -> Vec<u32> {
    let pair = matches!(columns.task, TableTask::ClassifyPair | TableTask::ScorePair);
    let second = columns.second.filter(|_| pair);
    let mut rows = Vec::with_capacity(table.rows());
    for row in 0..table.rows() {
        let empty = |column: u32| table.items(row, column as usize).all(|item| item.trim().is_empty());
        if empty(columns.text) || second.is_some_and(empty) {
            aside.counts.empty_text += 1;
            list(&mut aside.texts, table.place(row));
        } else {
            rows.push(row as u32);
        }
    }
    rows
}

fn with_answers(table: &Table, columns: &TaskColumns, mut rows: Vec<u32>, aside: &mut Aside) -> Vec<u32> {
    let target = columns.target.map_or(0, |target| target as usize);
    rows.retain(|&row| {
        let there = !table.cell(row as usize, target).trim().is_empty();
        if !there {
            aside.counts.empty_label += 1;
            list(&mut aside.labels, table.place(row as usize));
        }
        there
    });
    rows
}

/// Rows that are examples, their targets, and the names of the classes.
pub(super) type Found = (Vec<u32>, Targets, Vec<String>);

fn numbers(table: &Table, columns: &TaskColumns, mut rows: Vec<u32>, aside: &mut Aside) -> Found {
    let target = columns.target.map_or(0, |target| target as usize);
    let commas = table.commas(target);
    let mut values = Vec::with_capacity(rows.len());
    rows.retain(|&row| {
        let (cell, place) = (table.cell(row as usize, target), table.place(row as usize));
        let value = number(cell, commas);
        match value {
            Some(value) => values.push(value),
            None if cell.trim().is_empty() => {
                aside.counts.empty_label += 1;
                list(&mut aside.labels, place);
            }
            None => {
                aside.counts.not_a_number += 1;
                list(&mut aside.numbers.0, place);
                list(&mut aside.numbers.1, excerpt(cell));
            }
        }
        value.is_some()
    });
    (rows, Targets::Numbers(values), Vec::new())
}
