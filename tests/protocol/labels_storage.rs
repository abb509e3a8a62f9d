//! Labelled texts: what lies in the storage of such a run, and what is said when it is full, damaged, or another run's.

use super::labels::{answered, ask, config, csv, open, prepare, run};
use super::labels_keeping::{broken_off, resume, same_course, saved_run, unbroken};
use super::page::{Disk, Page, tiny};
use attune::engine::HostError;
use attune::protocol::labels::{LabelAnswer, LabelCommand, LabelConfig, LabelNews};
use attune::protocol::{Command, Event, FaultCode, NextAction, RunConfig, RunPhase, SavedSettings, StopReason};
use std::collections::BTreeMap;
use std::rc::Rc;

type Files = BTreeMap<String, Vec<u8>>;

/// Names of the stored files that begin so.
fn stored(disk: &Disk, start: &str) -> Vec<String> {
    disk.files.borrow().keys().filter(|name| name.starts_with(start)).cloned().collect()
}

#[test]
fn the_table_is_written_once_and_goes_with_its_run() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    prepare(&mut page, &config(choice.clone()));
    page.send(Command::Start { run: 1 });
    page.until_step(2);
    page.send(Command::Save);
    let disk = page.world().disk.clone();
    let tables = stored(&disk, "table");
    assert_eq!(tables.len(), 1, "{tables:?}");
    let table = disk.files.borrow()[&tables[0]].clone();
    page.send(Command::Step);
    page.rest();
    page.send(Command::Resume);
    page.until_finished();
    page.rest();
    assert_eq!((stored(&disk, "table"), stored(&disk, "run").len()), (tables.clone(), 2));
    assert_eq!(disk.files.borrow()[&tables[0]], table);

    // Until the next run has a checkpoint of its own, this one can be resumed; once it has two, only its own table is there.
    prepare(&mut page, &LabelConfig { seed: 2, ..config(choice) });
    page.take();
    page.send(Command::Start { run: 2 });
    page.until_step(2);
    assert_eq!(saved_run(&Page::open_on(disk.clone())).unwrap().run, 1);
    resume(&disk, 9);
    page.send(Command::Save);
    assert_eq!((saved_run(&Page::open_on(disk.clone())).unwrap().run, stored(&disk, "table").len()), (2, 2));
    page.until_finished();
    page.rest();
    let left = stored(&disk, "table");
    assert!(left.len() == 1 && left != tables, "{left:?}");

    // A run over a text takes its place, and the table goes.
    page.ready(&RunConfig { steps: 4, ..tiny() });
    page.send(Command::Start { run: 3 });
    page.until_finished();
    page.rest();
    page.send(Command::Save);
    page.send(Command::Step);
    assert!(matches!(saved_run(&Page::open_on(disk.clone())).unwrap().settings, SavedSettings::Text { .. }));
}

#[test]
fn damaged_and_missing_pieces_are_told_and_the_checkpoint_before_counts() {
    let mut page = broken_off(&csv(), &LabelConfig { epochs: 4, ..config(open(&mut Page::open(), &csv())) }, 2);
    // Not the last step of an epoch: after that one it is saved twice.
    page.send(Command::Step);
    page.rest();
    let steps = page.losses().last().unwrap().0;
    let disk = page.world().disk.clone();
    let copy = |change: &dyn Fn(&mut Files)| {
        let copied = Rc::new(Disk::default());
        *copied.files.borrow_mut() = disk.files.borrow().clone();
        change(&mut copied.files.borrow_mut());
        copied
    };
    let (runs, table) = (stored(&disk, "run"), stored(&disk, "table").remove(0));
    let newest = runs.iter().find(|name| {
        saved_run(&Page::open_on(copy(&|files| files.retain(|file, _| file == *name || *file == table)))).unwrap().step == steps
    });
    let newest = newest.unwrap().clone();
    // Cut off in its middle, as by a crash while it was written.
    let half = copy(&|files| {
        let bytes = files.get_mut(&newest).unwrap();
        bytes.truncate(bytes.len() / 2);
    });
    assert_eq!(resume(&half, 2).losses().last().unwrap().0, steps - 1, "the one before it");

    let refused = |disk: Rc<Disk>, says: &str| {
        let mut page = Page::open_on(disk);
        page.send(Command::ResumeSaved { run: 2 });
        page.rest();
        let fault = page.only_fault();
        assert_eq!((fault.code, fault.action), (FaultCode::CheckpointDamaged, NextAction::ChooseText), "{}", fault.detail);
        assert!(fault.detail.contains(says), "{}", fault.detail);
        page.take();
        // And a new run can begin.
        let choice = open(&mut page, &csv());
        prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice) });
        run(&mut page, 3);
        assert_eq!(page.fault_codes(), []);
    };
    refused(copy(&|files| drop(files.remove(&table))), "table of the saved run is gone");
    refused(
        copy(&|files| {
            let bytes = files.get_mut(&table).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }),
        "checksum",
    );
    refused(
        copy(&|files| {
            for name in &runs {
                let bytes = files.get_mut(name).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
        }),
        "checksum",
    );
    // A whole table of another run in its place.
    let other = {
        let (page, _) = unbroken(&csv().replace("good", "fine"), |config| LabelConfig { epochs: 1, baselines: false, ..config });
        let disk = page.world().disk.clone();
        let name = stored(&disk, "table").remove(0);
        disk.files.borrow()[&name].clone()
    };
    refused(copy(&|files| drop(files.insert(table.clone(), other.clone()))), "another run's");
}

