//! Ridge regression on sparse rows: a number from a weighted sum of features.
//!
//! In: rows, numbers, [`RidgeSetting`]. Out: a [`RidgeModel`]. The same problem as scikit-learn's `Ridge` by default: the sum of the squared errors plus
//! `alpha` times the squared length of all weights but the intercept. Its solution is unique; scikit-learn finds that of small problems exactly, this is a search by
//! conjugate gradients (Hestenes and Stiefel 1952) on the normal equations of the centred problem. Rows are centred in the products only, so that they
//! stay sparse. `alpha` keeps the equations well conditioned: some dozens of iterations do.

use super::error::BaselineError;
use super::sparse::SparseRow;

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RidgeSetting {
    /// Weight of the penalty: scikit-learn's `alpha`. Above 0.
    pub alpha: f64,
    /// Ends when what is left of the equations has shrunk to this share.
    pub tolerance: f64,
    /// Ends after so many iterations in any case.
    pub most_steps: usize,
}

impl Default for RidgeSetting {
    /// `alpha` of 1, and so fine a tolerance that predictions do not depend on it.
    fn default() -> Self {
        Self { alpha: 1.0, tolerance: 1e-12, most_steps: 1_000 }
    }
}

/// Training under way.
#[derive(Debug, Clone)]
pub struct RidgeFit<'a> {
    rows: &'a [SparseRow],
    setting: RidgeSetting,
    /// Mean of each feature, and of the numbers.
    centre: Vec<f64>,
    mean: f64,
    weights: Vec<f64>,
    residual: Vec<f64>,
    direction: Vec<f64>,
    /// Squared length of the residual, now and at the start.
    left: f64,
    first: f64,
    steps: usize,
}

/// A trained regression.
#[derive(Debug, Clone, PartialEq)]
pub struct RidgeModel {
    weights: Vec<f64>,
    intercept: f64,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl<'a> RidgeFit<'a> {
    /// Ready for the first step. `features` is the length that all rows fit into.
    ///
    /// # Errors
    /// No rows, or unequal lengths.
    pub fn new(rows: &'a [SparseRow], numbers: &[f64], features: usize, setting: RidgeSetting) -> Result<Self, BaselineError> {
        if rows.is_empty() {
            return Err(BaselineError::NoRows);
        }
        if rows.len() != numbers.len() {
            return Err(BaselineError::Lengths { rows: rows.len(), labels: numbers.len() });
        }
        let count = rows.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let mut centre = vec![0.0; features];
        rows.iter().flat_map(SparseRow::iter).for_each(|(feature, value)| centre[feature] += value / count);
        let mut fit = Self {
            rows,
            setting,
            centre,
            mean,
            weights: vec![0.0; features],
            residual: Vec::new(),
            direction: Vec::new(),
            left: 0.0,
            first: 0.0,
            steps: 0,
        };
        let centred: Vec<f64> = numbers.iter().map(|number| number - mean).collect();
        fit.residual = fit.transposed(&centred);
        fit.direction.clone_from(&fit.residual);
        fit.first = dot(&fit.residual, &fit.residual);
        fit.left = fit.first;
        Ok(fit)
    }

    /// Centred features, transposed, times one number a row.
    fn transposed(&self, by_row: &[f64]) -> Vec<f64> {
        let sum: f64 = by_row.iter().sum();
        let mut out: Vec<f64> = self.centre.iter().map(|centre| -centre * sum).collect();
        for (row, by) in self.rows.iter().zip(by_row) {
            row.iter().for_each(|(feature, value)| out[feature] += value * by);
        }
        out
    }

    /// The matrix of the normal equations times `by`.
    fn product(&self, by: &[f64]) -> Vec<f64> {
        let shift = dot(&self.centre, by);
        let rows: Vec<f64> = self.rows.iter().map(|row| sum(by, row) - shift).collect();
        let mut out = self.transposed(&rows);
        out.iter_mut().zip(by).for_each(|(out, by)| *out += self.setting.alpha * by);
        out
    }

    /// One iteration; `false` when there is nothing more to do. Between two the caller may report, wait or stop.
    pub fn step(&mut self) -> bool {
        // Written so that what is not a number ends it too.
        let goes_on = self.left > self.setting.tolerance.powi(2) * self.first && self.steps < self.setting.most_steps;
        if !goes_on {
            return false;
        }
        let product = self.product(&self.direction);
        let length = self.left / dot(&self.direction, &product);
        self.weights.iter_mut().zip(&self.direction).for_each(|(weight, along)| *weight += length * along);
        self.residual.iter_mut().zip(&product).for_each(|(left, product)| *left -= length * product);
        let left = dot(&self.residual, &self.residual);
        let turn = left / self.left;
        self.direction.iter_mut().zip(&self.residual).for_each(|(along, left)| *along = left + turn * *along);
        self.left = left;
        self.steps += 1;
        true
    }

    /// Iterations so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The model as it stands.
    pub fn into_model(self) -> RidgeModel {
        let intercept = self.mean - dot(&self.centre, &self.weights);
        RidgeModel { weights: self.weights, intercept }
    }
}

impl RidgeModel {
    /// The weight of a feature; 0 where there is no such feature.
    pub fn weight(&self, feature: usize) -> f64 {
        self.weights.get(feature).copied().unwrap_or(0.0)
    }

