//! The figures of answers that are numbers.

use super::{drawn, interval};
use crate::metrics::{Bootstrap, MetricsError};
use crate::protocol::labels::{FigureInterval, FigureName, ScoreFigures, TextAnswer};
use crate::train::{Score, Target};

/// Figures with their intervals drawn by `seed`; `by` standardises.
///
/// # Errors
/// No rows.
pub fn figures(targets: &[Target], answers: &[TextAnswer], by: Score, seed: u64) -> Result<ScoreFigures, MetricsError> {
    let (truth, said) = numbers(targets, answers);
    let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
    let figure = |name| -> Option<FigureInterval> {
        let estimate = Score::figure(name, &truth, &said)?;
        let on = |rows: &[usize]| Score::figure(name, &drawn(&truth, rows), &drawn(&said, rows));
        Some(interval(bootstrap.interval(truth.len(), on), estimate))
    };
    Ok(ScoreFigures {
        mean: by.mean,
        deviation: by.deviation,
        pearson: figure(FigureName::Pearson),
        spearman: figure(FigureName::Spearman),
        mean_squared_error: figure(FigureName::MeanSquaredError).ok_or(MetricsError::NoRows)?,
        mean_absolute_error: figure(FigureName::MeanAbsoluteError).ok_or(MetricsError::NoRows)?,
        r_squared: figure(FigureName::RSquared),
    })
}

fn numbers(targets: &[Target], answers: &[TextAnswer]) -> (Vec<f64>, Vec<f64>) {
    (targets.iter().map(Score::number).collect(), answers.iter().map(Score::value_of).collect())
}

/// The squared error on drawn rows.
pub fn headline(targets: &[Target], answers: &[TextAnswer]) -> impl Fn(&[usize]) -> Option<f64> + use<> {
    let (truth, said) = numbers(targets, answers);
    move |rows| Score::figure(FigureName::MeanSquaredError, &drawn(&truth, rows), &drawn(&said, rows))
}
