//! A fairness probe on its way: which rows have words to swap, and what the model says of them before and after.
//!
//! In: words to swap; the engine's answers, one by one. Out: the next question, and in the end [`Tried`] rows. Both versions of a row go into one question:
//! a run may learn on between two questions, but not within one. Questions are small, so that a visitor who types a text is answered in between.

use super::heard::Heard;
use super::swaps::{Swapped, Swaps};
use crate::protocol::SplitPart;
use crate::protocol::labels::{LabelAnswer, LabelCommand, RowText};
use std::collections::VecDeque;

/// Rows that are asked about at most.
pub const MOST_ROWS: usize = 2_000;
/// Rows read at once: what the engine gives at most.
const READ_AT_ONCE: usize = 200;
/// Rows asked about at once, each as two texts.
const ASK_AT_ONCE: usize = 16;

/// A row with words that are swapped.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub row: u32,
    pub text: String,
    /// Empty without one.
    pub second: String,
    /// Of the first text and of the second; one of them may have no such word.
    pub swapped: [Option<Swapped>; 2],
}

impl Candidate {
    fn of(row: &RowText, swaps: &Swaps) -> Option<Self> {
        let swapped = [swaps.swap(&row.text), swaps.swap(&row.second)];
        swapped.iter().any(Option::is_some).then(|| Self { row: row.row, text: row.text.clone(), second: row.second.clone(), swapped })
    }

    /// Left words that became right ones, less those that went the other way.
    pub fn leaning(&self) -> i32 {
        self.swapped.iter().flatten().map(|swapped| swapped.leaning).sum()
    }

    /// A text as it is asked about: 0 the first, 1 the second; before or after.
    fn version(&self, which: usize, after: bool) -> String {
        let plain = if which == 0 { &self.text } else { &self.second };
        self.swapped[which].as_ref().filter(|_| after).map_or_else(|| plain.clone(), |swapped| swapped.text.clone())
    }
}

/// A row with both answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    pub row: Candidate,
    pub before: Heard,
    pub after: Heard,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Rows read, of how many.
    Reading(usize, usize),
    /// Rows asked about, of how many.
    Asking(usize, usize),
}

/// Why a job ends without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The model learned on meanwhile.
    Moved,
    /// The answers are no classes and no numbers.
    Unsuited,
    /// An answer to another question.
    Odd,
}

/// A probe on its way.
#[derive(Debug, Clone)]
pub struct Job {
    swaps: Swaps,
    pairs: bool,
    /// Rows that were not read yet; none: their list is not here yet.
    unread: Option<VecDeque<u32>>,
    /// Rows of the part.
    pub held: usize,
    pub read: usize,
    /// Rows with words to swap.
    found: usize,
    waiting: VecDeque<Candidate>,
    asked: Vec<Candidate>,
    pub tried: Vec<Tried>,
    /// Rows with words to swap that the model could not read.
    pub silent: usize,
    /// Rows of which only the beginning was looked at ([`ROW_CHARACTERS`](crate::protocol::labels::ROW_CHARACTERS)).
    pub in_part: usize,
    pub classes: Vec<String>,
    /// Run and step of the model.
    pub at: Option<(u32, u32)>,
}

impl Job {
    /// Nothing is known yet. `pairs`: the task compares two texts.
    pub fn new(swaps: Swaps, pairs: bool) -> Self {
        Self {
            swaps,
            pairs,
            unread: None,
            held: 0,
            read: 0,
            found: 0,
            waiting: VecDeque::new(),
            asked: Vec::new(),
            tried: Vec::new(),
            silent: 0,
            in_part: 0,
            classes: Vec::new(),
            at: None,
        }
    }

