//! From values to pixels, and the round numbers on an axis.
//!
//! In: a range of values, a range of pixels, linear or logarithmic. Out: places and ticks. Absent: what is measured.

/// A scale of one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    /// Pixel of `low` and of `high`.
    pub pixels: (f64, f64),
    pub log: bool,
    /// Distance of the ticks of a linear scale.
    pub step: f64,
}

impl Scale {
    /// A linear scale exactly from `low` to `high`, with about `wanted` ticks.
    pub fn exact(low: f64, high: f64, pixels: (f64, f64), wanted: usize) -> Self {
        Self { low, high, pixels, log: false, step: round_step(high - low, wanted) }
    }

    /// A scale that reaches from the tick at or below `low` to the one at or above `high`, so that it moves seldom while values come in.
    /// What cannot be shown logarithmically (zero or less) makes it linear.
    pub fn rounded(low: f64, high: f64, pixels: (f64, f64), log: bool) -> Self {
        let log = log && low > 0.0;
        if log {
            let below = LOG_STEPS.iter().rev().map(|step| step * decade(low)).find(|&tick| tick <= low * 1.000_001);
            let above = LOG_STEPS.iter().chain(&[10.0]).map(|step| step * decade(high)).find(|&tick| tick >= high * 0.999_999);
            let (low, mut high) = (below.unwrap_or(low), above.unwrap_or(high));
            if high <= low {
                high = low * 1.5;
            }
            return Self { low, high, pixels, log, step: 0.0 };
        }
        let span = if high > low { high - low } else { high.abs().max(1.0) * 0.1 };
        let step = round_step(span, 4);
        let bottom = (low / step + 1e-9).floor() * step;
        let mut top = (high / step - 1e-9).ceil() * step;
        if top <= bottom {
            top = bottom + step;
        }
        Self { low: bottom, high: top, pixels, log, step }
    }

