//! Two texts to what another task says of one: whether they mean the same, follow from each other, how alike they are.
//!
//! Template: the first text, a line feed, the second text. GPT-2 has no separator token that its body was trained with; a line feed is what it has
//! seen between two texts. Texts that contain line feeds themselves are put as they are. Everything else is the inner task's.

use burn::tensor::Tensor;

use super::{Target, Task};
use crate::protocol::labels::{Figure, TextAnswer};
use crate::text::{TextError, Tokenizer};

/// Two texts as one; the second may be missing.
pub fn joined(text: &str, second: &str) -> String {
    if second.is_empty() { text.to_owned() } else { format!("{text}\n{second}") }
}

/// A task over pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair<T>(pub T);

impl<T: Task> Task for Pair<T> {
    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    fn template(&self, tokenizer: &Tokenizer, text: &str, second: &str) -> Result<Vec<u32>, TextError> {
        tokenizer.encode(&joined(text, second))
    }

    fn weight(&self, target: &Target) -> f64 {
        self.0.weight(target)
    }

    fn loss(&self, outputs: Tensor<2>, targets: &[Target], total: f64) -> Tensor<1> {
        self.0.loss(outputs, targets, total)
    }

    fn example_loss(&self, outputs: &[f32], target: &Target) -> f64 {
        self.0.example_loss(outputs, target)
    }

    fn answer(&self, outputs: &[f32]) -> TextAnswer {
        self.0.answer(outputs)
    }

    fn figures(&self, answers: &[TextAnswer], targets: &[Target]) -> Vec<Figure> {
        self.0.figures(answers, targets)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Classify;
    use super::*;

    #[test]
    fn a_pair_is_read_as_two_lines() {
        let tokenizer = Tokenizer::characters("ab\n").unwrap();
        let task = Pair(Classify::new(2));
        let (a, b, line) = (tokenizer.encode("a").unwrap(), tokenizer.encode("b").unwrap(), tokenizer.encode("\n").unwrap());
        assert_eq!(task.template(&tokenizer, "a", "b").unwrap(), [a.clone(), line, b].concat());
        assert_eq!(task.template(&tokenizer, "a", "").unwrap(), a);
        assert_eq!((task.outputs(), task.weight(&Target::Class(1))), (2, 1.0));
    }
}
