//! Settings of a run over labelled texts, with their defaults and limits.

use super::figures::FigureName;
use crate::protocol::config::{LearningRateSchedule, Start};
use crate::protocol::limits::limit;
use crate::protocol::table::{SplitOptions, TableTask, TaskColumns};
use serde::{Deserialize, Serialize};

/// Width of an adapter's middle at most.
const MOST_RANK: u32 = 128;
/// Factor of adapters, before it is divided by the rank, at most.
const MOST_ALPHA: f64 = 512.0;

/// What stands for a text: the state of its last token, the mean over its tokens, or halfway between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextPooling {
    #[default]
    Both,
    Last,
    Mean,
}

/// How the two texts of a pair are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairReading {
    /// One after the other, as one text: the second is read with the first before it.
    #[default]
    Together,
    /// Each for itself; the head compares their vectors.
    Apart,
}

/// What an epoch of training reads of a text that is longer than the window. Judged are whole texts, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongTexts {
    /// One part of a window's length, drawn anew for every epoch, with the label of the whole (as Pappagari et al. 2019, arXiv 1910.10781, train on
    /// segments). An epoch costs a window a text, and every epoch shows other words.
    #[default]
    Part,
    /// All of it, in overlapping windows.
    Whole,
}

impl LongTexts {
    /// Of runs that were saved before there was a choice.
    fn of_old() -> Self {
        Self::Whole
    }
}

/// Which matrices of every block have low-rank adapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowRankMatrices {
    /// Queries, keys and values: `attn.c_attn`.
    pub attention_in: bool,
    /// What attention found, on its way out: `attn.c_proj`.
    pub attention_out: bool,
    /// `mlp.c_fc`
    pub mlp_in: bool,
    /// `mlp.c_proj`
    pub mlp_out: bool,
}

impl Default for LowRankMatrices {
    /// All of them: with few parameters, where they are matters more than how many (Dettmers et al. 2023, arXiv 2305.14314).
    fn default() -> Self {
        Self { attention_in: true, attention_out: true, mlp_in: true, mlp_out: true }
    }
}

/// How much of the model learns.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trained {
    /// Only the new head.
    HeadOnly,
    /// The head, the last norm and so many of the topmost blocks. As many as there are, or more: everything.
    TopLayers { layers: u32 },
    /// The head, and low-rank adapters beside matrices that stay as they are (LoRA, arXiv 2106.09685). `rank` is the width of their middle; what they
    /// add is multiplied by `alpha / rank`.
    LowRank { rank: u32, alpha: f64, matrices: LowRankMatrices },
    #[default]
    Everything,
}

/// How classes count in the loss, where there are any ([`TableTask::weighs_classes`]); otherwise they are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeighting {
    #[default]
    Equal,
    /// The rarer the more, counted on the training part: of one class a text, and of tags over the words that count, scikit-learn's
    /// `class_weight="balanced"`; of several classes rows without the class over rows with it, for those with it, as `pos_weight` of PyTorch's
    /// `BCEWithLogitsLoss`, between a hundredth and a hundred.
    Balanced,
}

/// What is learned from a table, and from which rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelChoice {
    pub columns: TaskColumns,
    /// Labels that differ only by case or blanks are one class.
    pub merge_labels: bool,
    pub split: SplitOptions,
}

/// Everything that determines a run over labelled texts, apart from the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelConfig {
    pub choice: LabelChoice,
    /// The base; from scratch, the tokenizer is made from the training texts.
    pub start: Start,
    pub seed: u64,
    /// Passes over the training part, at most.
    pub epochs: u32,
    /// Texts per step.
    pub batch_size: u32,
    /// Tokens read at once; longer texts are read in overlapping windows of this length. At most the model's context. Of text to text: prompt and answer
    /// together; longer prompts are cut.
    pub window: u32,
    pub pooling: TextPooling,
    /// Of tasks over pairs.
    #[serde(default)]
    pub pairs: PairReading,
    /// Of tasks over whole texts; of pairs, where they are read apart.
    #[serde(default = "LongTexts::of_old")]
    pub long_texts: LongTexts,
    pub trained: Trained,
    /// Peak learning rate of the head.
    pub learning_rate: f64,
    /// Each block below learns this much slower than the one above it; 1: all alike.
    pub layer_decay: f64,
    pub schedule: LearningRateSchedule,
    /// Share of the steps over which the learning rate rises from zero.
    pub warmup_share: f64,
    pub weight_decay: f64,
    pub clip_norm: f64,
    pub dropout: f64,
    pub weighting: ClassWeighting,
    /// Of text to text how a row becomes a prompt ([`read_template`](super::read_template)); `None`: [`default_template`](super::default_template), which
    /// the plan names.
    pub prompt: Option<String>,
    /// The figure of the validation part that decides which epoch is the best: the loss, or one of [`FigureName::of`] the task.
    pub metric: FigureName,
    /// The run ends when so many epochs in a row were no better than the best; 0: never.
    pub patience: u32,
    /// Train what a Transformer must beat as well.
    pub baselines: bool,
    /// Begin with the weights of the prepared run as they are now instead of with `start`: after labels were corrected, say. Refused where there is none, or
    /// where task, classes, base or way of reading differ.
    pub go_on: bool,
}

