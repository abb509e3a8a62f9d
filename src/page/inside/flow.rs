//! The sentence's way through the model as plain data and as a table: what every part adds, and what it comes to; of one moment, or how it differs
//! from that of another.
//!
//! In: `Flow` answers. Out: [`Way`], HTML. Absent: drawing (`flow_draw`), asking, the logit lens (`lens`).

use super::arithmetic::{moment, table_of};
use super::labels::label;
use super::numbers::{TableRow, change_of, signed, table};
use crate::page::state::Told;
use crate::page::strings::questions;
use crate::protocol::explain::{Answer, floats, whole_numbers};

/// Next words that are shown; the answers have more, so that a word that comes up is found in the earlier answer too.
const SHOWN: usize = 10;

/// A likely next word, or how its numbers have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    pub label: String,
    /// Of a change only where both moments name the word.
    pub logit: Option<f32>,
    pub probability: f32,
    /// How likely the dials make it to be written, 0 for what they leave out. Of a change only where both moments name the word.
    pub chance: Option<f32>,
    /// The change is at least this large: one of the two moments has the word among the unlikely ones that it does not name.
    pub at_least: bool,
}

impl Next {
    /// The chance in percent, or its change in percentage points; nothing where it is not known.
    pub fn chance_text(&self, digits: usize, is_change: bool) -> String {
        let chance = self.chance.map(|chance| chance * 100.0);
        chance.map_or_else(String::new, |chance| if is_change { change_of(chance, digits) } else { format!("{chance:.digits$} %") })
    }

    /// The probability in percent, or its change in percentage points.
    pub fn probability_text(&self, digits: usize, is_change: bool) -> String {
        let percent = self.probability * 100.0;
        match (is_change, self.at_least, percent < 0.0) {
            (false, ..) => format!("{percent:.digits$} %"),
            (true, false, _) => change_of(percent, digits),
            (true, true, false) => format!("\u{2265}{}", change_of(percent, digits)),
            (true, true, true) => format!("\u{2264}{}", change_of(percent, digits)),
        }
    }
}

/// A `Flow` answer, read and checked, or the changes from one to another. Lengths of vectors; `t` tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    pub step: u32,
    /// All numbers are changes since this step.
    pub minus: Option<u32>,
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
    /// `[t]`, likeliest first; of changes the largest first.
    next: Vec<Vec<Next>>,
}

