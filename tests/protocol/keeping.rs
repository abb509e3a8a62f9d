//! Checkpoints: a run that is taken up again goes on exactly as if nothing had happened.

use super::page::{Page, tiny};
use attune::protocol::{Command, DevicePreference, Event, FaultCode, RunConfig, RunPhase, SavedRun, SavedSettings, StopReason};
use std::rc::Rc;

fn saved_run(page: &Page) -> Option<SavedRun> {
    page.events.iter().rev().find_map(|(event, _)| match event {
        Event::Resumable { saved } => Some(saved.clone()),
        _ => None,
    })?
}

fn settings(saved: &SavedRun) -> &RunConfig {
    match &saved.settings {
        SavedSettings::Text { config } => config,
        SavedSettings::Labels { .. } => panic!("a run over labelled texts"),
    }
}

/// A run broken off after `steps` steps by pausing, on its disk.
fn broken_off(config: &RunConfig, steps: u32) -> Page {
    let mut page = Page::open();
    page.ready(config);
    page.send(Command::Start { run: 1 });
    page.until_step(steps);
    page.send(Command::Pause);
    page.rest();
    page
}

#[test]
fn a_resumed_run_has_the_losses_of_an_unbroken_one() {
    let config = RunConfig { dropout: 0.1, accumulation: 2, ..tiny() };
    let mut unbroken = Page::open();
    unbroken.ready(&config);
    unbroken.send(Command::Start { run: 1 });
    unbroken.until_finished();

    let first = broken_off(&config, 13);
    let mut losses = first.losses();
    let step = losses.last().unwrap().0;

    let mut second = Page::open_on(first.world().disk.clone());
    let saved = saved_run(&second).unwrap();
    assert_eq!((saved.run, saved.step, saved.steps, saved.title.as_str()), (1, step, 40, "test.txt"));
    assert_eq!(*settings(&saved), config);
    second.send(Command::ResumeSaved { run: 2 });
    second.until("the pause", |event| (*event == Event::Phase { run: 2, phase: RunPhase::Paused }).then_some(()));
    assert_eq!(second.losses(), losses, "the chart is whole again");
    assert!(second.events.iter().any(|(event, _)| matches!(event, Event::Prepared { plan, .. } if plan.config == config)));
    second.take();
    second.send(Command::Resume);
    assert_eq!(second.until_finished(), StopReason::AllSteps);
    losses.extend(second.losses());
    assert_eq!(losses, unbroken.losses());
}

#[test]
fn pausing_and_saving_between_two_passes_of_a_step_changes_nothing() {
    let config = RunConfig { accumulation: 4, steps: 20, ..tiny() };
    let mut unbroken = Page::open();
    unbroken.ready(&config);
    unbroken.send(Command::Start { run: 1 });
    unbroken.until_finished();

    let mut page = Page::open();
    page.ready(&config);
    page.send(Command::Start { run: 1 });
    page.until_step(2);
    for ticks in 0..7 {
        for _ in 0..ticks {
            page.tick();
        }
        page.send(Command::Save);
        let mut second = Page::open_on(page.world().disk.clone());
        second.send(Command::ResumeSaved { run: 2 });
        second.until_finished();
        assert_eq!(second.losses(), unbroken.losses(), "saved after {ticks} more ticks");

        let heard = page.events.len();
        page.send(Command::Pause);
        let paused = |(event, _): &(Event, Vec<Vec<u8>>)| *event == Event::Phase { run: 1, phase: RunPhase::Paused };
        assert!(page.events[heard..].iter().any(paused), "at once");
        page.rest();
        let resting = page.losses().len();
        assert!(!page.tick() && page.losses().len() == resting);
        page.send(Command::Resume);
    }
    page.until_finished();
    assert_eq!(page.losses(), unbroken.losses());
}

#[test]
fn a_run_saved_while_running_goes_on_running() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Start { run: 1 });
    page.until_step(5);
    page.send(Command::Save);
    assert!(page.take().iter().any(|event| matches!(event, Event::Saved { run: 1, .. })));
    let mut second = Page::open_on(page.world().disk.clone());
    second.send(Command::ResumeSaved { run: 9 });
    second.send(Command::ResumeSaved { run: 9 });
    second.until_finished();
    assert_eq!(second.losses().last().unwrap().0, 40);
    assert_eq!(second.losses().len(), 40);
}

#[test]
fn pause_pressed_while_a_run_is_taken_up_again_is_not_lost() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Start { run: 1 });
    page.until_step(5);
    page.send(Command::Save);
    let mut second = Page::open_on(page.world().disk.clone());
    second.send(Command::ResumeSaved { run: 9 });
    second.send(Command::Pause);
    second.until("the pause", |event| (*event == Event::Phase { run: 9, phase: RunPhase::Paused }).then_some(()));
    second.rest();
    let step = second.losses().last().unwrap().0;
    assert!(step < 40, "it rests at step {step}");
    second.send(Command::Resume);
    second.until_finished();
    assert_eq!(second.losses().last().unwrap().0, 40);
}

#[test]
fn a_run_that_another_tab_has_discarded_is_saved_again() {
    let mut page = broken_off(&tiny(), 3);
    page.send(Command::Save);
    page.take();
    let mut other = Page::open_on(page.world().disk.clone());
    other.send(Command::DiscardSaved);
    page.send(Command::Save);
    page.rest();
    assert!(page.take().iter().any(|event| matches!(event, Event::Saved { run: 1, .. })));
    let third = Page::open_on(page.world().disk.clone());
    assert_eq!(saved_run(&third).map(|saved| saved.run), Some(1), "it was said to be saved, and it is");
}

