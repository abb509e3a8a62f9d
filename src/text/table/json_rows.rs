//! Rows of JSON documents and of files with one JSON value per line.
//!
//! Nested objects become columns named with dots, lists of plain values become lists, conversations become a text and its answer (`chats`), other lists stay
//! JSON. An array of rows is read element by element; any other document is read whole, and its rows are found by `json_layout`. What is not quite JSON is read
//! as far as it goes (`json_loose`).

use super::chats::{Chat, chat, is_chat};
use super::error::TableError;
use super::header::has_header;
use super::json::{Json, first_value};
use super::json_layout::records;
use super::json_loose::{Element, element, whole};
use super::rows::{Extra, Rows};
use super::store::{alike, list_cell};
use crate::protocol::RowPlace;
use std::collections::HashMap;

/// Elements looked at to tell whether the first holds names.
const SAMPLE: usize = 50;

enum Source {
    /// The rest of an array, from this byte on; behind its end (`inside` is false) perhaps another one, where files were put one after another.
    Elements {
        text: String,
        at: usize,
        inside: bool,
    },
    Lines {
        text: String,
        at: usize,
    },
    /// Rows of a document that was read whole, the last first.
    Tree {
        rows: Vec<Json>,
        read: usize,
    },
}

/// A file of JSON that is being read.
pub(super) struct JsonFile {
    source: Source,
    file: u32,
    line: u32,
    /// Names of the columns of rows that are arrays, when the first of them holds names.
    names: Vec<String>,
    skip_first: bool,
    header: Option<bool>,
    extras: Vec<Extra>,
    /// Places of columns, so that a name is looked up once.
    known: HashMap<String, Option<usize>>,
}

impl JsonFile {
    /// A document. `header`: whether the first of rows that are arrays holds names; `None` is recognised.
    pub(super) fn document(text: String, file: u32, header: Option<bool>, extras: Vec<Extra>, rows: &mut Rows) -> Self {
        let start = text.len() - text.trim_start().len();
        let source = if text[start..].starts_with('[') {
            Source::Elements { text, at: start + 1, inside: true }
        } else if let Some((document, halves)) = whole(&text) {
            rows.half_characters(halves, RowPlace { file, line: 1 });
            let mut found = records(document);
            rows.passed_over(found.passed_over);
            found.rows.reverse();
            Source::Tree { rows: found.rows, read: text.len() }
        } else {
            rows.unreadable(RowPlace { file, line: 1 }, true);
            Source::Tree { rows: Vec::new(), read: text.len() }
        };
        Self::new(source, file, header, extras)
    }

    /// One value per line.
    pub(super) fn lines(text: String, file: u32, header: Option<bool>, extras: Vec<Extra>) -> Self {
        Self::new(Source::Lines { text, at: 0 }, file, header, extras)
    }

    fn new(source: Source, file: u32, header: Option<bool>, extras: Vec<Extra>) -> Self {
        let mut new = Self { source, file, line: 1, names: Vec::new(), skip_first: false, header: None, extras, known: HashMap::new() };
        new.recognise_header(header);
        new
    }

    /// Whether the first row holds names; `None` where rows have their own.
    pub(super) fn header(&self) -> Option<bool> {
        self.header
    }

    fn recognise_header(&mut self, wanted: Option<bool>) {
        let sample = self.sample();
        let lists: Vec<Vec<String>> = sample.iter().map(|row| row.items().iter().map(Json::to_cell).collect()).collect();
        if sample.is_empty() || lists.iter().any(Vec::is_empty) || sample.iter().any(is_chat) {
            return;
        }
        let header = wanted.unwrap_or_else(|| has_header(&lists));
        self.header = Some(header);
        self.skip_first = header;
        if header {
            self.names = lists.into_iter().next().unwrap_or_default();
        }
    }

