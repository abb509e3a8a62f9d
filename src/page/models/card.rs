//! The model card in a dialog: what the model was made from, how good it is, what it cannot do.

use super::Models;
use super::markdown::markup;
use crate::page::fetch;
use crate::page::strings::words;
use crate::page::widgets::Dialog;
use crate::protocol::BaseModel;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is known of the card that is open.
#[derive(Clone, PartialEq)]
enum Reading {
    Waiting,
    /// As HTML.
    Read(String),
    Failed,
}

/// The dialog; empty while no card is open.
#[component]
pub fn Card(models: Models) -> impl IntoView {
    let model_words = &words().models;
    let reading = RwSignal::new(Reading::Waiting);
    let fetch_card = move |model: BaseModel| {
        let path = models.catalogue.with_untracked(|catalogue| catalogue.entry(model).map(|entry| entry.path(&entry.card)));
        reading.set(Reading::Waiting);
        spawn_local(async move {
            let text = match path {
                Some(path) => fetch::text(&path).await.ok(),
                None => None,
            };
            // Another card may have been opened meanwhile.
            if models.card.get_untracked() == Some(model) {
                reading.set(text.map_or(Reading::Failed, |text| Reading::Read(markup(&text))));
            }
        });
    };
    Effect::new(move |_| {
        if let Some(model) = models.card.get() {
            fetch_card(model);
        }
    });
    // While it closes, the dialog keeps its title.
    let title = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(model) = models.card.get() {
            title.set(models.name(model));
        }
    });
    let is = move |wanted: Reading| reading.with(|reading| *reading == wanted);
    let markup = move || reading.with(|reading| if let Reading::Read(markup) = reading { markup.clone() } else { String::new() });
    view! {
        <Dialog open=Signal::derive(move || models.card.get().is_some()) on_close=move || models.card.set(None) title=title>
            <p class="mild" role="status" hidden=move || !is(Reading::Waiting)>{model_words.card_waits}</p>
            <p class="say warn" role="alert" hidden=move || !is(Reading::Failed)>{model_words.card_failed}</p>
            <div class="card-text" data-testid="card-text" tabindex="0" inner_html=markup></div>
            <p class="dialog-buttons">
                <button
                    class="button"
                    hidden=move || !is(Reading::Failed)
                    on:click=move |_| models.card.get_untracked().into_iter().for_each(fetch_card)
                >
                    {model_words.again}
                </button>
                <button class="button main" data-testid="card-close" on:click=move |_| models.card.set(None)>{model_words.close}</button>
            </p>
        </Dialog>
    }
}
