//! Colours: as the system, light, or dark. The choice is kept in this browser, not in the link.

use crate::page::state::Store;
use crate::page::strings::words;
use leptos::leptos_dom::helpers::{document, window};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

const STORAGE_KEY: &str = "attune.theme";

/// A choice of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    System,
    Light,
    Dark,
}

impl Choice {
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }
}

/// The chosen colours; copy it freely.
#[derive(Clone, Copy)]
pub struct Theme(RwSignal<Choice>);

impl Theme {
    /// Reads the kept choice, applies it, and tells drawings when colours change.
    pub fn new(store: Store) -> Self {
        let kept = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
        let choice = RwSignal::new(Choice::of(kept.as_deref().unwrap_or_default()));
        Effect::new(move |_| {
            apply(choice.get());
            store.look_changed();
        });
        if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
            let changed = Closure::<dyn FnMut()>::new(move || store.look_changed());
            query.set_onchange(Some(changed.as_ref().unchecked_ref()));
            // Lives as long as the page.
            changed.forget();
        }
        Self(choice)
    }
}

fn apply(choice: Choice) {
    if let Some(root) = document().document_element() {
        // Attributes of the root cannot be refused.
        let _ = match choice {
            Choice::System => root.remove_attribute("data-theme"),
            chosen => root.set_attribute("data-theme", chosen.name()),
        };
    }
    // A browser that keeps nothing starts with the system's colours again.
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(STORAGE_KEY, choice.name());
    }
}

/// Goes through the three choices.
#[component]
pub fn ThemeButton(theme: Theme) -> impl IntoView {
    let words = &words().bar;
    let label = move || {
        let name = match theme.0.get() {
            Choice::System => words.theme_system,
            Choice::Light => words.theme_light,
            Choice::Dark => words.theme_dark,
        };
        format!("{}: {name}", words.theme)
    };
    view! {
        <button
            class="icon-button"
            data-testid="theme"
            data-choice=move || theme.0.get().name()
            title=label
            aria-label=label
            on:click=move |_| theme.0.update(|choice| *choice = choice.next())
        >
            <span class="half-moon" aria-hidden="true"></span>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::Choice;

    #[test]
    fn three_presses_come_back() {
        let start = Choice::of("anything");
        assert_eq!(start, Choice::System);
        assert_eq!(start.next().next().next(), start);
        assert_eq!(Choice::of(start.next().name()), Choice::Light);
    }
}
