//! A run over labelled texts: epochs of shuffled examples, judged after each, the best kept, the end measured.
//!
//! As any run it hands steps to the device without waiting, and reads losses about ten times a second ([`super::super::run`]). Between two epochs, and
//! at the end, a job judges the model a pass at a time.

use std::collections::VecDeque;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::super::breath::{Breath, Job};
use super::super::host::Host;
use super::super::losses::Losses;
use super::super::pace::Pace;
use super::super::run::Stage;
use super::super::slots::GroundPlace;
use super::judge::{EpochRank, Judge, Judged, Sample, judge};
use super::keeping::{LabelMeta, LabelSave, Record};
use super::prepare::LabelPrepared;
use super::report::{Closing, Course, close};
use crate::model::LearnedValues;
use crate::model::ops::gpu::kernels_written;
use crate::protocol::labels::{EpochReport, LabelConfig, LabelNews};
use crate::protocol::{DeviceKind, Event, Fault, RunPhase, SplitPart, StepReport, StopReason};
use crate::text::epoch_order;
use crate::train::{LabelPass, Schedule, SequenceStep, SequenceTrainer, learning_rate};

/// What a job of the run came to.
pub enum Measured {
    Epoch(Judged),
    End(Option<Box<Closing>>),
}

/// What the run measures now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measuring {
    Epoch,
    End,
}

/// The best epoch so far.
pub struct Best {
    pub epoch: u32,
    pub rank: EpochRank,
    pub values: LearnedValues,
}

/// A run from its start to its end, and after it.
pub struct LabelRun {
    pub id: u32,
    /// As it runs: the learning rate may have been changed.
    pub config: LabelConfig,
    pub prepared: Rc<LabelPrepared>,
    pub trainer: SequenceTrainer,
    pub kind: DeviceKind,
    /// Steps taken.
    pub step: u32,
    pub stage: Stage,
    /// Pause after the next step.
    pub single: bool,
    pub pace: Pace,
    pub warm: bool,
    /// Epochs that are complete.
    pub(super) epoch: u32,
    /// Batches of the present epoch that are to come.
    batches: VecDeque<Vec<usize>>,
    /// The batch of the step that is under way, for taking it again.
    batch: Vec<usize>,
    under_way: Option<(SequenceStep, VecDeque<LabelPass>)>,
    pub losses: Losses,
    pub(super) best: Option<Best>,
    /// Epochs since the best.
    pub(super) without_gain: u32,
    pub(super) stopped_early: bool,
    measuring: Option<(Measuring, Job<Result<Measured, Fault>>)>,
    /// Said when the end is measured.
    then: Option<StopReason>,
    /// What was told so far.
    pub record: Record,
    /// A checkpoint under way, and another that is wanted after it.
    pub saving: Option<LabelSave>,
    pub save_again: bool,
    /// What its checkpoints stand on, once that is stored.
    pub ground: Option<GroundPlace>,
    /// Counts what changes without a step.
    pub revision: u32,
    /// The visitor wants nothing of it kept.
    pub forgotten: bool,
}

impl LabelRun {
    /// A run that begins; its first work is to judge the untrained model.
    pub fn new(id: u32, prepared: Rc<LabelPrepared>, config: LabelConfig, trainer: SequenceTrainer, kind: DeviceKind, now: f64) -> Self {
        let mut run = Self {
            id,
            config,
            prepared,
            trainer,
            kind,
            step: 0,
            stage: Stage::Running,
            single: false,
            pace: Pace::new(now),
            warm: kind == DeviceKind::Cpu,
            epoch: 0,
            batches: VecDeque::new(),
            batch: Vec::new(),
            under_way: None,
            losses: Losses::new(),
            best: None,
            without_gain: 0,
            stopped_early: false,
            measuring: None,
            then: None,
            record: Record::default(),
            saving: None,
            save_again: false,
            ground: None,
            revision: 0,
            forgotten: false,
        };
        run.deal();
        run.measure(Measuring::Epoch);
        run
    }

    /// Goes on where a run was saved; the trainer is in the state that belongs to it, and the stage is set. What was half measured begins again.
    pub fn go_on_from(&mut self, meta: &LabelMeta, best: Option<Best>, record: Record) {
        (self.step, self.epoch, self.best, self.record) = (meta.step, meta.epoch, best, record);
        (self.without_gain, self.stopped_early) = (meta.without_gain, meta.stopped_early);
        self.ground = Some(meta.ground.clone());
        let finished = !self.is_active();
        let unmeasured = finished && self.step > 0 && self.record.report.is_none();
        let measuring = if unmeasured { Some(Measuring::End) } else { meta.measuring };
        self.measuring = None;
        self.batches.clear();
        if !finished && measuring != Some(Measuring::End) && (measuring.is_none() || self.epoch == 0) {
            self.deal();
            let taken = self.step.saturating_sub(self.epoch * self.prepared.plan.steps_per_epoch) as usize;
            self.batches.drain(..taken.min(self.batches.len()));
        }
        if measuring == Some(Measuring::End) && !finished {
            self.then = Some(StopReason::AllSteps);
        }
        if let Some(what) = measuring {
            self.measure(what);
        }
    }

