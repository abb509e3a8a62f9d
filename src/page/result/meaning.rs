//! What the loss curves say, as one of a few findings; `page::strings` has a sentence and a next action for each.
//!
//! In: the points of both curves. Out: a [`Finding`]. Rules, in this order: a value that is not a number; too few evaluations; validation loss
//! well above its best for two evaluations or more (memorising while training loss falls, diverging when it rises too), or far above the first, both
//! curves; no gain over the last evaluations; a latest reading above the best or the first; else learning. Absent: words.

use crate::page::state::{LossPoint, ValidationPoint};

/// Checking loss must be this far above its best before a rise counts, nats per token: evaluations of a few windows wobble by less.
const RISE: f32 = 0.02;
/// Both losses this far above the first reading are no chance, nats per token.
const BLOWN_UP: f32 = 0.5;
/// Evaluations over which no gain means flat.
const FLAT_OVER: usize = 4;
/// The gain over those evaluations that still counts, nats per token.
const FLAT_GAIN: f32 = 0.01;

/// What the numbers mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding {
    /// No step yet.
    Nothing,
    /// Fewer than two evaluations.
    TooEarly { step: u32 },
    /// The text keeps nothing for validation: the training curve alone cannot tell learning from memorising.
    Unchecked,
    /// Both curves fall.
    Learning { from: f32, to: f32 },
    /// Both curves fall, but the training curve runs ahead by this many nats.
    RunningAhead { gap: f32 },
    /// The validation curve rises while the training curve falls: for `steps` steps, since `best_step`.
    Memorising { steps: u32, best_step: u32 },
    /// The latest reading of the validation loss is no gain over the ones before it; one may be chance.
    NoGainYet { best_step: u32 },
    /// Both curves rise: the steps are too large.
    Diverging { steps: u32 },
    /// Neither moves for `steps` steps.
    Flat { steps: u32 },
    /// A loss is not a number.
    NotANumber { step: u32 },
}

impl Finding {
    /// The finding calls for the visitor to act.
    pub fn is_warning(self) -> bool {
        matches!(self, Self::Memorising { .. } | Self::Diverging { .. } | Self::NotANumber { .. })
    }
}

/// Reads the curves.
pub fn finding(training: &[LossPoint], validation: &[ValidationPoint]) -> Finding {
    let Some(now) = training.last().map(|point| point.step).max(validation.last().map(|point| point.step)) else {
        return Finding::Nothing;
    };
    let broken_training = training.last().filter(|point| !point.loss.is_finite()).map(|point| point.step);
    let broken_validation = validation.last().filter(|point| !point.validation.is_finite()).map(|point| point.step);
    if let Some(step) = broken_training.or(broken_validation) {
        return Finding::NotANumber { step };
    }
    let checked: Vec<&ValidationPoint> = validation.iter().filter(|point| point.validation.is_finite()).collect();
    let (Some(first), Some(last)) = (checked.first(), checked.last()) else {
        return if training.len() > 30 { Finding::Unchecked } else { Finding::TooEarly { step: now } };
    };
    if checked.len() < 3 && (checked.len() < 2 || first.step == 0 && last.step < 20) {
        return Finding::TooEarly { step: now };
    }
    let (index, best) = checked.iter().enumerate().min_by(|a, b| a.1.validation.total_cmp(&b.1.validation)).unwrap_or((0, first));
    let (after, steps) = (checked.len() - 1 - index, last.step - best.step);
    let above_best = last.validation - best.validation > RISE;
    if after >= 2 && above_best && last.training - best.training <= RISE {
        return Finding::Memorising { steps, best_step: best.step };
    }
    let blown_up = last.validation - first.validation > BLOWN_UP && last.training - first.training > BLOWN_UP;
    if after >= 2 && above_best || blown_up {
        return Finding::Diverging { steps };
    }
    if let Some(before) = checked.len().checked_sub(FLAT_OVER + 1).map(|index| checked[index]) {
        let still = |then: f32, now: f32| (then - now).abs() < FLAT_GAIN;
        if still(before.validation, last.validation) && still(before.training, last.training) {
            return Finding::Flat { steps: last.step - before.step };
        }
    }
    if above_best || last.validation >= first.validation {
        return Finding::NoGainYet { best_step: best.step };
    }
    let gap = last.validation - last.training;
    let first_gap = first.validation - first.training;
    if gap - first_gap.max(0.0) > 0.3 {
        return Finding::RunningAhead { gap };
    }
    Finding::Learning { from: first.validation, to: last.validation }
}

