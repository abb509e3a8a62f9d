//! Learning from labelled texts: the open table, what is prepared of it, the run over it, and what its model says of texts.
//!
//! In: [`LabelCommand`]s, and the run's buttons once such a run is prepared. Out: `Labels` and `LabelRun` events beside `Phase` and `Step`
//! (`protocol::labels` tells the whole conversation). `table` reads and examines, `prepare`, `plan`, `parts` and `tokenising` make ready, `run` and `buttons` train, `judge`
//! and `report` measure, `judge_part` on request, `predict` answers, `weigh` says how likely an answer is, `nearest` finds examples like a text, `brought` reads files to be asked
//! about, `relabel` corrects, `keeping` saves, `resume` goes on with what was saved.
//!
//! Absent so far: its attention while it trains.

mod brought;
mod buttons;
mod judge;
mod judge_part;
pub mod keeping;
mod nearest;
mod parts;
mod plan;
mod predict;
mod prepare;
mod prepared;
mod relabel;
mod report;
mod resume;
mod run;
mod table;
mod task;
mod tokenising;
mod tokens;
mod weigh;

use std::collections::VecDeque;
use std::rc::Rc;

use super::Session;
use super::breath::Job;
use super::device::OpenDevice;
use super::faults::out_of_turn;
use super::host::Host;
use super::session::Subject;
use super::tasks::Task;
use crate::model::SequenceModel;
use crate::protocol::labels::{LabelAnswer, LabelChoice, LabelCommand};
use crate::protocol::{Event, Fault};
use predict::{Predicting, Texts};
use prepare::LabelPrepared;
pub use resume::{RestoredLabels, restore};
use run::LabelRun;
use table::OpenTable;

/// What a long piece of work came to.
pub enum LabelDone {
    Table(Box<OpenTable>),
    Prepared(Box<LabelPrepared>),
}

/// Such work under way.
pub struct LabelTask {
    request: u32,
    prepares: bool,
    job: Job<Result<LabelDone, Fault>>,
}

/// Everything the engine knows of labelled texts.
#[derive(Default)]
pub struct Labels {
    table: Option<Rc<OpenTable>>,
    /// What was examined or prepared last of it.
    choice: Option<LabelChoice>,
    prepared: Option<Rc<LabelPrepared>>,
    /// The prepared model before its first step.
    untrained: Option<SequenceModel>,
    run: Option<LabelRun>,
    start_when_ready: Option<u32>,
    predicting: VecDeque<Predicting>,
    /// The latest requests that were answered: the same one again is a repeated message.
    answered_table: u32,
    answered_plan: u32,
}

impl Labels {
    /// The run's buttons speak of this kind of run.
    pub fn is_chosen(&self) -> bool {
        self.prepared.is_some() || self.run.is_some()
    }

    /// The run that it has is this one.
    pub fn has_run(&self, id: u32) -> bool {
        self.run.as_ref().is_some_and(|run| run.id == id)
    }

    /// Questions about texts that will have no answer now.
    pub fn drop_questions(&mut self) -> Vec<u32> {
        self.predicting.drain(..).map(|predicting| predicting.request).collect()
    }

    /// There is something to do between two commands.
    pub fn has_work(&self) -> bool {
        !self.predicting.is_empty() || self.run.as_ref().is_some_and(LabelRun::has_work)
    }

    /// The run that waited for what has failed.
    pub fn drop_start(&mut self) -> Option<u32> {
        self.start_when_ready.take()
    }

    /// A test wants the next loss to be NaN.
    pub fn inject_nan(&mut self) {
        if let Some(run) = &mut self.run {
            run.losses.inject_nan = true;
        }
    }

    /// Lets go of the run and its plan; the table stays open.
    fn leave(&mut self) {
        (self.prepared, self.untrained, self.run, self.start_when_ready) = (None, None, None, None);
        self.predicting.clear();
    }
}

impl LabelTask {
    /// The request that it answers.
    pub fn request(&self) -> u32 {
        self.request
    }

    /// The work itself.
    pub fn job(&mut self) -> &mut Job<Result<LabelDone, Fault>> {
        &mut self.job
    }

    /// The run waits for it.
    pub fn prepares(&self) -> bool {
        self.prepares
    }
}

