//! Texts whose tokens have a class of their own, as passes of a model: a tag on a word's last token, or the token that follows.
//!
//! In: token ids, and for each place its class or −1. Out: [`TokenPass`]es, and with them where every counted token came from. A text longer
//! than a row is read in windows that overlap by a quarter, the last one ending where the text ends; a token that is read twice counts once, in the first
//! window that reads it: there it stands late, with most of its past before it. Windows of one text may lie in different passes, and there is no limit
//! to their number: unlike pooled states they have nothing to do with each other.

use std::ops::Range;

use burn::tensor::Tensor;

use super::passes::{Shape, overlapping, row_length};
use crate::model::SequenceModel;
use crate::model::ops;
use crate::model::parameters::{ParameterError, read_floats};

/// An example: its number, its tokens, and for each the class that it should give, −1 where none counts.
#[derive(Debug, Clone, Copy)]
pub struct TokenExample<'a> {
    pub number: usize,
    pub ids: &'a [u32],
    /// As many as there are ids.
    pub targets: &'a [i32],
}

/// A row of a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Number of its example.
    pub number: usize,
    /// Tokens of the example that are read.
    pub window: Range<usize>,
    /// First token that counts here: those before it counted in an earlier window.
    pub first: usize,
}

/// What goes through the model at once.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenPass {
    /// `[rows * time]`, padded on the right.
    pub inputs: Vec<i32>,
    /// As many; −1 where nothing counts.
    pub targets: Vec<i32>,
    pub time: usize,
    /// Those that are no padding.
    pub rows: Vec<TokenRow>,
    /// Tokens that are no padding.
    pub tokens: usize,
}

/// A counted token of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Place in the pass.
    pub place: usize,
    /// Number of its example, and its place there.
    pub number: usize,
    pub token: usize,
}

impl TokenPass {
    /// The tokens that have a target, in the order of the pass.
    pub fn counted(&self) -> impl Iterator<Item = Counted> {
        self.rows.iter().enumerate().flat_map(move |(row, TokenRow { number, window, first })| {
            let token = move |token: usize| Counted { place: row * self.time + token - window.start, number: *number, token };
            (*first..window.end).map(token).filter(|counted| self.targets[counted.place] >= 0)
        })
    }
}

/// Windows of a text of so many tokens.
pub fn windows(tokens: usize, window: usize) -> usize {
    overlapping(tokens, window).count()
}

/// Examples as passes: rows of a kind together, so that little is padding.
pub fn token_passes(examples: &[TokenExample], window: usize, shape: Shape) -> Vec<TokenPass> {
    let mut rows: Vec<(&TokenExample, TokenRow)> = Vec::new();
    for example in examples.iter().filter(|example| !example.ids.is_empty()) {
        let mut first = 0;
        for window in overlapping(example.ids.len(), window) {
            let end = window.end;
            rows.push((example, TokenRow { number: example.number, window, first }));
            first = end;
        }
    }
    rows.sort_by_key(|(_, row)| row.window.len());
    let (mut passes, mut first) = (Vec::new(), 0);
    for end in 1..=rows.len() {
        // Sorted: the next row would be the longest.
        let most = rows.get(end).map_or(0, |(_, next)| shape.rows_of(next.window.len(), window.max(1)));
        if end - first >= most {
            passes.push(pass(&rows[first..end], window, shape));
            first = end;
        }
    }
    passes
}

