//! Files to a table, a slice at a time, so that a worker can report progress and be stopped between two slices.
//!
//! In: files with names (or paths) and the visitor's corrections. Out: the table and its [`TableReading`]. First every file is decoded
//! and recognised, then they are arranged, then read one after another.

use super::super::{corpus::MAX_BYTES, decode::decode, error::TextError};
use super::MAX_LISTED;
use super::arrange::{Arrangement, Source, Work, arrange, lines, parallel_names};
use super::cell_lists::divide_cells;
use super::conll::ConllFile;
use super::delimited::DelimitedFile;
use super::error::TableError;
use super::header::has_header;
use super::json_rows::JsonFile;
use super::lines::{LinesFile, document, parallel};
use super::paths::{extension, is_note};
use super::rows::Rows;
use super::shape::{Shape, shape};
use super::store::Table;
use crate::protocol::{FileHead, FileRefusal, FileReport, RaggedPolicy, TableFinding, TableForm, TableOptions, TableReading};
use std::collections::VecDeque;

/// How far a reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableProgress {
    /// Bytes done and to do; decoding and reading count once each.
    pub done: u64,
    pub total: u64,
    /// Rows found so far.
    pub rows: u64,
    /// Rows of the table so far: without those that cannot be read, and those beyond the limit.
    pub kept: u64,
    pub finished: bool,
}

enum Open {
    Delimited(Box<DelimitedFile>),
    Json(Box<JsonFile>),
    Conll(Box<ConllFile>),
    Lines(LinesFile),
}

/// Reads files into a table.
pub struct TableReader {
    options: TableOptions,
    waiting: VecDeque<(u32, FileHead, Vec<u8>)>,
    /// The only file, or a named one, must not be passed over.
    alone: bool,
    decoded: Vec<Source>,
    works: VecDeque<Work>,
    open: Option<(Open, usize)>,
    reading: TableReading,
    passed_over: Vec<(String, FileRefusal)>,
    rows: Rows,
    first_error: Option<TextError>,
    arranged: bool,
    done: u64,
    total: u64,
}

impl TableReader {
    /// Takes the files. Names may be paths with folders. Nothing is read yet.
    ///
    /// # Errors
    /// `TextError::TooLarge` beyond the bytes that are read at once.
    pub fn new(files: Vec<(FileHead, Vec<u8>)>, options: TableOptions) -> Result<Self, TableError> {
        let bytes: u64 = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        if bytes > MAX_BYTES {
            return Err(TextError::TooLarge { bytes, limit: MAX_BYTES }.into());
        }
        let rows = Rows::new(options.most_rows);
        let alone = files.len() == 1;
        let waiting = (0_u32..).zip(files).map(|(file, (head, bytes))| (file, head, bytes)).collect();
        let reading = TableReading {
            form: options.form.unwrap_or(TableForm::Lines),
            files: Vec::new(),
            separator: None,
            quote: None,
            header: None,
            token_column: None,
            tag_column: None,
            columns: Vec::new(),
            counts: rows.counts,
            findings: Vec::new(),
            excerpt: Vec::new(),
        };
        Ok(Self {
            options,
            waiting,
            alone,
            decoded: Vec::new(),
            works: VecDeque::new(),
            open: None,
            reading,
            passed_over: Vec::new(),
            rows,
            first_error: None,
            arranged: false,
            done: 0,
            total: 2 * bytes,
        })
    }

    /// Reads everything without a pause.
    ///
    /// # Errors
    /// As [`Self::new`] and [`Self::advance`].
    pub fn read_all(files: Vec<(FileHead, Vec<u8>)>, options: TableOptions) -> Result<(Table, TableReading), TableError> {
        let mut reader = Self::new(files, options)?;
        while !reader.advance(usize::MAX / 4)?.finished {}
        Ok(reader.finish())
    }

