//! Sentences about findings: counts, places, examples, and a next action for each.

use super::*;
use crate::protocol::{LabelMerge, RaggedRow};

#[test]
fn sentences_have_counts_places_and_examples() {
    let places: Vec<RowPlace> = (4..9).map(|line| RowPlace { file: 0, line }).collect();
    let said = |finding: &TableFinding| (EN.said)(finding, &["text".to_owned()], &["a.csv".to_owned()]);
    assert_eq!(said(&TableFinding::EmptyTexts { rows: 1, places: places[..1].to_vec() }), "1 row has no text (line 4).");
    assert_eq!(said(&TableFinding::EmptyLabels { rows: 5, places }), "5 rows have no answer (lines 4, 5, 6, \u{2026}).");
    assert_eq!(
        said(&TableFinding::OneClass { label: "good".to_owned(), rows: 3 }),
        "There is only one class, \u{201c}good\u{201d}, with 3 rows: without rows of another one there is nothing to tell apart."
    );
}

#[test]
fn of_several_files_the_one_is_named() {
    let place = |file, line| RowPlace { file, line };
    let files = ["a.csv", "d/b.csv"].map(str::to_owned);
    let said = |places: Vec<RowPlace>| (EN.said)(&TableFinding::EmptyTexts { rows: 9, places }, &[], &files);
    assert_eq!(said(vec![place(1, 7)]), "9 rows have no text (d/b.csv, line 7).");
    let many = vec![place(0, 2), place(0, 5), place(1, 4), place(1, 6)];
    assert_eq!(said(many), "9 rows have no text (a.csv, lines 2, 5; d/b.csv, line 4, \u{2026}).");
    let stray = TableFinding::StrayQuotes { cells: 1, first: place(1, 3) };
    assert_eq!(
        (EN.said)(&stray, &[], &files),
        "There is 1 cell with a quotation mark that does not close, the first here (d/b.csv, line 3)."
    );
}

#[test]
fn what_became_of_ragged_rows_is_said() {
    let said = |shorter, longer, cut, repaired| {
        let ragged = TableFinding::RaggedRows { expected: 2, shorter, longer, cut, repaired, rows: Vec::new() };
        (EN.said)(&ragged, &[], &[])
    };
    assert_eq!(
        said(2, 4, 1, true),
        "6 rows have other than 2 cells. 2 rows were filled up with empty cells. 3 rows were read with the surplus as text of one cell. \
         1 row lost the surplus cells at the end."
    );
    assert_eq!(said(0, 1, 1, true), "1 row has other than 2 cells. 1 row lost the surplus cells at the end.");
    assert_eq!(said(1, 0, 0, false), "1 row has other than 2 cells. It was set aside.");
}

#[test]
fn one_row_is_not_said_as_several() {
    let said = |finding: TableFinding| (EN.said)(&finding, &[], &[]);
    let repeat = TableFinding::DuplicateTexts { rows: 1, texts: 1, examples: Vec::new() };
    assert_eq!(said(repeat), "1 row repeats an earlier one (1 text). Repeats stay in one part.");
    let beside = TableFinding::NotRows { count: 1, names: vec!["label_names".to_owned()] };
    assert_eq!(said(beside), "1 entry that is no row was not read: \u{201c}label_names\u{201d}.");
    let (trained, checked) = (SplitPart::Training, SplitPart::Test);
    let bare = TableFinding::WithoutLabels { rows: 1, places: Vec::new() };
    assert_eq!(said(bare), "1 row has no label; it is learned from as having none of the classes.");
    let odd = TableFinding::UnknownFlags { rows: 1, values: vec![("-1".to_owned(), 6)], places: Vec::new() };
    assert_eq!(said(odd), "1 row says neither yes nor no: \u{201c}-1\u{201d}; it is left out.");
    let uneven = TableFinding::UnevenFiles { files: vec![("texts.txt".to_owned(), 2), ("labels.txt".to_owned(), 1)] };
    assert_eq!(said(uneven), "texts.txt has 2 lines, labels.txt has 1 line: which lines belong together cannot be told.");
    let leak = TableFinding::Leakage { trained, checked, rows: 1, examples: Vec::new(), removed: true };
    assert_eq!(said(leak), "1 row for learning also stands in the rows for the final test. It was left out.");
    let unknown = |rows| TableFinding::UnknownParts { rows, values: vec![("odd".to_owned(), rows)] };
    assert_eq!(said(unknown(1)), "1 row names a part that is not known (\u{201c}odd\u{201d}); it is learned from.");
    assert_eq!(said(unknown(2)), "2 rows name a part that is not known (\u{201c}odd\u{201d}); they are learned from.");
}

