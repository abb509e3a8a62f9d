//! The flow picture as SVG: of one moment, or in the two colours of differences how it has changed.
//!
//! In: a [`Way`], the word that is followed, its attention. Out: markup; what can be opened carries `data-open`: `token:T`, `stage:S`,
//! `head:LAYER:HEAD:T` (all from 0). Stages count from 0: embedding, then heads and MLP of every layer, then the next word.

use super::diverging::{largest, round_scale, scale_text, share};
use super::flow::Way;
use super::geometry::{columns, shortened};
use super::shown::Shown;
use super::svg::{Anchor, Svg};
use crate::page::chart::palette::Palette;
use crate::page::strings::questions;

const TYPE: f64 = 11.5;
/// Rows grow with the room there is.
const ROW: std::ops::RangeInclusive<f64> = 17.0..=26.0;
const HEADER: f64 = 40.0;
const NEXT: f64 = 152.0;
/// Of that, the part where one asks what the dials make of it.
const SAMPLED: f64 = 70.0;
const EMBEDDING: f64 = 26.0;
/// What the legend of a difference takes, one line and some air.
const LEGEND: f64 = 24.0;

/// What is looked at in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    pub token: usize,
    /// The stage under pointer or keyboard.
    pub stage: Option<usize>,
}

/// A stage of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Embedding,
    Heads(usize),
    Mlp(usize),
    Next,
    /// What the dials make of the shares.
    Sampling,
}

impl Stage {
    /// By number.
    pub fn at(index: usize, layers: usize) -> Self {
        match index {
            0 => Self::Embedding,
            index if index > 2 * layers + 1 => Self::Sampling,
            index if index > 2 * layers => Self::Next,
            index if index % 2 == 1 => Self::Heads(index / 2),
            index => Self::Mlp(index / 2 - 1),
        }
    }

    /// How many a model has.
    pub fn count(layers: usize) -> usize {
        2 * layers + 3
    }
}

