//! Correcting labels: a select, or a field where labels are no names, at each row; and going on to learn from what was corrected.
//!
//! In: the row's label as it stands in the table. Out: `Relabel`, one row after the other; a run that begins with the model as it is. The report stays what it was: it
//! speaks of the labels that it was made with. Test ids: `relabel-<row>`, `corrections` (`data-count`, `data-training`), `correct-refused`, `learn-on`,
//! `learn-on-not`.

use super::desk::Desk;
use super::judged::Verdicts;
use crate::page::conductor::Conductor;
use crate::page::state::{Part, Parts, Store};
use crate::page::strings::report::words;
use crate::protocol::labels::{CorrectedRows, ExampleFacts, LabelConfig, LabelPlan};
use leptos::prelude::*;
use std::collections::VecDeque;

/// A correction: the row, what its label was, what it is to be.
#[derive(Debug, Clone, PartialEq)]
struct Correction {
    row: u32,
    before: String,
    now: String,
}

/// Corrections on their way: the engine takes one after the other, so that it is clear which one it refuses.
#[derive(Clone, Copy)]
pub struct Pending {
    store: Store,
    queue: StoredValue<VecDeque<Correction>>,
    sent: StoredValue<Option<Correction>>,
    /// The label that was refused last.
    refused: RwSignal<Option<String>>,
}

impl Pending {
    /// None yet. Lives as long as the surrounding component.
    pub fn new(store: Store) -> Self {
        Self { store, queue: StoredValue::default(), sent: StoredValue::default(), refused: RwSignal::new(None) }
    }

    fn add(&self, correction: Correction) {
        self.refused.set(None);
        self.queue.update_value(|queue| queue.push_back(correction));
        self.send();
    }

    fn send(&self) {
        if self.sent.with_value(Option::is_some) {
            return;
        }
        let next = self.queue.try_update_value(VecDeque::pop_front).flatten();
        self.sent.set_value(next.clone());
        if let Some(Correction { row, now, .. }) = next {
            self.store.relabel(vec![(row, now)]);
        }
    }

    /// What has been answered; with it the label to put back where it was refused.
    fn heard(&self) -> Option<Correction> {
        let (waits, refused) = self.store.peek(|state| (state.labels.facts.waits, state.labels.facts.fault.is_some()));
        let answered = self.sent.try_update_value(|sent| if waits { None } else { sent.take() }).flatten()?;
        if refused {
            self.refused.set(Some(answered.now.clone()));
            // It is told here; the choice of columns has no fault.
            self.store.change(|state| {
                state.labels.facts.fault = None;
                Parts::NONE
            });
        }
        self.send();
        refused.then_some(answered)
    }
}

impl Desk {
    /// Corrects the label of a row of the table.
    fn correct(&self, row: u32, now: String) {
        let before = self.texts.known.with_untracked(|known| known.get(&row).map(|known| known.label.clone()));
        let Some(before) = before.filter(|before| *before != now) else { return };
        self.write_label(row, &now);
        self.pending.add(Correction { row, before, now });
    }

    fn write_label(&self, row: u32, label: &str) {
        self.texts.known.update(|known| {
            if let Some(known) = known.get_mut(&row) {
                known.label = label.to_owned();
            }
        });
    }

    /// Follows what the engine says of corrections: a label that it refuses goes back to what it was.
    pub fn follow_corrections(self) {
        Effect::new(move |_| {
            self.store.follow(Part::Table);
            if let Some(Correction { row, before, .. }) = self.pending.heard() {
                self.write_label(row, &before);
            }
        });
    }
}

/// Why the model cannot go on from where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// It was made for another task, from another base, or reads texts otherwise.
    AnotherModel,
    /// The table has other classes now.
    OtherClasses,
    /// Nothing can be learned from the table as it is.
    Nothing,
}

/// What the engine would refuse, seen before the run that is here is given up for it.
fn hindrance(now: &LabelConfig, plan: &LabelPlan, facts: &ExampleFacts) -> Option<Hindrance> {
    let before = &plan.config;
    let same_task = now.choice.columns.task == before.choice.columns.task;
    if !same_task || now.start != before.start || now.pooling != before.pooling || now.pairs != before.pairs {
        return Some(Hindrance::AnotherModel);
    }
    if facts.classes != plan.classes {
        return Some(Hindrance::OtherClasses);
    }
    facts.blocking().map(|_| Hindrance::Nothing)
}

/// The classes, and first the label as it stands where it is none of them.
fn choices(mut names: Vec<String>, now: &str) -> Vec<String> {
    if !names.iter().any(|name| name == now) {
        names.insert(0, now.to_owned());
    }
    names
}

