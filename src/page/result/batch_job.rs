//! A file of texts on its way: small questions one after another, so that typing and training are answered in between and a visitor can stop.
//!
//! In: what the engine read of the file; its answers, one by one. Out: the next question, and at any time what has been answered. Figures need all texts in
//! one question: a small file with labels is asked about at once, of a larger one figures are reckoned here (`batch_figures`).

use super::batch_figures::{Answers, Reckoned};
use crate::page::state::Said;
use crate::protocol::labels::{BroughtTexts, LabelAnswer, LabelCommand};
use crate::protocol::{TableFinding, TableTask, TaskColumns};
use std::rc::Rc;

/// Texts of a file with labels that are asked about at once.
pub const WHOLE: usize = 200;
/// Texts in one question otherwise, and where each answer is written.
const AT_ONCE: usize = 32;
const WRITTEN_AT_ONCE: usize = 4;
/// Unknown labels that are named, as the engine lists them.
const MOST_LISTED: usize = 20;

/// A file on its way.
#[derive(Debug, Clone)]
pub struct BatchJob {
    file: BroughtTexts,
    at_once: usize,
    /// Between several labels of a row.
    separator: char,
    /// The answers so far, put together as if they were one.
    told: Option<LabelAnswer>,
    /// Step of the model at the first answer.
    first_step: u32,
}

/// What has been answered.
#[derive(Debug, Clone)]
pub struct Answered {
    pub said: Said,
    /// None, or what the file says of each text.
    pub labels: Vec<String>,
    /// The file's other columns, by name, with a cell for each text.
    pub others: Vec<(String, Vec<String>)>,
    /// Texts of the file.
    pub total: usize,
    /// Right answers among those whose label is known, where the answer itself has no figures.
    pub right: Option<(usize, usize)>,
    /// Figures of a file with labels, where the answer itself has none.
    pub reckoned: Option<Reckoned>,
    /// First and last step of the model, where it learned on meanwhile.
    pub steps: Option<(u32, u32)>,
    pub findings: Vec<TableFinding>,
}

impl Answered {
    /// Step of the model at the last answer.
    pub fn step(&self) -> Option<u32> {
        if let LabelAnswer::Predicted { step, .. } = self.said.answer.as_ref() { Some(*step) } else { None }
    }
}

impl BatchJob {
    /// Nothing is asked yet. `columns`: those that the model learned from.
    pub fn new(file: BroughtTexts, columns: &TaskColumns) -> Self {
        let at_once = match (file.labels.is_empty(), columns.task == TableTask::TextToText) {
            (false, _) if file.texts.len() <= WHOLE => WHOLE,
            (_, true) => WRITTEN_AT_ONCE,
            (_, false) => AT_ONCE,
        };
        Self { file, at_once, separator: columns.written_separator(), told: None, first_step: 0 }
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
        (!texts.is_empty()).then(|| LabelCommand::Predict {
            texts,
            seconds: self.piece(&self.file.seconds),
            labels: self.piece(&self.file.labels),
        })
    }

    /// Takes the answer to the latest question; false where it does not fit.
    pub fn hear(&mut self, answer: &LabelAnswer) -> bool {
        let asked = self.piece(&self.file.texts).len();
        let LabelAnswer::Predicted { run, step, predictions, findings, .. } = answer else { return false };
        if predictions.len() != asked {
            return false;
        }
        let Some(LabelAnswer::Predicted { run: run_now, step: step_now, predictions: all, figures, findings: found, .. }) = &mut self.told
        else {
            (self.first_step, self.told) = (*step, Some(answer.clone()));
            return true;
        };
        // Those of a piece say nothing of the whole.
        (*run_now, *step_now, *figures) = (*run, *step, None);
        all.extend(predictions.iter().cloned());
        findings.iter().for_each(|finding| add(found, finding));
        true
    }

    /// What is known by now; nothing before the first answer.
    pub fn answered(&self) -> Option<Answered> {
        let LabelAnswer::Predicted { step, classes, predictions, figures, findings, .. } = self.told.as_ref()? else { return None };
        let done = predictions.len();
        let is: Vec<bool> = predictions.iter().flatten().filter_map(|prediction| prediction.right).collect();
        // One question over all has figures, which say it with an interval.
        let right = (done > 0 && self.at_once != WHOLE && !is.is_empty()).then(|| (is.iter().filter(|&&is| is).count(), is.len()));
        let answers = Answers { predictions, classes, labels: &self.file.labels, separator: self.separator };
        let take = |list: &[String]| list.iter().take(done).cloned().collect::<Vec<_>>();
        Some(Answered {
            said: Said { texts: take(&self.file.texts), seconds: take(&self.file.seconds), answer: Rc::new(self.told.clone()?) },
            labels: take(&self.file.labels),
            others: self.file.others.iter().map(|(name, cells)| (name.clone(), take(cells))).collect(),
            total: self.file.texts.len(),
            right,
            reckoned: (figures.is_none() && !self.file.labels.is_empty()).then(|| answers.reckon()),
            steps: (*step != self.first_step).then_some((self.first_step, *step)),
            findings: findings.clone(),
        })
    }
}

