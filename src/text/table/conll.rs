//! Columns of tokens and tags: one token per line, a blank line after each sentence (CoNLL 2003, CoNLL-U, IOB files).
//!
//! Each sentence becomes a row of two lists. Lines of `-DOCSTART-` and comments of CoNLL-U hold no token and are passed over.

use super::error::TableError;
use super::rows::{Extra, Rows};
use super::store::list_cell;
use super::values::is_whole;
use crate::protocol::{RaggedPolicy, RaggedRow, RowPlace, Separator};
use std::collections::{HashMap, HashSet};

/// How lines are cut, and which columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ConllShape {
    /// Tab or blanks.
    pub(super) separator: Separator,
    /// Columns of a line.
    pub(super) width: usize,
    pub(super) token: usize,
    pub(super) tag: usize,
}

const SAMPLE_LINES: usize = 2_000;
/// Share of lines of one width.
const MIN_SHARE: f64 = 0.95;
/// Tokens are words.
const MOST_MEAN_CHARACTERS: usize = 15;

fn cut(line: &str, separator: Separator) -> Vec<&str> {
    if separator == Separator::Tab { line.split('\t').collect() } else { line.split_whitespace().collect() }
}

/// A line of no sentence: a document's mark, or a comment, which has a blank after `#` where a token would have its tag.
fn is_note(line: &str, separator: Separator) -> bool {
    line.starts_with("-DOCSTART-")
        || (line.starts_with("# ") && (separator == Separator::Tab && !line.contains('\t') || line.contains(" = ")))
}

/// The shape of a text of token lines; `None` where it is none. `extension` is lower case.
pub(super) fn recognise(text: &str, extension: &str) -> Option<ConllShape> {
    let named = ["conll", "conllu", "conllx", "iob", "iob2", "bio", "bioes"].contains(&extension);
    let found = shape(text, extension)?;
    if named {
        return Some(found);
    }
    let (mut sentences, mut words, mut characters, mut inside) = (0_usize, 0_usize, 0_usize, false);
    let mut tags = HashSet::new();
    for line in text.lines().take(SAMPLE_LINES).filter(|line| !is_note(line, found.separator)) {
        let cells = cut(line, found.separator);
        if line.trim().is_empty() {
            inside = false;
            continue;
        }
        sentences += usize::from(!inside);
        inside = true;
        words += 1;
        characters += cells.get(found.token).map_or(0, |token| token.chars().count());
        tags.extend(cells.get(found.tag).copied());
    }
    let sentence_like = sentences >= 2 && words >= 2 * sentences;
    let word_like = characters <= MOST_MEAN_CHARACTERS * words;
    // Tags repeat.
    (sentence_like && word_like && tags.len() * 3 <= words.max(12)).then_some(found)
}

/// The shape that the lines have, whether they look like words or not.
pub(super) fn shape(text: &str, extension: &str) -> Option<ConllShape> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE_LINES).collect();
    let tabs = lines.iter().filter(|line| line.contains('\t')).count();
    let separator = if tabs * 10 >= lines.len() * 9 || extension == "conllu" { Separator::Tab } else { Separator::Blanks };
    let rows: Vec<Vec<&str>> = lines.iter().filter(|line| !is_note(line, separator)).map(|line| cut(line, separator)).collect();
    let mut widths: HashMap<usize, usize> = HashMap::new();
    for row in &rows {
        *widths.entry(row.len()).or_default() += 1;
    }
    let (width, count) = widths.into_iter().max_by_key(|&(width, count)| (count, width))?;
    if width < 2 || (count as f64) < MIN_SHARE * rows.len() as f64 {
        return None;
    }
    // CoNLL-U: the form is second, the universal tag fourth. Other files with a number first have the token second.
    let numbered = width > 2 && rows.iter().all(|row| row.first().is_some_and(|cell| is_whole(cell) || cell.contains(['-', '.'])));
    let token = usize::from(numbered);
    let tag = if width == 10 && numbered { 3 } else { width - 1 };
    Some(ConllShape { separator, width, token, tag })
}

/// A file of token lines that is being read.
pub(super) struct ConllFile {
    text: String,
    at: usize,
    line: u32,
    file: u32,
    shape: ConllShape,
    ragged: RaggedPolicy,
    extras: Vec<(usize, String)>,
    columns: Option<(usize, usize)>,
    tokens: Vec<String>,
    tags: Vec<String>,
    first_line: u32,
    ragged_sentence: bool,
}

