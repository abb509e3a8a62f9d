//! How fast this device trains this model in these shapes: about a second of real steps on a copy that is thrown away.
//!
//! Warm-up (writing and compiling kernels) is not counted. A slow device is asked for single windows only, so that the answer never takes much
//! longer than promised.

use std::sync::Arc;

use super::base::FirstWeights;
use super::host::Host;
use super::plan::Workshop;
use super::run::{rows_per_pass, split, trainer_setting, windows};
use crate::checkpoint::ModelConfig;
use crate::model::Gpt;
use crate::model::ops::gpu::kernels_written;
use crate::model::parameters::read_floats;
use crate::protocol::{DeviceKind, Fault, RunConfig, RunPhase};
use crate::text::{Batches, Dataset};
use crate::train::Trainer;

/// How long to measure.
const SECONDS: f64 = 1.0;
/// A step of the whole batch that would take longer than this is not tried; the single window speaks for it.
const LONGEST_STEP: f64 = 0.7;
/// Steps handed to the device before waiting for it take about this long.
const GROUP_SECONDS: f64 = 0.1;
const LARGEST_GROUP: f64 = 32.0;

/// What to measure.
pub struct Probe<'a> {
    pub model: &'a ModelConfig,
    pub first: &'a FirstWeights,
    pub dataset: &'a Arc<Dataset>,
    pub config: &'a RunConfig,
}

/// Tokens per second of training.
///
/// # Errors
/// When the device fails.
pub async fn measure<H: Host>(shop: &Workshop<H>, probe: &Probe<'_>) -> Result<f64, Fault> {
    let device = shop.device.device.clone().autodiff();
    let mut model = Gpt::from_values(probe.model.clone(), probe.first.values(probe.model), &device)?;
    model.freeze(probe.config.frozen_layers as usize);
    let rows_per_pass = rows_per_pass(shop.device.info.kind, probe.model, probe.config);
    let mut trial = Trial { shop, trainer: Trainer::new(model, trainer_setting(probe.config)), rows_per_pass };
    let window = f64::from(probe.config.window);
    let rows = probe.config.batch_size as usize;

    trial.say_warm_up();
    let mut single = Batches::new(probe.dataset.clone(), 1, probe.config.seed);
    // Forward first, so that there is something to say half-way.
    trial.forward(&mut single).await?;
    trial.say_warm_up();
    trial.steps(&mut single, 1).await?;
    let seconds = trial.steps(&mut single, 1).await?;
    if seconds * rows as f64 > LONGEST_STEP || rows == 1 && seconds > SECONDS {
        return Ok(window / seconds);
    }
    // Other shapes may mean other kernels.
    trial.say_warm_up();
    let mut batches = Batches::new(probe.dataset.clone(), rows, probe.config.seed);
    trial.steps(&mut batches, 1).await?;
    trial.say_warm_up();
    shop.phase(RunPhase::Measuring);
    let (mut elapsed, mut steps, mut group) = (0.0, 0.0, 1.0);
    while elapsed < SECONDS {
        elapsed += trial.steps(&mut batches, group as usize).await?;
        steps += group;
        group = (GROUP_SECONDS * steps / elapsed).clamp(1.0, LARGEST_GROUP).floor();
    }
    Ok(steps * rows as f64 * window / elapsed)
}

struct Trial<'a, H> {
    shop: &'a Workshop<H>,
    trainer: Trainer,
    rows_per_pass: usize,
}

impl<H: Host> Trial<'_, H> {
    /// Takes steps, waits for the device, and returns the seconds. At a learning rate of zero, so that no number can run away.
    async fn steps(&mut self, batches: &mut Batches, count: usize) -> Result<f64, Fault> {
        self.shop.breath.take().await;
        let began = self.shop.host.now();
        let mut last = None;
        for _ in 0..count {
            last = Some(self.trainer.step(&split(windows(batches), self.rows_per_pass), 0.0));
        }
        if let Some(step) = last {
            // The update comes after the loss: reading the norm waits for nearly all of it.
            read_floats(step.clip).await?;
        }
        if let Some(trouble) = self.shop.device.trouble() {
            return Err(trouble.into());
        }
        Ok((self.shop.host.now() - began).max(1e-6))
    }

    async fn forward(&mut self, batches: &mut Batches) -> Result<(), Fault> {
        self.shop.breath.take().await;
        let pass = windows(batches);
        let (inputs, targets) = pass.tensors(&self.shop.device.device);
        read_floats(self.trainer.inference_model().token_losses(inputs, targets, pass.time)).await?;
        Ok(())
    }

    fn say_warm_up(&self) {
        if self.shop.device.info.kind == DeviceKind::WebGpu {
            self.shop.phase(RunPhase::WarmingUp { kernels: kernels_written() });
        }
    }
}
