//! Weights of a few past steps, so that a sentence pinned later has a history too.
//!
//! Half precision, at most [`MOST_KEPT`] steps and [`MOST_KEPT_BYTES`] in all, thinned evenly; each in a file of its own once a checkpoint was
//! written, in memory before that. Models so large that two sets of weights do not fit keep none: then a new sentence has the base model's frame and
//! those from now on.
//!
//! File: `ATTUKEPT`, the step (4 bytes), length (4) and text of the model's mark, then safetensors in f16.

use std::rc::Rc;

use super::host::{Host, HostError};
use crate::checkpoint::{FileType, ModelConfig, NamedTensor, read_safetensors, write_safetensors};

/// Most steps whose weights are kept.
pub const MOST_KEPT: usize = 16;
/// Most bytes of kept weights, in memory and storage together.
pub const MOST_KEPT_BYTES: usize = 64 << 20;

const MAGIC: &[u8; 8] = b"ATTUKEPT";

/// Names of all files that may hold kept weights.
pub fn names() -> impl Iterator<Item = String> {
    (0..MOST_KEPT).map(name)
}

fn name(slot: usize) -> String {
    format!("weights-{slot:02}.attune")
}

/// One step's weights.
#[derive(Debug, Clone)]
pub struct KeptWeights {
    pub step: u32,
    mark: Rc<str>,
    /// Number of its file.
    slot: usize,
    /// `None` once they are in the storage.
    bytes: Option<Rc<Vec<u8>>>,
}

impl KeptWeights {
    /// The values, for a model of this shape; `None` when they cannot be read any more.
    pub async fn read<H: Host>(&self, host: &H, config: &ModelConfig) -> Option<Vec<NamedTensor>> {
        let stored;
        let bytes: &[u8] = match &self.bytes {
            Some(bytes) => bytes,
            None => {
                stored = host.read(&name(self.slot)).await.ok().flatten()?;
                &stored
            }
        };
        let rest = bytes.strip_prefix(self.head().as_slice())?;
        let tensors = read_safetensors(rest).ok()?;
        crate::checkpoint::arrange(config, tensors).ok()
    }

    fn head(&self) -> Vec<u8> {
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&self.step.to_le_bytes());
        head.extend_from_slice(&(self.mark.len() as u32).to_le_bytes());
        head.extend_from_slice(self.mark.as_bytes());
        head
    }
}

/// What is kept of a run.
#[derive(Debug, Clone)]
pub struct Kept {
    mark: Rc<str>,
    list: Vec<KeptWeights>,
    /// Steps between two; doubles when there are too many.
    interval: u32,
    /// By size, how many may be kept.
    most: usize,
    /// By the clock, not before.
    next: f64,
}

impl Kept {
    /// Nothing yet, of a run of so many steps with a model of so many parameters; `mark` says which model.
    pub fn new(mark: &str, parameters: u64, steps: u32, now: f64) -> Self {
        let most = (MOST_KEPT_BYTES as u64 / (2 * parameters).max(1)).min(MOST_KEPT as u64) as usize;
        Self { mark: mark.into(), list: Vec::new(), interval: steps.div_ceil(MOST_KEPT as u32).max(1), most, next: now }
    }

    /// What an earlier engine kept: steps and slots, in the storage. Later steps than this one are passed over.
    pub fn restore(&mut self, marks: &[(u32, u32)], step: u32) {
        let known = |&&(at, slot): &&(u32, u32)| at <= step && (slot as usize) < MOST_KEPT;
        let weights = |&(step, slot): &(u32, u32)| KeptWeights { step, mark: self.mark.clone(), slot: slot as usize, bytes: None };
        self.list = marks.iter().filter(known).map(weights).collect();
        self.list.sort_by_key(|weights| weights.step);
    }

    /// It is time to keep the weights after this step.
    pub fn is_due(&self, step: u32, now: f64) -> bool {
        let last = self.list.last().map_or(0, |weights| weights.step);
        self.most >= 2 && now >= self.next && step >= last + self.interval
    }

