//! Several labels in one cell: whether a column's cells are such lists, and what stands between the labels.

use super::store::Table;
use std::collections::HashSet;

/// Cells longer than this are texts.
const MOST_CHARACTERS: usize = 200;
const MOST_LABEL_CHARACTERS: usize = 40;

/// The labels of a cell, trimmed, empty ones left out.
pub(super) fn labels(cell: &str, separator: char) -> impl Iterator<Item = &str> {
    cell.split(separator).map(str::trim).filter(|label| !label.is_empty())
}

/// What separates labels in this column: `;`, `|` or `,`, when a good share of the cells has it and what stands between are a few short
/// names that come again and again.
pub(super) fn separator(table: &Table, column: usize) -> Option<char> {
    let cells = || (0..table.rows()).map(|row| table.cell(row, column)).filter(|cell| !cell.trim().is_empty());
    [';', '|', ','].into_iter().find(|&mark| {
        let (mut filled, mut with_mark, mut parts, mut words) = (0_usize, 0_usize, 0_usize, 0_usize);
        let mut names: HashSet<&str> = HashSet::new();
        for cell in cells() {
            filled += 1;
            let mut here = 0;
            for label in labels(cell, mark) {
                if label.chars().count() > MOST_LABEL_CHARACTERS || cell.len() > 4 * MOST_CHARACTERS {
                    return false;
                }
                here += 1;
                words += label.split_whitespace().count();
                names.insert(label);
            }
            parts += here;
            with_mark += usize::from(here > 1);
        }
        // Sentences have commas as well: names between them are one or two words and repeat more.
        let (repeats, most_words) = if mark == ',' && parts >= 20 { (3, 1.7) } else { (2, 2.5) };
        let repeated = if parts < 20 { names.len() < parts } else { names.len() * repeats <= parts };
        with_mark >= 2 && with_mark * 10 >= filled && repeated && words as f64 <= most_words * parts as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RowPlace;

    fn found(cells: &[&str]) -> Option<char> {
        let mut table = Table::default();
        table.column_or_new("column 1");
        for cell in cells {
            table.push_row(RowPlace { file: 0, line: 1 }, [*cell].into_iter()).unwrap();
        }
        separator(&table, 0)
    }

    #[test]
    fn lists_of_labels() {
        assert_eq!(found(&["sun;heat", "rain", "rain; wind", "", "sun"]), Some(';'));
        assert_eq!(found(&["drama|comedy", "comedy", "drama", "crime|drama"]), Some('|'));
        assert_eq!(found(&["drama, comedy", "comedy, crime", "drama", "crime, drama"]), Some(','));
    }

    #[test]
    fn texts_and_single_labels_are_none() {
        assert_eq!(found(&["good", "bad", "good"]), None);
        assert_eq!(found(&["It was late, and dark.", "He ran, then fell.", "Nobody, they say, saw him."]), None);
        assert_eq!(found(&["Paris, France", "Rome, Italy", "Oslo, Norway", "Bern, Switzerland"]), None, "nothing comes again");
        assert_eq!(found(&[]), None);
    }
}
