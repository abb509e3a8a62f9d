//! Copies the link to these settings.

use crate::page::settings::Settings;
use crate::page::strings::words;
use crate::page::widgets::copy_text;
use gloo_timers::callback::Timeout;
use leptos::leptos_dom::helpers::window;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

/// Milliseconds that the answer stays on the button.
const ANSWER_MILLIS: u32 = 2_500;

/// The page's address without settings.
fn page_address() -> Result<String, JsValue> {
    let address = window().location().href()?;
    Ok(address.split('#').next().unwrap_or_default().to_owned())
}

fn link_to(page: &str, settings: Settings) -> String {
    format!("{page}#{}", untrack(|| settings.exact_link()).to_hash())
}

/// What came of the last press.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    None,
    Copied,
    Refused,
}

/// The share button.
#[component]
pub fn Share(settings: Settings) -> impl IntoView {
    let words = &words().bar;
    let answer = RwSignal::new(Answer::None);
    let press = move |_| {
        spawn_local(async move {
            let copied = match page_address() {
                Ok(page) => copy_text(&link_to(&page, settings)).await,
                Err(_) => false,
            };
            answer.set(if copied { Answer::Copied } else { Answer::Refused });
            Timeout::new(ANSWER_MILLIS, move || answer.set(Answer::None)).forget();
        });
    };
    view! {
        <button class="button share" data-testid="share" title=words.share_hint on:click=press>
            {move || if answer.get() == Answer::Copied { words.shared } else { words.share }}
        </button>
        <span class="visually-hidden" role="status">{move || (answer.get() == Answer::Copied).then_some(words.shared)}</span>
        <Show when=move || answer.get() == Answer::Refused>
            <span class="note" role="status">{words.share_by_hand}</span>
        </Show>
    }
}
