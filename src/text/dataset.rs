//! Token ids split into a training part and, from the end of the text, a validation part.
//!
//! Split by position: neighbouring sentences share words, so windows drawn at random for validation would have been half seen.

use super::error::TextError;
use super::tokenizer::Tokenizer;
use super::window::Batch;

/// Fewest tokens that anything can be learned from.
const MIN_TOKENS: usize = 16;
/// A validation part with fewer tokens would say nothing; it is then left out.
const MIN_VALIDATION_TOKENS: usize = 16;

/// Which part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Training,
    Validation,
}

/// The ids of a text, split, with the window that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    ids: Vec<u32>,
    split: usize,
    window: usize,
}

impl Dataset {
    /// Splits `ids`: the last `validation_share` (in `0..=0.5`) becomes the validation part, unless that is too little to say anything.
    /// `window` is the wish of the run, in tokens; a text that is too short for it gets a shorter one, see [`Self::window`].
    ///
    /// # Errors
    /// `TooFewTokens` when the text is too short for any training.
    pub fn new(ids: Vec<u32>, validation_share: f64, window: usize) -> Result<Self, TextError> {
        if ids.len() < MIN_TOKENS {
            return Err(TextError::TooFewTokens { tokens: ids.len() as u64, minimum: MIN_TOKENS as u64 });
        }
        // A share that is no number counts as none.
        let wanted = (ids.len() as f64 * validation_share.clamp(0.0, 0.5)) as usize;
        let validation = if wanted < MIN_VALIDATION_TOKENS || ids.len() - wanted < MIN_TOKENS { 0 } else { wanted };
        let split = ids.len() - validation;
        // One more token than the window: each position needs its next. A multiple of 8 suits the matrix kernels.
        let longest = split - 1;
        let window = if window <= longest { window.max(1) } else { longest / 8 * 8 };
        Ok(Self { ids, split, window: window.max(1) })
    }

    /// Tokens per window that this text allows; at most what was asked for.
    pub fn window(&self) -> usize {
        self.window
    }

    /// The ids of a part; the validation part may be empty.
    pub fn part(&self, part: Part) -> &[u32] {
        match part {
            Part::Training => &self.ids[..self.split],
            Part::Validation => &self.ids[self.split..],
        }
    }

    /// All ids, in the order of the text.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    pub fn has_validation(&self) -> bool {
        self.split < self.ids.len()
    }

    /// Bytes of text per token of a part, for bits per byte: `loss / ln 2 / bytes_per_token`. `None` for an empty part.
    pub fn bytes_per_token(&self, part: Part, tokenizer: &Tokenizer) -> Option<f64> {
        let ids = self.part(part);
        (!ids.is_empty()).then(|| tokenizer.byte_count(ids) as f64 / ids.len() as f64)
    }

    /// Up to `count` training windows, evenly spread from the beginning, for the eye.
    pub fn preview(&self, count: usize) -> Vec<&[u32]> {
        let windows = (self.split - 1) / self.window;
        let count = count.min(windows);
        let starts = (0..count).map(|i| i * windows / count * self.window);
        starts.map(|start| &self.ids[start..start + self.window]).collect()
    }

    /// Fixed windows of a part for evaluation, without overlap and evenly spread where there are more than `max_windows`. All batches
    /// have `batch_size` rows; what the part does not fill is padding with ignored targets. Empty when the part is.
    pub fn evaluation_batches(&self, part: Part, max_windows: usize, batch_size: usize) -> Vec<Batch> {
        let ids = self.part(part);
        // The last window may be partly padding: a short validation part is still looked at.
        let windows = ids.len().saturating_sub(1).div_ceil(self.window);
        // With windows to choose from, only whole ones.
        let (windows, count) = if windows > max_windows { (windows - 1, max_windows) } else { (windows, windows) };
        let starts: Vec<usize> = (0..count).map(|i| i * windows / count * self.window).collect();
        let rows = |starts: &[usize]| {
            let mut batch = Batch::with_capacity(batch_size, self.window);
            for &start in starts {
                batch.push_row(&ids[start..ids.len().min(start + self.window + 1)]);
            }
            batch.pad();
            batch
        };
        starts.chunks(batch_size.max(1)).map(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dataset(tokens: u32, share: f64, window: usize) -> Dataset {
        Dataset::new((0..tokens).collect(), share, window).unwrap()
    }

    #[test]
    fn the_tail_is_kept_for_checking() {
        let data = dataset(1000, 0.1, 128);
        assert_eq!(data.part(Part::Training), (0..900).collect::<Vec<u32>>());
        assert_eq!(data.part(Part::Validation), (900..1000).collect::<Vec<u32>>());
        assert_eq!(data.window(), 128);
    }

    #[test]
    fn short_texts_get_shorter_windows_and_no_validation() {
        let data = dataset(100, 0.1, 128);
        assert_eq!((data.window(), data.has_validation()), (96, false));
        assert_eq!(dataset(16, 0.5, 128).window(), 8);
        assert!(matches!(Dataset::new(vec![1; 15], 0.1, 128), Err(TextError::TooFewTokens { tokens: 15, minimum: 16 })));
        assert!(!dataset(1000, f64::NAN, 128).has_validation());
    }

    #[test]
    fn evaluation_covers_a_short_part_once() {
        let data = dataset(1000, 0.3, 128);
        let batches = data.evaluation_batches(Part::Validation, 100, 2);
        assert_eq!(batches.len(), 2);
        let targets: Vec<u32> = batches.iter().flat_map(Batch::target_ids).collect();
        assert_eq!(targets, (701..1000).collect::<Vec<u32>>());
        assert!(batches.iter().all(|batch| batch.inputs.len() == 256 && batch.targets.len() == 256));
        assert!(dataset(1000, 0.0, 128).evaluation_batches(Part::Validation, 100, 2).is_empty());
    }

    #[test]
    fn evaluation_spreads_whole_windows_over_a_long_part() {
        let data = dataset(10_000, 0.5, 10);
        let batches = data.evaluation_batches(Part::Training, 5, 5);
        let starts: Vec<u32> = batches[0].inputs.chunks(10).map(|row| row[0]).collect();
        assert_eq!(starts, [0, 990, 1990, 2990, 3990]);
        assert_eq!(batches[0].predicted(), 50);
        assert_eq!(data.preview(2), [&(0..10).collect::<Vec<u32>>()[..], &(2490..2500).collect::<Vec<u32>>()[..]]);
    }

    proptest! {
        #[test]
        fn no_evaluation_window_leaves_its_part(tokens in 16_u32..3000, share in 0.0_f64..0.6, window in 1_usize..200, max in 1_usize..40, batch in 1_usize..9) {
            let data = dataset(tokens, share, window);
            prop_assert!(data.window() >= 1 && data.window() <= window && data.window() < data.part(Part::Training).len());
            for part in [Part::Training, Part::Validation] {
                for rows in data.evaluation_batches(part, max, batch) {
                    prop_assert_eq!((rows.inputs.len(), rows.targets.len()), (batch * data.window(), batch * data.window()));
                    let ids = data.part(part);
                    // Ids are their own positions here.
                    for (&input, &target) in rows.inputs.iter().zip(&rows.targets).filter(|(_, target)| **target != crate::text::IGNORED) {
                        prop_assert!(ids.contains(&input) && target == input as i32 + 1 && ids.contains(&(target as u32)));
                    }
                }
            }
        }
    }
}
