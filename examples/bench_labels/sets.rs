//! Labelled sets of `$ATTUNE_SHARED/data` as files of a table: training, and a test part where the set or a fold brings one.
//!
//! In: a set's name and a recipe. Out: names and bytes as a page would open them, and, for a rival, every example with the part it falls into.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use attune::protocol::labels::LabelChoice;
use attune::protocol::{FileHead, SplitPart, TableOptions, TableTask};
use attune::text::table::{ExampleOptions, Examples, TableReader, propose, split};
use serde_json::json;

use crate::Outcome;
use crate::recipe::Recipe;

/// Folds of a set that is judged fold by fold.
const FOLDS: usize = 5;
/// Names that training files have.
const TRAINING: [&str; 3] = ["train.csv", "train.jsonl", "train_multiline.csv"];

/// Files of a table.
pub type Files = Vec<(FileHead, Vec<u8>)>;

fn file(name: &str, bytes: Vec<u8>) -> (FileHead, Vec<u8>) {
    (FileHead { name: name.to_owned(), encoding: None }, bytes)
}

/// The folder of a set and its training file; `None`, and a line on the terminal, without one.
fn find(set: &str) -> Option<(PathBuf, &'static str)> {
    let folder = std::env::var_os("ATTUNE_SHARED").map(|shared| PathBuf::from(shared).join("data").join(set));
    let found = folder.and_then(|folder| TRAINING.into_iter().find(|name| folder.join(name).is_file()).map(|name| (folder, name)));
    if found.is_none() {
        println!("SKIPPED {set}: set ATTUNE_SHARED to a folder with data/{set}/train.csv");
    }
    found
}

/// The first rows of a file with a line for each, with its header; 0 for all.
fn first_rows(bytes: Vec<u8>, rows: usize) -> Vec<u8> {
    if rows == 0 {
        return bytes;
    }
    let end = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(rows).map_or(bytes.len(), |(at, _)| at + 1);
    bytes[..end].to_vec()
}

/// Texts and labels of a file.
fn rows_of(name: &str, bytes: Vec<u8>) -> Outcome<Vec<[String; 2]>> {
    let mut reader = TableReader::new(vec![file(name, bytes)], TableOptions::default())?;
    while !reader.advance(1 << 20)?.finished {}
    let (table, _) = reader.finish();
    let proposal = propose(&table);
    let columns = &proposal.proposals.first().ok_or("no task for these columns")?.columns;
    let target = columns.target.ok_or("no labels")? as usize;
    let cell = |row, column: usize| table.cell(row, column).to_owned();
    Ok((0..table.rows()).map(|row| [cell(row, columns.text as usize), cell(row, target)]).collect())
}

/// Rows as a file that keeps every character of them.
fn written<'a>(rows: impl Iterator<Item = &'a [String; 2]>) -> Vec<u8> {
    rows.flat_map(|[text, label]| (json!({ "text": text, "label": label }).to_string() + "\n").into_bytes()).collect()
}

/// A set's files; `None` where there are none.
///
/// # Errors
/// A file that cannot be read.
pub fn files(set: &str, recipe: &Recipe) -> Outcome<Option<Files>> {
    let Some((folder, name)) = find(set) else { return Ok(None) };
    let bytes = fs::read(folder.join(name))?;
    if let Some(fold) = recipe.fold {
        // Every fifth row of each class, in the order of the file.
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let (test, training): (Vec<_>, Vec<_>) = rows_of(name, bytes)?.into_iter().partition(|[_, label]| {
            let number = seen.entry(label.clone()).or_default();
            *number += 1;
            (*number - 1) % FOLDS == fold
        });
        return Ok(Some(vec![file("train.jsonl", written(training.iter())), file("test.jsonl", written(test.iter()))]));
    }
    let mut files = vec![file(name, first_rows(bytes, recipe.rows))];
    if folder.join("valid.csv").is_file() && !recipe.tuning {
        files.push(file("test.csv", fs::read(folder.join("valid.csv"))?));
    }
    Ok(Some(files))
}

/// Writes every example as a line of JSON: its part, the number of its class, its text.
///
/// # Errors
/// Files that make no task of classes, or a path that cannot be written.
pub fn dump(files: Files, choice: &LabelChoice, path: &Path) -> Outcome<()> {
    let mut reader = TableReader::new(files, TableOptions::default())?;
    while !reader.advance(1 << 20)?.finished {}
    let (table, _) = reader.finish();
    if choice.columns.task != TableTask::Classify {
        return Err("no task of classes".into());
    }
    let options = ExampleOptions { merge_labels: choice.merge_labels, known_labels: None };
    let examples = Examples::collect(&table, choice.columns.clone(), &options)?;
    let split = split(&table, &examples, &choice.split);
    let mut out = std::io::BufWriter::new(fs::File::create(path)?);
    for (number, part) in split.parts.iter().enumerate() {
        let part = match part {
            SplitPart::Training => "training",
            SplitPart::Validation => "validation",
            SplitPart::Test => "test",
            SplitPart::LeftOut => continue,
        };
        let class = examples.classes_of(number).first();
        writeln!(out, "{}", json!({ "part": part, "class": class, "text": examples.text(&table, number) }))?;
    }
    Ok(())
}
