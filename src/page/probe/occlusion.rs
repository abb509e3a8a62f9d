//! Which words decided: what the answer becomes without each word. Occlusion, after Zeiler and Fergus 2014, "Visualizing and understanding
//! convolutional networks", and for words Li, Monroe and Jurafsky 2016, "Understanding neural networks through representation erasure".
//!
//! In: a text, the answers to it and to it without each word. Out: [`Decided`]. Absent: words that act together: one at a time is left out.

use super::heard::Heard;
use super::pieces::{pieces, without};
use crate::protocol::labels::{LabelAnswer, LabelCommand, TextPrediction, Weighed};
use std::ops::Range;

/// Words of the longest text that is asked about; of a pair those of both texts.
pub const MOST_WORDS: usize = 120;
/// Changes of a probability below this count as none.
const NOTHING: f64 = 0.005;

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Subject {
    /// What the model says of the whole text.
    #[default]
    Whole,
    /// A mark: its bytes, those of its first word, that word's tag, and what the visitor calls it.
    Mark { span: Range<usize>, word: Range<usize>, tag: u32, name: String },
    /// A text that the model wrote.
    Written { text: String },
}

/// A text and its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Occluded {
    pub text: String,
    /// The second text of a pair, the context of a question; none where the task has one text.
    pub second: Option<String>,
    /// In bytes of `text`.
    pub words: Vec<Range<usize>>,
    /// In bytes of `second`; none where it stays whole.
    pub second_words: Vec<Range<usize>>,
    pub subject: Subject,
}

impl Occluded {
    /// The words of a text and of what stands beside it. A second text that makes them too many stays whole.
    pub fn new(text: String, second: Option<String>) -> Self {
        let words = pieces(&text);
        let second_words = second.as_deref().map(pieces).filter(|second| words.len() + second.len() <= MOST_WORDS).unwrap_or_default();
        Self { text, second, words, second_words, subject: Subject::Whole }
    }

    /// Asks about something else than the whole text.
    pub fn about(self, subject: Subject) -> Self {
        Self { subject, ..self }
    }

    /// The words as the model divides the text.
    pub fn divided(self, words: impl IntoIterator<Item = Range<usize>>) -> Self {
        let is_word = |range: &Range<usize>| self.text.get(range.clone()).is_some_and(|word| word.contains(char::is_alphanumeric));
        Self { words: words.into_iter().filter(is_word).collect(), ..self }
    }

    /// How many words are left out, one at a time.
    pub fn count(&self) -> usize {
        self.words.len() + self.second_words.len()
    }

    /// The text can be asked about: it has a word, and not too many.
    pub fn fits(&self) -> bool {
        !self.words.is_empty() && self.count() <= MOST_WORDS
    }

    /// A second text has words, and all of them stay.
    pub fn keeps_second(&self) -> bool {
        self.second_words.is_empty() && self.second.as_deref().is_some_and(|second| !pieces(second).is_empty())
    }

    /// A word of either text, by its place among all of them.
    pub fn word(&self, at: usize) -> &str {
        let found = match at.checked_sub(self.words.len()) {
            None => self.words.get(at).and_then(|word| self.text.get(word.clone())),
            Some(at) => self.second_words.get(at).zip(self.second.as_deref()).and_then(|(word, second)| second.get(word.clone())),
        };
        found.unwrap_or_default()
    }

    /// The texts to ask about: the whole one, then it without each word, then whole again for each word of the second text.
    pub fn texts(&self) -> Vec<String> {
        let whole = std::iter::repeat_n(&self.text, self.second_words.len()).cloned();
        std::iter::once(self.text.clone()).chain(self.words.iter().map(|word| without(&self.text, word))).chain(whole).collect()
    }

    /// The second texts beside them.
    fn seconds(&self) -> Vec<String> {
        let Some(second) = &self.second else { return Vec::new() };
        let whole = std::iter::repeat_n(second, self.words.len() + 1).cloned();
        whole.chain(self.second_words.iter().map(|word| without(second, word))).collect()
    }

