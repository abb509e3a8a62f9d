//! Labelled texts: labels are corrected in the open table, and a trained model learns on from them.

use super::labels::{GOOD, answered, ask, class, config, csv, epochs, open, predict, prepare, report, run};
use super::page::Page;
use attune::protocol::labels::LabelReport;
use attune::protocol::labels::{ExampleFacts, FigureName, LabelAnswer, LabelChoice, LabelCommand, LabelConfig, RowText, TextPooling};
use attune::protocol::{FaultCode, SplitPart, TableFinding};

fn relabel(page: &mut Page, rows: Vec<(u32, String)>) -> ExampleFacts {
    let request = ask(page, LabelCommand::Relabel { rows }, Vec::new());
    match answered(page, request, false) {
        LabelAnswer::Examined { facts } => facts,
        other => panic!("{other:?}"),
    }
}

fn read(page: &mut Page, rows: &[u32]) -> Vec<RowText> {
    let request = ask(page, LabelCommand::ReadRows { rows: rows.to_vec() }, Vec::new());
    match answered(page, request, false) {
        LabelAnswer::Rows { rows } => rows.open().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A table in which the label of every text with the first good word is wrong; its rows.
fn with_mistakes() -> (String, Vec<u32>) {
    let wrong = |line: &str| if line.contains(GOOD[0]) { line.replace(",good", ",bad") } else { line.to_owned() };
    let lines: Vec<String> = csv().lines().map(wrong).collect();
    let rows = (0..).zip(&lines[1..]).filter(|(_, line)| line.contains(GOOD[0])).map(|(row, _)| row).collect();
    (lines.join("\n") + "\n", rows)
}

fn said(page: &mut Page, text: &str) -> (usize, f32) {
    let LabelAnswer::Predicted { predictions, .. } = predict(page, &[text], &[]) else { panic!() };
    let (class, probabilities) = class(&predictions[0]).unwrap();
    (class, probabilities[class])
}

fn plan_rows(page: &mut Page, part: SplitPart) -> Vec<u32> {
    let request = ask(page, LabelCommand::ListRows { part }, Vec::new());
    match answered(page, request, false) {
        LabelAnswer::RowList { rows } => rows,
        other => panic!("{other:?}"),
    }
}

#[test]
fn corrected_labels_are_learned_by_going_on() {
    let (table, rows) = with_mistakes();
    let mut page = Page::open();
    let choice: LabelChoice = open(&mut page, &table);
    let config = LabelConfig { baselines: false, metric: FigureName::Loss, epochs: 16, learning_rate: 1e-2, ..config(choice) };
    let plan = prepare(&mut page, &config);
    run(&mut page, 1);
    let text = "the day was fine";
    let texts: Vec<String> = read(&mut page, &rows).into_iter().map(|row| row.text).collect();
    let good = |page: &mut Page| texts.iter().filter(|text| plan.classes[said(page, text).0] == "good").count();
    assert!(texts.len() == 8 && good(&mut page) <= 2, "as it was taught: {}", good(&mut page));
    let tested = report(&page).1[0].clone();

    let facts = relabel(&mut page, rows.iter().map(|&row| (row, "good".to_owned())).collect());
    assert_eq!(facts.class_counts, [32, 32]);
    let learned = plan_rows(&mut page, SplitPart::Training);
    let among = rows.iter().filter(|row| learned.contains(row)).count() as u64;
    assert_eq!((facts.corrected.rows, facts.corrected.training), (rows.len() as u64, among));
    // Taken back, and corrected once more.
    assert_eq!(relabel(&mut page, vec![(rows[0], "bad".to_owned())]).corrected.rows, rows.len() as u64 - 1);
    relabel(&mut page, vec![(rows[0], "good".to_owned())]);
    assert!(read(&mut page, &rows).iter().all(|row| row.label == "good" && row.text.contains(GOOD[0])));
    let before = said(&mut page, text);
    let on = LabelConfig { go_on: true, ..config.clone() };
    page.take();
    assert!(prepare(&mut page, &on).config.go_on);
    assert_eq!(said(&mut page, text), before, "it begins with what it was");
    run(&mut page, 2);
    let epochs = epochs(&page);
    let (first, last) = (&epochs[0].training, &epochs[epochs.len() - 1].training);
    assert!(last.loss < first.loss, "{first:?} {last:?}");
    assert!(good(&mut page) >= 6, "as it was corrected: {}", good(&mut page));
    // Every row is still in the part it was in: the two reports are on the same rows.
    assert_eq!(report(&page).1[0], tested);
    // Beginning anew begins with the carried weights again.
    page.take();
    run(&mut page, 3);
    assert_eq!(super::labels::epochs(&page)[0].training, *first);
    assert_eq!(page.fault_codes(), []);
}

fn judged(page: &mut Page, part: SplitPart) -> (LabelReport, Vec<Vec<u8>>) {
    let request = ask(page, LabelCommand::JudgePart { part }, Vec::new());
    match answered(page, request, false) {
        LabelAnswer::PartJudged { report, buffers, .. } => (report.open().unwrap(), buffers),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rows_that_were_learned_from_are_judged_on_request() {
    let (table, wrong) = with_mistakes();
    let mut page = Page::open();
    let choice: LabelChoice = open(&mut page, &table);
    prepare(&mut page, &LabelConfig { metric: FigureName::Loss, ..config(choice) });
    run(&mut page, 1);
    let (at_the_end, buffers) = report(&page);

    // The part of the report once more: the same rows and answers, without what it was compared with.
    let (again, same) = judged(&mut page, at_the_end.part);
    assert!(!at_the_end.baselines.is_empty() && again.baselines.is_empty());
    let numbers = |buffer: &Vec<u8>| buffer.chunks_exact(4).map(|four| u32::from_le_bytes(four.try_into().unwrap())).collect::<Vec<_>>();
    assert_eq!((again.loss, &again.figures), (at_the_end.loss, &at_the_end.figures));
    assert_eq!(same.iter().map(numbers).collect::<Vec<_>>(), buffers[..5]);

    let (training, buffers) = judged(&mut page, SplitPart::Training);
    let rows = plan_rows(&mut page, SplitPart::Training);
    assert_eq!(numbers(&buffers[0]), rows);
    assert_eq!((training.part, training.rows, training.part_rows), (SplitPart::Training, rows.len() as u64, rows.len() as u64));
    assert!(wrong.iter().any(|row| rows.contains(row)), "some of the wrong labels are among them");
    // What a row is said to be, and how surely, is what the model says of its text.
    let first = read(&mut page, &rows[..1]).remove(0);
    let (class, probability) = said(&mut page, &first.text);
    let shown = f32::from_le_bytes(buffers[3][..4].try_into().unwrap());
    assert!(numbers(&buffers[2])[0] == class as u32 && (shown - probability).abs() < 1e-4, "{shown} {probability}");
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn what_cannot_be_corrected_or_gone_on_from_is_said() {
    let mut page = Page::open();
    let refused = |page: &mut Page, command: LabelCommand| {
        ask(page, command, Vec::new());
        page.rest();
        assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
        page.take();
    };
    let choice = open(&mut page, &csv());
    refused(&mut page, LabelCommand::Relabel { rows: vec![(0, "bad".to_owned())] });
    let request = ask(&mut page, LabelCommand::Examine { choice: choice.clone() }, Vec::new());
    answered(&mut page, request, false);
    let go_on = |choice: &LabelChoice| LabelConfig { go_on: true, epochs: 1, ..config(choice.clone()) };
    refused(&mut page, LabelCommand::Prepare { config: go_on(&choice) });
    refused(&mut page, LabelCommand::Relabel { rows: vec![(0, "bad".to_owned()), (64, "bad".to_owned())] });
    assert_eq!(read(&mut page, &[0])[0].label, "good", "all or none");

    // An empty label takes the row out; a new class is one, but the model does not know it.
    let facts = relabel(&mut page, vec![(0, String::new())]);
    assert!(facts.set_aside.empty_label == 1 && facts.findings.iter().any(|finding| matches!(finding, TableFinding::EmptyLabels { .. })));
    prepare(&mut page, &LabelConfig { go_on: false, ..go_on(&choice) });
    let mean = LabelConfig { pooling: TextPooling::Mean, ..go_on(&choice) };
    refused(&mut page, LabelCommand::Prepare { config: mean });
    let facts = relabel(&mut page, vec![(0, "odd".to_owned())]);
    assert_eq!(facts.classes, ["bad", "good", "odd"]);
    refused(&mut page, LabelCommand::Prepare { config: go_on(&choice) });
    // What was prepared is still there.
    said(&mut page, "the day was fine");
    run(&mut page, 1);
}

#[test]
fn learning_on_that_only_makes_it_worse_leaves_the_model_as_it_was() {
    let mut page = Page::open();
    let choice: LabelChoice = open(&mut page, &csv());
    let config = LabelConfig { baselines: false, metric: FigureName::Loss, epochs: 12, learning_rate: 1e-2, ..config(choice) };
    prepare(&mut page, &config);
    run(&mut page, 1);
    let text = "the day was fine";
    let before = said(&mut page, text);
    page.take();
    // Steps so large that nothing of what it knows is left.
    prepare(&mut page, &LabelConfig { go_on: true, epochs: 2, learning_rate: 0.1, ..config });
    run(&mut page, 2);
    let epochs = epochs(&page);
    let loss = |at: usize| epochs[at].validation.as_ref().unwrap().loss;
    assert!(loss(1) > loss(0) && loss(2) > loss(0), "it has to get worse: {epochs:?}");
    assert_eq!((report(&page).0.best_epoch, epochs.iter().map(|epoch| epoch.best).collect::<Vec<_>>()), (0, vec![true, false, false]));
    assert_eq!(said(&mut page, text), before);
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn a_correction_goes_into_the_column_that_the_run_learns() {
    let mut page = Page::open();
    let table: String = csv().lines().map(|line| format!("{line},{}\n", if line.starts_with("text") { "mood" } else { "calm" })).collect();
    let choice: LabelChoice = open(&mut page, &table);
    let mut choice = LabelChoice { columns: attune::protocol::TaskColumns { target: Some(1), ..choice.columns.clone() }, ..choice };
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice.clone()) });
    // Another column is chosen on the page; the report that is corrected in is still about the first.
    choice.columns.target = Some(2);
    let request = ask(&mut page, LabelCommand::Examine { choice: choice.clone() }, Vec::new());
    answered(&mut page, request, false);
    let facts = relabel(&mut page, vec![(0, "bad".to_owned())]);
    assert_eq!((facts.classes.as_slice(), facts.corrected.rows), (["calm".to_owned()].as_slice(), 1));
    assert_eq!(read(&mut page, &[0])[0].label, "bad");
    choice.columns.target = Some(1);
    let request = ask(&mut page, LabelCommand::Examine { choice }, Vec::new());
    let LabelAnswer::Examined { facts } = answered(&mut page, request, false) else { panic!() };
    assert_eq!(facts.class_counts, [33, 31]);
}
