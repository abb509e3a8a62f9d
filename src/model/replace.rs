//! Parts of a model replaced by nothing, by a constant, or by another model's: every switch is a change of weights, so that the forward pass,
//! generation and all kernels stay as they are, and a switched model is one like any other.
//!
//! On models without autodiff. The changed parameters are new tensors; the others are shared with the model that this one was cloned from, so a
//! model in training is not disturbed, and its clone is to be used before the next step. Layers and heads must exist.

use burn::module::{Param, ParamId};
use burn::tensor::Tensor;

use super::gpt::Gpt;

/// Where `mask` is 1 the other's numbers, where it is 0 one's own; exactly, since it is never anything else.
fn blend<const D: usize>(own: Tensor<D>, other: Tensor<D>, mask: Tensor<D>) -> Tensor<D> {
    own * mask.clone().neg().add_scalar(1.0) + other * mask
}

fn set<const D: usize>(param: &mut Param<Tensor<D>>, value: Tensor<D>) {
    *param = Param::initialized(ParamId::new(), value);
}

impl Gpt {
    /// 1 where a head's numbers lie among `parts * d`, else 0.
    fn head_mask(&self, head: usize, parts: usize) -> Tensor<1> {
        let (d, size) = (self.config.n_embd, self.config.head_dim());
        let mask: Vec<f32> = (0..parts * d).map(|place| if place % d / size == head { 1.0 } else { 0.0 }).collect();
        Tensor::from_data(mask.as_slice(), &self.wte.val().device())
    }

    /// The head's output before `attn.c_proj` becomes `output` (`[d]`, of which only the head's own numbers count), or zero, at every position: its
    /// rows of `attn.c_proj` go, and what `output` would add there goes into the bias.
    pub fn silence_head(&mut self, layer: usize, head: usize, output: Option<Tensor<1>>) {
        let d = self.config.n_embd;
        let mask = self.head_mask(head, 1);
        let projection = &mut self.h[layer].attn.c_proj;
        let weight = projection.weight.val();
        if let Some(output) = output {
            let says = super::ops::linear((output * mask.clone()).reshape([1, d]), weight.clone(), projection.bias.val());
            set(&mut projection.bias, says.reshape([d]));
        }
        let kept = mask.neg().add_scalar(1.0).reshape([d, 1]);
        set(&mut projection.weight, weight * kept);
    }

    /// The MLP adds `output` (`[d]`), or nothing, at every position.
    pub fn silence_mlp(&mut self, layer: usize, output: Option<Tensor<1>>) {
        let projection = &mut self.h[layer].mlp.c_proj;
        let zeros = projection.weight.val().zeros_like();
        let bias = output.unwrap_or_else(|| projection.bias.val().zeros_like());
        set(&mut projection.weight, zeros);
        set(&mut projection.bias, bias);
    }

    /// The head becomes the other model's: its queries', keys' and values' columns and biases in `attn.c_attn`, and its rows of `attn.c_proj`. The
    /// bias of `attn.c_proj` belongs to all heads and stays.
    pub fn take_head(&mut self, layer: usize, head: usize, from: &Self) {
        let d = self.config.n_embd;
        let (triple, single) = (self.head_mask(head, 3), self.head_mask(head, 1));
        let (own, other) = (&mut self.h[layer].attn, &from.h[layer].attn);
        let weight = blend(own.c_attn.weight.val(), other.c_attn.weight.val(), triple.clone().reshape([1, 3 * d]));
        let bias = blend(own.c_attn.bias.val(), other.c_attn.bias.val(), triple);
        let projection = blend(own.c_proj.weight.val(), other.c_proj.weight.val(), single.reshape([d, 1]));
        set(&mut own.c_attn.weight, weight);
        set(&mut own.c_attn.bias, bias);
        set(&mut own.c_proj.weight, projection);
    }

    /// The MLP becomes the other model's, both layers with their biases; the norm before it stays.
    pub fn take_mlp(&mut self, layer: usize, from: &Self) {
        self.h[layer].mlp = from.h[layer].mlp.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::ModelConfig;
    use crate::model::init::initial_values;
    use crate::model::parameters::read_floats;
    use burn::tensor::{Device, Int};
    use futures::executor::block_on;

    fn model(seed: u64) -> Gpt {
        let config = ModelConfig {
            vocab_size: 20,
            n_positions: 16,
            n_embd: 32,
            n_layer: 2,
            n_head: 4,
            layer_norm_epsilon: 1e-5,
            embd_pdrop: 0.0,
            attn_pdrop: 0.0,
            resid_pdrop: 0.0,
            bos_token_id: None,
            eos_token_id: None,
        };
        let mut values = initial_values(&config, seed);
        // Biases start at zero, where a wrong one would not be seen; and at this size all activations are next to nothing.
        for (index, value) in values.iter_mut().flat_map(|tensor| &mut tensor.values).enumerate() {
            *value = *value * 8.0 + 0.1 * ((index * 7 % 13) as f32 / 13.0 - 0.5);
        }
        Gpt::from_values(config, values, &Device::flex()).unwrap()
    }

    fn ids() -> Tensor<1, Int> {
        Tensor::from_data([1, 7, 3, 9, 2, 7, 7, 0], &Device::flex())
    }

    fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        block_on(read_floats(tensor)).unwrap()
    }

