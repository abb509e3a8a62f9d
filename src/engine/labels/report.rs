//! The report at the end of a run: the model's figures on the test part, and beside them what it must beat, on the same rows.

use std::rc::Rc;

use super::super::breath::Breath;
use super::judge::{Judge, measured_part};
use super::prepare::LabelPrepared;
use crate::baseline::{Analyzer, BaselineError, LogisticFit, LogisticSetting, MajorityClass, TfidfBuilder, most_terms};
use crate::metrics::{Bootstrap, Calibration, ClassificationReport, Interval, MetricsError, Scores, confusion_matrix, present_labels};
use crate::protocol::labels::{BaselineKind, BaselineReport, CalibrationBin, FigureInterval, LabelReport, Quality, ScoreLine};
use crate::protocol::{Fault, FaultCode, NextAction, SplitPart};
use crate::train::{Classify, Target};

/// Texts counted or predicted between two breaths.
const TEXTS_AT_ONCE: usize = 256;
/// Decimals of the printed report, as scikit-learn's default.
const DIGITS: usize = 2;

/// A report and its buffers.
pub struct Closing {
    pub report: LabelReport,
    pub buffers: Vec<Vec<u8>>,
}

/// Each baseline's predictions for the measured part.
pub type BaselinePredictions = Vec<(BaselineKind, Vec<usize>)>;

/// How the run went, for its report.
pub struct Course {
    pub epochs: u32,
    pub best_epoch: u32,
    pub stopped_early: bool,
}

fn internal(error: &MetricsError) -> Fault {
    Fault::new(FaultCode::Internal, NextAction::Retry, error.to_string())
}

fn class_of(target: Target) -> usize {
    let Target::Class(class) = target;
    class as usize
}

fn line(name: &str, scores: Scores) -> ScoreLine {
    let Scores { precision, recall, f1, support } = scores;
    ScoreLine { name: name.to_owned(), precision, recall, f1, support }
}

fn interval(interval: Option<Interval>, estimate: f64) -> FigureInterval {
    interval.map_or(FigureInterval { estimate, low: estimate, high: estimate }, |interval| FigureInterval {
        estimate: interval.estimate,
        low: interval.low,
        high: interval.high,
    })
}

fn drawn(all: &[usize], rows: &[usize]) -> Vec<usize> {
    rows.iter().map(|&row| all[row]).collect()
}

/// Figures of predictions, with their intervals drawn by `seed`.
///
/// # Errors
/// No rows.
pub fn quality(truth: &[usize], predicted: &[usize], names: &[String], seed: u64) -> Result<Quality, MetricsError> {
    let labels = present_labels(truth, predicted);
    let report = ClassificationReport::of_classes(truth, predicted, names, &labels)?;
    let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
    let right: Vec<f64> = truth.iter().zip(predicted).map(|(is, said)| f64::from(u8::from(is == said))).collect();
    let macro_f1 = |rows: &[usize]| Some(Classify::macro_f1(&drawn(truth, rows), &drawn(predicted, rows), names.len(), &labels));
    Ok(Quality {
        classes: report.classes.iter().map(|class| line(&class.name, class.scores)).collect(),
        macro_average: line("macro avg", report.macro_average),
        weighted_average: line("weighted avg", report.weighted),
        accuracy: interval(bootstrap.mean(&right), report.accuracy),
        macro_f1: interval(bootstrap.interval(truth.len(), macro_f1), report.macro_average.f1),
        text: report.text(DIGITS),
        confusion: confusion_matrix(truth, predicted, names.len())?,
    })
}

/// Trains the baselines and has them predict the measured part. A regression that finds no words to learn from is left out.
async fn baselines(prepared: &LabelPrepared, numbers: &[usize], breath: &Breath) -> BaselinePredictions {
    let training = prepared.part(SplitPart::Training);
    let labels: Vec<usize> = training.iter().map(|&number| class_of(prepared.target(number))).collect();
    let mut list = Vec::new();
    if let Ok(majority) = MajorityClass::fit(&labels, prepared.plan.classes.len()) {
        list.push((BaselineKind::MajorityClass, vec![majority.class; numbers.len()]));
    }
    if let Ok(predicted) = tfidf(prepared, &training, &labels, numbers, breath).await {
        list.push((BaselineKind::TfidfLogistic, predicted));
    }
    list
}

async fn tfidf(
    prepared: &LabelPrepared,
    training: &[usize],
    labels: &[usize],
    numbers: &[usize],
    breath: &Breath,
) -> Result<Vec<usize>, BaselineError> {
    let classes = prepared.plan.classes.len();
    let text = |number: usize| prepared.chosen.examples.text(&prepared.table.table, number);
    let mut builder = TfidfBuilder::new(Analyzer::suiting(training.iter().map(|&number| text(number))));
    for chunk in training.chunks(TEXTS_AT_ONCE) {
        breath.take().await;
        chunk.iter().for_each(|&number| builder.add(text(number)));
    }
    let (tfidf, rows) = builder.finish(most_terms(classes))?;
    let mut fit = LogisticFit::new(&rows, labels, classes, tfidf.features(), LogisticSetting::default())?;
    while fit.step() {
        breath.take().await;
    }
    let model = fit.into_model();
    let mut predicted = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(TEXTS_AT_ONCE) {
        breath.take().await;
        predicted.extend(chunk.iter().map(|&number| model.predict(&tfidf.row(text(number)))));
    }
    Ok(predicted)
}

