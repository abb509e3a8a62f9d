//! Holds the built-in sample texts to what the page promises about them.
//!
//! In: `static/samples/manifest.json` and the files it names, read from the source tree. Out: a failed test that names the file and
//! the fault. Absent: any judgement of the writing itself, which no test can make.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// Sizes in bytes that a sample may have: long enough to teach a manner, short enough for a first run of a minute.
const BYTES: std::ops::RangeInclusive<usize> = 5_000..=60_000;

/// A repeated line longer than this many characters is padding, not a refrain.
const LONG_LINE: usize = 20;

/// One entry of the manifest. Unknown fields fail: a misspelt one would be lost in silence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    id: String,
    title: String,
    description: String,
    language: String,
    file: String,
    characters: usize,
    licence: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("static/samples")
}

fn manifest() -> Vec<Sample> {
    let bytes = fs::read(folder().join("manifest.json")).expect("the manifest is there");
    serde_json::from_slice(&bytes).expect("the manifest is a list of samples")
}

/// Every sample with its text; fails on a missing file and on bytes that are not UTF-8.
fn texts() -> Vec<(Sample, String)> {
    let read = |sample: Sample| {
        let bytes = fs::read(folder().join(&sample.file)).unwrap_or_else(|error| panic!("{}: {error}", sample.file));
        let text = String::from_utf8(bytes).unwrap_or_else(|error| panic!("{}: {error}", sample.file));
        (sample, text)
    };
    manifest().into_iter().map(read).collect()
}

fn is_han(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

#[test]
fn manifest_lists_exactly_the_texts_in_the_folder() {
    let samples = manifest();
    let listed: BTreeSet<String> = samples.iter().map(|sample| sample.file.clone()).collect();
    let present: BTreeSet<String> = fs::read_dir(folder())
        .expect("the folder is there")
        .map(|entry| entry.expect("a readable entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".txt"))
        .collect();
    assert_eq!(listed, present);
    assert_eq!(listed.len(), samples.len(), "a file is listed twice");
    assert!(samples.len() >= 6, "the page promises at least six samples, found {}", samples.len());
}

#[test]
fn entries_are_complete_and_distinct() {
    let samples = manifest();
    let ids: HashSet<&str> = samples.iter().map(|sample| sample.id.as_str()).collect();
    assert_eq!(ids.len(), samples.len(), "an id is used twice");
    assert_eq!(samples[0].id, "verse", "the first entry is the default");
    for sample in &samples {
        assert!(!sample.title.trim().is_empty() && !sample.description.trim().is_empty(), "{}: no words for the visitor", sample.id);
        assert!(sample.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}: an id goes into links", sample.id);
        assert_eq!(sample.file, format!("{}.txt", sample.id));
        assert_eq!(sample.licence, "CC0-1.0", "{}", sample.id);
    }
    for language in ["en", "zh"] {
        assert!(samples.iter().any(|sample| sample.language == language), "no sample in {language}");
    }
}

#[test]
fn sizes_and_counts_are_as_told() {
    for (sample, text) in texts() {
        assert_eq!(text.chars().count(), sample.characters, "{}: characters in the manifest", sample.file);
        assert!(BYTES.contains(&text.len()), "{}: {} bytes", sample.file, text.len());
    }
}

#[test]
fn language_is_the_one_named() {
    for (sample, text) in texts() {
        let letters = text.chars().filter(|character| character.is_alphabetic()).count();
        let han = text.chars().filter(|&character| is_han(character)).count();
        match sample.language.as_str() {
            "en" => assert!(text.is_ascii(), "{}: plain ASCII, as the base model's tokenizer expects of English", sample.file),
            "zh" => assert!(han * 20 > letters * 19, "{}: {han} of {letters} letters are Chinese", sample.file),
            other => panic!("{}: unknown language {other}", sample.file),
        }
    }
}

#[test]
fn files_are_clean() {
    for (sample, text) in texts() {
        let file = &sample.file;
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{file}: ends with one newline");
        assert!(!text.starts_with('\u{feff}'), "{file}: byte order mark");
        assert!(!text.contains(['\r', '\t', '\u{fffd}']), "{file}: carriage return, tab or replacement character");
        for (number, line) in text.lines().enumerate() {
            assert_eq!(line, line.trim_end(), "{file}:{}: blanks at the end of the line", number + 1);
        }
    }
}

#[test]
fn no_long_line_comes_twice() {
    let mut seen: HashMap<String, String> = HashMap::new();
    for (sample, text) in texts() {
        for (number, line) in text.lines().map(str::trim).enumerate().filter(|(_, line)| line.chars().count() > LONG_LINE) {
            let here = format!("{}:{}", sample.file, number + 1);
            if let Some(before) = seen.insert(line.to_owned(), here.clone()) {
                panic!("{here} repeats {before}: {line}");
            }
        }
    }
}
