//! Looking inside: every question, switches, and what is refused.

use super::page::{Page, rhymes, short, tiny};
use attune::protocol::explain::{
    Answer, Dials, HeadPlace, ModelPart, Moment, Question, Role, Switch, SwitchTo, floats, signed_difference, whole_numbers,
};
use attune::protocol::{Command, Event, FaultCode, RunConfig, SamplingConfig};

/// Asks and waits for the answer: run, step, answer, buffers.
#[track_caller]
pub fn ask(page: &mut Page, question: Question) -> (u32, u32, Answer, Vec<Vec<u8>>) {
    let request = page.next_request();
    page.send(Command::Ask { request, question });
    answer_to(page, request)
}

#[track_caller]
pub fn answer_to(page: &mut Page, wanted: u32) -> (u32, u32, Answer, Vec<Vec<u8>>) {
    page.until("an answer", |event| match event {
        Event::Answered { request, .. } if *request == wanted => Some(()),
        Event::Fault { request: Some(request), fault, .. } if *request == wanted => panic!("{fault:?}"),
        _ => None,
    });
    let found = page.events.iter().rev().find_map(|(event, buffers)| match event {
        Event::Answered { request, run, step, answer } if *request == wanted => Some((*run, *step, answer.clone(), buffers.clone())),
        _ => None,
    });
    found.unwrap()
}

/// Asks and waits for the refusal.
#[track_caller]
fn refused(page: &mut Page, command: impl FnOnce(u32) -> Command) -> FaultCode {
    let wanted = page.next_request();
    page.send(command(wanted));
    page.until("a refusal", |event| match event {
        Event::Fault { request: Some(request), fault, .. } if *request == wanted => Some(fault.code),
        Event::Answered { request, answer, .. } if *request == wanted => panic!("{answer:?}"),
        _ => None,
    })
}

/// A page with a run that has learned for some steps and is paused.
pub fn trained(steps: u32) -> Page {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Pin { sentence: "the cat sat on the cat.".to_owned() });
    page.send(Command::Start { run: 1 });
    page.until_step(steps);
    page.send(Command::Pause);
    page.rest();
    page.take();
    page
}

fn set_switches(page: &mut Page, switches: &[Switch]) -> (u32, u32, Answer, Vec<Vec<u8>>) {
    let request = page.next_request();
    page.send(Command::SetSwitches { request, switches: switches.to_vec() });
    answer_to(page, request)
}

