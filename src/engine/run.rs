//! A run: a model in training, what is still to be read from its device, and what is to be done between two steps.
//!
//! Steps are handed to the device without waiting for it. About ten times a second the losses of the steps since are read in one go (one
//! wait for the device, whatever the number of steps); only then does the engine know what has happened, so only then it reports, and a
//! fault can be late by as much. The number of unread steps is held to what the device does in a tenth of a second, so that
//! Pause is answered at once.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use super::chores::{Chore, EvaluationSet};
use super::history::History;
use super::host::Host;
use super::pace::Pace;
use super::plan::{Prepared, tokens_per_step};
use super::text::OpenText;
use crate::checkpoint::ModelConfig;
use crate::metrics::{LossState, LossWatch, LossWindow};
use crate::model::Gpt;
use crate::model::ops::gpu::kernels_written;
use crate::model::parameters::read_many;
use crate::protocol::{
    DeviceKind, Event, Fault, FaultCode, LearningRateSchedule, NextAction, Plan, RunConfig, RunPhase, Start, StepReport, StopReason,
};
use crate::text::{BatchPosition, Batches, Dataset, Tokenizer};
use crate::train::{AdamWSetting, Decay, Schedule, StepTensors, Trainer, TrainerSetting, Windows, learning_rate};

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Running,
    Paused,
    Finished(StopReason),
}

/// A run from its start to its end, and after it.
pub struct Run {
    pub id: u32,
    /// As it runs: the learning rate may have been changed, the batch halved.
    pub config: RunConfig,
    pub plan: Plan,
    pub text: Rc<OpenText>,
    pub tokenizer: Rc<Tokenizer>,
    pub dataset: Arc<Dataset>,
    pub trainer: Trainer,
    pub batches: Batches,
    /// Steps taken.
    pub step: u32,
    pub stage: Stage,
    /// Pause after the next step.
    pub single: bool,
    pub chores: VecDeque<Chore>,
    pub evaluation: EvaluationSet,
    pub history: History,
    pub pace: Pace,
    /// The first step has been done: all kernels are there.
    pub warm: bool,
    /// The visitor wants nothing of it kept.
    pub forgotten: bool,
    kernels_told: Option<u32>,
    unread: Vec<StepTensors>,
    losses: LossWindow,
    watch: LossWatch,
    /// A test wants the next loss to be NaN.
    pub inject_nan: bool,
}

impl Run {
    /// A run at `step`, with the trainer in the state that belongs to it.
    pub fn new(id: u32, prepared: &Prepared, trainer: Trainer, step: u32, position: BatchPosition, now: f64) -> Self {
        let config = prepared.plan.config.clone();
        let batches = Batches::resume(prepared.dataset.clone(), config.batch_size as usize, config.seed, position);
        Self {
            id,
            evaluation: EvaluationSet::new(&prepared.dataset, &prepared.tokenizer, &config),
            plan: prepared.plan.clone(),
            config,
            text: prepared.text.clone(),
            tokenizer: prepared.tokenizer.clone(),
            dataset: prepared.dataset.clone(),
            trainer,
            batches,
            step,
            stage: Stage::Running,
            single: false,
            chores: VecDeque::new(),
            history: History::default(),
            pace: Pace::new(now),
            warm: false,
            forgotten: false,
            kernels_told: None,
            unread: Vec::new(),
            losses: LossWindow::new(),
            watch: LossWatch::new(),
            inject_nan: false,
        }
    }

    /// The model as it is now, for work before the next step.
    pub fn model(&self) -> Gpt {
        self.trainer.inference_model()
    }

    /// It could go on.
    pub fn is_active(&self) -> bool {
        !matches!(self.stage, Stage::Finished(_))
    }

    /// One step, handed to the device.
    pub fn take_step(&mut self) {
        let rate = learning_rate(&schedule(&self.config), self.step);
        let passes: Vec<Windows> = (0..self.config.accumulation).map(|_| windows(&mut self.batches)).collect();
        let tensors = self.trainer.step(&passes, rate);
        self.unread.push(tensors);
        self.step += 1;
    }

    /// The last step of the run has been taken.
    pub fn is_complete(&self) -> bool {
        self.step >= self.config.steps
    }

    /// Enough steps wait to be read.
    pub fn should_read(&self, now: f64) -> bool {
        self.pace.should_read(now, self.unread.len())
    }

