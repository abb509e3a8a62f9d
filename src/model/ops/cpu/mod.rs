//! The raw kernels in Rust, for burn's CPU backend `Flex`: packed matrix products, and plain loops over slices that the compiler turns
//! into SIMD.
//!
//! One thread: a browser's worker has one, and natively the same code must show what the page will do.

mod attention;
mod elementwise;
mod gemm;
mod loss;
mod math;
mod matmul;
mod norm;
mod tools;

use burn::backend::flex::FlexTensor;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::{DType, TensorData};

use super::kernels::{AttentionSetting, Form, GptKernels, keep};

/// A contiguous float tensor, read as a slice; copies only what is not contiguous.
struct Floats(FlexTensor);

impl Floats {
    fn new(tensor: FlexTensor) -> Self {
        if tensor.as_slice::<f32>().is_some() { Self(tensor) } else { Self(FlexTensor::from_data(tensor.into_data())) }
    }

    fn get(&self) -> &[f32] {
        self.0.as_slice::<f32>().unwrap_or_default()
    }

    /// Rows and columns of a matrix.
    fn dims(&self) -> (usize, usize) {
        let shape = self.0.shape();
        (shape[0], shape.num_elements() / shape[0].max(1))
    }

    /// The values for writing, in place where nobody else holds the tensor.
    fn into_vec(self) -> Vec<f32> {
        let data = self.0.into_data();
        data.try_into_vec::<f32>().unwrap_or_default()
    }
}

fn tensor(values: Vec<f32>, shape: &[usize]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape.to_vec()))
}

/// Ids as `i32`, whatever integer width the device was set to.
fn ints(tensor: IntTensor<Flex>) -> Vec<i32> {
    match tensor.dtype() {
        DType::I64 => tensor.into_data().try_into_vec::<i64>().unwrap_or_default().into_iter().map(|id| id as i32).collect(),
        _ => tensor.into_data().try_into_vec::<i32>().unwrap_or_default(),
    }
}

/// The first value of a `[1]` seed tensor.
fn seed_of(tensor: IntTensor<Flex>) -> u32 {
    ints(tensor).first().copied().unwrap_or_default() as u32
}

impl GptKernels for Flex {
    fn activation(x: &FloatTensor<Self>) -> Option<FloatTensor<Self>> {
        let x = Floats::new(x.clone());
        let (rows, width) = x.dims();
        Some(tensor(elementwise::gelu(x.get()), &[rows, width]))
    }

    fn linear_forward(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        residual: Option<FloatTensor<Self>>,
        gelu: bool,
    ) -> FloatTensor<Self> {
        let (x, w, b) = (Floats::new(x), Floats::new(w), Floats::new(b));
        let (rows, _) = x.dims();
        let (_, columns) = w.dims();
        let mut out = match residual {
            Some(residual) => elementwise::plus_row(Floats::new(residual).get(), b.get()),
            None => b.get().repeat(rows),
        };
        let activated;
        let input = if gelu {
            activated = elementwise::gelu(x.get());
            &activated[..]
        } else {
            x.get()
        };
        matmul::product(Form::Nn, input, x.dims(), w.get(), w.dims(), &mut out, true);
        tensor(out, &[rows, columns])
    }

