//! When questions about the inside of the model are asked, and which answers count.

use super::answers::*;
use crate::protocol::NextAction;
use crate::protocol::explain::{Answer, Moment, Question, Switch};
use crate::protocol::explain::{Dials, ModelPart, SwitchTo};
use crate::protocol::{Fault, FaultCode};

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
