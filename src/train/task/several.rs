//! A text to any number of classes, perhaps none.
//!
//! Template: the text as it is. Head: a logit per class, each for itself. Loss: binary cross-entropy, the mean over classes and rows, as
//! `torch.nn.functional.binary_cross_entropy_with_logits`, on request with its `pos_weight`. A class is said when its probability is 0.5 or more. Metrics: those of scikit-learn's report.

use burn::tensor::{Int, Tensor};

use super::{Target, Task, f1_of, figure, mean_f1};
use crate::metrics::{ClassificationReport, MetricsError, hamming_loss};
use crate::model::ops;
use crate::protocol::labels::{Figure, FigureName, TextAnswer};
use crate::text::{TextError, Tokenizer};

/// Classification with several labels per text.
#[derive(Debug, Clone, PartialEq)]
pub struct Several {
    classes: usize,
    /// How much a row that has the class counts beside one that has not, per class; `None` when all count alike.
    positive: Option<Vec<f64>>,
}

impl Several {
    /// The least probability with which a class is said.
    pub const THRESHOLD: f32 = 0.5;

    /// A row that has a class counts at most so many times as one that has not, and at least one over it: a class that no row has, or every row,
    /// would otherwise have no finite weight, or none.
    pub const MOST_WEIGHT: f64 = 100.0;

    /// Each class is a question for itself; all count alike.
    pub fn new(classes: usize) -> Self {
        Self { classes, positive: None }
    }

    /// Of each class, the rows that have it count as much together as those that have not: rows without over rows with it, the `pos_weight`
    /// that PyTorch's documentation of `BCEWithLogitsLoss` gives. `counts`: rows that have the class, of `rows`.
    #[must_use]
    pub fn balanced(mut self, counts: &[u64], rows: u64) -> Self {
        let weight = |&count: &u64| {
            let without = rows.saturating_sub(count) as f64;
            (without / count.max(1) as f64).clamp(1.0 / Self::MOST_WEIGHT, Self::MOST_WEIGHT)
        };
        let of_class = |count: &u64| if *count == 0 { Self::MOST_WEIGHT } else { weight(count) };
        self.positive = Some(counts.iter().map(of_class).collect());
        self
    }

    fn positive_weight(&self, class: usize) -> f64 {
        self.positive.as_ref().and_then(|weights| weights.get(class).copied()).unwrap_or(1.0)
    }

    /// The classes of a row that are said.
    pub fn said(probabilities: &[f32]) -> Vec<u32> {
        (0..).zip(probabilities).filter(|(_, probability)| **probability >= Self::THRESHOLD).map(|(class, _)| class).collect()
    }

    /// Classes of an answer; none of an answer of another kind.
    pub fn classes_of(answer: &TextAnswer) -> &[u32] {
        if let TextAnswer::Classes { classes, .. } = answer { classes } else { &[] }
    }

    /// The report over rows of sets.
    ///
    /// # Errors
    /// No rows, or a class that there is not.
    pub fn report(truth: &[&[u32]], said: &[&[u32]], names: &[impl AsRef<str>]) -> Result<ClassificationReport, MetricsError> {
        ClassificationReport::multi_label(&whole(truth), &whole(said), names)
    }

    /// Macro and micro F1 of chosen rows, of all of them as [`Self::report`] has them: for the many samples of a bootstrap. A class of which no row was chosen
    /// plays no part, as in [`super::Classify::macro_f1_of`]. Sets are rising.
    pub fn f1(truth: &[&[u32]], said: &[&[u32]], classes: usize, rows: &[usize]) -> [f64; 2] {
        let mut has = vec![false; classes];
        truth.iter().copied().flatten().for_each(|&class| has[class as usize] = true);
        // Per class: rows that are it, rows that were said to be, and both together.
        let mut counts = vec![[0_u32; 3]; classes];
        for &row in rows {
            truth[row].iter().for_each(|&class| counts[class as usize][0] += 1);
            said[row].iter().for_each(|&class| counts[class as usize][1] += 1);
            truth[row].iter().filter(|class| said[row].contains(class)).for_each(|&class| counts[class as usize][2] += 1);
        }
        let sum = counts.iter().fold([0; 3], |sum, count| [0, 1, 2].map(|at| sum[at] + count[at]));
        [mean_f1(has.into_iter().zip(counts)), f1_of(sum)]
    }

    /// Share of labels, set or not, that are wrong; `None` without any.
    pub fn hamming_loss(truth: &[&[u32]], said: &[&[u32]], classes: usize) -> Option<f64> {
        hamming_loss(&whole(truth), &whole(said), classes).ok()
    }

