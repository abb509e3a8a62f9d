//! Tables of the shared data: real files with awkward bytes, each read without being told anything; rows as Python's `csv` reads them;
//! how long a large table takes.
//!
//! In: the folders below `ATTUNE_SHARED/data` (default: `../shared` beside the repository) and the Python named by `ATTUNE_PYTHON`. What is
//! missing is skipped with a line on the terminal.
#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

#[path = "reference/python.rs"]
mod python;

use attune::protocol::{
    FileHead, QuoteStyle, Separator, SplitOptions, SplitPart, TableFinding, TableForm, TableOptions, TableReading, TableTask, TaskReason,
};
use attune::text::table::{ExampleOptions, Examples, Table, TableReader, propose, split};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder of the shared data, or `None` and a line that says what is left out.
fn shared(what: &str, folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("ATTUNE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let path = shared.join("data").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    python::skipped(what, &format!("{} is not there; set ATTUNE_SHARED", path.display()));
    None
}

fn read(folder: &Path, names: &[&str], options: TableOptions) -> (Table, TableReading) {
    let file = |name: &&str| (FileHead { name: (*name).to_owned(), encoding: None }, std::fs::read(folder.join(name)).unwrap());
    let (table, reading) = TableReader::read_all(names.iter().map(file).collect(), options).unwrap();
    let counts = reading.counts;
    assert_eq!(counts.read, counts.kept + counts.ragged + counts.unreadable + counts.over_limit, "{names:?}: {counts:?}");
    (table, reading)
}

/// Task, text, second and target of the first proposal, by the names of the columns.
fn proposed(table: &Table) -> (TableTask, String, String, String) {
    let columns = propose(table).proposals.swap_remove(0).columns;
    let name = |column: Option<u32>| column.map_or(String::new(), |column| table.name(column as usize).to_owned());
    (columns.task, name(Some(columns.text)), name(columns.second), name(columns.target))
}

fn examples(table: &Table, merge_labels: bool) -> Examples {
    let columns = propose(table).proposals.swap_remove(0).columns;
    Examples::collect(table, columns, &ExampleOptions { merge_labels, ..ExampleOptions::default() }).unwrap()
}

/// File, encoding, form, separator, header, rows, classes.
type Messy = (&'static str, &'static str, TableForm, Option<Separator>, Option<bool>, usize, usize);

#[test]
fn every_messy_file_is_read() {
    let Some(folder) = shared("messy tables", "fixtures_messy_files") else { return };
    let classify = |text: &str, label: &str| (TableTask::Classify, text.to_owned(), String::new(), label.to_owned());
    let tables: &[Messy] = &[
        ("zh_poets_gb18030.csv", "gb18030", TableForm::Delimited, Some(Separator::Comma), Some(true), 400, 10),
        ("zh_poets_utf8bom_crlf.csv", "utf-8", TableForm::Delimited, Some(Separator::Comma), Some(true), 400, 10),
        ("en_rt_utf16.tsv", "utf-16le", TableForm::Delimited, Some(Separator::Tab), Some(true), 400, 2),
        ("en_rt_noheader_semicolon.csv", "utf-8", TableForm::Delimited, Some(Separator::Semicolon), Some(false), 400, 2),
        ("en_rt_json_array.json", "utf-8", TableForm::Json, None, None, 400, 2),
    ];
    for &(name, encoding, form, separator, header, rows, classes) in tables {
        let (table, reading) = read(&folder, &[name], TableOptions::default());
        assert_eq!((reading.form, reading.separator, reading.header), (form, separator, header), "{name}");
        assert_eq!((reading.files[0].encoding.as_str(), table.rows()), (encoding, rows), "{name}");
        assert!(reading.findings.is_empty(), "{name}: {:?}", reading.findings);
        let names = match name {
            "en_rt_json_array.json" => classify("review.body", "sentiment"),
            "en_rt_noheader_semicolon.csv" => classify("column 1", "column 2"),
            _ => classify("text", "label"),
        };
        assert_eq!(proposed(&table), names, "{name}");
        let examples = examples(&table, false);
        assert_eq!((examples.len(), examples.classes.len()), (rows, classes), "{name}");
        let report = split(&table, &examples, &SplitOptions::default()).report;
        assert_eq!(report.training + report.validation + report.test, rows as u64, "{name}");
        for (class, [training, validation, test]) in examples.classes.iter().zip(&report.classes) {
            let all = (training + validation + test) as f64;
            assert!((*validation as f64 - all / 10.0).abs() <= 1.0 && (*test as f64 - all / 10.0).abs() <= 1.0, "{name} {class}");
        }
    }
    // The two poets are the same rows in two encodings, and the reviews the same in four forms.
    let gb = read(&folder, &["zh_poets_gb18030.csv"], TableOptions::default()).0;
    assert_eq!(gb, read(&folder, &["zh_poets_utf8bom_crlf.csv"], TableOptions::default()).0);
    let tab = read(&folder, &["en_rt_utf16.tsv"], TableOptions::default()).0;
    let semicolon = read(&folder, &["en_rt_noheader_semicolon.csv"], TableOptions::default()).0;
    let json = read(&folder, &["en_rt_json_array.json"], TableOptions::default()).0;
    let (side, reading) = read(&folder, &["two_column_two_files/texts.txt", "two_column_two_files/labels.txt"], TableOptions::default());
    assert_eq!((reading.form, side.rows()), (TableForm::ParallelLines, 400));
    assert_eq!(proposed(&side), classify("texts", "labels"));
    for row in 0..400 {
        assert_eq!((tab.cell(row, 0), tab.cell(row, 1)), (semicolon.cell(row, 0), semicolon.cell(row, 1)), "row {row}");
        assert_eq!((tab.cell(row, 0), tab.cell(row, 1)), (json.cell(row, 1), json.cell(row, 2)), "row {row}");
        assert_eq!((tab.cell(row, 0), tab.cell(row, 1)), (side.cell(row, 0), side.cell(row, 1)), "row {row}");
    }
}

#[test]
fn dirty_rows_one_class_no_rows_and_a_novel() {
    let Some(folder) = shared("dirty tables", "fixtures_messy_files") else { return };
    let (table, reading) = read(&folder, &["en_rt_dirty_rows.csv"], TableOptions::default());
    assert_eq!((reading.counts.read, table.rows()), (60, 60));
    // One row has a cell too many, one lacks its label: both stay, both are listed.
    let [TableFinding::RaggedRows { shorter: 1, longer: 1, cut: 1, repaired: true, rows, .. }] = &reading.findings[..] else {
        panic!("{:?}", reading.findings)
    };
    assert_eq!(rows.iter().map(|row| (row.place.line, row.cells)).collect::<Vec<_>>(), [(22, 3), (32, 1)]);
    let apart = examples(&table, false);
    assert_eq!((apart.set_aside.empty_text, apart.set_aside.empty_label), (1, 2));
    let similar = apart.findings.iter().find_map(|finding| match finding {
        TableFinding::SimilarLabels { merges, .. } => Some(merges.clone()),
        _ => None,
    });
    assert!(similar.unwrap().iter().any(|merge| merge.into == "positive" && merge.from.iter().any(|(from, _)| from == " Positive ")));
    let merged = examples(&table, true);
    assert_eq!(merged.classes, ["negative", "positive"]);
    assert_eq!(merged.len() as u64 + merged.set_aside.total(), 60);

    let (table, _) = read(&folder, &["one_class.csv"], TableOptions::default());
    assert!(examples(&table, false).findings.iter().any(|f| matches!(f, TableFinding::OneClass { label, .. } if label == "positive")));

    let (table, reading) = read(&folder, &["empty.csv"], TableOptions::default());
    assert_eq!((table.rows(), reading.columns.as_slice()), (0, &["text".to_owned(), "label".to_owned()][..]));
    assert_eq!(reading.findings, [TableFinding::NoRows]);

    let (table, reading) = read(&folder, &["novel_utf8bom_crlf.txt"], TableOptions::default());
    assert_eq!((reading.form, reading.counts.read + reading.counts.blank_lines), (TableForm::Lines, 4_289));
    assert_eq!(proposed(&table).0, TableTask::Write);
}

#[test]
fn declarations_in_every_encoding_are_texts_to_write() {
    let Some(folder) = shared("encodings of texts as tables", "fixtures_messy_files/udhr_encodings") else { return };
    for entry in std::fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (table, reading) = read(&folder, &[&name], TableOptions::default());
        assert_eq!((reading.form, proposed(&table).0), (TableForm::Lines, TableTask::Write), "{name}");
    }
}

