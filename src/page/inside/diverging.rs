//! Signed changes in pictures: scales with round ends, cells and bars in the two colours of differences, and a line that states the scales.
//!
//! In: changes and their places. Out: shapes on an [`Svg`]. Absent: what changed.

use super::geometry::columns;
use super::svg::{Anchor, Svg};
use crate::page::strings::questions;

const TYPE: f64 = 11.0;
/// Changes below this are rounding, no matter of what.
const NOTHING: f32 = 1e-6;
/// Height of a line of the legend.
const LINE: f64 = 17.0;

/// The largest size among numbers.
pub fn largest<'a>(numbers: impl IntoIterator<Item = &'a f32>) -> f32 {
    numbers.into_iter().filter(|number| number.is_finite()).fold(0.0, |largest, number| largest.max(number.abs()))
}

/// The smallest of 1, 2 or 5 times a power of ten that is not below `largest`: the end of a scale that can be told, and that stays while one drags.
pub fn round_scale(largest: f32) -> f32 {
    if !(largest > NOTHING && largest.is_finite()) {
        return 1.0;
    }
    let power = 10_f32.powf(largest.log10().floor());
    // A number that is a power of ten already may come out of the logarithm a hair above it.
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|&end| end >= largest * 0.9999).unwrap_or(largest)
}

/// The end of a scale as it is written.
pub fn scale_text(scale: f32) -> String {
    let digits = if scale >= 1.0 { 0.0 } else { (-scale.log10() - 1e-4).ceil() };
    format!("\u{b1}{scale:.*}", digits.clamp(0.0, 6.0) as usize)
}

/// How much of the scale a change takes, 0..=1.
pub fn share(change: f32, scale: f32) -> f64 {
    f64::from(change.abs() / scale.max(f32::MIN_POSITIVE)).min(1.0)
}

impl Svg<'_> {
    /// The colour of a change.
    pub fn change_colour(&self, change: f32) -> String {
        if change < 0.0 { self.palette.less.clone() } else { self.palette.more.clone() }
    }

    /// A cell behind a number, as strong as the change is large.
    pub fn change_cell(&mut self, change: f32, scale: f32, corner: (f64, f64), size: (f64, f64)) {
        let colour = self.change_colour(change);
        self.rect(corner, size, &colour, 0.6 * share(change, scale));
    }

    /// A bar from the middle: to the right for more, to the left for less.
    pub fn change_bar(&mut self, change: f32, scale: f32, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let (soft, faint, colour) = (self.palette.soft.clone(), self.palette.faint.clone(), self.change_colour(change));
        let (middle, long) = (x + width / 2.0, share(change, scale) * width / 2.0);
        self.rect((x, y), (width, height), &soft, 1.0);
        self.rect((if change < 0.0 { middle - long } else { middle }, y), (long, height), &colour, 1.0);
        self.rect((middle - 0.25, y - 1.0), (0.5, height + 2.0), &faint, 1.0);
    }

    /// The two colours with their words, and the scales, in as many lines as this width needs; returns where they end.
    pub fn change_legend(&mut self, scales: &[String], top: f64, width: f64) -> f64 {
        let own = questions::words();
        let (muted, less, more) = (self.palette.muted.clone(), self.palette.less.clone(), self.palette.more.clone());
        let wide = |text: &str| columns(text) as f64 * 6.3;
        let (mut x, mut y) = (4.0, top + LINE / 2.0);
        for (colour, text) in [(less, own.less), (more, own.more)] {
            self.rect((x, y - 4.5), (9.0, 9.0), &colour, 1.0);
            self.text(text, (x + 13.0, y), Anchor::Start, TYPE, &muted, false);
            x += 13.0 + wide(text) + 12.0;
        }
        for text in scales {
            if x + wide(text) > width && x > 4.0 {
                (x, y) = (4.0, y + LINE);
            }
            self.text(text, (x, y), Anchor::Start, TYPE, &muted, false);
            x += wide(text) + 12.0;
        }
        y + LINE / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::chart::palette::Palette;

    #[test]
    fn scales_end_at_round_numbers() {
        let ends = [0.1, 0.11, 0.34, 3.0, 7.0, 100.0, f32::MIN_POSITIVE, f32::NAN].map(round_scale);
        let wanted = [0.1, 0.2, 0.5, 5.0, 10.0, 100.0, 1.0, 1.0];
        assert!(ends.iter().zip(wanted).all(|(end, wanted)| (end - wanted).abs() < 1e-5 * wanted), "{ends:?}");
        assert_eq!([5.0, 0.5, 0.02, 20.0].map(scale_text), ["\u{b1}5", "\u{b1}0.5", "\u{b1}0.02", "\u{b1}20"]);
        assert_eq!(largest(&[-3.0, 2.0, f32::NEG_INFINITY]), 3.0);
    }

    #[test]
    fn more_goes_right_and_less_goes_left_in_their_colours() {
        let palette = Palette::live();
        let draw = |change: f32| {
            let mut svg = Svg::new(&palette);
            svg.change_bar(change, 1.0, (0.0, 0.0), (40.0, 8.0));
            svg.live(40.0, 8.0, "x")
        };
        let bar = |x: &str, colour: &str| format!("<rect x=\"{x}\" y=\"0.0\" width=\"10.0\" height=\"8.0\" rx=\"1\" fill=\"{colour}\"");
        assert!(draw(0.5).contains(&bar("20.0", "var(--more)")), "{}", draw(0.5));
        assert!(draw(-0.5).contains(&bar("10.0", "var(--less)")), "{}", draw(-0.5));
        assert!(!draw(0.0).contains("--more"));
    }

    #[test]
    fn a_legend_breaks_where_there_is_no_room() {
        let palette = Palette::live();
        let scales = ["q·k ±5".to_owned(), "softmax ±20 points".to_owned()];
        let mut svg = Svg::new(&palette);
        let (wide, narrow) = (svg.change_legend(&scales, 0.0, 600.0), svg.change_legend(&scales, 0.0, 150.0));
        assert_eq!(wide, LINE);
        assert!(narrow >= 2.0 * LINE, "{narrow}");
        assert!(svg.live(1.0, 1.0, "x").contains(">softmax ±20 points<"));
    }
}