    /// Goes on for about `budget` bytes; decoding takes one whole file.
    ///
    /// # Errors
    /// Those of decoding when no file can be read, and `TableError::TooLarge`.
    pub fn advance(&mut self, budget: usize) -> Result<TableProgress, TableError> {
        if let Some((file, head, bytes)) = self.waiting.pop_front() {
            self.done += bytes.len() as u64;
            self.decode(file, head, bytes)?;
        } else if !self.arranged {
            self.arrange()?;
        } else {
            self.read(budget.max(1))?;
        }
        Ok(self.progress())
    }

    fn progress(&self) -> TableProgress {
        let finished = self.waiting.is_empty() && self.arranged && self.works.is_empty() && self.open.is_none();
        let done = if finished { self.total } else { self.done.min(self.total) };
        TableProgress { done, total: self.total, rows: self.rows.counts.read, kept: self.rows.table.rows() as u64, finished }
    }

    fn decode(&mut self, file: u32, head: FileHead, bytes: Vec<u8>) -> Result<(), TableError> {
        if !self.alone && is_note(&head.name) {
            self.passed_over.push((head.name, FileRefusal::Note));
            return Ok(());
        }
        let decoded = match decode(&head.name, bytes, head.encoding.as_deref()) {
            Ok(decoded) => decoded,
            // A wrong correction is the visitor's to correct again.
            Err(error @ TextError::UnknownEncoding(_)) => return Err(error.into()),
            Err(error) => {
                let why = if matches!(error, TextError::Binary { .. }) { FileRefusal::NotText } else { FileRefusal::Unreadable };
                self.passed_over.push((head.name, why));
                self.first_error.get_or_insert(error);
                return Ok(());
            }
        };
        if decoded.text.trim().is_empty() {
            self.passed_over.push((head.name, FileRefusal::Empty));
            return Ok(());
        }
        if decoded.report.replaced > 0 {
            let FileReport { replaced, encoding, .. } = &decoded.report;
            self.reading.findings.push(TableFinding::ReplacedCharacters { characters: *replaced, encoding: encoding.clone() });
        }
        self.reading.files.push(decoded.report);
        let shape = shape(&decoded.text, &extension(&head.name), &self.options);
        self.decoded.push(Source { path: head.name, file, text: decoded.text, shape });
        Ok(())
    }

    fn arrange(&mut self) -> Result<(), TableError> {
        self.arranged = true;
        if self.decoded.is_empty() {
            let names: Vec<&str> = self.passed_over.iter().map(|(name, _)| name.as_str()).collect();
            return Err(self.first_error.take().unwrap_or_else(|| TextError::Empty(names.join(", "))).into());
        }
        let Arrangement { form, works, passed_over } = arrange(std::mem::take(&mut self.decoded), self.options.form);
        self.reading.form = form;
        self.reading.files.retain(|file| works.iter().any(|work| work.source.path == file.name));
        self.passed_over.extend(passed_over);
        self.works = works.into();
        // Places count the files that are read, as the list of them does; those passed over are not in it.
        for work in &mut self.works {
            let at = self.reading.files.iter().position(|file| file.name == work.source.path);
            work.source.file = at.map_or(work.source.file, |at| at as u32);
        }
        if form == TableForm::ParallelLines {
            let paths: Vec<String> = self.works.iter().map(|work| work.source.path.clone()).collect();
            self.reading.findings.extend(self.uneven_files());
            let texts = self.works.drain(..).map(|work| work.source.text);
            let files: Vec<(String, String)> = parallel_names(&paths).into_iter().zip(texts).collect();
            parallel(&files, &[], &mut self.rows)?;
        }
        Ok(())
    }

