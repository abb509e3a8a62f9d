//! The arithmetic of one word in one head as plain data and as a table: of one moment, or how it differs from that of another.
//!
//! In: `Arithmetic` answers. Out: [`Numbers`], HTML. Absent: drawing (`arithmetic_draw`), asking, pointing.

use super::labels::label;
use super::numbers::{TableRow, change_of, signed, table};
use crate::page::state::Told;
use crate::page::strings::{questions, words};
use crate::protocol::explain::{Answer, floats};

/// The formula's pieces in order: a part's name and how it is written; a piece without a name is only written. `d` is the head's size.
pub const FORMULA: [(&str, &str); 11] = [
    ("softmax", "softmax"),
    ("", "("),
    ("q", "Q"),
    ("dot", "·"),
    ("k", "Kᵀ"),
    ("scale", "/ √d"),
    ("mask", "+ mask"),
    ("", ")"),
    ("", "·"),
    ("v", "V"),
    ("sum", "= sum"),
];

/// An answer, read and checked; or the changes from one answer to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    pub step: u32,
    /// All numbers are changes since this step; but `masked` keeps its −∞.
    pub minus: Option<u32>,
    pub layer: usize,
    pub head: usize,
    pub query: usize,
    pub size: usize,
    pub labels: Vec<String>,
    pub q: Vec<f32>,
    /// `[tokens, size]`
    pub keys: Vec<f32>,
    pub dots: Vec<f32>,
    pub scaled: Vec<f32>,
    pub masked: Vec<f32>,
    pub weights: Vec<f32>,
    /// `[tokens, size]`
    pub values: Vec<f32>,
    pub sum: Vec<f32>,
}

impl Numbers {
    /// Of an answer; nothing where it is another one, or where its buffers are not as long as they must be.
    pub fn read(told: &Told) -> Option<Self> {
        let Answer::Arithmetic { layer, head, query, size, tokens, .. } = &told.answer else { return None };
        let (size, count) = (*size as usize, tokens.len());
        let mut parts = told.buffers.iter().map(|buffer| floats(buffer));
        let mut next = |length: usize| parts.next().filter(|part| part.len() == length);
        Some(Self {
            step: told.step,
            minus: None,
            layer: *layer as usize,
            head: *head as usize,
            query: *query as usize,
            size,
            labels: tokens.iter().map(|token| label(token)).collect(),
            q: next(size)?,
            keys: next(count * size)?,
            dots: next(count)?,
            scaled: next(count)?,
            masked: next(count)?,
            weights: next(count)?,
            values: next(count * size)?,
            sum: next(size)?,
        })
    }

    /// How the numbers have changed since an earlier answer about the same word, head and sentence; nothing where it is about another.
    pub fn minus(&self, before: &Self) -> Option<Self> {
        let place = |numbers: &Self| (numbers.layer, numbers.head, numbers.query, numbers.size);
        if place(self) != place(before) || self.labels != before.labels {
            return None;
        }
        let change = |to: f32, from: f32| if to == f32::NEG_INFINITY { to } else { to - from };
        let changes = |to: &[f32], from: &[f32]| to.iter().zip(from).map(|(&to, &from)| change(to, from)).collect();
        Some(Self {
            minus: Some(before.step),
            q: changes(&self.q, &before.q),
            keys: changes(&self.keys, &before.keys),
            dots: changes(&self.dots, &before.dots),
            scaled: changes(&self.scaled, &before.scaled),
            masked: changes(&self.masked, &before.masked),
            weights: changes(&self.weights, &before.weights),
            values: changes(&self.values, &before.values),
            sum: changes(&self.sum, &before.sum),
            ..self.clone()
        })
    }

