//! What the pictures show: the attention of one moment, or how it differs from that of another.
//!
//! In: the store's shown frame, and the frame it is compared with. Out: weights, signed for a difference, and the scale of its colours. Every view
//! reads attention through [`Shown`], so that slider and switch move them all.

use crate::page::state::{Part, Store, StoredFrame};
use crate::page::strings::words;
use crate::protocol::AttentionFrame;
use crate::protocol::explain::signed_difference;
use std::rc::Rc;

/// Ends of the scale of differences; the smallest that holds all of them is used, so that colours mean the same while one drags.
const SCALES: [f32; 6] = [0.1, 0.2, 0.35, 0.5, 0.75, 1.0];

/// The maps of a moment, or of one moment minus another.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub frame: Rc<StoredFrame>,
    /// Subtracted from `frame`; always of the same shape.
    pub from: Option<Rc<StoredFrame>>,
}

impl Shown {
    /// Of the store, without following it.
    pub fn of(store: Store) -> Option<Self> {
        store.peek(|state| {
            let frame = state.attention.shown()?.clone();
            let from = state.attention.reference().filter(|from| from.weights.len() == frame.weights.len()).cloned();
            Some(Self { frame, from })
        })
    }

    /// The same; the surrounding view wakes when it changes.
    pub fn follow(store: Store) -> Option<Self> {
        store.follow(Part::Attention);
        Self::of(store)
    }

    pub fn head(&self) -> &AttentionFrame {
        &self.frame.head
    }

    /// A weight in 0..=1, or the difference of two in −1..=1; `None` outside the maps.
    pub fn weight(&self, layer: usize, head: usize, query: usize, key: usize) -> Option<f32> {
        let Some(from) = &self.from else { return self.frame.weight(layer, head, query, key) };
        let tokens = self.head().tokens.len();
        let inside = layer < self.head().layers as usize && head < self.head().heads as usize && query < tokens && key < tokens;
        let at = self.head().map_offset(layer, head) + query * tokens + key;
        let (from, to) = inside.then(|| (from.weights.get(at), self.frame.weights.get(at)))?;
        Some(signed_difference(*from?, *to?))
    }

    pub fn is_difference(&self) -> bool {
        self.from.is_some()
    }

    /// The size of difference that has the full colour; 1 for weights.
    pub fn scale(&self) -> f32 {
        let Some(from) = &self.from else { return 1.0 };
        let largest = from.weights.iter().zip(&self.frame.weights).map(|(&from, &to)| from.abs_diff(to)).max().unwrap_or(0);
        let largest = f32::from(largest) / 255.0;
        SCALES.into_iter().find(|&scale| scale >= largest).unwrap_or(1.0)
    }

    /// The moment in words: "step 120", or "step 120 minus step 0".
    pub fn moment(&self) -> String {
        let words = &words().past;
        let step = self.head().step;
        self.from.as_ref().map_or_else(|| (words.moment)(step), |from| (words.minus)(step, from.head.step))
    }

    /// The moment as a part of a file's name.
    pub fn file_part(&self) -> String {
        let step = self.head().step;
        self.from.as_ref().map_or_else(|| format!("step{step}"), |from| format!("step{step}-minus-step{}", from.head.step))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Maps without a store.
    pub fn only(frame: AttentionFrame, weights: Vec<u8>) -> Shown {
        Shown { frame: Rc::new(StoredFrame { head: frame, weights }), from: None }
    }

    fn small(step: u32, weights: [u8; 4]) -> Rc<StoredFrame> {
        let head = AttentionFrame { run: 1, step, layers: 1, heads: 1, tokens: vec!["a".into(), "b".into()], loss: None };
        Rc::new(StoredFrame { head, weights: weights.to_vec() })
    }

    #[test]
    fn a_difference_has_a_sign_and_a_scale() {
        let plain = Shown { frame: small(9, [255, 0, 51, 204]), from: None };
        assert_eq!((plain.weight(0, 0, 1, 0), plain.weight(0, 0, 1, 2), plain.scale()), (Some(0.2), None, 1.0));
        let changed = Shown { from: Some(small(2, [255, 0, 102, 153])), ..plain };
        assert_eq!((changed.weight(0, 0, 1, 0), changed.weight(0, 0, 1, 1)), (Some(-0.2), Some(0.2)));
        assert_eq!((changed.weight(1, 0, 0, 0), changed.weight(0, 0, 0, 2), changed.scale()), (None, None, 0.2));
        assert!(changed.moment().contains('9') && changed.moment().contains('2'));
        assert_eq!(changed.file_part(), "step9-minus-step2");
    }

    #[test]
    fn nothing_changed_has_the_finest_scale() {
        let same = Shown { frame: small(1, [255, 0, 1, 254]), from: Some(small(0, [255, 0, 1, 254])) };
        assert_eq!((same.weight(0, 0, 1, 1), same.scale()), (Some(0.0), 0.1));
    }
}
