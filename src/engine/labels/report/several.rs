//! The figures of answers with any number of classes a row.

use super::{DIGITS, interval, line};
use crate::metrics::{Bootstrap, MetricsError};
use crate::protocol::labels::{SeveralFigures, TextAnswer};
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
    let f1 = |which: usize| {
        let on = |rows: &[usize]| Some(Several::f1(&truth, &said, names.len(), rows)[which]);
        interval(bootstrap.interval(truth.len(), on), [report.macro_average.f1, report.micro.f1][which])
    };
    let right: Vec<f64> = truth.iter().zip(&said).map(|(is, said)| f64::from(u8::from(is == said))).collect();
    let wrong = |(is, said): (&&[u32], &&[u32])| Several::hamming_loss(&[is], &[said], names.len()).unwrap_or(0.0);
    let wrong: Vec<f64> = truth.iter().zip(&said).map(wrong).collect();
    let hamming = Several::hamming_loss(&truth, &said, names.len()).unwrap_or(0.0);
    Ok(SeveralFigures {
        classes: names.to_vec(),
        lines: report.classes.iter().map(|class| line(&class.name, class.scores)).collect(),
        micro_average: line("micro avg", report.micro),
        macro_average: line("macro avg", report.macro_average),
        weighted_average: line("weighted avg", report.weighted),
        samples_average: line("samples avg", report.samples.unwrap_or_default()),
        micro_f1: f1(1),
        macro_f1: f1(0),
        subset_accuracy: interval(bootstrap.mean(&right), report.accuracy),
        hamming_loss: interval(bootstrap.mean(&wrong), hamming),
        text: report.text(DIGITS),
        confusion: (0..names.len() as u32).map(|class| confusion(&truth, &said, class)).collect(),
    })
}

/// The sets of a row, true and said.
pub fn sets<'a>(targets: &'a [Target], answers: &'a [TextAnswer]) -> (Sets<'a>, Sets<'a>) {
    (targets.iter().map(Several::set).collect(), answers.iter().map(Several::classes_of).collect())
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
pub fn headline<'a>(targets: &'a [Target], answers: &'a [TextAnswer], classes: usize) -> impl Fn(&[usize]) -> Option<f64> + 'a {
    let (truth, said) = sets(targets, answers);
    move |rows| Some(Several::f1(&truth, &said, classes, rows)[0])
}
