//! Backward steps: connects each operation of [`GptOps`] with the backward kernels of [`GptKernels`] in burn's gradient graph.
//!
//! Each operation is one node. Its state is what the backward kernel reads; nothing is recomputed here except what the kernels
//! themselves recompute (attention weights, GELU).

use burn::backend::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, TensorMetadata};

use super::GptOps;
use super::kernels::{AttentionSetting, Form, GptKernels};

/// Registers a gradient with the parent of that number, if it wants one; the value is made only then.
macro_rules! give {
    ($ops:expr, $grads:expr, $index:literal, $value:expr) => {
        if let Some(parent) = &$ops.parents[$index] {
            let id = parent.id;
            let value = $value;
            $grads.register::<B>(id, value);
        }
    };
}

/// Records one node: prepares, and finishes with a state when the graph is being recorded.
macro_rules! record {
    ($step:expr, $c:ty, [$($parent:expr),+], $state:expr, $output:expr) => {
        match $step.prepare::<$c>([$($parent.node()),+]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish($state, $output),
            OpsKind::UnTracked(prep) => prep.finish($output),
        }
    };
}

/// `act(x)·w + b`, optionally plus a residual as the fourth parent.
#[derive(Debug)]
struct LinearStep<const PARENTS: usize>;

#[derive(Debug, Clone)]
struct LinearState<T> {
    /// What is multiplied, before GELU where `gelu` says that the product applies it.
    x: T,
    w: T,
    gelu: bool,
    /// Input of GELU, where there is one.
    before: Option<T>,
}

impl<B: Backend + GptKernels, const PARENTS: usize> Backward<B, PARENTS> for LinearStep<PARENTS> {
    type State = LinearState<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, PARENTS>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let LinearState { x, w, gelu, before } = ops.state;
        if ops.parents[1].is_some() || ops.parents[2].is_some() {
            let (dw, db) = B::linear_weight_grad(x, dy.clone(), gelu);
            give!(ops, grads, 1, dw);
            give!(ops, grads, 2, db);
        }
        give!(ops, grads, 0, B::linear_input_grad(dy.clone(), w, before));
        if let Some(Some(parent)) = ops.parents.get(3) {
            grads.register::<B>(parent.id, dy);
        }
    }
}

#[derive(Debug)]
struct LayerNormStep;

impl<B: Backend + GptKernels> Backward<B, 3> for LayerNormStep {
    type State = (FloatTensor<B>, FloatTensor<B>, f64);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let (x, gain, epsilon) = ops.state;
        let (dx, dgain, dbias) = B::layer_norm_backward(x, gain, dy, epsilon);
        give!(ops, grads, 0, dx);
        give!(ops, grads, 1, dgain);
        give!(ops, grads, 2, dbias);
    }
}

#[derive(Debug)]
struct AttentionStep;

#[derive(Debug, Clone)]
struct AttentionState<T, I> {
    qkv: T,
    out: T,
    lse: T,
    seed: I,
    setting: AttentionSetting,
}

impl<B: Backend + GptKernels> Backward<B, 1> for AttentionStep {
    type State = AttentionState<FloatTensor<B>, IntTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let dout = grads.consume::<B>(&ops.node);
        let AttentionState { qkv, out, lse, seed, setting } = ops.state;
        give!(ops, grads, 0, B::attention_backward(qkv, out, lse, dout, seed, setting));
    }
}

#[derive(Debug)]
struct EmbedStep;

#[derive(Debug, Clone)]
struct EmbedState<I> {
    ids: I,
    vocab: usize,
    context: usize,
    time: usize,
    offset: usize,
}

impl<B: Backend + GptKernels> Backward<B, 2> for EmbedStep {
    type State = EmbedState<IntTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let dx = grads.consume::<B>(&ops.node);
        let EmbedState { ids, vocab, context, time, offset } = ops.state;
        let (dwte, dwpe) = B::embed_backward(ids, dx, vocab, context, time, offset);
        give!(ops, grads, 0, dwte);
        give!(ops, grads, 1, dwpe);
    }
}

#[derive(Debug)]
struct TiedLogitsStep;

impl<B: Backend + GptKernels> Backward<B, 2> for TiedLogitsStep {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let dlogits = grads.consume::<B>(&ops.node);
        let (x, wte) = ops.state;
        give!(ops, grads, 0, B::matmul(dlogits.clone(), wte, Form::Nn));
        give!(ops, grads, 1, B::matmul(dlogits, x, Form::Tn));
    }
}

#[derive(Debug)]
struct CrossEntropyStep;

#[derive(Debug, Clone)]
struct CrossEntropyState<T, I> {
    logits: T,
    targets: I,
    lse: T,
    scale: f64,
}

