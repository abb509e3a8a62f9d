//! The fairness probe, below the report: words to swap, a button, how far it is, and what came of it.
//!
//! In: the visitor's pairs; rows and predictions, asked for a few at a time. Out: `ListRows`, `ReadRows`, `Predict`. The page goes on meanwhile, and so
//! does the engine between two questions. Test ids: `probe`, `probe-pairs`, `probe-preset-<id>`, `probe-odd`, `probe-run`, `probe-stop`,
//! `probe-state`, `probe-progress`, `probe-past`; those of the result stand in `findings_view`.

use super::fairness::{outcome, shift};
use super::findings_view::{Found, FoundView};
use super::job::{Job, Progress};
use super::swaps::{Swaps, parse};
use crate::page::conductor::{Conductor, is_chinese};
use crate::page::result::age::{made_with, past};
use crate::page::state::{Part, Stage};
use crate::page::strings::probe::words;
use crate::protocol::TableTask;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;

/// Under which the store keeps the answers.
const NAME: &str = "fairness";
/// Rows on show that changed most.
const SHOWN: usize = 10;

/// What the probe is at.
#[derive(Debug, Clone, PartialEq)]
enum At {
    Rest,
    Asking(Progress),
    Weighing,
    /// It ended without a result, for this reason.
    Ended(String),
    Done,
}

