//! Labelled texts: a run that is taken up again goes on exactly as if nothing had happened.

use super::labels::{GOOD, answered, ask, config, csv, epochs, of_classes, open, predict, prepare, raw_report, run, sentences};
use super::labels_words;
use super::page::{Disk, Page};
use attune::protocol::labels::{
    FigureName, LabelAnswer, LabelCommand, LabelConfig, LabelPlan, LabelReport, LowRankMatrices, PartScores, Trained,
};
use attune::protocol::{Command, Event, RunPhase, SavedRun, SavedSettings, SplitPart, StopReason, TableTask, TypedClass};
use std::rc::Rc;

/// Curves and figures of a resumed run may differ from those of an unbroken one by so much; on one processor they do not differ at all.
const NEAR: f64 = 1e-6;

pub fn saved_run(page: &Page) -> Option<SavedRun> {
    page.events.iter().rev().find_map(|(event, _)| match event {
        Event::Resumable { saved } => Some(saved.clone()),
        _ => None,
    })?
}

pub fn settings(saved: &SavedRun) -> (&LabelConfig, u32) {
    match &saved.settings {
        SavedSettings::Labels { config, epoch } => (config, *epoch),
        SavedSettings::Text { .. } => panic!("a run over a text"),
    }
}

fn is_about(event: &Event, id: u32, wanted: RunPhase) -> bool {
    *event == Event::Phase { run: id, phase: wanted }
}

/// The storage as it is at this moment: what another engine does with it, this one does not see.
fn snapshot(page: &Page) -> Rc<Disk> {
    let disk = Rc::new(Disk::default());
    disk.files.borrow_mut().clone_from(&page.world().disk.files.borrow());
    disk
}

/// Takes the saved run up as run `id` and waits until it is back; the page.
pub fn resume(disk: &Rc<Disk>, id: u32) -> Page {
    let mut page = Page::open_on(disk.clone());
    page.send(Command::ResumeSaved { run: id });
    page.until("the run", |event| match event {
        Event::Phase { run, phase: RunPhase::Paused | RunPhase::Finished { .. } | RunPhase::Evaluating | RunPhase::Running }
            if *run == id =>
        {
            Some(())
        }
        Event::Fault { fault, .. } => panic!("{fault:?}"),
        _ => None,
    });
    page
}

/// What the page is told of the table, examples and plan of a run that is taken up again.
fn told(page: &Page) -> (LabelPlan, u64) {
    let answers = page.events.iter().filter_map(|(event, _)| match event {
        Event::Labels { request: 0, answer } => Some(answer),
        _ => None,
    });
    let (mut plan, mut rows, mut examples) = (None, None, None);
    for answer in answers {
        match answer {
            LabelAnswer::TableReady { reading, .. } => rows = Some(reading.counts.kept),
            LabelAnswer::Examined { facts } => examples = Some(facts.examples),
            LabelAnswer::Prepared { plan: found } => plan = Some((**found).clone()),
            other => panic!("{other:?}"),
        }
    }
    assert!(examples.unwrap() <= rows.unwrap());
    (plan.unwrap(), rows.unwrap())
}

fn near(one: f64, other: f64, what: &str) {
    assert!((one - other).abs() <= NEAR || one == other || one.is_nan() && other.is_nan(), "{what}: {one} and {other}");
}

fn alike(one: &PartScores, other: &PartScores) {
    assert_eq!(one.rows, other.rows);
    near(one.loss, other.loss, "loss");
    assert_eq!(one.figures.len(), other.figures.len());
    for (one, other) in one.figures.iter().zip(&other.figures) {
        assert_eq!(one.name, other.name);
        near(one.value, other.value, "figure");
    }
}

/// Everything that an unbroken run and one that was taken up again have in common.
pub fn same_course(unbroken: &Page, resumed: &Page) {
    let (one, other) = (unbroken.losses(), resumed.losses());
    assert_eq!(one.iter().map(|loss| loss.0).collect::<Vec<_>>(), other.iter().map(|loss| loss.0).collect::<Vec<_>>());
    for (one, other) in one.iter().zip(&other) {
        near(f64::from(one.1), f64::from(other.1), "training loss");
    }
    let (one, other) = (epochs(unbroken), epochs(resumed));
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!((one.epoch, one.step, one.best), (other.epoch, other.step, other.best));
        alike(&one.training, &other.training);
        if let (Some(one), Some(other)) = (&one.validation, &other.validation) {
            alike(one, other);
        }
    }
    same_report(&raw_report(unbroken), &raw_report(resumed));
}

