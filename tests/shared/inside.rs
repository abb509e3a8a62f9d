//! Looking inside on one device against the CPU device: what is made of general tensor operations, beside our own kernels, must say the same
//! wherever it runs.

use attune::explain::Sentence;
use attune::explain::attribution::attribute;
use attune::explain::switches::{Means, Replacements, TextWindows, apply};
use attune::protocol::explain::{ModelPart, Switch, SwitchTo};
use burn::tensor::Device;

use super::shared::{close, small_model};

async fn nothing() {}

/// Switched losses, attribution and contributions of a small model, to `tolerance`.
pub async fn inside_agrees(device: &Device, tolerance: f32) {
    let sentence = Sentence { ids: vec![5, 17, 3, 88, 17, 3, 40, 2], tokens: vec![String::new(); 8] };
    let windows = TextWindows { ids: vec![vec![1, 2, 3, 4, 5, 6], vec![9, 8, 7, 6, 5, 4]] };
    let mut told: Vec<Vec<f32>> = Vec::new();
    for device in [&Device::flex(), device] {
        let (model, mut base) = (small_model(device), small_model(device));
        base.silence_mlp(0, None);
        let with = Replacements { means: Some(Means::over(&model, &windows, nothing).await), base: Some(base) };
        let mut numbers = Vec::new();
        for to in [SwitchTo::Zero, SwitchTo::Mean, SwitchTo::Base] {
            for part in [ModelPart::Head { layer: 1, head: 1 }, ModelPart::Mlp { layer: 0 }] {
                let switched = apply(&model, &[Switch { part, to }], &with);
                numbers.push(sentence.loss(&switched).await.expect("a loss").expect("more than one token"));
            }
        }
        let found = attribute(&model, &sentence.ids, 7, nothing).await.expect("an attribution");
        assert!(found.gap <= 0.02, "completeness: {} is missing", found.gap);
        numbers.extend(found.gradient_input);
        numbers.extend(found.integrated);
        told.push(numbers);
    }
    close("the inside", &told[1], &told[0], tolerance);
}
