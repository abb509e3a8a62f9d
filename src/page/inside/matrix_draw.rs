//! The matrix picture on a canvas, and as an SVG document from the same cells.
//!
//! In: cells and measures of `matrix`, labels, colours, the cell under the cross-hair. Out: pixels or markup.

use super::geometry::shortened;
use super::heads_draw::set_dash;
use super::matrix::{Cell, MatrixGeometry};
use crate::page::chart::palette::{Palette, dash, escape};
use leptos::web_sys::CanvasRenderingContext2d;
use std::f64::consts::FRAC_PI_2;
use std::fmt::Write;

/// Everything one drawing shows.
#[derive(Debug, Clone)]
pub struct MatrixPicture {
    pub geometry: MatrixGeometry,
    pub head: usize,
    /// Layer and head as the page numbers them.
    pub name: String,
    pub cells: Vec<Cell>,
    /// Cells are differences: two colours, and a dash in those that lost.
    pub signed: bool,
    /// Labels already cut to the margins.
    pub labels: Vec<String>,
    /// (query, key) under the cross-hair.
    pub at: Option<(usize, usize)>,
}

impl MatrixPicture {
    /// Labels cut to what the margin holds.
    pub fn cut(labels: &[String], geometry: &MatrixGeometry) -> Vec<String> {
        let most = ((geometry.top - 8.0) / (geometry.font * 0.61)) as usize;
        labels.iter().map(|label| shortened(label, most.max(2))).collect()
    }
}

impl MatrixPicture {
    /// The colour of cells: the head's, or that of gains and losses.
    fn colour<'a>(&self, less: bool, palette: &'a Palette) -> &'a str {
        match (self.signed, less) {
            (false, _) => palette.head(self.head),
            (true, false) => &palette.more,
            (true, true) => &palette.less,
        }
    }

    /// How far the dash of a cell that lost stands from its sides; nothing where it would not be seen.
    fn dash(&self) -> Option<f64> {
        (self.signed && self.geometry.cell >= 9.0).then_some(self.geometry.cell * 0.28)
    }
}

/// How strongly the half that cannot be looked at is greyed.
const UNSEEN: f64 = 0.75;

/// Draws the picture. `scale` is the device's pixels per CSS pixel.
pub fn draw_matrix(context: &CanvasRenderingContext2d, picture: &MatrixPicture, palette: &Palette, scale: f64) {
    let geometry = &picture.geometry;
    if context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).is_err() {
        return;
    }
    let side = geometry.cell * geometry.tokens as f64;
    context.clear_rect(0.0, 0.0, geometry.width, geometry.height);
    context.set_fill_style_str(&palette.panel);
    context.fill_rect(geometry.left, geometry.top, side, side);
    // What comes later cannot be looked at: grey, not white, so that it is not read as a weight of zero.
    context.set_fill_style_str(&palette.line);
    context.set_global_alpha(UNSEEN);
    for query in 0..geometry.tokens {
        let from = geometry.x(query + 1);
        context.fill_rect(from, geometry.y(query), geometry.left + side - from, geometry.cell);
    }
    context.set_global_alpha(1.0);
    let gap = if geometry.cell >= 14.0 { 1.0 } else { 0.5 };
    for less in [false, true] {
        context.set_fill_style_str(picture.colour(less, palette));
        for cell in picture.cells.iter().filter(|cell| (cell.shade < 0.0) == less) {
            context.set_global_alpha(f64::from(cell.shade.abs()).clamp(0.0, 1.0));
            context.fill_rect(geometry.x(cell.key), geometry.y(cell.query), geometry.cell - gap, geometry.cell - gap);
        }
    }
    if let Some(dash) = picture.dash() {
        context.set_fill_style_str(&palette.ink);
        for cell in picture.cells.iter().filter(|cell| cell.shade < 0.0) {
            context.set_global_alpha(f64::from(cell.shade.abs()).clamp(0.0, 1.0));
            context.fill_rect(
                geometry.x(cell.key) + dash,
                geometry.y(cell.query) + geometry.cell / 2.0 - 1.0,
                geometry.cell - gap - 2.0 * dash,
                1.0,
            );
        }
    }
    context.set_global_alpha(1.0);
    draw_labels(context, picture, palette);
    draw_name(context, picture, palette);
    if let Some((query, key)) = picture.at {
        context.set_stroke_style_str(&palette.ink);
        context.set_line_width(1.5);
        context.stroke_rect(geometry.x(key) - 0.5, geometry.y(query) - 0.5, geometry.cell, geometry.cell);
        context.set_global_alpha(0.45);
        context.set_line_width(1.0);
        let (x, y) = (geometry.x(key) + geometry.cell / 2.0, geometry.y(query) + geometry.cell / 2.0);
        context.begin_path();
        context.move_to(geometry.left, y);
        context.line_to(geometry.x(key) - 1.0, y);
        context.move_to(x, geometry.top);
        context.line_to(x, geometry.y(query) - 1.0);
        context.stroke();
        context.set_global_alpha(1.0);
    }
}

fn draw_labels(context: &CanvasRenderingContext2d, picture: &MatrixPicture, palette: &Palette) {
    let geometry = &picture.geometry;
    context.set_font(&format!("{}px {}", geometry.font, palette.mono));
    context.set_text_baseline("middle");
    for (token, label) in picture.labels.iter().enumerate() {
        let lit = |is: bool| if picture.at.is_none() || is { &palette.ink } else { &palette.muted };
        context.set_fill_style_str(lit(picture.at.is_some_and(|at| at.0 == token)));
        context.set_text_align("right");
        // A label that cannot be drawn leaves the picture as it is.
        let _row = context.fill_text(label, geometry.left - 6.0, geometry.y(token) + geometry.cell / 2.0);
        context.set_fill_style_str(lit(picture.at.is_some_and(|at| at.1 == token)));
        context.set_text_align("left");
        context.save();
        let _column = context
            .translate(geometry.x(token) + geometry.cell / 2.0, geometry.top - 6.0)
            .and_then(|()| context.rotate(-FRAC_PI_2))
            .and_then(|()| context.fill_text(label, 0.0, 0.0));
        context.restore();
    }
}

