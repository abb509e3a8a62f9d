//! The arithmetic picture as SVG: the numbers of one moment, or their changes in the two colours of differences.
//!
//! In: [`Numbers`], a width, colours. Out: markup. Parts of picture and formula carry the same names (`data-part`), so that one lights up with the
//! other; rows carry `data-row`. Absent: asking, pointing.

use super::arithmetic::Numbers;
use super::diverging::{largest, round_scale, scale_text};
use super::geometry::{columns, shortened};
use super::svg::{Anchor, Svg};
use crate::page::chart::palette::Palette;
use crate::page::strings::questions;

/// Height of a row.
const ROW: f64 = 20.0;
const TYPE: f64 = 11.5;

/// Changes that have the full colour or the full length of a bar.
struct Scales {
    keys: f32,
    values: f32,
    dots: f32,
    scaled: f32,
    weights: f32,
}

impl Scales {
    fn of(numbers: &Numbers) -> Self {
        let one = |numbers: &[f32]| round_scale(largest(numbers));
        Self {
            keys: round_scale(largest(numbers.keys.iter().chain(&numbers.q))),
            values: round_scale(largest(numbers.values.iter().chain(&numbers.sum))),
            dots: one(&numbers.dots),
            scaled: one(&numbers.scaled),
            weights: one(&numbers.weights).min(1.0),
        }
    }

    /// Each in words.
    fn said(&self, size: usize) -> Vec<String> {
        let own = &questions::words().arithmetic;
        vec![
            format!("{} {}", own.key, scale_text(self.keys)),
            format!("q\u{b7}k {}", scale_text(self.dots)),
            format!("\u{f7}\u{221a}{size} {}", scale_text(self.scaled)),
            (questions::words().points)(own.weight, &scale_text(self.weights * 100.0)),
            format!("{} {}", own.value, scale_text(self.values)),
        ]
    }
}

