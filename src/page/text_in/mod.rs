//! Column 1's upper half: how a text comes in (drop, pick, paste, sample), and what the engine found in it.
//!
//! In: files, the clipboard, the samples' manifest; the engine's report and plan. Out: a [`TextSource`] for the conductor. The bytes of
//! a text stay with the browser as blobs and travel to the worker without passing through this module's memory.
//!
//! Absent: decoding and tokenizing (the engine's).

mod check;
mod drop;
pub mod encodings;
pub mod folder;
mod paste;
mod preview;
mod samples;
mod source;

pub use drop::DropAnywhere;
pub use paste::PasteDialog;
pub use samples::{DEFAULT_SAMPLE, Samples, fetch_file};
pub use source::{MAX_BYTES, ReadAs, TextFile, TextSource};

use super::conductor::Conductor;
use super::later::{labels_while, later_quietly};
use super::state::Part;
use super::strings::words;
use super::table_in::typed::TypedOpen;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// Id of the file input, which other parts may click.
pub const FILE_INPUT: &str = "file-input";

/// Column 1's upper half.
#[component]
pub fn TextColumn(conductor: Conductor, paste_open: RwSignal<bool>) -> impl IntoView {
    let words = &words().text;
    let picked = move |event: web_sys::Event| {
        let input = event_target::<HtmlInputElement>(&event);
        source::open_files(input.files(), conductor);
        // The same file may be chosen again.
        input.set_value("");
    };
    let labelled = conductor.store.memo(Part::Text, |state| state.labels.active);
    let typed: TypedOpen = expect_context();
    // Once asked for, the dialog stays: what was typed is kept when it closes.
    let typing = Memo::new(move |was: Option<&bool>| was == Some(&true) || typed.0.get());
    view! {
        <div class="task-place">{later_quietly(move |views| (views.task)(conductor))}</div>
        <div class="bring" data-testid="drop">
            <p class="bring-line">
                <span class="wide-only">{words.drop}</span>
                <label class="button small" for=FILE_INPUT>{words.pick}</label>
                <button class="button small" data-testid="paste-open" on:click=move |_| paste_open.set(true)>{words.paste}</button>
                <button class="button small" data-testid="type-open" on:click=move |_| typed.0.set(true)>{words.type_rows}</button>
            </p>
            <input
                id=FILE_INPUT
                class="visually-hidden"
                data-testid="file-input"
                type="file"
                multiple
                accept=".txt,.md,.markdown,.text,.csv,.tsv,.tab,.psv,.json,.jsonl,.ndjson,.conll,.conllu,.bio,.iob,.iob2,text/plain,text/markdown,text/csv,application/json"
                on:change=picked
            />
            <samples::SampleList conductor/>
            {later_quietly(move |views| (views.scenarios)(conductor))}
        </div>
        <div>{labels_while(typing, 0, move |views| (views.typing)(conductor, typed))}</div>
        <Reading conductor/>
        <div class="plain" hidden=move || labelled.get()>
            <check::Facts conductor/>
            <preview::Preview store=conductor.store/>
            <check::Outlook store=conductor.store/>
        </div>
        {labels_while(labelled, 1, move |views| (views.table)(conductor))}
    }
}

/// How far the reading of a table is, with a way out.
#[component]
fn Reading(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let words = &words().text;
    let progress = store.memo(Part::Table, |state| state.labels.progress);
    let share = move || progress.get().map_or(0.0, |(done, total, _)| if total > 0 { done as f64 / total as f64 } else { 0.0 });
    view! {
        <Show when=move || progress.get().is_some()>
            <p class="progress-line" data-testid="table-reading">
                <span class="small">{move || progress.get().map(|(done, total, rows)| (words.table_reading)(done, total, rows))}</span>
                <progress max="1" value=share aria-label=words.reading></progress>
                <button type="button" class="button small" data-testid="table-cancel" on:click=move |_| conductor.cancel_reading()>{words.table_cancel}</button>
            </p>
        </Show>
    }
}
