//! Words and their tags in two cells of a row, with blanks between them: `Anna lives in Paris` beside `B-PER O O B-LOC`.
//!
//! In: a table. Out: which columns of plain text are such. Two texts that belong together (a translation, a correction) may have equally many words as well;
//! so tags are told by what they are: marks of spans, or few different words that come again and again in rows of different lengths. One of the two columns
//! may hold lists already. Absent: several labels with blanks between them, which the visitor can ask for.

use super::header::plain;
use super::store::Table;
use super::values::is_whole;
use std::collections::HashSet;

/// Rows that are looked at before all are read.
const SAMPLE: usize = 500;
/// Names of columns of tags, letters only.
const NAMES: [&str; 16] = [
    "tag",
    "tags",
    "ner",
    "nertag",
    "nertags",
    "pos",
    "postag",
    "postags",
    "upos",
    "xpos",
    "chunktags",
    "label",
    "labels",
    "bio",
    "iob",
    "slots",
];
/// Different tags in a column whose name does not say that it holds tags.
const MOST_TAGS: usize = 60;
/// Pieces of the rows that are looked at.
const MOST_PIECES: usize = 200_000;
/// Rows that a column without marks of spans must have.
const FEWEST_ROWS: usize = 3;

/// The pieces of a column's cells.
struct Pieces<'a> {
    /// Of each row.
    counts: Vec<usize>,
    all: usize,
    distinct: HashSet<&'a str>,
    /// Pieces that are marks of spans: `O`, `B-place`.
    marks: usize,
    /// Those of them that name what they mark.
    named_marks: usize,
    /// Numbers with decimals are measurements.
    decimals: bool,
}

fn pieces_of(table: &Table, row: usize, column: usize) -> Box<dyn Iterator<Item = &str> + '_> {
    if table.is_list(column) { Box::new(table.items(row, column)) } else { Box::new(table.cell(row, column).split_whitespace()) }
}

fn pieces(table: &Table, column: usize) -> Pieces<'_> {
    let mut found = Pieces { counts: Vec::new(), all: 0, distinct: HashSet::new(), marks: 0, named_marks: 0, decimals: false };
    for row in 0..table.rows().min(SAMPLE) {
        let before = found.all;
        for piece in pieces_of(table, row, column) {
            found.all += 1;
            found.distinct.insert(piece);
            let named = is_mark(piece);
            found.named_marks += usize::from(named);
            found.marks += usize::from(named || piece == "O");
            found.decimals |= piece.parse::<f64>().is_ok() && !is_whole(piece);
        }
        found.counts.push(found.all - before);
        if found.all > MOST_PIECES {
            // Documents, which have no tag for each word in a cell beside.
            found.counts.clear();
            break;
        }
    }
    found
}

/// A mark of a span with its name, as `B-place`.
fn is_mark(piece: &str) -> bool {
    let mut letters = piece.chars();
    let (prefix, between) = (letters.next(), letters.next());
    matches!(prefix, Some('B' | 'I' | 'M' | 'E' | 'S' | 'L' | 'U')) && matches!(between, Some('-' | '_')) && letters.next().is_some()
}

/// Rows of which nearly all have as many pieces in one column as in the other.
fn are_even(pairs: impl Iterator<Item = (usize, usize)>) -> bool {
    let (mut all, mut even, mut longer) = (0_usize, 0_usize, 0_usize);
    for (one, other) in pairs.filter(|pair| *pair != (0, 0)) {
        all += 1;
        even += usize::from(one == other);
        longer += usize::from(one > 1);
    }
    all > 0 && even * 20 >= all * 19 && longer * 2 > all
}

/// Whether what is even with these words are their tags.
fn are_tags(name: &str, tags: &Pieces, words: &Pieces) -> bool {
    if tags.named_marks > 0 && tags.marks * 50 >= tags.all * 49 {
        return true;
    }
    let rows = tags.counts.iter().filter(|count| **count > 0).count();
    let lengths: HashSet<usize> = tags.counts.iter().copied().filter(|count| *count > 0).collect();
    // Labels of two words beside texts of two are no tags.
    if tags.decimals || rows < FEWEST_ROWS || lengths.len() < 2 || tags.all < 3 * rows {
        return false;
    }
    let (distinct, of_words) = (tags.distinct.len(), words.distinct.len());
    if NAMES.contains(&plain(name.rsplit('.').next().unwrap_or(name)).as_str()) {
        return distinct * 2 <= tags.all && distinct * 2 <= of_words;
    }
    distinct <= MOST_TAGS && distinct * 6 <= tags.all && distinct * 3 <= of_words
}

