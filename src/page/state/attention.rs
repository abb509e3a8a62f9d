//! The attention of the pinned sentence over the run: a bounded history of frames, which of them is shown, and what it is compared with.
//!
//! Frames are kept as triangles of bytes, as the engine stores and sends them (`protocol::past`); the shown one and the one it is compared
//! with are unpacked to square maps whenever they change, so that views read them without work. Absent: what a view makes of them.

use crate::protocol::AttentionFrame;
use crate::protocol::past::{Bookmark, FrameMark, HistoryPart, MOST_FRAME_BYTES, MOST_FRAMES, to_squares, to_triangles, triangle_len};
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

/// A frame of the past as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct PastFrame {
    pub mark: FrameMark,
    /// `[layers, heads, t (t + 1) / 2]`.
    pub triangles: Vec<u8>,
}

/// Frames of one sentence in one run, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttentionHistory {
    run: u32,
    layers: u32,
    heads: u32,
    tokens: Vec<String>,
    frames: Vec<PastFrame>,
    bookmarks: Vec<Bookmark>,
    /// The step the visitor looks at; `None` follows the newest frame.
    shown_step: Option<u32>,
    /// The step that is subtracted from the shown one; `None` shows attention as it is.
    against: Option<u32>,
    shown: Option<Rc<StoredFrame>>,
    reference: Option<Rc<StoredFrame>>,
}

impl AttentionHistory {
    /// Adds a frame of the model as it is now. A frame of the same step replaces the older one, an older step is ignored, and other tokens
    /// (the visitor pinned another sentence) or another shape begin a new history. Returns whether anything changed; a buffer of the wrong length does
    /// not.
    pub fn push(&mut self, head: AttentionFrame, weights: Vec<u8>) -> bool {
        if weights.len() != head.buffer_len() || head.tokens.is_empty() {
            return false;
        }
        let same = self.is_of(head.layers, head.heads, &head.tokens);
        match self.frames.last() {
            Some(_) if !same || head.run != self.run && head.step == 0 => self.begin(head.layers, head.heads, &head.tokens),
            Some(last) if last.mark.step > head.step => return false,
            Some(last) if last.mark.step == head.step => {
                self.frames.pop();
            }
            Some(_) => {}
            None => self.begin(head.layers, head.heads, &head.tokens),
        }
        self.run = head.run;
        let mark = FrameMark { step: head.step, loss: head.loss, rerun: false };
        self.frames.push(PastFrame { mark, triangles: to_triangles(&weights, head.tokens.len()) });
        self.thin();
        self.unpack();
        true
    }

    /// Adds recorded frames. Frames come in between those that are there, by step; of two with the same step the new one stays. Returns whether
    /// anything changed; a part whose buffers do not fit its head does not.
    pub fn take_part(&mut self, part: HistoryPart, buffers: Vec<Vec<u8>>) -> bool {
        let length = part.buffer_len();
        let fits = buffers.len() == part.frames.len() && buffers.iter().all(|buffer| buffer.len() == length);
        if !fits || length == 0 || part.frames.is_empty() {
            return false;
        }
        if !self.is_of(part.layers, part.heads, &part.tokens) {
            self.begin(part.layers, part.heads, &part.tokens);
        } else if part.first && self.frames.len() > 1 {
            // The newest stays on the screen until its own part comes.
            self.frames.drain(..self.frames.len() - 1);
        }
        self.run = part.run;
        for (mark, triangles) in part.frames.into_iter().zip(buffers) {
            let frame = PastFrame { mark, triangles };
            match self.frames.binary_search_by_key(&mark.step, |frame| frame.mark.step) {
                Ok(at) => self.frames[at] = frame,
                Err(at) => self.frames.insert(at, frame),
            }
        }
        self.thin();
        self.unpack();
        true
    }

    /// Takes the list of bookmarks, by step.
    pub fn take_bookmarks(&mut self, bookmarks: Vec<Bookmark>) -> bool {
        let changed = self.bookmarks != bookmarks;
        self.bookmarks = bookmarks;
        changed
    }

    /// Forgets everything but how the visitor looks at it.
    pub fn clear(&mut self) {
        *self = Self { against: self.against, ..Self::default() };
    }

    /// Frames oldest first.
    pub fn frames(&self) -> &[PastFrame] {
        &self.frames
    }

    /// The sentence's tokens.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Steps with a large change, by step.
    pub fn bookmarks(&self) -> &[Bookmark] {
        &self.bookmarks
    }

    /// The frame at `index` with square maps.
    pub fn unpacked(&self, index: usize) -> Option<StoredFrame> {
        let PastFrame { mark, triangles } = self.frames.get(index)?;
        let head = AttentionFrame {
            run: self.run,
            step: mark.step,
            layers: self.layers,
            heads: self.heads,
            tokens: self.tokens.clone(),
            loss: mark.loss,
        };
        Some(StoredFrame { head, weights: to_squares(triangles, self.tokens.len()) })
    }

