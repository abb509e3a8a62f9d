//! When to give up on a worker: pure counting, no clock of its own.

use crate::page::state::{RunState, Stage};

/// Seconds without a word, while an answer is owed, after which the worker counts as dead. A large step on a slow processor, or kernels
/// compiled by a software adapter, may keep it busy for a minute or two.
const SILENCE_SECONDS: u32 = 240;
/// Restarts in a row before the visitor is asked.
const MAX_RESTARTS: u32 = 3;
/// Reports of training steps after which earlier restarts are forgiven: about ten seconds' worth.
const REPORTS_TO_FORGIVE: u32 = 100;

/// Counts silence and restarts.
#[derive(Debug, Default)]
pub struct Watch {
    silent_seconds: u32,
    restarts: u32,
    reports: u32,
}

impl Watch {
    /// A second went by. True: the worker owes an answer and has been silent for too long. Counting ticks, not time, lets a laptop sleep.
    pub fn tick(&mut self, owes: bool) -> bool {
        self.silent_seconds = if owes { self.silent_seconds + 1 } else { 0 };
        let dead = self.silent_seconds >= SILENCE_SECONDS;
        if dead {
            self.silent_seconds = 0;
        }
        dead
    }

    /// The worker said something.
    pub fn heard(&mut self) {
        self.silent_seconds = 0;
    }

    /// The worker took a training step: after enough of them, earlier restarts are forgiven.
    pub fn made_progress(&mut self) {
        self.reports += 1;
        if self.reports >= REPORTS_TO_FORGIVE {
            self.restarts = 0;
        }
    }

    /// Takes one of the restarts, if any is left; a refusal gives them back for when the visitor asks for a try.
    pub fn may_restart(&mut self) -> bool {
        self.reports = 0;
        if self.restarts >= MAX_RESTARTS {
            self.restarts = 0;
            return false;
        }
        self.restarts += 1;
        true
    }
}

/// The engine owes the page a message.
pub fn owes_an_answer(state: &RunState) -> bool {
    state.pending_text.is_some()
        || state.pending_plan.is_some()
        || !state.writing.done && state.writing.request > 0
        || matches!(state.stage, Stage::Starting | Stage::Running)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_silence_that_owes_something_counts() {
        let mut watch = Watch::default();
        assert!((0..10 * SILENCE_SECONDS).all(|_| !watch.tick(false)));
        assert_eq!((0..SILENCE_SECONDS).filter(|_| watch.tick(true)).count(), 1);
        for _ in 0..SILENCE_SECONDS - 1 {
            assert!(!watch.tick(true));
        }
        watch.heard();
        assert!(!watch.tick(true));
    }

    #[test]
    fn a_worker_that_never_gets_anywhere_is_given_up() {
        let mut watch = Watch::default();
        assert_eq!([(); 4].map(|()| watch.may_restart()), [true, true, true, false]);
        assert!(watch.may_restart());
        (0..REPORTS_TO_FORGIVE).for_each(|_| watch.made_progress());
        assert_eq!([(); 4].map(|()| watch.may_restart()), [true, true, true, false]);
    }

    #[test]
    fn an_idle_engine_owes_nothing() {
        let mut state = RunState::default();
        assert!(!owes_an_answer(&state));
        state.begin_run(1);
        assert!(owes_an_answer(&state));
        state.stage = Stage::Paused;
        assert!(!owes_an_answer(&state));
    }
}
