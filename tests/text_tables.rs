//! Tables of examples from bytes to parts: what is recognised, what is proposed, what is found wrong, how rows are split.
//!
//! In: small files written here, and arbitrary bytes. Out: assertions on the public interface of `attune::text::table`.
#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

use attune::protocol::{
    ColumnKind, FileHead, FileRefusal, Packet, QuoteStyle, RaggedPolicy, Separator, SplitOptions, SplitPart, TableFinding, TableForm,
    TableOptions, TableProposal, TableReading, TableRepair, TableTask, TaskColumns, TypedClass,
};
use attune::text::table::{ExampleOptions, Examples, Split, Table, TableError, TableReader, Targets, propose, split};
use proptest::prelude::*;

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> (FileHead, Vec<u8>) {
    (FileHead { name: name.to_owned(), encoding: None }, bytes.into())
}

fn read_with(files: &[(&str, &str)], options: TableOptions) -> (Table, TableReading) {
    let files = files.iter().map(|(name, text)| file(name, *text)).collect();
    let (table, reading) = TableReader::read_all(files, options).unwrap();
    adds_up(&reading);
    assert_eq!(reading.counts.kept, table.rows() as u64);
    (table, reading)
}

fn read(files: &[(&str, &str)]) -> (Table, TableReading) {
    read_with(files, TableOptions::default())
}

fn adds_up(reading: &TableReading) {
    let counts = reading.counts;
    assert_eq!(counts.read, counts.kept + counts.ragged + counts.unreadable + counts.over_limit, "{counts:?}");
}

fn cells(table: &Table) -> Vec<Vec<&str>> {
    (0..table.rows()).map(|row| (0..table.columns()).map(|column| table.cell(row, column)).collect()).collect()
}

fn first_task(proposal: &TableProposal) -> &TaskColumns {
    &proposal.proposals[0].columns
}

/// Task, text, second and target (by name) of the first proposal.
fn proposed(text: &str) -> (TableTask, String, String, String) {
    let (table, _) = read(&[("a.csv", text)]);
    let proposal = propose(&table);
    let columns = first_task(&proposal);
    let name = |column: Option<u32>| column.map_or(String::new(), |column| table.name(column as usize).to_owned());
    (columns.task, name(Some(columns.text)), name(columns.second), name(columns.target))
}

fn collect(table: &Table, options: &ExampleOptions) -> Examples {
    let proposal = propose(table);
    let examples = Examples::collect(table, first_task(&proposal).clone(), options).unwrap();
    assert_eq!(examples.len() as u64 + examples.set_aside.total(), table.rows() as u64);
    examples
}

fn divide(table: &Table, examples: &Examples, options: &SplitOptions) -> Split {
    let divided = split(table, examples, options);
    let report = &divided.report;
    assert_eq!(divided.parts.len(), examples.len());
    assert_eq!(report.training + report.validation + report.test + report.left_out, examples.len() as u64);
    divided
}

#[test]
fn separators_headers_and_names() {
    let (table, reading) = read(&[("a.csv", "text;label\n\"one; two\";x\nthree;y\n")]);
    assert_eq!(cells(&table), [["one; two", "x"], ["three", "y"]]);
    assert_eq!(
        (reading.form, reading.separator, reading.quote),
        (TableForm::Delimited, Some(Separator::Semicolon), Some(QuoteStyle::Double))
    );
    assert_eq!((reading.header, reading.columns.as_slice()), (Some(true), &["text".to_owned(), "label".to_owned()][..]));

    let options = TableOptions { header: Some(false), separator: Some(Separator::Comma), ..TableOptions::default() };
    let (table, reading) = read_with(&[("a.csv", "text;label\none;x\n")], options);
    assert_eq!(cells(&table), [["text;label"], ["one;x"]]);
    assert_eq!(reading.columns, ["column 1"]);
}

