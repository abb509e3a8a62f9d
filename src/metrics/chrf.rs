//! chrF: how many runs of one to six characters a text shares with its reference. Good for short texts, for languages with many endings, and
//! for those written without spaces.
//!
//! In: predictions and their references. Out: scores in `0..=100`. This is chrF2 as `sacrebleu` 2.6 calculates it by default (Popović 2015;
//! signature `case:mixed|eff:yes|nc:6|nw:0|space:no`): case kept, white space removed, orders that either text is too short for left out of
//! the mean. Absent: word runs (chrF++) and epsilon smoothing.

use super::error::{MetricsError, same_length};
use super::overlap::is_blank;
use std::collections::HashMap;

/// Longest run.
const ORDER: usize = 6;
/// Recall counts as `BETA` times precision.
const BETA: f64 = 2.0;

/// Runs of each length: in the prediction, in the reference, in both. Counts of rows add up to the counts of a corpus, which makes a bootstrap
/// over rows cheap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChrfCounts([[u64; 3]; ORDER]);

impl ChrfCounts {
    /// Of one prediction against the reference that it scores best with (the first of equals).
    ///
    /// # Errors
    /// No reference.
    pub fn new(prediction: &str, references: &[impl AsRef<str>]) -> Result<Self, MetricsError> {
        let prediction = letters(prediction);
        let mut best: Option<(f64, Self)> = None;
        for reference in references {
            let counts = Self::against(&prediction, &letters(reference.as_ref()));
            let score = counts.score();
            if best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, counts));
            }
        }
        best.map(|(_, counts)| counts).ok_or(MetricsError::NoReference { row: 0 })
    }

    fn against(prediction: &[char], reference: &[char]) -> Self {
        let mut counts = Self::default();
        for (order, count) in (1..).zip(&mut counts.0) {
            let mut wanted: HashMap<&[char], u64> = HashMap::new();
            reference.windows(order).for_each(|run| *wanted.entry(run).or_default() += 1);
            let runs = |text: &[char]| (text.len() + 1).saturating_sub(order) as u64;
            // Runs that no reference could have matched are not held against the prediction.
            *count = [if wanted.is_empty() { 0 } else { runs(prediction) }, runs(reference), 0];
            for run in prediction.windows(order) {
                if let Some(left) = wanted.get_mut(run).filter(|left| **left > 0) {
                    *left -= 1;
                    count[2] += 1;
                }
            }
        }
        counts
    }

    /// The sum over rows.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for (sum, count) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *sum += count;
        }
        self
    }

    /// F of the mean precision and mean recall over the orders that both texts have runs of; 0 without any.
    pub fn score(&self) -> f64 {
        let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0_u32);
        for &[predicted, wanted, common] in &self.0 {
            if predicted > 0 && wanted > 0 {
                precision += common as f64 / predicted as f64;
                recall += common as f64 / wanted as f64;
                orders += 1;
            }
        }
        if precision + recall == 0.0 {
            return 0.0;
        }
        let (precision, recall) = (precision / f64::from(orders), recall / f64::from(orders));
        let factor = BETA * BETA;
        100.0 * ((1.0 + factor) * precision * recall / (factor * precision + recall))
    }
}

/// chrF2 of one text.
///
/// # Errors
/// No reference.
pub fn chrf(prediction: &str, references: &[impl AsRef<str>]) -> Result<f64, MetricsError> {
    Ok(ChrfCounts::new(prediction, references)?.score())
}

/// chrF2 of all rows together: their counts are added, so that long rows weigh more. Not the mean of the rows' scores.
///
/// # Errors
/// No rows, unequal lengths, a row without a reference.
pub fn corpus_chrf<R: AsRef<[T]>, T: AsRef<str>>(predictions: &[impl AsRef<str>], references: &[R]) -> Result<f64, MetricsError> {
    same_length(references.len(), predictions.len())?;
    let mut sum = ChrfCounts::default();
    for (row, (prediction, references)) in predictions.iter().zip(references).enumerate() {
        let counts = ChrfCounts::new(prediction.as_ref(), references.as_ref()).map_err(|_| MetricsError::NoReference { row })?;
        sum = sum.plus(&counts);
    }
    Ok(sum.score())
}

fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|letter| !is_blank(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_scores_a_hundred_and_a_strange_one_nothing() {
        assert!((chrf("The cat  sat.", &["The cat sat."]).unwrap() - 100.0).abs() < 1e-12);
        assert_eq!(chrf("abc", &["xyz"]).unwrap(), 0.0);
        assert_eq!(chrf("", &["xyz"]).unwrap(), 0.0);
        assert_eq!(chrf("", &[""]).unwrap(), 0.0);
    }

    #[test]
    fn a_worked_example() {
        // Both have orders 1 and 2: precision (1/2 + 0) / 2, recall (1/3 + 0) / 2. Order 3 has no run in the prediction.
        let (precision, recall) = (0.25, 1.0 / 6.0);
        let expected = 100.0 * 5.0 * precision * recall / (4.0 * precision + recall);
        assert!((chrf("ax", &["abc"]).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_run_is_matched_once_for_each_time_it_stands_there() {
        let counts = ChrfCounts::new("aaa", &["aab"]).unwrap();
        assert_eq!(counts.0[0], [3, 3, 2]);
        assert_eq!(counts.0[1], [2, 2, 1]);
    }

    #[test]
    fn the_best_reference_counts_and_rows_add_up() {
        assert_eq!(chrf("你好", &["再见", "你好"]).unwrap(), 100.0);
        let together = corpus_chrf(&["ab", "cd"], &[["ab"], ["ce"]]).unwrap();
        let sum = ChrfCounts::new("ab", &["ab"]).unwrap().plus(&ChrfCounts::new("cd", &["ce"]).unwrap());
        assert_eq!(together, sum.score());
    }

    #[test]
    fn rows_without_reference_are_an_error() {
        let none: [&str; 0] = [];
        assert_eq!(chrf("a", &none), Err(MetricsError::NoReference { row: 0 }));
        assert_eq!(corpus_chrf(&["a", "b"], &[vec!["a"], vec![]]), Err(MetricsError::NoReference { row: 1 }));
        assert_eq!(corpus_chrf::<Vec<&str>, &str>(&["a"], &[]), Err(MetricsError::Lengths { truth: 0, predicted: 1 }));
    }
}
