//! What the visitor has set: the config that the form shows, the sample, the device. Kept in the link.
//!
//! In: the address when the page opens, and the form. Out: signals. What the engine was last asked to run is here too, because the
//! difference of the two is what a restart would change. As long as the visitor has not chosen where to start, the page proposes it
//! (`page::models`). Absent: how a table is learned (`page::label_settings`); ranges and names of single numbers (`page::fields`).

use super::fields::structural_differences;
use super::inside::picked::Look;
use super::label_link::{LabelLink, Proposed};
use super::models::Suggestion;
use super::url::Link;
use crate::protocol::labels::LabelConfig;
use crate::protocol::{Catalogue, DevicePreference, RunConfig, Start, TokenizerChoice};
use leptos::prelude::*;

/// The settings; copy it freely.
#[derive(Clone, Copy)]
pub struct Settings {
    /// As the form shows it; always within limits.
    pub config: RwSignal<RunConfig>,
    /// As the engine was last asked to prepare or resume it.
    pub requested: RwSignal<Option<RunConfig>>,
    /// What is learned from the open table, and how. `None` without one, or while nothing can be learned from it.
    pub labels: RwSignal<Option<LabelConfig>>,
    /// As the engine was last asked to prepare it.
    pub labels_requested: RwSignal<Option<LabelConfig>>,
    /// What the link says of a table, until one is open that it can be applied to.
    pub(super) linked: RwSignal<LabelLink>,
    /// What the page would learn from the open table by itself.
    pub(super) proposed: RwSignal<Option<Proposed>>,
    /// Id of the built-in sample that is open; `None` with a text of the visitor's own.
    pub sample: RwSignal<Option<String>>,
    /// Id of the sample or scenario that the link named when the page was opened.
    pub opened_with: StoredValue<Option<String>>,
    pub device: RwSignal<DevicePreference>,
    pub debug: RwSignal<bool>,
    /// What column 2 shows.
    pub look: RwSignal<Look>,
    /// The visitor, or the link, has chosen where to start.
    chosen: RwSignal<bool>,
    /// What the page proposed last: numbers that still are these follow the next proposal.
    suggested: RwSignal<Suggestion>,
    /// The config of the last plan that was made, what still works when the next one cannot be had; and whether its start was the visitor's choice.
    works: RwSignal<Option<(RunConfig, bool)>>,
    /// The config whose model could not be had, for another try; and what is shown again then as the proposed recipe.
    failed: RwSignal<Option<(RunConfig, Suggestion)>>,
}

impl Settings {
    /// Settings as a link has them.
    pub fn new(link: Link) -> Self {
        Self {
            config: RwSignal::new(link.config),
            requested: RwSignal::new(None),
            labels: RwSignal::new(None),
            labels_requested: RwSignal::new(None),
            linked: RwSignal::new(link.labels),
            proposed: RwSignal::new(None),
            opened_with: StoredValue::new(link.sample.clone()),
            sample: RwSignal::new(link.sample),
            device: RwSignal::new(link.device),
            debug: RwSignal::new(link.debug),
            look: RwSignal::new(link.look),
            chosen: RwSignal::new(link.chosen),
            suggested: RwSignal::new(Suggestion::default()),
            works: RwSignal::new(None),
            failed: RwSignal::new(None),
        }
    }

    /// The link for the address bar; follows all settings. What the page proposed by itself is left out, so that it is proposed again for
    /// whatever text and device come next; the default sample is not worth mentioning.
    pub fn link(&self) -> Link {
        let mut link = self.exact_link();
        link.chosen = self.chosen.get();
        let suggested = self.suggested.get();
        if !link.chosen {
            Suggestion::default().replace(suggested, &mut link.config);
        }
        link
    }

    /// The link to share: whoever opens it starts from the same model with the same numbers.
    pub fn exact_link(&self) -> Link {
        Link {
            config: self.config.get(),
            chosen: true,
            sample: self.sample.get().filter(|id| id != super::text_in::DEFAULT_SAMPLE),
            device: self.device.get(),
            debug: self.debug.get(),
            look: self.look.get(),
            labels: self.label_link(),
        }
    }

    /// Takes over the settings of a link that the visitor put into the address bar.
    pub fn follow(&self, link: Link) {
        self.debug.set(link.debug);
        self.follow_labels(&link);
        self.look.set(link.look);
        self.chosen.set(link.chosen);
        self.suggested.set(Suggestion::default());
        self.config.set(link.config);
    }

