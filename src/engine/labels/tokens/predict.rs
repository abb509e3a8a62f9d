//! What the model as it is now says of texts that a visitor types or uploads: tags of their words, answers to them.

use std::collections::BTreeMap;

use super::super::judge::Judge;
use super::super::predict::Texts;
use super::super::report::{spans, written};
use super::answers::write;
use super::tags::said;
use super::{AnswerWork, TagWork, TokenRows, Work};
use crate::protocol::labels::{TaggedWord, TaskFigures, TextAnswer, TextPrediction};
use crate::protocol::{Fault, TableFinding};
use crate::text::words;
use crate::train::{WordReader, WordTokens};

/// Unknown tags that a finding lists.
const MOST_LISTED: usize = 20;

/// An entry per text, and figures where labels came with them.
pub struct Predicted {
    pub predictions: Vec<Option<TextPrediction>>,
    pub figures: Option<TaskFigures>,
    pub findings: Vec<TableFinding>,
}

impl TokenRows {
    /// Answers for texts.
    ///
    /// # Errors
    /// A device that fails, or a tokenizer that does.
    pub async fn predict(&self, judge: &Judge, texts: &Texts) -> Result<Predicted, Fault> {
        let mut predicted = match &self.work {
            Work::Tags(work) => tags(work, judge, texts).await?,
            Work::Answers(work) => answers(work, judge, texts).await?,
        };
        let empty = predicted.predictions.iter().filter(|prediction| prediction.is_none()).count() as u64;
        if empty > 0 {
            predicted.findings.insert(0, TableFinding::EmptyTexts { rows: empty, places: Vec::new() });
        }
        Ok(predicted)
    }
}

/// Bytes of each piece between white space.
fn pieces(text: &str) -> Vec<std::ops::Range<usize>> {
    let start = |piece: &str| piece.as_ptr() as usize - text.as_ptr() as usize;
    text.split_whitespace().map(|piece| start(piece)..start(piece) + piece.len()).collect()
}

async fn tags(work: &TagWork, judge: &Judge, texts: &Texts) -> Result<Predicted, Fault> {
    let prepared = &judge.prepared;
    let mut reader = WordReader::new(&prepared.tokenizer);
    let mut ranges = Vec::with_capacity(texts.texts.len());
    let mut rows: Vec<WordTokens> = Vec::with_capacity(texts.texts.len());
    for (number, text) in texts.texts.iter().enumerate() {
        // Tags come for words that white space divides; without tags, marks are words of their own.
        let tagged = texts.labels.get(number).is_some_and(|label| !label.trim().is_empty());
        let found = if tagged { pieces(text) } else { words(text) };
        rows.push(reader.read(&found.iter().map(|range| &text[range.clone()]).collect::<Vec<&str>>())?);
        ranges.push(found);
    }
    let said = said(judge, &work.tags, &rows.iter().collect::<Vec<&WordTokens>>(), &[]).await?;
    let window = prepared.plan.config.window as usize;
    let mut predictions = Vec::with_capacity(rows.len());
    for (row, (ranges, said)) in rows.iter().zip(ranges.iter().zip(&said)) {
        let word = |(range, (&tag, &probability)): (&std::ops::Range<usize>, (&u32, &f32))| TaggedWord {
            start: range.start as u32,
            end: range.end as u32,
            tag,
            probability,
        };
        let tagged = ranges.iter().zip(said.tags.iter().zip(&said.probabilities)).map(word).collect();
        predictions.push((!row.ids.is_empty()).then(|| TextPrediction {
            answer: TextAnswer::Tags { words: tagged },
            tokens: row.ids.len() as u32,
            windows: crate::train::tokens::windows(row.ids.len(), window) as u32,
            cut: false,
            right: None,
        }));
    }
    let (mut truth, mut own): (Vec<Vec<u32>>, Vec<&[u32]>) = (Vec::new(), Vec::new());
    let (mut unknown, mut unknown_rows, mut uneven): (BTreeMap<&str, u64>, u64, u64) = (BTreeMap::new(), 0, 0);
    let labelled = said.iter().zip(&mut predictions).zip(&texts.labels).filter(|(_, label)| !label.trim().is_empty());
    for ((said, prediction), label) in labelled {
        let names: Vec<&str> = label.split_whitespace().collect();
        let number = |name: &&str| prepared.plan.classes.iter().position(|class| class == name).map(|tag| tag as u32);
        let known: Vec<u32> = names.iter().filter_map(number).collect();
        if names.len() != said.tags.len() {
            uneven += 1;
        } else if known.len() < names.len() {
            unknown_rows += 1;
            for name in names.iter().filter(|name| number(name).is_none()) {
                *unknown.entry(name).or_default() += 1;
            }
        } else {
            if let Some(prediction) = prediction {
                prediction.right = Some(known == said.tags);
            }
            truth.push(known);
            own.push(&said.tags);
        }
    }
    let mut findings = Vec::new();
    if uneven > 0 {
        findings.push(TableFinding::UnevenTags { rows: uneven, places: Vec::new() });
    }
    if unknown_rows > 0 {
        let listed = unknown.into_iter().take(MOST_LISTED).map(|(name, rows)| (name.to_owned(), rows));
        findings.push(TableFinding::UnknownLabels { rows: unknown_rows, labels: listed.collect() });
    }
    let truth: Vec<&[u32]> = truth.iter().map(Vec::as_slice).collect();
    let figures = if truth.is_empty() {
        None
    } else {
        spans::figures(&work.tags, &prepared.plan.classes, &truth, &own, prepared.plan.config.seed).ok()
    };
    Ok(Predicted { predictions, figures: figures.map(TaskFigures::Spans), findings })
}

async fn answers(work: &AnswerWork, judge: &Judge, texts: &Texts) -> Result<Predicted, Fault> {
    let prepared = &judge.prepared;
    let mut writer = work.writer(judge);
    let mut predictions = Vec::with_capacity(texts.texts.len());
    let (mut own, mut wanted) = (Vec::new(), Vec::new());
    for (number, text) in texts.texts.iter().enumerate() {
        let second = texts.seconds.get(number).map_or("", String::as_str);
        let prompt = work.reader.prompt(&prepared.tokenizer, text, second, work.room.prompt(None))?;
        if text.trim().is_empty() || prompt.ids.is_empty() {
            predictions.push(None);
            continue;
        }
        let answer = write(judge, work, &mut writer, &prompt.ids).await?;
        if let Some(label) = texts.labels.get(number).map(|label| label.trim()).filter(|label| !label.is_empty()) {
            own.push(answer.clone());
            wanted.push(vec![label]);
        }
        let (tokens, cut) = (prompt.ids.len() as u32, prompt.left_out > 0);
        predictions.push(Some(TextPrediction { answer: TextAnswer::Text { text: answer }, tokens, windows: 1, cut, right: None }));
    }
    let scores = if own.is_empty() { None } else { written::scores(&own, &wanted).ok() };
    let figures = scores.map(|scores| TaskFigures::Texts(scores.figures(prepared.plan.config.seed)));
    Ok(Predicted { predictions, figures, findings: Vec::new() })
}
