//! The recipe for a table: how much of the model learns, for how long, how fast; what decides which epoch is the best.
//!
//! In and out: the settings' `LabelConfig`. Test ids: `set-NAME` as everywhere, `label-recipe`, `label-summary`.

use super::label_parts::{Diagram, LowRankFields};
use super::prompt::PromptField;
use super::{Choice, FieldWords, NumberField, restart};
use crate::page::conductor::Conductor;
use crate::page::models;
use crate::page::settings::Settings;
use crate::page::state::Part;
use crate::page::strings::{label_words, words};
use crate::protocol::labels::{ClassWeighting, FigureName, LabelConfig, LowRankMatrices, TextPooling, Trained};
use crate::protocol::{Limit, TableTask, limit};
use leptos::prelude::*;

/// A number of the recipe: its name, its limits, how it is read and written.
struct Dial {
    name: &'static str,
    limit: Limit,
    read: fn(&LabelConfig) -> f64,
    write: fn(&mut LabelConfig, f64),
}

/// A whole number between two others.
pub const fn whole(name: &'static str, min: f64, max: f64) -> Limit {
    Limit { name, min, max, step: 1.0, whole: true }
}

/// The limits of a run that a table's run shares.
fn shared(name: &'static str) -> Limit {
    limit(name).copied().unwrap_or(Limit { name, min: 0.0, max: 1.0, step: 0.01, whole: false })
}

/// Numbers in plain sight.
fn first() -> Vec<Dial> {
    vec![
        Dial {
            name: "epochs",
            limit: whole("epochs", 1.0, 100.0),
            read: |config| f64::from(config.epochs),
            write: |config, value| config.epochs = value as u32,
        },
        Dial {
            name: "label_rate",
            limit: shared("learning_rate"),
            read: |config| config.learning_rate,
            write: |config, value| config.learning_rate = value,
        },
    ]
}

/// Numbers behind "More settings".
fn rest() -> Vec<Dial> {
    vec![
        Dial {
            name: "label_batch",
            limit: shared("batch_size"),
            read: |config| f64::from(config.batch_size),
            write: |config, value| config.batch_size = value as u32,
        },
        Dial {
            name: "label_window",
            limit: shared("window"),
            read: |config| f64::from(config.window),
            write: |config, value| config.window = value as u32,
        },
        Dial {
            name: "patience",
            limit: whole("patience", 0.0, 20.0),
            read: |config| f64::from(config.patience),
            write: |config, value| config.patience = value as u32,
        },
        Dial {
            name: "layer_decay",
            limit: Limit { name: "layer_decay", min: 0.1, max: 1.0, step: 0.05, whole: false },
            read: |config| config.layer_decay,
            write: |config, value| config.layer_decay = value,
        },
        Dial {
            name: "label_warmup",
            limit: Limit { name: "label_warmup", min: 0.0, max: 1.0, step: 0.05, whole: false },
            read: |config| config.warmup_share,
            write: |config, value| config.warmup_share = value,
        },
        Dial {
            name: "label_decay",
            limit: shared("weight_decay"),
            read: |config| config.weight_decay,
            write: |config, value| config.weight_decay = value,
        },
        Dial {
            name: "label_dropout",
            limit: shared("dropout"),
            read: |config| config.dropout,
            write: |config, value| config.dropout = value,
        },
        Dial {
            name: "label_seed",
            limit: shared("seed"),
            read: |config| config.seed as f64,
            write: |config, value| config.seed = value as u64,
        },
    ]
}

fn numbers(settings: Settings, dials: Vec<Dial>) -> impl IntoView {
    let one = move |dial: Dial| {
        let words = label_words().recipe.number(dial.name)?;
        let (read, write) = (dial.read, dial.write);
        let value = Signal::derive(move || settings.labels.with(|config| config.as_ref().map(read)));
        let default = settings.labels.with_untracked(|config| config.as_ref().map(|config| read(&LabelConfig::new(config.choice.clone()))));
        let set = Callback::new(move |value| settings.edit_labels(|config| write(config, value)));
        Some(view! { <NumberField words limit=dial.limit value default set/> })
    };
    dials.into_iter().map(one).collect_view()
}

/// A choice over a part of the config.
fn choice(
    settings: Settings,
    words: FieldWords,
    default: &'static str,
    options: Vec<(&'static str, &'static str)>,
    read: fn(&LabelConfig) -> &'static str,
    write: fn(&mut LabelConfig, &str),
) -> impl IntoView {
    let value = Signal::derive(move || settings.labels.with(|config| config.as_ref().map_or(default, read)));
    let on_choice = move |wanted: String| settings.edit_labels(|config| write(config, &wanted));
    view! { <Choice words value default options on_choice/> }
}

/// Figures by their names in the list.
const METRICS: [(&str, FigureName); 17] = [
    ("loss", FigureName::Loss),
    ("accuracy", FigureName::Accuracy),
    ("macro-f1", FigureName::MacroF1),
    ("micro-f1", FigureName::MicroF1),
    ("subset", FigureName::SubsetAccuracy),
    ("hamming", FigureName::HammingLoss),
    ("pearson", FigureName::Pearson),
    ("spearman", FigureName::Spearman),
    ("mse", FigureName::MeanSquaredError),
    ("mae", FigureName::MeanAbsoluteError),
    ("r2", FigureName::RSquared),
    ("span-f1", FigureName::SpanF1),
    ("tags", FigureName::TagAccuracy),
    ("chrf", FigureName::Chrf),
    ("rouge", FigureName::RougeL),
    ("exact", FigureName::ExactMatch),
    ("token-f1", FigureName::TokenF1),
];

fn metric_name(figure: FigureName) -> &'static str {
    METRICS.iter().find(|(_, known)| *known == figure).map_or("", |(name, _)| *name)
}

