//! The frame of a setting: its name, an explanation on request, a way back where there is one, and the control itself.
//!
//! In: words, the control. Out: the line. One type for all controls, so that the frame's code is there once.

use crate::page::strings::recipe::FieldWords;
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

/// The `id` of a field's control, which its name points at.
pub fn control_id(field: &str) -> String {
    format!("set-{field}")
}

/// The line. `wide`: the control takes what the name leaves. The control has the id that [`control_id`] gives.
pub fn setting(field: FieldWords, wide: bool, back: Option<Back>, control: AnyView) -> AnyView {
    let help_open = RwSignal::new(false);
    let help_id = format!("help-{}", field.field);
    let undo = back.map(|back| {
        view! {
            <button class="undo" title=back.label aria-label=back.label hidden=move || !back.changed.get() on:click=move |_| back.reset.run(())>
                "↺"
            </button>
        }
    });
    view! {
        <div class=if wide { "setting wide" } else { "setting" } class:changed=move || back.is_some_and(|back| back.changed.get())>
            <label for=control_id(field.field) id=format!("name-{}", field.field)>{field.name}</label>
            <button
                class="help"
                aria-label=(words().recipe.help_of)(field.name)
                aria-expanded=move || if help_open.get() { "true" } else { "false" }
                aria-controls=help_id.clone()
                on:click=move |_| help_open.update(|open| *open = !*open)
            >
                "?"
            </button>
            {undo}
            {control}
            <p class="help-text" id=help_id hidden=move || !help_open.get()>
                <span class="term">{field.term}</span>
                {field.help}
            </p>
        </div>
    }
    .into_any()
}
