//! What events change in the page's state, event by event, without a browser.

use super::*;
use crate::protocol::*;

fn report(step: u32, loss: f32) -> StepReport {
    StepReport { step, loss, learning_rate: 1e-3, gradient_norm: 1.0, tokens_per_second: 2_000.0, seconds_left: 9.0 }
}

fn frame(run: u32, step: u32, tokens: &[&str]) -> (Event, Vec<Vec<u8>>) {
    let tokens: Vec<String> = tokens.iter().map(|&token| token.to_owned()).collect();
    let head = AttentionFrame { run, step, layers: 2, heads: 2, tokens, loss: None };
    let weights = vec![(step % 256) as u8; head.buffer_len()];
    (Event::Attention { frame: head }, vec![weights])
}

fn step(state: &mut RunState, run: u32, at: u32, loss: f32) -> Parts {
    state.apply(Event::Step { run, report: report(at, loss) }, vec![])
}

fn running() -> RunState {
    let mut state = RunState::default();
    state.begin_run(1);
    state.apply(Event::Phase { run: 1, phase: RunPhase::Running }, vec![]);
    state
}

#[test]
fn steps_build_the_curve_and_touch_only_their_parts() {
    let mut state = running();
    assert_eq!(step(&mut state, 1, 5, 4.0), Parts::of(&[Part::Step, Part::Loss]));
    step(&mut state, 1, 9, 3.5);
    assert_eq!(state.training.iter().map(|point| point.step).collect::<Vec<_>>(), [5, 9]);
    assert_eq!(state.steps_done(), 9);
}

#[test]
fn repeated_late_and_foreign_messages_change_nothing() {
    let mut state = running();
    step(&mut state, 1, 5, 4.0);
    let before = state.clone();
    assert!(step(&mut state, 1, 5, 9.0).is_empty());
    assert!(step(&mut state, 1, 3, 9.0).is_empty());
    assert!(step(&mut state, 7, 8, 9.0).is_empty());
    assert!(state.apply(Event::Phase { run: 7, phase: RunPhase::Paused }, vec![]).is_empty());
    let (event, buffers) = frame(7, 8, &["a", "b"]);
    assert!(state.apply(event, buffers).is_empty());
    assert_eq!(state, before);
}

#[test]
fn a_late_running_of_the_last_run_does_not_start_the_next() {
    let mut state = running();
    state.reset_run();
    assert!(state.apply(Event::Phase { run: 1, phase: RunPhase::Running }, vec![]).is_empty());
    assert_eq!(state.stage, Stage::Idle);
    assert!(!state.apply(Event::Phase { run: 0, phase: RunPhase::Measuring }, vec![]).is_empty());
}

#[test]
fn attention_keeps_its_base_through_the_start_and_thins_evenly() {
    let mut state = RunState::default();
    let (event, buffers) = frame(0, 0, &["a", "b"]);
    state.apply(event, buffers);
    state.begin_run(1);
    for step in 1..=1000 {
        let (event, buffers) = frame(1, step, &["a", "b"]);
        state.apply(event, buffers);
    }
    let steps: Vec<u32> = state.attention.frames().iter().map(|frame| frame.mark.step).collect();
    assert!(steps.len() <= past::MOST_FRAMES);
    assert_eq!((steps.first(), steps.last()), (Some(&0), Some(&1000)));
    assert!(steps.windows(2).all(|pair| pair[0] < pair[1]));
    state.attention.show(Some(500));
    assert!(state.attention.shown().is_some_and(|frame| frame.head.step <= 500 && frame.head.step > 480));
}

#[test]
fn another_sentence_begins_a_new_history_and_a_short_buffer_is_refused() {
    let mut state = running();
    for step in 1..4 {
        let (event, buffers) = frame(1, step, &["a", "b"]);
        state.apply(event, buffers);
    }
    let (event, buffers) = frame(1, 3, &["c"]);
    state.apply(event, buffers);
    assert_eq!(state.attention.frames().len(), 1);
    let (event, _) = frame(1, 4, &["c"]);
    assert!(state.apply(event, vec![vec![0; 3]]).is_empty());
}

fn text() -> TextReport {
    let check =
        DataCheck { characters: 1, lines: 1, alphabet: 1, rare_characters: vec![], duplicate_lines: 0, language: Language::English };
    TextReport { files: vec![], check, excerpt: "x".into(), table: None }
}

