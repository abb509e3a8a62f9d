//! Lists that are written in cells of plain text: `['Anna', 'lives']` as Python writes a list, `["Anna", "lives"]` as JSON does, `['Anna' 'lives']` as numpy.
//!
//! In: a table that was read. Out: the same table, in which columns of such cells hold lists, and columns of words and their tags too (`cell_tags`).
//! A cell that is none among many that are stays whole, as the only item.

use super::cell_tags;
use super::store::{Table, list_cell};
use super::values::is_whole;
use std::borrow::Cow;

/// Cells that are looked at before all are read.
const SAMPLE: usize = 20;

/// Makes lists of the cells of columns that hold such.
pub(super) fn divide_cells(table: &mut Table) {
    let written: Vec<bool> = (0..table.columns()).map(|column| !table.is_list(column) && are_lists(table, column)).collect();
    divide(table, &written, written_list);
    let spaced = cell_tags::spaced(table);
    divide(table, &spaced, |cell| Some(cell.split_whitespace().map(str::to_owned).collect()));
}

/// Whether nearly all cells of a column are lists, and one has several items.
fn are_lists(table: &Table, column: usize) -> bool {
    let cells = || (0..table.rows()).map(|row| table.cell(row, column).trim()).filter(|cell| !cell.is_empty());
    if !cells().take(SAMPLE).all(|cell| cell.starts_with('[') && cell.ends_with(']')) {
        return false;
    }
    let (mut all, mut lists, mut several) = (0_usize, 0_usize, false);
    for cell in cells() {
        all += 1;
        if let Some(items) = written_list(cell) {
            lists += 1;
            several |= items.len() > 1;
        }
    }
    several && lists * 20 >= all * 19
}

/// Rewrites the cells of the marked columns.
fn divide(table: &mut Table, marked: &[bool], items: impl Fn(&str) -> Option<Vec<String>>) {
    if !marked.contains(&true) {
        return;
    }
    let mut divided = Table { columns: table.columns.clone(), ..Table::default() };
    marked.iter().enumerate().filter(|(_, marked)| **marked).for_each(|(column, _)| divided.mark_list(column));
    for row in 0..table.rows() {
        let cell = |column: usize| {
            let cell = table.cell(row, column);
            let items = if marked.get(column) == Some(&true) { items(cell) } else { None };
            items.map_or(Cow::Borrowed(cell), |items| list_cell(items.iter().map(String::as_str)).into())
        };
        let cells: Vec<Cow<str>> = (0..table.width(row)).map(cell).collect();
        // Items take no more room than the list they stood in, so that this cannot fail; if it did, the cells would stay as they were.
        if divided.push_row(table.place(row), cells.iter().map(AsRef::as_ref)).is_err() {
            return;
        }
    }
    *table = divided;
}

/// The items of a list as Python, numpy or JSON write it: strings in quotation marks, whole numbers, truth values, nothing. `None` for all else.
fn written_list(cell: &str) -> Option<Vec<String>> {
    let mut rest = cell.trim().strip_prefix('[')?.strip_suffix(']')?.trim_start();
    let mut items = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (item, after) = if matches!(first, '\'' | '"') { quoted(&rest[1..], first)? } else { bare(rest)? };
        items.push(item);
        let next = after.trim_start();
        rest = match next.strip_prefix(',') {
            Some(next) => next.trim_start(),
            // numpy has blanks between items.
            None if next.is_empty() || next.len() < after.len() => next,
            None => return None,
        };
    }
    Some(items)
}

/// A number, a truth value or nothing, and what follows.
fn bare(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    match word {
        "None" | "null" | "nan" | "NaN" => Some((String::new(), after)),
        "True" | "False" | "true" | "false" => Some((word.to_owned(), after)),
        word => is_whole(word).then(|| (word.to_owned(), after)),
    }
}

/// A string up to its closing mark, and what follows. `text` begins behind the opening one.
fn quoted(text: &str, mark: char) -> Option<(String, &str)> {
    let (mut item, mut letters) = (String::new(), text.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => item.push(escaped(&mut letters)?),
            letter if letter == mark => return Some((item, letters.as_str())),
            letter => item.push(letter),
        }
    }
    None
}

