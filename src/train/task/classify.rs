//! A text to one of several classes.
//!
//! Template: the text as it is. Head: a logit per class. Loss: cross-entropy, each class weighted on request, as
//! `torch.nn.functional.cross_entropy(weight=…, reduction="mean")`. Metrics: accuracy and macro F1.

use burn::tensor::Tensor;

use super::{Target, Task, class_losses, figure, mean_f1};
use crate::metrics::{ClassificationReport, accuracy, present_labels};
use crate::protocol::labels::{Figure, FigureName, TextAnswer};
use crate::text::{TextError, Tokenizer};

/// Classification with one label per text.
#[derive(Debug, Clone, PartialEq)]
pub struct Classify {
    classes: usize,
    /// One per class; `None` when all count alike.
    weights: Option<Vec<f64>>,
}

impl Classify {
    /// All classes count alike.
    pub fn new(classes: usize) -> Self {
        Self { classes, weights: None }
    }

    /// Classes count the more the rarer they are: `examples / (classes * examples of the class)`, scikit-learn's `class_weight="balanced"`.
    /// A class without examples counts 1; it never occurs.
    #[must_use]
    pub fn balanced(mut self, counts: &[u64]) -> Self {
        let examples: u64 = counts.iter().sum();
        let weight = |&count: &u64| if count == 0 { 1.0 } else { examples as f64 / (self.classes as f64 * count as f64) };
        self.weights = Some(counts.iter().map(weight).collect());
        self
    }

    /// The likeliest class, the first of equals.
    pub fn predict(outputs: &[f32]) -> usize {
        let best = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        outputs.iter().position(|&output| output == best).unwrap_or(0)
    }

    /// Macro F1 over the classes in `labels`; 0 where there is no row.
    pub fn macro_f1(truth: &[usize], predicted: &[usize], classes: usize, labels: &[usize]) -> f64 {
        // The names play no part in the figure.
        let names = vec![""; classes];
        ClassificationReport::of_classes(truth, predicted, &names, labels).map_or(0.0, |report| report.macro_average.f1)
    }

    /// The same over chosen rows, for the many samples of a bootstrap. A class of which no row was chosen plays no part: nothing was asked about it. One that no
    /// row at all has, but some answer names, counts as it does over all rows.
    pub fn macro_f1_of(truth: &[usize], predicted: &[usize], classes: usize, labels: &[usize], rows: &[usize]) -> f64 {
        let mut has = vec![false; classes];
        truth.iter().for_each(|&class| has[class] = true);
        // Per class: rows that are it, rows that were said to be, and both together.
        let mut counts = vec![[0_u32; 3]; classes];
        for &row in rows {
            counts[truth[row]][0] += 1;
            counts[predicted[row]][1] += 1;
            counts[truth[row]][2] += u32::from(truth[row] == predicted[row]);
        }
        mean_f1(labels.iter().map(|&class| (has[class], counts[class])))
    }

    /// The class of an answer.
    pub fn class_of(answer: &TextAnswer) -> usize {
        if let TextAnswer::Class { class, .. } = answer { *class as usize } else { 0 }
    }

    /// The class of a target.
    pub fn class(target: &Target) -> usize {
        if let Target::Class(class) = target { *class as usize } else { 0 }
    }

