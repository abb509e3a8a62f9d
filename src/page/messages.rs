//! The strip below the bar: the recorded run's label, the offer to resume, what went wrong with its one next action.
//!
//! Faults are never lost: put aside, they stay in the log at the end of the page.

use super::conductor::Conductor;
use super::state::{FaultEntry, Part, Source, Stage};
use super::strings::words;
use crate::protocol::{FaultCode, NextAction};
use leptos::prelude::*;

/// Everything that speaks up by itself.
#[component]
pub fn Messages(conductor: Conductor) -> impl IntoView {
    view! {
        <div class="messages" role="region" aria-label=words().faults.region>
            <Faults conductor/>
            <ResumeOffer conductor/>
            <RecordedLabel conductor/>
        </div>
    }
}

/// The newest fault that was not put aside; the others as a number.
#[component]
fn Faults(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let open = store.memo(Part::Faults, |state| {
        // A sentence that is too long is told where it is typed.
        let mut open = state.faults.iter().rev().filter(|entry| !entry.dismissed && entry.fault.code != FaultCode::SentenceTooLong);
        open.next().cloned().map(|newest| (newest, open.count()))
    });
    move || open.get().map(|(entry, others)| view! { <OneFault conductor entry others/> })
}

/// One fault: sentence, button, details, and a way to put it aside.
#[component]
fn OneFault(conductor: Conductor, entry: FaultEntry, others: usize) -> impl IntoView {
    let words = &words().faults;
    let FaultEntry { id, fault, times, .. } = entry;
    let code = format!("{:?}", fault.code);
    let button = (words.action)(fault.action).map(|label| {
        view! { <button class="button small" data-testid="fault-action" on:click=move |_| conductor.act_on(id, fault.action)>{label}</button> }
    });
    let taken_over = fault.action == NextAction::None && matches!(fault.code, FaultCode::DeviceLost | FaultCode::GpuError);
    let details = (!fault.detail.is_empty()).then(|| {
        view! {
            <details class="fold">
                <summary>{words.details}</summary>
                <code>{fault.detail.clone()}</code>
            </details>
        }
    });
    view! {
        <div class="message warn" role="alert" data-testid="fault" data-code=code>
            <p>
                {(words.sentence)(fault.code)} " "
                {taken_over.then_some(words.resumed)} " "
                {(times > 1).then(|| view! { <span class="mild">{(words.times)(times)}</span> })} " "
                {(others > 0).then(|| view! { <span class="mild">{(words.more)(others)}</span> })}
            </p>
            {details}
            {button}
            <button class="icon-button" data-testid="fault-dismiss" aria-label=words.dismiss title=words.dismiss on:click=move |_| conductor.store.dismiss_fault(Some(id))>
                "✕"
            </button>
        </div>
    }
}

/// Offers to go on with a run found in storage, while nothing else runs.
#[component]
fn ResumeOffer(conductor: Conductor) -> impl IntoView {
    let words = &words().faults;
    let store = conductor.store;
    let offer = Memo::new(move |_| {
        store.follow(Part::Phase);
        store.with(Part::Saved, |state| state.resumable.clone().filter(|_| state.stage == Stage::Idle && !state.play_waits))
    });
    move || {
        offer.get().map(|saved| {
            let age = ((js_sys::Date::now() / 1000.0) as u64).saturating_sub(saved.saved_at);
            view! {
                <div class="message" role="status" data-testid="resume">
                    <p>{(words.offer)(&saved, age)}</p>
                    <button class="button small main" data-testid="resume-run" on:click=move |_| conductor.resume()>{if saved.step < saved.steps { words.resume } else { words.bring_back }}</button>
                    <button class="button small" data-testid="resume-discard" on:click=move |_| conductor.press_discard()>{words.discard}</button>
                </div>
            }
        })
    }
}

/// Says that what moves is a recording.
#[component]
fn RecordedLabel(conductor: Conductor) -> impl IntoView {
    let words = &words().lesson;
    let store = conductor.store;
    let recorded = store.memo(Part::Source, |state| state.recorded.clone().filter(|_| state.source == Source::Recorded));
    move || {
        recorded.get().map(|recorded| {
            let sentence = if recorded.ended { words.recorded_end.to_owned() } else { (words.recorded)(&recorded.title) };
            view! { <div class="message calm" role="status" data-testid="recorded"><p>{sentence}</p></div> }
        })
    }
}

/// Everything that went wrong since the page opened.
#[component]
pub fn FaultLog(conductor: Conductor) -> impl IntoView {
    let words = &words().faults;
    let faults = conductor.store.memo(Part::Faults, |state| state.faults.clone());
    let line = |entry: FaultEntry| {
        view! {
            <li>
                {(self::words().faults.sentence)(entry.fault.code)}
                " "
                <code>{entry.fault.detail}</code>
            </li>
        }
    };
    view! {
        <Show when=move || !faults.with(Vec::is_empty)>
            <details class="fold" data-testid="fault-log">
                <summary>{words.log}</summary>
                <ul class="log">{move || faults.get().into_iter().map(line).collect_view()}</ul>
            </details>
        </Show>
    }
}
