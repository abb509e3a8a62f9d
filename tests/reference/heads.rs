//! Pairs, several labels and numbers learned by the bundled base model beside PyTorch and `transformers` (heads.py): templates, losses, outputs.
//! On the CPU device, and on WebGPU's native sibling where there is an adapter.

use std::fs;
use std::rc::Rc;

use crate::classify::{root, wgpu, with_head};
use attune::model::parameters::read_floats;
use attune::model::sequence::head_vectors;
use attune::protocol::labels::TextAnswer;
use attune::text::Tokenizer;
use attune::train::{
    AdamWSetting, Classify, Decay, Example, Pair, Pooling, Reading, Schedule, Score, SequenceTrainer, Several, Shape, Target, Task,
    TrainerSetting, learning_rate, passes, sequence_outputs,
};
use burn::tensor::Device;
use futures::executor::block_on;
use serde::Deserialize;

/// In the unit of the loss.
const LOSS: f64 = 1e-4;
const OUTPUTS: f32 = 2e-3;

#[derive(Deserialize)]
struct Recipe {
    score: Vec<f32>,
    losses: Vec<f64>,
    outputs: Vec<f32>,
}

#[derive(Deserialize)]
struct Reference {
    texts: Vec<String>,
    seconds: Vec<String>,
    same: Vec<u32>,
    sets: Vec<Vec<u32>>,
    numbers: Vec<f64>,
    batches: Vec<Vec<usize>>,
    pair: Recipe,
    pair_apart: Recipe,
    several: Recipe,
    several_balanced: Recipe,
    score: Recipe,
}

fn reference() -> Reference {
    serde_json::from_str(&fs::read_to_string(root().join("tests/reference/fixtures/heads.json")).unwrap()).unwrap()
}

fn tokenizer() -> Tokenizer {
    Tokenizer::from_json(&fs::read(root().join("static/models/attune-en-nano/tokenizer.json")).unwrap()).unwrap()
}

/// Trains as the script does and holds losses and outputs against its own.
async fn follow(what: &str, theirs: &Reference, recipe: &Recipe, task: Rc<dyn Task>, targets: &[Target], shape: Shape, device: &Device) {
    let (tokenizer, width) = (tokenizer(), task.outputs());
    let apart = what == "pair, apart";
    let read = |text: &str, second: &str| task.template(&tokenizer, text, second).unwrap();
    let both = |(text, second): (&String, &String)| read(text, if what == "pair" { second } else { "" });
    let ids: Vec<Vec<u32>> = theirs.texts.iter().zip(&theirs.seconds).map(both).collect();
    let seconds: Vec<Vec<u32>> = theirs.seconds.iter().filter(|_| apart).map(|second| read(second, "")).collect();
    let second = |number: usize| seconds.get(number).map(Vec::as_slice);
    let example = |number: usize| Example { number, ids: &ids[number], second: second(number), target: targets[number].clone() };
    let optimizer = AdamWSetting { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, clip_norm: 1.0 };
    let setting = TrainerSetting { optimizer, dropout: 0.0, seed: 1 };
    let model = with_head(&recipe.score, head_vectors(apart), &device.clone().autodiff());
    let mut trainer = SequenceTrainer::new(model, task.clone(), setting, 1.0);
    let schedule = Schedule { peak: 2e-3, warmup: 2, steps: theirs.batches.len() as u32, decay: Decay::Linear };
    let reading = Reading { window: 256, pooling: Pooling::Last };
    let (mut largest, mut farthest) = (0f64, 0f32);
    assert_eq!(recipe.losses.len(), theirs.batches.len());
    for (step, (batch, wanted)) in theirs.batches.iter().zip(&recipe.losses).enumerate() {
        let examples: Vec<Example> = batch.iter().map(|&number| example(number)).collect();
        let mut loss = 0.0;
        for part in trainer.step(&passes(&examples, reading, shape), learning_rate(&schedule, step as u32)).losses {
            loss += f64::from(read_floats(part).await.unwrap()[0]);
        }
        assert!((loss - wanted).abs() <= LOSS, "{what}, step {step}: loss {loss}, PyTorch {wanted}");
        largest = largest.max((loss - wanted).abs());
    }
    let all: Vec<Example> = (0..ids.len()).map(example).collect();
    let model = trainer.inference_model();
    let mut outputs = vec![Vec::new(); ids.len()];
    for pass in passes(&all, reading, shape) {
        let read = sequence_outputs(&model, &pass).await.unwrap();
        pass.numbers.iter().zip(read.chunks_exact(width)).for_each(|(&number, row)| outputs[number] = row.to_vec());
    }
    assert_eq!(recipe.outputs.len(), ids.len() * width);
    for (row, (ours, theirs)) in outputs.iter().zip(recipe.outputs.chunks_exact(width)).enumerate() {
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() <= OUTPUTS, "{what}, row {row}: {ours}, PyTorch {theirs}");
            farthest = farthest.max((ours - theirs).abs());
        }
        agrees(&task.answer(ours), theirs, row);
    }
    println!("{what}: largest difference of a loss {largest:.1e}, of an output {farthest:.1e}");
}

