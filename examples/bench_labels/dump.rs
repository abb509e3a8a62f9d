//! A prepared run as a file for a rival: `tests/reference/labels_parity.py` reads it.
//!
//! In: the files of a table, a config, seeds. Out: lines of JSON. The first has the settings, and for each seed the head's first weights, the order of every
//! epoch, where the parts of long texts begin that it reads, and the rows that are answered; then a line for every example with its part, its tokens and what it should give.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use attune::checkpoint::ModelConfig;
use attune::model::init::initial_score;
use attune::model::sequence::head_vectors;
use attune::protocol::labels::{EPOCH_ANSWERS, LabelConfig, REPORT_ANSWERS, default_template, read_template};
use attune::protocol::{SplitPart, Start, TableTask};
use attune::text::table::{ExampleOptions, Examples, Split, Table, split};
use attune::text::{AnswerRoom, AnsweredRow, PromptReader, Tokenizer, answered_rows, drawn_part, epoch_order};
use attune::train::{WordReader, joined};
use serde_json::{Map, Value, json};

use crate::Outcome;
use crate::sets::{self, Files};

/// What an example is made of.
struct Source<'a> {
    table: &'a Table,
    examples: &'a Examples,
    tokenizer: &'a Tokenizer,
    task: TableTask,
    window: usize,
    /// The texts of a pair are read each for itself.
    apart: bool,
}

impl Source<'_> {
    fn classes(&self, words: &mut WordReader<'_>, number: usize) -> Outcome<Map<String, Value>> {
        let (table, examples) = (self.table, self.examples);
        let example = match self.task {
            TableTask::TagTokens => {
                let items: Vec<&str> = table.items(examples.rows[number] as usize, examples.columns.text as usize).collect();
                let read = words.read(&items)?;
                json!({ "ids": read.ids, "lasts": read.lasts, "tags": examples.classes_of(number) })
            }
            _ if self.apart => {
                let (text, second) = (examples.text(table, number), examples.second(table, number));
                let (ids, after) = (self.tokenizer.encode(&text)?, self.tokenizer.encode(&second)?);
                json!({ "class": examples.classes_of(number).first(), "ids": ids, "text": text, "second": after, "second_text": second })
            }
            _ => {
                let text = joined(&examples.text(table, number), &examples.second(table, number));
                json!({ "class": examples.classes_of(number).first(), "ids": self.tokenizer.encode(&text)?, "text": text })
            }
        };
        Ok(example.as_object().cloned().unwrap_or_default())
    }

    /// Prompts and answers, cut as the engine cuts them.
    fn answers(&self, parts: &Split) -> Outcome<Vec<Map<String, Value>>> {
        let (table, examples, tokenizer) = (self.table, self.examples, self.tokenizer);
        let has_context = examples.columns.second.is_some();
        let reader = PromptReader::new(tokenizer, &read_template(default_template(has_context), has_context)?)?;
        let length = |number| reader.answer(tokenizer, examples.target(table, number), usize::MAX).map(|answer| answer.ids.len());
        let room = AnswerRoom::of(parts.examples(SplitPart::Training).map(length).collect::<Result<_, _>>()?, self.window);
        let mut rows = Vec::with_capacity(examples.len());
        for number in 0..examples.len() {
            let texts = [&*examples.text(table, number), &*examples.second(table, number), examples.target(table, number)];
            let AnsweredRow { ids, targets, prompt, .. } =
                room.row(&reader, tokenizer, texts, parts.parts[number] == SplitPart::Training)?;
            let wanted: Vec<&str> = examples.references(table, number).collect();
            let row = json!({ "ids": ids, "targets": targets, "prompt": prompt, "most": room.written(prompt), "wanted": wanted });
            rows.push(row.as_object().cloned().unwrap_or_default());
        }
        Ok(rows)
    }
}

fn part_name(part: SplitPart) -> Option<&'static str> {
    match part {
        SplitPart::Training => Some("training"),
        SplitPart::Validation => Some("validation"),
        SplitPart::Test => Some("test"),
        SplitPart::LeftOut => None,
    }
}

/// Writes the file.
///
/// # Errors
/// A task that no rival knows, a base that is not there, or a path that cannot be written.
pub fn write(set: &str, files: Files, config: &LabelConfig, seeds: &[u64], path: &Path) -> Outcome<()> {
    let table = sets::table(files)?;
    let choice = &config.choice;
    let task = choice.columns.task;
    if !matches!(task, TableTask::Classify | TableTask::ClassifyPair | TableTask::TagTokens | TableTask::TextToText) {
        return Err("no rival for this task".into());
    }
    let Start::Base { model } = config.start else { return Err("a base is needed".into()) };
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/models").join(model.folder());
    let model = ModelConfig::read(&fs::read_to_string(base.join("config.json"))?)?;
    let tokenizer = Tokenizer::from_json(&fs::read(base.join("tokenizer.json"))?)?;
    let examples =
        Examples::collect(&table, choice.columns.clone(), &ExampleOptions { merge_labels: choice.merge_labels, known_labels: None })?;
    let parts = split(&table, &examples, &choice.split);
    let config = LabelConfig { window: config.window.min(model.n_positions as u32), ..config.clone() }.clamped();

    let source = Source {
        table: &table,
        examples: &examples,
        tokenizer: &tokenizer,
        task,
        window: config.window as usize,
        apart: config.reads_apart(),
    };
    let mut words = WordReader::new(&tokenizer);
    let rows = if task == TableTask::TextToText {
        source.answers(&parts)?
    } else {
        (0..examples.len()).map(|number| source.classes(&mut words, number)).collect::<Outcome<Vec<_>>>()?
    };
    let length = |number: usize, name: &str| rows[number].get(name).and_then(Value::as_array).map_or(0, Vec::len);
    // Where the parts begin that an epoch reads of the training rows' first and second texts.
    let starts = |seed: u64, epoch: u32| -> Vec<[usize; 2]> {
        let start = |place: usize, tokens| drawn_part(seed, epoch.into(), place as u64, tokens, source.window).start;
        let training = parts.examples(SplitPart::Training);
        training.map(|number| [start(2 * number, length(number, "ids")), start(2 * number + 1, length(number, "second"))]).collect()
    };

    let of_seed = |&seed: &u64| {
        let orders: Vec<Vec<u32>> =
            (0..config.epochs).map(|epoch| epoch_order(seed, u64::from(epoch), parts.report.training as usize)).collect();
        let mut told = json!({ "orders": orders });
        if task == TableTask::TextToText {
            told["validation"] = json!(answered_rows(seed, parts.report.validation as usize, EPOCH_ANSWERS));
            told["test"] = json!(answered_rows(seed, parts.report.test as usize, REPORT_ANSWERS));
        } else {
            told["head"] = json!(initial_score(&model, examples.classes.len(), head_vectors(config.reads_apart()), seed).values);
        }
        if config.reads_parts() {
            told["starts"] = json!((0..config.epochs).map(|epoch| starts(seed, epoch)).collect::<Vec<_>>());
        }
        (seed.to_string(), told)
    };
    let of_seeds: Map<String, Value> = seeds.iter().map(of_seed).collect();
    let head = json!({ "set": set, "base": base, "config": config, "classes": examples.classes, "seeds": of_seeds });
    let mut out = std::io::BufWriter::new(fs::File::create(path)?);
    writeln!(out, "{head}")?;
    for (mut row, part) in rows.into_iter().zip(&parts.parts) {
        let Some(part) = part_name(*part) else { continue };
        row.insert("part".to_owned(), part.into());
        writeln!(out, "{}", Value::Object(row))?;
    }
    Ok(())
}