#[test]
fn another_table_that_is_open_does_not_mix_with_the_runs_own() {
    let (whole, config) = unbroken(&csv(), |config| LabelConfig { epochs: 3, ..config });
    let disk = broken_off(&csv(), &config, 4).world().disk.clone();
    let other = csv().replace("the ", "a ").replace("good", "fine");
    let mut second = Page::open_on(disk.clone());
    // Opened and prepared in the new visit, before the saved run is taken up.
    let choice = open(&mut second, &other);
    prepare(&mut second, &LabelConfig { epochs: 1, ..config.clone() });
    second.take();
    second.send(Command::ResumeSaved { run: 2 });
    second.until("the pause", |event| matches!(event, Event::Phase { run: 2, phase: RunPhase::Paused }).then_some(()));
    let text = |page: &mut Page| {
        let request = ask(page, LabelCommand::ReadRows { rows: vec![0] }, Vec::new());
        match answered(page, request, false) {
            LabelAnswer::Rows { rows } => {
                let rows = rows.open().unwrap();
                (rows[0].text.clone(), rows[0].label.clone())
            }
            other => panic!("{other:?}"),
        }
    };
    let own = ("the day was fine".to_owned(), "good".to_owned());
    assert_eq!(text(&mut second), own);
    // Opened beside the run that was taken up: its corrections are not the run's, and its next checkpoint still stands on its own table.
    open(&mut second, &other);
    let request = ask(&mut second, LabelCommand::Examine { choice }, Vec::new());
    answered(&mut second, request, false);
    let request = ask(&mut second, LabelCommand::Relabel { rows: vec![(0, "bad".to_owned())] }, Vec::new());
    answered(&mut second, request, false);
    second.send(Command::Step);
    second.rest();
    let mut third = resume(&disk, 3);
    assert_eq!(text(&mut third), own);
    third.send(Command::Resume);
    third.until_finished();
    third.rest();
    same_course(&whole, &third);
}

#[test]
fn a_full_storage_is_told_once_and_the_run_goes_on() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    prepare(&mut page, &LabelConfig { epochs: 4, ..config(choice) });
    *page.world().disk.refuses.borrow_mut() = Some(HostError::StorageFull("quota".to_owned()));
    page.send(Command::Start { run: 1 });
    page.until("the end of an epoch", |event| match event {
        Event::LabelRun { news: LabelNews::Epoch { report }, .. } if report.epoch == 3 => Some(()),
        _ => None,
    });
    assert_eq!(page.fault_codes(), [FaultCode::StorageFull]);
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    page.rest();
    assert!(stored(&page.world().disk, "").is_empty());
}

#[test]
fn a_discarded_run_is_gone_with_its_table() {
    let mut page = broken_off(&csv(), &LabelConfig { epochs: 4, ..config(open(&mut Page::open(), &csv())) }, 3);
    page.take();
    // What the page's Reset sends.
    page.send(Command::Stop);
    page.send(Command::DiscardSaved);
    page.rest();
    page.send(Command::Save);
    assert!(stored(&page.world().disk, "").is_empty());
    assert_eq!(saved_run(&Page::open_on(page.world().disk.clone())), None);
    let choice = open(&mut page, &csv());
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice) });
    page.take();
    run(&mut page, 2);
    assert_eq!((stored(&page.world().disk, "run").len(), stored(&page.world().disk, "table").len()), (2, 1), "the next run is kept again");
}

#[test]
fn a_run_that_gives_way_to_a_text_is_kept_as_it_was() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    let config = LabelConfig { epochs: 3, ..config(choice) };
    prepare(&mut page, &config);
    page.send(Command::Start { run: 1 });
    page.until_step(4);
    let steps = page.losses().last().unwrap().0;
    page.ready(&RunConfig { steps: 3, ..tiny() });
    let mut second = resume(&page.world().disk, 2);
    assert_eq!(second.losses().last().unwrap().0, steps);
    second.send(Command::Resume);
    assert_eq!(second.until_finished(), StopReason::AllSteps);
    second.rest();
    same_course(&unbroken(&csv(), |_| config.clone()).0, &second);
}

#[test]
fn a_note_of_a_failed_graphics_card_does_not_change_a_run_on_the_cpu() {
    let (whole, config) = unbroken(&csv(), |config| LabelConfig { epochs: 2, ..config });
    let page = broken_off(&csv(), &config, 3);
    let disk = page.world().disk.clone();
    disk.files.borrow_mut().insert("gpu-failed".to_owned(), b"1".to_vec());
    let mut second = resume(&disk, 2);
    assert!(stored(&disk, "gpu").is_empty(), "it has been read");
    second.send(Command::Resume);
    second.until_finished();
    second.rest();
    same_course(&whole, &second);
}
