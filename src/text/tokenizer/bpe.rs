//! Byte-pair merges: the bytes of a word to ids, lowest rank first, leftmost among equals.

use super::hash::FastMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Words up to this many bytes are merged by looking through all pairs each time; longer ones through a queue.
const SHORT_WORD: usize = 48;
const NO_RANK: u32 = u32::MAX;

/// A byte-level BPE: `bytes[b]` is the id of byte `b`, `merges` maps a pair of ids to its rank and result.
#[derive(Debug)]
pub(super) struct Bpe {
    bytes: [u32; 256],
    merges: FastMap<(u32, u32), Merge>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Merge {
    pub(super) rank: u32,
    pub(super) id: u32,
}

/// A part of a word that is still being merged.
#[derive(Debug, Clone, Copy)]
struct Part {
    id: u32,
    /// Rank and result of merging with the next part; [`NO_RANK`] when they do not merge.
    merge: Merge,
}

/// Memory that is used again for each word.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    parts: Vec<Part>,
    /// Neighbours in `parts` by position, for long words; `usize::MAX` at the ends and for parts that are gone.
    links: Vec<(usize, usize)>,
    queue: BinaryHeap<Reverse<(u32, usize, u32)>>,
}

impl Bpe {
    pub(super) fn new(bytes: [u32; 256], merges: FastMap<(u32, u32), Merge>) -> Self {
        Self { bytes, merges }
    }

    fn merge(&self, left: u32, right: u32) -> Merge {
        self.merges.get(&(left, right)).copied().unwrap_or(Merge { rank: NO_RANK, id: 0 })
    }

    /// Appends the ids of one word to `out`.
    pub(super) fn encode_word(&self, word: &[u8], scratch: &mut Scratch, out: &mut Vec<u32>) {
        let id = |byte: u8| self.bytes[usize::from(byte)];
        scratch.parts.clear();
        for (at, &byte) in word.iter().enumerate() {
            let merge = word.get(at + 1).map_or(Merge { rank: NO_RANK, id: 0 }, |&next| self.merge(id(byte), id(next)));
            scratch.parts.push(Part { id: id(byte), merge });
        }
        if word.len() <= SHORT_WORD {
            self.merge_short(&mut scratch.parts);
            out.extend(scratch.parts.iter().map(|part| part.id));
        } else {
            self.merge_long(scratch, out);
        }
    }

    /// Quadratic, but without any bookkeeping.
    fn merge_short(&self, parts: &mut Vec<Part>) {
        while let Some((at, best)) = parts.iter().enumerate().min_by_key(|(_, part)| part.merge.rank) {
            let Merge { rank, id } = best.merge;
            if rank == NO_RANK {
                return;
            }
            parts.remove(at + 1);
            parts[at] = Part { id, merge: parts.get(at + 1).map_or(Merge { rank: NO_RANK, id: 0 }, |next| self.merge(id, next.id)) };
            if at > 0 {
                parts[at - 1].merge = self.merge(parts[at - 1].id, id);
            }
        }
    }

    /// A queue of merges by rank and position over a linked list: n log n, for texts without spaces.
    fn merge_long(&self, scratch: &mut Scratch, out: &mut Vec<u32>) {
        const NONE: usize = usize::MAX;
        let Scratch { parts, links, queue } = scratch;
        let len = parts.len();
        links.clear();
        links.extend((0..len).map(|at| (at.wrapping_sub(1), if at + 1 < len { at + 1 } else { NONE })));
        queue.clear();
        queue.extend(
            parts
                .iter()
                .enumerate()
                .filter(|(_, part)| part.merge.rank != NO_RANK)
                .map(|(at, part)| Reverse((part.merge.rank, at, part.merge.id))),
        );
        while let Some(Reverse((rank, at, id))) = queue.pop() {
            // Entries of merges that no longer stand are left in the queue and recognised here.
            if parts[at].merge.rank != rank || parts[at].merge.id != id {
                continue;
            }
            let (before, gone) = links[at];
            if gone == NONE {
                continue;
            }
            let after = links[gone].1;
            parts[gone].merge.rank = NO_RANK;
            links[gone] = (NONE, NONE);
            links[at].1 = after;
            let merge = if after == NONE { Merge { rank: NO_RANK, id: 0 } } else { self.merge(id, parts[after].id) };
            parts[at] = Part { id, merge };
            if after != NONE {
                links[after].0 = at;
                if merge.rank != NO_RANK {
                    queue.push(Reverse((merge.rank, at, merge.id)));
                }
            }
            if before != NONE {
                let merge = self.merge(parts[before].id, id);
                parts[before].merge = merge;
                if merge.rank != NO_RANK {
                    queue.push(Reverse((merge.rank, before, merge.id)));
                }
            }
        }
        // The first part is never merged into one before it.
        let mut at = 0;
        while at != NONE && at < len {
            out.push(parts[at].id);
            at = links[at].1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ids 0..=255 are bytes; merges in order of rank.
    fn bpe(merges: &[(u32, u32, u32)]) -> Bpe {
        let merges = (0..).zip(merges).map(|(rank, &(left, right, id))| ((left, right), Merge { rank, id })).collect();
        Bpe::new(std::array::from_fn(|byte| byte as u32), merges)
    }

    fn encode(bpe: &Bpe, word: &[u8]) -> Vec<u32> {
        let mut out = Vec::new();
        bpe.encode_word(word, &mut Scratch::default(), &mut out);
        out
    }

    #[test]
    fn rank_goes_before_place() {
        let (a, b, c) = (u32::from(b'a'), u32::from(b'b'), u32::from(b'c'));
        let bpe = bpe(&[(b, c, 256), (a, b, 257), (a, 256, 258)]);
        assert_eq!(encode(&bpe, b"abc"), [258]);
        assert_eq!(encode(&bpe, b"abab"), [257, 257]);
        assert_eq!(encode(&bpe, b""), [0; 0]);
    }

    #[test]
    fn a_long_run_is_quick_and_leftmost() {
        let a = u32::from(b'a');
        let bpe = bpe(&[(a, a, 256), (256, 256, 257)]);
        assert_eq!(encode(&bpe, &[b'a'; 1_000_001]).len(), 250_001);
        assert_eq!(encode(&bpe, &[b'a'; 7]), [257, 256, a]);
    }

    proptest! {
        #[test]
        fn both_ways_of_merging_agree(word in "[abc]{49,120}", merges in proptest::collection::vec((97_u32..100, 97_u32..100), 0..4)) {
            // Merges of merges: ids 256.. in order, so that chains occur.
            let mut list = Vec::new();
            for (index, (left, right)) in merges.iter().enumerate() {
                let id = 256 + 2 * index as u32;
                list.push((*left, *right, id));
                list.push((id, *left, id + 1));
            }
            let bpe = bpe(&list);
            let mut scratch = Scratch::default();
            let mut long = Vec::new();
            bpe.encode_word(word.as_bytes(), &mut scratch, &mut long);
            let id = |byte: u8| u32::from(byte);
            let bytes = word.as_bytes();
            let mut parts: Vec<Part> = bytes.iter().enumerate().map(|(at, &byte)| Part {
                id: id(byte),
                merge: bytes.get(at + 1).map_or(Merge { rank: NO_RANK, id: 0 }, |&next| bpe.merge(id(byte), id(next))),
            }).collect();
            bpe.merge_short(&mut parts);
            prop_assert_eq!(long, parts.iter().map(|part| part.id).collect::<Vec<_>>());
        }
    }
}
