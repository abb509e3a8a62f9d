//! The head picture as an SVG document, from the same data as the canvas.
//!
//! In: the picture, labels, colours, a title. Out: a document that stands alone: white or dark ground, title, names of axes.

use super::geometry::shortened;
use super::heads_draw::{BAR_HEIGHT, HeadsPicture};
use super::selection::Side;
use crate::page::chart::palette::{Palette, escape};
use std::fmt::Write;

/// Height of the title above the picture.
const TITLE: f64 = 34.0;

/// The document's size for a picture.
pub fn svg_size(picture: &HeadsPicture) -> (f64, f64) {
    (picture.geometry.width, picture.geometry.height + TITLE)
}

/// Writes the document.
pub fn heads_svg(picture: &HeadsPicture, labels: &[String], palette: &Palette, title: &str) -> String {
    let geometry = &picture.geometry;
    let (width, height) = svg_size(picture);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
         <title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\
         <text x=\"12\" y=\"22\" font-family=\"{}\" font-size=\"13\" fill=\"{}\">{title}</text><g transform=\"translate(0 {TITLE})\">",
        escape(&palette.panel),
        escape(&palette.sans),
        escape(&palette.ink),
        title = escape(title),
    );
    // Writing to a string cannot fail.
    let _ = (|| -> std::fmt::Result {
        for link in &picture.links {
            let pattern = picture.pattern(link);
            let dashes = if !pattern.is_empty() {
                format!(" stroke-dasharray=\"{}\"", pattern.iter().map(f64::to_string).collect::<Vec<_>>().join(" "))
            } else {
                String::new()
            };
            let shift = picture.shift(link.head);
            let (from, to) = (geometry.y(link.query) + shift, geometry.y(link.key) + shift);
            let (left, right) = (geometry.left(), geometry.right());
            match picture.bend() {
                Some(middle) => write!(
                    svg,
                    "<path d=\"M{left:.1} {from:.1}C{middle:.1} {from:.1} {middle:.1} {to:.1} {right:.1} {to:.1}\" fill=\"none\""
                )?,
                None => write!(svg, "<line x1=\"{left:.1}\" y1=\"{from:.1}\" x2=\"{right:.1}\" y2=\"{to:.1}\"")?,
            }
            write!(
                svg,
                " stroke=\"{}\" stroke-width=\"{}\" stroke-opacity=\"{:.3}\"{dashes}/>",
                escape(picture.colour(link.head, link.strength, palette)),
                picture.line_width(),
                picture.opacity(link.strength),
            )?;
        }
        for bar in &picture.bars {
            let y = geometry.y(bar.token);
            for ((head, x, width), part) in picture.bar_parts(bar).zip(&bar.parts) {
                let colour = escape(picture.colour(head, part.1, palette));
                write!(
                    svg,
                    "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{BAR_HEIGHT}\" fill=\"{colour}\"/>",
                    y - BAR_HEIGHT / 2.0
                )?;
            }
            let (x, ends) = picture.number_x(bar);
            text(&mut svg, &picture.number(bar), (x, y), ends, &palette.sans, geometry.font - 2.0, &palette.muted)?;
        }
        let most = (geometry.label / (geometry.font * 0.6)) as usize;
        for (token, label) in labels.iter().enumerate() {
            let label = shortened(label, most.max(2));
            let y = geometry.y(token);
            text(&mut svg, &label, (geometry.left() - 8.0, y), true, &palette.mono, geometry.font, &palette.ink)?;
            text(&mut svg, &label, (geometry.label_x(Side::Key), y), false, &palette.mono, geometry.font, &palette.ink)?;
        }
        write!(svg, "</g></svg>")
    })();
    svg
}

fn text(svg: &mut String, text: &str, at: (f64, f64), ends: bool, family: &str, size: f64, colour: &str) -> std::fmt::Result {
    let anchor = if ends { "end" } else { "start" };
    write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" font-family=\"{}\" font-size=\"{size}\" fill=\"{}\">{}</text>",
        at.0,
        at.1 + size * 0.35,
        escape(family),
        escape(colour),
        escape(text)
    )
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Geometry;
    use super::super::scene::{bars, links, tests::heads_of};
    use super::super::selection::{Focus, HeadSet};
    use super::*;

    #[test]
    fn every_line_and_label_is_in_the_document() {
        let shown = heads_of(&["a", "<b>", "c"]);
        let heads = HeadSet::all(2);
        let focus = Some(Focus { side: Side::Query, token: 2 });
        let geometry = Geometry::new(500.0, 300.0, &shown.head().tokens);
        let picture = HeadsPicture {
            geometry,
            links: links(&shown, 0, heads, focus),
            bars: bars(&shown, 0, heads, focus),
            focus,
            heads,
            scale: None,
        };
        let svg = heads_svg(&picture, &shown.head().tokens, &Palette::live(), "Layer 1 & 2");
        assert_eq!(svg.matches("<line").count(), 2);
        assert_eq!(svg.matches("stroke-dasharray").count(), 1, "the second head is dashed, the first is solid");
        assert_eq!(svg.matches("&lt;b&gt;").count(), 2);
        assert!(svg.contains("Layer 1 &amp; 2") && svg.contains(">50 %<") && svg.ends_with("</svg>"));
    }

    #[test]
    fn lines_of_a_long_sentence_are_curved() {
        let words: Vec<String> = (0..24).map(|word| format!("w{word}")).collect();
        let picture = |count: usize| {
            let words: Vec<&str> = words.iter().take(count).map(String::as_str).collect();
            let shown = heads_of(&words);
            let heads = HeadSet::all(1);
            let geometry = Geometry::new(500.0, 300.0, &shown.head().tokens);
            let picture =
                HeadsPicture { geometry, links: links(&shown, 0, heads, None), bars: Vec::new(), focus: None, heads, scale: None };
            heads_svg(&picture, &shown.head().tokens, &Palette::live(), "Lines")
        };
        let (short, long) = (picture(23), picture(24));
        assert!(short.matches("<line").count() > 20 && !short.contains("<path"));
        assert!(long.matches("<path").count() > 20 && !long.contains("<line"));
    }
}
