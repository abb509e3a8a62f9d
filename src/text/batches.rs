//! Shuffled training windows of fixed shape, without end, and resumable at any batch.
//!
//! An epoch starts at a fresh random offset below one window, cuts the training part into windows without overlap from there, and
//! shuffles them. Each epoch is a pure function of seed and number, so a position is two numbers. Batches run across the border of
//! epochs: their shape never changes, because a new shape means new kernels on the GPU.

use super::dataset::{Dataset, Part};
use super::shuffle::{below, epoch_generator, shuffle};
use super::window::Batch;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where a run is in its data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPosition {
    /// Epochs begun before this one.
    pub epoch: u64,
    /// Windows of this epoch already given.
    pub given: u64,
}

/// A stream of batches over the training part.
#[derive(Debug, Clone)]
pub struct Batches {
    dataset: Arc<Dataset>,
    batch_size: usize,
    seed: u64,
    epoch: u64,
    /// Where each window of this epoch starts, in the order in which they are given.
    starts: Vec<u32>,
    given: usize,
}

impl Batches {
    /// Begins with the first epoch.
    pub fn new(dataset: Arc<Dataset>, batch_size: usize, seed: u64) -> Self {
        Self::resume(dataset, batch_size, seed, BatchPosition::default())
    }

    /// Goes on where [`Self::position`] was taken, on the same dataset with the same seed. The batch size may differ (after a
    /// lost GPU it is halved): positions count windows.
    pub fn resume(dataset: Arc<Dataset>, batch_size: usize, seed: u64, position: BatchPosition) -> Self {
        let starts = epoch_starts(&dataset, seed, position.epoch);
        let given = usize::try_from(position.given).unwrap_or(usize::MAX).min(starts.len());
        Self { dataset, batch_size: batch_size.max(1), seed, epoch: position.epoch, starts, given }
    }

    /// Where the next batch begins.
    pub fn position(&self) -> BatchPosition {
        BatchPosition { epoch: self.epoch, given: self.given as u64 }
    }

    /// The next batch: `[batch_size, window]`, never padded.
    pub fn next_batch(&mut self) -> Batch {
        let window = self.dataset.window();
        let mut batch = Batch::with_capacity(self.batch_size, window);
        for _ in 0..self.batch_size {
            let start = self.next_start();
            let ids = self.dataset.part(Part::Training);
            batch.push_row(&ids[start..start + window + 1]);
        }
        batch
    }

    fn next_start(&mut self) -> usize {
        if self.given == self.starts.len() {
            self.epoch = self.epoch.wrapping_add(1);
            self.starts = epoch_starts(&self.dataset, self.seed, self.epoch);
            self.given = 0;
        }
        let start = self.starts[self.given] as usize;
        self.given += 1;
        start
    }
}

/// Starts of an epoch's windows, shuffled; at least one, since a dataset's window is shorter than its training part.
fn epoch_starts(dataset: &Dataset, seed: u64, epoch: u64) -> Vec<u32> {
    let mut generator = epoch_generator(seed, epoch);
    let window = dataset.window();
    let last_start = dataset.part(Part::Training).len() - 1 - window;
    let offset = below(&mut generator, window.min(last_start + 1) as u64) as usize;
    let mut starts: Vec<u32> = (offset..=last_start).step_by(window).map(|start| start as u32).collect();
    shuffle(&mut generator, &mut starts);
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn dataset(tokens: u32, window: usize) -> Arc<Dataset> {
        Arc::new(Dataset::new((0..tokens).collect(), 0.1, window).unwrap())
    }

    #[test]
    fn an_epoch_gives_every_window_once() {
        let data = dataset(1000, 32);
        let mut batches = Batches::new(data.clone(), 1, 5);
        let windows = epoch_starts(&data, 5, 0).len();
        let starts: HashSet<u32> = (0..windows).map(|_| batches.next_batch().inputs[0]).collect();
        assert_eq!(starts.len(), windows);
        assert!((27..=28).contains(&windows), "{windows} windows of 32 in 900 tokens");
        assert_eq!(batches.position().epoch, 0);
        batches.next_batch();
        assert_eq!(batches.position(), BatchPosition { epoch: 1, given: 1 });
    }

    #[test]
    fn epochs_and_seeds_differ() {
        let data = dataset(2000, 16);
        assert_ne!(epoch_starts(&data, 1, 0), epoch_starts(&data, 1, 1));
        assert_ne!(epoch_starts(&data, 1, 0), epoch_starts(&data, 2, 0));
        let offsets: HashSet<u32> = (0..200).map(|epoch| epoch_starts(&data, 1, epoch).iter().min().copied().unwrap()).collect();
        assert_eq!(offsets.len(), 16, "each offset below the window occurs");
    }

    proptest! {
        #[test]
        fn batches_stay_in_training_and_keep_their_shape(tokens in 16_u32..2000, window in 1_usize..300, batch_size in 1_usize..9, seed in any::<u64>()) {
            let data = dataset(tokens, window);
            let training = data.part(Part::Training).len() as u32;
            let mut batches = Batches::new(data.clone(), batch_size, seed);
            for _ in 0..20 {
                let batch = batches.next_batch();
                prop_assert_eq!(batch.inputs.len(), batch_size * data.window());
                prop_assert_eq!(batch.predicted(), batch_size * data.window());
                prop_assert!(batch.inputs.iter().zip(&batch.targets).all(|(&input, &target)| target == input as i32 + 1 && (target as u32) < training));
            }
        }

        #[test]
        fn a_resumed_run_equals_an_unbroken_one(seed in any::<u64>(), before in 0_usize..60, batch_size in 1_usize..7) {
            let data = dataset(700, 24);
            let mut unbroken = Batches::new(data.clone(), batch_size, seed);
            for _ in 0..before {
                unbroken.next_batch();
            }
            let stored = serde_json::to_string(&unbroken.position()).unwrap();
            let mut resumed = Batches::resume(data, batch_size, seed, serde_json::from_str(&stored).unwrap());
            for _ in 0..40 {
                prop_assert_eq!(resumed.next_batch(), unbroken.next_batch());
            }
        }

        #[test]
        fn a_damaged_position_does_no_harm(epoch in any::<u64>(), given in any::<u64>()) {
            let mut batches = Batches::resume(dataset(100, 8), 2, 1, BatchPosition { epoch, given });
            prop_assert_eq!(batches.next_batch().inputs.len(), 16);
        }
    }
}
