//! Whole texts as passes of a model: padded rows of one length, and the matrix that pools a row's states into a text's vector.
//!
//! In: token ids and targets. Out: [`SequencePass`]es. A text that is longer than a row is read in windows of the row's length that overlap by a
//! quarter, the last one ending where the text ends; the pooled states of its windows are averaged. Nothing is cut in silence: what lies beyond
//! [`MOST_WINDOWS`] windows is not read, and [`Reading::is_cut`] says so.
//!
//! In training an epoch may read one part of each long text instead ([`Example::part`]).
//!
//! The two texts of a pair may be read apart ([`Example::second`]): each in rows of its own, each with a vector of its own.

use std::ops::Range;

use super::task::Target;
use crate::text::drawn_part;

/// Windows of one text at most.
pub const MOST_WINDOWS: usize = 16;
/// Share of a window that the next one repeats: one over this.
const OVERLAP: usize = 4;
/// Rows on a processor are padded to a multiple of this.
const STEP: usize = 8;

/// What stands for a row of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The mean of the two others: half the last token's state, half the mean over all.
    Both,
    /// The state of the last token, as Hugging Face's GPT-2 has it: the only one that has seen the whole text.
    Last,
    /// The mean over the tokens.
    Mean,
}

/// How texts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Tokens of a row at most.
    pub window: usize,
    pub pooling: Pooling,
}

impl Reading {
    /// The windows of a text of so many tokens.
    pub fn windows(&self, tokens: usize) -> Vec<Range<usize>> {
        overlapping(tokens, self.window).take(MOST_WINDOWS).collect()
    }

    /// Not all of such a text is read.
    pub fn is_cut(&self, tokens: usize) -> bool {
        self.windows(tokens).last().is_some_and(|last| last.end < tokens)
    }
}

/// All windows of so many tokens: each begins three quarters of a window after the one before, and the last one ends where the text ends.
pub(super) fn overlapping(tokens: usize, window: usize) -> impl Iterator<Item = Range<usize>> {
    let window = window.max(1);
    let stride = (window - window / OVERLAP).max(1);
    let before_last = tokens.saturating_sub(window).div_ceil(stride);
    let last = tokens.saturating_sub(window)..tokens;
    (0..before_last).map(move |number| number * stride..number * stride + window).chain(std::iter::once(last))
}

/// Shapes of passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Rows of a whole window that go through the model at once; a text with more windows has a pass of its own.
    pub rows: usize,
    /// Every pass has one of few shapes: for devices that compile a kernel for each, and free buffers late. Otherwise rows are as short as the
    /// texts allow, none is empty, and of short ones as many go through at once as make the same number of tokens.
    pub fixed: bool,
}

impl Shape {
    /// Rows of a pass whose longest has so many tokens.
    pub(super) fn rows_of(self, longest: usize, window: usize) -> usize {
        let rows = if self.fixed { self.rows } else { self.rows * window / row_length(longest, window, false) };
        rows.max(1)
    }
}

/// An example: its number, its tokens, what it should give.
#[derive(Debug, Clone)]
pub struct Example<'a> {
    pub number: usize,
    pub ids: &'a [u32],
    /// Tokens of the second text of a pair that is read apart. All examples of a run have one, or none has.
    pub second: Option<&'a [u32]>,
    pub target: Target,
}

impl Example<'_> {
    /// With a window's length of each text that is longer: the part that the seed draws for this epoch.
    #[must_use]
    pub fn part(mut self, reading: Reading, seed: u64, epoch: u64) -> Self {
        let place = 2 * self.number as u64;
        self.ids = &self.ids[drawn_part(seed, epoch, place, self.ids.len(), reading.window)];
        self.second = self.second.map(|ids| &ids[drawn_part(seed, epoch, place + 1, ids.len(), reading.window)]);
        self
    }

    fn texts(&self) -> impl Iterator<Item = &[u32]> {
        std::iter::once(self.ids).chain(self.second)
    }

    fn longest(&self) -> usize {
        self.texts().map(<[u32]>::len).max().unwrap_or(0)
    }
}

