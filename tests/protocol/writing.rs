//! Writing on from a prompt, other dials, and the attention of the pinned sentence.

use super::page::{Page, short, tiny};
use attune::protocol::{AttentionFrame, Command, Event, FaultCode, RunConfig, SamplingConfig, TokenChoice};

fn write(page: &mut Page, prompt: &str, sampling: SamplingConfig) -> (Vec<(String, f32, Vec<TokenChoice>)>, String) {
    let wanted = page.next_request() + 100;
    page.take();
    page.send(Command::Generate { request: wanted, prompt: prompt.to_owned(), sampling });
    let text = page.until("a text", |event| match event {
        Event::Written { request, text, tokens_per_second } if *request == wanted => {
            assert!(*tokens_per_second > 0.0);
            Some(text.clone())
        }
        Event::Fault { fault, .. } => panic!("{fault:?}"),
        _ => None,
    });
    let tokens = page.take().into_iter().filter_map(|event| match event {
        Event::Token { request, text, probability, choices } if request == wanted => Some((text, probability, choices)),
        _ => None,
    });
    (tokens.collect(), text)
}

fn frames(page: &mut Page) -> Vec<(AttentionFrame, Vec<u8>)> {
    let frames = page.events.drain(..).filter_map(|(event, mut buffers)| match event {
        Event::Attention { frame } => Some((frame, buffers.remove(0))),
        _ => None,
    });
    frames.collect()
}

