//! The head picture on a canvas: lines and bars. The labels are HTML above it.
//!
//! In: links and bars of `scene`, places of `geometry`, colours. Out: pixels. One function of its arguments; it keeps nothing.

use super::geometry::Geometry;
use super::scene::{Bar, Link};
use super::selection::{Focus, HeadSet, Side};
use crate::page::chart::palette::{Palette, dash};
use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::CanvasRenderingContext2d;

/// Everything one drawing shows.
#[derive(Debug, Clone)]
pub struct HeadsPicture {
    pub geometry: Geometry,
    pub links: Vec<Link>,
    pub bars: Vec<Bar>,
    pub focus: Option<Focus>,
    /// Heads drawn: with more than one, lines get the dash pattern of their head.
    pub heads: HeadSet,
    /// Lines are differences, full at this size; `None` for weights.
    pub scale: Option<f32>,
}

/// The dash pattern of what a difference lost.
const LOSS: &[f64] = &[4.0, 3.0];
/// Lines that still get a dash pattern.
const MOST_DASHED: usize = 300;
/// Tokens from which on lines are curved, and the most lines that still are.
const LONG: usize = 24;
const MOST_CURVED: usize = 2_100;
/// Height of a bar in its row.
pub const BAR_HEIGHT: f64 = 7.0;
/// Width that the weight's number takes at the end of a bar.
pub const NUMBER_WIDTH: f64 = 32.0;

impl HeadsPicture {
    /// A line's opacity: its strength, weight ÷ active heads, because lines pile up. The lines of one token do not, as each head's are
    /// drawn beside the others' ([`Self::shift`]): they show their weight.
    pub fn opacity(&self, strength: f32) -> f64 {
        let piled = if self.focus.is_some() { self.heads.count() as f32 } else { 1.0 };
        f64::from(strength.abs() * piled / self.scale.unwrap_or(1.0)).clamp(0.0, 1.0)
    }

    /// The colour of a line or a bar's piece: its head's, or that of gains and losses.
    pub fn colour<'a>(&self, head: usize, strength: f32, palette: &'a Palette) -> &'a str {
        match self.scale {
            None => palette.head(head),
            Some(_) if strength < 0.0 => &palette.less,
            Some(_) => &palette.more,
        }
    }

    /// How far below the row's middle a head's isolated lines run.
    pub fn shift(&self, head: usize) -> f64 {
        if self.focus.is_none() {
            return 0.0;
        }
        let count = self.heads.count() as f64;
        let rank = self.heads.iter().filter(|&other| other < head).count() as f64;
        (rank - (count - 1.0) / 2.0) * (self.geometry.row * 0.7 / count).min(2.6)
    }

    /// A line's width: isolated lines are a little stronger, the many of a long sentence are hairlines, which browsers also draw fastest.
    pub fn line_width(&self) -> f64 {
        match self.geometry.row {
            _ if self.focus.is_some() => 2.0,
            row if row > 20.0 => 2.0,
            _ => 1.0,
        }
    }

    /// Where curved lines have both their handles. In a long sentence straight lines run steeply into each other beside the words; curves leave and
    /// reach their words level, so that their ends can be told apart. Not in a thicket, which has to be drawn in time and hides its ends anyway.
    pub fn bend(&self) -> Option<f64> {
        let long = self.geometry.tokens >= LONG && self.links.len() <= MOST_CURVED;
        long.then(|| (self.geometry.left() + self.geometry.right()) / 2.0)
    }

    /// The dash pattern of a line: its head's, or, among differences, that of losses.
    pub fn pattern(&self, link: &Link) -> &'static [f64] {
        if self.scale.is_none() {
            self.dash(link.head)
        } else if link.strength < 0.0 && self.links.len() <= MOST_DASHED {
            LOSS
        } else {
            &[]
        }
    }

    /// The dash pattern of a head's lines: none while one head is drawn, and none in a thicket where no eye could tell patterns apart (and
    /// where dashing would cost more than all the rest).
    fn dash(&self, head: usize) -> &'static [f64] {
        if self.heads.count() > 1 && self.links.len() <= MOST_DASHED { dash(head) } else { &[] }
    }

    /// The bar's pieces as (head, left edge, width), growing away from the labels.
    pub fn bar_parts<'a>(&'a self, bar: &'a Bar) -> impl Iterator<Item = (usize, f64, f64)> + 'a {
        let full = (self.geometry.bar - NUMBER_WIDTH - 6.0).max(6.0);
        let start = self.geometry.bar_x(bar.side);
        let mut used = 0.0;
        bar.parts.iter().map(move |&(head, share)| {
            let width = f64::from(share.abs() / self.scale.unwrap_or(1.0)).min(1.0) * full;
            let x = match bar.side {
                Side::Key => start + used,
                Side::Query => start - used - width,
            };
            used += width;
            (head, x, width)
        })
    }

    /// The bar's number.
    pub fn number(&self, bar: &Bar) -> String {
        if self.scale.is_some() { signed_percent(bar.total) } else { percent(bar.total) }
    }

    /// Where the bar's number stands, and whether it ends there.
    pub fn number_x(&self, bar: &Bar) -> (f64, bool) {
        let full = (self.geometry.bar - NUMBER_WIDTH - 6.0).max(6.0);
        let size: f32 = bar.parts.iter().map(|part| part.1.abs()).sum();
        let length = f64::from(size / self.scale.unwrap_or(1.0)).min(1.0) * full + 3.0;
        match bar.side {
            Side::Key => (self.geometry.bar_x(Side::Key) + length, false),
            Side::Query => (self.geometry.bar_x(Side::Query) - length, true),
        }
    }
}