#[test]
fn a_finished_run_comes_back_finished_and_can_be_started_anew() {
    let config = RunConfig { steps: 6, ..tiny() };
    let mut page = Page::open();
    page.ready(&config);
    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    let losses = page.losses();
    let mut second = Page::open_on(page.world().disk.clone());
    second.send(Command::ResumeSaved { run: 2 });
    assert_eq!(second.until_finished(), StopReason::AllSteps);
    second.rest();
    second.take();
    second.send(Command::Start { run: 3 });
    assert_eq!(second.until_finished(), StopReason::AllSteps);
    assert_eq!(second.losses(), losses);
}

#[test]
fn the_learning_rate_that_was_set_is_kept() {
    let mut page = broken_off(&tiny(), 3);
    page.send(Command::SetLearningRate { value: 2e-3 });
    page.send(Command::Step);
    page.rest();
    let second = Page::open_on(page.world().disk.clone());
    assert_eq!(settings(&saved_run(&second).unwrap()).learning_rate, 2e-3);
}

#[test]
fn a_learning_rate_that_is_set_while_the_run_comes_back_is_its_own() {
    let page = broken_off(&tiny(), 3);
    let mut second = Page::open_on(page.world().disk.clone());
    second.send(Command::ResumeSaved { run: 2 });
    // As after "lower the learning rate": the engine is still reading.
    second.send(Command::SetLearningRate { value: 2e-3 });
    second.until("the pause", |event| (*event == Event::Phase { run: 2, phase: RunPhase::Paused }).then_some(()));
    second.send(Command::Step);
    second.rest();
    assert_eq!(settings(&saved_run(&Page::open_on(page.world().disk.clone())).unwrap()).learning_rate, 2e-3);
}

#[test]
fn the_newest_whole_checkpoint_counts() {
    let mut page = broken_off(&tiny(), 4);
    page.send(Command::Step);
    page.rest();
    let steps = page.losses().last().unwrap().0;
    let disk = page.world().disk.clone();
    assert_eq!(saved_run(&Page::open_on(disk.clone())).unwrap().step, steps);
    let runs: Vec<String> = disk.files.borrow().keys().filter(|name| name.starts_with("run")).cloned().collect();
    assert_eq!(runs.len(), 2, "{runs:?}");

    // The newest is cut off in its middle, as by a crash while it was written.
    let newest = runs.iter().max_by_key(|name| {
        let only = Rc::new(super::page::Disk::default());
        only.files.borrow_mut().insert((*name).clone(), disk.files.borrow()[*name].clone());
        saved_run(&Page::open_on(only)).unwrap().step
    });
    let newest = newest.unwrap().clone();
    let half = disk.files.borrow()[&newest].len() / 2;
    disk.files.borrow_mut().get_mut(&newest).unwrap().truncate(half);
    let mut second = Page::open_on(disk.clone());
    second.send(Command::ResumeSaved { run: 2 });
    second.send(Command::Step);
    second.until("the run", |event| matches!(event, Event::Phase { run: 2, phase: RunPhase::Paused }).then_some(()));
    assert_eq!(second.fault_codes(), []);
    assert_eq!(second.losses().last().unwrap().0, steps - 1, "the one before it");

    for bytes in disk.files.borrow_mut().values_mut() {
        let middle = bytes.len() / 3;
        bytes[middle] ^= 1;
    }
    let mut third = Page::open_on(disk);
    third.send(Command::ResumeSaved { run: 3 });
    third.rest();
    assert_eq!(third.fault_codes(), [FaultCode::CheckpointDamaged]);
    third.take();
    third.ready(&RunConfig { steps: 2, ..tiny() });
    third.send(Command::Start { run: 4 });
    assert_eq!(third.until_finished(), StopReason::AllSteps, "and a new run can begin");
}

#[test]
fn a_discarded_run_is_gone() {
    let mut page = broken_off(&tiny(), 3);
    page.take();
    page.send(Command::DiscardSaved);
    page.send(Command::DiscardSaved);
    assert_eq!(page.take(), [Event::Resumable { saved: None }, Event::Resumable { saved: None }]);
    assert!(page.world().disk.files.borrow().is_empty());
    let mut second = Page::open_on(page.world().disk.clone());
    assert_eq!(saved_run(&second), None);
    second.send(Command::ResumeSaved { run: 2 });
    second.rest();
    assert_eq!(second.only_fault().code, FaultCode::CheckpointDamaged);
}

#[test]
fn a_run_that_is_put_away_and_discarded_does_not_come_back() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::Start { run: 1 });
    page.until_step(3);
    // What the page's Reset sends.
    page.send(Command::Stop);
    page.send(Command::DiscardSaved);
    page.rest();
    page.send(Command::Save);
    assert!(page.world().disk.files.borrow().is_empty());
    page.prepare(&tiny());
    page.send(Command::Start { run: 2 });
    page.until_finished();
    page.rest();
    let kept = page.world().disk.files.borrow().keys().filter(|name| name.starts_with("run")).count();
    assert_eq!(kept, 2, "the next run is kept again");
}

#[test]
fn a_note_of_a_failed_graphics_card_does_not_change_a_run_on_the_cpu() {
    let page = broken_off(&tiny(), 3);
    let disk = page.world().disk.clone();
    disk.files.borrow_mut().insert("gpu-failed".to_owned(), b"1".to_vec());
    let mut second = Page::open_on(disk.clone());
    second.send(Command::OpenDevice { preference: DevicePreference::Cpu });
    second.send(Command::ResumeSaved { run: 2 });
    let config = second.until("a plan", |event| match event {
        Event::Prepared { plan, .. } => Some(plan.config.clone()),
        _ => None,
    });
    assert_eq!(config, tiny());
    assert!(!disk.files.borrow().contains_key("gpu-failed"), "it has been read");
}
