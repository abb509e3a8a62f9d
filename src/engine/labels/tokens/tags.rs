//! Words and their tags: from rows to tokens, and from the head's numbers back to tags.

use std::collections::HashMap;

use super::super::judge::{Judge, Judged, Sample, training_sample};
use super::super::prepare::LabelPrepared;
use super::super::report::{Closing, Course, difference_of, floats, internal, spans, words};
use super::super::table::{Chosen, OpenTable};
use super::super::tokenising::Tokenising;
use super::{TokenRows, Work};
use crate::protocol::labels::{BaselineKind, BaselineReport, LabelReport, PartScores, TaskFigures};
use crate::protocol::{Fault, SplitPart};
use crate::text::Tokenizer;
use crate::train::{Classify, Tags, Target, Task, TokenExample, WordReader, WordTokens, token_outputs, token_passes};

/// The words of each example, and what their tags are called.
pub struct TagWork {
    pub tags: Tags,
    words: Vec<WordTokens>,
}

/// What a model says of the words of one row. Of a word without a token it says nothing: that one stands outside, with neither probability nor loss.
#[derive(Debug, Clone, Default)]
pub struct SaidOfWords {
    pub tags: Vec<u32>,
    pub probabilities: Vec<f32>,
    /// In nats, empty without the truth.
    pub losses: Vec<f32>,
}

/// Reads rows of words.
///
/// # Errors
/// Should the tokenizer fail.
pub async fn read(
    progress: &Tokenising<'_>,
    open: &OpenTable,
    chosen: &Chosen,
    tokenizer: &Tokenizer,
) -> Result<(Vec<Vec<u32>>, TokenRows), Fault> {
    let examples = &chosen.examples;
    let mut reader = WordReader::new(tokenizer);
    let (mut ids, mut targets, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..examples.len() {
        progress.at(number).await;
        let read = reader.read(&row_words(open, chosen, number))?;
        ids.push(read.ids.clone());
        targets.push(read.targets(examples.classes_of(number)));
        all.push(read);
    }
    Ok((ids, TokenRows { targets, work: Work::Tags(TagWork { tags: Tags::new(&examples.classes), words: all }) }))
}

fn row_words<'a>(open: &'a OpenTable, chosen: &Chosen, number: usize) -> Vec<&'a str> {
    let examples = &chosen.examples;
    open.table.items(examples.rows[number] as usize, examples.columns.text as usize).collect()
}

/// What the model says of words, row by row. `truth` is empty, or has the tags of each row.
///
/// # Errors
/// A device that fails.
pub async fn said(judge: &Judge, tags: &Tags, rows: &[&WordTokens], truth: &[&[u32]]) -> Result<Vec<SaidOfWords>, Fault> {
    let (classes, shape) = (judge.prepared.task.outputs(), judge.prepared.shape(judge.kind, true));
    let task = Classify::new(classes);
    let mut said: Vec<SaidOfWords> = rows
        .iter()
        .enumerate()
        .map(|(row, words)| SaidOfWords {
            tags: vec![tags.outside(); words.lasts.len()],
            probabilities: vec![0.0; words.lasts.len()],
            losses: vec![0.0; truth.get(row).map_or(0, |truth| truth.len())],
        })
        .collect();
    // The target of a word's last token is the number of the word.
    let numbered: Vec<Vec<i32>> = rows.iter().map(|words| words.targets(&(0..words.lasts.len() as u32).collect::<Vec<u32>>())).collect();
    let example = |number: usize| TokenExample { number, ids: &rows[number].ids, targets: &numbered[number] };
    let examples: Vec<TokenExample> = (0..rows.len()).map(example).collect();
    for pass in token_passes(&examples, judge.prepared.plan.config.window as usize, shape) {
        judge.breath.take().await;
        let outputs = token_outputs(&judge.model, &pass).await?;
        for counted in pass.counted() {
            let own = &outputs[counted.place * classes..(counted.place + 1) * classes];
            let (row, word, tag) = (&mut said[counted.number], pass.targets[counted.place] as usize, Classify::predict(own));
            row.tags[word] = tag as u32;
            row.probabilities[word] = Classify::probabilities(own).get(tag).copied().unwrap_or(0.0);
            if let Some(loss) = row.losses.get_mut(word) {
                *loss = task.example_loss(own, &Target::Class(truth[counted.number][word])) as f32;
            }
        }
    }
    Ok(said)
}

/// Mean over words that were read, in nats; 0 without any.
fn mean_loss(said: &[SaidOfWords], rows: &[&WordTokens], truth: &[&[u32]], weights: Option<&[f64]>) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for ((said, words), truth) in said.iter().zip(rows).zip(truth) {
        for ((&loss, last), &tag) in said.losses.iter().zip(&words.lasts).zip(*truth) {
            if last.is_some() {
                let weight = weights.and_then(|weights| weights.get(tag as usize).copied()).unwrap_or(1.0);
                sum += weight * f64::from(loss);
                total += weight;
            }
        }
    }
    if total > 0.0 { sum / total } else { 0.0 }
}

impl TagWork {
    /// Words that the tokenizer makes nothing of.
    pub fn unread(&self) -> u64 {
        self.words.iter().map(|words| words.unread() as u64).sum()
    }

