//! Settings of a run over a table by name: the one list that its form, the link and the restart notice share.
//!
//! In: a name. Out: a value in a config, or the change of one. Names are those of links and of test ids (`set-NAME`), and differ from those of
//! `page::fields`. Absent: words; the prompt, which is a text of the visitor's; the model that a run starts from, which it shares with a run over a text.

use crate::protocol::labels::{ClassWeighting, FigureName, LabelConfig, LongTexts, LowRankMatrices, PairReading, TextPooling, Trained};
use crate::protocol::{LearningRateSchedule, Limit, limit};

/// A number: its limits, how it is read (`None` where the config has no such number) and written.
pub struct Dial {
    pub name: &'static str,
    pub limit: Limit,
    pub read: fn(&LabelConfig) -> Option<f64>,
    pub write: fn(&mut LabelConfig, f64),
}

/// A choice among named options.
pub struct Pick {
    pub name: &'static str,
    /// Every name that can be read.
    pub options: &'static [&'static str],
    /// `None` where the config has no such choice.
    pub read: fn(&LabelConfig) -> Option<&'static str>,
    pub write: fn(&mut LabelConfig, &str),
}

/// A whole number between two others.
pub const fn whole(name: &'static str, min: f64, max: f64) -> Limit {
    Limit { name, min, max, step: 1.0, whole: true }
}

const fn real(name: &'static str, min: f64, max: f64, step: f64) -> Limit {
    Limit { name, min, max, step, whole: false }
}

/// The limits of a run that a table's run shares.
fn shared(name: &'static str) -> Limit {
    limit(name).copied().unwrap_or(real(name, 0.0, 1.0, 0.01))
}

type Read = fn(&LabelConfig) -> Option<f64>;
type Write = fn(&mut LabelConfig, f64);

const fn dial(name: &'static str, limit: Limit, read: Read, write: Write) -> Dial {
    Dial { name, limit, read, write }
}

/// Numbers of the form in plain sight.
pub fn first() -> Vec<Dial> {
    vec![
        dial("epochs", whole("epochs", 1.0, 100.0), |c| Some(f64::from(c.epochs)), |c, value| c.epochs = value as u32),
        dial("label_rate", shared("learning_rate"), |c| Some(c.learning_rate), |c, value| c.learning_rate = value),
    ]
}

/// Numbers behind "More settings".
pub fn rest() -> Vec<Dial> {
    let share = |name| real(name, 0.0, 1.0, 0.05);
    vec![
        dial("label_batch", shared("batch_size"), |c| Some(f64::from(c.batch_size)), |c, value| c.batch_size = value as u32),
        dial("label_window", shared("window"), |c| Some(f64::from(c.window)), |c, value| c.window = value as u32),
        dial("patience", whole("patience", 0.0, 20.0), |c| Some(f64::from(c.patience)), |c, value| c.patience = value as u32),
        dial("layer_decay", real("layer_decay", 0.1, 1.0, 0.05), |c| Some(c.layer_decay), |c, value| c.layer_decay = value),
        dial("label_warmup", share("label_warmup"), |c| Some(c.warmup_share), |c, value| c.warmup_share = value),
        dial("label_decay", shared("weight_decay"), |c| Some(c.weight_decay), |c, value| c.weight_decay = value),
        dial("label_dropout", shared("dropout"), |c| Some(c.dropout), |c, value| c.dropout = value),
        dial("label_seed", shared("seed"), |c| Some(c.seed as f64), |c, value| c.seed = value as u64),
    ]
}

/// How many of the topmost layers learn, where they do.
pub fn top_layers() -> Dial {
    let read: Read = |config| match config.trained {
        Trained::TopLayers { layers } => Some(f64::from(layers)),
        _ => None,
    };
    let write: Write = |config, value| {
        if let Trained::TopLayers { layers } = &mut config.trained {
            *layers = value as u32;
        }
    };
    dial("top_layers", whole("top_layers", 1.0, 12.0), read, write)
}

fn adapters(config: &LabelConfig) -> Option<(u32, f64, LowRankMatrices)> {
    match config.trained {
        Trained::LowRank { rank, alpha, matrices } => Some((rank, alpha, matrices)),
        _ => None,
    }
}