/// How unsure a loss is, as a number of equally likely tokens (perplexity).
pub fn choices(loss: f32) -> f32 {
    loss.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn training(losses: &[f32]) -> Vec<LossPoint> {
        let point = |(index, &loss): (usize, &f32)| LossPoint {
            step: (index as u32 + 1) * 20,
            loss,
            learning_rate: 1e-3,
            gradient_norm: 1.0,
            tokens_per_second: 100.0,
        };
        losses.iter().enumerate().map(point).collect()
    }

    fn checked(pairs: &[(f32, f32)]) -> Vec<ValidationPoint> {
        let point = |(index, &(validation, training)): (usize, &(f32, f32))| ValidationPoint {
            step: index as u32 * 20,
            validation,
            training,
            bits_per_byte: 2.0,
        };
        pairs.iter().enumerate().map(point).collect()
    }

    #[test]
    fn before_the_second_evaluation_nothing_is_claimed() {
        assert_eq!(finding(&[], &[]), Finding::Nothing);
        assert_eq!(finding(&training(&[5.0]), &[]), Finding::TooEarly { step: 20 });
        assert_eq!(finding(&training(&[5.0]), &checked(&[(5.0, 5.0)])), Finding::TooEarly { step: 20 });
        assert_eq!(finding(&training(&[5.0; 40]), &[]), Finding::Unchecked);
    }

    #[test]
    fn both_falling_is_learning() {
        let points = checked(&[(5.0, 5.0), (4.5, 4.4), (4.2, 4.1)]);
        assert_eq!(finding(&training(&[5.0, 4.4, 4.1]), &points), Finding::Learning { from: 5.0, to: 4.2 });
    }

    #[test]
    fn a_training_curve_that_runs_ahead_is_said() {
        let points = checked(&[(5.0, 5.0), (4.5, 4.3), (4.4, 3.7)]);
        assert!(matches!(finding(&training(&[4.0]), &points), Finding::RunningAhead { gap } if (gap - 0.7).abs() < 1e-5));
    }

    #[test]
    fn a_rise_while_training_falls_is_memorising_and_counts_its_steps() {
        let points = checked(&[(5.0, 5.0), (4.2, 4.0), (4.25, 3.0), (4.4, 2.0), (4.9, 1.0)]);
        let found = finding(&training(&[4.0, 1.0]), &points);
        assert_eq!(found, Finding::Memorising { steps: 60, best_step: 20 });
        assert!(found.is_warning());
    }

    #[test]
    fn one_bad_evaluation_is_not_yet_a_rise() {
        let points = checked(&[(5.0, 5.0), (4.2, 4.1), (4.5, 3.9)]);
        assert_eq!(finding(&training(&[4.0]), &points), Finding::NoGainYet { best_step: 20 });
        let points = checked(&[(4.0, 4.0), (4.2, 3.5)]);
        assert_eq!(finding(&training(&[4.0]), &points), Finding::NoGainYet { best_step: 0 });
        let wobble = checked(&[(5.0, 5.0), (4.2, 4.1), (4.21, 4.0), (4.215, 3.9)]);
        assert!(!finding(&training(&[4.0]), &wobble).is_warning());
    }

    #[test]
    fn a_loss_far_above_the_first_is_told_at_once() {
        let points = checked(&[(5.0, 5.0), (9.0, 9.0)]);
        assert_eq!(finding(&training(&[9.0]), &points), Finding::Diverging { steps: 20 });
        let points = checked(&[(5.0, 5.0), (4.0, 4.0), (6.0, 6.0)]);
        assert_eq!(finding(&training(&[6.0]), &points), Finding::Diverging { steps: 20 });
    }

    #[test]
    fn both_rising_is_diverging() {
        let points = checked(&[(5.0, 5.0), (4.0, 4.0), (5.0, 5.0), (7.0, 7.0)]);
        assert_eq!(finding(&training(&[4.0]), &points), Finding::Diverging { steps: 40 });
    }

    #[test]
    fn no_gain_over_four_evaluations_is_flat() {
        let points = checked(&[(5.0, 5.0), (4.0, 4.0), (3.999, 4.0), (4.0, 4.001), (4.001, 3.999), (3.998, 4.0)]);
        assert_eq!(finding(&training(&[4.0]), &points), Finding::Flat { steps: 80 });
    }

    #[test]
    fn a_loss_that_is_not_a_number_comes_first() {
        assert_eq!(finding(&training(&[4.0, f32::NAN]), &checked(&[(5.0, 5.0)])), Finding::NotANumber { step: 40 });
        assert_eq!(finding(&[], &checked(&[(f32::INFINITY, 1.0)])), Finding::NotANumber { step: 0 });
    }

    #[test]
    fn a_loss_is_a_number_of_choices() {
        assert!((choices(3.98) - 53.5).abs() < 0.1);
    }
}
