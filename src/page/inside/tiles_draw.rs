//! All heads on a canvas, and as an SVG document from the same runs of cells.
//!
//! In: places and runs of `tiles`, names, colours. Out: pixels or markup.

use super::geometry::columns;
use super::heads_draw::set_dash;
use super::matrix_draw::TITLE;
use super::tiles::{CAPTION, Grid, LEVELS, Run};
use crate::page::chart::palette::{Palette, dash, escape};
use leptos::web_sys::CanvasRenderingContext2d;
use std::fmt::Write;

/// One square.
#[derive(Debug, Clone, PartialEq)]
pub struct TilePicture {
    pub head: usize,
    pub name: String,
    pub runs: Vec<Run>,
    /// The head that the other views show.
    pub chosen: bool,
}

/// Everything one drawing shows.
#[derive(Debug, Clone)]
pub struct TilesPicture {
    pub grid: Grid,
    pub tokens: usize,
    pub tiles: Vec<TilePicture>,
    pub signed: bool,
    /// The square under the pointer.
    pub at: Option<usize>,
}

/// Length of the sample of a head's line under its name.
const SAMPLE: f64 = 24.0;

impl TilesPicture {
    fn colour<'a>(&self, head: usize, level: i8, palette: &'a Palette) -> &'a str {
        match (self.signed, level < 0) {
            (false, _) => palette.head(head),
            (true, false) => &palette.more,
            (true, true) => &palette.less,
        }
    }

    /// The name; where the square is too narrow for all of it, without its second part.
    fn caption<'a>(&self, tile: &'a TilePicture) -> &'a str {
        let fits = columns(&tile.name) <= ((self.grid.side + self.grid.gap - 6.0) / 6.0) as usize;
        if fits { &tile.name } else { tile.name.split_once("  ").map_or(&tile.name, |(place, _)| place) }
    }

    fn cell(&self) -> f64 {
        self.grid.side / self.tokens.max(1) as f64
    }
}

/// Draws the picture. `scale` is the device's pixels per CSS pixel.
pub fn draw_tiles(context: &CanvasRenderingContext2d, picture: &TilesPicture, palette: &Palette, scale: f64) {
    let (grid, cell) = (&picture.grid, picture.cell());
    if context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).is_err() {
        return;
    }
    context.clear_rect(0.0, 0.0, grid.width, grid.height);
    context.set_font(&format!("11px {}", palette.sans));
    context.set_text_baseline("alphabetic");
    for (index, tile) in picture.tiles.iter().enumerate() {
        let (left, top) = grid.corner(index);
        context.set_global_alpha(1.0);
        context.set_fill_style_str(if picture.at == Some(index) || tile.chosen { &palette.ink } else { &palette.muted });
        // A name that cannot be drawn leaves the square.
        let _drawn = context.fill_text(picture.caption(tile), left, top - 5.0);
        // The colour's second channel: the dash pattern of the head's lines.
        context.set_stroke_style_str(palette.head(tile.head));
        context.set_line_width(1.5);
        set_dash(context, dash(tile.head));
        context.begin_path();
        context.move_to(left, top - 1.75);
        context.line_to(left + grid.side.min(SAMPLE), top - 1.75);
        context.stroke();
        set_dash(context, &[]);
        context.set_fill_style_str(&palette.soft);
        context.fill_rect(left, top, grid.side, grid.side);
        // One path for all cells of a level: a thousand small fills would cost a frame.
        for level in (-LEVELS..=LEVELS).filter(|&level| level != 0) {
            let mut any = false;
            context.begin_path();
            for run in tile.runs.iter().filter(|run| run.level == level) {
                context.rect(left + run.from as f64 * cell, top + run.query as f64 * cell, (run.to - run.from) as f64 * cell, cell);
                any = true;
            }
            if any {
                context.set_fill_style_str(picture.colour(tile.head, level, palette));
                context.set_global_alpha(f64::from(level.abs()) / f64::from(LEVELS));
                context.fill();
            }
        }
        context.set_global_alpha(1.0);
        let marked = picture.at == Some(index);
        if marked || tile.chosen {
            context.set_stroke_style_str(&palette.ink);
            context.set_line_width(if marked { 2.0 } else { 1.0 });
            context.stroke_rect(left - 1.0, top - 1.0, grid.side + 2.0, grid.side + 2.0);
        }
    }
}

/// The document's size.
pub fn tiles_svg_size(picture: &TilesPicture) -> (f64, f64) {
    (picture.grid.width, picture.grid.height + TITLE)
}

/// The picture as a document of its own.
pub fn tiles_svg(picture: &TilesPicture, palette: &Palette, title: &str) -> String {
    let (width, height) = tiles_svg_size(picture);
    let cell = picture.cell();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\
         <title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"{}\"/><g font-family=\"{}\" fill=\"{}\">\
         <text x=\"12\" y=\"22\" font-size=\"13\">{title}</text>",
        escape(&palette.panel),
        escape(&palette.sans),
        escape(&palette.ink),
        title = escape(title),
    );
    // Writing to a string cannot fail.
    let _ = (|| -> std::fmt::Result {
        for (index, tile) in picture.tiles.iter().enumerate() {
            let (left, top) = picture.grid.corner(index);
            let side = picture.grid.side;
            write!(svg, "<g transform=\"translate({left} {:.1})\">", top + TITLE)?;
            write!(svg, "<text y=\"{:.1}\" font-size=\"11\">{}</text>", 12.0 - CAPTION, escape(picture.caption(tile)))?;
            write!(svg, "<rect width=\"{side}\" height=\"{side}\" fill=\"{}\"/>", escape(&palette.soft))?;
            for level in (-LEVELS..=LEVELS).filter(|&level| level != 0) {
                let mut path = String::new();
                for run in tile.runs.iter().filter(|run| run.level == level) {
                    let (x, y, wide) = (run.from as f64 * cell, run.query as f64 * cell, (run.to - run.from) as f64 * cell);
                    write!(path, "M{x:.2} {y:.2}h{wide:.2}v{cell:.2}h-{wide:.2}z")?;
                }
                if !path.is_empty() {
                    let colour = escape(picture.colour(tile.head, level, palette));
                    write!(
                        svg,
                        "<path d=\"{path}\" fill=\"{colour}\" fill-opacity=\"{:.3}\"/>",
                        f64::from(level.abs()) / f64::from(LEVELS)
                    )?;
                }
            }
            write!(svg, "</g>")?;
        }
        write!(svg, "</g></svg>")
    })();
    svg
}

#[cfg(test)]
mod tests {
    use super::super::scene::tests::heads_of;
    use super::super::tiles::runs;
    use super::*;

    #[test]
    fn every_head_is_in_the_document() {
        let shown = heads_of(&["a", "b", "c"]);
        let tile = |head: usize| TilePicture { head, name: format!("1.{} <b>", head + 1), runs: runs(&shown, 0, head, 1.0), chosen: false };
        let grid = Grid::new(400.0, 200.0, 2, None);
        let picture = TilesPicture { grid, tokens: 3, tiles: vec![tile(0), tile(1)], signed: false, at: None };
        let svg = tiles_svg(&picture, &Palette::live(), "All & every");
        assert_eq!((svg.matches("<path").count(), svg.matches("h-").count()), (2, 6));
        assert!(svg.contains("var(--h2)") && svg.contains("1.2 &lt;b&gt;") && svg.contains("All &amp; every") && svg.ends_with("</svg>"));
    }
}
