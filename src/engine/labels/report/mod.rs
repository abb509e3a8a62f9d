//! The report at the end of a run: the model's figures on the test part, and beside them what it must beat, on the same rows.
//!
//! In: answers and targets. Out: [`TaskFigures`] of any task ([`figures`]), and the whole report with its buffers ([`close`]). A kind of task has a file
//! of its own here; `baselines` trains what is compared with, `buffers` lays out rows.

mod baselines;
mod buffers;
mod classes;
mod score;
mod several;
pub mod spans;
pub mod written;

use std::rc::Rc;

use super::judge::{Judge, Sample};
use super::prepare::LabelPrepared;
use crate::metrics::{Bootstrap, Calibration, Interval, MetricsError, ReliabilityBin, Scores};
use crate::protocol::labels::{BaselineReport, CalibrationBin, FigureInterval, LabelReport, ScoreLine, TaskFigures, TextAnswer};
use crate::protocol::{Fault, FaultCode, NextAction};
use crate::train::Target;
use baselines::baselines;

pub use buffers::{floats, words};

pub use baselines::BaselineAnswers;

/// Decimals of the printed report, as scikit-learn's default.
const DIGITS: usize = 2;

/// A report and its buffers.
pub struct Closing {
    pub report: LabelReport,
    pub buffers: Vec<Vec<u8>>,
}

/// How the run went, for its report.
#[derive(Default)]
pub struct Course {
    pub epochs: u32,
    pub best_epoch: u32,
    pub stopped_early: bool,
}

/// Figures that could not be had.
pub fn internal(error: &MetricsError) -> Fault {
    Fault::new(FaultCode::Internal, NextAction::Retry, error.to_string())
}

fn line(name: &str, scores: Scores) -> ScoreLine {
    let Scores { precision, recall, f1, support } = scores;
    ScoreLine { name: name.to_owned(), precision, recall, f1, support }
}

/// The interval of a share of `rows` rows. Where all are right, or none is, every sample says the same, and the exact bound takes the place of the sampled one
/// (Clopper and Pearson 1934, "The use of confidence or fiducial limits illustrated in the case of the binomial"): twenty of twenty are 0.83 to 1.
fn share(found: Option<Interval>, estimate: f64, rows: usize) -> FigureInterval {
    let level = found.map_or(Bootstrap::default().level, |interval| interval.level);
    let sure = ((1.0 - level) / 2.0).powf(1.0 / rows.max(1) as f64);
    let FigureInterval { estimate, low, high } = interval(found, estimate);
    FigureInterval {
        estimate,
        low: if estimate >= 1.0 { low.min(sure) } else { low.clamp(0.0, 1.0) },
        high: if estimate <= 0.0 { high.max(1.0 - sure) } else { high.clamp(0.0, 1.0) },
    }
}

fn interval(interval: Option<Interval>, estimate: f64) -> FigureInterval {
    interval.map_or(FigureInterval { estimate, low: estimate, high: estimate }, |interval| FigureInterval {
        estimate: interval.estimate,
        low: interval.low,
        high: interval.high,
    })
}

/// The bins of a calibration as the page has them.
fn bins(calibration: &Calibration) -> Vec<CalibrationBin> {
    let bin = |&ReliabilityBin { low, high, rows, confidence, accuracy }: &ReliabilityBin| CalibrationBin {
        low,
        high,
        rows,
        confidence,
        accuracy,
    };
    calibration.bins.iter().map(bin).collect()
}

fn drawn<T: Copy>(all: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|&row| all[row]).collect()
}

/// Figures of answers to rows of one task, with their intervals drawn by the config's seed.
///
/// # Errors
/// No rows.
pub fn figures(prepared: &LabelPrepared, targets: &[Target], answers: &[TextAnswer]) -> Result<TaskFigures, MetricsError> {
    let (names, seed) = (&prepared.plan.classes, prepared.plan.config.seed);
    match targets.first() {
        Some(Target::Class(_)) => classes::figures(targets, answers, names, seed).map(TaskFigures::Classes),
        Some(Target::Set(_)) => several::figures(targets, answers, names, seed).map(TaskFigures::Several),
        Some(Target::Number(_)) => score::figures(targets, answers, prepared.scale, seed).map(TaskFigures::Score),
        None => Err(MetricsError::NoRows),
    }
}