#[test]
fn base_and_now_differ_after_training_and_not_before() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Pin { sentence: "the cat sat".to_owned() });
    let (run, step, answer, buffers) = ask(&mut page, Question::Compare { from: Moment::Base, to: Moment::Now });
    let Answer::Compared { changes, layers: 2, heads: 2, tokens, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((run, step, changes.len(), tokens.len()), (0, 0, 4, 11));
    assert!(changes.iter().all(|change| change.distance == 0.0) && buffers[0] == buffers[1]);

    let mut page = trained(25);
    let (run, step, answer, buffers) = ask(&mut page, Question::Compare { from: Moment::Base, to: Moment::Now });
    let Answer::Compared { from_step: 0, to_step, from_loss, to_loss, changes, tokens, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((run, to_step), (1, step));
    assert!(step >= 25 && to_loss.unwrap() < from_loss.unwrap() - 0.5, "{from_loss:?} to {to_loss:?}");
    assert!(changes.is_sorted_by(|a, b| a.distance >= b.distance) && changes[0].distance > 0.01, "{changes:?}");
    assert_eq!((buffers[0].len(), buffers[1].len()), (4 * tokens.len().pow(2), 4 * tokens.len().pow(2)));
    // The base frame is the one that was recorded at step 0, and rows of a difference add up to nothing.
    let (_, _, answer, recorded) = ask(&mut page, Question::Compare { from: Moment::Step { step: 0 }, to: Moment::Step { step } });
    let Answer::Compared { from_step: 0, to_step: nearest, .. } = answer else { panic!("{answer:?}") };
    assert!(nearest <= step && nearest > step - 5, "{nearest}");
    assert_eq!(recorded[0], buffers[0]);
    let count = tokens.len();
    for (from, to) in buffers[0].chunks(count).zip(buffers[1].chunks(count)) {
        let sum: f32 = from.iter().zip(to).map(|(&from, &to)| signed_difference(from, to)).sum();
        assert!(sum.abs() <= count as f32 / 255.0, "{sum}");
    }
}

#[test]
fn heads_get_roles_over_the_visitors_text() {
    let mut page = trained(30);
    let (run, step, answer, buffers) = ask(&mut page, Question::Roles);
    let Answer::Roles { windows, tokens, heads } = answer else { panic!("{answer:?}") };
    assert_eq!((run, step >= 30, windows, tokens, heads.len(), buffers.len()), (1, true, 8, 128, 4, 0));
    assert_eq!(heads[3].place, HeadPlace { layer: 1, head: 1 });
    for head in &heads {
        // An untrained head looks at everything alike.
        assert_eq!(head.base.role, Role::Broad, "{head:?}");
        assert!(head.base.entropy > 0.95 && head.now.entropy < head.base.entropy, "{head:?}");
        assert_eq!((head.shares.len(), head.chances.len()), (Role::SHARED.len(), Role::SHARED.len()));
        assert!(head.shares.iter().flatten().all(|share| (0.0..=1.0).contains(share)));
    }
    // The start is the same at any later time.
    let Answer::Roles { heads: again, .. } = ask(&mut page, Question::Roles).2 else { panic!() };
    assert_eq!(again, heads);
}

#[test]
fn switches_change_what_is_shown_and_written_but_not_training() {
    let mut page = trained(30);
    let all: Vec<Switch> = (0..2)
        .flat_map(|layer| {
            let heads = (0..2).map(move |head| ModelPart::Head { layer, head });
            heads.chain([ModelPart::Mlp { layer }]).map(|part| Switch { part, to: SwitchTo::Zero })
        })
        .collect();
    let (_, _, answer, buffers) = set_switches(&mut page, &all);
    let Answer::Switched { switches, plain_loss, switched_loss, plain_choices, switched_choices, tokens, .. } = answer else { panic!() };
    assert_eq!(switches, all);
    assert!(switched_loss.unwrap() > plain_loss.unwrap() + 0.3, "{plain_loss:?} {switched_loss:?}");
    assert_ne!(plain_choices, switched_choices);
    let losses: Vec<f32> = floats(&buffers[2]);
    assert_eq!((losses.len(), floats(&buffers[1]).len()), (tokens.len() - 1, tokens.len() - 1));
    assert!((losses.iter().sum::<f32>() / losses.len() as f32 - switched_loss.unwrap()).abs() < 1e-5);
    assert_eq!(buffers[0].len(), 4 * tokens.len().pow(2));

    // One head: the map says the same as the switch.
    let one = Switch { part: ModelPart::Head { layer: 1, head: 0 }, to: SwitchTo::Mean };
    let (_, _, answer, _) = set_switches(&mut page, &[one]);
    let Answer::Switched { plain_loss: Some(plain), switched_loss: Some(switched), .. } = answer else { panic!() };
    let (_, _, answer, _) = ask(&mut page, Question::SwitchMap { to: SwitchTo::Mean });
    let Answer::SwitchMap { loss, heads, mlps, .. } = answer else { panic!() };
    assert_eq!((heads.len(), heads[0].len(), mlps.len()), (2, 2, 2));
    assert!((loss - plain).abs() < 1e-5 && (heads[1][0] - (switched - plain)).abs() < 1e-4, "{heads:?}");

    // A patch with the base's weights is nothing before training, and something after it.
    let (_, _, answer, _) = ask(&mut page, Question::SwitchMap { to: SwitchTo::Base });
    let Answer::SwitchMap { heads, mlps, .. } = answer else { panic!() };
    assert!(heads.iter().flatten().chain(&mlps).any(|increase| increase.abs() > 1e-3), "{heads:?} {mlps:?}");

    // Writing: with everything off another text than with everything on, and the old one again afterwards.
    let write = |page: &mut Page| {
        let wanted = page.next_request();
        let sampling = SamplingConfig { temperature: 0.0, ..short(20) };
        page.send(Command::Generate { request: wanted, prompt: "the ".to_owned(), sampling });
        page.until("a text", |event| match event {
            Event::Written { request, text, .. } if *request == wanted => Some(text.clone()),
            _ => None,
        })
    };
    set_switches(&mut page, &[]);
    let plain = write(&mut page);
    set_switches(&mut page, &all);
    assert_ne!(write(&mut page), plain);
    set_switches(&mut page, &[]);
    assert_eq!(write(&mut page), plain);
}

#[test]
fn switches_and_questions_do_not_disturb_training() {
    let losses = |asks: bool| {
        let mut page = Page::open();
        page.ready(&RunConfig { steps: 24, ..tiny() });
        page.send(Command::Pin { sentence: "the cat sat".to_owned() });
        // The clock of these tests moves with every look at it, so that everything seems to take long.
        page.send(Command::SetRecording { share: 0.5 });
        page.send(Command::Start { run: 1 });
        if asks {
            page.until_step(6);
            let part = ModelPart::Head { layer: 0, head: 0 };
            let to = [SwitchTo::Zero, SwitchTo::Mean, SwitchTo::Base];
            page.send(Command::SetSwitches { request: 900, switches: to.map(|to| Switch { part, to }).to_vec() });
            page.send(Command::Ask { request: 901, question: Question::SwitchMap { to: SwitchTo::Mean } });
            page.send(Command::Ask { request: 902, question: Question::Roles });
            page.send(Command::Ask { request: 903, question: Question::Attribute { position: 4, token: None, at: Moment::Now } });
            page.send(Command::Pin { sentence: "the owl".to_owned() });
        }
        page.until_finished();
        page.rest();
        assert_eq!(page.fault_codes(), []);
        let told = page.events.iter().filter(|(event, _)| matches!(event, Event::Answered { request: 900, .. })).count();
        assert!(!asks || told > 3, "with every picture again: {told}");
        page.losses()
    };
    assert_eq!(losses(false), losses(true));
}

#[test]
fn attribution_lens_flow_and_arithmetic_say_the_same_model() {
    let mut page = trained(20);
    let (_, _, answer, buffers) = ask(&mut page, Question::Attribute { position: 6, token: None, at: Moment::Now });
    let Answer::Attributed { position: 6, token, tokens, log_probability, baseline_log_probability, gap, .. } = answer else { panic!() };
    assert_eq!(token.text, tokens[7], "the sentence's own next token");
    let (gradient, integrated) = (floats(&buffers[0]), floats(&buffers[1]));
    assert_eq!((gradient.len(), integrated.len()), (7, 7));
    let difference = log_probability - baseline_log_probability;
    assert!(gap <= 0.02 && (integrated.iter().sum::<f32>() - difference).abs() <= 0.02 * difference.abs().max(1e-3), "{gap}");
    assert!((token.probability.ln() - log_probability).abs() < 1e-4);
    let last = tokens.len() as u32 - 1;
    let Answer::Attributed { token: likeliest, .. } =
        ask(&mut page, Question::Attribute { position: last, token: None, at: Moment::Now }).2
    else {
        panic!()
    };
    let chosen = Question::Attribute { position: last, token: Some(likeliest.id), at: Moment::Now };
    let Answer::Attributed { token: same, .. } = ask(&mut page, chosen).2 else { panic!() };
    assert_eq!(same, likeliest);

    let (_, _, answer, lens) = ask(&mut page, Question::Lens { top: 3, at: Moment::Now });
    let Answer::Lens { rows: 3, top: 3, words, tokens } = answer else { panic!("{answer:?}") };
    let count = tokens.len();
    let (_, _, answer, flow) = ask(&mut page, Question::Flow { top: 3, at: Moment::Now, dials: Dials::NONE });
    let Answer::Flow { layers: 2, heads: 2, top: 3, words: flow_words, .. } = answer else { panic!("{answer:?}") };
    let lengths: Vec<usize> = flow.iter().map(|buffer| buffer.len() / 4 / count).collect();
    assert_eq!(lengths, [1, 4, 2, 2, 2, 3, 3, 3, 3]);
    // The lens's last row is the model's own answer, which is what the flow comes to.
    let said = |numbers: &[u32], words: &[String]| numbers.iter().map(|&word| words[word as usize].clone()).collect::<Vec<_>>();
    let numbers = whole_numbers(&lens[0]);
    assert_eq!(said(&numbers[2 * 3 * count..], &words), said(&whole_numbers(&flow[5]), &flow_words));
    let probabilities = floats(&lens[1]);
    let worst = probabilities[2 * 3 * count..].iter().zip(floats(&flow[7])).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst}");
    // Dials that change nothing leave the chances as the model has them; cold ones leave the likeliest alone; those without meaning are refused.
    let apart = floats(&flow[7]).iter().zip(floats(&flow[8])).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-5, "{apart}");
    let dials = Dials { temperature: 0.0, ..Dials::NONE };
    let (_, _, _, cold) = ask(&mut page, Question::Flow { top: 3, at: Moment::Now, dials });
    assert!(floats(&cold[8]).chunks(3).all(|row| row == [1.0, 0.0, 0.0]), "{:?}", floats(&cold[8]));
    let dials = Dials { temperature: f64::NAN, ..Dials::NONE };
    refused(&mut page, |request| Command::Ask { request, question: Question::Flow { top: 3, at: Moment::Now, dials } });
    assert_eq!(floats(&lens[2]).len(), 3 * count);
    assert_eq!(said(&[numbers[3 * (2 * count + count - 1)]], &words), [likeliest.text]);

    let (_, _, answer, parts) = ask(&mut page, Question::Arithmetic { layer: 1, head: 1, query: 5, at: Moment::Now });
    let Answer::Arithmetic { size: 16, scale: 0.25, .. } = answer else { panic!("{answer:?}") };
    let parts: Vec<Vec<f32>> = parts.iter().map(|part| floats(part)).collect();
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [16, 16 * count, count, count, count, count, 16 * count, 16]);
    let dot: f32 = parts[0].iter().zip(&parts[1][3 * 16..]).map(|(q, k)| q * k).sum();
    assert!((dot - parts[2][3]).abs() < 1e-4 && (dot * 0.25 - parts[3][3]).abs() < 1e-4 && parts[4][6] == f32::NEG_INFINITY);
    // Equal to the picture.
    page.send(Command::Pin { sentence: "the cat sat on the cat.".to_owned() });
    let picture = page.events.iter().rev().find_map(|(event, buffers)| match event {
        Event::Attention { frame } => Some((frame.clone(), buffers[0].clone())),
        _ => None,
    });
    let (frame, bytes) = picture.unwrap();
    for (key, weight) in parts[5].iter().enumerate() {
        let drawn = frame.weight(&bytes, 1, 1, 5, key).unwrap();
        assert!((drawn - weight).abs() <= 0.51 / 255.0, "{drawn} {weight}");
    }
}

