//! Kernels without a gradient: attention pictures, per-token losses, the generation step, the optimiser.

use burn::backend::Flex;
use burn::backend::tensor::{FloatTensor, IntTensor};

use super::super::GptTools;
use super::super::kernels::SQUARE_GROUPS;
use super::{Floats, attention, ints, loss, math, tensor};

impl GptTools for Flex {
    fn attention_weights(qkv: FloatTensor<Self>, time: usize, heads: usize) -> FloatTensor<Self> {
        let qkv = Floats::new(qkv);
        let (rows, triple) = qkv.dims();
        tensor(attention::weights(qkv.get(), triple / 3, time, heads), &[rows / time * heads, time * time])
    }

    fn token_losses(logits: FloatTensor<Self>, targets: IntTensor<Self>) -> FloatTensor<Self> {
        let (logits, targets) = (Floats::new(logits), ints(targets));
        let (rows, vocab) = logits.dims();
        tensor(loss::rows(logits.get(), &targets, vocab).0, &[rows])
    }

    fn attention_step(
        qkv: FloatTensor<Self>,
        keys: FloatTensor<Self>,
        values: FloatTensor<Self>,
        position: usize,
        heads: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (qkv, keys, values) = (Floats::new(qkv), Floats::new(keys), Floats::new(values));
        let (context, width) = keys.dims();
        let (mut keys, mut values) = (keys.into_vec(), values.into_vec());
        let row = position * width..(position + 1) * width;
        keys[row.clone()].copy_from_slice(&qkv.get()[width..2 * width]);
        values[row].copy_from_slice(&qkv.get()[2 * width..]);
        let size = width / heads;
        let scale = 1.0 / (size as f32).sqrt();
        let mut out = vec![0.0; width];
        let mut weights = vec![0.0; position + 1];
        for head in 0..heads {
            let columns = head * size..(head + 1) * size;
            let query = &qkv.get()[columns.clone()];
            for (i, weight) in weights.iter_mut().enumerate() {
                let key = &keys[i * width + columns.start..i * width + columns.end];
                *weight = math::sum(|j| query[j] * key[j], size) * scale;
            }
            let largest = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for weight in weights.iter_mut() {
                *weight = math::exp(*weight - largest);
            }
            let total = math::sum(|i| weights[i], weights.len());
            for (i, weight) in weights.iter().enumerate() {
                let value = &values[i * width + columns.start..i * width + columns.end];
                for (out, value) in out[columns.clone()].iter_mut().zip(value) {
                    *out += weight / total * value;
                }
            }
        }
        (tensor(out, &[1, width]), tensor(keys, &[context, width]), tensor(values, &[context, width]))
    }

    fn square_sum(x: FloatTensor<Self>, total: FloatTensor<Self>, slot: usize) -> FloatTensor<Self> {
        let (x, total) = (Floats::new(x), Floats::new(total));
        let x = x.get();
        let mut total = total.into_vec();
        if let Some(sum) = total.get_mut(slot * SQUARE_GROUPS) {
            *sum = math::sum(|i| x[i] * x[i], x.len());
        }
        let slots = total.len();
        tensor(total, &[slots])
    }

    fn clip_factor(total: FloatTensor<Self>, hyper: FloatTensor<Self>) -> FloatTensor<Self> {
        let (total, hyper) = (Floats::new(total), Floats::new(hyper));
        let norm = total.get().iter().sum::<f32>().sqrt();
        let limit = hyper.get()[6];
        let factor = if limit > 0.0 { (limit / (norm + 1e-6)).min(1.0) } else { 1.0 };
        tensor(vec![norm, factor], &[2])
    }

    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        m: FloatTensor<Self>,
        v: FloatTensor<Self>,
        hyper: FloatTensor<Self>,
        clip: FloatTensor<Self>,
        decay: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        use burn::backend::TensorMetadata;
        let shape = parameter.shape();
        let dims: Vec<usize> = shape.iter().copied().collect();
        let (hyper, clip, gradient) = (Floats::new(hyper), Floats::new(clip), Floats::new(gradient));
        let [rate, beta1, beta2, epsilon, bias1, bias2, _, weight_decay] = <[f32; 8]>::try_from(hyper.get()).unwrap_or_default();
        let factor = clip.get()[1];
        let shrink = if decay { 1.0 - rate * weight_decay } else { 1.0 };
        let (mut p, mut m, mut v) = (Floats::new(parameter).into_vec(), Floats::new(m).into_vec(), Floats::new(v).into_vec());
        let step = rate / bias1;
        let root = bias2.sqrt();
        for (((p, &g), m), v) in p.iter_mut().zip(gradient.get()).zip(m.iter_mut()).zip(v.iter_mut()) {
            let g = g * factor;
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            *p = *p * shrink - step * *m / (v.sqrt() / root + epsilon);
        }
        (tensor(p, &dims), tensor(m, &dims), tensor(v, &dims))
    }
}
