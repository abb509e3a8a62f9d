//! Words of the comparison "with pretraining, without". They are no part of `Words`, since only a view that comes later says them.

use crate::page::format::amount;

/// The words of the comparison.
pub struct CompareWords {
    pub title: &'static str,
    pub lead: &'static str,
    pub texts: &'static str,
    pub play: &'static str,
    pub pause: &'static str,
    pub step: &'static str,
    pub loss: &'static str,
    pub with: &'static str,
    pub without: &'static str,
    pub with_short: &'static str,
    pub without_short: &'static str,
    pub axis: &'static str,
    pub chart: &'static str,
    /// Steps with, steps without, bits per byte with and without.
    pub reached: fn(u32, u32, f64, f64) -> String,
    pub never: &'static str,
    pub missing: &'static str,
    pub again: &'static str,
    pub how: fn(&str, u64) -> String,
}

static EN: CompareWords = CompareWords {
    title: "What pretraining is worth",
    lead: "The same model, the same text, the same steps. One begins with what it learned from books before, the other with noise. This is a \
           recording: nothing is trained here.",
    texts: "Text",
    play: "Play both",
    pause: "Pause",
    step: "step",
    loss: "validation loss",
    with: "With pretraining",
    without: "Without: from scratch",
    with_short: "with",
    without_short: "without",
    axis: "loss on text that neither of them learns, nats per token",
    chart: "Two loss curves: with pretraining and without",
    reached: |with, without, bits_with, bits_without| {
        let steps = match with {
            0 => "Before its first step the pretrained model is already".to_owned(),
            1 => "After 1 step the pretrained model is".to_owned(),
            steps => format!("After {steps} steps the pretrained model is"),
        };
        format!(
            "{steps} as good as the other one ever gets, which takes that one {without}. At their best they need {bits_with:.2} and \
             {bits_without:.2} bits for each byte of unseen text."
        )
    },
    never: "On this text pretraining did not help: the model from scratch ends better.",
    missing: "The recording could not be fetched.",
    again: "Try again",
    how: |model, parameters| {
        format!(
            "Base: {model}, {} parameters. Same size, tokenizer, windows and order; each start with the best of several learning rates.",
            amount(parameters)
        )
    },
};

/// The words, in the page's language.
pub fn words() -> &'static CompareWords {
    &EN
}