    /// Classes of a target; none of a target of another kind.
    pub fn set(target: &Target) -> &[u32] {
        if let Target::Set(classes) = target { classes } else { &[] }
    }
}

fn whole(sets: &[&[u32]]) -> Vec<Vec<usize>> {
    sets.iter().map(|set| set.iter().map(|&class| class as usize).collect()).collect()
}

/// The logarithm of one plus a power of e, without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Mean over the classes, those of the set times their weights.
fn class_loss(outputs: &[f32], set: &[u32], weight: impl Fn(u32) -> f64) -> f64 {
    let loss = |(class, &logit): (u32, &f32)| {
        let logit = f64::from(logit);
        if set.contains(&class) { weight(class) * softplus(-logit) } else { softplus(logit) }
    };
    (0..).zip(outputs).map(loss).sum::<f64>() / outputs.len().max(1) as f64
}

impl Task for Several {
    fn outputs(&self) -> usize {
        self.classes
    }

    fn template(&self, tokenizer: &Tokenizer, text: &str, _second: &str) -> Result<Vec<u32>, TextError> {
        tokenizer.encode(text)
    }

    fn weight(&self, _target: &Target) -> f64 {
        1.0
    }

    /// The probability of a logit `z` is that of the second of two classes with the logits 0 and `z`: so the fused cross-entropy does this as well.
    fn loss(&self, outputs: Tensor<2>, targets: &[Target], total: f64) -> Tensor<1> {
        let [rows, classes] = outputs.dims();
        let mut ids = vec![-1; rows * classes];
        for (row, target) in ids.chunks_exact_mut(classes).zip(targets) {
            row.fill(0);
            for &class in Self::set(target) {
                if let Some(id) = row.get_mut(class as usize) {
                    *id = 1;
                }
            }
        }
        let device = outputs.device();
        let on_device = |ids: &[i32]| -> Tensor<1, Int> { Tensor::from_data(ids, &device.clone().inner()) };
        let pairs = Tensor::cat(vec![Tensor::zeros([rows * classes, 1], &device), outputs.reshape([rows * classes, 1])], 1);
        let scale = 1.0 / (total * classes as f64);
        if self.positive.is_none() {
            return ops::cross_entropy(pairs, on_device(&ids), scale);
        }
        // The kernel knows one factor per call: one for what is not there, and one for each class that is.
        let only = |keep: &dyn Fn(usize, i32) -> bool| -> Vec<i32> {
            ids.iter().enumerate().map(|(place, &id)| if keep(place % classes, id) { id } else { -1 }).collect()
        };
        let absent = ops::cross_entropy(pairs.clone(), on_device(&only(&|_, id| id == 0)), scale);
        let there = (0..classes).filter(|&class| ids.iter().skip(class).step_by(classes).any(|&id| id == 1));
        let present = there.map(|class| {
            let ids = on_device(&only(&|of, id| of == class && id == 1));
            ops::cross_entropy(pairs.clone(), ids, scale * self.positive_weight(class))
        });
        present.fold(absent, |sum, loss| sum + loss)
    }

    fn example_loss(&self, outputs: &[f32], target: &Target) -> f64 {
        class_loss(outputs, Self::set(target), |_| 1.0)
    }

    /// A row has no weight of its own here: its classes have.
    fn weighted_loss(&self, outputs: &[f32], target: &Target) -> f64 {
        class_loss(outputs, Self::set(target), |class| self.positive_weight(class as usize))
    }

    fn answer(&self, outputs: &[f32]) -> TextAnswer {
        let probabilities: Vec<f32> = outputs.iter().map(|&logit| (1.0 / (1.0 + (-f64::from(logit)).exp())) as f32).collect();
        TextAnswer::Classes { classes: Self::said(&probabilities), probabilities }
    }

