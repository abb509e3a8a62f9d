//! What the model as it is now says of texts that a visitor types or uploads.

use std::collections::BTreeMap;

use super::super::Session;
use super::super::breath::{Breath, Job, Progress};
use super::super::host::Host;
use super::judge::Judge;
use super::prepare::LabelPrepared;
use super::report::figures;
use super::task::{target, tokens_of};
use super::tokens::Predicted;
use crate::protocol::labels::{LabelAnswer, TaskFigures, TextAnswer, TextPrediction};
use crate::protocol::{Fault, FaultCode, NextAction, Sealed, TableFinding, TableTask, TaskColumns};
use crate::train::{Classify, Example, Target, passes, sequence_outputs};

/// Unknown labels that a finding lists.
const MOST_LISTED: usize = 20;

/// An answer to `Predict` under way.
pub struct Predicting {
    pub request: u32,
    pub job: Job<Result<LabelAnswer, Fault>>,
}

/// What is asked.
pub struct Texts {
    pub texts: Vec<String>,
    /// The second texts of pairs; empty without.
    pub seconds: Vec<String>,
    /// Empty without.
    pub labels: Vec<String>,
}

impl Texts {
    /// A text and its second are there.
    fn is_there(&self, number: usize) -> bool {
        !self.texts[number].trim().is_empty() && self.seconds.get(number).is_none_or(|second| !second.trim().is_empty())
    }

    /// # Errors
    /// Nothing is asked, lists of different lengths, or second texts where the task has none, or none where it has.
    pub fn check(&self, columns: &TaskColumns) -> Result<(), Fault> {
        let task = columns.task;
        let refused = |detail: String| Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, detail));
        let (texts, seconds, labels) = (self.texts.len(), self.seconds.len(), self.labels.len());
        if labels > 0 && labels != texts {
            return refused(format!("{labels} labels for {texts} texts"));
        }
        let wanted = if columns.second.is_some() && task != TableTask::TagTokens { texts } else { 0 };
        if seconds != wanted {
            return refused(format!("{seconds} second texts for {texts} texts of {task:?}"));
        }
        if (0..texts).any(|number| self.is_there(number)) {
            return Ok(());
        }
        Err(Fault::new(FaultCode::EmptyPrompt, NextAction::None, "there is no text to ask the model about"))
    }
}

/// A question about texts, and the model as it is when it is asked.
pub struct Question {
    pub judge: Judge,
    pub run: u32,
    pub step: u32,
    pub texts: Texts,
}

async fn answer(question: Question) -> Result<LabelAnswer, Fault> {
    let Question { judge, run, step, texts } = question;
    let prepared = judge.prepared.clone();
    let classes = prepared.plan.classes.clone();
    if let Some(tokens) = &prepared.tokens {
        let Predicted { predictions, figures, findings } = tokens.predict(&judge, &texts).await?;
        return Ok(LabelAnswer::Predicted { run, step, classes, predictions, figures: figures.as_ref().map(Sealed::of), findings });
    }
    let Judge { model, kind, breath, .. } = judge;
    let (reading, shape, apart) = (prepared.reading(), prepared.shape(kind, true), prepared.plan.config.reads_apart());
    let numbers: Vec<usize> = (0..texts.texts.len()).collect();
    let mut predictions: Vec<Option<TextPrediction>> = vec![None; numbers.len()];
    for chunk in numbers.chunks(shape.rows.max(1)) {
        breath.take().await;
        let mut read = Vec::with_capacity(chunk.len());
        for &number in chunk.iter().filter(|&&number| texts.is_there(number)) {
            let second = texts.seconds.get(number).map_or("", String::as_str);
            let (ids, second) = tokens_of(&*prepared.task, &prepared.tokenizer, [&texts.texts[number], second], apart)?;
            if ids.iter().chain(second.iter().flatten()).next().is_some() {
                read.push((number, ids, second));
            }
        }
        // The target plays no part; an example's number is its place in `read`.
        let examples: Vec<Example> = read
            .iter()
            .enumerate()
            .map(|(number, (_, ids, second))| Example { number, ids, second: second.as_deref(), target: Target::Class(0) })
            .collect();
        for pass in passes(&examples, reading, shape) {
            breath.take().await;
            let outputs = sequence_outputs(&model, &pass).await?;
            for (&place, outputs) in pass.numbers.iter().zip(outputs.chunks_exact(prepared.task.outputs())) {
                let (number, ids, second) = &read[place];
                let lengths = || std::iter::once(ids.len()).chain(second.iter().map(Vec::len));
                predictions[*number] = Some(TextPrediction {
                    answer: prepared.task.answer(outputs),
                    tokens: lengths().sum::<usize>() as u32,
                    windows: lengths().map(|tokens| reading.windows(tokens).len()).max().unwrap_or(0) as u32,
                    cut: lengths().any(|tokens| reading.is_cut(tokens)),
                    right: None,
                });
            }
        }
    }
    let (figures, findings) = held_against(&prepared, &mut predictions, &texts.labels);
    Ok(LabelAnswer::Predicted { run, step, classes, predictions, figures: figures.as_ref().map(Sealed::of), findings })
}

