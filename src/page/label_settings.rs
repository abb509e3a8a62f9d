//! How the open table is learned: the settings' part that a table, its scenario and the link decide.
//!
//! In: what the page proposes for a table, the link. Out: the config that the form shows ([`Settings::labels`]), and what a link says of it. Only what was set
//! otherwise goes from one table to the next. Absent: names and limits (`page::label_fields`), the link's letters (`page::label_link`).

use super::label_link::{LabelLink, Proposed, moved, usual};
use super::settings::Settings;
use super::url::Link;
use crate::protocol::TaskColumns;
use crate::protocol::labels::{LabelChoice, LabelConfig};
use leptos::prelude::*;

impl Settings {
    /// What a link says of the table that is open, or is to be opened.
    pub(super) fn label_link(&self) -> LabelLink {
        let sample = self.sample.get();
        let proposed = self.proposed.get().filter(|proposed| proposed.scenario == sample);
        self.labels
            .with(|labels| labels.as_ref().map(|config| LabelLink::of(config, proposed.as_ref())))
            .unwrap_or_else(|| self.linked.get())
    }

    /// A table is open: which of its columns are learned from. Those that the page proposes, but for a scenario that was opened by a link which wants others.
    fn columns_of_table(&self, proposed: Proposed) -> TaskColumns {
        let named = proposed.scenario.is_some() && proposed.scenario == self.opened_with.get_value();
        let columns = if named { self.linked.with_untracked(|linked| linked.columns(&proposed)) } else { proposed.columns.clone() };
        self.proposed.set(Some(proposed));
        columns
    }

    /// Columns that the visitor chose of a table which is now read otherwise; `None` where they were the proposed ones, or where its cells are divided
    /// into another number of columns.
    fn chosen_columns(&self, proposed: &Proposed) -> Option<TaskColumns> {
        let before = self.proposed.get_untracked().filter(|before| before.separators.len() == proposed.separators.len())?;
        let chosen = self.labels.with_untracked(|config| config.as_ref().map(|config| config.choice.columns.clone()))?;
        (chosen != before.columns).then_some(chosen)
    }

    /// A table is open: its columns, and how they are learned. `again`: the table that was open, read otherwise; what was chosen of it stays.
    pub fn recipe_of_table(&self, proposed: Proposed, again: bool) -> LabelConfig {
        let (before, after) = (self.own_recipe(), proposed.recipe.clone());
        let chosen = if again { self.chosen_columns(&proposed) } else { None };
        let proposed = self.columns_of_table(proposed);
        match self.labels.get_untracked() {
            Some(config) if again => {
                let choice = LabelChoice { columns: chosen.unwrap_or(proposed), ..config.choice };
                LabelConfig { choice, ..config }.clamped()
            }
            Some(config) => moved(config, &before, proposed, &after),
            None => self.first_recipe(proposed),
        }
    }

    /// What the open table's columns would be learned with if nothing had been set otherwise, followed.
    pub fn usual_labels(&self) -> Option<LabelConfig> {
        let recipe = self.own_recipe_tracked();
        self.labels.with(|labels| labels.as_ref().map(|config| usual(&recipe, config.choice.columns.clone())))
    }

    /// What the scenario that is open sets otherwise than by default.
    fn own_recipe(&self) -> String {
        untrack(|| self.own_recipe_tracked())
    }

    /// The same, followed.
    fn own_recipe_tracked(&self) -> String {
        self.proposed.with(|proposed| proposed.as_ref().map(|proposed| proposed.recipe.clone())).unwrap_or_default()
    }

    /// The recipe for the first table: as by default or as its scenario has it, but for what the link says.
    pub fn first_recipe(&self, columns: TaskColumns) -> LabelConfig {
        let linked = self.linked.get_untracked();
        self.linked.set(LabelLink::default());
        linked.apply(usual(&self.own_recipe(), columns))
    }

