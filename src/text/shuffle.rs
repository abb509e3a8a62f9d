//! Random order from a seed, the same on every platform and in every release: links carry seeds.
//!
//! The `rand` crate does not promise that its shuffles stay the same, and some depend on the width of a pointer, so the few lines are
//! here. The generator is ChaCha8, whose stream is fixed.

use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The generator of one epoch: its own stream of the run's seed, so that any epoch can be drawn without those before it.
pub(super) fn epoch_generator(seed: u64, epoch: u64) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(epoch);
    generator
}

/// A number in `0..bound`; 0 for a bound of 0. Multiply and shift (Lemire, arXiv 1805.10941) without the rejection step: the bias is below
/// `bound / 2^64`.
pub(super) fn below(generator: &mut ChaCha8Rng, bound: u64) -> u64 {
    ((u128::from(generator.next_u64()) * u128::from(bound)) >> 64) as u64
}

/// The order in which an epoch goes through `count` examples: the same for the same seed, another one every epoch.
pub fn epoch_order(seed: u64, epoch: u64, count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    shuffle(&mut epoch_generator(seed, epoch), &mut order);
    order
}

/// The stream of the seed that rows to answer are drawn from: no epoch's.
const ANSWERED: u64 = 1 << 42;

/// So many of `count` rows at most, drawn by the seed, rising: those that are answered where answering all of them would take too long.
pub fn answered_rows(seed: u64, count: usize, most: usize) -> Vec<u32> {
    let mut drawn: Vec<u32> = epoch_order(seed, ANSWERED, count).into_iter().take(most).collect();
    drawn.sort_unstable();
    drawn
}

/// The first stream of the seed that parts of texts are drawn from, one for each epoch.
const PARTS: u64 = 1 << 43;

/// So many of a text's tokens at most, from a place that is the same for the same seed, epoch and number of the text: any can be drawn without the others.
/// Every start is as likely as any other.
pub fn drawn_part(seed: u64, epoch: u64, number: u64, tokens: usize, most: usize) -> Range<usize> {
    let spare = tokens.saturating_sub(most);
    if spare == 0 {
        return 0..tokens;
    }
    let mut generator = epoch_generator(seed, PARTS + epoch);
    // A draw takes two words of the stream.
    generator.set_word_pos(2 * u128::from(number));
    let start = below(&mut generator, spare as u64 + 1) as usize;
    start..start + most
}

/// Fisher and Yates.
pub(super) fn shuffle<T>(generator: &mut ChaCha8Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let other = below(generator, last as u64 + 1) as usize;
        items.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_is_fixed_for_good() {
        let mut items: Vec<u32> = (0..10).collect();
        shuffle(&mut epoch_generator(1, 0), &mut items);
        // Written down once. A change here would change what every shared link means.
        assert_eq!(items, [1, 4, 9, 8, 0, 5, 7, 6, 2, 3]);
    }

    #[test]
    fn every_place_is_reached_about_equally() {
        let mut counts = [0_u32; 5];
        for seed in 0..5_000 {
            let mut items = [0, 1, 2, 3, 4];
            shuffle(&mut epoch_generator(seed, 7), &mut items);
            counts[items.iter().position(|&item| item == 0).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }

    #[test]
    fn parts_of_a_text_are_other_ones_in_every_epoch_and_reach_both_ends() {
        assert_eq!((drawn_part(1, 0, 5, 7, 8), drawn_part(1, 0, 5, 8, 8), drawn_part(1, 0, 5, 0, 8)), (0..7, 0..8, 0..0));
        let mut starts = [0_u32; 4];
        for epoch in 0..4_000 {
            let part = drawn_part(1, epoch, 5, 11, 8);
            assert_eq!(part, drawn_part(1, epoch, 5, 11, 8));
            assert_eq!(part.len(), 8);
            starts[part.start] += 1;
        }
        assert!(starts.iter().all(|count| (900..1100).contains(count)), "{starts:?}");
        let of = |number| (0..64).map(|epoch| drawn_part(1, epoch, number, 1_000, 8).start).collect::<Vec<_>>();
        assert_ne!(of(0), of(1));
    }

    #[test]
    fn below_stays_below() {
        let mut generator = epoch_generator(3, 0);
        assert_eq!(below(&mut generator, 0), 0);
        assert!((0..1_000).all(|_| below(&mut generator, 3) < 3));
    }
}
