//! The head picture as plain data: which lines, how strong; which bars beside which token.
//!
//! In: the shown maps, a layer, the active heads, the focus. Out: [`Link`]s and [`Bar`]s, the same for canvas and SVG.
//! Strength is weight ÷ active heads, as in bertviz (Vig 2019, arXiv 1906.05714), so that many heads together do not turn black.
//! Absent: places, colours, browsers.

use super::selection::{Focus, HeadSet, Side};
use super::shown::Shown;

/// A line fainter than this (of the scale) is not drawn: the eye cannot see it, and 64 tokens have 2,080 pairs a head.
pub const FAINTEST: f32 = 0.008;

/// One line from a token that looks to a token that is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    pub head: usize,
    pub query: usize,
    pub key: usize,
    /// Weight ÷ active heads, 0..=1: the line's opacity; signed for a difference.
    pub strength: f32,
}

/// Where one token's attention goes (or comes from) while it is isolated: one bar beside each token of the other column.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub side: Side,
    pub token: usize,
    /// Active heads with their share of the bar: weight ÷ active heads; signed for a difference.
    pub parts: Vec<(usize, f32)>,
    /// Sum of the parts: the mean weight over the active heads.
    pub total: f32,
}

/// The lines to draw; with a focus only those of that token.
pub fn links(shown: &Shown, layer: usize, heads: HeadSet, focus: Option<Focus>) -> Vec<Link> {
    let tokens = shown.head().tokens.len();
    let active = heads.count() as f32;
    let faintest = FAINTEST * shown.scale();
    let mut links = Vec::new();
    for head in heads.iter() {
        for query in 0..tokens {
            for key in 0..=query {
                let wanted = match focus {
                    None => true,
                    Some(Focus { side: Side::Query, token }) => token == query,
                    Some(Focus { side: Side::Key, token }) => token == key,
                };
                let Some(weight) = wanted.then(|| shown.weight(layer, head, query, key)).flatten() else { continue };
                let strength = weight / active;
                if strength.abs() >= faintest {
                    links.push(Link { head, query, key, strength });
                }
            }
        }
    }
    links
}

/// The bars of an isolated token, on the other column; empty without a focus.
pub fn bars(shown: &Shown, layer: usize, heads: HeadSet, focus: Option<Focus>) -> Vec<Bar> {
    let Some(focus) = focus else { return Vec::new() };
    let tokens = shown.head().tokens.len();
    if focus.token >= tokens {
        return Vec::new();
    }
    let active = heads.count() as f32;
    // A token looks at itself and at what stands before it, and is looked at by itself and by what stands after it.
    let range = match focus.side {
        Side::Query => 0..focus.token + 1,
        Side::Key => focus.token..tokens,
    };
    let side = focus.side.other();
    range
        .map(|token| {
            let (query, key) = match focus.side {
                Side::Query => (focus.token, token),
                Side::Key => (token, focus.token),
            };
            let parts: Vec<(usize, f32)> =
                heads.iter().filter_map(|head| Some((head, shown.weight(layer, head, query, key)? / active))).collect();
            let total = parts.iter().map(|part| part.1).sum();
            Bar { side, token, parts, total }
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::shown::tests::only;
    use super::*;
    use crate::protocol::AttentionFrame;

    /// A frame of two heads: the first looks at the token before, the second at the first token.
    pub fn two_heads(tokens: &[&str]) -> (AttentionFrame, Vec<u8>) {
        let size = tokens.len();
        let mut buffer = vec![0; 2 * size * size];
        for query in 0..size {
            buffer[query * size + query.saturating_sub(1)] = 255;
            buffer[size * size + query * size] = 255;
        }
        let tokens = tokens.iter().map(|&token| token.to_owned()).collect();
        (AttentionFrame { run: 1, step: 7, layers: 1, heads: 2, tokens, loss: None }, buffer)
    }

    /// The same as shown maps.
    pub fn heads_of(tokens: &[&str]) -> Shown {
        let (frame, buffer) = two_heads(tokens);
        only(frame, buffer)
    }

    #[test]
    fn strength_is_weight_by_active_heads() {
        let shown = heads_of(&["a", "b", "c"]);
        let one = links(&shown, 0, HeadSet::only(0, 2), None);
        assert_eq!(
            one.iter().map(|link| (link.query, link.key, link.strength)).collect::<Vec<_>>(),
            [(0, 0, 1.0), (1, 0, 1.0), (2, 1, 1.0)]
        );
        let both = links(&shown, 0, HeadSet::all(2), None);
        assert_eq!(both.len(), 6);
        assert!(both.iter().all(|link| (link.strength - 0.5).abs() < 1e-6));
    }

    #[test]
    fn a_focus_isolates_one_token_from_either_side() {
        let shown = heads_of(&["a", "b", "c"]);
        let focus = Some(Focus { side: Side::Query, token: 2 });
        assert!(links(&shown, 0, HeadSet::all(2), focus).iter().all(|link| link.query == 2));
        let looked_at = bars(&shown, 0, HeadSet::all(2), focus);
        assert_eq!(looked_at.iter().map(|bar| (bar.token, bar.total)).collect::<Vec<_>>(), [(0, 0.5), (1, 0.5), (2, 0.0)]);
        assert!(looked_at.iter().all(|bar| bar.side == Side::Key && bar.parts.len() == 2));
        let lookers = bars(&shown, 0, HeadSet::only(1, 2), Some(Focus { side: Side::Key, token: 0 }));
        assert_eq!(lookers.iter().map(|bar| bar.total).collect::<Vec<_>>(), [1.0, 1.0, 1.0]);
    }

    #[test]
    fn a_difference_keeps_its_sign() {
        let mut shown = heads_of(&["a", "b", "c"]);
        let mut before = (*shown.frame).clone();
        // Before, the last token looked at itself.
        (before.weights[7], before.weights[8]) = (0, 255);
        shown.from = Some(before.into());
        let found = links(&shown, 0, HeadSet::only(0, 2), None);
        assert_eq!(found.iter().map(|link| (link.query, link.key, link.strength)).collect::<Vec<_>>(), [(2, 1, 1.0), (2, 2, -1.0)]);
        let bars = bars(&shown, 0, HeadSet::all(2), Some(Focus { side: Side::Query, token: 2 }));
        assert_eq!(bars.iter().map(|bar| bar.total).collect::<Vec<_>>(), [0.0, 0.5, -0.5]);
    }

    #[test]
    fn a_layer_or_token_that_is_not_there_draws_nothing() {
        let shown = heads_of(&["a", "b"]);
        assert!(links(&shown, 3, HeadSet::all(2), None).is_empty());
        assert!(bars(&shown, 0, HeadSet::all(2), Some(Focus { side: Side::Key, token: 9 })).is_empty());
    }
}
