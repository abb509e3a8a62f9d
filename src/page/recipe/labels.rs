//! The recipe for a table: how much of the model learns, for how long, how fast; what decides which epoch is the best.
//!
//! In and out: the settings' `LabelConfig`. Test ids: `set-NAME` as everywhere, `label-recipe`, `label-summary`.

use super::label_parts::{Diagram, LowRankFields};
use super::prompt::PromptField;
use super::{Choice, FieldWords, NumberField, restart};
use crate::page::conductor::Conductor;
use crate::page::label_fields::{
    self, BASELINES, Dial, LONG_TEXTS, METRIC, PAIRS, POOLING, Pick, SCHEDULE, TRAINED, WEIGHTING, figure_name, first, rest,
};
use crate::page::models;
use crate::page::settings::Settings;
use crate::page::state::Part;
use crate::page::strings::{label_words, words};
use crate::protocol::TableTask;
use crate::protocol::labels::{FigureName, LabelConfig};
use leptos::prelude::*;

/// What the open table begins with: the page's defaults, and what its scenario sets otherwise.
type Usual = Memo<Option<LabelConfig>>;

fn numbers(settings: Settings, usual: Usual, dials: Vec<Dial>) -> impl IntoView {
    let one = move |dial: Dial| {
        let words = label_words().recipe.number(dial.name)?;
        let (read, write) = (dial.read, dial.write);
        let value = Signal::derive(move || settings.labels.with(|config| config.as_ref().and_then(read)));
        let default = Signal::derive(move || usual.with(|config| config.as_ref().and_then(read)));
        let set = Callback::new(move |value| settings.edit_labels(|config| write(config, value)));
        Some(view! { <NumberField words limit=dial.limit value default set/> })
    };
    dials.into_iter().map(one).collect_view()
}

/// A choice of the config, with the words of its options in the order of the list.
fn choice(settings: Settings, usual: Usual, words: FieldWords, pick: Pick, options: Vec<(&'static str, &'static str)>) -> impl IntoView {
    let (read, write) = (pick.read, pick.write);
    let of = move |config: &Option<LabelConfig>| config.as_ref().and_then(read);
    // What depends on another choice may have no usual value: then it is the first option.
    let first = pick.options.first().copied().unwrap_or_default();
    let default = Signal::derive(move || usual.with(of).unwrap_or(first));
    let value = Signal::derive(move || settings.labels.with(of).unwrap_or_else(|| default.get()));
    let on_choice = move |wanted: String| settings.edit_labels(|config| write(config, &wanted));
    view! { <Choice words value default options on_choice/> }
}

/// Which figure decides: the loss, or one of the task's.
fn metric(settings: Settings, usual: Usual, task: Option<TableTask>) -> impl IntoView {
    let figures = task.map_or(&[][..], FigureName::of);
    let label = |figure: FigureName| (crate::page::strings::report::words().figure)(figure).0;
    let options = figures.iter().chain(&[FigureName::Loss]).map(|&figure| (figure_name(figure), label(figure))).collect();
    choice(settings, usual, label_words().recipe.metric, METRIC, options)
}