fn words(values: impl Iterator<Item = u32>) -> Vec<u8> {
    values.flat_map(u32::to_le_bytes).collect()
}

fn floats(values: impl Iterator<Item = f32>) -> Vec<u8> {
    values.flat_map(f32::to_le_bytes).collect()
}

/// Measures the model on the test part; `None` when there is no row to measure it on.
///
/// # Errors
/// A device that fails.
pub async fn close(judge: Judge, course: Course) -> Result<Option<Closing>, Fault> {
    let prepared: &Rc<LabelPrepared> = &judge.prepared;
    let (part, numbers) = measured_part(prepared);
    if numbers.is_empty() {
        return Ok(None);
    }
    let (names, seed) = (&prepared.plan.classes, prepared.plan.config.seed);
    let outputs = judge.outputs(&numbers).await?;
    let rows: Vec<&[f32]> = outputs.chunks_exact(prepared.task.outputs()).collect();
    let targets: Vec<Target> = numbers.iter().map(|&number| prepared.target(number)).collect();
    let truth: Vec<usize> = targets.iter().map(|&target| class_of(target)).collect();
    let predicted: Vec<usize> = rows.iter().map(|row| Classify::predict(row)).collect();
    let probabilities: Vec<f32> =
        rows.iter().zip(&predicted).map(|(row, &class)| prepared.task.probabilities(row).get(class).copied().unwrap_or(0.0)).collect();
    let losses: Vec<f64> = rows.iter().zip(&targets).map(|(row, &target)| prepared.task.example_loss(row, target)).collect();
    judge.breath.take().await;

    let quality_of = |predicted: &[usize]| quality(&truth, predicted, names, seed).map_err(|error| internal(&error));
    let own = quality_of(&predicted)?;
    judge.breath.take().await;
    let right: Vec<bool> = truth.iter().zip(&predicted).map(|(is, said)| is == said).collect();
    let confidence: Vec<f64> = probabilities.iter().map(|&probability| f64::from(probability)).collect();
    let calibration = Calibration::new(&confidence, &right, Calibration::BINS).map_err(|error| internal(&error))?;

    let known = prepared.baselines.borrow().clone();
    let others = match known {
        Some(others) => others,
        None if prepared.plan.config.baselines => {
            let others = Rc::new(baselines(prepared, &numbers, &judge.breath).await);
            prepared.baselines.replace(Some(others.clone()));
            others
        }
        None => Rc::default(),
    };
    let mut reports = Vec::new();
    for (kind, theirs) in others.iter() {
        judge.breath.take().await;
        let f1 = |said: &[usize], rows: &[usize]| {
            // On the classes that either names: the two macro averages are over the same list.
            let labels = present_labels(&truth, &[&predicted[..], &theirs[..]].concat());
            Some(Classify::macro_f1(&drawn(&truth, rows), &drawn(said, rows), names.len(), &labels))
        };
        let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
        let difference = bootstrap.difference(truth.len(), |rows| f1(&predicted, rows), |rows| f1(theirs, rows));
        reports.push(BaselineReport {
            kind: *kind,
            quality: quality_of(theirs)?,
            model_minus_baseline: difference.map(|difference| interval(Some(difference.interval), 0.0)),
        });
    }

    let table_rows = &prepared.chosen.examples.rows;
    let mut buffers = vec![
        words(numbers.iter().map(|&number| table_rows[number])),
        words(truth.iter().map(|&class| class as u32)),
        words(predicted.iter().map(|&class| class as u32)),
        floats(probabilities.iter().copied()),
        floats(losses.iter().map(|&loss| loss as f32)),
    ];
    buffers.extend(others.iter().map(|(_, theirs)| words(theirs.iter().map(|&class| class as u32))));
    let bin = |bin: &crate::metrics::ReliabilityBin| CalibrationBin {
        low: bin.low,
        high: bin.high,
        rows: bin.rows,
        confidence: bin.confidence,
        accuracy: bin.accuracy,
    };
    let report = LabelReport {
        classes: names.clone(),
        part,
        rows: numbers.len() as u64,
        loss: losses.iter().sum::<f64>() / losses.len() as f64,
        quality: own,
        calibration: calibration.bins.iter().map(bin).collect(),
        expected_calibration_error: calibration.expected_error,
        baselines: reports,
        epochs: course.epochs,
        best_epoch: course.best_epoch,
        stopped_early: course.stopped_early,
    };
    Ok(Some(Closing { report, buffers }))
}
