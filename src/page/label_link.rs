//! What a link says of a table: the recipe, and beside a scenario also its task and columns. Numbers and names of options, never text.
//!
//! In and out: a [`LabelLink`], the pairs of a link, a `LabelConfig`. Only what differs from the default is written. Left out: the prompt of text to text and names of
//! columns, which are the visitor's words; where cells are split and how a file is read, since the file itself does not travel.

use super::label_fields::{PICKS, numbers};
use super::table_in::roles::{Role, has_second, role_of};
use super::table_in::task::TASKS;
use super::url::value_of;
use crate::protocol::labels::{LabelChoice, LabelConfig};
use crate::protocol::{SplitOptions, TableTask, TaskColumns};

/// Columns that a link can speak of.
const MOST_COLUMNS: usize = 64;

/// What a link says of a table, in the order of the lists of `label_fields`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LabelLink {
    numbers: Vec<(&'static str, f64)>,
    picks: Vec<(&'static str, &'static str)>,
    task: Option<TableTask>,
    /// A letter for each column: `t`ext, `s`econd text, `l`abel, `p`art, or `-`.
    roles: Option<String>,
}

/// What the page would learn from an open table by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// The scenario that it is; `None` for a table of the visitor's own.
    pub scenario: Option<String>,
    pub columns: TaskColumns,
    /// What stands between several labels of a cell, column by column.
    pub separators: Vec<Option<char>>,
    /// What its scenario sets otherwise than by default: pairs of a link.
    pub recipe: String,
}

/// A config for columns, with nothing set otherwise.
pub fn fresh(columns: TaskColumns) -> LabelConfig {
    LabelConfig::new(LabelChoice { columns, merge_labels: false, split: SplitOptions::default() })
}

/// A config for columns of a table whose scenario sets `recipe`, pairs of a link; nothing is set otherwise.
pub fn usual(recipe: &str, columns: TaskColumns) -> LabelConfig {
    LabelLink::of_pairs(recipe).apply(fresh(columns))
}

/// A recipe over another table, whose own one is `after`. What the own recipe of the table before set, or left, is as the new one has it; what the visitor
/// changed stays, but for what was decided because of the table before: merged labels, its own parts, rows that stood in two of them.
pub fn moved(config: LabelConfig, before: &str, columns: TaskColumns, after: &str) -> LabelConfig {
    let (old, new) = (usual(before, config.choice.columns.clone()), usual(after, columns.clone()));
    let SplitOptions { ignore_ready, drop_leaks, .. } = new.choice.split;
    let split = SplitOptions { ignore_ready, drop_leaks, ..config.choice.split.clone() };
    let choice = LabelChoice { columns, merge_labels: new.choice.merge_labels, split };
    let mut moved = LabelConfig { choice, ..config.clone() };
    for pick in PICKS.iter().copied().flatten().filter(|pick| (pick.read)(&config) == (pick.read)(&old)) {
        if let Some(option) = (pick.read)(&new).filter(|option| (pick.read)(&moved) != Some(*option)) {
            (pick.write)(&mut moved, option);
        }
    }
    for dial in numbers().into_iter().filter(|dial| (dial.read)(&config) == (dial.read)(&old)) {
        if let Some(value) = (dial.read)(&new) {
            (dial.write)(&mut moved, value);
        }
    }
    moved.clamped()
}

