//! What the page knows of an open table: how it was read, what is learned from it, the plan, the epochs, the report, predictions.
//!
//! In: `Labels` and `LabelRun` events. Out: reads. A table and a text are never open at once: while [`LabelState::active`], the buttons, the plan
//! and the curves speak of the table. Absent: texts of the table but those that were asked for; which settings the form shows.

use super::asides::Asides;
use super::{Part, Parts, RunState, Stage, ValidationPoint};
use crate::protocol::Fault;
use crate::protocol::labels::{EpochReport, ExampleFacts, LabelAnswer, LabelChoice, LabelNews, LabelPlan, LabelReport, RowText};
use crate::protocol::{Sealed, TableProposal, TableReading};
use std::rc::Rc;

/// An opened table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableFacts {
    pub reading: TableReading,
    pub proposal: TableProposal,
}

/// A report as it came. The first paint keeps it closed: what reads it is fetched with the views of tables.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedReport {
    pub best_epoch: u32,
    pub report: Sealed<LabelReport>,
    pub buffers: Rc<Vec<Vec<u8>>>,
}

impl ClosedReport {
    /// The report and its rows; `None` where the engine wrote what this page cannot read.
    pub fn open(&self) -> Option<StoredReport> {
        Some(StoredReport { report: self.report.open().ok()?, buffers: self.buffers.clone() })
    }
}

/// A report with one number per row of the judged part and buffer (`protocol::labels` names the buffers).
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReport {
    pub report: LabelReport,
    pub buffers: Rc<Vec<Vec<u8>>>,
}

impl StoredReport {
    /// Buffer `index` as whole numbers; empty where there is none.
    pub fn whole(&self, index: usize) -> Vec<u32> {
        self.numbers(index, u32::from_le_bytes)
    }

    /// Buffer `index` as real numbers; empty where there is none.
    pub fn real(&self, index: usize) -> Vec<f32> {
        self.numbers(index, f32::from_le_bytes)
    }

    fn numbers<T>(&self, index: usize, read: fn([u8; 4]) -> T) -> Vec<T> {
        let bytes = self.buffers.get(index).map_or(&[][..], Vec::as_slice);
        bytes.chunks_exact(4).map(|four| read([four[0], four[1], four[2], four[3]])).collect()
    }
}

/// An answer of one kind: the latest, and whether a newer one is owed.
#[derive(Debug, Clone, PartialEq)]
pub struct Owed<T> {
    /// The latest request; 0: none yet.
    pub request: u32,
    pub waits: bool,
    pub latest: Option<T>,
    /// The latest request failed.
    pub fault: Option<Fault>,
}

impl<T> Default for Owed<T> {
    fn default() -> Self {
        Self { request: 0, waits: false, latest: None, fault: None }
    }
}

impl<T> Owed<T> {
    /// A question is on its way.
    pub fn ask(&mut self, request: u32) {
        (self.request, self.waits, self.fault) = (request, true, None);
    }

    pub(super) fn take(&mut self, request: u32, answer: T) -> bool {
        let ours = request == self.request;
        if ours {
            (self.waits, self.latest) = (false, Some(answer));
        }
        ours
    }

    pub(super) fn fail(&mut self, request: u32, fault: &Fault) -> bool {
        let ours = self.waits && request == self.request;
        if ours {
            (self.waits, self.fault) = (false, Some(fault.clone()));
        }
        ours
    }
}

/// What the model says of texts that the visitor typed or brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub texts: Vec<String>,
    /// Second texts of pairs; empty otherwise.
    pub seconds: Vec<String>,
    pub answer: Rc<LabelAnswer>,
}

