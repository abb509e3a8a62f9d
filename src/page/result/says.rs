//! What the numbers mean, as a sentence with one next action.
//!
//! In: the curves of the store. Out: words. Test ids: `meaning` (`data-finding` names the rule), `unsure`, `loss-bits`.

use super::meaning::{Finding, finding};
use crate::page::state::{Part, Stage, use_store};
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
        Finding::NoGainYet { .. } => "no-gain-yet",
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
    let labelled = store.memo(Part::Text, |state| state.labels.active);
    let over = store.memo(Part::Phase, |state| matches!(state.stage, Stage::Finished(_)));
    let unsure = store.memo(Part::Loss, |state| {
        // Over a table, loss is not of tokens.
        if state.labels.active {
            return None;
        }
        let last = state.validation.last().filter(|point| point.validation.is_finite())?;
        let first = state.validation.first().filter(|first| first.step != last.step).map(|first| (first.step, first.validation));
        Some((words().result.unsure)(last.validation, first))
    });
    let bits = store.memo(Part::Loss, |state| {
        state.validation.last().filter(|point| point.bits_per_byte > 0.0).map(|point| format!("{:.2}", point.bits_per_byte))
    });
    view! {
        <div class="say meaning" class:warn=move || found.get().is_warning() role="status" data-testid="meaning" data-finding=move || name(&found.get())>
            {move || {
                let say = if labelled.get() { words().result.label_finding } else { words().result.finding };
                say(&found.get(), over.get())
            }}
            <span class="small unsure" hidden=move || unsure.get().is_none()>
                <span data-testid="unsure">{unsure}</span>
                <span class="bits" hidden=move || bits.get().is_none()>" " <b data-testid="loss-bits">{bits}</b> "\u{a0}" {words().result.bits_per_byte} "."</span>
            </span>
        </div>
    }
}
