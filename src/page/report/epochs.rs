//! Where a run over epochs stands: which epoch is the best, how many more without gain end it, and the curves of its figures.
//!
//! In: the epochs so far, the plan, the report once there is one. Out: a [`Standing`] for a sentence; points of curves; all of it as a [`table`]. Absent:
//! words, drawing.

pub mod table;

use crate::page::chart::series::Point;
use crate::page::state::LabelState;
use crate::protocol::labels::{EpochReport, FigureName};

/// Where the run stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Standing {
    /// No epoch yet.
    Nothing,
    /// Nothing is kept for validation, so no epoch is judged.
    Unchecked { done: u32, planned: u32 },
    /// Only the model before its first step is judged.
    Before { name: FigureName, value: f64 },
    /// The best epoch so far (0: before training), the latest, and how many more without gain end the run (`None`: as many as are planned).
    Under { best: u32, value: f64, done: u32, planned: u32, left: Option<u32>, name: FigureName },
    /// The run has ended with the best epoch's model.
    Ended { best: u32, value: f64, done: u32, early: bool, name: FigureName },
}

/// Reads the state.
pub fn standing(labels: &LabelState) -> Standing {
    let Some(last) = labels.epochs.last() else { return Standing::Nothing };
    let config = labels.plan.as_ref().map(|plan| &plan.config);
    let planned = config.map_or(last.epoch, |config| config.epochs).max(last.epoch);
    let name = config.map_or(FigureName::Loss, |config| config.metric);
    // Where the figure has no value yet, the loss has decided.
    let judged = |epoch: &EpochReport| {
        let scores = epoch.validation.as_ref()?;
        Some(scores.figure(name).map_or((FigureName::Loss, scores.loss), |value| (name, value)))
    };
    let best = labels.epochs.iter().rev().find(|epoch| epoch.best).and_then(|epoch| Some((epoch.epoch, judged(epoch)?)));
    let Some((best, (name, value))) = best else {
        return match judged(last).filter(|_| last.epoch == 0) {
            Some((name, value)) => Standing::Before { name, value },
            None => Standing::Unchecked { done: last.epoch, planned },
        };
    };
    if let Some(report) = labels.report.as_ref().and_then(|closed| closed.report.open().ok()) {
        // The report names the epoch whose model it judged; the curve has its figure.
        let judged = labels.epochs.iter().find(|epoch| epoch.epoch == report.best_epoch).and_then(judged);
        let (name, value) = judged.unwrap_or((name, value));
        return Standing::Ended { best: report.best_epoch, value, done: report.epochs, early: report.stopped_early, name };
    }
    if last.epoch == 0 {
        return Standing::Before { name, value };
    }
    let left =
        config.map(|config| config.patience).filter(|&patience| patience > 0).map(|patience| patience.saturating_sub(last.epoch - best));
    // What is left of the plan may end the run sooner.
    let left = left.filter(|&left| left < planned - last.epoch);
    Standing::Under { best, value, done: last.epoch, planned, left, name }
}

/// The value of a figure above its curves, on validation rows where there are any: the latest, and once the run has ended that of the model which is kept.
pub fn headline(labels: &LabelState, name: FigureName) -> Option<f64> {
    let (training, validation) = curves(&labels.epochs, name);
    let points = if validation.is_empty() { training } else { validation };
    let kept = match standing(labels) {
        Standing::Ended { best, .. } => points.iter().find(|point| point.0 == f64::from(best)),
        _ => None,
    };
    kept.or(points.last()).map(|point| point.1)
}

/// The figures that have curves, in the order of the task.
pub fn names(epochs: &[EpochReport]) -> Vec<FigureName> {
    let mut names = Vec::new();
    let parts = epochs.iter().flat_map(|epoch| [Some(&epoch.training), epoch.validation.as_ref()]).flatten();
    for figure in parts.flat_map(|part| &part.figures) {
        if !names.contains(&figure.name) {
            names.push(figure.name);
        }
    }
    names
}

