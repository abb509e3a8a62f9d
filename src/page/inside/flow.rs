//! The sentence's way through the model as plain data and as a table: what every part adds, and what it comes to.
//!
//! In: `Flow` and `Lens` answers. Out: [`Way`], [`Lens`], HTML. Absent: drawing (`flow_draw`), asking.

use super::labels::label;
use super::numbers::{TableRow, signed, table};
use crate::page::state::Told;
use crate::page::strings::words;
use crate::protocol::explain::{Answer, floats, whole_numbers};

/// A likely next word.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    pub label: String,
    pub logit: f32,
    pub probability: f32,
}

/// A `Flow` answer, read and checked. Lengths of vectors; `t` tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    pub step: u32,
    pub layers: usize,
    pub heads: usize,
    pub labels: Vec<String>,
    /// `[t]`
    pub embedding: Vec<f32>,
    /// `[layers, heads, t]`
    added: Vec<f32>,
    /// `[layers, t]` each.
    attention: Vec<f32>,
    mlp: Vec<f32>,
    stream: Vec<f32>,
    /// `[t]`, likeliest first.
    pub next: Vec<Vec<Next>>,
}

impl Way {
    /// Of an answer; nothing where it is another one, or where its buffers are not as long as they must be.
    pub fn read(told: &Told) -> Option<Self> {
        let Answer::Flow { layers, heads, top, tokens, words } = &told.answer else { return None };
        let (layers, heads, top, count) = (*layers as usize, *heads as usize, *top as usize, tokens.len());
        let part = |index: usize, length: usize| told.buffers.get(index).map(|part| floats(part)).filter(|part| part.len() == length);
        let ids = whole_numbers(told.buffers.get(5)?);
        let (logits, probabilities) = (part(6, count * top)?, part(7, count * top)?);
        let next = |at: usize| {
            let word = words.get(*ids.get(at)? as usize)?;
            Some(Next { label: label(word), logit: logits[at], probability: probabilities[at] })
        };
        Some(Self {
            step: told.step,
            layers,
            heads,
            labels: tokens.iter().map(|token| label(token)).collect(),
            embedding: part(0, count)?,
            added: part(1, layers * heads * count)?,
            attention: part(2, layers * count)?,
            mlp: part(3, layers * count)?,
            stream: part(4, layers * count)?,
            next: (0..count).map(|token| (0..top).map(|place| next(token * top + place)).collect()).collect::<Option<_>>()?,
        })
    }

    /// Length of what a head adds.
    pub fn head(&self, layer: usize, head: usize, token: usize) -> f32 {
        self.at(&self.added, layer * self.heads + head, token)
    }

    /// Length of what all heads of a layer add, with their bias.
    pub fn attention(&self, layer: usize, token: usize) -> f32 {
        self.at(&self.attention, layer, token)
    }

    /// Length of what the MLP adds.
    pub fn mlp(&self, layer: usize, token: usize) -> f32 {
        self.at(&self.mlp, layer, token)
    }

    /// Length of the stream after a block.
    pub fn stream(&self, layer: usize, token: usize) -> f32 {
        self.at(&self.stream, layer, token)
    }

    /// The largest that a head, an MLP and the stream have, for scales.
    pub fn largest(&self) -> (f32, f32, f32) {
        let of = |numbers: &[f32]| numbers.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        (of(&self.added), of(&self.mlp), of(&self.stream).max(of(&self.embedding)))
    }

    fn at(&self, numbers: &[f32], row: usize, token: usize) -> f32 {
        numbers.get(row * self.labels.len() + token).copied().unwrap_or_default()
    }

    /// The name of the picture.
    pub fn title(&self) -> String {
        (words().questions.flow.title)(self.step)
    }