#[test]
fn only_the_awaited_text_is_taken() {
    let report = text();
    let mut state = RunState { pending_text: Some(4), ..RunState::default() };
    assert!(state.apply(Event::TextReady { request: 3, report: report.clone() }, vec![]).is_empty());
    assert!(state.apply(Event::TextReady { request: 4, report: report.clone() }, vec![]).contains(Part::Text));
    assert_eq!(state.pending_text, None);
    // A saved run is taken up again while the text is still being read: the late answer is nobody's.
    state.pending_text = Some(5);
    let saved = SavedRun {
        run: 1,
        step: 3,
        steps: 9,
        title: "a".into(),
        saved_at: 0,
        settings: SavedSettings::Text { config: RunConfig::default() },
        bytes: 1,
    };
    state.begin_resumed(2, &saved);
    assert!(state.apply(Event::TextReady { request: 5, report }, vec![]).is_empty());
}

#[test]
fn a_fault_that_answers_a_request_ends_the_wait_and_stays_on_record() {
    let mut state =
        RunState { pending_text: Some(4), pending_title: "photo.png".into(), text_title: "Tales".into(), ..RunState::default() };
    let fault = Fault::new(FaultCode::BinaryFile, NextAction::ChooseText, "photo.png");
    let event = Event::Fault { request: Some(4), run: None, fault };
    assert!(state.apply(event.clone(), vec![]).contains(Part::Text));
    assert_eq!((state.pending_text, state.text_title.as_str()), (None, "Tales"));
    state.apply(event, vec![]);
    assert_eq!((state.faults.len(), state.faults[0].times), (1, 2));
}

fn plan(start: Start) -> Plan {
    Plan {
        parameters: 9,
        vocab_size: 9,
        n_layer: 1,
        n_head: 1,
        n_embd: 4,
        n_ctx: 8,
        train_tokens: 90,
        validation_tokens: 10,
        epochs: 1.0,
        unknown_tokens: 0,
        preview: vec![],
        verdict: Verdict::Fine,
        tokens_per_second: 1.0,
        expected_seconds: 1.0,
        config: RunConfig { start, ..RunConfig::default() },
        frozen_parameters: 0,
        memory: MemoryUse::default(),
    }
}

#[test]
fn nothing_starts_from_a_plan_of_another_text_or_of_what_could_not_be_had() {
    use crate::page::conductor::can_start;
    let nano = Start::Base { model: BaseModel::NANO };
    let other = Start::Base { model: BaseModel::named("other").unwrap() };
    let mut state = RunState { engine_ready: true, pending_plan: Some(1), ..RunState::default() };
    state.apply(Event::Prepared { request: 1, plan: plan(nano) }, vec![]);
    state.writing = Writing {
        tokens: vec![WrittenToken { text: "a".into(), probability: 0.5, choices: vec![] }],
        weighable: true,
        ..Writing::default()
    };
    assert!(can_start(&state) && state.planned_start() == Some(nano));
    // A plan of other settings cannot be had.
    state.pending_plan = Some(2);
    assert_eq!((can_start(&state), state.planned_start()), (false, None));
    state.apply(
        Event::Fault { request: Some(2), run: None, fault: Fault::new(FaultCode::OutOfMemory, NextAction::SmallerBatch, "") },
        vec![],
    );
    assert!(!can_start(&state) && state.plan.is_some(), "what was prepared before still writes, but does not start");
    // One of the same model: its writing stays, but its dials have nothing to weigh.
    state.pending_plan = Some(3);
    state.apply(Event::Prepared { request: 3, plan: plan(nano) }, vec![]);
    assert!(can_start(&state) && !state.writing.tokens.is_empty() && !state.writing.weighable);
    // Another model: what the one before wrote is not its own.
    state.pending_plan = Some(4);
    state.apply(Event::Prepared { request: 4, plan: plan(other) }, vec![]);
    assert_eq!((can_start(&state), &state.writing), (true, &Writing::default()));
    // Another text.
    state.pending_text = Some(5);
    state.apply(Event::TextReady { request: 5, report: text() }, vec![]);
    assert!(!can_start(&state));
}

