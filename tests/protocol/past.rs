//! The recorded past: it is bounded, survives a reload, belongs to its model, and exists for a sentence that is pinned later.

use super::page::{Disk, Page, tiny};
use attune::protocol::past::{Bookmark, FrameMark, HistoryPart, to_squares};
use attune::protocol::{Command, Event, FaultCode, RunConfig};
use std::rc::Rc;

/// The parts of the last past that was told, with their buffers.
fn told(page: &Page) -> Vec<(HistoryPart, Vec<Vec<u8>>)> {
    let mut parts = Vec::new();
    for (event, buffers) in &page.events {
        if let Event::History { part } = event {
            if part.first {
                parts.clear();
            }
            parts.push((part.clone(), buffers.clone()));
        }
    }
    parts
}

fn marks(page: &Page) -> Vec<FrameMark> {
    told(page).into_iter().flat_map(|(part, _)| part.frames).collect()
}

fn steps(page: &Page) -> Vec<u32> {
    marks(page).iter().map(|mark| mark.step).collect()
}

fn history(page: &mut Page) -> Vec<u32> {
    page.take();
    page.send(Command::SendHistory);
    steps(page)
}

fn bookmarks(page: &Page) -> Vec<Bookmark> {
    let list = page.events.iter().rev().find_map(|(event, _)| match event {
        Event::Bookmarks { bookmarks, .. } => Some(bookmarks.clone()),
        _ => None,
    });
    list.unwrap_or_default()
}

fn pictures(page: &Page) -> Vec<u32> {
    let step = |(event, _): &(Event, Vec<Vec<u8>>)| match event {
        Event::Attention { frame } => Some(frame.step),
        _ => None,
    };
    page.events.iter().filter_map(step).collect()
}

/// A run that has ended, on a disk.
fn finished(disk: &Rc<Disk>) -> Page {
    let mut page = Page::open_on(disk.clone());
    page.ready(&tiny());
    page.send(Command::Pin { sentence: "the cat sat on the owl.".to_owned() });
    // The clock of these tests moves with every look at it, so that everything seems to take long.
    page.send(Command::SetRecording { share: 0.5 });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    page
}

#[test]
fn every_picture_is_recorded_with_its_loss() {
    let disk = Rc::<Disk>::default();
    let mut page = finished(&disk);
    let mut shown: Vec<u32> = pictures(&page);
    shown.dedup();
    shown.retain(|&step| step > 0);
    let frames: Vec<(u32, Vec<u8>)> = page
        .events
        .iter()
        .filter_map(|(event, buffers)| match event {
            Event::Attention { frame } if frame.run == 1 => Some((frame.step, buffers[0].clone())),
            _ => None,
        })
        .collect();
    let live = bookmarks(&page);
    let recorded = history(&mut page);
    assert_eq!(recorded[0], 0);
    assert_eq!(recorded[1..], shown);
    let losses: Vec<f32> = marks(&page).iter().map(|mark| mark.loss.unwrap()).collect();
    assert!(losses[losses.len() - 1] < losses[0] - 1.0, "{losses:?}");
    // A loss that falls this much is worth a bookmark, and every bookmark is a frame.
    let marked = bookmarks(&page);
    assert_eq!(marked, live);
    assert!(!marked.is_empty() && marked.iter().all(|bookmark| recorded.contains(&bookmark.step)), "{marked:?}");
    // What comes back are the pictures themselves.
    let [(part, buffers)] = &told(&page)[..] else { panic!("one part") };
    assert_eq!((part.run, part.layers, part.heads, part.first, part.more), (1, 2, 2, true, false));
    for (mark, triangles) in part.frames.iter().zip(buffers) {
        let (_, picture) = frames.iter().rev().find(|(step, _)| *step == mark.step).unwrap();
        assert_eq!(&to_squares(triangles, part.tokens.len()), picture, "step {}", mark.step);
        assert!(!mark.rerun);
    }
}