    fn sample(&self) -> Vec<Json> {
        match &self.source {
            Source::Tree { rows, .. } => rows.iter().rev().take(SAMPLE).cloned().collect(),
            Source::Lines { text, .. } => {
                text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE).filter_map(|line| Some(whole(line)?.0)).collect()
            }
            Source::Elements { text, at, .. } => {
                let (mut at, mut found) = (*at, Vec::new());
                while found.len() < SAMPLE {
                    let start = skip_between(text, at);
                    at = start
                        + match element(text, start) {
                            Element::Value { value, bytes, .. } => {
                                found.push(value);
                                bytes
                            }
                            Element::Broken { bytes } => bytes,
                            Element::Lost => break,
                        };
                }
                found
            }
        }
    }

    /// Reads on for about `budget` bytes. Returns the bytes read so far, and whether the file is finished.
    pub(super) fn advance(&mut self, budget: usize, rows: &mut Rows) -> Result<(usize, bool), TableError> {
        let start = self.position();
        while self.position() - start < budget {
            if !self.next_row(rows)? {
                return Ok((self.position(), true));
            }
            if let Source::Tree { rows, .. } = &self.source
                && rows.len().is_multiple_of(4_096)
            {
                // The bytes were read before; the pause is for the page.
                return Ok((self.position(), rows.is_empty()));
            }
        }
        Ok((self.position(), false))
    }

    fn position(&self) -> usize {
        match &self.source {
            Source::Elements { at, .. } | Source::Lines { at, .. } => *at,
            Source::Tree { read, .. } => *read,
        }
    }

    /// Takes one row; `false` at the end.
    fn next_row(&mut self, rows: &mut Rows) -> Result<bool, TableError> {
        let file = self.file;
        let line_of_row;
        let value = match &mut self.source {
            Source::Tree { rows, .. } => {
                line_of_row = 1;
                let Some(value) = rows.pop() else { return Ok(false) };
                value
            }
            Source::Lines { text, at } => {
                if *at >= text.len() {
                    return Ok(false);
                }
                let line = text[*at..].split('\n').next().unwrap_or("");
                let blank = line.trim().is_empty();
                let value = whole(line);
                line_of_row = self.line;
                self.line += 1;
                *at += line.len() + 1;
                match value {
                    Some((value, halves)) => {
                        rows.half_characters(halves, RowPlace { file, line: line_of_row });
                        value
                    }
                    None if blank => {
                        rows.counts.blank_lines += 1;
                        return Ok(true);
                    }
                    None => {
                        rows.unreadable(RowPlace { file, line: line_of_row }, false);
                        return Ok(true);
                    }
                }
            }
            Source::Elements { text, at, inside } => {
                let start = skip_between(text, *at);
                self.line += lines_in(&text[*at..start]);
                line_of_row = self.line;
                *at = start;
                let rest = &text[start..];
                if rest.is_empty() && !*inside {
                    return Ok(false);
                }
                if rest.starts_with(if *inside { ']' } else { '[' }) {
                    *at += 1;
                    *inside = !*inside;
                    // The next file repeats the names.
                    let first = || first_value(&text[skip_between(text, start + 1)..]).map(|(value, _)| value);
                    let names = |value: Json| value.items().iter().map(Json::to_cell).eq(self.names.iter().cloned());
                    self.skip_first = *inside && self.header == Some(true) && first().is_some_and(names);
                    return Ok(true);
                }
                let place = RowPlace { file, line: line_of_row };
                let (value, bytes) = match element(text, start) {
                    Element::Value { value, bytes, halves } if *inside || matches!(value, Json::Object(_)) => {
                        rows.half_characters(halves, place);
                        (Some(value), bytes)
                    }
                    Element::Broken { bytes } if *inside => (None, bytes),
                    _ => {
                        // The end of the array is missing, or something else follows: where the next row begins, nobody knows.
                        rows.unreadable(place, true);
                        *at = text.len();
                        return Ok(false);
                    }
                };
                self.line += lines_in(&text[start..start + bytes]);
                *at = start + bytes;
                let Some(value) = value else {
                    rows.unreadable(place, false);
                    return Ok(true);
                };
                value
            }
        };
        if std::mem::take(&mut self.skip_first) {
            return Ok(true);
        }
        self.take_row(RowPlace { file, line: line_of_row }, value, rows)?;
        Ok(true)
    }

    fn take_row(&mut self, place: RowPlace, value: Json, rows: &mut Rows) -> Result<(), TableError> {
        let mut cells = Vec::new();
        match value {
            Json::Object(entries) => {
                for (key, value) in entries {
                    self.flatten(&key, value, &mut cells, rows);
                }
            }
            value @ Json::List(_) if is_chat(&value) => self.flatten("messages", value, &mut cells, rows),
            Json::List(items) => {
                for (at, item) in items.into_iter().enumerate() {
                    let name = self.names.get(at).filter(|name| !name.is_empty()).cloned().unwrap_or_else(|| format!("column {}", at + 1));
                    self.flatten(&name, item, &mut cells, rows);
                }
            }
            scalar => self.flatten("text", scalar, &mut cells, rows),
        }
        for (name, value) in &self.extras {
            // A column of the rows themselves goes before.
            if !self.known.keys().any(|own| alike(own, name))
                && let Some(column) = rows.column(name)
            {
                cells.push((column, value.clone()));
            }
        }
        rows.push_cells(place, &cells)
    }

    fn flatten(&mut self, name: &str, value: Json, cells: &mut Vec<(usize, String)>, rows: &mut Rows) {
        if let Json::Object(entries) = value {
            for (key, value) in entries {
                self.flatten(&format!("{name}.{key}"), value, cells, rows);
            }
            return;
        }
        if let Some(Chat { prompt, response }) = chat(&value) {
            self.flatten(&format!("{name}.prompt"), Json::Text(prompt), cells, rows);
            self.flatten(&format!("{name}.response"), Json::Text(response), cells, rows);
            return;
        }
        let column = match self.known.get(name) {
            Some(known) => *known,
            None => {
                let column = rows.column_of_file(name, |column| self.known.values().any(|own| *own == Some(column)));
                // Ever new keys would fill the memory; beyond the limit they are only counted.
                if column.is_some() {
                    self.known.insert(name.to_owned(), column);
                }
                column
            }
        };
        let Some(column) = column else { return };
        let cell = match value {
            Json::List(items) if items.iter().all(Json::is_scalar) => {
                rows.table.mark_list(column);
                let items: Vec<String> = items.iter().map(Json::to_cell).collect();
                list_cell(items.iter().map(String::as_str))
            }
            Json::Text(text) => {
                rows.table.count_quoted(column);
                text
            }
            other => other.to_cell(),
        };
        cells.push((column, cell));
    }
}

