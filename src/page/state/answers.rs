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
        self.forget(Topic::Roles as usize);
        self.forget(Topic::SwitchMap as usize);
    }

    /// A table took the place of the text that all questions were about.
    pub fn forget_all(&mut self) {
        self.another_model();
        (0..Topic::COUNT).for_each(|slot| self.forget(slot));
    }

    /// The engine has read a sentence.
    pub fn begin_sentence(&mut self, tokens: Vec<String>, text: String) {
        self.begin_epoch();
        if self.sentence != tokens {
            // Roles are those of the text; what parts cost is measured on the sentence.
            self.forget(Topic::SwitchMap as usize);
        }
        (self.sentence, self.sentence_text) = (tokens, text);
    }

    /// Lets go of a topic's question and answer.
    fn forget(&mut self, topic: usize) {
        let slot = std::mem::take(&mut self.slots[topic]);
        self.given_up.extend(slot.asked.filter(|asked| asked.waits).map(|asked| asked.request));
    }

    fn slot_of(&mut self, request: u32) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.asked.as_ref().is_some_and(|asked| asked.request == request))
    }
}
