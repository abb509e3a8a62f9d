//! The raw kernels, forward and backward, as every device must provide them: tensors of the backend in, tensors of the backend out, no
//! autodiff. `ops::cpu` and `ops::gpu` implement this trait; tests compare the two and PyTorch.

use burn::backend::Backend;
use burn::backend::tensor::{FloatTensor, IntTensor};

/// Parts of one tensor's square sum: on a graphics card as many workgroups share the work.
pub const SQUARE_GROUPS: usize = 8;

/// Which of two row-major matrices is read transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `[m, k]·[k, n]`
    Nn,
    /// `[m, k]·[n, k]ᵀ`
    Nt,
    /// `[k, m]ᵀ·[k, n]`
    Tn,
}

/// What attention needs to know beside its tensors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttentionSetting {
    /// Rows per window.
    pub time: usize,
    pub heads: usize,
    /// Share of weights dropped.
    pub drop: f64,
    /// Tells layers apart in the hash.
    pub salt: u32,
}

/// Numbers of one optimiser step as they lie in a `[8]` tensor, so that a recorded step can be replayed with new ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hyper {
    pub learning_rate: f32,
    pub beta1: f32,
    pub beta2: f32,
    pub epsilon: f32,
    /// `1 - beta1^step`
    pub bias1: f32,
    /// `1 - beta2^step`
    pub bias2: f32,
    /// 0: no clipping.
    pub clip_norm: f32,
    pub weight_decay: f32,
}

impl Hyper {
    /// In the order of the fields.
    pub fn to_array(self) -> [f32; 8] {
        [self.learning_rate, self.beta1, self.beta2, self.epsilon, self.bias1, self.bias2, self.clip_norm, self.weight_decay]
    }
}

/// Hash of a position: `true` keeps the element. The same on every device, so that CPU and GPU drop the same elements.
/// PCG's output permutation (O'Neill 2014), as used for GPU hashing by Jarzynski and Olano, JCGT 2020.
pub fn keep(seed: u32, salt: u32, index: u32, drop: f64) -> bool {
    let mut state = index ^ seed.wrapping_mul(0x9E37_79B9) ^ salt.wrapping_mul(0x85EB_CA6B);
    for _ in 0..2 {
        state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        state = ((state >> ((state >> 28) + 4)) ^ state).wrapping_mul(277_803_737);
        state = (state >> 22) ^ state;
    }
    state >= drop_threshold(drop)
}

/// `drop` as a share of `u32`'s range.
pub fn drop_threshold(drop: f64) -> u32 {
    (drop * f64::from(u32::MAX)) as u32
}

/// Raw kernels. Names of shapes as in [`super`].
pub trait GptKernels: Backend {
    /// GELU of `x`, on devices where keeping it for the backward pass is cheaper than computing it again inside each product.
    fn activation(x: &FloatTensor<Self>) -> Option<FloatTensor<Self>>;
    /// `act(x)·w + b (+ residual)`; `act` is GELU where `gelu` says so, else nothing.
    fn linear_forward(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
        residual: Option<FloatTensor<Self>>,
        gelu: bool,
    ) -> FloatTensor<Self>;
    /// `(act(x)ᵀ·dy, column sums of dy)`: `[k, m]`, `[m]`.
    fn linear_weight_grad(x: FloatTensor<Self>, dy: FloatTensor<Self>, gelu: bool) -> (FloatTensor<Self>, FloatTensor<Self>);
    /// `dy·wᵀ`, times `gelu'(x)` where `x` is given: `[n, k]`.
    fn linear_input_grad(dy: FloatTensor<Self>, w: FloatTensor<Self>, gelu_of: Option<FloatTensor<Self>>) -> FloatTensor<Self>;
    /// A plain product.
    fn matmul(a: FloatTensor<Self>, b: FloatTensor<Self>, form: Form) -> FloatTensor<Self>;
    fn layer_norm_forward(x: FloatTensor<Self>, gain: FloatTensor<Self>, bias: FloatTensor<Self>, epsilon: f64) -> FloatTensor<Self>;
    /// `(dx, dgain, dbias)`.
    fn layer_norm_backward(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        dy: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    /// `(out [n, d], lse [batch * heads, time])`, where `lse` is the log of the sum of exponentials of each query's scores, kept so that
    /// the backward pass can recompute the weights instead of storing them (FlashAttention, arXiv 2205.14135).
    fn attention_forward(
        qkv: FloatTensor<Self>,
        seed: IntTensor<Self>,
        setting: AttentionSetting,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
    /// `dqkv [n, 3d]`.
    fn attention_backward(
        qkv: FloatTensor<Self>,
        out: FloatTensor<Self>,
        lse: FloatTensor<Self>,
        dout: FloatTensor<Self>,
        seed: IntTensor<Self>,
        setting: AttentionSetting,
    ) -> FloatTensor<Self>;
    fn embed_forward(ids: IntTensor<Self>, wte: FloatTensor<Self>, wpe: FloatTensor<Self>, time: usize, offset: usize)
    -> FloatTensor<Self>;
    /// `(dwte [v, d], dwpe [ctx, d])`; sums in the order of the rows, so that repeated runs agree.
    fn embed_backward(
        ids: IntTensor<Self>,
        dx: FloatTensor<Self>,
        vocab: usize,
        context: usize,
        time: usize,
        offset: usize,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
    /// `(losses [n], lse [n])`.
    fn cross_entropy_rows(logits: FloatTensor<Self>, targets: IntTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>);
    /// `scale * Σ x`: `[n] -> [1]`.
    fn sum_scaled(x: FloatTensor<Self>, scale: f64) -> FloatTensor<Self>;
    /// `dlogits [n, v]` for an upstream gradient `[1]`.
    fn cross_entropy_backward(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        lse: FloatTensor<Self>,
        upstream: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self>;
    /// Its own backward pass, applied to the gradient.
    fn dropout_forward(x: FloatTensor<Self>, seed: IntTensor<Self>, drop: f64, salt: u32) -> FloatTensor<Self>;
}
