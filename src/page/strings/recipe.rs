//! Words of column 1's lower half: model and recipe. Every setting has a plain name, its term, and one paragraph.

/// Words of one setting.
#[derive(Debug, Clone, Copy)]
pub struct FieldWords {
    /// The field's name, as in links.
    pub field: &'static str,
    pub name: &'static str,
    pub term: &'static str,
    pub help: &'static str,
}

/// The words of model and recipe.
pub struct RecipeWords {
    pub title: &'static str,
    pub start: FieldWords,
    pub size: FieldWords,
    pub size_tiny: &'static str,
    pub size_small: &'static str,
    pub size_medium: &'static str,
    pub size_own: &'static str,
    pub tokenizer: FieldWords,
    pub tokenizer_bpe: &'static str,
    pub tokenizer_characters: &'static str,
    pub schedule: FieldWords,
    pub schedule_cosine: &'static str,
    pub schedule_linear: &'static str,
    pub schedule_constant: &'static str,
    pub more: &'static str,
    pub help_of: fn(&str) -> String,
    pub reset_to: fn(&str) -> String,
    pub restart: &'static str,
    pub restart_yes: &'static str,
    pub restart_undo: &'static str,
    pub changed: fn(&[&str]) -> String,
    pub numbers: &'static [FieldWords],
}

impl RecipeWords {
    /// The plain name of a field; the field itself where it has none.
    pub fn name_of(&self, field: &'static str) -> &'static str {
        let rest = [self.start, self.size, self.tokenizer, self.schedule];
        self.numbers.iter().chain(&rest).find(|words| words.field == field).map_or(field, |words| words.name)
    }

    /// The words of a number.
    pub fn number(&self, field: &str) -> Option<&'static FieldWords> {
        self.numbers.iter().find(|words| words.field == field)
    }
}

const fn field(field: &'static str, name: &'static str, term: &'static str, help: &'static str) -> FieldWords {
    FieldWords { field, name, term, help }
}

/// English.
pub const EN: RecipeWords = RecipeWords {
    title: "Model and recipe",
    start: field(
        "start",
        "start from",
        "initialisation",
        "A pretrained model already knows English and only changes its manner: readable within a minute. From scratch, it starts from noise and \
         learns everything from your text: slower, but in any language, and good to watch.",
    ),
    size: field(
        "size",
        "size",
        "model size",
        "Layers \u{d7} width. Larger models can learn more, need more text and take longer for each step. Own numbers stand under More settings.",
    ),
    size_tiny: "tiny (2 \u{d7} 64)",
    size_small: "small (4 \u{d7} 128)",
    size_medium: "medium (6 \u{d7} 256)",
    size_own: "own numbers",
    tokenizer: field(
        "tokenizer",
        "pieces",
        "tokenizer",
        "How the text is cut. Learned pieces are frequent syllables and words of your text. Single characters are simpler and need more steps.",
    ),
    tokenizer_bpe: "from the text",
    tokenizer_characters: "characters",
    schedule: field(
        "schedule",
        "pace over time",
        "schedule",
        "What the learning rate does after the warm-up: fall to a tenth along a cosine or a straight line, or stay as it is.",
    ),
    schedule_cosine: "gentle fall",
    schedule_linear: "even fall",
    schedule_constant: "constant",
    more: "More settings",
    help_of: |name| format!("What is \u{201c}{name}\u{201d}?"),
    reset_to: |value| format!("Back to {value}"),
    restart: "They take effect when the run is restarted.",
    restart_yes: "Restart with these",
    restart_undo: "Undo",
    changed: |names| format!("Changed: {}.", names.join(", ")),
    numbers: &[
        field(
            "steps",
            "steps",
            "optimiser steps",
            "How often the weights are adjusted. More steps learn more, and in the end learn by heart.",
        ),
        field(
            "learning_rate",
            "learning rate",
            "peak learning rate",
            "How far each step moves the weights. Too small: nothing happens. Too large: the loss jumps up. It acts at once, also while training.",
        ),
        field(
            "seed",
            "luck of the draw",
            "seed",
            "Every random choice comes from this number: the same number on the same device gives the same run.",
        ),
        field(
            "batch_size",
            "windows at once",
            "batch size",
            "How many pieces of text are read for one step. More give steadier steps and need more memory.",
        ),
        field(
            "window",
            "length of a window",
            "sequence length, tokens",
            "How many tokens are read in one piece. Attention can only look back within it. Costs grow with its square.",
        ),
        field(
            "accumulation",
            "readings per step",
            "gradient accumulation",
            "Reads this many batches before one step: the effect of a larger batch without its memory.",
        ),
        field(
            "warmup",
            "gentle start",
            "warm-up steps",
            "Over the first steps the learning rate rises from zero, so that a rough start does no harm.",
        ),
        field(
            "weight_decay",
            "pull to zero",
            "weight decay",
            "Shrinks the weights a little at each step, which holds back learning by heart. Only matrices are shrunk.",
        ),
        field(
            "clip_norm",
            "largest push",
            "gradient clipping",
            "A gradient longer than this is shortened, so that one odd piece of text cannot throw the model off. 0 turns it off.",
        ),
        field(
            "dropout",
            "forgetfulness",
            "dropout",
            "Switches off this share of the signals at random while learning. Helps against learning by heart.",
        ),
        field(
            "frozen_layers",
            "layers that stay",
            "frozen layers",
            "This many layers, counted from the lowest, and with the first of them the word vectors, keep what they know; only those above learn. Each \
             step is quicker and needs less memory, and the model keeps more of its base.",
        ),
        field(
            "validation_share",
            "kept for checking",
            "validation share",
            "This share of the text, from its end, is never learned. It shows whether the model learns the manner or only the lines.",
        ),
        field(
            "evaluate_every",
            "steps between checks",
            "evaluation interval",
            "After this many steps the loss is measured on the text kept for validation.",
        ),
        field(
            "evaluation_windows",
            "windows per check",
            "evaluation size",
            "How many windows one check reads at most. More are steadier and take longer.",
        ),
        field(
            "sample_every",
            "steps between samples",
            "sampling interval",
            "After this many steps the model writes a few words, so that you see it learn.",
        ),
        field("n_layer", "layers", "blocks", "How many attention blocks are stacked. Each reads what the one below has written."),
        field("n_head", "heads per layer", "attention heads", "Each head looks for something of its own. The width is divided among them."),
        field(
            "n_embd",
            "width",
            "embedding size",
            "How many numbers stand for each token. It is rounded down to a multiple of four times the heads.",
        ),
        field("n_ctx", "memory in tokens", "context length", "The longest piece of text that the model can look back over."),
        field(
            "vocab_size",
            "number of pieces",
            "vocabulary size",
            "How many different pieces the tokenizer may learn. More pieces are longer ones.",
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_words() {
        for &name in crate::page::fields::NUMBERS {
            let words = EN.number(name).unwrap_or_else(|| panic!("no words for {name}"));
            assert!(!words.help.is_empty() && words.name != words.field || ["steps", "dropout"].contains(&name), "{name}");
        }
    }
}