    /// Two tables: the next words after `token` (rows carry `data-word`, `data-logit`, `data-probability`), and the lengths for every token
    /// (rows carry `data-token`, `data-embedding`).
    pub fn table(&self, token: usize) -> String {
        let own = &words().questions.flow;
        let after = self.labels.get(token).map(|label| (own.after)(label)).unwrap_or_default();
        let choice = |next: &Next| TableRow {
            data: vec![
                ("word", next.label.clone()),
                ("logit", format!("{:.4}", next.logit)),
                ("probability", format!("{:.5}", next.probability)),
            ],
            name: next.label.clone(),
            cells: vec![signed(next.logit), format!("{:.2} %", next.probability * 100.0)],
        };
        let choices: Vec<TableRow> = self.next.get(token).into_iter().flatten().map(choice).collect();
        let mut headings = vec![words().questions.token.to_owned(), own.embedding.to_owned()];
        for layer in 1..=self.layers {
            headings.extend([format!("{} {layer}", own.heads), format!("{} {layer}", own.mlp), (own.block)(layer)]);
        }
        let row = |token: usize| TableRow {
            data: vec![("token", token.to_string()), ("embedding", format!("{:.4}", self.embedding[token]))],
            name: self.labels[token].clone(),
            cells: std::iter::once(self.embedding[token])
                .chain((0..self.layers).flat_map(|layer| [self.attention(layer, token), self.mlp(layer, token), self.stream(layer, token)]))
                .map(signed)
                .collect(),
        };
        let rows: Vec<TableRow> = (0..self.labels.len()).map(row).collect();
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        format!(
            "{}<p class=\"small\">{}</p>{}",
            table(&[&after, own.logit, own.probability], &choices),
            own.length,
            table(&headings, &rows)
        )
    }
}

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
    /// Of an answer, as [`Way::read`].
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
        let own = &words().questions.flow;
        if row == 0 { own.input.to_owned() } else { (own.block)(row) }
    }

    /// Every cell's likeliest word; rows carry `data-token` and `data-words`, the words after every layer, and `data-shares`.
    pub fn table(&self) -> String {
        let first = |row: usize, token: usize| self.said(row, token).first().cloned().unwrap_or_default();
        let names: Vec<String> = (0..self.rows).map(Self::row_name).collect();
        let headings: Vec<&str> = std::iter::once(words().questions.token).chain(names.iter().map(String::as_str)).collect();
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

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::protocol::explain::{float_bytes, whole_bytes};

    /// Two tokens, one layer of two heads, one next word each.
    pub fn short_way() -> Told {
        let tokens = vec!["a".to_owned(), " b".to_owned()];
        let answer = Answer::Flow { layers: 1, heads: 2, top: 1, tokens, words: vec![" c".into(), "d".into()] };
        let f = |numbers: &[f32]| float_bytes(numbers);
        let buffers = vec![
            f(&[1.0, 2.0]),
            f(&[0.1, 0.2, 0.3, 0.4]),
            f(&[0.5, 0.6]),
            f(&[0.7, 0.8]),
            f(&[3.0, 4.0]),
            whole_bytes(&[1, 0]),
            f(&[5.0, 6.0]),
            f(&[0.25, 0.75]),
        ];
        Told { run: 0, step: 3, answer, buffers }
    }

    #[test]
    fn a_way_is_read_by_layer_head_and_token() {
        let way = Way::read(&short_way()).unwrap();
        assert_eq!((way.head(0, 1, 0), way.head(0, 0, 1), way.attention(0, 1), way.mlp(0, 0), way.stream(0, 1)), (0.3, 0.2, 0.6, 0.7, 4.0));
        assert_eq!(way.next[1][0], Next { label: "·c".into(), logit: 6.0, probability: 0.75 });
        assert_eq!(way.largest(), (0.4, 0.8, 4.0));
        let html = way.table(1);
        assert!(html.contains("data-word=\"·c\" data-logit=\"6.0000\" data-probability=\"0.75000\""), "{html}");
        let mut broken = short_way();
        broken.buffers[5] = whole_bytes(&[1, 9]);
        assert_eq!(Way::read(&broken), None, "a word that is not in the list");
    }

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