    /// Where the marked word begins in each of [`Self::texts`]: nowhere in those without a word of the mark.
    fn starts(&self, span: &Range<usize>, marked: &Range<usize>) -> Vec<Option<u32>> {
        let start = |word: &Range<usize>| match word {
            word if within(word, span) => None,
            word if word.start < marked.start => Some(marked.start - (self.text.len() - without(&self.text, word).len())),
            _ => Some(marked.start),
        };
        let starts = std::iter::once(Some(marked.start)).chain(self.words.iter().map(start));
        starts.map(|start| start.map(|start| start as u32)).collect()
    }

    /// What to ask the engine.
    pub fn question(&self) -> LabelCommand {
        let (texts, seconds) = (self.texts(), self.seconds());
        let answer = match &self.subject {
            Subject::Whole => return LabelCommand::Predict { texts, seconds, labels: Vec::new() },
            Subject::Mark { span, word, tag, .. } => Weighed::Tag { tag: *tag, starts: self.starts(span, word) },
            Subject::Written { text } => Weighed::Written { text: text.clone() },
        };
        LabelCommand::Weigh { texts, seconds, answer }
    }

    /// What the answer to [`Self::question`] says; nothing where it does not fit or holds no numbers.
    pub fn decided(&self, answer: &LabelAnswer) -> Option<Decided> {
        match answer {
            LabelAnswer::Predicted { step, classes, predictions, .. } if self.subject == Subject::Whole => {
                self.of_predictions(*step, classes, predictions)
            }
            LabelAnswer::Weighed { step, probabilities, .. } if probabilities.len() == self.count() + 1 => {
                let class = match &self.subject {
                    Subject::Whole => return None,
                    Subject::Mark { name, .. } => name.clone(),
                    Subject::Written { text } => text.clone(),
                };
                let (whole, without) = probabilities.split_first()?;
                let itself = match &self.subject {
                    Subject::Mark { span, .. } => self.words.iter().map(|word| within(word, span)).collect(),
                    _ => Vec::new(),
                };
                Some(Decided { class: Some(class), step: *step, whole: (*whole)?, without: without.to_vec(), itself })
            }
            _ => None,
        }
    }

    fn of_predictions(&self, step: u32, classes: &[String], predictions: &[Option<TextPrediction>]) -> Option<Decided> {
        if predictions.len() != self.count() + 1 {
            return None;
        }
        let heard: Vec<Option<Heard>> =
            predictions.iter().map(|prediction| prediction.as_ref().and_then(|prediction| Heard::of(&prediction.answer))).collect();
        let whole = heard.first()?.as_ref()?;
        let leading = whole.leading();
        let number = |heard: &Heard| heard.numbers.get(leading).copied();
        let whole_number = number(whole)?;
        let without = heard[1..].iter().map(|heard| heard.as_ref().and_then(number)).collect();
        Some(Decided { class: classes.get(leading).cloned(), step, whole: whole_number, without, itself: Vec::new() })
    }
}

fn within(word: &Range<usize>, span: &Range<usize>) -> bool {
    span.start <= word.start && word.end <= span.end
}

