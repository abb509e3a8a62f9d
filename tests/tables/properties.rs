//! What holds for every file: cells come back as they were quoted, nothing panics, every row is counted, no text is in two parts.

use super::{adds_up, cells, divide, file};
use attune::protocol::{FileHead, QuoteStyle, Separator, SplitOptions, SplitPart, TableForm, TableOptions};
use attune::text::table::{ExampleOptions, Examples, TableReader, propose};
use proptest::prelude::*;

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

/// A JSON value of objects and lists in each other, with keys that mean something to the reader.
fn json() -> impl Strategy<Value = String> {
    let plain = proptest::sample::select(vec![
        "1",
        "null",
        "true",
        "\"a b\"",
        "\"O B-X\"",
        "\"['a', 'b']\"",
        "\"user\"",
        "\"\"",
        "[]",
        "{}",
        "NaN",
        "\"\\ud83d\"",
        "5 5",
        "]",
    ]);
    let key = || {
        let keys = [
            "train",
            "test",
            "data",
            "text",
            "label",
            "tags",
            "messages",
            "role",
            "content",
            "from",
            "value",
            "columns",
            "paragraphs",
            "0",
            "x",
        ];
        proptest::sample::select(keys.to_vec())
    };
    plain.prop_map(str::to_owned).prop_recursive(5, 60, 4, move |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
        let object = proptest::collection::vec((key(), inner), 0..4).prop_map(|entries| {
            format!("{{{}}}", entries.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(","))
        });
        prop_oneof![list, object]
    })
}

proptest! {
    #[test]
    fn json_of_any_layout_is_read_and_every_row_counted(values in proptest::collection::vec(json(), 1..4), name in 2_usize..4, seed in 0_u64..9) {
        survives(&[(name, values.join("\n").into_bytes())], seed);
    }

    #[test]
    fn cells_of_words_and_lists_are_read_and_every_row_counted(
        rows in proptest::collection::vec(("[ab' ]{0,9}", "[OB-X ]{0,9}", "\\[[a1', ]{0,9}\\]"), 0..9), first in 0_usize..4, seed in 0_u64..9,
    ) {
        let row = |(words, tags, list): &(String, String, String)| format!("{words};{tags};{list}\n");
        let first = ["sep=;\n", "\"sep=;\"\n", "words;tags;more\n", ""][first];
        survives(&[(0, (first.to_owned() + &rows.iter().map(row).collect::<String>()).into_bytes())], seed);
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
