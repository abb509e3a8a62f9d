//! `Prepare`: from a text and a config to everything a run starts from, and to the plan that the visitor sees before pressing Play.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::base::{Base, FirstWeights, load_base, make_tokenizer, scratch_config};
use super::breath::Breath;
use super::device::OpenDevice;
use super::host::Host;
use super::library;
use super::memory;
use super::probe;
use super::text::OpenText;
use crate::checkpoint::ModelConfig;
use crate::protocol::{
    BaseModel, Catalogue, DeviceKind, Event, Fault, FaultCode, Language, NextAction, Plan, RunConfig, RunPhase, Start, TokenizerChoice,
};
use crate::text::{Dataset, Encoder, Part, Tokenizer, VerdictInput, verdict};

/// Bytes encoded between two breaths: a few milliseconds' worth.
const ENCODE_BYTES: usize = 128 * 1024;
/// Windows shown to the visitor.
const PREVIEW_WINDOWS: usize = 2;
/// What an evaluated token costs beside a trained one: a forward pass without the backward pass of twice its size.
const EVALUATION_COST: f64 = 1.0 / 3.0;
/// Attention frames take at most a twentieth of the time.
const PICTURES_COST: f64 = 1.05;

/// Base models held in memory, to go back and forth between two of them.
const MOST_BASES: usize = 2;

/// Everything a run starts from.
#[derive(Clone)]
pub struct Prepared {
    pub plan: Plan,
    pub text: Rc<OpenText>,
    pub model: ModelConfig,
    pub first: FirstWeights,
    pub tokenizer: Rc<Tokenizer>,
    pub dataset: Arc<Dataset>,
}

/// What took long to make and may be asked for again.
#[derive(Default)]
pub struct Caches {
    catalogue: Option<Rc<Catalogue>>,
    /// The latest last, at most [`MOST_BASES`].
    bases: Vec<Rc<Base>>,
    tokenizer: Option<(u32, TokenizerChoice, Rc<Tokenizer>)>,
    dataset: Option<KnownDataset>,
    pub(super) speeds: Vec<(SpeedKey, f64)>,
}

struct KnownDataset {
    text: u32,
    tokenizer: Rc<Tokenizer>,
    share: f64,
    window: u32,
    dataset: Arc<Dataset>,
}

/// What the speed depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SpeedKey {
    device: (DeviceKind, String),
    model: ModelConfig,
    window: u32,
    batch_size: u32,
    dropout: bool,
    frozen_layers: u32,
}

/// What preparing works with.
pub struct Workshop<H> {
    pub host: Rc<H>,
    pub base_url: String,
    pub device: OpenDevice,
    pub caches: Rc<RefCell<Caches>>,
    pub breath: Breath,
    /// The run that waits, in its phases; 0 for none.
    pub run: u32,
    /// Says nothing of its progress.
    pub quiet: bool,
}

impl<H: Host> Workshop<H> {
    pub(super) fn phase(&self, phase: RunPhase) {
        if !self.quiet {
            self.host.send(&Event::Phase { run: self.run, phase }, Vec::new());
        }
    }

    async fn catalogue(&self) -> Result<Rc<Catalogue>, Fault> {
        let known = self.caches.borrow().catalogue.clone();
        if let Some(catalogue) = known {
            return Ok(catalogue);
        }
        let catalogue = Rc::new(library::catalogue(&*self.host, &self.base_url).await?);
        self.caches.borrow_mut().catalogue = Some(catalogue.clone());
        Ok(catalogue)
    }