/// What each word does.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// What is asked about: the likeliest class, a mark, a written text; none of scores.
    pub class: Option<String>,
    pub step: u32,
    /// Its probability, or the score, for the whole text.
    pub whole: f64,
    /// The same without each word; none where nothing is left to read, or the word is the one that is asked about.
    pub without: Vec<Option<f64>>,
    /// Words that are asked about; empty where it is not about words.
    pub itself: Vec<bool>,
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
    /// Without it there is nothing to read, or it is itself what is asked about.
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
    use crate::protocol::labels::TextAnswer;
    use proptest::prelude::*;

    fn answer(answers: Vec<Option<TextAnswer>>) -> LabelAnswer {
        let numbers = answers.iter().flatten().any(|answer| matches!(answer, TextAnswer::Score { .. }));
        let predictions = answers
            .into_iter()
            .map(|answer| answer.map(|answer| TextPrediction { answer, tokens: 1, windows: 1, cut: false, right: None }))
            .collect();
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
        let occluded = Occluded::new("so not bad".into(), None);
        assert_eq!(occluded.texts(), ["so not bad", "not bad", "so bad", "so not "]);
        assert!(occluded.fits());
        assert!(!Occluded::new("!".into(), None).fits());
        assert!(!Occluded::new("a ".repeat(MOST_WORDS + 1), None).fits());
    }

    #[test]
    fn words_of_both_texts_are_left_out_once_each() {
        let occluded = Occluded::new("how old".into(), Some("what age?".into()));
        let LabelCommand::Predict { texts, seconds, .. } = occluded.question() else { panic!() };
        let pairs: Vec<(&str, &str)> = texts.iter().map(String::as_str).zip(seconds.iter().map(String::as_str)).collect();
        let whole = ("how old", "what age?");
        assert_eq!(pairs, [whole, ("old", whole.1), ("how ", whole.1), (whole.0, "age?"), (whole.0, "what ?")]);
        assert_eq!([0, 1, 2, 3, 4].map(|at| occluded.word(at)), ["how", "old", "what", "age", ""]);
        let decided = occluded.decided(&answer([0.75, 0.75, 0.5, 0.75, 0.25].map(good).to_vec())).unwrap();
        assert_eq!(decided.strongest().map(|at| occluded.word(at)), Some("age"));
    }

    #[test]
    fn a_second_text_that_is_too_long_stays_whole() {
        let occluded = Occluded::new("how old".into(), Some("a ".repeat(MOST_WORDS)));
        assert!(occluded.fits() && occluded.keeps_second());
        assert_eq!((occluded.texts().len(), occluded.seconds().len(), occluded.count()), (3, 3, 2));
        assert!(!Occluded::new("how".into(), Some("old".into())).keeps_second());
        assert!(!Occluded::new("how".into(), Some("?".into())).keeps_second());
        assert_eq!(
            Occluded::new("how".into(), None).question(),
            LabelCommand::Predict { texts: vec!["how".into(), String::new()], seconds: Vec::new(), labels: Vec::new() }
        );
    }

    #[test]
    fn effects_follow_the_class_that_was_likeliest_for_the_whole_text() {
        let occluded = Occluded::new("so not bad".into(), None);
        let decided = occluded.decided(&answer(vec![good(0.75), good(0.748), good(0.25), good(0.875)])).unwrap();
        assert_eq!((decided.class.as_deref(), decided.step), (Some("good"), 4));
        assert_eq!((decided.effect(1), decided.effect(2)), (Some(0.5), Some(-0.125)));
        assert_eq!([0, 1, 2].map(|at| decided.leaning(at)), [Leaning::Neither, Leaning::For, Leaning::Against]);
        assert_eq!((decided.strongest(), decided.strength(1), decided.strength(2)), (Some(1), 1.0, 0.25));
    }

    #[test]
    fn little_looks_like_little() {
        let decided = Decided { class: Some("a".into()), step: 1, whole: 0.9, without: vec![Some(0.88), Some(0.92)], itself: Vec::new() };
        assert!(decided.strength(0) < 0.11);
    }

    #[test]
    fn the_only_word_cannot_be_left_out() {
        let occluded = Occluded::new("good".into(), None);
        let decided = occluded.decided(&answer(vec![good(0.75), None])).unwrap();
        assert_eq!((decided.leaning(0), decided.strongest(), decided.strength(0)), (Leaning::Alone, None, 0.0));
    }

    #[test]
    fn scores_change_in_their_own_unit() {
        let score = |value| Some(TextAnswer::Score { value });
        let occluded = Occluded::new("two words".into(), Some("...".into()));
        let decided = occluded.decided(&answer(vec![score(3.0), score(1.0), score(3.05)])).unwrap();
        assert_eq!((decided.whole, decided.effect(0), decided.strength(0)), (3.0, Some(2.0), 1.0));
        assert_eq!(decided.leaning(1), Leaning::Neither);
    }

    fn weighed(probabilities: &[Option<f64>]) -> LabelAnswer {
        LabelAnswer::Weighed { run: 1, step: 4, probabilities: probabilities.to_vec() }
    }

    fn york() -> Occluded {
        let text = "He left York, then.";
        let mark = Subject::Mark { span: 8..12, word: 8..12, tag: 3, name: "York: place".to_owned() };
        Occluded::new(text.to_owned(), None).divided([0..2, 3..7, 8..12, 12..13, 14..18, 18..19]).about(mark)
    }

    #[test]
    fn a_mark_is_asked_about_where_its_word_stands() {
        let occluded = york();
        assert_eq!(occluded.words, [0..2, 3..7, 8..12, 14..18], "marks are no words");
        let LabelCommand::Weigh { texts, seconds, answer } = occluded.question() else { panic!() };
        assert_eq!((texts[2].as_str(), seconds.len()), ("He York, then.", 0));
        assert_eq!(answer, Weighed::Tag { tag: 3, starts: vec![Some(8), Some(5), Some(3), None, Some(8)] });
        let decided = occluded.decided(&weighed(&[Some(0.75), Some(0.5), Some(0.25), None, Some(0.75)])).unwrap();
        assert_eq!((decided.class.as_deref(), decided.strongest()), (Some("York: place"), Some(1)));
        assert_eq!(decided.itself, [false, false, true, false]);
        assert_eq!(decided.leaning(2), Leaning::Alone);
    }

    #[test]
    fn all_words_of_a_mark_are_the_mark() {
        let mark = Subject::Mark { span: 3..10, word: 3..4, tag: 1, name: "9  July: date".to_owned() };
        let occluded = Occluded::new("On 9  July.".to_owned(), None).divided([0..2, 3..4, 6..10, 10..11]).about(mark);
        let LabelCommand::Weigh { answer, .. } = occluded.question() else { panic!() };
        assert_eq!(answer, Weighed::Tag { tag: 1, starts: vec![Some(3), Some(0), None, None] });
    }

    #[test]
    fn a_written_text_is_asked_about_as_it_is() {
        let occluded = Occluded::new("red cat".into(), Some("- c".into())).about(Subject::Written { text: "chat rouge".into() });
        let LabelCommand::Weigh { seconds, answer, .. } = occluded.question() else { panic!() };
        assert_eq!(
            (seconds, answer),
            (["- c", "- c", "- c", "- "].map(str::to_owned).to_vec(), Weighed::Written { text: "chat rouge".into() })
        );
        assert_eq!(occluded.decided(&weighed(&[Some(0.5), Some(0.25)])), None);
        assert_eq!(occluded.decided(&answered_whole()), None, "an answer about the whole text");
        assert_eq!(occluded.decided(&weighed(&[Some(0.5), Some(0.25), Some(0.5), Some(0.5)])).unwrap().strongest(), Some(0));
    }

    fn answered_whole() -> LabelAnswer {
        answer(vec![good(0.5), good(0.5), good(0.5)])
    }

    proptest! {
        #[test]
        fn the_marked_word_stands_at_its_start_in_every_text(text in "[a-z\u{4e00}-\u{4e09}., ]{1,40}", at in 0usize..20) {
            let occluded = Occluded::new(text.clone(), None);
            prop_assume!(!occluded.words.is_empty());
            let word = occluded.words[at % occluded.words.len()].clone();
            let starts = occluded.starts(&word, &word);
            for (text_without, start) in occluded.texts().iter().zip(starts) {
                if let Some(start) = start {
                    prop_assert!(text_without[start as usize..].starts_with(&text[word.clone()]));
                }
            }
        }
    }

    #[test]
    fn answers_of_another_length_or_kind_are_not_read() {
        let occluded = Occluded::new("two words".into(), None);
        assert_eq!(occluded.decided(&answer(vec![good(0.5)])), None);
        assert_eq!(occluded.decided(&answer(vec![Some(TextAnswer::Text { text: "x".into() }); 3])), None);
        assert_eq!(occluded.decided(&LabelAnswer::Cancelled), None);
    }
}
