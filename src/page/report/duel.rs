//! Did the Transformer earn its keep? Its lead over each baseline, and whether that is beyond chance.
//!
//! In: a report. Out: a [`Duel`] for each baseline, and places for drawing intervals beside each other. A lead above 0 is the Transformer's, also of
//! figures where the smaller is better. Absent: words.

use crate::page::chart::scale::Scale;
use crate::protocol::labels::{BaselineKind, FigureInterval, FigureName, LabelReport, TaskFigures};

/// Rows below which an interval says nothing: drawn again and again from a handful, each sample is much the same.
pub const FEWEST_ROWS: u64 = 10;

/// What the interval of the lead says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The Transformer is ahead, beyond chance.
    Ahead,
    /// The baseline is, beyond chance.
    Behind,
    /// The interval holds 0.
    Even,
    /// There is no interval, or there are fewer than [`FEWEST_ROWS`].
    Unknown,
}

/// The Transformer against one baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duel {
    pub kind: BaselineKind,
    pub verdict: Verdict,
    /// The Transformer's headline figure above the baseline's; of errors below.
    pub lead: Option<FigureInterval>,
}

/// One duel for each baseline, in the report's order.
pub fn duels(report: &LabelReport) -> Vec<Duel> {
    let (name, _) = report.figures.headline();
    let duel = |kind, difference: Option<FigureInterval>| {
        let lead = difference.map(|difference| if name.larger_is_better() { difference } else { turned(difference) });
        let verdict = match lead {
            None => Verdict::Unknown,
            Some(_) if report.rows < FEWEST_ROWS => Verdict::Unknown,
            Some(lead) if lead.low > 0.0 => Verdict::Ahead,
            Some(lead) if lead.high < 0.0 => Verdict::Behind,
            Some(_) => Verdict::Even,
        };
        Duel { kind, verdict, lead }
    };
    report.baselines.iter().map(|baseline| duel(baseline.kind, baseline.model_minus_baseline)).collect()
}

fn turned(figure: FigureInterval) -> FigureInterval {
    FigureInterval { estimate: -figure.estimate, low: -figure.high, high: -figure.low }
}

/// The figures of a report with their intervals, the headline first.
pub fn headlines(figures: &TaskFigures) -> Vec<(FigureName, FigureInterval)> {
    match figures {
        TaskFigures::Classes(figures) => {
            vec![(FigureName::MacroF1, figures.quality.macro_f1), (FigureName::Accuracy, figures.quality.accuracy)]
        }
        TaskFigures::Several(figures) => vec![
            (FigureName::MacroF1, figures.macro_f1),
            (FigureName::MicroF1, figures.micro_f1),
            (FigureName::SubsetAccuracy, figures.subset_accuracy),
            (FigureName::HammingLoss, figures.hamming_loss),
        ],
        TaskFigures::Score(figures) => {
            let always =
                [(FigureName::MeanSquaredError, figures.mean_squared_error), (FigureName::MeanAbsoluteError, figures.mean_absolute_error)];
            let sometimes = [
                (FigureName::Pearson, figures.pearson),
                (FigureName::Spearman, figures.spearman),
                (FigureName::RSquared, figures.r_squared),
            ];
            always.into_iter().chain(sometimes.into_iter().filter_map(|(name, figure)| Some((name, figure?)))).collect()
        }
        // Of tags without spans precision, recall and F1 are the share of right words.
        TaskFigures::Spans(figures) if !figures.marks_spans => vec![(FigureName::TagAccuracy, figures.tag_accuracy)],
        TaskFigures::Spans(figures) => vec![(FigureName::SpanF1, figures.f1), (FigureName::TagAccuracy, figures.tag_accuracy)],
        TaskFigures::Texts(figures) => vec![
            (FigureName::Chrf, figures.chrf),
            (FigureName::RougeL, figures.rouge_l),
            (FigureName::ExactMatch, figures.exact_match),
            (FigureName::TokenF1, figures.token_f1),
        ],
    }
}