/// The bad input that a visitor is most likely to bring.
#[test]
fn bad_input_has_a_sentence_with_its_count_and_a_proposed_repair() {
    let name = str::to_owned;
    let place = RowPlace { file: 0, line: 3 };
    let merge = LabelMerge { into: name("good"), from: vec![(name("Good "), 17)] };
    let ragged = RaggedRow { place, cells: 3 };
    let bad = [
        TableFinding::NoRows,
        TableFinding::OneClass { label: name("a"), rows: 17 },
        TableFinding::NoClass,
        TableFinding::SingleRowClasses { labels: vec![name("a")], count: 17 },
        TableFinding::SimilarLabels { merges: vec![merge], rows: 17, merged: false },
        TableFinding::EmptyTexts { rows: 17, places: vec![place] },
        TableFinding::EmptyLabels { rows: 17, places: vec![place] },
        TableFinding::RaggedRows { expected: 2, shorter: 8, longer: 9, cut: 0, repaired: true, rows: vec![ragged] },
        TableFinding::RaggedRows { expected: 2, shorter: 8, longer: 9, cut: 0, repaired: false, rows: vec![ragged] },
        TableFinding::TooManyRows { rows: 17, limit: 9 },
        TableFinding::NumbersAsText { column: 1, numbers: 17, others: 2, examples: vec![name("n/a")] },
        TableFinding::NotNumbers { rows: 17, examples: vec![name("n/a")], places: vec![place] },
        TableFinding::TextIsNumbers { column: 0 },
        TableFinding::UnknownLabels { rows: 17, labels: vec![(name("odd"), 17)] },
        TableFinding::HalfCharacters { characters: 17, first: place },
        TableFinding::WithoutLabels { rows: 17, places: vec![place] },
        TableFinding::UnknownFlags { rows: 17, values: vec![(name("-1"), 17)], places: vec![place] },
        TableFinding::UnevenFiles { files: vec![(name("texts.txt"), 18), (name("labels.txt"), 17)] },
        TableFinding::NoTrainingPart { rows: 17 },
        TableFinding::UnlearnedClasses { labels: vec![name("neutral")], count: 17, ready: true },
        TableFinding::UnlearnedClasses { labels: vec![name("neutral")], count: 17, ready: false },
        TableFinding::OneClassLearned { label: name("a"), rows: 17, ready: true },
        TableFinding::OneClassLearned { label: name("a"), rows: 17, ready: false },
    ];
    for finding in bad {
        let said = (EN.said)(&finding, &[name("text"), name("score")], &[]);
        let uncounted = matches!(finding, TableFinding::NoRows | TableFinding::NoClass | TableFinding::TextIsNumbers { .. });
        assert!(said.ends_with('.') && (uncounted || said.contains("17")), "{said}");
        let repair = finding.repair();
        assert!((EN.repair)(&repair).is_some() || (EN.advice)(&repair).is_some(), "nothing is proposed: {said}");
    }
    let read = TableFinding::NumbersAsText { column: 1, numbers: 12, others: 0, examples: Vec::new() };
    let said = (EN.said)(&read, &[name("text"), name("score")], &[]);
    assert_eq!(said, "In \u{201c}score\u{201d} there are 12 numbers that are written as text; they are read as numbers.");
    assert_eq!(read.repair(), TableRepair::None);
}

#[test]
fn every_repair_is_a_button_or_an_advice_or_nothing_to_do() {
    let repairs = [TableRepair::SetRaggedAside, TableRepair::MergeLabels, TableRepair::ChooseColumns, TableRepair::CorrectFile];
    for repair in repairs {
        assert!((EN.repair)(&repair).is_some() != (EN.advice)(&repair).is_some(), "{repair:?}");
    }
    assert!((EN.repair)(&TableRepair::None).is_none() && (EN.advice)(&TableRepair::None).is_none());
}
