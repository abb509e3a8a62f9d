//! Labelled sets of `$ATTUNE_SHARED/data` as files of a table: training, and a test part where the set, a fold or a draw brings one.
//!
//! In: a set's name and a recipe. Out: names and bytes as a page would open them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use attune::protocol::{FileHead, TableOptions, TableTask};
use attune::text::epoch_order;
use attune::text::table::{Table, TableReader, propose};
use serde_json::{Map, Value};

use crate::Outcome;
use crate::recipe::Recipe;

/// Folds of a set that is judged fold by fold.
const FOLDS: usize = 5;
/// Seed of the draw of fewer rows.
const DRAW: u64 = 7;
/// Names that training files have, and those of the files beside them that are the test part here.
const TRAINING: [&str; 5] = ["train.csv", "train.jsonl", "train_multiline.csv", "train.tsv", "train.conll"];
const TEST: [&str; 3] = ["valid.csv", "valid.jsonl", "valid.conll"];

/// Files of a table.
pub type Files = Vec<(FileHead, Vec<u8>)>;

fn file(name: &str, bytes: Vec<u8>) -> (FileHead, Vec<u8>) {
    (FileHead { name: name.to_owned(), encoding: None }, bytes)
}

/// The folder of a set and its training file; `None`, and a line on the terminal, without one.
fn find(set: &str, recipe: &Recipe) -> Option<(PathBuf, String)> {
    let folder = std::env::var_os("ATTUNE_SHARED").map(|shared| PathBuf::from(shared).join("data").join(set));
    let names: Vec<&str> = recipe.file.as_deref().map_or_else(|| TRAINING.to_vec(), |name| vec![name]);
    let found = folder.and_then(|folder| names.into_iter().find(|name| folder.join(name).is_file()).map(|name| (folder, name.to_owned())));
    if found.is_none() {
        println!("SKIPPED {set}: set ATTUNE_SHARED to a folder with data/{set} and its training file");
    }
    found
}

/// The table that files make.
///
/// # Errors
/// Files that make none.
pub fn table(files: Files) -> Outcome<Table> {
    let mut reader = TableReader::new(files, TableOptions::default())?;
    while !reader.advance(1 << 20)?.finished {}
    Ok(reader.finish().0)
}

/// A row with its class, which is empty where rows have none.
struct Row {
    class: String,
    line: String,
}

/// Rows of a file: the columns of the task that the page proposes, a line of JSON each, which keeps every character.
fn rows_of(name: &str, bytes: Vec<u8>) -> Outcome<Vec<Row>> {
    let table = table(vec![file(name, bytes)])?;
    let proposal = propose(&table);
    let columns = &proposal.proposals.first().ok_or("no task for these columns")?.columns;
    let target = columns.target.ok_or("no labels")? as usize;
    let used: Vec<usize> =
        [Some(columns.text), columns.second, columns.target].into_iter().flatten().map(|column| column as usize).collect();
    let has_classes = matches!(columns.task, TableTask::Classify | TableTask::ClassifyPair);
    let cell = |row: usize, column: usize| -> Value {
        if table.is_list(column) { table.items(row, column).collect::<Vec<&str>>().into() } else { table.cell(row, column).into() }
    };
    let row = |row: usize| {
        let cells: Map<String, Value> = used.iter().map(|&column| (table.name(column).to_owned(), cell(row, column))).collect();
        let class = if has_classes { table.cell(row, target).to_owned() } else { String::new() };
        Row { class, line: Value::Object(cells).to_string() + "\n" }
    };
    Ok((0..table.rows()).map(row).collect())
}

/// Rows in a drawn order whose every beginning has the classes in proportion.
fn drawn(rows: Vec<Row>) -> Vec<Row> {
    let order = epoch_order(DRAW, 0, rows.len());
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        *sizes.entry(row.class.clone()).or_default() += 1;
    }
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut ranked: Vec<(f64, Row)> = Vec::with_capacity(rows.len());
    for place in order {
        let Some(row) = rows[place as usize].take() else { continue };
        let number = seen.entry(row.class.clone()).or_default();
        ranked.push(((*number as f64 + 0.5) / sizes[&row.class] as f64, row));
        *number += 1;
    }
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    ranked.into_iter().map(|(_, row)| row).collect()
}

/// Every fifth row of each class, in the order of the file, and the others.
fn fold(rows: Vec<Row>, fold: usize) -> (Vec<Row>, Vec<Row>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    rows.into_iter().partition(|row| {
        let number = seen.entry(row.class.clone()).or_default();
        *number += 1;
        (*number - 1) % FOLDS == fold
    })
}

fn written(rows: &[Row]) -> Vec<u8> {
    rows.iter().flat_map(|row| row.line.bytes()).collect()
}

/// A set's files; `None` where there are none.
///
/// # Errors
/// A file that cannot be read.
pub fn files(set: &str, recipe: &Recipe) -> Outcome<Option<Files>> {
    let Some((folder, name)) = find(set, recipe) else { return Ok(None) };
    let bytes = fs::read(folder.join(&name))?;
    let test = TEST.into_iter().find(|name| recipe.file.is_none() && folder.join(name).is_file());
    let read_test = |name: &str| fs::read(folder.join(name));
    if recipe.rows + recipe.validation + recipe.test == 0 && recipe.fold.is_none() {
        let mut files = vec![file(&name, bytes)];
        if let Some(test) = test.filter(|_| !recipe.tuning) {
            files.push(file(&test.replace("valid", "test"), read_test(test)?));
        }
        return Ok(Some(files));
    }
    let mut rows = rows_of(&name, bytes)?;
    let most = |rows: usize| if rows == 0 { usize::MAX } else { rows };
    let mut test = match (recipe.fold, test) {
        (Some(number), _) => {
            let (test, training) = fold(rows, number);
            rows = drawn(training);
            drawn(test)
        }
        (None, Some(name)) => {
            rows = drawn(rows);
            drawn(rows_of(name, read_test(name)?)?)
        }
        (None, None) => {
            let mut test = drawn(rows);
            rows = test.split_off(recipe.test.min(test.len()));
            test
        }
    };
    test.truncate(most(recipe.test));
    let mut training = rows.split_off(recipe.validation.min(rows.len()));
    training.truncate(most(recipe.rows));
    let mut files = vec![file("train.jsonl", written(&training))];
    if !rows.is_empty() {
        files.push(file("validation.jsonl", written(&rows)));
    }
    if !test.is_empty() && !recipe.tuning {
        files.push(file("test.jsonl", written(&test)));
    }
    Ok(Some(files))
}
