//! Cross-entropy over rows of logits.

use super::math;

/// `(losses, lse)`, one of each per row; a row with a negative target has loss 0.
pub fn rows(logits: &[f32], targets: &[i32], vocab: usize) -> (Vec<f32>, Vec<f32>) {
    logits
        .chunks_exact(vocab.max(1))
        .zip(targets)
        .map(|(row, &target)| {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let lse = largest + math::sum(|i| math::exp(row[i] - largest), row.len()).ln();
            let loss = if target < 0 { 0.0 } else { row.get(target as usize).map_or(f32::NAN, |logit| lse - logit) };
            (loss, lse)
        })
        .unzip()
}

/// `factor * (softmax - one_hot(target))`, zero in rows without a target.
pub fn backward(logits: &[f32], targets: &[i32], lse: &[f32], vocab: usize, factor: f32) -> Vec<f32> {
    let mut gradient = vec![0.0; logits.len()];
    for (((row, out), &target), &lse) in logits.chunks_exact(vocab).zip(gradient.chunks_exact_mut(vocab)).zip(targets).zip(lse) {
        if target < 0 {
            continue;
        }
        for (g, &logit) in out.iter_mut().zip(row) {
            *g = factor * math::exp(logit - lse);
        }
        if let Some(g) = out.get_mut(target as usize) {
            *g -= factor;
        }
    }
    gradient
}