/// The headline figure of the first answers minus that of the second, on the same drawn rows.
fn difference(prepared: &LabelPrepared, targets: &[Target], first: &[TextAnswer], second: &[TextAnswer]) -> Option<FigureInterval> {
    let names = &prepared.plan.classes;
    let averages_classes = matches!(targets.first()?, Target::Class(_) | Target::Set(_));
    let bootstrap = Bootstrap { seed: prepared.plan.config.seed, centred: averages_classes, ..Bootstrap::default() };
    let rows = targets.len();
    let difference = match targets.first()? {
        Target::Class(_) => {
            let [first, second] = classes::headlines(targets, first, second, names.len());
            bootstrap.difference(rows, first, second)
        }
        Target::Set(_) => {
            bootstrap.difference(rows, several::headline(targets, first, names.len()), several::headline(targets, second, names.len()))
        }
        Target::Number(_) => bootstrap.difference(rows, score::headline(targets, first), score::headline(targets, second)),
    };
    difference.map(|difference| interval(Some(difference.interval), 0.0))
}

/// The first figure minus the second, on the same drawn rows.
pub fn difference_of(
    seed: u64,
    rows: usize,
    first: impl Fn(&[usize]) -> Option<f64>,
    second: impl Fn(&[usize]) -> Option<f64>,
) -> Option<FigureInterval> {
    let difference = Bootstrap { seed, ..Bootstrap::default() }.difference(rows, first, second);
    difference.map(|difference| interval(Some(difference.interval), 0.0))
}

/// Measures the model on rows whose answers are known; `None` when there is none.
///
/// # Errors
/// A device that fails.
pub async fn close(judge: Judge, sample: Sample, course: Course) -> Result<Option<Closing>, Fault> {
    let prepared: &Rc<LabelPrepared> = &judge.prepared;
    if let Some(tokens) = &prepared.tokens {
        return tokens.close(&judge, sample, course).await;
    }
    let Sample { part, numbers, part_rows, baselines: with_baselines } = sample;
    if numbers.is_empty() {
        return Ok(None);
    }
    let outputs = judge.outputs(&numbers).await?;
    let targets: Vec<Target> = numbers.iter().map(|&number| prepared.target(number).clone()).collect();
    let answers: Vec<TextAnswer> = outputs.iter().map(|row| prepared.task.answer(row)).collect();
    let losses: Vec<f64> = outputs.iter().zip(&targets).map(|(row, target)| prepared.task.example_loss(row, target)).collect();
    judge.breath.take().await;
    let own = figures(prepared, &targets, &answers).map_err(|error| internal(&error))?;

    // Those of the end are the same each time: it is always made on the same rows.
    let known = prepared.baselines.borrow().clone();
    let others = match known {
        _ if !with_baselines => Rc::default(),
        Some(others) => others,
        None => {
            let others = Rc::new(baselines(prepared, &numbers, &judge.breath).await);
            prepared.baselines.replace(Some(others.clone()));
            others
        }
    };
    let mut reports = Vec::new();
    for (kind, theirs) in others.iter() {
        judge.breath.take().await;
        reports.push(BaselineReport {
            kind: *kind,
            figures: figures(prepared, &targets, theirs).map_err(|error| internal(&error))?,
            model_minus_baseline: difference(prepared, &targets, &answers, theirs),
        });
    }

    let (table_rows, classes) = (&prepared.chosen.examples.rows, prepared.plan.classes.len());
    let mut buffers = vec![
        words(numbers.iter().map(|&number| table_rows[number])),
        buffers::truth(&targets, classes),
        buffers::said(&answers, classes),
        buffers::probabilities(&answers),
        floats(losses.iter().map(|&loss| loss as f32)),
    ];
    buffers.extend(others.iter().map(|(_, theirs)| buffers::said(theirs, classes)));
    let report = LabelReport {
        part,
        rows: numbers.len() as u64,
        part_rows,
        loss: losses.iter().sum::<f64>() / losses.len() as f64,
        figures: own,
        baselines: reports,
        epochs: course.epochs,
        best_epoch: course.best_epoch,
        stopped_early: course.stopped_early,
    };
    Ok(Some(Closing { report, buffers }))
}
