//! Is the model as right as it says? The reliability diagram's places, and in which direction its probabilities err.
//!
//! In: bins of probability. Out: dots on a square, and a [`Leaning`]. Absent: words, elements.

use crate::protocol::labels::{CalibrationBin, TaskFigures};

/// Below this mean distance between probability and share right, nothing is claimed of a direction.
const CLOSE: f64 = 0.02;

/// How probabilities err on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaning {
    /// It is about as right as it says.
    Fair,
    /// It is surer than it is right.
    TooSure,
    /// It is more often right than it says.
    TooModest,
    /// Both, in different bins.
    Mixed,
}

/// What can be said of the probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibrated {
    /// The expected calibration error.
    pub error: f64,
    pub leaning: Leaning,
    /// Mean probability and share right.
    pub overall: Option<(f64, f64)>,
    /// Rows, or labels of rows.
    pub rows: u64,
    /// Each label of a row is a question of its own: right is what applies.
    pub of_labels: bool,
}

impl Calibrated {
    /// Reads the bins of a report, and gives them; `None` for tasks without probabilities.
    pub fn of(figures: &TaskFigures) -> Option<(Self, &[CalibrationBin])> {
        let (bins, error, of_labels) = match figures {
            TaskFigures::Classes(figures) => (&figures.calibration, figures.expected_calibration_error?, false),
            TaskFigures::Several(figures) => (&figures.calibration, figures.expected_calibration_error?, true),
            _ => return None,
        };
        let rows = bins.iter().map(|bin| bin.rows).sum();
        Some((Self { error, leaning: leaning(bins, error), overall: overall(bins), rows, of_labels }, bins))
    }
}

/// A bin with rows, on a square of 0 to 1: x is the mean probability, y the share right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    pub x: f64,
    pub y: f64,
    /// Its area is that of its rows; 1 is the fullest bin's radius.
    pub radius: f64,
    pub bin: CalibrationBin,
}

/// The dots of bins that are not empty.
pub fn dots(bins: &[CalibrationBin]) -> Vec<Dot> {
    let most = bins.iter().map(|bin| bin.rows).max().unwrap_or(0).max(1) as f64;
    bins.iter()
        .filter(|bin| bin.rows > 0)
        .filter_map(|bin| Some(Dot { x: bin.confidence?, y: bin.accuracy?, radius: (bin.rows as f64 / most).sqrt(), bin: *bin }))
        .collect()
}

/// Mean probability and share right over all rows; `None` without rows.
pub fn overall(bins: &[CalibrationBin]) -> Option<(f64, f64)> {
    let dots = dots(bins);
    let rows: f64 = dots.iter().map(|dot| dot.bin.rows as f64).sum();
    let mean = |of: fn(&Dot) -> f64| dots.iter().map(|dot| of(dot) * dot.bin.rows as f64).sum::<f64>() / rows;
    (rows > 0.0).then(|| (mean(|dot| dot.x), mean(|dot| dot.y)))
}

/// The direction, given the expected calibration error.
pub fn leaning(bins: &[CalibrationBin], error: f64) -> Leaning {
    let gap = overall(bins).map_or(0.0, |(said, right)| said - right);
    match () {
        () if error < CLOSE => Leaning::Fair,
        // Most of the error is in one direction.
        () if gap > error / 2.0 => Leaning::TooSure,
        () if gap < -error / 2.0 => Leaning::TooModest,
        () => Leaning::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(rows: u64, confidence: f64, accuracy: f64) -> CalibrationBin {
        CalibrationBin { low: 0.0, high: 1.0, rows, confidence: Some(confidence), accuracy: Some(accuracy) }
    }

    #[test]
    fn empty_bins_have_no_dot_and_areas_are_rows() {
        let empty = CalibrationBin { low: 0.0, high: 0.1, rows: 0, confidence: None, accuracy: None };
        let dots = dots(&[empty, bin(25, 0.6, 0.5), bin(100, 0.9, 0.8)]);
        assert_eq!(dots.iter().map(|dot| dot.radius).collect::<Vec<_>>(), [0.5, 1.0]);
        assert_eq!(overall(&[empty]), None);
    }

    #[test]
    fn the_direction_is_that_of_most_of_the_error() {
        assert_eq!(leaning(&[bin(10, 0.9, 0.7)], 0.2), Leaning::TooSure);
        assert_eq!(leaning(&[bin(10, 0.6, 0.8)], 0.2), Leaning::TooModest);
        assert_eq!(leaning(&[bin(10, 0.6, 0.8), bin(10, 0.9, 0.7)], 0.2), Leaning::Mixed);
        assert_eq!(leaning(&[bin(10, 0.9, 0.89)], 0.01), Leaning::Fair);
    }

    #[test]
    fn means_are_over_rows_not_over_bins() {
        let (said, right) = overall(&[bin(1, 0.5, 1.0), bin(3, 0.9, 0.6)]).unwrap();
        assert!((said - 0.8).abs() < 1e-12 && (right - 0.7).abs() < 1e-12);
    }
}
