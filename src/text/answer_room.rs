//! How a window is shared between a prompt and its answer, and rows read by it.
//!
//! In: how many tokens the answers have that are learned from, rows. Out: ids and targets that fit into a window. A prompt leaves room for what nineteen of
//! twenty answers need ([`USUAL`]), not for the longest, which would take from every prompt what one row needs. A row that is learned from is known with its
//! answer: its prompt leaves as much as that needs. What a prompt does not fill is the answer's. Absent: the model.

use super::error::TextError;
use super::prompt::{PromptReader, answer_targets};
use super::tokenizer::Tokenizer;

/// The part of the answers that a prompt leaves room for.
const USUAL: f64 = 0.95;

/// How many tokens of a window are a prompt's, and how many its answer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerRoom {
    window: usize,
    usual: usize,
    longest: usize,
}

/// A row of prompt and answer, cut to a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredRow {
    /// As [`answer_targets`] has them.
    pub ids: Vec<u32>,
    pub targets: Vec<i32>,
    /// Tokens of its prompt.
    pub prompt: usize,
    /// The prompt or the answer lost tokens.
    pub cut: bool,
}

impl AnswerRoom {
    /// By the tokens, ends included, of the answers that are learned from.
    pub fn of(mut answers: Vec<usize>, window: usize) -> Self {
        answers.sort_unstable();
        let within = (answers.len() as f64 * USUAL).ceil() as usize;
        let usual = answers.get(within.saturating_sub(1)).copied().unwrap_or(1);
        let longest = answers.last().copied().unwrap_or(1);
        Self { window, usual: usual.min(window / 2).max(1), longest: longest.max(1) }
    }

    /// Tokens that every answer has room for.
    pub fn usual(&self) -> usize {
        self.usual
    }

    /// Tokens that a prompt may have; `answer` are its answer's where that is known. No answer takes more than half a window from its prompt.
    pub fn prompt(&self, answer: Option<usize>) -> usize {
        let room = answer.unwrap_or(0).min(self.window / 2).max(self.usual);
        // The answer's last token is never read.
        self.window + 1 - room
    }

    /// Tokens of an answer, its end included, that a window has beside a prompt of so many.
    pub fn answer(&self, prompt: usize) -> usize {
        (self.window + 1).saturating_sub(prompt)
    }

    /// Tokens that may be written after a prompt of so many: no more than the longest answer that was learned from.
    pub fn written(&self, prompt: usize) -> usize {
        self.answer(prompt).min(self.longest)
    }

    /// Reads a row. One that is `learned` from leaves room for its own answer; of others no model may know how long that is.
    ///
    /// # Errors
    /// Should the tokenizer fail.
    pub fn row(
        &self,
        reader: &PromptReader,
        tokenizer: &Tokenizer,
        [text, second, answer]: [&str; 3],
        learned: bool,
    ) -> Result<AnsweredRow, TextError> {
        let answer = reader.answer(tokenizer, answer, usize::MAX)?.ids;
        let prompt = reader.prompt(tokenizer, text, second, self.prompt(learned.then_some(answer.len())))?;
        let read = answer.len().min(self.answer(prompt.ids.len()));
        let (ids, targets) = answer_targets(&prompt.ids, &answer[..read]);
        Ok(AnsweredRow { ids, targets, prompt: prompt.ids.len(), cut: prompt.left_out > 0 || read < answer.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::{default_template, read_template};

    #[test]
    fn one_long_answer_takes_nothing_from_the_prompts_of_others() {
        let mut lengths = vec![4; 40];
        lengths[7] = 30;
        let room = AnswerRoom::of(lengths, 32);
        assert_eq!((room.usual(), room.prompt(None), room.prompt(Some(3)), room.prompt(Some(10))), (4, 29, 29, 23));
        // Its own prompt gives it half of the window at most, and all that it leaves empty.
        assert_eq!((room.prompt(Some(30)), room.answer(17), room.answer(2)), (17, 16, 31));
        assert_eq!((room.written(2), room.written(29)), (30, 4));
        // Two of twenty are more than one of twenty.
        let often = AnswerRoom::of([vec![4; 18], vec![9; 2]].concat(), 32);
        assert_eq!(often.usual(), 9);
    }

    #[test]
    fn rooms_of_any_window_hold_what_they_promise() {
        for window in 1..40 {
            for lengths in [vec![], vec![1], vec![50; 3], vec![2, 3, 90]] {
                let room = AnswerRoom::of(lengths, window);
                for answer in [None, Some(1), Some(window), Some(1_000)] {
                    let prompt = room.prompt(answer);
                    assert!((1..=window).contains(&prompt), "{window} {answer:?} {prompt}");
                    assert!(room.answer(prompt) >= 1 && prompt + room.answer(prompt) == window + 1);
                    assert!(room.written(prompt) >= 1);
                }
            }
        }
    }

    #[test]
    fn rows_fit_and_only_those_that_are_learned_from_know_their_answers() {
        let tokenizer = Tokenizer::characters("abcdefgh QA:\n=>").unwrap();
        let reader = PromptReader::new(&tokenizer, &read_template(default_template(false), false).unwrap()).unwrap();
        let room = AnswerRoom::of(vec![3; 20], 16);
        let read = |row, learned| room.row(&reader, &tokenizer, row, learned).unwrap();
        // " => " and the line feed are four; a space stands before the answer.
        let short = read(["abcdefgh", "", "a"], true);
        assert_eq!((short.cut, short.prompt), (false, 11));
        let known = read(["abcdefgh", "", "abcdef"], true);
        assert_eq!((known.cut, known.ids.len()), (true, 16));
        assert_eq!(known.targets.iter().filter(|&&target| target >= 0).count(), 8, "its answer is whole");
        let unknown = read(["abcdefgh", "", "abcdef"], false);
        assert_eq!((unknown.cut, unknown.prompt, unknown.ids.len()), (true, 11, 16), "its prompt is whole");
    }
}
