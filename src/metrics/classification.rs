//! The classification report as scikit-learn calculates and prints it, for one label a row and for several.
//!
//! In: class numbers per row, and the names of the classes. Out: [`ClassificationReport`], as data and as text. After
//! `sklearn.metrics.classification_report(labels=…, target_names=…, zero_division=0)`, version 1.9.

use super::error::{MetricsError, same_length};
use super::scores::{Counts, Scores, Summary, macro_average, ratio, table, weighted_average};
use super::sums::mean;
use serde::{Deserialize, Serialize};

/// One class of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// The class's number, as in the rows.
    pub label: usize,
    pub name: String,
    pub scores: Scores,
}

/// Per class and on average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassificationReport {
    /// In the order that was asked for.
    pub classes: Vec<ClassScores>,
    /// Share of rows that are right; with several labels a row, of rows whose whole set is right.
    pub accuracy: f64,
    /// Whether the printed table has the accuracy instead of the micro average: one label a row, and no class that occurs is left out. The
    /// two are then the same number.
    pub accuracy_is_micro: bool,
    /// From the counts of the listed classes together.
    pub micro: Scores,
    /// Mean over the listed classes.
    #[serde(rename = "macro")]
    pub macro_average: Scores,
    /// Mean over the listed classes by support.
    pub weighted: Scores,
    /// Mean over the rows; only with several labels a row.
    pub samples: Option<Scores>,
}

impl ClassificationReport {
    /// One label a row, every class of `names` listed, also those that do not occur.
    ///
    /// # Errors
    /// No rows, unequal lengths, a label outside `names`.
    pub fn new(truth: &[usize], predicted: &[usize], names: &[impl AsRef<str>]) -> Result<Self, MetricsError> {
        let all: Vec<usize> = (0..names.len()).collect();
        Self::of_classes(truth, predicted, names, &all)
    }

    /// One label a row, only the classes of `labels` listed and averaged, in that order. Rows of other classes still count as mistakes
    /// where a listed class was predicted. [`present_labels`] gives what scikit-learn lists when it is told no labels.
    ///
    /// # Errors
    /// No rows, unequal lengths, a label outside `names`.
    pub fn of_classes(truth: &[usize], predicted: &[usize], names: &[impl AsRef<str>], labels: &[usize]) -> Result<Self, MetricsError> {
        same_length(truth.len(), predicted.len())?;
        known(truth.iter().chain(predicted).chain(labels), names.len())?;
        let mut counts = vec![Counts::default(); names.len()];
        for (&is, &said) in truth.iter().zip(predicted) {
            counts[is].truth += 1;
            counts[said].predicted += 1;
            counts[is].hits += u64::from(is == said);
        }
        let listed: Vec<Counts> = labels.iter().map(|&label| counts[label]).collect();
        let complete = counts.iter().enumerate().all(|(label, count)| *count == Counts::default() || labels.contains(&label));
        let right = counts.iter().map(|count| count.hits).sum();
        Ok(Self::assemble(labels, names, &listed, ratio(right, truth.len() as u64), complete, None))
    }

    /// Any number of labels a row: each row lists its labels in any order; a repetition counts once.
    ///
    /// # Errors
    /// No rows, unequal lengths, a label outside `names`.
    pub fn multi_label<R: AsRef<[usize]>>(truth: &[R], predicted: &[R], names: &[impl AsRef<str>]) -> Result<Self, MetricsError> {
        same_length(truth.len(), predicted.len())?;
        let mut counts = vec![Counts::default(); names.len()];
        let mut rows = Vec::with_capacity(truth.len());
        let mut right = 0;
        for (truth, predicted) in truth.iter().zip(predicted) {
            let (truth, predicted) = (as_set(truth.as_ref()), as_set(predicted.as_ref()));
            known(truth.iter().chain(&predicted), names.len())?;
            truth.iter().for_each(|&label| counts[label].truth += 1);
            predicted.iter().for_each(|&label| counts[label].predicted += 1);
            let hits: Vec<usize> = truth.iter().copied().filter(|label| predicted.binary_search(label).is_ok()).collect();
            hits.iter().for_each(|&label| counts[label].hits += 1);
            right += u64::from(truth == predicted);
            rows.push(Counts { hits: hits.len() as u64, predicted: predicted.len() as u64, truth: truth.len() as u64 }.scores());
        }
        let all: Vec<usize> = (0..names.len()).collect();
        Ok(Self::assemble(&all, names, &counts, ratio(right, rows.len() as u64), false, Some(&rows)))
    }

