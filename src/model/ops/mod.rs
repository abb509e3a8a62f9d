//! The operations that a GPT step is made of, each one fused kernel on every device.
//!
//! burn's generic operations need some two thousand small kernels' worth of launches and about a hundred generated shaders for one
//! training step of a small GPT; most of the time of a small model goes there. These few operations say the same with a tenth of
//! the launches (`docs/decisions/0001-own-kernels.md`).
//!
//! How it fits together:
//! * [`kernels::GptKernels`] lists the raw kernels, forward and backward, on a backend's own tensors;
//! * [`cpu`] writes them in Rust for `Flex`, [`gpu`] in WGSL for WebGPU;
//! * [`GptOps`] is burn's extension point: the differentiable operations. [`autodiff`] connects each with its backward kernels;
//! * the functions at the end of this file are what `model` calls: plain `Tensor`s in and out, on whatever device they live.
//!
//! Shapes: `n = batch * time` rows, `d` width, `v` vocabulary, `t` time (the window), `h` heads. Matrices are row-major and `[in, out]`,
//! as in GPT-2's `Conv1D`.

mod autodiff;
pub mod cpu;
pub mod gpu;
pub mod kernels;

use burn::backend::Backend;
use burn::backend::backend_extension;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::tensor::{Int, Tensor};

use kernels::GptKernels;

/// The differentiable operations of a GPT. Implemented by forwarding to [`GptKernels`] on a plain backend, and with a recorded
/// backward step under autodiff.
#[backend_extension(Cube, Flex, Autodiff)]
pub trait GptOps: Backend {
    /// `x·w + b`: `[n, k]·[k, m] + [m] -> [n, m]`.
    fn linear(x: FloatTensor<Self>, w: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `x·w + b + residual`.
    fn linear_residual(x: FloatTensor<Self>, w: FloatTensor<Self>, b: FloatTensor<Self>, residual: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `gelu(x)·w + b + residual`, with the tanh form of GELU ("gelu_new", arXiv 1606.08415).
    fn gelu_linear_residual(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        residual: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
    /// Layer normalisation over the last dimension of `[n, d]` (arXiv 1607.06450).
    fn layer_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self>;
    /// Causal self-attention over packed queries, keys and values: `[n, 3d] -> [n, d]`, with windows of `time` rows.
    /// `drop` is the share of weights dropped, chosen by hashing `seed` (`[1]`) with `salt` and the position.
    fn causal_attention(
        qkv: FloatTensor<Self>,
        seed: IntTensor<Self>,
        time: usize,
        heads: usize,
        drop: f64,
        salt: u32,
    ) -> FloatTensor<Self>;
    /// Token plus position embedding: `ids [n]`, `wte [v, d]`, `wpe [ctx, d] -> [n, d]`; row `i` has position `offset + i % time`.
    fn embed(ids: IntTensor<Self>, wte: FloatTensor<Self>, wpe: FloatTensor<Self>, time: usize, offset: usize) -> FloatTensor<Self>;
    /// Logits of the tied head: `x·wteᵀ`, `[n, d]·[v, d]ᵀ -> [n, v]`.
    fn tied_logits(x: FloatTensor<Self>, wte: FloatTensor<Self>) -> FloatTensor<Self>;
    /// `scale * Σ` of the cross-entropy over rows with a target: `[n, v], [n] -> [1]`, in nats. Rows with target −1 do not count;
    /// with `scale = 1 / counted rows` this is the mean.
    fn cross_entropy(logits: FloatTensor<Self>, targets: IntTensor<Self>, scale: f64) -> FloatTensor<Self>;
    /// Drops elements with probability `drop` and scales the others by `1 / (1 - drop)`.
    fn hash_dropout(x: FloatTensor<Self>, seed: IntTensor<Self>, drop: f64, salt: u32) -> FloatTensor<Self>;
}

/// Forwards every operation to the backend's raw kernels.
macro_rules! forward_to_kernels {
    ($backend:ty) => {
        impl GptOps for $backend {
            fn linear(x: FloatTensor<Self>, w: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
                <Self as GptKernels>::linear_forward(x, w, b, None, false)
            }
            fn linear_residual(
                x: FloatTensor<Self>,
                w: FloatTensor<Self>,
                b: FloatTensor<Self>,
                residual: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                <Self as GptKernels>::linear_forward(x, w, b, Some(residual), false)
            }
            fn gelu_linear_residual(
                x: FloatTensor<Self>,
                w: FloatTensor<Self>,
                b: FloatTensor<Self>,
                residual: FloatTensor<Self>,
            ) -> FloatTensor<Self> {
                <Self as GptKernels>::linear_forward(x, w, b, Some(residual), true)
            }
            fn layer_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
                <Self as GptKernels>::layer_norm_forward(x, gain, bias, epsilon)
            }
            fn causal_attention(
                qkv: FloatTensor<Self>,
                seed: IntTensor<Self>,
                time: usize,
                heads: usize,
                drop: f64,
                salt: u32,
            ) -> FloatTensor<Self> {
                let setting = kernels::AttentionSetting { time, heads, drop, salt };
                <Self as GptKernels>::attention_forward(qkv, seed, setting).0
            }
            fn embed(
                ids: IntTensor<Self>,
                wte: FloatTensor<Self>,
                wpe: FloatTensor<Self>,
                time: usize,
                offset: usize,
            ) -> FloatTensor<Self> {
                <Self as GptKernels>::embed_forward(ids, wte, wpe, time, offset)
            }
            fn tied_logits(x: FloatTensor<Self>, wte: FloatTensor<Self>) -> FloatTensor<Self> {
                <Self as GptKernels>::matmul(x, wte, kernels::Form::Nt)
            }
            fn cross_entropy(logits: FloatTensor<Self>, targets: IntTensor<Self>, scale: f64) -> FloatTensor<Self> {
                let (losses, _) = <Self as GptKernels>::cross_entropy_rows(logits, targets);
                <Self as GptKernels>::sum_scaled(losses, scale)
            }
            fn hash_dropout(x: FloatTensor<Self>, seed: IntTensor<Self>, drop: f64, salt: u32) -> FloatTensor<Self> {
                <Self as GptKernels>::dropout_forward(x, seed, drop, salt)
            }
        }
    };
}
forward_to_kernels!(burn::backend::Cube);
forward_to_kernels!(burn::backend::Flex);

type Dispatch = burn::backend::Dispatch;

/// [`GptOps::linear`] on tensors.
pub fn linear(x: Tensor<2>, w: Tensor<2>, b: Tensor<1>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::linear(x.into_dispatch(), w.into_dispatch(), b.into_dispatch()))
}

/// [`GptOps::linear_residual`] on tensors.
pub fn linear_residual(x: Tensor<2>, w: Tensor<2>, b: Tensor<1>, residual: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::linear_residual(
        x.into_dispatch(),
        w.into_dispatch(),
        b.into_dispatch(),
        residual.into_dispatch(),
    ))
}