/// Figures over the texts whose labels the model knows, and what is to be said of the others. Each prediction learns whether it is right.
fn held_against(
    prepared: &LabelPrepared,
    predictions: &mut [Option<TextPrediction>],
    labels: &[String],
) -> (Option<TaskFigures>, Vec<TableFinding>) {
    let mut findings = Vec::new();
    let empty = predictions.iter().filter(|prediction| prediction.is_none()).count() as u64;
    if empty > 0 {
        findings.push(TableFinding::EmptyTexts { rows: empty, places: Vec::new() });
    }
    let (mut targets, mut answers) = (Vec::new(), Vec::new());
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    let mut unknown_rows = 0;
    for (prediction, label) in predictions.iter_mut().zip(labels) {
        match prepared.chosen.examples.understood(label) {
            Ok(Some(label)) => {
                if let Some(prediction) = prediction {
                    let target = target(label);
                    prediction.right = is_right(&prediction.answer, &target);
                    targets.push(target);
                    answers.push(prediction.answer.clone());
                }
            }
            Ok(None) => {}
            Err(labels) => {
                unknown_rows += 1;
                labels.into_iter().for_each(|label| *unknown.entry(label).or_default() += 1);
            }
        }
    }
    if unknown_rows > 0 {
        let listed = unknown.into_iter().take(MOST_LISTED);
        findings.push(match prepared.plan.config.choice.columns.task {
            TableTask::Score | TableTask::ScorePair => {
                TableFinding::NotNumbers { rows: unknown_rows, examples: listed.map(|(label, _)| label).collect(), places: Vec::new() }
            }
            _ => TableFinding::UnknownLabels { rows: unknown_rows, labels: listed.collect() },
        });
    }
    (figures(prepared, &targets, &answers).ok(), findings)
}

/// The answer is what the label says; numbers are never exactly right.
fn is_right(answer: &TextAnswer, target: &Target) -> Option<bool> {
    match (answer, target) {
        (TextAnswer::Class { class, .. }, Target::Class(_)) => Some(*class as usize == Classify::class(target)),
        (TextAnswer::Classes { classes, .. }, Target::Set(set)) => Some(classes == set),
        _ => None,
    }
}

impl<H: Host> Session<H> {
    /// This question is being answered: a command may come twice.
    pub(super) fn is_asked(&self, request: u32) -> bool {
        self.labels.predicting.iter().any(|known| known.request == request)
    }

    /// Puts texts to the model as it is now.
    ///
    /// # Errors
    /// No model is ready, or the texts do not suit its task ([`Texts::check`]).
    pub(super) async fn question(&mut self, texts: Texts) -> Result<Question, Fault> {
        let (judge, run, step) = self.judge().await?;
        texts.check(&judge.prepared.plan.config.choice.columns)?;
        Ok(Question { judge, run, step, texts })
    }

    /// The model as it is now, ready to be judged; with its run and step.
    ///
    /// # Errors
    /// No model is ready.
    pub(super) async fn judge(&mut self) -> Result<(Judge, u32, u32), Fault> {
        let kind = self.open_device().await?.info.kind;
        let (model, prepared, run, step) = self.label_model().await?;
        Ok((Judge { model, prepared, kind, breath: Breath::default() }, run, step))
    }

    pub(super) async fn predict(&mut self, request: u32, texts: Texts) -> Result<(), Fault> {
        if self.is_asked(request) {
            return Ok(());
        }
        let question = self.question(texts).await?;
        self.labels.predicting.push_back(Predicting { request, job: Job::new(question.judge.breath.clone(), answer(question)) });
        Ok(())
    }

    /// One piece of the oldest answer under way. No step is taken meanwhile, so the weights stay what they were.
    pub(super) async fn predict_on(&mut self) -> Result<(), Fault> {
        let Some(predicting) = self.labels.predicting.front_mut() else { return Ok(()) };
        let request = predicting.request;
        let Progress::Done(answered) = predicting.job.advance(std::future::pending()).await else { return Ok(()) };
        self.labels.predicting.pop_front();
        match answered {
            Ok(answer) => self.answer(request, answer),
            Err(fault) => match self.trouble() {
                None => self.say_fault(Some(request), None, fault),
                Some(trouble) => {
                    self.say_lost(request, trouble.into());
                    return Err(fault);
                }
            },
        }
        Ok(())
    }
}
