//! The line of the recipe that names the chosen model and opens the picker.

use crate::page::conductor::Conductor;
use crate::page::strings::words;
use crate::protocol::Start;
use leptos::prelude::*;

/// What the model starts from, as a button.
#[component]
pub fn Chosen(conductor: Conductor) -> impl IntoView {
    let (field, model_words) = (words().recipe.start, &words().models);
    let (settings, models) = (conductor.settings, conductor.models);
    let help_open = RwSignal::new(false);
    let start = Memo::new(move |_| settings.config.with(|config| config.start));
    let name = move || match start.get() {
        Start::Base { model } => models.name(model),
        Start::Scratch { .. } => model_words.scratch.to_owned(),
    };
    view! {
        <div class="setting wide">
            <span class="setting-name" id="name-start">{field.name}</span>
            <button
                class="help"
                aria-label=(words().recipe.help_of)(field.name)
                aria-expanded=move || if help_open.get() { "true" } else { "false" }
                aria-controls="help-start"
                on:click=move |_| help_open.update(|open| *open = !*open)
            >
                "?"
            </button>
            <button
                class="choose"
                id="set-start"
                aria-labelledby="name-start set-start"
                aria-haspopup="dialog"
                title=model_words.title
                data-testid="model-button"
                on:click=move |_| models.picker_open.set(true)
            >
                {name}
            </button>
            <p class="help-text" id="help-start" hidden=move || !help_open.get()>
                <span class="term">{field.term}</span>
                {field.help}
            </p>
        </div>
    }
}
