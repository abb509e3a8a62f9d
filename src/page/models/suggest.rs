//! Which start and which recipe the page proposes by itself, for a text and a device.
//!
//! In: the catalogue, the text's language, the device. Out: a [`Suggestion`]. What the visitor chose is `page::settings`' business.

use crate::protocol::{Catalogue, DeviceInfo, Language, ModelEntry, ModelSize, RunConfig, Start, TokenizerChoice};

/// Measured on the built-in Chinese samples, with characters as tokens.
const SCRATCH_LEARNING_RATE: f64 = 2e-3;
const SCRATCH_STEPS: u32 = 200;

/// A start with the recipe that suits it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suggestion {
    pub start: Start,
    pub learning_rate: f64,
    pub steps: u32,
}

impl Default for Suggestion {
    fn default() -> Self {
        let RunConfig { start, learning_rate, steps, .. } = RunConfig::default();
        Self { start, learning_rate, steps }
    }
}

impl Suggestion {
    /// The recipe for a start that the visitor chose.
    pub fn of(start: Start, catalogue: &Catalogue) -> Self {
        match start {
            Start::Base { model } => catalogue.entry(model).map_or(Self { start, ..Self::default() }, Self::from_entry),
            Start::Scratch { .. } => Self { start, learning_rate: SCRATCH_LEARNING_RATE, steps: SCRATCH_STEPS },
        }
    }

    /// For a text in this language on this device. Where no model knows a text's script (one that knows only English writes other letters byte by
    /// byte, as boxes), a small one from scratch with characters as tokens is readable after a minute. Other languages in Latin letters begin with English.
    pub fn for_text(catalogue: &Catalogue, language: Language, device: Option<&DeviceInfo>) -> Self {
        let suited = |language| catalogue.suited(language, device).map(Self::from_entry);
        let characters = || Start::Scratch { size: ModelSize::default(), tokenizer: TokenizerChoice::Characters };
        match language {
            Language::English | Language::OtherLatin => suited(language).or_else(|| suited(Language::English)).unwrap_or_default(),
            _ => suited(language).unwrap_or_else(|| Self::of(characters(), catalogue)),
        }
    }

    /// Takes over a recipe number where it still is what was proposed before.
    pub fn replace(self, before: Self, config: &mut RunConfig) {
        if let Start::Scratch { size, .. } = config.start
            && config.window == size.n_ctx
            && self.start != config.start
        {
            // As long as that model could take, not as was wished.
            config.window = config.window.max(RunConfig::default().window);
        }
        config.start = self.start;
        if config.learning_rate == before.learning_rate {
            config.learning_rate = self.learning_rate;
        }
        if config.steps == before.steps {
            config.steps = self.steps;
        }
    }

    fn from_entry(entry: &ModelEntry) -> Self {
        Self { start: Start::Base { model: entry.id }, learning_rate: entry.recipe.learning_rate, steps: entry.recipe.steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{BaseModel, DeviceKind};

    fn catalogue() -> Catalogue {
        let entry = |id: &str, language: &str, parameters: u64| {
            serde_json::json!({
                "id": id, "name": id, "languages": [language], "good_for": "", "version": 1,
                "recipe": { "learning_rate": 0.0005, "steps": 120 }, "size": { "n_layer": 4, "n_head": 4, "n_embd": 128, "n_ctx": 256 },
                "vocab_size": 4096, "parameters": parameters, "card": "README.md", "files": [],
            })
        };
        let models = [entry("en-nano", "en", 1), entry("en-small", "en", 5), entry("zh-small", "zh", 4)];
        serde_json::from_value(serde_json::json!({ "models": models })).unwrap()
    }

    fn model(suggestion: Suggestion) -> String {
        match suggestion.start {
            Start::Base { model } => model.folder().to_owned(),
            Start::Scratch { tokenizer, .. } => format!("{tokenizer:?}"),
        }
    }

    #[test]
    fn every_language_gets_a_start() {
        let card = DeviceInfo { kind: DeviceKind::WebGpu, name: String::new(), software: false, fallback: None };
        let of = |catalogue: &Catalogue, language, device| model(Suggestion::for_text(catalogue, language, device));
        assert_eq!(of(&catalogue(), Language::English, None), "en-nano");
        assert_eq!(of(&catalogue(), Language::English, Some(&card)), "en-small");
        assert_eq!(of(&catalogue(), Language::OtherLatin, None), "en-nano");
        assert_eq!(of(&catalogue(), Language::Cyrillic, Some(&card)), "Characters");
        assert_eq!(of(&catalogue(), Language::Other, None), "Characters");
        assert_eq!(of(&catalogue(), Language::Chinese, Some(&card)), "zh-small");
        assert_eq!(of(&catalogue(), Language::Japanese, None), "Characters");
        // Before the catalogue is there.
        assert_eq!(of(&Catalogue::default(), Language::English, None), BaseModel::NANO.folder());
        assert_eq!(of(&Catalogue::default(), Language::Chinese, None), "Characters");
    }

    #[test]
    fn a_number_that_the_visitor_changed_stays() {
        let mut config = RunConfig { steps: 500, ..RunConfig::default() };
        Suggestion::for_text(&catalogue(), Language::Chinese, None).replace(Suggestion::default(), &mut config);
        assert_eq!((config.steps, config.learning_rate), (500, 0.0005));
    }
}
