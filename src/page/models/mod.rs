//! Base models: the list, the choice of one, its card, and what it costs.
//!
//! In: `models/index.json` and the cards beside it, the plan, what the engine keeps. Out: the start of the run, through the conductor. Absent: the
//! download itself, which is the engine's.
//!
//! Test ids: `model-button` (what is chosen), `model-picker`, `model-<id>` and `model-scratch` (a choice), `model-state-<id>` (`data-state`: kept,
//! loading, ready, none), `model-progress`, `model-fault`, `model-retry`, `model-list-retry`, `card-<id>` (opens the card), `card-text`,
//! `model-close`, `card-close`, `model-facts`, `parameters`, `memory-<part>`.

mod card;
mod choice;
mod facts;
mod markdown;
mod picker;
mod suggest;

pub use card::Card;
pub use choice::Chosen;
pub use facts::Facts;
pub use picker::Picker;
pub use suggest::Suggestion;

use super::conductor::Conductor;
use super::fetch;
use crate::protocol::{BaseModel, CATALOGUE_PATH, Catalogue};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The list of models and what is open of it; copy it freely.
#[derive(Clone, Copy)]
pub struct Models {
    /// Empty until it has come.
    pub catalogue: RwSignal<Catalogue>,
    /// Why it has not come.
    pub missing: RwSignal<Option<String>>,
    pub picker_open: RwSignal<bool>,
    /// The model whose card is open.
    pub card: RwSignal<Option<BaseModel>>,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            catalogue: RwSignal::new(Catalogue::default()),
            missing: RwSignal::new(None),
            picker_open: RwSignal::new(false),
            card: RwSignal::new(None),
        }
    }
}

impl Models {
    /// Fetches the list. Without it the default model and a start from scratch can be chosen all the same.
    pub fn load(self, conductor: Conductor) {
        spawn_local(async move {
            match fetch::json::<Catalogue>(CATALOGUE_PATH).await {
                Ok(catalogue) => {
                    self.missing.set(None);
                    self.catalogue.set(catalogue);
                    conductor.models_listed();
                }
                Err(detail) => self.missing.set(Some(detail)),
            }
        });
    }

    /// What a model is called; its id where the list does not know it. Follows the list.
    pub fn name(&self, model: BaseModel) -> String {
        self.catalogue.with(|catalogue| catalogue.entry(model).map_or_else(|| model.folder().to_owned(), |entry| entry.name.clone()))
    }
}