    fn figures(&self, answers: &[TextAnswer], targets: &[Target]) -> Vec<Figure> {
        let truth: Vec<&[u32]> = targets.iter().map(Self::set).collect();
        let said: Vec<&[u32]> = answers.iter().map(Self::classes_of).collect();
        let Ok(report) = Self::report(&truth, &said, &vec![""; self.classes]) else { return Vec::new() };
        let figures = [
            figure(FigureName::MacroF1, Some(report.macro_average.f1)),
            figure(FigureName::MicroF1, Some(report.micro.f1)),
            figure(FigureName::SubsetAccuracy, Some(report.accuracy)),
            figure(FigureName::HammingLoss, Self::hamming_loss(&truth, &said, self.classes)),
        ];
        figures.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parameters::read_floats;
    use burn::tensor::Device;
    use futures::executor::block_on;

    const OUTPUTS: [f32; 6] = [2.0, -1.0, 0.0, -3.0, 0.5, 30.0];

    fn targets() -> [Target; 2] {
        [Target::Set(vec![0, 2]), Target::Set(Vec::new())]
    }

    #[test]
    fn the_loss_is_the_mean_over_classes_and_padding_does_not_count() {
        let task = Several::new(3);
        let padded: Vec<f32> = OUTPUTS.into_iter().chain([0.0; 3]).collect();
        let outputs = Tensor::<1>::from_data(padded.as_slice(), &Device::flex()).reshape([3, 3]);
        let loss = block_on(read_floats(task.loss(outputs, &targets(), 2.0))).unwrap()[0];
        // By hand: -ln σ(2), -ln σ(1), ln 2; ln(1 + e^-3), ln(1 + e^0.5), 30.
        let by_hand = [0.126_928, 0.313_262, std::f64::consts::LN_2, 0.048_587, 0.974_077, 30.0].iter().sum::<f64>() / 6.0;
        assert!((f64::from(loss) - by_hand).abs() < 1e-5, "{loss} {by_hand}");
        let rows = [OUTPUTS[..3].to_vec(), OUTPUTS[3..].to_vec()];
        assert!((task.judge(&rows, &targets()).unwrap().loss - by_hand).abs() < 1e-5);
    }

    #[test]
    fn rare_classes_count_more_within_bounds() {
        // With it: 1 of 4, 2 of 4, 4 of 4, none.
        let task = Several::new(4).balanced(&[1, 2, 4, 0], 4);
        assert_eq!(task.positive.as_deref(), Some(&[3.0, 1.0, 0.01, 100.0][..]));
        assert_eq!(Several::new(1).balanced(&[1], 100_000).positive_weight(0), 100.0);
    }

    #[test]
    fn the_weighted_loss_of_a_pass_is_that_of_its_rows() {
        let task = Several::new(3).balanced(&[1, 7, 4], 8);
        let padded: Vec<f32> = OUTPUTS.into_iter().chain([0.0; 3]).collect();
        let outputs = Tensor::<1>::from_data(padded.as_slice(), &Device::flex()).reshape([3, 3]);
        let loss = block_on(read_floats(task.loss(outputs, &targets(), 2.0))).unwrap()[0];
        // As above; the first row has the classes 0 and 2, with the weights 7 and 1.
        let by_hand = [7.0 * 0.126_928, 0.313_262, std::f64::consts::LN_2, 0.048_587, 0.974_077, 30.0].iter().sum::<f64>() / 6.0;
        assert!((f64::from(loss) - by_hand).abs() < 1e-5, "{loss} {by_hand}");
        let rows = [OUTPUTS[..3].to_vec(), OUTPUTS[3..].to_vec()];
        assert!((task.judge(&rows, &targets()).unwrap().loss - by_hand).abs() < 1e-5);
    }

    #[test]
    fn a_class_is_said_from_one_half_on() {
        let TextAnswer::Classes { classes, probabilities } = Several::new(3).answer(&OUTPUTS[..3]) else { panic!() };
        assert_eq!((classes, probabilities[2]), (vec![0, 2], 0.5));
    }

    #[test]
    fn figures_of_a_worked_example() {
        let task = Several::new(3);
        let rows = [OUTPUTS[..3].to_vec(), OUTPUTS[3..].to_vec()];
        let scores = task.judge(&rows, &targets()).unwrap();
        // Said: {0, 2} and {1, 2}; true: {0, 2} and none.
        assert_eq!(scores.figure(FigureName::SubsetAccuracy), Some(0.5));
        assert_eq!(scores.figure(FigureName::HammingLoss), Some(2.0 / 6.0));
        assert_eq!(scores.figure(FigureName::MicroF1), Some(4.0 / 6.0));
        assert!((scores.figure(FigureName::MacroF1).unwrap() - (1.0 + 0.0 + 2.0 / 3.0) / 3.0).abs() < 1e-12);
        assert!(task.judge(&[], &[]).is_none());
        // The quick way gives the same, of repeated rows too.
        let (truth, said): ([&[u32]; 2], [&[u32]; 2]) = ([&[0, 2], &[]], [&[0, 2], &[1, 2]]);
        let report = Several::report(&[truth[0], truth[1], truth[1]], &[said[0], said[1], said[1]], &["", "", ""]).unwrap();
        let [macro_f1, micro_f1] = Several::f1(&truth, &said, 3, &[0, 1, 1]);
        assert!((macro_f1 - report.macro_average.f1).abs() < 1e-12 && (micro_f1 - report.micro.f1).abs() < 1e-12);
    }
}
