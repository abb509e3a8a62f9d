//! Words of column 3: curves, what they mean, samples, writing. One struct of words, one constant a language.

use crate::page::result::meaning::{Finding, choices};
use crate::protocol::TableTask;

/// The words of the result column. Sentences with values in them are functions.
pub struct ResultWords {
    pub loss: &'static str,
    pub loss_unit: &'static str,
    /// The same over a table, by task.
    pub loss_unit_of: fn(TableTask) -> &'static str,
    pub training: &'static str,
    pub validation: &'static str,
    pub steps: &'static str,
    pub logarithmic: &'static str,
    pub linear: &'static str,
    pub chart_keys: &'static str,
    pub save: &'static str,
    pub more_curves: &'static str,
    pub learning_rate: &'static str,
    pub gradient_norm: &'static str,
    pub speed: &'static str,
    pub speed_unit: &'static str,
    pub bits_per_byte: &'static str,
    pub step: &'static str,
    pub samples: &'static str,
    pub samples_none: &'static str,
    pub earlier: &'static str,
    pub later: &'static str,
    pub try_it: &'static str,
    pub prompt: &'static str,
    /// The prompt before the visitor types one.
    pub first_prompt: &'static str,
    pub write: &'static str,
    pub stop: &'static str,
    pub more_dials: &'static str,
    pub reset: &'static str,
    pub written_keys: &'static str,
    pub next: &'static str,
    /// The title of the bars while a written token is pointed at: the token before it.
    pub next_after: fn(&str) -> String,
    pub instead: &'static str,
    pub tint: &'static str,
    pub tokens_per_second: &'static str,
    pub finding: fn(&Finding, bool) -> String,
    /// The same over a table of labelled texts.
    pub label_finding: fn(&Finding, bool) -> String,
    /// What a validation loss is as a number of choices, now and at the first reading.
    pub unsure: fn(f32, Option<(u32, f32)>) -> String,
    pub dials: [DialWords; 7],
}

/// Words of one dial: plain name first, term second, one paragraph.
#[derive(Debug, Clone, Copy)]
pub struct DialWords {
    /// The field's name, as in links.
    pub field: &'static str,
    pub name: &'static str,
    pub term: &'static str,
    pub help: &'static str,
}

fn finding_en(finding: &Finding, over: bool) -> String {
    match *finding {
        Finding::Nothing => "The curves start with the first step. Press Play.".to_owned(),
        Finding::TooEarly { step } if over => format!("Step {step}: too few steps to tell. Train for longer."),
        Finding::TooEarly { step } => format!("Step {step}: too early to tell. The first readings come in a moment."),
        Finding::Unchecked => {
            "Nothing of this text is kept for validation, so the curve cannot tell learning from memorising. Keep a tenth for it."
                .to_owned()
        }
        Finding::Learning { .. } => {
            let next = if over { "More steps may still help." } else { "Let it run." };
            format!("Both curves fall: it is learning the manner, not the lines. {next}")
        }
        Finding::RunningAhead { .. } => {
            let next = if over { "More text helps more than more steps." } else { "Watch whether the validation loss still falls." };
            format!("Both curves fall, but training runs ahead: it begins to learn lines by heart. {next}")
        }
        Finding::NoGainYet { best_step } if over => {
            format!("The last reading of the validation loss was no gain: it was best at step {best_step}. Fewer steps would do.")
        }
        Finding::NoGainYet { .. } => {
            "The latest reading of the validation loss is no gain. One reading may be chance: wait for the next.".to_owned()
        }
        Finding::Memorising { steps, best_step } => {
            let next = if over { "Take fewer steps, or add text." } else { "Stop here, or add text." };
            format!("Validation loss has risen for {steps} steps: it is memorising. {next} It was best at step {best_step}.")
        }
        Finding::Diverging { steps } => {
            let next = if over { " and start again" } else { "" };
            format!("Both curves have risen for {steps} steps: the steps are too large. Lower the learning rate{next}.")
        }
        Finding::Flat { steps } => {
            let next = if over { "Take fewer steps" } else { "Stop" };
            format!("Nothing has moved for {steps} steps: it has learned what it can from this text. {next}, or raise the learning rate.")
        }
        Finding::NotANumber { step } => {
            format!("The loss at step {step} is not a number: the run has blown up. Lower the learning rate and start again.")
        }
    }
}

