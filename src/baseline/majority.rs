//! The majority class: what one gets for always saying the most frequent thing.

use super::error::BaselineError;

/// Predicts the same for every text.
#[derive(Debug, Clone, PartialEq)]
pub struct MajorityClass {
    /// The most frequent class of the training rows; of several the one with the lowest number, as scikit-learn's `DummyClassifier`.
    pub class: usize,
    /// Each class's share of the training rows.
    pub shares: Vec<f64>,
}

impl MajorityClass {
    /// Counts the training rows' labels.
    ///
    /// # Errors
    /// No rows, or a label that is not below `classes`.
    pub fn fit(labels: &[usize], classes: usize) -> Result<Self, BaselineError> {
        if labels.is_empty() {
            return Err(BaselineError::NoRows);
        }
        let mut counts = vec![0_usize; classes];
        for &label in labels {
            *counts.get_mut(label).ok_or(BaselineError::UnknownLabel { label, classes })? += 1;
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let class = counts.iter().position(|&count| count == most).unwrap_or(0);
        Ok(Self { class, shares: counts.into_iter().map(|count| count as f64 / labels.len() as f64).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_most_frequent() {
        let majority = MajorityClass::fit(&[2, 1, 1, 2], 3).unwrap();
        assert_eq!(majority, MajorityClass { class: 1, shares: vec![0.0, 0.5, 0.5] });
        assert_eq!(MajorityClass::fit(&[], 3), Err(BaselineError::NoRows));
        assert_eq!(MajorityClass::fit(&[3], 3), Err(BaselineError::UnknownLabel { label: 3, classes: 3 }));
    }
}
