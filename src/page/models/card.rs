//! The model card in a dialog: what the model was made from, how good it is, what it cannot do.

use super::Models;
use super::markdown::{Block, blocks};
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
    Read(Vec<Block>),
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
                reading.set(text.map_or(Reading::Failed, |text| Reading::Read(blocks(&text))));
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
    let body = move || match reading.get() {
        Reading::Waiting => view! { <p class="mild" role="status">{model_words.card_waits}</p> }.into_any(),
        Reading::Read(blocks) => blocks.into_iter().map(drawn).collect_view().into_any(),
        Reading::Failed => view! {
            <p role="alert">{model_words.card_failed}</p>
            <p>
                <button class="button small" on:click=move |_| models.card.get_untracked().into_iter().for_each(fetch_card)>
                    {model_words.again}
                </button>
            </p>
        }
        .into_any(),
    };
    view! {
        <Dialog open=Signal::derive(move || models.card.get().is_some()) on_close=move || models.card.set(None) title=title>
            <div class="card-text" data-testid="card-text" tabindex="0">{body}</div>
            <p class="dialog-buttons">
                <button class="button main" data-testid="card-close" on:click=move |_| models.card.set(None)>{model_words.close}</button>
            </p>
        </Dialog>
    }
}

fn drawn(block: Block) -> AnyView {
    match block {
        Block::Heading(text) => view! { <h3>{text}</h3> }.into_any(),
        Block::Paragraph(text) => view! { <p>{text}</p> }.into_any(),
        Block::Item(text) => view! { <p class="card-item">{text}</p> }.into_any(),
        Block::Code(text) => view! { <pre>{text}</pre> }.into_any(),
        Block::Table(rows) => {
            let mut rows = rows.into_iter();
            let cells = |row: Vec<String>, head: bool| {
                row.into_iter()
                    .map(|cell| if head { view! { <th scope="col">{cell}</th> }.into_any() } else { view! { <td>{cell}</td> }.into_any() })
                    .collect_view()
            };
            let head = rows.next().map(|row| view! { <thead><tr>{cells(row, true)}</tr></thead> });
            let body = rows.map(|row| view! { <tr>{cells(row, false)}</tr> }).collect_view();
            view! { <div class="card-table"><table>{head}<tbody>{body}</tbody></table></div> }.into_any()
        }
    }
}
