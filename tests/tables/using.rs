//! What tables are used for: proposed tasks, examples and their findings, parts.

use super::{collect, divide, first_task, proposed, read};
use attune::protocol::{
    ColumnKind, Packet, SplitOptions, SplitPart, SplitReport, TableFinding, TableOptions, TableProposal, TableReading, TableTask,
    TaskColumns, TypedClass,
};
use attune::text::table::{ExampleOptions, Examples, Table, TableError, Targets, propose, written_label};

#[test]
fn tasks_from_columns() {
    let name = str::to_owned;
    let several = |row: fn(usize) -> String, head: &str| head.to_owned() + "\n" + &(0..24).map(row).collect::<String>();
    let found = |task, text: &str, second: &str, target: &str| (task, name(text), name(second), name(target));
    let labels = several(|n| format!("a film that is number {n} of the year,{}\n", ["good", "bad"][n % 2]), "text,label");
    assert_eq!(proposed(&labels), found(TableTask::Classify, "text", "", "label"));
    let swapped = several(|n| format!("{},a film that is number {n} of the year\n", ["good", "bad"][n % 2]), "how,what");
    assert_eq!(proposed(&swapped), found(TableTask::Classify, "what", "", "how"));
    let lists =
        several(|n| format!("a film that is number {n} of the year,{}\n", ["drama;war", "war", "comedy;drama"][n % 3]), "text,genres");
    assert_eq!(proposed(&lists), found(TableTask::ClassifySeveral, "text", "", "genres"));
    let numbers = several(|n| format!("a film that is number {n} of the year,{}\n", n as f64 * 0.37), "text,score");
    assert_eq!(proposed(&numbers), found(TableTask::Score, "text", "", "score"));
    let pairs = several(
        |n| format!("someone is playing tune {n},music {n} is being played,{}\n", ["yes", "no"][n % 2]),
        "sentence1,sentence2,label",
    );
    assert_eq!(proposed(&pairs), found(TableTask::ClassifyPair, "sentence1", "sentence2", "label"));
    let scores = several(
        |n| format!("someone is playing tune {n},music {n} is being played,{}\n", n as f64 / 5.0 + 0.01),
        "sentence1,sentence2,score",
    );
    assert_eq!(proposed(&scores), found(TableTask::ScorePair, "sentence1", "sentence2", "score"));
    let texts = several(|n| format!("the cat number {n} sat down,le chat numéro {n} s'est assis\n"), "en,fr");
    assert_eq!(proposed(&texts), found(TableTask::TextToText, "en", "", "fr"));
    let questions =
        several(|n| format!("c{n},a long context that speaks of thing {n},what is {n}?,thing {n}\n"), "id,context,question,answer");
    assert_eq!(proposed(&questions), found(TableTask::TextToText, "question", "context", "answer"));
    let alone = several(|n| format!("\"Line {n}, of a poem\"\n"), "text");
    assert_eq!(proposed(&alone), found(TableTask::Write, "text", "", ""));
    let flags =
        several(|n| format!("comment number {n} of them all,{},{},{}\n", n % 2, (n / 2) % 2, (n / 3) % 2), "comment,toxic,rude,threat");
    let (table, _) = read(&[("a.csv", &flags)]);
    let proposal = propose(&table);
    let columns = first_task(&proposal);
    assert_eq!((columns.task, columns.target, columns.more_targets.as_slice()), (TableTask::ClassifySeveral, Some(1), &[2, 3][..]));
    let examples = Examples::collect(&table, columns.clone(), &ExampleOptions::default()).unwrap();
    assert_eq!(examples.classes, ["rude", "threat", "toxic"]);
    assert_eq!(examples.classes_of(1), [2]);
}

#[test]
fn kinds_of_columns() {
    let head = "id,date,split,stars,label,text,nothing\n";
    let parts = ["train", "test"];
    let row = |n: usize| {
        format!("r{n:03},2024-01-{:02},{},{},{},some longer text number {n},\n", n % 28 + 1, parts[n % 2], n % 5, ["a", "b"][n % 2])
    };
    let (table, _) = read(&[("a.csv", &(head.to_owned() + &(0..40).map(row).collect::<String>()))]);
    let proposal = propose(&table);
    let kinds: Vec<ColumnKind> = proposal.columns.iter().map(|column| column.kind).collect();
    use ColumnKind as K;
    assert_eq!(kinds, [K::Id, K::Date, K::Split, K::Number, K::Label, K::Text, K::Empty]);
    assert_eq!(first_task(&proposal).split, Some(2));
    assert!(proposal.proposals.iter().any(|other| other.columns.task == TableTask::Score), "alternatives are there");
}

