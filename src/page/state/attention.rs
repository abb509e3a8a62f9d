//! The attention of the pinned sentence over the run: a bounded history of frames, and which of them is shown.

use crate::protocol::AttentionFrame;
use std::rc::Rc;

/// A frame and its weights, shared: views keep one cheaply.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFrame {
    pub head: AttentionFrame,
    /// `[layer, head, query, key]`, one byte each; always `head.buffer_len()` long.
    pub weights: Vec<u8>,
}

impl StoredFrame {
    /// One weight in 0..=1, or `None` outside the frame.
    pub fn weight(&self, layer: usize, head: usize, query: usize, key: usize) -> Option<f32> {
        self.head.weight(&self.weights, layer, head, query, key)
    }
}

/// Frames of one sentence in one run, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttentionHistory {
    frames: Vec<Rc<StoredFrame>>,
    /// The step the visitor looks at; `None` follows the newest frame.
    shown_step: Option<u32>,
}

impl AttentionHistory {
    /// Most frames kept; beyond that every second one goes, first and last stay.
    pub const MAX_FRAMES: usize = 240;
    /// Most bytes of weights kept.
    pub const MAX_BYTES: usize = 48 << 20;

    /// Adds a frame. A frame of the same step replaces the older one, an older step is ignored, and other tokens (the visitor pinned
    /// another sentence) or another shape begin a new history. Returns whether anything changed; a buffer of the wrong length does not.
    pub fn push(&mut self, head: AttentionFrame, weights: Vec<u8>) -> bool {
        if weights.len() != head.buffer_len() || head.tokens.is_empty() {
            return false;
        }
        let same = |old: &AttentionFrame| old.tokens == head.tokens && old.layers == head.layers && old.heads == head.heads;
        match self.frames.last() {
            Some(last) if !same(&last.head) || last.head.run != head.run && head.step == 0 => {
                self.frames.clear();
                self.shown_step = None;
            }
            Some(last) if last.head.step > head.step => return false,
            Some(last) if last.head.step == head.step => {
                self.frames.pop();
            }
            _ => {}
        }
        self.frames.push(Rc::new(StoredFrame { head, weights }));
        self.thin();
        true
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Frames oldest first.
    pub fn frames(&self) -> &[Rc<StoredFrame>] {
        &self.frames
    }

    /// The frame before any training, if it was recorded.
    pub fn base(&self) -> Option<&Rc<StoredFrame>> {
        self.frames.first().filter(|frame| frame.head.step == 0)
    }

    /// The newest frame.
    pub fn newest(&self) -> Option<&Rc<StoredFrame>> {
        self.frames.last()
    }

    /// The frame to draw: the newest, or the nearest at or before the step that the visitor chose.
    pub fn shown(&self) -> Option<&Rc<StoredFrame>> {
        match self.shown_step {
            None => self.newest(),
            Some(step) => self.frames.iter().rev().find(|frame| frame.head.step <= step).or(self.frames.first()),
        }
    }

    /// The step that the visitor chose; `None` follows the newest.
    pub fn shown_step(&self) -> Option<u32> {
        self.shown_step
    }

    /// Chooses a step to look at; `None` follows the newest frame.
    pub fn show(&mut self, step: Option<u32>) {
        self.shown_step = step;
    }

    /// Keeps frames up to `step`: a run goes on from an earlier checkpoint. They count as the new run's.
    pub fn rewind(&mut self, run: u32, step: u32) {
        self.frames.retain(|frame| frame.head.step <= step);
        for frame in &mut self.frames {
            Rc::make_mut(frame).head.run = run;
        }
        self.shown_step = None;
    }

    fn thin(&mut self) {
        let bytes = |frames: &[Rc<StoredFrame>]| frames.iter().map(|frame| frame.weights.len()).sum::<usize>();
        while self.frames.len() > 2 && (self.frames.len() > Self::MAX_FRAMES || bytes(&self.frames) > Self::MAX_BYTES) {
            let last = self.frames.len() - 1;
            let mut index = 0;
            self.frames.retain(|_| {
                let keep = index % 2 == 0 || index == last;
                index += 1;
                keep
            });
        }
    }
}
