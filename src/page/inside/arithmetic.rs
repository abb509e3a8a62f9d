//! The arithmetic of one word in one head as plain data, as a picture and as a table.
//!
//! In: an `Arithmetic` answer. Out: [`Numbers`], SVG, HTML. Parts of picture and formula carry the same names (`data-part`), so that one lights up
//! with the other. Absent: asking, pointing.

use super::geometry::{columns, shortened};
use super::labels::label;
use super::numbers::{TableRow, signed, table};
use super::svg::{Anchor, Svg};
use crate::page::chart::palette::Palette;
use crate::page::state::Told;
use crate::page::strings::words;
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

/// Height of a row.
const ROW: f64 = 20.0;
const TYPE: f64 = 11.5;

/// An answer, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    pub step: u32,
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

    fn vector<'a>(&self, of: &'a [f32], token: usize) -> &'a [f32] {
        of.get(token * self.size..(token + 1) * self.size).unwrap_or_default()
    }

    /// The picture's name; follows layer, head, word and step.
    pub fn title(&self) -> String {
        let token = self.labels.get(self.query).map_or("", String::as_str);
        (words().questions.arithmetic.title)(self.layer + 1, self.head + 1, token, self.step)
    }

    /// What one row says.
    pub fn row_says(&self, key: usize) -> Option<String> {
        let words = &words().questions.arithmetic;
        let (query, key_label) = (self.labels.get(self.query)?, self.labels.get(key)?);
        if key > self.query {
            return Some((words.later)(query, key_label));
        }
        Some((words.row)(query, key_label, *self.dots.get(key)?, *self.scaled.get(key)?, *self.weights.get(key)?))
    }

    /// All numbers as a table; rows carry `data-key`, `data-dot`, `data-scaled`, `data-weight`, the last one `data-sum`.
    pub fn table(&self) -> String {
        let list = |numbers: &[f32]| numbers.iter().map(|&number| signed(number)).collect::<Vec<_>>().join(" ");
        let exact = |numbers: &[f32]| numbers.iter().map(|number| format!("{number:.5}")).collect::<Vec<_>>().join(",");
        let own = &words().questions.arithmetic;
        let scaled = format!("÷ √{}", self.size);
        let headings = [words().questions.token, "q·k", &scaled, "+ mask", own.weight, own.key, own.value];
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
                    signed(self.dots[key]),
                    signed(self.scaled[key]),
                    signed(self.masked[key]),
                    format!("{:.2} %", self.weights[key] * 100.0),
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
        table(&headings, &rows)
    }
}

