//! Where the run stands, in numbers and in a line that fills; before it starts, what will happen.

use crate::page::format::{clock, grouped};
use crate::page::state::{Part, RunState, Source, Stage, Store};
use crate::page::strings::words;
use crate::protocol::RunPhase;
use leptos::prelude::*;

/// Step, time left, speed; or what the engine is busy with.
#[component]
pub fn Status(store: Store) -> impl IntoView {
    let words = &words().bar;
    let shows_numbers = Memo::new(move |_| {
        store.follow(Part::Source);
        store.follow(Part::Step);
        store.with(Part::Phase, |state| state.source == Source::Recorded || state.stage != Stage::Idle && state.steps_done() > 0)
    });
    let step = move || {
        store.follow(Part::Source);
        store.follow(Part::Plan);
        store.with(Part::Step, |state| (words.step_of)(state.steps_done(), state.steps_total()))
    };
    let left = move || {
        store.follow(Part::Phase);
        store.with(Part::Step, |state| {
            state
                .step
                .filter(|_| state.source == Source::Live && state.stage == Stage::Running)
                .map(|step| clock(f64::from(step.seconds_left)))
        })
    };
    let speed = move || {
        store.with(Part::Step, |state| {
            state.step.filter(|step| step.tokens_per_second.is_finite()).map(|step| grouped(step.tokens_per_second.round() as u64))
        })
    };
    let doing = move || {
        for part in [Part::Engine, Part::Text, Part::Plan, Part::Source] {
            store.follow(part);
        }
        store.with(Part::Phase, doing)
    };
    view! {
        <div class="status">
            <Show when=move || shows_numbers.get()>
                <span class="number-group">
                    <b data-testid="step-count">{move || step().0}</b>
                    " "
                    <span data-testid="step-total">{move || step().1}</span>
                </span>
                <Show when=move || left().is_some()>
                    <span class="number-group" title=words.left_hint>
                        <b data-testid="time-left">{left}</b>
                        " "
                        {words.left}
                    </span>
                </Show>
                <Show when=move || speed().is_some()>
                    <span class="number-group speed" title=words.speed_hint>
                        <b data-testid="tokens-per-second">{speed}</b>
                        " "
                        {words.tokens_per_second}
                    </span>
                </Show>
            </Show>
            <span class="doing" role="status" aria-live="polite" data-testid="phase">{doing}</span>
        </div>
    }
}

/// The line below the bar.
#[component]
pub fn Progress(store: Store) -> impl IntoView {
    let share = store.memo(Part::Step, |state| {
        let share = f64::from(state.steps_done()) / f64::from(state.steps_total().max(1));
        (share.clamp(0.0, 1.0) * 1000.0).round() / 10.0
    });
    let busy = Memo::new(move |_| {
        store.follow(Part::Plan);
        store.follow(Part::Text);
        store.with(Part::Phase, |state| {
            state.pending_plan.is_some()
                || state.play_waits
                || state.stage == Stage::Starting
                || state.pending_text.is_some() && state.engine_ready
        })
    });
    view! {
        <div
            class="progress"
            class:busy=move || busy.get()
            role="progressbar"
            aria-label=words().bar.run
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || share.get()
            data-testid="progress"
        >
            <i style:transform=move || format!("scaleX({})", share.get() / 100.0)></i>
        </div>
    }
}

/// What goes on, in a few words; empty where the numbers say it all.
fn doing(state: &RunState) -> String {
    let words = &words().bar;
    let preparing = state.pending_plan.is_some() || state.play_waits || state.pending_text.is_some();
    match (state.stage, state.phase) {
        (Stage::Idle, _) if state.source == Source::Recorded => words.recorded.to_owned(),
        (Stage::Idle, _) if !state.engine_ready => words.engine_loading.to_owned(),
        (Stage::Idle, Some(phase)) if preparing => (words.phase)(&phase),
        (Stage::Idle, _) if preparing => words.waiting.to_lowercase(),
        (Stage::Idle, _) if state.labels.active => {
            let plan = state.labels.plan.as_ref();
            plan.map_or_else(|| words.no_plan_of_table.to_owned(), |plan| (words.plan)(plan.steps, plan.expected_seconds))
        }
        (Stage::Idle, _) => {
            state.plan.as_ref().map_or_else(|| words.no_plan.to_owned(), |plan| (words.plan)(plan.config.steps, plan.expected_seconds))
        }
        (Stage::Running, Some(RunPhase::Running) | None) => String::new(),
        (_, Some(phase)) => (words.phase)(&phase),
        (Stage::Starting, None) => words.starting.to_lowercase(),
        (_, None) => String::new(),
    }
}
