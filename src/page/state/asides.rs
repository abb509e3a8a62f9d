//! Questions about the open table that one view asks for itself. Each view has a name, so that views do not take each other's answers.
//!
//! In: a name and a command; its answer or fault. Out: `Part::Asides`, and the latest answer under that name. A new model or table lets go of
//! all of them: a view that misses its name knows that nothing will come.

use super::labels::{LabelState, Owed};
use super::{Part, Parts, Store};
use crate::protocol::labels::{LabelAnswer, LabelCommand};
use crate::protocol::{Command, Fault};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Questions by the name of who asks.
pub type Asides = BTreeMap<&'static str, Owed<Rc<LabelAnswer>>>;

impl LabelState {
    /// Somebody waits for the answer to this request under a name.
    pub(super) fn waits_aside(&mut self, request: u32) -> bool {
        self.aside(request).is_some()
    }

    /// Keeps such an answer.
    pub(super) fn aside_told(&mut self, request: u32, answer: LabelAnswer) -> Parts {
        let taken = self.aside(request).is_some_and(|aside| aside.take(request, Rc::new(answer)));
        if taken { Part::Asides.into() } else { Parts::NONE }
    }

    /// Notes that such a question failed; false: it was none of these.
    pub(super) fn aside_failed(&mut self, request: u32, fault: &Fault) -> bool {
        self.aside(request).is_some_and(|aside| aside.fail(request, fault))
    }

    fn aside(&mut self, request: u32) -> Option<&mut Owed<Rc<LabelAnswer>>> {
        self.asides.values_mut().find(|aside| aside.waits && aside.request == request)
    }
}

impl Store {
    /// Asks under a name; what was asked under it before is forgotten.
    pub fn ask_aside(&self, name: &'static str, command: LabelCommand) {
        self.ask_aside_with(name, command, Vec::new());
    }

    /// The same of a command with buffers.
    pub fn ask_aside_with(&self, name: &'static str, command: LabelCommand, buffers: Vec<Vec<u8>>) {
        let request = self.next_request();
        self.change(|state| {
            let mut aside = Owed::default();
            aside.ask(request);
            state.labels.asides.insert(name, aside);
            Part::Asides.into()
        });
        self.send_with(&Command::Labels { request, command }, buffers);
    }

    /// Wants no answer under this name any more.
    pub fn drop_aside(&self, name: &'static str) {
        self.change(|state| if state.labels.asides.remove(name).is_some() { Part::Asides.into() } else { Parts::NONE });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::state::RunState;
    use crate::protocol::{Event, FaultCode, NextAction, SplitPart};
    use leptos::prelude::Owner;

    fn rows(request: u32, rows: &[u32]) -> Event {
        Event::Labels { request, answer: LabelAnswer::RowList { rows: rows.to_vec() } }
    }

    #[test]
    fn answers_find_the_name_that_asked_and_disturb_nobody() {
        let owner = Owner::new();
        owner.set();
        let store = Store::new();
        store.read_rows(vec![1]);
        store.ask_aside("one", LabelCommand::ListRows { part: SplitPart::Validation });
        store.ask_aside("two", LabelCommand::ListRows { part: SplitPart::Test });
        let request = |name: &str| store.peek(|state| state.labels.asides[name].request);
        let (one, two) = (request("one"), request("two"));
        store.apply(rows(two, &[7]), vec![]);
        let waits = |name: &str| store.peek(|state| state.labels.asides.get(name).map(|aside| aside.waits));
        assert_eq!((waits("one"), waits("two")), (Some(true), Some(false)));
        assert!(store.peek(|state| state.labels.rows.waits && state.labels.rows.latest.is_none()));
        let fault = Fault::new(FaultCode::SettingsRefused, NextAction::None, "no");
        store.apply(Event::Fault { request: Some(one), run: None, fault }, vec![]);
        assert!(store.peek(|state| state.labels.asides["one"].fault.is_some() && state.faults.is_empty()));
        store.ask_aside("two", LabelCommand::ListRows { part: SplitPart::Test });
        store.apply(rows(two, &[8]), vec![]);
        assert_eq!(waits("two"), Some(true), "the older answer is late");
    }

    #[test]
    fn another_model_lets_go_of_them() {
        let owner = Owner::new();
        owner.set();
        let store = Store::new();
        store.ask_aside("one", LabelCommand::ListRows { part: SplitPart::Validation });
        store.change(RunState::reset_run);
        assert!(store.peek(|state| state.labels.asides.is_empty()));
    }
}