    /// Keeps weights. What half precision cannot hold is not kept.
    pub fn keep(&mut self, step: u32, values: &[NamedTensor]) {
        let Ok(tensors) = write_safetensors(values, FileType::F16, &[]) else { return };
        self.list.retain(|weights| weights.step < step);
        while self.list.len() >= self.most.max(1) {
            self.thin();
        }
        let Some(slot) = (0..MOST_KEPT).find(|slot| self.list.iter().all(|weights| weights.slot != *slot)) else { return };
        let mut weights = KeptWeights { step, mark: self.mark.clone(), slot, bytes: None };
        let mut bytes = weights.head();
        bytes.extend_from_slice(&tensors);
        weights.bytes = Some(Rc::new(bytes));
        self.list.push(weights);
    }

    /// Every second goes; the newest stays.
    fn thin(&mut self) {
        let odd = self.list.len() % 2;
        let mut index = 0;
        self.list.retain(|_| {
            index += 1;
            index % 2 == odd
        });
        self.interval = self.interval.saturating_mul(2);
    }

    /// Keeping took this long, and may take this share of the time.
    pub fn spent(&mut self, now: f64, seconds: f64, share: f64) {
        self.next = if share > 0.0 { now + seconds * (1.0 / share - 1.0) } else { f64::INFINITY };
    }

    /// All, by step.
    pub fn list(&self) -> Vec<KeptWeights> {
        self.list.clone()
    }

    /// Steps and slots of what is in the storage.
    pub fn stored(&self) -> Vec<(u32, u32)> {
        self.list.iter().filter(|weights| weights.bytes.is_none()).map(|weights| (weights.step, weights.slot as u32)).collect()
    }

    /// Writes the first set that is not in the storage; false when all are.
    ///
    /// # Errors
    /// A storage that is full or cannot be used.
    pub async fn store_one<H: Host>(&mut self, host: &H) -> Result<bool, HostError> {
        let Some(weights) = self.list.iter_mut().find(|weights| weights.bytes.is_some()) else { return Ok(false) };
        if let Some(bytes) = &weights.bytes {
            host.write(&name(weights.slot), bytes).await?;
            weights.bytes = None;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(number: f32) -> Vec<NamedTensor> {
        vec![NamedTensor::new("a", vec![2], vec![number, 2.0 * number]).unwrap()]
    }

    fn steps(kept: &Kept) -> Vec<u32> {
        kept.list.iter().map(|weights| weights.step).collect()
    }

    #[test]
    fn a_run_keeps_its_weights_evenly() {
        let mut kept = Kept::new("m", 1_000, 320, 0.0);
        for step in 1..=320 {
            if kept.is_due(step, 1.0) {
                kept.keep(step, &values(1.0));
            }
        }
        assert_eq!(steps(&kept), (1..=16).map(|index| 20 * index).collect::<Vec<_>>());
        // It goes on beyond what was planned.
        for step in 321..=1_000 {
            if kept.is_due(step, 1.0) {
                kept.keep(step, &values(1.0));
            }
        }
        let steps = steps(&kept);
        assert!((8..=16).contains(&steps.len()), "{steps:?}");
        let gaps: Vec<u32> = steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().max() <= gaps.iter().min().map(|gap| 2 * gap).as_ref(), "{steps:?}");
        let slots: std::collections::HashSet<usize> = kept.list.iter().map(|weights| weights.slot).collect();
        assert_eq!(slots.len(), kept.list.len());
    }

    #[test]
    fn large_models_keep_few_or_none() {
        assert_eq!(Kept::new("m", 8 << 20, 100, 0.0).most, 4);
        assert!(!Kept::new("m", 30 << 20, 100, 0.0).is_due(50, 9.0));
    }

    #[test]
    fn the_clock_limits_it() {
        let mut kept = Kept::new("m", 1_000, 100, 0.0);
        kept.spent(10.0, 0.1, 0.01);
        assert!(!kept.is_due(50, 19.0) && kept.is_due(50, 20.0));
        kept.spent(10.0, 0.1, 0.0);
        assert!(!kept.is_due(50, 1e9));
    }

    #[test]
    fn weights_of_another_step_in_the_same_file_are_seen() {
        let mut kept = Kept::new("m", 1_000, 100, 0.0);
        kept.keep(7, &values(0.5));
        let bytes = kept.list[0].bytes.clone().unwrap();
        let other = KeptWeights { step: 8, ..kept.list[0].clone() };
        assert!(bytes.strip_prefix(kept.list[0].head().as_slice()).is_some());
        assert!(bytes.strip_prefix(other.head().as_slice()).is_none());
        kept.restore(&[(9, 1), (3, 0), (50, 2), (4, 99)], 10);
        assert_eq!(steps(&kept), [3, 9]);
    }
}