/// The character that an escape stands for; the letters go on behind it.
fn escaped(letters: &mut std::str::Chars) -> Option<char> {
    let hex = |letters: &mut std::str::Chars, digits: usize| {
        let text: String = letters.take(digits).collect();
        u32::from_str_radix(&text, 16).ok().filter(|_| text.len() == digits)
    };
    let code = match letters.next()? {
        'n' | 't' | 'r' => return Some(' '),
        'x' => hex(letters, 2)?,
        'u' => match hex(letters, 4)? {
            // JSON writes characters beyond the first plane as two.
            high @ 0xD800..=0xDBFF if letters.as_str().starts_with("\\u") => {
                let low = hex(&mut letters.as_str()[2..].chars(), 4).filter(|low| (0xDC00..=0xDFFF).contains(low));
                if low.is_some() {
                    letters.nth(5);
                }
                low.map_or(high, |low| 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00))
            }
            code => code,
        },
        'U' => hex(letters, 8)?,
        other => return Some(other),
    };
    Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RowPlace;
    use proptest::prelude::*;

    fn list(cell: &str) -> Option<String> {
        written_list(cell).map(|items| items.join("|"))
    }

    #[test]
    fn lists_of_several_languages() {
        for (cell, items) in [
            ("['Anna', 'lives', \"o'clock\"]", "Anna|lives|o'clock"),
            (r#" ["Anna","say \"hi\"", "\u4e2d\ud83d\ude00"] "#, "Anna|say \"hi\"|中😀"),
            ("['O' 'B-LOC'\n 'O']", "O|B-LOC|O"),
            ("[0, 12, -1]", "0|12|-1"),
            ("[0 1\n 2]", "0|1|2"),
            ("[True, None, 'x',]", "True||x"),
            (r"['a\\b', 'it\'s', 'two\nlines', '\xe9']", r"a\b|it's|two lines|é"),
            ("[]", ""),
            ("['[', ']', ',']", "[|]|,"),
        ] {
            assert_eq!(list(cell).as_deref(), Some(items), "{cell}");
        }
    }

    #[test]
    fn other_cells_are_no_lists() {
        for cell in [
            "",
            "Anna",
            "[Music]",
            "[0.5, 1.5]",
            "['a'",
            "['a' , , 'b']",
            "['a''b']",
            "[['a'], ['b']]",
            "['a' ... 'b']",
            r"['\u12']",
            "[1, x]",
            r"['a\",
        ] {
            assert_eq!(list(cell), None, "{cell}");
        }
        assert_eq!(list(r#"["\ud83d"]"#).as_deref(), Some("\u{fffd}"), "half a character");
    }

    fn table(columns: &[&str], rows: &[&[&str]]) -> Table {
        let mut table = Table::default();
        columns.iter().for_each(|name| _ = table.column_or_new(name));
        for row in rows {
            table.push_row(RowPlace { file: 0, line: 1 }, row.iter().copied()).unwrap();
        }
        divide_cells(&mut table);
        table
    }

    #[test]
    fn columns_of_lists_are_divided_and_nothing_is_lost() {
        let divided = table(&["text", "genres"], &[&["[a]", "['drama', 'war']"], &["b"], &["['c']", "[]"]]);
        assert_eq!((divided.is_list(0), divided.is_list(1)), (false, true));
        assert_eq!(divided.items(0, 1).collect::<Vec<_>>(), ["drama", "war"]);
        assert_eq!((divided.cell(1, 0), divided.cell(2, 0), divided.cell(1, 1), divided.cell(2, 1)), ("b", "['c']", "", ""));
        let mut rows = vec![["['a', 'b']"]; 25];
        rows[24] = ["broken, but"];
        let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
        let divided = table(&["words"], &rows);
        assert_eq!((divided.is_list(0), divided.cell(24, 0)), (true, "broken, but"));
        assert!(!table(&["note"], &[&["[1]"], &["[2]"]]).is_list(0), "numbers of notes");
    }

    proptest! {
        #[test]
        fn whatever_a_cell_holds_is_read_or_left(cell in "[\\[\\]'\", \\\\xuU0-9dD8a中\n-]{0,40}") {
            if let Some(items) = written_list(&cell) {
                let cell_of_items = list_cell(items.iter().map(String::as_str));
                prop_assert!(cell_of_items.len() <= cell.len(), "{cell_of_items:?}");
            }
        }

        #[test]
        fn a_list_of_strings_comes_back(items in proptest::collection::vec("[a-z' \"\\\\中😀,\\]]{0,6}", 0..6)) {
            let json = serde_json::to_string(&items).unwrap();
            prop_assert_eq!(written_list(&json), Some(items));
        }
    }
}
