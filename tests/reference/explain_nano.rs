//! The inside of the bundled base model against PyTorch and `transformers` (explain_nano.py): attention, switches, lens, attribution, arithmetic.
//! On the CPU device, and on WebGPU's native sibling where there is an adapter.

use std::fs;
use std::path::Path;

use attune::checkpoint::{NamedTensor, load_model};
use attune::explain::arithmetic::Arithmetic;
use attune::explain::attribution::attribute;
use attune::explain::flow::{flow, lens};
use attune::explain::switches::{Means, Replacements, TextWindows, apply, map};
use attune::explain::{Sentence, record};
use attune::model::Gpt;
use attune::model::parameters::read_floats;
use attune::protocol::explain::{Answer, ModelPart, Switch, SwitchTo, floats, whole_numbers};
use burn::tensor::Device;
use futures::executor::block_on;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Increases {
    heads: Vec<Vec<f32>>,
    mlps: Vec<f32>,
}

#[derive(Deserialize)]
struct Reference {
    ids: Vec<u32>,
    windows: Vec<Vec<u32>>,
    loss: f32,
    /// Per layer `[heads, t, t]`.
    attention: Vec<Vec<f32>>,
    switches: BTreeMap<String, Increases>,
    /// Per row `[t, 3]`.
    lens_ids: Vec<Vec<u32>>,
    lens_probabilities: Vec<Vec<f32>>,
    token: u32,
    baseline_log_probability: f32,
    log_probability: f32,
    gradient_input: Vec<f32>,
    integrated: Vec<f32>,
}

