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
use super::kept::Kept;
use super::losses::Losses;
use super::pace::Pace;
use super::plan::{Prepared, tokens_per_step};
use super::text::OpenText;
use crate::checkpoint::ModelConfig;
use crate::model::Gpt;
use crate::model::ops::gpu::kernels_written;
use crate::protocol::{DeviceKind, Event, Fault, Plan, RunConfig, RunPhase, Start, StepReport, StopReason};
use crate::text::{BatchPosition, Batches, Dataset, Tokenizer};
use crate::train::{AdamWSetting, Schedule, StepUnderWay, Trainer, TrainerSetting, Windows, learning_rate};

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
    batches: Batches,
    /// Where the next step's windows begin.
    pub position: BatchPosition,
    under_way: Option<(StepUnderWay, VecDeque<Windows>)>,
    rows_per_pass: usize,
    /// Steps taken.
    pub step: u32,
    pub stage: Stage,
    /// Pause after the next step.
    pub single: bool,
    pub chores: VecDeque<Chore>,
    pub evaluation: EvaluationSet,
    pub history: History,
    /// Weights of past steps.
    pub kept: Kept,
    pub pace: Pace,
    /// The first step has been done: all kernels are there.
    pub warm: bool,
    /// The visitor wants nothing of it kept.
    pub forgotten: bool,
    kernels_told: Option<u32>,
    pub losses: Losses,
}

