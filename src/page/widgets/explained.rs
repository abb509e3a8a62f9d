//! What stands beside a control's name: a "?" that unfolds a paragraph, and ↺, back to the default. Settings and dials have both.

use crate::page::strings::words;
use leptos::prelude::*;

/// The way back to a default.
#[derive(Clone, Copy)]
pub struct Back {
    /// The value is not the default.
    pub changed: Signal<bool>,
    /// What the button says.
    pub label: Memo<Option<String>>,
    pub reset: Callback<()>,
}

/// The "?" of a control with this name, and the paragraph that it unfolds, which has the id `id`.
pub fn help(id: String, name: &'static str, text: AnyView) -> (AnyView, AnyView) {
    let open = RwSignal::new(false);
    let button = view! {
        <button
            type="button"
            class="help"
            aria-label=(words().recipe.help_of)(name)
            aria-expanded=move || open.get().to_string()
            aria-controls=id.clone()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            "?"
        </button>
    };
    let paragraph = view! { <p class="help-text" id=id hidden=move || !open.get()>{text}</p> };
    (button.into_any(), paragraph.into_any())
}

/// The ↺, there while the value is not the default.
pub fn undo(back: Back, test_id: Option<String>) -> AnyView {
    view! {
        <button
            type="button"
            class="undo"
            title=back.label
            aria-label=back.label
            hidden=move || !back.changed.get()
            data-testid=test_id
            on:click=move |_| back.reset.run(())
        >
            "↺"
        </button>
    }
    .into_any()
}
