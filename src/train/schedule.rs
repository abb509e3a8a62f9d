//! The learning rate of each step.

use crate::protocol::LearningRateSchedule;

/// What the learning rate does after warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decay {
    Constant,
    /// Half a cosine (arXiv 1608.03983) down to [`FLOOR`] of the peak.
    Cosine,
    /// A straight line down to [`FLOOR`] of the peak.
    Linear,
}

impl From<LearningRateSchedule> for Decay {
    fn from(schedule: LearningRateSchedule) -> Self {
        match schedule {
            LearningRateSchedule::Constant => Self::Constant,
            LearningRateSchedule::Cosine => Self::Cosine,
            LearningRateSchedule::Linear => Self::Linear,
        }
    }
}

/// Share of the peak that is left at the last step.
pub const FLOOR: f64 = 0.1;

/// Warm-up, then decay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    pub peak: f64,
    /// Steps of linear rise from `peak / warmup`.
    pub warmup: u32,
    /// Steps of the whole run.
    pub steps: u32,
    pub decay: Decay,
}

/// Learning rate of step `step`, the first being 0. After the last step it stays at its floor.
pub fn learning_rate(schedule: &Schedule, step: u32) -> f64 {
    let Schedule { peak, warmup, steps, decay } = *schedule;
    if step < warmup {
        return peak * f64::from(step + 1) / f64::from(warmup);
    }
    let rest = f64::from(steps.saturating_sub(warmup).saturating_sub(1).max(1));
    let progress = (f64::from(step - warmup) / rest).min(1.0);
    match decay {
        Decay::Constant => peak,
        Decay::Cosine => peak * (FLOOR + (1.0 - FLOOR) * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos())),
        Decay::Linear => peak * (1.0 - (1.0 - FLOOR) * progress),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(decay: Decay, step: u32) -> f64 {
        learning_rate(&Schedule { peak: 1.0, warmup: 10, steps: 110, decay }, step)
    }

    #[test]
    fn it_rises_then_falls_to_its_floor() {
        for decay in [Decay::Cosine, Decay::Linear] {
            assert_eq!(at(decay, 0), 0.1);
            assert_eq!(at(decay, 9), 1.0);
            assert_eq!(at(decay, 10), 1.0);
            assert!((at(decay, 109) - FLOOR).abs() < 1e-12);
            assert!((at(decay, 5000) - FLOOR).abs() < 1e-12);
            assert!((10..109).all(|step| at(decay, step) > at(decay, step + 1)));
        }
        assert_eq!(at(Decay::Constant, 109), 1.0);
    }

    #[test]
    fn a_run_shorter_than_its_warm_up_is_all_warm_up() {
        let schedule = Schedule { peak: 1.0, warmup: 10, steps: 5, decay: Decay::Cosine };
        assert_eq!(learning_rate(&schedule, 4), 0.5);
        assert!(learning_rate(&Schedule { warmup: 0, steps: 1, ..schedule }, 0).is_finite());
    }
}
