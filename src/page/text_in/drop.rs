//! The whole page takes dropped files and pasted text; while files hover over it, a sheet says so.

use super::folder;
use super::source::{TextSource, open_files, text_blob};
use crate::page::conductor::Conductor;
use crate::page::later::Later;
use crate::page::strings::words;
use leptos::ev;
use leptos::leptos_dom::helpers::{document, window_event_listener};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, HtmlElement};

/// Shorter pastes outside a field are taken for a slip of the hand.
const SHORTEST_PASTE: usize = 40;

/// Listens to drops and pastes anywhere; draws the sheet.
#[component]
pub fn DropAnywhere(conductor: Conductor) -> impl IntoView {
    // Entering a child fires before leaving its parent, so depth is counted.
    let depth = RwSignal::new(0_i32);
    let later: Later = expect_context();
    let listeners = [
        window_event_listener(ev::dragenter, move |event| {
            if carries_files(&event) {
                event.prevent_default();
                depth.update(|depth| *depth += 1);
            }
        }),
        window_event_listener(ev::dragleave, move |event| {
            if carries_files(&event) {
                depth.update(|depth| *depth = (*depth - 1).max(0));
            }
        }),
        window_event_listener(ev::dragover, move |event| {
            if carries_files(&event) {
                event.prevent_default();
            }
        }),
        window_event_listener(ev::drop, move |event| {
            depth.set(0);
            if carries_files(&event) {
                event.prevent_default();
                let Some(data) = event.data_transfer() else { return };
                match folder::dropped(&data).zip(later.views()) {
                    Some((entries, views)) => (views.folder)(entries, conductor),
                    None => open_files(data.files(), conductor),
                }
            }
        }),
        window_event_listener(ev::paste, move |event| {
            if !in_a_field() {
                let Some(data) = event.clipboard_data() else { return };
                // Office programs put a picture of the text beside it.
                match data.get_data("text/plain").ok().filter(|text| text.trim().chars().count() >= SHORTEST_PASTE) {
                    Some(text) => open_pasted(&text, conductor),
                    None => open_files(data.files(), conductor),
                }
            }
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    let words = &words().text;
    view! {
        <Show when=move || depth.get() != 0>
            <div class="drop-sheet" data-testid="drop-sheet">
                <p>
                    <strong>{words.drop_here}</strong>
                    {words.drop_note}
                </p>
            </div>
        </Show>
    }
}

/// Opens a text that was typed or pasted.
pub fn open_pasted(text: &str, conductor: Conductor) {
    if let Some(blob) = text_blob(text) {
        let title = words().text.pasted_name;
        // Told apart by their length: a saved run knows its text by the file's name.
        conductor.open(TextSource::single(title, format!("{title} {}.txt", text.len()), blob, None));
    }
}

fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

fn in_a_field() -> bool {
    document().active_element().is_some_and(|element| {
        let tag = element.tag_name();
        ["INPUT", "TEXTAREA", "SELECT"].contains(&tag.as_str())
            || element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
            || document().query_selector("dialog[open]").ok().flatten().is_some()
    })
}