/// What is said of a row is what PyTorch's numbers say; rows on the edge of two answers are left out.
fn agrees(answer: &TextAnswer, theirs: &[f32], row: usize) {
    match answer {
        TextAnswer::Class { class, .. } if (theirs[0] - theirs[1]).abs() > OUTPUTS => {
            assert_eq!(*class as usize, Classify::predict(theirs), "row {row}");
        }
        TextAnswer::Classes { classes, .. } if theirs.iter().all(|logit| logit.abs() > OUTPUTS) => {
            let wanted: Vec<u32> = (0..).zip(theirs).filter(|(_, logit)| **logit > 0.0).map(|(class, _)| class).collect();
            assert_eq!(*classes, wanted, "row {row}");
        }
        _ => {}
    }
}

async fn all(shape: Shape, device: &Device) {
    let theirs = reference();
    let classes: Vec<Target> = theirs.same.iter().map(|&class| Target::Class(class)).collect();
    follow("pair", &theirs, &theirs.pair, Rc::new(Pair(Classify::new(2))), &classes, shape, device).await;
    follow("pair, apart", &theirs, &theirs.pair_apart, Rc::new(Pair(Classify::new(2))), &classes, shape, device).await;
    let sets: Vec<Target> = theirs.sets.iter().map(|set| Target::Set(set.clone())).collect();
    follow("several", &theirs, &theirs.several, Rc::new(Several::new(3)), &sets, shape, device).await;
    let counts: Vec<u64> = (0..3).map(|class| theirs.sets.iter().filter(|set| set.contains(&class)).count() as u64).collect();
    let balanced = Several::new(3).balanced(&counts, sets.len() as u64);
    follow("several, balanced", &theirs, &theirs.several_balanced, Rc::new(balanced), &sets, shape, device).await;
    let numbers: Vec<Target> = theirs.numbers.iter().map(|&number| Target::Number(number)).collect();
    let score = Score::standardised_by(&theirs.numbers);
    follow("score", &theirs, &theirs.score, Rc::new(score), &numbers, shape, device).await;
}

#[test]
fn pairs_sets_and_numbers_follow_pytorch() {
    for shape in [Shape { rows: 3, fixed: false }, Shape { rows: 16, fixed: true }] {
        block_on(all(shape, &Device::flex()));
    }
}

/// The same with the kernels' text that browsers get.
#[test]
fn pairs_sets_and_numbers_follow_pytorch_on_wgpu() {
    let Some(device) = wgpu() else {
        return crate::python::skipped("other heads on WebGPU", "no graphics adapter, not even a software one");
    };
    block_on(all(Shape { rows: 8, fixed: true }, &device));
}
