//! Rows of cells between separators: read a slice at a time, ragged rows repaired or set aside, blank lines counted.

use super::dialect::{Dialect, Sample, builder};
use super::error::TableError;
use super::quotes::{audit, quote_byte, separator_byte};
use super::rows::{Extra, FileColumns, Rows};
use crate::protocol::{RaggedPolicy, RaggedRow, RowPlace};
use std::collections::HashSet;
use std::io::Cursor;

/// A file of cells that is being read.
pub(super) struct DelimitedFile {
    reader: csv::Reader<Cursor<String>>,
    record: csv::StringRecord,
    dialect: Dialect,
    file: u32,
    columns: FileColumns,
    /// Cells that a row should have.
    width: usize,
    /// Column that surplus separators are joined into.
    widest: usize,
    /// Values of columns that have few: where they are tells where a surplus separator is.
    values: Vec<Option<HashSet<String>>>,
    ragged: RaggedPolicy,
    header_left: bool,
    /// Lines before those of the reader.
    lines_before: u32,
}

impl DelimitedFile {
    /// `file` is the position among the files; `sample` is the start of `text`.
    pub(super) fn new(
        mut text: String,
        file: u32,
        sample: &Sample,
        header: bool,
        ragged: RaggedPolicy,
        extras: &[Extra],
        rows: &mut Rows,
    ) -> Self {
        let dialect = sample.dialect;
        let first: &[String] = sample.rows.first().map_or(&[], Vec::as_slice);
        let mut names: Vec<String> =
            if header { first.iter().map(|name| name.trim().to_owned()).collect() } else { vec![String::new(); sample.width] };
        if header && names.len() + 1 == sample.width && sample.share > 0.5 {
            // A data frame written with row names, which have no heading.
            names.insert(0, "id".to_owned());
        }
        for (at, name) in names.iter_mut().enumerate().filter(|(_, name)| name.is_empty()) {
            *name = if header && at == 0 { "id".to_owned() } else { format!("column {}", at + 1) };
        }
        let lines_before = u32::from(sample.skipped > 0);
        text.drain(..sample.skipped.min(text.len()));
        if let Some(mark) = quote_byte(dialect.quote) {
            let found = audit(&text, separator_byte(dialect.separator), mark);
            rows.stray_quotes(found.stray, RowPlace { file, line: found.first_stray.saturating_add(lines_before) });
        }
        let width = names.len();
        let columns = FileColumns::new(&names, extras, rows);
        let widest = widest(sample, width, header);
        let values = few_values(sample, width, header);
        let reader = builder(dialect).from_reader(Cursor::new(text));
        Self {
            reader,
            record: csv::StringRecord::new(),
            dialect,
            file,
            columns,
            width,
            widest,
            values,
            ragged,
            header_left: header,
            lines_before,
        }
    }

    /// Reads on for about `budget` bytes. Returns the bytes read of this file so far, and whether it is finished.
    pub(super) fn advance(&mut self, budget: usize, rows: &mut Rows) -> Result<(usize, bool), TableError> {
        let end = self.reader.position().byte() + budget as u64;
        while self.reader.position().byte() < end {
            let (start, line) = (self.reader.position().byte() as usize, self.reader.position().line());
            // Blank lines before a row: the reader passes over them, its line counter names the first of them.
            let blank = self.reader.get_ref().get_ref().as_bytes()[start..].iter().take_while(|&&byte| byte == b'\n').count();
            rows.counts.blank_lines += blank as u64;
            // In a string and with rows of any width, reading cannot fail; if it did, the file would end here.
            if !self.reader.read_record(&mut self.record).unwrap_or(false) {
                return Ok((self.reader.position().byte() as usize, true));
            }
            if std::mem::take(&mut self.header_left) {
                continue;
            }
            let line = u32::try_from(line + blank as u64 + u64::from(self.lines_before)).unwrap_or(u32::MAX);
            self.take_row(RowPlace { file: self.file, line }, rows)?;
        }
        Ok((self.reader.position().byte() as usize, false))
    }

    fn take_row(&self, place: RowPlace, rows: &mut Rows) -> Result<(), TableError> {
        let cells = self.record.len();
        if cells == self.width {
            return rows.push(place, &self.columns, self.record.iter());
        }
        let repaired = self.ragged == RaggedPolicy::Repair;
        rows.ragged(RaggedRow { place, cells: u32::try_from(cells).unwrap_or(u32::MAX) }, self.width, repaired);
        if !repaired {
            rows.leave_out_ragged();
            return Ok(());
        }
        let Some(surplus) = cells.checked_sub(self.width).filter(|_| self.width > 0) else {
            return rows.push(place, &self.columns, self.record.iter());
        };
        let mark = (separator_byte(self.dialect.separator) as char).to_string();
        let joined: Vec<&str> = self.record.iter().skip(self.widest).take(surplus + 1).collect();
        let joined = joined.join(&mark);
        let before = self.record.iter().take(self.widest);
        let after = self.record.iter().skip(self.widest + surplus + 1);
        let as_text: Vec<&str> = before.chain(std::iter::once(joined.as_str())).chain(after).collect();
        let as_cut: Vec<&str> = self.record.iter().take(self.width).collect();
        let nothing_more = self.record.iter().skip(self.width).all(str::is_empty);
        if nothing_more || self.fitting(&as_cut) > self.fitting(&as_text) {
            rows.cut_surplus();
            return rows.push(place, &self.columns, as_cut.into_iter());
        }
        rows.push(place, &self.columns, as_text.into_iter())
    }

    /// Cells that are among the values of their column, where a column has few.
    fn fitting(&self, cells: &[&str]) -> usize {
        cells.iter().zip(&self.values).filter(|(cell, values)| values.as_ref().is_some_and(|values| values.contains(**cell))).count()
    }
}

/// Values of the columns that have few (labels, parts), from rows of the right width.
fn few_values(sample: &Sample, width: usize, header: bool) -> Vec<Option<HashSet<String>>> {
    let rows: Vec<&Vec<String>> = sample.rows.iter().skip(usize::from(header)).filter(|row| row.len() == width).collect();
    let values = |column: usize| rows.iter().map(|row| row[column].clone()).collect::<HashSet<String>>();
    (0..width).map(|column| Some(values(column)).filter(|values| values.len() * 2 <= rows.len())).collect()
}

/// The column with the most text in rows of the right width: a surplus comma is likeliest there.
fn widest(sample: &Sample, width: usize, header: bool) -> usize {
    let mut sizes = vec![0_usize; width];
    for row in sample.rows.iter().skip(usize::from(header)).filter(|row| row.len() == width) {
        for (size, cell) in sizes.iter_mut().zip(row) {
            *size += cell.len();
        }
    }
    // The first of equals.
    (0..width).rev().max_by_key(|&at| sizes[at]).unwrap_or(0)
}
