//! How a row becomes a prompt, where a text is turned into another: the visitor may word it.
//!
//! In and out: `LabelConfig::prompt`; an empty field stands for the default. Test ids: `set-prompt`, `prompt-fault`.

use crate::page::settings::Settings;
use crate::page::strings::label_words;
use crate::protocol::TableTask;
use crate::protocol::labels::{default_template, read_template};
use leptos::prelude::*;

/// The field; nothing for other tasks.
#[component]
pub fn PromptField(settings: Settings) -> impl IntoView {
    let own = &label_words().recipe;
    let context = Memo::new(move |_| {
        settings.labels.with(|config| {
            let columns = &config.as_ref()?.choice.columns;
            (columns.task == TableTask::TextToText).then_some(columns.second.is_some())
        })
    });
    // What cannot be read stays in the field, for correction, and out of the settings.
    let fault = RwSignal::new(None::<String>);
    let shown = move || {
        let chosen = settings.labels.with(|config| config.as_ref().and_then(|config| config.prompt.clone()));
        chosen.unwrap_or_else(|| default_template(context.get().unwrap_or_default()).to_owned())
    };
    let typed = move |event: web_sys::Event| {
        let text = event_target_value(&event);
        let has_context = context.get_untracked().unwrap_or_default();
        match read_template(&text, has_context) {
            Ok(_) => {
                fault.set(None);
                settings.edit_labels(|config| config.prompt = (text != default_template(has_context)).then_some(text));
            }
            Err(error) => fault.set(Some(error.to_string())),
        }
    };
    view! {
        <Show when=move || context.get().is_some()>
            <div class="prompt-setting">
                <label for="set-prompt">{own.prompt}</label>
                <textarea id="set-prompt" class="field" rows="3" data-testid="set-prompt" spellcheck="false" prop:value=shown on:change=typed></textarea>
                <p class="small">{own.prompt_help}</p>
                <p class="complaint small" role="status" data-testid="prompt-fault">{move || fault.get()}</p>
            </div>
        </Show>
    }
}
