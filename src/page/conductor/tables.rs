//! Tables: which columns are learned from, when examples are counted anew, when a plan is made again.
//!
//! A table goes the way of a text (`TextSource`); what is different is here. Its settings are one [`LabelConfig`]: the choice of columns and
//! parts is answered at once, without a model; the rest waits for a plan.

use super::Conductor;
use super::planning::{LEARNING_RATE_AFTER_MILLIS, PREPARE_AFTER_MILLIS};
use crate::page::label_link::Proposed;
use crate::page::models::Suggestion;
use crate::page::state::{Parts, RunState, Stage};
use crate::page::table_in::roles::{Role, for_task, with_role};
use crate::page::table_in::task::TASKS;
use crate::protocol::TaskColumns;
use crate::protocol::labels::{LabelChoice, LabelConfig};
use crate::protocol::{Command, Language};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Characters of a row that are pinned by themselves: about two dozen tokens.
const MOST_PINNED: usize = 110;
/// Share of Chinese characters in the first rows from which on a table is taken for Chinese: its base and its words are proposed.
const CHINESE_SHARE: f64 = 0.3;

impl Conductor {
    /// The engine has read a table: the likeliest task is chosen, and its examples are counted. `again`: from the files that were open, read otherwise.
    pub(super) fn table_accepted(&self, again: bool) {
        let wanted = self.wanted.try_update_value(Option::take).flatten();
        let again = again && wanted.is_none();
        let (columns, chinese) = self
            .store
            .peek(|state| {
                let table = state.labels.table.as_ref()?;
                let (proposals, facts) = (&table.proposal.proposals, &table.proposal.columns);
                let first = proposals.first().map(|proposal| proposal.columns.clone());
                let columns = wanted.and_then(|task| for_task(task, first.as_ref(), proposals, facts)).or(first);
                Some((columns, is_chinese(table.reading.excerpt.iter().flatten().map(String::as_str))))
            })
            .unwrap_or_default();
        let language = if chinese { Language::Chinese } else { Language::English };
        let device = self.store.peek(|state| state.device.clone());
        let suggestion = self.models.catalogue.with_untracked(|catalogue| Suggestion::for_text(catalogue, language, device.as_ref()));
        self.settings.suit(suggestion);
        self.settings.labels_requested.set(None);
        match columns.map(|columns| self.as_the_scenario_wants(columns)) {
            Some(columns) => self.learn_as(self.settings.recipe_of_table(self.proposal(columns), again)),
            None => {
                self.settings.labels.set(None);
                self.stop_waiting_in_vain();
            }
        }
    }

    /// A scenario names its task, and columns where they are not the proposed ones.
    fn as_the_scenario_wants(&self, columns: TaskColumns) -> TaskColumns {
        let scenario = self.settings.sample.get_untracked().and_then(|id| self.scenarios.get(&id));
        let Some(scenario) = scenario else { return columns };
        let task = TASKS.iter().find(|(name, _)| *name == scenario.task).map_or(columns.task, |(_, task)| *task);
        self.store.peek(|state| {
            let Some(table) = &state.labels.table else { return columns.clone() };
            let facts = table.proposal.columns.as_slice();
            let mut wanted = for_task(task, Some(&columns), &table.proposal.proposals, facts).unwrap_or_else(|| columns.clone());
            let named = [(Role::Text, &scenario.text), (Role::Second, &scenario.second), (Role::Target, &scenario.target)];
            for (role, name) in named {
                let index = name.as_ref().and_then(|name| facts.iter().position(|column| &column.name == name));
                if let Some(index) = index {
                    wanted = with_role(&wanted, index as u32, role, facts);
                }
            }
            wanted
        })
    }

    /// What is proposed, as links need to know it.
    fn proposal(&self, columns: TaskColumns) -> Proposed {
        let facts = |state: &RunState| {
            let table = state.labels.table.as_ref()?;
            Some(table.proposal.columns.iter().map(|column| column.label_separator).collect())
        };
        let scenario = self.settings.sample.get_untracked().and_then(|id| self.scenarios.get(&id));
        let (scenario, recipe) = scenario.map(|scenario| (scenario.id, scenario.recipe)).unzip();
        let (separators, recipe) = (self.store.peek(facts).unwrap_or_default(), recipe.unwrap_or_default());
        Proposed { scenario, columns, separators, recipe }
    }

    /// Other columns, or another task. What was set otherwise stays.
    pub fn choose_columns(&self, columns: TaskColumns) {
        let config = match self.settings.labels.get_untracked() {
            Some(mut config) => {
                config.choice.columns = columns;
                config
            }
            None => self.settings.first_recipe(columns),
        };
        self.learn_as(config);
    }

    /// Puts the form back to what the run uses.
    pub fn undo_label_changes(&self) {
        let Some(running) = self.settings.labels_requested.get_untracked() else { return };
        let counted = self.settings.labels.with_untracked(|now| now.as_ref().is_some_and(|now| now.choice == running.choice));
        self.settings.labels.set(Some(running));
        if !counted {
            self.examine();
        }
    }

    fn learn_as(&self, config: LabelConfig) {
        self.settings.labels.set(Some(config));
        self.examine();
    }