/// What goes through the model at once.
#[derive(Debug, Clone, PartialEq)]
pub struct SequencePass {
    /// `[rows * time]`, padded on the right.
    pub inputs: Vec<i32>,
    /// `[texts, rows * time]`; of fixed shapes, the last texts may be none. Of pairs that are read apart `[2 * texts, rows * time]`: the first texts, then
    /// the second ones in the same order.
    pub pooling: Vec<f32>,
    pub time: usize,
    /// One per text.
    pub targets: Vec<Target>,
    /// Number of each text's example.
    pub numbers: Vec<usize>,
    /// Examples, with those that are none.
    pub texts: usize,
    /// Tokens that are no padding.
    pub tokens: usize,
}

/// Examples as passes: sorted by length, so that rows of a pass are of a kind and little is padding. Their order within a batch means
/// nothing to the gradient.
pub fn passes(examples: &[Example], reading: Reading, shape: Shape) -> Vec<SequencePass> {
    let mut sorted: Vec<&Example> = examples.iter().collect();
    sorted.sort_by_key(|example| example.longest());
    let mut passes = Vec::new();
    let mut chosen: Vec<&Example> = Vec::new();
    let mut rows = 0;
    for example in sorted {
        let own: usize = example.texts().map(|ids| reading.windows(ids.len()).len()).sum();
        // The longest so far.
        let longest = example.longest().min(reading.window);
        if rows + own > shape.rows_of(longest, reading.window) && rows > 0 {
            passes.push(pass(&chosen, reading, shape));
            chosen.clear();
            rows = 0;
        }
        rows += own;
        chosen.push(example);
    }
    if !chosen.is_empty() {
        passes.push(pass(&chosen, reading, shape));
    }
    passes
}

/// Tokens of a row: the longest window, rounded up to one of the lengths that there are.
pub(super) fn row_length(longest: usize, window: usize, fixed: bool) -> usize {
    let rounded = |length: usize| length.div_ceil(STEP).max(1) * STEP;
    if !fixed {
        return rounded(longest).min(window).max(1);
    }
    // Three lengths: a quarter, a half, all.
    [4, 2, 1].into_iter().map(|part| rounded(window / part).min(window)).find(|&length| length >= longest).unwrap_or(window)
}