/// Adds what was odd in one answer to what was odd before.
fn add(found: &mut Vec<TableFinding>, more: &TableFinding) {
    let same = found.iter_mut().find_map(|known| match (known, more) {
        (TableFinding::EmptyTexts { rows, .. }, TableFinding::EmptyTexts { rows: more, .. })
        | (TableFinding::UnevenTags { rows, .. }, TableFinding::UnevenTags { rows: more, .. }) => Some((rows, *more)),
        (TableFinding::UnknownLabels { rows, labels }, TableFinding::UnknownLabels { rows: more, labels: others }) => {
            add_labels(labels, others);
            Some((rows, *more))
        }
        (TableFinding::NotNumbers { rows, examples, .. }, TableFinding::NotNumbers { rows: more, examples: others, .. }) => {
            let fresh: Vec<String> = others.iter().filter(|other| !examples.contains(other)).cloned().collect();
            examples.extend(fresh.into_iter().take(MOST_LISTED.saturating_sub(examples.len())));
            Some((rows, *more))
        }
        _ => None,
    });
    match same {
        Some((rows, more)) => *rows += more,
        None => found.push(more.clone()),
    }
}

/// Adds counts of labels, and labels that were not there as long as there is room.
fn add_labels(labels: &mut Vec<(String, u64)>, others: &[(String, u64)]) {
    for (other, rows) in others {
        if let Some((_, known)) = labels.iter_mut().find(|(label, _)| label == other) {
            *known += rows;
        } else if labels.len() < MOST_LISTED {
            labels.push((other.clone(), *rows));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::{TextAnswer, TextPrediction};

    fn file(texts: usize, labels: usize) -> BroughtTexts {
        let labels = (0..labels).map(|at| ["a", "b", "odd"][at % 3].to_owned()).collect();
        let texts = (0..texts).map(|at| format!("text {at}")).collect();
        BroughtTexts {
            columns: Default::default(),
            texts,
            seconds: Vec::new(),
            labels,
            others: Vec::new(),
            more: false,
            findings: Vec::new(),
        }
    }

    fn columns(task: TableTask) -> TaskColumns {
        TaskColumns { task, text: 0, second: None, target: Some(1), more_targets: Vec::new(), split: None, label_separator: None }
    }

    fn job(texts: usize, labels: usize) -> BatchJob {
        BatchJob::new(file(texts, labels), &columns(TableTask::Classify))
    }

    /// Every text is called "a", which every second one is; the first of each question has no token, the last a label that nobody knows.
    fn answer(step: u32, texts: usize) -> LabelAnswer {
        let one = |at: usize| {
            let answer = TextAnswer::Class { class: 0, probabilities: vec![0.75, 0.25] };
            let right = (at + 1 < texts).then_some(at.is_multiple_of(2));
            (at > 0).then_some(TextPrediction { answer, tokens: 2, windows: 1, cut: false, right })
        };
        let unknown = TableFinding::UnknownLabels { rows: 1, labels: vec![(format!("odd {texts}"), 1)] };
        let findings = vec![TableFinding::EmptyTexts { rows: 1, places: Vec::new() }, unknown];
        let classes = ["a", "b"].map(str::to_owned).to_vec();
        LabelAnswer::Predicted { run: 1, step, classes, predictions: (0..texts).map(one).collect(), figures: None, findings }
    }

    #[test]
    fn questions_are_small_and_together_the_whole_file() {
        let mut job = job(5_000, 5_000);
        let mut questions = 0;
        while let Some(LabelCommand::Predict { texts, labels, .. }) = job.ask() {
            assert!(texts.len() <= AT_ONCE && labels.len() == texts.len());
            assert_eq!(texts[0], format!("text {}", job.progress().0));
            assert!(job.hear(&answer(9, texts.len())));
            questions += 1;
        }
        assert_eq!((questions, job.progress()), (5_000_usize.div_ceil(AT_ONCE), (5_000, 5_000)));
        let answered = job.answered().unwrap();
        assert_eq!((answered.said.texts.len(), answered.labels.len(), answered.steps), (5_000, 5_000, None));
        assert!(answered.reckoned.is_some_and(|reckoned| reckoned.rows + reckoned.unplaced == 4_686), "figures are over all answers");
        assert!(matches!(answered.findings[0], TableFinding::EmptyTexts { rows: 157, .. }));
    }

    #[test]
    fn a_small_file_with_labels_is_one_question_for_the_sake_of_its_figures() {
        let Some(LabelCommand::Predict { texts, labels, .. }) = job(WHOLE, WHOLE).ask() else { unreachable!() };
        assert_eq!((texts.len(), labels.len()), (WHOLE, WHOLE));
        let Some(LabelCommand::Predict { texts, .. }) = BatchJob::new(file(WHOLE, 0), &columns(TableTask::TextToText)).ask() else {
            unreachable!()
        };
        assert_eq!(texts.len(), WRITTEN_AT_ONCE);
    }

    #[test]
    fn what_was_answered_before_a_stop_is_kept_and_counted() {
        let mut job = job(300, 300);
        assert!(job.answered().is_none());
        assert!(!job.hear(&answer(9, 3)) && !job.hear(&LabelAnswer::Cancelled));
        assert!(job.hear(&answer(9, AT_ONCE)) && job.hear(&answer(12, AT_ONCE)));
        let answered = job.answered().unwrap();
        assert_eq!((answered.said.texts.len(), answered.total, answered.steps), (2 * AT_ONCE, 300, Some((9, 12))));
        // Of 32 texts the first has no answer and the last no known label; of the others 15 are right.
        assert_eq!(answered.right, Some((30, 60)));
        assert_eq!(answered.findings[1], TableFinding::UnknownLabels { rows: 2, labels: vec![("odd 32".to_owned(), 2)] });
        assert!(job.hear(&answer(12, AT_ONCE)));
    }
}
