//! The catalogue of base models and the files beside it.
//!
//! In: `static/models`. Out: a failed test that names what is stale; with `ATTUNE_WRITE_CATALOGUE=1` (`cargo xtask models`) the catalogue is
//! written instead: words stay as people wrote them, the rest is computed. Absent: what the models compute (`tests/reference`).
#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use attune::checkpoint::{ModelConfig, load_model};
use attune::protocol::Catalogue;
use attune::text::Tokenizer;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// What the engine reads.
const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];
const CARD: &str = "README.md";
/// Bundled models stay small; one that is fetched on request may be larger. Bytes.
const MOST_BYTES: u64 = 15_000_000;
const MOST_BYTES_ON_REQUEST: u64 = 70_000_000;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("static/models")
}

fn written() -> Value {
    serde_json::from_slice(&fs::read(folder().join("index.json")).unwrap()).unwrap()
}

fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(folder()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir());
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// The entry of a model as it should be: what people write is taken from `before`.
fn entry(id: &str, before: Option<&Value>) -> Value {
    let place = folder().join(id);
    let files: Vec<Value> = FILES
        .iter()
        .map(|name| {
            let bytes = fs::read(place.join(name)).unwrap_or_else(|error| panic!("{id}/{name}: {error}"));
            let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "name": name, "bytes": bytes.len(), "sha256": sha256 })
        })
        .collect();
    let config = ModelConfig::read(&fs::read_to_string(place.join("config.json")).unwrap()).unwrap();
    let said = |name: &str| before.and_then(|before| before.get(name)).cloned();
    let files = Value::Array(files);
    let same = said("files").is_none_or(|listed| listed == files);
    let version = said("version").and_then(|version| version.as_u64()).unwrap_or(1) + u64::from(!same);
    let mut entry = Map::new();
    let mut put = |name: &str, value: Value| entry.insert(name.to_owned(), value);
    put("id", json!(id));
    // A new model's words are for people to write.
    put("name", said("name").unwrap_or_else(|| json!(id)));
    put("languages", said("languages").unwrap_or_else(|| json!([])));
    put("good_for", said("good_for").unwrap_or_else(|| json!("")));
    put("version", json!(version));
    if let Some(on_request) = said("on_request") {
        put("on_request", on_request);
    }
    put("recipe", said("recipe").unwrap_or_else(|| json!({ "learning_rate": 3e-4, "steps": 80 })));
    put("size", json!(config.size()));
    put("vocab_size", json!(config.vocab_size));
    put("parameters", json!(config.parameters()));
    put("card", json!(CARD));
    put("files", files);
    Value::Object(entry)
}

/// The catalogue as it should be: models in the order of the file, new ones after them.
fn computed() -> Value {
    let written = written();
    let empty = Vec::new();
    let listed = written["models"].as_array().unwrap_or(&empty);
    let id = |entry: &Value| entry["id"].as_str().unwrap_or_default().to_owned();
    let folders = folders();
    let known: Vec<String> = listed.iter().map(id).filter(|id| folders.contains(id)).collect();
    let new = folders.iter().filter(|id| !known.contains(id)).cloned();
    let all: Vec<String> = known.iter().cloned().chain(new).collect();
    let models: Vec<Value> = all.iter().map(|wanted| entry(wanted, listed.iter().find(|entry| id(entry) == *wanted))).collect();
    json!({ "models": models })
}

/// Readable: fields in the order in which the protocol lists them.
fn text_of(catalogue: Value) -> String {
    let catalogue: Catalogue = serde_json::from_value(catalogue).unwrap();
    format!("{}\n", serde_json::to_string_pretty(&catalogue).unwrap())
}

#[test]
fn the_catalogue_fits_the_files() {
    let text = text_of(computed());
    let path = folder().join("index.json");
    if std::env::var_os("ATTUNE_WRITE_CATALOGUE").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    assert!(fs::read_to_string(&path).unwrap() == text, "static/models/index.json is stale: run `cargo xtask models`");
}

#[test]
fn entries_speak_to_a_visitor_and_models_load() {
    let catalogue: Catalogue = serde_json::from_value(computed()).unwrap();
    assert_eq!(catalogue.models.len(), folders().len());
    for entry in &catalogue.models {
        let id = entry.id.folder();
        assert!(!entry.name.is_empty() && entry.name != id, "{id}: a name in static/models/index.json");
        assert!(entry.good_for.ends_with('.') && entry.good_for.len() > 20, "{id}: a sentence in `good_for`");
        assert!(!entry.languages.is_empty(), "{id}: languages");
        let most = if entry.on_request { MOST_BYTES_ON_REQUEST } else { MOST_BYTES };
        assert!(entry.bytes() <= most, "{id}: {} bytes", entry.bytes());
        let place = folder().join(id);
        let card = fs::read_to_string(place.join(&entry.card)).unwrap();
        assert!(card.len() > 500, "{id}: a card");
        let config = fs::read_to_string(place.join(FILES[0])).unwrap();
        let (config, tensors) = load_model(&config, &fs::read(place.join(FILES[2])).unwrap()).unwrap();
        assert_eq!((config.size(), config.vocab_size as u32), (entry.size, entry.vocab_size), "{id}");
        assert_eq!(tensors.iter().map(|tensor| tensor.values.len() as u64).sum::<u64>(), entry.parameters, "{id}");
        assert_eq!(entry.parameters, entry.size.parameters(entry.vocab_size), "{id}");
        let tokenizer = Tokenizer::from_json(&fs::read(place.join(FILES[1])).unwrap()).unwrap();
        assert!(tokenizer.vocab_size() <= entry.vocab_size, "{id}: the tokenizer fits the weights");
    }
}

#[test]
fn the_page_starts_with_a_model_of_the_catalogue() {
    let catalogue: Catalogue = serde_json::from_value(computed()).unwrap();
    let start = attune::protocol::BaseModel::default();
    assert!(catalogue.entry(start).is_some_and(|entry| !entry.on_request), "{start:?}");
}