impl<B: Backend + GptKernels> Backward<B, 1> for CrossEntropyStep {
    type State = CrossEntropyState<FloatTensor<B>, IntTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let upstream = grads.consume::<B>(&ops.node);
        let CrossEntropyState { logits, targets, lse, scale } = ops.state;
        give!(ops, grads, 0, B::cross_entropy_backward(logits, targets, lse, upstream, scale));
    }
}

#[derive(Debug)]
struct DropoutStep;

impl<B: Backend + GptKernels> Backward<B, 1> for DropoutStep {
    type State = (IntTensor<B>, f64, u32);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let dy = grads.consume::<B>(&ops.node);
        let (seed, drop, salt) = ops.state;
        give!(ops, grads, 0, B::dropout_forward(dy, seed, drop, salt));
    }
}

impl<B: Backend + GptOps + GptKernels, C: CheckpointStrategy> GptOps for Autodiff<B, C> {
    fn linear(x: FloatTensor<Self>, w: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let output = B::linear_forward(x.primitive().clone(), w.primitive().clone(), b.primitive().clone(), None, false);
        let state = LinearState { x: x.primitive().clone(), w: w.primitive().clone(), gelu: false, before: None };
        record!(LinearStep::<3>, C, [x, w, b], state, output)
    }

    fn linear_residual(x: FloatTensor<Self>, w: FloatTensor<Self>, b: FloatTensor<Self>, residual: FloatTensor<Self>) -> FloatTensor<Self> {
        let output = B::linear_forward(
            x.primitive().clone(),
            w.primitive().clone(),
            b.primitive().clone(),
            Some(residual.primitive().clone()),
            false,
        );
        let state = LinearState { x: x.primitive().clone(), w: w.primitive().clone(), gelu: false, before: None };
        record!(LinearStep::<4>, C, [x, w, b, residual], state, output)
    }

    fn gelu_linear_residual(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        residual: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let before = x.primitive().clone();
        let (input, gelu) = B::activation(&before).map_or_else(|| (before.clone(), true), |active| (active, false));
        let (weight, bias) = (w.primitive().clone(), b.primitive().clone());
        let output = B::linear_forward(input.clone(), weight.clone(), bias, Some(residual.primitive().clone()), gelu);
        let state = LinearState { x: input, w: weight, gelu, before: Some(before) };
        record!(LinearStep::<4>, C, [x, w, b, residual], state, output)
    }

    fn layer_norm(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self> {
        let output = B::layer_norm_forward(x.primitive().clone(), gain.primitive().clone(), bias.primitive().clone(), epsilon);
        let state = (x.primitive().clone(), gain.primitive().clone(), epsilon);
        record!(LayerNormStep, C, [x, gain, bias], state, output)
    }

    fn causal_attention(
        qkv: FloatTensor<Self>,
        seed: IntTensor<Self>,
        time: usize,
        heads: usize,
        drop: f64,
        salt: u32,
    ) -> FloatTensor<Self> {
        let setting = AttentionSetting { time, heads, drop, salt };
        let (out, lse) = B::attention_forward(qkv.primitive().clone(), seed.clone(), setting);
        let state = AttentionState { qkv: qkv.primitive().clone(), out: out.clone(), lse, seed, setting };
        record!(AttentionStep, C, [qkv], state, out)
    }

    fn embed(ids: IntTensor<Self>, wte: FloatTensor<Self>, wpe: FloatTensor<Self>, time: usize, offset: usize) -> FloatTensor<Self> {
        let (vocab, context) = (wte.primitive().shape()[0], wpe.primitive().shape()[0]);
        let output = B::embed_forward(ids.clone(), wte.primitive().clone(), wpe.primitive().clone(), time, offset);
        let state = EmbedState { ids, vocab, context, time, offset };
        record!(EmbedStep, C, [wte, wpe], state, output)
    }

    fn tied_logits(x: FloatTensor<Self>, wte: FloatTensor<Self>) -> FloatTensor<Self> {
        let output = B::matmul(x.primitive().clone(), wte.primitive().clone(), Form::Nt);
        let state = (x.primitive().clone(), wte.primitive().clone());
        record!(TiedLogitsStep, C, [x, wte], state, output)
    }

    fn cross_entropy(logits: FloatTensor<Self>, targets: IntTensor<Self>, scale: f64) -> FloatTensor<Self> {
        let (losses, lse) = B::cross_entropy_rows(logits.primitive().clone(), targets.clone());
        let state = CrossEntropyState { logits: logits.primitive().clone(), targets, lse, scale };
        record!(CrossEntropyStep, C, [logits], state, B::sum_scaled(losses, scale))
    }

    fn hash_dropout(x: FloatTensor<Self>, seed: IntTensor<Self>, drop: f64, salt: u32) -> FloatTensor<Self> {
        let output = B::dropout_forward(x.primitive().clone(), seed.clone(), drop, salt);
        record!(DropoutStep, C, [x], (seed, drop, salt), output)
    }
}
