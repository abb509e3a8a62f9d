//! An answer of the model as numbers that can be compared with another answer of the same model.

use crate::protocol::labels::TextAnswer;

/// What the model says of a text: a number per class, or one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The classes that it names, rising; of scores none.
    pub classes: Vec<u32>,
    /// Probabilities by class; of scores the one number.
    pub numbers: Vec<f64>,
}

impl Heard {
    /// Of an answer; nothing of answers that are not numbers about a whole text (marked words, written texts).
    pub fn of(answer: &TextAnswer) -> Option<Self> {
        let wide = |numbers: &[f32]| numbers.iter().map(|&number| f64::from(number)).collect();
        let heard = match answer {
            TextAnswer::Class { class, probabilities } => Self { classes: vec![*class], numbers: wide(probabilities) },
            TextAnswer::Classes { classes, probabilities } => Self { classes: classes.clone(), numbers: wide(probabilities) },
            TextAnswer::Score { value } => Self { classes: Vec::new(), numbers: vec![*value] },
            TextAnswer::Tags { .. } | TextAnswer::Text { .. } => return None,
        };
        (!heard.numbers.is_empty()).then_some(heard)
    }

    /// The number that the answer rests on: the likeliest class's, or the score.
    pub fn leading(&self) -> usize {
        let larger = |best: usize, at: usize| if self.numbers[at] > self.numbers[best] { at } else { best };
        (0..self.numbers.len()).fold(0, larger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_numbers_and_texts_do_not() {
        let class = Heard::of(&TextAnswer::Class { class: 1, probabilities: vec![0.25, 0.75] }).unwrap();
        assert_eq!((class.leading(), class.classes.as_slice(), class.numbers.as_slice()), (1, &[1][..], &[0.25, 0.75][..]));
        let none = Heard::of(&TextAnswer::Classes { classes: vec![], probabilities: vec![0.25, 0.125] }).unwrap();
        assert_eq!((none.leading(), none.classes.len()), (0, 0));
        assert_eq!(Heard::of(&TextAnswer::Score { value: 3.5 }).unwrap().numbers, [3.5]);
        assert_eq!(Heard::of(&TextAnswer::Text { text: "x".into() }), None);
        assert_eq!(Heard::of(&TextAnswer::Class { class: 0, probabilities: vec![] }), None);
    }
}
