//! Sees when training has gone wrong: a loss that is no number, or one that has left the good region and stays away.

use std::collections::VecDeque;

/// What the losses so far say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LossState {
    Fine,
    /// This very loss is NaN or infinite.
    NotFinite,
    /// The running median has risen above `limit`, in nats per token.
    Exploded {
        median: f64,
        limit: f64,
    },
}

/// Watches the training losses of one run, in order.
///
/// "Exploded" means that the median of the last nine losses is more than 2.5 nats above the best such median (or above the run's first loss,
/// where that was lower): per token, the model gives the text a twelfth of the probability that it gave before. A median, because one
/// bad batch, however bad, is no explosion; a difference in nats, because it reads the same for a run that starts at 8 and for one that
/// starts at 3.
#[derive(Debug, Clone, Default)]
pub struct LossWatch {
    recent: VecDeque<f64>,
    best: Option<f64>,
}

impl LossWatch {
    /// Losses that the running median looks at.
    pub const SPAN: usize = 9;
    /// How far, in nats, the median may rise above the best.
    pub const MARGIN: f64 = 2.5;

    /// A watch that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at one more loss, nats per token. A loss that is not finite is reported and otherwise forgotten.
    pub fn push(&mut self, loss: f64) -> LossState {
        if !loss.is_finite() {
            return LossState::NotFinite;
        }
        if self.recent.len() == Self::SPAN {
            self.recent.pop_front();
        }
        self.recent.push_back(loss);
        let best = self.best.unwrap_or(loss);
        if self.recent.len() < Self::SPAN {
            self.best = Some(best);
            return LossState::Fine;
        }
        let median = self.median();
        self.best = Some(best.min(median));
        let limit = best + Self::MARGIN;
        if median > limit { LossState::Exploded { median, limit } } else { LossState::Fine }
    }

    fn median(&self) -> f64 {
        let mut sorted: Vec<f64> = self.recent.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(watch: &mut LossWatch, losses: impl IntoIterator<Item = f64>) -> Vec<LossState> {
        losses.into_iter().map(|loss| watch.push(loss)).collect()
    }

    #[test]
    fn what_is_no_number_is_reported_at_once() {
        let mut watch = LossWatch::new();
        assert_eq!(watch.push(f64::NAN), LossState::NotFinite);
        assert_eq!(watch.push(3.0), LossState::Fine);
        assert_eq!(watch.push(f64::INFINITY), LossState::NotFinite);
        assert_eq!(watch.push(f64::NEG_INFINITY), LossState::NotFinite);
    }

    #[test]
    fn a_falling_noisy_loss_is_fine() {
        let losses = (0..500).map(|step| 8.3 * (-f64::from(step) / 200.0).exp() + 0.5 + f64::from(step % 7) * 0.1);
        assert!(feed(&mut LossWatch::new(), losses).iter().all(|state| *state == LossState::Fine));
    }

    #[test]
    fn one_terrible_batch_is_fine() {
        let mut watch = LossWatch::new();
        let losses = (0..60).map(|step| if step == 30 { 1e6 } else { 3.0 });
        assert!(feed(&mut watch, losses).iter().all(|state| *state == LossState::Fine));
    }

    #[test]
    fn a_loss_that_jumps_and_stays_is_seen_at_the_fifth_step() {
        let mut watch = LossWatch::new();
        feed(&mut watch, std::iter::repeat_n(3.0, 40));
        // Five of nine losses make the median.
        let states = feed(&mut watch, std::iter::repeat_n(8.0, 5));
        assert_eq!(states[..4], [LossState::Fine; 4]);
        assert_eq!(states[4], LossState::Exploded { median: 8.0, limit: 5.5 });
    }

    #[test]
    fn an_explosion_in_the_first_steps_is_measured_against_the_first_loss() {
        let mut watch = LossWatch::new();
        let states = feed(&mut watch, [3.5, 7.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]);
        assert_eq!(states[7], LossState::Fine);
        assert_eq!(states[8], LossState::Exploded { median: 9.0, limit: 6.0 });
    }

    #[test]
    fn a_rise_within_the_margin_is_fine() {
        let mut watch = LossWatch::new();
        let losses = std::iter::repeat_n(3.0, 20).chain(std::iter::repeat_n(5.4, 50));
        assert!(feed(&mut watch, losses).iter().all(|state| *state == LossState::Fine));
    }
}
