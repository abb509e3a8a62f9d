//! What the numbers mean, as a sentence with one next action.
//!
//! In: the curves of the store. Out: words. Test ids: `meaning` (`data-finding` names the rule), `unsure`.

use super::meaning::{Finding, finding};
use crate::page::state::{Part, use_store};
use crate::page::strings::words;
use leptos::prelude::*;

/// The rule's name, for tests and styles.
fn name(finding: &Finding) -> &'static str {
    match finding {
        Finding::Nothing => "nothing",
        Finding::TooEarly { .. } => "too-early",
        Finding::Unchecked => "unchecked",
        Finding::Learning { .. } => "learning",
        Finding::RunningAhead { .. } => "running-ahead",
        Finding::Memorising { .. } => "memorising",
        Finding::Diverging { .. } => "diverging",
        Finding::Flat { .. } => "flat",
        Finding::NotANumber { .. } => "not-a-number",
    }
}

/// The sentence under the curves.
#[component]
pub fn Meaning() -> impl IntoView {
    let store = use_store();
    let found = store.memo(Part::Loss, |state| finding(&state.training, &state.validation));
    let unsure = store.memo(Part::Loss, |state| {
        let last = state.validation.last().filter(|point| point.validation.is_finite())?;
        Some((words().result.unsure)(last.validation, (last.bits_per_byte > 0.0).then_some(last.bits_per_byte)))
    });
    view! {
        <div class="say meaning" class:warn=move || found.get().is_warning() role="status" data-testid="meaning" data-finding=move || name(&found.get())>
            {move || (words().result.finding)(&found.get())}
            <span class="small unsure" data-testid="unsure">{unsure}</span>
        </div>
    }
}
