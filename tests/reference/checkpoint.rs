//! Model files written here open in `transformers`, and files written there open here.

use crate::python;
use attune::checkpoint::{FileType, expected_tensors, load_model, read_safetensors, save_model, write_safetensors};
use serde_json::Value;
use std::fs;

const CONFIG: &str = include_str!("fixtures/gpt2_small/config.json");
const WEIGHTS: &[u8] = include_bytes!("fixtures/gpt2_small/model.safetensors");
const GRADIENTS: &[u8] = include_bytes!("fixtures/gpt2_small/reference_grads.safetensors");
const REFERENCE: &str = include_str!("fixtures/gpt2_small/reference.json");

#[test]
fn what_transformers_wrote_loads() {
    let (config, tensors) = load_model(CONFIG, WEIGHTS).unwrap();
    assert_eq!(tensors.iter().map(|tensor| tensor.values.len() as u64).sum::<u64>(), config.parameters());
    // Gradients stand under the same names, with the same shapes.
    let gradients = read_safetensors(GRADIENTS).unwrap();
    for (name, shape) in expected_tensors(&config) {
        let gradient = gradients.iter().find(|gradient| gradient.name == name).unwrap();
        assert_eq!(gradient.shape, shape, "{name}");
        assert!(gradient.values.iter().any(|&value| value != 0.0), "{name}");
    }
    assert_eq!(gradients.len(), tensors.len());
}

/// Loads a folder as a user would and prints its logits' largest difference from the reference, and what was said while loading.
const OPEN: &str = r#"
import json, sys, torch
from transformers import GPT2LMHeadModel
folder, reference = sys.argv[1], json.load(open(sys.argv[2]))
model, info = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), info
logits = model.eval()(torch.tensor(reference["input_ids"])).logits
print((logits.flatten() - torch.tensor(reference["logits"])).abs().max().item())
"#;

#[test]
fn transformers_opens_what_we_write() {
    let (config, tensors) = load_model(CONFIG, WEIGHTS).unwrap();
    let reference: Value = serde_json::from_str(REFERENCE).unwrap();
    assert_eq!(reference["logits"].as_array().unwrap().len(), 2 * 24 * 96);
    for (file_type, tolerance) in [(FileType::F32, 1e-5), (FileType::F16, 2e-2)] {
        let folder = python::folder(&format!("opens_{}", file_type.name()));
        let files = save_model(&config, tensors.clone(), file_type).unwrap();
        fs::write(folder.join("config.json"), &files.config_json).unwrap();
        fs::write(folder.join("model.safetensors"), &files.weights).unwrap();
        fs::write(folder.join("reference.json"), REFERENCE).unwrap();
        let Some(difference) = python::run("transformers opens our files", OPEN, &[&folder, &folder.join("reference.json")]) else {
            return;
        };
        let difference: f64 = difference.trim().parse().unwrap();
        assert!(difference < tolerance, "{}: logits differ by {difference}", file_type.name());
    }
}

const READ_TENSORS: &str = r#"
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="pt") as file:
    print(json.dumps({"metadata": file.metadata(), "tensors": {name: file.get_tensor(name).tolist() for name in file.keys()}}))
"#;

#[test]
fn python_reads_names_shapes_values_and_metadata() {
    let tensors = [
        attune::checkpoint::NamedTensor::new("m", vec![2, 2], vec![1.0, 2.0, -3.5, 0.25]).unwrap(),
        attune::checkpoint::NamedTensor::new("scalar", vec![], vec![7.0]).unwrap(),
        attune::checkpoint::NamedTensor::new("none", vec![0, 3], vec![]).unwrap(),
    ];
    let path = python::folder("metadata").join("x.safetensors");
    fs::write(&path, write_safetensors(&tensors, FileType::F32, &[("step".into(), "12".into())]).unwrap()).unwrap();
    let Some(printed) = python::run("safetensors reads our files", READ_TENSORS, &[&path]) else { return };
    let expected = serde_json::json!({
        "metadata": {"format": "pt", "step": "12"},
        "tensors": {"m": [[1.0, 2.0], [-3.5, 0.25]], "scalar": 7.0, "none": []},
    });
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), expected);
}

/// Writes what other programs write: bf16 weights, names without the prefix, a copy of the head, the causal mask of old checkpoints.
const OLD_FILE: &str = r#"
import sys, torch
from safetensors.torch import save_file
from transformers import GPT2LMHeadModel
source, target, head = sys.argv[1], sys.argv[2], sys.argv[3].endswith("changed")
state = GPT2LMHeadModel.from_pretrained(source, dtype=torch.bfloat16).transformer.state_dict()
state["lm_head.weight"] = state["wte.weight"].clone()
if head:
    state["lm_head.weight"][0, 0] += 1
for layer in range(2):
    state[f"h.{layer}.attn.bias"] = torch.ones(1, 1, 32, 32, dtype=torch.uint8)
    state[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
save_file({name: tensor.contiguous() for name, tensor in state.items()}, target)
"#;

#[test]
fn old_and_bare_files_load() {
    let folder = python::folder("old");
    fs::write(folder.join("config.json"), CONFIG).unwrap();
    fs::write(folder.join("model.safetensors"), WEIGHTS).unwrap();
    let target = folder.join("old.safetensors");
    let (_, tensors) = load_model(CONFIG, WEIGHTS).unwrap();
    if python::run("old files load here", OLD_FILE, &[&folder, &target, &folder.join("tied")]).is_none() {
        return;
    }
    let (_, old) = load_model(CONFIG, &fs::read(&target).unwrap()).unwrap();
    for (old, new) in old.iter().zip(&tensors) {
        assert_eq!((&old.name, &old.shape), (&new.name, &new.shape));
        // bf16 keeps eight bits of the number.
        assert!(old.values.iter().zip(&new.values).all(|(a, b)| (a - b).abs() <= b.abs() / 256.0), "{}", old.name);
    }
    python::run("old files load here", OLD_FILE, &[&folder, &target, &folder.join("changed")]);
    let error = load_model(CONFIG, &fs::read(&target).unwrap()).unwrap_err();
    assert!(matches!(error, attune::checkpoint::CheckpointError::HeadNotTied), "{error}");
}
