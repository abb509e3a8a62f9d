//! Everything that can go wrong natively: each ends in one fault with its code, and the engine goes on answering.

use super::page::{Page, rhymes, tiny};
use attune::engine::HostError;
use attune::protocol::{
    Command, Event, FaultCode, FileHead, InjectedFault, ModelSize, NextAction, RunConfig, RunPhase, Start, StopReason, TokenizerChoice,
};

/// Still answers: a run of two steps.
fn works(page: &mut Page) {
    page.take();
    page.ready(&RunConfig { steps: 2, ..tiny() });
    page.send(Command::Start { run: 1_000 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn texts_that_cannot_be_learned_are_refused_and_the_old_one_stays() {
    let mut page = Page::open();
    page.open_text("");
    page.open_text("too short");
    page.open_text(&"\u{0}\u{1}\u{2}PNG".repeat(200));
    assert_eq!(page.fault_codes(), [FaultCode::EmptyText, FaultCode::TextTooShort, FaultCode::BinaryFile]);
    assert!(page.faults().iter().all(|fault| fault.action == NextAction::ChooseText && !fault.detail.is_empty()));
    page.open_text(&rhymes());
    page.open_text("");
    page.take();
    page.prepare(&RunConfig { steps: 1, ..tiny() });
    works(&mut page);
}

#[test]
fn a_fault_names_the_request_that_failed() {
    let mut page = Page::open();
    let files = vec![FileHead { name: "empty.txt".to_owned(), encoding: None }];
    page.send_with(Command::OpenText { request: 77, files }, vec![Vec::new()]);
    assert!(matches!(page.take().last(), Some(Event::Fault { request: Some(77), run: None, .. })));
    page.send(Command::Prepare { request: 78, config: tiny() });
    let events = page.take();
    assert!(
        matches!(events.as_slice(), [Event::Fault { request: Some(78), fault, .. }] if fault.code == FaultCode::EmptyText),
        "{events:?}"
    );
}

#[test]
fn commands_out_of_turn_and_messages_that_are_none_do_no_harm() {
    let mut page = Page::open();
    page.take();
    for command in [Command::Pause, Command::Resume, Command::Step, Command::Stop, Command::Save, Command::StopGenerate] {
        page.send(command);
    }
    page.send(Command::SetLearningRate { value: 1e9 });
    page.rest();
    assert_eq!(page.take(), []);
    page.send(Command::Start { run: 1 });
    page.send(Command::Generate { request: 1, prompt: "a".to_owned(), sampling: super::page::short(3) });
    assert_eq!(page.fault_codes(), [FaultCode::SettingsRefused, FaultCode::SettingsRefused]);
    page.take();
    page.send_raw(b"\xff\xff\x01 make tea");
    page.send_raw(b"");
    assert_eq!(page.fault_codes(), [FaultCode::OutdatedEngine, FaultCode::OutdatedEngine]);
    works(&mut page);
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_and_keeps_the_checkpoint() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Start { run: 1 });
    page.until_step(5);
    page.send(Command::Save);
    page.take();
    page.send(Command::InjectFault { fault: InjectedFault::NanLoss });
    page.rest();
    let fault = page.only_fault();
    assert_eq!((fault.code, fault.action), (FaultCode::LossNotFinite, NextAction::LowerLearningRate));
    let events = page.take();
    assert!(events.contains(&Event::Phase { run: 1, phase: RunPhase::Finished { reason: StopReason::Fault } }));
    assert!(!events.iter().any(|event| matches!(event, Event::Saved { .. })), "a broken model is not kept");
    page.send(Command::Save);
    assert_eq!(page.take(), []);

    page.send(Command::ResumeSaved { run: 2 });
    page.send(Command::SetLearningRate { value: 1e-3 });
    assert_eq!(page.until_finished(), StopReason::AllSteps, "from the last good checkpoint");
    works(&mut page);
}

#[test]
fn a_loss_that_explodes_ends_the_run() {
    let mut page = Page::open();
    // From scratch a loss cannot rise far above its start, so it must have fallen first.
    page.ready(&RunConfig { steps: 600, clip_norm: 0.0, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_step(150);
    page.take();
    page.send(Command::SetLearningRate { value: 0.1 });
    page.until("the fault", |event| match event {
        Event::Fault { run: Some(1), fault, .. } => {
            assert!(matches!(fault.code, FaultCode::LossExploded | FaultCode::LossNotFinite), "{fault:?}");
            assert_eq!(fault.action, NextAction::LowerLearningRate);
            Some(())
        }
        _ => None,
    });
    works(&mut page);
}

#[test]
fn a_full_storage_is_told_once_and_training_goes_on() {
    let mut page = Page::open();
    page.ready(&tiny());
    *page.world().disk.refuses.borrow_mut() = Some(HostError::StorageFull("no room".to_owned()));
    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    assert!(page.fault_codes().iter().all(|code| *code == FaultCode::StorageFull) && page.faults().len() <= 2, "{:?}", page.faults());
    assert_eq!(page.losses().len(), 40);
    assert!(!page.take().iter().any(|event| matches!(event, Event::Saved { .. })));
}

#[test]
fn nonsense_settings_are_pulled_into_range() {
    let mut page = Page::open();
    page.open_text(&rhymes());
    let start = Start::Scratch { size: ModelSize { n_layer: 0, n_head: 3, n_embd: 1, n_ctx: 3 }, tokenizer: TokenizerChoice::Characters };
    let wild = RunConfig { start, steps: 0, batch_size: 0, window: 5_000, accumulation: 0, learning_rate: -3.0, dropout: 9.0, ..tiny() };
    let plan = page.prepare(&wild);
    assert_eq!((plan.config.steps, plan.config.batch_size, plan.config.window, plan.n_layer), (1, 1, 16, 1));
    page.send(Command::Start { run: 1 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
}

#[test]
fn a_text_shorter_than_its_window_gets_a_shorter_window() {
    let mut page = Page::open();
    page.open_text(&rhymes()[..240]);
    let Start::Scratch { size, tokenizer } = tiny().start else { unreachable!() };
    let start = Start::Scratch { size: ModelSize { n_ctx: 512, ..size }, tokenizer };
    let plan = page.prepare(&RunConfig { start, window: 512, steps: 2, ..tiny() });
    assert!(plan.config.window < 240, "{}", plan.config.window);
    page.send(Command::Start { run: 1 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
}

#[test]
fn a_packet_keeps_its_buffers_apart() {
    let mut page = Page::open();
    let files = ["a.txt", "b.txt"].map(|name| FileHead { name: name.to_owned(), encoding: None }).to_vec();
    page.send_with(Command::OpenText { request: 1, files }, vec![rhymes().into_bytes(), "An end.".repeat(40).into_bytes()]);
    let report = page.until("a text", |event| match event {
        Event::TextReady { report, .. } => Some(report.clone()),
        _ => None,
    });
    assert_eq!(report.files.iter().map(|file| file.bytes).collect::<Vec<_>>(), [rhymes().len() as u64, 280]);
    // A buffer too few: the files that did come are read.
    let files = ["a.txt", "b.txt"].map(|name| FileHead { name: name.to_owned(), encoding: None }).to_vec();
    page.send_with(Command::OpenText { request: 2, files }, vec![rhymes().into_bytes()]);
    assert_eq!(page.fault_codes(), []);
}
