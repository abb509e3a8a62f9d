//! Numbers predicted for numbers: correlation of values and of ranks, and mean errors.
//!
//! In: two lists of equal length. Out: one number, or `None` where it is not defined, which is where scipy answers NaN: constant values,
//! fewer than two rows, values that are not finite. After `scipy.stats.pearsonr` and `spearmanr`, version 1.17.

use super::sums::{mean, sum};

/// Pearson's r, `-1..=1`: how well a straight line fits.
pub fn pearson(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    pair(truth, predicted)?;
    if constant(truth) || constant(predicted) {
        return None;
    }
    let (truth, predicted) = (unit(truth)?, unit(predicted)?);
    let products: Vec<f64> = truth.iter().zip(&predicted).map(|(a, b)| a * b).collect();
    Some(sum(&products).clamp(-1.0, 1.0)).filter(|r| r.is_finite())
}

/// Spearman's rho, `-1..=1`: Pearson's r of the ranks; equal values share the mean of their ranks.
pub fn spearman(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    pair(truth, predicted)?;
    pearson(&ranks(truth), &ranks(predicted))
}

/// Mean absolute error, in the unit of the values.
pub fn mean_absolute_error(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    let errors: Vec<f64> = errors(truth, predicted)?.map(f64::abs).collect();
    mean(&errors)
}

/// Root of the mean squared error, in the unit of the values.
pub fn root_mean_squared_error(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    let errors: Vec<f64> = errors(truth, predicted)?.map(|error| error * error).collect();
    mean(&errors).map(f64::sqrt)
}

/// Share of the spread of the truth that is explained: one minus the squared error over that of always saying the truth's mean
/// (`sklearn.metrics.r2_score`). `None` for fewer than two rows, and for equal true values.
pub fn r_squared(truth: &[f64], predicted: &[f64]) -> Option<f64> {
    pair(truth, predicted)?;
    if constant(truth) {
        return None;
    }
    let mean = mean(truth)?;
    let spread: Vec<f64> = truth.iter().map(|is| (is - mean).powi(2)).collect();
    let errors: Vec<f64> = errors(truth, predicted)?.map(|error| error * error).collect();
    Some(1.0 - sum(&errors) / sum(&spread)).filter(|share| share.is_finite())
}

/// Ranks from 1, equal values sharing the mean of theirs (`scipy.stats.rankdata`). The values must be ordered: no NaN.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut done = 0;
    // `==`, not bits: minus zero ties with zero.
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let shared = done as f64 + (group.len() + 1) as f64 / 2.0;
        group.iter().for_each(|&row| ranks[row] = shared);
        done += group.len();
    }
    ranks
}

/// Centred and scaled to length 1. By the largest entry first, so that squares neither vanish nor overflow.
fn unit(values: &[f64]) -> Option<Vec<f64>> {
    let mean = mean(values)?;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let largest = centred.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let squares: Vec<f64> = centred.iter().map(|value| (value / largest).powi(2)).collect();
    let length = largest * sum(&squares).sqrt();
    Some(centred.into_iter().map(|value| value / length).collect())
}

fn constant(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[0] == pair[1])
}

/// Two lists that a correlation is defined for.
fn pair(truth: &[f64], predicted: &[f64]) -> Option<()> {
    let finite = truth.iter().chain(predicted).all(|value| value.is_finite());
    (truth.len() == predicted.len() && truth.len() >= 2 && finite).then_some(())
}

fn errors(truth: &[f64], predicted: &[f64]) -> Option<impl Iterator<Item = f64>> {
    (truth.len() == predicted.len() && !truth.is_empty()).then(|| truth.iter().zip(predicted).map(|(is, said)| said - is))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_curves() {
        let x = [1.0, 2.0, 3.0, 4.0];
        assert!((pearson(&x, &[3.0, 5.0, 7.0, 9.0]).unwrap() - 1.0).abs() < 1e-15);
        assert!((pearson(&x, &[4.0, 3.0, 2.0, 1.0]).unwrap() + 1.0).abs() < 1e-15);
        // A curve that only rises: the ranks agree, the values do not lie on a line.
        let curve = [1.0, 10.0, 100.0, 1000.0];
        assert!((spearman(&x, &curve).unwrap() - 1.0).abs() < 1e-15);
        assert!(pearson(&x, &curve).unwrap() < 0.9);
    }

    #[test]
    fn ties_share_their_ranks() {
        assert_eq!(ranks(&[10.0, 20.0, 10.0, 5.0, 10.0]), [3.0, 5.0, 3.0, 1.0, 3.0]);
        assert_eq!(ranks(&[0.0, -0.0]), [1.5, 1.5]);
    }

    #[test]
    fn what_has_no_correlation_has_none() {
        assert_eq!(pearson(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(spearman(&[1.0, 2.0, 3.0], &[7.0, 7.0, 7.0]), None);
        assert_eq!(pearson(&[1.0], &[1.0]), None);
        assert_eq!(pearson(&[1.0, 2.0], &[1.0]), None);
        assert_eq!(spearman(&[1.0, f64::NAN], &[1.0, 2.0]), None);
    }

    #[test]
    fn large_and_small_values_keep_their_correlation() {
        let (x, y): (Vec<f64>, Vec<f64>) = (0..9).map(|i| (f64::from(i) * 1e200, f64::from(i * i) * 1e-200)).unzip();
        let plain: Vec<f64> = (0..9).map(f64::from).collect();
        let squares: Vec<f64> = (0..9).map(|i| f64::from(i * i)).collect();
        assert!((pearson(&x, &y).unwrap() - pearson(&plain, &squares).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn the_mean_explains_nothing() {
        assert_eq!(r_squared(&[1.0, 2.0, 3.0], &[2.0, 2.0, 2.0]), Some(0.0));
        assert_eq!(r_squared(&[1.0, 3.0], &[1.0, 3.0]), Some(1.0));
        assert_eq!(r_squared(&[2.0, 2.0], &[1.0, 3.0]), None);
        assert_eq!(r_squared(&[2.0], &[2.0]), None);
    }

    #[test]
    fn errors_in_the_unit_of_the_values() {
        assert_eq!(mean_absolute_error(&[1.0, 2.0], &[2.0, 5.0]), Some(2.0));
        assert_eq!(root_mean_squared_error(&[1.0, 2.0], &[2.0, 9.0]), Some(5.0));
        assert_eq!(mean_absolute_error(&[], &[]), None);
        assert_eq!(root_mean_squared_error(&[1.0], &[]), None);
    }
}