#[test]
fn it_survives_a_reload_with_the_run() {
    let disk = Rc::<Disk>::default();
    let mut page = finished(&disk);
    let before = history(&mut page);
    let parts = told(&page);
    let marked = bookmarks(&page);
    let mut page = Page::open_on(disk);
    page.send(Command::ResumeSaved { run: 5 });
    page.until("the past", |event| matches!(event, Event::History { .. }).then_some(()));
    page.rest();
    assert_eq!(steps(&page), before);
    let again = told(&page);
    assert_eq!(again[0].1, parts[0].1);
    assert_eq!((again[0].0.run, &again[0].0.tokens, &again[0].0.model), (5, &parts[0].0.tokens, &parts[0].0.model));
    assert_eq!(bookmarks(&page), marked);
    // The sentence that was pinned is pinned again: the last picture goes into the same past.
    assert_eq!(history(&mut page), before);
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn a_sentence_pinned_later_has_a_past_too() {
    let disk = Rc::<Disk>::default();
    let mut page = finished(&disk);
    page.take();
    page.send(Command::Pin { sentence: "the hen".to_owned() });
    page.rest();
    let known = marks(&page);
    assert!(known.len() >= 8, "{known:?}");
    assert_eq!((known[0].step, known[0].rerun), (0, false));
    assert!(known[1..known.len() - 1].iter().all(|mark| mark.rerun), "{known:?}");
    assert_eq!(known.last().map(|mark| (mark.step, mark.rerun)), Some((40, false)));
    assert!(known[0].loss.unwrap() > known[known.len() - 1].loss.unwrap() + 1.0);
    assert_eq!(told(&page)[0].0.tokens.concat(), "the hen");

    // Half precision shows the same picture: the sentence that was recorded live, run again.
    page.take();
    page.send(Command::Pin { sentence: "the cat sat on the owl.".to_owned() });
    page.rest();
    let again = told(&page);
    let mut fresh = Page::open_on(disk);
    fresh.send(Command::ResumeSaved { run: 1 });
    fresh.rest();
    let live = told(&fresh);
    let mut compared = 0;
    for (mark, triangles) in again[0].0.frames.iter().zip(&again[0].1) {
        let Some(index) = live[0].0.frames.iter().position(|live| live.step == mark.step) else { continue };
        let worst = live[0].1[index].iter().zip(triangles).map(|(&a, &b)| a.abs_diff(b)).max().unwrap();
        assert!(worst <= 2, "step {}: {worst}", mark.step);
        compared += 1;
    }
    assert!(compared >= 5, "{compared}");

    // And after a reload, from the weights in the storage.
    fresh.take();
    fresh.send(Command::Pin { sentence: "the hen".to_owned() });
    fresh.rest();
    assert_eq!(steps(&fresh), known.iter().map(|mark| mark.step).collect::<Vec<_>>());

    // That past is stored too, although the run has not moved since its checkpoint.
    let mut third = Page::open_on(fresh.world().disk.clone());
    third.send(Command::ResumeSaved { run: 1 });
    third.rest();
    assert_eq!((steps(&third), told(&third)[0].0.tokens.concat()), (steps(&fresh), "the hen".to_owned()));
}

#[test]
fn a_past_of_another_model_is_refused_with_a_sentence() {
    let (one, other) = (Rc::<Disk>::default(), Rc::<Disk>::default());
    finished(&one);
    let mut page = Page::open_on(other.clone());
    page.ready(&RunConfig { seed: 99, ..tiny() });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    // The second run's files with the first one's past.
    let strangers: Vec<(String, Vec<u8>)> = one.files.borrow().iter().map(|(name, bytes)| (name.clone(), bytes.clone())).collect();
    other.files.borrow_mut().retain(|name, _| !name.starts_with("past"));
    other.files.borrow_mut().extend(strangers.into_iter().filter(|(name, _)| name.starts_with("past") || name.starts_with("weights")));
    let mut page = Page::open_on(other);
    page.send(Command::ResumeSaved { run: 3 });
    page.rest();
    assert_eq!(page.only_fault().code, FaultCode::HistoryOfAnotherModel);
    // The rest works: what is made anew begins with the base model and ends now. The other run's weights are not taken for this one's.
    let recorded = history(&mut page);
    assert_eq!(recorded, [0, 40]);
}

#[test]
fn damaged_files_are_no_past_and_no_harm() {
    let disk = Rc::<Disk>::default();
    finished(&disk);
    for (name, bytes) in disk.files.borrow_mut().iter_mut() {
        if name.starts_with("past") {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        } else if name.starts_with("weights") {
            bytes.truncate(40);
        }
    }
    let mut page = Page::open_on(disk);
    page.send(Command::ResumeSaved { run: 3 });
    page.rest();
    assert_eq!(page.fault_codes(), []);
    assert_eq!(history(&mut page), [0, 40]);
}

#[test]
fn a_new_run_has_a_new_past() {
    let disk = Rc::<Disk>::default();
    let mut page = finished(&disk);
    page.send(Command::Start { run: 2 });
    page.until("the second run", |event| matches!(event, Event::Step { run: 2, report } if report.step >= 5).then_some(()));
    page.send(Command::Pause);
    page.rest();
    let recorded = history(&mut page);
    assert!(recorded.iter().all(|&step| step < 10) && recorded[0] == 0, "{recorded:?}");
    assert_eq!(told(&page)[0].0.run, 2);
}

#[test]
fn discarding_leaves_nothing_behind() {
    let disk = Rc::<Disk>::default();
    let mut page = finished(&disk);
    assert!(disk.files.borrow().keys().any(|name| name.starts_with("past")));
    assert!(disk.files.borrow().keys().filter(|name| name.starts_with("weights")).count() >= 5);
    page.send(Command::DiscardSaved);
    assert_eq!(disk.files.borrow().len(), 0, "{:?}", disk.files.borrow().keys().collect::<Vec<_>>());
}

#[test]
fn recording_can_be_switched_off() {
    let mut page = Page::open();
    page.ready(&tiny());
    page.send(Command::SetRecording { share: 0.0 });
    page.send(Command::Start { run: 1 });
    page.until_finished();
    page.rest();
    let mut shown = pictures(&page);
    shown.dedup();
    assert_eq!(shown, [0, 40], "only before the first step and at the end");
    for share in [-1.0, 7.0] {
        page.send(Command::SetRecording { share });
    }
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn a_run_goes_on_while_a_late_sentence_gets_its_past() {
    let mut page = Page::open();
    page.ready(&RunConfig { steps: 2_000, evaluate_every: 2_000, sample_every: 2_000, ..tiny() });
    page.send(Command::SetRecording { share: 0.5 });
    page.send(Command::Start { run: 1 });
    page.until_step(1_000);
    page.send(Command::SetRecording { share: 0.05 });
    page.take();
    page.send(Command::Pin { sentence: "the hen".to_owned() });
    page.until_finished();
    // Whenever the past was told: how many steps after the sentence was pinned, and how many frames were made late.
    let (mut first, mut step, mut tellings) = (None, 0, Vec::new());
    for (event, _) in &page.events {
        match event {
            Event::Step { report, .. } => {
                step = report.step;
                first.get_or_insert(step);
            }
            Event::History { part } => {
                let late = part.frames.iter().filter(|mark| mark.rerun).count();
                tellings.push((step.saturating_sub(first.unwrap_or(step)), late));
            }
            _ => {}
        }
    }
    let &(steps, late) = tellings.last().unwrap();
    assert!(late >= 5, "{tellings:?}");
    // By this clock a piece takes a fifth of a second at least and a step three fifths: pieces get a twentieth of the time, with the pictures.
    assert!(steps as usize >= 10 * late, "{tellings:?}");
    // The first frames do not wait for the last, and are not told one by one.
    assert!(tellings[0].1 <= 1 && tellings.len() <= 6, "{tellings:?}");
    // The whole past is there at the end.
    let told = history(&mut page);
    assert!(told[0] == 0 && told.is_sorted() && marks(&page).iter().filter(|mark| mark.rerun).count() == late, "{told:?}");
}
