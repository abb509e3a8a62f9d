//! Questions that single views ask about the open table, each view in a slot of its own, so that no two take each other's answers.
//!
//! In: a question with who asks it; answers and faults by their request. Out: the latest answer of each asker. Absent: what is asked and when, which is
//! the views' business; the questions that the whole page shares (`labels`).

use super::{Owed, Part, Parts, RunState, Store};
use crate::protocol::labels::{LabelAnswer, LabelCommand};
use crate::protocol::{Command, Fault};
use std::rc::Rc;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Asker {
    /// The training examples nearest to a typed text.
    NearExamples,
    /// The texts of those.
    NearTexts,
    /// The entries of a knowledge base nearest to a typed text.
    KnowledgeBase,
    /// What the model says of a stream of dated texts.
    Stream,
    /// What the model says of what readers were shown.
    Lists,
}

impl Asker {
    const COUNT: usize = 5;
}

/// A slot for each asker.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asides([Owed<Rc<LabelAnswer>>; Asker::COUNT]);

impl Asides {
    /// The answer of an asker, or what became of it.
    pub fn of(&self, asker: Asker) -> &Owed<Rc<LabelAnswer>> {
        &self.0[asker as usize]
    }

    /// One of the askers waits for this request.
    pub fn wait_for(&self, request: u32) -> bool {
        self.0.iter().any(|slot| slot.waits && slot.request == request)
    }

    /// The slot that waits for this request.
    fn waiting(&mut self, request: u32) -> Option<&mut Owed<Rc<LabelAnswer>>> {
        self.0.iter_mut().find(|slot| slot.waits && slot.request == request)
    }
}

impl RunState {
    /// Gives the answer to who asked.
    pub(super) fn aside_answered(&mut self, request: u32, answer: LabelAnswer) -> Parts {
        let taken = self.labels.asides.waiting(request).is_some_and(|slot| slot.take(request, Rc::new(answer)));
        if taken { Part::Prediction.into() } else { Parts::NONE }
    }

    /// A question failed; false when it was nobody's here.
    pub(super) fn aside_failed(&mut self, request: u32, fault: &Fault) -> bool {
        self.labels.asides.waiting(request).is_some_and(|slot| slot.fail(request, fault))
    }
}

impl Store {
    /// Asks for one view. A question of the same asker that is still under way is forgotten.
    pub fn ask_aside(&self, asker: Asker, command: LabelCommand) {
        let request = self.next_request();
        self.change(|state| {
            state.labels.asides.0[asker as usize].ask(request);
            Part::Prediction.into()
        });
        self.send(&Command::Labels { request, command });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Event, FaultCode, NextAction};

    fn answered(state: &mut RunState, request: u32) -> Parts {
        state.apply(Event::Labels { request, answer: LabelAnswer::Rows { rows: Vec::new() } }, Vec::new())
    }

    #[test]
    fn each_asker_gets_its_own_answer_and_the_page_s_stay_untouched() {
        let mut state = RunState::default();
        state.labels.asides.0[Asker::NearTexts as usize].ask(4);
        state.labels.rows.ask(5);
        assert_eq!(answered(&mut state, 4), Part::Prediction.into());
        assert!(state.labels.asides.of(Asker::NearTexts).latest.is_some());
        assert!(state.labels.rows.waits && state.labels.asides.of(Asker::Stream).latest.is_none());
        assert_eq!(answered(&mut state, 5), Part::Rows.into());
    }

    #[test]
    fn an_answer_to_a_question_asked_again_is_not_taken_and_a_fault_ends_the_waiting() {
        let mut state = RunState::default();
        state.labels.asides.0[Asker::Stream as usize].ask(1);
        state.labels.asides.0[Asker::Stream as usize].ask(2);
        assert!(answered(&mut state, 1).is_empty());
        let fault = Fault::new(FaultCode::EmptyPrompt, NextAction::None, "");
        assert!(!state.aside_failed(1, &fault));
        assert!(state.aside_failed(2, &fault));
        let slot = state.labels.asides.of(Asker::Stream);
        assert!(!slot.waits && slot.fault.is_some());
    }

    #[test]
    fn a_new_run_clears_the_answers_of_the_one_before() {
        let mut state = RunState::default();
        state.labels.asides.0[Asker::Stream as usize].ask(1);
        answered(&mut state, 1);
        state.begin_run(2);
        assert_eq!(state.labels.asides, Asides::default());
    }
}