/// Everything the page knows of the open table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LabelState {
    /// A table is open, and the page is about it.
    pub active: bool,
    /// Bytes read and to be read, rows found, while a table is on its way.
    pub progress: Option<(u64, u64, u64)>,
    pub table: Option<Rc<TableFacts>>,
    pub facts: Owed<Rc<ExampleFacts>>,
    pub plan: Option<Rc<LabelPlan>>,
    /// Rows cut into tokens and rows to be cut, while a plan is being made.
    pub tokenised: Option<(u64, u64)>,
    pub epochs: Vec<EpochReport>,
    /// The learning rate that was set last while the run went on; `None` as long as none was.
    pub rate: Option<f64>,
    pub report: Option<Rc<ClosedReport>>,
    /// The runs that had a report, by the choice of rows they were over: each has looked at the rows that were kept for it.
    pub looks: Vec<(LabelChoice, Vec<u32>)>,
    /// Rows of the table by their number, as they were asked for.
    pub rows: Owed<Rc<Sealed<Vec<RowText>>>>,
    pub prediction: Owed<Said>,
    /// Texts of the prediction that is on its way.
    pub asked: (Vec<String>, Vec<String>),
    /// Questions that views ask for themselves.
    pub asides: Asides,
}

impl LabelState {
    /// Nothing that was learned stays; the table does.
    pub(super) fn clear_run(&mut self) {
        self.epochs.clear();
        (self.report, self.rate) = (None, None);
        self.prediction.latest = None;
        self.asides.clear();
    }

    /// How many runs had a report on the rows that were kept for that of the run which is here.
    pub fn looks(&self) -> usize {
        let choice = self.plan.as_ref().map(|plan| &plan.config.choice);
        self.looks.iter().find(|(looked, _)| Some(looked) == choice).map_or(0, |(_, runs)| runs.len())
    }

    /// What was told after this step is told again.
    pub(super) fn rewind(&mut self, step: u32) {
        self.epochs.retain(|epoch| epoch.step <= step);
        self.report = None;
    }

    /// The epoch whose model is left, and its step, once the run has ended with the best one's; 0 where one that went on had only got worse.
    pub fn kept(&self) -> Option<(u32, u32)> {
        let best = self.report.as_ref()?.best_epoch;
        self.epochs.iter().find(|epoch| epoch.epoch == best && (best > 0 || epoch.best)).map(|epoch| (epoch.epoch, epoch.step))
    }

    /// The step of the model that answered after `step`: when the run has ended, that of the best epoch.
    pub fn step_of_model(&self, step: u32) -> u32 {
        let last = self.epochs.last().map_or(0, |epoch| epoch.step);
        self.kept().filter(|_| step >= last).map_or(step, |(_, kept)| kept)
    }
}

impl RunState {
    /// Applies an answer about labelled texts.
    pub(super) fn labels_answered(&mut self, request: u32, answer: LabelAnswer) -> Parts {
        if self.labels.waits_aside(request) {
            return self.labels.aside_told(request, answer);
        }
        match answer {
            LabelAnswer::TableProgress { done, total, rows } => {
                if self.pending_text != Some(request) {
                    return Parts::NONE;
                }
                self.labels.progress = Some((done, total, rows));
                Part::Table.into()
            }
            LabelAnswer::TableReady { reading, proposal } => self.table_ready(request, TableFacts { reading, proposal }),
            LabelAnswer::Examined { facts } => {
                // A preparation says this as well, on its way to the plan.
                let of_plan = self.labels.active && (self.pending_plan == Some(request) || self.is_resumed_by(request));
                if of_plan {
                    self.labels.facts.latest = Some(Rc::new(facts));
                    return Part::Table.into();
                }
                if self.labels.facts.take(request, Rc::new(facts)) { Part::Table.into() } else { Parts::NONE }
            }
            LabelAnswer::Tokenising { done, total } => {
                self.labels.tokenised = Some((done, total)).filter(|_| self.pending_plan == Some(request));
                Part::Plan.into()
            }
            LabelAnswer::Prepared { plan } => {
                let expected = self.pending_plan == Some(request) || self.is_resumed_by(request);
                if !expected || !self.labels.active {
                    return Parts::NONE;
                }
                self.pending_plan = None;
                self.labels.plan = Some(Rc::new(*plan));
                self.labels.asides.clear();
                if self.stage == Stage::Idle {
                    // It was another model's word: another base, perhaps other classes.
                    self.labels.prediction.latest = None;
                }
                self.answers.another_model();
                Parts::of(&[Part::Plan, Part::Table, Part::Answers, Part::Asides, Part::Prediction])
            }
            LabelAnswer::Rows { rows } => changed(self.labels.rows.take(request, Rc::new(rows)), Part::Rows),
            answer @ LabelAnswer::Predicted { .. } => {
                let labels = &mut self.labels;
                if request != labels.prediction.request {
                    return Parts::NONE;
                }
                let (texts, seconds) = std::mem::take(&mut labels.asked);
                let said = Said { texts, seconds, answer: Rc::new(answer) };
                changed(labels.prediction.take(request, said), Part::Prediction)
            }
            // Only single views ask for these, and each got its own above.
            LabelAnswer::Nearest { .. }
            | LabelAnswer::RowList { .. }
            | LabelAnswer::TextsRead { .. }
            | LabelAnswer::Weighed { .. }
            | LabelAnswer::PartJudged { .. } => Parts::NONE,
            LabelAnswer::Cancelled => {
                self.labels.progress = None;
                Part::Table.into()
            }
        }
    }

