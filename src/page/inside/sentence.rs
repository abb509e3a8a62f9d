//! The sentence whose attention is shown: typed by the visitor.
//!
//! In: typing; the tokens of the shown frame, while nothing is being typed. Out: `Command::Pin`, on Enter, on leaving the field, or when typing
//! pauses. Test ids: `pin-sentence`, `pin-complaint`, `pin-unknown`.

use crate::page::state::{Part, use_store};
use crate::page::strings::words;
use crate::protocol::FaultCode;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;

/// A pause in typing after which the sentence is shown.
const PAUSE_MILLIS: u64 = 900;

/// What is wrong with a sentence before it is sent; the engine knows the rest.
pub fn is_blank(sentence: &str) -> bool {
    sentence.trim().is_empty()
}

/// The input.
#[component]
pub fn SentenceInput() -> impl IntoView {
    let store = use_store();
    let typed = RwSignal::new(None::<String>);
    let sent = RwSignal::new(String::new());
    let pause = StoredValue::new_local(None::<TimeoutHandle>);
    let shown = Memo::new(move |_| {
        store.follow(Part::Answers);
        store.with(Part::Attention, |state| {
            let frame = state.attention.shown()?;
            let answers = &state.answers;
            Some(if answers.sentence == frame.head.tokens { answers.sentence_text.clone() } else { frame.head.tokens.concat() })
        })
    });
    let text = move || typed.get().or_else(|| shown.get()).unwrap_or_default();
    let too_long = store.memo(Part::Faults, |state| {
        state
            .faults
            .last()
            .filter(|entry| !entry.dismissed && entry.fault.code == FaultCode::SentenceTooLong)
            .map(|entry| (entry.id, entry.times))
    });
    // What was wrong with an earlier sentence says nothing about the next.
    let known = RwSignal::new(None);
    let stop_waiting = move || {
        if let Some(handle) = pause.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    // `again`: also one that was sent before; another may have taken its place since.
    let send = move |again: bool| {
        stop_waiting();
        let Some(sentence) = typed.get_untracked() else { return };
        if !is_blank(&sentence) && (again || sent.get_untracked() != sentence) {
            known.set(too_long.get_untracked());
            sent.set(sentence.clone());
            store.pin(sentence);
        }
    };
    on_cleanup(stop_waiting);
    let complaint = move || match typed.get() {
        Some(sentence) if is_blank(&sentence) => Some(words().inside.sentence_empty),
        Some(sentence) if too_long.get().is_some() && too_long.get() != known.get() && sent.get() == sentence => {
            Some(words().inside.sentence_too_long)
        }
        _ => None,
    };
    let unknown = store.memo(Part::Attention, |state| state.unknown_tokens.iter().map(|at| at + 1).collect::<Vec<_>>());
    let unknown = move || unknown.with(|unknown| (!unknown.is_empty()).then(|| (words().past.unknown)(unknown)));
    view! {
        <div class="sentence">
            <input
                type="text"
                class="field"
                data-testid="pin-sentence"
                aria-label=words().inside.sentence
                title=words().inside.sentence_help
                placeholder=words().inside.sentence
                autocomplete="off"
                spellcheck="false"
                maxlength="2000"
                aria-invalid=move || complaint().is_some().to_string()
                prop:value=text
                on:input:target=move |event| {
                    typed.set(Some(event.target().value()));
                    stop_waiting();
                    let handle = set_timeout_with_handle(move || send(false), Duration::from_millis(PAUSE_MILLIS));
                    pause.set_value(handle.ok());
                }
                on:keydown=move |event| if event.key() == "Enter" { send(true) }
                on:blur=move |_| send(false)
            />
            <p class="complaint" role="status" data-testid="pin-complaint">{complaint}</p>
            <p class="complaint" role="status" data-testid="pin-unknown">{unknown}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_no_sentence() {
        assert!(is_blank(" \t\u{3000}") && !is_blank("a"));
    }
}
