//! Columns of tokens and tags: one token per line, a blank line after each sentence (CoNLL 2003, CoNLL-U, IOB files).
//!
//! Each sentence becomes a row of two lists. Lines of `-DOCSTART-` and comments of CoNLL-U hold no token and are passed over; so are CoNLL-U's tokens of
//! several words and its words that were not said (`1-2`, `8.1`), which stand beside the words that are tagged
//! (<https://universaldependencies.org/format.html>).

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
    /// The first column counts the words of each sentence.
    pub(super) counted: bool,
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

/// Whether the first column counts the words of each sentence.
fn counts_words(rows: &[Vec<&str>]) -> bool {
    let numbers: Vec<u64> = rows.iter().filter_map(|row| row.first()?.parse().ok()).collect();
    let before = std::iter::once(&0).chain(&numbers);
    let next = numbers.iter().zip(before).filter(|(number, before)| **number <= 1 || number.checked_sub(1) == Some(**before)).count();
    numbers.len() * 2 >= rows.len() && next as f64 >= MIN_SHARE * numbers.len() as f64
}

/// Where words are counted: a line of a token of several words (`1-2`), or of a word that was not said (`8.1`).
fn is_beside_words(number: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.split_once(['-', '.']).is_some_and(|(one, other)| digits(one) && digits(other))
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
        if found.passes_over(&cells) {
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
    Some(ConllShape { separator, width, token, tag, counted: numbered && counts_words(&rows) })
}

impl ConllShape {
    /// Whether a line is none of a word.
    fn passes_over(&self, cells: &[&str]) -> bool {
        self.counted && cells.first().is_some_and(|number| is_beside_words(number.trim()))
    }

    /// The tags of the lines that are as wide as the others.
    fn tags(&self, text: &str) -> HashSet<String> {
        let lines = text.lines().take(SAMPLE_LINES).filter(|line| !is_note(line, self.separator)).map(|line| cut(line, self.separator));
        let whole = lines.filter(|cells| cells.len() == self.width && !self.passes_over(cells));
        whole.filter_map(|cells| cells.get(self.tag).map(|tag| tag.trim().to_owned())).collect()
    }

    /// Token and tag of a line, and whether surplus cells were left out. Where the tag is the last of columns between blanks, a name of several words is read
    /// as one token (`New York B-LOC`), unless the tag stands in its own column all the same.
    fn token_and_tag(&self, cells: &[&str], tags: &HashSet<String>) -> (String, String, bool) {
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        let surplus = cells.len().saturating_sub(self.width);
        let last = self.separator == Separator::Blanks && self.token < self.tag && self.tag + 1 == self.width;
        let tag = cell(self.tag + surplus);
        if surplus > 0 && last && (tags.contains(tag) || !tags.contains(cell(self.tag))) {
            return (cells[self.token..=self.token + surplus].join(" "), tag.to_owned(), false);
        }
        (cell(self.token).to_owned(), cell(self.tag).to_owned(), surplus > 0)
    }
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
    /// Tags that lines of the right width have.
    known_tags: HashSet<String>,
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
        let known_tags = shape.tags(&text);
        Self {
            text,
            at: 0,
            line: 0,
            file,
            shape,
            ragged,
            extras,
            columns,
            known_tags,
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
                if self.shape.passes_over(&cells) {
                    continue;
                }
                let (token, tag, surplus_lost) = self.shape.token_and_tag(&cells, &self.known_tags);
                // A sentence that is set aside is one row, however many of its lines are ragged.
                let repair = self.ragged == RaggedPolicy::Repair;
                if cells.len() != self.shape.width && (repair || !self.ragged_sentence) {
                    let place = RowPlace { file: self.file, line: self.line };
                    let row = RaggedRow { place, cells: u32::try_from(cells.len()).unwrap_or(u32::MAX) };
                    rows.ragged(row, self.shape.width, repair);
                    if surplus_lost && repair {
                        rows.cut_surplus();
                    }
                    self.ragged_sentence = true;
                }
                if self.tokens.is_empty() {
                    self.first_line = self.line;
                }
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
    fn what_stands_beside_the_words_is_no_word() {
        let line = |n: &str, form: &str, tag: &str| format!("{n}\t{form}\t_\t{tag}\t_\t_\t0\t_\t_\t_\n");
        let words = [("1-2", "vámonos", "_"), ("1", "vamos", "VERB"), ("2", "nos", "PRON"), ("2.1", "ya", "ADV"), ("3", "al", "ADP")];
        let sentence: String = words.iter().map(|(n, form, tag)| line(n, form, tag)).collect();
        let expected = ("vamos|nos|al".to_owned(), "VERB|PRON|ADP".to_owned());
        for extension in ["conllu", "txt"] {
            let (sentences, rows) = read(&format!("{sentence}\n{}{sentence}", line("0.1", "x", "_")), extension, RaggedPolicy::Repair);
            assert_eq!((sentences.as_slice(), rows.counts.read), (&[expected.clone(), expected.clone()][..], 2));
            assert!(rows.finish().2.is_empty());
        }
        // Numbers of sentences and words are no ranges.
        let (sentences, _) = read("1-1\tHe\tO\n1-2\tran\tB\n\n2-1\tHe\tO\n2-2\tsat\tB\n", "conll", RaggedPolicy::Repair);
        assert_eq!(sentences[1], ("He|sat".to_owned(), "O|B".to_owned()));
    }

    #[test]
    fn a_name_of_several_words_is_one_token() {
        let ragged = |text: &str, policy| {
            let (sentences, rows) = read(text, "conll", policy);
            let finding = rows.finish().2.into_iter().find_map(|finding| match finding {
                crate::protocol::TableFinding::RaggedRows { longer, cut, .. } => Some((longer, cut)),
                _ => None,
            });
            (sentences.last().cloned().unwrap(), finding)
        };
        let pair = |tokens: &str, tags: &str| (tokens.to_owned(), tags.to_owned());
        let two = "in O\nRome B-LOC\n".repeat(30);
        let text = format!("{two}\nin O\nNew York B-LOC\nSan Juan Sur I-LOC\n");
        assert_eq!(ragged(&text, RaggedPolicy::Repair), (pair("in|New York|San Juan Sur", "O|B-LOC|I-LOC"), Some((2, 0))));
        assert_eq!(ragged(&text, RaggedPolicy::SetAside).1, Some((1, 0)), "one sentence");
        let text = format!("{two}\nin O\nRome B-LOC sure\n");
        assert_eq!(ragged(&text, RaggedPolicy::Repair), (pair("in|Rome", "O|B-LOC"), Some((1, 1))), "a note behind the tag is no tag");
        let text = "1 in IN O\n2 Rome NNP B-LOC\n\n".repeat(30) + "1 in IN O\n2 New York NNP B-LOC\n";
        assert_eq!(ragged(&text, RaggedPolicy::Repair), (pair("in|New York", "O|B-LOC"), Some((1, 0))));
        let text = two.replace(' ', "\t") + "\nRome\tB-LOC\tsure\n";
        assert_eq!(ragged(&text, RaggedPolicy::Repair), (pair("Rome", "B-LOC"), Some((1, 1))), "what is lost is said to be lost");
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