    /// The newest frame.
    pub fn newest(&self) -> Option<Rc<StoredFrame>> {
        let last = self.frames.len().checked_sub(1)?;
        match &self.shown {
            Some(shown) if self.shown_index() == Some(last) => Some(shown.clone()),
            _ => self.unpacked(last).map(Rc::new),
        }
    }

    /// The frame nearest to a step.
    pub fn nearest(&self, step: u32) -> Option<Rc<StoredFrame>> {
        let index = (0..self.frames.len()).min_by_key(|&index| self.frames[index].mark.step.abs_diff(step))?;
        let unpacked = [(&self.shown, self.shown_index()), (&self.reference, self.reference_index())];
        let known = unpacked.into_iter().find(|(_, at)| *at == Some(index)).and_then(|(frame, _)| frame.clone());
        known.or_else(|| self.unpacked(index).map(Rc::new))
    }

    /// Every frame with square maps: twice the bytes of what is kept.
    pub fn all(&self) -> Vec<Rc<StoredFrame>> {
        (0..self.frames.len()).filter_map(|index| self.unpacked(index)).map(Rc::new).collect()
    }

    /// The triangle of one head in the frame at `index`.
    pub fn triangle(&self, index: usize, layer: usize, head: usize) -> Option<&[u8]> {
        let length = triangle_len(self.tokens.len());
        let start = (layer * self.heads as usize + head) * length;
        self.frames.get(index)?.triangles.get(start..start + length)
    }

    /// Layers and heads of a frame.
    pub fn shape(&self) -> (usize, usize) {
        (self.layers as usize, self.heads as usize)
    }

    /// The frame to draw: the newest, or the nearest at or before the step that the visitor chose.
    pub fn shown(&self) -> Option<&Rc<StoredFrame>> {
        self.shown.as_ref()
    }

    /// Where the shown frame stands among [`Self::frames`].
    pub fn shown_index(&self) -> Option<usize> {
        match self.shown_step {
            None => self.frames.len().checked_sub(1),
            Some(step) => self.index_at(step),
        }
    }

    /// The step that the visitor chose; `None` follows the newest.
    pub fn shown_step(&self) -> Option<u32> {
        self.shown_step
    }

    /// Chooses a step to look at; `None` follows the newest frame.
    pub fn show(&mut self, step: Option<u32>) {
        self.shown_step = step;
        self.unpack();
    }

    /// The frame that is subtracted from the shown one, while differences are shown.
    pub fn reference(&self) -> Option<&Rc<StoredFrame>> {
        self.reference.as_ref()
    }

    /// Where that frame stands among [`Self::frames`].
    pub fn reference_index(&self) -> Option<usize> {
        self.index_at(self.against?)
    }

    /// The step that the visitor compares with; `None` shows attention as it is.
    pub fn against(&self) -> Option<u32> {
        self.against
    }

    /// Shows the difference from this step; `None` shows attention as it is.
    pub fn compare(&mut self, against: Option<u32>) {
        self.against = against;
        self.unpack();
    }

    /// Keeps frames up to `step`: a run goes on from an earlier checkpoint. They count as the new run's.
    pub fn rewind(&mut self, run: u32, step: u32) {
        self.frames.retain(|frame| frame.mark.step <= step);
        self.bookmarks.retain(|bookmark| bookmark.step <= step);
        (self.run, self.shown_step) = (run, None);
        self.unpack();
    }

    fn is_of(&self, layers: u32, heads: u32, tokens: &[String]) -> bool {
        (self.layers, self.heads) == (layers, heads) && self.tokens == tokens
    }

    fn begin(&mut self, layers: u32, heads: u32, tokens: &[String]) {
        *self = Self { layers, heads, tokens: tokens.to_vec(), against: self.against, ..Self::default() };
    }

    fn index_at(&self, step: u32) -> Option<usize> {
        let after = self.frames.partition_point(|frame| frame.mark.step <= step);
        if self.frames.is_empty() { None } else { Some(after.saturating_sub(1)) }
    }

    /// Unpacks what views read.
    fn unpack(&mut self) {
        self.shown = self.shown_index().and_then(|index| self.unpacked(index)).map(Rc::new);
        self.reference = self.reference_index().and_then(|index| self.unpacked(index)).map(Rc::new);
    }

    /// Within the protocol's limits: the frame goes whose neighbours are nearest to each other, never the first, the newest or a bookmarked one.
    fn thin(&mut self) {
        let one = self.frames.first().map_or(1, |frame| frame.triangles.len().max(1));
        let most = MOST_FRAMES.min(MOST_FRAME_BYTES / one).max(2);
        while self.frames.len() > most {
            let gap = |at: &usize| self.frames[at + 1].mark.step - self.frames[at - 1].mark.step;
            let marked = |at: &usize| self.bookmarks.iter().any(|bookmark| bookmark.step == self.frames[*at].mark.step);
            let Some(at) = (1..self.frames.len() - 1).filter(|at| !marked(at)).min_by_key(gap) else { return };
            self.frames.remove(at);
        }
    }
}