#[test]
fn a_resumed_run_keeps_what_came_before_its_checkpoint() {
    let mut state = running();
    for at in [5, 10, 15] {
        step(&mut state, 1, at, 4.0);
    }
    let saved = SavedRun {
        run: 1,
        step: 10,
        steps: 300,
        title: "t".into(),
        saved_at: 0,
        settings: SavedSettings::Text { config: RunConfig::default() },
        bytes: 9,
    };
    state.lose_engine();
    assert_eq!(state.stage, Stage::Finished(StopReason::Fault));
    state.begin_resumed(2, &saved);
    assert_eq!((state.steps_done(), state.steps_at_stake()), (0, 10));
    assert_eq!(state.training.len(), 2);
    assert!(step(&mut state, 1, 11, 4.0).is_empty());
    // The engine tells the whole run again.
    for at in [5, 10, 11] {
        assert!(step(&mut state, 2, at, 4.0).contains(Part::Step));
    }
    assert_eq!(state.training.iter().map(|point| point.step).collect::<Vec<_>>(), [5, 10, 11]);
}

#[test]
fn a_run_over_labelled_texts_is_taken_up_again_with_its_table_and_told_again() {
    use crate::protocol::labels::*;
    let columns = TaskColumns {
        task: TableTask::Classify,
        text: 0,
        second: None,
        target: Some(1),
        more_targets: vec![],
        split: None,
        label_separator: None,
    };
    let config = LabelConfig::new(LabelChoice { columns, merge_labels: false, split: SplitOptions::default() });
    let settings = SavedSettings::Labels { config: Box::new(config), epoch: 1 };
    let saved = SavedRun { run: 4, step: 20, steps: 80, title: "a.csv".into(), saved_at: 0, settings, bytes: 9 };
    let file =
        |name: &str| FileReport { name: name.into(), bytes: 1, characters: 1, encoding: "utf-8".into(), guessed: false, replaced: 0 };
    let reading = |name: &str| TableReading {
        form: TableForm::Delimited,
        files: vec![file(name)],
        separator: None,
        quote: None,
        header: None,
        token_column: None,
        tag_column: None,
        columns: vec![],
        counts: RowCounts::default(),
        findings: vec![],
        excerpt: vec![],
    };
    let proposal = TableProposal { columns: vec![], proposals: vec![], findings: vec![] };
    let ready =
        |request, name| Event::Labels { request, answer: LabelAnswer::TableReady { reading: reading(name), proposal: proposal.clone() } };
    let epoch = |epoch: u32, best| {
        let scores = PartScores { rows: 1, loss: 0.5, figures: vec![] };
        let report = EpochReport { epoch, step: epoch * 10, training: scores.clone(), validation: Some(scores), best };
        Event::LabelRun { run: 5, news: LabelNews::Epoch { report } }
    };
    let mut state = RunState { text_title: "Tales".into(), ..RunState::default() };
    assert!(state.apply(ready(0, "a.csv"), vec![]).is_empty(), "nothing is being taken up");
    state.begin_resumed(5, &saved);
    assert_eq!((state.labels.active, state.steps_total(), state.text_title.as_str()), (true, 80, "a.csv"));
    assert!(state.apply(ready(3, "b.csv"), vec![]).is_empty(), "an answer that nobody waits for any more");
    assert!(state.apply(ready(0, "a.csv"), vec![]).contains(Part::Table) && state.has_open(&saved));
    for report in [epoch(0, false), epoch(1, true), epoch(2, false), epoch(2, false)] {
        state.apply(report, vec![]);
    }
    step(&mut state, 5, 20, 1.0);
    assert_eq!((state.labels.epochs.len(), state.validation.len(), state.steps_done(), state.unsaved_steps()), (3, 3, 20, 0));
    assert_eq!((state.labels.kept(), state.labels.step_of_model(20)), (None, 20));

    // The worker dies fifteen steps later: what was told after the checkpoint goes, the table stays.
    step(&mut state, 5, 30, 1.0);
    state.apply(epoch(3, true), vec![]);
    state.lose_engine();
    state.begin_resumed(6, &SavedRun { run: 5, ..saved });
    assert_eq!((state.labels.epochs.len(), state.validation.len(), state.labels.table.is_some()), (3, 3, true));
    state.apply(Event::Phase { run: 6, phase: RunPhase::Paused }, vec![]);
    assert!(state.apply(ready(0, "c.csv"), vec![]).is_empty(), "it has been taken up");
}

