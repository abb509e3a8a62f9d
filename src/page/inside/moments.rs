//! Which model a question is about while the slider moves through the run's past, and both sides of a difference.
//!
//! In: the shown step and the one that it is compared with, from the store. Out: questions asked at these moments, a short while after the slider has
//! moved, one at a time; what was answered last stays until the next has come. Absent: what an answer means.

use super::ask::{Asked, keep_asking};
use super::shown::Shown;
use crate::page::state::{Part, RunState, Source, Store, StoredFrame, Told, Topic};
use crate::page::strings::questions;
use crate::protocol::explain::{Moment, Question};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use std::rc::Rc;

/// Milliseconds between two moments that are asked about while the slider moves.
const MOVING_MILLIS: u32 = 150;

/// The moments that the slider and its switch choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moments {
    pub at: Moment,
    /// What is subtracted.
    pub from: Option<Moment>,
}

impl Moments {
    /// Of the store. The steps of a recorded run are not the engine's: beside one, questions are about the engine's model as it is.
    pub fn of(state: &RunState) -> Self {
        let past = &state.attention;
        let moment = |step: u32| if step == 0 { Moment::Base } else { Moment::Step { step } };
        let shown = past.shown_step().and(past.shown()).map(|frame| moment(frame.head.step));
        let from = past.reference().map(|frame| moment(frame.head.step));
        if state.source == Source::Recorded {
            return Self { at: Moment::Now, from: None };
        }
        Self { at: shown.unwrap_or(Moment::Now), from }
    }
}

/// The same, a short while later: not every step that the slider passes is asked about, but the one where it comes to rest always is.
fn followed(wanted: Memo<Moments>) -> RwSignal<Moments> {
    let followed = RwSignal::new(wanted.get_untracked());
    let timer = StoredValue::new_local(None::<Timeout>);
    let runs = StoredValue::new(false);
    Effect::new(move |_| {
        if wanted.get() == followed.get_untracked() || runs.get_value() {
            return;
        }
        runs.set_value(true);
        timer.set_value(Some(Timeout::new(MOVING_MILLIS, move || {
            runs.set_value(false);
            followed.set(wanted.get_untracked());
        })));
    });
    followed
}

/// A question asked at the moments that the slider shows.
#[derive(Clone, Copy)]
pub struct AskedAt {
    /// About the shown moment.
    pub at: Asked,
    /// About the moment that is subtracted, where the view shows differences.
    before: Option<Asked>,
    topics: (Topic, Option<Topic>),
    wanted: Memo<Moments>,
    store: Store,
}

impl AskedAt {
    /// Asks about the shown moment, and under the topic `before`, where there is one, about the moment that is subtracted. `question` gets the moment.
    pub fn keep(store: Store, topic: Topic, before: Option<Topic>, question: impl Fn(Moment) -> Option<Question> + Copy + 'static) -> Self {
        let wanted = store.memo(Part::Attention, Moments::of);
        let followed = followed(wanted);
        let at = keep_asking(store, topic, move || question(followed.get().at));
        let side = |topic| keep_asking(store, topic, move || question(followed.get().from?));
        Self { at, before: before.map(side), topics: (topic, before), wanted, store }
    }

    /// What is to be drawn: the answer as `read`, or `minus` of it and the answer about the moment that is subtracted. Until they have come, and belong
    /// together, the last picture stays.
    pub fn picture<T>(self, read: fn(&Told) -> Option<T>, minus: fn(&T, &T) -> Option<T>) -> Memo<Option<T>>
    where
        T: Clone + PartialEq + Send + Sync + 'static,
    {
        let fresh = move || {
            let at = self.at.answer.get()?;
            let Some(before) = self.before.filter(|_| self.wanted.get().from.is_some()) else { return read(&at) };
            let before = before.answer.get().filter(|before| before.run == at.run)?;
            minus(&read(&at)?, &read(&before)?)
        };
        Memo::new(move |last: Option<&Option<T>>| fresh().or_else(|| last.cloned().flatten()))
    }