/// Pairs, button, result.
#[component]
pub fn Fairness(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let own = &words().fairness;
    let chinese = store.memo(Part::Table, |state| {
        let table = state.labels.table.as_ref();
        table.is_some_and(|table| is_chinese(table.reading.excerpt.iter().flatten().map(String::as_str)))
    });
    let proposed =
        move |chinese: bool| own.presets.iter().find(|preset| chinese && preset.id == "chinese").unwrap_or(&own.presets[0]).lines;
    let field = RwSignal::new(proposed(chinese.get_untracked()).to_owned());
    // Another table, another proposal; what the visitor wrote stays.
    Effect::new(move |_| {
        let now = chinese.get();
        if field.with_untracked(|field| field == proposed(!now)) {
            field.set(proposed(now).to_owned());
        }
    });
    let at = RwSignal::new(At::Rest);
    let job = StoredValue::new_local(None::<Job>);
    let found = RwSignal::new_local(None::<Rc<Found>>);
    // The step of the model that was asked.
    let made = RwSignal::new(0_u32);
    // Rises with every start and stop: intervals that were begun for an earlier one are dropped.
    let round = StoredValue::new(0_u32);
    let task = store.memo(Part::Plan, |state| state.labels.plan.as_ref().map(|plan| plan.config.choice.columns.task));
    let suited = move || task.get().is_none_or(|task| !matches!(task, TableTask::TagTokens | TableTask::TextToText));
    let learning = store.memo(Part::Phase, |state| matches!(state.stage, Stage::Starting | Stage::Running));
    let end = move |state: At| {
        job.set_value(None);
        round.update_value(|round| *round += 1);
        at.set(state);
    };
    let weigh = move |done: Job| {
        let scores = done.classes.is_empty();
        let summary = outcome(&done.tried, scores, SHOWN);
        if summary.rows == 0 {
            return end(At::Ended((own.none)(done.held)));
        }
        at.set(At::Weighing);
        made.set(store.peek(|state| made_with(state, done.at.map_or(0, |(_, step)| step))));
        let mine = round.get_value();
        spawn_local(async move {
            let mut shifts = Vec::with_capacity(summary.numbers);
            for class in 0..summary.numbers {
                // A class at a time, so that the page stays awake.
                TimeoutFuture::new(0).await;
                if round.try_get_value() != Some(mine) {
                    return;
                }
                shifts.push(shift(&done.tried, class));
            }
            found.set(Some(Rc::new(Found { job: done, summary, shifts, scores })));
            at.set(At::Done);
        });
    };
    let go_on = move || {
        let Some(mut now) = job.try_update_value(Option::take).flatten() else { return };
        match now.ask() {
            Some(command) => {
                at.set(At::Asking(now.progress()));
                job.set_value(Some(now));
                store.ask_aside(NAME, command);
            }
            None => weigh(now),
        }
    };
    Effect::new(move |_| {
        store.follow(Part::Asides);
        let busy = job.with_value(Option::is_some);
        match store.peek(|state| state.labels.asides.get(NAME).cloned()) {
            None if busy || at.get_untracked() == At::Weighing => end(At::Ended(own.lost.to_owned())),
            // Another model: what was found of the one before is past.
            None if found.with_untracked(Option::is_some) => {
                found.set(None);
                end(At::Rest);
            }
            Some(aside) if busy && !aside.waits => {
                let heard = aside.latest.and_then(|answer| job.try_update_value(|job| job.as_mut().map(|job| job.hear(&answer))).flatten());
                match heard {
                    None => end(At::Ended(own.failed.to_owned())),
                    Some(Err(trouble)) => end(At::Ended((own.trouble)(trouble).to_owned())),
                    Some(Ok(())) => go_on(),
                }
            }
            _ => {}
        }
    });
    let start = move |_| {
        let (pairs, _) = field.with_untracked(|field| parse(field));
        let two = matches!(task.get_untracked(), Some(TableTask::ClassifyPair | TableTask::ScorePair));
        found.set(None);
        end(At::Rest);
        job.set_value(Some(Job::new(Swaps::new(&pairs), two)));
        go_on();
    };
    let stop = move |_| {
        end(At::Ended(own.stopped.to_owned()));
        store.drop_aside(NAME);
    };
    let past = past(store, made);
    let past = move || past.get().filter(|_| found.with(Option::is_some)).map(own.past);
    let busy = move || at.with(|at| matches!(at, At::Asking(_) | At::Weighing));
    let odd = Memo::new(move |_| field.with(|field| parse(field).1));
    let no_pair = Memo::new(move |_| field.with(|field| parse(field).0.is_empty()));
    let state = move || match at.get() {
        At::Asking(progress) => Some((own.progress)(progress)),
        At::Weighing => Some(own.weighing.to_owned()),
        At::Ended(why) => Some(why),
        At::Rest | At::Done if task.get().is_none() => Some(own.needs_plan.to_owned()),
        At::Rest | At::Done if learning.get() => Some(own.rests.to_owned()),
        At::Rest | At::Done => None,
    };
    let share = move || match at.get() {
        At::Asking(Progress::Asking(done, total)) => Some(done as f64 / total.max(1) as f64),
        At::Asking(Progress::Reading(..)) | At::Weighing => None,
        At::Rest | At::Ended(_) | At::Done => None,
    };
    let presets = own.presets.iter().map(|preset| {
        let set = move |_| field.set(preset.lines.to_owned());
        view! {
            <li><button type="button" class="pill" data-testid=format!("probe-preset-{}", preset.id) disabled=busy on:click=set>{preset.name}</button></li>
        }
    });
    view! {
        <section class="probe" data-testid="probe" aria-label=own.title>
            <h3>{own.title}</h3>
            <p class="small" hidden=suited>{own.unsuited}</p>
            <div class="probe-body" hidden=move || !suited()>
                <p>{own.lead}</p>
                <label class="small">
                    {own.pairs}
                    <textarea
                        class="field"
                        rows="5"
                        maxlength="20000"
                        spellcheck="false"
                        data-testid="probe-pairs"
                        disabled=busy
                        prop:value=field
                        on:input:target=move |event| field.set(event.target().value())
                    ></textarea>
                </label>
                <ul class="pills">{presets.collect_view()}</ul>
                <p class="small">{own.pairs_note}</p>
                <p class="small complaint" data-testid="probe-odd" hidden=move || odd.with(Vec::is_empty)>{move || odd.with(|odd| (own.odd)(odd))}</p>
                <p class="probe-act">
                    <button
                        type="button"
                        class="button small"
                        data-testid="probe-run"
                        disabled=move || busy() || no_pair.get() || learning.get() || task.get().is_none()
                        on:click=start
                    >
                        {own.start}
                    </button>
                    <button type="button" class="button small" data-testid="probe-stop" hidden=move || !busy() on:click=stop>{own.stop}</button>
                    <progress data-testid="probe-progress" aria-label=own.title max="1" hidden=move || !busy() prop:value=share></progress>
                </p>
                <p class="small" role="status" data-testid="probe-state">{state}</p>
                <p class="say warn" data-testid="probe-past" hidden=move || past().is_none()>{past}</p>
                {move || found.get().map(|found| view! { <FoundView found/> })}
                <p class="small">{own.not_shown}</p>
            </div>
        </section>
    }
}
