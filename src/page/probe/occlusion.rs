//! Which words decided: what the answer becomes without each word. Occlusion, after Zeiler and Fergus 2014, "Visualizing and understanding
//! convolutional networks", and for words Li, Monroe and Jurafsky 2016, "Understanding neural networks through representation erasure".
//!
//! In: a text, the answers to it and to it without each word. Out: [`Decided`]. Absent: words that act together: one at a time is left out.

use super::heard::Heard;
use super::pieces::{pieces, without};
use crate::protocol::labels::LabelAnswer;
use std::ops::Range;

/// Words of the longest text that is asked about.
pub const MOST_WORDS: usize = 60;
/// Changes of a probability below this count as none.
const NOTHING: f64 = 0.005;

/// A text and its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Occluded {
    pub text: String,
    /// The second text of a pair, which stays whole; empty without one.
    pub second: String,
    /// In bytes of `text`.
    pub words: Vec<Range<usize>>,
}

impl Occluded {
    /// The words of a text; of a pair those of its first text.
    pub fn new(text: String, second: String) -> Self {
        let words = pieces(&text);
        Self { text, second, words }
    }

    /// The text can be asked about: it has a word, and not too many.
    pub fn fits(&self) -> bool {
        (1..=MOST_WORDS).contains(&self.words.len())
    }

    /// The texts to ask about: the whole one, then it without each word.
    pub fn texts(&self) -> Vec<String> {
        std::iter::once(self.text.clone()).chain(self.words.iter().map(|word| without(&self.text, word))).collect()
    }

    /// What the answer to [`Self::texts`] says; nothing where it does not fit or holds no numbers.
    pub fn decided(&self, answer: &LabelAnswer) -> Option<Decided> {
        let LabelAnswer::Predicted { step, classes, predictions, .. } = answer else { return None };
        if predictions.len() != self.words.len() + 1 {
            return None;
        }
        let heard: Vec<Option<Heard>> =
            predictions.iter().map(|prediction| prediction.as_ref().and_then(|prediction| Heard::of(&prediction.answer))).collect();
        let whole = heard.first()?.as_ref()?;
        let leading = whole.leading();
        let number = |heard: &Heard| heard.numbers.get(leading).copied();
        let whole_number = number(whole)?;
        let without = heard[1..].iter().map(|heard| heard.as_ref().and_then(number)).collect();
        Some(Decided { class: classes.get(leading).cloned(), step: *step, whole: whole_number, without })
    }
}

/// What each word does.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The likeliest class; none of scores.
    pub class: Option<String>,
    pub step: u32,
    /// Its probability, or the score, for the whole text.
    pub whole: f64,
    /// The same without each word; none where nothing is left to read.
    pub without: Vec<Option<f64>>,
}

/// What a word does to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaning {
    /// Without it the number falls.
    For,
    /// Without it the number rises.
    Against,
    /// Too little to tell.
    Neither,
    /// Without it there is nothing to read.
    Alone,
}

impl Decided {
    /// How much the number loses without word `at`: more than 0 speaks for the class.
    pub fn effect(&self, at: usize) -> Option<f64> {
        self.without.get(at).copied().flatten().map(|without| self.whole - without)
    }

    /// The largest effect, whatever its sign.
    pub fn largest(&self) -> f64 {
        (0..self.without.len()).filter_map(|at| self.effect(at)).fold(0.0, |largest: f64, effect| largest.max(effect.abs()))
    }

    /// Which way word `at` pulls. Scores have no natural scale: of them, below a twentieth of the largest effect is nothing.
    pub fn leaning(&self, at: usize) -> Leaning {
        let nothing = if self.class.is_some() { NOTHING } else { self.largest() / 20.0 };
        match self.effect(at) {
            None => Leaning::Alone,
            Some(effect) if effect == 0.0 || effect.abs() < nothing => Leaning::Neither,
            Some(effect) if effect > 0.0 => Leaning::For,
            Some(_) => Leaning::Against,
        }
    }