    /// The softmax of the outputs.
    pub fn probabilities(outputs: &[f32]) -> Vec<f32> {
        let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> = outputs.iter().map(|&output| f64::from(output - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.into_iter().map(|power| (power / sum) as f32).collect()
    }

    fn class_weight(&self, class: usize) -> f64 {
        self.weights.as_ref().and_then(|weights| weights.get(class).copied()).unwrap_or(1.0)
    }
}

impl Task for Classify {
    fn outputs(&self) -> usize {
        self.classes
    }

    fn template(&self, tokenizer: &Tokenizer, text: &str, _second: &str) -> Result<Vec<u32>, TextError> {
        tokenizer.encode(text)
    }

    fn weight(&self, target: &Target) -> f64 {
        self.class_weight(Self::class(target))
    }

    fn loss(&self, outputs: Tensor<2>, targets: &[Target], total: f64) -> Tensor<1> {
        let mut ids: Vec<i32> = targets.iter().map(|target| Self::class(target) as i32).collect();
        ids.resize(outputs.dims()[0], -1);
        class_losses(outputs, &ids, self.weights.as_deref(), total)
    }

    fn token_weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    fn example_loss(&self, outputs: &[f32], target: &Target) -> f64 {
        let largest = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = outputs.iter().map(|&output| f64::from(output - largest).exp()).sum();
        let own = outputs.get(Self::class(target)).copied().unwrap_or(f32::NAN);
        sum.ln() - f64::from(own - largest)
    }

    fn answer(&self, outputs: &[f32]) -> TextAnswer {
        TextAnswer::Class { class: Self::predict(outputs) as u32, probabilities: Self::probabilities(outputs) }
    }

    fn figures(&self, answers: &[TextAnswer], targets: &[Target]) -> Vec<Figure> {
        let truth: Vec<usize> = targets.iter().map(Self::class).collect();
        let said: Vec<usize> = answers.iter().map(Self::class_of).collect();
        let macro_f1 = Self::macro_f1(&truth, &said, self.classes, &present_labels(&truth, &said));
        let figures = [figure(FigureName::MacroF1, Some(macro_f1)), figure(FigureName::Accuracy, accuracy(&truth, &said).ok())];
        figures.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parameters::read_floats;
    use burn::tensor::Device;
    use futures::executor::block_on;

    const OUTPUTS: [f32; 6] = [2.0, 0.0, 0.5, 1.0, -1.0, 3.0];

    fn target(class: u32) -> Target {
        Target::Class(class)
    }

    fn rows() -> Vec<Vec<f32>> {
        OUTPUTS.chunks(2).map(<[f32]>::to_vec).collect()
    }

    #[test]
    fn balanced_weights_are_those_of_scikit_learn() {
        let task = Classify::new(3).balanced(&[2, 6, 0]);
        let weights: Vec<f64> = (0..3).map(|class| task.weight(&target(class))).collect();
        // compute_class_weight("balanced", classes=[0, 1], y) with three classes in the denominator.
        assert_eq!(weights, [8.0 / 6.0, 8.0 / 18.0, 1.0]);
    }

    #[test]
    fn the_loss_of_a_pass_is_the_weighted_mean_and_padding_does_not_count() {
        for task in [Classify::new(2), Classify::new(2).balanced(&[1, 3])] {
            let targets = [target(0), target(1)];
            let total: f64 = targets.iter().map(|target| task.weight(target)).sum();
            let outputs = Tensor::<1>::from_data(OUTPUTS.as_slice(), &Device::flex()).reshape([3, 2]);
            let loss = block_on(read_floats(task.loss(outputs, &targets, total))).unwrap()[0];
            let by_hand = task.judge(&rows()[..2], &targets).unwrap().loss;
            assert!((f64::from(loss) - by_hand).abs() < 1e-6, "{loss} {by_hand}");
        }
    }

    #[test]
    fn figures_of_a_worked_example() {
        let task = Classify::new(2);
        let scores = task.judge(&rows(), &[target(0), target(0), target(1)]).unwrap();
        assert_eq!(scores.figure(FigureName::Accuracy), Some(2.0 / 3.0));
        // Class 0: precision 1, recall 1/2; class 1: precision 1/2, recall 1. F1 is 2/3 for both.
        assert!((scores.figure(FigureName::MacroF1).unwrap() - 2.0 / 3.0).abs() < 1e-12);
        let first = (1.0 + (-2f64).exp()).ln();
        assert!((task.example_loss(&OUTPUTS[..2], &target(0)) - first).abs() < 1e-7);
        assert!((f64::from(Classify::probabilities(&OUTPUTS[..2])[0]) - (-first).exp()).abs() < 1e-7);
        assert!(task.judge(&[], &[]).is_none());
    }
}
