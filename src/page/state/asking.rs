//! Questions about the open table, on their way to the engine.

use super::{Part, Parts, Stage, Store};
use crate::protocol::Command;
use crate::protocol::labels::{LabelChoice, LabelCommand, LabelConfig};

impl Store {
    /// Asks for the examples of a choice of columns.
    pub fn examine(&self, choice: LabelChoice) {
        let request = self.next_request();
        self.change(|state| {
            // Another choice: the plan of the one before is void. A run, and the model that it left, are still what theirs says, until they are let go of.
            if state.stage == Stage::Idle {
                (state.pending_plan, state.labels.plan) = (None, None);
            }
            state.labels.facts.ask(request);
            Parts::of(&[Part::Table, Part::Plan])
        });
        self.send(&Command::Labels { request, command: LabelCommand::Examine { choice } });
    }

    /// Asks for a plan of a run over the table.
    pub fn prepare_labels(&self, config: LabelConfig) {
        let request = self.next_request();
        self.change(|state| {
            (state.pending_plan, state.labels.tokenised) = (Some(request), None);
            // Refused, it must not leave the plan of another choice of rows to be played.
            if state.stage == Stage::Idle && state.labels.plan.as_ref().is_some_and(|plan| plan.config.choice != config.choice) {
                state.labels.plan = None;
            }
            Part::Plan.into()
        });
        self.send(&Command::Labels { request, command: LabelCommand::Prepare { config } });
    }

    /// Ends the reading or preparation that is under way.
    pub fn cancel_labels(&self) {
        let request = self.next_request();
        self.change(|state| {
            if state.pending_plan.is_some() {
                // The engine let go of what was prepared before.
                state.labels.plan = None;
            }
            (state.pending_text, state.pending_plan, state.labels.progress, state.play_waits) = (None, None, None, false);
            Parts::of(&[Part::Text, Part::Plan, Part::Table, Part::Phase])
        });
        self.send(&Command::Labels { request, command: LabelCommand::Cancel });
    }

    /// Asks for texts and labels of rows of the table.
    pub fn read_rows(&self, rows: Vec<u32>) {
        let request = self.next_request();
        self.change(|state| {
            state.labels.rows.ask(request);
            Part::Rows.into()
        });
        self.send(&Command::Labels { request, command: LabelCommand::ReadRows { rows } });
    }

    /// Corrects labels of rows of the table, written as they stand there; the answer counts the examples anew.
    pub fn relabel(&self, rows: Vec<(u32, String)>) {
        let request = self.next_request();
        self.change(|state| {
            state.labels.facts.ask(request);
            Part::Table.into()
        });
        self.send(&Command::Labels { request, command: LabelCommand::Relabel { rows } });
    }

    /// Asks what the model says of texts that the visitor types. `seconds` is empty for tasks with one text.
    pub fn predict(&self, texts: Vec<String>, seconds: Vec<String>) {
        let request = self.next_request();
        self.change(|state| {
            state.labels.asked = (texts.clone(), seconds.clone());
            state.labels.prediction.ask(request);
            Part::Prediction.into()
        });
        self.send(&Command::Labels { request, command: LabelCommand::Predict { texts, seconds, labels: Vec::new() } });
    }
}
