//! One choice among a few: a select with an explanation on request and a way back.

use crate::page::strings::recipe::FieldWords;
use crate::page::strings::words;
use leptos::prelude::*;

/// A choice; `options` are values with their labels.
#[component]
pub fn Choice(
    words: FieldWords,
    #[prop(into)] value: Signal<&'static str>,
    #[prop(into)] default: Signal<&'static str>,
    options: Vec<(&'static str, &'static str)>,
    on_choice: impl Fn(String) + Copy + 'static,
) -> impl IntoView {
    let help_open = RwSignal::new(false);
    let (input_id, help_id) = (format!("set-{}", words.field), format!("help-{}", words.field));
    let labels = options.clone();
    let back = Memo::new(move |_| {
        let default = default.get();
        let label = labels.iter().find(|option| option.0 == default).map_or(default, |option| option.1);
        (crate::page::strings::words().recipe.reset_to)(label)
    });
    let options = options
        .into_iter()
        .map(|(option, label)| view! { <option value=option selected=move || value.get() == option>{label}</option> })
        .collect_view();
    view! {
        <div class="setting wide" class:changed=move || value.get() != default.get()>
            <label for=input_id.clone()>{words.name}</label>
            <button
                class="help"
                aria-label=(self::words().recipe.help_of)(words.name)
                aria-expanded=move || if help_open.get() { "true" } else { "false" }
                aria-controls=help_id.clone()
                on:click=move |_| help_open.update(|open| *open = !*open)
            >
                "?"
            </button>
            <button
                class="undo"
                title=back
                aria-label=back
                hidden=move || value.get() == default.get()
                on:click=move |_| on_choice(default.get_untracked().to_owned())
            >
                "↺"
            </button>
            <select
                id=input_id
                class="field"
                data-testid=format!("set-{}", words.field)
                prop:value=move || value.get()
                on:change=move |event| on_choice(event_target_value(&event))
            >
                {options}
            </select>
            <p class="help-text" id=help_id hidden=move || !help_open.get()>
                <span class="term">{words.term}</span>
                {words.help}
            </p>
        </div>
    }
}
