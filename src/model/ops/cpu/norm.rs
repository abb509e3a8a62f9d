//! Layer normalisation, forward and backward (arXiv 1607.06450; the backward formulas as in PyTorch's native kernel).

use super::math;

/// Mean and reciprocal standard deviation of a row (biased variance, as PyTorch).
#[inline(always)]
fn statistics(row: &[f32], epsilon: f32) -> (f32, f32) {
    let n = row.len() as f32;
    let mean = math::sum(|i| row[i], row.len()) / n;
    let variance = math::sum(|i| (row[i] - mean) * (row[i] - mean), row.len()) / n;
    (mean, 1.0 / (variance + epsilon).sqrt())
}

math::wide! {
/// Normalised rows.
pub fn forward(x: &[f32], gain: &[f32], bias: &[f32], epsilon: f32) -> Vec<f32> {
    let width = gain.len().max(1);
    let mut out = vec![0.0; x.len()];
    for (row, target) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
        let (mean, rstd) = statistics(row, epsilon);
        for (((y, &x), gain), bias) in target.iter_mut().zip(row).zip(gain).zip(bias) {
            *y = (x - mean) * rstd * gain + bias;
        }
    }
    out
}

/// `(dx, dgain, dbias)`.
pub fn backward(x: &[f32], gain: &[f32], dy: &[f32], epsilon: f32) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let width = gain.len().max(1);
    let mut dx = vec![0.0; x.len()];
    let (mut dgain, mut dbias) = (vec![0.0; width], vec![0.0; width]);
    for ((row, dy), dx) in x.chunks_exact(width).zip(dy.chunks_exact(width)).zip(dx.chunks_exact_mut(width)) {
        let (mean, rstd) = statistics(row, epsilon);
        let sum_g = math::sum(|i| dy[i] * gain[i], width) / width as f32;
        let sum_gx = math::sum(|i| dy[i] * gain[i] * (row[i] - mean) * rstd, width) / width as f32;
        for i in 0..width {
            let normal = (row[i] - mean) * rstd;
            dx[i] = rstd * (dy[i] * gain[i] - sum_g - normal * sum_gx);
            dgain[i] += dy[i] * normal;
            dbias[i] += dy[i];
        }
    }
    (dx, dgain, dbias)
}
}