    fn assemble(
        labels: &[usize],
        names: &[impl AsRef<str>],
        counts: &[Counts],
        accuracy: f64,
        accuracy_is_micro: bool,
        rows: Option<&[Scores]>,
    ) -> Self {
        let scores: Vec<Scores> = counts.iter().map(|count| count.scores()).collect();
        let micro = counts.iter().fold(Counts::default(), |sum, count| sum.plus(*count)).scores();
        let row_mean = |rows: &[Scores], figure: fn(&Scores) -> f64| mean(&rows.iter().map(figure).collect::<Vec<f64>>()).unwrap_or(0.0);
        Self {
            accuracy,
            accuracy_is_micro,
            micro,
            macro_average: macro_average(&scores),
            weighted: weighted_average(&scores),
            samples: rows.map(|rows| Scores {
                precision: row_mean(rows, |row| row.precision),
                recall: row_mean(rows, |row| row.recall),
                f1: row_mean(rows, |row| row.f1),
                support: micro.support,
            }),
            classes: labels
                .iter()
                .zip(scores)
                .filter_map(|(&label, scores)| Some(ClassScores { label, name: names.get(label)?.as_ref().to_owned(), scores }))
                .collect(),
        }
    }

    /// The report as scikit-learn prints it, with `digits` decimals (its default is 2). Ends with a line break.
    ///
    /// One oddity is kept: with one label a row and not a single row right, scikit-learn counts in floats and prints supports as `3.0`.
    pub fn text(&self, digits: usize) -> String {
        let mut summaries = Vec::new();
        if self.accuracy_is_micro {
            summaries.push(Summary::Accuracy { accuracy: self.accuracy, support: self.micro.support });
        } else {
            summaries.push(Summary::Average("micro avg", self.micro));
        }
        summaries.push(Summary::Average("macro avg", self.macro_average));
        summaries.push(Summary::Average("weighted avg", self.weighted));
        summaries.extend(self.samples.map(|samples| Summary::Average("samples avg", samples)));
        let all_wrong = self.samples.is_none() && self.accuracy == 0.0;
        table(self.classes.iter().map(|class| (class.name.as_str(), class.scores)), &summaries, digits, usize::from(all_wrong))
    }
}

/// The labels that occur on either side, ascending: what scikit-learn lists by default.
pub fn present_labels(truth: &[usize], predicted: &[usize]) -> Vec<usize> {
    as_set(&[truth, predicted].concat())
}

/// How often each class was taken for each: `matrix[true class][predicted class]`, `classes` rows and columns.
///
/// # Errors
/// No rows, unequal lengths, a label that is not below `classes`.
pub fn confusion_matrix(truth: &[usize], predicted: &[usize], classes: usize) -> Result<Vec<Vec<u64>>, MetricsError> {
    same_length(truth.len(), predicted.len())?;
    known(truth.iter().chain(predicted), classes)?;
    let mut matrix = vec![vec![0; classes]; classes];
    for (&is, &said) in truth.iter().zip(predicted) {
        matrix[is][said] += 1;
    }
    Ok(matrix)
}

/// Share of rows that are right.
///
/// # Errors
/// No rows, or unequal lengths.
pub fn accuracy(truth: &[usize], predicted: &[usize]) -> Result<f64, MetricsError> {
    same_length(truth.len(), predicted.len())?;
    let right = truth.iter().zip(predicted).filter(|(is, said)| is == said).count();
    Ok(ratio(right as u64, truth.len() as u64))
}

/// Share of labels, set or not, that are wrong when rows have any number of them; a repetition counts once.
///
/// # Errors
/// No rows, unequal lengths, a label that is not below `classes`.
pub fn hamming_loss<R: AsRef<[usize]>>(truth: &[R], predicted: &[R], classes: usize) -> Result<f64, MetricsError> {
    same_length(truth.len(), predicted.len())?;
    let mut wrong = 0;
    for (truth, predicted) in truth.iter().zip(predicted) {
        let (truth, predicted) = (as_set(truth.as_ref()), as_set(predicted.as_ref()));
        known(truth.iter().chain(&predicted), classes)?;
        let both = truth.iter().filter(|label| predicted.binary_search(label).is_ok()).count();
        wrong += truth.len() + predicted.len() - 2 * both;
    }
    Ok(ratio(wrong as u64, (truth.len() * classes) as u64))
}