/// The label of a row, to correct; `label` follows the table.
#[component]
pub fn Relabel(desk: Desk, row: u32, #[prop(into)] label: Signal<Option<String>>) -> impl IntoView {
    let own = words();
    let named = desk.judged.with_value(|judged| matches!(judged.as_ref().map(|judged| &judged.verdicts), Some(Verdicts::Classes { .. })));
    let id = format!("relabel-{row}");
    let field = if named {
        // A label that is no class name as it stands (other case, blanks) is an option of its own.
        let options = move || {
            let now = label.get().unwrap_or_default();
            let names = choices(desk.names.get_value(), &now);
            names.into_iter().map(|name| view! { <option value=name.clone() selected={name == now}>{name.clone()}</option> }).collect_view()
        };
        view! {
            <select class="bare" data-testid=id on:change:target=move |event| desk.correct(row, event.target().value())>
                {options}
            </select>
        }
        .into_any()
    } else {
        view! {
            <input
                class="field"
                data-testid=id
                prop:value=move || label.get().unwrap_or_default()
                on:change:target=move |event| desk.correct(row, event.target().value())
            />
        }
        .into_any()
    };
    let long = desk.judged.with_value(|judged| {
        matches!(judged.as_ref().map(|judged| &judged.verdicts), Some(Verdicts::Spans { .. } | Verdicts::Texts { .. }))
    });
    view! { <label class="relabel" class:long=long hidden=move || label.with(Option::is_none)>{own.correct} " " {field}</label> }
}

/// The label that the engine did not take last.
#[component]
pub fn RefusedLabel(desk: Desk) -> impl IntoView {
    let refused = desk.pending.refused;
    view! {
        <p class="complaint" data-testid="correct-refused" role="status" hidden=move || refused.with(Option::is_none)>
            {move || refused.get().map(|label| (words().correct_refused)(&label))}
        </p>
    }
}

/// How many labels were corrected, in whatever part, and the way on; nothing before the first.
#[component]
pub fn Corrections(conductor: Conductor, desk: Desk) -> impl IntoView {
    let own = words();
    let store = desk.store;
    let count = store.memo(Part::Table, |state| state.labels.facts.latest.as_ref().map(|facts| facts.corrected).unwrap_or_default());
    let hindered = Memo::new(move |_| {
        let now = conductor.settings.label_run_tracked()?;
        store.follow(Part::Plan);
        store.with(Part::Table, |state| hindrance(&now, state.labels.plan.as_ref()?, state.labels.facts.latest.as_ref()?))
    });
    let none = move || count.get() == CorrectedRows::default();
    view! {
        <div
            class="say"
            data-testid="corrections"
            data-count=move || count.get().rows.to_string()
            data-training=move || count.get().training.to_string()
            role="status"
            hidden=none
        >
            {move || (own.corrected)(count.get())}
            <p class="small" data-testid="learn-on-not" hidden=move || hindered.with(Option::is_none)>{move || hindered.get().map(own.learn_on_not)}</p>
            <p class="say-buttons">
                <button type="button" class="button small" data-testid="learn-on" disabled=move || hindered.with(Option::is_some) on:click=move |_| conductor.learn_on()>
                    {own.learn_on}
                </button>
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::label_link::tests::{config, plan};
    use crate::page::state::RunState;
    use crate::protocol::labels::{LabelAnswer, TextPooling};
    use crate::protocol::{Event, Fault, FaultCode, NextAction, TableTask};
    use leptos::prelude::Owner;

    #[test]
    fn a_label_as_it_stands_can_always_be_chosen() {
        let names = ["good".to_owned(), "bad".to_owned()].to_vec();
        assert_eq!(choices(names.clone(), "bad"), ["good", "bad"]);
        assert_eq!(choices(names, " Bad"), [" Bad", "good", "bad"]);
    }

    #[test]
    fn corrections_go_one_by_one_and_a_refused_one_is_put_back() {
        let owner = Owner::new();
        owner.set();
        let store = Store::new();
        let pending = Pending::new(store);
        let correction = |row: u32| Correction { row, before: "bad".into(), now: format!("good{row}") };
        pending.add(correction(1));
        pending.add(correction(2));
        let request = |state: &RunState| state.labels.facts.request;
        let first = store.peek(request);
        assert_eq!(pending.heard(), None, "the engine has not answered");
        let fault = Fault::new(FaultCode::SettingsRefused, NextAction::None, "no");
        store.apply(Event::Fault { request: Some(first), run: None, fault }, vec![]);
        assert_eq!(pending.heard(), Some(correction(1)));
        assert_eq!(pending.refused.get_untracked().as_deref(), Some("good1"));
        assert!(store.peek(|state| state.labels.facts.waits && request(state) != first), "the second is on its way");
        let facts = facts(&["bad", "good"]);
        store.apply(Event::Labels { request: store.peek(request), answer: LabelAnswer::Examined { facts } }, vec![]);
        assert_eq!(pending.heard(), None);
        assert!(pending.sent.with_value(Option::is_none));
    }

    fn facts(classes: &[&str]) -> ExampleFacts {
        ExampleFacts {
            classes: classes.iter().map(|&class| class.to_owned()).collect(),
            class_counts: vec![4; classes.len()],
            ..ExampleFacts::default()
        }
    }

    #[test]
    fn what_the_engine_would_refuse_is_seen_before() {
        let now = config(TableTask::Classify);
        let plan = LabelPlan { classes: facts(&["bad", "good"]).classes, ..plan(now.clone()) };
        assert_eq!(hindrance(&now, &plan, &facts(&["bad", "good"])), None);
        assert_eq!(hindrance(&now, &plan, &facts(&["good"])), Some(Hindrance::OtherClasses));
        let other = LabelConfig { pooling: TextPooling::Mean, ..now };
        assert_ne!(other.pooling, plan.config.pooling);
        assert_eq!(hindrance(&other, &plan, &facts(&["bad", "good"])), Some(Hindrance::AnotherModel));
    }
}
