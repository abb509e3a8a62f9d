//! One optimiser step from one or more batches of windows.

use burn::tensor::{Device, Gradients, Int, Tensor};

use super::adamw::{AdamW, AdamWSetting};
use crate::model::parameters::Slot;
use crate::model::{Dropout, Gpt, Parameters};

/// Windows of one forward pass: `[count * time]` ids, and at each place the id that follows, or −1 where none counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    pub inputs: Vec<i32>,
    pub targets: Vec<i32>,
    /// Tokens per window.
    pub time: usize,
}

impl Windows {
    /// Places with a target.
    pub fn counted(&self) -> usize {
        self.targets.iter().filter(|&&target| target >= 0).count()
    }

    /// Inputs and targets on a device.
    pub fn tensors(&self, device: &Device) -> (Tensor<1, Int>, Tensor<1, Int>) {
        (Tensor::from_data(self.inputs.as_slice(), device), Tensor::from_data(self.targets.as_slice(), device))
    }
}

/// Settings of a trainer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainerSetting {
    pub optimizer: AdamWSetting,
    /// Share of activations and attention weights dropped.
    pub dropout: f64,
    /// Seed of dropout; the step is added to it.
    pub seed: u64,
}

/// A model in training.
pub struct Trainer {
    pub model: Gpt,
    pub optimizer: AdamW,
    setting: TrainerSetting,
    device: Device,
}

/// What a step leaves on the device; reading either waits for the device, so read rarely.
pub struct StepTensors {
    /// Mean loss per pass, `[1]` each, in nats per token, times its share of the step: their sum is the step's loss.
    pub losses: Vec<Tensor<1>>,
    /// `[2]`: global gradient norm before clipping, and the factor applied.
    pub clip: Tensor<1>,
}

/// A step whose passes are not all done.
pub struct StepUnderWay {
    /// One over the counted targets of all passes.
    scale: f64,
    passes: usize,
    losses: Vec<Tensor<1>>,
    /// The sum so far.
    gradients: Option<Gradients>,
}

impl TrainerSetting {
    /// Dropout of a pass of the step that follows `steps`: another seed for every pass of every step, the same after a resume.
    pub(super) fn pass_dropout(&self, steps: u32, (pass, passes): (usize, usize), device: &Device) -> Dropout {
        let number = u64::from(steps) * passes as u64 + pass as u64;
        let seed = self.seed.wrapping_mul(0x9E37_79B9).wrapping_add(number) as i32;
        Dropout { share: self.dropout, seed: Tensor::from_data([if self.dropout > 0.0 { seed } else { 0 }], device) }
    }
}

/// Adds the gradients of a pass to those of the passes before it.
pub(super) fn accumulate(model: &mut impl Parameters, sum: Option<Gradients>, mut fresh: Gradients) -> Gradients {
    let Some(mut sum) = sum else { return fresh };
    for slot in model.slots() {
        match slot {
            Slot::Matrix(param) => add(&param.val(), &mut sum, &mut fresh),
            Slot::Vector(param) => add(&param.val(), &mut sum, &mut fresh),
        }
    }
    sum
}

/// Adds one parameter's fresh gradient to the sum.
fn add<const D: usize>(value: &Tensor<D>, sum: &mut Gradients, fresh: &mut Gradients) {
    let Some(gradient) = value.grad_remove(fresh) else { return };
    let total = match value.grad_remove(sum) {
        Some(before) => before + gradient,
        None => gradient,
    };
    value.grad_replace(sum, total);
}

impl Trainer {
    /// A trainer for a model on an autodiff device.
    pub fn new(mut model: Gpt, setting: TrainerSetting) -> Self {
        let optimizer = AdamW::new(&mut model, setting.optimizer);
        let device = model.wte.val().device().inner();
        Self { model, optimizer, setting, device }
    }

    /// One step over `passes`, whose gradients are added up (gradient accumulation); the loss is the mean over all counted targets.
    pub fn step(&mut self, passes: &[Windows], learning_rate: f64) -> StepTensors {
        let mut under_way = self.begin(passes);
        for pass in passes {
            self.pass(&mut under_way, pass);
        }
        self.finish(under_way, learning_rate)
    }

    /// Begins a step over these passes: for a caller that does something else between them. The model stays as it is until [`Self::finish`].
    pub fn begin(&self, passes: &[Windows]) -> StepUnderWay {
        let counted: usize = passes.iter().map(Windows::counted).sum();
        StepUnderWay { scale: 1.0 / counted.max(1) as f64, passes: passes.len(), losses: Vec::with_capacity(passes.len()), gradients: None }
    }

    /// The next of the step's passes.
    pub fn pass(&mut self, step: &mut StepUnderWay, pass: &Windows) {
        let (inputs, targets) = pass.tensors(&self.device);
        let dropout = self.setting.pass_dropout(self.optimizer.steps(), (step.losses.len(), step.passes), &self.device);
        let loss = self.model.loss(inputs, targets, pass.time, step.scale, &dropout);
        let fresh = loss.backward();
        step.losses.push(loss.inner());
        step.gradients = Some(accumulate(&mut self.model, step.gradients.take(), fresh));
    }

    /// Moves the model by the gradients of the passes so far.
    pub fn finish(&mut self, step: StepUnderWay, learning_rate: f64) -> StepTensors {
        let mut gradients: Vec<Gradients> = step.gradients.into_iter().collect();
        let clip = self.optimizer.step(&mut self.model, &mut gradients, learning_rate);
        StepTensors { losses: step.losses, clip }
    }

    /// The model as it is now, without autodiff: for evaluation, samples and attention. It shares the parameters' memory, which the next
    /// step changes in place.
    pub fn inference_model(&self) -> Gpt {
        use burn::module::Module;
        self.model.valid()
    }
}