    /// Changes the config and pulls it back into its limits. A start that is changed so is one that the visitor chose.
    pub fn edit(&self, edit: impl FnOnce(&mut RunConfig)) {
        let before = self.config.get_untracked();
        let mut config = before.clone();
        edit(&mut config);
        let config = config.clamped();
        if config.start != before.start {
            self.chosen.set(true);
        }
        if config != before {
            self.config.set(config);
        }
    }

    /// The visitor chooses where to start; the recipe follows as far as it is still the proposed one.
    pub fn choose(&self, start: Start, catalogue: &Catalogue) {
        self.chosen.set(true);
        self.failed.set(None);
        self.propose(Suggestion::of(start, catalogue));
    }

    /// The page proposes a start, as long as the visitor has chosen none.
    pub fn suit(&self, suggestion: Suggestion) {
        if !self.chosen.get_untracked() {
            self.propose(suggestion);
        }
    }

    fn propose(&self, suggestion: Suggestion) {
        let before = self.suggested.get_untracked();
        self.suggested.set(suggestion);
        let mut config = self.config.get_untracked();
        suggestion.replace(before, &mut config);
        let config = config.clamped();
        if config != self.config.get_untracked() {
            self.config.set(config);
        }
    }

    /// Takes over a config that the engine runs already (a resumed run's).
    pub fn adopt(&self, config: RunConfig, catalogue: &Catalogue) {
        // A shape of the visitor's own stays; what the page could have proposed follows the next text.
        let own = matches!(config.start, Start::Scratch { tokenizer: TokenizerChoice::Bpe { .. }, .. });
        self.chosen.set(own);
        self.suggested.set(Suggestion::of(config.start, catalogue));
        self.requested.set(Some(config.clone()));
        self.config.set(config);
    }

    /// Takes over how a run learns from a table that the engine knows already (a resumed run's).
    pub fn adopt_labels(&self, config: LabelConfig, catalogue: &Catalogue) {
        let before = self.config.get_untracked();
        self.adopt(RunConfig { start: config.start, ..before }, catalogue);
        // What it began with says nothing about the next run.
        let config = LabelConfig { go_on: false, ..config };
        self.labels.set(Some(config));
        self.labels_requested.set(self.label_run());
    }

    /// A plan was made that begins here.
    pub fn works(&self, start: Start) {
        let asked = self.requested.get_untracked().filter(|asked| asked.start == start);
        let config = asked.unwrap_or_else(|| RunConfig { start, ..self.config.get_untracked() });
        self.works.set(Some((config, self.chosen.get_untracked())));
        if self.failed.with_untracked(|failed| failed.as_ref().is_some_and(|(failed, _)| failed.start == start)) {
            self.failed.set(None);
        }
    }

    /// The model that was asked for could not be had: back to the one that works, if there is one, and remember what was wanted.
    pub fn fall_back(&self, catalogue: &Catalogue) {
        let wanted = self.config.get_untracked();
        let works = self.works.get_untracked().filter(|(works, _)| works.start != wanted.start);
        if let Some((works, chosen)) = works {
            self.failed.set(Some((wanted, self.suggested.get_untracked())));
            self.chosen.set(chosen);
            self.put_back(works, catalogue);
        }
    }

    /// A config that the form showed before, with the recipe that was proposed for it.
    pub fn put_back(&self, config: RunConfig, catalogue: &Catalogue) {
        self.suggested.set(Suggestion::of(config.start, catalogue));
        self.config.set(config);
    }

    /// The page went back from a model that could not be had; follows that.
    pub fn fell_back(&self) -> bool {
        self.failed.with(Option::is_some)
    }

    /// Puts what could not be had back into the form, for another try.
    pub fn want_again(&self) {
        if let Some((failed, suggested)) = self.failed.get_untracked() {
            self.failed.set(None);
            self.chosen.set(true);
            self.suggested.set(suggested);
            self.config.set(failed);
        }
    }

    /// The form differs from what the engine was asked for last. `table`: for a run over a table.
    pub fn outdated(&self, table: bool) -> bool {
        if table {
            let (asked, now) = (self.labels_requested.get_untracked(), untrack(|| self.label_run()));
            asked.is_some() && now.is_some() && asked != now
        } else {
            self.requested.with_untracked(|asked| asked.as_ref().is_some_and(|asked| *asked != self.config.get_untracked()))
        }
    }