#[test]
fn ragged_rows_are_repaired_or_set_aside_and_always_listed() {
    let text = "text,label\na fine, long film,good\nanother one,bad\nshort\nwhole and more text,good\nx,bad,\n\nlast,good\n";
    let (table, reading) = read(&[("a.csv", text)]);
    assert_eq!(cells(&table)[0], ["a fine, long film", "good"], "the comma belongs to the text");
    assert_eq!((cells(&table)[2].as_slice(), cells(&table)[4].as_slice()), (&["short", ""][..], &["x", "bad"][..]));
    let TableFinding::RaggedRows { expected: 2, shorter: 1, longer: 2, repaired: true, rows } = &reading.findings[0] else {
        panic!("{:?}", reading.findings)
    };
    assert_eq!(rows.iter().map(|row| (row.place.line, row.cells)).collect::<Vec<_>>(), [(2, 3), (4, 1), (6, 3)]);
    assert_eq!((reading.counts.blank_lines, table.place(5).line), (1, 8));
    assert_eq!(reading.findings[0].repair(), TableRepair::SetRaggedAside);

    let options = TableOptions { ragged: Some(RaggedPolicy::SetAside), ..TableOptions::default() };
    let (table, reading) = read_with(&[("a.csv", text)], options);
    assert_eq!((table.rows(), reading.counts.read, reading.counts.ragged), (3, 6, 3));
}

#[test]
fn stray_quotes_are_said_and_can_be_read_as_text() {
    let good = "\"a, b\",x\n".repeat(20);
    let text = format!("text,label\n{good}\"unclosed,y\nlost,z\n");
    let (table, reading) = read(&[("a.csv", &text)]);
    assert!(reading.findings.iter().any(|finding| matches!(finding, TableFinding::StrayQuotes { cells: 1, first } if first.line == 22)));
    assert_eq!(table.rows(), 21);
    let options = TableOptions { quote: Some(QuoteStyle::None), ..TableOptions::default() };
    assert_eq!(read_with(&[("a.csv", &text)], options).0.rows(), 22);
}