/// The columns of plain text whose pieces between blanks are words or their tags: the tags, and of the columns that are even with them the one with the most
/// different words.
pub(super) fn spaced(table: &Table) -> Vec<bool> {
    let columns = table.columns();
    let all: Vec<Pieces> = (0..columns).map(|column| pieces(table, column)).collect();
    let (mut marked, mut taken) = (vec![false; columns], vec![false; columns]);
    for tags in 0..columns {
        let even = |words: usize| are_even(all[words].counts.iter().copied().zip(all[tags].counts.iter().copied()));
        let fits = |words: &usize| *words != tags && !taken[*words] && even(*words) && are_tags(table.name(tags), &all[tags], &all[*words]);
        let Some(words) = (0..columns).filter(fits).max_by_key(|&words| all[words].distinct.len()) else { continue };
        let both_lists = table.is_list(words) && table.is_list(tags);
        let count = |row: usize, column: usize| pieces_of(table, row, column).count();
        // The start of the table may differ from the rest.
        if !both_lists && are_even((0..table.rows()).map(|row| (count(row, words), count(row, tags)))) {
            taken[tags] = true;
            marked[words] |= !table.is_list(words);
            marked[tags] |= !table.is_list(tags);
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RowPlace;

    fn marked(columns: &[&str], rows: &[&[&str]]) -> Vec<bool> {
        let mut table = Table::default();
        columns.iter().for_each(|name| _ = table.column_or_new(name));
        for row in rows {
            table.push_row(RowPlace { file: 0, line: 1 }, row.iter().copied()).unwrap();
        }
        spaced(&table)
    }

    #[test]
    fn marks_of_spans_are_tags_in_any_number_of_rows() {
        assert_eq!(marked(&["id", "a", "b"], &[&["1", "Anna lives in Paris", "B-PER O O B-LOC"]]), [false, true, true]);
        assert_eq!(marked(&["b", "a"], &[&["O O B-LOC", "I see Rome"], &["O", "Yes"], &["O O", "Not me"]]), [true, true]);
        assert_eq!(marked(&["a", "b"], &[&["O O", "I see"]]), [false, false], "nothing is marked");
        assert_eq!(marked(&["a", "b"], &[&["I see Rome", "O B-LOC"], &["I", "O O"]]), [false, false], "uneven");
    }

    const POS: [&[&str]; 4] = [
        &["the cat sat", "DET NOUN VERB"],
        &["a dog barked loudly", "DET NOUN VERB ADV"],
        &["the old man saw a small boat", "DET ADJ NOUN VERB DET ADJ NOUN"],
        &["she sings", "PRON VERB"],
    ];

    #[test]
    fn words_that_come_again_are_tags_where_the_name_or_enough_of_them_say_so() {
        assert_eq!(marked(&["text", "pos_tags"], &POS), [true, true]);
        assert_eq!(marked(&["text", "other"], &POS), [false, false], "six of sixteen are too many");
        let numbers: Vec<[String; 2]> = (2..40_usize)
            .map(|n| {
                let words: Vec<String> = (0..n % 7 + 2).map(|at| format!("word{}", (at * n) % 31)).collect();
                let tags: Vec<String> = (0..n % 7 + 2).map(|at| ((at + n) % 3).to_string()).collect();
                [words.join(" "), tags.join(" ")]
            })
            .collect();
        let rows: Vec<[&str; 2]> = numbers.iter().map(|row| [row[0].as_str(), row[1].as_str()]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        assert_eq!(marked(&["a", "b"], &rows), [true, true]);
        let measured: Vec<[String; 2]> = numbers.iter().map(|[words, tags]| [words.clone(), tags.replace('0', "0.5")]).collect();
        let rows: Vec<[&str; 2]> = measured.iter().map(|row| [row[0].as_str(), row[1].as_str()]).collect();
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        assert_eq!(marked(&["a", "tags"], &rows), [false, false], "measurements");
    }

    #[test]
    fn two_texts_and_labels_are_no_tags() {
        let pairs: [&[&str]; 5] = [
            &["the cat sat down", "le chat s'est assis"],
            &["a dog", "un chien"],
            &["the cat saw the dog", "le chat voyait le chien"],
            &["the dog sat", "le chien assis"],
            &["the cat and the dog sat down", "le chat et le chien s'est assis"],
        ];
        assert_eq!(marked(&["en", "fr"], &pairs), [false, false]);
        assert_eq!(marked(&["source", "labels"], &pairs[..1]), [false, false]);
        let labels: [&[&str]; 4] =
            [&["fine film", "very good"], &["dull film", "very bad"], &["great fun", "very good"], &["no fun", "quite bad"]];
        assert_eq!(marked(&["text", "label"], &labels), [false, false], "labels of two words");
        let classes: [&[&str]; 3] = [&["yes", "0"], &["no", "1"], &["no", "0"]];
        assert_eq!(marked(&["text", "label"], &classes), [false, false]);
        assert_eq!(marked(&[], &[]), [false; 0]);
    }

    #[test]
    fn a_list_beside_a_text_makes_its_words_a_list() {
        let mut table = Table::default();
        for name in ["sentence", "tags"] {
            table.column_or_new(name);
        }
        table.mark_list(1);
        table.push_row(RowPlace { file: 0, line: 1 }, ["I see Rome", "O\u{1f}O\u{1f}B-LOC"].into_iter()).unwrap();
        assert_eq!(spaced(&table), [true, false]);
    }
}
