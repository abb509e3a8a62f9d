//! Said numbers against true ones: dots on a square whose axes have one scale, so that right is the diagonal.
//!
//! In: numbers, a size in pixels. Out: places, ticks. Absent: elements.

use crate::page::chart::scale::Scale;

/// Dots that are drawn at most; more are thinned evenly (the list of rows has them all).
pub const MOST_DOTS: usize = 1_500;

/// A row's dot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// Position among the judged rows.
    pub at: usize,
    pub x: f64,
    pub y: f64,
}

/// One scale for both axes from the smallest to the largest of all numbers; `None` without a number.
pub fn scale(truth: &[f32], said: &[f32], size: f64, margin: f64) -> Option<Scale> {
    let (low, high) = truth
        .iter()
        .chain(said)
        .map(|&value| f64::from(value))
        .filter(|value| value.is_finite())
        .fold(None, |range: Option<(f64, f64)>, value| {
            Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
        })?;
    Some(Scale::rounded(low, high, (margin, size), false))
}

/// The dots: x is the true number, y the said one, upwards.
pub fn dots(truth: &[f32], said: &[f32], scale: Scale) -> Vec<Dot> {
    let (low, high) = scale.pixels;
    let every = truth.len().div_ceil(MOST_DOTS).max(1);
    let dot = |(at, (&truth, &said)): (usize, (&f32, &f32))| Dot {
        at,
        x: scale.place(f64::from(truth)),
        // Upwards on the screen is downwards in pixels.
        y: high - (scale.place(f64::from(said)) - low),
    };
    truth.iter().zip(said).enumerate().step_by(every).map(dot).filter(|dot| dot.x.is_finite() && dot.y.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_number_lies_on_the_diagonal() {
        let truth = [1.0, 3.0, 5.0];
        let scale = scale(&truth, &truth, 200.0, 40.0).unwrap();
        for dot in dots(&truth, &truth, scale) {
            assert!((dot.x - 40.0 + dot.y - 200.0).abs() < 1e-9, "{dot:?}");
        }
    }

    #[test]
    fn too_high_lies_above_too_low_below() {
        let scale = scale(&[2.0, 2.0], &[3.0, 1.0], 100.0, 0.0).unwrap();
        let found = dots(&[2.0, 2.0], &[3.0, 1.0], scale);
        assert!(found[0].y < found[1].y);
    }

    #[test]
    fn what_is_no_number_has_no_dot_and_many_are_thinned() {
        assert_eq!(scale(&[f32::NAN], &[], 100.0, 0.0), None);
        let many: Vec<f32> = (0..4_000).map(|value| value as f32).collect();
        let scale = scale(&many, &many, 100.0, 0.0).unwrap();
        assert!(dots(&many, &many, scale).len() <= MOST_DOTS);
        assert!(dots(&[f32::NAN], &[1.0], scale).is_empty());
    }
}
