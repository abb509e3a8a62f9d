//! Column 1 of a table: what is learned from it, which column is what, its examples, what was noticed, rows typed by hand.
//!
//! In: reading, proposal and findings of the store; the settings' `LabelConfig`. Out: changes of that config, and of how files are read. Words about
//! findings come from `strings`; which column may be what is decided in `roles`, how files were read is corrected in `form`. Absent: reading cells (the engine's).
//!
//! Test ids: `task`, `table`, `table-facts`, `table-excerpt`, `column-role-N`, `all-columns`, `examples`, `class-counts`, `parts`, `lengths`, `cut`, `widen`, `label-separator`,
//! `finding` (`data-blocks`), `repair`, `findings`, `table-reading`, `table-cancel`, `type-open`, `type-class-N`, `type-texts-N`, `type-add`,
//! `type-use`, `scenario-ID`; those of `form` and `lack`.

pub mod columns;
pub mod examples;
pub mod findings;
mod form;
pub mod lack;
pub mod roles;
pub mod scenarios;
mod several;
pub mod task;
pub mod typed;

use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::label_words;
use leptos::prelude::*;

/// Column 1's part that speaks of a table.
#[component]
pub fn Table(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let words = &label_words().table;
    let open = store.memo(Part::Table, |state| state.labels.table.is_some());
    let title = store.memo(Part::Text, |state| state.text_title.clone());
    let facts = move || store.with(Part::Table, |state| state.labels.table.as_ref().map(|table| (words.facts)(&table.reading)));
    view! {
        <Show when=move || open.get()>
            <div class="table-in" data-testid="table">
                <div class="text-head">
                    <h3 class="text-title" data-testid="table-title">{title}</h3>
                    <span class="small" data-testid="table-facts">{facts}</span>
                </div>
                <columns::Columns conductor/>
                <findings::Findings conductor/>
                <examples::Examples conductor/>
            </div>
        </Show>
    }
}
