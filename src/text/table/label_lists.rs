//! Several labels in one cell: whether a column's cells are such lists, and what stands between the labels.

use super::super::spacing::stands_alone;
use super::store::Table;
use std::collections::HashSet;

/// Cells longer than this are texts.
const MOST_CHARACTERS: usize = 200;
const MOST_LABEL_CHARACTERS: usize = 40;

/// The labels of a cell, trimmed, empty ones left out.
pub(super) fn labels(cell: &str, separator: char) -> impl Iterator<Item = &str> {
    cell.split(separator).map(str::trim).filter(|label| !label.is_empty())
}

/// Marks that may stand between labels, the likeliest first.
const MARKS: [char; 6] = [';', '|', '；', '、', ',', '，'];
/// Characters that a word has where no blanks tell words apart.
const WORD_CHARACTERS: usize = 3;

/// Words of a label; of scripts without blanks about as many.
fn words_in(label: &str) -> usize {
    if label.is_ascii() {
        return label.split_whitespace().count();
    }
    let unspaced = label.chars().filter(|&letter| stands_alone(letter)).count();
    label.split_whitespace().count().max(unspaced.div_ceil(WORD_CHARACTERS))
}

/// What separates labels in this column: `;`, `|` or `,`, or `；`, `、` or `，`, when a good share of the cells has it and what stands between are a few short
/// names that come again and again.
pub(super) fn separator(table: &Table, column: usize) -> Option<char> {
    let cells = || (0..table.rows()).map(|row| table.cell(row, column)).filter(|cell| !cell.trim().is_empty());
    MARKS.into_iter().find(|&mark| {
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
                words += words_in(label);
                names.insert(label);
            }
            parts += here;
            with_mark += usize::from(here > 1);
        }
        // Sentences have commas as well: names between them are one or two words and repeat more.
        let strict = mark == '，' || (mark == ',' && parts >= 20);
        let (repeats, most_words) = if strict { (3, 1.7) } else { (2, 2.5) };
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
        assert_eq!(found(&["剧情、喜剧", "喜剧、犯罪", "剧情"]), Some('、'));
        assert_eq!(found(&["剧情；喜剧", "喜剧； 犯罪", "剧情"]), Some('；'));
        assert_eq!(found(&["剧情，喜剧", "喜剧，犯罪", "剧情"]), Some('，'));
    }

    #[test]
    fn texts_and_single_labels_are_none() {
        assert_eq!(found(&["good", "bad", "good"]), None);
        assert_eq!(found(&["It was late, and dark.", "He ran, then fell.", "Nobody, they say, saw him."]), None);
        assert_eq!(found(&["Paris, France", "Rome, Italy", "Oslo, Norway", "Bern, Switzerland"]), None, "nothing comes again");
        let chinese = ["我们今天去公园散步，天气非常好", "我们今天去公园散步，可是下雨了", "他昨天没有来上班，我们都很担心他"];
        assert_eq!(found(&chinese), None, "sentences without blanks");
        assert_eq!(found(&[]), None);
    }
}
