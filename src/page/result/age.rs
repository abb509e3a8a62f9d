//! Whether what a model said is of the model as it is now, or of that of an earlier step.
//!
//! In: what the page knows of the run, a step that came with an answer. Out: the step whose model answered, and whether that is past: with
//! the next step that the run takes, or when it ends and goes back to its best epoch. Absent: words.

use crate::page::state::{Part, RunState, Store};
use leptos::prelude::*;

/// The parts of the state that tell how far a run is.
const FOLLOWED: [Part; 4] = [Part::Step, Part::Epochs, Part::Report, Part::Phase];

/// The step of the model that gives an answer now that names `step`: after a run that is the best epoch's.
pub fn made_with(state: &RunState, step: u32) -> u32 {
    state.labels.step_of_model(step)
}

/// The model has changed since it was that of step `made`.
fn is_past(state: &RunState, made: u32) -> bool {
    let told = state.labels.epochs.last().map_or(0, |epoch| epoch.step).max(state.steps_done());
    let now = state.labels.step_of_model(told);
    // Of a run that has not ended the page may hear of a step after the answer that names it. One that has ended may have gone back to an earlier epoch's.
    if now == told { made < now } else { made != now }
}

/// The step `made` once that model is past, followed.
pub fn past(store: Store, made: RwSignal<u32>) -> Memo<Option<u32>> {
    Memo::new(move |_| {
        FOLLOWED.into_iter().for_each(|part| store.follow(part));
        let made = made.get();
        store.peek(|state| is_past(state, made)).then_some(made)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::state::ClosedReport;
    use crate::protocol::labels::{EpochReport, FigureInterval, LabelReport, PartScores, TaskFigures, TextFigures};
    use crate::protocol::{Sealed, SplitPart};
    use std::rc::Rc;

    fn state(epochs: &[u32]) -> RunState {
        let mut state = RunState::default();
        let training = PartScores { rows: 1, loss: 1.0, figures: Vec::new() };
        let epoch = |(epoch, &step)| EpochReport { epoch, step, training: training.clone(), validation: None, best: false };
        state.labels.epochs = (0..).zip(epochs).map(epoch).collect();
        state
    }

    #[test]
    fn answers_are_past_when_a_later_step_is_known() {
        let running = state(&[0, 20, 40]);
        assert_eq!([20, 40, 45].map(|made| is_past(&running, made)), [true, false, false]);
        assert_eq!(made_with(&running, 45), 45);
        assert!(!is_past(&RunState::default(), 0));
    }

    #[test]
    fn after_a_run_only_the_best_epochs_model_is_there() {
        let mut ended = state(&[0, 20, 40]);
        let none = FigureInterval { estimate: 0.0, low: 0.0, high: 0.0 };
        let report = LabelReport {
            part: SplitPart::Test,
            rows: 1,
            part_rows: 1,
            loss: 1.0,
            figures: TaskFigures::Texts(TextFigures { chinese: false, chrf: none, rouge_l: none, exact_match: none, token_f1: none }),
            baselines: Vec::new(),
            epochs: 2,
            best_epoch: 1,
            stopped_early: false,
        };
        let report = Sealed::of(&report);
        ended.labels.report = Some(Rc::new(ClosedReport { best_epoch: 1, report, buffers: Rc::new(Vec::new()) }));
        assert_eq!(made_with(&ended, 40), 20, "asked at the end");
        assert_eq!([0, 20, 40].map(|made| is_past(&ended, made)), [true, false, true]);
    }
}