fn same_report((one, first): &(LabelReport, Vec<Vec<u8>>), (other, second): &(LabelReport, Vec<Vec<u8>>)) {
    assert_eq!(
        (one.rows, one.epochs, one.best_epoch, one.stopped_early),
        (other.rows, other.epochs, other.best_epoch, other.stopped_early)
    );
    near(one.loss, other.loss, "loss of the report");
    assert_eq!(one.baselines, other.baselines);
    assert_eq!(one.figures, other.figures);
    assert_eq!(first.len(), second.len());
    assert_eq!(first[..3], second[..3], "rows, truth, predictions");
}

pub fn unbroken(text: &str, change: impl Fn(LabelConfig) -> LabelConfig) -> (Page, LabelConfig) {
    let mut page = Page::open();
    let choice = open(&mut page, text);
    let config = change(config(choice));
    prepare(&mut page, &config);
    run(&mut page, 1);
    (page, config)
}

/// The same run, paused after `steps` steps.
pub fn broken_off(text: &str, config: &LabelConfig, steps: u32) -> Page {
    let mut page = Page::open();
    open(&mut page, text);
    prepare(&mut page, config);
    page.send(Command::Start { run: 1 });
    page.until_step(steps);
    page.send(Command::Pause);
    page.rest();
    page
}

pub fn goes_on_unchanged(text: &str, change: impl Fn(LabelConfig) -> LabelConfig, steps: &[u32]) {
    let (whole, config) = unbroken(text, change);
    for &steps in steps {
        let first = broken_off(text, &config, steps);
        let at = first.losses().last().unwrap().0;
        let mut second = resume(&first.world().disk, 2);
        let saved = saved_run(&second).unwrap();
        assert_eq!((saved.run, saved.step, saved.title.as_str(), settings(&saved).0), (1, at, "reviews.csv", &told(&second).0.config));
        assert_eq!((second.losses(), epochs(&second).len()), (first.losses(), epochs(&first).len()), "the curves are whole again");
        second.send(Command::Resume);
        assert_eq!(second.until_finished(), StopReason::AllSteps);
        second.rest();
        same_course(&whole, &second);
        assert_eq!(second.fault_codes(), []);
    }
}

#[test]
fn a_resumed_run_equals_an_unbroken_one() {
    // Within the first epoch, between two, and late; with dropout, whose draws come from the step.
    goes_on_unchanged(&csv(), |config| LabelConfig { epochs: 4, dropout: 0.1, ..config }, &[2, 5, 13]);
}

#[test]
fn held_layers_and_adapters_come_back_as_they_were() {
    let matrices = LowRankMatrices { mlp_in: false, ..LowRankMatrices::default() };
    for trained in [Trained::HeadOnly, Trained::LowRank { rank: 2, alpha: 4.0, matrices }] {
        goes_on_unchanged(&csv(), |config| LabelConfig { epochs: 3, trained, layer_decay: 0.9, baselines: false, ..config }, &[7]);
    }
}

#[test]
fn a_run_that_ends_early_ends_as_early_after_a_reload() {
    let overshooting = |config| LabelConfig { epochs: 40, patience: 2, metric: FigureName::Loss, learning_rate: 3e-2, ..config };
    let (whole, _) = unbroken(&csv(), overshooting);
    let last = whole.losses().last().unwrap().0;
    // The best epoch lies before the reload: its weights have to come back.
    goes_on_unchanged(&csv(), overshooting, &[last - 2]);
}

