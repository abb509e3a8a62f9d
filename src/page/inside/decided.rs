//! Which words speak for the next one: attribution beside attention, as plain data and as a picture.
//!
//! In: an `Attributed` answer, the attention of the same word in the picked head. Out: [`Decided`], SVG, HTML. Absent: asking.

use super::geometry::{columns, shortened};
use super::labels::label;
use super::numbers::{TableRow, nats, table};
use super::svg::{Anchor, Svg};
use crate::page::chart::palette::Palette;
use crate::page::state::Told;
use crate::page::strings::questions;
use crate::protocol::explain::{Answer, floats};

const TYPE: f64 = 11.5;
const ROW: f64 = 19.0;

/// An answer, read and checked; `t` tokens up to the position.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    pub step: u32,
    pub position: usize,
    pub labels: Vec<String>,
    /// What it speaks for.
    pub token: String,
    pub probability: f32,
    /// Share of the log-probability that the integrated gradients miss.
    pub gap: f32,
    pub points: u32,
    /// `[t]`, nats.
    pub gradient: Vec<f32>,
    pub integrated: Vec<f32>,
}

/// The attention of the same word: layer and head from 0, and its weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    pub layer: usize,
    pub head: usize,
    pub weights: Vec<f32>,
}

impl Decided {
    /// Of an answer; nothing where it is another one, or where its buffers are not as long as they must be.
    pub fn read(told: &Told) -> Option<Self> {
        let Answer::Attributed { position, token, tokens, log_probability, gap, points, .. } = &told.answer else { return None };
        let count = *position as usize + 1;
        let part = |index: usize| told.buffers.get(index).map(|part| floats(part)).filter(|part| part.len() == count);
        let labels: Vec<String> = tokens.iter().take(count).map(|token| label(token)).collect();
        (labels.len() == count).then_some(())?;
        Some(Self {
            step: told.step,
            position: *position as usize,
            labels,
            token: label(&token.text),
            probability: log_probability.exp(),
            gap: *gap,
            points: *points,
            gradient: part(0)?,
            integrated: part(1)?,
        })
    }

    /// The picture's name.
    pub fn title(&self) -> String {
        (questions::words().decided.title)(&self.token, self.step)
    }

    /// What it is about, in words.
    pub fn lead(&self) -> String {
        let after = self.labels.get(self.position).map_or("", String::as_str);
        (questions::words().decided.lead)(&self.token, after, self.probability)
    }

    /// All numbers; rows carry `data-token`, `data-gradient`, `data-integrated`.
    pub fn table(&self, looked: Option<&Looked>) -> String {
        let own = &questions::words().decided;
        let attention = looked.map(|looked| (own.attention)(looked.layer + 1, looked.head + 1)).unwrap_or_default();
        let row = |token: usize| TableRow {
            data: vec![
                ("token", token.to_string()),
                ("gradient", format!("{:.5}", self.gradient[token])),
                ("integrated", format!("{:.5}", self.integrated[token])),
            ],
            name: self.labels[token].clone(),
            cells: vec![
                looked.and_then(|looked| looked.weights.get(token)).map(|weight| format!("{:.1} %", weight * 100.0)).unwrap_or_default(),
                nats(self.gradient[token]),
                nats(self.integrated[token]),
            ],
        };
        let rows: Vec<TableRow> = (0..self.labels.len()).map(row).collect();
        table(&[questions::words().token, &attention, own.gradient, own.integrated], &rows)
    }

