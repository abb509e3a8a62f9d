//! Causal attention over packed `[n, 3d]` rows: queries, keys and values lie side by side, heads within each.
//!
//! Per window and head, blocks of [`BLOCK`] queries: scores by one product against the keys up to the block's end, so that most of the
//! causal half that counts for nothing is never computed.

use super::gemm::{Target, View, product as strided};
use super::{AttentionSetting, keep, math};

/// Queries per block.
const BLOCK: usize = 32;

/// What the backward pass reads, as slices.
pub struct Tape<'a> {
    pub qkv: &'a [f32],
    pub out: &'a [f32],
    pub lse: &'a [f32],
    pub dout: &'a [f32],
}

/// One head of one window.
#[derive(Clone, Copy)]
struct Place {
    /// Row of the window's first token.
    row: usize,
    /// First column of the head within `d`.
    column: usize,
    /// Number of the (window, head) pair.
    pair: usize,
}

fn places(rows: usize, width: usize, setting: AttentionSetting) -> impl Iterator<Item = Place> {
    let size = width / setting.heads;
    (0..rows / setting.time).flat_map(move |window| {
        (0..setting.heads).map(move |head| Place { row: window * setting.time, column: head * size, pair: window * setting.heads + head })
    })
}

/// Rows of one part (0 queries, 1 keys, 2 values) of a packed matrix, from row `first` on.
fn part(values: &[f32], width: usize, place: Place, part: usize, first: usize) -> &[f32] {
    &values[(place.row + first) * 3 * width + part * width + place.column..]
}

math::wide! {
    /// Turns scores of a block of queries into weights in place, zero above the diagonal, and notes each row's log of the sum of exponentials.
    pub fn softmax_block(scores: &mut [f32], keys: usize, first: usize, scale: f32, lse: &mut [f32]) {
        for (i, (row, lse)) in scores.chunks_exact_mut(keys).zip(lse).enumerate() {
            let (seen, unseen) = row.split_at_mut(first + i + 1);
            let largest = math::largest(seen) * scale;
            for s in seen.iter_mut() {
                *s = math::exp(*s * scale - largest);
            }
            let total = math::sum(|i| seen[i], seen.len());
            let share = 1.0 / total;
            for s in seen.iter_mut() {
                *s *= share;
            }
            unseen.fill(0.0);
            *lse = largest + total.ln();
        }
    }

    /// Turns scores of one query into weights again, from the log of the sum of exponentials that the forward pass kept.
    pub fn weights_again(scores: &mut [f32], scale: f32, lse: f32) {
        for s in scores.iter_mut() {
            *s = math::exp(*s * scale - lse);
        }
    }
}

/// Zeroes dropped weights and scales the others.
fn drop_block(weights: &mut [f32], keys: usize, first: usize, pair: usize, seed: u32, setting: AttentionSetting) {
    if setting.drop <= 0.0 {
        return;
    }
    let scale = 1.0 / (1.0 - setting.drop) as f32;
    for (i, row) in weights.chunks_exact_mut(keys).enumerate() {
        let base = (pair * setting.time + first + i) * setting.time;
        for (key, weight) in row.iter_mut().enumerate() {
            *weight *= if keep(seed, setting.salt, (base + key) as u32, setting.drop) { scale } else { 0.0 };
        }
    }
}

/// `(out [n, d], lse [pairs, time])`.
pub fn forward(qkv: &[f32], width: usize, seed: u32, setting: AttentionSetting) -> (Vec<f32>, Vec<f32>) {
    let rows = qkv.len() / (3 * width);
    let (time, size) = (setting.time, width / setting.heads);
    let scale = 1.0 / (size as f32).sqrt();
    let mut out = vec![0.0; rows * width];
    let mut lse = vec![0.0; rows / time * setting.heads * time];
    let mut scores = vec![0.0; BLOCK.min(time) * time];
    for place in places(rows, width, setting) {
        for first in (0..time).step_by(BLOCK) {
            let queries = BLOCK.min(time - first);
            let keys = first + queries;
            let scores = &mut scores[..queries * keys];
            strided(
                [queries, keys, size],
                View { values: part(qkv, width, place, 0, first), row: 3 * width, column: 1 },
                View { values: part(qkv, width, place, 1, 0), row: 1, column: 3 * width },
                Target { values: scores, row: keys },
                false,
            );
            let at = place.pair * time + first;
            softmax_block(scores, keys, first, scale, &mut lse[at..at + queries]);
            drop_block(scores, keys, first, place.pair, seed, setting);
            strided(
                [queries, size, keys],
                View { values: scores, row: keys, column: 1 },
                View { values: part(qkv, width, place, 2, 0), row: 3 * width, column: 1 },
                Target { values: &mut out[(place.row + first) * width + place.column..], row: width },
                false,
            );
        }
    }
    (out, lse)
}

