//! The written text, token by token: tinted where the model was less sure; pointing at a token shows what else it could have been.
//!
//! In: the writing of the store. Out: tokens, and which of them is pointed at. Test ids: `written-text` (tokens carry `data-index` and
//! `data-probability`), `token-reading`. Keys: left and right move through the tokens, Escape lets go.

use super::choices::percent;
use crate::page::inside::labels::label;
use crate::page::state::{Part, use_store};
use crate::page::strings::words;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, EventTarget};

/// Alternatives named in the reading.
const MOST_OTHERS: usize = 4;

/// How strongly a token is tinted, 0..=1: nothing for what was sure, most for what was a surprise. By surprise (−log p) rather than by p, or
/// nearly everything in a text would be tinted alike.
pub fn tint(probability: f32) -> f32 {
    let surprise = -probability.clamp(1e-4, 1.0).ln();
    (surprise / 1e4_f32.ln()).clamp(0.0, 1.0)
}

fn index_of(target: Option<EventTarget>) -> Option<usize> {
    target?.dyn_into::<Element>().ok()?.get_attribute("data-index")?.parse().ok()
}

/// The text and the reading of the token pointed at.
#[component]
pub fn Written(
    /// The token pointed at, for the bars below.
    pointed: RwSignal<Option<usize>>,
) -> impl IntoView {
    let store = use_store();
    let request = store.memo(Part::Writing, |state| state.writing.request);
    let count = store.memo(Part::Writing, |state| state.writing.tokens.len());
    let prompt = store.memo(Part::Writing, |state| state.writing.prompt.clone());
    let done = store.memo(Part::Writing, |state| state.writing.done || state.writing.request == 0);
    let nothing = move || request.get() == 0 || done.get() && count.get() == 0;
    Effect::new(move |_| {
        request.track();
        pointed.set(None);
    });
    let reading = move || {
        let index = pointed.get()?;
        store.with(Part::Writing, |state| {
            let token = state.writing.tokens.get(index)?;
            let mut others: Vec<_> = token.choices.iter().filter(|choice| choice.text != token.text).collect();
            others.sort_by(|a, b| b.probability.total_cmp(&a.probability));
            let others: Vec<String> = others
                .into_iter()
                .take(MOST_OTHERS)
                .map(|choice| format!("{} {}", label(&choice.text), percent(choice.probability)))
                .collect();
            Some((label(&token.text), percent(token.probability), others.join(" \u{b7} ")))
        })
    };
    let on_key = move |event: KeyboardEvent| {
        let last = count.get_untracked().checked_sub(1);
        let now = pointed.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => now.map_or(Some(0), |now| Some(now + 1)),
            "ArrowLeft" => now.map_or(last, |now| Some(now.saturating_sub(1))),
            "Escape" => None,
            _ => return,
        };
        event.prevent_default();
        pointed.set(next.zip(last).map(|(next, last)| next.min(last)));
    };
    let token = move |index: usize| {
        let (text, probability) =
            store.peek(|state| state.writing.tokens.get(index).map(|token| (token.text.clone(), token.probability)).unwrap_or_default());
        view! {
            <span class="w" class:lit=move || pointed.get() == Some(index) data-index=index data-probability=format!("{probability:.4}") style=format!("--t:{:.2}", tint(probability))>
                {text}
            </span>
        }
    };
    view! {
        <div class="story written" hidden=nothing>
            <div
                data-testid="written-text"
                tabindex="0"
                role="group"
                aria-label=words().result.written_keys
                aria-busy=move || (!done.get()).to_string()
                on:keydown=on_key
                on:pointerover=move |event| if let Some(index) = index_of(event.target()) { pointed.set(Some(index)) }
                on:pointerleave=move |event| if event.pointer_type() != "touch" { pointed.set(None) }
                on:blur=move |_| pointed.set(None)
            >
                <span class="given">{prompt}</span>
                <For each=move || { let request = request.get(); (0..count.get()).map(move |index| (request, index)) } key=|key| *key let((_, index))>
                    {token(index)}
                </For>
                <span class="caret" hidden=move || done.get() aria-hidden="true"></span>
            </div>
        </div>
        <p class="reading token-reading" data-testid="token-reading" aria-live="polite" hidden=nothing>
            {move || match reading() {
                Some((token, probability, others)) if others.is_empty() => view! { <b>{token}</b> " " {probability} }.into_any(),
                Some((token, probability, others)) => {
                    view! { <b>{token}</b> " " {probability} ". " {words().result.instead} ": " {others} }.into_any()
                }
                None => view! { <span class="hint"><span class="swatch" aria-hidden="true"></span> {words().result.tint}</span> }.into_any(),
            }}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sure_is_clear_and_the_surprising_is_tinted() {
        assert!(tint(1.0).abs() < 1e-6);
        assert!((tint(1e-4) - 1.0).abs() < 1e-6 && (tint(0.0) - 1.0).abs() < 1e-6);
        assert!(tint(0.5) < 0.1 && tint(0.01) > 0.4);
    }
}