    /// How strong the colour of word `at` is, 0..=1: against the largest effect, of probabilities at least 20 points, so that little looks like little.
    pub fn strength(&self, at: usize) -> f64 {
        let scale = if self.class.is_some() { self.largest().max(0.2) } else { self.largest() };
        self.effect(at).filter(|_| scale > 0.0).map_or(0.0, |effect| (effect.abs() / scale).min(1.0))
    }

    /// The word with the largest effect for the answer.
    pub fn strongest(&self) -> Option<usize> {
        let effect = |at: usize| self.effect(at).unwrap_or(f64::NEG_INFINITY);
        (0..self.without.len()).filter(|&at| self.leaning(at) == Leaning::For).max_by(|&a, &b| effect(a).total_cmp(&effect(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::{TextAnswer, TextPrediction};

    fn answer(answers: Vec<Option<TextAnswer>>) -> LabelAnswer {
        let numbers = answers.iter().flatten().any(|answer| matches!(answer, TextAnswer::Score { .. }));
        let predictions =
            answers.into_iter().map(|answer| answer.map(|answer| TextPrediction { answer, tokens: 1, windows: 1, cut: false })).collect();
        LabelAnswer::Predicted {
            run: 1,
            step: 4,
            classes: if numbers { Vec::new() } else { vec!["bad".into(), "good".into()] },
            predictions,
            figures: None,
            findings: Vec::new(),
        }
    }

    fn good(probability: f32) -> Option<TextAnswer> {
        Some(TextAnswer::Class { class: u32::from(probability > 0.5), probabilities: vec![1.0 - probability, probability] })
    }

    #[test]
    fn each_word_is_left_out_once() {
        let occluded = Occluded::new("so not bad".into(), String::new());
        assert_eq!(occluded.texts(), ["so not bad", "not bad", "so bad", "so not "]);
        assert!(occluded.fits());
        assert!(!Occluded::new("!".into(), String::new()).fits());
        assert!(!Occluded::new("a ".repeat(MOST_WORDS + 1), String::new()).fits());
    }

    #[test]
    fn effects_follow_the_class_that_was_likeliest_for_the_whole_text() {
        let occluded = Occluded::new("so not bad".into(), String::new());
        let decided = occluded.decided(&answer(vec![good(0.75), good(0.748), good(0.25), good(0.875)])).unwrap();
        assert_eq!((decided.class.as_deref(), decided.step), (Some("good"), 4));
        assert_eq!((decided.effect(1), decided.effect(2)), (Some(0.5), Some(-0.125)));
        assert_eq!([0, 1, 2].map(|at| decided.leaning(at)), [Leaning::Neither, Leaning::For, Leaning::Against]);
        assert_eq!((decided.strongest(), decided.strength(1), decided.strength(2)), (Some(1), 1.0, 0.25));
    }

    #[test]
    fn little_looks_like_little() {
        let decided = Decided { class: Some("a".into()), step: 1, whole: 0.9, without: vec![Some(0.88), Some(0.92)] };
        assert!(decided.strength(0) < 0.11);
    }

    #[test]
    fn the_only_word_cannot_be_left_out() {
        let occluded = Occluded::new("good".into(), String::new());
        let decided = occluded.decided(&answer(vec![good(0.75), None])).unwrap();
        assert_eq!((decided.leaning(0), decided.strongest(), decided.strength(0)), (Leaning::Alone, None, 0.0));
    }

    #[test]
    fn scores_change_in_their_own_unit() {
        let score = |value| Some(TextAnswer::Score { value });
        let occluded = Occluded::new("two words".into(), "second".into());
        let decided = occluded.decided(&answer(vec![score(3.0), score(1.0), score(3.05)])).unwrap();
        assert_eq!((decided.whole, decided.effect(0), decided.strength(0)), (3.0, Some(2.0), 1.0));
        assert_eq!(decided.leaning(1), Leaning::Neither);
    }

    #[test]
    fn answers_of_another_length_or_kind_are_not_read() {
        let occluded = Occluded::new("two words".into(), String::new());
        assert_eq!(occluded.decided(&answer(vec![good(0.5)])), None);
        assert_eq!(occluded.decided(&answer(vec![Some(TextAnswer::Text { text: "x".into() }); 3])), None);
        assert_eq!(occluded.decided(&LabelAnswer::Cancelled), None);
    }
}