    /// Where what the engine was asked for last begins. `table`: for a run over a table.
    pub fn asked_start(&self, table: bool) -> Option<Start> {
        if table {
            self.labels_requested.with_untracked(|asked| asked.as_ref().map(|asked| asked.start))
        } else {
            self.requested.with_untracked(|asked| asked.as_ref().map(|asked| asked.start))
        }
    }

    /// Names of what a restart would change; follows the settings.
    pub fn waiting_changes(&self) -> Vec<&'static str> {
        self.requested.with(|requested| match requested {
            Some(requested) => self.config.with(|config| structural_differences(requested, config)),
            None => Vec::new(),
        })
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::protocol::{BaseModel, ModelSize};

    pub fn start(id: &str) -> Start {
        Start::Base { model: BaseModel::named(id).unwrap() }
    }

    fn proposal(id: &str) -> Suggestion {
        Suggestion { start: start(id), learning_rate: 1e-3, steps: 120 }
    }

    pub fn settings(link: Link) -> (Owner, Settings) {
        let owner = Owner::new();
        owner.set();
        (owner, Settings::new(link))
    }

    #[test]
    fn a_proposal_is_no_choice_and_not_in_the_address_but_in_what_is_shared() {
        let (_owner, settings) = settings(Link::default());
        settings.suit(proposal("en-small"));
        assert_eq!(settings.config.get_untracked().start, start("en-small"));
        assert_eq!(untrack(|| settings.link()), Link::default());
        let shared = untrack(|| settings.exact_link());
        assert_eq!(Link::parse(&shared.to_hash()), shared);
        assert_eq!((shared.config.start, shared.config.steps), (start("en-small"), 120));
        settings.suit(Suggestion { steps: 90, ..proposal("zh-small") });
        assert_eq!(settings.config.get_untracked().steps, 90);
    }

    #[test]
    fn a_choice_stays() {
        let (_owner, settings) = settings(Link::default());
        settings.choose(start("en-nano"), &Catalogue::default());
        settings.suit(proposal("en-small"));
        assert_eq!(settings.config.get_untracked().start, start("en-nano"));
        let link = Link::parse("#v=1&model=attune-zh-small");
        let (_owner, settings) = self::settings(link);
        settings.suit(proposal("en-small"));
        assert_eq!(settings.config.get_untracked().start, start("attune-zh-small"));
    }

    #[test]
    fn a_model_that_cannot_be_had_gives_way_to_the_one_that_works_and_is_remembered() {
        let (_owner, settings) = settings(Link::default());
        let none = Catalogue::default();
        settings.requested.set(Some(settings.config.get_untracked()));
        settings.works(RunConfig::default().start);
        settings.choose(start("en-small"), &none);
        let wanted = settings.config.get_untracked();
        settings.requested.set(Some(wanted.clone()));
        settings.fall_back(&none);
        assert_eq!(settings.config.get_untracked(), RunConfig::default());
        // The plan that is made of it does not forget what was wanted.
        settings.works(RunConfig::default().start);
        assert!(untrack(|| settings.fell_back()));
        settings.want_again();
        assert_eq!(settings.config.get_untracked(), wanted);
        settings.works(wanted.start);
        assert!(!untrack(|| settings.fell_back()));
    }

    #[test]
    fn after_a_model_that_failed_the_next_choice_gets_its_own_recipe_and_the_page_proposes_again() {
        let (_owner, settings) = settings(Link::default());
        let none = Catalogue::default();
        settings.works(RunConfig::default().start);
        let scratch = Start::Scratch { size: ModelSize::default(), tokenizer: TokenizerChoice::Characters };
        settings.choose(scratch, &none);
        let rate = settings.config.get_untracked().learning_rate;
        assert_ne!(rate, RunConfig::default().learning_rate);
        settings.fall_back(&none);
        settings.choose(scratch, &none);
        assert_eq!(settings.config.get_untracked().learning_rate, rate);
        settings.fall_back(&none);
        settings.suit(proposal("zh-small"));
        assert_eq!(settings.config.get_untracked().start, start("zh-small"));
    }

    #[test]
    fn the_model_of_a_tables_plan_is_what_is_gone_back_to() {
        let (_owner, settings) = settings(Link::default());
        settings.requested.set(Some(settings.config.get_untracked()));
        settings.works(RunConfig::default().start);
        // Over a table only its own settings are asked for.
        settings.choose(start("en-small"), &Catalogue::default());
        settings.works(start("en-small"));
        settings.choose(start("zh-small"), &Catalogue::default());
        settings.fall_back(&Catalogue::default());
        assert_eq!(settings.config.get_untracked().start, start("en-small"));
    }
}
