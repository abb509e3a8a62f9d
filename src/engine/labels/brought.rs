//! Texts of a file that a visitor wants answers to: read as tables are, beside the open table and without a trace in it.
//!
//! In: a file's bytes, and the columns that the prepared run learns from. Out: [`BroughtTexts`]. A file's columns are known by those columns' names; where it
//! lacks them, by its own looks, and then its labels count only if the model knows one of them: a column that merely looks like labels would make the answers
//! look wrong. A file that is no table, or plain text by its name, has a text a line.

use std::rc::Rc;

use super::super::Session;
use super::super::breath::{Breath, Job};
use super::super::faults::out_of_turn;
use super::super::host::Host;
use super::predict::Predicting;
use super::prepare::LabelPrepared;
use crate::protocol::labels::{BroughtTexts, LabelAnswer, MOST_BROUGHT};
use crate::protocol::{Fault, FileHead, Sealed, Separator, TableForm, TableOptions, TableReading, TableTask, TaskColumns};
use crate::text::table::{Table, TableReader, extension, propose, written_label};

/// Bytes read between two breaths. Far fewer rows than a table may have fit in, so that the first rows are kept and not every second.
const SLICE: usize = 64 * 1024;
/// Rows in which a label must be known.
const LOOKED_AT: usize = 200;
/// Endings of names that promise no table; none does not either.
const PLAIN: [&str; 5] = ["", "txt", "text", "md", "markdown"];

struct File {
    table: Table,
    reading: TableReading,
}

struct Bringing {
    prepared: Rc<LabelPrepared>,
    head: FileHead,
    bytes: Vec<u8>,
    breath: Breath,
}

fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Bringing {
    fn own(&self) -> &TaskColumns {
        &self.prepared.plan.config.choice.columns
    }

    fn own_name(&self, column: u32) -> &str {
        self.prepared.table.table.name(column as usize)
    }

    fn wants_second(&self) -> bool {
        self.own().second.is_some() && self.own().task != TableTask::TagTokens
    }

    fn is_plain(&self) -> bool {
        PLAIN.contains(&extension(&self.head.name).as_str())
    }

    /// The first rows of the file.
    async fn read(&self, options: TableOptions) -> Result<File, Fault> {
        let mut reader = TableReader::new(vec![(self.head.clone(), self.bytes.clone())], options)?;
        loop {
            let progress = reader.advance(SLICE)?;
            // Rows that cannot be read fill no place: they are no reason to stop.
            if progress.finished || progress.kept > MOST_BROUGHT as u64 {
                break;
            }
            self.breath.take().await;
        }
        let (table, reading) = reader.finish();
        Ok(File { table, reading })
    }

    async fn texts(&self) -> Result<BroughtTexts, Fault> {
        let mut file = self.read(TableOptions::default()).await?;
        if file.reading.header == Some(false) && self.heads(&file.table) {
            file = self.read(TableOptions { header: Some(true), ..TableOptions::default() }).await?;
        }
        if let Some(columns) = self.named(&file) {
            return Ok(self.cells(file, &columns));
        }
        match file.reading.form {
            TableForm::Json | TableForm::JsonLines => {}
            TableForm::Conll if self.own().task == TableTask::TagTokens || !self.is_plain() => {}
            TableForm::Delimited if !self.is_plain() => {}
            // Prose has commas too: only known labels make a table of it.
            TableForm::Delimited if file.reading.header == Some(true) && self.proposed(&file.table).target.is_some() => {}
            TableForm::Lines => return Ok(self.lines(file)),
            _ => return Ok(self.lines(self.read(TableOptions { form: Some(TableForm::Lines), ..TableOptions::default() }).await?)),
        }
        let columns = self.placed(&file).unwrap_or_else(|| self.proposed(&file.table));
        Ok(self.cells(file, &columns))
    }

    /// The first row holds the name of the column that is read.
    fn heads(&self, table: &Table) -> bool {
        (0..table.columns()).any(|column| same_name(table.cell(0, column), self.own_name(self.own().text)))
    }

    /// The columns that are called as those that are learned from.
    fn named(&self, file: &File) -> Option<TaskColumns> {
        let (own, table, there) = (self.own(), &self.prepared.table, &file.table);
        if matches!(file.reading.form, TableForm::Lines | TableForm::Documents | TableForm::ParallelLines) {
            return None;
        }
        // Names that the reader made up are places: those of the same kind of file say as much as names.
        let unnamed = |reading: &TableReading| reading.header == Some(false);
        let alike = unnamed(table.reading()) && table.table.columns() == there.columns() && !self.is_plain();
        if unnamed(&file.reading) && !alike {
            return None;
        }
        let place = |column: u32| {
            let name = self.own_name(column);
            let found = there.column(name).or_else(|| (0..there.columns()).find(|&at| same_name(there.name(at), name)));
            found.map(|at| at as u32)
        };
        let text = place(own.text)?;
        let second = match own.second.filter(|_| self.wants_second()) {
            Some(second) => Some(place(second)?),
            None => None,
        };
        let more_targets: Option<Vec<u32>> = own.more_targets.iter().map(|&column| place(column)).collect();
        let target = own.target.and_then(place).filter(|_| more_targets.is_some());
        let is_list = target.is_some_and(|target| there.is_list(target as usize));
        let label_separator = if is_list { None } else { Some(own.written_separator()) };
        let more_targets = more_targets.unwrap_or_default();
        Some(TaskColumns { task: own.task, text, second, target, more_targets, split: None, label_separator })
    }

    /// Columns without names between tabs: as in lines.
    fn placed(&self, file: &File) -> Option<TaskColumns> {
        let (own, columns, texts) = (self.own(), file.table.columns() as u32, 1 + u32::from(self.wants_second()));
        let tabs = file.reading.header == Some(false) && file.reading.separator == Some(Separator::Tab);
        (tabs && (texts..=texts + 1).contains(&columns)).then(|| TaskColumns {
            task: own.task,
            text: 0,
            second: self.wants_second().then_some(1),
            target: (columns > texts).then_some(texts),
            more_targets: Vec::new(),
            split: None,
            label_separator: Some(own.written_separator()),
        })
    }

    /// The columns that look right. Without labels that the model knows, those of texts alone.
    fn proposed(&self, table: &Table) -> TaskColumns {
        let own = self.own();
        let mut found: Vec<TaskColumns> = propose(table).proposals.into_iter().map(|proposal| proposal.columns).collect();
        if self.wants_second() && own.task != TableTask::TextToText {
            // Two texts without a label look like a text and its answer.
            found.iter_mut().filter(|columns| columns.task == TableTask::TextToText).for_each(|columns| {
                columns.second = columns.second.or(columns.target);
            });
        }
        let suits = |columns: &&TaskColumns| columns.second.is_some() == self.wants_second();
        let known = |columns: &&TaskColumns| suits(columns) && columns.task == own.task && self.knows(table, columns);
        if let Some(columns) = found.iter().find(known) {
            return columns.clone();
        }
        let texts = found.iter().find(suits).or(found.first());
        let (text, second) = texts.map_or((0, None), |columns| (columns.text, columns.second.filter(|_| self.wants_second())));
        TaskColumns { task: own.task, text, second, target: None, more_targets: Vec::new(), split: None, label_separator: None }
    }

    /// Some of the labels are among the model's. Texts and tags cannot be known by a list of classes.
    fn knows(&self, table: &Table, columns: &TaskColumns) -> bool {
        if matches!(columns.task, TableTask::TextToText | TableTask::TagTokens) {
            return true;
        }
        let mut labels = (0..table.rows().min(LOOKED_AT)).map(|row| self.label(table, columns, row));
        labels.any(|label| !label.is_empty() && matches!(self.prepared.chosen.examples.understood(&label), Ok(Some(_))))
    }

    /// A row's label as the table that is learned from writes it.
    fn label(&self, table: &Table, columns: &TaskColumns, row: usize) -> String {
        let written = written_label(table, columns, row);
        let (here, own) = (columns.written_separator(), self.own().written_separator());
        if columns.task != TableTask::ClassifySeveral || here == own {
            return written.trim().to_owned();
        }
        written.split(here).map(str::trim).collect::<Vec<_>>().join(&own.to_string())
    }

    fn cells(&self, file: File, columns: &TaskColumns) -> BroughtTexts {
        let table = &file.table;
        let rows = || 0..table.rows().min(MOST_BROUGHT);
        let text = |row, column: u32| table.text(row, column as usize).into_owned();
        let second = |row| columns.second.map_or_else(String::new, |second| text(row, second));
        let name = |column: Option<u32>| column.map_or_else(String::new, |column| table.name(column as usize).to_owned());
        let targets: Vec<String> = columns.target.iter().chain(&columns.more_targets).map(|&column| name(Some(column))).collect();
        let asked = |column: u32| {
            column == columns.text
                || columns.second.filter(|_| self.wants_second()) == Some(column)
                || columns.target == Some(column)
                || columns.more_targets.contains(&column)
        };
        let others = (0..table.columns() as u32).filter(|&column| !asked(column));
        let brought = BroughtTexts {
            others: others.map(|column| (name(Some(column)), rows().map(|row| text(row, column)).collect())).collect(),
            columns: [name(Some(columns.text)), name(columns.second), targets.join(", ")],
            texts: rows().map(|row| text(row, columns.text)).collect(),
            seconds: if self.wants_second() { rows().map(second).collect() } else { Vec::new() },
            labels: columns.target.map_or_else(Vec::new, |_| rows().map(|row| self.label(table, columns, row)).collect()),
            more: table.rows() > MOST_BROUGHT,
            findings: file.reading.findings,
        };
        without_blank_labels(brought)
    }

    /// Lines, cut at tabs: the text, of pairs the second text, and where one is left, the label.
    fn lines(&self, file: File) -> BroughtTexts {
        let mut brought = BroughtTexts {
            columns: Default::default(),
            others: Vec::new(),
            texts: Vec::new(),
            seconds: Vec::new(),
            labels: Vec::new(),
            more: file.table.rows() > MOST_BROUGHT,
            findings: file.reading.findings,
        };
        for line in (0..file.table.rows().min(MOST_BROUGHT)).map(|row| file.table.cell(row, 0)) {
            let (first, rest) = if self.wants_second() { line.split_once('\t').unwrap_or((line, "")) } else { ("", line) };
            let (last, label) = rest.rsplit_once('\t').unwrap_or((rest, ""));
            let text = if self.wants_second() { first } else { last };
            brought.texts.push(text.trim().to_owned());
            brought.labels.push(label.trim().to_owned());
            if self.wants_second() {
                brought.seconds.push(last.trim().to_owned());
            }
        }
        without_blank_labels(brought)
    }
}

fn without_blank_labels(mut brought: BroughtTexts) -> BroughtTexts {
    if brought.labels.iter().all(String::is_empty) {
        brought.labels.clear();
        brought.columns[2].clear();
    }
    brought
}

impl<H: Host> Session<H> {
    /// Answered between two steps, as questions about texts are: what is being prepared goes on.
    pub(super) fn read_texts(&mut self, request: u32, head: FileHead, bytes: Vec<u8>) -> Result<(), Fault> {
        if self.is_asked(request) {
            return Ok(());
        }
        let run = self.labels.run.as_ref().map(|run| &run.prepared);
        let Some(prepared) = run.or(self.labels.prepared.as_ref()).cloned() else { return Err(out_of_turn("no model is ready yet")) };
        let breath = Breath::default();
        let bringing = Bringing { prepared, head, bytes, breath: breath.clone() };
        let answer = async move { Ok(LabelAnswer::TextsRead { texts: Sealed::of(&bringing.texts().await?) }) };
        self.labels.predicting.push_back(Predicting { request, job: Job::new(breath, answer) });
        Ok(())
    }
}
