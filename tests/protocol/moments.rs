//! Questions about moments of a run: the base, kept steps, now, and two of them for a difference.

use super::inside::{ask, trained};
use super::page::{Page, tiny};
use attune::protocol::explain::{Answer, Dials, Moment, Question, floats};
use attune::protocol::{Command, Event};

/// Numbers that two answers may differ by when their models are the same.
const SAME: f32 = 1e-5;

fn worst(one: &[f32], other: &[f32]) -> f32 {
    assert_eq!(one.len(), other.len());
    // The mask's −∞ are the same in both.
    one.iter().zip(other).filter(|(a, b)| a != b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn numbers_are_of_the_moment_that_was_asked_for() {
    let of = |at| Question::Arithmetic { layer: 1, head: 1, query: 5, at };
    let numbers = |page: &mut Page, at: Moment| {
        let (_, step, answer, buffers) = ask(page, of(at));
        assert!(matches!(answer, Answer::Arithmetic { layer: 1, head: 1, query: 5, .. }), "{answer:?}");
        (step, buffers.iter().map(|part| floats(part)).collect::<Vec<_>>())
    };
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Pin { sentence: "the cat sat on the cat.".to_owned() });
    let (step, base) = numbers(&mut page, Moment::Base);
    assert_eq!(step, 0);
    assert_eq!(numbers(&mut page, Moment::Now), (0, base.clone()), "before training there is one model");
    assert_eq!(numbers(&mut page, Moment::Step { step: 7 }), (0, base.clone()));

    // The clock of these tests moves with every look at it, so that everything seems to take long.
    page.send(Command::SetRecording { share: 0.5 });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    let (step, again) = numbers(&mut page, Moment::Base);
    assert_eq!(step, 0);
    assert!(base.iter().zip(&again).all(|(before, after)| worst(before, after) < SAME), "training does not touch the base");
    let (step, now) = numbers(&mut page, Moment::Now);
    assert_eq!(step, 40);
    assert!(worst(&base[5], &now[5]) > 0.05, "attention has changed");
    assert_eq!(numbers(&mut page, Moment::Step { step: 40 }), (40, now), "nothing is nearer than the model as it is");
    assert_eq!(numbers(&mut page, Moment::Step { step: 0 }).0, 0);

    // In between are the steps whose weights were kept, and the numbers are those of the pictures that were taken then.
    let pictures: Vec<_> = page
        .events
        .iter()
        .filter_map(|(event, buffers)| match event {
            Event::Attention { frame } if frame.run == 1 => Some((frame.clone(), buffers[0].clone())),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for wanted in (4..40).step_by(4) {
        let (step, parts) = numbers(&mut page, Moment::Step { step: wanted });
        assert!(step.abs_diff(wanted) <= 4, "{step} for {wanted}");
        assert_eq!(numbers(&mut page, Moment::Step { step }).0, step, "what is there is found");
        let Some((frame, bytes)) = pictures.iter().rev().find(|(frame, _)| frame.step == step) else { continue };
        for (key, weight) in parts[5].iter().enumerate() {
            let drawn = frame.weight(bytes, 1, 1, 5, key).unwrap();
            assert!((drawn - weight).abs() <= 2.5 / 255.0, "step {step}: {drawn} {weight}");
        }
        found.push(step);
    }
    found.dedup();
    assert!(found.len() >= 3 && found.is_sorted(), "{found:?}");
}

#[test]
fn every_question_of_one_sentence_knows_the_base_model() {
    let mut page = trained(25);
    let count = "the cat sat on the cat.".len();
    let flow = |page: &mut Page, at| {
        let (_, step, answer, buffers) = ask(page, Question::Flow { top: 3, at, dials: Dials::NONE });
        assert!(matches!(answer, Answer::Flow { top: 3, .. }), "{answer:?}");
        (step, floats(&buffers[7]))
    };
    let (base_step, base) = flow(&mut page, Moment::Base);
    let (now_step, now) = flow(&mut page, Moment::Now);
    assert!(base_step == 0 && now_step >= 25 && worst(&base, &now) > 0.1, "{base_step} {now_step}");
    let (_, step, _, lens) = ask(&mut page, Question::Lens { top: 3, at: Moment::Base });
    assert_eq!(step, 0);
    assert!(worst(&floats(&lens[1])[2 * 3 * count..], &base) < 1e-4, "the lens ends where the flow does");
    let attributed = |page: &mut Page, at| {
        let (_, step, answer, _) = ask(page, Question::Attribute { position: 6, token: None, at });
        let Answer::Attributed { log_probability, .. } = answer else { panic!("{answer:?}") };
        (step, log_probability)
    };
    let (before, after) = (attributed(&mut page, Moment::Base), attributed(&mut page, Moment::Now));
    assert!(before.0 == 0 && after.0 == now_step && after.1 > before.1 + 0.5, "{before:?} {after:?}");
}

#[test]
fn both_sides_of_a_difference_are_answered() {
    let mut page = Page::open();
    page.ready(&tiny());
    let ask = |page: &mut Page, request, query, at| {
        page.send(Command::Ask { request, question: Question::Arithmetic { layer: 0, head: 0, query, at } });
    };
    ask(&mut page, 601, 0, Moment::Base);
    ask(&mut page, 602, 1, Moment::Base);
    ask(&mut page, 603, 1, Moment::Step { step: 4 });
    ask(&mut page, 604, 1, Moment::Now);
    ask(&mut page, 605, 1, Moment::Now);
    page.rest();
    let answered = page.events.iter().filter_map(|(event, _)| match event {
        Event::Answered { request, .. } => Some(*request),
        _ => None,
    });
    assert_eq!(answered.collect::<Vec<u32>>(), [602, 603, 604, 605], "only what is no longer asked for is passed over");
}
