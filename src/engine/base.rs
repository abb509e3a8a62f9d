//! Where a run's first weights come from: a bundled model, or seeded noise with a tokenizer made from the text.

use std::rc::Rc;

use super::breath::Breath;
use super::host::Host;
use super::library;
use super::text::OpenText;
use crate::checkpoint::{ModelConfig, NamedTensor, load_model};
use crate::model::init::initial_values;
use crate::protocol::{BaseModel, Event, Fault, FaultCode, ModelEntry, ModelSize, NextAction, RunPhase, TokenizerChoice};
use crate::text::Tokenizer;

/// The files of a model that the engine reads.
const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

/// A bundled model, read and checked.
pub struct Base {
    pub model: BaseModel,
    pub config: ModelConfig,
    pub weights: Vec<NamedTensor>,
    pub tokenizer: Rc<Tokenizer>,
}

/// The weights before the first step.
#[derive(Clone)]
pub enum FirstWeights {
    Base(Rc<Base>),
    Noise { seed: u64 },
}

impl FirstWeights {
    /// The values, for a model of this shape.
    pub fn values(&self, config: &ModelConfig) -> Vec<NamedTensor> {
        match self {
            Self::Base(base) => base.weights.clone(),
            Self::Noise { seed } => initial_values(config, *seed),
        }
    }
}

/// Loads a bundled model and says how far it is. `run` is the run that waits for it, 0 for none.
///
/// # Errors
/// `ModelNotLoaded` for a failed download, `ModelDamaged` for files that are not those of the catalogue, `ModelUnfit` for files that cannot be
/// run or do not fit together.
pub async fn load_base<H: Host>(host: &H, base_url: &str, entry: &ModelEntry, run: u32, breath: &Breath) -> Result<Base, Fault> {
    let loading = |done_bytes, total_bytes| {
        let phase = RunPhase::LoadingModel { done_bytes, total_bytes };
        host.send(&Event::Phase { run, phase }, Vec::new());
    };
    loading(0, 0);
    let mut told = 0.0;
    let progress = |done, total| {
        // Ten times a second are enough for a bar.
        let now = host.now();
        if done == total || now - told >= 0.1 {
            told = now;
            loading(done, total);
        }
    };
    let [config_json, tokenizer_json, weights] = library::files(host, base_url, entry, FILES, breath, progress).await?;
    breath.take().await;
    let unfit = |detail: String| Fault::new(FaultCode::ModelUnfit, NextAction::ChooseModel, format!("{}: {detail}", entry.id.folder()));
    let config_json = String::from_utf8(config_json).map_err(|error| unfit(format!("config.json: {error}")))?;
    let (config, weights) = load_model(&config_json, &weights).map_err(|error| unfit(error.to_string()))?;
    breath.take().await;
    let tokenizer = Tokenizer::from_json(&tokenizer_json).map_err(|error| unfit(error.to_string()))?;
    if tokenizer.vocab_size() as usize > config.vocab_size {
        let (has, rows) = (tokenizer.vocab_size(), config.vocab_size);
        return Err(unfit(format!("the tokenizer has {has} tokens, the model {rows}")));
    }
    Ok(Base { model: entry.id, config, weights, tokenizer: Rc::new(tokenizer) })
}

/// A tokenizer made from the text.
///
/// # Errors
/// Should the tokenizer library refuse its own work.
pub fn make_tokenizer(text: &OpenText, choice: TokenizerChoice) -> Result<Tokenizer, Fault> {
    Ok(match choice {
        TokenizerChoice::Bpe { vocab_size } => Tokenizer::train_bpe(&text.corpus.text, vocab_size)?,
        TokenizerChoice::Characters => Tokenizer::characters(&text.corpus.text)?,
    })
}

/// A GPT-2 of this shape over the tokenizer's vocabulary. Dropout is the run's, not the model's.
///
/// # Errors
/// A shape that the kernels cannot run.
pub fn scratch_config(size: ModelSize, tokenizer: &Tokenizer) -> Result<ModelConfig, Fault> {
    let end = tokenizer.end_of_text_id();
    let config = ModelConfig { bos_token_id: end, eos_token_id: end, ..ModelConfig::new(size, tokenizer.vocab_size()) };
    match config.check() {
        Ok(()) => Ok(config),
        Err(error) => Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, error.to_string())),
    }
}
