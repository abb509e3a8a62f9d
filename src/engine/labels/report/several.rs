//! The figures of answers with any number of classes a row.

use super::{DIGITS, bins, line, share};
use crate::metrics::{Bootstrap, Calibration, MetricsError};
use crate::protocol::labels::{SeveralFigures, TextAnswer};
use crate::train::{Several, Target};

type Sets<'a> = Vec<&'a [u32]>;

/// Figures with their intervals drawn by `seed`. Calibration where the answers have probabilities.
///
/// # Errors
/// No rows.
pub fn figures(targets: &[Target], answers: &[TextAnswer], names: &[String], seed: u64) -> Result<SeveralFigures, MetricsError> {
    let (truth, said) = sets(targets, answers);
    let report = Several::report(&truth, &said, names)?;
    let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
    let f1 = |which: usize| {
        let on = |rows: &[usize]| Some(Several::f1(&truth, &said, names.len(), rows)[which]);
        let bootstrap = Bootstrap { centred: which == 0, ..bootstrap };
        // Labels of a row are told together: no more units than rows.
        let units = truth.len().min(truth.iter().map(|set| set.len()).sum());
        share(bootstrap.interval(truth.len(), on), [report.macro_average.f1, report.micro.f1][which], units)
    };
    let right: Vec<f64> = truth.iter().zip(&said).map(|(is, said)| f64::from(u8::from(is == said))).collect();
    let wrong = |(is, said): (&&[u32], &&[u32])| Several::hamming_loss(&[is], &[said], names.len()).unwrap_or(0.0);
    let wrong: Vec<f64> = truth.iter().zip(&said).map(wrong).collect();
    let hamming = Several::hamming_loss(&truth, &said, names.len()).unwrap_or(0.0);
    let calibration = calibration(&truth, answers)?;
    Ok(SeveralFigures {
        classes: names.to_vec(),
        lines: report.classes.iter().map(|class| line(&class.name, class.scores)).collect(),
        micro_average: line("micro avg", report.micro),
        macro_average: line("macro avg", report.macro_average),
        weighted_average: line("weighted avg", report.weighted),
        samples_average: line("samples avg", report.samples.unwrap_or_default()),
        micro_f1: f1(1),
        macro_f1: f1(0),
        subset_accuracy: share(bootstrap.mean(&right), report.accuracy, truth.len()),
        hamming_loss: share(bootstrap.mean(&wrong), hamming, truth.len()),
        text: report.text(DIGITS),
        confusion: (0..names.len() as u32).map(|class| confusion(&truth, &said, class)).collect(),
        expected_calibration_error: calibration.as_ref().map(|calibration| calibration.expected_error),
        calibration: calibration.as_ref().map(bins).unwrap_or_default(),
    })
}

/// The sets of a row, true and said.
pub fn sets<'a>(targets: &'a [Target], answers: &'a [TextAnswer]) -> (Sets<'a>, Sets<'a>) {
    (targets.iter().map(Several::set).collect(), answers.iter().map(Several::classes_of).collect())
}

/// Each label is a question of yes and no: its probability beside whether the row has it, all labels of all rows together, as
/// `sklearn.calibration.calibration_curve` over the raveled matrices. `None` for answers of baselines.
fn calibration(truth: &[&[u32]], answers: &[TextAnswer]) -> Result<Option<Calibration>, MetricsError> {
    let (mut probabilities, mut has) = (Vec::new(), Vec::new());
    for (truth, answer) in truth.iter().zip(answers) {
        let TextAnswer::Classes { probabilities: of_row, .. } = answer else { return Ok(None) };
        probabilities.extend(of_row.iter().map(|&probability| f64::from(probability)));
        has.extend((0..of_row.len() as u32).map(|class| truth.contains(&class)));
    }
    (!has.is_empty()).then(|| Calibration::new(&probabilities, &has, Calibration::BINS)).transpose()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_of_every_row_is_a_dot_s_share() {
        let answer =
            |probabilities: [f32; 2]| TextAnswer::Classes { classes: Several::said(&probabilities), probabilities: probabilities.to_vec() };
        let answers = [answer([0.75, 0.25]), answer([0.75, 0.5])];
        let targets = [Target::Set(vec![0]), Target::Set(vec![1])];
        let names = ["a", "b"].map(str::to_owned);
        let figures = figures(&targets, &answers, &names, 1).unwrap();
        let bins: Vec<_> =
            figures.calibration.iter().filter(|bin| bin.rows > 0).map(|bin| (bin.rows, bin.confidence, bin.accuracy)).collect();
        // 0.25 is not there, 0.5 is, of the two of 0.75 one.
        assert_eq!(bins, [(1, Some(0.25), Some(0.0)), (1, Some(0.5), Some(1.0)), (2, Some(0.75), Some(0.5))]);
        assert_eq!(figures.expected_calibration_error, Some((0.25 + 0.5 + 2.0 * 0.25) / 4.0));
    }

    #[test]
    fn answers_without_probabilities_have_no_calibration() {
        let answers = [TextAnswer::Classes { classes: vec![0], probabilities: Vec::new() }];
        let figures = figures(&[Target::Set(vec![0])], &answers, &["a".to_owned()], 1).unwrap();
        assert_eq!((figures.calibration, figures.expected_calibration_error), (Vec::new(), None));
    }
}
