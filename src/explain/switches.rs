//! Switches applied to a model, the means that a mean switch needs, and what each part alone is worth to a sentence.
//!
//! In: a model without autodiff, as it is between two steps. Out: a model like any other, with some parts replaced; it shares the untouched weights,
//! so it is to be used before the next step. `pause` arguments are called between two pieces of work, during which the model must stand still.

use burn::tensor::{Device, Int, Tensor};

use crate::model::Gpt;
use crate::model::ops;
use crate::model::parameters::ParameterError;
use crate::protocol::explain::{Answer, ModelPart, Switch, SwitchTo};

use super::sentence::Sentence;

/// Windows of the visitor's text, all of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextWindows {
    /// Row after row.
    pub ids: Vec<Vec<u32>>,
}

impl TextWindows {
    pub(super) fn tensor(ids: &[u32], device: &Device) -> Tensor<1, Int> {
        let ids: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
        Tensor::from_data(ids.as_slice(), device)
    }
}

/// What every part says on average over some windows; on the device.
#[derive(Clone)]
pub struct Means {
    /// Per layer `[d]`: the heads' outputs before `attn.c_proj`, side by side.
    heads: Vec<Tensor<1>>,
    /// Per layer `[d]`.
    mlps: Vec<Tensor<1>>,
}

impl Means {
    /// Over all tokens of the windows.
    pub async fn over(model: &Gpt, windows: &TextWindows, pause: impl AsyncFn()) -> Self {
        let device = model.wte.val().device();
        let (d, layers) = (model.config.n_embd, model.h.len());
        let total: usize = windows.ids.iter().map(Vec::len).sum();
        let zeros = || Tensor::<1>::zeros([d], &device);
        let (mut heads, mut mlps) = (vec![zeros(); layers], vec![zeros(); layers]);
        for ids in &windows.ids {
            let inside = model.inside(TextWindows::tensor(ids, &device), ids.len());
            // Column sums as a product: our own kernel, on every device.
            let share = Tensor::<2>::full([1, ids.len()], 1.0 / total.max(1) as f32, &device);
            for (layer, block) in inside.blocks.into_iter().enumerate() {
                heads[layer] = ops::linear(share.clone(), block.heads, heads[layer].clone()).reshape([d]);
                mlps[layer] = ops::linear(share.clone(), block.mlp, mlps[layer].clone()).reshape([d]);
            }
            pause().await;
        }
        Self { heads, mlps }
    }
}

/// What switches may put in the place of a part; what no switch asks for may be missing.
#[derive(Clone, Default)]
pub struct Replacements {
    pub means: Option<Means>,
    pub base: Option<Gpt>,
}

/// Which replacements these switches need: means, base.
pub fn needs(switches: &[Switch]) -> (bool, bool) {
    (switches.iter().any(|switch| switch.to == SwitchTo::Mean), switches.iter().any(|switch| switch.to == SwitchTo::Base))
}

/// The part is in this model.
pub fn exists(model: &Gpt, part: ModelPart) -> bool {
    let (layers, heads) = (model.h.len(), model.config.n_head);
    match part {
        ModelPart::Head { layer, head } => (layer as usize) < layers && (head as usize) < heads,
        ModelPart::Mlp { layer } => (layer as usize) < layers,
    }
}

/// One switch per part, the last of each; in the order given.
pub fn last_of_each(switches: &[Switch]) -> Vec<Switch> {
    let counts = |index: usize, switch: &Switch| !switches[index + 1..].iter().any(|later| later.part == switch.part);
    switches.iter().enumerate().filter(|(index, switch)| counts(*index, switch)).map(|(_, switch)| *switch).collect()
}

/// The model with these switches on; parts that do not exist, and replacements that are missing, are passed over.
pub fn apply(model: &Gpt, switches: &[Switch], with: &Replacements) -> Gpt {
    let mut switched = model.clone();
    for Switch { part, to } in last_of_each(switches).into_iter().filter(|switch| exists(model, switch.part)) {
        let means = with.means.as_ref().filter(|_| to == SwitchTo::Mean);
        match (part, to, &with.base) {
            (ModelPart::Head { layer, head }, SwitchTo::Base, Some(base)) => switched.take_head(layer as usize, head as usize, base),
            (ModelPart::Mlp { layer }, SwitchTo::Base, Some(base)) => switched.take_mlp(layer as usize, base),
            (_, SwitchTo::Base, None) => {}
            (ModelPart::Head { layer, head }, ..) => {
                let mean = means.map(|means| means.heads[layer as usize].clone());
                switched.silence_head(layer as usize, head as usize, mean);
            }
            (ModelPart::Mlp { layer }, ..) => {
                let mean = means.map(|means| means.mlps[layer as usize].clone());
                switched.silence_mlp(layer as usize, mean);
            }
        }
    }
    switched
}

/// Answers `SwitchMap` for a sentence of at least two tokens: each head and each MLP alone.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn map(
    model: &Gpt,
    sentence: &Sentence,
    to: SwitchTo,
    with: &Replacements,
    pause: impl AsyncFn(),
) -> Result<Answer, ParameterError> {
    let loss = sentence.loss(model).await?.unwrap_or_default();
    let (layers, count) = (model.h.len() as u32, model.config.n_head as u32);
    let (mut heads, mut mlps) = (Vec::new(), Vec::new());
    for layer in 0..layers {
        let mut row = Vec::new();
        let parts = (0..count).map(|head| ModelPart::Head { layer, head }).chain([ModelPart::Mlp { layer }]);
        for part in parts {
            pause().await;
            let switched = apply(model, &[Switch { part, to }], with);
            row.push(sentence.loss(&switched).await?.unwrap_or_default() - loss);
        }
        mlps.extend(row.pop());
        heads.push(row);
    }
    Ok(Answer::SwitchMap { to, loss, heads, mlps })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_switch_of_a_part_counts() {
        let head = ModelPart::Head { layer: 0, head: 1 };
        let mlp = ModelPart::Mlp { layer: 0 };
        let switch = |part, to| Switch { part, to };
        let list = [switch(head, SwitchTo::Zero), switch(mlp, SwitchTo::Mean), switch(head, SwitchTo::Base)];
        assert_eq!(last_of_each(&list), [list[1], list[2]]);
        assert_eq!(needs(&last_of_each(&list)), (true, true));
        assert_eq!(needs(&list[..1]), (false, false));
    }
}