    /// Deals the next epoch's batches.
    fn deal(&mut self) {
        let training = self.prepared.part(SplitPart::Training);
        let order = epoch_order(self.config.seed, u64::from(self.epoch), training.len());
        let batch = |batch: &[u32]| batch.iter().map(|&at| training[at as usize]).collect();
        self.batches = order.chunks(self.config.batch_size as usize).map(batch).collect();
    }

    /// It could go on.
    pub fn is_active(&self) -> bool {
        !matches!(self.stage, Stage::Finished(_))
    }

    /// There is something to do between two commands.
    pub fn has_work(&self) -> bool {
        self.stage == Stage::Running || self.measuring.is_some() || self.saving.is_some()
    }

    /// The model is being measured.
    pub fn is_measuring(&self) -> bool {
        self.measuring.is_some()
    }

    /// What is being measured.
    pub fn is_measuring_what(&self) -> Option<Measuring> {
        self.measuring.as_ref().map(|(what, _)| *what)
    }

    /// All batches of the epoch are taken.
    pub fn is_between_epochs(&self) -> bool {
        self.batches.is_empty() && self.under_way.is_none()
    }

    /// Some passes of a step are done, others are not.
    pub fn is_within_step(&self) -> bool {
        self.under_way.is_some()
    }

    /// One pass of a step, handed to the device; true when the step is complete.
    pub fn take_pass(&mut self) -> bool {
        let (mut step, mut rest) = match self.under_way.take() {
            Some(under_way) => under_way,
            None => {
                let Some(batch) = self.batches.pop_front() else { return true };
                let passes = self.prepared.training_passes(&batch, self.epoch, self.prepared.shape(self.kind, false));
                self.batch = batch;
                (self.trainer.begin(&passes), VecDeque::from(passes))
            }
        };
        if let Some(pass) = rest.pop_front() {
            self.trainer.pass(&mut step, &pass);
        }
        if !rest.is_empty() {
            self.under_way = Some((step, rest));
            return false;
        }
        let rate = learning_rate(&self.schedule(), self.step);
        self.losses.push(self.trainer.finish(step, rate));
        self.step += 1;
        true
    }

    /// Forgets a step that is not complete; its batch comes again.
    pub fn abandon_step(&mut self) {
        if self.under_way.take().is_some() {
            self.batches.push_front(std::mem::take(&mut self.batch));
        }
    }

    fn schedule(&self) -> Schedule {
        let steps = self.prepared.plan.steps;
        let warmup = (self.config.warmup_share * f64::from(steps)).round() as u32;
        Schedule { peak: self.config.learning_rate, warmup, steps, decay: self.config.schedule.into() }
    }

    /// Enough steps wait to be read.
    pub fn should_read(&self, now: f64) -> bool {
        self.pace.should_read(now, self.losses.unread())
    }

    /// Waits for the device, looks at every loss since the last time, and reports.
    ///
    /// # Errors
    /// A device that fails, a loss that is no number, or one that has exploded.
    pub async fn read_losses<H: Host>(&mut self, host: &H) -> Result<(), Fault> {
        let began = host.now();
        let Some(read) = self.losses.read(self.step).await? else { return Ok(()) };
        let now = host.now();
        if !self.warm {
            self.pace.forget(now);
        }
        self.pace.read(now, now - began, read.steps, self.tokens_per_step());
        self.report(host, read.gradient_norm, now);
        Ok(())
    }

    /// On average: texts differ in length.
    fn tokens_per_step(&self) -> u64 {
        (self.prepared.tokens_read() * f64::from(self.config.batch_size)).round() as u64
    }

    fn report<H: Host>(&mut self, host: &H, gradient_norm: f32, now: f64) {
        let Some(loss) = self.losses.take_mean() else { return };
        let report = StepReport {
            step: self.step,
            loss: loss as f32,
            learning_rate: learning_rate(&self.schedule(), self.step.saturating_sub(1)),
            gradient_norm,
            tokens_per_second: self.pace.tokens_per_second() as f32,
            seconds_left: self.pace.seconds_left(now, self.prepared.plan.steps.saturating_sub(self.step), self.tokens_per_step()) as f32,
        };
        self.record.steps.step(report);
        host.send(&Event::Step { run: self.id, report }, Vec::new());
        if !self.warm {
            self.warm = true;
            if self.stage == Stage::Running && !self.single {
                self.say(host, RunPhase::Running);
            }
        }
    }

