//! Every bundled base model gives the logits that `transformers` gives, on prompts in English and Chinese. `logits.py` makes the fixture, and
//! is asked again where there is a Python.

use std::fs;
use std::path::{Path, PathBuf};

use crate::python;
use attune::checkpoint::load_model;
use attune::model::Gpt;
use attune::model::parameters::read_floats;
use attune::protocol::{Catalogue, ModelEntry};
use attune::text::Tokenizer;
use burn::tensor::{Device, Int, Tensor};
use futures::executor::block_on;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Weights in files are f16; both sides read the same ones and compute in f32.
const TOLERANCE: f32 = 1e-3;
const REFERENCE: &str = include_str!("fixtures/logits.json");

#[derive(Deserialize)]
struct Reference {
    sha256: String,
    prompts: Vec<Prompt>,
}

#[derive(Deserialize)]
struct Prompt {
    prompt: String,
    ids: Vec<u32>,
    top_ids: Vec<usize>,
    top_logits: Vec<f32>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn catalogue() -> Catalogue {
    serde_json::from_slice(&fs::read(root().join("static/models/index.json")).unwrap()).unwrap()
}

struct Loaded {
    model: Gpt,
    tokenizer: Tokenizer,
}

fn load(entry: &ModelEntry) -> Loaded {
    let file = |name: &str| fs::read(root().join("static").join(entry.path(name))).unwrap();
    let config = String::from_utf8(file("config.json")).unwrap();
    let (config, values) = load_model(&config, &file("model.safetensors")).unwrap();
    let model = Gpt::from_values(config, values, &Device::flex()).unwrap();
    Loaded { model, tokenizer: Tokenizer::from_json(&file("tokenizer.json")).unwrap() }
}

impl Loaded {
    /// Logits after the prompt.
    fn last(&self, ids: &[u32]) -> Vec<f32> {
        let inputs: Vec<i32> = ids.iter().map(|&id| id as i32).collect();
        let inputs: Tensor<1, Int> = Tensor::from_data(inputs.as_slice(), &Device::flex());
        let logits = block_on(read_floats(self.model.logits(inputs, ids.len(), &self.model.no_dropout()))).unwrap();
        logits[logits.len() - self.model.config.vocab_size..].to_vec()
    }
}

#[test]
fn bundled_models_give_the_logits_of_the_fixture() {
    let reference: BTreeMap<String, Reference> = serde_json::from_str(REFERENCE).unwrap();
    let catalogue = catalogue();
    for entry in &catalogue.models {
        let id = entry.id.folder();
        let expected = reference.get(id).unwrap_or_else(|| panic!("{id} is not in the fixture: run tests/reference/logits.py"));
        let weights = entry.files.iter().find(|file| file.name == "model.safetensors").unwrap();
        assert_eq!(expected.sha256, weights.sha256, "{id}: the fixture is stale: run tests/reference/logits.py");
        let loaded = load(entry);
        for Prompt { prompt, ids, top_ids, top_logits } in &expected.prompts {
            assert_eq!(loaded.tokenizer.encode(prompt).unwrap(), *ids, "{id}: {prompt}");
            let logits = loaded.last(ids);
            for (&token, &logit) in top_ids.iter().zip(top_logits) {
                assert!((logits[token] - logit).abs() <= TOLERANCE, "{id}: {prompt}: token {token} is {}, not {logit}", logits[token]);
            }
            let above = logits.iter().filter(|&&logit| logit > top_logits[0] + TOLERANCE).count();
            assert_eq!(above, 0, "{id}: {prompt}: another token is likelier");
        }
    }
    assert_eq!(reference.len(), catalogue.models.len(), "the fixture has models that are gone");
}

#[test]
fn bundled_models_give_all_logits_of_transformers() {
    let what = "logits of the bundled models in transformers";
    let Some(mut command) = python::script(what, &root().join("tests/reference/logits.py")) else { return };
    let output = command.arg("--print").stdout(std::process::Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: BTreeMap<String, Vec<Value>> = serde_json::from_slice(&output.stdout).unwrap();
    for entry in &catalogue().models {
        let loaded = load(entry);
        let mut largest = 0f32;
        for prompt in &theirs[entry.id.folder()] {
            let ids: Vec<u32> = serde_json::from_value(prompt["ids"].clone()).unwrap();
            let logits: Vec<f32> = serde_json::from_value(prompt["logits"].clone()).unwrap();
            let ours = loaded.last(&ids);
            assert_eq!(ours.len(), logits.len());
            largest = ours.iter().zip(&logits).map(|(a, b)| (a - b).abs()).fold(largest, f32::max);
        }
        assert!(largest <= TOLERANCE, "{}: logits differ by {largest}", entry.id.folder());
    }
}
