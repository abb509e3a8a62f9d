//! Base models on their way in: downloads, hashes, the copy in storage, damaged and unfit files, frozen layers. The second model of these
//! tests is made on the fly and served from memory.

use std::rc::Rc;

use super::page::{Disk, Page, rhymes, short, tiny};
use attune::checkpoint::{FileType, ModelConfig, NamedTensor, RunBundle, save_model};
use attune::engine::HostError;
use attune::model::init::initial_values;
use attune::protocol::{
    BaseModel, Catalogue, Command, Event, Fault, FaultCode, ModelEntry, ModelFile, ModelSize, NextAction, Recipe, RunConfig, RunPhase,
    Start, StopReason,
};
use attune::text::Tokenizer;
use sha2::{Digest, Sha256};

const SIZE: ModelSize = ModelSize { n_layer: 2, n_head: 2, n_embd: 32, n_ctx: 32 };
const WEIGHTS: &str = "model.safetensors";

fn id(name: &str) -> BaseModel {
    BaseModel::named(name).unwrap()
}

fn run_from(model: BaseModel) -> RunConfig {
    RunConfig { start: Start::Base { model }, steps: 2, batch_size: 1, ..tiny() }
}

/// Names and bytes.
type Files = Vec<(String, Vec<u8>)>;

/// A model with its files.
#[derive(Clone)]
struct Made {
    entry: ModelEntry,
    files: Files,
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A small random model over the characters of the usual text.
fn made(name: &str, seed: u64) -> Made {
    let tokenizer = Tokenizer::characters(&rhymes()).unwrap();
    let config = ModelConfig::new(SIZE, tokenizer.vocab_size());
    let files = save_model(&config, initial_values(&config, seed), FileType::F16).unwrap();
    let files = vec![
        ("config.json".to_owned(), files.config_json.into_bytes()),
        ("tokenizer.json".to_owned(), tokenizer.to_json().to_vec()),
        (WEIGHTS.to_owned(), files.weights),
    ];
    let entry = ModelEntry {
        id: id(name),
        name: "Rhymes".to_owned(),
        languages: vec!["en".to_owned()],
        good_for: "Animals that sit.".to_owned(),
        version: 1,
        on_request: false,
        recipe: Recipe { learning_rate: 3e-4, steps: 80 },
        size: SIZE,
        vocab_size: tokenizer.vocab_size(),
        parameters: config.parameters(),
        card: "README.md".to_owned(),
        files: Vec::new(),
    };
    listed(Made { entry, files })
}

/// With sizes and hashes of its files as they are.
fn listed(mut made: Made) -> Made {
    let describe = |(name, bytes): &(String, Vec<u8>)| ModelFile { name: name.clone(), bytes: bytes.len() as u64, sha256: hex(bytes) };
    made.entry.files = made.files.iter().map(describe).collect();
    made
}

/// These models, and no others, are on the server.
fn serve(page: &Page, models: &[Made]) {
    let mut served = page.world().served.borrow_mut();
    let catalogue = Catalogue { models: models.iter().map(|made| made.entry.clone()).collect() };
    served.insert("models/index.json".to_owned(), Some(serde_json::to_vec(&catalogue).unwrap()));
    for made in models {
        for (name, bytes) in &made.files {
            served.insert(made.entry.path(name), Some(bytes.clone()));
        }
    }
}

/// Asks for a plan that will not come; returns the one fault.
fn refused(page: &mut Page, config: &RunConfig) -> Fault {
    page.take();
    let request = page.next_request();
    page.send(Command::Prepare { request, config: config.clone() });
    page.rest();
    let named = page.events.iter().any(|(event, _)| matches!(event, Event::Fault { request: Some(named), .. } if *named == request));
    assert!(named, "the fault names its request");
    page.only_fault()
}

fn kept(page: &mut Page) -> Vec<BaseModel> {
    let mut told = page.take().into_iter().filter_map(|event| match event {
        Event::ModelsKept { models } => Some(models),
        _ => None,
    });
    told.next_back().unwrap_or_default()
}

/// Names of the models' files in storage.
fn model_files(disk: &Disk) -> Vec<String> {
    disk.files.borrow().keys().filter(|name| name.starts_with("model.")).cloned().collect()
}

/// Bytes so far and in all, as the page is told of them.
fn told_bytes(page: &Page) -> Vec<(u64, u64)> {
    let told = page.events.iter().filter_map(|(event, _)| match event {
        Event::Phase { phase: RunPhase::LoadingModel { done_bytes, total_bytes }, .. } => Some((*done_bytes, *total_bytes)),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_model_is_downloaded_once_and_kept() {
    let disk = Rc::<Disk>::default();
    let mut page = Page::open_on(disk.clone());
    assert_eq!(kept(&mut page), []);
    serve(&page, &[made("rhymes", 1)]);
    page.ready(&run_from(id("rhymes")));
    let phases = told_bytes(&page);
    let total = made("rhymes", 1).entry.bytes();
    assert_eq!((phases.first(), phases.last()), (Some(&(0, 0)), Some(&(total, total))));
    assert!(phases.windows(2).all(|pair| pair[0].0 <= pair[1].0), "progress never runs backwards: {phases:?}");
    assert_eq!(kept(&mut page), [id("rhymes")]);

    // The next visit, with the server gone but for the catalogue; and one with the server gone altogether.
    let mut page = Page::open_on(disk.clone());
    assert_eq!(kept(&mut page), [id("rhymes")]);
    serve(&page, &[made("rhymes", 1)]);
    page.world()
        .served
        .borrow_mut()
        .values_mut()
        .filter(|bytes| bytes.as_ref().is_none_or(|bytes| bytes[0] != b'{'))
        .for_each(|bytes| *bytes = None);
    page.ready(&run_from(id("rhymes")));
    assert_eq!(*page.world().fetched.borrow(), ["models/index.json"]);
    let mut page = Page::open_on(disk);
    page.world().served.borrow_mut().insert("models/index.json".to_owned(), None);
    page.ready(&run_from(id("rhymes")));
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn a_new_version_takes_the_place_of_the_old() {
    let disk = Rc::<Disk>::default();
    let mut page = Page::open_on(disk.clone());
    serve(&page, &[made("rhymes", 1)]);
    page.ready(&run_from(id("rhymes")));
    assert!(model_files(&disk).iter().all(|name| name.starts_with("model.rhymes.1.")) && model_files(&disk).len() == 3);

    let mut page = Page::open_on(disk.clone());
    let mut renewed = made("rhymes", 2);
    renewed.entry.version = 2;
    serve(&page, &[renewed]);
    page.ready(&run_from(id("rhymes")));
    assert!(
        model_files(&disk).iter().all(|name| name.starts_with("model.rhymes.2.")) && model_files(&disk).len() == 3,
        "{:?}",
        model_files(&disk)
    );
}

#[test]
fn what_the_server_does_not_have_any_more_leaves_the_storage_whichever_model_is_chosen() {
    let disk = Rc::<Disk>::default();
    let mut page = Page::open_on(disk.clone());
    serve(&page, &[made("rhymes", 1), made("renewed", 2)]);
    page.ready(&run_from(id("rhymes")));
    page.prepare(&run_from(id("renewed")));
    assert_eq!(kept(&mut page), [id("rhymes"), id("renewed")]);

    let mut page = Page::open_on(disk.clone());
    let mut renewed = made("renewed", 3);
    renewed.entry.version = 2;
    serve(&page, &[renewed, made("other", 4)]);
    page.ready(&run_from(id("other")));
    assert_eq!(kept(&mut page), [id("other")]);
    assert!(model_files(&disk).iter().all(|name| name.starts_with("model.other.1.")), "{:?}", model_files(&disk));

    // Without the server nothing is known of what it has: all stays.
    let mut page = Page::open_on(disk.clone());
    page.world().served.borrow_mut().insert("models/index.json".to_owned(), None);
    page.ready(&run_from(id("other")));
    assert_eq!(model_files(&disk).len(), 3);
}

#[test]
fn whole_files_that_no_list_names_are_listed() {
    let disk = Rc::<Disk>::default();
    let mut page = Page::open_on(disk.clone());
    serve(&page, &[made("rhymes", 1)]);
    page.ready(&run_from(id("rhymes")));
    disk.files.borrow_mut().remove("models.json");
    let mut page = Page::open_on(disk);
    assert_eq!(kept(&mut page), []);
    serve(&page, &[made("rhymes", 1)]);
    page.ready(&run_from(id("rhymes")));
    assert_eq!(*page.world().fetched.borrow(), ["models/index.json"]);
    assert_eq!(kept(&mut page), [id("rhymes")]);
}

#[test]
fn a_damaged_copy_in_storage_is_fetched_again() {
    let disk = Rc::<Disk>::default();
    let mut page = Page::open_on(disk.clone());
    serve(&page, &[made("rhymes", 1)]);
    page.ready(&run_from(id("rhymes")));
    if let Some(bytes) = disk.files.borrow_mut().get_mut("model.rhymes.1.model.safetensors") {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
    }
    let mut page = Page::open_on(disk.clone());
    serve(&page, &[made("rhymes", 1)]);
    page.ready(&run_from(id("rhymes")));
    assert_eq!(*page.world().fetched.borrow(), ["models/index.json", "models/rhymes/model.safetensors"]);
    assert_eq!(hex(&disk.files.borrow()["model.rhymes.1.model.safetensors"]), made("rhymes", 1).entry.files[2].sha256);
}

#[test]
fn downloads_that_fail_or_arrive_damaged_are_refused_the_old_model_writes_on_and_retry_works() {
    let mut page = Page::open();
    let (old, new) = (made("old", 1), made("new", 2));
    serve(&page, &[old, new.clone()]);
    page.ready(&run_from(id("old")));
    let weights = new.files[2].1.clone();
    let mut flipped = weights.clone();
    flipped[weights.len() / 2] ^= 0x40;
    let cases = [
        (None, FaultCode::ModelNotLoaded, "not found"),
        (Some(weights[..weights.len() / 2].to_vec()), FaultCode::ModelDamaged, "cut off"),
        (Some(flipped), FaultCode::ModelDamaged, "not the file"),
        (Some(b"<!doctype html><title>404</title>".to_vec()), FaultCode::ModelDamaged, "cut off"),
    ];
    for (served, expected, detail) in cases {
        page.world().served.borrow_mut().insert(new.entry.path(WEIGHTS), served);
        let fault = refused(&mut page, &run_from(id("new")));
        assert_eq!((fault.code, fault.action), (expected, NextAction::Retry), "{}", fault.detail);
        assert!(fault.detail.contains(detail) && fault.detail.contains("models/new/"), "{}", fault.detail);
        page.take();
        let request = page.next_request();
        page.send(Command::Generate { request, prompt: "the cat".to_owned(), sampling: short(3) });
        page.rest();
        assert!(page.take().iter().any(|event| matches!(event, Event::Written { .. })), "the model before it writes on");
    }
    serve(&page, &[new]);
    page.take();
    page.prepare(&run_from(id("new")));
    page.send(Command::Start { run: 1 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let mut page = Page::open();
    serve(&page, &[made("rhymes", 1)]);
    for address in ["models/index.json", "models/rhymes/config.json", "models/rhymes/model.safetensors"] {
        page.world().hiccups.borrow_mut().insert(address.to_owned(), 2);
    }
    page.ready(&run_from(id("rhymes")));
    assert_eq!(page.fault_codes(), []);
    assert_eq!(page.world().fetched.borrow().iter().filter(|address| address.ends_with(WEIGHTS)).count(), 3);
    let told = told_bytes(&page);
    assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0), "the bar never runs backwards: {told:?}");
}

#[test]
fn files_that_do_not_fit_together_are_refused_though_their_hashes_are_right() {
    let good = made("rhymes", 1);
    let changed = |change: &dyn Fn(&mut Files)| {
        let mut files = good.files.clone();
        change(&mut files);
        listed(Made { files, ..good.clone() })
    };
    let larger = Tokenizer::train_bpe(&rhymes(), 300).unwrap().to_json().to_vec();
    let wider = save_model(&ModelConfig::new(SIZE, 60), initial_values(&ModelConfig::new(SIZE, 60), 1), FileType::F16).unwrap().weights;
    let cases = [
        (changed(&|files| files[1].1.clone_from(&larger)), "the tokenizer has"),
        (changed(&|files| files[2].1.clone_from(&wider)), "do not fit the configuration"),
        (changed(&|files| files[0].1 = b"{}".to_vec()), "model_type"),
        (changed(&|files| files[1].1 = b"{}".to_vec()), "tokenizer"),
        (changed(&|files| drop(files.remove(1))), "lists no tokenizer.json"),
    ];
    let mut page = Page::open();
    page.open_text(&rhymes());
    for (made, detail) in cases {
        serve(&page, &[made]);
        let fault = refused(&mut page, &run_from(id("rhymes")));
        assert_eq!((fault.code, fault.action), (FaultCode::ModelUnfit, NextAction::ChooseModel), "{}", fault.detail);
        assert!(fault.detail.contains(detail), "{}", fault.detail);
    }
    serve(&page, &[good]);
    page.take();
    page.prepare(&run_from(id("rhymes")));
}

#[test]
fn a_name_that_is_not_listed_and_a_list_that_cannot_be_read_are_told_apart() {
    let mut page = Page::open();
    page.open_text(&rhymes());
    let fault = refused(&mut page, &run_from(id("no-such-model")));
    assert_eq!((fault.code, fault.action), (FaultCode::UnknownModel, NextAction::ChooseModel));
    // The list was read and is known; a fresh engine has to ask.
    for served in [None, Some(b"<html>".to_vec()), Some(b"{\"models\":[{\"id\":\"../up\"}]}".to_vec())] {
        let mut page = Page::open();
        page.open_text(&rhymes());
        page.world().served.borrow_mut().insert("models/index.json".to_owned(), served);
        let fault = refused(&mut page, &run_from(BaseModel::NANO));
        assert_eq!((fault.code, fault.action), (FaultCode::ModelNotLoaded, NextAction::Retry), "{}", fault.detail);
    }
}

#[test]
fn a_full_storage_costs_nothing_but_the_next_download() {
    let mut page = Page::open();
    serve(&page, &[made("rhymes", 1)]);
    *page.world().disk.refuses.borrow_mut() = Some(HostError::StorageFull("no room".to_owned()));
    page.ready(&run_from(id("rhymes")));
    assert_eq!(page.fault_codes(), []);
    assert_eq!(kept(&mut page), []);
    assert!(!page.world().disk.files.borrow().keys().any(|name| name.starts_with("model.")));
}

/// The weights in storage after a run.
fn saved(page: &Page) -> Vec<NamedTensor> {
    let files = page.world().disk.files.borrow();
    let newest = files.iter().filter(|(name, _)| name.starts_with("run-")).map(|(_, bytes)| RunBundle::from_bytes(bytes).unwrap());
    newest.max_by_key(|bundle| serde_json::from_str::<serde_json::Value>(&bundle.meta_json).unwrap()["serial"].as_u64()).unwrap().weights
}

#[test]
fn frozen_layers_come_out_as_they_went_in() {
    let mut page = Page::open();
    let config = RunConfig { frozen_layers: 1, steps: 12, ..tiny() };
    let plan = page.ready(&config);
    assert_eq!(plan.frozen_parameters, SIZE.frozen_parameters(plan.vocab_size, 1));
    let all = page.prepare(&RunConfig { frozen_layers: 0, ..config.clone() });
    assert_eq!(all.frozen_parameters, 0);
    assert!(plan.memory.total() < all.memory.total() && plan.memory.weights == all.memory.weights);
    page.prepare(&config);
    page.send(Command::Start { run: 1 });
    page.until_step(6);
    page.send(Command::Save);
    // Half of it after a resume: the optimiser comes back without a state for what is frozen.
    page.send(Command::ResumeSaved { run: 2 });
    page.until_finished();
    page.rest();
    assert_eq!(page.fault_codes(), []);
    let before = initial_values(&ModelConfig::new(SIZE, plan.vocab_size), config.seed);
    for (before, after) in before.iter().zip(saved(&page)) {
        let frozen = before.name.contains("wte") || before.name.contains("wpe") || before.name.contains(".h.0.");
        assert_eq!(before.values == after.values, frozen, "{}", before.name);
    }
    assert_eq!(page.prepare(&RunConfig { frozen_layers: 9, ..config }).config.frozen_layers, 2, "there are two");
}
