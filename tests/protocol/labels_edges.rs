//! Labelled texts: what cannot be learned, tables that are left, buttons that speak of another run.

use super::labels::{GOOD, answered, ask, classes, config, csv, open, prepare, run, sentences};
use super::page::{Page, tiny};
use attune::protocol::labels::{LabelAnswer, LabelChoice, LabelCommand, LabelConfig};
use attune::protocol::{
    Command, Event, FaultCode, FileHead, RunConfig, RunPhase, SplitOptions, StopReason, TableFinding, TableOptions, TableTask, TaskColumns,
    TypedClass,
};

#[test]
fn what_cannot_be_learned_is_said() {
    let mut page = Page::open();
    ask(&mut page, LabelCommand::Predict { texts: vec!["a".to_owned()], seconds: Vec::new(), labels: Vec::new() }, Vec::new());
    assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
    page.take();

    let one = LabelCommand::TypeTable { classes: vec![TypedClass { name: "only".to_owned(), texts: sentences(GOOD) }] };
    let request = ask(&mut page, one, Vec::new());
    answered(&mut page, request, false);
    let columns = TaskColumns {
        task: TableTask::Classify,
        text: 0,
        second: None,
        target: Some(1),
        more_targets: Vec::new(),
        split: None,
        label_separator: None,
    };
    let choice = LabelChoice { columns, merge_labels: false, split: SplitOptions::default() };
    ask(&mut page, LabelCommand::Prepare { config: config(choice.clone()) }, Vec::new());
    page.rest();
    let one_class = |finding: &TableFinding| matches!(finding, TableFinding::OneClass { label, rows: 32 } if label == "only");
    assert!(page.events.iter().any(|(event, _)| matches!(event,
        Event::Labels { answer: LabelAnswer::Examined { facts }, .. } if facts.findings.iter().any(one_class))));
    assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
    page.take();

    // A class with one row, empty texts: told, and trained all the same.
    let mut classes = classes();
    classes[0].texts.push("  ".to_owned());
    classes.push(TypedClass { name: "odd".to_owned(), texts: vec!["seven".to_owned()] });
    let request = ask(&mut page, LabelCommand::TypeTable { classes }, Vec::new());
    answered(&mut page, request, false);
    let request = ask(&mut page, LabelCommand::Examine { choice: choice.clone() }, Vec::new());
    let LabelAnswer::Examined { facts } = answered(&mut page, request, false) else { panic!() };
    assert!(facts.findings.iter().any(|finding| matches!(finding, TableFinding::EmptyTexts { rows: 1, .. })));
    assert!(facts.findings.iter().any(|finding| matches!(finding, TableFinding::SingleRowClasses { count: 1, .. })));
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice.clone()) });
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    page.take();

    // Writing is learned from a text, not from a table; columns that do not exist.
    let writing = LabelChoice { columns: TaskColumns { task: TableTask::Write, ..choice.columns.clone() }, ..choice.clone() };
    let missing = LabelChoice { columns: TaskColumns { text: 9, ..choice.columns.clone() }, ..choice };
    for choice in [writing, missing] {
        ask(&mut page, LabelCommand::Examine { choice }, Vec::new());
        assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
        page.take();
    }
    let files = vec![FileHead { name: "empty.csv".to_owned(), encoding: None }];
    ask(&mut page, LabelCommand::OpenTable { files, options: TableOptions::default() }, vec![Vec::new()]);
    page.rest();
    assert_eq!(page.only_fault().code, FaultCode::EmptyText);
}

#[test]
fn reading_can_be_cancelled_and_a_text_takes_the_buttons_back() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    let large = csv().repeat(2_000);
    let files = vec![FileHead { name: "large.csv".to_owned(), encoding: None }];
    let reading = ask(&mut page, LabelCommand::OpenTable { files, options: TableOptions::default() }, vec![large.into_bytes()]);
    page.tick();
    page.tick();
    let cancelled = ask(&mut page, LabelCommand::Cancel, Vec::new());
    assert_eq!(answered(&mut page, cancelled, false), LabelAnswer::Cancelled);
    page.rest();
    let ready = |event: &Event| matches!(event, Event::Labels { request, answer: LabelAnswer::TableReady { .. } } if *request == reading);
    assert!(!page.take().iter().any(ready));

    // The table before it is still open.
    prepare(&mut page, &config(choice.clone()));
    page.send(Command::Start { run: 1 });
    page.until_step(1);
    page.take();
    page.ready(&RunConfig { steps: 3, ..tiny() });
    let ended = Event::Phase { run: 1, phase: RunPhase::Finished { reason: StopReason::Stopped } };
    assert!(page.take().contains(&ended));
    page.send(Command::Start { run: 2 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    page.rest();
    assert_eq!(page.losses().len(), 3);
    page.take();
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice) });
    let phases = page.take().into_iter().filter(|event| matches!(event, Event::Phase { phase: RunPhase::Measuring, .. })).count();
    assert_eq!(phases, 1);
    page.send(Command::Start { run: 3 });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    assert_eq!(page.fault_codes(), []);
}
