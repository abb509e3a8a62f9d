//! Copies the link to these settings.

use crate::page::settings::Settings;
use crate::page::strings::words;
use gloo_timers::callback::Timeout;
use leptos::leptos_dom::helpers::window;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

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
                // Not every browser has a clipboard on every page; the promise then rejects or the object is missing.
                Ok(page) if js_sys::Reflect::has(&window().navigator(), &"clipboard".into()).unwrap_or(false) => {
                    JsFuture::from(window().navigator().clipboard().write_text(&link_to(&page, settings))).await.is_ok()
                }
                _ => false,
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