#[test]
fn a_resumed_run_knows_its_base_and_its_questions() {
    let mut page = trained(20);
    let Answer::Compared { changes, .. } = ask(&mut page, Question::Compare { from: Moment::Base, to: Moment::Now }).2 else { panic!() };
    let disk = page.world().disk.clone();
    let mut page = Page::open_on(disk);
    page.send(Command::ResumeSaved { run: 2 });
    page.until("the run again", |event| matches!(event, Event::Prepared { .. }).then_some(()));
    page.rest();
    let (run, _, answer, _) = ask(&mut page, Question::Compare { from: Moment::Base, to: Moment::Now });
    let Answer::Compared { changes: again, .. } = answer else { panic!() };
    assert_eq!(run, 2);
    for (before, after) in changes.iter().zip(&again) {
        assert!((before.distance - after.distance).abs() < 1e-3, "{changes:?} {again:?}");
    }
}

#[test]
fn what_is_not_there_is_refused_and_the_rest_goes_on() {
    let mut page = Page::open();
    let question = |question: Question| move |request| Command::Ask { request, question };
    assert_eq!(refused(&mut page, question(Question::Roles)), FaultCode::SettingsRefused, "no model yet");
    let switch = |part| move |request| Command::SetSwitches { request, switches: vec![Switch { part, to: SwitchTo::Zero }] };
    assert_eq!(refused(&mut page, switch(ModelPart::Mlp { layer: 0 })), FaultCode::SettingsRefused);
    page.take();
    page.ready(&tiny());
    for (layer, head, query) in [(2, 0, 0), (0, 2, 0), (0, 0, 999), (u32::MAX, u32::MAX, u32::MAX)] {
        assert_eq!(refused(&mut page, question(Question::Arithmetic { layer, head, query, at: Moment::Now })), FaultCode::NoSuchPart);
    }
    for part in [ModelPart::Head { layer: 0, head: 2 }, ModelPart::Head { layer: 9, head: 0 }, ModelPart::Mlp { layer: 2 }] {
        assert_eq!(refused(&mut page, switch(part)), FaultCode::NoSuchPart);
    }
    assert_eq!(refused(&mut page, question(Question::Attribute { position: 500, token: None, at: Moment::Now })), FaultCode::NoSuchPart);
    assert_eq!(
        refused(&mut page, question(Question::Attribute { position: 0, token: Some(99_999), at: Moment::Now })),
        FaultCode::NoSuchPart
    );
    page.send(Command::Pin { sentence: "t".to_owned() });
    assert_eq!(
        refused(&mut page, question(Question::SwitchMap { to: SwitchTo::Zero })),
        FaultCode::NoSuchPart,
        "a single token has no loss"
    );
    // A single token can be looked at all the same.
    let Answer::Switched { plain_loss: None, .. } = set_switches(&mut page, &[]).2 else { panic!() };
    let Answer::Compared { .. } = ask(&mut page, Question::Compare { from: Moment::Base, to: Moment::Now }).2 else { panic!() };
    let Answer::Lens { .. } = ask(&mut page, Question::Lens { top: 0, at: Moment::Now }).2 else { panic!() };
    let Answer::Attributed { .. } = ask(&mut page, Question::Attribute { position: 0, token: None, at: Moment::Now }).2 else { panic!() };
    page.send(Command::Start { run: 1 });
    page.until_finished();
}