    /// What a text without known terms gets.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The number of a row.
    pub fn predict(&self, row: &SparseRow) -> f64 {
        self.intercept + sum(&self.weights, row)
    }
}

fn sum(weights: &[f64], row: &SparseRow) -> f64 {
    row.iter().map(|(feature, value)| weights.get(feature).copied().unwrap_or(0.0) * value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(entries: &[(u32, f64)]) -> SparseRow {
        SparseRow { indices: entries.iter().map(|entry| entry.0).collect(), values: entries.iter().map(|entry| entry.1).collect() }
    }

    fn fit(rows: &[SparseRow], numbers: &[f64]) -> RidgeModel {
        let mut fit = RidgeFit::new(rows, numbers, 2, RidgeSetting::default()).unwrap();
        while fit.step() {}
        fit.into_model()
    }

    #[test]
    fn a_worked_example() {
        // One feature, 0 or 1, half and half: the centred squares add up to 1, so with a penalty of 1 half of the difference of 4 is left.
        let rows = [row(&[]), row(&[]), row(&[(1, 1.0)]), row(&[(1, 1.0)])];
        let model = fit(&rows, &[1.0, 3.0, 5.0, 7.0]);
        assert!((model.weight(1) - 2.0).abs() < 1e-12 && model.weight(0) == 0.0, "{model:?}");
        assert!((model.intercept() - 3.0).abs() < 1e-12 && (model.predict(&rows[3]) - 5.0).abs() < 1e-12);
        assert_eq!(model.weight(9), 0.0);
    }

    #[test]
    fn numbers_that_are_all_alike_are_the_answer() {
        let model = fit(&[row(&[(0, 1.0)]), row(&[(1, 1.0)])], &[2.5, 2.5]);
        assert_eq!((model.predict(&row(&[(0, 1.0)])), model.intercept()), (2.5, 2.5));
    }

    #[test]
    fn it_ends_at_what_is_no_number_and_refuses_what_does_not_fit() {
        let rows = [row(&[(0, 1.0)]), row(&[(1, 1.0)])];
        let mut odd = RidgeFit::new(&rows, &[f64::NAN, 1.0], 2, RidgeSetting::default()).unwrap();
        assert!(!odd.step());
        let error = |rows: &[SparseRow], numbers: &[f64]| RidgeFit::new(rows, numbers, 2, RidgeSetting::default()).err();
        assert_eq!(error(&[], &[]), Some(BaselineError::NoRows));
        assert_eq!(error(&rows, &[1.0]), Some(BaselineError::Lengths { rows: 2, labels: 1 }));
    }
}