/// Draws the picture for this width; returns it with its height.
pub fn draw<'a>(numbers: &Numbers, width: f64, palette: &'a Palette) -> (Svg<'a>, f64) {
    let own = &questions::words().arithmetic;
    let mut svg = Svg::new(palette);
    let count = numbers.labels.len();
    let narrow = width < 460.0;
    let (number, share, mask) = if narrow { (48.0, 48.0, 22.0) } else { (54.0, 108.0, 38.0) };
    let longest = numbers.labels.iter().map(|label| columns(label)).max().unwrap_or(1) as f64;
    let names = (longest * 7.2 + 8.0).min(width * if narrow { 0.2 } else { 0.16 }).max(36.0);
    let strip = ((width - names - 2.0 * number - mask - share - 22.0) / 2.0).max(30.0);
    // Left edges: names, keys, products, scaled, mask, softmax, values.
    let (key_x, dot_x) = (names + 4.0, names + 9.0 + strip);
    let (scaled_x, mask_x) = (dot_x + number, dot_x + 2.0 * number);
    let (share_x, value_x) = (mask_x + mask + 4.0, mask_x + mask + share + 9.0);
    let y = |row: f64| row * ROW;
    let scales = numbers.minus.map(|_| Scales::of(numbers));
    let last = count as f64 + 2.0;
    let most = ((names - 6.0) / 7.0) as usize;

    let heading = |svg: &mut Svg, part: &str, text: &str, x: f64, wide: f64| {
        svg.group(format_args!("data-part=\"{part}\""));
        svg.text(text, (x + wide / 2.0, y(0.5)), Anchor::Middle, TYPE, &palette.muted, false);
        svg.end();
    };
    heading(&mut svg, "k", own.key, key_x, strip);
    heading(&mut svg, "dot", "q·k", dot_x, number);
    heading(&mut svg, "scale", &format!("÷√{}", numbers.size), scaled_x, number);
    heading(&mut svg, "mask", if narrow { "+m" } else { "+ mask" }, mask_x, mask);
    heading(&mut svg, "softmax", own.weight, share_x, share);
    heading(&mut svg, "v", own.value, value_x, strip);

    let (of_keys, of_values) = match &scales {
        Some(scales) => (scales.keys, scales.values),
        None => (largest(numbers.keys.iter().chain(&numbers.q)), largest(&numbers.values)),
    };
    let colours = if scales.is_some() { [&palette.more, &palette.less] } else { [&palette.heads[0], &palette.heads[1]] };
    let colours = colours.map(String::as_str);
    svg.group(format_args!("data-part=\"q\""));
    svg.rect((0.0, y(1.0)), (key_x + strip, ROW), &palette.soft, 1.0);
    svg.text(
        &shortened(&format!("q {}", numbers.labels[numbers.query.min(count.saturating_sub(1))]), most + 1),
        (4.0, y(1.5)),
        Anchor::Start,
        TYPE,
        &palette.ink,
        true,
    );
    svg.bars_in(colours, &numbers.q, (key_x, y(1.0) + 1.0), (strip, ROW - 2.0), of_keys);
    svg.end();

    for key in 0..count {
        let top = y(key as f64 + 2.0);
        let middle = top + ROW / 2.0;
        let later = key > numbers.query;
        let ink = if later { &palette.faint } else { &palette.ink };
        svg.group(format_args!("data-row=\"{key}\""));
        svg.hit((0.0, top), (width, ROW));
        svg.text(&shortened(&numbers.labels[key], most.max(2)), (names - 2.0, middle), Anchor::End, TYPE, ink, true);
        svg.group(format_args!("data-part=\"k\""));
        svg.bars_in(colours, numbers.vector(&numbers.keys, key), (key_x, top + 1.0), (strip, ROW - 2.0), of_keys);
        svg.end();
        let mut cell = |part: &str, change: Option<(f32, f32)>, text: &str, (x, wide): (f64, f64), ink: &str| {
            svg.group(format_args!("data-part=\"{part}\""));
            if let Some((change, scale)) = change {
                svg.change_cell(change, scale, (x + 1.0, top + 1.0), (wide - 2.0, ROW - 2.0));
            }
            svg.text(text, (x + wide - 4.0, middle), Anchor::End, TYPE, ink, false);
            svg.end();
        };
        let (dot, scaled) = (numbers.dots[key], numbers.scaled[key]);
        let change = |number: f32, of: fn(&Scales) -> f32| scales.as_ref().map(|scales| (number, of(scales)));
        cell("dot", change(dot, |scales| scales.dots), &numbers.text(dot), (dot_x, number), ink);
        cell("scale", change(scaled, |scales| scales.scaled), &numbers.text(scaled), (scaled_x, number), ink);
        let (masked, mask_ink) = if later { ("\u{2212}\u{221e}", &palette.valid) } else { ("0", &palette.faint) };
        cell("mask", None, masked, (mask_x, mask), mask_ink);
        let weight = numbers.weights[key];
        svg.group(format_args!("data-part=\"softmax\""));
        let room = share - 50.0;
        match &scales {
            Some(scales) if narrow => svg.change_cell(weight, scales.weights, (share_x, top + 1.0), (share - 2.0, ROW - 2.0)),
            Some(scales) => svg.change_bar(weight, scales.weights, (share_x, top + 5.0), (room, ROW - 10.0)),
            None => {
                svg.rect((share_x, top + 5.0), (room, ROW - 10.0), &palette.soft, 1.0);
                svg.rect((share_x, top + 5.0), (room * f64::from(weight), ROW - 10.0), palette.head(numbers.head), 1.0);
            }
        }
        svg.text(&numbers.weight_text(weight, 1), (share_x + share - 4.0, middle), Anchor::End, TYPE, ink, false);
        svg.end();
        // A value counts as much as its share: what is hardly looked at is drawn faintly. Changes count as they are.
        let strong = if scales.is_some() { 1.0 } else { 0.25 + 0.75 * f64::from(weight).sqrt() };
        svg.group(format_args!("data-part=\"v\" fill-opacity=\"{strong:.2}\""));
        svg.bars_in(colours, numbers.vector(&numbers.values, key), (value_x, top + 1.0), (strip, ROW - 2.0), of_values);
        svg.end();
        svg.end();
    }
    svg.group(format_args!("data-part=\"sum\""));
    svg.rect((mask_x, y(last)), (width - mask_x, ROW), &palette.soft, 1.0);
    svg.text(own.sum, (value_x - 6.0, y(last) + ROW / 2.0), Anchor::End, TYPE, &palette.ink, false);
    svg.bars_in(colours, &numbers.sum, (value_x, y(last) + 1.0), (strip, ROW - 2.0), of_values);
    svg.end();
    let mut bottom = y(last + 1.0);
    if let Some(scales) = &scales {
        bottom = svg.change_legend(&scales.said(numbers.size), bottom + 4.0, width);
    }
    (svg, bottom)
}

#[cfg(test)]
mod tests {
    use super::super::arithmetic::FORMULA;
    use super::super::arithmetic::tests::{changed, two_words};
    use super::*;

    fn drawn(numbers: &Numbers, width: f64) -> String {
        let palette = Palette::live();
        let (svg, height) = draw(numbers, width, &palette);
        svg.live(width, height, "x")
    }

    #[test]
    fn the_picture_has_every_part() {
        let numbers = Numbers::read(&two_words()).unwrap();
        for svg in [drawn(&numbers, 560.0), drawn(&changed(), 560.0)] {
            for (part, _) in FORMULA.iter().filter(|(part, _)| !part.is_empty()) {
                assert!(svg.contains(&format!("data-part=\"{part}\"")), "{part}");
            }
            assert_eq!(svg.matches("data-row").count(), 2);
            assert!(svg.contains("·&lt;b&gt;"));
        }
        assert!(drawn(&numbers, 560.0).contains(">100.0 %<") && !drawn(&numbers, 560.0).contains("--more"));
    }

    #[test]
    fn changes_have_signs_two_colours_and_a_stated_scale() {
        for width in [560.0, 326.0] {
            let svg = drawn(&changed(), width);
            for text in [">+25.0<", ">\u{2212}25.0<", ">+6.00<", ">q·k \u{b1}10<", ">values \u{b1}5<"] {
                assert!(svg.contains(text), "{text} {svg}");
            }
            assert!(svg.contains("softmax \u{b1}50 points"), "{svg}");
            assert!(svg.contains("var(--more)") && svg.contains("var(--less)") && !svg.contains("var(--h1)"));
        }
    }
}