#[test]
fn sentences_that_cannot_be_read_leave_the_old_one() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Pin { sentence: "the cat".to_owned() });
    page.take();
    for (sentence, code) in [("", FaultCode::EmptyPrompt), (&rhymes()[..200], FaultCode::SentenceTooLong)] {
        page.send(Command::Pin { sentence: sentence.to_owned() });
        assert_eq!(page.only_fault().code, code);
        page.take();
    }
    let Answer::Compared { tokens, .. } = ask(&mut page, Question::Compare { from: Moment::Now, to: Moment::Now }).2 else { panic!() };
    assert_eq!(tokens.concat(), "the cat");
    page.send(Command::Pin { sentence: "the c\u{e4}t sat \u{1F600}".to_owned() });
    let unknown = page.until("the sentence", |event| match event {
        Event::Sentence { unknown, tokens, .. } => Some((unknown.clone(), tokens.len())),
        _ => None,
    });
    assert_eq!(unknown, (vec![5, 12], 13));
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn of_questions_of_one_kind_the_newest_is_answered() {
    let mut page = Page::open();
    page.ready(&tiny());
    for (request, query) in [(501, 0), (502, 1), (503, 2)] {
        page.send(Command::Ask { request, question: Question::Arithmetic { layer: 0, head: 0, query, at: Moment::Now } });
    }
    page.rest();
    let answered: Vec<u32> = page
        .events
        .iter()
        .filter_map(|(event, _)| match event {
            Event::Answered { request, .. } => Some(*request),
            _ => None,
        })
        .collect();
    assert_eq!(answered, [503]);
}
