//! What the engine answered about the inside of the model, and which parts of it are switched off.
//!
//! In: questions as they are sent, `Answered` and `Fault` events. Out: per [`Topic`] the newest answer with its buffers, run and step, or why there
//! is none; whether a question is worth asking again ([`Answers::due`]). Absent: clocks and sending (`page::inside::ask`).

use crate::protocol::explain::{Answer, Moment, Question, Switch};
use crate::protocol::{Fault, FaultCode};
use std::ops::Deref;
use std::sync::Arc;

/// What a question is about. Of each topic the newest answer is kept: the engine, too, drops an older question of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Topic {
    Compare,
    Roles,
    SwitchMap,
    Attribute,
    Lens,
    Arithmetic,
    Flow,
    /// The side that a difference subtracts.
    ArithmeticBefore,
    FlowBefore,
}

impl Topic {
    /// How many there are.
    pub const COUNT: usize = 9;
}

/// Which model a question speaks of: answers of one age need not be asked for twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Age {
    /// Counts prepared models, sentences and workers.
    pub epoch: u32,
    /// 0 before a run starts.
    pub run: u32,
    pub step: u32,
}

impl Age {
    /// Another model or sentence, not only a later step.
    fn is_other(self, than: Self) -> bool {
        (self.epoch, self.run) != (than.epoch, than.run)
    }
}

/// An answer with what it speaks of.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub run: u32,
    pub step: u32,
    pub answer: Answer,
    /// As the answer's kind says; see `protocol::explain`.
    pub buffers: Vec<Vec<u8>>,
}

/// A shared answer. Two are equal when they are the same one, so that memos need not compare buffers.
#[derive(Debug, Clone)]
pub struct Latest(Arc<Told>);

impl PartialEq for Latest {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Latest {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

/// When a question is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// There is an answer for this model, or one is on its way, or it was refused.
    No,
    /// Never asked, or of another place, sentence or model.
    Now,
    /// The model has learned since: ask when the pause is over.
    AfterPause,
}

#[derive(Debug, Clone, PartialEq)]
struct Asked {
    request: u32,
    question: Question,
    age: Age,
    waits: bool,
}

impl Asked {
    fn differs_in_moment(&self, question: &Question) -> bool {
        self.question != *question && question.at().is_some_and(|at| self.question.clone().of(at) == *question)
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Slot {
    asked: Option<Asked>,
    latest: Option<Latest>,
    /// The moment that `latest` was asked about.
    told_of: Option<Moment>,
    fault: Option<FaultCode>,
}

/// The switches as the visitor set them, and what they do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Switches {
    request: u32,
    /// What the engine was told last.
    pub wanted: Vec<Switch>,
    /// What the engine has acknowledged, for when it refuses the next.
    granted: Vec<Switch>,
    /// The answer to `wanted` is on its way.
    pub waits: bool,
    /// `Answer::Switched`, renewed with every picture while a run trains.
    pub latest: Option<Latest>,
    pub fault: Option<FaultCode>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    slots: [Slot; Topic::COUNT],
    pub switches: Switches,
    /// The pinned sentence as the engine reads it: what questions are about, whatever the picture shows.
    pub sentence: Vec<String>,
    /// The same as a text: tokens that are parts of a character do not add up to it.
    pub sentence_text: String,
    /// Requests that a newer question took the place of: a late fault of theirs is nobody's business.
    given_up: Vec<u32>,
    epoch: u32,
}

impl Answers {
    /// Counts prepared models, sentences and workers.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The newest answer about this.
    pub fn latest(&self, topic: Topic) -> Option<&Latest> {
        self.slots[topic as usize].latest.as_ref()
    }

    /// Why the last question about this has no answer.
    pub fn fault(&self, topic: Topic) -> Option<FaultCode> {
        self.slots[topic as usize].fault
    }

    /// An answer about this is on its way.
    pub fn waits(&self, topic: Topic) -> bool {
        self.slots[topic as usize].asked.as_ref().is_some_and(|asked| asked.waits && asked.age.epoch == self.epoch)
    }

