//! Tables of examples from bytes to parts: what is recognised, what is proposed, what is found wrong, how rows are split.
//!
//! In: small files written here, and arbitrary bytes. Out: assertions on the public interface of `attune::text::table`.
#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

#[path = "tables/layouts.rs"]
mod layouts;
#[path = "tables/properties.rs"]
mod properties;
#[path = "tables/reading.rs"]
mod reading;
#[path = "tables/using.rs"]
mod using;

use attune::protocol::{FileHead, SplitOptions, TableOptions, TableProposal, TableReading, TableTask, TaskColumns};
use attune::text::table::{ExampleOptions, Examples, Split, Table, TableReader, propose, split};

pub fn file(name: &str, bytes: impl Into<Vec<u8>>) -> (FileHead, Vec<u8>) {
    (FileHead { name: name.to_owned(), encoding: None }, bytes.into())
}

pub fn read_with(files: &[(&str, &str)], options: TableOptions) -> (Table, TableReading) {
    let files = files.iter().map(|(name, text)| file(name, *text)).collect();
    let (table, reading) = TableReader::read_all(files, options).unwrap();
    adds_up(&reading);
    assert_eq!(reading.counts.kept, table.rows() as u64);
    (table, reading)
}

pub fn read(files: &[(&str, &str)]) -> (Table, TableReading) {
    read_with(files, TableOptions::default())
}

pub fn adds_up(reading: &TableReading) {
    let counts = reading.counts;
    assert_eq!(counts.read, counts.kept + counts.ragged + counts.unreadable + counts.over_limit, "{counts:?}");
}

pub fn cells(table: &Table) -> Vec<Vec<&str>> {
    (0..table.rows()).map(|row| (0..table.columns()).map(|column| table.cell(row, column)).collect()).collect()
}

pub fn first_task(proposal: &TableProposal) -> &TaskColumns {
    &proposal.proposals[0].columns
}

/// Task, text, second and target (by name) of the first proposal.
pub fn proposed(text: &str) -> (TableTask, String, String, String) {
    let (table, _) = read(&[("a.csv", text)]);
    let proposal = propose(&table);
    let columns = first_task(&proposal);
    let name = |column: Option<u32>| column.map_or(String::new(), |column| table.name(column as usize).to_owned());
    (columns.task, name(Some(columns.text)), name(columns.second), name(columns.target))
}

pub fn collect(table: &Table, options: &ExampleOptions) -> Examples {
    let proposal = propose(table);
    let examples = Examples::collect(table, first_task(&proposal).clone(), options).unwrap();
    assert_eq!(examples.len() as u64 + examples.set_aside.total(), table.rows() as u64);
    examples
}

pub fn divide(table: &Table, examples: &Examples, options: &SplitOptions) -> Split {
    let divided = split(table, examples, options);
    let report = &divided.report;
    assert_eq!(divided.parts.len(), examples.len());
    assert_eq!(report.training + report.validation + report.test + report.left_out, examples.len() as u64);
    divided
}
