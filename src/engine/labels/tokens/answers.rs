//! Prompts and their answers: from rows to tokens, and answers written greedily beside the wanted ones.
//!
//! Losses are over all rows of a part. Answers are written for a bounded number of rows, drawn by the seed, since each takes as many passes as it has
//! tokens: [`EPOCH_ANSWERS`] of the validation part after an epoch, [`REPORT_ANSWERS`] of the measured part at the end.

use super::super::judge::{Judge, Judged, Sample, drawn, training_sample};
use super::super::prepare::LabelPrepared;
use super::super::report::{Closing, Course, difference_of, floats, internal, words, written};
use super::super::table::{Chosen, OpenTable};
use super::super::tokenising::Tokenising;
use super::{TokenRows, Work};
use crate::protocol::labels::{BaselineKind, BaselineReport, EPOCH_ANSWERS, LabelReport, PartScores, REPORT_ANSWERS, TaskFigures};
use crate::protocol::{Fault, SplitPart};
use crate::text::{AnswerRoom, PromptReader, Tokenizer};
use crate::train::{GreedyWriter, LabelPass, TokenPass, token_losses};

/// Between accepted texts of a row where they stand together in a report.
const BETWEEN_ACCEPTED: &str = " / ";

/// How rows become prompts, and how long each is.
pub struct AnswerWork {
    pub reader: PromptReader,
    pub room: AnswerRoom,
    /// Tokens of each example's prompt.
    prompts: Vec<usize>,
    /// Examples whose prompt or answer was cut.
    pub cut: u64,
}

/// Reads rows of prompts and answers; the answers of the training part say how much room there is for one.
///
/// # Errors
/// Should the tokenizer fail.
pub async fn read(
    progress: &Tokenising<'_>,
    open: &OpenTable,
    chosen: &Chosen,
    tokenizer: &Tokenizer,
    reader: PromptReader,
    window: usize,
) -> Result<(Vec<Vec<u32>>, TokenRows), Fault> {
    let (examples, table) = (&chosen.examples, &open.table);
    let mut lengths = Vec::new();
    for (at, number) in chosen.split.examples(SplitPart::Training).enumerate() {
        progress.at(at).await;
        lengths.push(reader.answer(tokenizer, examples.target(table, number), usize::MAX)?.ids.len());
    }
    let looked_at = lengths.len();
    let mut work = AnswerWork { reader, room: AnswerRoom::of(lengths, window), prompts: Vec::new(), cut: 0 };
    let (mut ids, mut targets) = (Vec::new(), Vec::new());
    for number in 0..examples.len() {
        progress.at(looked_at + number).await;
        let texts = [&*examples.text(table, number), &*examples.second(table, number), examples.target(table, number)];
        let row = work.room.row(&work.reader, tokenizer, texts, chosen.split.parts[number] == SplitPart::Training)?;
        work.prompts.push(row.prompt);
        work.cut += u64::from(row.cut);
        ids.push(row.ids);
        targets.push(row.targets);
    }
    Ok((ids, TokenRows { targets, work: Work::Answers(work) }))
}

fn references(prepared: &LabelPrepared, number: usize) -> Vec<&str> {
    prepared.chosen.examples.references(&prepared.table.table, number).collect()
}

/// Writes the answer to one prompt.
///
/// # Errors
/// A device that fails.
pub async fn write(judge: &Judge, work: &AnswerWork, writer: &mut GreedyWriter, prompt: &[u32]) -> Result<String, Fault> {
    writer.ask(prompt, work.room.written(prompt.len()));
    loop {
        judge.breath.take().await;
        if !writer.advance(&judge.model.body).await? {
            break;
        }
    }
    Ok(judge.prepared.tokenizer.decode(writer.answer()).trim().to_owned())
}

/// Of each of so many examples the sum of its losses in nats, and how many tokens it has.
///
/// # Errors
/// A device that fails.
pub async fn summed_losses(judge: &Judge, passes: impl Iterator<Item = TokenPass>, examples: usize) -> Result<Vec<(f64, usize)>, Fault> {
    let mut sums = vec![(0.0, 0); examples];
    for pass in passes {
        judge.breath.take().await;
        let losses = token_losses(&judge.model, &pass).await?;
        for counted in pass.counted() {
            let sum = &mut sums[counted.number];
            *sum = (sum.0 + f64::from(losses[counted.place]), sum.1 + 1);
        }
    }
    Ok(sums)
}

impl AnswerWork {
    /// A writer for this model's answers.
    pub fn writer(&self, judge: &Judge) -> GreedyWriter {
        GreedyWriter::new(&judge.model.body, self.reader.end())
    }

    /// Sum of each example's losses in nats, and how many tokens it has.
    async fn losses(&self, judge: &Judge, numbers: &[usize]) -> Result<Vec<(f64, usize)>, Fault> {
        let tokens = |pass| match pass {
            LabelPass::Tokens(pass) => Some(pass),
            LabelPass::Texts(_) => None,
        };
        let passes = judge.prepared.label_passes(numbers, judge.prepared.shape(judge.kind, true)).into_iter().filter_map(tokens);
        let sums = summed_losses(judge, passes, judge.prepared.chosen.examples.len()).await?;
        Ok(numbers.iter().map(|&number| sums[number]).collect())
    }

