//! Classes of texts that a visitor types or uploads, by the model as it is now.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::Session;
use super::super::breath::{Breath, Job, Progress};
use super::super::host::Host;
use super::prepare::LabelPrepared;
use super::report::quality;
use crate::model::SequenceModel;
use crate::protocol::labels::{LabelAnswer, TextPrediction};
use crate::protocol::{DeviceKind, Fault, FaultCode, NextAction, TableFinding};
use crate::train::{Classify, Example, Target, passes, sequence_outputs};

/// Unknown labels that a finding lists.
const MOST_LISTED: usize = 20;

/// An answer to `Predict` under way.
pub struct Predicting {
    request: u32,
    job: Job<Result<LabelAnswer, Fault>>,
}

struct Question {
    model: SequenceModel,
    prepared: Rc<LabelPrepared>,
    kind: DeviceKind,
    breath: Breath,
    run: u32,
    step: u32,
    texts: Vec<String>,
    labels: Vec<String>,
}

async fn answer(question: Question) -> Result<LabelAnswer, Fault> {
    let Question { model, prepared, kind, breath, run, step, texts, labels } = question;
    let (reading, shape) = (prepared.reading(), prepared.shape(kind, true));
    let mut predictions: Vec<Option<TextPrediction>> = vec![None; texts.len()];
    for (chunk, first) in texts.chunks(shape.rows.max(1)).zip((0..).step_by(shape.rows.max(1))) {
        breath.take().await;
        let mut ids = Vec::with_capacity(chunk.len());
        for text in chunk {
            let blank = text.trim().is_empty();
            ids.push(if blank { Vec::new() } else { prepared.task.template(&prepared.tokenizer, text, "")? });
        }
        // The target plays no part.
        let example = |(number, ids)| Example { number, ids, target: Target::Class(0) };
        let examples: Vec<Example> = (first..).zip(ids.iter().map(Vec::as_slice)).filter(|(_, ids)| !ids.is_empty()).map(example).collect();
        for pass in passes(&examples, reading, shape) {
            breath.take().await;
            let outputs = sequence_outputs(&model, &pass).await?;
            for (&number, outputs) in pass.numbers.iter().zip(outputs.chunks_exact(prepared.task.outputs())) {
                let tokens = ids[number - first].len();
                predictions[number] = Some(TextPrediction {
                    class: Classify::predict(outputs) as u32,
                    probabilities: prepared.task.probabilities(outputs),
                    tokens: tokens as u32,
                    windows: reading.windows(tokens).len() as u32,
                    cut: reading.is_cut(tokens),
                });
            }
        }
    }
    let classes = prepared.plan.classes.clone();
    let (quality, findings) = held_against(&predictions, &labels, &classes, prepared.plan.config.seed);
    Ok(LabelAnswer::Predicted { run, step, classes, predictions, quality, findings })
}

/// Figures over the texts whose labels the model knows, and what is to be said of the others.
fn held_against(
    predictions: &[Option<TextPrediction>],
    labels: &[String],
    classes: &[String],
    seed: u64,
) -> (Option<crate::protocol::labels::Quality>, Vec<TableFinding>) {
    let mut findings = Vec::new();
    let empty = predictions.iter().filter(|prediction| prediction.is_none()).count() as u64;
    if empty > 0 {
        findings.push(TableFinding::EmptyTexts { rows: empty, places: Vec::new() });
    }
    let (mut truth, mut predicted) = (Vec::new(), Vec::new());
    let mut unknown: BTreeMap<&str, u64> = BTreeMap::new();
    for (prediction, label) in predictions.iter().zip(labels) {
        let label = label.trim();
        match classes.iter().position(|class| class.trim() == label) {
            Some(class) => {
                if let Some(prediction) = prediction {
                    truth.push(class);
                    predicted.push(prediction.class as usize);
                }
            }
            None if label.is_empty() => {}
            None => *unknown.entry(label).or_default() += 1,
        }
    }
    if !unknown.is_empty() {
        let rows = unknown.values().sum();
        let labels = unknown.into_iter().take(MOST_LISTED).map(|(label, rows)| (label.to_owned(), rows)).collect();
        findings.push(TableFinding::UnknownLabels { rows, labels });
    }
    (quality(&truth, &predicted, classes, seed).ok(), findings)
}

impl<H: Host> Session<H> {
    pub(super) async fn predict(&mut self, request: u32, texts: &[String], labels: Vec<String>) -> Result<(), Fault> {
        if self.labels.predicting.iter().any(|known| known.request == request) {
            return Ok(());
        }
        if texts.iter().all(|text| text.trim().is_empty()) {
            return Err(Fault::new(FaultCode::EmptyPrompt, NextAction::None, "there is no text to classify"));
        }
        if !labels.is_empty() && labels.len() != texts.len() {
            let detail = format!("{} labels for {} texts", labels.len(), texts.len());
            return Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, detail));
        }
        let kind = self.open_device().await?.info.kind;
        let (model, prepared, run, step) = self.label_model().await?;
        let breath = Breath::default();
        let question = Question { model, prepared, kind, breath: breath.clone(), run, step, texts: texts.to_vec(), labels };
        self.labels.predicting.push_back(Predicting { request, job: Job::new(breath, answer(question)) });
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
            Err(fault) if self.trouble().is_none() => self.say_fault(Some(request), None, fault),
            Err(fault) => return Err(fault),
        }
        Ok(())
    }
}
