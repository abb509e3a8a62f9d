//! The open table: reading it a slice at a time, examining a choice of its columns, showing rows.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::Session;
use super::super::breath::{Breath, Job};
use super::super::faults::out_of_turn;
use super::super::host::Host;
use super::super::tasks::Task;
use super::keeping::Correction;
use super::relabel::facts_beside;
use super::task::{is_trainable, untrainable};
use super::{LabelDone, LabelTask};
use crate::protocol::labels::{CorrectedRows, ExampleFacts, LabelAnswer, LabelChoice, ROW_CHARACTERS, RowText};
use crate::protocol::{
    Event, Fault, FaultCode, FileHead, NextAction, RowCounts, Sealed, TableFinding, TableForm, TableOptions, TableProposal, TableReading,
    TableTask, TypedClass,
};
use crate::text::spaced;
use crate::text::table::{ExampleOptions, Examples, Split, Table, TableError, TableReader, propose, split, written_label};
use crate::train::joined;

/// Bytes read between two breaths: some milliseconds' worth.
const SLICE: usize = 512 * 1024;
/// Seconds between two words of progress.
const PROGRESS_SECONDS: f64 = 0.1;
/// Rows that one question may ask for.
const MOST_ROWS: usize = 200;

/// A table with what was said of it.
pub struct OpenTable {
    pub table: Table,
    said: Rc<(TableReading, TableProposal)>,
    /// Cells that are no longer as they were read.
    corrected: BTreeMap<(u32, u32), String>,
}

impl OpenTable {
    /// A table as it was read.
    pub fn new(table: Table, reading: TableReading, proposal: TableProposal) -> Self {
        Self { table, said: Rc::new((reading, proposal)), corrected: BTreeMap::new() }
    }

    /// How it was read.
    pub fn reading(&self) -> &TableReading {
        &self.said.0
    }

    /// What the page was told of it.
    pub fn said(&self) -> (TableReading, TableProposal) {
        (*self.said).clone()
    }

    /// Names of its files; empty where it was typed.
    pub fn title(&self) -> String {
        self.said.0.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Cells that were corrected since it was read.
    pub fn corrections(&self) -> Vec<Correction> {
        self.corrected.iter().map(|(&(row, column), cell)| (row, column, cell.clone())).collect()
    }

    /// Rows of which a cell is another one than there.
    pub fn rows_unlike(&self, other: &Self) -> BTreeSet<u32> {
        let differs = |row: u32, column: u32| {
            let (row, column) = (row as usize, column as usize);
            self.table.cell(row, column) != other.table.cell(row, column)
        };
        let touched = self.corrected.keys().chain(other.corrected.keys());
        touched.filter(|&&(row, column)| differs(row, column)).map(|&(row, _)| row).collect()
    }

    /// The same table, perhaps with other cells.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.said, &other.said)
    }

    /// With these cells; what was said of its reading still holds.
    ///
    /// # Errors
    /// Cells that are too large, or of a column that is not there.
    pub fn corrected(&self, cells: BTreeMap<(u32, u32), String>) -> Result<Self, TableError> {
        let table = self.table.with_cells(&cells)?;
        let mut corrected = self.corrected.clone();
        corrected.extend(cells);
        Ok(Self { table, said: self.said.clone(), corrected })
    }
}

/// The examples of a choice with their parts.
pub struct Chosen {
    pub examples: Examples,
    pub split: Split,
}

impl Chosen {
    /// An example's text; of a pair both.
    pub fn text(&self, table: &Table, number: usize) -> String {
        joined(&self.examples.text(table, number), &self.examples.second(table, number))
    }

    /// All that is to be read or written of an example: for a tokenizer of its own.
    pub fn whole_text(&self, table: &Table, number: usize) -> String {
        let columns = &self.examples.columns;
        match columns.task {
            TableTask::TagTokens => {
                let mut whole = String::new();
                for word in table.items(self.examples.rows[number] as usize, columns.text as usize) {
                    if spaced(&whole, word) {
                        whole.push(' ');
                    }
                    whole.push_str(word);
                }
                whole
            }
            TableTask::TextToText => joined(&self.text(table, number), self.examples.target(table, number)),
            _ => self.text(table, number),
        }
    }

    /// What the page is told of them, and of what in the reading of the table is in the way.
    pub fn facts(&self, reading: &TableReading) -> ExampleFacts {
        let in_the_way = reading.findings.iter().filter(|finding| finding.blocks()).cloned();
        ExampleFacts {
            classes: self.examples.classes.clone(),
            class_counts: self.examples.class_counts(),
            examples: self.examples.len() as u64,
            set_aside: self.examples.set_aside,
            findings: in_the_way.chain(self.examples.findings.iter().cloned()).collect(),
            split: self.split.report.clone(),
            corrected: CorrectedRows::default(),
        }
    }
}

/// Takes the examples of a choice, and splits them.
///
/// # Errors
/// Columns that make no task, or a task that cannot be trained yet.
pub fn choose(table: &Table, choice: &LabelChoice) -> Result<Chosen, Fault> {
    if !is_trainable(choice.columns.task) {
        return Err(untrainable(choice.columns.task));
    }
    let options = ExampleOptions { merge_labels: choice.merge_labels, known_labels: None };
    let examples = Examples::collect(table, choice.columns.clone(), &options)?;
    let split = split(table, &examples, &choice.split);
    Ok(Chosen { examples, split })
}