/// Where intervals lie on one scale of 0 to 100 (a width in per cent): low, estimate and high of each.
pub fn places(figures: &[FigureInterval], name: FigureName) -> Vec<(f64, f64, f64)> {
    let shares =
        matches!(name, FigureName::MacroF1 | FigureName::Accuracy | FigureName::MicroF1 | FigureName::SpanF1 | FigureName::TagAccuracy);
    let ends = figures.iter().flat_map(|figure| [figure.low, figure.high, figure.estimate]).filter(|value| value.is_finite());
    let high = if shares { 1.0 } else { ends.fold(f64::MIN_POSITIVE, f64::max) };
    let scale = Scale::exact(0.0, high, (0.0, 100.0), 4);
    let place = |value: f64| if value.is_finite() { scale.place(value).clamp(0.0, 100.0) } else { 0.0 };
    figures.iter().map(|figure| (place(figure.low), place(figure.estimate), place(figure.high))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{classes, interval, score, spans, tags};
    use super::*;
    use crate::page::state::StoredReport;
    use crate::protocol::labels::BaselineReport;

    #[test]
    fn an_interval_above_zero_is_beyond_chance_and_one_around_it_is_not() {
        let report = LabelReport { rows: FEWEST_ROWS, ..classes().report };
        let verdicts: Vec<_> = duels(&report).iter().map(|duel| (duel.kind, duel.verdict)).collect();
        assert_eq!(verdicts, [(BaselineKind::MajorityClass, Verdict::Ahead), (BaselineKind::TfidfLogistic, Verdict::Even)]);
    }

    #[test]
    fn of_few_rows_nothing_is_beyond_chance() {
        let report = LabelReport { rows: FEWEST_ROWS - 1, ..classes().report };
        assert!(duels(&report).iter().all(|duel| duel.verdict == Verdict::Unknown && duel.lead.is_some()));
    }

    #[test]
    fn of_errors_the_smaller_is_ahead() {
        let mut report = LabelReport { rows: 40, ..score().report };
        let figures = report.figures.clone();
        report.baselines =
            vec![BaselineReport { kind: BaselineKind::Mean, figures, model_minus_baseline: Some(interval(-0.5, -0.9, -0.1)) }];
        let duel = duels(&report)[0];
        assert_eq!((duel.verdict, duel.lead), (Verdict::Ahead, Some(interval(0.5, 0.1, 0.9))));
        report.baselines[0].model_minus_baseline = Some(interval(0.5, 0.1, 0.9));
        assert_eq!(duels(&report)[0].verdict, Verdict::Behind);
        report.baselines[0].model_minus_baseline = None;
        assert_eq!(duels(&report)[0].verdict, Verdict::Unknown);
    }

    #[test]
    fn the_headline_comes_first_and_what_has_no_value_is_left_out() {
        for stored in [classes(), score(), spans(), tags()] {
            assert_eq!(headlines(&stored.report.figures)[0], stored.report.figures.headline());
        }
        let names = |stored: StoredReport| headlines(&stored.report.figures).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert!(!names(score()).contains(&FigureName::Spearman));
        assert_eq!(names(spans()), [FigureName::SpanF1, FigureName::TagAccuracy]);
        assert_eq!(names(tags()), [FigureName::TagAccuracy], "parts of speech are no spans");
    }

    #[test]
    fn shares_lie_on_the_whole_scale_and_errors_on_their_own() {
        let figure = interval(0.5, 0.25, 0.75);
        assert_eq!(places(&[figure], FigureName::MacroF1), [(25.0, 50.0, 75.0)]);
        assert_eq!(places(&[figure, interval(2.0, 1.0, 3.0)], FigureName::MeanSquaredError)[1].2, 100.0);
        assert_eq!(places(&[interval(f64::NAN, 0.0, 1.0)], FigureName::MacroF1)[0].1, 0.0);
    }
}
