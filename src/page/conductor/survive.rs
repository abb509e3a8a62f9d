//! How a run goes on after a dead worker, a lost device, a reload or a change of device: always from the saved run, on a fresh worker.

use super::{Conductor, Question};
use crate::page::state::{RunState, Stage};
use crate::page::strings::words;
use crate::protocol::{DevicePreference, Fault, FaultCode, NextAction, SavedSettings, StopReason};
use gloo_timers::callback::Timeout;
use leptos::leptos_dom::helpers::{document, window};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Milliseconds before a worker that died is replaced: a server that is down is not asked in a loop.
const RESTART_AFTER_MILLIS: u32 = 800;

impl Conductor {
    /// Goes on with the saved run.
    pub fn resume(&self) {
        let Some(mut saved) = self.store.peek(|state| state.resumable.clone()) else { return };
        self.resume_next.set_value(false);
        // A text that is still being read (the sample that every visit begins with) must not end the run that comes back.
        self.candidate.set_value(None);
        if !self.store.peek(|state| state.has_open(&saved)) {
            self.source.set_value(None);
            self.settings.sample.set(None);
            if saved.title.is_empty() && matches!(saved.settings, SavedSettings::Labels { .. }) {
                saved.title = words().faults.typed.to_owned();
            }
        }
        self.store.resume_saved(&saved);
        self.models.catalogue.with_untracked(|catalogue| match saved.settings {
            SavedSettings::Text { config } => self.settings.adopt(config, catalogue),
            SavedSettings::Labels { config, .. } => self.settings.adopt_labels(*config, catalogue),
        });
        if self.lower_next.get_value() {
            self.lower_next.set_value(false);
            self.divide_learning_rate();
        }
    }

    fn divide_learning_rate(&self) {
        if self.store.peek(|state| state.labels.active) {
            self.settings.edit_labels(|config| config.learning_rate /= 3.0);
        } else {
            self.settings.edit(|config| config.learning_rate /= 3.0);
        }
    }

    /// Asks whether the saved run may be discarded.
    pub fn press_discard(&self) {
        self.question.set(Some(Question::Discard));
    }

    /// The one next action of a fault.
    pub fn act_on(&self, id: u32, action: NextAction) {
        self.store.dismiss_fault(Some(id));
        match action {
            NextAction::None => {}
            NextAction::ChooseText => choose_files(),
            NextAction::ReadAsTable => self.read_refused_as_table(),
            NextAction::ChooseModel => self.models.picker_open.set(true),
            NextAction::UseCpu => self.use_cpu(),
            NextAction::Retry => self.retry(),
            NextAction::ResumeFromCheckpoint => self.recover(),
            NextAction::LowerLearningRate => self.lower_learning_rate(),
            NextAction::SmallerBatch => {
                if self.store.peek(|state| state.labels.active) {
                    self.settings.edit_labels(|config| config.batch_size = (config.batch_size / 2).max(1));
                } else {
                    self.settings.edit(|config| config.batch_size = (config.batch_size / 2).max(1));
                }
                if self.store.peek(|state| state.stage != Stage::Idle && !state.stage.is_active()) {
                    self.reset(true);
                }
            }
            NextAction::ReloadPage => {
                let _ = window().location().reload();
            }
        }
    }

    /// The engine reported a fault. Where the device is gone and the run is saved, a fresh worker goes on with it at once.
    pub(super) fn fault(&self, fault: &Fault) {
        if self.store.peek(|state| state.pending_text.is_none()) {
            let candidate = self.candidate.try_update_value(Option::take).flatten();
            if fault.action == NextAction::ReadAsTable {
                self.refused.set_value(candidate);
            }
        }
        if self.store.peek(|state| state.pending_plan.is_none() && state.stage == Stage::Idle) {
            self.do_without(fault.code.is_of_a_model());
        }
        self.stop_waiting_in_vain();
        let device_gone = matches!(fault.code, FaultCode::DeviceLost | FaultCode::GpuError | FaultCode::WorkerCrashed);
        if device_gone && fault.action == NextAction::ResumeFromCheckpoint {
            // Where that does not help, the message's button stays.
            if self.client.may_restart() {
                self.store.change(RunState::no_action_needed);
                self.recover();
            }
        } else if fault.code == FaultCode::CheckpointDamaged && self.store.peek(|state| state.stage == Stage::Starting) {
            self.resume_next.set_value(false);
            self.store.change(RunState::reset_run);
            self.send_text();
        }
    }

    /// No plan can be made of what was asked for. Where its model cannot be had, the one before serves; what was set since is tried.
    fn do_without(&self, the_model: bool) {
        let wanted = self.settings.config.with_untracked(|config| config.start);
        if the_model && self.settings.asked_start(self.of_a_table()) == Some(wanted) {
            self.models.catalogue.with_untracked(|catalogue| self.settings.fall_back(catalogue));
        }
        self.catch_up();
    }

    /// The worker is gone; the store has already let go of what it owed.
    pub(super) fn worker_lost(&self, may_restart: bool) {
        self.plan_return();
        if may_restart {
            let client = self.client;
            Timeout::new(RESTART_AFTER_MILLIS, move || client.start()).forget();
        }
    }

    /// A fresh worker goes on with the saved run; without one it starts over with the text.
    fn recover(&self) {
        self.store.change(RunState::lose_engine);
        self.plan_return();
        self.client.start();
    }

    /// What the next worker does with the run of the last: it goes on where it was saved, or, too young to have been saved, starts over.
    fn plan_return(&self) {
        let (stage, saved) = self.store.peek(|state| (state.stage, state.saved_step.is_some()));
        self.resume_next.set_value(stage != Stage::Idle && saved);
        if stage != Stage::Idle && !saved {
            self.store.change(RunState::reset_run);
            // One that had come to its own end is not repeated unasked.
            self.wait_to_play(stage == Stage::Finished(StopReason::Fault));
        }
    }

    pub(super) fn resume_if_waited_for(&self) {
        if !self.resume_next.get_value() {
            return;
        }
        self.resume_next.set_value(false);
        if self.store.peek(|state| state.resumable.is_some()) {
            self.resume();
        } else {
            // The storage has lost it: what is left is the text.
            self.store.change(RunState::reset_run);
            self.send_text();
        }
    }

    /// A fault's way out: the processor. A run that the fault has ended goes on there.
    fn use_cpu(&self) {
        let (ready, failed) = self.store.peek(|state| (state.engine_ready, state.stage == Stage::Finished(StopReason::Fault)));
        self.choose_device(DevicePreference::Cpu);
        if failed || !ready {
            self.recover();
        }
    }

    fn retry(&self) {
        let (ready, has_text) = self.store.peek(|state| (state.engine_ready, state.has_subject()));
        if !ready {
            self.client.start();
        } else if has_text {
            self.settings.want_again();
            self.prepare();
        } else {
            self.send_text();
        }
    }

    fn lower_learning_rate(&self) {
        if self.store.peek(|state| state.stage.is_active()) {
            self.divide_learning_rate();
        } else if self.store.peek(|state| state.saved_step.is_some()) {
            self.lower_next.set_value(true);
            self.recover();
        } else {
            self.divide_learning_rate();
            self.reset(true);
        }
    }
}

/// Opens the browser's file dialog.
pub(super) fn choose_files() {
    if let Some(input) = document().get_element_by_id(crate::page::text_in::FILE_INPUT) {
        input.unchecked_into::<web_sys::HtmlElement>().click();
    }
}
