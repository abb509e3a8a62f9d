//! Column 1's upper half: how a text comes in (drop, pick, paste, sample), and what the engine found in it.
//!
//! In: files, the clipboard, the samples' manifest; the engine's report and plan. Out: a [`TextSource`] for the conductor. The bytes of
//! a text stay with the browser as blobs and travel to the worker without passing through this module's memory.
//!
//! Absent: decoding and tokenizing (the engine's).

mod check;
mod drop;
mod paste;
mod preview;
mod samples;
mod source;

pub use drop::DropAnywhere;
pub use paste::PasteDialog;
pub use samples::{DEFAULT_SAMPLE, Samples};
pub use source::{TextFile, TextSource};

use super::conductor::Conductor;
use super::strings::words;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// Id of the file input, which other parts may click.
pub const FILE_INPUT: &str = "file-input";

/// Column 1's upper half.
#[component]
pub fn TextColumn(conductor: Conductor, samples: Samples, paste_open: RwSignal<bool>) -> impl IntoView {
    let words = &words().text;
    let picked = move |event: web_sys::Event| {
        let input = event_target::<HtmlInputElement>(&event);
        source::open_files(input.files(), conductor);
        // The same file may be chosen again.
        input.set_value("");
    };
    view! {
        <div class="bring" data-testid="drop">
            <p class="bring-line">
                <span class="wide-only">{words.drop}</span>
                <label class="button small" for=FILE_INPUT>{words.pick}</label>
                <button class="button small" data-testid="paste-open" on:click=move |_| paste_open.set(true)>{words.paste}</button>
            </p>
            <input
                id=FILE_INPUT
                class="visually-hidden"
                data-testid="file-input"
                type="file"
                multiple
                accept=".txt,.md,.markdown,.text,text/plain,text/markdown"
                on:change=picked
            />
            <samples::SampleList conductor samples/>
        </div>
        <check::Facts conductor/>
        <preview::Preview store=conductor.store/>
        <check::Outlook store=conductor.store/>
    }
}
