//! The dialog for pasting or typing a text.

use super::drop::open_pasted;
use crate::page::conductor::Conductor;
use crate::page::strings::words;
use crate::page::widgets::Dialog;
use leptos::html::Textarea;
use leptos::prelude::*;

/// A dialog with one large field.
#[component]
pub fn PasteDialog(conductor: Conductor, open: RwSignal<bool>) -> impl IntoView {
    let (text_words, bar_words) = (&words().text, &words().bar);
    let field = NodeRef::<Textarea>::new();
    let is_empty = RwSignal::new(true);
    let typed = move |_| is_empty.set(field.get_untracked().is_none_or(|field| field.value().trim().is_empty()));
    let take = move |_| {
        if let Some(field) = field.get_untracked() {
            open.set(false);
            open_pasted(&field.value(), conductor);
            field.set_value("");
            is_empty.set(true);
        }
    };
    view! {
        <Dialog open on_close=move || open.set(false) title=text_words.paste_title>
            <label class="visually-hidden" for="paste-text">{text_words.paste_label}</label>
            <textarea id="paste-text" class="field" data-testid="paste-text" rows="12" spellcheck="false" node_ref=field on:input=typed></textarea>
            <p class="mild">{text_words.paste_note}</p>
            <p class="dialog-buttons">
                <button class="button" on:click=move |_| open.set(false)>{bar_words.cancel}</button>
                <button class="button main" data-testid="paste-use" disabled=move || is_empty.get() on:click=take>{text_words.paste_use}</button>
            </p>
        </Dialog>
    }
}
