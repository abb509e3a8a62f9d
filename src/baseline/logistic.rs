//! Logistic regression on sparse rows: the probabilities of classes from weighted sums of features.
//!
//! In: rows, labels, [`LogisticSetting`]. Out: a [`LogisticModel`]. The same problem as scikit-learn's `LogisticRegression` by default (1.9):
//! the sum of the cross-entropies times `C`, plus half the squared length of all weights but the intercepts; multinomial for three classes or
//! more, one set of weights for two. The problem is convex, so that any good search ends at scikit-learn's solution; this one is L-BFGS too.

use super::error::BaselineError;
use super::lbfgs::{Lbfgs, Progress};
use super::sparse::SparseRow;

/// How to train.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogisticSetting {
    /// Weight of the data against the penalty: scikit-learn's `C`.
    pub c: f64,
    /// Ends when no entry of the gradient, per row, is larger.
    pub tolerance: f64,
    /// Ends after so many iterations in any case.
    pub most_steps: usize,
}

impl Default for LogisticSetting {
    /// `C` of 1, and a tolerance ten times finer than scikit-learn's.
    fn default() -> Self {
        Self { c: 1.0, tolerance: 1e-5, most_steps: 200 }
    }
}

/// Training under way.
#[derive(Debug, Clone)]
pub struct LogisticFit<'a> {
    problem: Problem<'a>,
    search: Lbfgs,
    setting: LogisticSetting,
    steps: usize,
    ended: bool,
}

impl<'a> LogisticFit<'a> {
    /// Ready for the first step. `labels` are below `classes`; a class without rows is learned as improbable. `features` is the length that
    /// all rows fit into.
    ///
    /// # Errors
    /// No rows, unequal lengths, a label that is not below `classes`, or the same label everywhere.
    pub fn new(
        rows: &'a [SparseRow],
        labels: &'a [usize],
        classes: usize,
        features: usize,
        setting: LogisticSetting,
    ) -> Result<Self, BaselineError> {
        let first = *labels.first().ok_or(BaselineError::NoRows)?;
        if rows.len() != labels.len() {
            return Err(BaselineError::Lengths { rows: rows.len(), labels: labels.len() });
        }
        if let Some(&label) = labels.iter().find(|label| **label >= classes) {
            return Err(BaselineError::UnknownLabel { label, classes });
        }
        if labels.iter().all(|label| *label == first) {
            return Err(BaselineError::OneClass);
        }
        let outputs = if classes == 2 { 1 } else { classes };
        let problem = Problem { rows, labels, outputs, features, penalty: 1.0 / (setting.c * rows.len() as f64) };
        let search = Lbfgs::new(vec![0.0; (features + 1) * outputs], setting.tolerance, |point, gradient| problem.loss(point, gradient));
        Ok(Self { problem, search, setting, steps: 0, ended: false })
    }

    /// One iteration; `false` when there is nothing more to do. Between two the caller may report, wait or stop.
    pub fn step(&mut self) -> bool {
        if self.ended || self.steps >= self.setting.most_steps {
            return false;
        }
        let progress = self.search.step(|point, gradient| self.problem.loss(point, gradient));
        self.ended = progress != Progress::Going;
        self.steps += 1;
        !self.ended
    }

    /// Iterations so far, of [`LogisticSetting::most_steps`] at most.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Mean cross-entropy per row, in nats, with the penalty.
    pub fn loss(&self) -> f64 {
        self.search.value
    }

    /// The model as it stands.
    pub fn into_model(self) -> LogisticModel {
        LogisticModel { weights: self.search.point, outputs: self.problem.outputs }
    }
}

/// A trained regression.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticModel {
    /// `[features + 1, outputs]`, the intercepts last.
    weights: Vec<f64>,
    /// Classes, or 1 for two classes: the second against the first.
    outputs: usize,
}

impl LogisticModel {
    /// Classes that it tells apart.
    pub fn classes(&self) -> usize {
        self.outputs.max(2)
    }

    /// The weight of a feature for a class (0 where there is no such feature or class). Two classes share one weight with opposite signs.
    pub fn weight(&self, feature: usize, class: usize) -> f64 {
        let features = (self.weights.len() / self.outputs).saturating_sub(1);
        if feature < features { self.entry(feature, class) } else { 0.0 }
    }

