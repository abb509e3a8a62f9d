//! A file of texts on its way: small questions one after another, so that typing and training are answered in between and a visitor can stop.
//!
//! In: what the engine read of the file; its answers, one by one. Out: the next question, and at any time what has been answered. Figures need all texts in
//! one question: a small file with labels is asked about at once, of a larger one right answers are counted.

use super::batch_table::{Known, right};
use crate::page::state::Said;
use crate::protocol::TableFinding;
use crate::protocol::labels::{BroughtTexts, LabelAnswer, LabelCommand, TextAnswer, TextPrediction};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Texts of a file with labels that are asked about at once.
const WHOLE: usize = 200;
/// Texts in one question otherwise, and where each answer is written.
const AT_ONCE: usize = 32;
const WRITTEN_AT_ONCE: usize = 4;
/// Unknown labels that are named.
const MOST_LISTED: usize = 5;

/// A file on its way.
#[derive(Debug, Clone)]
pub struct BatchJob {
    file: BroughtTexts,
    separator: char,
    at_once: usize,
    /// The answers so far, put together as if they were one.
    told: Option<LabelAnswer>,
    /// Step of the model at the first answer.
    first_step: u32,
}

/// What has been answered.
#[derive(Debug, Clone)]
pub struct Answered {
    pub said: Said,
    pub known: Known,
    /// Texts of the file.
    pub total: usize,
    /// Right answers among those whose label is known, where the answer itself has no figures.
    pub right: Option<(usize, usize)>,
    /// First and last step of the model, where it learned on meanwhile.
    pub steps: Option<(u32, u32)>,
    pub findings: Vec<TableFinding>,
}

impl BatchJob {
    /// Nothing is asked yet. `writes`: answers are written texts.
    pub fn new(file: BroughtTexts, separator: char, writes: bool) -> Self {
        let at_once = match (file.labels.is_empty(), writes) {
            (false, _) if file.texts.len() <= WHOLE => WHOLE,
            (_, true) => WRITTEN_AT_ONCE,
            (_, false) => AT_ONCE,
        };
        Self { file, separator, at_once, told: None, first_step: 0 }
    }

    /// Texts with an answer or known to be without one, of how many.
    pub fn progress(&self) -> (usize, usize) {
        let done = match &self.told {
            Some(LabelAnswer::Predicted { predictions, .. }) => predictions.len(),
            _ => 0,
        };
        (done, self.file.texts.len())
    }

    fn piece(&self, list: &[String]) -> Vec<String> {
        list.iter().skip(self.progress().0).take(self.at_once).cloned().collect()
    }

    /// The next question; nothing when all is known.
    pub fn ask(&self) -> Option<LabelCommand> {
        let texts = self.piece(&self.file.texts);
        let labels = if self.at_once == WHOLE { self.file.labels.clone() } else { Vec::new() };
        (!texts.is_empty()).then(|| LabelCommand::Predict { texts, seconds: self.piece(&self.file.seconds), labels })
    }

    /// Takes the answer to the latest question; false where it does not fit.
    pub fn hear(&mut self, answer: &LabelAnswer) -> bool {
        let asked = self.piece(&self.file.texts).len();
        let LabelAnswer::Predicted { run, step, predictions, findings, .. } = answer else { return false };
        if predictions.len() != asked {
            return false;
        }
        let Some(LabelAnswer::Predicted { run: run_now, step: step_now, predictions: all, findings: found, .. }) = &mut self.told else {
            (self.first_step, self.told) = (*step, Some(answer.clone()));
            return true;
        };
        (*run_now, *step_now) = (*run, *step);
        all.extend(predictions.iter().cloned());
        findings.iter().for_each(|finding| add(found, finding));
        true
    }

    /// What is known by now; nothing before the first answer.
    pub fn answered(&self) -> Option<Answered> {
        let LabelAnswer::Predicted { step, classes, predictions, findings, .. } = self.told.as_ref()? else { return None };
        let done = predictions.len();
        let known = Known { labels: self.file.labels.iter().take(done).cloned().collect(), separator: self.separator };
        let mut findings = findings.clone();
        // With labels in the question, the engine has said itself how right it is and what it does not know.
        let right = if self.at_once == WHOLE { None } else { self.counted(classes, predictions, &mut findings) };
        let take = |list: &[String]| list.iter().take(done).cloned().collect::<Vec<_>>();
        Some(Answered {
            said: Said { texts: take(&self.file.texts), seconds: take(&self.file.seconds), answer: Rc::new(self.told.clone()?) },
            known,
            total: self.file.texts.len(),
            right,
            steps: (*step != self.first_step).then_some((self.first_step, *step)),
            findings,
        })
    }