impl<H: Host> Session<H> {
    /// Answers a question about labelled texts.
    pub(super) async fn label_command(&mut self, request: u32, command: LabelCommand, buffers: Vec<Vec<u8>>) -> Result<(), Fault> {
        if matches!(&self.task, Some(Task::Labels(task)) if task.request == request) {
            return Ok(());
        }
        match command {
            LabelCommand::OpenTable { files, options } => self.open_table(request, files, options, buffers),
            LabelCommand::TypeTable { classes } => self.type_table(request, &classes),
            LabelCommand::Examine { choice } => self.examine(request, choice),
            LabelCommand::Prepare { config } => self.prepare_labels(request, config).await,
            LabelCommand::Cancel => {
                if matches!(self.task, Some(Task::Labels(_))) {
                    self.task = None;
                    self.labels.start_when_ready = None;
                }
                self.answer(request, LabelAnswer::Cancelled);
                Ok(())
            }
            LabelCommand::ReadRows { rows } => self.read_rows(request, &rows),
            LabelCommand::Predict { texts, seconds, labels } => self.predict(request, Texts { texts, seconds, labels }).await,
            LabelCommand::Weigh { texts, seconds, answer } => {
                self.weigh(request, Texts { texts, seconds, labels: Vec::new() }, answer).await
            }
            LabelCommand::Nearest { text, among, most } => self.nearest(request, text, among, most as usize).await,
            LabelCommand::ListRows { part } => self.list_rows(request, part),
            LabelCommand::JudgePart { part } => self.judge_part(request, part).await,
            LabelCommand::Relabel { rows } => self.relabel(request, &rows),
            LabelCommand::ReadTexts { file } => self.read_texts(request, file, buffers.into_iter().next().unwrap_or_default()),
        }
    }

    /// What follows from a long piece of work.
    pub(super) async fn take_labels(&mut self, request: u32, done: LabelDone) -> Result<(), Fault> {
        match done {
            LabelDone::Table(table) => {
                self.take_table(request, *table);
                Ok(())
            }
            LabelDone::Prepared(prepared) => self.take_label_plan(request, *prepared).await,
        }
    }

    /// One piece of work: texts that wait for their classes come before the next step.
    pub(super) async fn work_on_labels(&mut self) -> Result<(), Fault> {
        if self.labels.predicting.is_empty() { self.work_on_label_run().await } else { self.predict_on().await }
    }

    /// The model as it is now: the run's, else the prepared one.
    async fn label_model(&mut self) -> Result<(SequenceModel, Rc<LabelPrepared>, u32, u32), Fault> {
        if let Some(run) = &self.labels.run {
            return Ok((run.trainer.inference_model(), run.prepared.clone(), run.id, run.step));
        }
        let Some(prepared) = self.labels.prepared.clone() else { return Err(out_of_turn("no model is ready yet")) };
        let model = match &self.labels.untrained {
            Some(model) => model.clone(),
            None => {
                let device = self.open_device().await?.device;
                self.labels.untrained.insert(prepared.model_on(&device)?).clone()
            }
        };
        Ok((model, prepared, 0, 0))
    }

    /// The body of the run's or the prepared model, for attention.
    pub(super) async fn label_subject(&mut self) -> Result<Option<Subject>, Fault> {
        if !self.labels.is_chosen() {
            return Ok(None);
        }
        let (model, prepared, run, step) = self.label_model().await?;
        let context = model.body.config.n_positions;
        Ok(Some(Subject { model: model.body, tokenizer: prepared.tokenizer.clone(), context, run, step }))
    }

    fn answer(&self, request: u32, answer: LabelAnswer) {
        self.tell(&Event::Labels { request, answer });
    }

    /// The device has changed: what computes on the old one begins again on the new one.
    pub(super) async fn move_labels(&mut self, device: &OpenDevice) -> Result<(), Fault> {
        self.labels.untrained = None;
        self.move_label_run(device).await
    }

    /// The graphics card is lost, and with it what was on it. The number of the run that ends with it.
    pub(super) fn lose_labels(&mut self) -> Option<u32> {
        self.labels.untrained = None;
        self.labels.predicting.clear();
        self.labels.run.take().filter(LabelRun::is_active).map(|run| run.id)
    }
}