#[test]
fn a_trained_model_writes_what_it_has_learned() {
    let mut page = Page::open();
    page.ready(&RunConfig { steps: 250, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    let greedy = SamplingConfig { temperature: 0.0, ..short(24) };
    let (tokens, text) = write(&mut page, "the cat s", greedy.clone());
    assert_eq!(tokens.len(), 24);
    assert!(text.starts_with("at on "), "{text}");
    assert_eq!(tokens.iter().map(|(text, ..)| text.as_str()).collect::<String>(), text);
    for (text, probability, choices) in &tokens {
        assert!((0.0..=1.0).contains(probability) && choices.iter().any(|choice| choice.text == *text), "{choices:?}");
    }
    let (_, again) = write(&mut page, "the cat s", greedy);
    assert_eq!(again, text);
}

#[test]
fn a_space_at_the_end_of_a_prompt_is_the_models_to_write() {
    let mut page = Page::open();
    page.ready(&RunConfig { steps: 250, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    let greedy = SamplingConfig { temperature: 0.0, ..short(8) };
    let (_, plain) = write(&mut page, "the cat sat", greedy.clone());
    let (tokens, spaced) = write(&mut page, "the cat sat ", greedy);
    assert!(plain.starts_with(" on "), "{plain}");
    assert_eq!(format!(" {spaced}"), plain);
    assert_eq!(tokens.iter().map(|(text, ..)| text.as_str()).collect::<String>(), spaced);
}

#[test]
fn a_text_longer_than_the_context_goes_on() {
    let mut page = Page::open();
    page.ready(&RunConfig { steps: 100, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    // The context is 32. A trained model does not end the text by chance.
    let (tokens, text) = write(&mut page, "the owl sat on the hen", short(90));
    assert_eq!((tokens.len(), text.chars().count()), (90, 90));
}

#[test]
fn writing_in_the_middle_of_training_disturbs_neither() {
    let config = RunConfig { steps: 30, ..tiny() };
    let mut alone = Page::open();
    alone.ready(&config);
    alone.send(Command::Start { run: 1 });
    alone.until_finished();

    let mut page = Page::open();
    page.ready(&config);
    page.send(Command::Start { run: 1 });
    page.until_step(10);
    let mut losses = page.losses();
    page.send(Command::Generate { request: 90, prompt: "the".to_owned(), sampling: short(12) });
    page.send(Command::Pause);
    page.rest();
    let written = |page: &Page| {
        page.events.iter().find_map(|(event, _)| match event {
            Event::Written { text, .. } => Some(text.clone()),
            _ => None,
        })
    };
    let paused = written(&page).unwrap();
    losses.extend(page.losses().into_iter().filter(|loss| !losses.contains(loss)).collect::<Vec<_>>());
    page.take();
    page.send(Command::Generate { request: 91, prompt: "the".to_owned(), sampling: short(12) });
    page.send(Command::Resume);
    page.until_finished();
    let (events, running) = (page.losses(), written(&page).unwrap());
    assert_eq!(paused, running, "the copy was taken at the same step, and stays as it was while training goes on");
    losses.extend(events);
    assert_eq!(losses, alone.losses());
}

#[test]
fn other_dials_use_the_stored_logits() {
    let mut page = Page::open();
    page.ready(&tiny());
    let plain = SamplingConfig { temperature: 1.0, top_k: 0, ..short(3) };
    let (tokens, _) = write(&mut page, "the c", plain.clone());
    page.take();
    let mut ask = |sampling: SamplingConfig| {
        page.send(Command::Reweigh { request: 500, sampling });
        match page.take().as_slice() {
            [Event::Choices { request: 500, choices }] => choices.clone(),
            other => panic!("{other:?}"),
        }
    };
    let same = ask(plain.clone());
    let first: Vec<&str> = tokens[0].2.iter().map(|choice| choice.text.as_str()).collect();
    assert!(same.iter().filter(|choice| first.contains(&choice.text.as_str())).count() >= 9, "{same:?} and {first:?}");
    let cold = ask(SamplingConfig { temperature: 0.05, ..plain.clone() });
    assert!(cold[0].probability > same[0].probability && cold[0].id == same[0].id);
    assert_eq!(ask(SamplingConfig { top_k: 2, ..plain }).len(), 2);
}

#[test]
fn writing_can_be_stopped() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Generate { request: 40, prompt: "the".to_owned(), sampling: short(500) });
    for _ in 0..5 {
        page.tick();
    }
    page.take();
    page.send(Command::StopGenerate);
    assert!(matches!(page.take().as_slice(), [Event::Written { request: 40, .. }]));
    assert!(!page.tick());
    page.send(Command::StopGenerate);
    assert_eq!(page.take(), []);
}

#[test]
fn a_prompt_without_words_and_dials_without_sense_are_refused() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Reweigh { request: 1, sampling: short(1) });
    page.send(Command::Generate { request: 2, prompt: String::new(), sampling: short(5) });
    page.send(Command::Generate { request: 3, prompt: "the".to_owned(), sampling: SamplingConfig { temperature: -1.0, ..short(5) } });
    page.rest();
    assert_eq!(page.fault_codes(), [FaultCode::EmptyPrompt, FaultCode::EmptyPrompt, FaultCode::SettingsRefused]);
    assert_eq!(write(&mut page, "the", short(5)).0.len(), 5, "and then it writes");
}

#[test]
fn the_pinned_sentence_is_pictured_before_and_while_training() {
    let mut page = Page::open();
    page.send(Command::Pin { sentence: "the cat sat".to_owned() });
    assert_eq!(frames(&mut page), [], "no model yet");
    page.ready(&tiny());
    let untrained = frames(&mut page);
    assert_eq!(untrained.len(), 1);
    let (head, bytes) = &untrained[0];
    assert_eq!((head.step, head.layers, head.heads, head.tokens.join("").as_str()), (0, 2, 2, "the cat sat"));
    assert_eq!(bytes.len(), head.buffer_len());

    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    let trained = frames(&mut page);
    let steps: Vec<u32> = trained.iter().map(|(head, _)| head.step).collect();
    assert!(steps.len() > 3 && steps.is_sorted() && steps[0] == 0 && steps.last() == Some(&40), "{steps:?}");
    assert_eq!(trained[0].1, *bytes, "the first is the untrained model's");
    assert_ne!(trained.last().unwrap().1, *bytes);
    assert!(trained.iter().all(|(head, _)| head.run == 1));
    assert!(trained.last().unwrap().0.loss.unwrap() < trained[0].0.loss.unwrap() - 1.0);

    page.send(Command::Pin { sentence: "the hen".to_owned() });
    let other = frames(&mut page);
    assert_eq!((other.len(), other[0].0.step, other[0].0.tokens.len()), (1, 40, 7));
}

#[test]
fn a_line_of_the_text_is_pictured_until_a_sentence_is_chosen() {
    let mut page = Page::open();
    page.ready(&tiny());
    let frames = frames(&mut page);
    assert_eq!(frames.len(), 1);
    let sentence = frames[0].0.tokens.concat();
    assert!(super::page::rhymes().contains(&sentence) && frames[0].0.tokens.len() == 20, "{sentence}");
}

#[test]
fn a_sentence_that_cannot_be_shown_leaves_the_old_one() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Pin { sentence: "the cat".to_owned() });
    page.take();
    page.send(Command::Pin { sentence: "the cat sat on the hen sat on the owl".to_owned() });
    page.send(Command::Pin { sentence: String::new() });
    assert_eq!(page.fault_codes(), [FaultCode::SentenceTooLong, FaultCode::EmptyPrompt]);
    page.take();
    page.send(Command::Start { run: 1 });
    page.until_step(3);
    assert_eq!(frames(&mut page)[0].0.tokens.join(""), "the cat");
}
