//! Open, prepare, start, pause, step, stop: what a visitor does in ten minutes.

use super::page::{Page, rhymes, tiny};
use attune::protocol::{BaseModel, Command, DeviceKind, Event, FileHead, RunConfig, RunPhase, Start, StopReason, TokenizerChoice, Verdict};

#[test]
fn a_text_is_opened_and_a_run_learns_it() {
    let mut page = Page::open();
    assert!(matches!(page.events[0].0, Event::Ready { .. }));
    assert!(matches!(page.events[1].0, Event::Resumable { saved: None }));
    assert!(matches!(&page.events[2].0, Event::ModelsKept { models } if models.is_empty()));
    assert!(matches!(&page.events[3].0, Event::Device { device } if device.kind == DeviceKind::Cpu && device.fallback.is_none()));

    let plan = page.ready(&tiny());
    let vocabulary = u64::from(plan.vocab_size);
    assert!((15..25).contains(&vocabulary), "the letters of the rhymes, the line end and two special tokens: {vocabulary}");
    assert_eq!(plan.parameters, (vocabulary + 32) * 32 + 2 * (12 * 32 * 32 + 13 * 32) + 64);
    assert_eq!(plan.train_tokens + plan.validation_tokens, rhymes().len() as u64);
    assert_eq!((plan.unknown_tokens, plan.preview.len(), plan.verdict), (0, 2, Verdict::Fine));
    let seen: String = plan.preview[0].iter().map(|piece| piece.text.as_str()).collect();
    assert!(rhymes().starts_with(&seen) && seen.len() == 16, "{seen}");
    assert!(plan.tokens_per_second > 0.0 && plan.expected_seconds > 0.0 && plan.memory.total() > 16 * plan.parameters);
    assert!((plan.epochs - 40.0 * 64.0 / plan.train_tokens as f64).abs() < 1e-9);

    page.send(Command::Start { run: 1 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    page.rest();
    let losses = page.losses();
    assert_eq!(losses.iter().map(|(step, _)| *step).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    let (first, last) = (losses[0].1, losses[39].1);
    assert!((f64::from(first) - (vocabulary as f64).ln()).abs() < 0.2, "an untrained model knows nothing: {first}");
    assert!(last < first - 1.0, "{first} to {last}");
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn evaluations_samples_and_checkpoints_come_with_their_steps() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.take();
    page.send(Command::Start { run: 7 });
    page.until_finished();
    page.rest();
    let (mut evaluated, mut sampled, mut saved) = (Vec::new(), Vec::new(), Vec::new());
    for event in page.take() {
        match event {
            Event::Evaluated { run: 7, step, validation, training, bits_per_byte } => {
                // One character is one byte here.
                assert!((bits_per_byte - validation / std::f32::consts::LN_2).abs() < 1e-4);
                evaluated.push((step, validation, training));
            }
            Event::Sample { run: 7, step, text, .. } => {
                assert!(!text.is_empty());
                sampled.push(step);
            }
            Event::Saved { run: 7, step, bytes } => {
                assert!(bytes > 1_000);
                saved.push(step);
            }
            Event::Phase { run, .. } | Event::Step { run, .. } => assert_eq!(run, 7),
            Event::Attention { frame } => assert_eq!(frame.run, 7),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(evaluated.iter().map(|(step, ..)| *step).collect::<Vec<_>>(), [0, 20, 40]);
    assert!(evaluated[2].1 < evaluated[0].1 - 1.0 && evaluated[2].2 < evaluated[0].2 - 1.0, "{evaluated:?}");
    assert_eq!(sampled, [0, 20, 40]);
    assert_eq!(saved.last(), Some(&40));
    assert!(saved.len() > 1, "on the clock, and at the end: {saved:?}");
}

#[test]
fn pause_resume_step_and_stop_are_obeyed_at_once() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Start { run: 1 });
    page.until_step(5);
    page.take();

    page.send(Command::Pause);
    let events = page.take();
    assert!(events.iter().any(|event| matches!(event, Event::Phase { run: 1, phase: RunPhase::Paused })), "{events:?}");
    page.rest();
    assert_eq!(page.losses(), [], "a paused run takes no steps");
    let saved = |event: &Event| matches!(event, Event::Saved { run: 1, .. });
    assert!(page.take().iter().any(saved), "a paused run is safe");

    page.send(Command::Step);
    page.rest();
    assert_eq!(page.losses().len(), 1);
    assert!(matches!(
        page.events.iter().map(|(event, _)| event).find(|event| matches!(event, Event::Phase { .. })),
        Some(Event::Phase { phase: RunPhase::Paused, .. })
    ));
    let step = page.losses()[0].0;

    page.take();
    page.send(Command::Resume);
    page.until_step(step + 2);
    page.take();
    page.send(Command::Stop);
    assert!(page.take().contains(&Event::Phase { run: 1, phase: RunPhase::Finished { reason: StopReason::Stopped } }));
    page.rest();
    assert_eq!(page.losses(), []);
    for command in [Command::Resume, Command::Step] {
        page.send(command);
        page.rest();
        assert_eq!(page.losses(), [], "it has ended");
    }
}

#[test]
fn the_same_seed_gives_the_same_losses_and_another_seed_others() {
    let losses = |seed| {
        let mut page = Page::open();
        page.ready(&RunConfig { seed, steps: 8, dropout: 0.1, ..tiny() });
        page.send(Command::Start { run: 1 });
        page.until_finished();
        page.losses()
    };
    let once = losses(3);
    assert_eq!(once.len(), 8);
    assert_eq!(once, losses(3));
    assert_ne!(once, losses(4));
}

#[test]
fn measuring_the_speed_does_not_touch_the_run() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.prepare(&RunConfig { batch_size: 2, ..tiny() });
    page.prepare(&RunConfig { steps: 8, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    let mut fresh = Page::open();
    fresh.ready(&RunConfig { steps: 8, ..tiny() });
    fresh.send(Command::Start { run: 1 });
    fresh.until_finished();
    assert_eq!(page.losses(), fresh.losses());
}

#[test]
fn a_prepared_run_can_be_started_again_from_the_beginning() {
    let mut page = Page::open();
    page.ready(&RunConfig { steps: 6, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    let first = page.losses();
    page.take();
    page.send(Command::Start { run: 2 });
    page.until_finished();
    assert_eq!(page.losses(), first);
}

#[test]
fn what_was_measured_and_read_is_not_done_again() {
    let mut page = Page::open();
    let first = page.ready(&tiny());
    page.take();
    let second = page.prepare(&RunConfig { steps: 80, ..tiny() });
    let measuring = |event: &Event| matches!(event, Event::Phase { phase: RunPhase::Measuring, .. });
    assert!(!page.take().iter().any(measuring));
    assert_eq!(first.tokens_per_second, second.tokens_per_second);
    assert!(second.expected_seconds > 1.5 * first.expected_seconds);
}

#[test]
fn the_learning_rate_changes_at_once_and_within_limits() {
    let mut page = Page::open();
    page.ready(&RunConfig { schedule: attune::protocol::LearningRateSchedule::Constant, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_step(4);
    page.take();
    for (value, expected) in [(5e-4, 5e-4), (7.0, 0.1)] {
        page.send(Command::SetLearningRate { value });
        let rate = page.until("a step", |event| match event {
            Event::Step { report, .. } => Some(report.learning_rate),
            _ => None,
        });
        assert_eq!(rate, expected);
        page.take();
    }
}

#[test]
fn accumulated_passes_see_the_same_windows() {
    let losses = |batch_size, accumulation| {
        let mut page = Page::open();
        page.ready(&RunConfig { batch_size, accumulation, steps: 10, ..tiny() });
        page.send(Command::Start { run: 1 });
        page.until_finished();
        page.losses()
    };
    for ((step, whole), (_, halves)) in losses(4, 1).into_iter().zip(losses(2, 2)) {
        assert!((whole - halves).abs() < 2e-4, "step {step}: {whole} and {halves}");
    }
}

#[test]
fn the_bundled_model_starts_where_pretraining_left_it() {
    let mut page = Page::open();
    let start = Start::Base { model: BaseModel::NANO };
    page.open_text(&std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/static/samples/tales.txt")).unwrap());
    let plan =
        page.prepare(&RunConfig { start, steps: 2, batch_size: 1, window: 64, learning_rate: 1e-6, evaluation_windows: 4, ..tiny() });
    assert_eq!((plan.parameters, plan.vocab_size, plan.n_ctx), (1_350_400, 4_096, 256));
    let loaded = |event: &Event| matches!(event, Event::Phase { phase: RunPhase::LoadingModel { done_bytes, total_bytes }, .. } if done_bytes == total_bytes && *done_bytes > 2_000_000);
    assert!(page.take().iter().any(loaded));
    page.send(Command::Start { run: 1 });
    page.until_finished();
    // Prose that it has not seen costs the model some five nats; noise would cost ln 4096 = 8.3.
    for (step, loss) in page.losses() {
        assert!((3.0..6.5).contains(&loss), "step {step}: {loss}");
    }
}

#[test]
fn a_byte_level_tokenizer_is_learned_from_the_text() {
    let mut page = Page::open();
    let Start::Scratch { size, .. } = tiny().start else { unreachable!() };
    let start = Start::Scratch { size, tokenizer: TokenizerChoice::Bpe { vocab_size: 280 } };
    let plan = page.ready(&RunConfig { start, ..tiny() });
    assert!((257..=280).contains(&plan.vocab_size), "{}", plan.vocab_size);
    assert!(plan.train_tokens + plan.validation_tokens < rhymes().len() as u64 / 2, "words are single tokens");
}

#[test]
fn repeated_messages_do_no_harm() {
    let mut page = Page::open();
    let text = rhymes().into_bytes();
    let files = vec![FileHead { name: "a.txt".to_owned(), encoding: None }];
    for _ in 0..2 {
        page.send_with(Command::OpenText { request: 1, files: files.clone() }, vec![text.clone()]);
    }
    for _ in 0..2 {
        page.send(Command::Prepare { request: 2, config: RunConfig { steps: 12, ..tiny() } });
    }
    page.rest();
    page.send(Command::Prepare { request: 2, config: RunConfig { steps: 12, ..tiny() } });
    let plans = page.take().into_iter().filter(|event| matches!(event, Event::Prepared { request: 2, .. })).count();
    assert_eq!(plans, 2, "one for the plan, one for the repetition after it");
    for _ in 0..3 {
        page.send(Command::Start { run: 1 });
        page.tick();
    }
    page.until_step(6);
    for _ in 0..2 {
        page.send(Command::Pause);
    }
    page.send(Command::Prepare { request: 2, config: RunConfig { steps: 12, ..tiny() } });
    for _ in 0..2 {
        page.send(Command::Resume);
        page.send(Command::Start { run: 1 });
    }
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    for _ in 0..2 {
        page.send(Command::Stop);
    }
    page.rest();
    let mut fresh = Page::open();
    fresh.ready(&RunConfig { steps: 12, ..tiny() });
    fresh.send(Command::Start { run: 1 });
    fresh.until_finished();
    assert_eq!(page.losses(), fresh.losses());
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn start_waits_for_the_plan_that_is_being_made() {
    let mut page = Page::open();
    page.open_text(&rhymes());
    page.send(Command::Prepare { request: 5, config: RunConfig { steps: 3, ..tiny() } });
    page.send(Command::Start { run: 1 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    assert_eq!(page.losses().len(), 3);
}

#[test]
fn preparing_again_ends_the_run_and_keeps_it() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Start { run: 1 });
    page.until_step(5);
    page.take();
    page.prepare(&RunConfig { batch_size: 2, ..tiny() });
    let events = page.take();
    assert!(events.contains(&Event::Phase { run: 1, phase: RunPhase::Finished { reason: StopReason::Stopped } }));
    assert!(events.iter().any(|event| matches!(event, Event::Saved { run: 1, .. })));
    page.rest();
    assert_eq!(page.losses(), []);
}