impl Run {
    /// A run that begins, or goes on, at a step and its place in the data; the trainer is in the state that belongs to them.
    pub fn new(id: u32, prepared: &Prepared, trainer: Trainer, kind: DeviceKind, from: (u32, BatchPosition), now: f64) -> Self {
        let config = prepared.plan.config.clone();
        let (step, position) = from;
        let config_steps = config.steps;
        let rows = rows_per_pass(kind, &prepared.model, &config);
        let batches = Batches::resume(prepared.dataset.clone(), config.batch_size as usize, config.seed, position);
        Self {
            id,
            evaluation: EvaluationSet::new(&prepared.dataset, &prepared.tokenizer, &config, rows),
            plan: prepared.plan.clone(),
            config,
            text: prepared.text.clone(),
            tokenizer: prepared.tokenizer.clone(),
            dataset: prepared.dataset.clone(),
            trainer,
            batches,
            position,
            under_way: None,
            rows_per_pass: rows,
            step,
            stage: Stage::Running,
            single: false,
            chores: VecDeque::new(),
            history: History::default(),
            kept: Kept::new("", prepared.model.parameters(), config_steps, now),
            pace: Pace::new(now),
            warm: false,
            forgotten: false,
            kernels_told: None,
            losses: Losses::new(),
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

    /// One pass of a step, handed to the device; true when the step is complete.
    pub fn take_pass(&mut self) -> bool {
        let (mut step, mut rest) = match self.under_way.take() {
            Some(under_way) => under_way,
            None => {
                let passes: Vec<Windows> =
                    (0..self.config.accumulation).flat_map(|_| split(windows(&mut self.batches), self.rows_per_pass)).collect();
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
        let rate = learning_rate(&schedule(&self.config), self.step);
        let tensors = self.trainer.finish(step, rate);
        self.losses.push(tensors);
        self.step += 1;
        self.position = self.batches.position();
        true
    }

    /// Some passes of a step are done, others are not.
    pub fn is_within_step(&self) -> bool {
        self.under_way.is_some()
    }

    /// Forgets a step that is not complete; its windows will come again.
    pub fn abandon_step(&mut self) {
        if self.under_way.take().is_some() {
            let (rows, seed) = (self.config.batch_size as usize, self.config.seed);
            self.batches = Batches::resume(self.dataset.clone(), rows, seed, self.position);
        }
    }

    /// The run goes on on a device of this kind.
    pub fn change_passes(&mut self, kind: DeviceKind) {
        self.rows_per_pass = rows_per_pass(kind, &self.trainer.model.config, &self.config);
        self.evaluation = EvaluationSet::new(&self.dataset, &self.tokenizer, &self.config, self.rows_per_pass);
    }

    /// The last step of the run has been taken.
    pub fn is_complete(&self) -> bool {
        self.step >= self.config.steps
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
            // The first step compiled kernels; it says nothing about speed.
            self.pace.forget(now);
        }
        self.pace.read(now, now - began, read.steps, tokens_per_step(&self.config));
        self.report(host, read.gradient_norm, now);
        Ok(())
    }

    fn report<H: Host>(&mut self, host: &H, gradient_norm: f32, now: f64) {
        let Some(loss) = self.losses.take_mean() else { return };
        let report = StepReport {
            step: self.step,
            loss: loss as f32,
            learning_rate: learning_rate(&schedule(&self.config), self.step - 1),
            gradient_norm,
            tokens_per_second: self.pace.tokens_per_second() as f32,
            seconds_left: self.pace.seconds_left(now, self.config.steps - self.step, tokens_per_step(&self.config)) as f32,
        };
        self.history.step(report);
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
        if !self.warm && self.stage == Stage::Running && !self.single && self.kernels_told != Some(kernels) {
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

/// Floating-point operations of a pass that the CPU does in about a tenth of a second.
const PASS_OPERATIONS: u64 = 2_200_000_000;
/// Operations per parameter and token, forward and backward (arXiv 2001.08361).
const OPERATIONS: u64 = 6;

/// Windows that go through the model at once. A graphics card takes the whole batch. The CPU is not to be heard from until a pass is done,
/// so there a batch is cut into passes whose gradients are added up. By size, not by the clock: the same run always gives the same losses.
pub fn rows_per_pass(kind: DeviceKind, model: &ModelConfig, config: &RunConfig) -> usize {
    let batch = config.batch_size as usize;
    match kind {
        DeviceKind::WebGpu => batch,
        DeviceKind::Cpu => {
            let window = OPERATIONS * model.parameters() * u64::from(config.window);
            ((PASS_OPERATIONS / window.max(1)) as usize).clamp(1, batch.max(1))
        }
    }
}

/// Cuts windows into passes of at most `rows`.
pub fn split(windows: Windows, rows: usize) -> Vec<Windows> {
    let (time, length) = (windows.time, windows.time * rows.max(1));
    let parts = windows.inputs.chunks(length).zip(windows.targets.chunks(length));
    parts.map(|(inputs, targets)| Windows { inputs: inputs.to_vec(), targets: targets.to_vec(), time }).collect()
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
    Schedule { peak: config.learning_rate, warmup: config.warmup, steps: config.steps, decay: config.schedule.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ModelSize;

    #[test]
    fn passes_cover_the_batch_in_order() {
        let windows = Windows { inputs: (0..10).collect(), targets: (1..11).collect(), time: 2 };
        let passes = split(windows.clone(), 2);
        assert_eq!(passes.iter().map(|pass| pass.inputs.len()).collect::<Vec<_>>(), [4, 4, 2]);
        assert_eq!(passes.iter().flat_map(|pass| pass.inputs.clone()).collect::<Vec<_>>(), windows.inputs);
        assert_eq!(split(windows, 9).len(), 1);
    }

    #[test]
    fn the_cpu_takes_large_models_a_few_windows_at_a_time() {
        let model = |n_embd, n_layer| ModelConfig::new(ModelSize { n_layer, n_head: 4, n_embd, n_ctx: 256 }, 4096);
        let config = RunConfig { batch_size: 8, window: 128, ..RunConfig::default() };
        assert_eq!(rows_per_pass(DeviceKind::WebGpu, &model(768, 12), &config), 8);
        assert_eq!(rows_per_pass(DeviceKind::Cpu, &model(768, 12), &config), 1);
        assert_eq!(rows_per_pass(DeviceKind::Cpu, &model(128, 4), &config), 2);
        assert_eq!(rows_per_pass(DeviceKind::Cpu, &model(32, 1), &config), 8);
    }
}
