//! Sums and means in NumPy's order of addition. A printed figure is rounded, and a last bit more or less can tip it: tables that must be
//! those of scikit-learn to the digit add as NumPy adds.

/// NumPy's pairwise summation: up to 7 numbers one by one, up to 128 in eight lanes, more in two halves.
/// (Higham 1993, "The accuracy of floating point summation"; the block sizes are NumPy's.)
pub(super) fn sum(values: &[f64]) -> f64 {
    const LANES: usize = 8;
    const BLOCK: usize = 128;
    if values.len() < LANES {
        // From minus zero, as NumPy: the sum of negative zeros keeps its sign.
        return values.iter().fold(-0.0, |sum, value| sum + value);
    }
    if values.len() > BLOCK {
        let half = values.len() / 2;
        let (left, right) = values.split_at(half - half % LANES);
        return sum(left) + sum(right);
    }
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    rest.iter().fold(((a + b) + (c + d)) + ((e + f) + (g + h)), |sum, value| sum + value)
}

/// Arithmetic mean; `None` of nothing.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values) / values.len() as f64)
}

/// Mean with weights; the plain mean when all weights are zero, as scikit-learn's averages have it. `None` of nothing.
pub(super) fn weighted_mean(values: &[f64], weights: &[f64]) -> Option<f64> {
    let total = sum(weights);
    if total == 0.0 {
        return mean(values);
    }
    let products: Vec<f64> = values.iter().zip(weights).map(|(value, weight)| value * weight).collect();
    (!values.is_empty()).then(|| sum(&products) / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_every_length_are_right() {
        for length in 0..600_u32 {
            let values: Vec<f64> = (1..=length).map(f64::from).collect();
            assert_eq!(sum(&values), f64::from(length) * f64::from(length + 1) / 2.0, "{length}");
        }
    }

    #[test]
    fn many_small_numbers_do_not_drown() {
        let values = vec![0.1; 1_000_000];
        // One by one the error would be 1.3e-6.
        assert!((sum(&values) - 100_000.0).abs() < 1e-9);
    }

    #[test]
    fn means_of_nothing_and_with_no_weight() {
        assert_eq!(mean(&[]), None);
        assert_eq!(weighted_mean(&[], &[]), None);
        assert_eq!(weighted_mean(&[1.0, 3.0], &[0.0, 0.0]), Some(2.0));
        assert_eq!(weighted_mean(&[1.0, 3.0], &[3.0, 1.0]), Some(1.5));
    }
}
