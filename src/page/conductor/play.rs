//! What the big button does next.

use super::Conductor;
use crate::page::state::{RunState, Stage};
use crate::protocol::{Fault, FaultCode, NextAction};
use leptos::prelude::*;

/// The next press of the big button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayAction {
    /// Start the prepared run, or wait for the plan and then start.
    Start,
    /// It already waits; a press ends the waiting.
    StopWaiting,
    Pause,
    Resume,
    /// The run has ended; a press asks to start over.
    Again,
}

/// What the big button does in this state. A recorded run counts as no run.
pub fn next_play(state: &RunState) -> PlayAction {
    match state.stage {
        Stage::Idle if state.play_waits => PlayAction::StopWaiting,
        Stage::Idle => PlayAction::Start,
        Stage::Starting | Stage::Running => PlayAction::Pause,
        Stage::Paused => PlayAction::Resume,
        Stage::Finished(_) => PlayAction::Again,
    }
}

/// A prepared run stands ready.
pub fn can_start(state: &RunState) -> bool {
    state.engine_ready && state.has_plan() && state.pending_plan.is_none() && state.pending_text.is_none() && state.stage == Stage::Idle
}

impl Conductor {
    /// Asks for a plan where none is there and none is on its way: the one before was cancelled, or could not be made.
    pub(super) fn plan_if_none(&self) {
        if self.store.peek(|state| state.has_plan() || state.pending_plan.is_some() || state.pending_text.is_some()) {
            return;
        }
        match self.store.peek(|state| state.labels.active) {
            true if self.settings.labels.with_untracked(Option::is_some) => self.examined(),
            true => self.stop_waiting_in_vain(),
            false => self.prepare(),
        }
    }

    /// Where Play waits for a plan of a table and nothing is under way to one, it would wait for ever: says so.
    pub(super) fn stop_waiting_in_vain(&self) {
        let in_vain = self.store.peek(|state| {
            let under_way = state.pending_text.is_some() || state.pending_plan.is_some() || state.labels.facts.waits;
            state.play_waits && state.engine_ready && state.labels.active && !under_way
        });
        if in_vain && !self.may_start() {
            self.wait_to_play(false);
            self.store.note_fault(Fault::new(FaultCode::NothingToLearn, NextAction::ChooseText, String::new()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Event, RunConfig, RunPhase, StopReason};

    #[test]
    fn the_button_follows_the_run() {
        let mut state = RunState::default();
        assert_eq!(next_play(&state), PlayAction::Start);
        state.begin_recording("Tales".into(), RunConfig::default());
        assert_eq!(next_play(&state), PlayAction::Start);
        state.play_waits = true;
        assert_eq!(next_play(&state), PlayAction::StopWaiting);
        state.begin_run(1);
        assert_eq!(next_play(&state), PlayAction::Pause);
        for (phase, action) in [
            (RunPhase::Paused, PlayAction::Resume),
            (RunPhase::Running, PlayAction::Pause),
            (RunPhase::Finished { reason: StopReason::AllSteps }, PlayAction::Again),
        ] {
            state.apply(Event::Phase { run: 1, phase }, vec![]);
            assert_eq!(next_play(&state), action);
        }
    }
}