    /// The picture speaks of other moments than the slider shows: new answers are on their way.
    pub fn is_stale(self) -> Memo<bool> {
        let (wanted, (topic, before), store) = (self.wanted, self.topics, self.store);
        Memo::new(move |_| {
            let wanted = wanted.get();
            let told = |topic| store.with(Part::Answers, |state| state.answers.moment(topic));
            let other = |topic, moment: Moment| told(topic).is_some_and(|told| told != moment);
            let unsaid = |topic, moment: Moment| told(topic) != Some(moment);
            other(topic, wanted.at) || before.zip(wanted.from).is_some_and(|(topic, from)| unsaid(topic, from))
        })
    }

    /// Why there is nothing to see yet, or what went wrong; then the step of the model that the picture speaks of, and which was asked for where that is
    /// another. Test id: `asked-state`.
    pub fn state_line(self) -> impl IntoView {
        let before = move || self.before.filter(|_| self.wanted.get().from.is_some());
        let complaint = move || self.at.complaint.get().or_else(|| before()?.complaint.get());
        let topic = self.topics.0;
        let line = move || {
            let own = questions::words();
            if self.store.with(Part::Text, |state| state.labels.active) {
                return own.texts_only.to_owned();
            }
            if let Some(complaint) = complaint() {
                return complaint.to_owned();
            }
            let Some(told) = self.at.answer.get() else { return own.asking.to_owned() };
            let asked = self.store.with(Part::Answers, |state| state.answers.moment(topic));
            let other = other_step(asked, told.step);
            match before().map(|before| before.answer.get().map(|told| told.step)) {
                None => other.map_or_else(|| (own.of_step)(told.step), |asked| (own.of_nearest)(told.step, asked)),
                Some(None) => own.asking.to_owned(),
                Some(Some(from)) => (own.of_difference)(told.step, other, from),
            }
        };
        view! { <span class="small asked-state" class:complaint=move || complaint().is_some() data-testid="asked-state">{line}</span> }
    }
}

/// The step that was asked for, where the answer is of another.
fn other_step(asked: Option<Moment>, told: u32) -> Option<u32> {
    match asked {
        Some(Moment::Step { step }) if step != told => Some(step),
        _ => None,
    }
}

/// The recorded attention nearest to a step of the engine's model, or its difference from that nearest to an earlier one.
pub fn attention_near(store: Store, step: u32, minus: Option<u32>) -> Option<Shown> {
    store.peek(|state| {
        let near = |step: u32| -> Option<Rc<StoredFrame>> {
            if state.source == Source::Recorded { state.live_frame() } else { state.attention.nearest(step) }
        };
        let frame = near(step)?;
        let from = minus.and_then(near).filter(|from| from.weights.len() == frame.weights.len());
        (minus.is_some() == from.is_some()).then_some(Shown { frame, from })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::AttentionFrame;

    fn recorded() -> RunState {
        let mut state = RunState::default();
        for step in [0, 5, 9] {
            let tokens = vec!["a".to_owned(), "b".to_owned()];
            let frame = AttentionFrame { run: 1, step, layers: 1, heads: 1, tokens, loss: None };
            assert!(state.attention.push(frame, vec![255, 0, 255, 0]));
        }
        state
    }

    #[test]
    fn questions_follow_slider_and_switch() {
        let mut state = recorded();
        assert_eq!(Moments::of(&state), Moments { at: Moment::Now, from: None });
        state.attention.show(Some(5));
        assert_eq!(Moments::of(&state), Moments { at: Moment::Step { step: 5 }, from: None });
        state.attention.compare(Some(0));
        assert_eq!(Moments::of(&state).from, Some(Moment::Base));
        state.attention.show(Some(0));
        state.attention.compare(Some(5));
        assert_eq!(Moments::of(&state), Moments { at: Moment::Base, from: Some(Moment::Step { step: 5 }) });
        state.source = Source::Recorded;
        assert_eq!(Moments::of(&state), Moments { at: Moment::Now, from: None }, "the steps of a recorded run are not the engine's");
    }

    #[test]
    fn another_step_than_asked_for_is_told() {
        assert_eq!(other_step(Some(Moment::Step { step: 7 }), 5), Some(7));
        assert_eq!([other_step(Some(Moment::Step { step: 7 }), 7), other_step(Some(Moment::Now), 7), other_step(None, 7)], [None; 3]);
    }
}