    /// Files side by side of which one is longer, unless the visitor says that they are so: from the missing line on, labels would stand beside other texts.
    fn uneven_files(&self) -> Option<TableFinding> {
        let counts = |count: fn(&str) -> usize| self.works.iter().map(|work| count(&work.source.text) as u64).collect::<Vec<_>>();
        let differ = |counts: &[u64]| counts.windows(2).any(|pair| pair[0] != pair[1]);
        let found = counts(lines);
        // A last label that is blank is there all the same.
        let uneven = self.options.form.is_none() && differ(&found) && differ(&counts(|text| text.lines().count()));
        let files = || self.works.iter().map(|work| work.source.path.clone()).zip(found).collect();
        uneven.then(|| TableFinding::UnevenFiles { files: files() })
    }

    fn read(&mut self, budget: usize) -> Result<(), TableError> {
        if self.open.is_none()
            && let Some(work) = self.works.pop_front()
        {
            self.open = self.start(work)?.map(|open| (open, 0));
        }
        let Some((open, before)) = &mut self.open else { return Ok(()) };
        let (at, finished) = match open {
            Open::Delimited(file) => file.advance(budget, &mut self.rows)?,
            Open::Json(file) => file.advance(budget, &mut self.rows)?,
            Open::Conll(file) => file.advance(budget, &mut self.rows)?,
            Open::Lines(file) => file.advance(budget, &mut self.rows)?,
        };
        self.done += at.saturating_sub(*before) as u64;
        *before = at;
        if finished {
            self.open = None;
        }
        Ok(())
    }

    /// Opens a file for reading; a document is read at once. The first file's way of reading is the one that is reported.
    fn start(&mut self, work: Work) -> Result<Option<Open>, TableError> {
        let Work { source, extras } = work;
        let ragged = self.options.ragged.unwrap_or(RaggedPolicy::Repair);
        let (rows, reading, header) = (&mut self.rows, &mut self.reading, self.options.header);
        Ok(Some(match source.shape {
            Shape::Delimited(sample) => {
                let header = header.unwrap_or_else(|| has_header(&sample.rows));
                reading.separator.get_or_insert(sample.dialect.separator);
                reading.quote.get_or_insert(sample.dialect.quote);
                reading.header.get_or_insert(header);
                Open::Delimited(Box::new(DelimitedFile::new(source.text, source.file, &sample, header, ragged, &extras, rows)))
            }
            Shape::Json => {
                let file = JsonFile::document(source.text, source.file, header, extras, rows);
                reading.header = reading.header.or(file.header());
                Open::Json(Box::new(file))
            }
            Shape::JsonLines => {
                let file = JsonFile::lines(source.text, source.file, header, extras);
                reading.header = reading.header.or(file.header());
                Open::Json(Box::new(file))
            }
            Shape::Conll(shape) => {
                reading.separator.get_or_insert(shape.separator);
                reading.token_column.get_or_insert(shape.token as u32);
                reading.tag_column.get_or_insert(shape.tag as u32);
                Open::Conll(Box::new(ConllFile::new(source.text, source.file, shape, ragged, &extras, rows)))
            }
            Shape::Prose if reading.form == TableForm::Documents => {
                self.done += source.text.len() as u64;
                document(&source.text, source.file, &extras, rows)?;
                return Ok(None);
            }
            Shape::Prose => Open::Lines(LinesFile::new(source.text, source.file, &extras, rows)),
        }))
    }

    /// The table and how it was read, once [`TableProgress::finished`] is true; before, what was read so far.
    pub fn finish(self) -> (Table, TableReading) {
        let Self { mut reading, rows, mut passed_over, .. } = self;
        let (mut table, counts, findings) = rows.finish();
        divide_cells(&mut table);
        reading.findings.extend(findings);
        if !passed_over.is_empty() {
            let count = passed_over.len() as u64;
            passed_over.truncate(MAX_LISTED);
            reading.findings.push(TableFinding::FilesPassedOver { count, files: passed_over });
        }
        reading.counts = counts;
        reading.columns = (0..table.columns()).map(|column| table.name(column).to_owned()).collect();
        reading.excerpt = table.excerpt();
        (table, reading)
    }
}
