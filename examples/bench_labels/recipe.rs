//! What a run is told on the command line, `name=value` each, on top of the page's defaults.

use std::path::PathBuf;

use attune::protocol::labels::{
    ClassWeighting, FigureName, LabelChoice, LabelConfig, LongTexts, LowRankMatrices, PairReading, TextPooling, Trained,
};
use attune::protocol::{BaseModel, SplitOptions, Start, TaskColumns};

use crate::Outcome;

/// Settings of a run, as told.
#[derive(Debug, Default)]
pub struct Recipe {
    /// Rows of training, drawn with the classes in proportion; 0 for all.
    pub rows: usize,
    /// Rows of a validation part drawn before them, likewise; 0: the page takes one from the training rows.
    pub validation: usize,
    /// Rows of the test part, likewise; where the set brings none they are drawn first.
    pub test: usize,
    /// The file of the set that is opened; otherwise its training file, and its validation file as the test part.
    pub file: Option<String>,
    /// One run each.
    pub seeds: Vec<u64>,
    /// The fifth of the rows that is the test part.
    pub fold: Option<usize>,
    /// The report is made on the validation part, and nothing is looked at beyond it.
    pub tuning: bool,
    /// Where the examples with their parts are written.
    pub dump: Option<PathBuf>,
    settings: Vec<(String, String)>,
}

impl Recipe {
    /// Reads `name=value` arguments.
    ///
    /// # Errors
    /// An argument of another form.
    pub fn read(arguments: &[String]) -> Outcome<Self> {
        let mut recipe = Self { seeds: vec![1], ..Self::default() };
        for argument in arguments {
            let (name, value) = argument.split_once('=').ok_or_else(|| format!("{argument}: name=value is expected"))?;
            match name {
                "rows" => recipe.rows = value.parse()?,
                "validation" => recipe.validation = value.parse()?,
                "test" => recipe.test = value.parse()?,
                "file" => recipe.file = Some(value.to_owned()),
                "seeds" => recipe.seeds = value.split(',').map(str::parse::<u64>).collect::<Result<_, _>>()?,
                "fold" => recipe.fold = Some(value.parse()?),
                "part" => recipe.tuning = value == "validation",
                "dump" => recipe.dump = Some(value.into()),
                _ => recipe.settings.push((name.to_owned(), value.to_owned())),
            }
        }
        Ok(recipe)
    }

    /// The page's defaults for these columns, with what was told.
    ///
    /// # Errors
    /// A setting that there is not, or a value that is none.
    pub fn config(&self, columns: TaskColumns) -> Outcome<LabelConfig> {
        let mut split = SplitOptions::default();
        if self.tuning {
            split.test_share = 0.0;
        }
        let mut config = LabelConfig::new(LabelChoice { columns, merge_labels: false, split });
        for (name, value) in &self.settings {
            match name.as_str() {
                "base" => config.start = Start::Base { model: BaseModel::named(value).ok_or_else(|| format!("{value} names no base"))? },
                "split" => config.choice.split.seed = value.parse()?,
                "epochs" => config.epochs = value.parse()?,
                "batch" => config.batch_size = value.parse()?,
                "window" => config.window = value.parse()?,
                "rate" => config.learning_rate = value.parse()?,
                "decay" => config.layer_decay = value.parse()?,
                "warmup" => config.warmup_share = value.parse()?,
                "weight_decay" => config.weight_decay = value.parse()?,
                "dropout" => config.dropout = value.parse()?,
                "patience" => config.patience = value.parse()?,
                "baselines" => config.baselines = value.parse()?,
                "pooling" => {
                    config.pooling = match value.as_str() {
                        "both" => TextPooling::Both,
                        "last" => TextPooling::Last,
                        "mean" => TextPooling::Mean,
                        _ => return Err(format!("{value}: both, last or mean is expected").into()),
                    }
                }
                "pairs" => config.pairs = if value == "apart" { PairReading::Apart } else { PairReading::Together },
                "long" => config.long_texts = if value == "whole" { LongTexts::Whole } else { LongTexts::Part },
                "weighting" => config.weighting = if value == "balanced" { ClassWeighting::Balanced } else { ClassWeighting::Equal },
                "metric" => {
                    config.metric = match value.as_str() {
                        "loss" => FigureName::Loss,
                        "accuracy" => FigureName::Accuracy,
                        "macro_f1" => FigureName::MacroF1,
                        _ => return Err(format!("{value}: loss, accuracy or macro_f1 is expected").into()),
                    }
                }
                "trained" => config.trained = trained(value)?,
                _ => return Err(format!("there is no setting {name}").into()),
            }
        }
        Ok(config)
    }
}

/// `all`, `head`, `top:LAYERS`, or `lora:RANK:ALPHA`.
fn trained(value: &str) -> Outcome<Trained> {
    let mut parts = value.split(':');
    let name = parts.next().unwrap_or_default();
    let mut number = || -> Outcome<f64> { Ok(parts.next().ok_or_else(|| format!("{value}: a number is missing"))?.parse()?) };
    Ok(match name {
        "all" => Trained::Everything,
        "head" => Trained::HeadOnly,
        "top" => Trained::TopLayers { layers: number()? as u32 },
        "lora" => Trained::LowRank { rank: number()? as u32, alpha: number()?, matrices: LowRankMatrices::default() },
        _ => return Err(format!("{value}: all, head, top:LAYERS or lora:RANK:ALPHA is expected").into()),
    })
}
