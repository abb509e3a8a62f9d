//! The models of a run's past: the base model, and those whose weights were kept.
//!
//! In: a moment. Out: a model and the step that it is of, which for a step of the past is that of the nearest weights at hand. Models that were made
//! from kept weights serve for the next questions, since people look at one step from several sides.

use super::host::Host;
use super::inquiry::Inquiry;
use crate::model::Gpt;
use crate::protocol::Fault;
use crate::protocol::explain::Moment;

/// Models of past steps that stay on the device: those of the two sides of a difference.
const MOST_MODELS: usize = 2;

impl<H: Host> Inquiry<H> {
    /// The model before the first step.
    ///
    /// # Errors
    /// A bundled model that cannot be fetched again.
    pub(super) async fn base(&self) -> Result<Gpt, Fault> {
        if self.subject.run == 0 {
            return Ok(self.subject.model.clone());
        }
        let known = self.known.borrow().base.clone();
        if let Some(base) = known {
            return Ok(base);
        }
        let first = self.shop.first(&self.config).await?;
        self.shop.breath.take().await;
        let config = self.subject.model.config.clone();
        let values = first.values(&config);
        let base = Gpt::from_values(config, values, &self.shop.device.device)?;
        self.known.borrow_mut().base = Some(base.clone());
        Ok(base)
    }

    /// The model of a moment and its step. Of a past step that is the nearest of the kept weights, the base model and the model as it is; kept weights
    /// that cannot be read any more are passed over.
    ///
    /// # Errors
    /// As [`Self::base`], or a device that fails.
    pub(super) async fn model_at(&self, at: Moment) -> Result<(u32, Gpt), Fault> {
        let now = self.subject.step;
        let wanted = match at {
            Moment::Now => now,
            Moment::Base => 0,
            Moment::Step { step } => step,
        };
        let (to_base, to_now) = (wanted, now.abs_diff(wanted));
        let mut kept: Vec<_> = self.kept.iter().filter(|weights| weights.step < now).collect();
        kept.sort_by_key(|weights| weights.step.abs_diff(wanted));
        for weights in kept.into_iter().take_while(|weights| weights.step.abs_diff(wanted) < to_base.min(to_now)) {
            let known = self.known.borrow().kept.iter().find(|(step, _)| *step == weights.step).cloned();
            if let Some(model) = known {
                return Ok(model);
            }
            self.shop.breath.take().await;
            let config = &self.subject.model.config;
            let Some(values) = weights.read(&*self.shop.host, config).await else { continue };
            let model = (weights.step, Gpt::from_values(config.clone(), values, &self.shop.device.device)?);
            let mut known = self.known.borrow_mut();
            known.kept.truncate(MOST_MODELS - 1);
            known.kept.insert(0, model.clone());
            return Ok(model);
        }
        if to_base < to_now { Ok((0, self.base().await?)) } else { Ok((now, self.subject.model.clone())) }
    }
}
