//! Small parts that the measures of text share: Python's idea of a blank, precision and recall of counted overlaps, common sequences.

use serde::{Deserialize, Serialize};

/// How much of the prediction is in the reference, and of the reference in the prediction; all in `0..=1`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
}

impl Overlap {
    /// `common` units of `reference` and of `prediction` ones; zeros where there is nothing in common.
    pub(super) fn new(common: usize, reference: usize, prediction: usize) -> Self {
        if common == 0 {
            return Self::default();
        }
        let (precision, recall) = (common as f64 / prediction as f64, common as f64 / reference as f64);
        Self { precision, recall, f1: 2.0 * precision * recall / (precision + recall) }
    }
}

/// `str.isspace` of Python, which the reference programs split at: Unicode's white space and the four ASCII separators.
pub(super) fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
}

/// `str.split()` of Python.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_blank).filter(|word| !word.is_empty())
}

/// Lengths of the longest common subsequences of all beginnings: row `i`, column `j` for the first `i` of `a` and `j` of `b`.
pub(super) fn common_subsequences<T: PartialEq>(a: &[T], b: &[T]) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; b.len() + 1]];
    for left in a {
        let above = &table[table.len() - 1];
        let mut row = vec![0; b.len() + 1];
        for (column, right) in b.iter().enumerate() {
            row[column + 1] = if left == right { above[column] + 1 } else { above[column + 1].max(row[column]) };
        }
        table.push(row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_pythons() {
        assert_eq!(words(" a\u{a0}b\u{1f}c\u{3000}d\n").collect::<Vec<&str>>(), ["a", "b", "c", "d"]);
        // A zero-width space is no blank, for either.
        assert_eq!(words("a\u{200b}b").count(), 1);
    }

    #[test]
    fn subsequences_may_have_gaps() {
        let table = common_subsequences(b"abcde", b"xbydz");
        assert_eq!(table[5][5], 2);
        assert_eq!(common_subsequences::<u8>(&[], b"ab"), [[0, 0, 0]]);
    }

    #[test]
    fn an_overlap_of_nothing_is_zero() {
        assert_eq!(Overlap::new(0, 0, 0), Overlap::default());
        assert_eq!(Overlap::new(1, 2, 1), Overlap { precision: 1.0, recall: 0.5, f1: 2.0 / 3.0 });
    }
}
