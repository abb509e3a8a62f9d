//! The logit lens as plain data, as a table and as a picture: what the model would say after each layer.
//!
//! In: `Lens` answers, a width, colours. Out: [`Lens`], HTML, markup. Absent: asking.

use super::geometry::{columns, shortened};
use super::labels::label;
use super::numbers::{TableRow, table};
use super::svg::{Anchor, Svg};
use crate::page::chart::palette::Palette;
use crate::page::state::Told;
use crate::page::strings::questions;
use crate::protocol::explain::{Answer, floats, whole_numbers};

const TYPE: f64 = 11.5;

/// A `Lens` answer, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Lens {
    pub step: u32,
    /// 0 is after the embedding.
    pub rows: usize,
    pub labels: Vec<String>,
    /// `[rows, t]`, each likeliest first.
    said: Vec<Vec<(String, f32)>>,
}

impl Lens {
    /// Of an answer; nothing where it is another one, or where its buffers are not as long as they must be.
    pub fn read(told: &Told) -> Option<Self> {
        let Answer::Lens { rows, top, tokens, words } = &told.answer else { return None };
        let (rows, top, count) = (*rows as usize, *top as usize, tokens.len());
        let (ids, shares) = (whole_numbers(told.buffers.first()?), floats(told.buffers.get(1)?));
        if ids.len() != rows * count * top || shares.len() != ids.len() {
            return None;
        }
        let word = |at: usize| Some((label(words.get(ids[at] as usize)?), shares[at]));
        let said = (0..rows * count).map(|cell| (0..top).map(|place| word(cell * top + place)).collect()).collect::<Option<_>>()?;
        Some(Self { step: told.step, rows, labels: tokens.iter().map(|token| label(token)).collect(), said })
    }

    /// What it would say after this row's layer, likeliest first.
    pub fn said(&self, row: usize, token: usize) -> &[(String, f32)] {
        self.said.get(row * self.labels.len() + token).map(Vec::as_slice).unwrap_or_default()
    }

    /// Name of a row.
    pub fn row_name(row: usize) -> String {
        let own = &questions::words().flow;
        if row == 0 { own.input.to_owned() } else { (own.block)(row) }
    }

    /// Every cell's likeliest word; rows carry `data-token` and `data-words`, the words after every layer, and `data-shares`.
    pub fn table(&self) -> String {
        let first = |row: usize, token: usize| self.said(row, token).first().cloned().unwrap_or_default();
        let names: Vec<String> = (0..self.rows).map(Self::row_name).collect();
        let headings: Vec<&str> = std::iter::once(questions::words().token).chain(names.iter().map(String::as_str)).collect();
        let row = |token: usize| {
            let cells: Vec<(String, f32)> = (0..self.rows).map(|row| first(row, token)).collect();
            TableRow {
                data: vec![
                    ("token", token.to_string()),
                    ("words", cells.iter().map(|cell| cell.0.as_str()).collect::<Vec<_>>().join(" ")),
                    ("shares", cells.iter().map(|cell| format!("{:.4}", cell.1)).collect::<Vec<_>>().join(" ")),
                ],
                name: self.labels[token].clone(),
                cells: cells.iter().map(|(word, share)| format!("{word} {:.0} %", share * 100.0)).collect(),
            }
        };
        table(&headings, &(0..self.labels.len()).map(row).collect::<Vec<_>>())
    }
}

/// Draws the lens; returns it with width and height.
pub fn draw_lens<'a>(lens: &Lens, width: f64, palette: &'a Palette) -> (Svg<'a>, f64, f64) {
    let mut svg = Svg::new(palette);
    let longest = lens.labels.iter().map(|label| columns(label)).max().unwrap_or(1) as f64;
    let names = (longest * 7.2 + 10.0).clamp(40.0, 96.0);
    let cell = ((width - names) / lens.rows.max(1) as f64).max(58.0);
    let row = 22.0;
    for layer in 0..lens.rows {
        let x = names + cell * (layer as f64 + 0.5);
        svg.text(&Lens::row_name(layer), (x, row / 2.0), Anchor::Middle, TYPE, &palette.muted, false);
    }
    for token in 0..lens.labels.len() {
        let top = row * (token as f64 + 1.0);
        svg.text(
            &shortened(&lens.labels[token], ((names - 8.0) / 7.0) as usize),
            (names - 6.0, top + row / 2.0),
            Anchor::End,
            TYPE,
            &palette.ink,
            true,
        );
        for layer in 0..lens.rows {
            let said = lens.said(layer, token);
            let Some((word, share)) = said.first() else { continue };
            let x = names + cell * layer as f64;
            svg.group(format_args!(""));
            svg.tip(&said.iter().map(|(word, share)| format!("{word} {:.1} %", share * 100.0)).collect::<Vec<_>>().join("\n"));
            svg.rect((x + 1.0, top + 1.0), (cell - 2.0, row - 2.0), &palette.soft, 1.0);
            svg.rect((x + 1.0, top + 1.0), (cell - 2.0, row - 2.0), palette.head(2), 0.65 * f64::from(*share));
            svg.text(
                &shortened(word, ((cell - 8.0) / 7.0) as usize),
                (x + cell / 2.0, top + row / 2.0),
                Anchor::Middle,
                TYPE,
                &palette.ink,
                true,
            );
            svg.end();
        }
    }
    (svg, names + cell * lens.rows as f64, row * (lens.labels.len() as f64 + 1.0) + 4.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::explain::{float_bytes, whole_bytes};

    #[test]
    fn a_lens_is_read_by_row_and_token() {
        let answer = Answer::Lens { rows: 2, top: 1, tokens: vec!["a".into(), "b".into()], words: vec!["x".into(), "y".into()] };
        let shares = float_bytes(&[0.1, 0.2, 0.3, 0.4]);
        let told = Told { run: 0, step: 0, answer, buffers: vec![whole_bytes(&[0, 1, 1, 0]), shares, vec![]] };
        let lens = Lens::read(&told).unwrap();
        assert_eq!(lens.said(1, 0), [("y".to_owned(), 0.3)]);
        assert!(lens.table().contains("data-token=\"1\" data-words=\"y x\" data-shares=\"0.2000 0.4000\""), "{}", lens.table());
    }
}