    /// The numbers of one token.
    pub fn vector<'a>(&self, of: &'a [f32], token: usize) -> &'a [f32] {
        of.get(token * self.size..(token + 1) * self.size).unwrap_or_default()
    }

    /// The picture's name; follows layer, head, word and step.
    pub fn title(&self) -> String {
        let token = self.labels.get(self.query).map_or("", String::as_str);
        (questions::words().arithmetic.title)(self.layer + 1, self.head + 1, token, &moment(self.step, self.minus))
    }

    /// What one row says.
    pub fn row_says(&self, key: usize) -> Option<String> {
        let words = &questions::words().arithmetic;
        let (query, key_label) = (self.labels.get(self.query)?, self.labels.get(key)?);
        if key > self.query {
            return Some((words.later)(query, key_label));
        }
        let (dot, scaled, weight) = (*self.dots.get(key)?, *self.scaled.get(key)?, *self.weights.get(key)?);
        Some(match self.minus {
            Some(from) => (words.row_change)(query, key_label, dot, scaled, weight, from),
            None => (words.row)(query, key_label, dot, scaled, weight),
        })
    }

    /// A number, or with its sign a change.
    pub fn text(&self, number: f32) -> String {
        if self.minus.is_some() { change_of(number, 2) } else { signed(number) }
    }

    /// A weight in percent, or a change of it in percentage points.
    pub fn weight_text(&self, weight: f32, digits: usize) -> String {
        let percent = weight * 100.0;
        if self.minus.is_some() { change_of(percent, digits) } else { format!("{percent:.digits$} %") }
    }

    /// All numbers as a table; rows carry `data-key`, `data-dot`, `data-scaled`, `data-weight`, the last one `data-sum`. Of changes, a sentence before it
    /// says so.
    pub fn table(&self) -> String {
        let list = |numbers: &[f32]| numbers.iter().map(|&number| self.text(number)).collect::<Vec<_>>().join(" ");
        let exact = |numbers: &[f32]| numbers.iter().map(|number| format!("{number:.5}")).collect::<Vec<_>>().join(",");
        let own = &questions::words().arithmetic;
        let scaled = format!("÷ √{}", self.size);
        let weight = if self.minus.is_some() { own.weight_points } else { own.weight };
        let headings = [questions::words().token, "q·k", &scaled, "+ mask", weight, own.key, own.value];
        let mut rows: Vec<TableRow> = (0..self.labels.len())
            .map(|key| TableRow {
                data: vec![
                    ("key", key.to_string()),
                    ("dot", format!("{:.5}", self.dots[key])),
                    ("scaled", format!("{:.5}", self.scaled[key])),
                    ("weight", format!("{:.5}", self.weights[key])),
                ],
                name: self.labels[key].clone(),
                cells: vec![
                    self.text(self.dots[key]),
                    self.text(self.scaled[key]),
                    self.text(self.masked[key]),
                    self.weight_text(self.weights[key], 2),
                    list(self.vector(&self.keys, key)),
                    list(self.vector(&self.values, key)),
                ],
            })
            .collect();
        let blank = String::new;
        rows.insert(
            0,
            TableRow {
                data: vec![("query", exact(&self.q))],
                name: own.query.to_owned(),
                cells: vec![blank(), blank(), blank(), blank(), list(&self.q), blank()],
            },
        );
        rows.push(TableRow {
            data: vec![("sum", exact(&self.sum))],
            name: own.sum.to_owned(),
            cells: vec![blank(), blank(), blank(), blank(), blank(), list(&self.sum)],
        });
        table_of(self.step, self.minus, &table(&headings, &rows))
    }
}

/// A moment in words: "step 120", or "step 120 minus step 0".
pub fn moment(step: u32, minus: Option<u32>) -> String {
    let past = &words().past;
    minus.map_or_else(|| (past.moment)(step), |from| (past.minus)(step, from))
}

/// The same as a part of a file's name.
pub fn moment_file(step: u32, minus: Option<u32>) -> String {
    minus.map_or_else(|| format!("step{step}"), |from| format!("step{step}-minus-step{from}"))
}