    /// The next question; nothing when all is known. Ask it, and let [`Self::hear`] hear the answer before the next.
    pub fn ask(&mut self) -> Option<LabelCommand> {
        let Some(unread) = &mut self.unread else { return Some(LabelCommand::ListRows { part: SplitPart::Validation }) };
        if !unread.is_empty() && self.found < MOST_ROWS {
            let rows: Vec<u32> = unread.drain(..unread.len().min(READ_AT_ONCE)).collect();
            self.read += rows.len();
            return Some(LabelCommand::ReadRows { rows });
        }
        self.asked = self.waiting.drain(..self.waiting.len().min(ASK_AT_ONCE)).collect();
        if self.asked.is_empty() {
            return None;
        }
        let versions = |which: usize| self.asked.iter().flat_map(|row| [row.version(which, false), row.version(which, true)]).collect();
        let seconds = if self.pairs { versions(1) } else { Vec::new() };
        Some(LabelCommand::Predict { texts: versions(0), seconds, labels: Vec::new() })
    }

    /// Takes the answer to the latest question.
    ///
    /// # Errors
    /// Why it is no use to go on.
    pub fn hear(&mut self, answer: &LabelAnswer) -> Result<(), Trouble> {
        match answer {
            LabelAnswer::RowList { rows } => {
                self.held = rows.len();
                self.unread = Some(rows.iter().copied().collect());
            }
            LabelAnswer::Rows { rows } => {
                let rows = rows.open().map_err(|_| Trouble::Odd)?;
                let room = MOST_ROWS.saturating_sub(self.found);
                let before = self.waiting.len();
                self.in_part += rows.iter().filter(|row| row.cut).count();
                self.waiting.extend(rows.iter().filter_map(|row| Candidate::of(row, &self.swaps)).take(room));
                self.found += self.waiting.len() - before;
            }
            LabelAnswer::Predicted { run, step, classes, predictions, .. } => {
                let rows = std::mem::take(&mut self.asked);
                if predictions.len() != 2 * rows.len() {
                    return Err(Trouble::Odd);
                }
                if self.at.is_some_and(|at| at != (*run, *step)) {
                    return Err(Trouble::Moved);
                }
                (self.at, self.classes) = (Some((*run, *step)), classes.clone());
                for (row, both) in rows.into_iter().zip(predictions.chunks_exact(2)) {
                    let [Some(before), Some(after)] = both else {
                        self.silent += 1;
                        continue;
                    };
                    let (Some(before), Some(after)) = (Heard::of(&before.answer), Heard::of(&after.answer)) else {
                        return Err(Trouble::Unsuited);
                    };
                    self.tried.push(Tried { row, before, after });
                }
            }
            _ => return Err(Trouble::Odd),
        }
        Ok(())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        if self.asked.is_empty() && self.tried.is_empty() && self.silent == 0 {
            return Progress::Reading(self.read, self.held);
        }
        Progress::Asking(self.tried.len() + self.silent, self.found)
    }

    /// Not all rows were read, because enough of them had words to swap.
    pub fn is_capped(&self) -> bool {
        self.read < self.held || self.found >= MOST_ROWS
    }
}

#[cfg(test)]
mod tests {
    use super::super::swaps::parse;
    use super::*;
    use crate::protocol::labels::{TextAnswer, TextPrediction};
    use crate::protocol::{RowPlace, Sealed};

    fn job(pairs: bool) -> Job {
        Job::new(Swaps::new(&parse("he = she").0), pairs)
    }

    fn row(row: u32, text: &str, second: &str) -> RowText {
        let place = RowPlace { file: 0, line: row };
        RowText { row, place, text: text.into(), second: second.into(), cut: false, label: "x".into() }
    }

    fn read(rows: Vec<RowText>) -> LabelAnswer {
        LabelAnswer::Rows { rows: Sealed::of(&rows) }
    }

    fn predicted(step: u32, probabilities: &[f32]) -> LabelAnswer {
        let predict = |&probability: &f32| {
            let answer = TextAnswer::Class { class: 0, probabilities: vec![probability, 1.0 - probability] };
            (probability >= 0.0).then_some(TextPrediction { answer, tokens: 1, windows: 1, cut: false, right: None })
        };
        let predictions = probabilities.iter().map(predict).collect();
        LabelAnswer::Predicted { run: 1, step, classes: vec!["a".into(), "b".into()], predictions, figures: None, findings: Vec::new() }
    }