/// [`GptOps::gelu_linear_residual`] on tensors.
pub fn gelu_linear_residual(x: Tensor<2>, w: Tensor<2>, b: Tensor<1>, residual: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::gelu_linear_residual(
        x.into_dispatch(),
        w.into_dispatch(),
        b.into_dispatch(),
        residual.into_dispatch(),
    ))
}

/// [`GptOps::layer_norm`] on tensors.
pub fn layer_norm(x: Tensor<2>, gain: Tensor<1>, bias: Tensor<1>, epsilon: f64) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::layer_norm(x.into_dispatch(), gain.into_dispatch(), bias.into_dispatch(), epsilon))
}

/// [`GptOps::causal_attention`] on tensors.
pub fn causal_attention(qkv: Tensor<2>, seed: Tensor<1, Int>, time: usize, heads: usize, drop: f64, salt: u32) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::causal_attention(qkv.into_dispatch(), seed.into_dispatch(), time, heads, drop, salt))
}

/// [`GptOps::embed`] on tensors.
pub fn embed(ids: Tensor<1, Int>, wte: Tensor<2>, wpe: Tensor<2>, time: usize, offset: usize) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::embed(ids.into_dispatch(), wte.into_dispatch(), wpe.into_dispatch(), time, offset))
}

/// [`GptOps::tied_logits`] on tensors.
pub fn tied_logits(x: Tensor<2>, wte: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::tied_logits(x.into_dispatch(), wte.into_dispatch()))
}

/// [`GptOps::cross_entropy`] on tensors.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<1, Int>, scale: f64) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as GptOps>::cross_entropy(logits.into_dispatch(), targets.into_dispatch(), scale))
}

/// [`GptOps::hash_dropout`] on tensors.
pub fn hash_dropout(x: Tensor<2>, seed: Tensor<1, Int>, drop: f64, salt: u32) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptOps>::hash_dropout(x.into_dispatch(), seed.into_dispatch(), drop, salt))
}

