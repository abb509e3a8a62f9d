//! What the visitor has set: the config that the form shows, the sample, the device. Kept in the link.
//!
//! In: the address when the page opens, and the form. Out: signals. What the engine was last asked to run is here too, because the
//! difference of the two is what a restart would change. Absent: ranges and names of single numbers (`page::fields`).

use super::fields::structural_differences;
use super::url::Link;
use crate::protocol::{DevicePreference, Language, ModelSize, RunConfig, Start, TokenizerChoice};
use leptos::prelude::*;

/// The settings; copy it freely.
#[derive(Clone, Copy)]
pub struct Settings {
    /// As the form shows it; always within limits.
    pub config: RwSignal<RunConfig>,
    /// As the engine was last asked to prepare or resume it.
    pub requested: RwSignal<Option<RunConfig>>,
    /// Id of the built-in sample that is open; `None` with a text of the visitor's own.
    pub sample: RwSignal<Option<String>>,
    pub device: RwSignal<DevicePreference>,
    pub debug: RwSignal<bool>,
}

impl Settings {
    /// Settings as a link has them.
    pub fn new(link: Link) -> Self {
        Self {
            config: RwSignal::new(link.config),
            requested: RwSignal::new(None),
            sample: RwSignal::new(link.sample),
            device: RwSignal::new(link.device),
            debug: RwSignal::new(link.debug),
        }
    }

    /// The link to these settings; follows all of them. The default sample is not worth mentioning.
    pub fn link(&self) -> Link {
        Link {
            config: self.config.get(),
            sample: self.sample.get().filter(|id| id != super::text_in::DEFAULT_SAMPLE),
            device: self.device.get(),
            debug: self.debug.get(),
        }
    }

    /// Changes the config and pulls it back into its limits.
    pub fn edit(&self, edit: impl FnOnce(&mut RunConfig)) {
        let mut config = self.config.get_untracked();
        edit(&mut config);
        let config = config.clamped();
        if config != self.config.get_untracked() {
            self.config.set(config);
        }
    }

    /// Chooses the start that suits a text's language, as long as the visitor has chosen none: the bundled base knows English prose, and
    /// writes Chinese only byte by byte, where a small model from scratch with characters as tokens is readable after a minute.
    pub fn suit_language(&self, language: Language) {
        let config = self.config.get_untracked();
        let (by_default, from_scratch) = (RunConfig::default(), from_characters());
        let is = |other: &RunConfig| (config.start, config.learning_rate, config.steps) == (other.start, other.learning_rate, other.steps);
        let wanted = match language {
            Language::Chinese | Language::Japanese | Language::Korean if is(&by_default) => from_scratch,
            Language::English | Language::OtherLatin if is(&from_scratch) => by_default,
            _ => return,
        };
        self.edit(|config| (config.start, config.learning_rate, config.steps) = (wanted.start, wanted.learning_rate, wanted.steps));
    }

    /// Takes over a config that the engine runs already (a resumed run's).
    pub fn adopt(&self, config: RunConfig) {
        self.requested.set(Some(config.clone()));
        self.config.set(config);
    }

    /// Names of what a restart would change; follows the settings.
    pub fn waiting_changes(&self) -> Vec<&'static str> {
        self.requested.with(|requested| match requested {
            Some(requested) => self.config.with(|config| structural_differences(requested, config)),
            None => Vec::new(),
        })
    }
}

/// Settings for texts that no bundled base knows the language of; measured on the Chinese samples.
fn from_characters() -> RunConfig {
    let start = Start::Scratch { size: ModelSize::default(), tokenizer: TokenizerChoice::Characters };
    RunConfig { start, learning_rate: 2e-3, steps: 200, ..RunConfig::default() }
}
