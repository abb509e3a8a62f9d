//! Words of the recipe for a table. Every setting has a plain name, its term, and one paragraph.

use super::recipe::FieldWords;
use crate::page::format::{amount, bytes, grouped};
use crate::protocol::labels::{LabelPlan, ModelPlace};

/// The words of that recipe.
pub struct LabelRecipeWords {
    pub trained: FieldWords,
    pub trained_all: &'static str,
    pub trained_top: &'static str,
    pub trained_head: &'static str,
    pub trained_low_rank: &'static str,
    pub top_layers: FieldWords,
    pub pooling: FieldWords,
    pub pooling_both: &'static str,
    pub pooling_last: &'static str,
    pub pooling_mean: &'static str,
    pub pairs: FieldWords,
    pub pairs_together: &'static str,
    pub pairs_apart: &'static str,
    pub long_texts: FieldWords,
    pub long_part: &'static str,
    pub long_whole: &'static str,
    pub weighting: FieldWords,
    pub weighting_equal: &'static str,
    pub weighting_balanced: &'static str,
    pub schedule: FieldWords,
    pub metric: FieldWords,
    pub baselines: FieldWords,
    pub yes: &'static str,
    pub no: &'static str,
    pub validation_share: FieldWords,
    pub test_share: FieldWords,
    pub prompt: &'static str,
    pub prompt_help: &'static str,
    pub diagram: &'static str,
    pub place: fn(ModelPlace) -> String,
    pub parameters: &'static str,
    pub rank: FieldWords,
    pub alpha: FieldWords,
    pub matrices_title: &'static str,
    /// Attention in and out, feed-forward in and out.
    pub matrices: [&'static str; 4],
    pub learns: &'static str,
    pub stays: &'static str,
    pub summary: fn(&LabelPlan) -> String,
    pub numbers: &'static [FieldWords],
}

impl LabelRecipeWords {
    /// The words of a number.
    pub fn number(&self, field: &str) -> Option<FieldWords> {
        self.numbers.iter().find(|words| words.field == field).copied()
    }
}

const fn field(field: &'static str, name: &'static str, term: &'static str, help: &'static str) -> FieldWords {
    FieldWords { field, name, term, help }
}

/// English.
pub const EN: LabelRecipeWords = LabelRecipeWords {
    trained: field(
        "trained",
        "what learns",
        "trainable parameters",
        "Everything learns most and needs most memory. The top layers, or the new head alone, are quicker, keep what the base knows, and can be enough for \
         easy tasks. Small adapters (LoRA) leave the model as it is and learn a small correction beside it.",
    ),
    trained_all: "everything",
    trained_top: "the top layers",
    trained_head: "the head alone",
    trained_low_rank: "small adapters (LoRA)",
    top_layers: field(
        "top_layers",
        "top layers that learn",
        "unfrozen blocks",
        "So many layers, counted from the top, learn; those below stay as they are.",
    ),
    pooling: field(
        "pooling",
        "a text stands for",
        "pooling",
        "The model makes a vector for every token; one vector must stand for the text. The last token has seen all before it, which tells topics apart; the \
         average counts every token alike, which tells moods apart. Halfway between the two is good at either.",
    ),
    pooling_both: "both",
    pooling_last: "its last token",
    pooling_mean: "its average",
    pairs: field(
        "pairs",
        "two texts are read",
        "cross-encoder or two towers",
        "Apart, each text becomes a vector of its own, and the new head compares the two: what they are about decides. Together, the second text is read with the \
         first before it, so that single words can answer each other; that takes far more rows to learn.",
    ),
    pairs_together: "together",
    pairs_apart: "apart",
    long_texts: field(
        "long",
        "long texts",
        "random crop",
        "Of a text with more tokens than are read at once, each epoch can learn from one part, drawn anew: epochs are quicker, and each shows other words. Or \
         from the whole, in overlapping windows. Whole texts are read for validation, test and predictions, either way.",
    ),
    long_part: "in parts",
    long_whole: "as a whole",
    weighting: field(
        "weighting",
        "classes count",
        "class weights",
        "Where one class has most of the rows (or one tag most of the words), a model can be right most of the time by always saying that. Weights make rare \
         ones count more: all classes weigh the same together. With several classes a text, the rows that have a class weigh as much as those that have not, \
         at most a hundred times.",
    ),
    weighting_equal: "by their rows",
    weighting_balanced: "all alike",
    schedule: field(
        "label_schedule",
        "pace over time",
        "schedule",
        "What the learning rate does after the gentle start: fall to a tenth along a cosine or a straight line, or stay as it is.",
    ),
    metric: field(
        "metric",
        "best epoch by",
        "early stopping metric",
        "After each epoch this figure of the validation rows decides whether the epoch is the best so far; of equal ones the one \
         with the lower loss is. The best is put back at the end.",
    ),
    baselines: field(
        "baselines",
        "compare with word counts",
        "TF-IDF baseline",
        "Trains a simple counting model on the same rows at the end, so that you see whether the Transformer earned its keep.",
    ),
    yes: "yes",
    no: "no",
    validation_share: field(
        "label_validation",
        "kept for validation",
        "validation share",
        "These rows are not learned from; after each epoch they show how well the model does on rows it has not seen.",
    ),
    test_share: field(
        "label_test",
        "kept for the final test",
        "test share",
        "These rows are looked at once, at the very end: the figures of the report are theirs.",
    ),
    prompt: "how a row is put to the model",
    prompt_help: "{source} (or {question}, {context}) stands for the columns; the model learns what comes at {answer}.",
    diagram: "What learns",
    place: |place| match place {
        ModelPlace::TokenEmbeddings => "word vectors".to_owned(),
        ModelPlace::PositionEmbeddings => "places".to_owned(),
        ModelPlace::Attention { block } => format!("attention {}", block + 1),
        ModelPlace::AttentionAdapters { block } => format!("adapters of attention {}", block + 1),
        ModelPlace::Mlp { block } => format!("MLP {}", block + 1),
        ModelPlace::MlpAdapters { block } => format!("adapters of MLP {}", block + 1),
        ModelPlace::LastNorm => "last norm".to_owned(),
        ModelPlace::Head => "new head".to_owned(),
    },
    parameters: "parameters",
    rank: field(
        "rank",
        "width of the adapters",
        "rank",
        "An adapter squeezes its input through so few numbers. More can learn more, and have more parameters.",
    ),
    alpha: field(
        "alpha",
        "strength of the adapters",
        "alpha",
        "What an adapter adds is multiplied by this number over the rank. Twice the rank is customary.",
    ),
    matrices_title: "Adapters beside",
    matrices: ["attention, in", "attention, out", "MLP, in", "MLP, out"],
    learns: "learns",
    stays: "stays",
    summary: |plan| {
        let learning = plan.parameters - plan.frozen_parameters.min(plan.parameters);
        let (steps, memory) = (grouped(u64::from(plan.steps)), bytes(plan.memory.total()));
        format!("{} of {} parameters learn, {steps} steps, about {memory} of memory", amount(learning), amount(plan.parameters))
    },
    numbers: &[
        field(
            "epochs",
            "times through the table",
            "epochs",
            "How often every row is learned from. The run ends earlier when the validation rows stop getting better.",
        ),
        field(
            "label_rate",
            "learning rate",
            "peak learning rate",
            "How far each step moves the weights. Too small: nothing happens. Too large: the loss jumps up. It acts at once, also while training.",
        ),
        field(
            "label_batch",
            "texts at once",
            "batch size",
            "How many texts are read for one step. More give steadier steps and need more memory.",
        ),
        field(
            "label_window",
            "longest piece",
            "window, tokens",
            "How many tokens are read at once. Of a longer text each epoch learns from one part of this length, unless \u{201c}long texts\u{201d} says: as a whole. For \
             validation, test and predictions the whole is read, in overlapping pieces whose meanings are averaged. From text to text, what does not fit is not \
             read; how many rows those are is said.",
        ),
        field(
            "patience",
            "patience",
            "early stopping patience",
            "The run ends when so many epochs in a row were no better than the best. 0 goes through all of them.",
        ),
        field(
            "layer_decay",
            "lower layers learn slower",
            "layer-wise learning-rate decay",
            "Each layer learns this much slower than the one above it. 1: all alike. Lower layers hold general knowledge that a few hundred rows should not wipe out.",
        ),
        field("label_warmup", "gentle start", "warm-up share", "Over this share of the steps the learning rate rises from zero."),
        field(
            "label_decay",
            "pull to zero",
            "weight decay",
            "Shrinks the weights a little at each step, which holds back learning by heart.",
        ),
        field(
            "label_dropout",
            "forgetfulness",
            "dropout",
            "Switches off this share of the signals at random while learning. Helps against learning by heart.",
        ),
        field(
            "label_seed",
            "luck of the draw",
            "seed",
            "Order of the rows and the new head come from this number: the same number gives the same run.",
        ),
    ],
};
