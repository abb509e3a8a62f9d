//! One choice among a few: a select with an explanation on request and a way back.

use super::setting::{control_id, setting};
use crate::page::strings::recipe::FieldWords;
use crate::page::widgets::Back;
use leptos::prelude::*;

/// A choice; `options` are values with their labels.
#[component]
pub fn Choice(
    words: FieldWords,
    #[prop(into)] value: Signal<&'static str>,
    #[prop(into)] default: Signal<&'static str>,
    options: Vec<(&'static str, &'static str)>,
    #[prop(into)] on_choice: Callback<String>,
) -> impl IntoView {
    let labels = options.clone();
    let label = Memo::new(move |_| {
        let default = default.get();
        let label = labels.iter().find(|option| option.0 == default).map_or(default, |option| option.1);
        Some((crate::page::strings::words().recipe.reset_to)(label))
    });
    let back = Back {
        changed: Signal::derive(move || value.get() != default.get()),
        label,
        reset: Callback::new(move |()| on_choice.run(default.get_untracked().to_owned())),
    };
    let options = options
        .into_iter()
        .map(|(option, label)| view! { <option value=option selected=move || value.get() == option>{label}</option> })
        .collect_view();
    let select = view! {
        <select
            id=control_id(words.field)
            class="field"
            data-testid=control_id(words.field)
            prop:value=move || value.get()
            on:change=move |event| on_choice.run(event_target_value(&event))
        >
            {options}
        </select>
    };
    setting(words, true, Some(back), select.into_any())
}