#[test]
fn another_choice_of_rows_voids_a_plan_but_not_that_of_a_run() {
    use crate::page::label_link::tests::{config, plan};
    use crate::protocol::labels::{LabelChoice, LabelConfig, LabelNews};
    use leptos::prelude::Owner;
    let owner = Owner::new();
    owner.set();
    let store = Store::new();
    let of = |seed: u64| {
        let config = config(TableTask::Classify);
        let split = SplitOptions { seed, ..SplitOptions::default() };
        LabelConfig { choice: LabelChoice { split, ..config.choice.clone() }, ..config }
    };
    let planned = |seed: u64| {
        store.change(|state| {
            state.labels.active = true;
            state.labels.plan = Some(std::rc::Rc::new(plan(of(seed))));
            Part::Plan.into()
        });
    };
    planned(1);
    store.examine(of(2).choice);
    assert!(store.peek(|state| state.labels.plan.is_none()), "nothing has been learned from it");

    // A run and its report are still about the rows that they are about.
    planned(1);
    let report = |run: u32| {
        let closed = crate::page::report::samples::closed(&crate::page::report::samples::classes());
        Event::LabelRun { run, news: LabelNews::Report { best_epoch: closed.best_epoch, report: closed.report } }
    };
    let finish = |run: u32| {
        store.change(|state| state.begin_run(run));
        store.apply(report(run), vec![]);
        store.apply(Event::Phase { run, phase: RunPhase::Finished { reason: StopReason::AllSteps } }, vec![]);
        store.peek(|state| state.labels.looks())
    };
    assert_eq!(finish(1), 1);
    store.examine(of(2).choice);
    assert!(store.peek(|state| state.labels.plan.is_some() && matches!(state.stage, Stage::Finished(_))));
    // Other rows have not been looked at yet; coming back to these does not make them unseen.
    planned(2);
    assert_eq!(finish(2), 1);
    planned(1);
    assert_eq!(finish(3), 2);

    // Prepared in vain, the plan of other rows must not be played.
    store.reset();
    store.prepare_labels(of(1));
    assert!(store.peek(|state| state.labels.plan.is_some()));
    store.prepare_labels(of(2));
    assert!(store.peek(|state| state.labels.plan.is_none()));

    // Neither must one that the engine has let go of: it does so as soon as another is asked for.
    planned(1);
    store.prepare_labels(LabelConfig { epochs: 3, ..of(1) });
    store.change(|state| {
        state.play_waits = true;
        Part::Phase.into()
    });
    store.cancel_labels();
    assert!(store.peek(|state| state.labels.plan.is_none() && !state.play_waits), "cancelled");
    planned(1);
    store.prepare_labels(LabelConfig { epochs: 3, ..of(1) });
    let fault = Fault::new(FaultCode::OutOfMemory, NextAction::SmallerBatch, "no");
    store.apply(Event::Fault { request: store.peek(|state| state.pending_plan), run: None, fault }, vec![]);
    assert!(store.peek(|state| state.labels.plan.is_none()), "refused");
}

#[test]
fn unsaved_steps_are_known() {
    let mut state = running();
    assert_eq!(state.unsaved_steps(), 0);
    step(&mut state, 1, 50, 4.0);
    assert_eq!((state.unsaved_steps(), state.would_lose_much()), (50, true));
    state.apply(Event::Saved { run: 1, step: 45, bytes: 10 }, vec![]);
    assert_eq!((state.unsaved_steps(), state.would_lose_much()), (5, false));
}

#[test]
fn the_store_wakes_and_sends() {
    use leptos::prelude::Owner;
    let owner = Owner::new();
    owner.set();
    let store = Store::new();
    let sent = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let mailbox = sent.clone();
    store.connect(move |packet: Packet| mailbox.borrow_mut().push(packet));
    store.start();
    store.apply(Event::Step { run: 1, report: report(3, 2.0) }, vec![]);
    assert_eq!(store.peek(RunState::steps_done), 3);
    let command: Command = sent.borrow()[0].read().unwrap();
    assert_eq!(command, Command::Start { run: 1 });
}

#[test]
fn a_recording_gives_way_to_the_engine_and_keeps_its_frame() {
    let mut state = RunState::default();
    state.begin_recording("Tales".into(), RunConfig::default());
    let (event, buffers) = frame(9, 0, &["r"]);
    state.apply_recorded(event, buffers);
    state.apply_recorded(Event::Step { run: 9, report: report(5, 4.0) }, vec![]);
    let (event, buffers) = frame(0, 0, &["a", "b"]);
    assert!(state.apply(event, buffers).is_empty());
    assert!(state.apply(Event::Step { run: 0, report: report(6, 4.0) }, vec![]).is_empty());
    assert_eq!((state.training.len(), state.attention.tokens().len()), (1, 1));
    state.begin_run(1);
    assert_eq!((state.source, state.training.len()), (Source::Live, 0));
    assert_eq!((state.attention.tokens().len(), state.attention.frames().len()), (2, 1));
}