    #[test]
    fn rows_are_listed_read_and_asked_about_in_both_versions() {
        let mut job = job(false);
        assert_eq!(job.ask(), Some(LabelCommand::ListRows { part: SplitPart::Validation }));
        job.hear(&LabelAnswer::RowList { rows: vec![3, 5, 8] }).unwrap();
        assert_eq!(job.ask(), Some(LabelCommand::ReadRows { rows: vec![3, 5, 8] }));
        job.hear(&read(vec![row(3, "he ran", ""), row(5, "it ran", ""), row(8, "She, he", "")])).unwrap();
        let texts = ["he ran", "she ran", "She, he", "He, she"].map(str::to_owned).to_vec();
        assert_eq!(job.ask(), Some(LabelCommand::Predict { texts, seconds: vec![], labels: vec![] }));
        assert_eq!(job.progress(), Progress::Asking(0, 2));
        job.hear(&predicted(9, &[0.5, 0.25, 0.75, -1.0])).unwrap();
        assert_eq!(job.ask(), None);
        assert_eq!((job.tried.len(), job.silent, job.held, job.at), (1, 1, 3, Some((1, 9))));
        assert_eq!((job.tried[0].row.row, job.tried[0].row.leaning(), job.tried[0].after.numbers[0]), (3, 1, 0.25));
        assert!(!job.is_capped());
    }

    #[test]
    fn rows_that_are_looked_at_in_part_are_counted_whether_or_not_they_have_such_words() {
        let mut job = job(false);
        job.ask();
        job.hear(&LabelAnswer::RowList { rows: vec![0, 1, 2] }).unwrap();
        job.ask();
        let rows = [("he ran", true), ("it ran", true), ("she ran", false)];
        let rows = (0..).zip(rows).map(|(number, (text, cut))| RowText { cut, ..row(number, text, "") }).collect();
        job.hear(&read(rows)).unwrap();
        assert_eq!((job.found, job.in_part), (2, 2));
    }

    #[test]
    fn pairs_are_swapped_on_both_sides() {
        let mut job = job(true);
        job.ask();
        job.hear(&LabelAnswer::RowList { rows: vec![1] }).unwrap();
        job.ask();
        job.hear(&read(vec![row(1, "it ran", "he ran")])).unwrap();
        let LabelCommand::Predict { texts, seconds, .. } = job.ask().unwrap() else { unreachable!("it asks") };
        assert_eq!((texts, seconds), (vec!["it ran".to_owned(); 2], vec!["he ran".to_owned(), "she ran".to_owned()]));
    }

    #[test]
    fn questions_are_small_and_end_at_the_most() {
        let mut job = job(false);
        job.ask();
        job.hear(&LabelAnswer::RowList { rows: (0..5_000).collect() }).unwrap();
        let (mut reads, mut asks) = (0, 0);
        while let Some(command) = job.ask() {
            match command {
                LabelCommand::ReadRows { rows } => {
                    reads += 1;
                    job.hear(&read(rows.into_iter().map(|number| row(number, "he", "")).collect())).unwrap();
                }
                LabelCommand::Predict { texts, .. } => {
                    asks += 1;
                    assert!(texts.len() <= 2 * ASK_AT_ONCE);
                    job.hear(&predicted(1, &vec![0.5; texts.len()])).unwrap();
                }
                other => unreachable!("{other:?}"),
            }
        }
        assert_eq!((reads, asks, job.tried.len()), (MOST_ROWS / READ_AT_ONCE, MOST_ROWS / ASK_AT_ONCE, MOST_ROWS));
        assert!(job.is_capped());
    }

    #[test]
    fn a_model_that_learns_on_or_writes_ends_it() {
        let mut job = job(false);
        job.ask();
        job.hear(&LabelAnswer::RowList { rows: (0..40).collect() }).unwrap();
        job.ask();
        job.hear(&read((0..40).map(|number| row(number, "he", "")).collect())).unwrap();
        job.ask();
        job.hear(&predicted(1, &[0.5; 32])).unwrap();
        job.ask();
        assert_eq!(job.clone().hear(&predicted(2, &[0.5; 32])), Err(Trouble::Moved));
        assert_eq!(job.clone().hear(&predicted(1, &[0.5; 2])), Err(Trouble::Odd));
        assert_eq!(job.hear(&LabelAnswer::Cancelled), Err(Trouble::Odd));
    }
}