/// The recipe.
#[component]
pub fn LabelRecipe(conductor: Conductor) -> impl IntoView {
    let (settings, store) = (conductor.settings, conductor.store);
    let own = &label_words().recipe;
    let some = Memo::new(move |_| settings.labels.with(Option::is_some));
    let usual = Memo::new(move |_| settings.usual_labels());
    let summary = move || store.with(Part::Plan, |state| state.labels.plan.as_ref().map(|plan| (own.summary)(plan)));
    let layers = label_fields::top_layers();
    let (read_top, write_top) = (layers.read, layers.write);
    let top = Memo::new(move |_| settings.labels.with(|config| config.as_ref().and_then(read_top)));
    let run = &words().recipe;
    let task = Memo::new(move |_| settings.labels.with(|config| config.as_ref().map(|config| config.choice.columns.task)));
    let pairs = Memo::new(move |_| task.get().is_some_and(TableTask::has_pairs));
    let parts = Memo::new(move |_| settings.labels.with(|config| config.as_ref().is_some_and(LabelConfig::can_read_parts)));
    let weighs = Memo::new(move |_| task.get().is_some_and(TableTask::weighs_classes));
    let main = move || {
        view! {
            {choice(
                settings,
                usual,
                own.trained,
                TRAINED,
                vec![("everything", own.trained_all), ("top", own.trained_top), ("low-rank", own.trained_low_rank), ("head", own.trained_head)],
            )}
            <Show when=move || top.get().is_some()>
                <NumberField
                    words=own.top_layers
                    limit=layers.limit
                    value=top
                    default=Some(2.0)
                    set=Callback::new(move |value: f64| settings.edit_labels(|config| write_top(config, value)))
                />
            </Show>
            {numbers(settings, usual, first())}
        }
    };
    let more = move || {
        view! {
            {numbers(settings, usual, rest())}
            {choice(settings, usual, own.pooling, POOLING, vec![("both", own.pooling_both), ("last", own.pooling_last), ("mean", own.pooling_mean)])}
            <Show when=move || pairs.get()>
                {choice(settings, usual, own.pairs, PAIRS, vec![("together", own.pairs_together), ("apart", own.pairs_apart)])}
            </Show>
            <Show when=move || parts.get()>
                {choice(settings, usual, own.long_texts, LONG_TEXTS, vec![("part", own.long_part), ("whole", own.long_whole)])}
            </Show>
            <Show when=move || weighs.get()>
                {choice(
                    settings,
                    usual,
                    own.weighting,
                    WEIGHTING,
                    vec![("equal", own.weighting_equal), ("balanced", own.weighting_balanced)],
                )}
            </Show>
            {choice(
                settings,
                usual,
                own.schedule,
                SCHEDULE,
                vec![("cosine", run.schedule_cosine), ("linear", run.schedule_linear), ("constant", run.schedule_constant)],
            )}
            {move || metric(settings, usual, task.get())}
            {choice(settings, usual, own.baselines, BASELINES, vec![("yes", own.yes), ("no", own.no)])}
        }
    };
    view! {
        <div class="recipe" data-testid="label-recipe">
            <div class="recipe-head">
                <h3>{words().recipe.title}</h3>
            </div>
            <models::Chosen conductor/>
            <Show when=move || some.get()>
                {main}
                <LowRankFields settings/>
                <PromptField settings/>
                <Diagram conductor/>
                <p class="small" data-testid="label-summary">{summary}</p>
                <restart::Notice
                    conductor
                    names=Signal::derive(move || waiting(settings))
                    undo=Callback::new(move |()| conductor.undo_label_changes())
                />
                <details class="fold" data-testid="label-more">
                    <summary>{words().recipe.more}</summary>
                    {more}
                </details>
            </Show>
        </div>
    }
}

/// Plain names of what a restart would change.
fn waiting(settings: Settings) -> Vec<&'static str> {
    let (Some(wanted), Some(running)) = (settings.label_run_tracked(), settings.labels_requested.get()) else { return Vec::new() };
    differences(&running, &wanted)
}

/// Plain names of the settings in which two runs differ and that need a restart: all but the learning rate, which acts at once.
fn differences(running: &LabelConfig, wanted: &LabelConfig) -> Vec<&'static str> {
    let own = &label_words().recipe;
    let dials = first().into_iter().chain(rest()).filter(|dial| dial.name != "label_rate" && (dial.read)(running) != (dial.read)(wanted));
    let mut names: Vec<&'static str> = dials.filter_map(|dial| own.number(dial.name)).map(|words| words.name).collect();
    let choices = [
        (own.trained, running.trained != wanted.trained),
        (own.pooling, running.pooling != wanted.pooling),
        (own.pairs, running.pairs != wanted.pairs),
        (own.long_texts, running.long_texts != wanted.long_texts),
        (own.weighting, running.weighting != wanted.weighting),
        (own.schedule, running.schedule != wanted.schedule),
        (own.metric, running.metric != wanted.metric),
        (own.baselines, running.baselines != wanted.baselines),
        (words().recipe.start, running.start != wanted.start),
    ];
    names.extend(choices.into_iter().filter(|choice| choice.1).map(|choice| choice.0.name));
    if running.choice != wanted.choice {
        names.push(label_words().table.choice);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::label_link::tests::config;
    use crate::protocol::labels::Trained;

    #[test]
    fn every_number_has_words() {
        for dial in first().into_iter().chain(rest()) {
            assert!(label_words().recipe.number(dial.name).is_some(), "{}", dial.name);
        }
    }

    #[test]
    fn all_but_the_learning_rate_waits_for_a_restart() {
        let running = config(TableTask::Classify);
        let mut wanted = LabelConfig { learning_rate: 0.01, ..running.clone() };
        assert!(differences(&running, &wanted).is_empty());
        (wanted.trained, wanted.epochs, wanted.choice.merge_labels) = (Trained::HeadOnly, 9, true);
        assert_eq!(differences(&running, &wanted), ["times through the table", "what learns", "the choice of examples"]);
    }
}
