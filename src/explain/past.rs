//! The recorded past of one sentence in one run: frames as triangles of bytes, thinned evenly, with bookmarks at large changes.
//!
//! In: looks at the sentence with their steps. Out: frames, bookmarks, and all of it as bytes for the storage. Absent: when to record, and where the
//! bytes are kept.

use serde::{Deserialize, Serialize};

use crate::protocol::explain::HeadPlace;
use crate::protocol::past::{
    Bookmark, Change, FrameMark, HistoryPart, MOST_BOOKMARKS, MOST_FRAME_BYTES, MOST_FRAMES, to_triangles, triangle_len,
};

use super::compare::stored_changes;

/// A head has changed much when it has moved by this Jensen–Shannon distance since the last bookmark,
const HEAD_CHANGE: f32 = 0.3;
/// the sentence when its loss has moved by this many nats per token.
const LOSS_CHANGE: f32 = 0.5;
/// Where there are too many bookmarks, changes must be this much larger.
const STRICTER: f32 = 1.25;

const MAGIC: &[u8; 8] = b"ATTUPAST";
const VERSION: u32 = 1;

/// Whose past it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub run: u32,
    /// Equal for runs that begin alike.
    pub model: String,
    pub layers: u32,
    pub heads: u32,
    /// As the visitor typed it, or as it was taken from the text.
    pub sentence: String,
    /// Nobody chose it.
    pub from_text: bool,
    pub tokens: Vec<String>,
}

/// One frame.
#[derive(Debug, Clone, PartialEq)]
struct Frame {
    mark: FrameMark,
    /// `[layers, heads, t (t + 1) / 2]`.
    triangles: Vec<u8>,
}

/// Frames by step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    subject: Subject,
    frames: Vec<Frame>,
    bookmarks: Vec<Bookmark>,
    /// Factor on what counts as a large change.
    strictness: f32,
    most_frames: usize,
}

/// What precedes the frames in a file.
#[derive(Serialize, Deserialize)]
struct Head {
    /// Grows with every file: the larger one is the newer.
    serial: u64,
    /// Steps whose weights are kept, and where.
    kept: Vec<(u32, u32)>,
    subject: Subject,
    marks: Vec<FrameMark>,
    bookmarks: Vec<Bookmark>,
    strictness: f32,
}

/// A past as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPast {
    /// Grows with every file: the larger one is the newer.
    pub serial: u64,
    /// Steps whose weights are kept, and the numbers of their files.
    pub kept: Vec<(u32, u32)>,
    pub past: Past,
}

