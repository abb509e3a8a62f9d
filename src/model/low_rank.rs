//! Low-rank adapters: LoRA (Hu et al. 2021, arXiv 2106.09685).
//!
//! Beside a frozen matrix `W [in, out]` two thin ones learn, `A [in, rank]` and `B [rank, out]`; the map becomes `x·W + alpha / rank · x·A·B`. `A`
//! begins with Gaussian numbers and `B` with zeros, so that the model begins as it was. In: which matrices, rank, alpha, a seed. Out: a model whose
//! body is frozen but for its adapters, or, for everything that only reads, one in which they are merged into the matrices.
//!
//! burn has adapters of its own. They write out `W + A·B` at every pass and ask for the gradient of the whole of it; these are two products with the
//! fused kernels and no gradient of `W`. And they draw from a generator that no seed of ours reaches. Absent: dropout before the adapter.

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::block::{Block, Conv1d};
use super::gpt::Gpt;
use super::init::normal;
use super::ops;
use super::parameters::leaf;

/// The stream of a seed that adapters are drawn from; the head has the one before it.
const STREAM: u64 = 2;

/// An adapter beside a frozen matrix.
#[derive(Module, Debug)]
pub struct LowRank {
    /// `A [in, rank]`
    pub down: Param<Tensor<2>>,
    /// `B [rank, out]`
    pub up: Param<Tensor<2>>,
    /// `alpha / rank`
    pub scale: f64,
}

/// Which of a block's matrices have adapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adapted {
    /// `attn.c_attn`
    pub attention_in: bool,
    /// `attn.c_proj`
    pub attention_out: bool,
    /// `mlp.c_fc`
    pub mlp_in: bool,
    /// `mlp.c_proj`
    pub mlp_out: bool,
}

/// What adapters are to be like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LowRankSetting {
    /// At least 1.
    pub rank: usize,
    pub alpha: f64,
    pub adapted: Adapted,
}

impl LowRank {
    /// An adapter with these values, row-major, for a matrix `[in, out]`.
    pub fn new([rows, columns]: [usize; 2], rank: usize, down: Vec<f32>, up: Vec<f32>, scale: f64, device: &Device) -> Self {
        let matrix =
            |values, shape: [usize; 2]| Param::initialized(ParamId::new(), leaf(Tensor::from_data(TensorData::new(values, shape), device)));
        Self { down: matrix(down, [rows, rank]), up: matrix(up, [rank, columns]), scale }
    }

    /// Width of the narrow middle.
    pub fn rank(&self) -> usize {
        self.down.val().dims()[1]
    }

    fn scaled_down(&self) -> Tensor<2> {
        self.down.val().mul_scalar(self.scale)
    }

    /// `y + scale · x·A·B`: `x [n, in]`, `y [n, out]`.
    pub(super) fn add_to(&self, y: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        let nothing = Tensor::zeros([self.rank()], &x.device());
        self.widen(ops::linear(x, self.scaled_down(), nothing), y)
    }

    /// `y + scale · gelu(x)·A·B`.
    pub(super) fn add_gelu_to(&self, y: Tensor<2>, x: Tensor<2>) -> Tensor<2> {
        let (rows, rank, device) = (x.dims()[0], self.rank(), x.device());
        let nothing = (Tensor::zeros([rank], &device), Tensor::zeros([rows, rank], &device));
        self.widen(ops::gelu_linear_residual(x, self.scaled_down(), nothing.0, nothing.1), y)
    }

    fn widen(&self, narrow: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
        let up = self.up.val();
        let nothing = Tensor::zeros([up.dims()[1]], &narrow.device());
        ops::linear_residual(narrow, up, nothing, y)
    }
}

impl Conv1d {
    /// Puts the adapter's product into the matrix and lets go of the adapter.
    fn merge(&mut self) {
        if let Some(adapter) = self.adapter.take() {
            let merged = adapter.widen(adapter.scaled_down(), self.weight.val());
            self.weight = Param::initialized(ParamId::new(), merged);
        }
    }
}

impl Block {
    /// Its linear maps in the order of the slots, under the names that they have within a block.
    pub(super) fn maps(&self) -> [(&'static str, &Conv1d); 4] {
        let (attention, mlp) = (&self.attn, &self.mlp);
        [("attn.c_attn", &attention.c_attn), ("attn.c_proj", &attention.c_proj), ("mlp.c_fc", &mlp.c_fc), ("mlp.c_proj", &mlp.c_proj)]
    }

    pub(super) fn maps_mut(&mut self) -> [&mut Conv1d; 4] {
        [&mut self.attn.c_attn, &mut self.attn.c_proj, &mut self.mlp.c_fc, &mut self.mlp.c_proj]
    }
}

impl Gpt {
    /// Gives every block adapters drawn from `seed`, and freezes everything else.
    pub fn adapt(&mut self, setting: &LowRankSetting, seed: u64) {
        let device = self.wte.val().device();
        self.freeze_all();
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(STREAM);
        let Adapted { attention_in, attention_out, mlp_in, mlp_out } = setting.adapted;
        let rank = setting.rank.max(1);
        for block in &mut self.h {
            for (map, wanted) in block.maps_mut().into_iter().zip([attention_in, attention_out, mlp_in, mlp_out]) {
                if wanted {
                    let shape = map.weight.val().dims();
                    // Then what `A` makes of a normalised state has variance one, whatever the rank.
                    let deviation = 1.0 / (shape[0] as f64).sqrt();
                    let down = normal(&mut generator, shape[0] * rank, deviation);
                    let scale = setting.alpha / rank as f64;
                    map.adapter = Some(LowRank::new(shape, rank, down, vec![0.0; rank * shape[1]], scale, &device));
                }
            }
        }
    }

    /// Merges all adapters into their matrices: the same map, with nothing beside them.
    pub fn merge(&mut self) {
        for map in self.h.iter_mut().flat_map(Block::maps_mut) {
            map.merge();
        }
    }

    /// Adapters with their block and the name of their matrix, in the order of their slots.
    pub fn adapters(&self) -> impl Iterator<Item = (usize, &'static str, &LowRank)> {
        self.h.iter().enumerate().flat_map(|(layer, block)| {
            block.maps().into_iter().filter_map(move |(name, map)| map.adapter.as_ref().map(|adapter| (layer, name, adapter)))
        })
    }
}
