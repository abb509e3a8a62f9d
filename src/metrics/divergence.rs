//! How far apart two ways of looking are: Jensen–Shannon distance between rows of attention.
//!
//! The divergence of Lin (1991, doi 10.1109/18.61115) with base-2 logarithms lies in 0..=1 and treats both alike; its square root is a metric (Endres and
//! Schindelin 2003).

/// Jensen–Shannon distance of two distributions of the same length, 0..=1. Rows that do not add up to one are scaled; a row of zeros has
/// nothing in common with another and is like another row of zeros.
pub fn js_distance(a: impl Iterator<Item = f32> + Clone, b: impl Iterator<Item = f32> + Clone) -> f32 {
    let sum = |row: &mut dyn Iterator<Item = f32>| row.map(f64::from).sum::<f64>();
    let (total_a, total_b) = (sum(&mut a.clone()), sum(&mut b.clone()));
    if total_a <= 0.0 || total_b <= 0.0 {
        return if total_a <= 0.0 && total_b <= 0.0 { 0.0 } else { 1.0 };
    }
    let mut divergence = 0.0;
    for (a, b) in a.zip(b) {
        let (a, b) = (f64::from(a) / total_a, f64::from(b) / total_b);
        let middle = (a + b) / 2.0;
        for part in [a, b] {
            if part > 0.0 {
                divergence += 0.5 * part * (part / middle).log2();
            }
        }
    }
    // Rounding may leave a trace below zero or above one.
    divergence.clamp(0.0, 1.0).sqrt() as f32
}

/// Mean distance of two causal maps `[t, t]` over their query rows, from the second on: the first token can only look at itself. 0 for
/// a single token.
pub fn map_distance(a: &[f32], b: &[f32], tokens: usize) -> f32 {
    let row = |map: &'_ [f32], query: usize| map[query * tokens..=query * tokens + query].to_vec();
    mean_distance(tokens, |query| js_distance(row(a, query).into_iter(), row(b, query).into_iter()))
}

/// [`map_distance`] of maps stored as triangles of bytes: row after row, without what lies above the diagonal.
pub fn triangle_distance(a: &[u8], b: &[u8], tokens: usize) -> f32 {
    mean_distance(tokens, |query| {
        let row = query * (query + 1) / 2..(query + 1) * (query + 2) / 2;
        js_distance(a[row.clone()].iter().map(|&byte| f32::from(byte)), b[row].iter().map(|&byte| f32::from(byte)))
    })
}

fn mean_distance(tokens: usize, distance: impl Fn(usize) -> f32) -> f32 {
    let rows = tokens.saturating_sub(1);
    if rows == 0 {
        return 0.0;
    }
    (1..tokens).map(distance).sum::<f32>() / rows as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(a: &[f32], b: &[f32]) -> f32 {
        js_distance(a.iter().copied(), b.iter().copied())
    }

    #[test]
    fn known_distances() {
        assert_eq!(distance(&[0.5, 0.5], &[0.5, 0.5]), 0.0);
        assert_eq!(distance(&[1.0, 0.0], &[0.0, 1.0]), 1.0);
        // Half of log2(4/3) plus half of (1/2 log2(2/3) + 1/2 log2 2), worked out by hand.
        let wanted = (0.5 * (4.0f64 / 3.0).log2() + 0.25 * (2.0f64 / 3.0).log2() + 0.25).sqrt() as f32;
        assert!((distance(&[1.0, 0.0], &[0.5, 0.5]) - wanted).abs() < 1e-6, "{wanted}");
        assert_eq!(distance(&[2.0, 2.0], &[0.5, 0.5]), 0.0, "scaled");
        assert_eq!((distance(&[0.0], &[0.0]), distance(&[0.0], &[1.0])), (0.0, 1.0));
    }

    #[test]
    fn maps_are_compared_row_by_row_below_the_diagonal() {
        let a = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        let b = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0];
        assert_eq!(map_distance(&a, &b, 3), 0.5, "one of two rows has moved altogether");
        assert_eq!(triangle_distance(&[255, 255, 0, 0, 255, 0], &[255, 0, 255, 0, 255, 0], 3), 0.5);
        assert_eq!(map_distance(&[1.0], &[1.0], 1), 0.0);
    }
}
