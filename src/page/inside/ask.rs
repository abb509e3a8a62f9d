//! Keeps a question's answer fresh while a view is open, without flooding the engine.
//!
//! In: a question that may change with what is picked; the run's step. Out: `Command::Ask`, and the newest answer as a memo. A question that changed, or
//! another sentence or model, is asked about at once. One that only grew old is asked again when its last answer has come, at the earliest a second after
//! it was asked, and then no more often than every fourth moment of training goes into answers. A hidden page asks nothing.
//! Absent: what an answer means.

use crate::page::state::{Age, Due, Latest, Part, RunState, Stage, Store, Topic};
use crate::page::strings::words;
use crate::protocol::explain::Question;
use gloo_timers::callback::Timeout;
use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;

/// Milliseconds between two questions of one kind at least.
const PAUSE_MILLIS: f64 = 1_000.0;
/// An answer that took long is asked for again after so many times that long.
const REST: f64 = 4.0;
/// But after this many milliseconds in any case.
const LONGEST_PAUSE_MILLIS: f64 = 20_000.0;

/// The answers to one question as it changes.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The newest answer; of an older question until the new one's has come.
    pub answer: Memo<Option<Latest>>,
    /// Why the newest question has no answer, as a sentence.
    pub complaint: Memo<Option<&'static str>>,
    /// An answer is on its way.
    pub waits: Memo<bool>,
}

impl Asked {
    /// What is known about a topic, without asking.
    pub fn about(store: Store, topic: Topic) -> Self {
        Self {
            answer: store.memo(Part::Answers, move |state| state.answers.latest(topic).cloned()),
            complaint: store.memo(Part::Answers, move |state| state.answers.fault(topic).map(words().faults.sentence)),
            waits: store.memo(Part::Answers, move |state| state.answers.waits(topic)),
        }
    }
}

/// The model that a question asked now would speak of; nothing while no model can answer.
pub fn age(state: &RunState) -> Option<Age> {
    let settled = state.pending_text.is_none() && state.pending_plan.is_none();
    let ready = state.engine_ready && state.has_plan() && settled && state.stage != Stage::Starting;
    // The steps of a recorded run are not the engine's.
    let (run, step) = if state.stage == Stage::Idle { (0, 0) } else { (state.run, state.steps_done()) };
    ready.then(|| Age { epoch: state.answers.epoch(), run, step })
}

/// Milliseconds to wait before asking again: `since` the last question was sent, whose answer `took` so long.
fn wait(since: f64, took: f64) -> f64 {
    ((took * REST).clamp(PAUSE_MILLIS, LONGEST_PAUSE_MILLIS) - since).max(0.0)
}

/// Asks `question` as often as is good, for as long as the surrounding view lives; `None` asks nothing.
pub fn keep_asking(store: Store, topic: Topic, question: impl Fn() -> Option<Question> + 'static) -> Asked {
    let asked = Asked::about(store, topic);
    let tick = RwSignal::new(0_u32);
    let timer = StoredValue::new_local(None::<Timeout>);
    let times = StoredValue::new((f64::NEG_INFINITY, 0.0));
    let again_after = move |millis: f64| {
        timer.set_value(Some(Timeout::new(millis.ceil() as u32, move || tick.update(|tick| *tick = tick.wrapping_add(1)))));
    };
    Effect::new(move |_| {
        tick.track();
        for part in [Part::Engine, Part::Plan, Part::Phase, Part::Step, Part::Answers] {
            store.follow(part);
        }
        let Some(question) = question() else { return };
        let Some(now_age) = store.peek(age) else { return };
        let now = js_sys::Date::now();
        let (sent, took) = times.get_value();
        if took == 0.0 && sent.is_finite() && !asked.waits.get_untracked() {
            times.set_value((sent, (now - sent).max(1.0)));
        }
        match store.peek(|state| state.answers.due(topic, &question, now_age)) {
            Due::No => return,
            Due::Now => {}
            Due::AfterPause => {
                let (sent, took) = times.get_value();
                let wait = if document().hidden() { PAUSE_MILLIS } else { wait(now - sent, took) };
                if wait > 0.0 {
                    again_after(wait);
                    return;
                }
            }
        }
        times.set_value((now, 0.0));
        store.ask(topic, question, now_age);
    });
    asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Event, VERSION};

    #[test]
    fn at_most_once_a_second_and_seldom_where_it_is_slow() {
        assert_eq!(wait(0.0, 20.0), 1_000.0);
        assert_eq!(wait(400.0, 20.0), 600.0);
        assert_eq!(wait(1_400.0, 20.0), 0.0);
        assert_eq!(wait(1_400.0, 2_000.0), 6_600.0);
        assert_eq!(wait(0.0, 90_000.0), 20_000.0);
    }

    #[test]
    fn nothing_is_asked_of_a_model_that_is_not_there() {
        let mut state = RunState::default();
        state.apply(Event::Ready { version: VERSION }, vec![]);
        assert!(state.engine_ready);
        assert_eq!(age(&state), None);
        state.pending_plan = Some(3);
        assert_eq!(age(&state), None);
    }
}
