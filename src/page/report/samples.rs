//! Small reports for the tests of this room, one for each kind of task: figures worked out by hand from the rows in their buffers.

use crate::page::state::{ClosedReport, StoredReport};
use crate::protocol::labels::{
    BaselineKind, BaselineReport, CalibrationBin, ClassFigures, FigureInterval, LabelReport, Quality, ScoreFigures, ScoreLine,
    SeveralFigures, SpanFigures, TaskFigures, TextFigures,
};
use crate::protocol::{Sealed, SplitPart};
use std::rc::Rc;

/// As it comes from the engine.
pub fn closed(stored: &StoredReport) -> ClosedReport {
    ClosedReport { best_epoch: stored.report.best_epoch, report: Sealed::of(&stored.report), buffers: stored.buffers.clone() }
}

/// Whole numbers as a buffer.
pub fn whole(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Real numbers as a buffer.
pub fn real(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A figure with its interval.
pub fn interval(estimate: f64, low: f64, high: f64) -> FigureInterval {
    FigureInterval { estimate, low, high }
}

fn line(name: &str, precision: f64, recall: f64, f1: f64, support: u64) -> ScoreLine {
    ScoreLine { name: name.to_owned(), precision, recall, f1, support }
}

fn report(figures: TaskFigures, rows: u64) -> LabelReport {
    LabelReport {
        part: SplitPart::Test,
        rows,
        part_rows: rows,
        loss: 0.75,
        figures,
        baselines: Vec::new(),
        epochs: 4,
        best_epoch: 3,
        stopped_early: false,
    }
}

fn quality(f1: f64) -> Quality {
    Quality {
        classes: vec![line("good", 2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 3), line("bad", 2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 3)],
        macro_average: line("macro avg", 2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 6),
        weighted_average: line("weighted avg", 2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 6),
        accuracy: interval(f1, 0.3, 1.0),
        macro_f1: interval(f1, 0.25, 1.0),
        text: "              precision    recall  f1-score   support\n".to_owned(),
        confusion: vec![vec![2, 1], vec![1, 2]],
    }
}

/// One of four bins, with its mean probability and its share right.
fn bin(low: f64, rows: u64, pair: Option<(f64, f64)>) -> CalibrationBin {
    CalibrationBin { low, high: low + 0.25, rows, confidence: pair.map(|pair| pair.0), accuracy: pair.map(|pair| pair.1) }
}

/// One class a row: rows 3, 5, 7, 9, 11, 13, the second and the fifth wrong.
pub fn classes() -> StoredReport {
    let names = vec!["good".to_owned(), "bad".to_owned()];
    let figures = |f1: f64, calibration: Vec<CalibrationBin>| {
        TaskFigures::Classes(ClassFigures {
            classes: names.clone(),
            quality: quality(f1),
            expected_calibration_error: (!calibration.is_empty()).then_some(0.2),
            calibration,
        })
    };
    let calibration = vec![bin(0.0, 0, None), bin(0.25, 0, None), bin(0.5, 4, Some((0.7, 0.5))), bin(0.75, 2, Some((0.8, 1.0)))];
    let mut report = report(figures(2.0 / 3.0, calibration), 6);
    let baseline = |kind, f1, difference| BaselineReport { kind, figures: figures(f1, Vec::new()), model_minus_baseline: Some(difference) };
    report.baselines = vec![
        baseline(BaselineKind::MajorityClass, 0.33, interval(0.34, 0.1, 0.6)),
        baseline(BaselineKind::TfidfLogistic, 0.6, interval(0.07, -0.2, 0.3)),
    ];
    StoredReport {
        report,
        buffers: Rc::new(vec![
            whole(&[3, 5, 7, 9, 11, 13]),
            whole(&[0, 0, 1, 1, 1, 0]),
            whole(&[0, 1, 1, 1, 0, 0]),
            real(&[0.9, 0.75, 0.7, 0.6, 0.75, 0.7]),
            real(&[0.1, 1.4, 0.36, 0.5, 1.3, 0.35]),
        ]),
    }
}

/// The same report with the answers of its next baseline, which `added` adds where the report has none.
pub fn against(mut stored: StoredReport, added: Option<BaselineKind>, answers: Vec<u8>) -> StoredReport {
    let figures = stored.report.figures.clone();
    stored.report.baselines.extend(added.map(|kind| BaselineReport { kind, figures, model_minus_baseline: None }));
    Rc::make_mut(&mut stored.buffers).push(answers);
    stored
}

/// Several of three classes for each of two rows.
pub fn several() -> StoredReport {
    let average = |name| line(name, 0.5, 0.5, 0.5, 3);
    let figures = TaskFigures::Several(SeveralFigures {
        classes: ["a", "b", "c"].map(str::to_owned).to_vec(),
        lines: ["a", "b", "c"].map(|name| line(name, 0.5, 0.5, 0.5, 1)).to_vec(),
        micro_average: average("micro avg"),
        macro_average: average("macro avg"),
        weighted_average: average("weighted avg"),
        samples_average: average("samples avg"),
        micro_f1: interval(0.5, 0.2, 0.8),
        macro_f1: interval(0.5, 0.2, 0.8),
        subset_accuracy: interval(0.5, 0.0, 1.0),
        hamming_loss: interval(1.0 / 3.0, 0.0, 0.6),
        text: "several\n".to_owned(),
        confusion: vec![[[1, 0], [0, 1]], [[0, 0], [1, 1]], [[1, 1], [0, 0]]],
        calibration: vec![
            bin(0.0, 2, Some((0.15, 0.0))),
            bin(0.25, 1, Some((0.3, 1.0))),
            bin(0.5, 1, Some((0.7, 0.0))),
            bin(0.75, 2, Some((0.85, 1.0))),
        ],
        expected_calibration_error: Some(0.3),
    });
    StoredReport {
        report: report(figures, 2),
        buffers: Rc::new(vec![
            whole(&[1, 2]),
            vec![1, 1, 0, 0, 1, 0],
            vec![1, 1, 0, 0, 0, 1],
            real(&[0.9, 0.8, 0.1, 0.2, 0.3, 0.7]),
            real(&[0.2, 1.1]),
        ]),
    }
}

/// Numbers of three rows.
pub fn score() -> StoredReport {
    let figures = TaskFigures::Score(ScoreFigures {
        mean: 2.0,
        deviation: 1.0,
        pearson: Some(interval(0.9, 0.7, 1.0)),
        spearman: None,
        mean_squared_error: interval(0.25, 0.1, 0.5),
        mean_absolute_error: interval(0.5, 0.2, 0.8),
        r_squared: Some(interval(0.6, 0.1, 0.9)),
    });
    StoredReport {
        report: report(figures, 3),
        buffers: Rc::new(vec![whole(&[0, 1, 4]), real(&[1.0, 2.0, 3.0]), real(&[1.5, 2.0, 2.0]), Vec::new(), real(&[0.25, 0.0, 1.0])]),
    }
}

/// Tags of two rows of two and three words.
pub fn spans() -> StoredReport {
    let all = line("micro avg", 0.5, 0.5, 0.5, 2);
    let figures = TaskFigures::Spans(SpanFigures {
        marks_spans: true,
        tags: ["O", "B-PER", "I-PER", "B-LOC"].map(str::to_owned).to_vec(),
        types: vec![line("LOC", 0.0, 0.0, 0.0, 1), line("PER", 1.0, 1.0, 1.0, 1)],
        micro_average: all.clone(),
        macro_average: all.clone(),
        weighted_average: all,
        precision: interval(0.5, 0.0, 1.0),
        recall: interval(0.5, 0.0, 1.0),
        f1: interval(0.5, 0.0, 1.0),
        tag_accuracy: interval(0.8, 0.4, 1.0),
        text: "spans\n".to_owned(),
    });
    StoredReport {
        report: report(figures, 2),
        buffers: Rc::new(vec![
            whole(&[10, 11]),
            whole(&[3, 0, 0, 1, 2]),
            whole(&[0, 0, 0, 1, 2]),
            real(&[0.6, 0.9, 0.9, 0.8, 0.7]),
            real(&[0.9, 0.1]),
            whole(&[2, 3]),
        ]),
    }
}

/// Parts of speech of the same rows and words: `NOUN VERB`, `DET ADJ NOUN`, the first word wrong.
pub fn tags() -> StoredReport {
    let all = line("micro avg", 0.8, 0.8, 0.8, 5);
    let figures = TaskFigures::Spans(SpanFigures {
        marks_spans: false,
        tags: ["ADJ", "DET", "NOUN", "VERB"].map(str::to_owned).to_vec(),
        types: vec![
            line("ADJ", 1.0, 1.0, 1.0, 1),
            line("DET", 1.0, 1.0, 1.0, 1),
            line("NOUN", 1.0, 0.5, 2.0 / 3.0, 2),
            line("VERB", 0.5, 1.0, 2.0 / 3.0, 1),
        ],
        micro_average: all.clone(),
        macro_average: line("macro avg", 0.875, 0.875, 5.0 / 6.0, 5),
        weighted_average: line("weighted avg", 0.9, 0.8, 0.8, 5),
        precision: interval(0.8, 0.4, 1.0),
        recall: interval(0.8, 0.4, 1.0),
        f1: interval(0.8, 0.4, 1.0),
        tag_accuracy: interval(0.8, 0.4, 1.0),
        text: "tags\n".to_owned(),
    });
    StoredReport {
        report: report(figures, 2),
        buffers: Rc::new(vec![
            whole(&[10, 11]),
            whole(&[2, 3, 1, 0, 2]),
            whole(&[3, 3, 1, 0, 2]),
            real(&[0.6, 0.9, 0.9, 0.8, 0.7]),
            real(&[0.9, 0.1]),
            whole(&[2, 3]),
        ]),
    }
}

/// Two written texts.
pub fn texts() -> StoredReport {
    let figures = TaskFigures::Texts(TextFigures {
        chinese: false,
        chrf: interval(71.5, 40.0, 100.0),
        rouge_l: interval(0.75, 0.5, 1.0),
        exact_match: interval(0.5, 0.0, 1.0),
        token_f1: interval(0.5, 0.0, 1.0),
    });
    StoredReport {
        report: report(figures, 2),
        buffers: Rc::new(vec![
            whole(&[5, 6]),
            "le chatl'été".as_bytes().to_vec(),
            "le chatété".as_bytes().to_vec(),
            whole(&[7, 7]),
            real(&[0.3, 2.0]),
            whole(&[7, 5]),
            real(&[100.0, 40.0]),
            real(&[1.0, 0.5]),
            real(&[1.0, 0.0]),
            real(&[1.0, 0.0]),
        ]),
    }
}