    /// What a class starts with.
    pub fn intercept(&self, class: usize) -> f64 {
        self.entry((self.weights.len() / self.outputs).saturating_sub(1), class)
    }

    fn entry(&self, row: usize, class: usize) -> f64 {
        match (self.outputs, class) {
            (1, 0) => -self.weights.get(row).copied().unwrap_or(0.0),
            (1, 1) => self.weights.get(row).copied().unwrap_or(0.0),
            (outputs, class) if class < outputs => self.weights.get(row * outputs + class).copied().unwrap_or(0.0),
            _ => 0.0,
        }
    }

    /// Probability of each class; they add up to 1.
    pub fn probabilities(&self, row: &SparseRow) -> Vec<f64> {
        let mut scores = vec![0.0; self.outputs];
        sums(&self.weights, row, &mut scores);
        if let [score] = scores[..] {
            return vec![sigmoid(-score), sigmoid(score)];
        }
        softmax(&mut scores);
        scores
    }

    /// The most probable class, the first of equals.
    pub fn predict(&self, row: &SparseRow) -> usize {
        let mut scores = vec![0.0; self.outputs];
        sums(&self.weights, row, &mut scores);
        if let [score] = scores[..] {
            return usize::from(score > 0.0);
        }
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        scores.iter().position(|score| *score == best).unwrap_or(0)
    }
}

/// What is minimised: the mean cross-entropy plus `penalty / 2` times the squared weights.
#[derive(Debug, Clone)]
struct Problem<'a> {
    rows: &'a [SparseRow],
    labels: &'a [usize],
    outputs: usize,
    features: usize,
    penalty: f64,
}

impl Problem<'_> {
    /// Value, and the gradient into `gradient`. Weights lie feature by feature, so that the inner loops run over neighbours.
    fn loss(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let share = 1.0 / self.rows.len() as f64;
        let (bent, free) = gradient.split_at_mut(self.features * self.outputs);
        let mut squares = 0.0;
        for (slope, weight) in bent.iter_mut().zip(weights) {
            *slope = self.penalty * weight;
            squares += weight * weight;
        }
        free.fill(0.0);
        let mut loss = 0.0;
        let mut scores = vec![0.0; self.outputs];
        for (row, &label) in self.rows.iter().zip(self.labels) {
            sums(weights, row, &mut scores);
            loss += if let [score] = &mut scores[..] { binary(score, label) } else { multinomial(&mut scores, label) };
            // `scores` now holds probability minus truth.
            scores.iter_mut().for_each(|error| *error *= share);
            for (feature, value) in row.iter() {
                let slopes = &mut bent[feature * self.outputs..(feature + 1) * self.outputs];
                slopes.iter_mut().zip(&scores).for_each(|(slope, error)| *slope += value * error);
            }
            free.iter_mut().zip(&scores).for_each(|(slope, error)| *slope += error);
        }
        loss * share + 0.5 * self.penalty * squares
    }
}

/// Weighted sums of a row's features, and the intercepts, into `scores`.
fn sums(weights: &[f64], row: &SparseRow, scores: &mut [f64]) {
    let outputs = scores.len();
    scores.copy_from_slice(&weights[weights.len() - outputs..]);
    for (feature, value) in row.iter() {
        let weights = &weights[feature * outputs..(feature + 1) * outputs];
        scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += value * weight);
    }
}

/// Cross-entropy of two classes; the score becomes probability minus truth.
fn binary(score: &mut f64, label: usize) -> f64 {
    let truth = if label == 1 { 1.0 } else { 0.0 };
    // ln(1 + e^s) - truth · s, without overflow.
    let loss = score.max(0.0) + (-score.abs()).exp().ln_1p() - truth * *score;
    *score = sigmoid(*score) - truth;
    loss
}

/// Cross-entropy of several classes; the scores become probabilities minus truth.
fn multinomial(scores: &mut [f64], label: usize) -> f64 {
    let score = scores[label];
    let loss = softmax(scores) - score;
    scores[label] -= 1.0;
    loss
}

/// Scores become probabilities; the logarithm of the sum of their exponentials is returned.
fn softmax(scores: &mut [f64]) -> f64 {
    let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    largest + sum.ln()
}

