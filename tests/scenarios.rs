//! Holds the ready-made scenarios to what the page promises about them.
//!
//! In: `static/scenarios/manifest.json` and the tables it names, read from the source tree with the page's own reader. Out: a failed test that names the
//! scenario and the fault. Absent: any judgement of the writing itself.
#![cfg(all(feature = "text", not(target_arch = "wasm32")))]

use attune::protocol::{FileHead, SplitOptions, SplitPart, TableOptions, TableTask};
use attune::text::table::{ExampleOptions, Examples, TableReader, propose, split};
use serde::Deserialize;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rows that a scenario has at least: fewer teach nothing in a minute.
const FEWEST_ROWS: u64 = 200;
/// Bytes at most: it is fetched on a click.
const MOST_BYTES: usize = 400_000;
/// Names of tasks as the page has them in its list.
const TASKS: [(&str, TableTask); 4] = [
    ("classify", TableTask::Classify),
    ("pair", TableTask::ClassifyPair),
    ("tag", TableTask::TagTokens),
    ("rewrite", TableTask::TextToText),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    id: String,
    title: String,
    description: String,
    language: String,
    task: String,
    file: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    second: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    recipe: String,
    lesson: String,
    try_texts: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("static/scenarios")
}

fn manifest() -> Vec<Scenario> {
    let bytes = fs::read(folder().join("manifest.json")).expect("the manifest is there");
    serde_json::from_slice(&bytes).expect("the manifest is a list of scenarios")
}

#[test]
fn every_scenario_is_a_table_that_the_page_can_learn_from() {
    for scenario in manifest() {
        let id = &scenario.id;
        let bytes = fs::read(folder().join(&scenario.file)).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert!(bytes.len() <= MOST_BYTES, "{id}: {} bytes", bytes.len());
        assert!(std::str::from_utf8(&bytes).is_ok(), "{id}: not UTF-8");
        let name = scenario.file.rsplit('/').next().unwrap().to_owned();
        let head = FileHead { name, encoding: None };
        let (table, reading) = TableReader::read_all(vec![(head, bytes)], TableOptions::default()).unwrap();
        assert!(reading.findings.is_empty(), "{id}: {:?}", reading.findings);
        assert_ne!(reading.header, Some(false), "{id}: the names of its columns are taken for a row");
        assert!(reading.counts.kept >= FEWEST_ROWS, "{id}: {} rows", reading.counts.kept);
        let proposal = propose(&table);
        let mut columns = proposal.proposals.first().unwrap_or_else(|| panic!("{id}: no task")).columns.clone();
        let task = TASKS.iter().find(|(name, _)| *name == scenario.task).unwrap_or_else(|| panic!("{id}: {}", scenario.task)).1;
        // Proposed by itself, or named whole.
        assert!(columns.task == task || scenario.text.is_some() && scenario.target.is_some(), "{id}: {:?}", columns.task);
        columns.task = task;
        let index = |name: &Option<String>| {
            let name = name.as_ref()?;
            let index = proposal.columns.iter().position(|column| &column.name == name);
            Some(index.unwrap_or_else(|| panic!("{id}: no column {name}")) as u32)
        };
        columns.text = index(&scenario.text).unwrap_or(columns.text);
        columns.second = index(&scenario.second).or(columns.second);
        columns.target = index(&scenario.target).or(columns.target);
        // What its settings are called, the page's own test asks.
        assert!(scenario.recipe.is_empty() || scenario.recipe.split('&').all(|pair| pair.contains('=')), "{id}");
        let examples = Examples::collect(&table, columns, &ExampleOptions::default()).unwrap();
        assert_eq!(examples.set_aside.total(), 0, "{id}");
        let parts = split(&table, &examples, &SplitOptions::default());
        for part in [SplitPart::Training, SplitPart::Validation, SplitPart::Test] {
            assert!(parts.examples(part).count() >= 20, "{id}: {part:?}");
        }
        let blocking: Vec<_> = examples.findings.iter().chain(&parts.report.findings).filter(|finding| finding.blocks()).collect();
        assert!(blocking.is_empty(), "{id}: {blocking:?}");
        for text_to_try in &scenario.try_texts {
            let learned = (0..examples.len()).any(|example| examples.text(&table, example) == *text_to_try);
            assert!(!learned, "{id}: {text_to_try:?} stands in the table");
        }
    }
}

#[test]
fn every_scenario_has_its_words_and_its_licence() {
    let scenarios = manifest();
    let ids: HashSet<&str> = scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    assert_eq!(ids.len(), scenarios.len());
    for scenario in &scenarios {
        let id = &scenario.id;
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && id.len() <= 40, "{id} does not fit into a link");
        assert!(["en", "zh"].contains(&scenario.language.as_str()), "{id}");
        for words in [&scenario.title, &scenario.description, &scenario.lesson] {
            assert!(!words.trim().is_empty(), "{id}");
        }
        let readme = folder().join(&scenario.file).with_file_name("README.md");
        let readme = fs::read_to_string(&readme).unwrap_or_else(|error| panic!("{id}: {error}"));
        assert!(readme.contains("CC0") && readme.contains("for this project"), "{id}: the README must tell the licence");
    }
}
