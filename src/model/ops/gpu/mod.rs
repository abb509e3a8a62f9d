//! The raw kernels in WGSL, launched through burn's WebGPU runtime (natively: any wgpu backend).
//!
//! [`product`], [`direct`] and [`attention`] write their text for the shape at hand; the rest are `.wgsl` files beside this one. All bindings are
//! declared `read_write`: natively several tensors may share one buffer, and a buffer must not be bound for reading and for writing in
//! one dispatch. Every binding is used by every kernel, since the pipeline layout is derived from the text.

mod adapter;
mod attention;
mod direct;
mod launch;
mod product;
mod products;
mod tools;

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Cube, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;

use super::kernels::{AttentionSetting, Form, GptKernels, drop_threshold};
use adapter::software;
pub use adapter::{Adapter, suit_adapter};
use attention::{Attention, KEEP_WGSL, Pass};
pub use launch::kernels_written;
use launch::{Source, dense, empty, grid_for, launch};
use products::{Extras, gelu, product};

/// Rows and columns of a matrix.
fn dims(tensor: &CubeTensor) -> (usize, usize) {
    let shape = tensor.shape();
    (shape[0], shape.num_elements() / shape[0].max(1))
}

fn elements(tensor: &CubeTensor) -> usize {
    tensor.shape().num_elements()
}

/// Grid of the kernels that work on four rows a group.
fn row_grid(rows: usize) -> launch::Grid {
    let groups = rows.div_ceil(4) as u32;
    (groups.min(16_384), groups.div_ceil(16_384).max(1), 1)
}

impl GptKernels for Cube {
    /// A graphics card computes GELU while it loads a tile; a program would do so once for every tile that needs the element.
    fn activation(x: &FloatTensor<Self>) -> Option<FloatTensor<Self>> {
        software().then(|| gelu(x.clone()))
    }

    fn linear_forward(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        residual: Option<FloatTensor<Self>>,
        gelu: bool,
    ) -> FloatTensor<Self> {
        product(Form::Nn, x, w, Extras { gelu, bias: Some(b), residual, ..Extras::default() }).0
    }

