//! Kernels without a gradient: attention pictures, per-token losses, the generation step, the optimiser.

use burn::backend::Cube;
use burn::backend::tensor::{FloatTensor, IntTensor};

use super::super::GptTools;
use super::super::kernels::{GptKernels, SQUARE_GROUPS};
use super::launch::{Source, dense, empty, grid_for, launch};
use super::{dims, elements};

impl GptTools for Cube {
    fn attention_weights(qkv: FloatTensor<Self>, time: usize, heads: usize) -> FloatTensor<Self> {
        let qkv = dense(qkv);
        let (rows, triple) = dims(&qkv);
        let (pairs, size) = (rows / time * heads, triple / 3 / heads);
        let out = empty(&qkv, &[pairs, time * time]);
        let info = [time as u32, heads as u32, size as u32, (1.0 / (size as f32).sqrt()).to_bits()];
        let source = Source::Text("attention_weights", include_str!("attention_weights.wgsl"));
        launch(source, (64, 1), ((time as u32).div_ceil(64), pairs as u32, 1), &[&qkv, &out], &info);
        out
    }

    fn token_losses(logits: FloatTensor<Self>, targets: IntTensor<Self>) -> FloatTensor<Self> {
        <Self as GptKernels>::cross_entropy_rows(logits, targets).0
    }

    fn attention_step(
        qkv: FloatTensor<Self>,
        keys: FloatTensor<Self>,
        values: FloatTensor<Self>,
        position: usize,
        heads: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (qkv, keys, values) = (dense(qkv), dense(keys), dense(values));
        let width = dims(&keys).1;
        let size = width / heads;
        let out = empty(&qkv, &[1, width]);
        let info = [position as u32, heads as u32, size as u32, (1.0 / (size as f32).sqrt()).to_bits()];
        let source = Source::Text("attention_step", include_str!("attention_step.wgsl"));
        launch(source, (64, 1), (heads as u32, 1, 1), &[&qkv, &keys, &values, &out], &info);
        (out, keys, values)
    }

    fn square_sum(x: FloatTensor<Self>, total: FloatTensor<Self>, slot: usize) -> FloatTensor<Self> {
        let (x, total) = (dense(x), dense(total));
        let source = Source::Text("square_sum", include_str!("square_sum.wgsl"));
        let info = [elements(&x) as u32, (slot * SQUARE_GROUPS) as u32, SQUARE_GROUPS as u32];
        launch(source, (64, 1), (SQUARE_GROUPS as u32, 1, 1), &[&x, &total], &info);
        total
    }

    fn clip_factor(total: FloatTensor<Self>, hyper: FloatTensor<Self>) -> FloatTensor<Self> {
        let (total, hyper) = (dense(total), dense(hyper));
        let out = empty(&total, &[2]);
        let source = Source::Text("clip", include_str!("clip.wgsl"));
        launch(source, (64, 1), (1, 1, 1), &[&total, &hyper, &out], &[elements(&total) as u32]);
        out
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
        let (p, g, m, v) = (dense(parameter), dense(gradient), dense(m), dense(v));
        let info = [elements(&p) as u32, u32::from(decay)];
        let source = Source::Text("adamw", include_str!("adamw.wgsl"));
        launch(source, (64, 1), grid_for(elements(&p), 64), &[&p, &g, &m, &v, &hyper, &clip], &info);
        (p, m, v)
    }
}
