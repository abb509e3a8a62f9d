//! A text to a number.
//!
//! Template: the text as it is. Head: one number, which stands for the standardised target: (target − mean) / deviation of the training part, as
//! scikit-learn's `StandardScaler`. Loss: the squared error of it, as `torch.nn.functional.mse_loss`; so it is in squared standard deviations.
//! Metrics, in the table's own unit: squared and absolute error, Pearson, Spearman, R².

use burn::tensor::Tensor;

use super::{Target, Task, figure};
use crate::metrics::{mean_absolute_error, pearson, r_squared, root_mean_squared_error, spearman};
use crate::protocol::labels::{Figure, FigureName, TextAnswer};
use crate::text::{TextError, Tokenizer};

/// Regression with one number per text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Of the training part, in the table's unit.
    pub mean: f64,
    /// Standard deviation (over n); never 0.
    pub deviation: f64,
}

impl Score {
    /// Standardises by these numbers. Equal numbers, or none, keep their unit.
    pub fn standardised_by(numbers: &[f64]) -> Self {
        let count = numbers.len().max(1) as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let deviation = (numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count).sqrt();
        Self { mean, deviation: if deviation > 0.0 && deviation.is_finite() { deviation } else { 1.0 } }
    }

    /// The number of an answer.
    pub fn value_of(answer: &TextAnswer) -> f64 {
        if let TextAnswer::Score { value } = answer { *value } else { f64::NAN }
    }

    /// The number of a target.
    pub fn number(target: &Target) -> f64 {
        if let Target::Number(number) = target { *number } else { f64::NAN }
    }

    /// A figure of numbers beside the true ones; `None` where it has no value.
    pub fn figure(name: FigureName, truth: &[f64], said: &[f64]) -> Option<f64> {
        match name {
            FigureName::MeanSquaredError => root_mean_squared_error(truth, said).map(|root| root * root),
            FigureName::MeanAbsoluteError => mean_absolute_error(truth, said),
            FigureName::Pearson => pearson(truth, said),
            FigureName::Spearman => spearman(truth, said),
            FigureName::RSquared => r_squared(truth, said),
            _ => None,
        }
    }

    fn standardised(&self, target: &Target) -> f64 {
        (Self::number(target) - self.mean) / self.deviation
    }
}

impl Task for Score {
    fn outputs(&self) -> usize {
        1
    }

    fn template(&self, tokenizer: &Tokenizer, text: &str, _second: &str) -> Result<Vec<u32>, TextError> {
        tokenizer.encode(text)
    }

    fn weight(&self, _target: &Target) -> f64 {
        1.0
    }

    fn loss(&self, outputs: Tensor<2>, targets: &[Target], total: f64) -> Tensor<1> {
        let rows = outputs.dims()[0];
        // Rows of padding are zeros, and so are their targets.
        let mut wanted: Vec<f32> = targets.iter().map(|target| self.standardised(target) as f32).collect();
        wanted.resize(rows, 0.0);
        let wanted = Tensor::<1>::from_data(wanted.as_slice(), &outputs.device()).reshape([rows, 1]);
        let differences = outputs - wanted;
        // The products of matrices want rows of a multiple of four; these have one number, so plain operations do it.
        (differences.clone() * differences).sum() / total
    }

    fn example_loss(&self, outputs: &[f32], target: &Target) -> f64 {
        let said = outputs.first().copied().unwrap_or(f32::NAN);
        (f64::from(said) - self.standardised(target)).powi(2)
    }

    fn answer(&self, outputs: &[f32]) -> TextAnswer {
        let said = outputs.first().copied().unwrap_or(f32::NAN);
        TextAnswer::Score { value: f64::from(said) * self.deviation + self.mean }
    }

    fn figures(&self, answers: &[TextAnswer], targets: &[Target]) -> Vec<Figure> {
        let truth: Vec<f64> = targets.iter().map(Self::number).collect();
        let said: Vec<f64> = answers.iter().map(Self::value_of).collect();
        let names =
            [FigureName::MeanSquaredError, FigureName::MeanAbsoluteError, FigureName::Pearson, FigureName::Spearman, FigureName::RSquared];
        names.into_iter().filter_map(|name| figure(name, Self::figure(name, &truth, &said))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parameters::read_floats;
    use crate::protocol::TableTask;
    use burn::tensor::Device;
    use futures::executor::block_on;

    #[test]
    fn targets_are_standardised_and_answers_are_in_the_unit_of_the_table() {
        let task = Score::standardised_by(&[1.0, 2.0, 3.0, 6.0]);
        assert_eq!((task.mean, task.deviation), (3.0, 3.5f64.sqrt()));
        let TextAnswer::Score { value } = task.answer(&[1.0]) else { panic!() };
        assert!((value - 3.0 - 3.5f64.sqrt()).abs() < 1e-12);
        assert_eq!(Score::standardised_by(&[2.0, 2.0]), Score { mean: 2.0, deviation: 1.0 });
        assert_eq!(Score::standardised_by(&[]).deviation, 1.0);
    }

    #[test]
    fn the_loss_is_the_mean_square_and_padding_does_not_count() {
        let task = Score { mean: 10.0, deviation: 2.0 };
        let targets = [Target::Number(12.0), Target::Number(9.0)];
        let outputs = Tensor::<2>::from_data([[0.5], [-1.5], [0.0]], &Device::flex());
        let loss = block_on(read_floats(task.loss(outputs, &targets, 2.0))).unwrap()[0];
        // Wanted: 1 and -0.5.
        assert!((loss - (0.25 + 1.0) / 2.0).abs() < 1e-6, "{loss}");
        assert!((task.judge(&[vec![0.5], vec![-1.5]], &targets).unwrap().loss - 0.625).abs() < 1e-12);
    }

    #[test]
    fn figures_of_a_worked_example() {
        let (truth, said) = ([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0]);
        let task = Score { mean: 0.0, deviation: 1.0 };
        let targets = truth.map(Target::Number);
        let scores = task.judge(&said.map(|value| vec![value as f32]), &targets).unwrap();
        let value = |name| scores.figure(name).unwrap();
        // The example of scikit-learn's documentation of r2_score and mean_squared_error.
        assert!((value(FigureName::RSquared) - 0.948_608_137_044_967_9).abs() < 1e-12);
        assert!((value(FigureName::MeanSquaredError) - 0.375).abs() < 1e-12);
        assert!((value(FigureName::MeanAbsoluteError) - 0.5).abs() < 1e-12);
        assert_eq!(value(FigureName::Spearman), 1.0);
        let names: Vec<FigureName> = scores.figures.iter().map(|figure| figure.name).collect();
        assert_eq!(names, FigureName::of(TableTask::Score));
        // A constant has neither correlation.
        let constant = task.judge(&[vec![1.0], vec![1.0]], &targets[..2]).unwrap();
        assert_eq!((constant.figure(FigureName::Pearson), constant.figures.len()), (None, 3));
        assert!(task.judge(&[], &[]).is_none());
    }
}
