//! Layouts that data sets are handed around in: conversations, words and tags in cells, lists as Python writes them, a first line that names the separator,
//! JSON documents with more in them than rows.

use super::{cells, collect, first_task, proposed, read, read_with};
use attune::protocol::{Separator, TableFinding, TableForm, TableOptions, TableRepair, TableTask};
use attune::text::table::{ExampleOptions, propose};

/// The first proposal for one file: task, text and target by name.
fn first(name: &str, text: &str) -> (TableTask, String, String) {
    let (table, _) = read(&[(name, text)]);
    let proposal = propose(&table);
    let columns = first_task(&proposal);
    let name = |column: u32| table.name(column as usize).to_owned();
    (columns.task, name(columns.text), columns.target.map_or_else(String::new, name))
}

#[test]
fn conversations_are_texts_with_answers() {
    let turns = |n: usize| {
        format!(
            r#"[{{"role": "system", "content": "Be brief."}}, {{"role": "user", "content": "What is the number {n}?"}}, {{"role": "assistant", "content": "It is one of the numbers, namely {n}."}}]"#
        )
    };
    let line = |n: usize| format!(r#"{{"prompt": "What is {n}?", "source": "made", "messages": {}}}"#, turns(n));
    let lines: Vec<String> = (0..12).map(line).collect();
    let expected = (TableTask::TextToText, "messages.prompt".to_owned(), "messages.response".to_owned());
    assert_eq!(first("a.jsonl", &lines.join("\n")), expected, "and not the prompt beside it");
    assert_eq!(first("a.json", &format!("[{}]", lines.join(","))), expected);
    let bare: Vec<String> = (0..12).map(turns).collect();
    assert_eq!(first("a.jsonl", &bare.join("\n")), expected, "a conversation a line");
    assert_eq!(first("a.json", &format!("[{}]", bare.join(",\n"))), expected);
    assert_eq!(first("a.json", &format!(r#"{{"messages": [{}]}}"#, bare.join(","))), expected, "a list of conversations");

    let shared = r#"{"id": "x", "conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}"#;
    let silent = r#"{"id": "y", "conversations": [{"from": "human", "value": "Is anyone there?"}]}"#;
    let (table, reading) = read(&[("a.jsonl", &format!("{shared}\n{silent}\n{}\n", shared.replace("Hello", "Good day")))]);
    assert_eq!(reading.columns, ["id", "conversations.prompt", "conversations.response"]);
    assert_eq!(cells(&table)[..2], [["x", "Hi", "Hello"], ["y", "Is anyone there?", ""]]);
    let mut columns = propose(&table).proposals.into_iter().map(|proposal| proposal.columns);
    let columns = columns.find(|columns| columns.task == TableTask::TextToText).unwrap();
    let examples = attune::text::table::Examples::collect(&table, columns, &ExampleOptions::default()).unwrap();
    assert_eq!((examples.len(), examples.set_aside.empty_label), (2, 1), "who got no answer is counted");
}

#[test]
fn words_and_tags_in_two_cells() {
    let text = "words,tags\nAnna lives in Paris,B-PER O O B-LOC\n\"He , too\",O O O\nRome burns,B-LOC O\n";
    assert_eq!(proposed(text), (TableTask::TagTokens, "words".to_owned(), String::new(), "tags".to_owned()));
    let (table, _) = read(&[("a.csv", text)]);
    let examples = collect(&table, &ExampleOptions::default());
    assert_eq!((examples.len(), examples.classes.as_slice()), (3, &["B-LOC".to_owned(), "B-PER".to_owned(), "O".to_owned()][..]));
    assert_eq!(examples.classes_of(2), [0, 2]);

    let lists = "text,ner_tags\n\"['Anna', \"\"can't\"\"]\",\"[1, 0]\"\n\"['Rome', 'has', 'burned']\",\"[2, 0, 0]\"\n\"['He', 'left']\",\"[0, 0]\"\n";
    assert_eq!(first("a.csv", lists), (TableTask::TagTokens, "text".to_owned(), "ner_tags".to_owned()));
    let mixed = "Sentence,POS,Tag\nAnna can't,\"['NNP', 'MD']\",\"['B-per', 'O']\"\nRome has burned,\"['NNP', 'VBZ', 'VBN']\",\"['B-geo', 'O', 'O']\"\n";
    let (table, _) = read(&[("a.csv", mixed)]);
    assert_eq!((table.is_list(0), table.items(1, 0).count(), table.items(1, 2).next()), (true, 3, Some("B-geo")));
    assert_eq!(first("a.csv", mixed).0, TableTask::TagTokens);
    let json = r#"[{"words": "Anna left", "tags": "B-PER O"}, {"words": "He did", "tags": "O O"}]"#;
    assert_eq!(first("a.json", json), (TableTask::TagTokens, "words".to_owned(), "tags".to_owned()));

    let long: String = (0..40).map(|n| format!("word{n} and {n},O B-X O\n")).collect();
    let (table, _) = read(&[("a.csv", &format!("words,tags\n{long}one two,O\n"))]);
    let examples = collect(&table, &ExampleOptions::default());
    assert_eq!((examples.len(), examples.set_aside.uneven_tags), (40, 1), "a row that does not fit is counted");
}

#[test]
fn two_texts_of_equally_many_words_are_no_tags() {
    let rows: String = (0..30).map(|n| format!("the small cat number {n} sat down,le petit chat numero {n} s'assit\n")).collect();
    assert_eq!(proposed(&format!("en,fr\n{rows}")).0, TableTask::TextToText);
    let rows: String = (0..30).map(|n| format!("film {n},{}\n", ["very good", "very bad"][n % 2])).collect();
    assert_eq!(proposed(&format!("text,label\n{rows}")).0, TableTask::Classify);
    let rows: String = (0..30).map(|n| format!("film number {n},{}\n", n % 2)).collect();
    assert_eq!(proposed(&format!("text,tags\n{rows}")).0, TableTask::Classify);
}

#[test]
fn lists_in_cells_are_several_labels() {
    let genres = ["['drama', 'war']", "['war']", "['drama']", "[]"];
    let rows: String = (0..24).map(|n| format!("a film that is number {n} of the year,\"{}\"\n", genres[n % 4])).collect();
    let (table, _) = read(&[("a.csv", &format!("text,genres\n{rows}"))]);
    let proposal = propose(&table);
    assert_eq!((first_task(&proposal).task, first_task(&proposal).label_separator), (TableTask::ClassifySeveral, None));
    let examples = collect(&table, &ExampleOptions::default());
    assert_eq!((examples.classes.as_slice(), examples.len()), (&["drama".to_owned(), "war".to_owned()][..], 24));
}

#[test]
fn one_of_several_columns_of_yes_and_no_is_the_label() {
    let rows: String = (0..24).map(|n| format!("comment number {n} of them all,{},{}\n", n % 2, (n / 2) % 2)).collect();
    let tasks = |head: &str| {
        let (table, _) = read(&[("a.csv", &format!("{head}\n{rows}"))]);
        let all = propose(&table).proposals;
        all.iter().take(2).map(|proposal| (proposal.columns.task, proposal.columns.target)).collect::<Vec<_>>()
    };
    let (one, several) = (TableTask::Classify, TableTask::ClassifySeveral);
    assert_eq!(tasks("text,label,is_test"), [(one, Some(1)), (several, Some(1))]);
    assert_eq!(tasks("text,checked,target"), [(one, Some(2)), (several, Some(1))]);
    assert_eq!(tasks("text,toxic,rude")[0], (several, Some(1)), "no name says which");
    assert_eq!(tasks("text,label_1,label_2")[0], (several, Some(1)), "both names say so");
}

#[test]
fn a_line_that_names_the_separator_is_no_row() {
    let good = "\"one; two, three\";x\r\n".repeat(6);
    let text = &format!("sep=;\r\ntext;label\r\n{good}four, five;y\r\nshort\r\n\"open;z\r\n");
    let (table, reading) = read(&[("a.csv", text)]);
    assert_eq!((reading.form, reading.separator, reading.header), (TableForm::Delimited, Some(Separator::Semicolon), Some(true)));
    assert_eq!(cells(&table)[5..7], [["one; two, three", "x"], ["four, five", "y"]]);
    assert_eq!((table.place(0).line, table.place(6).line, reading.counts.blank_lines), (3, 9, 0), "lines are those of the file");
    assert!(reading.findings.iter().any(|finding| matches!(finding, TableFinding::RaggedRows { rows, .. } if rows[0].place.line == 10)));
    assert!(reading.findings.iter().any(|finding| matches!(finding, TableFinding::StrayQuotes { first, .. } if first.line == 11)));
    let (table, _) = read_with(&[("a.csv", text)], TableOptions { form: Some(TableForm::Lines), ..TableOptions::default() });
    assert_eq!(table.cell(0, 0), "sep=;", "as plain text it is a line");
    let (table, reading) = read(&[("a.csv", "sep=;\n")]);
    assert_eq!((table.rows(), reading.findings.as_slice()), (0, &[TableFinding::NoRows][..]));
}

#[test]
fn documents_say_what_of_them_is_no_row() {
    let text = r#"{"version": 1, "train": {"text": ["a", "b"], "label": [0, 1]}, "test": {"text": ["c"], "label": [1]}, "label_names": {"0": "no"}}"#;
    let (table, reading) = read(&[("a.json", text)]);
    assert_eq!(cells(&table), [["a", "0", "train"], ["b", "1", "train"], ["c", "1", "test"]]);
    let finding = TableFinding::NotRows { count: 1, names: vec!["label_names".to_owned()] };
    assert!(reading.findings.contains(&finding) && finding.repair() == TableRepair::None && !finding.blocks());
    let (table, reading) = read(&[("a.json", r#"{"a": {"text": "x"}, "b": {"text": "y"}, "tags": ["u", "v"]}"#)]);
    assert_eq!(cells(&table), [["a", "x"], ["b", "y"]]);
    assert_eq!(reading.findings.len(), 1);
}