/// Draws the way; returns it with width and height, which may be more than asked for: the frame scrolls.
pub fn draw<'a>(
    way: &Way,
    look: Look,
    attention: Option<&Shown>,
    (width, height): (f64, f64),
    palette: &'a Palette,
) -> (Svg<'a>, f64, f64) {
    let own = &questions::words().flow;
    let mut svg = Svg::new(palette);
    let count = way.labels.len();
    let longest = way.labels.iter().map(|label| columns(label)).max().unwrap_or(1) as f64;
    let names = (longest * 7.2 + 10.0).clamp(40.0, 96.0);
    let dot = 10.0;
    let least = way.heads as f64 * dot + 38.0;
    let block = ((width - names - EMBEDDING - NEXT) / way.layers.max(1) as f64).max(least).min(least + 70.0);
    let next_x = names + EMBEDDING + block * way.layers as f64;
    let legend = if way.minus.is_some() { LEGEND } else { 0.0 };
    let row = ((height - HEADER - 10.0 - legend) / count.max(1) as f64).clamp(*ROW.start(), *ROW.end());
    let y = |token: usize| HEADER + (token as f64 + 0.5) * row;
    let bottom = HEADER + count as f64 * row;
    let block_x = |layer: usize| names + EMBEDDING + block * layer as f64;
    let heads_x = |layer: usize| block_x(layer) + (block - least) / 2.0 + 6.0;
    let mlp_x = |layer: usize| heads_x(layer) + way.heads as f64 * dot + 8.0;
    let scales = Scales::of(way, look.token);
    let (of_heads, of_mlp, of_stream) = (scales.heads, scales.mlp, scales.stream);
    // A part has its own colour, its change that of more or less.
    let coloured = |number: f32, plain: &str| if way.minus.is_some() { change_colour(palette, number) } else { plain }.to_owned();

    let stage_place = |stage: Stage| match stage {
        Stage::Embedding => (names, EMBEDDING),
        Stage::Heads(layer) => (heads_x(layer) - 5.0, way.heads as f64 * dot + 10.0),
        Stage::Mlp(layer) => (mlp_x(layer) - 3.0, 24.0),
        Stage::Next => (next_x + 6.0, NEXT - SAMPLED - 6.0),
        Stage::Sampling => (next_x + NEXT - SAMPLED, SAMPLED),
    };
    // Columns first, behind everything: they light up and take clicks.
    for index in 0..Stage::count(way.layers) {
        let stage = Stage::at(index, way.layers);
        let (x, wide) = stage_place(stage);
        svg.group(format_args!("data-open=\"stage:{index}\" style=\"cursor:pointer\""));
        if look.stage == Some(index) {
            svg.rect((x, 0.0), (wide, bottom), &palette.soft, 1.0);
        } else {
            svg.hit((x, 0.0), (wide, bottom));
        }
        let (name, anchor) = match stage {
            Stage::Embedding => ("x", Anchor::Middle),
            Stage::Heads(_) => (own.heads, Anchor::Middle),
            Stage::Mlp(_) => (own.mlp, Anchor::Middle),
            Stage::Next => (own.next, Anchor::Middle),
            Stage::Sampling => (own.sampling, Anchor::Middle),
        };
        svg.text(name, (x + wide / 2.0, 27.0), anchor, TYPE - 0.5, &palette.muted, false);
        svg.end();
    }
    for layer in 0..way.layers {
        let middle = (heads_x(layer) + mlp_x(layer) + 18.0) / 2.0;
        svg.text(&(own.block)(layer + 1), (middle, 10.0), Anchor::Middle, TYPE, &palette.ink, false);
    }
    svg.rect((names - 4.0, y(look.token) - row / 2.0), (next_x - names + 4.0, row), &palette.soft, 0.8);

    // The stream: one line per word, as wide as its vector is long.
    for token in 0..count {
        let followed = token == look.token;
        let mut x = names + EMBEDDING / 2.0;
        for layer in 0..=way.layers {
            let length = if layer == 0 { way.embedding[token] } else { way.stream(layer - 1, token) };
            let end = if layer == way.layers { next_x } else { mlp_x(layer) + 9.0 };
            let thick = 1.0 + 6.0 * share(length, of_stream);
            let colour = coloured(length, if followed { &palette.muted } else { &palette.line });
            let opacity = if way.minus.is_some() && !followed { 0.4 } else { 1.0 };
            svg.rect((x, y(token) - thick / 2.0), (end - x, thick), &colour, opacity);
            x = end;
        }
    }
    if let Some(shown) = attention {
        draw_attention(&mut svg, way, look.token, shown, &y, &|layer| (block_x(layer) - 4.0, heads_x(layer)));
    }
    for token in 0..count {
        let followed = token == look.token;
        svg.group(format_args!("data-open=\"token:{token}\" style=\"cursor:pointer\""));
        svg.hit((0.0, y(token) - row / 2.0), (names, row));
        let ink = if followed { &palette.ink } else { &palette.muted };
        svg.text(&shortened(&way.labels[token], ((names - 8.0) / 7.0) as usize), (names - 6.0, y(token)), Anchor::End, TYPE, ink, true);
        svg.end();
        let entered = way.embedding[token];
        let long = 16.0 * share(entered, of_stream);
        svg.rect((names + (EMBEDDING - long) / 2.0, y(token) - 4.0), (long, 8.0), &coloured(entered, &palette.muted), 1.0);
        for layer in 0..way.layers {
            for head in 0..way.heads {
                let added = way.head(layer, head, token);
                let share = share(added, of_heads);
                let x = heads_x(layer) + head as f64 * dot;
                let side = 3.0 + 6.0 * share.sqrt();
                svg.group(format_args!("data-open=\"head:{layer}:{head}:{token}\" style=\"cursor:pointer\""));
                svg.hit((x - 1.0, y(token) - row / 2.0), (dot, row));
                svg.rect(
                    (x + (8.0 - side) / 2.0, y(token) - side / 2.0),
                    (side, side),
                    &coloured(added, palette.head(head)),
                    0.25 + 0.75 * share,
                );
                svg.end();
            }
            let added = way.mlp(layer, token);
            let share = share(added, of_mlp);
            let tall = 4.0 + (row - 8.0) * share.sqrt();
            svg.rect((mlp_x(layer), y(token) - tall / 2.0), (18.0, tall), &coloured(added, &palette.ink), 0.2 + 0.6 * share);
        }
    }
    let bottom = bottom.max(draw_next(&mut svg, way, look, scales.next, (next_x, y(look.token))));
    let bottom = match way.minus {
        Some(_) => svg.change_legend(&scales.said(attention), bottom + 4.0, width.min(next_x + NEXT)),
        None => bottom + 6.0,
    };
    (svg, next_x + NEXT, bottom)
}

