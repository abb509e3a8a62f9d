//! Below the fold: what you are looking at (a text, or a table), things to try, what attention does not tell, keeping, privacy, browsers.

use super::compare::Compare;
use super::conductor::Conductor;
use super::messages::FaultLog;
use super::state::Part;
use super::strings::lesson::{Beat, Passage, passages};
use super::strings::words;
use crate::protocol::InjectedFault;
use leptos::prelude::*;

/// The lesson and the rest of the page.
#[component]
pub fn Lesson(conductor: Conductor) -> impl IntoView {
    let words = passages();
    let table = conductor.store.memo(Part::Text, |state| state.labels.active);
    let passage = |passage: &Passage| {
        let paragraphs = passage.paragraphs.iter().map(|&text| view! { <p>{text}</p> }).collect_view();
        view! {
            <section class="passage" aria-labelledby=passage.id>
                <h3 id=passage.id>{passage.title}</h3>
                {paragraphs}
            </section>
        }
    };
    let beat = |beat: &Beat| {
        view! {
            <li>
                <strong>{beat.act}</strong>
                <span>{beat.see}</span>
            </li>
        }
    };
    view! {
        <section class="lesson" aria-label=words.title data-testid="lesson">
            <h2>{words.title}</h2>
            <p class="lead" data-testid="lesson-lead">{move || if table.get() { words.table.lead } else { words.lead }}</p>
            <div class="passages three">
                {move || if table.get() { words.table.parts } else { words.parts }.iter().map(passage).collect_view()}
            </div>
            <Compare/>
            <h2>{words.try_title}</h2>
            <ol class="beats">{move || if table.get() { words.table.beats } else { words.beats }.iter().map(beat).collect_view()}</ol>
            <div class="passages two">{words.rest.iter().map(passage).collect_view()}</div>
            <FaultLog conductor/>
            <Break conductor/>
        </section>
    }
}

/// Buttons that break things, so that tests can see that it is survived; only with `#debug=1`.
#[component]
fn Break(conductor: Conductor) -> impl IntoView {
    let one = move |fault: InjectedFault, testid: &'static str, label: &'static str| {
        view! { <button class="button small" data-testid=testid on:click=move |_| conductor.inject(fault)>{label}</button> }
    };
    view! {
        <Show when=move || conductor.settings.debug.get()>
            <p class="debug">
                {words().faults.inject} ": "
                {one(InjectedFault::DestroyDevice, "inject-device", "GPUDevice.destroy")} " "
                {one(InjectedFault::NanLoss, "inject-nan", "NaN loss")} " "
                {one(InjectedFault::Panic, "inject-panic", "panic")}
            </p>
        </Show>
    }
}