    /// Waits for the device, looks at every loss since the last time, and reports.
    ///
    /// # Errors
    /// A device that fails, a loss that is no number, or one that has exploded.
    pub async fn read_losses<H: Host>(&mut self, host: &H) -> Result<(), Fault> {
        let Some(last) = self.unread.last() else { return Ok(()) };
        let (count, clip) = (self.unread.len(), last.clip.clone());
        let mut tensors = Vec::new();
        let mut parts = Vec::with_capacity(count);
        for step in self.unread.drain(..) {
            parts.push(step.losses.len());
            tensors.extend(step.losses);
        }
        tensors.push(clip);
        let began = host.now();
        let mut read = read_many(tensors).await?.into_iter();
        let first = self.step - count as u32 + 1;
        for (step, parts) in (first..).zip(parts) {
            let mut loss: f64 = read.by_ref().take(parts).flatten().map(f64::from).sum();
            if std::mem::take(&mut self.inject_nan) {
                loss = f64::NAN;
            }
            self.judge(step, loss)?;
            self.losses.push(loss);
        }
        let gradient_norm = read.next().and_then(|clip| clip.first().copied()).unwrap_or_default();
        let now = host.now();
        self.pace.read(now, now - began, count, tokens_per_step(&self.config));
        self.report(host, gradient_norm, now);
        Ok(())
    }

    fn judge(&mut self, step: u32, loss: f64) -> Result<(), Fault> {
        let fault = |code, detail| Err(Fault::new(code, NextAction::LowerLearningRate, detail));
        match self.watch.push(loss) {
            LossState::Fine => Ok(()),
            LossState::NotFinite => fault(FaultCode::LossNotFinite, format!("the loss of step {step} is {loss}")),
            LossState::Exploded { median, limit } => {
                fault(FaultCode::LossExploded, format!("at step {step} the loss has risen to {median:.2}, above {limit:.2}"))
            }
        }
    }

    fn report<H: Host>(&mut self, host: &H, gradient_norm: f32, now: f64) {
        let Some(loss) = self.losses.take() else { return };
        let report = StepReport {
            step: self.step,
            loss: loss as f32,
            learning_rate: learning_rate(&schedule(&self.config), self.step - 1),
            // JSON has no infinity, and a gradient that overflowed is larger than anything.
            gradient_norm: if gradient_norm.is_finite() { gradient_norm } else { f32::MAX },
            tokens_per_second: self.pace.tokens_per_second() as f32,
            seconds_left: self.pace.seconds_left(now, self.config.steps - self.step, tokens_per_step(&self.config)) as f32,
        };
        self.history.step(report);
        host.send(&Event::Step { run: self.id, report }, Vec::new());
        if !self.warm {
            self.warm = true;
            if self.stage == Stage::Running {
                self.say(host, RunPhase::Running);
            }
        }
    }

    /// Tells the page what the run is doing.
    pub fn say<H: Host>(&self, host: &H, phase: RunPhase) {
        host.send(&Event::Phase { run: self.id, phase }, Vec::new());
    }

    /// What the run says when it starts or goes on: on a graphics card that has not done a step, that it warms up.
    pub fn say_running<H: Host>(&mut self, host: &H, kind: DeviceKind) {
        if kind == DeviceKind::Cpu || self.warm {
            self.warm = true;
            self.say(host, RunPhase::Running);
        } else {
            self.kernels_told = None;
            self.say_warm_up(host);
        }
    }

    /// While warming up: how many kernels there are, when there are more.
    pub fn say_warm_up<H: Host>(&mut self, host: &H) {
        let kernels = kernels_written();
        if !self.warm && self.stage == Stage::Running && self.kernels_told != Some(kernels) {
            self.kernels_told = Some(kernels);
            self.say(host, RunPhase::WarmingUp { kernels });
        }
    }
}

/// How many tokens a model of this run can look back on when it writes: a pretrained one on its whole context, one from scratch only on
/// the positions that its windows train.
pub fn context(config: &RunConfig, model: &ModelConfig) -> usize {
    match config.start {
        Start::Base { .. } => model.n_positions,
        Start::Scratch { .. } => model.n_positions.min(config.window as usize),
    }
}

/// The next windows of the training part.
pub fn windows(batches: &mut Batches) -> Windows {
    from_batch(batches.next_batch())
}

/// A batch as the trainer reads it.
pub fn from_batch(batch: crate::text::Batch) -> Windows {
    Windows { inputs: batch.inputs.into_iter().map(|id| id as i32).collect(), targets: batch.targets, time: batch.window }
}

/// The part of a config that the trainer knows.
pub fn trainer_setting(config: &RunConfig) -> TrainerSetting {
    let optimizer = AdamWSetting { weight_decay: config.weight_decay, clip_norm: config.clip_norm, ..AdamWSetting::default() };
    TrainerSetting { optimizer, dropout: config.dropout, seed: config.seed }
}

fn schedule(config: &RunConfig) -> Schedule {
    let decay = match config.schedule {
        LearningRateSchedule::Constant => Decay::Constant,
        LearningRateSchedule::Cosine => Decay::Cosine,
        LearningRateSchedule::Linear => Decay::Linear,
    };
    Schedule { peak: config.learning_rate, warmup: config.warmup, steps: config.steps, decay }
}