    /// Applies news of the run over the table.
    pub(super) fn label_news(&mut self, news: LabelNews, buffers: Vec<Vec<u8>>) -> Parts {
        match news {
            LabelNews::Epoch { report } => {
                if self.labels.epochs.last().is_some_and(|last| last.epoch >= report.epoch) {
                    return Parts::NONE;
                }
                if let Some(validation) = &report.validation {
                    let point = ValidationPoint {
                        step: report.step,
                        validation: validation.loss as f32,
                        training: report.training.loss as f32,
                        bits_per_byte: 0.0,
                    };
                    self.validation.push(point);
                }
                self.labels.epochs.push(report);
                Parts::of(&[Part::Epochs, Part::Loss])
            }
            LabelNews::Report { best_epoch, report } => {
                if let Some(choice) = self.labels.plan.as_ref().map(|plan| plan.config.choice.clone()) {
                    let looks = &mut self.labels.looks;
                    match looks.iter_mut().find(|(known, _)| *known == choice) {
                        Some((_, runs)) if runs.contains(&self.run) => {}
                        Some((_, runs)) => runs.push(self.run),
                        None => looks.push((choice, vec![self.run])),
                    }
                }
                self.labels.report = Some(Rc::new(ClosedReport { best_epoch, report, buffers: Rc::new(buffers) }));
                Part::Report.into()
            }
        }
    }

    /// A question about the table failed; false when it was none of these.
    pub(super) fn label_question_failed(&mut self, request: u32, fault: &Fault) -> Option<Parts> {
        let labels = &mut self.labels;
        if labels.aside_failed(request, fault) {
            return Some(Part::Asides.into());
        }
        if labels.facts.fail(request, fault) {
            return Some(Part::Table.into());
        }
        if labels.rows.fail(request, fault) {
            return Some(Part::Rows.into());
        }
        labels.prediction.fail(request, fault).then(|| Part::Prediction.into())
    }

    /// A text takes the table's place.
    pub(super) fn leave_table(&mut self) {
        self.labels = LabelState::default();
    }

    /// The table of a saved run is on its way; where it is open here, it stays on the screen until then.
    pub(super) fn take_up_table(&mut self, is_open: bool) {
        if !is_open {
            self.leave_table();
        }
        self.labels.active = true;
    }

    fn table_ready(&mut self, request: u32, table: TableFacts) -> Parts {
        if self.is_resumed_by(request) && self.labels.active {
            self.labels.table = Some(Rc::new(table));
            return Parts::of(&[Part::Text, Part::Table]);
        }
        if self.pending_text != Some(request) {
            return Parts::NONE;
        }
        // What was being prepared of the text before gives way, unanswered.
        (self.pending_text, self.pending_plan) = (None, None);
        self.text_title = std::mem::take(&mut self.pending_title);
        (self.text, self.plan) = (None, None);
        self.answers.forget_all();
        self.labels = LabelState { active: true, table: Some(Rc::new(table)), ..LabelState::default() };
        let of_table = Parts::of(&[Part::Table, Part::Epochs, Part::Report, Part::Rows, Part::Prediction, Part::Asides]);
        of_table.and(Parts::of(&[Part::Text, Part::Plan, Part::Answers]))
    }
}

fn changed(changed: bool, part: Part) -> Parts {
    if changed { part.into() } else { Parts::NONE }
}