/// Width and strength of adapters, where there are any.
pub fn adapter_size() -> [Dial; 2] {
    let set_rank: Write = |config, value| {
        if let Trained::LowRank { rank, .. } = &mut config.trained {
            *rank = value as u32;
        }
    };
    let set_alpha: Write = |config, value| {
        if let Trained::LowRank { alpha, .. } = &mut config.trained {
            *alpha = value;
        }
    };
    [
        dial("rank", whole("rank", 1.0, 128.0), |c| adapters(c).map(|(rank, ..)| f64::from(rank)), set_rank),
        dial("alpha", real("alpha", 0.0, 512.0, 1.0), |c| adapters(c).map(|(_, alpha, _)| alpha), set_alpha),
    ]
}

/// Shares of the parts.
pub const SHARE: Limit = real("share", 0.0, 0.5, 0.01);

/// The parts: shares for validation and for the test, and which draw.
fn parts() -> [Dial; 3] {
    let validation: Write = |config, value| config.choice.split.validation_share = value;
    [
        dial("label_validation", SHARE, |c| Some(c.choice.split.validation_share), validation),
        dial("label_test", SHARE, |c| Some(c.choice.split.test_share), |c, value| c.choice.split.test_share = value),
        dial("label_draw", shared("seed"), |c| Some(c.choice.split.seed as f64), |c, value| c.choice.split.seed = value as u64),
    ]
}

/// Every number that a link can carry. Those that only some configs have come last.
pub fn numbers() -> Vec<Dial> {
    first().into_iter().chain(rest()).chain(parts()).chain([top_layers()]).chain(adapter_size()).collect()
}

const YES_NO: &[&str] = &["yes", "no"];

const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// What learns. An option brings its usual numbers.
pub const TRAINED: Pick = Pick {
    name: "learns",
    options: &["everything", "top", "low-rank", "head"],
    read: |config| {
        Some(match config.trained {
            Trained::Everything => "everything",
            Trained::TopLayers { .. } => "top",
            Trained::LowRank { .. } => "low-rank",
            Trained::HeadOnly => "head",
        })
    },
    write: |config, wanted| {
        config.trained = match wanted {
            "top" => Trained::TopLayers { layers: 2 },
            "low-rank" => Trained::LowRank { rank: 8, alpha: 16.0, matrices: LowRankMatrices::default() },
            "head" => Trained::HeadOnly,
            _ => Trained::Everything,
        };
    },
};

pub const POOLING: Pick = Pick {
    name: "pooling",
    options: &["both", "last", "mean"],
    read: |config| {
        Some(match config.pooling {
            TextPooling::Both => "both",
            TextPooling::Last => "last",
            TextPooling::Mean => "mean",
        })
    },
    write: |config, wanted| {
        config.pooling = match wanted {
            "mean" => TextPooling::Mean,
            "last" => TextPooling::Last,
            _ => TextPooling::Both,
        }
    },
};

/// How the two texts of a pair are read. Without pairs there is nothing to choose.
pub const PAIRS: Pick = Pick {
    name: "pairs",
    options: &["together", "apart"],
    read: |config| config.choice.columns.task.has_pairs().then_some(if config.pairs == PairReading::Apart { "apart" } else { "together" }),
    write: |config, wanted| config.pairs = if wanted == "apart" { PairReading::Apart } else { PairReading::Together },
};

/// What is trained on of texts longer than the window, where they can be learned a part at a time.
pub const LONG_TEXTS: Pick = Pick {
    name: "long",
    options: &["part", "whole"],
    read: |config| config.can_read_parts().then_some(if config.long_texts == LongTexts::Whole { "whole" } else { "part" }),
    write: |config, wanted| config.long_texts = if wanted == "whole" { LongTexts::Whole } else { LongTexts::Part },
};

pub const WEIGHTING: Pick = Pick {
    name: "weighting",
    options: &["equal", "balanced"],
    read: |config| Some(if config.weighting == ClassWeighting::Balanced { "balanced" } else { "equal" }),
    write: |config, wanted| config.weighting = if wanted == "balanced" { ClassWeighting::Balanced } else { ClassWeighting::Equal },
};

pub const SCHEDULE: Pick = Pick {
    name: "label_schedule",
    options: &["cosine", "linear", "constant"],
    read: |config| {
        Some(match config.schedule {
            LearningRateSchedule::Cosine => "cosine",
            LearningRateSchedule::Linear => "linear",
            LearningRateSchedule::Constant => "constant",
        })
    },
    write: |config, wanted| {
        config.schedule = match wanted {
            "cosine" => LearningRateSchedule::Cosine,
            "constant" => LearningRateSchedule::Constant,
            _ => LearningRateSchedule::Linear,
        };
    },
};

