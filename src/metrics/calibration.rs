//! Whether a classifier is as sure as it should be: reliability bins and the expected calibration error.
//!
//! In: per row the probability of the class that was predicted, and whether it was right. Out: [`Calibration`].

use super::error::{MetricsError, same_length};
use serde::{Deserialize, Serialize};

/// Rows whose confidence lies in `(low, high]`; the first bin holds 0 too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    pub low: f64,
    pub high: f64,
    pub rows: u64,
    /// Mean confidence and share of right rows; `None` for an empty bin.
    pub confidence: Option<f64>,
    pub accuracy: Option<f64>,
}

/// The bins of a reliability diagram and what they come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub bins: Vec<ReliabilityBin>,
    /// The mean, over rows, of the distance between confidence and accuracy of the row's bin. In `0..=1`; 0 is perfect.
    pub expected_error: f64,
}

impl Calibration {
    /// As many bins as Guo et al. use.
    pub const BINS: usize = 15;

    /// Sorts rows into `bins` bins of equal width. This is the top-label expected calibration error of Guo et al. 2017 ("On calibration of
    /// modern neural networks", equation 3); bins as `sklearn.calibration.calibration_curve(strategy="uniform")` cuts them.
    ///
    /// `confidence` lies in `0..=1`; what lies outside, or is not a number, goes to the nearest bin, or to the first.
    ///
    /// # Errors
    /// No rows, no bins, unequal lengths.
    pub fn new(confidence: &[f64], right: &[bool], bins: usize) -> Result<Self, MetricsError> {
        same_length(right.len(), confidence.len())?;
        if bins == 0 {
            return Err(MetricsError::NoBins);
        }
        // The edges of NumPy's `linspace`, to the bit.
        let step = 1.0 / bins as f64;
        let edges: Vec<f64> = (1..bins).map(|edge| edge as f64 * step).collect();
        let mut sums = vec![(0_u64, 0.0, 0_u64); bins];
        for (&confidence, &right) in confidence.iter().zip(right) {
            let (rows, sum, hits) = &mut sums[edges.partition_point(|&edge| edge < confidence)];
            *rows += 1;
            *sum += confidence;
            *hits += u64::from(right);
        }
        let bins: Vec<ReliabilityBin> = sums
            .into_iter()
            .enumerate()
            .map(|(index, (rows, sum, hits))| ReliabilityBin {
                low: if index == 0 { 0.0 } else { edges[index - 1] },
                high: edges.get(index).copied().unwrap_or(1.0),
                rows,
                confidence: (rows > 0).then(|| sum / rows as f64),
                accuracy: (rows > 0).then(|| hits as f64 / rows as f64),
            })
            .collect();
        let gap = |bin: &ReliabilityBin| Some(bin.rows as f64 * (bin.confidence? - bin.accuracy?).abs());
        let expected_error = bins.iter().filter_map(gap).sum::<f64>() / right.len() as f64;
        Ok(Self { bins, expected_error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sure_and_always_right_is_perfect_and_sure_and_always_wrong_is_not() {
        assert_eq!(Calibration::new(&[1.0, 1.0], &[true, true], 15).unwrap().expected_error, 0.0);
        assert_eq!(Calibration::new(&[1.0, 1.0], &[false, false], 15).unwrap().expected_error, 1.0);
    }

    #[test]
    fn a_worked_example() {
        // (0.5, 1]: mean confidence 0.8, two of three right; (0, 0.5]: 0.4, none right.
        let calibration = Calibration::new(&[0.9, 0.8, 0.7, 0.4], &[true, true, false, false], 2).unwrap();
        let expected = (3.0 * (0.8_f64 - 2.0 / 3.0).abs() + 0.4) / 4.0;
        assert!((calibration.expected_error - expected).abs() < 1e-12);
        assert_eq!(calibration.bins.iter().map(|bin| bin.rows).collect::<Vec<u64>>(), [1, 3]);
    }

    #[test]
    fn an_edge_belongs_to_the_bin_below_it() {
        let calibration = Calibration::new(&[0.0, 0.5, 0.75, 1.0], &[true; 4], 4).unwrap();
        assert_eq!(calibration.bins.iter().map(|bin| bin.rows).collect::<Vec<u64>>(), [1, 1, 1, 1]);
        let empty = Calibration::new(&[0.9], &[true], 4).unwrap().bins[0];
        assert_eq!((empty.rows, empty.confidence, empty.accuracy), (0, None, None));
    }

    #[test]
    fn input_that_does_not_fit_is_an_error() {
        assert_eq!(Calibration::new(&[], &[], 15), Err(MetricsError::NoRows));
        assert_eq!(Calibration::new(&[0.5], &[true], 0), Err(MetricsError::NoBins));
        assert_eq!(Calibration::new(&[0.5], &[], 3), Err(MetricsError::Lengths { truth: 0, predicted: 1 }));
    }
}
