//! What the engine found in the text: facts, the data check, and a sentence on what will come of it.

use super::encodings::ENCODINGS;
use crate::page::conductor::Conductor;
use crate::page::format::{bytes, grouped};
use crate::page::state::{Part, RunState, Store};
use crate::page::strings::words;
use crate::protocol::Verdict;
use leptos::prelude::*;

/// The open text: its name, size and encoding, tokens, split, and the data check in a fold.
#[component]
pub fn Facts(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let words = &words().text;
    let title = store.memo(Part::Text, |state| if state.text_title.is_empty() { &state.pending_title } else { &state.text_title }.clone());
    let waiting = move || {
        let waits_for_engine = store.with(Part::Engine, |state| !state.engine_ready);
        store.with(Part::Text, |state| state.pending_text.is_some()).then_some(if waits_for_engine {
            words.waits_for_engine
        } else {
            words.reading
        })
    };
    let from_plan = move |read: fn(&crate::protocol::Plan) -> String| {
        move || store.with(Part::Plan, |state| state.plan.as_ref().map_or_else(|| "\u{2013}".to_owned(), read))
    };
    view! {
        <div class="text-head">
            <h3 class="text-title" data-testid="text-title">
                {move || if title.with(String::is_empty) { words.empty.to_owned() } else { title.get() }}
            </h3>
            <span class="busy" role="status" data-testid="text-status">{waiting}</span>
        </div>
        <ul class="facts">
            <Files conductor/>
            <li>{words.tokens} <b data-testid="tokens">{from_plan(|plan| grouped(plan.train_tokens + plan.validation_tokens))}</b></li>
            <li>{words.passes} <b>{from_plan(|plan| (crate::page::strings::words().text.passes_of)(plan.epochs))}</b></li>
        </ul>
        <Check store/>
    }
}

/// One line for each file: size, and its encoding as a choice.
#[component]
fn Files(conductor: Conductor) -> impl IntoView {
    let words = &words().text;
    let files = conductor.store.memo(Part::Text, |state| state.text.as_ref().map(|text| text.files.clone()).unwrap_or_default());
    let line = move |(index, file): (usize, crate::protocol::FileReport)| {
        let known = ENCODINGS.iter().any(|(label, _)| *label == file.encoding);
        let other = (!known).then(|| view! { <option value=file.encoding.clone() selected>{file.encoding.clone()}</option> });
        let (encoding, read_in) = (file.encoding.clone(), file.encoding.clone());
        let options =
            ENCODINGS.iter().map(|&(label, name)| view! { <option value=label selected=label == encoding>{name}</option> }).collect_view();
        let guessed = file.guessed.then(|| view! { <span class="mild">{words.guessed}</span> });
        view! {
            <li>
                <span class="file-name" title=file.name.clone()>{file.name.clone()}</span>
                <b>
                    {bytes(file.bytes)} " " {guessed} " "
                    <select
                        class="bare"
                        aria-label=words.encoding
                        data-testid="encoding"
                        on:change=move |event| {
                            let chosen = event_target_value(&event);
                            // As it was read, until it is read otherwise.
                            let _ = js_sys::Reflect::set(&event_target(&event), &"value".into(), &read_in.as_str().into());
                            conductor.correct_encoding(index, Some(chosen));
                        }
                    >
                        {other}
                        {options}
                    </select>
                </b>
            </li>
        }
    };
    move || files.get().into_iter().enumerate().map(line).collect_view()
}

/// The data check in a fold.
#[component]
fn Check(store: Store) -> impl IntoView {
    let words = &words().text;
    let rows = move || {
        store.follow(Part::Plan);
        store.with(Part::Text, |state| rows(state).into_iter().map(|(name, value)| view! { <li>{name} <b>{value}</b></li> }).collect_view())
    };
    view! {
        <details class="fold" data-testid="data-check">
            <summary>{words.check}</summary>
            <ul class="facts">{rows}</ul>
        </details>
    }
}

fn rows(state: &RunState) -> Vec<(&'static str, String)> {
    let words = &words().text;
    let mut rows = Vec::new();
    if let Some(text) = &state.text {
        let check = &text.check;
        let rare = || {
            let shown: Vec<String> = check.rare_characters.iter().take(16).map(char::to_string).collect();
            if shown.is_empty() { words.none.to_owned() } else { shown.join(" ") }
        };
        rows.extend([
            (words.characters, grouped(check.characters)),
            (words.lines, grouped(check.lines)),
            (words.alphabet, grouped(u64::from(check.alphabet))),
            (words.rare, rare()),
            (words.duplicates, grouped(check.duplicate_lines)),
            (words.language, (words.language_name)(check.language).to_owned()),
        ]);
        let replaced: u64 = text.files.iter().map(|file| file.replaced).sum();
        if replaced > 0 {
            rows.push((words.replaced, grouped(replaced)));
        }
    }
    if let Some(plan) = &state.plan {
        rows.push((words.parts, (words.split)(plan.train_tokens, plan.validation_tokens)));
        rows.extend([(words.unknown, grouped(plan.unknown_tokens)), (words.memory, bytes(plan.memory.total()))]);
    }
    rows
}

/// What will come of the text with these settings, and how long it will take.
#[component]
pub fn Outlook(store: Store) -> impl IntoView {
    let words = &words().text;
    let verdict = store.memo(Part::Plan, |state| state.plan.as_ref().map(|plan| plan.verdict));
    let sentence = move || {
        store.with(Part::Plan, |state| {
            state.plan.as_ref().map(|plan| format!("{} {}", (words.verdict)(plan.verdict, plan), (words.time)(plan.expected_seconds)))
        })
    };
    view! {
        <p
            class="say"
            class:warn=move || verdict.get().is_some_and(|verdict| matches!(verdict, Verdict::LanguageMismatch | Verdict::ManyTokens))
            hidden=move || verdict.get().is_none()
            data-testid="verdict"
        >
            {sentence}
        </p>
    }
}
