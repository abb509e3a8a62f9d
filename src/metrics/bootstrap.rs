//! How sure a figure is: percentile bootstrap intervals, over rows, of any metric and of the difference between two.
//!
//! In: the number of rows and a metric that scores a list of row numbers. Out: [`Interval`], [`Difference`]. After Efron and Tibshirani
//! 1993, "An introduction to the bootstrap", chapter 13; paired as in Koehn 2004, "Statistical significance tests for machine translation".

use super::random::SplitMix64;
use super::sums::mean;
use serde::{Deserialize, Serialize};

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Samples, each of as many rows as there are, drawn with replacement.
    pub resamples: usize,
    /// Share of the samples inside the interval, such as 0.95.
    pub level: f64,
    pub seed: u64,
    /// Moves the samples so that their mean is the figure on the rows themselves: for figures that come out lower on drawn rows than on all of them, as averages
    /// over classes with few rows do (the bootstrap estimate of bias, chapter 10 there).
    pub centred: bool,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 1_000, level: 0.95, seed: 1, centred: false }
    }
}

/// A figure and where it would lie for other rows of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// On the rows themselves.
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
    pub level: f64,
    /// Samples behind it: those for which the metric has a value.
    pub resamples: usize,
}

impl Interval {
    /// The interval lies on one side of `value`: a difference whose interval excludes 0 is beyond chance, at this level.
    pub fn excludes(&self, value: f64) -> bool {
        value < self.low || value > self.high
    }
}

/// First metric minus second, on the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub interval: Interval,
    /// Share of the samples in which the first is larger (a draw counts half).
    pub first_is_larger: f64,
}

impl Bootstrap {
    /// The interval of `metric`, which scores row numbers below `rows` (repeated ones count as often as they stand there) and may have no
    /// value for some. `None` when it has none on the rows themselves, or on no sample, or a value that is not finite.
    pub fn interval(&self, rows: usize, mut metric: impl FnMut(&[usize]) -> Option<f64>) -> Option<Interval> {
        let estimate = finite(metric(&(0..rows).collect::<Vec<usize>>()))?;
        let samples = self.samples(rows, |rows| finite(metric(rows)));
        self.summary(estimate, samples)
    }

    /// The interval of a mean over rows: the quick case.
    pub fn mean(&self, values: &[f64]) -> Option<Interval> {
        self.interval(values.len(), |rows| mean(&rows.iter().filter_map(|&row| values.get(row).copied()).collect::<Vec<f64>>()))
    }

    /// The interval of `first - second`, both scored on the same samples. A sample on which either has no value is left out.
    pub fn difference(
        &self,
        rows: usize,
        mut first: impl FnMut(&[usize]) -> Option<f64>,
        mut second: impl FnMut(&[usize]) -> Option<f64>,
    ) -> Option<Difference> {
        let mut metric = |rows: &[usize]| finite(Some(first(rows)? - second(rows)?));
        let estimate = metric(&(0..rows).collect::<Vec<usize>>())?;
        let samples = self.samples(rows, metric);
        let points = samples.iter().map(|&sample| {
            if sample > 0.0 {
                1.0
            } else if sample == 0.0 {
                0.5
            } else {
                0.0
            }
        });
        let first_is_larger = points.sum::<f64>() / samples.len().max(1) as f64;
        Some(Difference { interval: self.summary(estimate, samples)?, first_is_larger })
    }

    fn samples(&self, rows: usize, mut metric: impl FnMut(&[usize]) -> Option<f64>) -> Vec<f64> {
        let mut generator = SplitMix64::new(self.seed);
        let mut drawn = vec![0; rows];
        (0..self.resamples)
            .filter_map(|_| {
                drawn.iter_mut().for_each(|row| *row = generator.below(rows));
                metric(&drawn)
            })
            .collect()
    }

