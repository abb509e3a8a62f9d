//! Plain texts as rows: a text per line, a text per file, or parallel files whose lines belong together.

use super::error::TableError;
use super::rows::{Extra, FileColumns, Rows};
use crate::protocol::RowPlace;

/// A file whose lines are texts.
pub(super) struct LinesFile {
    text: String,
    at: usize,
    line: u32,
    file: u32,
    columns: FileColumns,
}

impl LinesFile {
    pub(super) fn new(text: String, file: u32, extras: &[Extra], rows: &mut Rows) -> Self {
        let columns = FileColumns::new(&["text".to_owned()], extras, rows);
        Self { text, at: 0, line: 0, file, columns }
    }

    /// Reads on for about `budget` bytes. Returns the bytes read so far, and whether the file is finished.
    pub(super) fn advance(&mut self, budget: usize, rows: &mut Rows) -> Result<(usize, bool), TableError> {
        let end = self.at.saturating_add(budget);
        while self.at < end && self.at < self.text.len() {
            let line = self.text[self.at..].split('\n').next().unwrap_or("");
            self.at += line.len() + 1;
            self.line += 1;
            if line.trim().is_empty() {
                rows.counts.blank_lines += 1;
            } else {
                rows.push(RowPlace { file: self.file, line: self.line }, &self.columns, std::iter::once(line))?;
            }
        }
        Ok((self.at.min(self.text.len()), self.at >= self.text.len()))
    }
}

/// One file, one text.
pub(super) fn document(text: &str, file: u32, extras: &[Extra], rows: &mut Rows) -> Result<(), TableError> {
    let columns = FileColumns::new(&["text".to_owned()], extras, rows);
    rows.push(RowPlace { file, line: 1 }, &columns, std::iter::once(text.trim()))
}

/// Files that are columns: row *n* is line *n* of each. Where one file is shorter, its cells are empty and the row counts as ragged.
/// `files` are names and texts. Places name the first file.
pub(super) fn parallel(files: &[(String, String)], extras: &[Extra], rows: &mut Rows) -> Result<(), TableError> {
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let columns = FileColumns::new(&names, extras, rows);
    let mut lines: Vec<_> = files.iter().map(|(_, text)| text.lines()).collect();
    for line in 1_u32.. {
        let cells: Vec<Option<&str>> = lines.iter_mut().map(Iterator::next).collect();
        let there = cells.iter().flatten().count();
        if there == 0 {
            break;
        }
        let place = RowPlace { file: 0, line };
        if cells.iter().flatten().all(|cell| cell.trim().is_empty()) {
            rows.counts.blank_lines += 1;
            continue;
        }
        if there < files.len() {
            rows.ragged(crate::protocol::RaggedRow { place, cells: there as u32 }, files.len(), true);
        }
        rows.push(place, &columns, cells.iter().map(|cell| cell.unwrap_or("")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_documents_and_columns() {
        let mut rows = Rows::new(None);
        let mut file = LinesFile::new("one\n\n two \n".to_owned(), 0, &[("label", "x".to_owned())], &mut rows);
        while !file.advance(1, &mut rows).unwrap().1 {}
        document("\nthree\nlines\n", 1, &[("label", "y".to_owned())], &mut rows).unwrap();
        let (table, counts, _) = rows.finish();
        let cells: Vec<(&str, &str, u32)> = (0..3).map(|row| (table.cell(row, 0), table.cell(row, 1), table.place(row).line)).collect();
        assert_eq!(cells, [("one", "x", 1), (" two ", "x", 3), ("three\nlines", "y", 1)]);
        assert_eq!((counts.read, counts.blank_lines), (3, 1));

        let mut rows = Rows::new(None);
        let files = [("texts".to_owned(), "a\nb\nc\n".to_owned()), ("labels".to_owned(), "x\n\n".to_owned())];
        parallel(&files, &[], &mut rows).unwrap();
        let (table, counts, findings) = rows.finish();
        assert_eq!((table.rows(), counts.read, table.cell(2, 0), table.cell(2, 1), table.name(1)), (3, 3, "c", "", "labels"));
        assert!(matches!(findings[..], [crate::protocol::TableFinding::RaggedRows { shorter: 1, .. }]));
    }
}
