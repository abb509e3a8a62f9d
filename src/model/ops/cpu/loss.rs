//! Cross-entropy over rows of logits.

use super::math;

math::wide! {
/// `(losses, lse)`, one of each per row; a row with a negative target has loss 0.
pub fn rows(logits: &[f32], targets: &[i32], vocab: usize) -> (Vec<f32>, Vec<f32>) {
    let (mut losses, mut all) = (Vec::with_capacity(targets.len()), Vec::with_capacity(targets.len()));
    for (row, &target) in logits.chunks_exact(vocab.max(1)).zip(targets) {
        let largest = math::largest(row);
        let lse = largest + math::sum(|i| math::exp(row[i] - largest), row.len()).ln();
        losses.push(if target < 0 { 0.0 } else { row.get(target as usize).map_or(f32::NAN, |logit| lse - logit) });
        all.push(lse);
    }
    (losses, all)
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
}
