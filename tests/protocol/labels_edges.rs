//! Labelled texts: what cannot be learned, tables that are left, buttons that speak of another run.

use super::labels::{GOOD, answered, ask, classes, config, csv, epochs, open, prepare, report, run, sentences};
use super::page::{Page, tiny};
use attune::protocol::labels::{
    EpochReport, ExampleFacts, FigureName, LabelAnswer, LabelChoice, LabelCommand, LabelConfig, ROW_CHARACTERS,
};
use attune::protocol::{
    Command, Event, FaultCode, FileHead, RunConfig, RunPhase, SplitOptions, StopReason, TableFinding, TableOptions, TableProposal,
    TableReading, TableTask, TaskColumns, TypedClass,
};

#[test]
fn of_epochs_with_the_same_figure_the_one_with_the_lowest_loss_is_kept() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    // The few validation rows are soon all told apart; the loss goes on falling, which is a gain to patience too.
    prepare(&mut page, &LabelConfig { metric: FigureName::Accuracy, learning_rate: 2e-3, patience: 2, epochs: 30, ..config(choice) });
    run(&mut page, 1);
    let epochs = epochs(&page);
    let rank = |epoch: &EpochReport| {
        let scores = epoch.validation.as_ref().unwrap();
        (scores.figure(FigureName::Accuracy).unwrap(), -scores.loss)
    };
    let ranks: Vec<(f64, f64)> = epochs.iter().skip(1).map(rank).collect();
    let best = (0..ranks.len()).reduce(|best, at| if ranks[at] > ranks[best] { at } else { best }).unwrap();
    let first = (0..ranks.len()).find(|&at| ranks[at].0 == ranks[best].0).unwrap();
    assert!(first + 2 < best, "epochs have to tie for longer than patience lasts: {ranks:?}");
    assert_eq!(report(&page).0.best_epoch as usize, best + 1, "{ranks:?}");
}

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

/// Opens a file as the page does, and says how it was read and what is proposed.
fn opened(page: &mut Page, text: &str) -> (TableReading, TableProposal) {
    let files = vec![FileHead { name: "odd.csv".to_owned(), encoding: None }];
    let request = ask(page, LabelCommand::OpenTable { files, options: TableOptions::default() }, vec![text.as_bytes().to_vec()]);
    let LabelAnswer::TableReady { reading, proposal } = answered(page, request, false) else { panic!() };
    (reading, proposal)
}

fn examined(page: &mut Page, choice: &LabelChoice) -> ExampleFacts {
    let request = ask(page, LabelCommand::Examine { choice: choice.clone() }, Vec::new());
    let LabelAnswer::Examined { facts } = answered(page, request, false) else { panic!() };
    facts
}

#[test]
fn a_table_with_everything_wrong_is_told_row_by_row_and_still_learned() {
    // Ragged both ways, labels that differ by case and blanks, empty texts and labels, a class with one row.
    let mut text = csv();
    text += "the moon was fine,Good\nthe moon was warm,good \nthe moon was sour,BAD\n ,good\nthe moon was cold,\nthe moon was odd,odd\n";
    text += "only a text\nthe sea, which is deep, was kind,good\n";
    let mut page = Page::open();
    let (reading, proposal) = opened(&mut page, &text);
    let counts = reading.counts;
    assert_eq!((counts.read, counts.kept, counts.ragged), (64 + 8, 64 + 8, 0));
    let ragged = |finding: &TableFinding| matches!(finding, TableFinding::RaggedRows { shorter: 1, longer: 1, repaired: true, .. });
    assert!(reading.findings.iter().any(ragged), "{:?}", reading.findings);

    let choice = LabelChoice { columns: proposal.proposals[0].columns.clone(), merge_labels: false, split: SplitOptions::default() };
    let facts = examined(&mut page, &choice);
    // No row is lost: it is an example, or counted by its reason.
    assert_eq!(facts.examples + facts.set_aside.total(), counts.kept);
    assert_eq!((facts.set_aside.empty_text, facts.set_aside.empty_label), (1, 2));
    assert_eq!(facts.class_counts.iter().sum::<u64>(), facts.examples);
    let split = &facts.split;
    assert_eq!(split.training + split.validation + split.test + split.left_out, facts.examples);
    let similar = |merged: bool| move |finding: &TableFinding| matches!(finding, TableFinding::SimilarLabels { rows: 3, merged: done, .. } if *done == merged);
    let single = |finding: &TableFinding| matches!(finding, TableFinding::SingleRowClasses { .. });
    assert!(facts.findings.iter().any(similar(false)) && facts.findings.iter().any(single), "{:?}", facts.findings);
    assert!(facts.blocking().is_none());

    // The proposed repair: one class each.
    let choice = LabelChoice { merge_labels: true, ..choice };
    let facts = examined(&mut page, &choice);
    assert_eq!(facts.classes, ["bad", "good", "odd"]);
    assert!(facts.findings.iter().any(similar(true)) && facts.examples + facts.set_aside.total() == counts.kept);
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice) });
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn numbers_as_text_are_read_and_what_is_no_number_is_counted() {
    let row = |(number, text): (usize, String)| {
        let score = if number == 5 { "n/a".to_owned() } else { format!("{}.5", number % 9) };
        format!("{text},{score}\n")
    };
    let rows: String = sentences(GOOD).into_iter().enumerate().map(row).collect();
    let mut page = Page::open();
    let (reading, proposal) = opened(&mut page, &format!("text,score\n{rows}"));
    let odd = |finding: &TableFinding| matches!(finding, TableFinding::NumbersAsText { column: 1, numbers: 31, others: 1, .. });
    assert!(proposal.findings.iter().any(odd), "{:?}", proposal.findings);
    let found = proposal.proposals.iter().find(|proposal| proposal.columns.task == TableTask::Score).unwrap();
    let choice = LabelChoice { columns: found.columns.clone(), merge_labels: false, split: SplitOptions::default() };
    let facts = examined(&mut page, &choice);
    assert_eq!((facts.examples, facts.set_aside.not_a_number, reading.counts.kept), (31, 1, 32));
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice) });
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn long_rows_say_that_they_were_cut() {
    let mut page = Page::open();
    let choice = open(&mut page, &format!("{}{},good\n", csv(), "long ".repeat(1_000)));
    examined(&mut page, &choice);
    let request = ask(&mut page, LabelCommand::ReadRows { rows: vec![0, 64] }, Vec::new());
    let LabelAnswer::Rows { rows } = answered(&mut page, request, false) else { panic!() };
    let rows = rows.open().unwrap();
    assert_eq!([rows[0].cut, rows[1].cut], [false, true]);
    assert_eq!(rows[1].text.chars().count(), ROW_CHARACTERS);
}