/// A difference as whole percent points with its sign; small ones as an empty text.
pub fn signed_percent(difference: f32) -> String {
    match (difference * 100.0).round() {
        0.0 => String::new(),
        value if value < 0.0 => format!("\u{2212}{:.0} %", -value),
        value => format!("+{value:.0} %"),
    }
}

/// A weight as whole percent; small ones as "<1", none as an empty text.
pub fn percent(weight: f32) -> String {
    match weight * 100.0 {
        value if value < 0.2 => String::new(),
        value if value < 1.0 => "<1 %".to_owned(),
        value => format!("{value:.0} %"),
    }
}

/// Draws the picture. `scale` is the device's pixels per CSS pixel; the canvas must already have its size.
pub fn draw_heads(context: &CanvasRenderingContext2d, picture: &HeadsPicture, palette: &Palette, scale: f64) {
    let geometry = &picture.geometry;
    // A failed transform means a dead canvas; the next resize brings another.
    if context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).is_err() {
        return;
    }
    context.clear_rect(0.0, 0.0, geometry.width, geometry.height);
    draw_links(context, picture, palette);
    context.set_global_alpha(1.0);
    draw_bars(context, picture, palette);
}

fn draw_links(context: &CanvasRenderingContext2d, picture: &HeadsPicture, palette: &Palette) {
    let geometry = &picture.geometry;
    let (left, right) = (geometry.left(), geometry.right());
    context.set_line_width(picture.line_width());
    context.set_line_cap("butt");
    let mut kind = None;
    for link in &picture.links {
        let this = Some((link.head, picture.scale.is_some() && link.strength < 0.0));
        if this != kind {
            kind = this;
            context.set_stroke_style_str(picture.colour(link.head, link.strength, palette));
            set_dash(context, picture.pattern(link));
        }
        let shift = picture.shift(link.head);
        context.set_global_alpha(picture.opacity(link.strength));
        let (from, to) = (geometry.y(link.query) + shift, geometry.y(link.key) + shift);
        context.begin_path();
        context.move_to(left, from);
        match picture.bend() {
            Some(middle) => context.bezier_curve_to(middle, from, middle, to, right, to),
            None => context.line_to(right, to),
        }
        context.stroke();
    }
    set_dash(context, &[]);
}

fn draw_bars(context: &CanvasRenderingContext2d, picture: &HeadsPicture, palette: &Palette) {
    context.set_font(&format!("{}px {}", picture.geometry.font - 2.0, palette.sans));
    context.set_text_baseline("middle");
    for bar in &picture.bars {
        let y = picture.geometry.y(bar.token);
        for ((head, x, width), part) in picture.bar_parts(bar).zip(&bar.parts) {
            context.set_fill_style_str(picture.colour(head, part.1, palette));
            context.fill_rect(x, y - BAR_HEIGHT / 2.0, width, BAR_HEIGHT);
        }
        let (x, ends) = picture.number_x(bar);
        context.set_fill_style_str(&palette.muted);
        context.set_text_align(if ends { "right" } else { "left" });
        // Text that cannot be drawn leaves the bar, which says the same.
        let _drawn = context.fill_text(&picture.number(bar), x, y);
    }
}