    /// Right answers, of how many whose label the model knows; labels that it does not know become a finding.
    fn counted(
        &self,
        classes: &[String],
        predictions: &[Option<TextPrediction>],
        findings: &mut Vec<TableFinding>,
    ) -> Option<(usize, usize)> {
        let (mut hits, mut known, mut unknown) = (0, 0, BTreeMap::<String, u64>::new());
        for (prediction, label) in predictions.iter().zip(&self.file.labels) {
            let Some(prediction) = prediction else { continue };
            match right(&prediction.answer, classes, label, self.separator) {
                Some(is) => (hits, known) = (hits + usize::from(is), known + 1),
                None if matches!(prediction.answer, TextAnswer::Class { .. } | TextAnswer::Classes { .. }) && !label.trim().is_empty() => {
                    *unknown.entry(label.clone()).or_default() += 1;
                }
                None => {}
            }
        }
        let rows = unknown.values().sum();
        if rows > 0 {
            findings.push(TableFinding::UnknownLabels { rows, labels: unknown.into_iter().take(MOST_LISTED).collect() });
        }
        (known > 0).then_some((hits, known))
    }
}

/// Adds what was odd in one answer to what was odd before.
fn add(found: &mut Vec<TableFinding>, more: &TableFinding) {
    let same = found.iter_mut().find_map(|known| match (known, more) {
        (TableFinding::EmptyTexts { rows, .. }, TableFinding::EmptyTexts { rows: more, .. }) => Some((rows, *more)),
        _ => None,
    });
    match same {
        Some((rows, more)) => *rows += more,
        None => found.push(more.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(texts: usize, labels: usize) -> BroughtTexts {
        let labels = (0..labels).map(|at| ["a", "b", "odd"][at % 3].to_owned()).collect();
        let texts = (0..texts).map(|at| format!("text {at}")).collect();
        BroughtTexts { columns: Default::default(), texts, seconds: Vec::new(), labels, more: false, findings: Vec::new() }
    }

    /// Every text is called "a"; the first of each question has no token.
    fn answer(step: u32, texts: usize) -> LabelAnswer {
        let one = |at: usize| {
            let answer = TextAnswer::Class { class: 0, probabilities: vec![0.75, 0.25] };
            (at > 0).then_some(TextPrediction { answer, tokens: 2, windows: 1, cut: false })
        };
        let findings = vec![TableFinding::EmptyTexts { rows: 1, places: Vec::new() }];
        let classes = ["a", "b"].map(str::to_owned).to_vec();
        LabelAnswer::Predicted { run: 1, step, classes, predictions: (0..texts).map(one).collect(), figures: None, findings }
    }

    #[test]
    fn questions_are_small_and_together_the_whole_file() {
        let mut job = BatchJob::new(file(5_000, 5_000), ';', false);
        let mut questions = 0;
        while let Some(LabelCommand::Predict { texts, labels, .. }) = job.ask() {
            assert!(texts.len() <= AT_ONCE && labels.is_empty());
            assert_eq!(texts[0], format!("text {}", job.progress().0));
            assert!(job.hear(&answer(9, texts.len())));
            questions += 1;
        }
        assert_eq!((questions, job.progress()), (5_000_usize.div_ceil(AT_ONCE), (5_000, 5_000)));
        let answered = job.answered().unwrap();
        assert_eq!((answered.said.texts.len(), answered.known.labels.len(), answered.steps), (5_000, 5_000, None));
        assert!(matches!(answered.findings[0], TableFinding::EmptyTexts { rows: 157, .. }));
    }

    #[test]
    fn a_small_file_with_labels_is_one_question_for_the_sake_of_its_figures() {
        let Some(LabelCommand::Predict { texts, labels, .. }) = BatchJob::new(file(WHOLE, WHOLE), ';', false).ask() else { unreachable!() };
        assert_eq!((texts.len(), labels.len()), (WHOLE, WHOLE));
        let Some(LabelCommand::Predict { texts, .. }) = BatchJob::new(file(WHOLE, 0), ';', true).ask() else { unreachable!() };
        assert_eq!(texts.len(), WRITTEN_AT_ONCE);
    }

    #[test]
    fn what_was_answered_before_a_stop_is_kept_and_counted() {
        let mut job = BatchJob::new(file(300, 300), ';', false);
        assert!(job.answered().is_none());
        assert!(!job.hear(&answer(9, 3)) && !job.hear(&LabelAnswer::Cancelled));
        assert!(job.hear(&answer(9, AT_ONCE)) && job.hear(&answer(12, AT_ONCE)));
        let answered = job.answered().unwrap();
        assert_eq!((answered.said.texts.len(), answered.total, answered.steps), (2 * AT_ONCE, 300, Some((9, 12))));
        // Of 64 labels, by turns a, b and odd; the first of each question has no answer: text 0 (a) and text 32 (odd).
        assert_eq!(answered.right, Some((21, 42)));
        assert!(matches!(&answered.findings[1], TableFinding::UnknownLabels { rows: 20, .. }));
    }
}