    /// A bundled model, and the language that it will be held against a text's.
    pub(super) async fn base(&self, model: BaseModel, text: Language) -> Result<(Rc<Base>, Language), Fault> {
        let catalogue = self.catalogue().await?;
        let unknown = || Fault::new(FaultCode::UnknownModel, NextAction::ChooseModel, model.folder());
        let entry = catalogue.entry(model).ok_or_else(unknown)?;
        let language = if entry.speaks(text) { text } else { entry.language() };
        let known = self.caches.borrow().bases.iter().find(|base| base.model == model).cloned();
        if let Some(base) = known {
            return Ok((base, language));
        }
        let loaded = load_base(&*self.host, &self.base_url, entry, (!self.quiet).then_some(self.run), &self.breath).await;
        let mut caches = self.caches.borrow_mut();
        if loaded.is_err() {
            // The site may have been renewed under an open page: another try begins with the catalogue.
            caches.catalogue = None;
        }
        let base = Rc::new(loaded?);
        caches.bases.push(base.clone());
        if caches.bases.len() > MOST_BASES {
            caches.bases.remove(0);
        }
        Ok((base, language))
    }

    /// The weights that a run with this config begins with.
    ///
    /// # Errors
    /// A bundled model that cannot be fetched.
    pub async fn first(&self, config: &RunConfig) -> Result<FirstWeights, Fault> {
        Ok(match config.start {
            Start::Base { model } => FirstWeights::Base(self.base(model, Language::Other).await?.0),
            Start::Scratch { .. } => FirstWeights::Noise { seed: config.seed },
        })
    }

    fn tokenizer(&self, text: &OpenText, choice: TokenizerChoice) -> Result<Rc<Tokenizer>, Fault> {
        let known = self.caches.borrow().tokenizer.clone();
        if let Some((_, _, tokenizer)) = known.filter(|(id, known, _)| *id == text.id && *known == choice) {
            return Ok(tokenizer);
        }
        let tokenizer = Rc::new(make_tokenizer(text, choice)?);
        self.caches.borrow_mut().tokenizer = Some((text.id, choice, tokenizer.clone()));
        Ok(tokenizer)
    }

    /// The text as windows, encoded a piece at a time.
    ///
    /// # Errors
    /// A text that is too short.
    pub async fn dataset(&self, text: &OpenText, tokenizer: &Rc<Tokenizer>, share: f64, window: u32) -> Result<Arc<Dataset>, Fault> {
        let ids = match &self.caches.borrow().dataset {
            Some(known) if known.text == text.id && Rc::ptr_eq(&known.tokenizer, tokenizer) => {
                if known.share == share && known.window == window {
                    return Ok(known.dataset.clone());
                }
                Some(known.dataset.ids().to_vec())
            }
            _ => None,
        };
        let ids = match ids {
            Some(ids) => ids,
            None => {
                let mut encoder = Encoder::new(tokenizer, &text.corpus.text);
                while !encoder.step(ENCODE_BYTES)? {
                    self.breath.take().await;
                }
                encoder.finish()
            }
        };
        let dataset = Arc::new(Dataset::new(ids, share, window as usize)?);
        let known = KnownDataset { text: text.id, tokenizer: tokenizer.clone(), share, window, dataset: dataset.clone() };
        self.caches.borrow_mut().dataset = Some(known);
        Ok(dataset)
    }

    /// Tokens per second of training, measured once for each device, model and shape.
    async fn speed(&self, job: &probe::Probe<'_>) -> Result<f64, Fault> {
        let info = &self.device.info;
        let key = SpeedKey {
            device: (info.kind, info.name.clone()),
            model: job.model.clone(),
            window: job.config.window,
            batch_size: job.config.batch_size,
            dropout: job.config.dropout > 0.0,
            frozen_layers: job.config.frozen_layers,
        };
        let known = self.caches.borrow().speeds.iter().find(|(known, _)| *known == key).map(|(_, speed)| *speed);
        if let Some(speed) = known {
            return Ok(speed);
        }
        let speed = probe::measure(self, job).await?;
        self.caches.borrow_mut().speeds.push((key, speed));
        Ok(speed)
    }
}