fn reference() -> Reference {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/fixtures/explain_nano.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The bundled model with every parameter times `factor`.
fn nano(device: &Device, factor: f32) -> Gpt {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/models/attune-en-nano");
    let config = fs::read_to_string(folder.join("config.json")).unwrap();
    let (config, values) = load_model(&config, &fs::read(folder.join("model.safetensors")).unwrap()).unwrap();
    let scaled = |tensor: NamedTensor| NamedTensor { values: tensor.values.iter().map(|value| value * factor).collect(), ..tensor };
    Gpt::from_values(config, values.into_iter().map(scaled).collect(), device).unwrap()
}

#[track_caller]
fn close(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let worst = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!("{what}: largest difference {worst:.1e}");
    assert!(worst <= tolerance, "{what}: {worst} is more than {tolerance}");
}

async fn nothing() {}

async fn agrees(device: &Device) {
    let theirs = reference();
    let model = nano(device, 1.0);
    let sentence = Sentence { ids: theirs.ids.clone(), tokens: theirs.ids.iter().map(u32::to_string).collect() };
    let count = sentence.len();

    let look = sentence.look(&model).await.unwrap();
    for (layer, (ours, theirs)) in look.maps.iter().zip(&theirs.attention).enumerate() {
        close(&format!("attention of layer {layer}"), ours, theirs, 1e-4);
    }
    close("loss", &[look.loss().unwrap()], &[theirs.loss], 1e-4);
    let (frame, bytes) = record(&model, &sentence, 1, 2).await.unwrap();
    let shown: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    close("attention as the page gets it", &shown, &theirs.attention.concat(), 0.5 / 255.0 + 1e-4);
    close("loss as the page gets it", &[frame.loss.unwrap()], &[theirs.loss], 1e-4);

    let windows = TextWindows { ids: theirs.windows.clone() };
    let with = Replacements { means: Some(Means::over(&model, &windows, nothing).await), base: Some(nano(device, 0.9)) };
    for (name, to) in [("zero", SwitchTo::Zero), ("mean", SwitchTo::Mean), ("base", SwitchTo::Base)] {
        let Answer::SwitchMap { heads, mlps, loss, .. } = map(&model, &sentence, to, &with, nothing).await.unwrap() else { panic!() };
        let wanted = &theirs.switches[name];
        close(&format!("heads at {name}"), &heads.concat(), &wanted.heads.concat(), 1e-4);
        close(&format!("MLPs at {name}"), &mlps, &wanted.mlps, 1e-4);
        assert!((loss - theirs.loss).abs() < 1e-4);
    }
    // Two parts at once are no sum of the two, but a model like any other: the cached step agrees with the whole pass.
    let off = [ModelPart::Head { layer: 1, head: 2 }, ModelPart::Mlp { layer: 0 }].map(|part| Switch { part, to: SwitchTo::Mean });
    let switched = apply(&model, &off, &with);
    let mut cache = attune::model::KeyValueCache::new(&switched);
    let mut next = None;
    for &id in &sentence.ids {
        next = switched.step(id, &mut cache);
    }
    let stepped = read_floats(next.unwrap()).await.unwrap();
    close("writing with switches", &stepped, &sentence.look(&switched).await.unwrap().next, 1e-3);

    let text = |id: u32| id.to_string();
    let (answer, buffers) = lens(&model, &sentence, 3, &text, nothing).await.unwrap();
    let Answer::Lens { rows, top, words, .. } = answer else { panic!() };
    assert_eq!((rows as usize, top), (theirs.lens_ids.len(), 3));
    let ours: Vec<u32> = whole_numbers(&buffers[0]).iter().map(|&word| words[word as usize].parse().unwrap()).collect();
    assert_eq!(ours, theirs.lens_ids.concat());
    close("lens", &floats(&buffers[1]), &theirs.lens_probabilities.concat(), 1e-4);

    let ours = attribute(&model, &sentence.ids, theirs.token, nothing).await.unwrap();
    close(
        "ends of the path",
        &[ours.baseline_log_probability, ours.log_probability],
        &[theirs.baseline_log_probability, theirs.log_probability],
        1e-3,
    );
    close("gradient times input", &ours.gradient_input, &theirs.gradient_input, 1e-4);
    close("integrated gradients", &ours.integrated, &theirs.integrated, 1e-3);
    let missing = ours.integrated.iter().sum::<f32>() - (ours.log_probability - ours.baseline_log_probability);
    println!("completeness: {missing} missing, gap {}, {} points", ours.gap, ours.points);
    assert!(ours.gap < 0.02 && missing.abs() < 0.02 * (ours.log_probability - ours.baseline_log_probability).abs());

    for (layer, head, query) in [(0, 0, 0), (1, 3, 7), (3, 2, count - 1)] {
        let ours = Arithmetic::of(&model, &sentence, layer, head, query).await.unwrap();
        let row = &theirs.attention[layer][(head * count + query) * count..][..count];
        close("weights of one query", &ours.weights, row, 1e-4);
        let block = model.inside(sentence.inputs(device), count).blocks.swap_remove(layer);
        let heads = read_floats(block.heads).await.unwrap();
        let size = model.config.head_dim();
        close("weighted values", &ours.output, &heads[query * model.config.n_embd + head * size..][..size], 1e-4);
    }

    let (answer, buffers) = flow(&model, &sentence, 5, &text, |_, _, ids| vec![0.0; ids.len()], nothing).await.unwrap();
    let Answer::Flow { layers, heads, top, .. } = answer else { panic!() };
    let (layers, heads) = (layers as usize, heads as usize);
    let lengths = [1, layers * heads, layers, layers, layers, top as usize, top as usize, top as usize];
    assert!(buffers.iter().zip(lengths).all(|(buffer, rows)| buffer.len() == 4 * rows * count));
    let stream = read_floats(model.inside(sentence.inputs(device), count).blocks.remove(layers - 1).stream).await.unwrap();
    let last: f32 = stream[(count - 1) * model.config.n_embd..].iter().map(|value| value * value).sum::<f32>().sqrt();
    close("length of the stream", &floats(&buffers[4])[layers * count - 1..], &[last], 1e-3);
}

#[test]
fn the_inside_equals_pytorch() {
    block_on(agrees(&Device::flex()));
}

/// The same with the kernels' text that browsers get.
#[test]
fn the_inside_equals_pytorch_on_wgpu() {
    let Some(device) = crate::classify::wgpu() else {
        return crate::python::skipped("the inside on WebGPU", "no graphics adapter, not even a software one");
    };
    block_on(agrees(&device));
}
