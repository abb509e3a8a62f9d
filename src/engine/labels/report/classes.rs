//! The figures of answers with one class a row.

use super::{DIGITS, bins, line, share};
use crate::metrics::{Bootstrap, Calibration, ClassificationReport, MetricsError, confusion_matrix, present_labels};
use crate::protocol::labels::{ClassFigures, Quality, TextAnswer};
use crate::train::{Classify, Target};

/// Figures with their intervals drawn by `seed`. Calibration where the answers have probabilities.
///
/// # Errors
/// No rows.
pub fn figures(targets: &[Target], answers: &[TextAnswer], names: &[String], seed: u64) -> Result<ClassFigures, MetricsError> {
    let (truth, said) = numbers(targets, answers);
    let quality = quality(&truth, &said, names, seed)?;
    let confidence: Option<Vec<f64>> = answers.iter().map(|answer| probability(answer).map(f64::from)).collect();
    let right: Vec<bool> = truth.iter().zip(&said).map(|(is, said)| is == said).collect();
    let calibration = confidence.map(|confidence| Calibration::new(&confidence, &right, Calibration::BINS)).transpose()?;
    Ok(ClassFigures {
        classes: names.to_vec(),
        quality,
        expected_calibration_error: calibration.as_ref().map(|calibration| calibration.expected_error),
        calibration: calibration.as_ref().map(bins).unwrap_or_default(),
    })
}

fn numbers(targets: &[Target], answers: &[TextAnswer]) -> (Vec<usize>, Vec<usize>) {
    (targets.iter().map(Classify::class).collect(), answers.iter().map(Classify::class_of).collect())
}

/// Of the predicted class; `None` for answers of baselines.
pub fn probability(answer: &TextAnswer) -> Option<f32> {
    match answer {
        TextAnswer::Class { class, probabilities } => probabilities.get(*class as usize).copied(),
        _ => None,
    }
}

fn quality(truth: &[usize], said: &[usize], names: &[String], seed: u64) -> Result<Quality, MetricsError> {
    let labels = present_labels(truth, said);
    let report = ClassificationReport::of_classes(truth, said, names, &labels)?;
    let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
    let right: Vec<f64> = truth.iter().zip(said).map(|(is, said)| f64::from(u8::from(is == said))).collect();
    let macro_f1 = |rows: &[usize]| Some(Classify::macro_f1_of(truth, said, names.len(), &labels, rows));
    Ok(Quality {
        classes: report.classes.iter().map(|class| line(&class.name, class.scores)).collect(),
        macro_average: line("macro avg", report.macro_average),
        weighted_average: line("weighted avg", report.weighted),
        accuracy: share(bootstrap.mean(&right), report.accuracy, truth.len()),
        macro_f1: share(Bootstrap { centred: true, ..bootstrap }.interval(truth.len(), macro_f1), report.macro_average.f1, truth.len()),
        text: report.text(DIGITS),
        confusion: confusion_matrix(truth, said, names.len())?,
    })
}

/// Macro F1 on drawn rows, of both, on the classes that either names: the two averages are over the same list.
pub fn headlines(
    targets: &[Target],
    first: &[TextAnswer],
    second: &[TextAnswer],
    classes: usize,
) -> [impl Fn(&[usize]) -> Option<f64> + use<>; 2] {
    let ((truth, first), (_, second)) = (numbers(targets, first), numbers(targets, second));
    let labels = present_labels(&truth, &[&first[..], &second[..]].concat());
    [first, second].map(|said| {
        let (truth, labels) = (truth.clone(), labels.clone());
        move |rows: &[usize]| Some(Classify::macro_f1_of(&truth, &said, classes, &labels, rows))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::FigureInterval;

    /// Row `at` is of class `at % classes`, and said to be of the next one where `wrong` says so.
    fn rows(rows: usize, classes: u32, wrong: fn(u32) -> bool) -> (Vec<Target>, Vec<TextAnswer>, Vec<String>) {
        let said = |at: u32| if wrong(at) { (at + 1) % classes } else { at % classes };
        let answer = |at| TextAnswer::Class { class: said(at), probabilities: Vec::new() };
        let targets = (0..rows as u32).map(|at| Target::Class(at % classes)).collect();
        (targets, (0..rows as u32).map(answer).collect(), (0..classes).map(|class| class.to_string()).collect())
    }

    #[test]
    fn a_mean_over_many_classes_with_few_rows_lies_inside_its_interval() {
        for (count, classes) in [(450, 151), (200, 77), (400, 2)] {
            let (targets, answers, names) = rows(count, classes, |at| at % 7 < 2);
            let quality = figures(&targets, &answers, &names, 1).unwrap().quality;
            let FigureInterval { estimate, low, high } = quality.macro_f1;
            assert_eq!(estimate, quality.macro_average.f1);
            assert!(low < estimate - 0.01 && estimate + 0.01 < high && high - low < 0.15, "{classes}: {low} {estimate} {high}");
            let [first, _] = headlines(&targets, &answers, &answers, names.len());
            assert!((first(&(0..count).collect::<Vec<_>>()).unwrap() - estimate).abs() < 1e-12);
        }
    }

    #[test]
    fn all_right_is_not_sure_for_ever() {
        let (targets, answers, names) = rows(20, 4, |_| false);
        let quality = figures(&targets, &answers, &names, 1).unwrap().quality;
        for figure in [quality.accuracy, quality.macro_f1] {
            // scipy.stats.binomtest(20, 20).proportion_ci(method="exact")
            assert!((figure.low - 0.831_566_529_016_914_6).abs() < 1e-9 && (figure.estimate, figure.high) == (1.0, 1.0), "{figure:?}");
        }
        let (targets, answers, names) = rows(20, 4, |_| true);
        let accuracy = figures(&targets, &answers, &names, 1).unwrap().quality.accuracy;
        assert!((accuracy.high - 0.168_433_470_983_085_4).abs() < 1e-9 && (accuracy.low, accuracy.estimate) == (0.0, 0.0), "{accuracy:?}");
    }

    #[test]
    fn a_class_that_was_not_drawn_was_not_gone_wrong_with() {
        let (truth, said) = (vec![0, 0, 1, 2], vec![0, 0, 1, 3]);
        let on = |rows: &[usize]| Classify::macro_f1_of(&truth, &said, 4, &[0, 1, 2, 3], rows);
        assert_eq!(on(&[0, 1, 2, 3]), 0.5, "as scikit-learn: two right, one missed, one that there is not");
        assert_eq!(on(&[0, 2]), 2.0 / 3.0, "the class that there is not counts");
        assert_eq!(on(&[]), 0.0);
    }
}
