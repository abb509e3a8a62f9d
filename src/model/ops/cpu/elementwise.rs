//! Loops over elements and rows: biases, GELU, embeddings.

use super::math;

/// Every row of `values` plus `row`.
pub fn plus_row(values: &[f32], row: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(values.len());
    for line in values.chunks_exact(row.len().max(1)) {
        out.extend(line.iter().zip(row).map(|(value, add)| value + add));
    }
    out
}

/// Sum of every column of a matrix with `width` columns.
pub fn column_sums(values: &[f32], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0; width];
    for row in values.chunks_exact(width.max(1)) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums
}

math::wide! {
    /// GELU of every element.
    pub fn gelu(values: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; values.len()];
        for (y, &x) in out.iter_mut().zip(values) {
            *y = math::gelu(x);
        }
        out
    }

    /// Multiplies each gradient by GELU's slope at `x`.
    pub fn times_gelu_slope(gradient: &mut [f32], x: &[f32]) {
        for (g, &x) in gradient.iter_mut().zip(x) {
            *g *= math::gelu_slope(x);
        }
    }
}

/// `wte[id] + wpe[offset + i % time]` per row. An id or position outside its table reads as zeros.
pub fn embed(ids: &[i32], wte: &[f32], wpe: &[f32], width: usize, time: usize, offset: usize) -> Vec<f32> {
    let mut out = vec![0.0; ids.len() * width];
    for (i, (row, &id)) in out.chunks_exact_mut(width).zip(ids).enumerate() {
        let token = wte.get(id.max(0) as usize * width..).unwrap_or_default();
        let position = wpe.get((offset + i % time) * width..).unwrap_or_default();
        for ((value, token), position) in row.iter_mut().zip(token).zip(position) {
            *value = token + position;
        }
    }
    out
}

/// Adds each row's gradient to its token and its position.
pub fn embed_backward(ids: &[i32], dx: &[f32], dwte: &mut [f32], dwpe: &mut [f32], width: usize, time: usize, offset: usize) {
    let add = |table: &mut [f32], at: usize, row: &[f32]| {
        if let Some(target) = table.get_mut(at * width..(at + 1) * width) {
            for (sum, value) in target.iter_mut().zip(row) {
                *sum += value;
            }
        }
    };
    for (i, (row, &id)) in dx.chunks_exact(width).zip(ids).enumerate() {
        add(dwte, id.max(0) as usize, row);
        add(dwpe, offset + i % time, row);
    }
}