    fn linear_weight_grad(x: FloatTensor<Self>, dy: FloatTensor<Self>, gelu: bool) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (x, dy) = (Floats::new(x), Floats::new(dy));
        let ((_, inputs), (_, outputs)) = (x.dims(), dy.dims());
        let activated;
        let input = if gelu {
            activated = elementwise::gelu(x.get());
            &activated[..]
        } else {
            x.get()
        };
        let mut dw = vec![0.0; inputs * outputs];
        matmul::product(Form::Tn, input, x.dims(), dy.get(), dy.dims(), &mut dw, false);
        let db = elementwise::column_sums(dy.get(), outputs);
        (tensor(dw, &[inputs, outputs]), tensor(db, &[outputs]))
    }

    fn linear_input_grad(dy: FloatTensor<Self>, w: FloatTensor<Self>, gelu_of: Option<FloatTensor<Self>>) -> FloatTensor<Self> {
        let (dy, w) = (Floats::new(dy), Floats::new(w));
        let ((rows, _), (inputs, _)) = (dy.dims(), w.dims());
        let mut dx = vec![0.0; rows * inputs];
        matmul::product(Form::Nt, dy.get(), dy.dims(), w.get(), w.dims(), &mut dx, false);
        if let Some(x) = gelu_of {
            elementwise::times_gelu_slope(&mut dx, Floats::new(x).get());
        }
        tensor(dx, &[rows, inputs])
    }

    fn matmul(a: FloatTensor<Self>, b: FloatTensor<Self>, form: Form) -> FloatTensor<Self> {
        let (a, b) = (Floats::new(a), Floats::new(b));
        let (rows, columns) = matmul::shape(form, a.dims(), b.dims());
        let mut out = vec![0.0; rows * columns];
        matmul::product(form, a.get(), a.dims(), b.get(), b.dims(), &mut out, false);
        tensor(out, &[rows, columns])
    }

    fn layer_norm_forward(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
        let (x, gain, bias) = (Floats::new(x), Floats::new(gain), Floats::new(bias));
        let (rows, width) = x.dims();
        tensor(norm::forward(x.get(), gain.get(), bias.get(), epsilon as f32), &[rows, width])
    }

    fn layer_norm_backward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (x, gain, dy) = (Floats::new(x), Floats::new(gain), Floats::new(dy));
        let (rows, width) = x.dims();
        let (dx, dgain, dbias) = norm::backward(x.get(), gain.get(), dy.get(), epsilon as f32);
        (tensor(dx, &[rows, width]), tensor(dgain, &[width]), tensor(dbias, &[width]))
    }

    fn attention_forward(
        qkv: FloatTensor<Self>,
        seed: IntTensor<Self>,
        setting: AttentionSetting,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let qkv = Floats::new(qkv);
        let (rows, triple) = qkv.dims();
        let windows = rows / setting.time;
        let (out, lse) = attention::forward(qkv.get(), triple / 3, seed_of(seed), setting);
        (tensor(out, &[rows, triple / 3]), tensor(lse, &[windows * setting.heads, setting.time]))
    }

    fn attention_backward(
        qkv: FloatTensor<Self>,
        out: FloatTensor<Self>,
        lse: FloatTensor<Self>,
        dout: FloatTensor<Self>,
        seed: IntTensor<Self>,
        setting: AttentionSetting,
    ) -> FloatTensor<Self> {
        let (qkv, out, lse, dout) = (Floats::new(qkv), Floats::new(out), Floats::new(lse), Floats::new(dout));
        let (rows, triple) = qkv.dims();
        let tape = attention::Tape { qkv: qkv.get(), out: out.get(), lse: lse.get(), dout: dout.get() };
        tensor(attention::backward(tape, triple / 3, seed_of(seed), setting), &[rows, triple])
    }

    fn embed_forward(
        ids: IntTensor<Self>,
        wte: FloatTensor<Self>,
        wpe: FloatTensor<Self>,
        time: usize,
        offset: usize,
    ) -> FloatTensor<Self> {
        let (ids, wte, wpe) = (ints(ids), Floats::new(wte), Floats::new(wpe));
        let width = wte.dims().1;
        let values = elementwise::embed(&ids, wte.get(), wpe.get(), width, time, offset);
        tensor(values, &[ids.len(), width])
    }

    fn embed_backward(
        ids: IntTensor<Self>,
        dx: FloatTensor<Self>,
        vocab: usize,
        context: usize,
        time: usize,
        offset: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (ids, dx) = (ints(ids), Floats::new(dx));
        let width = dx.dims().1;
        let mut dwte = vec![0.0; vocab * width];
        let mut dwpe = vec![0.0; context * width];
        elementwise::embed_backward(&ids, dx.get(), &mut dwte, &mut dwpe, width, time, offset);
        (tensor(dwte, &[vocab, width]), tensor(dwpe, &[context, width]))
    }

    fn cross_entropy_rows(logits: FloatTensor<Self>, targets: IntTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (logits, targets) = (Floats::new(logits), ints(targets));
        let (rows, vocab) = logits.dims();
        let (losses, lse) = loss::rows(logits.get(), &targets, vocab);
        (tensor(losses, &[rows]), tensor(lse, &[rows]))
    }

    fn sum_scaled(x: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        let sum: f64 = Floats::new(x).get().iter().map(|&value| f64::from(value)).sum();
        tensor(vec![(sum * scale) as f32], &[1])
    }

    fn cross_entropy_backward(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        lse: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        let (logits, targets, lse, upstream) = (Floats::new(logits), ints(targets), Floats::new(lse), Floats::new(upstream));
        let (rows, vocab) = logits.dims();
        let factor = upstream.get().first().copied().unwrap_or(1.0) * scale as f32;
        tensor(loss::backward(logits.get(), &targets, lse.get(), vocab, factor), &[rows, vocab])
    }

    fn dropout_forward(x: FloatTensor<Self>, seed: IntTensor<Self>, drop: f64, salt: u32) -> FloatTensor<Self> {
        let (x, seed) = (Floats::new(x), seed_of(seed));
        let (rows, width) = x.dims();
        let scale = 1.0 / (1.0 - drop) as f32;
        let kept = |(index, &value): (usize, &f32)| if keep(seed, salt, index as u32, drop) { value * scale } else { 0.0 };
        tensor(x.get().iter().enumerate().map(kept).collect(), &[rows, width])
    }
}