impl LabelLink {
    /// Reads what is understood of pairs; `value` gives the value of a name.
    pub fn parse<'a>(value: &dyn Fn(&str) -> Option<&'a str>) -> Self {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| !number.is_nan());
        let numbers = numbers().into_iter().filter_map(|dial| Some((dial.name, dial.limit.clamp(number(value(dial.name)?)?))));
        let picks = PICKS.iter().copied().flatten().filter_map(|pick| {
            let wanted = value(pick.name)?;
            Some((pick.name, *pick.options.iter().find(|option| **option == wanted)?))
        });
        Self {
            numbers: numbers.collect(),
            picks: picks.collect(),
            task: value("task").and_then(|name| TASKS.iter().find(|(known, _)| *known == name)).map(|(_, task)| *task),
            roles: value("roles").filter(|roles| is_roles(roles)).map(str::to_owned),
        }
    }

    /// Reads `name=value` between `&`.
    pub fn of_pairs(pairs: &str) -> Self {
        Self::parse(&|name| value_of(pairs, name))
    }

    /// What a config has other than by default. `proposed`: of a table whose columns a link can name.
    pub fn of(config: &LabelConfig, proposed: Option<&Proposed>) -> Self {
        let config = config.clone().clamped();
        let columns = &config.choice.columns;
        let mut base = usual(proposed.map_or("", |proposed| &proposed.recipe), columns.clone());
        let mut picks = Vec::new();
        for pick in PICKS.iter().copied().flatten() {
            let wanted = (pick.read)(&config);
            if let Some(wanted) = wanted.filter(|_| wanted != (pick.read)(&base)) {
                picks.push((pick.name, wanted));
                (pick.write)(&mut base, wanted);
            }
        }
        let differs = |dial: super::label_fields::Dial| {
            let value = (dial.read)(&config);
            value.filter(|_| value != (dial.read)(&base)).map(|value| (dial.name, value))
        };
        let numbers = numbers().into_iter().filter_map(differs).collect();
        let moved = proposed.filter(|proposed| proposed.scenario.is_some() && proposed.columns != *columns);
        Self {
            numbers,
            picks,
            task: moved.filter(|proposed| proposed.columns.task != columns.task).map(|_| columns.task),
            roles: moved.and_then(|_| roles(columns)),
        }
    }

    /// Its pairs.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let picks = self.picks.iter().map(|&(name, option)| (name, option.to_owned()));
        let numbers = self.numbers.iter().map(|&(name, value)| (name, value.to_string()));
        let task = self.task.and_then(|task| TASKS.iter().find(|(_, known)| *known == task)).map(|(name, _)| ("task", (*name).to_owned()));
        task.into_iter().chain(self.roles.clone().map(|roles| ("roles", roles))).chain(picks).chain(numbers).collect()
    }

    /// Sets the recipe; columns stay.
    pub fn apply(&self, config: LabelConfig) -> LabelConfig {
        let mut config = config;
        for pick in PICKS.iter().copied().flatten() {
            if let Some((_, option)) = self.picks.iter().find(|(name, _)| *name == pick.name) {
                (pick.write)(&mut config, option);
            }
        }
        for dial in numbers() {
            if let Some((_, value)) = self.numbers.iter().find(|(name, _)| *name == dial.name) {
                (dial.write)(&mut config, *value);
            }
        }
        config.clamped()
    }

    /// The columns of a scenario as the link wants them; as proposed where it says nothing that this table could have.
    pub fn columns(&self, proposed: &Proposed) -> TaskColumns {
        let task = self.task.unwrap_or(proposed.columns.task);
        let wanted = self.roles.as_deref().and_then(|roles| columns(task, roles, &proposed.separators));
        wanted.unwrap_or_else(|| proposed.columns.clone())
    }
}

const LETTERS: [(char, Role); 5] = [('t', Role::Text), ('s', Role::Second), ('l', Role::Target), ('p', Role::Split), ('-', Role::Unused)];

fn is_roles(roles: &str) -> bool {
    (1..=MOST_COLUMNS).contains(&roles.len())
        && roles.chars().all(|letter| LETTERS.iter().any(|(known, _)| *known == letter))
        && ['t', 's', 'p'].iter().all(|&one| roles.matches(one).count() <= 1)
        && roles.contains('t')
        && !roles.ends_with('-')
}

fn roles(columns: &TaskColumns) -> Option<String> {
    let used = [Some(columns.text), columns.second, columns.target, columns.split];
    let last = used.into_iter().flatten().chain(columns.more_targets.iter().copied()).max()?;
    let letter = |index| LETTERS.iter().find(|(_, role)| *role == role_of(columns, index)).map_or('-', |(letter, _)| *letter);
    ((last as usize) < MOST_COLUMNS).then(|| (0..=last).map(letter).collect())
}