/// What has the full size or colour: the largest of all words, of changes the round number above it.
struct Scales {
    heads: f32,
    mlp: f32,
    stream: f32,
    /// Of a share among the next words.
    next: f32,
}

impl Scales {
    fn of(way: &Way, token: usize) -> Self {
        let (heads, mlp, stream) = way.largest();
        if way.minus.is_none() {
            return Self { heads, mlp, stream, next: 1.0 };
        }
        let next: Vec<f32> = way.next(token).iter().map(|next| next.probability).collect();
        let next = round_scale(largest(&next)).min(1.0);
        Self { heads: round_scale(heads), mlp: round_scale(mlp), stream: round_scale(stream), next }
    }

    /// Each in words.
    fn said(&self, attention: Option<&Shown>) -> Vec<String> {
        let (own, all) = (&questions::words().flow, questions::words());
        let mut said = vec![
            format!("{} {}", own.heads, scale_text(self.heads)),
            format!("{} {}", own.mlp, scale_text(self.mlp)),
            format!("{} {}", own.stream, scale_text(self.stream)),
            (all.points)(own.next, &scale_text(self.next * 100.0)),
        ];
        said.extend(attention.map(|shown| (all.points)(own.lines, &scale_text(shown.scale() * 100.0))));
        said
    }
}

fn change_colour(palette: &Palette, change: f32) -> &str {
    match change {
        0.0 => &palette.faint,
        change if change < 0.0 => &palette.less,
        _ => &palette.more,
    }
}

/// Where the followed word looks, in every layer: a line per head from the word that is looked at.
fn draw_attention(svg: &mut Svg, way: &Way, token: usize, shown: &Shown, y: &impl Fn(usize) -> f64, ends: &impl Fn(usize) -> (f64, f64)) {
    let scale = shown.scale();
    for layer in 0..way.layers {
        let (from, to) = ends(layer);
        for head in 0..way.heads {
            for key in 0..token {
                let weight = shown.weight(layer, head, token, key).unwrap_or_default();
                let strong = share(weight, scale);
                if strong < 0.04 {
                    continue;
                }
                let (top, end) = (y(key), y(token));
                let x = to + head as f64 * 10.0 + 4.0;
                let palette = svg.palette;
                let colour = if shown.is_difference() { change_colour(palette, weight) } else { palette.head(head) };
                svg.raw(format_args!(
                    "<path d=\"M{from:.1} {top:.1}C{x:.1} {top:.1} {x:.1} {top:.1} {x:.1} {end:.1}\" fill=\"none\" stroke=\"{colour}\" stroke-opacity=\"{:.2}\" stroke-width=\"1.5\"/>",
                    strong * 0.9
                ));
            }
        }
    }
}