/// Why stored bytes are no past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored history cannot be read: {0}")]
pub struct PastDamaged(&'static str);

impl Past {
    /// An empty past of this sentence in this run.
    pub fn new(subject: Subject) -> Self {
        Self { subject, frames: Vec::new(), bookmarks: Vec::new(), strictness: 1.0, most_frames: MOST_FRAMES }
    }

    /// Whose it is.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// It becomes this run's: a prepared model's run has begun, or a saved one goes on.
    pub fn rename(&mut self, run: u32) {
        self.subject.run = run;
    }

    /// The first and the last step; `None` without frames.
    pub fn steps(&self) -> Option<(u32, u32)> {
        Some((self.frames.first()?.mark.step, self.frames.last()?.mark.step))
    }

    pub fn len(&self) -> usize {
        self.frames.len()
    }

    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Bytes of maps.
    pub fn bytes(&self) -> usize {
        self.frames.iter().map(|frame| frame.triangles.len()).sum()
    }

    /// All bookmarks, by step.
    pub fn bookmarks(&self) -> &[Bookmark] {
        &self.bookmarks
    }

    /// The frame nearest to a step (of two the earlier), with its maps as triangles.
    pub fn nearest(&self, step: u32) -> Option<(FrameMark, &[u8])> {
        let frame = self.frames.iter().min_by_key(|frame| frame.mark.step.abs_diff(step))?;
        Some((frame.mark, &frame.triangles))
    }

    /// Adds a frame, its maps as bytes `[layers, heads, t, t]`; one of the same step is replaced. Returns whether the bookmarks have changed.
    /// Maps of another size are not taken.
    pub fn push(&mut self, mark: FrameMark, squares: &[u8]) -> bool {
        let tokens = self.subject.tokens.len();
        let triangles = to_triangles(squares, tokens);
        if triangles.is_empty() || triangles.len() != self.frame_len() {
            return false;
        }
        let place = self.frames.partition_point(|frame| frame.mark.step < mark.step);
        let frame = Frame { mark, triangles };
        match self.frames.get_mut(place) {
            Some(known) if known.mark.step == mark.step => *known = frame,
            _ => self.frames.insert(place, frame),
        }
        let changed = if place + 1 == self.frames.len() { self.look_at_newest() } else { self.look_at_all() };
        self.thin();
        changed
    }

    /// Forgets what comes after a step: the run goes on from there.
    pub fn rewind(&mut self, step: u32) {
        self.frames.retain(|frame| frame.mark.step <= step);
        self.bookmarks.retain(|bookmark| bookmark.step <= step);
    }

    fn frame_len(&self) -> usize {
        self.subject.layers as usize * self.subject.heads as usize * triangle_len(self.subject.tokens.len())
    }

    fn frame_at(&self, step: u32) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.mark.step == step)
    }

    /// What has changed much from one frame to another; heads first, they are what one watches.
    fn change(&self, from: &Frame, to: &Frame) -> Option<Change> {
        let moved = stored_changes(&from.triangles, &to.triangles, self.subject.tokens.len(), self.subject.heads as usize);
        if let Some(most) = moved.first().filter(|most| most.distance >= HEAD_CHANGE * self.strictness) {
            return Some(Change::Head { place: HeadPlace { ..most.place }, distance: most.distance });
        }
        let by = to.mark.loss? - from.mark.loss?;
        (by.abs() >= LOSS_CHANGE * self.strictness).then_some(Change::Loss { by })
    }

    /// Bookmarks the newest frame if it differs much from the one bookmarked last, or from the first.
    fn look_at_newest(&mut self) -> bool {
        let Some(newest) = self.frames.last() else { return false };
        let step = newest.mark.step;
        let known = self.bookmarks.iter().position(|bookmark| bookmark.step >= step);
        let replaced = known.is_some();
        self.bookmarks.truncate(known.unwrap_or(self.bookmarks.len()));
        let before = self.bookmarks.last().and_then(|bookmark| self.frame_at(bookmark.step)).or(self.frames.first());
        let change = before.filter(|before| before.mark.step < step).and_then(|before| self.change(before, newest));
        let Some(change) = change else { return replaced };
        self.bookmarks.push(Bookmark { step, change });
        while self.bookmarks.len() > MOST_BOOKMARKS {
            self.strictness *= STRICTER;
            let steps: Vec<u32> = self.bookmarks.iter().map(|bookmark| bookmark.step).collect();
            self.bookmark_among(|step| steps.contains(&step));
        }
        true
    }

    /// Bookmarks from the beginning: frames have come in between.
    fn look_at_all(&mut self) -> bool {
        let before = std::mem::take(&mut self.bookmarks);
        self.strictness = 1.0;
        self.bookmark_among(|_| true);
        while self.bookmarks.len() > MOST_BOOKMARKS {
            self.strictness *= STRICTER;
            self.bookmark_among(|_| true);
        }
        self.bookmarks != before
    }

    fn bookmark_among(&mut self, considered: impl Fn(u32) -> bool) {
        let mut found: Vec<Bookmark> = Vec::new();
        let mut last = self.frames.first();
        for frame in self.frames.iter().skip(1).filter(|frame| considered(frame.mark.step)) {
            if let Some(change) = last.and_then(|last| self.change(last, frame)) {
                found.push(Bookmark { step: frame.mark.step, change });
                last = Some(frame);
            }
        }
        self.bookmarks = found;
    }

    /// While there is too much: the frame goes whose neighbours are nearest to each other, so that what stays is spread evenly over the steps.
    fn thin(&mut self) {
        while self.frames.len() > 2 && (self.frames.len() > self.most_frames || self.bytes() > MOST_FRAME_BYTES) {
            let gap = |index: usize| self.frames[index + 1].mark.step - self.frames[index - 1].mark.step;
            let bookmarked = |index: &usize| self.bookmarks.iter().any(|bookmark| bookmark.step == self.frames[*index].mark.step);
            let inner = 1..self.frames.len() - 1;
            let Some(least) = inner.clone().filter(|index| !bookmarked(index)).min_by_key(|&index| gap(index)) else { return };
            self.frames.remove(least);
        }
    }

    /// Everything, for the page: parts of at most `part_bytes` of maps (but at least one frame), with one buffer per frame.
    pub fn parts(&self, part_bytes: usize) -> Vec<(HistoryPart, Vec<Vec<u8>>)> {
        let per_part = (part_bytes / self.frame_len().max(1)).max(1);
        let mut parts: Vec<(HistoryPart, Vec<Vec<u8>>)> = self
            .frames
            .chunks(per_part)
            .map(|frames| {
                let Subject { run, model, layers, heads, tokens, .. } = self.subject.clone();
                let marks = frames.iter().map(|frame| frame.mark).collect();
                let part = HistoryPart { run, model, layers, heads, tokens, frames: marks, first: false, more: true };
                (part, frames.iter().map(|frame| frame.triangles.clone()).collect())
            })
            .collect();
        if let Some((first, _)) = parts.first_mut() {
            first.first = true;
        }
        if let Some((last, _)) = parts.last_mut() {
            last.more = false;
        }
        parts
    }

    /// As a file, with its serial number and where weights are kept: magic, version (4 bytes), length of the head (8), the head as JSON, the frames' triangles, a checksum (8). Little-endian.
    ///
    /// # Errors
    /// Should the head not be JSON; none of its types has that.
    pub fn to_bytes(&self, serial: u64, kept: Vec<(u32, u32)>) -> Result<Vec<u8>, PastDamaged> {
        let marks = self.frames.iter().map(|frame| frame.mark).collect();
        let head =
            Head { serial, kept, subject: self.subject.clone(), marks, bookmarks: self.bookmarks.clone(), strictness: self.strictness };
        let head = serde_json::to_vec(&head).map_err(|_| PastDamaged("head"))?;
        let mut bytes = Vec::with_capacity(28 + head.len() + self.bytes());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(head.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&head);
        self.frames.iter().for_each(|frame| bytes.extend_from_slice(&frame.triangles));
        bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
        Ok(bytes)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_bytes(bytes: &[u8]) -> Result<StoredPast, PastDamaged> {
        let (content, sum) = bytes.split_last_chunk::<8>().ok_or(PastDamaged("cut off"))?;
        let rest = content.strip_prefix(MAGIC.as_slice()).ok_or(PastDamaged("no history"))?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(PastDamaged("cut off"))?;
        if u32::from_le_bytes(*version) != VERSION {
            return Err(PastDamaged("version"));
        }
        if checksum(content) != u64::from_le_bytes(*sum) {
            return Err(PastDamaged("checksum"));
        }
        let (length, rest) = rest.split_first_chunk::<8>().ok_or(PastDamaged("cut off"))?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| PastDamaged("length"))?;
        let (head, maps) = rest.split_at_checked(length).ok_or(PastDamaged("cut off"))?;
        let head: Head = serde_json::from_slice(head).map_err(|_| PastDamaged("head"))?;
        let mut past = Self { bookmarks: head.bookmarks, strictness: head.strictness, ..Self::new(head.subject) };
        let length = past.frame_len();
        if length == 0 || maps.len() != length * head.marks.len() || !head.marks.is_sorted_by_key(|mark| mark.step) {
            return Err(PastDamaged("frames"));
        }
        let frame = |(mark, maps): (FrameMark, &[u8])| Frame { mark, triangles: maps.to_vec() };
        past.frames = head.marks.into_iter().zip(maps.chunks_exact(length)).map(frame).collect();
        Ok(StoredPast { serial: head.serial, kept: head.kept, past })
    }
}

/// FNV-1a (Fowler, Noll and Vo) over words of eight bytes: against files that were cut off or mixed up, not against malice.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(0xcbf2_9ce4_8422_2325 ^ bytes.len() as u64, |sum, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let mixed = (sum ^ u64::from_le_bytes(word)).wrapping_mul(0x0000_0100_0000_01b3);
        mixed ^ (mixed >> 29)
    })
}

#[cfg(test)]
#[path = "past_tests.rs"]
mod tests;
