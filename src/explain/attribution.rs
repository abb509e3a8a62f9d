//! Which tokens speak for an output token: gradient × input, and integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365).
//!
//! The function is the token's log-probability after the sentence's tokens up to a position; the inputs are the token embeddings (rows of `wte`),
//! positions stay as they are. The baseline is the mean of all token embeddings at every position, a token that is like any other: nearer
//! to what the model has seen than zero, so that the path is smooth. The integral is a Gauss–Legendre sum over panels whose
//! number doubles until it is complete to [`GOOD_GAP`], or [`MOST_PANELS`] are reached; what is missing is told.

use burn::tensor::{Int, Tensor};

use crate::model::Gpt;
use crate::model::ops;
use crate::model::parameters::{ParameterError, read_floats};

use super::choices::log_probability;

/// Nodes and weights of the four-point Gauss–Legendre rule on 0..=1 (Abramowitz and Stegun, table 25.4).
const NODES: [(f32, f32); 4] =
    [(0.069_431_84, 0.173_927_42), (0.330_009_5, 0.326_072_58), (0.669_990_52, 0.326_072_58), (0.930_568_16, 0.173_927_42)];
const FIRST_PANELS: usize = 4;
const MOST_PANELS: usize = 64;
/// Missing share of the difference at which the sum is good enough.
const GOOD_GAP: f32 = 0.005;
/// Rows (points × tokens) that go through the model at once.
const MOST_ROWS: usize = 256;
/// Differences below this many nats are as good as none: their share says nothing.
const SMALL: f32 = 1e-3;

/// Contributions in nats, one per token.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// `[t]`
    pub gradient_input: Vec<f32>,
    /// `[t]`
    pub integrated: Vec<f32>,
    pub log_probability: f32,
    pub baseline_log_probability: f32,
    /// What the integrated gradients miss of the difference, as a share of it.
    pub gap: f32,
    /// Points on the path.
    pub points: usize,
}

/// A function of the way from the baseline to the tokens.
struct Path<'a> {
    /// On the autodiff side.
    model: &'a Gpt,
    /// Baseline plus positions `[t, d]`, and the way to the tokens' embeddings `[t, d]`; without autodiff.
    start: Tensor<2>,
    way: Tensor<2>,
    token: u32,
}

impl Path<'_> {
    /// Gradient of the token's log-probability with respect to the embeddings at these places (0..=1) on the path: `[places * t, d]`.
    fn gradients(&self, places: &[f32]) -> Tensor<2> {
        let [count, d] = self.start.dims();
        let device = self.start.device();
        let points = places.len();
        let along = Tensor::<1>::from_data(places, &device).reshape([points, 1, 1]);
        let x = self.start.clone().reshape([1, count, d]) + self.way.clone().reshape([1, count, d]) * along;
        let x = x.reshape([points * count, d]).autodiff().require_grad();
        let logits = self.model.logits_of_embeddings(x.clone(), count);
        let targets: Tensor<1, Int> = Tensor::from_data(vec![self.token as i32; points].as_slice(), &device);
        // The cross-entropy is minus the log-probability.
        let gradients = ops::cross_entropy(logits, targets, -1.0).backward();
        x.grad(&gradients).unwrap_or_else(|| Tensor::zeros([points * count, d], &device))
    }

    /// Log-probability at one place of the path.
    async fn value(&self, plain: &Gpt, place: f32) -> Result<f32, ParameterError> {
        let x = self.start.clone() + self.way.clone().mul_scalar(place);
        let count = x.dims()[0];
        let logits = read_floats(plain.logits_of_embeddings(x, count)).await?;
        Ok(log_probability(&logits, self.token))
    }
}

/// Contributions of `ids` (at least one, at most the context) to `token` as the next one, under a model without autodiff. `pause` is called
/// between two passes.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn attribute(plain: &Gpt, ids: &[u32], token: u32, pause: impl AsyncFn()) -> Result<Attribution, ParameterError> {
    let device = plain.wte.val().device();
    let (count, d) = (ids.len(), plain.config.n_embd);
    let model = plain.clone().constants();
    let inputs: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
    let embedded = ops::embed(Tensor::from_data(inputs.as_slice(), &device), plain.wte.val(), plain.wpe.val(), count, 0);
    let positions = plain.wpe.val().slice([0..count, 0..d]);
    let tokens = embedded - positions.clone();
    // Column means as a product: our own kernel, on every device.
    let vocab = plain.config.vocab_size;
    let share = Tensor::<2>::full([1, vocab], 1.0 / vocab as f32, &device);
    let mean = ops::linear(share, plain.wte.val(), Tensor::zeros([d], &device));
    let path = Path { model: &model, start: positions + mean.clone(), way: tokens.clone() - mean, token };
    let (baseline, value) = (path.value(plain, 0.0).await?, path.value(plain, 1.0).await?);
    pause().await;

    let gradient = read_floats(path.gradients(&[1.0])).await?;
    let gradient_input = products(&gradient, &read_floats(tokens).await?, count);
    let way = read_floats(path.way.clone()).await?;
    let difference = value - baseline;
    let per_pass = (MOST_ROWS / count).max(1);
    let mut panels = FIRST_PANELS;
    loop {
        let nodes: Vec<(f32, f32)> = (0..panels)
            .flat_map(|panel| NODES.map(|(node, weight)| ((panel as f32 + node) / panels as f32, weight / panels as f32)))
            .collect();
        let mut sum = vec![0.0f32; count * d];
        for nodes in nodes.chunks(per_pass) {
            pause().await;
            let places: Vec<f32> = nodes.iter().map(|(place, _)| *place).collect();
            let gradients = read_floats(path.gradients(&places)).await?;
            for (gradient, (_, weight)) in gradients.chunks_exact(count * d).zip(nodes) {
                sum.iter_mut().zip(gradient).for_each(|(sum, gradient)| *sum += weight * gradient);
            }
        }
        let integrated = products(&sum, &way, count);
        let missing = (integrated.iter().sum::<f32>() - difference).abs();
        let gap = missing / difference.abs().max(SMALL);
        if gap <= GOOD_GAP || panels >= MOST_PANELS {
            let points = nodes.len();
            return Ok(Attribution { gradient_input, integrated, log_probability: value, baseline_log_probability: baseline, gap, points });
        }
        panels *= 2;
    }
}

/// Dot products row by row.
fn products(a: &[f32], b: &[f32], rows: usize) -> Vec<f32> {
    let width = (a.len() / rows.max(1)).max(1);
    a.chunks_exact(width).zip(b.chunks_exact(width)).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a * b).sum()).collect()
}
