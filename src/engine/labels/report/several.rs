//! The figures of answers with any number of classes a row.

use super::{DIGITS, interval, line};
use crate::metrics::{Bootstrap, ClassificationReport, MetricsError, Scores};
use crate::protocol::labels::{ScoreLine, SeveralFigures, TextAnswer};
use crate::train::{Several, Target};

type Sets<'a> = Vec<&'a [u32]>;

/// Figures with their intervals drawn by `seed`.
///
/// # Errors
/// No rows.
pub fn figures(targets: &[Target], answers: &[TextAnswer], names: &[String], seed: u64) -> Result<SeveralFigures, MetricsError> {
    let (truth, said) = sets(targets, answers);
    let report = Several::report(&truth, &said, names)?;
    let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
    let of_report = |figure: fn(&ClassificationReport) -> f64| {
        interval(
            bootstrap.interval(truth.len(), |rows| drawn_report(&truth, &said, names, rows).map(|report| figure(&report))),
            figure(&report),
        )
    };
    let wrong = |rows: &[usize]| Several::hamming_loss(&drawn(&truth, rows), &drawn(&said, rows), names.len());
    let hamming = Several::hamming_loss(&truth, &said, names.len()).unwrap_or(0.0);
    let average = |name: &str, scores: Scores| -> ScoreLine { line(name, scores) };
    Ok(SeveralFigures {
        classes: names.to_vec(),
        lines: report.classes.iter().map(|class| line(&class.name, class.scores)).collect(),
        micro_average: average("micro avg", report.micro),
        macro_average: average("macro avg", report.macro_average),
        weighted_average: average("weighted avg", report.weighted),
        samples_average: average("samples avg", report.samples.unwrap_or_default()),
        micro_f1: of_report(|report| report.micro.f1),
        macro_f1: of_report(|report| report.macro_average.f1),
        subset_accuracy: of_report(|report| report.accuracy),
        hamming_loss: interval(bootstrap.interval(truth.len(), wrong), hamming),
        text: report.text(DIGITS),
        confusion: (0..names.len() as u32).map(|class| confusion(&truth, &said, class)).collect(),
    })
}

/// The sets of a row, true and said.
pub fn sets<'a>(targets: &'a [Target], answers: &'a [TextAnswer]) -> (Sets<'a>, Sets<'a>) {
    (targets.iter().map(Several::set).collect(), answers.iter().map(Several::classes_of).collect())
}

fn drawn<'a>(all: &[&'a [u32]], rows: &[usize]) -> Sets<'a> {
    rows.iter().map(|&row| all[row]).collect()
}

fn drawn_report(truth: &[&[u32]], said: &[&[u32]], names: &[String], rows: &[usize]) -> Option<ClassificationReport> {
    Several::report(&drawn(truth, rows), &drawn(said, rows), names).ok()
}

/// `[[neither, only said], [only true, both]]`
fn confusion(truth: &[&[u32]], said: &[&[u32]], class: u32) -> [[u64; 2]; 2] {
    let mut counts = [[0; 2]; 2];
    for (truth, said) in truth.iter().zip(said) {
        counts[usize::from(truth.contains(&class))][usize::from(said.contains(&class))] += 1;
    }
    counts
}

/// Macro F1 on drawn rows.
pub fn headline<'a>(targets: &'a [Target], answers: &'a [TextAnswer], names: &'a [String]) -> impl Fn(&[usize]) -> Option<f64> + 'a {
    let (truth, said) = sets(targets, answers);
    move |rows| drawn_report(&truth, &said, names, rows).map(|report| report.macro_average.f1)
}