/// Draws the picture for this width; returns it with its height.
pub fn draw<'a>(numbers: &Numbers, width: f64, palette: &'a Palette) -> (Svg<'a>, f64) {
    let own = &words().questions.arithmetic;
    let mut svg = Svg::new(palette);
    let count = numbers.labels.len();
    let narrow = width < 460.0;
    let (number, share, mask) = if narrow { (47.0, 48.0, 22.0) } else { (52.0, 104.0, 38.0) };
    let longest = numbers.labels.iter().map(|label| columns(label)).max().unwrap_or(1) as f64;
    let names = (longest * 7.2 + 8.0).clamp(36.0, width * if narrow { 0.2 } else { 0.16 });
    let strip = ((width - names - 2.0 * number - mask - share - 12.0) / 2.0).max(30.0);
    // Left edges: names, keys, products, scaled, mask, softmax, values.
    let (key_x, dot_x) = (names + 4.0, names + 4.0 + strip);
    let (scaled_x, mask_x) = (dot_x + number, dot_x + 2.0 * number);
    let (share_x, value_x) = (mask_x + mask + 4.0, mask_x + mask + share + 4.0);
    let y = |row: f64| row * ROW;
    let last = count as f64 + 2.0;
    let most = ((names - 6.0) / 7.0) as usize;

    let heading = |svg: &mut Svg, part: &str, text: &str, x: f64, wide: f64| {
        svg.group(format_args!("data-part=\"{part}\""));
        svg.text(text, (x + wide / 2.0, y(0.5)), Anchor::Middle, TYPE, &palette.muted, false);
        svg.end();
    };
    heading(&mut svg, "k", own.key, key_x, strip);
    heading(&mut svg, "dot", "q·k", dot_x, number);
    heading(&mut svg, "scale", &format!("÷√{}", numbers.size), scaled_x, number);
    heading(&mut svg, "mask", if narrow { "+m" } else { "+ mask" }, mask_x, mask);
    heading(&mut svg, "softmax", own.weight, share_x, share);
    heading(&mut svg, "v", own.value, value_x, strip);

    let largest = |numbers: &[f32]| numbers.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
    let (of_keys, of_values) = (largest(&numbers.keys).max(largest(&numbers.q)), largest(&numbers.values));
    svg.group(format_args!("data-part=\"q\""));
    svg.rect((0.0, y(1.0)), (key_x + strip, ROW), &palette.soft, 1.0);
    svg.text(
        &shortened(&format!("q {}", numbers.labels[numbers.query.min(count.saturating_sub(1))]), most + 1),
        (4.0, y(1.5)),
        Anchor::Start,
        TYPE,
        &palette.ink,
        true,
    );
    svg.bars(&numbers.q, (key_x, y(1.0) + 1.0), (strip, ROW - 2.0), of_keys);
    svg.end();

    for key in 0..count {
        let top = y(key as f64 + 2.0);
        let middle = top + ROW / 2.0;
        let later = key > numbers.query;
        let ink = if later { &palette.faint } else { &palette.ink };
        svg.group(format_args!("data-row=\"{key}\""));
        svg.hit((0.0, top), (width, ROW));
        svg.text(&shortened(&numbers.labels[key], most.max(2)), (names - 2.0, middle), Anchor::End, TYPE, ink, true);
        svg.group(format_args!("data-part=\"k\""));
        svg.bars(numbers.vector(&numbers.keys, key), (key_x, top + 1.0), (strip, ROW - 2.0), of_keys);
        svg.end();
        let mut cell = |part: &str, text: &str, x: f64, ink: &str| {
            svg.group(format_args!("data-part=\"{part}\""));
            svg.text(text, (x, middle), Anchor::End, TYPE, ink, false);
            svg.end();
        };
        cell("dot", &signed(numbers.dots[key]), dot_x + number - 4.0, ink);
        cell("scale", &signed(numbers.scaled[key]), scaled_x + number - 4.0, ink);
        cell(
            "mask",
            if later { "\u{2212}\u{221e}" } else { "0" },
            mask_x + mask - 4.0,
            if later { &palette.valid } else { &palette.faint },
        );
        let weight = f64::from(numbers.weights[key]);
        svg.group(format_args!("data-part=\"softmax\""));
        let room = share - 44.0;
        svg.rect((share_x, top + 5.0), (room, ROW - 10.0), &palette.soft, 1.0);
        svg.rect((share_x, top + 5.0), (room * weight, ROW - 10.0), palette.head(numbers.head), 1.0);
        svg.text(&format!("{:.1} %", weight * 100.0), (share_x + share - 4.0, middle), Anchor::End, TYPE, ink, false);
        svg.end();
        // A value counts as much as its share: what is hardly looked at is drawn faintly.
        svg.group(format_args!("data-part=\"v\" fill-opacity=\"{:.2}\"", 0.25 + 0.75 * weight.sqrt()));
        svg.bars(numbers.vector(&numbers.values, key), (value_x, top + 1.0), (strip, ROW - 2.0), of_values);
        svg.end();
        svg.end();
    }
    svg.group(format_args!("data-part=\"sum\""));
    svg.rect((mask_x, y(last)), (width - mask_x, ROW), &palette.soft, 1.0);
    svg.text(own.sum, (value_x - 6.0, y(last) + ROW / 2.0), Anchor::End, TYPE, &palette.ink, false);
    svg.bars(&numbers.sum, (value_x, y(last) + 1.0), (strip, ROW - 2.0), of_values);
    svg.end();
    (svg, y(last + 1.0))
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
    fn the_table_has_every_number_and_the_picture_every_part() {
        let numbers = Numbers::read(&two_words()).unwrap();
        let html = numbers.table();
        assert!(html.contains("data-key=\"1\" data-dot=\"-2.00000\"") && html.contains("<td>\u{2212}\u{221e}</td>"), "{html}");
        assert!(html.contains("data-query=\"2.00000\"") && html.contains("data-sum=\"5.00000\""));
        let palette = Palette::live();
        let (svg, height) = draw(&numbers, 560.0, &palette);
        let svg = svg.live(560.0, height, "x");
        for (part, _) in FORMULA.iter().filter(|(part, _)| !part.is_empty()) {
            assert!(svg.contains(&format!("data-part=\"{part}\"")), "{part}");
        }
        assert_eq!(svg.matches("data-row").count(), 2);
        assert!(svg.contains("·&lt;b&gt;") && svg.contains(">100.0 %<"));
    }

    #[test]
    fn rows_are_read_aloud() {
        let numbers = Numbers::read(&two_words()).unwrap();
        assert!(numbers.row_says(0).unwrap().contains("q·k = 6.00, scaled 6.00, after softmax 100.0 %"));
        assert!(numbers.row_says(1).unwrap().contains("comes after"));
        assert_eq!(numbers.row_says(2), None);
    }
}
