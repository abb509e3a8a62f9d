//! One batch of windows: what a forward pass reads, and what it should have said.

/// Target that no loss is taken of: padding.
pub const IGNORED: i32 = -1;

/// Windows of fixed shape, row after row. `targets` are the inputs shifted by one: the token at the same place of the next position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// `[batch_size, window]` token ids.
    pub inputs: Vec<u32>,
    /// `[batch_size, window]` token ids, or [`IGNORED`].
    pub targets: Vec<i32>,
    pub batch_size: usize,
    pub window: usize,
}

impl Batch {
    pub(super) fn with_capacity(batch_size: usize, window: usize) -> Self {
        let len = batch_size * window;
        Self { inputs: Vec::with_capacity(len), targets: Vec::with_capacity(len), batch_size, window }
    }

    /// Appends the row of a window and its next token: at most `window + 1` ids. A shorter slice is padded.
    pub(super) fn push_row(&mut self, ids: &[u32]) {
        let predicted = ids.len().saturating_sub(1).min(self.window);
        let padding = self.window - predicted;
        self.inputs.extend(&ids[..predicted]);
        self.inputs.extend(std::iter::repeat_n(0, padding));
        self.targets.extend(ids.iter().skip(1).take(predicted).map(|&id| id as i32));
        self.targets.extend(std::iter::repeat_n(IGNORED, padding));
    }

    /// Fills the batch up with rows of padding.
    pub(super) fn pad(&mut self) {
        while self.inputs.len() < self.batch_size * self.window {
            self.push_row(&[]);
        }
    }

    /// Tokens that a loss is taken of.
    pub fn predicted(&self) -> usize {
        self.targets.iter().filter(|&&target| target != IGNORED).count()
    }

    /// The ids that a loss is taken of, for counting their bytes.
    pub fn target_ids(&self) -> Vec<u32> {
        self.targets.iter().filter_map(|&target| u32::try_from(target).ok()).collect()
    }
}