#[test]
fn json_of_every_layout() {
    let expected = [["a", "x"], ["b", "y"]];
    for (name, text) in [
        ("a.json", r#"[{"t": "a", "l": "x"}, {"l": "y", "t": "b"}]"#),
        ("a.jsonl", "{\"t\": \"a\", \"l\": \"x\"}\n\n{\"t\": \"b\", \"l\": \"y\"}\n"),
        ("a.json", r#"{"version": 3, "data": [{"t": "a", "l": "x"}, {"t": "b", "l": "y"}]}"#),
        ("a.json", r#"[["a", "x"], ["b", "y"]]"#),
        ("a.json", r#"[["text", "label"], ["a", "x"], ["b", "y"]]"#),
        ("a.txt", "[\"a\", \"x\"]\n[\"b\", \"y\"]\n"),
        ("a.json", r#"{"text": ["a", "b"], "label": ["x", "y"]}"#),
    ] {
        let (table, reading) = read(&[(name, text)]);
        assert_eq!(cells(&table), expected, "{text}");
        assert_eq!(reading.counts.read, 2);
    }
    let (table, _) = read(&[("a.json", r#"[{"n": {"a": 1, "b": [true, null]}, "deep": [[1, "x"]]}]"#)]);
    assert_eq!(cells(&table), [["1", "true\u{1f}", r#"[[1,"x"]]"#]]);
    assert_eq!((table.name(1), table.items(0, 1).collect::<Vec<_>>()), ("n.b", vec!["true", ""]));
}

#[test]
fn broken_json_keeps_what_was_good() {
    let (table, reading) = read(&[("a.jsonl", "{\"t\": \"a\"}\n{\"t\": \n{\"t\": \"b\"}\nnot json\n")]);
    assert_eq!((table.rows(), reading.counts.read, reading.counts.unreadable), (2, 4, 2));
    let (table, reading) = read(&[("a.json", "[\n{\"t\": \"a\"},\n{\"t\": ]\n")]);
    assert_eq!(table.rows(), 1);
    let broken = reading.findings.iter().find_map(|finding| match finding {
        TableFinding::UnreadableRows { rows, places, rest_lost } => Some((*rows, places[0].line, *rest_lost)),
        _ => None,
    });
    assert_eq!(broken, Some((1, 3, true)));
}

#[test]
fn files_as_classes_parts_and_documents() {
    let (table, reading) = read(&[("pos.txt", "good\n\nfine\n"), ("neg.txt", "bad\n"), ("README.md", "# About\n")]);
    assert_eq!(cells(&table), [["good", "pos"], ["fine", "pos"], ["bad", "neg"]]);
    assert_eq!(reading.form, TableForm::Lines);
    assert!(
        reading.findings.contains(&TableFinding::FilesPassedOver { count: 1, files: vec![("README.md".to_owned(), FileRefusal::Note)] })
    );

    let (table, reading) =
        read(&[("d/train/a/1.txt", "one\ntwo"), ("d/train/a/2.txt", "three"), ("d/train/b/1.txt", "four"), ("d/test/b/9.txt", "five")]);
    assert_eq!(reading.form, TableForm::Documents);
    assert_eq!(cells(&table)[0], ["one\ntwo", "a", "train"]);
    assert_eq!(cells(&table)[3], ["five", "b", "test"]);
    assert!(reading.findings.is_empty());

    let (table, _) = read(&[("train.csv", "text,label\na,x\n"), ("dev.csv", "label,text\ny,b\n"), ("test.csv", "text,label\nc,x\n")]);
    assert_eq!(cells(&table), [["a", "x", "train"], ["b", "y", "validation"], ["c", "x", "test"]]);
}

#[test]
fn a_file_that_is_no_text_is_passed_over_among_others_and_refused_alone() {
    let picture = || file("a.png", b"\x89PNG\r\n\x1a\nrest".to_vec());
    let (_, reading) = TableReader::read_all(vec![file("a.csv", "text,label\na,b\n"), picture()], TableOptions::default()).unwrap();
    assert!(matches!(&reading.findings[..], [TableFinding::FilesPassedOver { files, .. }] if files[0].1 == FileRefusal::NotText));
    assert!(matches!(TableReader::read_all(vec![picture()], TableOptions::default()), Err(TableError::Text(_))));
    assert!(matches!(TableReader::read_all(vec![], TableOptions::default()), Err(TableError::Text(_))));
    let (table, reading) = read(&[("empty.csv", "text,label\n")]);
    assert_eq!((table.rows(), reading.findings.as_slice()), (0, &[TableFinding::NoRows][..]));
    assert!(propose(&table).proposals.is_empty());
}

#[test]
fn a_long_table_is_thinned_evenly_and_says_so() {
    let text: String = "text,label\n".to_owned() + &(0..5_000).map(|n| format!("row {n},{}\n", n / 2_500)).collect::<String>();
    let options = TableOptions { most_rows: Some(1_000), ..TableOptions::default() };
    let (table, reading) = read_with(&[("a.csv", &text)], options);
    assert_eq!((reading.counts.read, table.rows(), reading.counts.over_limit), (5_000, 625, 4_375));
    let zeros = (0..625).filter(|&row| table.cell(row, 1) == "0").count();
    assert!((312..=313).contains(&zeros), "both halves of a sorted file stay");
    assert!(reading.findings.contains(&TableFinding::TooManyRows { rows: 5_000, limit: 1_000 }));
}

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
fn the_reader_stops_between_slices_and_says_how_far_it_is() {
    let text = "text,label\n".to_owned() + &"some text of a row,a\n".repeat(2_000);
    let mut reader = TableReader::new(vec![file("a.csv", text.clone())], TableOptions::default()).unwrap();
    let (mut last, mut steps) = (0, 0);
    loop {
        let progress = reader.advance(4_096).unwrap();
        assert!(progress.done >= last && progress.done <= progress.total);
        last = progress.done;
        steps += 1;
        if progress.finished {
            assert_eq!((progress.done, progress.rows), (progress.total, 2_000));
            break;
        }
    }
    assert!(steps > 8, "{steps}");
    assert_eq!(reader.finish().0, read(&[("a.csv", &text)]).0, "as in one go");
}

#[test]
fn what_is_said_of_a_table_travels() {
    let (table, reading) = read(&[("a.csv", "text,label\na,x\nb\n,y\n")]);
    let proposal = propose(&table);
    let examples = collect(&table, &ExampleOptions::default());
    let report = divide(&table, &examples, &SplitOptions::default()).report;
    let packet = Packet::new(&(reading.clone(), proposal.clone(), report.clone(), TableOptions::default()), Vec::new()).unwrap();
    let back: (TableReading, TableProposal, attune::protocol::SplitReport, TableOptions) = packet.read().unwrap();
    assert_eq!(back, (reading, proposal, report, TableOptions::default()));
}

/// A table cell with everything that needs quoting.
fn cell() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-z,;|\"\t\n é中]{0,12}").unwrap()
}

proptest! {
    #[test]
    fn quoted_cells_come_back(rows in proptest::collection::vec(proptest::collection::vec((cell(), any::<bool>()), 3), 1..12), mark in 0_usize..4) {
        let (separator, byte) = [(Separator::Comma, ','), (Separator::Tab, '\t'), (Separator::Semicolon, ';'), (Separator::Pipe, '|')][mark];
        let write = |(cell, quoted): &(String, bool)| {
            let must = *quoted || cell.contains(['"', '\n', byte]);
            if must { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
        };
        // A first cell that is never empty: three empty cells without a quote would still be a row, but a blank line none.
        let text: String = rows.iter().map(|row| row.iter().map(write).collect::<Vec<_>>().join(&byte.to_string()) + "\n").collect();
        let options = TableOptions {
            form: Some(TableForm::Delimited), separator: Some(separator), quote: Some(QuoteStyle::Double), header: Some(false),
            ..TableOptions::default()
        };
        prop_assume!(!text.trim().is_empty());
        let head = FileHead { name: "a.csv".to_owned(), encoding: Some("utf-8".to_owned()) };
        let (table, reading) = TableReader::read_all(vec![(head, text.into_bytes())], options).unwrap();
        let expected: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(|(cell, _)| cell.as_str()).collect()).collect();
        prop_assert_eq!(cells(&table), expected);
        prop_assert!(reading.findings.is_empty(), "{:?}", reading.findings);
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(
        files in proptest::collection::vec((0_usize..10, proptest::collection::vec(any::<u8>(), 0..300)), 1..4), seed in 0_u64..9,
    ) {
        survives(&files, seed);
    }

    #[test]
    fn arbitrary_text_is_read_and_every_row_counted(
        files in proptest::collection::vec((0_usize..10, "[ab,;|\t\n\"'{}\\[\\]:01.# O-]{0,120}"), 1..4), seed in 0_u64..9,
    ) {
        let files: Vec<(usize, Vec<u8>)> = files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
        survives(&files, seed);
    }
}

/// Reads, proposes, collects and splits with every task that is proposed: nothing panics, all counts add up.
fn survives(files: &[(usize, Vec<u8>)], seed: u64) {
    let names = ["a.csv", "b.tsv", "c.json", "d.jsonl", "e.conll", "f.txt", "pos/g.txt", "neg/h.txt", "train/pos/i.txt", "README"];
    let heads = || files.iter().map(|(name, bytes)| file(names[*name], bytes.clone())).collect::<Vec<_>>();
    let forms = [
        None,
        Some(TableForm::Delimited),
        Some(TableForm::Json),
        Some(TableForm::JsonLines),
        Some(TableForm::Conll),
        Some(TableForm::Lines),
        Some(TableForm::Documents),
        Some(TableForm::ParallelLines),
    ];
    for form in forms {
        let options = TableOptions { form, most_rows: Some(7), ..TableOptions::default() };
        let Ok((table, reading)) = TableReader::read_all(heads(), options) else { continue };
        adds_up(&reading);
        assert_eq!(reading.counts.kept, table.rows() as u64);
        assert!(table.rows() <= 7);
        for proposal in propose(&table).proposals {
            let examples = Examples::collect(&table, proposal.columns, &ExampleOptions::default()).unwrap();
            assert_eq!(examples.len() as u64 + examples.set_aside.total(), table.rows() as u64);
            let divided = divide(&table, &examples, &SplitOptions { seed, ..SplitOptions::default() });
            // No text is in two parts, unless the parts were ready.
            let texts = |part| divided.examples(part).map(|e| (examples.text(&table, e), examples.second(&table, e))).collect::<Vec<_>>();
            let training = texts(SplitPart::Training);
            assert!(divided.report.ready || texts(SplitPart::Test).iter().all(|text| !training.contains(text)));
        }
    }
}
