//! What the heads do over the whole text: measured by the engine on demand, and by itself when a run rests or ends.
//!
//! In: `Answer::Roles`. Out: reports per head, for everybody who names heads; the line that says how they were measured, with a button to measure (again).
//! Measuring is never repeated with every picture: it reads a thousand tokens. Test ids: `measure-roles`, `roles-measured` (`data-step`).

use super::ask::{Asked, age};
use crate::page::state::{Due, Part, Source, Stage, Store, Topic, use_store};
use crate::page::strings::words;
use crate::protocol::explain::{Answer, HeadReport, Question, Role};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// A run that rests this long is measured: whoever only takes a step need not wait for it.
const REST_MILLIS: u32 = 1_500;

/// What is known of the heads of the model on the screen: empty where nothing was measured, or of another run.
pub fn reports(store: Store) -> Vec<HeadReport> {
    measured(store).map(|measured| measured.heads).unwrap_or_default()
}

/// A role as a word of the protocol, for attributes.
pub fn role_word(role: Role) -> String {
    format!("{role:?}").to_lowercase()
}

/// A measurement.
#[derive(Debug, Clone, PartialEq)]
struct Measured {
    step: u32,
    tokens: u32,
    heads: Vec<HeadReport>,
}

fn measured(store: Store) -> Option<Measured> {
    store.peek(|state| {
        // A recording's heads are not the engine's.
        let told = state.answers.latest(Topic::Roles).filter(|_| state.source != Source::Recorded)?;
        let run = if state.stage == Stage::Idle { 0 } else { state.run };
        let shape = state.attention.shape();
        match &told.answer {
            Answer::Roles { tokens, heads, .. } if told.run == run && heads.len() == shape.0 * shape.1 => {
                Some(Measured { step: told.step, tokens: *tokens, heads: heads.clone() })
            }
            _ => None,
        }
    })
}

/// Measures now, unless that is under way or known.
fn measure(store: Store) {
    let Some(age) = store.peek(age) else { return };
    if store.peek(|state| state.answers.due(Topic::Roles, &Question::Roles, age)) != Due::No {
        store.ask(Topic::Roles, Question::Roles, age);
    }
}

/// Measures whenever a run comes to rest, for as long as the surrounding view lives.
pub fn measure_at_rest(store: Store) {
    let timer = StoredValue::new_local(None::<Timeout>);
    let rests = store.memo(Part::Phase, |state| {
        // Roles are measured on the open text; over a table there is none.
        (matches!(state.stage, Stage::Paused | Stage::Finished(_)) && !state.labels.active).then_some(state.run)
    });
    let steps = store.memo(Part::Step, |state| state.steps_done());
    Effect::new(move |_| {
        steps.track();
        let wait = rests.get().map(|_| Timeout::new(REST_MILLIS, move || measure(store)));
        timer.set_value(wait);
    });
}

/// How the heads were measured, and the button.
#[component]
pub fn MeasuredLine() -> impl IntoView {
    let store = use_store();
    let asked = Asked::about(store, Topic::Roles);
    let known = Memo::new(move |_| {
        store.follow(Part::Answers);
        store.follow(Part::Phase);
        store.follow(Part::Attention);
        measured(store).map(|measured| (measured.step, measured.tokens))
    });
    let can = Memo::new(move |_| {
        for part in [Part::Engine, Part::Plan, Part::Phase, Part::Step, Part::Answers, Part::Source] {
            store.follow(part);
        }
        store.peek(|state| {
            !state.labels.active
                && state.source != Source::Recorded
                && age(state).is_some_and(|age| state.answers.due(Topic::Roles, &Question::Roles, age) != Due::No)
        })
    });
    let label = move || match (asked.waits.get(), known.get()) {
        (true, _) => words().past.measuring,
        (false, None) => words().past.measure,
        (false, Some(_)) => words().past.measure_again,
    };
    view! {
        <p class="small measured">
            {move || known.get().map(|(step, tokens)| view! {
                <span data-testid="roles-measured" data-step=step>{(words().past.measured)(tokens, step)} " "</span>
            })}
            <button
                type="button"
                class="link"
                data-testid="measure-roles"
                hidden=move || !can.get() && !asked.waits.get()
                disabled=move || asked.waits.get()
                on:click=move |_| measure(store)
            >
                {label}
            </button>
            {move || asked.complaint.get().map(|complaint| view! { <span class="complaint">" " {complaint}</span> })}
        </p>
    }
}