fn pass(rows: &[(&TokenExample, TokenRow)], window: usize, shape: Shape) -> TokenPass {
    let longest = rows.iter().map(|(_, row)| row.window.len()).max().unwrap_or(1);
    let time = row_length(longest, window.max(1), shape.fixed);
    let count = if shape.fixed { shape.rows.max(1) } else { rows.len() };
    let (mut inputs, mut targets) = (vec![0; count * time], vec![-1; count * time]);
    for (at, (example, row)) in rows.iter().enumerate() {
        let start = at * time;
        for (place, &id) in inputs[start..].iter_mut().zip(&example.ids[row.window.clone()]) {
            *place = id as i32;
        }
        let skipped = row.first - row.window.start;
        targets[start + skipped..start + row.window.len()].copy_from_slice(&example.targets[row.first..row.window.end]);
    }
    let tokens = rows.iter().map(|(_, row)| row.window.len()).sum();
    TokenPass { inputs, targets, time, rows: rows.iter().map(|(_, row)| row.clone()).collect(), tokens }
}

/// What a model without autodiff says at every place of a pass: `[rows * time, outputs]`, flat. Reads back once; for few outputs.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn token_outputs(model: &SequenceModel, pass: &TokenPass) -> Result<Vec<f32>, ParameterError> {
    read_floats(outputs(model, pass)).await
}

/// Cross-entropy at every place of a pass in nats, 0 where nothing counts, by a model without autodiff: `[rows * time]`. Reads back once.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn token_losses(model: &SequenceModel, pass: &TokenPass) -> Result<Vec<f32>, ParameterError> {
    let targets = Tensor::from_data(pass.targets.as_slice(), &crate::model::Parameters::device(model));
    read_floats(ops::token_losses(outputs(model, pass), targets)).await
}

fn outputs(model: &SequenceModel, pass: &TokenPass) -> Tensor<2> {
    let ids = Tensor::from_data(pass.inputs.as_slice(), &crate::model::Parameters::device(model));
    model.token_outputs(ids, pass.time, &model.body.no_dropout())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lengths: &[usize], window: usize, shape: Shape) -> Vec<TokenPass> {
        let ids: Vec<Vec<u32>> = lengths.iter().map(|&length| (1..=length as u32).collect()).collect();
        // Every third token counts, and its class says where it stands.
        let targets: Vec<Vec<i32>> =
            lengths.iter().map(|&length| (0..length as i32).map(|place| if place % 3 == 0 { place } else { -1 }).collect()).collect();
        let examples: Vec<TokenExample> =
            (0..lengths.len()).map(|number| TokenExample { number, ids: &ids[number], targets: &targets[number] }).collect();
        let passes = token_passes(&examples, window, shape);
        let mut seen = Vec::new();
        for pass in &passes {
            assert_eq!((pass.inputs.len(), pass.targets.len() % pass.time), (pass.targets.len(), 0));
            assert!(pass.rows.len() <= shape.rows && pass.time <= window);
            for counted in pass.counted() {
                assert_eq!(pass.targets[counted.place], counted.token as i32);
                assert_eq!(pass.inputs[counted.place], counted.token as i32 + 1, "an input stands under its own target");
                seen.push((counted.number, counted.token));
            }
            assert_eq!(pass.targets.iter().filter(|&&target| target >= 0).count(), pass.counted().count());
        }
        seen.sort_unstable();
        let all: Vec<(usize, usize)> =
            lengths.iter().enumerate().flat_map(|(number, &length)| (0..length).step_by(3).map(move |token| (number, token))).collect();
        assert_eq!(seen, all, "every counted token counts once");
        passes
    }

    #[test]
    fn every_token_counts_once_whatever_the_shape() {
        for rows in [1, 3, 50] {
            for fixed in [false, true] {
                check(&[1, 3, 7, 8, 9, 20, 33, 170], 8, Shape { rows, fixed });
            }
        }
        assert!(check(&[0], 8, Shape { rows: 4, fixed: false }).is_empty());
    }

    #[test]
    fn a_token_counts_where_most_stands_before_it() {
        let passes = check(&[15], 8, Shape { rows: 4, fixed: false });
        let rows: Vec<(Range<usize>, usize)> = passes[0].rows.iter().map(|row| (row.window.clone(), row.first)).collect();
        assert_eq!(rows, [(0..8, 0), (6..14, 8), (7..15, 14)]);
    }
}