/// File, form, rows (0: any), task, and the names of its text, second and target columns.
type Labelled = (&'static str, TableForm, usize, TableTask, &'static str, &'static str, &'static str);

#[test]
fn the_labelled_sets_are_recognised() {
    let Some(folder) = shared("labelled sets", "") else { return };
    use TableForm as F;
    use TableTask as T;
    let sets: &[Labelled] = &[
        ("cls_en_banking77/train.csv", F::Delimited, 0, T::Classify, "text", "", "category"),
        ("cls_en_clinc150/train.csv", F::Delimited, 0, T::Classify, "text", "", "label"),
        ("cls_en_clinc150/domains.json", F::Json, 0, T::Classify, "text", "", "label"),
        ("cls_en_clinc150/nested_original_train_only.json", F::Json, 0, T::Classify, "column 1", "", "column 2"),
        ("cls_en_movie_reviews_long/train_multiline.csv", F::Delimited, 0, T::Classify, "text", "", "label"),
        ("cls_en_pros_cons/train.csv", F::Delimited, 0, T::Classify, "text", "", "label"),
        ("cls_en_rt_polarity/train.csv", F::Delimited, 0, T::Classify, "text", "", "label"),
        ("cls_en_stackoverflow_topics/train.csv", F::Delimited, 0, T::Classify, "text", "", "label"),
        ("cls_en_subjectivity/train.jsonl", F::JsonLines, 0, T::Classify, "text", "", "label"),
        ("cls_multi_langid/train.csv", F::Delimited, 0, T::Classify, "text", "", "label"),
        ("cls_zh_poets/train.csv", F::Delimited, 0, T::Classify, "text", "", "label"),
        ("gen_mt_en_zh_tatoeba/train.tsv", F::Delimited, 0, T::TextToText, "en", "", "zh"),
        ("gen_sum_en_scitldr/train.jsonl", F::JsonLines, 0, T::TextToText, "source", "", "summary"),
        ("lm_en_openbooks_jsonl/books.jsonl", F::JsonLines, 0, T::Write, "text", "", ""),
        ("pair_xquad_answer_sentence_en_zh/en_train.tsv", F::Delimited, 0, T::ClassifyPair, "question", "sentence", "label"),
        ("pair_xquad_answer_sentence_en_zh/zh_train.tsv", F::Delimited, 0, T::ClassifyPair, "question", "sentence", "label"),
        ("qa_xquad_en_zh_de_es/xquad.zh.dev.json", F::Json, 844, T::TextToText, "question", "context", "answer"),
        ("qa_zh_cmrc2018/flat_1000.jsonl", F::JsonLines, 1_000, T::TextToText, "question", "context", "answers"),
        ("qa_zh_cmrc2018/cmrc2018_dev.json", F::Json, 0, T::TextToText, "question", "context", "answer"),
        ("tok_ner_en_wnut17/train.conll", F::Conll, 0, T::TagTokens, "tokens", "", "tags"),
        ("tok_pos_en_masc/train.conll", F::Conll, 0, T::TagTokens, "tokens", "", "tags"),
        ("tok_slots_en_restaurant8k/train.conll", F::Conll, 0, T::TagTokens, "tokens", "", "tags"),
    ];
    let mut wrong = Vec::new();
    for &(name, form, rows, task, text, second, target) in sets {
        let (table, reading) = read(&folder, &[name], TableOptions::default());
        let found = proposed(&table);
        let expected = (task, text.to_owned(), second.to_owned(), target.to_owned());
        let noise: Vec<&TableFinding> =
            reading.findings.iter().filter(|finding| !matches!(finding, TableFinding::ReplacedCharacters { .. })).collect();
        if reading.form != form || found != expected || (rows > 0 && table.rows() != rows) || table.rows() < 10 || !noise.is_empty() {
            wrong.push(format!("{name}: {:?} {} rows, {found:?}, {noise:?}", reading.form, table.rows()));
        }
        let examples = examples(&table, false);
        let report = split(&table, &examples, &SplitOptions::default()).report;
        if examples.len() < table.rows() * 99 / 100 || (!report.ready && report.test * 20 < report.training) {
            wrong.push(format!("{name}: {} of {} rows are examples, {report:?}", examples.len(), table.rows()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let (table, reading) = read(&folder, &["cls_en_rt_polarity/train.csv", "cls_en_rt_polarity/valid.csv"], TableOptions::default());
    assert_eq!(reading.columns, ["text", "label", "split"]);
    let examples = examples(&table, false);
    let divided = split(&table, &examples, &SplitOptions::default());
    assert!(divided.report.ready && divided.report.test == 0);
    assert_eq!(divided.examples(SplitPart::Validation).count() as u64, divided.report.validation);
    assert_eq!(propose(&table).proposals[0].reason, TaskReason::LabelBesideText { classes: 2 });
}

#[test]
fn a_large_table_is_read_and_split_in_time() {
    // 20,000 rows of about 128 tokens: some 550 bytes each, of words that repeat as words do.
    let words = "the of a film that is was not very good bad long story people time again between never always little"
        .split(' ')
        .collect::<Vec<_>>();
    let mut text = "text,label\n".to_owned();
    let mut state = 1_u64;
    for row in 0..20_000_u32 {
        text.push('"');
        for _ in 0..110 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(words[(state >> 33) as usize % words.len()]);
            text.push_str(if state >> 60 == 0 { ", " } else { " " });
        }
        text.push_str(&format!("{row}\",{}\n", ["good", "bad", "neither"][row as usize % 3]));
    }
    let bytes = text.len();
    let files = vec![(FileHead { name: "large.csv".to_owned(), encoding: None }, text.into_bytes())];
    let start = std::time::Instant::now();
    let (table, _) = TableReader::read_all(files, TableOptions::default()).unwrap();
    let read = start.elapsed();
    let proposal = propose(&table);
    let looked = start.elapsed();
    let examples = Examples::collect(&table, proposal.proposals[0].columns.clone(), &ExampleOptions::default()).unwrap();
    let divided = split(&table, &examples, &SplitOptions::default());
    let done = start.elapsed();
    let _ = writeln!(
        std::io::stderr(),
        "table of 20,000 rows, {bytes} bytes: read {read:?}, columns looked at {:?}, collected and split {:?}",
        looked - read,
        done - looked
    );
    assert_eq!((table.rows(), divided.report.training, divided.report.validation, divided.report.test), (20_000, 15_998, 2_001, 2_001));
    // Ten times what it takes alone on the machine it was written on: it fails when something turns quadratic, not when others compile.
    assert!(done.as_secs() < 10, "{done:?}");
}

const CASES: &str = r#"
import csv, io, json, random, sys
random.seed(7)
cases = []
for n in range(400):
    separator = random.choice(",\t;|")
    letters = "ab c\"\n,;|\t'é中"
    if n % 2:
        rows = [["".join(random.choice(letters) for _ in range(random.randrange(6))) for _ in range(random.randrange(1, 5))] for _ in range(6)]
        out = io.StringIO()
        csv.writer(out, delimiter=separator, quoting=random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), lineterminator="\n").writerows(rows)
        text = out.getvalue()
    else:
        text = "".join(random.choice(letters + separator * 4 + "\n" * 3 + '"' * 3) for _ in range(random.randrange(60)))
    read = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    cases.append([separator, text, read])
print(json.dumps(cases))
"#;

/// Well-formed files, and texts with marks strewn at random: the same cells as Python's reader finds, blank lines apart.
#[test]
fn rows_are_those_of_python() {
    let Some(output) = python::run("rows as Python reads them", CASES, &[]) else { return };
    let cases: Vec<(String, String, Vec<Vec<String>>)> = serde_json::from_str(&output).unwrap();
    assert_eq!(cases.len(), 400);
    for (separator, text, expected) in cases {
        if text.trim().is_empty() {
            continue;
        }
        let separator = match separator.as_str() {
            "," => Separator::Comma,
            "\t" => Separator::Tab,
            ";" => Separator::Semicolon,
            _ => Separator::Pipe,
        };
        let options = TableOptions {
            form: Some(TableForm::Delimited),
            separator: Some(separator),
            quote: Some(QuoteStyle::Double),
            header: Some(false),
            ..TableOptions::default()
        };
        let head = FileHead { name: "a.csv".to_owned(), encoding: Some("utf-8".to_owned()) };
        let (table, reading) = TableReader::read_all(vec![(head, text.clone().into_bytes())], options).unwrap();
        assert_eq!(table.rows(), expected.len(), "{text:?}");
        for (row, cells) in expected.iter().enumerate() {
            if cells.len() == table.columns() {
                let found: Vec<&str> = (0..table.columns()).map(|column| table.cell(row, column)).collect();
                assert_eq!(&found, cells, "row {row} of {text:?}");
            } else {
                // Ragged rows are repaired, and said to be.
                assert!(reading.findings.iter().any(|finding| matches!(finding, TableFinding::RaggedRows { .. })), "{text:?}");
            }
        }
    }
}
