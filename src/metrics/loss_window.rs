//! The mean of the losses since the last report.

/// Collects losses between two reports. A loss that is not a number makes the mean not a number: it must be seen, not averaged away.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LossWindow {
    sum: f64,
    count: u32,
}

impl LossWindow {
    /// An empty window.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one step's loss.
    pub fn push(&mut self, loss: f64) {
        self.sum += loss;
        self.count += 1;
    }

    /// Number of losses since the last report.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Nothing was added since the last report.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The mean so far; `None` for an empty window.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }

    /// The mean, and a fresh start.
    pub fn take(&mut self) -> Option<f64> {
        let mean = self.mean();
        *self = Self::default();
        mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_of_the_losses_since_the_last_report() {
        let mut window = LossWindow::new();
        assert_eq!(window.take(), None);
        for loss in [4.0, 3.0, 2.0] {
            window.push(loss);
        }
        assert_eq!(window.len(), 3);
        assert_eq!(window.take(), Some(3.0));
        window.push(1.0);
        assert_eq!(window.take(), Some(1.0));
        assert!(window.is_empty());
    }

    #[test]
    fn not_a_number_stays_visible_and_does_not_outlive_its_report() {
        let mut window = LossWindow::new();
        window.push(1.0);
        window.push(f64::NAN);
        window.push(1.0);
        assert!(window.take().is_some_and(f64::is_nan));
        window.push(2.0);
        assert_eq!(window.take(), Some(2.0));
    }
}