#[test]
fn every_bad_input_has_its_finding() {
    let text = "text,label\na b,Good\nA  b,good\nc,good \nd,bad\n,good\ne,\nf,odd\ng,bad\nh,good\n";
    let (table, _) = read(&[("a.csv", text)]);
    let examples = collect(&table, &ExampleOptions::default());
    assert_eq!((examples.set_aside.empty_text, examples.set_aside.empty_label), (1, 1));
    assert_eq!(examples.classes, ["Good", "bad", "good", "good ", "odd"]);
    let has = |examples: &Examples, wanted: fn(&TableFinding) -> bool| examples.findings.iter().any(wanted);
    assert!(has(&examples, |f| matches!(f, TableFinding::SimilarLabels { merges, rows: 2, merged: false } if merges[0].into == "good")));
    assert!(has(&examples, |f| matches!(f, TableFinding::EmptyTexts { rows: 1, places } if places[0].line == 6)));
    assert!(has(&examples, |f| matches!(f, TableFinding::EmptyLabels { rows: 1, places } if places[0].line == 7)));
    let merged = collect(&table, &ExampleOptions { merge_labels: true, ..ExampleOptions::default() });
    assert_eq!(merged.classes, ["bad", "good", "odd"]);
    assert!(has(&merged, |f| matches!(f, TableFinding::SingleRowClasses { labels, count: 1 } if labels == &["odd"])));
    let known = ExampleOptions { known_labels: Some(vec!["good".to_owned(), "bad".to_owned()]), merge_labels: true };
    let known = collect(&table, &known);
    assert_eq!((known.classes.as_slice(), known.set_aside.unknown_label), (&["good".to_owned(), "bad".to_owned()][..], 1));
    assert!(has(&known, |f| matches!(f, TableFinding::UnknownLabels { rows: 1, labels } if labels[0].0 == "odd")));
    let divided = divide(&table, &merged, &SplitOptions::default());
    assert!(divided.report.findings.iter().any(|f| matches!(f, TableFinding::DuplicateTexts { rows: 1, texts: 1, .. })));

    let (table, _) = read(&[("a.csv", "text,label\nx y,a\nX y,b\nz,b\n")]);
    let examples = collect(&table, &ExampleOptions::default());
    let divided = divide(&table, &examples, &SplitOptions::default());
    let conflict = divided
        .report
        .findings
        .iter()
        .find_map(|f| if let TableFinding::ConflictingLabels { examples, .. } = f { Some(examples) } else { None });
    assert_eq!(conflict.unwrap(), &[("x y".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
    assert_eq!(divided.parts[0], divided.parts[1]);

    let (table, _) = read(&[("a.csv", "text,label\nx,a\ny,a\n")]);
    let one = collect(&table, &ExampleOptions::default());
    assert!(has(&one, |f| matches!(f, TableFinding::OneClass { label, rows: 2 } if label == "a") && f.blocks()));
}

#[test]
fn rows_that_say_too_little_of_several_labels_are_told() {
    let genres = ["drama;war", "war", "drama", ""];
    let rows: String = (0..24).map(|n| format!("a film that is number {n} of the year,{}\n", genres[n % 4])).collect();
    let (table, _) = read(&[("a.csv", &format!("text,genres\n{rows}"))]);
    let examples = collect(&table, &ExampleOptions::default());
    let bare = examples
        .findings
        .iter()
        .find_map(|f| if let TableFinding::WithoutLabels { rows, places } = f { Some((*rows, places[0].line)) } else { None });
    assert_eq!((examples.len(), bare), (24, Some((6, 5))), "they are learned from, and that is said");
    let known = ExampleOptions { known_labels: Some(vec!["drama".to_owned(), "war".to_owned()]), ..ExampleOptions::default() };
    assert!(collect(&table, &known).findings.is_empty(), "nothing is learned from a file to predict");

    let cells = ["1,0", "0,0", "-1,-1", ",", "yes,No", "x,2", "TRUE,1.0"];
    let rows: String = (0..21).map(|n| format!("comment number {n} of them all,{}\n", cells[n % 7])).collect();
    let (table, _) = read(&[("a.csv", &format!("text,toxic,rude\n{rows}"))]);
    let columns = TaskColumns {
        task: TableTask::ClassifySeveral,
        text: 0,
        second: None,
        target: Some(1),
        more_targets: vec![2],
        split: None,
        label_separator: None,
    };
    let examples = Examples::collect(&table, columns.clone(), &ExampleOptions::default()).unwrap();
    assert_eq!((examples.len(), examples.set_aside.unknown_label, examples.set_aside.total()), (15, 6, 6));
    let of = |row: usize| examples.classes_of(examples.rows.iter().position(|&found| found as usize == row).unwrap()).to_vec();
    assert_eq!([of(0), of(1), of(3), of(4), of(6)], [vec![1], vec![], vec![], vec![1], vec![0, 1]]);
    let odd = examples
        .findings
        .iter()
        .find_map(|f| if let TableFinding::UnknownFlags { rows: 6, values, .. } = f { Some(values.clone()) } else { None });
    assert_eq!(odd.unwrap(), [("-1".to_owned(), 6), ("2".to_owned(), 3)]);
    assert!(
        examples.findings.iter().any(|f| matches!(f, TableFinding::WithoutLabels { rows: 3, .. })),
        "zeros say no, nothing says nothing"
    );
    assert_eq!([2, 4].map(|row| written_label(&table, &columns, row)), ["-1", "toxic"]);
    assert_eq!(examples.understood("-1"), Err(vec!["-1".to_owned()]), "of a file to predict neither");
}

#[test]
fn numbers_as_text() {
    let rows = |n: usize| format!("the text of row number {n},{}\n", if n == 7 { "n/a".to_owned() } else { format!("{}.5", n % 13) });
    let (table, _) = read(&[("a.csv", &("text,score\n".to_owned() + &(0..30).map(rows).collect::<String>()))]);
    let proposal = propose(&table);
    assert_eq!(proposal.findings, [TableFinding::NumbersAsText { column: 1, numbers: 29, others: 1, examples: vec!["n/a".to_owned()] }]);
    let examples = collect(&table, &ExampleOptions::default());
    assert_eq!((examples.set_aside.not_a_number, examples.len()), (1, 29));
    assert!(matches!(&examples.targets, Targets::Numbers(values) if values[1] == 1.5));
    let rows: Vec<String> = (0..12).map(|n| format!(r#"{{"text": "row number {n} of them", "score": "{}.25"}}"#, n % 7)).collect();
    let (table, _) = read(&[("a.jsonl", &rows.join("\n"))]);
    assert!(matches!(propose(&table).findings[..], [TableFinding::NumbersAsText { column: 1, numbers: 12, others: 0, .. }]));
    let columns = TaskColumns {
        task: TableTask::Classify,
        text: 1,
        second: None,
        target: Some(0),
        more_targets: Vec::new(),
        split: None,
        label_separator: None,
    };
    let odd = Examples::collect(&table, columns, &ExampleOptions::default()).unwrap();
    assert!(odd.findings.contains(&TableFinding::TextIsNumbers { column: 1 }));
}

#[test]
fn columns_that_make_no_task_are_refused() {
    let (table, _) = read(&[("a.csv", "text,label\na,x\n")]);
    let good = TaskColumns {
        task: TableTask::Classify,
        text: 0,
        second: None,
        target: Some(1),
        more_targets: vec![],
        split: None,
        label_separator: None,
    };
    let refused = |columns| Examples::collect(&table, columns, &ExampleOptions::default()).unwrap_err();
    assert_eq!(refused(TaskColumns { target: Some(2), ..good.clone() }), TableError::NoSuchColumn { column: 2, columns: 2 });
    assert_eq!(refused(TaskColumns { target: Some(0), ..good.clone() }), TableError::ColumnTwice(0));
    assert!(matches!(refused(TaskColumns { target: None, ..good.clone() }), TableError::NoTarget(_)));
    assert!(matches!(refused(TaskColumns { task: TableTask::ScorePair, ..good }), TableError::NoTarget(_)));
}

#[test]
fn five_typed_examples_a_class_are_enough() {
    let class =
        |name: &str| TypedClass { name: name.to_owned(), texts: (0..5).map(|n| format!("{name} {n}")).chain(["  ".to_owned()]).collect() };
    let table = Table::typed(&[class("warm"), class("cold")]).unwrap();
    let examples = collect(&table, &ExampleOptions::default());
    assert_eq!((examples.len(), examples.set_aside.empty_text), (10, 2));
    let divided = divide(&table, &examples, &SplitOptions::default());
    assert_eq!(divided.report.classes, [[3, 1, 1], [3, 1, 1]]);
    assert!(divided.report.findings.is_empty() && examples.findings.len() == 1);
}

#[test]
fn ready_parts_are_respected_and_leaks_are_found() {
    let text = "text,label,split\na,x,train\nb,y,train\nc,x,train\nd,y,train\nA ,x,test\ne,y,test\nf,x,val\nf,x,test\ng,y,later\n";
    let (table, _) = read(&[("a.csv", text)]);
    let columns = TaskColumns {
        task: TableTask::Classify,
        text: 0,
        second: None,
        target: Some(1),
        more_targets: vec![],
        split: Some(2),
        label_separator: None,
    };
    let examples = Examples::collect(&table, columns, &ExampleOptions::default()).unwrap();
    let divided = divide(&table, &examples, &SplitOptions::default());
    let report = &divided.report;
    assert!(report.ready);
    assert_eq!((report.training, report.validation, report.test), (5, 1, 3));
    let leaks: Vec<(SplitPart, SplitPart, u64)> = report
        .findings
        .iter()
        .filter_map(|f| if let TableFinding::Leakage { trained, checked, rows, .. } = f { Some((*trained, *checked, *rows)) } else { None })
        .collect();
    assert_eq!(leaks, [(SplitPart::Training, SplitPart::Test, 1), (SplitPart::Validation, SplitPart::Test, 1)]);
    assert!(report.findings.iter().any(|f| matches!(f, TableFinding::UnknownParts { rows: 1, .. })));
    let dropped = divide(&table, &examples, &SplitOptions { drop_leaks: true, ..SplitOptions::default() });
    assert_eq!((dropped.report.left_out, dropped.parts[0]), (2, SplitPart::LeftOut));
    let anew = divide(&table, &examples, &SplitOptions { ignore_ready: true, ..SplitOptions::default() });
    assert!(!anew.report.ready);
    assert_eq!(anew.parts[0], anew.parts[4], "a and A are one text");
}

#[test]
fn a_missing_validation_part_is_taken_from_training() {
    let row = |n: usize| format!("text number {n},{},{}\n", ["x", "y"][n % 2], if n < 40 { "train" } else { "test" });
    let (table, _) = read(&[("a.csv", &("text,label,split\n".to_owned() + &(0..50).map(row).collect::<String>()))]);
    let examples = collect(&table, &ExampleOptions::default());
    let divided = divide(&table, &examples, &SplitOptions::default());
    assert_eq!((divided.report.training, divided.report.validation, divided.report.test), (36, 4, 10));
    assert_eq!(divided.report.classes, [[18, 2, 5], [18, 2, 5]]);
    assert_eq!(divided.report.findings, [TableFinding::MissingPart { part: SplitPart::Validation, taken_from_training: 4 }]);
}

#[test]
fn lists_of_words_are_read_as_text() {
    let (table, _) =
        read(&[("a.jsonl", "{\"words\": [\"a\", \"fine\", \"film\"], \"label\": \"pos\"}\n{\"words\": [\"dull\"], \"label\": \"neg\"}\n")]);
    let columns = TaskColumns {
        task: TableTask::Classify,
        text: 0,
        second: None,
        target: Some(1),
        more_targets: vec![],
        split: None,
        label_separator: None,
    };
    let pair = TaskColumns { task: TableTask::ClassifyPair, text: 1, second: Some(0), target: Some(2), ..columns.clone() };
    let examples = Examples::collect(&table, columns, &ExampleOptions::default()).unwrap();
    assert_eq!((examples.text(&table, 0), examples.text(&table, 1)), ("a fine film".into(), "dull".into()));
    let (table, _) = read(&[("a.jsonl", "{\"words\": [\"a\", \"film\"], \"title\": \"b\", \"label\": \"pos\"}\n")]);
    let examples = Examples::collect(&table, pair, &ExampleOptions::default()).unwrap();
    assert_eq!(examples.second(&table, 0), "a film");
}

#[test]
fn what_is_said_of_a_table_travels() {
    let (table, reading) = read(&[("a.csv", "text,label\na,x\nb\n,y\n")]);
    let proposal = propose(&table);
    let examples = collect(&table, &ExampleOptions::default());
    let report = divide(&table, &examples, &SplitOptions::default()).report;
    let packet = Packet::new(&(reading.clone(), proposal.clone(), report.clone(), TableOptions::default()), Vec::new()).unwrap();
    let back: (TableReading, TableProposal, SplitReport, TableOptions) = packet.read().unwrap();
    assert_eq!(back, (reading, proposal, report, TableOptions::default()));
}

/// "target" may name a class, or a text to write: what hardly comes again is written.
#[test]
fn short_targets_that_hardly_come_again_are_written() {
    let first = |text: &str| proposed(text).0;
    let phrases: String = (0..60).map(|row| format!("phrase {row} of a day,Day {}\n", row % 55)).collect();
    assert_eq!(first(&format!("source,target\n{phrases}")), TableTask::TextToText);
    let classes: String = (0..60).map(|row| format!("phrase {row} of a day,Day {}\n", row % 5)).collect();
    assert_eq!(first(&format!("source,target\n{classes}")), TableTask::Classify);
}
