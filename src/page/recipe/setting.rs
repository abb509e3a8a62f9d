//! The frame of a setting: its name, an explanation on request, a way back where there is one, and the control itself.
//!
//! In: words, the control. Out: the line. One type for all controls, so that the frame's code is there once.

use crate::page::strings::recipe::FieldWords;
use crate::page::widgets::{Back, help, undo};
use leptos::prelude::*;

/// The `id` of a field's control, which its name points at.
pub fn control_id(field: &str) -> String {
    format!("set-{field}")
}

/// The `id` of a field's name.
pub fn name_id(field: &str) -> String {
    format!("name-{field}")
}

/// The line. `wide`: the control takes what the name leaves. The control has the id that [`control_id`] gives.
pub fn setting(field: FieldWords, wide: bool, back: Option<Back>, control: AnyView) -> AnyView {
    let text = view! {
        <span class="term">{field.term}</span>
        {field.help}
    };
    let (button, paragraph) = help(format!("help-{}", field.field), field.name, text.into_any());
    view! {
        <div class=if wide { "setting wide" } else { "setting" } class:changed=move || back.is_some_and(|back| back.changed.get())>
            <label for=control_id(field.field) id=name_id(field.field)>{field.name}</label>
            {button}
            {back.map(|back| undo(back, None))}
            {control}
            {paragraph}
        </div>
    }
    .into_any()
}