    /// Draws the picture; returns it with its height.
    pub fn draw<'a>(&self, looked: Option<&Looked>, width: f64, palette: &'a Palette) -> (Svg<'a>, f64) {
        let own = &questions::words().decided;
        let mut svg = Svg::new(palette);
        let longest = self.labels.iter().map(|label| columns(label)).max().unwrap_or(1) as f64;
        let names = (longest * 7.2 + 10.0).clamp(40.0, 96.0);
        // Without a picture of this sentence there is no attention to compare with.
        let first = if looked.is_some() { 1 } else { 0 };
        let column = (width - names) / (f64::from(first) + 2.0);
        let number = 46.0;
        let heading = |svg: &mut Svg, at: i32, text: &str| {
            let most = (column / 6.2) as usize;
            svg.text(
                &shortened(text, most),
                (names + column * (f64::from(at) + 0.5), ROW / 2.0),
                Anchor::Middle,
                TYPE - 0.5,
                &palette.muted,
                false,
            );
        };
        if let Some(looked) = looked {
            heading(&mut svg, 0, &(own.attention)(looked.layer + 1, looked.head + 1));
        }
        heading(&mut svg, first, own.gradient);
        heading(&mut svg, first + 1, own.integrated);
        let largest = |numbers: &[f32]| numbers.iter().fold(f32::MIN_POSITIVE, |largest, number| largest.max(number.abs()));
        for token in 0..self.labels.len() {
            let top = ROW * (token as f64 + 1.0);
            let middle = top + ROW / 2.0;
            svg.group(format_args!("data-row=\"{token}\""));
            svg.hit((0.0, top), (width, ROW));
            let name = shortened(&self.labels[token], ((names - 8.0) / 7.0) as usize);
            svg.text(&name, (names - 6.0, middle), Anchor::End, TYPE, &palette.ink, true);
            if let Some(looked) = looked {
                let weight = f64::from(looked.weights.get(token).copied().unwrap_or_default());
                let room = column - number - 8.0;
                svg.rect((names, top + 5.0), (room, ROW - 10.0), &palette.soft, 1.0);
                svg.rect((names, top + 5.0), (room * weight, ROW - 10.0), palette.head(looked.head), 1.0);
                svg.text(
                    &format!("{:.0} %", weight * 100.0),
                    (names + column - 10.0, middle),
                    Anchor::End,
                    TYPE - 0.5,
                    &palette.muted,
                    false,
                );
            }
            for (at, numbers) in [(first, &self.gradient), (first + 1, &self.integrated)] {
                let (x, room) = (names + column * f64::from(at), column - number - 8.0);
                let long = f64::from(numbers[token] / largest(numbers)) * room / 2.0;
                let colour = palette.heads[if long < 0.0 { 1 } else { 0 }].clone();
                svg.rect((x, top + 5.0), (room, ROW - 10.0), &palette.soft, 1.0);
                svg.rect((x + room / 2.0 + long.min(0.0), top + 5.0), (long.abs(), ROW - 10.0), &colour, 1.0);
                svg.rect((x + room / 2.0 - 0.25, top + 2.0), (0.5, ROW - 4.0), &palette.faint, 1.0);
                svg.text(&nats(numbers[token]), (x + column - 8.0, middle), Anchor::End, TYPE - 0.5, &palette.muted, false);
            }
            svg.end();
        }
        (svg, ROW * (self.labels.len() as f64 + 1.0) + 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::TokenChoice;
    use crate::protocol::explain::float_bytes;

    fn told() -> Told {
        let answer = Answer::Attributed {
            position: 1,
            token: TokenChoice { id: 3, text: " sea".into(), probability: 0.25 },
            tokens: vec!["the".into(), " old".into(), " sea".into()],
            log_probability: 0.25_f32.ln(),
            baseline_log_probability: -4.0,
            gap: 0.004,
            points: 32,
        };
        Told { run: 0, step: 9, answer, buffers: vec![float_bytes(&[0.5, -1.0]), float_bytes(&[2.0, 1.0])] }
    }

    #[test]
    fn what_decided_is_read_up_to_its_position() {
        let decided = Decided::read(&told()).unwrap();
        assert_eq!((decided.labels.len(), decided.token.as_str(), decided.integrated.as_slice()), (2, "·sea", &[2.0, 1.0][..]));
        assert!(decided.lead().contains("·sea") && decided.lead().contains("25.0 %"), "{}", decided.lead());
        let mut short = told();
        short.buffers[1].truncate(4);
        assert_eq!(Decided::read(&short), None);
    }

    #[test]
    fn picture_and_table_have_three_columns_of_numbers() {
        let decided = Decided::read(&told()).unwrap();
        let looked = Looked { layer: 1, head: 0, weights: vec![0.25, 0.75] };
        let html = decided.table(Some(&looked));
        assert!(html.contains("data-gradient=\"-1.00000\" data-integrated=\"1.00000\"") && html.contains("75.0 %"), "{html}");
        let palette = Palette::live();
        let (svg, height) = decided.draw(Some(&looked), 560.0, &palette);
        let svg = svg.live(560.0, height, "x");
        assert!(svg.contains("attention 2.1") && svg.contains("\u{2212}1.000") && svg.contains("75 %"));
    }
}