/// The next-word bars of the followed word, the longest of size `scale`; returns where they end. While one points at the sampling they show its chances.
fn draw_next(svg: &mut Svg, way: &Way, look: Look, scale: f32, (x, from): (f64, f64)) -> f64 {
    let sampled = look.stage.is_some_and(|stage| Stage::at(stage, way.layers) == Stage::Sampling);
    let palette = svg.palette;
    let (name_x, bar_x, bar) = (x + 18.0, x + 76.0, 28.0);
    let mut y = HEADER + 10.0;
    let is_change = way.minus.is_some();
    for next in way.next(look.token) {
        let shown = if sampled { next.chance.unwrap_or_default() } else { next.probability };
        let share = share(shown, scale);
        let left_out = sampled && shown == 0.0;
        svg.raw(format_args!(
            "<path d=\"M{x:.1} {from:.1}C{:.1} {from:.1} {x:.1} {y:.1} {:.1} {y:.1}\" fill=\"none\" stroke=\"{}\" stroke-opacity=\"{:.2}\"/>",
            x + 14.0,
            name_x - 3.0,
            if is_change { change_colour(palette, shown) } else { &palette.muted },
            0.15 + 0.85 * share
        ));
        svg.text(&shortened(&next.label, 8), (name_x, y), Anchor::Start, TYPE, if left_out { &palette.faint } else { &palette.ink }, true);
        if is_change {
            svg.change_bar(shown, scale, (bar_x, y - 4.0), (bar, 8.0));
        } else {
            svg.rect((bar_x, y - 4.0), (bar, 8.0), &palette.soft, 1.0);
            svg.rect((bar_x, y - 4.0), (bar * share, 8.0), palette.head(2), 1.0);
        }
        let text = if sampled { next.chance_text(1, is_change) } else { next.probability_text(1, is_change) };
        svg.text(&text, (x + NEXT - 2.0, y), Anchor::End, TYPE - 0.5, &palette.muted, false);
        y += 21.0;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::super::flow::tests::{changed_way, short_way};
    use super::*;

    #[test]
    fn stages_follow_the_way() {
        let all: Vec<Stage> = (0..Stage::count(2)).map(|index| Stage::at(index, 2)).collect();
        assert_eq!(all, [Stage::Embedding, Stage::Heads(0), Stage::Mlp(0), Stage::Heads(1), Stage::Mlp(1), Stage::Next, Stage::Sampling]);
    }

    #[test]
    fn everything_can_be_opened_and_the_next_word_is_there() {
        let (way, palette) = (Way::read(&short_way()).unwrap(), Palette::live());
        let (svg, width, height) = draw(&way, Look { token: 1, stage: Some(1) }, None, (560.0, 300.0), &palette);
        let svg = svg.live(width, height, "x");
        for open in ["token:0", "token:1", "stage:0", "stage:3", "head:0:1:1"] {
            assert!(svg.contains(&format!("data-open=\"{open}\"")), "{open}");
        }
        assert!(svg.contains(">·c<") && svg.contains(">75.0 %<") && !svg.contains(">d<"), "the words after the followed token only");
    }

    #[test]
    fn sampling_shows_what_the_dials_make_of_the_shares() {
        let (way, palette) = (Way::read(&short_way()).unwrap(), Palette::live());
        let sampling = Stage::count(way.layers) - 1;
        let drawn = |token| {
            let (svg, width, height) = draw(&way, Look { token, stage: Some(sampling) }, None, (560.0, 300.0), &palette);
            svg.live(width, height, "x")
        };
        assert!(drawn(1).contains(">90.0 %<") && !drawn(1).contains(">75.0 %<"));
        assert!(drawn(0).contains(">0.0 %<"), "what the dials leave out");
    }

    #[test]
    fn a_difference_is_drawn_in_two_colours_with_stated_scales() {
        let (way, palette) = (changed_way(), Palette::live());
        let (svg, width, height) = draw(&way, Look { token: 1, stage: None }, None, (560.0, 300.0), &palette);
        let svg = svg.live(width, height, "x");
        for text in [
            ">heads \u{b1}0.5<",
            ">MLP \u{b1}0.2<",
            ">next word \u{b1}100 points<",
            ">\u{2265}+65.0<",
            ">\u{2212}30.0<",
            ">less<",
            ">more<",
        ] {
            assert!(svg.contains(text), "{text} {svg}");
        }
        assert!(svg.contains("var(--more)") && svg.contains("var(--less)") && !svg.contains("var(--h"), "no colour of a head");
        assert!(svg.contains("data-open=\"head:0:1:1\""), "it opens as before");
    }

    #[test]
    fn many_layers_grow_wider_than_the_frame() {
        let (way, palette) = (Way::read(&short_way()).unwrap(), Palette::live());
        let (_, width, _) = draw(&way, Look { token: 0, stage: None }, None, (200.0, 300.0), &palette);
        assert!(width > 200.0);
    }
}