fn pass(examples: &[&Example], reading: Reading, shape: Shape) -> SequencePass {
    let apart = examples.iter().any(|example| example.second.is_some());
    let count = if shape.fixed { shape.rows.max(examples.len()) } else { examples.len() };
    // The row of `pooling`, the tokens and the windows of every text.
    let firsts = examples.iter().map(|example| example.ids).enumerate();
    let seconds = examples.iter().enumerate().filter_map(|(number, example)| Some((count + number, example.second?)));
    let windowed = |(text, ids): (usize, _)| (text, ids, reading.windows(<[u32]>::len(ids)));
    let texts: Vec<_> = firsts.chain(seconds).map(windowed).collect();
    let longest = texts.iter().flat_map(|(.., windows)| windows.iter().map(ExactSizeIterator::len)).max().unwrap_or(1);
    let time = row_length(longest, reading.window, shape.fixed);
    let used: usize = texts.iter().map(|(.., windows)| windows.len()).sum();
    let rows = if shape.fixed { used.max(1).div_ceil(shape.rows.max(1)) * shape.rows.max(1) } else { used };
    let mut inputs = vec![0; rows * time];
    let mut pooling = vec![0.0; if apart { 2 * count } else { count } * rows * time];
    let (mut row, mut tokens) = (0, 0);
    for (text, ids, windows) in &texts {
        for window in windows {
            let ids = &ids[window.clone()];
            for (place, &id) in inputs[row * time..].iter_mut().zip(ids) {
                *place = id as i32;
            }
            let first = (text * rows + row) * time;
            let share = 1.0 / windows.len() as f32;
            match reading.pooling {
                Pooling::Both => {
                    pooling[first..first + ids.len()].fill(share / (2 * ids.len()) as f32);
                    pooling[first + ids.len().max(1) - 1] += share / 2.0;
                }
                Pooling::Last => pooling[first + ids.len().max(1) - 1] = share,
                Pooling::Mean => pooling[first..first + ids.len()].fill(share / ids.len() as f32),
            }
            tokens += ids.len();
            row += 1;
        }
    }
    SequencePass {
        inputs,
        pooling,
        time,
        targets: examples.iter().map(|example| example.target.clone()).collect(),
        numbers: examples.iter().map(|example| example.number).collect(),
        texts: count,
        tokens,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Reading = Reading { window: 8, pooling: Pooling::Last };
    const CLOSE: Shape = Shape { rows: 4, fixed: false };

    fn example(number: usize, ids: &[u32]) -> Example<'_> {
        Example { number, ids, second: None, target: Target::Class(number as u32 % 2) }
    }

    #[test]
    fn long_texts_are_read_in_windows_that_overlap_and_reach_the_end() {
        assert_eq!(LAST.windows(8), std::iter::once(0..8).collect::<Vec<_>>());
        assert_eq!(LAST.windows(9), [0..8, 1..9]);
        assert_eq!(LAST.windows(15), [0..8, 6..14, 7..15]);
        assert!(!LAST.is_cut(15 * 6 + 8) && LAST.is_cut(15 * 6 + 9));
        assert_eq!(LAST.windows(100_000).len(), MOST_WINDOWS);
    }

    #[test]
    fn rows_are_padded_and_pooled_at_their_last_token() {
        let (a, b): (Vec<u32>, Vec<u32>) = ((1..=3).collect(), (4..=5).collect());
        let all = passes(&[example(0, &a), example(1, &b)], LAST, CLOSE);
        assert_eq!(all.len(), 1);
        let pass = &all[0];
        assert_eq!((pass.time, pass.texts, pass.tokens), (8, 2, 5));
        // The shorter comes first.
        assert_eq!(pass.numbers, [1, 0]);
        assert_eq!(pass.inputs[..2], [4, 5]);
        let counted: Vec<usize> = (0..pass.pooling.len()).filter(|&place| pass.pooling[place] != 0.0).collect();
        assert_eq!(counted, [1, 16 + 8 + 2]);
    }

    #[test]
    fn states_of_a_text_always_count_one() {
        let lengths: [usize; 8] = [1, 3, 7, 8, 9, 20, 33, 70];
        let texts: Vec<Vec<u32>> = lengths.iter().map(|&length| vec![7; length]).collect();
        let examples: Vec<Example> = texts.iter().enumerate().map(|(number, ids)| example(number, ids)).collect();
        for pooling in [Pooling::Both, Pooling::Last, Pooling::Mean] {
            for fixed in [false, true] {
                let all = passes(&examples, Reading { window: 8, pooling }, Shape { rows: 4, fixed });
                let mut seen: Vec<usize> = all.iter().flat_map(|pass| pass.numbers.clone()).collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..8).collect::<Vec<_>>());
                for pass in all {
                    assert_eq!(pass.pooling.len(), pass.texts * pass.inputs.len());
                    assert!(!fixed || pass.inputs.len().is_multiple_of(4 * pass.time));
                    for (text, weights) in pass.pooling.chunks(pass.inputs.len()).enumerate() {
                        let sum: f32 = weights.iter().sum();
                        assert!((sum - if text < pass.targets.len() { 1.0 } else { 0.0 }).abs() < 1e-5);
                    }
                }
            }
        }
    }

    #[test]
    fn texts_that_are_read_apart_have_rows_and_vectors_of_their_own() {
        let (a, b, c, d): (Vec<u32>, Vec<u32>, Vec<u32>, Vec<u32>) = (vec![1, 2], vec![3], vec![4; 9], vec![]);
        let apart = |number, ids, second| Example { second: Some(second), ..example(number, ids) };
        let examples = [apart(0, &a, &b), apart(1, &c, &d)];
        for fixed in [false, true] {
            let all = passes(&examples, LAST, Shape { rows: 8, fixed });
            assert_eq!(all.len(), 1);
            let (pass, width) = (&all[0], all[0].inputs.len());
            assert_eq!((pass.numbers.as_slice(), pass.tokens), (&[0, 1][..], 2 + 1 + 16));
            assert_eq!(pass.pooling.len(), 2 * pass.texts * width);
            // Both first texts, then both second ones; one of nine tokens has two windows.
            let counted = |text: usize| (0..width).filter(|at| pass.pooling[text * width + at] != 0.0).collect::<Vec<_>>();
            assert_eq!([counted(0), counted(1)], [vec![1], vec![8 + 7, 16 + 7]]);
            assert_eq!([counted(pass.texts), counted(pass.texts + 1)], [vec![24], vec![32]]);
            assert_eq!((pass.inputs[1], pass.inputs[24], pass.inputs[32]), (2, 3, 0));
        }
        // What goes through at once counts both.
        assert_eq!(passes(&examples, LAST, Shape { rows: 2, fixed: true }).len(), 2);
    }

    #[test]
    fn a_part_of_each_text_fits_a_row_and_texts_that_fit_are_whole() {
        let (short, long): (Vec<u32>, Vec<u32>) = ((1..=8).collect(), (1..=30).collect());
        for epoch in 0..50 {
            let pair = Example { second: Some(&long), ..example(3, &short) }.part(LAST, 1, epoch);
            assert_eq!(pair.ids, short);
            let part = pair.second.unwrap();
            assert!(part.len() == 8 && part.windows(2).all(|two| two[1] == two[0] + 1));
            // Both texts of a pair have draws of their own.
            let both = Example { second: Some(&long), ..example(3, &long) };
            assert!((0..9).any(|later| both.clone().part(LAST, 1, epoch + later).ids != both.clone().part(LAST, 1, epoch + later).second.unwrap()));
        }
    }

    #[test]
    fn both_is_halfway_between_the_last_token_and_the_mean() {
        let both = Reading { window: 8, pooling: Pooling::Both };
        let weights = passes(&[example(0, &[4, 5, 6, 7])], both, CLOSE).remove(0).pooling;
        assert_eq!(weights[..4], [0.125, 0.125, 0.125, 0.625]);
    }

    #[test]
    fn short_texts_go_through_many_at_once() {
        let texts: Vec<Vec<u32>> = [3; 20].into_iter().chain([16, 30, 64, 64, 65]).map(|length| vec![7; length]).collect();
        let examples: Vec<Example> = texts.iter().enumerate().map(|(number, ids)| example(number, ids)).collect();
        let of = |fixed| passes(&examples, Reading { window: 64, ..LAST }, Shape { rows: 2, fixed });
        let texts: Vec<usize> = of(false).iter().map(|pass| pass.targets.len()).collect();
        // 128 tokens at most, with the padding: sixteen rows of 8, five of 16, two of 64; the last text has two windows.
        assert_eq!(texts, [16, 5, 2, 1, 1]);
        assert!(of(false).iter().all(|pass| pass.inputs.len() <= 128) && of(true).iter().all(|pass| pass.targets.len() <= 2));
    }

    #[test]
    fn fixed_shapes_are_few() {
        let lengths: Vec<usize> = (1..=64).map(|longest| row_length(longest, 64, true)).collect();
        let mut different = lengths.clone();
        different.dedup();
        assert_eq!(different, [16, 32, 64]);
        assert!((1..=64).all(|longest| lengths[longest - 1] >= longest));
        assert_eq!(row_length(5, 6, false), 6);
    }
}
