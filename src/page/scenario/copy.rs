//! A button that copies a text, and says whether it did.

use crate::page::strings::scenario::words;
use crate::page::widgets::copy_text;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Milliseconds for which the button says what came of it.
const ANSWER_MILLIS: u32 = 2_000;

/// Copies what `text` gives when it is pressed.
#[component]
pub fn CopyButton(testid: &'static str, text: impl Fn() -> Option<String> + Copy + 'static) -> impl IntoView {
    let own = words();
    // `Some(true)`: copied; `Some(false)`: the browser refused.
    let answer = RwSignal::new(None::<bool>);
    let press = move |_| {
        let Some(text) = untrack(text) else { return };
        spawn_local(async move {
            let copied = copy_text(&text).await;
            let _gone = answer.try_set(Some(copied));
            Timeout::new(ANSWER_MILLIS, move || {
                let _gone = answer.try_set(None);
            })
            .forget();
        });
    };
    view! {
        <p class="copy-line">
            <button type="button" class="button small" data-testid=testid on:click=press>
                {move || if answer.get() == Some(true) { own.copied } else { own.copy }}
            </button>
            <span class="small" role="status">{move || (answer.get() == Some(false)).then_some(own.copy_refused)}</span>
        </p>
    }
}