    /// The moment that the newest answer was asked about, where it could be chosen.
    pub fn moment(&self, topic: Topic) -> Option<Moment> {
        self.slots[topic as usize].told_of
    }

    /// Whether `question` is worth sending, to a model of this age.
    pub fn due(&self, topic: Topic, question: &Question, age: Age) -> Due {
        match &self.slots[topic as usize].asked {
            None => Due::Now,
            Some(asked) if age.is_other(asked.age) => Due::Now,
            // While one moves through the past, the newest moment is asked about when the last answer has come.
            Some(asked) if asked.waits && asked.differs_in_moment(question) => Due::No,
            Some(asked) if asked.question != *question => Due::Now,
            Some(asked) if asked.waits || asked.age.step >= age.step => Due::No,
            // The past does not learn on.
            Some(_) if question.at().is_some_and(|at| at != Moment::Now) => Due::No,
            Some(_) => Due::AfterPause,
        }
    }

    /// Notes that a question was sent.
    pub fn ask(&mut self, topic: Topic, request: u32, question: Question, age: Age) {
        let slot = &mut self.slots[topic as usize];
        if let Some(older) = slot.asked.replace(Asked { request, question, age, waits: true }).filter(|older| older.waits) {
            self.given_up.push(older.request);
        }
    }

    /// Notes that switches were sent.
    pub fn set_switches(&mut self, request: u32, wanted: Vec<Switch>) {
        let switches = &mut self.switches;
        (switches.request, switches.wanted, switches.waits, switches.fault) = (request, wanted, true, None);
    }

    /// An answer came; false for one that nobody waits for.
    pub fn told(&mut self, request: u32, told: Told) -> bool {
        if let Answer::Switched { switches, .. } = &told.answer {
            let own = &mut self.switches;
            if own.request != request {
                return false;
            }
            (own.granted, own.waits, own.fault) = (switches.clone(), false, None);
            own.latest = Some(Latest(Arc::new(told)));
            return true;
        }
        let Some(slot) = self.slot_of(request) else { return false };
        if let Some(asked) = slot.asked.as_mut() {
            asked.waits = false;
            asked.age.step = asked.age.step.max(told.step);
            slot.told_of = asked.question.at();
        }
        (slot.latest, slot.fault) = (Some(Latest(Arc::new(told))), None);
        true
    }

    /// A command failed; false when it was none of these. The old answer and the old switches stay.
    pub fn failed(&mut self, request: u32, fault: &Fault) -> bool {
        if self.switches.waits && self.switches.request == request {
            let own = &mut self.switches;
            (own.waits, own.fault) = (false, Some(fault.code));
            own.wanted.clone_from(&own.granted);
            return true;
        }
        if let Some(place) = self.given_up.iter().position(|&older| older == request) {
            self.given_up.drain(..=place);
            return true;
        }
        let Some(slot) = self.slot_of(request) else { return false };
        if let Some(asked) = slot.asked.as_mut() {
            asked.waits = false;
        }
        slot.fault = Some(fault.code);
        true
    }

