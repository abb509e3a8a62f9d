//! Where a run's first weights come from: a bundled model fetched once and kept, or seeded noise with a tokenizer made from the text.

use std::rc::Rc;

use super::breath::Breath;
use super::host::Host;
use super::text::OpenText;
use crate::checkpoint::{ModelConfig, NamedTensor, load_model};
use crate::model::init::initial_values;
use crate::protocol::{BaseModel, Event, Fault, FaultCode, Language, ModelSize, NextAction, RunPhase, TokenizerChoice};
use crate::text::Tokenizer;

/// As GPT-2 has it.
const LAYER_NORM_EPSILON: f64 = 1e-5;

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

/// What a bundled model was pretrained on.
pub fn language_of(model: BaseModel) -> Language {
    match model {
        BaseModel::EnNano => Language::English,
    }
}

/// Fetches a bundled model and says how far it is. `run` is the run that waits for it, 0 for none; `None`
/// says nothing.
///
/// # Errors
/// `ModelNotLoaded` for a failed download, `ModelDamaged` for files that are broken or do not fit together.
pub async fn fetch_base<H: Host>(host: &H, base_url: &str, model: BaseModel, run: Option<u32>, breath: &Breath) -> Result<Base, Fault> {
    let address = |file: &str| format!("{base_url}models/{}/{file}", model.folder());
    let loading = |done_bytes, total_bytes| {
        let phase = RunPhase::LoadingModel { done_bytes, total_bytes };
        if let Some(run) = run {
            host.send(&Event::Phase { run, phase }, Vec::new());
        }
    };
    loading(0, 0);
    let config_json = host.fetch(&address("config.json"), |_, _| {}).await?;
    let tokenizer_json = host.fetch(&address("tokenizer.json"), |_, _| {}).await?;
    let mut told = 0.0;
    let progress = |done, total| {
        // Ten times a second are enough for a bar.
        let now = host.now();
        if done == total || now - told >= 0.1 {
            told = now;
            loading(done, total);
        }
    };
    let weights = host.fetch(&address("model.safetensors"), progress).await?;
    breath.take().await;
    let damaged = |detail: String| Fault::new(FaultCode::ModelDamaged, NextAction::Retry, detail);
    let config_json = String::from_utf8(config_json).map_err(|error| damaged(format!("config.json: {error}")))?;
    let (config, weights) = load_model(&config_json, &weights)?;
    breath.take().await;
    let tokenizer = Tokenizer::from_json(&tokenizer_json)?;
    if tokenizer.vocab_size() as usize > config.vocab_size {
        let (has, rows) = (tokenizer.vocab_size(), config.vocab_size);
        return Err(damaged(format!("the tokenizer has {has} tokens, the model {rows}")));
    }
    Ok(Base { model, config, weights, tokenizer: Rc::new(tokenizer) })
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
    let config = ModelConfig {
        vocab_size: tokenizer.vocab_size() as usize,
        n_positions: size.n_ctx as usize,
        n_embd: size.n_embd as usize,
        n_layer: size.n_layer as usize,
        n_head: size.n_head as usize,
        layer_norm_epsilon: LAYER_NORM_EPSILON,
        embd_pdrop: 0.0,
        attn_pdrop: 0.0,
        resid_pdrop: 0.0,
        bos_token_id: tokenizer.end_of_text_id(),
        eos_token_id: tokenizer.end_of_text_id(),
    };
    match config.check() {
        Ok(()) => Ok(config),
        Err(error) => Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, error.to_string())),
    }
}