    /// Pixel of a value; values outside lie outside.
    pub fn place(&self, value: f64) -> f64 {
        let share = if self.log {
            (value.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }

    /// Value at a pixel.
    pub fn value(&self, pixel: f64) -> f64 {
        let share = (pixel - self.pixels.0) / (self.pixels.1 - self.pixels.0);
        if self.log { self.low * (self.high / self.low).powf(share) } else { self.low + share * (self.high - self.low) }
    }

    /// Four to six round values within the scale, lowest first.
    pub fn ticks(&self) -> Vec<f64> {
        if self.log {
            return self.log_ticks(4);
        }
        let first = (self.low / self.step - 1e-9).ceil() as i64;
        let last = (self.high / self.step + 1e-9).floor() as i64;
        (first..=last).map(|index| index as f64 * self.step).collect()
    }

    fn log_ticks(&self, wanted: usize) -> Vec<f64> {
        let mut ticks = Vec::new();
        let mut unit = decade(self.low);
        while unit <= self.high {
            ticks.extend(LOG_STEPS.iter().map(|step| step * unit).filter(|&tick| tick >= self.low * 0.999 && tick <= self.high * 1.001));
            unit *= 10.0;
        }
        // Thin from the inside: the ends say what the scale reaches.
        while ticks.len() > wanted + 1 {
            let last = ticks.len() - 1;
            let mut index = 0;
            ticks.retain(|_| {
                let keep = index % 2 == 0 || index == last;
                index += 1;
                keep
            });
        }
        ticks
    }
}

const LOG_STEPS: [f64; 8] = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];

fn decade(value: f64) -> f64 {
    10_f64.powf(value.log10().floor())
}

/// A step of 1, 2 or 5 times a power of ten that divides `span` into about `wanted` parts.
fn round_step(span: f64, wanted: usize) -> f64 {
    let rough = span.abs().max(1e-12) / wanted.max(1) as f64;
    let unit = decade(rough);
    match rough / unit {
        part if part <= 1.0 => unit,
        part if part <= 2.0 => 2.0 * unit,
        part if part <= 5.0 => 5.0 * unit,
        _ => 10.0 * unit,
    }
}

/// Moves labels apart: the same order, at least `gap` between neighbours, within `low..=high`, as near as that allows to where they belong.
pub fn apart(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut places: Vec<f64> = order.iter().map(|&index| wanted[index].clamp(low, high)).collect();
    // Neighbours that are too near share the way; a few rounds settle the handful of labels a chart has.
    for _ in 0..20 {
        for index in 1..places.len() {
            let lack = gap - (places[index] - places[index - 1]);
            if lack > 0.0 {
                places[index - 1] = (places[index - 1] - lack / 2.0).max(low);
                places[index] = (places[index - 1] + gap).min(high.max(places[index - 1] + gap));
            }
        }
        if let Some(last) = places.last_mut() {
            *last = last.min(high);
        }
        for index in (1..places.len()).rev() {
            places[index - 1] = places[index - 1].min(places[index] - gap);
        }
    }
    let mut result = vec![0.0; wanted.len()];
    for (place, index) in places.into_iter().zip(order) {
        result[index] = place;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_on_ticks() {
        let scale = Scale::rounded(3.17, 5.93, (130.0, 10.0), false);
        assert_eq!((scale.low, scale.high), (3.0, 6.0));
        assert_eq!(scale.ticks(), [3.0, 4.0, 5.0, 6.0]);
        assert!((scale.place(3.0) - 130.0).abs() < 1e-9 && (scale.place(6.0) - 10.0).abs() < 1e-9);
        assert!((scale.value(scale.place(4.2)) - 4.2).abs() < 1e-9);
    }

    #[test]
    fn both_ends_of_a_rounded_scale_are_ticks() {
        for (low, high) in [(1.91, 5.62), (4.64, 4.93), (0.002, 9.7), (2.0, 2.3), (-3.3, 11.0)] {
            let scale = Scale::rounded(low, high, (100.0, 0.0), false);
            let ticks = scale.ticks();
            assert!((ticks[0] - scale.low).abs() < 1e-9 && (ticks[ticks.len() - 1] - scale.high).abs() < 1e-9, "{ticks:?}");
            assert!((3..=6).contains(&ticks.len()), "{ticks:?}");
        }
    }

    #[test]
    fn a_flat_curve_still_has_a_scale() {
        let scale = Scale::rounded(2.0, 2.0, (100.0, 0.0), false);
        assert!(scale.high > scale.low && scale.low <= 2.0 && scale.high >= 2.0, "{scale:?}");
        assert!(Scale::rounded(2.0, 2.0, (100.0, 0.0), true).place(2.0).is_finite());
        assert!(Scale::rounded(0.0, 0.0, (100.0, 0.0), true).place(0.0).is_finite());
    }

    #[test]
    fn logarithmic_places_are_even_in_ratio() {
        let scale = Scale::rounded(1.1, 7.3, (100.0, 0.0), true);
        assert_eq!((scale.low, scale.high), (1.0, 8.0));
        assert!((scale.place(2.0) - scale.place(4.0) - (scale.place(4.0) - scale.place(8.0))).abs() < 1e-9);
        assert!((scale.value(scale.place(3.3)) - 3.3).abs() < 1e-9);
        let ticks = scale.ticks();
        assert!(ticks.len() <= 5 && ticks.first() == Some(&1.0) && ticks.last() == Some(&8.0), "{ticks:?}");
    }

    #[test]
    fn nothing_to_show_logarithmically_falls_back() {
        assert!(!Scale::rounded(0.0, 3.0, (100.0, 0.0), true).log);
    }

    #[test]
    fn labels_keep_their_distance() {
        let places = apart(&[50.0, 52.0, 51.0], 14.0, 0.0, 100.0);
        assert!(places[2] - places[0] >= 13.9 && places[1] - places[2] >= 13.9, "{places:?}");
        let low = apart(&[98.0, 99.0], 14.0, 0.0, 100.0);
        assert!(low[1] <= 100.0 && low[1] - low[0] >= 13.9, "{low:?}");
        assert_eq!(apart(&[10.0, 90.0], 14.0, 0.0, 100.0), [10.0, 90.0]);
        assert!(apart(&[], 14.0, 0.0, 1.0).is_empty());
    }
}