#[test]
fn a_worker_that_dies_costs_what_came_after_the_last_checkpoint() {
    let (whole, config) = unbroken(&csv(), |config| LabelConfig { epochs: 6, ..config });
    let mut page = Page::open();
    open(&mut page, &csv());
    prepare(&mut page, &config);
    page.send(Command::Start { run: 1 });
    // Nobody pauses, nobody asks for a checkpoint.
    page.until("a checkpoint", |event| matches!(event, Event::Saved { run: 1, .. }).then_some(()));
    for ticks in [0, 3, 10, 40] {
        for _ in 0..ticks {
            page.tick();
        }
        let mut second = resume(&snapshot(&page), 7);
        assert_eq!(second.until_finished(), StopReason::AllSteps, "it goes on by itself");
        second.rest();
        same_course(&whole, &second);
    }
    page.until_finished();
    page.rest();
    let epochs_saved = page.events.iter().filter(|(event, _)| matches!(event, Event::Saved { .. })).count();
    assert!(epochs_saved >= 3, "after epochs and at the end: {epochs_saved}");
}

#[test]
fn saving_at_any_moment_of_a_run_changes_nothing() {
    let (whole, config) = unbroken(&csv(), |config| LabelConfig { epochs: 2, ..config });
    let mut page = Page::open();
    open(&mut page, &csv());
    prepare(&mut page, &config);
    page.send(Command::Start { run: 1 });
    for _ in 0..12 {
        for _ in 0..5 {
            page.tick();
        }
        page.send(Command::Save);
        let mut second = resume(&snapshot(&page), 2);
        second.until_finished();
        second.rest();
        same_course(&whole, &second);
    }
    page.until_finished();
    page.rest();
    same_course(&whole, &page);
}

#[test]
fn a_finished_run_comes_back_with_its_report_and_answers() {
    let (mut first, config) = unbroken(&csv(), |config| LabelConfig { epochs: 3, ..config });
    let text = sentences(GOOD).remove(3);
    let LabelAnswer::Predicted { predictions: before, .. } = predict(&mut first, &[&text], &[]) else { panic!() };
    let mut second = resume(&first.world().disk, 5);
    assert!(second.events.iter().any(|(event, _)| is_about(event, 5, RunPhase::Finished { reason: StopReason::AllSteps })));
    second.rest();
    same_course(&first, &second);
    assert!(of_classes(&raw_report(&second).0.figures).quality.text.contains("macro avg"));
    assert_eq!(told(&second).1, 64);
    let LabelAnswer::Predicted { predictions: after, run: 5, .. } = predict(&mut second, &[&text], &[]) else { panic!() };
    assert_eq!(after, before);

    // Rows and parts are there as before.
    let list = |page: &mut Page, part| {
        let request = ask(page, LabelCommand::ListRows { part }, Vec::new());
        match answered(page, request, false) {
            LabelAnswer::RowList { rows } => rows,
            other => panic!("{other:?}"),
        }
    };
    for part in [SplitPart::Training, SplitPart::Validation, SplitPart::Test] {
        assert_eq!(list(&mut first, part), list(&mut second, part));
    }
    let rows = |page: &mut Page| {
        let request = ask(page, LabelCommand::ReadRows { rows: vec![0, 9, 63] }, Vec::new());
        answered(page, request, false)
    };
    assert_eq!(rows(&mut first), rows(&mut second));

    // It can be started anew, and another run can be prepared of the table.
    second.take();
    second.send(Command::Start { run: 6 });
    assert_eq!(second.until_finished(), StopReason::AllSteps);
    second.rest();
    same_course(&first, &second);
    second.take();
    prepare(&mut second, &LabelConfig { epochs: 1, ..config });
    run(&mut second, 7);
    assert_eq!(second.fault_codes(), []);
}

#[test]
fn a_stopped_run_is_kept_with_its_report() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    prepare(&mut page, &config(choice));
    page.send(Command::Start { run: 1 });
    page.until_step(4);
    page.send(Command::Stop);
    // Saved at once, before the end is measured; the measuring is then done after the reload.
    page.send(Command::Save);
    let mut early = resume(&snapshot(&page), 2);
    early.rest();
    page.rest();
    let mut second = resume(&page.world().disk, 2);
    second.rest();
    assert!(second.events.iter().any(|(event, _)| is_about(event, 2, RunPhase::Finished { reason: StopReason::Stopped })));
    same_report(&raw_report(&page), &raw_report(&second));
    same_report(&raw_report(&page), &raw_report(&early));
}

