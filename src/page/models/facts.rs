//! What the chosen model costs: how many parameters learn, and the memory that a run needs, in its parts.

use crate::page::format::{amount, bytes, grouped};
use crate::page::state::{Part, RunState, Store};
use crate::page::strings::words;
use crate::protocol::Plan;
use leptos::prelude::*;

/// One line, and the parts in a fold.
#[component]
pub fn Facts(store: Store) -> impl IntoView {
    let words = &words().models;
    // Not of another model than the chosen one.
    fn valid(state: &RunState) -> Option<&Plan> {
        state.plan.as_ref().filter(|_| !state.plan_void)
    }
    let summary = move || {
        let counted = store.with(Part::Plan, |state| valid(state).map(|plan| (words.summary)(plan.parameters, plan.memory.total())));
        counted.unwrap_or_else(|| words.preparing.to_owned())
    };
    let lines = move || {
        let rows = store.with(Part::Plan, |state| valid(state).map(rows).unwrap_or_default());
        rows.into_iter()
            .map(|(id, name, value, exact)| view! { <li>{name} <b title=exact data-testid=format!("memory-{id}")>{value}</b></li> })
            .collect_view()
    };
    view! {
        <details class="fold" data-testid="model-facts" hidden=move || store.with(Part::Plan, |state| state.plan.is_none())>
            <summary data-testid="parameters">{summary}</summary>
            <ul class="facts">{lines}</ul>
        </details>
    }
}

/// Id, name, short value, exact value.
fn rows(plan: &Plan) -> Vec<(&'static str, &'static str, String, String)> {
    let words = &words().models;
    let frozen = plan.frozen_parameters;
    let count = |id, name, count: u64| (id, name, amount(count), grouped(count));
    let memory = |id, name, value: u64| (id, name, bytes(value), (words.exact_bytes)(value));
    let mut rows = vec![count("learning", words.learning, plan.parameters - frozen.min(plan.parameters))];
    if frozen > 0 {
        rows.push(count("frozen", words.frozen, frozen));
    }
    let used = plan.memory;
    rows.extend([
        memory("weights", words.weights, used.weights),
        memory("gradients", words.gradients, used.gradients),
        memory("optimizer", words.optimizer, used.optimizer),
        memory("activations", words.activations, used.activations),
    ]);
    rows.push(("window", words.window, (words.batch_of)(plan.config.batch_size, plan.config.window), String::new()));
    rows
}
