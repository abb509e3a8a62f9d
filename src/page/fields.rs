//! Settings by name: the one list that the form, the link and the restart notice share.
//!
//! In: a field's name as in `protocol::LIMITS`. Out: its value in a config. Absent: ranges (they are the protocol's) and words.

use crate::protocol::{RunConfig, Start, TokenizerChoice, limit};

/// Numbers of a config that a link and a form can set, in the form's order. Those of a model made from scratch come last.
pub const NUMBERS: &[&str] = &[
    "steps",
    "learning_rate",
    "seed",
    "batch_size",
    "window",
    "accumulation",
    "warmup",
    "weight_decay",
    "clip_norm",
    "dropout",
    "frozen_layers",
    "validation_share",
    "evaluate_every",
    "evaluation_windows",
    "sample_every",
    "n_layer",
    "n_head",
    "n_embd",
    "n_ctx",
    "vocab_size",
];

/// The value of a number; `None` where the config has no such number (the size of a bundled model is not a setting).
pub fn number(config: &RunConfig, name: &str) -> Option<f64> {
    let size = match config.start {
        Start::Scratch { size, .. } => Some(size),
        Start::Base { .. } => None,
    };
    match name {
        "steps" => Some(f64::from(config.steps)),
        "learning_rate" => Some(config.learning_rate),
        "seed" => Some(config.seed as f64),
        "batch_size" => Some(f64::from(config.batch_size)),
        "window" => Some(f64::from(config.window)),
        "accumulation" => Some(f64::from(config.accumulation)),
        "warmup" => Some(f64::from(config.warmup)),
        "weight_decay" => Some(config.weight_decay),
        "clip_norm" => Some(config.clip_norm),
        "dropout" => Some(config.dropout),
        "frozen_layers" => Some(f64::from(config.frozen_layers)),
        "validation_share" => Some(config.validation_share),
        "evaluate_every" => Some(f64::from(config.evaluate_every)),
        "evaluation_windows" => Some(f64::from(config.evaluation_windows)),
        "sample_every" => Some(f64::from(config.sample_every)),
        "n_layer" => size.map(|size| f64::from(size.n_layer)),
        "n_head" => size.map(|size| f64::from(size.n_head)),
        "n_embd" => size.map(|size| f64::from(size.n_embd)),
        "n_ctx" => size.map(|size| f64::from(size.n_ctx)),
        "vocab_size" => match config.start {
            Start::Scratch { tokenizer: TokenizerChoice::Bpe { vocab_size }, .. } => Some(f64::from(vocab_size)),
            _ => None,
        },
        _ => None,
    }
}

/// Sets a number within its limits; names that the config lacks change nothing. The caller clamps the whole config at the end, since
/// some numbers bound others.
pub fn set_number(config: &mut RunConfig, name: &str, value: f64) {
    let Some(limit) = limit(name) else { return };
    let value = limit.clamp(value);
    let whole = value as u32;
    match name {
        "steps" => config.steps = whole,
        "learning_rate" => config.learning_rate = value,
        "seed" => config.seed = u64::from(whole),
        "batch_size" => config.batch_size = whole,
        "window" => config.window = whole,
        "accumulation" => config.accumulation = whole,
        "warmup" => config.warmup = whole,
        "weight_decay" => config.weight_decay = value,
        "clip_norm" => config.clip_norm = value,
        "dropout" => config.dropout = value,
        "frozen_layers" => config.frozen_layers = whole,
        "validation_share" => config.validation_share = value,
        "evaluate_every" => config.evaluate_every = whole,
        "evaluation_windows" => config.evaluation_windows = whole,
        "sample_every" => config.sample_every = whole,
        _ => {
            if let Start::Scratch { size, tokenizer } = &mut config.start {
                match (name, tokenizer) {
                    ("n_layer", _) => size.n_layer = whole,
                    ("n_head", _) => size.n_head = whole,
                    ("n_embd", _) => size.n_embd = whole,
                    ("n_ctx", _) => size.n_ctx = whole,
                    ("vocab_size", TokenizerChoice::Bpe { vocab_size }) => *vocab_size = whole,
                    _ => {}
                }
            }
        }
    }
}

/// Names of the settings in which two configs differ and that need a restart: all but the learning rate, which acts at once.
pub fn structural_differences(running: &RunConfig, wanted: &RunConfig) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = NUMBERS
        .iter()
        .copied()
        .filter(|&name| name != "learning_rate" && number(running, name) != number(wanted, name))
        .filter(|&name| number(running, name).is_some() && number(wanted, name).is_some())
        .collect();
    if running.schedule != wanted.schedule {
        names.push("schedule");
    }
    match (running.start, wanted.start) {
        (Start::Base { model: a }, Start::Base { model: b }) if a == b => {}
        (Start::Scratch { tokenizer: a, .. }, Start::Scratch { tokenizer: b, .. }) => {
            if std::mem::discriminant(&a) != std::mem::discriminant(&b) {
                names.push("tokenizer");
            }
        }
        _ => names.push("start"),
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{LIMITS, ModelSize};

    fn scratch() -> RunConfig {
        let start = Start::Scratch { size: ModelSize::default(), tokenizer: TokenizerChoice::Bpe { vocab_size: 512 } };
        RunConfig { start, ..RunConfig::default() }
    }

    #[test]
    fn every_number_is_read_back_as_set() {
        for &name in NUMBERS {
            let limit = limit(name).unwrap();
            for value in [limit.min, limit.max] {
                let mut config = scratch();
                set_number(&mut config, name, value);
                assert_eq!(number(&config, name), Some(value), "{name}");
            }
        }
    }

    #[test]
    fn every_limit_of_a_run_is_in_the_form() {
        let writing = ["temperature", "top_k", "top_p", "repetition_penalty", "max_tokens"];
        for limit in LIMITS.iter().filter(|limit| !writing.contains(&limit.name)) {
            assert!(NUMBERS.contains(&limit.name), "{} has a limit but no control", limit.name);
        }
    }

    #[test]
    fn the_learning_rate_needs_no_restart_but_the_rest_does() {
        let old = RunConfig::default();
        assert!(structural_differences(&old, &RunConfig { learning_rate: 0.1, ..old.clone() }).is_empty());
        assert_eq!(structural_differences(&old, &RunConfig { seed: 2, steps: 10, ..old.clone() }), ["steps", "seed"]);
        assert_eq!(structural_differences(&old, &scratch()), ["start"]);
        let characters =
            RunConfig { start: Start::Scratch { size: ModelSize::default(), tokenizer: TokenizerChoice::Characters }, ..scratch() };
        assert_eq!(structural_differences(&scratch(), &characters), ["tokenizer"]);
    }
}