/// Figures by their names.
const FIGURES: [(&str, FigureName); 17] = [
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

const FIGURE_NAMES: [&str; FIGURES.len()] = {
    let mut names = [""; FIGURES.len()];
    let mut at = 0;
    while at < FIGURES.len() {
        names[at] = FIGURES[at].0;
        at += 1;
    }
    names
};

/// The name of a figure in the list of [`METRIC`].
pub fn figure_name(figure: FigureName) -> &'static str {
    FIGURES.iter().find(|(_, known)| *known == figure).map_or("", |(name, _)| *name)
}

/// The figure that decides which epoch is the best. One that the task does not have is pulled back by `LabelConfig::clamped`.
pub const METRIC: Pick = Pick {
    name: "metric",
    options: &FIGURE_NAMES,
    read: |config| Some(figure_name(config.metric)),
    write: |config, wanted| {
        if let Some((_, figure)) = FIGURES.iter().find(|(name, _)| *name == wanted) {
            config.metric = *figure;
        }
    },
};

pub const BASELINES: Pick = Pick {
    name: "baselines",
    options: YES_NO,
    read: |config| Some(yes_no(config.baselines)),
    write: |config, wanted| config.baselines = wanted == "yes",
};

macro_rules! matrix {
    ($field:ident) => {
        Pick {
            name: stringify!($field),
            options: YES_NO,
            read: |config| adapters(config).map(|(_, _, matrices)| yes_no(matrices.$field)),
            write: |config, wanted| {
                if let Trained::LowRank { matrices, .. } = &mut config.trained {
                    matrices.$field = wanted == "yes";
                }
            },
        }
    };
}

macro_rules! of_choice {
    ($name:literal, $($field:ident).+) => {
        Pick {
            name: $name,
            options: YES_NO,
            read: |config| Some(yes_no(config.choice.$($field).+)),
            write: |config, wanted| config.choice.$($field).+ = wanted == "yes",
        }
    };
}

/// Beside which matrices adapters stand, where there are any.
pub const MATRICES: [Pick; 4] = [matrix!(attention_in), matrix!(attention_out), matrix!(mlp_in), matrix!(mlp_out)];

/// Every choice that a link can carry. What learns comes first: the numbers of adapters are there only after it.
pub const PICKS: &[&[Pick]] = &[
    &[TRAINED, POOLING, PAIRS, LONG_TEXTS, WEIGHTING, SCHEDULE, METRIC, BASELINES],
    &MATRICES,
    &[of_choice!("merge_labels", merge_labels), of_choice!("ignore_ready", split.ignore_ready), of_choice!("drop_leaks", split.drop_leaks)],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::fields;
    use crate::page::label_link::tests::config;
    use crate::protocol::TableTask;

    fn low_rank() -> LabelConfig {
        let mut config = config(TableTask::Classify);
        (TRAINED.write)(&mut config, "low-rank");
        config
    }

    #[test]
    fn every_number_comes_back_as_it_was_set() {
        for dial in numbers() {
            for value in [dial.limit.min, dial.limit.max] {
                let mut changed = low_rank();
                if dial.name == "top_layers" {
                    (TRAINED.write)(&mut changed, "top");
                }
                (dial.write)(&mut changed, value);
                assert_eq!((dial.read)(&changed.clamped()), Some(value), "{}", dial.name);
            }
        }
    }

    #[test]
    fn every_option_comes_back_as_it_was_chosen() {
        for pick in PICKS.iter().copied().flatten() {
            for &option in pick.options {
                let mut changed = low_rank();
                changed.choice.columns.task = if pick.name == "pairs" { TableTask::ClassifyPair } else { TableTask::Classify };
                (pick.write)(&mut changed, option);
                assert_eq!((pick.read)(&changed), Some(option), "{}", pick.name);
            }
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names: Vec<&str> = numbers().iter().map(|dial| dial.name).collect();
        names.extend(PICKS.iter().copied().flatten().map(|pick| pick.name));
        names.extend(fields::NUMBERS);
        names.extend([
            "v",
            "debug",
            "sample",
            "device",
            "view",
            "layer",
            "heads",
            "start",
            "tokenizer",
            "model",
            "schedule",
            "task",
            "roles",
        ]);
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
