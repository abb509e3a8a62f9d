//! What a restart would change, while a run goes on with its old settings.

use crate::page::conductor::Conductor;
use crate::page::state::{Part, Stage};
use crate::page::strings::words;
use leptos::prelude::*;

/// Names the waiting changes, offers a restart and a way back.
#[component]
pub fn Notice(
    conductor: Conductor,
    /// Plain names of the settings that differ.
    #[prop(into)]
    names: Signal<Vec<&'static str>>,
    /// Puts them back.
    undo: Callback<()>,
) -> impl IntoView {
    let words = &words().recipe;
    let store = conductor.store;
    let names = Memo::new(move |_| {
        let has_run = store.with(Part::Phase, |state| state.stage != Stage::Idle);
        if has_run { names.get() } else { Vec::new() }
    });
    let sentence = move || format!("{} {}", (words.changed)(&names.get()), words.restart);
    view! {
        <Show when=move || !names.with(Vec::is_empty)>
            <div class="say warn" role="status" data-testid="restart-notice">
                <p>{sentence}</p>
                <p class="say-buttons">
                    <button class="button small" data-testid="restart" on:click=move |_| conductor.press_restart()>{words.restart_yes}</button>
                    <button class="button small" data-testid="restart-undo" on:click=move |_| undo.run(())>{words.restart_undo}</button>
                </p>
            </div>
        </Show>
    }
}