    fn linear_weight_grad(x: FloatTensor<Self>, dy: FloatTensor<Self>, gelu: bool) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let columns = dims(&dy).1;
        let like = dy.clone();
        let (dw, db) = product(Form::Tn, x, dy, Extras { gelu, sums: true, ..Extras::default() });
        (dw, db.unwrap_or_else(|| empty(&like, &[columns])))
    }

    fn linear_input_grad(dy: FloatTensor<Self>, w: FloatTensor<Self>, gelu_of: Option<FloatTensor<Self>>) -> FloatTensor<Self> {
        product(Form::Nt, dy, w, Extras { gelu_of, ..Extras::default() }).0
    }

    fn matmul(a: FloatTensor<Self>, b: FloatTensor<Self>, form: Form) -> FloatTensor<Self> {
        product(form, a, b, Extras::default()).0
    }

    fn layer_norm_forward(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
        let (x, gain, bias) = (dense(x), dense(gain), dense(bias));
        let (rows, width) = dims(&x);
        let y = empty(&x, &[rows, width]);
        let info = [rows as u32, width as u32, (epsilon as f32).to_bits()];
        let source = Source::Text("layer_norm", include_str!("layer_norm.wgsl"));
        launch(source, (64, 1), row_grid(rows), &[&x, &gain, &bias, &y], &info);
        y
    }

    fn layer_norm_backward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (x, gain, dy) = (dense(x), dense(gain), dense(dy));
        let (rows, width) = dims(&x);
        let (dx, statistics) = (empty(&x, &[rows, width]), empty(&x, &[rows, 2]));
        let (dgain, dbias) = (empty(&x, &[width]), empty(&x, &[width]));
        let info = [rows as u32, width as u32, (epsilon as f32).to_bits()];
        let source = Source::Text("layer_norm_backward", include_str!("layer_norm_backward.wgsl"));
        launch(source, (64, 1), row_grid(rows), &[&x, &gain, &dy, &dx, &statistics], &info);
        let source = Source::Text("layer_norm_columns", include_str!("layer_norm_columns.wgsl"));
        let grid = ((width as u32).div_ceil(16), 1, 1);
        launch(source, (16, 16), grid, &[&x, &dy, &statistics, &dgain, &dbias], &info[..2]);
        (dx, dgain, dbias)
    }

    fn attention_forward(
        qkv: FloatTensor<Self>,
        seed: IntTensor<Self>,
        setting: AttentionSetting,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let qkv = dense(qkv);
        let (rows, triple) = dims(&qkv);
        let pairs = rows / setting.time * setting.heads;
        let (out, lse) = (empty(&qkv, &[rows, triple / 3]), empty(&qkv, &[pairs, setting.time]));
        run_attention(Pass::Forward, triple / 3, pairs, &seed, setting, &[&qkv, &out, &lse]);
        (out, lse)
    }

    fn attention_backward(
        qkv: FloatTensor<Self>,
        out: FloatTensor<Self>,
        lse: FloatTensor<Self>,
        dout: FloatTensor<Self>,
        seed: IntTensor<Self>,
        setting: AttentionSetting,
    ) -> FloatTensor<Self> {
        let (qkv, out, dout) = (dense(qkv), dense(out), dense(dout));
        let (rows, triple) = dims(&qkv);
        let pairs = rows / setting.time * setting.heads;
        let (dqkv, delta) = (empty(&qkv, &[rows, triple]), empty(&qkv, &[pairs, setting.time]));
        run_attention(Pass::Queries, triple / 3, pairs, &seed, setting, &[&qkv, &out, &lse, &dout, &dqkv, &delta]);
        run_attention(Pass::KeysValues, triple / 3, pairs, &seed, setting, &[&qkv, &lse, &dout, &dqkv, &delta]);
        dqkv
    }

    fn embed_forward(
        ids: IntTensor<Self>,
        wte: FloatTensor<Self>,
        wpe: FloatTensor<Self>,
        time: usize,
        offset: usize,
    ) -> FloatTensor<Self> {
        let (ids, wte, wpe) = (dense(ids), dense(wte), dense(wpe));
        let (rows, width) = (elements(&ids), dims(&wte).1);
        let out = empty(&wte, &[rows, width]);
        let info = [rows as u32, width as u32, time as u32, offset as u32];
        let source = Source::Text("embed", include_str!("embed.wgsl"));
        launch(source, (64, 1), grid_for(rows * width, 64), &[&ids, &wte, &wpe, &out], &info);
        out
    }

    fn embed_backward(
        ids: IntTensor<Self>,
        dx: FloatTensor<Self>,
        vocab: usize,
        context: usize,
        time: usize,
        offset: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (ids, dx) = (dense(ids), dense(dx));
        let (rows, width) = dims(&dx);
        let (dwte, dwpe) = (empty(&dx, &[vocab, width]), empty(&dx, &[context, width]));
        let source = Source::Text("fill", include_str!("fill.wgsl"));
        launch(source, (64, 1), grid_for(vocab * width, 64), &[&dwte], &[(vocab * width) as u32]);
        let source = Source::Text("embed_tokens_backward", include_str!("embed_tokens_backward.wgsl"));
        let grid = ((rows as u32).min(16_384), (rows as u32).div_ceil(16_384).max(1), 1);
        launch(source, (64, 1), grid, &[&ids, &dx, &dwte], &[rows as u32, width as u32]);
        let source = Source::Text("embed_positions_backward", include_str!("embed_positions_backward.wgsl"));
        let info = [rows as u32, width as u32, time as u32, offset as u32, context as u32];
        launch(source, (64, 1), grid_for(context * width, 64), &[&dx, &dwpe], &info);
        (dwte, dwpe)
    }

    fn cross_entropy_rows(logits: FloatTensor<Self>, targets: IntTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (logits, targets) = (dense(logits), dense(targets));
        let (rows, vocab) = dims(&logits);
        let (losses, lse) = (empty(&logits, &[rows]), empty(&logits, &[rows]));
        let source = Source::Text("cross_entropy", include_str!("cross_entropy.wgsl"));
        launch(source, (64, 1), row_grid(rows), &[&logits, &targets, &losses, &lse], &[rows as u32, vocab as u32]);
        (losses, lse)
    }

    fn sum_scaled(x: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        let x = dense(x);
        let out = empty(&x, &[1]);
        let source = Source::Text("sum", include_str!("sum.wgsl"));
        launch(source, (64, 1), (1, 1, 1), &[&x, &out], &[elements(&x) as u32, (scale as f32).to_bits()]);
        out
    }

    fn cross_entropy_backward(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        lse: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        let (logits, targets, upstream) = (dense(logits), dense(targets), dense(upstream));
        let (rows, vocab) = dims(&logits);
        let gradient = empty(&logits, &[rows, vocab]);
        let info = [rows as u32, vocab as u32, (scale as f32).to_bits()];
        let source = Source::Text("cross_entropy_backward", include_str!("cross_entropy_backward.wgsl"));
        launch(source, (64, 1), grid_for(rows * vocab, 64), &[&logits, &targets, &lse, &upstream, &gradient], &info);
        gradient
    }

    fn dropout_forward(x: FloatTensor<Self>, seed: IntTensor<Self>, drop: f64, salt: u32) -> FloatTensor<Self> {
        const TEXT: &str = include_str!("dropout.wgsl");
        let (x, seed) = (dense(x), dense(seed));
        let (rows, width) = dims(&x);
        let out = empty(&x, &[rows, width]);
        let info = [(rows * width) as u32, drop_threshold(drop), salt];
        launch(Source::Hashed("dropout", KEEP_WGSL, TEXT), (64, 1), grid_for(rows * width, 64), &[&x, &seed, &out], &info);
        out
    }
}

fn run_attention(pass: Pass, width: usize, pairs: usize, seed: &CubeTensor, setting: AttentionSetting, buffers: &[&CubeTensor]) {
    let kernel = Attention { pass, size: (width / setting.heads) as u32, drop: setting.drop > 0.0, direct: software() };
    let mut buffers = buffers.to_vec();
    if kernel.drop {
        buffers.push(seed);
    }
    let info = [setting.time as u32, setting.heads as u32, drop_threshold(setting.drop), setting.salt];
    let grid = ((setting.time as u32).div_ceil(attention::GROUP), pairs as u32, 1);
    launch(Source::Attention(kernel), (attention::GROUP, 1), grid, &buffers, &info);
}