/// Sorted, each once.
fn as_set(labels: &[usize]) -> Vec<usize> {
    let mut set = labels.to_vec();
    set.sort_unstable();
    set.dedup();
    set
}

fn known<'a>(mut labels: impl Iterator<Item = &'a usize>, classes: usize) -> Result<(), MetricsError> {
    labels.find(|label| **label >= classes).map_or(Ok(()), |&label| Err(MetricsError::UnknownLabel { label, classes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_scikit_learns_documentation() {
        let report = ClassificationReport::new(&[0, 1, 2, 2, 2], &[0, 0, 2, 2, 1], &["class 0", "class 1", "class 2"]).unwrap();
        let expected = [
            "              precision    recall  f1-score   support\n",
            "\n",
            "     class 0       0.50      1.00      0.67         1\n",
            "     class 1       0.00      0.00      0.00         1\n",
            "     class 2       1.00      0.67      0.80         3\n",
            "\n",
            "    accuracy                           0.60         5\n",
            "   macro avg       0.50      0.56      0.49         5\n",
            "weighted avg       0.70      0.60      0.61         5\n",
        ];
        assert_eq!(report.text(2), expected.concat());
        assert_eq!(report.accuracy, 0.6);
    }

    #[test]
    fn a_class_that_is_left_out_brings_the_micro_average_back() {
        let (truth, predicted, names) = ([0, 1, 1, 2], [0, 1, 2, 1], ["a", "b", "c"]);
        let some = ClassificationReport::of_classes(&truth, &predicted, &names, &[1, 0]).unwrap();
        assert!(some.text(2).contains("\n   micro avg "));
        assert_eq!(some.classes[0].name, "b");
        assert_eq!(some.micro.support, 3);
        // A class without rows may be left out.
        let unused = ClassificationReport::of_classes(&[0, 1], &[1, 1], &names, &present_labels(&[0, 1], &[1, 1])).unwrap();
        assert!(unused.accuracy_is_micro);
        assert_eq!(unused.classes.len(), 2);
    }

    #[test]
    fn several_labels_a_row() {
        let truth = [vec![0, 1], vec![], vec![2, 2]];
        let predicted = [vec![1], vec![], vec![0]];
        let report = ClassificationReport::multi_label(&truth, &predicted, &["a", "b", "c"]).unwrap();
        assert_eq!(report.classes[1].scores, Scores { precision: 1.0, recall: 1.0, f1: 1.0, support: 1 });
        assert_eq!(report.micro.precision, 0.5);
        assert_eq!(report.accuracy, 1.0 / 3.0);
        // An empty row scores 0, even where the prediction is empty too.
        assert_eq!(report.samples.unwrap().precision, 1.0 / 3.0);
        assert!(report.text(2).ends_with("samples avg       0.33      0.17      0.22         3\n"));
    }

    #[test]
    fn input_that_does_not_fit_is_an_error() {
        let names = ["a", "b"];
        assert_eq!(ClassificationReport::new(&[], &[], &names), Err(MetricsError::NoRows));
        assert_eq!(ClassificationReport::new(&[0], &[0, 1], &names), Err(MetricsError::Lengths { truth: 1, predicted: 2 }));
        assert_eq!(ClassificationReport::new(&[0], &[2], &names), Err(MetricsError::UnknownLabel { label: 2, classes: 2 }));
        assert_eq!(confusion_matrix(&[3], &[0], 2), Err(MetricsError::UnknownLabel { label: 3, classes: 2 }));
        assert_eq!(accuracy(&[], &[]), Err(MetricsError::NoRows));
    }

    #[test]
    fn rows_of_the_confusion_matrix_are_the_true_classes() {
        assert_eq!(confusion_matrix(&[0, 0, 1], &[1, 0, 1], 2).unwrap(), [[1, 1], [0, 1]]);
    }
}
