//! The losses of a run on their way from the device: steps that are not read yet, the watch over what was read, the mean since the last report.
//!
//! In: what each step leaves on the device. Out: faults, losses for reports. Absent: when it is good to read ([`super::pace`]).

use crate::metrics::{LossState, LossWatch, LossWindow};
use crate::model::parameters::read_many;
use crate::protocol::{Fault, FaultCode, NextAction};
use crate::train::StepTensors;

/// Losses of a run.
pub struct Losses {
    unread: Vec<StepTensors>,
    window: LossWindow,
    watch: LossWatch,
    /// A test wants the next loss to be NaN.
    pub inject_nan: bool,
}

/// What was read.
pub struct LossesRead {
    pub steps: usize,
    /// Of the last step, before clipping. JSON has no infinity, and a gradient that overflowed is larger than anything.
    pub gradient_norm: f32,
}

impl Losses {
    /// Of a run that begins.
    pub fn new() -> Self {
        Self { unread: Vec::new(), window: LossWindow::new(), watch: LossWatch::new(), inject_nan: false }
    }

    /// A step was handed to the device.
    pub fn push(&mut self, step: StepTensors) {
        self.unread.push(step);
    }

    /// Steps that are not read yet.
    pub fn unread(&self) -> usize {
        self.unread.len()
    }

    /// Waits for the device and looks at every loss since the last time; `last` is the number of the newest step. `None` when there is none.
    ///
    /// # Errors
    /// A device that fails, a loss that is no number, or one that has exploded.
    pub async fn read(&mut self, last: u32) -> Result<Option<LossesRead>, Fault> {
        let Some(newest) = self.unread.last() else { return Ok(None) };
        let (steps, clip) = (self.unread.len(), newest.clip.clone());
        let mut tensors = Vec::new();
        let mut parts = Vec::with_capacity(steps);
        for step in self.unread.drain(..) {
            parts.push(step.losses.len());
            tensors.extend(step.losses);
        }
        tensors.push(clip);
        let mut read = read_many(tensors).await?.into_iter();
        for (step, parts) in (last - steps as u32 + 1..).zip(parts) {
            let mut loss: f64 = read.by_ref().take(parts).flatten().map(f64::from).sum();
            if std::mem::take(&mut self.inject_nan) {
                loss = f64::NAN;
            }
            self.judge(step, loss)?;
            self.window.push(loss);
        }
        let norm = read.next().and_then(|clip| clip.first().copied()).unwrap_or_default();
        Ok(Some(LossesRead { steps, gradient_norm: if norm.is_finite() { norm } else { f32::MAX } }))
    }

    /// The mean since the last time it was taken.
    pub fn take_mean(&mut self) -> Option<f64> {
        self.window.take()
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
}