impl ConllFile {
    pub(super) fn new(text: String, file: u32, shape: ConllShape, ragged: RaggedPolicy, extras: &[Extra], rows: &mut Rows) -> Self {
        let columns = rows.column("tokens").zip(rows.column("tags"));
        if let Some((tokens, tags)) = columns {
            rows.table.mark_list(tokens);
            rows.table.mark_list(tags);
        }
        let extras = extras.iter().filter_map(|(name, value)| Some((rows.column(name)?, value.clone()))).collect();
        Self {
            text,
            at: 0,
            line: 0,
            file,
            shape,
            ragged,
            extras,
            columns,
            tokens: Vec::new(),
            tags: Vec::new(),
            first_line: 0,
            ragged_sentence: false,
        }
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
                self.end_sentence(rows)?;
            } else if !is_note(line, self.shape.separator) {
                let cells = cut(line, self.shape.separator);
                if cells.len() != self.shape.width {
                    let place = RowPlace { file: self.file, line: self.line };
                    let row = RaggedRow { place, cells: u32::try_from(cells.len()).unwrap_or(u32::MAX) };
                    rows.ragged(row, self.shape.width, self.ragged == RaggedPolicy::Repair);
                    self.ragged_sentence = true;
                }
                if self.tokens.is_empty() {
                    self.first_line = self.line;
                }
                let cell = |at: usize| cells.get(at).map_or_else(String::new, |cell| cell.trim().to_owned());
                let (token, tag) = (cell(self.shape.token), cell(self.shape.tag));
                self.tokens.push(token);
                self.tags.push(tag);
            }
        }
        let finished = self.at >= self.text.len();
        if finished {
            self.end_sentence(rows)?;
        }
        Ok((self.at.min(self.text.len()), finished))
    }

    fn end_sentence(&mut self, rows: &mut Rows) -> Result<(), TableError> {
        if self.tokens.is_empty() {
            return Ok(());
        }
        let (tokens, tags) = (std::mem::take(&mut self.tokens), std::mem::take(&mut self.tags));
        if std::mem::take(&mut self.ragged_sentence) && self.ragged == RaggedPolicy::SetAside {
            rows.leave_out_ragged();
            return Ok(());
        }
        let Some((token_column, tag_column)) = self.columns else { return Ok(()) };
        let list = |items: &[String]| list_cell(items.iter().map(String::as_str));
        let mut cells = vec![(token_column, list(&tokens)), (tag_column, list(&tags))];
        cells.extend(self.extras.iter().cloned());
        rows.push_cells(RowPlace { file: self.file, line: self.first_line }, &cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, extension: &str, ragged: RaggedPolicy) -> (Vec<(String, String)>, Rows) {
        let mut rows = Rows::new(None);
        let shape = recognise(text, extension).unwrap();
        let mut file = ConllFile::new(text.to_owned(), 0, shape, ragged, &[], &mut rows);
        while !file.advance(7, &mut rows).unwrap().1 {}
        let join = |row, column| rows.table.items(row, column).collect::<Vec<_>>().join("|");
        let sentences = (0..rows.table.rows()).map(|row| (join(row, 0), join(row, 1))).collect();
        (sentences, rows)
    }

    #[test]
    fn sentences_of_several_dialects() {
        let expected = [("He|ran".to_owned(), "O|B-X".to_owned()), ("#|!".to_owned(), "O|O".to_owned())];
        for (text, extension) in [
            ("He\tO\nran\tB-X\n\n#\tO\n!\tO\n", "txt"),
            ("-DOCSTART- -X- O\n\nHe PRP O\nran VBD B-X\n\n\n# NN O\n! . O", "conll"),
            ("# sent_id = 1\n1\tHe\tO\n2\tran\tB-X\n\n1\t#\tO\n2\t!\tO\n", "conll"),
        ] {
            let (sentences, rows) = read(text, extension, RaggedPolicy::Repair);
            assert_eq!(sentences, expected, "{text}");
            assert_eq!(rows.counts.read, 2);
        }
    }

    #[test]
    fn universal_columns_are_known() {
        let line = |n: u32, form: &str, tag: &str| format!("{n}\t{form}\t_\t{tag}\t_\t_\t0\t_\t_\t_\n");
        let text = format!("# text = He ran\n{}{}\n", line(1, "He", "PRON"), line(2, "ran", "VERB"));
        let (sentences, _) = read(&text, "conllu", RaggedPolicy::Repair);
        assert_eq!(sentences, [("He|ran".to_owned(), "PRON|VERB".to_owned())]);
    }

    #[test]
    fn a_line_without_its_tag_is_not_lost() {
        let text = "He\tO\n".repeat(30) + "\nran\n\nHe\tO\n";
        let (sentences, rows) = read(&text, "conll", RaggedPolicy::Repair);
        assert_eq!((sentences.len(), sentences[1].0.as_str()), (3, "ran"));
        assert!(matches!(&rows.finish().2[0], crate::protocol::TableFinding::RaggedRows { shorter: 1, longer: 0, repaired: true, .. }));
        let (sentences, rows) = read(&text, "conll", RaggedPolicy::SetAside);
        assert_eq!((sentences.len(), rows.counts.read, rows.counts.ragged), (2, 3, 1));
    }

    #[test]
    fn prose_and_tables_are_no_sentences() {
        assert_eq!(recognise("It was late.\nHe ran home.\n\nNobody saw him.\n", "txt"), None);
        assert_eq!(recognise("a text\tgood\nanother text\tbad\n", "tsv"), None);
        assert_eq!(recognise("", "conll"), None);
    }
}