    fn logits(model: &Gpt) -> Vec<f32> {
        read(model.logits(ids(), 8, &model.no_dropout()))
    }

    #[track_caller]
    fn close(a: &[f32], b: &[f32]) {
        assert_eq!(a.len(), b.len());
        let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-4, "{worst}");
    }

    #[test]
    fn the_parts_add_up_to_the_whole() {
        let model = model(1);
        let inside = model.inside(ids(), 8);
        close(&read(inside.logits), &logits(&model));
        for (layer, block) in inside.blocks.iter().enumerate() {
            let bias = model.h[layer].attn.c_proj.bias.val().reshape([1, 32]);
            let heads: Tensor<2> =
                (0..4).map(|head| model.head_output(layer, head, block.heads.clone())).fold(bias.repeat_dim(0, 8), |sum, head| sum + head);
            close(&read(heads), &read(block.attention.clone()));
        }
    }

    #[test]
    fn a_silent_head_is_one_whose_output_is_taken_away() {
        let model = model(2);
        let mut silent = model.clone();
        silent.silence_head(1, 2, None);
        let inside = model.inside(ids(), 8);
        let block = &inside.blocks[1];
        let attention = block.attention.clone() - model.head_output(1, 2, block.heads.clone());
        close(&read(silent.inside(ids(), 8).blocks[1].attention.clone()), &read(attention));
        assert!(logits(&silent).iter().zip(logits(&model)).any(|(a, b)| (a - b).abs() > 1e-3), "it must matter");
        // The model it came from has not changed.
        assert_ne!(read(model.h[1].attn.c_proj.weight.val()), read(silent.h[1].attn.c_proj.weight.val()));
        close(&read(inside.logits), &logits(&model));
    }

    #[test]
    fn a_part_that_always_says_its_mean_adds_the_same_everywhere() {
        let model = model(3);
        let inside = model.inside(ids(), 8);
        let mean: Vec<f32> = read(inside.blocks[0].heads.clone().mean_dim(0));
        let mut switched = model.clone();
        switched.silence_head(0, 1, Some(Tensor::from_data(mean.as_slice(), &Device::flex())));
        let constant = Tensor::<1>::from_data(mean.as_slice(), &Device::flex()).reshape([1, 32]).repeat_dim(0, 8);
        let wanted = inside.blocks[0].attention.clone() - model.head_output(0, 1, inside.blocks[0].heads.clone())
            + model.head_output(0, 1, constant);
        close(&read(switched.inside(ids(), 8).blocks[0].attention.clone()), &read(wanted));

        let mut switched = model.clone();
        let says = Tensor::<1>::from_data([0.25; 32], &Device::flex());
        switched.silence_mlp(1, Some(says));
        assert!(read(switched.inside(ids(), 8).blocks[1].mlp.clone()).iter().all(|&value| value == 0.25));
        switched.silence_mlp(1, None);
        assert!(read(switched.inside(ids(), 8).blocks[1].mlp.clone()).iter().all(|&value| value == 0.0));
    }

    #[test]
    fn all_parts_of_another_model_make_that_model() {
        let (own, other) = (model(4), model(5));
        let mut patched = own.clone();
        for layer in 0..2 {
            (0..4).for_each(|head| patched.take_head(layer, head, &other));
            patched.take_mlp(layer, &other);
        }
        // What no part owns: embeddings, norms, the bias that all heads share.
        (patched.wte, patched.wpe, patched.ln_f) = (other.wte.clone(), other.wpe.clone(), other.ln_f.clone());
        for layer in 0..2 {
            (patched.h[layer].ln_1, patched.h[layer].ln_2) = (other.h[layer].ln_1.clone(), other.h[layer].ln_2.clone());
            patched.h[layer].attn.c_proj.bias = other.h[layer].attn.c_proj.bias.clone();
        }
        assert_eq!(logits(&patched), logits(&other));
        let mut one = own.clone();
        one.take_head(0, 3, &other);
        let (own_qkv, new_qkv, other_qkv) =
            (read(own.h[0].attn.c_attn.bias.val()), read(one.h[0].attn.c_attn.bias.val()), read(other.h[0].attn.c_attn.bias.val()));
        for place in 0..96 {
            let wanted = if place % 32 / 8 == 3 { other_qkv[place] } else { own_qkv[place] };
            assert_eq!(new_qkv[place], wanted, "{place}");
        }
    }
}