    /// Takes over what a link says of a table; what it does not mention is as by default.
    pub(super) fn follow_labels(&self, link: &Link) {
        let Some(before) = self.labels.get_untracked() else { return self.linked.set(link.labels.clone()) };
        let proposed = self.proposed.get_untracked().filter(|proposed| proposed.scenario.is_some() && proposed.scenario == link.sample);
        let recipe = proposed.as_ref().map(|proposed| proposed.recipe.clone()).unwrap_or_default();
        let columns = proposed.map_or(before.choice.columns, |proposed| link.labels.columns(&proposed));
        let config = LabelConfig { prompt: before.prompt, ..link.labels.apply(usual(&recipe, columns)) };
        self.labels.set(Some(config.clamped()));
    }

    /// The run over the open table as it would be prepared now: the form's settings, from the chosen base.
    pub fn label_run(&self) -> Option<LabelConfig> {
        untrack(|| self.label_run_tracked())
    }

    /// The same, followed.
    pub fn label_run_tracked(&self) -> Option<LabelConfig> {
        let config = self.labels.get()?;
        Some(LabelConfig { start: self.config.with(|config| config.start), ..config }.clamped())
    }

    /// Changes how a table is learned, within limits.
    pub fn edit_labels(&self, edit: impl FnOnce(&mut LabelConfig)) {
        let Some(before) = self.labels.get_untracked() else { return };
        let mut config = before.clone();
        edit(&mut config);
        let config = config.clamped();
        if config != before {
            self.labels.set(Some(config));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::settings::tests::{settings, start};

    fn table(scenario: Option<&str>) -> Proposed {
        let columns = crate::page::label_link::tests::config(crate::protocol::TableTask::Classify).choice.columns;
        Proposed { scenario: scenario.map(str::to_owned), columns, separators: vec![None; 3], recipe: String::new() }
    }

    /// As the conductor does it when a table is open.
    fn open(settings: &Settings, scenario: Option<&str>) -> LabelConfig {
        settings.sample.set(scenario.map(str::to_owned));
        open_as(settings, table(scenario))
    }

    fn open_as(settings: &Settings, proposed: Proposed) -> LabelConfig {
        settings.sample.set(proposed.scenario.clone());
        read(settings, proposed, false)
    }

    fn read(settings: &Settings, proposed: Proposed, again: bool) -> LabelConfig {
        let config = settings.recipe_of_table(proposed, again);
        settings.labels.set(Some(config.clone()));
        config
    }

    #[test]
    fn what_was_chosen_of_a_table_stays_when_it_is_read_otherwise_but_not_for_the_next_one() {
        let (_owner, settings) = settings(Link::default());
        let first = open(&settings, None);
        let mut chosen = first.clone();
        chosen.choice.columns.second = Some(2);
        (chosen.choice.merge_labels, chosen.choice.split.ignore_ready, chosen.choice.split.drop_leaks) = (true, true, true);
        (chosen.choice.split.seed, chosen.epochs) = (7, 3);
        settings.labels.set(Some(chosen.clone()));
        assert_eq!(read(&settings, table(None), true), chosen);
        // In other columns what was chosen means something else; parts and labels are still those of the table.
        let wider = Proposed { separators: vec![None; 4], ..table(None) };
        let again = read(&settings, wider, true);
        assert_eq!((&again.choice.columns, again.choice.split.ignore_ready), (&first.choice.columns, true));
        let next = open(&settings, None);
        let split = &next.choice.split;
        assert_eq!((next.choice.merge_labels, split.ignore_ready, split.drop_leaks), (false, false, false), "decided for the table before");
        assert_eq!((split.seed, next.epochs), (7, 3), "the recipe goes along");
        // Where nothing was chosen, what is proposed for the new reading is taken.
        let mut other = table(None);
        other.columns.second = Some(1);
        assert_eq!(read(&settings, other.clone(), true).choice.columns, other.columns);
    }

    const LINK: &str = "v=1&model=attune-en-small&sample=reviews&task=pair&roles=slt&learns=head&epochs=3&label_draw=7";

    #[test]
    fn a_link_opens_a_scenario_with_its_recipe_and_the_address_keeps_it() {
        let (_owner, settings) = settings(Link::parse(LINK));
        assert_eq!(untrack(|| settings.link()).to_hash(), LINK, "before the table is here");
        let config = open(&settings, Some("reviews"));
        assert_eq!((config.epochs, config.choice.split.seed, config.choice.columns.second), (3, 7, Some(0)));
        assert_eq!(config.trained, crate::protocol::labels::Trained::HeadOnly);
        assert_eq!(untrack(|| settings.link()).to_hash(), LINK);
        assert_eq!(settings.label_run().unwrap().start, start("attune-en-small"));
    }

    /// A scenario of pairs whose lesson needs them read apart.
    fn pairs() -> Proposed {
        let columns = crate::page::label_link::tests::config(crate::protocol::TableTask::ClassifyPair).choice.columns;
        let recipe = "pairs=apart&pooling=mean".to_owned();
        Proposed { columns, recipe, ..table(Some("recommender")) }
    }

    #[test]
    fn what_a_scenario_sets_comes_and_goes_with_it_and_what_the_visitor_sets_stays() {
        use crate::protocol::labels::TextPooling::{Both, Last, Mean};
        let (_owner, settings) = settings(Link::default());
        let config = open_as(&settings, pairs());
        assert_eq!((config.pooling, config.reads_apart()), (Mean, true));
        assert_eq!(untrack(|| settings.link()).to_hash(), "v=1&sample=recommender", "it is the scenario's own");
        assert_eq!(untrack(|| settings.usual_labels()), Some(config), "and what its fields are put back to");
        settings.edit_labels(|config| config.epochs = 3);
        let config = open(&settings, Some("reviews"));
        assert_eq!((config.pooling, config.reads_apart(), config.epochs), (Both, false, 3));
        let config = open_as(&settings, pairs());
        assert_eq!((config.pooling, config.reads_apart(), config.epochs), (Mean, true, 3));
        settings.edit_labels(|config| config.pooling = Last);
        assert_eq!(untrack(|| settings.link()).to_hash(), "v=1&sample=recommender&pooling=last&epochs=3");
        assert_eq!(open(&settings, None).pooling, Last);
        assert_eq!(untrack(|| settings.usual_labels()).map(|usual| usual.pooling), Some(Both));
    }

    #[test]
    fn another_table_gets_the_recipe_but_not_the_columns() {
        for other in [None, Some("news")] {
            let (_owner, settings) = settings(Link::parse(LINK));
            let config = open(&settings, other);
            assert_eq!((config.epochs, &config.choice.columns), (3, &table(None).columns));
        }
    }

    #[test]
    fn an_address_that_is_changed_is_followed_and_a_prompt_stays() {
        let (_owner, settings) = settings(Link::parse("v=1&sample=reviews&epochs=3"));
        open(&settings, Some("reviews"));
        settings.follow(Link::parse("v=1&sample=reviews&task=rewrite&roles=tl&patience=0"));
        let config = settings.labels.get_untracked().unwrap();
        assert_eq!((config.epochs, config.patience), (LabelConfig::new(config.choice.clone()).epochs, 0));
        assert_eq!(config.choice.columns.task, crate::protocol::TableTask::TextToText);
        settings.edit_labels(|config| config.prompt = Some("{source} becomes {answer}".to_owned()));
        settings.follow(Link::parse("v=1&sample=reviews&task=rewrite&roles=tl&epochs=4"));
        let config = settings.labels.get_untracked().unwrap();
        assert_eq!((config.epochs, config.prompt.as_deref()), (4, Some("{source} becomes {answer}")));
        // A link without such settings goes back to the page's own.
        settings.follow(Link::parse("v=1&sample=reviews"));
        let config = settings.labels.get_untracked().unwrap();
        assert_eq!((config.patience, &config.choice.columns), (3, &table(None).columns));
    }
}