async fn read<H: Host>(
    host: Rc<H>,
    breath: Breath,
    request: u32,
    files: Vec<(FileHead, Vec<u8>)>,
    options: TableOptions,
) -> Result<LabelDone, Fault> {
    let mut reader = TableReader::new(files, options)?;
    let mut told = f64::NEG_INFINITY;
    loop {
        let progress = reader.advance(SLICE)?;
        if progress.finished {
            break;
        }
        let now = host.now();
        if now - told >= PROGRESS_SECONDS {
            told = now;
            let answer = LabelAnswer::TableProgress { done: progress.done, total: progress.total, rows: progress.rows };
            host.send(&Event::Labels { request, answer }, Vec::new());
        }
        breath.take().await;
    }
    let (table, reading) = reader.finish();
    breath.take().await;
    let proposal = propose(&table);
    Ok(LabelDone::Table(Box::new(OpenTable::new(table, reading, proposal))))
}

fn typed(classes: &[TypedClass]) -> Result<OpenTable, Fault> {
    let table = Table::typed(classes)?;
    let rows = table.rows() as u64;
    let findings = if rows == 0 { vec![TableFinding::NoRows] } else { Vec::new() };
    let reading = TableReading {
        form: TableForm::Typed,
        files: Vec::new(),
        separator: None,
        quote: None,
        header: None,
        token_column: None,
        tag_column: None,
        columns: (0..table.columns()).map(|column| table.name(column).to_owned()).collect(),
        counts: RowCounts { read: rows, kept: rows, ..RowCounts::default() },
        findings,
        excerpt: table.excerpt(),
    };
    let proposal = propose(&table);
    Ok(OpenTable::new(table, reading, proposal))
}

impl<H: Host> Session<H> {
    pub(super) fn open_table(
        &mut self,
        request: u32,
        files: Vec<FileHead>,
        options: TableOptions,
        buffers: Vec<Vec<u8>>,
    ) -> Result<(), Fault> {
        if self.say_table_again(request) {
            return Ok(());
        }
        let breath = Breath::default();
        let files = files.into_iter().zip(buffers).collect();
        let job = Job::new(breath.clone(), read(self.host.clone(), breath, request, files, options));
        self.task = Some(Task::Labels(LabelTask { request, prepares: false, job }));
        Ok(())
    }

    pub(super) fn type_table(&mut self, request: u32, classes: &[TypedClass]) -> Result<(), Fault> {
        if !self.say_table_again(request) {
            self.take_table(request, typed(classes)?);
        }
        Ok(())
    }

    /// The message was repeated; its answer may have been lost.
    fn say_table_again(&self, request: u32) -> bool {
        if self.labels.answered_table != request || request == 0 {
            return false;
        }
        if let Some(open) = &self.labels.table {
            let (reading, proposal) = open.said();
            self.answer(request, LabelAnswer::TableReady { reading, proposal });
        }
        true
    }

    pub(super) fn take_table(&mut self, request: u32, open: OpenTable) {
        let (reading, proposal) = open.said();
        self.labels.choice = None;
        self.labels.answered_table = request;
        self.labels.table = Some(Rc::new(open));
        self.answer(request, LabelAnswer::TableReady { reading, proposal });
    }

    pub(super) fn table(&self) -> Result<Rc<OpenTable>, Fault> {
        self.labels.table.clone().ok_or_else(|| Fault::new(FaultCode::EmptyText, NextAction::ChooseText, "no table is open"))
    }

    pub(super) fn examine(&mut self, request: u32, choice: LabelChoice) -> Result<(), Fault> {
        let facts = facts_beside(&*self.table()?, &choice, self.labels.prepared.as_deref())?;
        self.labels.choice = Some(choice);
        self.answer(request, LabelAnswer::Examined { facts });
        Ok(())
    }

    /// Rows of the table that the prepared run was made from, with their corrected labels if it is still open; without a run, of the open one.
    pub(super) fn read_rows(&self, request: u32, rows: &[u32]) -> Result<(), Fault> {
        let open = self.labels.table.as_ref();
        let (table, columns) = match (&self.labels.prepared, open, &self.labels.choice) {
            (Some(prepared), _, _) => {
                let corrected = open.filter(|open| open.is_same(&prepared.table));
                (corrected.unwrap_or(&prepared.table), &prepared.plan.config.choice.columns)
            }
            (None, Some(open), Some(choice)) => (open, &choice.columns),
            _ => return Err(out_of_turn("no columns have been chosen")),
        };
        let table = &table.table;
        let cut = |text: &str| text.chars().take(ROW_CHARACTERS).collect::<String>();
        let row = |&row: &u32| {
            let whole = [Some(columns.text), columns.second]
                .map(|column| column.map_or_else(Default::default, |column| table.text(row as usize, column as usize)));
            let [text, second] = whole.each_ref().map(|text| cut(text));
            let cut_short = text.len() < whole[0].len() || second.len() < whole[1].len();
            let label = cut(&written_label(table, columns, row as usize));
            RowText { row, place: table.place(row as usize), text, second, cut: cut_short, label }
        };
        let there = rows.iter().filter(|&&row| (row as usize) < table.rows());
        let rows = Sealed::of(&there.take(MOST_ROWS).map(row).collect());
        self.answer(request, LabelAnswer::Rows { rows });
        Ok(())
    }
}
