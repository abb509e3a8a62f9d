//! An SVG document being written: the same picture live on the page (colours by name, following the theme) and saved (colours as they are).
//!
//! In: shapes with their places and colours. Out: markup. A saved document has a ground and a title above the picture; a live one has neither.
//! Absent: what is drawn.

use crate::page::chart::palette::{Palette, escape};
use crate::page::chart::save::Picture;
use std::fmt::{Arguments, Write};

/// Height of the title above a saved picture.
const TITLE: f64 = 34.0;

/// Where a text stands against its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// The document.
pub struct Svg<'a> {
    pub palette: &'a Palette,
    body: String,
}

impl<'a> Svg<'a> {
    /// An empty one.
    pub fn new(palette: &'a Palette) -> Self {
        Self { palette, body: String::new() }
    }

    /// Markup as it is.
    pub fn raw(&mut self, markup: Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.body.write_fmt(markup);
    }

    /// Opens a group with these attributes.
    pub fn group(&mut self, attributes: Arguments<'_>) {
        self.raw(format_args!("<g {attributes}>"));
    }

    /// Closes a group.
    pub fn end(&mut self) {
        self.body.push_str("</g>");
    }

    /// What the pointer gets to read.
    pub fn tip(&mut self, text: &str) {
        self.raw(format_args!("<title>{}</title>", escape(text)));
    }

    /// A filled rectangle.
    pub fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), colour: &str, opacity: f64) {
        if width > 0.0 && height > 0.0 {
            let colour = escape(colour);
            self.raw(format_args!(
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"1\" fill=\"{colour}\" fill-opacity=\"{opacity:.3}\"/>"
            ));
        }
    }

    /// An area that takes the pointer and shows nothing.
    pub fn hit(&mut self, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.raw(format_args!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"transparent\"/>"));
    }

    /// A text whose middle line is at `y`.
    pub fn text(&mut self, text: &str, (x, y): (f64, f64), anchor: Anchor, size: f64, colour: &str, mono: bool) {
        let family = if mono { &self.palette.mono } else { &self.palette.sans };
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (family, colour, text) = (escape(family), escape(colour), escape(text));
        self.raw(format_args!(
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" font-family=\"{family}\" font-size=\"{size}\" fill=\"{colour}\">{text}</text>",
            y + size * 0.35
        ));
    }

    /// Numbers as little bars on a common zero line: blue above, orange below, the longest `largest`.
    pub fn bars(&mut self, numbers: &[f32], corner: (f64, f64), size: (f64, f64), largest: f32) {
        let palette = self.palette;
        self.bars_in([&palette.heads[0], &palette.heads[1]], numbers, corner, size, largest);
    }

    /// The same in other colours: above and below the line.
    pub fn bars_in(&mut self, colours: [&str; 2], numbers: &[f32], (x, y): (f64, f64), (width, height): (f64, f64), largest: f32) {
        let step = width / numbers.len().max(1) as f64;
        let middle = y + height / 2.0;
        for (sign, colour) in [(1.0, colours[0]), (-1.0, colours[1])] {
            let mut path = String::new();
            for (index, &number) in numbers.iter().enumerate() {
                let long = f64::from(number * sign / largest.max(f32::MIN_POSITIVE)).clamp(0.0, 1.0) * height / 2.0;
                if long > 0.05 {
                    let up = -long * f64::from(sign);
                    let _ = write!(path, "M{:.1} {middle:.1}h{:.1}v{up:.1}h{:.1}z", x + step * index as f64, step * 0.8, -step * 0.8);
                }
            }
            self.raw(format_args!("<path d=\"{path}\" fill=\"{}\"/>", escape(colour)));
        }
        self.rect((x, middle - 0.25), (width, 0.5), &self.palette.faint.clone(), 1.0);
    }

    /// The picture on the page.
    pub fn live(self, width: f64, height: f64, label: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\" \
             aria-label=\"{}\">{}</svg>",
            escape(label),
            self.body
        )
    }

    /// The picture as a document of its own.
    pub fn saved(self, width: f64, height: f64, name: String, title: &str) -> Picture {
        let (height, palette) = (height + TITLE, self.palette);
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\
             <title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\
             <text x=\"12\" y=\"22\" font-family=\"{}\" font-size=\"13\" fill=\"{}\">{title}</text><g transform=\"translate(0 {TITLE})\">{}</g></svg>",
            escape(&palette.panel),
            escape(&palette.sans),
            escape(&palette.ink),
            self.body,
            title = escape(title),
        );
        Picture { name, svg, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_and_saved_hold_the_same_shapes() {
        let palette = Palette::live();
        let draw = || {
            let mut svg = Svg::new(&palette);
            svg.text("<a>", (1.0, 2.0), Anchor::End, 10.0, &palette.ink, true);
            svg.bars(&[1.0, -0.5, 0.0], (0.0, 0.0), (30.0, 10.0), 1.0);
            svg
        };
        let live = draw().live(30.0, 10.0, "a & b");
        let saved = draw().saved(30.0, 10.0, "name".into(), "t");
        assert!(live.contains("&lt;a&gt;") && live.contains("a &amp; b") && !live.contains("translate"));
        assert!(saved.svg.contains("translate(0 34)") && saved.height == 44.0);
        assert_eq!(live.matches('M').count(), 2, "a bar of zero is not drawn: {live}");
        assert!(live.contains("v-5.0h") && live.contains("v2.5h"), "up for positive, down for negative: {live}");
    }
}