/// Sets a dash pattern; an empty one draws solid lines.
pub fn set_dash(context: &CanvasRenderingContext2d, dash: &[f64]) {
    let pattern: js_sys::Array = dash.iter().map(|&length| JsValue::from_f64(length)).collect();
    // Only negative lengths are refused, and ours are constants.
    let _set = context.set_line_dash(&pattern);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(side: Side) -> HeadsPicture {
        let labels: Vec<String> = (0..4).map(|i| format!("t{i}")).collect();
        let bars = vec![Bar { side, token: 1, parts: vec![(0, 0.25), (1, 0.5)], total: 0.75 }];
        HeadsPicture {
            geometry: Geometry::new(600.0, 300.0, &labels),
            links: vec![],
            bars,
            focus: None,
            heads: HeadSet::all(2),
            scale: None,
        }
    }

    #[test]
    fn bars_grow_away_from_their_labels() {
        let right = picture(Side::Key);
        let parts: Vec<_> = right.bar_parts(&right.bars[0]).collect();
        assert!((parts[0].1 + parts[0].2 - parts[1].1).abs() < 1e-9 && (parts[1].2 - 2.0 * parts[0].2).abs() < 1e-9);
        let left = picture(Side::Query);
        let parts: Vec<_> = left.bar_parts(&left.bars[0]).collect();
        assert!((parts[1].1 + parts[1].2 - parts[0].1).abs() < 1e-9);
        let (x, ends) = left.number_x(&left.bars[0]);
        assert!(ends && x < parts[1].1);
    }

    #[test]
    fn a_full_bar_and_its_number_stay_in_the_margin() {
        for width in [340.0, 600.0, 1200.0] {
            let mut picture = picture(Side::Key);
            let labels: Vec<String> = (0..4).map(|i| format!("token{i}")).collect();
            picture.geometry = Geometry::new(width, 300.0, &labels);
            picture.bars[0] = Bar { parts: vec![(0, 1.0)], total: 1.0, ..picture.bars[0].clone() };
            assert!(picture.number_x(&picture.bars[0]).0 + NUMBER_WIDTH - 6.0 <= width + 4.0, "{width}");
        }
    }

    #[test]
    fn the_lines_of_one_token_stand_apart_and_show_their_weight() {
        let mut picture = picture(Side::Key);
        assert_eq!((picture.opacity(0.25), picture.shift(0), picture.shift(1)), (0.25, 0.0, 0.0));
        picture.focus = Some(Focus { side: Side::Query, token: 1 });
        assert!((picture.opacity(0.25) - 0.5).abs() < 1e-6);
        assert!(picture.shift(0) < 0.0 && (picture.shift(0) + picture.shift(1)).abs() < 1e-9);
    }

    #[test]
    fn percent_hides_nothing_that_is_there() {
        assert_eq!([0.0, 0.005, 0.614].map(percent), ["", "<1 %", "61 %"]);
        assert_eq!([0.002, 0.126, -0.126].map(signed_percent), ["", "+13 %", "\u{2212}13 %"]);
    }

    #[test]
    fn gains_and_losses_are_told_apart_twice() {
        let palette = Palette::live();
        let mut picture = picture(Side::Key);
        let (more, less) = (Link { head: 1, query: 1, key: 0, strength: 0.1 }, Link { head: 1, query: 1, key: 1, strength: -0.1 });
        assert_eq!(picture.colour(1, -0.1, &palette), palette.head(1));
        picture.scale = Some(0.25);
        assert_eq!((picture.colour(1, 0.1, &palette), picture.colour(1, -0.1, &palette)), ("var(--more)", "var(--less)"));
        assert!(picture.pattern(&more).is_empty() && !picture.pattern(&less).is_empty());
        assert!((picture.opacity(-0.1) - 0.4).abs() < 1e-6);
    }
}