/// The kernels that have no gradient: for optimiser, generation, attention pictures. Tensors of an autodiff device are refused by burn,
/// so callers pass `.inner()` tensors.
#[backend_extension(Cube, Flex)]
pub trait GptTools: Backend {
    /// Attention weights `[batch, heads, time, time]` flattened to `[batch * heads, time * time]`; zero above the diagonal.
    fn attention_weights(qkv: FloatTensor<Self>, time: usize, heads: usize) -> FloatTensor<Self>;
    /// Cross-entropy of every row, 0 where the target is −1: `[n, v], [n] -> [n]`, in nats.
    fn token_losses(logits: FloatTensor<Self>, targets: IntTensor<Self>) -> FloatTensor<Self>;
    /// Writes keys and values of one new token into the caches at `position` and attends over all up to it:
    /// `qkv [1, 3d]`, caches `[ctx, d]` -> (`out [1, d]`, caches).
    fn attention_step(
        qkv: FloatTensor<Self>,
        keys: FloatTensor<Self>,
        values: FloatTensor<Self>,
        position: usize,
        heads: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    /// Stores the sum of squares of `x` in slot `slot` of `total [slots * SQUARE_GROUPS]`, in as many parts as suit the device. Returns `total`.
    fn square_sum(x: FloatTensor<Self>, total: FloatTensor<Self>, slot: usize) -> FloatTensor<Self>;
    /// From square sums and `hyper` to `[2]`: the global norm, and the factor that clips it to `hyper[6]` (1 when 0).
    fn clip_factor(total: FloatTensor<Self>, hyper: FloatTensor<Self>) -> FloatTensor<Self>;
    /// One AdamW step (arXiv 1711.05101; PyTorch's order of operations) in place. `hyper` is laid out by
    /// [`kernels::Hyper`]; `clip [2]` is the answer of `clip_factor`. Returns parameter, m and v.
    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        m: FloatTensor<Self>,
        v: FloatTensor<Self>,
        hyper: FloatTensor<Self>,
        clip: FloatTensor<Self>,
        decay: bool,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// [`GptTools::attention_weights`] on tensors without autodiff.
pub fn attention_weights(qkv: Tensor<2>, time: usize, heads: usize) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as GptTools>::attention_weights(qkv.into_dispatch(), time, heads))
}

/// [`GptTools::token_losses`] on tensors without autodiff.
pub fn token_losses(logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as GptTools>::token_losses(logits.into_dispatch(), targets.into_dispatch()))
}

/// [`GptTools::attention_step`] on tensors without autodiff.
pub fn attention_step(
    qkv: Tensor<2>,
    keys: Tensor<2>,
    values: Tensor<2>,
    position: usize,
    heads: usize,
) -> (Tensor<2>, Tensor<2>, Tensor<2>) {
    let (out, keys, values) =
        <Dispatch as GptTools>::attention_step(qkv.into_dispatch(), keys.into_dispatch(), values.into_dispatch(), position, heads);
    (Tensor::from_dispatch(out), Tensor::from_dispatch(keys), Tensor::from_dispatch(values))
}

/// [`GptTools::square_sum`] on tensors without autodiff.
pub fn square_sum<const D: usize>(x: Tensor<D>, total: Tensor<1>, slot: usize) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as GptTools>::square_sum(x.into_dispatch(), total.into_dispatch(), slot))
}

/// [`GptTools::clip_factor`] on tensors without autodiff.
pub fn clip_factor(total: Tensor<1>, hyper: Tensor<1>) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as GptTools>::clip_factor(total.into_dispatch(), hyper.into_dispatch()))
}

/// [`GptTools::adamw`] on tensors without autodiff: `[parameter, m, v]`.
pub fn adamw<const D: usize>(
    [parameter, gradient, m, v]: [Tensor<D>; 4],
    hyper: Tensor<1>,
    clip: Tensor<1>,
    decay: bool,
) -> [Tensor<D>; 3] {
    let (parameter, m, v) = <Dispatch as GptTools>::adamw(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        m.into_dispatch(),
        v.into_dispatch(),
        hyper.into_dispatch(),
        clip.into_dispatch(),
        decay,
    );
    [Tensor::from_dispatch(parameter), Tensor::from_dispatch(m), Tensor::from_dispatch(v)]
}