    /// The sentence or the worker is another one: what was asked is to be asked again.
    pub fn begin_epoch(&mut self) {
        self.given_up.drain(..self.given_up.len().saturating_sub(Topic::COUNT));
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// Another model, or another text: the engine has turned every part on again, and what was measured on request was the other one's.
    pub fn another_model(&mut self) {
        self.begin_epoch();
        self.switches = Switches::default();
        self.forget(Topic::Roles);
        self.forget(Topic::SwitchMap);
    }

    /// A table took the place of the text that all questions were about.
    pub fn forget_all(&mut self) {
        self.another_model();
        for slot in &mut self.slots {
            let slot = std::mem::take(slot);
            self.given_up.extend(slot.asked.filter(|asked| asked.waits).map(|asked| asked.request));
        }
    }

    /// The engine has read a sentence.
    pub fn begin_sentence(&mut self, tokens: Vec<String>, text: String) {
        self.begin_epoch();
        if self.sentence != tokens {
            // Roles are those of the text; what parts cost is measured on the sentence.
            self.forget(Topic::SwitchMap);
        }
        (self.sentence, self.sentence_text) = (tokens, text);
    }

    /// Lets go of an answer that is not asked for anew by itself.
    fn forget(&mut self, topic: Topic) {
        let slot = std::mem::take(&mut self.slots[topic as usize]);
        self.given_up.extend(slot.asked.filter(|asked| asked.waits).map(|asked| asked.request));
    }

    fn slot_of(&mut self, request: u32) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.asked.as_ref().is_some_and(|asked| asked.request == request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::NextAction;
    use crate::protocol::explain::{Dials, ModelPart, SwitchTo};

    const FLOW: Question = Question::Flow { top: 5, at: Moment::Now, dials: Dials::NONE };

    fn flow(step: u32) -> Told {
        let answer = Answer::Flow { layers: 1, heads: 1, top: 5, tokens: vec![], words: vec![] };
        Told { run: 1, step, answer, buffers: vec![] }
    }

    fn age(epoch: u32, run: u32, step: u32) -> Age {
        Age { epoch, run, step }
    }

    fn too_long() -> Fault {
        Fault::new(FaultCode::SentenceTooLong, NextAction::None, "")
    }

    #[test]
    fn a_question_is_asked_again_only_when_the_model_has_changed_and_the_answer_has_come() {
        let mut answers = Answers::default();
        assert_eq!(answers.due(Topic::Flow, &FLOW, age(0, 1, 3)), Due::Now);
        answers.ask(Topic::Flow, 7, FLOW, age(0, 1, 3));
        assert!(answers.waits(Topic::Flow));
        assert_eq!(answers.due(Topic::Flow, &FLOW, age(0, 1, 9)), Due::No, "one at a time");
        assert!(answers.told(7, flow(4)));
        assert_eq!(answers.due(Topic::Flow, &FLOW, age(0, 1, 4)), Due::No, "the answer speaks of step 4 already");
        assert_eq!(answers.due(Topic::Flow, &FLOW, age(0, 1, 5)), Due::AfterPause);
        assert_eq!(answers.due(Topic::Flow, &FLOW, age(1, 1, 4)), Due::Now, "another sentence");
        assert_eq!(answers.due(Topic::Flow, &FLOW, age(0, 2, 0)), Due::Now, "another run");
        assert_eq!(answers.due(Topic::Flow, &Question::Flow { top: 9, at: Moment::Now, dials: Dials::NONE }, age(0, 1, 4)), Due::Now);
    }

    #[test]
    fn another_moment_is_asked_about_when_the_last_answer_has_come_and_the_past_only_once() {
        let mut answers = Answers::default();
        let at = |step| FLOW.of(Moment::Step { step });
        answers.ask(Topic::Flow, 7, at(2), age(0, 1, 9));
        assert_eq!(answers.due(Topic::Flow, &at(3), age(0, 1, 9)), Due::No, "one at a time while the slider moves");
        assert_eq!(answers.due(Topic::FlowBefore, &at(3), age(0, 1, 9)), Due::Now, "the other side waits for nobody");
        assert_eq!(answers.due(Topic::Flow, &Question::Flow { top: 9, at: Moment::Now, dials: Dials::NONE }, age(0, 1, 9)), Due::Now);
        assert_eq!(answers.moment(Topic::Flow), None);
        assert!(answers.told(7, flow(1)));
        assert_eq!(answers.moment(Topic::Flow), Some(Moment::Step { step: 2 }), "asked about, whatever was found");
        assert_eq!(answers.due(Topic::Flow, &at(3), age(0, 1, 9)), Due::Now);
        assert_eq!(answers.due(Topic::Flow, &at(2), age(0, 1, 99)), Due::No, "the past does not learn on");
        assert_eq!(answers.due(Topic::Flow, &at(2), age(0, 2, 0)), Due::Now, "another run has another past");
    }

    #[test]
    fn late_answers_to_older_questions_are_not_shown() {
        let mut answers = Answers::default();
        answers.ask(Topic::Flow, 7, FLOW, age(0, 1, 3));
        answers.ask(Topic::Flow, 8, Question::Flow { top: 9, at: Moment::Now, dials: Dials::NONE }, age(0, 1, 3));
        assert!(!answers.told(7, flow(3)));
        assert!(answers.failed(7, &too_long()) && answers.fault(Topic::Flow).is_none(), "nor are their faults");
        assert!(answers.latest(Topic::Flow).is_none());
        assert!(answers.told(8, flow(3)));
        assert_eq!(answers.latest(Topic::Flow).map(|told| told.step), Some(3));
    }

    #[test]
    fn a_refused_question_is_not_repeated_and_keeps_the_old_answer() {
        let mut answers = Answers::default();
        answers.ask(Topic::Flow, 7, FLOW, age(0, 1, 3));
        answers.told(7, flow(3));
        answers.ask(Topic::Flow, 8, FLOW, age(0, 1, 5));
        assert!(answers.failed(8, &too_long()) && !answers.failed(99, &too_long()));
        assert_eq!((answers.fault(Topic::Flow), answers.waits(Topic::Flow)), (Some(FaultCode::SentenceTooLong), false));
        assert_eq!(answers.due(Topic::Flow, &FLOW, age(0, 1, 5)), Due::No);
        assert!(answers.latest(Topic::Flow).is_some());
    }

    #[test]
    fn refused_switches_leave_the_old_ones_and_another_model_has_none() {
        let switch = |head| Switch { part: ModelPart::Head { layer: 0, head }, to: SwitchTo::Zero };
        let told = |switches| {
            let (plain_choices, switched_choices) = (vec![], vec![]);
            let losses = (Some(1.0), Some(2.0));
            let answer = Answer::Switched {
                switches,
                layers: 1,
                heads: 2,
                tokens: vec![],
                plain_loss: losses.0,
                switched_loss: losses.1,
                plain_choices,
                switched_choices,
            };
            Told { run: 1, step: 1, answer, buffers: vec![] }
        };
        let mut answers = Answers::default();
        answers.set_switches(1, vec![switch(0)]);
        assert!(answers.told(1, told(vec![switch(0)])) && !answers.switches.waits);
        assert!(answers.told(1, told(vec![switch(0)])), "it comes again while training");
        answers.set_switches(2, vec![switch(9)]);
        assert!(!answers.told(1, told(vec![switch(0)])), "the older switches' effect is no longer asked for");
        assert!(answers.failed(2, &too_long()));
        assert_eq!(answers.switches.wanted, [switch(0)]);
        answers.another_model();
        assert!(answers.switches.wanted.is_empty() && answers.switches.latest.is_none());
    }

    #[test]
    fn what_was_measured_on_request_goes_with_its_model_and_with_its_sentence() {
        let mut answers = Answers::default();
        let map = Question::SwitchMap { to: SwitchTo::Zero };
        let measured = |answers: &mut Answers| {
            answers.ask(Topic::Roles, 1, Question::Roles, age(0, 0, 0));
            answers.ask(Topic::SwitchMap, 2, map.clone(), age(0, 0, 0));
            assert!(answers.told(1, flow(0)) && answers.told(2, flow(0)));
        };
        let known = |answers: &Answers| (answers.latest(Topic::Roles).is_some(), answers.latest(Topic::SwitchMap).is_some());
        answers.begin_sentence(vec!["a".into()], "a".into());
        measured(&mut answers);
        answers.begin_sentence(vec!["a".into()], "a".into());
        assert_eq!(known(&answers), (true, true), "the same sentence again");
        answers.begin_sentence(vec!["b".into()], "b".into());
        assert_eq!(known(&answers), (true, false));
        measured(&mut answers);
        answers.ask(Topic::SwitchMap, 3, map.clone(), age(0, 0, 0));
        answers.another_model();
        assert_eq!(known(&answers), (false, false));
        assert!(!answers.told(3, flow(0)), "an answer about the other model");
        assert!(answers.failed(3, &too_long()), "nor is its fault anybody's business");
    }
}