/// Past blanks and commas.
fn skip_between(text: &str, at: usize) -> usize {
    let rest = &text[at.min(text.len())..];
    text.len() - rest.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace()).len()
}

fn lines_in(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&byte| byte == b'\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::TableFinding;

    /// The cells of a document, and where it could not be read.
    fn read(text: &str) -> (Vec<Vec<String>>, Vec<RowPlace>) {
        let mut rows = Rows::new(None);
        let mut file = JsonFile::document(text.to_owned(), 0, None, Vec::new(), &mut rows);
        while !file.advance(1, &mut rows).unwrap().1 {}
        let (table, counts, findings) = rows.finish();
        assert_eq!(counts.read, counts.kept + counts.unreadable);
        let cells = |row| (0..table.columns()).map(|column| table.cell(row, column).to_owned()).collect();
        let unreadable = findings.into_iter().find_map(|finding| match finding {
            TableFinding::UnreadableRows { places, rest_lost: true, .. } => Some(places),
            _ => None,
        });
        ((0..table.rows()).map(cells).collect(), unreadable.unwrap_or_default())
    }

    #[test]
    fn arrays_one_after_another_are_all_read() {
        let (rows, lost) = read("[\n{\"t\": \"a\"}\n]\n[{\"t\": \"b\"}, {\"t\": \"c\"}][]\n{\"t\": \"d\"}\n");
        assert_eq!((rows, lost), (["a", "b", "c", "d"].map(|cell| vec![cell.to_owned()]).to_vec(), vec![]));
        let names = "[[\"text\", \"label\"], [\"a\", \"x\"]]";
        let (rows, _) = read(&format!("{names}\n{names}\n[[\"b\", \"y\"]]"));
        assert_eq!(rows, [["a", "x"], ["a", "x"], ["b", "y"]]);
    }

    #[test]
    fn keys_that_differ_by_case_are_one_column_of_several_files() {
        let mut rows = Rows::new(None);
        for (file, text) in [(0, r#"[{"text": "a", "label": "x"}]"#), (1, r#"[{"Text": "b", "Label": "y"}, {"text": "c", "Text": "d"}]"#)] {
            let extras = vec![("label", "z".to_owned())];
            let mut file = JsonFile::document(text.to_owned(), file, None, extras, &mut rows);
            while !file.advance(1, &mut rows).unwrap().1 {}
        }
        let (table, ..) = rows.finish();
        let cells: Vec<Vec<&str>> = (0..3).map(|row| (0..table.columns()).map(|column| table.cell(row, column)).collect()).collect();
        assert_eq!(cells, [["a", "x", ""], ["b", "y", ""], ["d", "", "c"]]);
    }

    #[test]
    fn what_cannot_be_read_behind_an_array_is_counted() {
        for rest in ["and so on", "5", "[{\"t\": ", "]"] {
            let (rows, lost) = read(&format!("[{{\"t\": \"a\"}}]\n\n{rest}"));
            assert_eq!((rows.len(), lost), (1, vec![RowPlace { file: 0, line: 3 }]), "{rest}");
        }
        let (rows, lost) = read("[{\"t\": \"a\"}");
        assert_eq!((rows.len(), lost.len()), (1, 1), "the end is missing");
    }
}
