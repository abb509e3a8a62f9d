//! Column 3, "Result": the loss curves, what they mean, what the model writes while it learns, and writing on a visitor's prompt; while a table is
//! open, its epochs and report (`page::report`) instead of the writing.
//!
//! In: curves, samples and writing of the store. Out: `Generate`, `StopGenerate`, `Reweigh`. Test ids: `result`, those of `page::chart`,
//! `meaning` (`data-finding`), `unsure`, `loss-bits`, `sample-text`, `sample-step`, `sample-earlier`, `sample-later`, `sample-slider`, `prompt`,
//! `write-button`, `written-text` (tokens carry `data-index`, `data-probability`), `token-reading`, `next-tokens` (rows carry `data-token`,
//! `data-probability`), `dial-NAME`, `dial-NAME-value`, `more-dials`.

pub mod age;
mod batch;
mod batch_figures;
mod batch_job;
mod batch_said;
mod batch_table;
pub mod choices;
pub mod dials;
pub mod film;
pub mod marks;
pub mod meaning;
pub mod says;
pub mod try_it;
pub mod try_labels;
pub mod written;

use crate::page::chart::loss::LossChart;
use crate::page::conductor::Conductor;
use crate::page::later::{labels_while, later, later_quietly};
use crate::page::state::Part;
use leptos::prelude::*;
use says::Meaning;

/// Column 3.
#[component]
pub fn Outcome(conductor: Conductor) -> impl IntoView {
    let labelled = conductor.store.memo(Part::Text, |state| state.labels.active);
    view! {
        <div class="result" data-testid="result">
            <LossChart/>
            <Meaning/>
            {later_quietly(|views| (views.small_curves)())}
            <div class="plain" hidden=move || labelled.get()>{later(|views| (views.writing)())}</div>
            {labels_while(labelled, 3, move |views| (views.result)(conductor))}
        </div>
    }
}
