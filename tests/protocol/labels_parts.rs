//! How much of a model learns from labelled texts: what the plan says of it, and that it learns.

use attune::protocol::Command;
use attune::protocol::labels::{LabelConfig, LabelPlan, LowRankMatrices, ModelPlace, Trained};

use crate::labels::{config, csv, of_classes, open, prepare, report, run};
use crate::page::Page;

#[test]
fn a_frozen_body_learns_with_its_head_alone() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    let plan = prepare(&mut page, &LabelConfig { trained: Trained::HeadOnly, epochs: 2, ..config(choice.clone()) });
    assert_eq!(plan.parameters - plan.frozen_parameters, 2 * 32);
    let layers = prepare(&mut page, &LabelConfig { trained: Trained::TopLayers { layers: 1 }, ..config(choice) });
    assert_eq!(layers.frozen_parameters, 0, "one of one layer is everything");
    let sum = |plan: &LabelPlan| plan.parts.iter().fold((0, 0), |sum, part| (sum.0 + part.parameters, sum.1 + part.trainable));
    assert_eq!(sum(&layers), (layers.parameters, layers.parameters));
    page.send(Command::Start { run: 1 });
    page.until_step(1);
}

#[test]
fn adapters_learn_beside_a_frozen_body() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    let matrices = LowRankMatrices { mlp_in: false, ..LowRankMatrices::default() };
    let trained = Trained::LowRank { rank: 2, alpha: 4.0, matrices };
    let plan = prepare(&mut page, &LabelConfig { trained, epochs: 6, ..config(choice) });
    // Width 32, one block: rank × (in + out) of each matrix, and a head of two classes.
    let adapters = 2 * (32 + 96) + 2 * (32 + 32) + 2 * (128 + 32);
    assert_eq!(plan.parameters - plan.frozen_parameters, adapters + 2 * 32);
    let learning: Vec<(ModelPlace, u64)> =
        plan.parts.iter().filter(|part| part.trainable > 0).map(|part| (part.place, part.trainable)).collect();
    let (attention, mlp) = (ModelPlace::AttentionAdapters { block: 0 }, ModelPlace::MlpAdapters { block: 0 });
    assert_eq!(learning, [(attention, 384), (mlp, 320), (ModelPlace::Head, 64)]);
    assert_eq!(plan.parts.iter().map(|part| part.parameters).sum::<u64>(), plan.parameters);
    assert_eq!(plan.memory.gradients, 4 * (adapters + 64));
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    let (report, _) = report(&page);
    let quality = &of_classes(&report.figures).quality;
    assert!(quality.accuracy.estimate > 0.9, "{}", quality.text);
}