    /// Answers to examples.
    async fn answers(&self, judge: &Judge, numbers: &[usize]) -> Result<Vec<String>, Fault> {
        let mut writer = self.writer(judge);
        let mut answers = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let ids = judge.prepared.ids(number);
            let prompt = &ids[..self.prompts[number].min(ids.len())];
            answers.push(write(judge, self, &mut writer, prompt).await?);
        }
        Ok(answers)
    }

    async fn scores(&self, judge: &Judge, numbers: &[usize], answered: usize) -> Result<Option<PartScores>, Fault> {
        if numbers.is_empty() {
            return Ok(None);
        }
        let loss = mean(&self.losses(judge, numbers).await?);
        let asked = drawn(&judge.prepared, numbers, answered);
        let answers = self.answers(judge, &asked).await?;
        let wanted: Vec<Vec<&str>> = asked.iter().map(|&number| references(&judge.prepared, number)).collect();
        let figures = written::scores(&answers, &wanted).map(|scores| written::epoch(&scores)).unwrap_or_default();
        Ok(Some(PartScores { rows: numbers.len() as u64, loss, figures }))
    }

    /// Judges the validation part, and the loss on as many rows of the training part.
    pub(super) async fn judge(&self, judge: &Judge) -> Result<Judged, Fault> {
        let validation = self.scores(judge, &judge.prepared.part(SplitPart::Validation), EPOCH_ANSWERS).await?;
        let training = self.scores(judge, &training_sample(&judge.prepared), 0).await?;
        Ok(Judged { training, validation })
    }

    /// The report on a part.
    pub(super) async fn close(&self, judge: &Judge, sample: Sample, course: Course) -> Result<Option<Closing>, Fault> {
        let prepared = &judge.prepared;
        let Sample { part, numbers: all, part_rows, baselines: with_baselines } = sample;
        if all.is_empty() {
            return Ok(None);
        }
        let numbers = drawn(prepared, &all, REPORT_ANSWERS);
        let losses = self.losses(judge, &all).await?;
        let answers = self.answers(judge, &numbers).await?;
        let wanted: Vec<Vec<&str>> = numbers.iter().map(|&number| references(prepared, number)).collect();
        let seed = prepared.plan.config.seed;
        let own = written::scores(&answers, &wanted).map_err(|error| internal(&error))?;
        let (mut baselines, mut copied_by_row) = (Vec::new(), None);
        // With a context, the text is a question: nobody would take it for its answer.
        if with_baselines && prepared.chosen.examples.columns.second.is_none() {
            let table = &prepared.table.table;
            let copied: Vec<String> = numbers.iter().map(|&number| prepared.chosen.examples.text(table, number).into_owned()).collect();
            let theirs = written::scores(&copied, &wanted).map_err(|error| internal(&error))?;
            let on = |scores: &written::Scores, rows: &[usize]| Some(scores.chrf(rows));
            let model_minus_baseline = difference_of(seed, numbers.len(), |rows| on(&own, rows), |rows| on(&theirs, rows));
            let figures = TaskFigures::Texts(theirs.figures(seed));
            let [chrf, ..] = theirs.by_row();
            copied_by_row = Some(floats(chrf.into_iter()));
            baselines.push(BaselineReport { kind: BaselineKind::CopySource, figures, model_minus_baseline });
        }
        let row_losses = all.iter().zip(&losses).filter(|(number, _)| numbers.binary_search(number).is_ok());
        // As they were when it was judged: the table may be corrected later.
        let accepted: Vec<String> = wanted.iter().map(|texts| texts.join(BETWEEN_ACCEPTED)).collect();
        let mut buffers = vec![
            words(numbers.iter().map(|&number| prepared.chosen.examples.rows[number])),
            accepted.concat().into_bytes(),
            answers.concat().into_bytes(),
            words(accepted.iter().map(|texts| texts.len() as u32)),
            floats(row_losses.map(|(_, (sum, tokens))| (sum / (*tokens).max(1) as f64) as f32)),
            words(answers.iter().map(|answer| answer.len() as u32)),
        ];
        buffers.extend(own.by_row().map(|figure| floats(figure.into_iter())));
        buffers.extend(copied_by_row);
        let (rows, figures) = (numbers.len() as u64, TaskFigures::Texts(own.figures(seed)));
        let Course { epochs, best_epoch, stopped_early } = course;
        let report = LabelReport { part, rows, part_rows, loss: mean(&losses), figures, baselines, epochs, best_epoch, stopped_early };
        Ok(Some(Closing { report, buffers }))
    }
}

/// Per token of all rows together, as in training.
fn mean(losses: &[(f64, usize)]) -> f64 {
    let (sum, tokens) = losses.iter().fold((0.0, 0), |(sum, tokens), loss| (sum + loss.0, tokens + loss.1));
    sum / tokens.max(1) as f64
}