    /// Changes the choice of examples (parts, merged labels); its effect is counted at once.
    pub fn edit_choice(&self, edit: impl FnOnce(&mut LabelChoice)) {
        self.settings.labels.update(|config| {
            if let Some(config) = config {
                edit(&mut config.choice);
            }
        });
        self.examine();
    }

    /// Ends the reading of a table, or the making of a plan.
    pub fn cancel_reading(&self) {
        self.candidate.set_value(None);
        self.store.cancel_labels();
    }

    pub(super) fn examine(&self) {
        let Some(config) = self.settings.labels.get_untracked() else { return };
        if self.store.peek(|state| state.engine_ready && state.labels.active && state.pending_text.is_none()) {
            self.store.examine(config.choice);
        }
    }

    /// The examples are counted: where nothing is in the way, a plan follows; where Play waits for one in vain, it is said.
    pub(super) fn examined(&self) {
        let may = self.store.peek(|state| {
            let facts = &state.labels.facts;
            let learnable = facts.fault.is_none() && facts.latest.as_ref().is_some_and(|facts| facts.blocking().is_none());
            !facts.waits && learnable && state.stage == Stage::Idle && state.pending_plan.is_none()
        });
        if may {
            self.prepare();
        } else {
            self.stop_waiting_in_vain();
        }
    }

    /// Asks for a plan of a run over the table.
    pub(super) fn prepare_labels(&self) {
        let ready = self.store.peek(|state| {
            let idle = state.pending_text.is_none() && state.stage == Stage::Idle;
            state.engine_ready && idle && state.labels.table.is_some()
        });
        if let Some(config) = self.settings.label_run().filter(|_| ready) {
            self.settings.labels_requested.set(Some(config.clone()));
            self.store.prepare_labels(config);
        }
    }

    /// Learns on from the model as it is, from the table with its corrected labels. Rows stay in the parts that they are in, so that none is tested with
    /// that was learned from: another draw waits for a run that starts over.
    pub fn learn_on(&self) {
        let Some(mut config) = self.settings.label_run() else { return };
        if let Some(split) = self.store.peek(|state| state.labels.plan.as_ref().map(|plan| plan.config.choice.split.clone())) {
            config.choice.split = split;
        }
        self.end_run();
        self.settings.labels_requested.set(Some(config.clone()));
        self.store.prepare_labels(LabelConfig { go_on: true, ..config });
        self.wait_to_play(true);
    }

    /// As `follow_settings`, for a table.
    pub(super) fn follow_label_settings(self) {
        Effect::new(move |_| {
            let (Some(config), Some(requested)) = (self.settings.label_run_tracked(), self.settings.labels_requested.get_untracked())
            else {
                return;
            };
            if requested == config || !self.store.peek(|state| state.labels.active) {
                return;
            }
            let idle = self.store.peek(|state| state.stage == Stage::Idle);
            let wait = if idle { PREPARE_AFTER_MILLIS } else { LEARNING_RATE_AFTER_MILLIS };
            let act = move || if idle { self.catch_up() } else { self.send_label_rate() };
            self.timer.set_value(Some(Timeout::new(wait, act)));
        });
    }

    /// Column 2 shows the attention of a sentence of the table, before the first step and after every epoch: a run over a table records none by itself.
    pub(super) fn look_again(&self) {
        let own = self.store.peek(|state| state.pinned.clone()).map(|sentence| Command::Pin { sentence });
        let glance = || {
            let columns = self.settings.labels.with_untracked(|config| config.as_ref().map(|config| config.choice.columns.clone()))?;
            self.store.peek(|state| {
                let row = state.labels.table.as_ref()?.reading.excerpt.first()?;
                Some(Command::Glance { sentence: row.get(columns.text as usize)?.chars().take(MOST_PINNED).collect() })
            })
        };
        if let Some(command) = own.or_else(glance) {
            self.store.send(&command);
        }
    }

    fn send_label_rate(&self) {
        let Some(now) = untrack(|| self.settings.label_run()) else { return };
        let value = now.learning_rate;
        let changed = self.settings.labels_requested.try_update(|requested| match requested {
            Some(requested) if requested.learning_rate != value && requested.start == now.start => {
                requested.learning_rate = value;
                true
            }
            _ => false,
        });
        if changed == Some(true) && self.store.peek(|state| state.stage.is_active()) {
            self.store.send(&Command::SetLearningRate { value });
            self.store.change(|state| {
                state.labels.rate = Some(value);
                Parts::NONE
            });
        }
    }
}

/// Chinese, by its characters.
pub fn is_chinese<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let (mut letters, mut chinese) = (0.0, 0.0);
    for character in cells.flat_map(str::chars).filter(|character| character.is_alphabetic()) {
        letters += 1.0;
        chinese += f64::from(u8::from(('\u{4e00}'..='\u{9fff}').contains(&character)));
    }
    letters > 0.0 && chinese / letters > CHINESE_SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_known_by_its_characters() {
        assert!(is_chinese(["床很舒服", "好评"].into_iter()));
        assert!(is_chinese(["床很舒服, Wi-Fi", "好评"].into_iter()));
        assert!(!is_chinese(["a bed that is 舒服", "good"].into_iter()));
        assert!(!is_chinese([""].into_iter()) && !is_chinese(["", "12"].into_iter()));
    }
}
