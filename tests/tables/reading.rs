//! Files of every form to tables: cells, names, what was odd, and where each row went.

use super::{cells, file, read, read_with};
use attune::protocol::{FileRefusal, QuoteStyle, RaggedPolicy, RowPlace, Separator, TableFinding, TableForm, TableOptions, TableRepair};
use attune::text::table::{MAX_ROWS, TableError, TableReader, propose};

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
    let TableFinding::RaggedRows { expected: 2, shorter: 1, longer: 2, cut: 1, repaired: true, rows } = &reading.findings[0] else {
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
fn json_that_python_writes_loses_no_row() {
    let rows = r#"{"t": "a NaN", "y": NaN}, {"t": "b", "y": 1.5}, {"t": "c", "y": -Infinity}"#;
    let expected = [["a NaN", ""], ["b", "1.5"], ["c", ""]];
    for (name, text) in [
        ("a.json", format!("[{rows}]")),
        ("a.txt", format!("[{rows}]")),
        ("a.jsonl", rows.replace("}, ", "}\n")),
        ("a.txt", rows.replace("}, ", "}\n")),
        ("a.json", format!(r#"{{"version": Infinity, "data": [{rows}]}}"#)),
        ("a.json", r#"{"text": ["a NaN", "b", "c"], "y": [NaN, 1.5, -Infinity]}"#.to_owned()),
        ("a.json", r#"[["text", "y"], ["a NaN", NaN], ["b", 1.5], ["c", -Infinity]]"#.to_owned()),
    ] {
        let (table, reading) = read(&[(name, &text)]);
        assert_eq!(cells(&table), expected, "{text}");
        assert_eq!((reading.counts.read, reading.findings.len()), (3, 0), "{text}: {:?}", reading.findings);
    }
}

#[test]
fn a_broken_element_of_an_array_loses_itself_alone() {
    let text =
        "[\n{\"t\": \"a\"},\n{\"t\": \"b\" b},\n{\"t\": \"c \\ud83d\"},\n{\"t\": \"5\" tall\"},\n{\"t\": \"d\"}, junk, {\"t\": \"e\"}\n]\n";
    let (table, reading) = read(&[("a.json", text)]);
    assert_eq!(cells(&table), [["a"], ["c \u{fffd}"], ["d"], ["e"]]);
    let place = |line| RowPlace { file: 0, line };
    let broken = TableFinding::UnreadableRows { rows: 3, places: vec![place(3), place(5), place(6)], rest_lost: false };
    let half = TableFinding::HalfCharacters { characters: 1, first: place(4) };
    assert_eq!(reading.findings, [broken, half.clone()]);
    assert_eq!((reading.counts.read, half.repair(), half.blocks()), (7, TableRepair::CorrectFile, false));
    // Where an object does not end, the next one may be part of it.
    let (table, reading) = read(&[("a.json", r#"[{"t": "a"}, {"t": {"x": "b"}, {"t": "c"}]"#)]);
    let lost = TableFinding::UnreadableRows { rows: 1, places: vec![place(1)], rest_lost: true };
    assert_eq!((table.rows(), reading.findings), (1, vec![lost]));
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

    let nested =
        [("moods/good/a/1.txt", "one"), ("moods/good/a/2.txt", "two"), ("moods/bad/b/1.txt", "three"), ("moods/bad/c/9.txt", "four")];
    let (table, reading) = read(&nested);
    assert_eq!(reading.form, TableForm::Documents);
    assert_eq!(cells(&table), [["one", "good"], ["two", "good"], ["three", "bad"], ["four", "bad"]]);

    let (table, _) = read(&[("README.md", "# About\n"), ("a.csv", "text,label\na,x\n"), ("b.csv", "text,label\nb,y\n")]);
    assert_eq!([table.place(0).file, table.place(1).file], [0, 1], "files that are passed over are not counted");

    let (table, _) = read(&[("train.csv", "text,label\na,x\n"), ("dev.csv", "label,text\ny,b\n"), ("test.csv", "text,label\nc,x\n")]);
    assert_eq!(cells(&table), [["a", "x", "train"], ["b", "y", "validation"], ["c", "x", "test"]]);
}

#[test]
fn texts_and_labels_of_different_length_are_told_and_are_no_classes() {
    let lines = |word: &str, count: usize| (0..count).map(|n| format!("{word} {n}\n")).collect::<String>();
    let (texts, labels) = (lines("text", 40), lines("label", 39));
    let files = [("texts.txt", texts.as_str()), ("labels.txt", labels.as_str())];
    let (table, reading) = read(&files);
    assert_eq!(
        (reading.form, table.rows(), reading.columns.as_slice()),
        (TableForm::ParallelLines, 40, &["texts".to_owned(), "labels".to_owned()][..])
    );
    let uneven = TableFinding::UnevenFiles { files: vec![("texts.txt".to_owned(), 40), ("labels.txt".to_owned(), 39)] };
    assert!(reading.findings.contains(&uneven) && uneven.blocks() && uneven.matters(), "{:?}", reading.findings);
    assert_eq!(uneven.repair(), TableRepair::EvenOutFiles);
    let wish = |form| read_with(&files, TableOptions { form: Some(form), ..TableOptions::default() });
    assert_eq!(wish(TableForm::Lines).0.rows(), 79, "the visitor is believed");
    let (table, reading) = wish(TableForm::ParallelLines);
    assert!(table.rows() == 40 && !reading.findings.contains(&uneven));
    let (_, reading) = read(&[("texts.txt", "a\nb\nc\n"), ("labels.txt", "x\ny\n\n")]);
    assert!(reading.form == TableForm::ParallelLines && reading.findings.is_empty(), "a blank label: {:?}", reading.findings);
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
fn a_million_rows_are_read_and_what_does_not_fit_is_counted() {
    let text: String = std::iter::once("text,label\n".to_owned()).chain((0..1_000_000).map(|n| format!("row {n},{}\n", n % 2))).collect();
    let (table, reading) = read(&[("a.csv", &text)]);
    let limit = u64::from(MAX_ROWS);
    assert!(table.rows() as u64 <= limit && table.rows() as u64 > limit / 4, "{}", table.rows());
    assert_eq!((reading.counts.read, reading.counts.kept + reading.counts.over_limit), (1_000_000, 1_000_000));
    assert_eq!(reading.counts.kept, table.rows() as u64);
    let finding = TableFinding::TooManyRows { rows: 1_000_000, limit };
    assert!(reading.findings.contains(&finding) && finding.repair() == TableRepair::UseKeptRows && !finding.blocks());
    let zeros = (0..table.rows()).filter(|&row| table.cell(row, 1) == "0").count() as u64;
    assert!(zeros * 5 > reading.counts.kept * 2 && zeros * 5 < reading.counts.kept * 3, "classes that take turns stay alike: {zeros}");
    // The end of the file is there as well as its beginning.
    let last: u32 = table.cell(table.rows() - 1, 0).trim_start_matches("row ").parse().unwrap();
    assert!(last > 990_000, "{last}");
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