    /// Tells the page what the run is doing.
    pub fn say<H: Host>(&self, host: &H, phase: RunPhase) {
        host.send(&Event::Phase { run: self.id, phase }, Vec::new());
    }

    /// What the run says when it starts or goes on.
    pub fn say_running<H: Host>(&self, host: &H) {
        let phase = match &self.measuring {
            Some(_) if self.warm => RunPhase::Evaluating,
            _ if self.warm => RunPhase::Running,
            _ => RunPhase::WarmingUp { kernels: kernels_written() },
        };
        self.say(host, phase);
    }

    /// How it went so far.
    pub fn course(&self) -> Course {
        let best_epoch = self.best.as_ref().map_or(0, |best| best.epoch);
        Course { epochs: self.epoch, best_epoch, stopped_early: self.stopped_early }
    }

    fn measure(&mut self, what: Measuring) {
        let breath = Breath::default();
        let work =
            Judge { model: self.trainer.inference_model(), prepared: self.prepared.clone(), kind: self.kind, breath: breath.clone() };
        let course = self.course();
        let job = Job::new(breath, async move {
            Ok(match what {
                Measuring::Epoch => Measured::Epoch(judge(work).await?),
                Measuring::End => {
                    let sample = Sample::at_the_end(&work.prepared);
                    Measured::End(close(work, sample, course).await?.map(Box::new))
                }
            })
        });
        self.measuring = Some((what, job));
    }

    /// The job that measures the model.
    pub fn measuring(&mut self) -> Option<&mut Job<Result<Measured, Fault>>> {
        self.measuring.as_mut().map(|(_, job)| job)
    }

    /// The job is done with, or not wanted any more.
    pub fn end_measuring(&mut self) {
        self.measuring = None;
    }

    /// The device has changed: what was half measured begins again.
    pub fn measure_again(&mut self) {
        if let Some((what, _)) = self.measuring.take() {
            self.measure(what);
        }
    }

    /// An epoch's batches are all taken: judges it.
    pub fn end_epoch<H: Host>(&mut self, host: &H) {
        self.epoch += 1;
        self.measure(Measuring::Epoch);
        if self.stage == Stage::Running {
            self.say(host, RunPhase::Evaluating);
        }
    }

    /// Takes the figures of an epoch, keeps its model where it is the best, and goes on or ends. True when the run goes on.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn take_epoch<H: Host>(&mut self, host: &H, judged: Judged) -> Result<bool, Fault> {
        let Some(training) = judged.training else { return Ok(self.epoch < self.config.epochs) };
        let mut best = false;
        if let Some(validation) = judged.validation.as_ref().filter(|_| self.epoch > 0 || self.config.go_on) {
            // A model that goes on was good before its first step: where it only gets worse it is kept as it was.
            let rank = EpochRank::of(validation, self.config.metric);
            best = self.best.as_ref().is_none_or(|best| rank.beats(best.rank));
            if best {
                let values = self.trainer.model.read_learned().await?;
                self.best = Some(Best { epoch: self.epoch, rank, values });
                self.without_gain = 0;
            } else {
                self.without_gain += 1;
            }
        }
        let report = EpochReport { epoch: self.epoch, step: self.step, training, validation: judged.validation, best };
        self.record.epochs.push(report.clone());
        self.revision += 1;
        host.send(&Event::LabelRun { run: self.id, news: LabelNews::Epoch { report } }, Vec::new());
        if self.epoch >= self.config.epochs {
            return Ok(false);
        }
        self.stopped_early = self.config.patience > 0 && self.without_gain >= self.config.patience;
        if self.stopped_early {
            return Ok(false);
        }
        if self.batches.is_empty() && self.epoch > 0 {
            self.deal();
        }
        Ok(true)
    }

    /// Puts the best epoch's model back and measures it; `then` is said afterwards.
    pub fn close(&mut self, then: Option<StopReason>) {
        if let Some(best) = &self.best {
            self.trainer.model.restore(&best.values);
        }
        self.then = then;
        self.revision += 1;
        self.save_anew();
        self.measure(Measuring::End);
    }

    /// Tells what the end has come to.
    pub fn report_end<H: Host>(&mut self, host: &H, closing: Closing) {
        let Closing { report, buffers } = closing;
        self.record.report = Some((report.clone(), buffers.clone()));
        self.revision += 1;
        host.send(&Event::LabelRun { run: self.id, news: LabelNews::report(&report) }, buffers);
    }

    /// What is to be said now that the end is measured.
    pub fn take_ending(&mut self) -> Option<StopReason> {
        self.then.take()
    }
}
