//! A curve's points, kept few enough to draw.
//!
//! In: any number of points, oldest first. Out: at most about [`MOST_POINTS`], with every peak and dip still there. Absent: pixels.

/// Points a drawn curve has at most: two for each pixel of a wide chart.
pub const MOST_POINTS: usize = 600;

/// A point of a curve: step and value. A value that is not finite breaks the line.
pub type Point = (f64, f64);

/// At most about `most` points: the first, the last, and of each of `most / 2` equal stretches the lowest and the highest, in order. What is
/// not finite stays, once a stretch, so that a break in the line survives.
pub fn decimated(points: &[Point], most: usize) -> Vec<Point> {
    if points.len() <= most || most < 4 {
        return points.to_vec();
    }
    let buckets = most / 2 - 1;
    let inner = &points[1..points.len() - 1];
    let mut kept = vec![points[0]];
    for bucket in 0..buckets {
        let from = bucket * inner.len() / buckets;
        let to = (bucket + 1) * inner.len() / buckets;
        let slice = &inner[from..to];
        if let Some(broken) = slice.iter().find(|point| !point.1.is_finite()) {
            kept.push(*broken);
            continue;
        }
        let lowest = slice.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1));
        let highest = slice.iter().enumerate().max_by(|a, b| a.1.1.total_cmp(&b.1.1));
        if let (Some((low, &lowest)), Some((high, &highest))) = (lowest, highest) {
            match low.cmp(&high) {
                std::cmp::Ordering::Less => kept.extend([lowest, highest]),
                std::cmp::Ordering::Equal => kept.push(lowest),
                std::cmp::Ordering::Greater => kept.extend([highest, lowest]),
            }
        }
    }
    kept.push(points[points.len() - 1]);
    kept
}

/// The point whose step is nearest to `step`.
pub fn nearest(points: &[Point], step: f64) -> Option<Point> {
    let after = points.partition_point(|point| point.0 < step);
    let candidates = [after.checked_sub(1), Some(after)];
    candidates
        .into_iter()
        .flatten()
        .filter_map(|index| points.get(index).copied())
        .min_by(|a, b| (a.0 - step).abs().total_cmp(&(b.0 - step).abs()))
}

/// Smallest and largest finite value of all curves.
pub fn range<'a>(curves: impl Iterator<Item = &'a [Point]>) -> Option<(f64, f64)> {
    curves.flatten().map(|point| point.1).filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_points_stay_as_they_are() {
        let points: Vec<Point> = (0..600).map(|i| (f64::from(i), f64::from(i % 7))).collect();
        assert_eq!(decimated(&points, MOST_POINTS), points);
    }

    #[test]
    fn ten_thousand_points_keep_their_peaks_and_their_order() {
        let mut points: Vec<Point> = (0..10_000).map(|i| (f64::from(i), 3.0 + (f64::from(i) / 40.0).sin())).collect();
        points[7_777].1 = 99.0;
        points[3_333].1 = -5.0;
        let few = decimated(&points, MOST_POINTS);
        assert!(few.len() <= MOST_POINTS, "{}", few.len());
        assert!(few.contains(&(7_777.0, 99.0)) && few.contains(&(3_333.0, -5.0)));
        assert!(few.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!((few.first(), few.last()), (points.first(), points.last()));
    }

    #[test]
    fn a_break_survives_and_does_not_spoil_the_range() {
        let mut points: Vec<Point> = (0..5_000).map(|i| (f64::from(i), 1.0)).collect();
        points[2_500].1 = f64::NAN;
        let few = decimated(&points, 100);
        assert_eq!(few.iter().filter(|point| point.1.is_nan()).count(), 1);
        assert_eq!(range([few.as_slice()].into_iter()), Some((1.0, 1.0)));
        assert_eq!(range([[(0.0, f64::NAN)].as_slice()].into_iter()), None);
    }

    #[test]
    fn the_nearest_point_is_found_from_both_ends() {
        let points = [(10.0, 1.0), (20.0, 2.0), (30.0, 3.0)];
        assert_eq!(nearest(&points, -5.0), Some(points[0]));
        assert_eq!(nearest(&points, 16.0), Some(points[1]));
        assert_eq!(nearest(&points, 1e9), Some(points[2]));
        assert_eq!(nearest(&[], 1.0), None);
    }
}