    fn summary(&self, estimate: f64, mut samples: Vec<f64>) -> Option<Interval> {
        if let Some(bias) = mean(&samples).map(|mean| mean - estimate).filter(|_| self.centred) {
            samples.iter_mut().for_each(|sample| *sample -= bias);
        }
        samples.sort_by(f64::total_cmp);
        let tail = (1.0 - self.level.clamp(0.0, 1.0)) / 2.0;
        let (low, high) = (quantile(&samples, tail)?, quantile(&samples, 1.0 - tail)?);
        Some(Interval { estimate, low, high, level: self.level, resamples: samples.len() })
    }
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// The value below which a share of the sorted numbers lies, between two of them by a straight line (NumPy's default, Hyndman and Fan's
/// type 7).
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * (sorted.len().checked_sub(1)?) as f64;
    let below = *sorted.get(place.floor() as usize)?;
    let above = *sorted.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_interval_and_another_seed_another() {
        let values: Vec<f64> = (0..50).map(|row| f64::from(row % 7)).collect();
        let bootstrap = Bootstrap::default();
        assert_eq!(bootstrap.mean(&values), bootstrap.mean(&values));
        assert_ne!(bootstrap.mean(&values), Bootstrap { seed: 2, ..bootstrap }.mean(&values));
    }

    #[test]
    fn a_mean_has_the_interval_of_the_textbook() {
        // 400 rows, half of them right: standard error 0.025, so 95% is about 0.5 ± 0.049.
        let values: Vec<f64> = (0..400).map(|row| f64::from(row % 2)).collect();
        let interval = Bootstrap { resamples: 4_000, ..Bootstrap::default() }.mean(&values).unwrap();
        assert_eq!(interval.estimate, 0.5);
        assert!((interval.low - 0.451).abs() < 0.006 && (interval.high - 0.549).abs() < 0.006, "{interval:?}");
        assert!(interval.excludes(0.4) && !interval.excludes(0.5));
    }

    #[test]
    fn intervals_cover_the_truth_about_as_often_as_they_say() {
        let mut generator = SplitMix64::new(5);
        let covered = (0..300)
            .filter(|&seed| {
                let values: Vec<f64> = (0..60).map(|_| if generator.below(10) < 3 { 1.0 } else { 0.0 }).collect();
                !Bootstrap { resamples: 400, level: 0.9, seed, ..Bootstrap::default() }.mean(&values).unwrap().excludes(0.3)
            })
            .count();
        assert!((255..=285).contains(&covered), "{covered} of 300");
    }

    #[test]
    fn a_paired_difference_is_surer_than_its_parts() {
        // Rows differ much, the second metric is always 0.1 below the first.
        let values: Vec<f64> = (0..40).map(|row| f64::from((row * 37) % 40)).collect();
        let metric = |shift: f64| {
            let values = &values;
            move |rows: &[usize]| Some(rows.iter().map(|&row| values[row] - shift).sum::<f64>() / rows.len() as f64)
        };
        let difference = Bootstrap::default().difference(40, metric(0.0), metric(0.1)).unwrap();
        assert!((difference.interval.low - 0.1).abs() < 1e-9 && (difference.interval.high - 0.1).abs() < 1e-9);
        assert!(difference.interval.excludes(0.0));
        assert_eq!(difference.first_is_larger, 1.0);
        let none = Bootstrap::default().difference(40, metric(0.0), metric(0.0)).unwrap();
        assert!(!none.interval.excludes(0.0));
        assert_eq!(none.first_is_larger, 0.5);
    }

    #[test]
    fn a_figure_that_is_lower_on_drawn_rows_lies_inside_its_interval() {
        // The share of different values is 1, and about 0.63 on rows drawn with replacement.
        let different = |rows: &[usize]| Some(rows.iter().collect::<std::collections::BTreeSet<_>>().len() as f64 / 200.0);
        let plain = Bootstrap::default().interval(200, different).unwrap();
        let centred = Bootstrap { centred: true, ..Bootstrap::default() }.interval(200, different).unwrap();
        assert!(plain.high < 0.75 && plain.excludes(1.0) && !centred.excludes(1.0), "{plain:?} {centred:?}");
        assert!(((plain.high - plain.low) - (centred.high - centred.low)).abs() < 1e-12);
    }

    #[test]
    fn a_metric_without_a_value_gives_no_interval_and_single_samples_may_fail() {
        assert_eq!(Bootstrap::default().mean(&[]), None);
        assert_eq!(Bootstrap::default().interval(3, |_| Some(f64::NAN)), None);
        assert_eq!(Bootstrap { resamples: 0, ..Bootstrap::default() }.mean(&[1.0]), None);
        let interval = Bootstrap::default().interval(2, |rows| rows.contains(&0).then_some(1.0)).unwrap();
        assert!((600..900).contains(&interval.resamples), "three of four samples hold row 0: {}", interval.resamples);
    }
}
