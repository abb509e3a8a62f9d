//! How far every head has moved between two looks at a sentence.

use crate::metrics::{map_distance, triangle_distance};
use crate::protocol::explain::{HeadChange, HeadPlace};
use crate::protocol::past::triangle_len;

/// All heads, the one that moved most first. Both are maps `[heads, t, t]` per layer, of one shape.
pub fn changes(from: &[Vec<f32>], to: &[Vec<f32>], tokens: usize, heads: usize) -> Vec<HeadChange> {
    let square = (tokens * tokens).max(1);
    let maps = from.iter().flat_map(|layer| layer.chunks_exact(square)).zip(to.iter().flat_map(|layer| layer.chunks_exact(square)));
    sorted(maps.map(|(from, to)| map_distance(from, to, tokens)).collect(), heads)
}

/// The same of stored frames: triangles of bytes `[layers, heads, t (t + 1) / 2]`.
pub fn stored_changes(from: &[u8], to: &[u8], tokens: usize, heads: usize) -> Vec<HeadChange> {
    let length = triangle_len(tokens).max(1);
    let distances = from.chunks_exact(length).zip(to.chunks_exact(length)).map(|(from, to)| triangle_distance(from, to, tokens));
    sorted(distances.collect(), heads)
}

fn sorted(distances: Vec<f32>, heads: usize) -> Vec<HeadChange> {
    let place = |index: usize| HeadPlace { layer: (index / heads.max(1)) as u32, head: (index % heads.max(1)) as u32 };
    let mut changes: Vec<HeadChange> =
        distances.into_iter().enumerate().map(|(index, distance)| HeadChange { place: place(index), distance }).collect();
    changes.sort_by(|a, b| b.distance.total_cmp(&a.distance).then(a.place.cmp(&b.place)));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_that_moved_most_comes_first() {
        let same = [1.0, 0.0, 0.5, 0.5];
        let moved = [1.0, 0.0, 1.0, 0.0];
        let from = [[same, same].concat(), [same, same].concat()];
        let to = [[same, same].concat(), [moved, same].concat()];
        let list = changes(&from, &to, 2, 2);
        assert_eq!((list.len(), list[0].place, list[1].distance), (4, HeadPlace { layer: 1, head: 0 }, 0.0));
        assert!(list[0].distance > 0.4, "{list:?}");
        let stored = stored_changes(&[255, 128, 128, 255, 128, 128], &[255, 128, 128, 255, 255, 0], 2, 1);
        assert_eq!(stored[0].place, HeadPlace { layer: 1, head: 0 });
        assert!((stored[0].distance - list[0].distance).abs() < 1e-3);
    }
}