#[test]
fn texts_and_labels_that_do_not_pair_are_in_the_way() {
    let mut page = Page::open();
    let lines = |count: usize, words: [&str; 2]| (0..count).map(|at| format!("{} {at}\n", words[at % 2])).collect::<String>();
    let heads = ["texts.txt", "labels.txt"].map(|name| FileHead { name: name.to_owned(), encoding: None }).to_vec();
    let files = vec![lines(40, ["a fine day", "a poor day"]).into_bytes(), "good\nbad\n".repeat(20).as_bytes()[..176].to_vec()];
    let request = ask(&mut page, LabelCommand::OpenTable { files: heads, options: TableOptions::default() }, files);
    let LabelAnswer::TableReady { reading, proposal } = answered(&mut page, request, false) else { panic!() };
    assert!(reading.findings.iter().any(|finding| matches!(finding, TableFinding::UnevenFiles { .. })), "{:?}", reading.findings);
    let columns = proposal.proposals[0].columns.clone();
    let choice = LabelChoice { columns, merge_labels: false, split: SplitOptions::default() };
    let request = ask(&mut page, LabelCommand::Examine { choice: choice.clone() }, Vec::new());
    let LabelAnswer::Examined { facts } = answered(&mut page, request, false) else { panic!() };
    assert!(matches!(facts.blocking(), Some(TableFinding::UnevenFiles { .. })), "{:?}", facts.findings);
    page.take();
    ask(&mut page, LabelCommand::Prepare { config: config(choice) }, Vec::new());
    page.rest();
    assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
}

#[test]
fn cutting_into_tokens_tells_how_far_it_is_and_can_be_cancelled() {
    let mut page = Page::open();
    let rows = csv().lines().skip(1).map(|row| format!("{row}\n")).collect::<String>().repeat(600);
    let choice = open(&mut page, &format!("text,label\n{rows}"));
    let split = SplitOptions { validation_share: 0.1, test_share: 0.1, ..choice.split.clone() };
    let config = LabelConfig { start: RunConfig::default().start, ..config(LabelChoice { split, ..choice }) };
    let far = |event: &Event| match event {
        Event::Labels { answer: LabelAnswer::Tokenising { done, total }, .. } => Some((*done, *total)),
        _ => None,
    };
    let planning = ask(&mut page, LabelCommand::Prepare { config: config.clone() }, Vec::new());
    let (done, total) = page.until("a word of progress", far);
    assert!(done > 0 && done < total && total == rows.lines().count() as u64, "{done} of {total}");
    let cancelled = ask(&mut page, LabelCommand::Cancel, Vec::new());
    assert_eq!(answered(&mut page, cancelled, false), LabelAnswer::Cancelled);
    page.rest();
    let planned = |event: &Event| matches!(event, Event::Labels { request, answer: LabelAnswer::Prepared { .. } } if *request == planning);
    assert!(!page.take().iter().any(planned));
    // Asked for again, it is made, and the words of progress rise.
    prepare(&mut page, &config);
    let told: Vec<(u64, u64)> = page.take().iter().filter_map(far).collect();
    assert!(!told.is_empty() && told.windows(2).all(|pair| pair[0].0 < pair[1].0), "{told:?}");
    assert_eq!(page.fault_codes(), []);
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
