//! Play, Step, Reset.

use crate::page::conductor::{Conductor, PlayAction, can_start, next_play};
use crate::page::state::{Part, RunState, Source, Stage};
use crate::page::strings::words;
use leptos::prelude::*;

/// The three buttons.
#[component]
pub fn Transport(conductor: Conductor) -> impl IntoView {
    let words = &words().bar;
    let store = conductor.store;
    let action = store.memo(Part::Phase, next_play);
    let starting = store.memo(Part::Phase, |state| state.stage == Stage::Starting);
    let face = move || match action.get() {
        PlayAction::Start => ("▶", words.play, words.play_hint),
        PlayAction::StopWaiting => ("…", words.waiting, words.waiting_hint),
        PlayAction::Pause if starting.get() => ("❚❚", words.starting, words.pause_hint),
        PlayAction::Pause => ("❚❚", words.pause, words.pause_hint),
        PlayAction::Resume => ("▶", words.go_on, words.go_on_hint),
        PlayAction::Again => ("↻", words.again, words.again_hint),
    };
    // A press starts the run at once; before that it would wait for the plan.
    let ready = move || {
        store.follow(Part::Plan);
        store.follow(Part::Engine);
        store.follow(Part::Text);
        store.with(Part::Phase, can_start)
    };
    let state_name = move || match action.get() {
        PlayAction::Start if ready() => "idle",
        PlayAction::Start => "preparing",
        PlayAction::StopWaiting => "waiting",
        PlayAction::Pause if starting.get() => "starting",
        PlayAction::Pause => "running",
        PlayAction::Resume => "paused",
        PlayAction::Again => "finished",
    };
    // A step needs a prepared or paused run.
    let can_step = move || {
        store.follow(Part::Plan);
        store.follow(Part::Engine);
        store.with(Part::Phase, may_step)
    };
    let can_reset = move || {
        store.follow(Part::Source);
        store.with(Part::Phase, |state| state.stage != Stage::Idle || state.source == Source::Recorded)
    };
    view! {
        <div class="transport" role="group" aria-label=words.run>
            <button class="button main run" data-testid="run-button" data-state=state_name title=move || face().2 on:click=move |_| conductor.press_play()>
                <span class="glyph" aria-hidden="true">{move || face().0}</span>
                {move || face().1}
            </button>
            <button class="button" data-testid="step-button" title=words.step_hint disabled=move || !can_step() on:click=move |_| conductor.press_step()>
                {words.step}
            </button>
            <button class="button" data-testid="reset-button" title=words.reset_hint disabled=move || !can_reset() on:click=move |_| conductor.press_reset()>
                {words.reset}
            </button>
        </div>
    }
}

fn may_step(state: &RunState) -> bool {
    state.engine_ready
        && match state.stage {
            Stage::Idle => can_start(state),
            Stage::Paused => true,
            Stage::Starting | Stage::Running | Stage::Finished(_) => false,
        }
}