#[test]
fn corrected_labels_and_what_was_learned_on_from_them_come_back() {
    let (mut page, config) = unbroken(&csv(), |config| LabelConfig { epochs: 2, baselines: false, ..config });
    let relabel = |page: &mut Page, rows: Vec<(u32, &str)>| {
        let rows = rows.into_iter().map(|(row, label)| (row, label.to_owned())).collect();
        let request = ask(page, LabelCommand::Relabel { rows }, Vec::new());
        answered(page, request, false)
    };
    relabel(&mut page, vec![(0, "bad"), (2, "bad")]);
    relabel(&mut page, vec![(2, "good")]);
    page.rest();
    let label = |page: &mut Page, row| {
        let request = ask(page, LabelCommand::ReadRows { rows: vec![row] }, Vec::new());
        match answered(page, request, false) {
            LabelAnswer::Rows { rows } => rows.open().unwrap()[0].label.clone(),
            other => panic!("{other:?}"),
        }
    };
    let mut second = resume(&snapshot(&page), 2);
    // What was taken back is no correction.
    let corrected = second.events.iter().find_map(|(event, _)| match event {
        Event::Labels { request: 0, answer: LabelAnswer::Examined { facts } } => Some(facts.corrected.rows),
        _ => None,
    });
    assert_eq!(corrected, Some(1));
    assert_eq!([0, 2].map(|row| label(&mut second, row)), ["bad", "good"]);

    // Both learn on from the corrected labels: the same run, also when it is broken off and taken up once more.
    let on = LabelConfig { go_on: true, ..config };
    for page in [&mut page, &mut second] {
        prepare(page, &on);
        page.take();
        page.send(Command::Start { run: 3 });
    }
    page.until_finished();
    page.rest();
    second.until_step(3);
    second.send(Command::Pause);
    second.rest();
    let mut third = resume(&second.world().disk, 4);
    assert_eq!(label(&mut third, 0), "bad");
    third.send(Command::Resume);
    third.until_finished();
    third.rest();
    same_course(&page, &third);
    // Beginning anew begins with the carried weights again.
    let first = epochs(&third)[0].training.clone();
    third.take();
    run(&mut third, 5);
    alike(&epochs(&third)[0].training, &first);
}

#[test]
fn other_tasks_are_kept_too() {
    let numbers: String = (0..40).map(|row| format!("{row} apples,{}\n", f64::from(row % 7) / 2.0)).collect();
    for (name, text, task) in [
        ("tags.conll", labels_words::words(|_, kind| kind.to_owned()), TableTask::TagTokens),
        ("numbers.csv", format!("text,score\n{numbers}"), TableTask::Score),
        ("phrases.tsv", labels_words::translations(), TableTask::TextToText),
    ] {
        let start = |page: &mut Page| {
            let choice = labels_words::open(page, name, &text, task);
            let metric = FigureName::of(task)[0];
            prepare(page, &LabelConfig { epochs: 2, metric, ..config(choice) });
            page.send(Command::Start { run: 1 });
        };
        let (mut whole, mut broken) = (Page::open(), Page::open());
        start(&mut whole);
        whole.until_finished();
        whole.rest();
        start(&mut broken);
        broken.until_step(2);
        broken.send(Command::Pause);
        broken.rest();
        let mut second = resume(&broken.world().disk, 2);
        second.send(Command::Resume);
        second.until_finished();
        second.rest();
        same_course(&whole, &second);
    }
}

#[test]
fn typed_tables_are_kept_without_a_name() {
    let mut page = Page::open();
    let class =
        |name: &str, texts: &[&str]| TypedClass { name: name.to_owned(), texts: texts.iter().map(|&text| text.to_owned()).collect() };
    let classes =
        vec![class("warm", &["sun", "fire", "tea", "summer", "wool"]), class("cold", &["ice", "snow", "frost", "winter", "sleet"])];
    let request = ask(&mut page, LabelCommand::TypeTable { classes }, Vec::new());
    let LabelAnswer::TableReady { proposal, .. } = answered(&mut page, request, false) else { panic!() };
    let choice = attune::protocol::labels::LabelChoice {
        columns: proposal.proposals[0].columns.clone(),
        merge_labels: false,
        split: attune::protocol::SplitOptions::default(),
    };
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice) });
    run(&mut page, 1);
    let second = resume(&page.world().disk, 2);
    let saved = saved_run(&second).unwrap();
    assert_eq!((saved.title.as_str(), told(&second).1, settings(&saved).1), ("", 10, 1));
}