/// Columns by their letters; `None` where the table has no such columns, or the task could not be had with them.
fn columns(task: TableTask, roles: &str, separators: &[Option<char>]) -> Option<TaskColumns> {
    let places = |wanted: char| roles.chars().zip(0u32..).filter(move |(letter, _)| *letter == wanted).map(|(_, index)| index);
    let mut targets = places('l');
    let (text, second, target) = (places('t').next()?, places('s').next(), targets.next());
    let more: Vec<u32> = targets.collect();
    let needs_second = has_second(task) && task != TableTask::TextToText;
    let suits = roles.len() <= separators.len()
        && (target.is_some() != (task == TableTask::Write))
        && (second.is_some() || !needs_second)
        && (second.is_none() || has_second(task))
        && (more.is_empty() || task == TableTask::ClassifySeveral);
    let label_separator = target.and_then(|target| separators.get(target as usize).copied().flatten());
    suits.then(|| TaskColumns { task, text, second, target, more_targets: more, split: places('p').next(), label_separator })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::page::label_fields::{Dial, TRAINED};
    use crate::page::url::Link;
    use crate::protocol::MemoryUse;
    use crate::protocol::labels::LabelPlan;
    use proptest::prelude::*;

    /// A config with nothing set otherwise.
    pub fn config(task: TableTask) -> LabelConfig {
        let second = has_second(task).then_some(2);
        fresh(TaskColumns { task, text: 0, second, target: Some(1), more_targets: Vec::new(), split: None, label_separator: None })
    }

    /// A plan of next to nothing.
    pub fn plan(config: LabelConfig) -> LabelPlan {
        LabelPlan {
            config,
            classes: Vec::new(),
            n_layer: 1,
            n_head: 1,
            n_embd: 1,
            n_ctx: 1,
            parameters: 1,
            frozen_parameters: 0,
            parts: Vec::new(),
            memory: MemoryUse::default(),
            steps: 1,
            steps_per_epoch: 1,
            mean_tokens: 1.0,
            most_tokens: 1,
            long_texts: 0,
            cut_texts: 0,
            unread_words: 0,
            answer_tokens: 0,
            unknown_tokens: 0,
            texts_per_second: 1.0,
            expected_seconds: 1.0,
        }
    }

    fn proposed(columns: TaskColumns) -> Proposed {
        Proposed { scenario: Some("reviews".to_owned()), columns, separators: vec![None, Some(';'), None, None], recipe: String::new() }
    }

    fn of(config: &LabelConfig) -> LabelLink {
        LabelLink::of(config, Some(&proposed(config.choice.columns.clone())))
    }

    fn hash(labels: LabelLink) -> String {
        Link { labels, ..Link::default() }.to_hash()
    }

    fn through_a_link(config: &LabelConfig) -> LabelConfig {
        Link::parse(&hash(of(config))).labels.apply(fresh(config.choice.columns.clone()))
    }

    #[test]
    fn only_what_differs_is_written() {
        for (_, task) in TASKS {
            assert_eq!(of(&config(task)), LabelLink::default(), "{task:?}");
        }
        let mut lora = config(TableTask::Classify);
        (TRAINED.write)(&mut lora, "low-rank");
        assert_eq!(hash(of(&lora)), "v=1&learns=low-rank");
        let lora = LabelLink::parse(&|name| [("rank", "4"), ("mlp_in", "no"), ("epochs", "3")].iter().find(|p| p.0 == name).map(|p| p.1))
            .apply(lora);
        assert_eq!(hash(of(&lora)), "v=1&learns=low-rank&mlp_in=no&epochs=3&rank=4");
        assert_eq!(through_a_link(&lora), lora);
    }

    #[test]
    fn scenarios_say_only_what_is_understood() {
        let manifest: Vec<serde_json::Value> = serde_json::from_str(include_str!("../../static/scenarios/manifest.json")).unwrap();
        let recipes = || manifest.iter().filter_map(|scenario| scenario["recipe"].as_str());
        assert!(recipes().count() > 0);
        for recipe in recipes() {
            let mut read: Vec<String> = LabelLink::of_pairs(recipe).pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
            let mut written: Vec<&str> = recipe.split('&').collect();
            read.sort();
            written.sort_unstable();
            assert_eq!(read, written);
        }
    }

    #[test]
    fn columns_travel_beside_a_scenario_only() {
        let mut changed = config(TableTask::Classify);
        let proposal = proposed(changed.choice.columns.clone());
        let pair = TaskColumns { task: TableTask::ClassifyPair, text: 2, second: Some(0), ..changed.choice.columns.clone() };
        changed.choice.columns = pair.clone();
        let link = LabelLink::of(&changed, Some(&proposal));
        assert_eq!(hash(link.clone()), "v=1&task=pair&roles=slt");
        // A separator is that of the column, not of the link.
        assert_eq!(link.columns(&proposal), TaskColumns { label_separator: Some(';'), ..pair });
        let own = Proposed { scenario: None, ..proposal.clone() };
        assert_eq!(LabelLink::of(&changed, Some(&own)), LabelLink::default());
        assert_eq!(LabelLink::of(&changed, None), LabelLink::default());
        let narrow = Proposed { separators: vec![None; 2], ..proposal };
        assert_eq!(link.columns(&narrow), narrow.columns);
    }

    #[test]
    fn columns_that_make_no_task_are_left_as_proposed() {
        let proposal = proposed(config(TableTask::Classify).choice.columns);
        for hostile in [
            "task=pair&roles=tl",
            "roles=t",
            "roles=tsl",
            "roles=tll",
            "roles=ttl",
            "roles=tl-",
            "roles=l",
            "roles=t--------------l",
            "task=pair",
        ] {
            assert_eq!(Link::parse(&format!("v=1&{hostile}")).labels.columns(&proposal), proposal.columns, "{hostile}");
        }
    }

    #[test]
    fn limits_hold_and_nonsense_is_left_out() {
        let link =
            Link::parse("v=1&epochs=1e9&rank=0&label_rate=NaN&label_test=7&learns=<script>&metric=chrf&merge_labels=yes&patience=-inf");
        let config = link.labels.apply(config(TableTask::Classify));
        assert_eq!((config.epochs, config.patience, config.learning_rate, config.choice.split.test_share), (100, 0, 1e-3, 0.5));
        assert_eq!(
            (config.trained, config.metric),
            (crate::protocol::labels::Trained::Everything, crate::protocol::labels::FigureName::MacroF1)
        );
        assert!(config.choice.merge_labels);
    }

    #[test]
    fn a_prompt_never_travels() {
        let secret = LabelConfig { prompt: Some("my words {source} {answer}".to_owned()), ..config(TableTask::TextToText) };
        assert_eq!(hash(of(&secret)), "");
    }

    fn any_value(dial: &Dial) -> BoxedStrategy<f64> {
        let limit = dial.limit;
        (limit.min..=limit.max).prop_map(move |value| limit.clamp(value)).boxed()
    }

    fn any_config() -> impl Strategy<Value = LabelConfig> {
        let values: Vec<BoxedStrategy<f64>> = numbers().iter().map(any_value).collect();
        let picks: Vec<_> = PICKS.iter().copied().flatten().map(|pick| 0..pick.options.len()).collect();
        (0..TASKS.len(), values, picks).prop_map(|(task, values, picks)| {
            let mut config = config(TASKS[task].1);
            for (pick, option) in PICKS.iter().copied().flatten().zip(picks) {
                (pick.write)(&mut config, pick.options[option]);
            }
            for (dial, value) in numbers().iter().zip(values) {
                (dial.write)(&mut config, value);
            }
            config.clamped()
        })
    }

    proptest! {
        #[test]
        fn a_recipe_comes_back_as_it_went(config in any_config()) {
            prop_assert_eq!(through_a_link(&config), config.clone());
            let link = Link { labels: of(&config), ..Link::default() };
            prop_assert_eq!(Link::parse(&link.to_hash()), link);
        }

        #[test]
        fn any_string_gives_a_recipe_within_limits(text in ".{0,200}", values in proptest::collection::vec("[a-z0-9eE.+-]{0,12}", 24)) {
            let names = numbers().into_iter().map(|dial| dial.name).chain(["task", "roles", "learns", "metric", "mlp_out"]);
            let pairs: String = names.zip(values).map(|(name, value)| format!("&{name}={value}")).collect();
            for hash in [text.clone(), pairs, format!("roles={text}&task={text}&learns={text}")] {
                let link = Link::parse(&hash).labels;
                let config = link.apply(config(TableTask::Classify));
                prop_assert_eq!(config.clone().clamped(), config);
                prop_assert_eq!(Link::parse(&Link { labels: link.clone(), ..Link::default() }.to_hash()).labels, link);
            }
        }
    }
}