/// The weights themselves, `[pairs, time, time]`, for pictures.
pub fn weights(qkv: &[f32], width: usize, time: usize, heads: usize) -> Vec<f32> {
    let setting = AttentionSetting { time, heads, drop: 0.0, salt: 0 };
    let rows = qkv.len() / (3 * width);
    let size = width / heads;
    let mut all = vec![0.0; rows / time * heads * time * time];
    let mut lse = vec![0.0; time];
    for place in places(rows, width, setting) {
        let map = &mut all[place.pair * time * time..(place.pair + 1) * time * time];
        strided(
            [time, time, size],
            View { values: part(qkv, width, place, 0, 0), row: 3 * width, column: 1 },
            View { values: part(qkv, width, place, 1, 0), row: 1, column: 3 * width },
            Target { values: map, row: time },
            false,
        );
        softmax_block(map, time, 0, 1.0 / (size as f32).sqrt(), &mut lse);
    }
    all
}

/// `dqkv [n, 3d]`. With `P` the weights, `P̃` after dropping, `D = rowsum(dO ∘ O)`: `dV = P̃ᵀdO`, `dS = P ∘ (drop(dO·Vᵀ) − D)`,
/// `dQ = dS·K / √size`, `dK = dSᵀ·Q / √size`.
pub fn backward(tape: Tape, width: usize, seed: u32, setting: AttentionSetting) -> Vec<f32> {
    let rows = tape.qkv.len() / (3 * width);
    let (time, size) = (setting.time, width / setting.heads);
    let scale = 1.0 / (size as f32).sqrt();
    let mut dqkv = vec![0.0; rows * 3 * width];
    let block = BLOCK.min(time) * time;
    let (mut weights, mut dropped, mut dscores) = (vec![0.0; block], vec![0.0; block], vec![0.0; block]);
    for place in places(rows, width, setting) {
        for first in (0..time).step_by(BLOCK) {
            let queries = BLOCK.min(time - first);
            let keys = first + queries;
            let len = queries * keys;
            let (weights, dropped, dscores) = (&mut weights[..len], &mut dropped[..len], &mut dscores[..len]);
            let dout = View { values: &tape.dout[(place.row + first) * width + place.column..], row: width, column: 1 };
            strided(
                [queries, keys, size],
                View { values: part(tape.qkv, width, place, 0, first), row: 3 * width, column: 1 },
                View { values: part(tape.qkv, width, place, 1, 0), row: 1, column: 3 * width },
                Target { values: weights, row: keys },
                false,
            );
            strided(
                [queries, keys, size],
                dout,
                View { values: part(tape.qkv, width, place, 2, 0), row: 1, column: 3 * width },
                Target { values: dscores, row: keys },
                false,
            );
            for i in 0..queries {
                let seen = first + i + 1;
                let at = (place.row + first + i) * width + place.column;
                let (out, dout) = (&tape.out[at..at + size], &tape.dout[at..at + size]);
                let delta = math::sum(|j| out[j] * dout[j], size);
                let lse = tape.lse[place.pair * time + first + i];
                let row = &mut weights[i * keys..(i + 1) * keys];
                weights_again(&mut row[..seen], scale, lse);
                row[seen..].fill(0.0);
                dropped[i * keys..(i + 1) * keys].copy_from_slice(row);
                if setting.drop > 0.0 {
                    drop_block(&mut dropped[i * keys..(i + 1) * keys], keys, first + i, place.pair, seed, setting);
                    drop_block(&mut dscores[i * keys..(i + 1) * keys], keys, first + i, place.pair, seed, setting);
                }
                for (ds, w) in dscores[i * keys..(i + 1) * keys].iter_mut().zip(row.iter()) {
                    *ds = w * (*ds - delta) * scale;
                }
            }
            // dV += P̃ᵀ·dO
            strided(
                [keys, size, queries],
                View { values: dropped, row: 1, column: keys },
                dout,
                Target { values: &mut dqkv[place.row * 3 * width + 2 * width + place.column..], row: 3 * width },
                true,
            );
            // dQ = dS·K
            strided(
                [queries, size, keys],
                View { values: dscores, row: keys, column: 1 },
                View { values: part(tape.qkv, width, place, 1, 0), row: 3 * width, column: 1 },
                Target { values: &mut dqkv[(place.row + first) * 3 * width + place.column..], row: 3 * width },
                false,
            );
            // dK += dSᵀ·Q
            strided(
                [keys, size, queries],
                View { values: dscores, row: 1, column: keys },
                View { values: part(tape.qkv, width, place, 0, first), row: 3 * width, column: 1 },
                Target { values: &mut dqkv[place.row * 3 * width + width + place.column..], row: 3 * width },
                true,
            );
        }
    }
    dqkv
}