/// In the corner between the labels: which head this is, in words and with the dash pattern of its lines, for whoever cannot tell its colour.
fn draw_name(context: &CanvasRenderingContext2d, picture: &MatrixPicture, palette: &Palette) {
    let (right, bottom) = (picture.geometry.left - 6.0, picture.geometry.top - 10.0);
    context.set_fill_style_str(&palette.muted);
    context.set_text_align("right");
    // A name that cannot be drawn leaves the picture as it is.
    let _name = context.fill_text(&picture.name, right, bottom - 9.0);
    context.set_stroke_style_str(palette.head(picture.head));
    context.set_line_width(2.0);
    set_dash(context, dash(picture.head));
    context.begin_path();
    context.move_to(right - SAMPLE, bottom);
    context.line_to(right, bottom);
    context.stroke();
    set_dash(context, &[]);
}

/// Length of the sample of a head's line.
const SAMPLE: f64 = 22.0;

/// Height of the title above the saved picture.
pub const TITLE: f64 = 34.0;

/// The picture as a document of its own.
pub fn matrix_svg(picture: &MatrixPicture, palette: &Palette, title: &str) -> String {
    let geometry = &picture.geometry;
    let (width, height) = (geometry.width, geometry.height + TITLE);
    let side = geometry.cell * geometry.tokens as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
         <title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\
         <text x=\"12\" y=\"22\" font-family=\"{}\" font-size=\"13\" fill=\"{}\">{title}</text><g transform=\"translate(0 {TITLE})\">\
         <path d=\"M{} {}h{side}v{side}z\" fill=\"{}\" fill-opacity=\"{UNSEEN}\"/><g>",
        escape(&palette.panel),
        escape(&palette.sans),
        escape(&palette.ink),
        geometry.left,
        geometry.top,
        escape(&palette.line),
        title = escape(title),
    );
    // Writing to a string cannot fail.
    let _ = (|| -> std::fmt::Result {
        for cell in &picture.cells {
            write!(
                svg,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\" fill-opacity=\"{:.3}\"/>",
                geometry.x(cell.key),
                geometry.y(cell.query),
                geometry.cell - 1.0,
                geometry.cell - 1.0,
                escape(picture.colour(cell.shade < 0.0, palette)),
                cell.shade.abs()
            )?;
            if let Some(dash) = picture.dash().filter(|_| cell.shade < 0.0) {
                let (x, y) = (geometry.x(cell.key) + dash, geometry.y(cell.query) + geometry.cell / 2.0 - 0.5);
                let (width, colour) = (geometry.cell - 1.0 - 2.0 * dash, escape(&palette.ink));
                write!(svg, "<path d=\"M{x:.1} {y:.1}h{width:.1}\" stroke=\"{colour}\" stroke-opacity=\"{:.3}\"/>", cell.shade.abs())?;
            }
        }
        write!(svg, "</g><g font-family=\"{}\" font-size=\"{}\" fill=\"{}\">", escape(&palette.mono), geometry.font, escape(&palette.ink))?;
        for (token, label) in picture.labels.iter().enumerate() {
            let (label, middle) = (escape(label), geometry.cell / 2.0 + geometry.font * 0.35);
            write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                geometry.left - 6.0,
                geometry.y(token) + middle
            )?;
            write!(
                svg,
                "<text transform=\"translate({:.1} {:.1}) rotate(-90)\">{label}</text>",
                geometry.x(token) + middle,
                geometry.top - 6.0
            )?;
        }
        write!(svg, "</g></g></svg>")
    })();
    svg
}

#[cfg(test)]
mod tests {
    use super::super::matrix::{MatrixDials, cells};
    use super::super::scene::tests::heads_of;
    use super::super::shown::Shown;
    use super::*;

    #[test]
    fn every_cell_and_label_is_in_the_document() {
        let mut shown = heads_of(&["a", "b", "c"]);
        let geometry = MatrixGeometry::new(400.0, 300.0, &shown.head().tokens);
        let labels = MatrixPicture::cut(&shown.head().tokens, &geometry);
        let cells_of = |shown: &Shown| cells(shown, 0, 1, MatrixDials::default());
        let picture = MatrixPicture { geometry, head: 1, name: "1.2".into(), cells: cells_of(&shown), signed: false, labels, at: None };
        let svg = matrix_svg(&picture, &Palette::live(), "Head 2");
        assert_eq!(svg.matches("fill-opacity=\"1.000\"").count(), 3);
        assert_eq!(svg.matches(">b</text>").count(), 2);
        assert!(svg.contains("var(--h2)") && svg.ends_with("</svg>"));

        // The head looked elsewhere before: what it lost has a colour and a dash of its own.
        let mut before = (*shown.frame).clone();
        (before.weights[9 + 3], before.weights[9 + 4]) = (0, 255);
        shown.from = Some(before.into());
        let svg = matrix_svg(&MatrixPicture { cells: cells_of(&shown), signed: true, ..picture }, &Palette::live(), "Head 2");
        assert_eq!((svg.matches("var(--more)").count(), svg.matches("var(--less)").count(), svg.matches("<path").count()), (1, 1, 2));
    }
}
