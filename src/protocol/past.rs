//! The recorded past of the pinned sentence: frames as they are stored and sent, and the bookmarks among them.
//!
//! A causal map has nothing above its diagonal, so a stored frame leaves that out: `[layers, heads]` triangles, row after row, `t (t + 1) / 2`
//! bytes each. A frame of 64 tokens in 6 layers of 8 heads is 99,840 bytes, 500 of them 50 MB.

use super::explain::HeadPlace;
use serde::{Deserialize, Serialize};

/// Most frames kept of one sentence; beyond that every second one goes, but never the first, the newest or a bookmarked one.
pub const MOST_FRAMES: usize = 500;
/// Most bytes of maps kept, for the same rule.
pub const MOST_FRAME_BYTES: usize = 64 << 20;
/// Most bookmarks; beyond that only the larger changes stay.
pub const MOST_BOOKMARKS: usize = 12;

/// One stored frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FrameMark {
    pub step: u32,
    /// Mean loss of the sentence, nats per token; `None` for a single token.
    pub loss: Option<f32>,
    /// Made afterwards from kept weights (half precision), since another sentence was pinned at that step.
    pub rerun: bool,
}

/// Some frames of the pinned sentence, oldest first. The packet holds one buffer per frame: the triangles of its maps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryPart {
    /// The run whose frames they are; 0 for a prepared model.
    pub run: u32,
    /// Which model and text the frames belong to: equal for runs that begin alike (same weights, tokenizer and text).
    pub model: String,
    pub layers: u32,
    pub heads: u32,
    /// The sentence's tokens, as text pieces.
    pub tokens: Vec<String>,
    pub frames: Vec<FrameMark>,
    /// What the page has of the past goes; these frames and those of the parts that follow take its place.
    pub first: bool,
    /// More parts follow.
    pub more: bool,
}

impl HistoryPart {
    /// Bytes that each buffer must hold.
    pub fn buffer_len(&self) -> usize {
        self.layers as usize * self.heads as usize * triangle_len(self.tokens.len())
    }
}

/// Why a step is worth going back to: what has changed since the bookmark before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A head looks elsewhere: Jensen–Shannon distance (base 2, mean over query tokens), 0..=1.
    Head { place: HeadPlace, distance: f32 },
    /// The sentence's loss has moved by so many nats per token; negative: it fell.
    Loss { by: f32 },
}

/// A frame that follows a large change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bookmark {
    pub step: u32,
    pub change: Change,
}

/// Bytes of one head's triangle for `tokens` tokens.
pub fn triangle_len(tokens: usize) -> usize {
    tokens * (tokens + 1) / 2
}

/// Leaves out what lies above the diagonal: `[maps, t, t]` to `[maps, t (t + 1) / 2]`.
pub fn to_triangles(square: &[u8], tokens: usize) -> Vec<u8> {
    let mut triangles = Vec::with_capacity(square.len() / 2 + square.len() / tokens.max(1));
    for map in square.chunks_exact((tokens * tokens).max(1)) {
        for (query, row) in map.chunks_exact(tokens.max(1)).enumerate() {
            triangles.extend_from_slice(&row[..=query]);
        }
    }
    triangles
}

/// The whole maps again, `[maps, t, t]`, as an [`AttentionFrame`](super::AttentionFrame)'s buffer holds them.
pub fn to_squares(triangles: &[u8], tokens: usize) -> Vec<u8> {
    let length = triangle_len(tokens);
    let mut squares = Vec::with_capacity(triangles.len() / length.max(1) * tokens * tokens);
    for triangle in triangles.chunks_exact(length.max(1)) {
        for query in 0..tokens {
            let start = triangle_len(query);
            squares.extend_from_slice(&triangle[start..=start + query]);
            squares.resize(squares.len() + tokens - query - 1, 0);
        }
    }
    squares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_lose_nothing_below_the_diagonal() {
        let square = [9, 0, 0, 1, 2, 0, 3, 4, 5, 6, 0, 0, 7, 8, 0, 1, 1, 1];
        let triangles = to_triangles(&square, 3);
        assert_eq!(triangles, [9, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 1]);
        assert_eq!(to_squares(&triangles, 3), square);
        assert!(to_squares(&[], 0).is_empty() && to_triangles(&[], 0).is_empty());
    }

    #[test]
    fn five_hundred_frames_of_the_largest_usual_sentence_fit() {
        assert!(MOST_FRAMES * 6 * 8 * triangle_len(64) <= MOST_FRAME_BYTES);
    }
}
