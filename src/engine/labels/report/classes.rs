//! The figures of answers with one class a row.

use super::{DIGITS, bins, drawn, interval, line};
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
    let macro_f1 = |rows: &[usize]| Some(Classify::macro_f1(&drawn(truth, rows), &drawn(said, rows), names.len(), &labels));
    Ok(Quality {
        classes: report.classes.iter().map(|class| line(&class.name, class.scores)).collect(),
        macro_average: line("macro avg", report.macro_average),
        weighted_average: line("weighted avg", report.weighted),
        accuracy: interval(bootstrap.mean(&right), report.accuracy),
        macro_f1: interval(bootstrap.interval(truth.len(), macro_f1), report.macro_average.f1),
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
        move |rows: &[usize]| Some(Classify::macro_f1(&drawn(&truth, rows), &drawn(&said, rows), classes, &labels))
    })
}