/// Training and validation values of a figure by epoch.
pub fn curves(epochs: &[EpochReport], name: FigureName) -> (Vec<Point>, Vec<Point>) {
    let at = |epoch: &EpochReport, value: Option<f64>| Some((f64::from(epoch.epoch), value?));
    let training = epochs.iter().filter_map(|epoch| at(epoch, epoch.training.figure(name))).collect();
    let validation = epochs.iter().filter_map(|epoch| at(epoch, epoch.validation.as_ref()?.figure(name))).collect();
    (training, validation)
}

#[cfg(test)]
pub mod tests {
    use super::super::samples::{classes, closed};
    use super::*;
    use crate::protocol::labels::{Figure, PartScores};
    use std::rc::Rc;

    /// An epoch with this macro F1 on the validation part.
    pub fn epoch(epoch: u32, macro_f1: f64, best: bool) -> EpochReport {
        let scores = |value| PartScores { rows: 20, loss: 1.0 - value, figures: vec![Figure { name: FigureName::MacroF1, value }] };
        EpochReport { epoch, step: epoch * 10, training: scores(macro_f1 + 0.1), validation: Some(scores(macro_f1)), best }
    }

    #[test]
    fn nothing_is_said_before_the_first_reading() {
        assert_eq!(standing(&LabelState::default()), Standing::Nothing);
    }

    #[test]
    fn without_a_plan_the_loss_decides() {
        let labels = LabelState { epochs: vec![epoch(0, 0.25, true)], ..LabelState::default() };
        assert_eq!(standing(&labels), Standing::Before { name: FigureName::Loss, value: 0.75 });
    }

    #[test]
    fn before_the_first_step_no_epoch_is_the_best_although_rows_are_kept() {
        let labels = LabelState { epochs: vec![epoch(0, 0.25, false)], ..LabelState::default() };
        assert_eq!(standing(&labels), Standing::Before { name: FigureName::Loss, value: 0.75 });
    }

    #[test]
    fn the_last_epoch_that_was_best_is_the_best() {
        let epochs = vec![epoch(0, 0.2, false), epoch(1, 0.5, true), epoch(2, 0.4, false)];
        let labels = LabelState { epochs, ..LabelState::default() };
        assert!(matches!(standing(&labels), Standing::Under { best: 1, done: 2, planned: 2, left: None, .. }));
    }

    #[test]
    fn at_the_end_the_report_says_whose_model_it_is() {
        let epochs = vec![epoch(0, 0.2, true), epoch(3, 0.75, true), epoch(4, 0.4, false)];
        let labels = LabelState { epochs, report: Some(Rc::new(closed(&classes()))), ..LabelState::default() };
        assert_eq!(standing(&labels), Standing::Ended { best: 3, value: 0.25, done: 4, early: false, name: FigureName::Loss });
    }

    #[test]
    fn the_headline_is_the_latest_value_and_then_the_kept_one() {
        let epochs = vec![epoch(0, 0.2, true), epoch(3, 0.75, true), epoch(4, 0.4, false)];
        let mut labels = LabelState { epochs, ..LabelState::default() };
        assert_eq!(headline(&labels, FigureName::MacroF1), Some(0.4));
        labels.report = Some(Rc::new(closed(&classes())));
        assert_eq!(headline(&labels, FigureName::MacroF1), Some(0.75));
        assert_eq!(headline(&labels, FigureName::Chrf), None);
    }

    #[test]
    fn without_validation_rows_no_epoch_is_judged() {
        let mut bare = epoch(2, 0.5, false);
        bare.validation = None;
        let labels = LabelState { epochs: vec![bare.clone()], ..LabelState::default() };
        assert_eq!(standing(&labels), Standing::Unchecked { done: 2, planned: 2 });
        assert_eq!(curves(&[bare], FigureName::MacroF1), (vec![(2.0, 0.6)], vec![]));
    }

    #[test]
    fn every_figure_has_its_curves() {
        let epochs = [epoch(0, 0.25, true), epoch(1, 0.5, true)];
        assert_eq!(names(&epochs), [FigureName::MacroF1]);
        assert_eq!(curves(&epochs, FigureName::MacroF1).1, [(0.0, 0.25), (1.0, 0.5)]);
        assert!(curves(&epochs, FigureName::Chrf).0.is_empty());
    }
}
