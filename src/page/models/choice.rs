//! The line of the recipe that names the chosen model and opens the picker.

use crate::page::conductor::Conductor;
use crate::page::recipe::setting::{control_id, name_id, setting};
use crate::page::strings::words;
use crate::protocol::Start;
use leptos::prelude::*;

/// What the model starts from, as a button.
#[component]
pub fn Chosen(conductor: Conductor) -> impl IntoView {
    let (field, model_words) = (words().recipe.start, &words().models);
    let (settings, models) = (conductor.settings, conductor.models);
    let start = Memo::new(move |_| settings.config.with(|config| config.start));
    let name = move || match start.get() {
        Start::Base { model } => models.name(model),
        Start::Scratch { .. } => model_words.scratch.to_owned(),
    };
    let button = view! {
        <button
            class="choose"
            id=control_id(field.field)
            aria-labelledby=format!("{} {}", name_id(field.field), control_id(field.field))
            aria-haspopup="dialog"
            title=model_words.title
            data-testid="model-button"
            on:click=move |_| models.picker_open.set(true)
        >
            {name}
        </button>
    };
    setting(field, true, None, button.into_any())
}