fn label_finding_en(finding: &Finding, over: bool) -> String {
    match *finding {
        Finding::Unchecked => "No rows are kept for validation, so the curve cannot tell learning from memorising. Keep some.".to_owned(),
        Finding::Learning { .. } => {
            let next = if over { "More epochs may still help." } else { "Let it run." };
            format!("Both curves fall: it learns what the examples have in common. {next}")
        }
        Finding::RunningAhead { .. } => {
            let next =
                if over { "More rows help more than more epochs." } else { "Watch whether the loss on validation rows still falls." };
            format!("Both curves fall, but training runs ahead: it begins to learn single rows by heart. {next}")
        }
        Finding::Memorising { steps, best_step } => {
            format!(
                "The loss on validation rows has risen for {steps} steps: it is memorising. The best epoch is kept. Loss was lowest at step {best_step}."
            )
        }
        Finding::Flat { steps } => format!("Nothing has moved for {steps} steps: it has learned what it can from these rows."),
        Finding::NoGainYet { best_step } if over => {
            format!(
                "The last reading of the loss on validation rows was no gain: it was lowest at step {best_step}. The best epoch is kept."
            )
        }
        Finding::NoGainYet { .. }
        | Finding::Nothing
        | Finding::TooEarly { .. }
        | Finding::Diverging { .. }
        | Finding::NotANumber { .. } => finding_en(finding, over),
    }
}

fn amount(choices: f32) -> String {
    if choices >= 9.95 { format!("{choices:.0}") } else { format!("{choices:.1}") }
}

/// English.
pub const EN: ResultWords = ResultWords {
    loss: "Loss",
    loss_unit: "nats per token",
    loss_unit_of: |task| match task {
        TableTask::Classify | TableTask::ClassifyPair => "nats per text",
        TableTask::ClassifySeveral => "nats per label",
        TableTask::Score | TableTask::ScorePair => "squared error, standardised",
        TableTask::TagTokens => "nats per word",
        TableTask::TextToText | TableTask::Write => "nats per token",
    },
    training: "training",
    validation: "validation",
    steps: "steps",
    logarithmic: "log",
    linear: "linear",
    chart_keys: "Left and right read the values step by step, Escape goes back to the latest.",
    save: "Save this picture as",
    more_curves: "More curves",
    learning_rate: "learning rate",
    gradient_norm: "gradient norm",
    speed: "speed",
    speed_unit: "tokens/s",
    bits_per_byte: "bits per byte",
    step: "step",
    samples: "Writing so far",
    samples_none: "What the model writes while it learns stands here.",
    earlier: "Earlier",
    later: "Later",
    try_it: "Try it",
    prompt: "Beginning of the text",
    first_prompt: "Good morrow, ",
    write: "Write",
    stop: "Stop",
    more_dials: "More dials",
    reset: "Back to the default",
    written_keys: "Left and right move through the tokens, Escape lets go.",
    next: "next after the prompt",
    next_after: |token| format!("next after \u{201c}{token}\u{201d}"),
    instead: "It could have been",
    tint: "tinted: less sure",
    tokens_per_second: "tokens/s",
    finding: finding_en,
    label_finding: label_finding_en,
    unsure: |loss, first| {
        let then = first.map(|(step, loss)| format!(" ({} at step {step})", amount(choices(loss)))).unwrap_or_default();
        format!("As unsure as among {} equally likely tokens{then}.", amount(choices(loss)))
    },
    dials: [
        DialWords {
            field: "temperature",
            name: "boldness",
            term: "temperature",
            help: "Low: it takes the likeliest token almost every time. High: it dares unlikely ones. 0 always takes the likeliest.",
        },
        DialWords {
            field: "top_k",
            name: "choices",
            term: "top-k",
            help: "It draws only among this many of the likeliest tokens. 0 keeps all.",
        },
        DialWords {
            field: "top_p",
            name: "share kept",
            term: "top-p",
            help: "It draws only among the likeliest tokens that together reach this probability. 1 keeps all.",
        },
        DialWords {
            field: "repetition_penalty",
            name: "against repeating",
            term: "repetition penalty",
            help: "Above 1, tokens that were already written become less likely.",
        },
        DialWords { field: "max_tokens", name: "length", term: "tokens", help: "It stops after this many tokens." },
        DialWords {
            field: "seed",
            name: "luck",
            term: "seed",
            help: "The same number draws the same text again; another number, another text.",
        },
        DialWords { field: "stop", name: "stop at", term: "stop text", help: "Writing ends before this text. Empty: it does not." },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_warning_names_what_to_do() {
        let says = |finding| finding_en(&finding, false);
        assert!(says(Finding::Memorising { steps: 60, best_step: 120 }).starts_with("Validation loss has risen for 60 steps"));
        assert!(says(Finding::Diverging { steps: 9 }).contains("Lower the learning rate"));
        assert!(says(Finding::NotANumber { step: 9 }).contains("Lower the learning rate"));
    }

    #[test]
    fn what_is_over_is_not_to_be_let_run() {
        let learning = Finding::Learning { from: 5.0, to: 4.0 };
        for says in [EN.finding, EN.label_finding] {
            assert!(says(&learning, false).ends_with("Let it run.") && says(&learning, true).ends_with("may still help."));
            assert!(!says(&Finding::TooEarly { step: 16 }, true).contains("in a moment"));
        }
    }

    #[test]
    fn a_loss_is_said_as_choices() {
        assert_eq!((EN.unsure)(3.98, Some((0, 5.0))), "As unsure as among 54 equally likely tokens (148 at step 0).");
        assert_eq!((EN.unsure)(1.0, None), "As unsure as among 2.7 equally likely tokens.");
    }
}