/// Which figure decides: the loss, or one of the task's.
fn metric(settings: Settings, task: Option<TableTask>) -> impl IntoView {
    let figures = task.map_or(&[][..], FigureName::of);
    let label = |figure: FigureName| (crate::page::strings::report::words().figure)(figure).0;
    let options = figures.iter().chain(&[FigureName::Loss]).map(|&figure| (metric_name(figure), label(figure))).collect();
    let default = figures.first().map_or("loss", |&figure| metric_name(figure));
    choice(
        settings,
        label_words().recipe.metric,
        default,
        options,
        |config| metric_name(config.metric),
        |config, wanted| {
            if let Some((_, figure)) = METRICS.iter().find(|(name, _)| *name == wanted) {
                config.metric = *figure;
            }
        },
    )
}

/// The recipe.
#[component]
pub fn LabelRecipe(conductor: Conductor) -> impl IntoView {
    let (settings, store) = (conductor.settings, conductor.store);
    let own = &label_words().recipe;
    let some = Memo::new(move |_| settings.labels.with(Option::is_some));
    let summary = move || store.with(Part::Plan, |state| state.labels.plan.as_ref().map(|plan| (own.summary)(plan)));
    let top = Memo::new(move |_| {
        settings.labels.with(|config| match config.as_ref().map(|config| config.trained) {
            Some(Trained::TopLayers { layers }) => Some(f64::from(layers)),
            _ => None,
        })
    });
    let task = Memo::new(move |_| settings.labels.with(|config| config.as_ref().map(|config| config.choice.columns.task)));
    let main = move || {
        view! {
            {choice(
                settings,
                own.trained,
                "everything",
                vec![("everything", own.trained_all), ("top", own.trained_top), ("low-rank", own.trained_low_rank), ("head", own.trained_head)],
                |config| match config.trained {
                    Trained::Everything => "everything",
                    Trained::TopLayers { .. } => "top",
                    Trained::LowRank { .. } => "low-rank",
                    Trained::HeadOnly => "head",
                },
                |config, wanted| {
                    config.trained = match wanted {
                        "top" => Trained::TopLayers { layers: 2 },
                        "low-rank" => Trained::LowRank { rank: 8, alpha: 16.0, matrices: LowRankMatrices::default() },
                        "head" => Trained::HeadOnly,
                        _ => Trained::Everything,
                    };
                },
            )}
            <Show when=move || top.get().is_some()>
                <NumberField
                    words=own.top_layers
                    limit=whole("top_layers", 1.0, 12.0)
                    value=top
                    default=Some(2.0)
                    set=Callback::new(move |value: f64| settings.edit_labels(|config| config.trained = Trained::TopLayers { layers: value as u32 }))
                />
            </Show>
            {numbers(settings, first())}
        }
    };
    let more = move || {
        view! {
            {numbers(settings, rest())}
            {choice(
                settings,
                own.pooling,
                "mean",
                vec![("last", own.pooling_last), ("mean", own.pooling_mean)],
                |config| pooling_name(config.pooling),
                |config, wanted| config.pooling = if wanted == "mean" { TextPooling::Mean } else { TextPooling::Last },
            )}
            {choice(
                settings,
                own.weighting,
                "equal",
                vec![("equal", own.weighting_equal), ("balanced", own.weighting_balanced)],
                |config| if config.weighting == ClassWeighting::Balanced { "balanced" } else { "equal" },
                |config, wanted| config.weighting = if wanted == "balanced" { ClassWeighting::Balanced } else { ClassWeighting::Equal },
            )}
            {move || metric(settings, task.get())}
            {choice(
                settings,
                own.baselines,
                "yes",
                vec![("yes", own.yes), ("no", own.no)],
                |config| if config.baselines { "yes" } else { "no" },
                |config, wanted| config.baselines = wanted == "yes",
            )}
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
                    undo=Callback::new(move |()| settings.labels.set(settings.labels_requested.get_untracked()))
                />
                <details class="fold" data-testid="label-more">
                    <summary>{words().recipe.more}</summary>
                    {more}
                </details>
            </Show>
        </div>
    }
}

fn pooling_name(pooling: TextPooling) -> &'static str {
    match pooling {
        TextPooling::Last => "last",
        TextPooling::Mean => "mean",
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
        (own.weighting, running.weighting != wanted.weighting),
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
    use crate::protocol::{SplitOptions, TaskColumns, labels::LabelChoice};

    fn config() -> LabelConfig {
        let columns = TaskColumns {
            task: TableTask::Classify,
            text: 0,
            second: None,
            target: Some(1),
            more_targets: Vec::new(),
            split: None,
            label_separator: None,
        };
        LabelConfig::new(LabelChoice { columns, merge_labels: false, split: SplitOptions::default() })
    }

    #[test]
    fn every_number_has_words_and_comes_back_as_it_was_set() {
        for dial in first().into_iter().chain(rest()) {
            assert!(label_words().recipe.number(dial.name).is_some(), "{}", dial.name);
            for value in [dial.limit.min, dial.limit.max] {
                let mut changed = config();
                (dial.write)(&mut changed, value);
                assert_eq!((dial.read)(&changed.clamped()), value, "{}", dial.name);
            }
        }
    }

    #[test]
    fn all_but_the_learning_rate_waits_for_a_restart() {
        let running = config();
        let mut wanted = LabelConfig { learning_rate: 0.01, ..running.clone() };
        assert!(differences(&running, &wanted).is_empty());
        (wanted.trained, wanted.epochs, wanted.choice.merge_labels) = (Trained::HeadOnly, 9, true);
        assert_eq!(differences(&running, &wanted), ["times through the table", "what learns", "the choice of examples"]);
    }
}