impl Way {
    /// Of an answer; nothing where it is another one, or where its buffers are not as long as they must be.
    pub fn read(told: &Told) -> Option<Self> {
        let Answer::Flow { layers, heads, top, tokens, words } = &told.answer else { return None };
        let (layers, heads, top, count) = (*layers as usize, *heads as usize, *top as usize, tokens.len());
        let part = |index: usize, length: usize| told.buffers.get(index).map(|part| floats(part)).filter(|part| part.len() == length);
        let ids = whole_numbers(told.buffers.get(5)?);
        let (logits, probabilities, chances) = (part(6, count * top)?, part(7, count * top)?, part(8, count * top)?);
        let next = |at: usize| {
            let word = words.get(*ids.get(at)? as usize)?;
            Some(Next {
                label: label(word),
                logit: Some(logits[at]),
                probability: probabilities[at],
                chance: Some(chances[at]),
                at_least: false,
            })
        };
        Some(Self {
            step: told.step,
            minus: None,
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

    /// How everything has changed since an earlier answer about the same sentence and shape of model; nothing where it is about another.
    pub fn minus(&self, before: &Self) -> Option<Self> {
        if (self.layers, self.heads, &self.labels) != (before.layers, before.heads, &before.labels) {
            return None;
        }
        let changes = |to: &[f32], from: &[f32]| to.iter().zip(from).map(|(to, from)| to - from).collect();
        Some(Self {
            minus: Some(before.step),
            embedding: changes(&self.embedding, &before.embedding),
            added: changes(&self.added, &before.added),
            attention: changes(&self.attention, &before.attention),
            mlp: changes(&self.mlp, &before.mlp),
            stream: changes(&self.stream, &before.stream),
            next: self.next.iter().zip(&before.next).map(|(to, from)| next_changes(to, from)).collect(),
            ..self.clone()
        })
    }

    /// The next words after a token that are shown.
    pub fn next(&self, token: usize) -> &[Next] {
        let next = self.next.get(token).map(Vec::as_slice).unwrap_or_default();
        &next[..next.len().min(SHOWN)]
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
        let of = |numbers: &[f32]| numbers.iter().copied().map(f32::abs).fold(f32::MIN_POSITIVE, f32::max);
        (of(&self.added), of(&self.mlp), of(&self.stream).max(of(&self.embedding)))
    }

    fn at(&self, numbers: &[f32], row: usize, token: usize) -> f32 {
        numbers.get(row * self.labels.len() + token).copied().unwrap_or_default()
    }

    /// The name of the picture.
    pub fn title(&self) -> String {
        (questions::words().flow.title)(&moment(self.step, self.minus))
    }

    /// Two tables: the next words after `token` (rows carry `data-word`, `data-logit`, `data-probability`, `data-chance`), and the lengths for every token
    /// (rows carry `data-token`, `data-embedding`). Of changes, a sentence before them says so.
    pub fn table(&self, token: usize) -> String {
        let own = &questions::words().flow;
        let after = self.labels.get(token).map(|label| (own.after)(label)).unwrap_or_default();
        let is_change = self.minus.is_some();
        let text = |number: f32| if is_change { change_of(number, 2) } else { signed(number) };
        let choice = |next: &Next| TableRow {
            data: vec![
                ("word", next.label.clone()),
                ("logit", next.logit.map(|logit| format!("{logit:.4}")).unwrap_or_default()),
                ("probability", format!("{:.5}", next.probability)),
                ("chance", next.chance.map(|chance| format!("{chance:.5}")).unwrap_or_default()),
            ],
            name: next.label.clone(),
            cells: vec![next.logit.map(text).unwrap_or_default(), next.probability_text(2, is_change), next.chance_text(2, is_change)],
        };
        let choices: Vec<TableRow> = self.next(token).iter().map(choice).collect();
        let mut headings = vec![questions::words().token.to_owned(), own.embedding.to_owned()];
        for layer in 1..=self.layers {
            headings.extend([format!("{} {layer}", own.heads), format!("{} {layer}", own.mlp), (own.block)(layer)]);
        }
        let row = |token: usize| TableRow {
            data: vec![("token", token.to_string()), ("embedding", format!("{:.4}", self.embedding[token]))],
            name: self.labels[token].clone(),
            cells: std::iter::once(self.embedding[token])
                .chain((0..self.layers).flat_map(|layer| [self.attention(layer, token), self.mlp(layer, token), self.stream(layer, token)]))
                .map(text)
                .collect(),
        };
        let rows: Vec<TableRow> = (0..self.labels.len()).map(row).collect();
        let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
        let probability = if is_change { own.probability_points } else { own.probability };
        let choices = table(&[&after, own.logit, probability, own.chance], &choices);
        let both = format!("{choices}<p class=\"small\">{}</p>{}", own.length, table(&headings, &rows));
        table_of(self.step, self.minus, &both)
    }
}

/// How the shares of next words have changed, the largest change first. An answer names the likeliest words only: of a word that one of the two does not
/// name, its share there is known to be no more than the smallest named one.
fn next_changes(to: &[Next], from: &[Next]) -> Vec<Next> {
    let find = |list: &[Next], label: &str| list.iter().find(|next| next.label == label).cloned();
    let least = |list: &[Next]| list.iter().map(|next| next.probability).fold(1.0, f32::min);
    let (least_to, least_from) = (least(to), least(from));
    let mut changes: Vec<Next> = to
        .iter()
        .map(|next| match find(from, &next.label) {
            Some(before) => Next {
                logit: next.logit.zip(before.logit).map(|(to, from)| to - from),
                probability: next.probability - before.probability,
                chance: next.chance.zip(before.chance).map(|(to, from)| to - from),
                ..next.clone()
            },
            None => Next { logit: None, probability: next.probability - least_from, chance: None, at_least: true, ..next.clone() },
        })
        // What may have risen or fallen says nothing.
        .filter(|next| !next.at_least || next.probability > 0.0)
        .collect();
    let gone = from.iter().filter(|before| find(to, &before.label).is_none() && before.probability > least_to);
    changes.extend(gone.map(|before| Next {
        logit: None,
        probability: least_to - before.probability,
        chance: None,
        at_least: true,
        ..before.clone()
    }));
    changes.sort_by(|a, b| b.probability.abs().total_cmp(&a.probability.abs()));
    changes
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
            f(&[0.0, 0.9]),
        ];
        Told { run: 0, step: 3, answer, buffers }
    }

    #[test]
    fn a_way_is_read_by_layer_head_and_token() {
        let way = Way::read(&short_way()).unwrap();
        assert_eq!((way.head(0, 1, 0), way.head(0, 0, 1), way.attention(0, 1), way.mlp(0, 0), way.stream(0, 1)), (0.3, 0.2, 0.6, 0.7, 4.0));
        assert_eq!(way.next(1), [Next { label: "·c".into(), logit: Some(6.0), probability: 0.75, chance: Some(0.9), at_least: false }]);
        assert_eq!(way.largest(), (0.4, 0.8, 4.0));
        let html = way.table(1);
        assert!(html.contains("data-word=\"·c\" data-logit=\"6.0000\" data-probability=\"0.75000\""), "{html}");
        let mut broken = short_way();
        broken.buffers[5] = whole_bytes(&[1, 9]);
        assert_eq!(Way::read(&broken), None, "a word that is not in the list");
    }

    /// How the short way has changed since step 0, when the words after it were others.
    pub fn changed_way() -> Way {
        let way = Way::read(&short_way()).unwrap();
        let next = |label: &str, probability| Next {
            label: label.into(),
            logit: Some(1.0),
            probability,
            chance: Some(probability),
            at_least: false,
        };
        let (mut now, mut before) = (way.clone(), way.clone());
        now.next[1] = vec![next("x", 0.7), next("y", 0.2), next("z", 0.1)];
        before.next[1] = vec![next("y", 0.5), next("w", 0.3), next("v", 0.05)];
        (before.step, before.mlp, before.added[3]) = (0, vec![0.7, 1.0], 0.15);
        now.minus(&before).unwrap()
    }

    #[test]
    fn changes_know_what_cannot_be_known() {
        let way = changed_way();
        assert_eq!((way.step, way.minus), (3, Some(0)));
        assert!((way.mlp(0, 1) + 0.2).abs() < 1e-6 && (way.head(0, 1, 1) - 0.25).abs() < 1e-6 && way.mlp(0, 0) == 0.0);
        let said: Vec<_> = way.next(1).iter().map(|next| (next.label.as_str(), next.probability_text(1, true), next.logit)).collect();
        let bound = |sign: &str, text: &str| format!("{sign}{text}");
        // x was at most as likely as v, z perhaps too: then it rose by 5 points at least. w is now at most as likely as z.
        assert_eq!(
            said,
            [
                ("x", bound("\u{2265}", "+65.0"), None),
                ("y", "\u{2212}30.0".to_owned(), Some(0.0)),
                ("w", bound("\u{2264}", "\u{2212}20.0"), None),
                ("z", bound("\u{2265}", "+5.0"), None),
            ],
            "v may have become more or less likely"
        );
        let html = way.table(1);
        assert!(html.contains("data-minus=\"0\"") && html.contains("\u{2212}0.20") && html.contains("points"), "{html}");
        let other = Way { labels: vec!["q".into(), "r".into()], ..way.clone() };
        assert_eq!(way.minus(&other), None, "another sentence");
    }
}