    /// What is said of rows, and its loss: weighted as in training, or not.
    async fn said(&self, judge: &Judge, numbers: &[usize], weighted: bool) -> Result<(Vec<SaidOfWords>, f64), Fault> {
        let rows: Vec<&WordTokens> = numbers.iter().map(|&number| &self.words[number]).collect();
        let truth = truth(&judge.prepared, numbers);
        let said = said(judge, &self.tags, &rows, &truth).await?;
        let loss = mean_loss(&said, &rows, &truth, judge.prepared.task.token_weights().filter(|_| weighted));
        Ok((said, loss))
    }

    async fn scores(&self, judge: &Judge, numbers: &[usize]) -> Result<Option<PartScores>, Fault> {
        if numbers.is_empty() {
            return Ok(None);
        }
        let (said, loss) = self.said(judge, numbers, true).await?;
        let counts = spans::counts(&self.tags, &truth(&judge.prepared, numbers), &tags_of(&said));
        Ok(Some(PartScores { rows: numbers.len() as u64, loss, figures: spans::epoch(&self.tags, &counts) }))
    }

    /// Judges the validation part, and as many rows of the training part.
    pub(super) async fn judge(&self, judge: &Judge) -> Result<Judged, Fault> {
        let validation = self.scores(judge, &judge.prepared.part(SplitPart::Validation)).await?;
        let training = self.scores(judge, &training_sample(&judge.prepared)).await?;
        Ok(Judged { training, validation })
    }

    /// The most frequent tag of each word in the training part; of words that are not there, of all words.
    fn most_frequent(&self, prepared: &LabelPrepared, numbers: &[usize]) -> Vec<Vec<u32>> {
        let classes = prepared.plan.classes.len();
        let mut known: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut all = vec![0; classes];
        for number in prepared.part(SplitPart::Training) {
            let tags = prepared.chosen.examples.classes_of(number);
            for (word, &tag) in row_words(&prepared.table, &prepared.chosen, number).into_iter().zip(tags) {
                known.entry(word).or_insert_with(|| vec![0; classes])[tag as usize] += 1;
                all[tag as usize] += 1;
            }
        }
        let most = |counts: &[u32]| {
            let largest = counts.iter().copied().max().unwrap_or(0);
            counts.iter().position(|&count| count == largest).unwrap_or(0) as u32
        };
        let usual = most(&all);
        let tag = |word: &str| known.get(word).map_or(usual, |counts| most(counts));
        numbers.iter().map(|&number| row_words(&prepared.table, &prepared.chosen, number).into_iter().map(tag).collect()).collect()
    }

    /// The report on a part.
    pub(super) async fn close(&self, judge: &Judge, sample: Sample, course: Course) -> Result<Option<Closing>, Fault> {
        let prepared = &judge.prepared;
        let Sample { part, numbers, part_rows, baselines: with_baselines } = sample;
        if numbers.is_empty() {
            return Ok(None);
        }
        let (said, loss) = self.said(judge, &numbers, false).await?;
        judge.breath.take().await;
        let truth = truth(prepared, &numbers);
        let (names, seed) = (&prepared.plan.classes, prepared.plan.config.seed);
        let of = |said: &[&[u32]]| spans::figures(&self.tags, names, &truth, said, seed).map_err(|error| internal(&error));
        let own = tags_of(&said);
        let figures = of(&own)?;
        let mut baselines = Vec::new();
        let mut buffers = vec![
            words(numbers.iter().map(|&number| prepared.chosen.examples.rows[number])),
            words(truth.iter().flat_map(|tags| tags.iter().copied())),
            words(own.iter().flat_map(|tags| tags.iter().copied())),
            floats(said.iter().flat_map(|row| row.probabilities.iter().copied())),
            floats(said.iter().map(|row| row.losses.iter().sum::<f32>() / row.losses.len().max(1) as f32)),
            words(truth.iter().map(|tags| tags.len() as u32)),
        ];
        if with_baselines {
            judge.breath.take().await;
            let usual = self.most_frequent(prepared, &numbers);
            let usual: Vec<&[u32]> = usual.iter().map(Vec::as_slice).collect();
            let [first, second] = [&own, &usual].map(|said| spans::counts(&self.tags, &truth, said));
            let model_minus_baseline = difference_of(seed, numbers.len(), |rows| spans::f1(&first, rows), |rows| spans::f1(&second, rows));
            let figures = TaskFigures::Spans(of(&usual)?);
            baselines.push(BaselineReport { kind: BaselineKind::MostFrequentTag, figures, model_minus_baseline });
            buffers.push(words(usual.iter().flat_map(|tags| tags.iter().copied())));
        }
        let rows = numbers.len() as u64;
        let Course { epochs, best_epoch, stopped_early } = course;
        let figures = TaskFigures::Spans(figures);
        let report = LabelReport { part, rows, part_rows, loss, figures, baselines, epochs, best_epoch, stopped_early };
        Ok(Some(Closing { report, buffers }))
    }
}

fn truth<'a>(prepared: &'a LabelPrepared, numbers: &[usize]) -> Vec<&'a [u32]> {
    numbers.iter().map(|&number| prepared.chosen.examples.classes_of(number)).collect()
}

fn tags_of(said: &[SaidOfWords]) -> Vec<&[u32]> {
    said.iter().map(|row| row.tags.as_slice()).collect()
}