/// Does everything that comes before step 0.
///
/// # Errors
/// A model that cannot be had, a text that is too short for it, settings that do not fit the device, or a device that fails.
pub async fn prepare<H: Host>(shop: Workshop<H>, text: Rc<OpenText>, config: RunConfig) -> Result<Prepared, Fault> {
    let mut config = config.clamped();
    let (model, first, tokenizer, language) = match config.start {
        Start::Base { model } => {
            let (base, language) = shop.base(model, text.corpus.report.check.language).await?;
            (base.config.clone(), FirstWeights::Base(base.clone()), base.tokenizer.clone(), Some(language))
        }
        Start::Scratch { size, tokenizer } => {
            shop.phase(RunPhase::Tokenizing);
            shop.breath.take().await;
            let tokenizer = shop.tokenizer(&text, tokenizer)?;
            (scratch_config(size, &tokenizer)?, FirstWeights::Noise { seed: config.seed }, tokenizer, None)
        }
    };
    shop.phase(RunPhase::Tokenizing);
    shop.breath.take().await;
    config.window = config.window.min(model.n_positions as u32);
    config.frozen_layers = config.frozen_layers.min(model.n_layer as u32);
    let dataset = shop.dataset(&text, &tokenizer, config.validation_share, config.window).await?;
    config.window = dataset.window() as u32;
    memory::check(&model, &config, &shop.device)?;
    let speed = shop.speed(&probe::Probe { model: &model, first: &first, dataset: &dataset, config: &config }).await?;
    let plan = plan(&config, &model, language, &text, &tokenizer, &dataset, speed);
    Ok(Prepared { plan, text, model, first, tokenizer, dataset })
}

/// What a run with this config will do, at this speed in tokens per second. `language` is what the model was pretrained on, where that is
/// known.
pub fn plan(
    config: &RunConfig,
    model: &ModelConfig,
    language: Option<Language>,
    text: &OpenText,
    tokenizer: &Tokenizer,
    dataset: &Dataset,
    speed: f64,
) -> Plan {
    let train_tokens = dataset.part(Part::Training).len() as u64;
    let unknown_tokens = tokenizer.count_unknown(dataset.ids());
    let check = &text.corpus.report.check;
    let verdict = verdict(VerdictInput {
        train_tokens,
        tokens: dataset.ids().len() as u64,
        unknown_tokens,
        characters: check.characters,
        text_language: check.language,
        model_language: language,
        parameters: model.parameters(),
    });
    Plan {
        parameters: model.parameters(),
        vocab_size: model.vocab_size as u32,
        n_layer: model.n_layer as u32,
        n_head: model.n_head as u32,
        n_embd: model.n_embd as u32,
        n_ctx: model.n_positions as u32,
        train_tokens,
        validation_tokens: dataset.part(Part::Validation).len() as u64,
        epochs: f64::from(config.steps) * tokens_per_step(config) as f64 / train_tokens.max(1) as f64,
        unknown_tokens,
        preview: dataset.preview(PREVIEW_WINDOWS).into_iter().map(|ids| tokenizer.pieces(ids)).collect(),
        verdict,
        tokens_per_second: speed,
        expected_seconds: expected_seconds(config, dataset, speed),
        config: config.clone(),
        frozen_parameters: model.size().frozen_parameters(model.vocab_size as u32, config.frozen_layers),
        memory: memory::estimate(model, config),
    }
}

/// Tokens that one optimiser step trains on.
pub fn tokens_per_step(config: &RunConfig) -> u64 {
    u64::from(config.batch_size) * u64::from(config.window) * u64::from(config.accumulation)
}

/// Training, evaluations and pictures; samples take next to nothing.
fn expected_seconds(config: &RunConfig, dataset: &Dataset, speed: f64) -> f64 {
    let trained = f64::from(config.steps) * tokens_per_step(config) as f64;
    let windows = (dataset.part(Part::Validation).len() / dataset.window().max(1)).min(config.evaluation_windows as usize);
    let evaluations = if dataset.has_validation() { f64::from(config.steps / config.evaluate_every.max(1) + 1) } else { 0.0 };
    let evaluated = 2.0 * evaluations * (windows.max(1) * dataset.window()) as f64;
    PICTURES_COST * (trained + EVALUATION_COST * evaluated) / speed.max(f64::MIN_POSITIVE)
}
