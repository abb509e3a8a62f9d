//! Precision, recall and F1 from three counts, and the table in which scikit-learn and seqeval print them.

use super::sums::{mean, weighted_mean};
use serde::{Deserialize, Serialize};

/// How often a class was right, predicted, and true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub hits: u64,
    pub predicted: u64,
    pub truth: u64,
}

impl Counts {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, predicted: self.predicted + other.predicted, truth: self.truth + other.truth }
    }

    /// A fraction without a denominator counts as 0 (scikit-learn's `zero_division=0`). F1 is `2 hits / (predicted + true)`.
    pub(super) fn scores(self) -> Scores {
        Scores {
            precision: ratio(self.hits, self.predicted),
            recall: ratio(self.hits, self.truth),
            f1: ratio(2 * self.hits, self.predicted + self.truth),
            support: self.truth,
        }
    }
}

/// `a / b`, or 0 where `b` is 0.
pub(super) fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

/// One line of a report. Fractions lie in `0..=1`; `support` is the number of true rows (or spans, or row-label pairs) behind them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    pub support: u64,
}

/// The plain mean of each figure (macro average). No classes: zeros.
pub(super) fn macro_average(classes: &[Scores]) -> Scores {
    average(classes, mean)
}

/// Means weighted by support; plain means when there is no support at all.
pub(super) fn weighted_average(classes: &[Scores]) -> Scores {
    let weights: Vec<f64> = classes.iter().map(|scores| scores.support as f64).collect();
    average(classes, |values| weighted_mean(values, &weights))
}

fn average(classes: &[Scores], mean: impl Fn(&[f64]) -> Option<f64>) -> Scores {
    let of = |figure: fn(&Scores) -> f64| mean(&classes.iter().map(figure).collect::<Vec<f64>>()).unwrap_or(0.0);
    Scores {
        precision: of(|scores| scores.precision),
        recall: of(|scores| scores.recall),
        f1: of(|scores| scores.f1),
        support: classes.iter().map(|scores| scores.support).sum(),
    }
}

/// A line below the classes.
pub(super) enum Summary {
    /// One figure, in the column of F1.
    Accuracy {
        accuracy: f64,
        support: u64,
    },
    Average(&'static str, Scores),
}

/// The text table: columns of nine characters, names to the right, `digits` decimals for scores and `support_digits` for support. Widths count
/// characters, as Python's `len`.
pub(super) fn table<'a>(
    classes: impl Iterator<Item = (&'a str, Scores)> + Clone,
    summaries: &[Summary],
    digits: usize,
    support_digits: usize,
) -> String {
    let longest = classes.clone().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let width = longest.max("weighted avg".len()).max(digits);
    let line = |name: &str, [precision, recall, f1]: [String; 3], support: u64| {
        let support = format!("{:.support_digits$}", support as f64);
        format!("{name:>width$}  {precision:>9} {recall:>9} {f1:>9} {support:>9}\n")
    };
    let figure = |value: f64| format!("{value:.digits$}");
    let full =
        |name: &str, scores: &Scores| line(name, [figure(scores.precision), figure(scores.recall), figure(scores.f1)], scores.support);
    let mut text = format!("{:>width$}  {:>9} {:>9} {:>9} {:>9}\n\n", "", "precision", "recall", "f1-score", "support");
    text.extend(classes.map(|(name, scores)| full(name, &scores)));
    text.push('\n');
    text.extend(summaries.iter().map(|summary| match summary {
        Summary::Accuracy { accuracy, support } => line("accuracy", [String::new(), String::new(), figure(*accuracy)], *support),
        Summary::Average(name, scores) => full(name, scores),
    }));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_predicted_nor_true_scores_zero() {
        assert_eq!(Counts::default().scores(), Scores::default());
        let missed = Counts { hits: 0, predicted: 0, truth: 4 }.scores();
        assert_eq!((missed.precision, missed.recall, missed.f1, missed.support), (0.0, 0.0, 0.0, 4));
    }

    #[test]
    fn f1_is_the_harmonic_mean() {
        let scores = Counts { hits: 2, predicted: 4, truth: 8 }.scores();
        assert_eq!((scores.precision, scores.recall), (0.5, 0.25));
        assert!((scores.f1 - 2.0 * 0.5 * 0.25 / 0.75).abs() < 1e-15);
    }

    #[test]
    fn averages_of_two_classes() {
        let classes =
            [Scores { precision: 1.0, recall: 0.5, f1: 0.6, support: 3 }, Scores { precision: 0.0, recall: 0.1, f1: 0.2, support: 1 }];
        assert_eq!(macro_average(&classes).precision, 0.5);
        assert_eq!(weighted_average(&classes).precision, 0.75);
        assert_eq!(weighted_average(&classes).support, 4);
        assert_eq!(macro_average(&[]), Scores::default());
    }
}
