//! When a plan is asked for: once the settings have come to rest, or at once where something waits for it. A learning rate acts at once, also mid-run.

use super::{Conductor, can_start};
use crate::page::state::{RunState, Stage};
use crate::protocol::Command;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Milliseconds after the last change of a setting before a new plan is asked for: making one takes the engine a second.
pub(super) const PREPARE_AFTER_MILLIS: u32 = 600;
/// The same for a learning rate that moves while the run goes on.
pub(super) const LEARNING_RATE_AFTER_MILLIS: u32 = 120;

impl Conductor {
    /// A plan of what the form says stands ready.
    pub(super) fn may_start(&self) -> bool {
        self.store.peek(can_start) && !self.settings.outdated(self.of_a_table())
    }

    pub(super) fn of_a_table(&self) -> bool {
        self.store.peek(|state| state.labels.active)
    }

    /// Asks for a plan of what the form says, where that is not what was asked for. A download goes on: what was changed meanwhile follows it.
    pub(super) fn catch_up(&self) {
        let table = self.of_a_table();
        let same_model = || self.settings.asked_start(table) == Some(self.settings.config.with_untracked(|config| config.start));
        if !self.settings.outdated(table) || self.store.peek(RunState::downloads) && same_model() {
            return;
        }
        if table { self.examined() } else { self.prepare() }
    }

    /// Asks for a plan, when there is a text to plan for.
    pub(super) fn prepare(&self) {
        if self.of_a_table() {
            return self.prepare_labels();
        }
        // A resumed run's text is known to the engine alone; its plan shows that it is there. A run is ended before, not by this.
        let ready = self.store.peek(|state| {
            let open = state.text.is_some() || state.plan.is_some();
            state.engine_ready && state.pending_text.is_none() && open && state.stage == Stage::Idle
        });
        if ready {
            let config = self.settings.config.get_untracked();
            self.settings.requested.set(Some(config.clone()));
            self.store.prepare(config);
        }
    }

    /// Makes a new plan when the settings have come to rest; a learning rate acts at once, also mid-run.
    pub(super) fn follow_settings(self) {
        Effect::new(move |_| {
            let config = self.settings.config.get();
            if self.store.peek(|state| state.labels.active) {
                return;
            }
            let requested = self.settings.requested.get_untracked();
            if requested.is_none_or(|requested| requested == config) {
                self.timer.set_value(None);
                return;
            }
            let idle = self.store.peek(|state| state.stage == Stage::Idle);
            let wait = if idle { PREPARE_AFTER_MILLIS } else { LEARNING_RATE_AFTER_MILLIS };
            let act = move || if idle { self.catch_up() } else { self.send_learning_rate() };
            self.timer.set_value(Some(Timeout::new(wait, act)));
        });
    }

    fn send_learning_rate(&self) {
        if !self.store.peek(|state| state.stage.is_active()) {
            return;
        }
        let (start, value) = self.settings.config.with_untracked(|config| (config.start, config.learning_rate));
        let changed = self.settings.requested.try_update(|requested| match requested {
            // Another model's recipe is for the run that will begin with it.
            Some(requested) if requested.learning_rate != value && requested.start == start => {
                requested.learning_rate = value;
                true
            }
            _ => false,
        });
        if changed == Some(true) {
            self.store.send(&Command::SetLearningRate { value });
        }
    }
}