impl LabelConfig {
    /// Defaults for a choice, tried on validation rows of three labelled sets and, for the pooling, on the scenarios' tables (docs/benchmarks.md). A base this small needs several passes over a few hundred
    /// rows, and figures of small validation parts waver: hence the epochs and the patience. The last token's state tells topics and intents far better
    /// apart than the mean over the tokens, which tells moods better: halfway between them is as good as the better one at each.
    pub fn new(choice: LabelChoice) -> Self {
        let metric = FigureName::of(choice.columns.task).first().copied().unwrap_or(FigureName::Loss);
        Self {
            choice,
            start: Start::default(),
            seed: 1,
            epochs: 8,
            batch_size: 16,
            window: 128,
            pooling: TextPooling::Both,
            pairs: PairReading::default(),
            long_texts: LongTexts::default(),
            trained: Trained::default(),
            learning_rate: 1e-3,
            layer_decay: 1.0,
            schedule: LearningRateSchedule::Linear,
            warmup_share: 0.1,
            weight_decay: 0.01,
            clip_norm: 1.0,
            dropout: 0.1,
            weighting: ClassWeighting::default(),
            prompt: None,
            metric,
            patience: 3,
            baselines: true,
            go_on: false,
        }
    }

    /// The task has pairs, and their texts are read apart.
    pub fn reads_apart(&self) -> bool {
        self.pairs == PairReading::Apart && self.choice.columns.task.has_pairs()
    }

    /// Long texts can be learned a part at a time: a part of two texts that are read together is no pair, and tokens have classes, or answers, of their own.
    pub fn can_read_parts(&self) -> bool {
        let task = self.choice.columns.task;
        task.judges_texts() && (!task.has_pairs() || self.reads_apart())
    }

    /// Long texts are learned a part at a time.
    pub fn reads_parts(&self) -> bool {
        self.long_texts == LongTexts::Part && self.can_read_parts()
    }

    /// The nearest config within all limits; what is not a number becomes its minimum.
    #[must_use]
    pub fn clamped(mut self) -> Self {
        let whole = |name: &str, value: u32| limit(name).map_or(value, |limit| limit.clamp(f64::from(value)) as u32);
        let real = |name: &str, value: f64| limit(name).map_or(value, |limit| limit.clamp(value));
        let within = |value: f64, low: f64, high: f64| if value.is_nan() { low } else { value.clamp(low, high) };
        self.seed = u64::from(whole("seed", self.seed.min(u64::from(u32::MAX)) as u32));
        self.epochs = self.epochs.clamp(1, 100);
        self.batch_size = whole("batch_size", self.batch_size);
        self.window = whole("window", self.window);
        self.learning_rate = real("learning_rate", self.learning_rate);
        self.layer_decay = within(self.layer_decay, 0.1, 1.0);
        self.warmup_share = within(self.warmup_share, 0.0, 1.0);
        self.weight_decay = real("weight_decay", self.weight_decay);
        self.clip_norm = real("clip_norm", self.clip_norm);
        self.dropout = real("dropout", self.dropout);
        let task = self.choice.columns.task;
        if self.metric != FigureName::Loss && !FigureName::of(task).contains(&self.metric) {
            self.metric = FigureName::of(task).first().copied().unwrap_or(FigureName::Loss);
        }
        if task != TableTask::TextToText {
            self.prompt = None;
        }
        if !task.has_pairs() {
            self.pairs = PairReading::default();
        }
        if !self.can_read_parts() {
            self.long_texts = LongTexts::default();
        }
        if !task.weighs_classes() {
            self.weighting = ClassWeighting::Equal;
        }
        match &mut self.trained {
            Trained::TopLayers { layers } => *layers = (*layers).max(1),
            Trained::LowRank { rank, alpha, matrices } => {
                *rank = (*rank).clamp(1, MOST_RANK);
                *alpha = within(*alpha, 0.0, MOST_ALPHA);
                let LowRankMatrices { attention_in, attention_out, mlp_in, mlp_out } = *matrices;
                if !(attention_in || attention_out || mlp_in || mlp_out) {
                    *matrices = LowRankMatrices::default();
                }
            }
            Trained::HeadOnly | Trained::Everything => {}
        }
        if let Start::Scratch { size, .. } = &mut self.start {
            *size = size.clamped();
            self.window = self.window.min(size.n_ctx);
        }
        self
    }
}