/// A table; of changes, with a sentence that says so.
pub fn table_of(step: u32, minus: Option<u32>, table: &str) -> String {
    let said = minus.map(|from| format!("<p class=\"small\" data-minus=\"{from}\">{}</p>", (questions::words().changes)(step, from)));
    said.unwrap_or_default() + table
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::protocol::explain::float_bytes;

    /// Two words, a head of one number: the second looks at both alike.
    pub fn two_words() -> Told {
        let answer = Answer::Arithmetic { layer: 0, head: 1, query: 0, size: 1, scale: 1.0, tokens: vec!["a".into(), " <b>".into()] };
        let parts: [&[f32]; 8] =
            [&[2.0], &[3.0, -1.0], &[6.0, -2.0], &[6.0, -2.0], &[6.0, f32::NEG_INFINITY], &[1.0, 0.0], &[5.0, 7.0], &[5.0]];
        Told { run: 1, step: 4, answer, buffers: parts.iter().map(|part| float_bytes(part)).collect() }
    }

    #[test]
    fn an_answer_is_read_in_the_order_of_its_buffers() {
        let numbers = Numbers::read(&two_words()).unwrap();
        assert_eq!((numbers.q.as_slice(), numbers.dots.as_slice(), numbers.sum.as_slice()), (&[2.0][..], &[6.0, -2.0][..], &[5.0][..]));
        assert_eq!(numbers.vector(&numbers.values, 1), [7.0]);
        let mut short = two_words();
        short.buffers[6].truncate(4);
        assert_eq!(Numbers::read(&short), None);
    }

    #[test]
    fn the_table_has_every_number() {
        let numbers = Numbers::read(&two_words()).unwrap();
        let html = numbers.table();
        assert!(html.contains("data-key=\"1\" data-dot=\"-2.00000\"") && html.contains("<td>\u{2212}\u{221e}</td>"), "{html}");
        assert!(html.contains("data-query=\"2.00000\"") && html.contains("data-sum=\"5.00000\""));
    }

    /// How the two words' numbers have changed since step 0, when nothing was like anything.
    pub fn changed() -> Numbers {
        let zeros: [&[f32]; 8] = [&[0.0], &[0.0; 2], &[0.0; 2], &[0.0; 2], &[0.0, f32::NEG_INFINITY], &[0.75, 0.25], &[9.0, 7.0], &[0.0]];
        let before = Told { step: 0, buffers: zeros.iter().map(|part| float_bytes(part)).collect(), ..two_words() };
        Numbers::read(&two_words()).unwrap().minus(&Numbers::read(&before).unwrap()).unwrap()
    }

    #[test]
    fn a_difference_is_of_every_number_and_says_so() {
        let changed = changed();
        assert_eq!((changed.step, changed.minus), (4, Some(0)));
        assert_eq!((changed.weights.as_slice(), changed.values.as_slice()), (&[0.25, -0.25][..], &[-4.0, 0.0][..]));
        assert_eq!(changed.masked, [6.0, f32::NEG_INFINITY], "what is masked stays masked");
        let html = changed.table();
        assert!(html.contains("data-minus=\"0\"") && html.contains("<td>+25.00</td>") && html.contains("<td>\u{2212}25.00</td>"), "{html}");
        assert!(
            html.contains("data-key=\"0\" data-dot=\"6.00000\"") && html.contains("<td>+6.00</td>") && html.contains("points"),
            "{html}"
        );
        assert!(changed.title().ends_with("step 4 minus step 0") && changed.row_says(0).unwrap().contains("+25.0 points"));
        let numbers = Numbers::read(&two_words()).unwrap();
        assert_eq!(numbers.minus(&Numbers { head: 0, ..numbers.clone() }), None, "another head");
        assert!(numbers.minus(&numbers).unwrap().dots.iter().all(|&change| change == 0.0));
    }

    #[test]
    fn rows_are_read_aloud() {
        let numbers = Numbers::read(&two_words()).unwrap();
        assert!(numbers.row_says(0).unwrap().contains("q·k = 6.00, scaled 6.00, after softmax 100.0 %"));
        assert!(numbers.row_says(1).unwrap().contains("comes after"));
        assert_eq!(numbers.row_says(2), None);
    }
}
