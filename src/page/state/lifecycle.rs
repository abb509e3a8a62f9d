//! How runs begin, end and give way to each other, and what becomes of faults.

use super::run::RunState;
use super::{FaultEntry, Part, Parts, Recorded, Source, Stage, Writing};
use crate::protocol::{Fault, NextAction, RunConfig, RunPhase, SavedRun, SavedSettings, Start, StopReason};

/// Faults kept at most; the oldest that were put aside go first.
const MAX_FAULTS: usize = 20;

impl RunState {
    /// Shows a recorded run from its beginning; only over an empty screen.
    pub fn begin_recording(&mut self, title: String, config: RunConfig) -> Parts {
        if self.source != Source::Empty || self.stage != Stage::Idle {
            return Parts::NONE;
        }
        self.kept_base = self.attention.newest().map(|frame| (frame.head.clone(), frame.weights.clone()));
        self.attention.clear();
        self.recorded = Some(Recorded { title, steps: config.steps, ended: false });
        (self.source, self.config) = (Source::Recorded, config);
        Parts::all()
    }

    /// Puts the recorded run away; the prepared model's own frame takes its place.
    pub fn leave_recording(&mut self) -> Parts {
        if self.source != Source::Recorded {
            return Parts::NONE;
        }
        self.clear_run();
        self.attention.clear();
        (self.source, self.recorded) = (Source::Live, None);
        if let Some(plan) = &self.plan {
            self.config = plan.config.clone();
        }
        if let Some((frame, weights)) = self.kept_base.take() {
            self.attention.push(frame, weights);
        }
        Parts::all()
    }

    /// Begins run `run` from step 0: curves, samples and frames of the run before go; the untrained frame stays as its base.
    pub fn begin_run(&mut self, run: u32) -> Parts {
        self.leave_recording();
        self.clear_run();
        (self.run, self.stage, self.play_waits, self.source) = (run, Stage::Starting, false, Source::Live);
        self.attention.rewind(run, 0);
        Parts::all()
    }

    /// Goes on with a saved run under a new id, from `step`: what is known of it up to there stays on the screen.
    pub fn begin_resumed(&mut self, run: u32, saved: &SavedRun) -> Parts {
        self.leave_recording();
        let is_open = self.has_open(saved);
        match &saved.settings {
            SavedSettings::Text { config } => {
                self.leave_table();
                self.config = config.clone();
            }
            SavedSettings::Labels { config, .. } => {
                self.take_up_table(is_open);
                self.config = RunConfig { start: config.start, seed: config.seed, steps: saved.steps, ..RunConfig::default() };
            }
        }
        if self.stage == Stage::Idle || self.run != saved.run {
            // Another run than the one on the screen: the engine will say what it knows.
            self.clear_run();
            self.attention.clear();
        }
        if let SavedSettings::Labels { config, .. } = &saved.settings {
            // As it was set last; the plan tells what was planned.
            self.labels.rate = Some(config.learning_rate);
        }
        if !is_open {
            (self.text, self.plan) = (None, None);
            self.text_title.clone_from(&saved.title);
        }
        (self.pending_text, self.pending_plan) = (None, None);
        self.training.retain(|point| point.step <= saved.step);
        self.validation.retain(|point| point.step <= saved.step);
        self.samples.retain(|sample| sample.step <= saved.step);
        self.labels.rewind(saved.step);
        self.step = self.step.filter(|report| report.step <= saved.step);
        self.attention.rewind(run, saved.step);
        (self.run, self.stage, self.play_waits, self.source) = (run, Stage::Starting, false, Source::Live);
        (self.saved_step, self.resumable) = (Some(saved.step), None);
        Parts::all()
    }

    /// Puts the run away: back to the prepared, untrained model.
    pub fn reset_run(&mut self) -> Parts {
        self.clear_run();
        self.attention.clear();
        self.stage = Stage::Idle;
        Parts::all()
    }

    /// Notes a fault found by the page itself.
    pub fn note_fault(&mut self, fault: Fault) -> Parts {
        if let Some(last) = self.faults.last_mut().filter(|last| last.fault == fault) {
            last.times += 1;
            last.dismissed = false;
        } else {
            self.next_fault += 1;
            self.faults.push(FaultEntry { id: self.next_fault, fault, times: 1, dismissed: false });
        }
        if self.faults.len() > MAX_FAULTS {
            let oldest = self.faults.iter().position(|entry| entry.dismissed).unwrap_or(0);
            self.faults.remove(oldest);
        }
        Part::Faults.into()
    }

    /// The newest fault was answered without the visitor: its button goes, its sentence stays.
    pub fn no_action_needed(&mut self) -> Parts {
        if let Some(last) = self.faults.last_mut() {
            last.fault.action = NextAction::None;
        }
        Part::Faults.into()
    }

    /// Whatever could not be had, another model is chosen now.
    pub fn dismiss_model_faults(&mut self) -> Parts {
        self.faults.iter_mut().filter(|entry| entry.fault.code.is_of_a_model()).for_each(|entry| entry.dismissed = true);
        Part::Faults.into()
    }

    /// A plan waits for the files of a model.
    pub fn downloads(&self) -> bool {
        self.pending_plan.is_some() && matches!(self.phase, Some(RunPhase::LoadingModel { .. }))
    }

    /// Where the plan that was asked for last begins, once it is there.
    pub fn planned_start(&self) -> Option<Start> {
        let of_table = self.labels.plan.as_ref().map(|plan| plan.config.start);
        let of_text = self.plan.as_ref().map(|plan| plan.config.start);
        if self.labels.active { of_table } else { of_text }.filter(|_| self.pending_plan.is_none())
    }

    /// The worker is gone: nothing that it owed will come. What is on the screen stays.
    pub fn lose_engine(&mut self) -> Parts {
        (self.engine_ready, self.pending_text, self.pending_plan) = (false, None, None);
        self.writing.done = true;
        if self.stage.is_active() {
            self.stage = Stage::Finished(StopReason::Fault);
        }
        self.phase = None;
        self.answers.another_model();
        let labels = &mut self.labels;
        (labels.progress, labels.facts.waits, labels.rows.waits, labels.prediction.waits) = (None, false, false, false);
        // What was asked is asked again once there is an engine.
        labels.prediction.fault = None;
        labels.asides.clear();
        Parts::of(&[
            Part::Engine,
            Part::Text,
            Part::Plan,
            Part::Phase,
            Part::Writing,
            Part::Answers,
            Part::Table,
            Part::Rows,
            Part::Prediction,
            Part::Asides,
        ])
    }

    pub(super) fn clear_run(&mut self) {
        (self.step, self.saved_step, self.phase) = (None, None, None);
        self.training.clear();
        self.validation.clear();
        self.samples.clear();
        self.labels.clear_run();
        self.writing = Writing { request: self.writing.request, done: true, ..Writing::default() };
    }
}