fn sigmoid(score: f64) -> f64 {
    // Either way the exponential is at most 1.
    let small = (-score.abs()).exp();
    if score >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(entries: &[(u32, f64)]) -> SparseRow {
        SparseRow { indices: entries.iter().map(|entry| entry.0).collect(), values: entries.iter().map(|entry| entry.1).collect() }
    }

    fn rows() -> Vec<SparseRow> {
        vec![row(&[(0, 1.0)]), row(&[(0, 0.8), (2, 0.6)]), row(&[(1, 1.0)]), row(&[(1, 0.6), (2, 0.8)]), row(&[]), row(&[(2, 1.0)])]
    }

    fn fit(labels: &[usize], classes: usize) -> LogisticModel {
        let rows = rows();
        let setting = LogisticSetting { tolerance: 1e-10, ..LogisticSetting::default() };
        let mut fit = LogisticFit::new(&rows, labels, classes, 3, setting).unwrap();
        while fit.step() {}
        assert!(fit.steps() < 100);
        fit.into_model()
    }

    #[test]
    fn gradients_are_those_of_the_value() {
        let rows = rows();
        for (labels, outputs) in [(vec![0, 1, 1, 0, 1, 0], 1), (vec![0, 1, 2, 0, 3, 2], 4)] {
            let problem = Problem { rows: &rows, labels: &labels, outputs, features: 3, penalty: 0.3 };
            let point: Vec<f64> = (0..4 * outputs).map(|index| (index as f64 * 1.7).sin()).collect();
            let (mut gradient, mut unused) = (vec![0.0; point.len()], vec![0.0; point.len()]);
            problem.loss(&point, &mut gradient);
            for index in 0..point.len() {
                let mut value = |by: f64| {
                    let mut point = point.clone();
                    point[index] += by;
                    problem.loss(&point, &mut unused)
                };
                let slope = (value(1e-5) - value(-1e-5)) / 2e-5;
                assert!((slope - gradient[index]).abs() < 1e-9, "{index}: {slope}, {}", gradient[index]);
            }
        }
    }

    #[test]
    fn it_learns_what_the_features_say() {
        let model = fit(&[0, 0, 1, 1, 2, 2], 3);
        let predicted: Vec<usize> = rows().iter().map(|row| model.predict(row)).collect();
        assert_eq!(predicted, [0, 0, 1, 1, 2, 2]);
        assert!(model.weight(0, 0) > 0.0 && model.weight(0, 1) < 0.0);
        assert!((model.probabilities(&rows()[3]).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!((model.weight(3, 0), model.weight(0, 3), model.classes()), (0.0, 0.0, 3));
    }

    #[test]
    fn two_classes_share_one_weight() {
        let model = fit(&[0, 0, 1, 1, 0, 1], 2);
        assert_eq!(model.classes(), 2);
        assert_eq!(model.weight(1, 0), -model.weight(1, 1));
        assert_eq!(model.intercept(0), -model.intercept(1));
        let [no, yes] = model.probabilities(&rows()[2])[..] else { panic!() };
        assert!(yes > 0.5 && (no + yes - 1.0).abs() < 1e-15);
        assert_eq!(model.predict(&rows()[2]), 1);
    }

    #[test]
    fn a_class_without_rows_is_improbable() {
        let model = fit(&[0, 0, 1, 1, 0, 1], 3);
        assert!(model.probabilities(&rows()[0])[2] < 0.01);
    }

    #[test]
    fn what_cannot_be_learned_is_an_error() {
        let (rows, setting) = (rows(), LogisticSetting::default());
        let error = |labels: &[usize], classes| LogisticFit::new(&rows[..labels.len().min(6)], labels, classes, 3, setting).err();
        assert_eq!(error(&[], 2), Some(BaselineError::NoRows));
        assert_eq!(error(&[1, 1, 1], 2), Some(BaselineError::OneClass));
        assert_eq!(error(&[0, 2], 2), Some(BaselineError::UnknownLabel { label: 2, classes: 2 }));
        assert_eq!(error(&[0; 7], 2), Some(BaselineError::Lengths { rows: 6, labels: 7 }));
    }
}
