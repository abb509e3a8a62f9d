//! One table that draws the form, guards the link and checks a config: range, default and step of every number.

use super::config::{ModelSize, RunConfig, Start, TokenizerChoice};

/// The range of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The field's name, as in links and in `RunConfig`.
    pub name: &'static str,
    pub min: f64,
    pub max: f64,
    /// The step of the control; 0 means that the control moves on a logarithmic scale.
    pub step: f64,
    pub whole: bool,
}

const fn whole(name: &'static str, min: u32, max: u32, step: u32) -> Limit {
    Limit { name, min: min as f64, max: max as f64, step: step as f64, whole: true }
}

const fn real(name: &'static str, min: f64, max: f64, step: f64) -> Limit {
    Limit { name, min, max, step, whole: false }
}

/// Every number a link or a form can set.
pub const LIMITS: &[Limit] = &[
    whole("seed", 0, 999_999, 1),
    whole("steps", 1, 20_000, 10),
    whole("batch_size", 1, 64, 1),
    whole("window", 8, 1024, 8),
    whole("accumulation", 1, 16, 1),
    real("learning_rate", 1e-6, 1e-1, 0.0),
    whole("warmup", 0, 2_000, 5),
    real("weight_decay", 0.0, 1.0, 0.01),
    real("clip_norm", 0.0, 100.0, 0.1),
    real("dropout", 0.0, 0.9, 0.05),
    whole("frozen_layers", 0, 12, 1),
    real("validation_share", 0.0, 0.5, 0.05),
    whole("evaluate_every", 1, 5_000, 5),
    whole("evaluation_windows", 1, 512, 1),
    whole("sample_every", 1, 5_000, 5),
    whole("n_layer", 1, 12, 1),
    whole("n_head", 1, 12, 1),
    whole("n_embd", 32, 768, 32),
    whole("n_ctx", 16, 1024, 16),
    whole("vocab_size", 257, 16_384, 64),
    real("temperature", 0.0, 2.0, 0.05),
    whole("top_k", 0, 1_000, 1),
    real("top_p", 0.01, 1.0, 0.01),
    real("repetition_penalty", 1.0, 2.0, 0.05),
    whole("max_tokens", 1, 2_000, 1),
];

/// The limit of a field by its name.
pub fn limit(name: &str) -> Option<&'static Limit> {
    LIMITS.iter().find(|limit| limit.name == name)
}

impl Limit {
    /// The nearest allowed value; what is not a number becomes the minimum.
    pub fn clamp(&self, value: f64) -> f64 {
        let value = if value.is_nan() { self.min } else { value.clamp(self.min, self.max) };
        if self.whole { value.round() } else { value }
    }
}

fn clamp_u32(name: &str, value: &mut u32) {
    if let Some(limit) = limit(name) {
        *value = limit.clamp(f64::from(*value)) as u32;
    }
}

fn clamp_f64(name: &str, value: &mut f64) {
    if let Some(limit) = limit(name) {
        *value = limit.clamp(*value);
    }
}

impl ModelSize {
    /// The nearest size that the engine accepts: every number within its limits, the width a multiple of `4 * n_head`, at most 128 per head.
    #[must_use]
    pub fn clamped(mut self) -> Self {
        clamp_u32("n_layer", &mut self.n_layer);
        clamp_u32("n_head", &mut self.n_head);
        clamp_u32("n_embd", &mut self.n_embd);
        clamp_u32("n_ctx", &mut self.n_ctx);
        let unit = 4 * self.n_head;
        // A head's vector lives in a GPU thread's registers: past 128 numbers there is no room for it.
        self.n_embd = (self.n_embd / unit).clamp(1, 32) * unit;
        self
    }

    /// Number of parameters of a GPT-2 with this shape, tied head, and `vocab_size` tokens.
    pub fn parameters(&self, vocab_size: u32) -> u64 {
        let (d, layers) = (u64::from(self.n_embd), u64::from(self.n_layer));
        let embeddings = (u64::from(vocab_size) + u64::from(self.n_ctx)) * d;
        embeddings + layers * (12 * d * d + 13 * d) + 2 * d
    }
}

impl RunConfig {
    /// The nearest config within all limits. Links and forms pass through here, so the engine may rely on it.
    #[must_use]
    pub fn clamped(mut self) -> Self {
        let mut seed = self.seed.min(u64::from(u32::MAX)) as u32;
        clamp_u32("seed", &mut seed);
        self.seed = u64::from(seed);
        clamp_u32("steps", &mut self.steps);
        clamp_u32("batch_size", &mut self.batch_size);
        clamp_u32("window", &mut self.window);
        clamp_u32("accumulation", &mut self.accumulation);
        clamp_f64("learning_rate", &mut self.learning_rate);
        clamp_u32("warmup", &mut self.warmup);
        clamp_f64("weight_decay", &mut self.weight_decay);
        clamp_f64("clip_norm", &mut self.clip_norm);
        clamp_f64("dropout", &mut self.dropout);
        clamp_u32("frozen_layers", &mut self.frozen_layers);
        clamp_f64("validation_share", &mut self.validation_share);
        clamp_u32("evaluate_every", &mut self.evaluate_every);
        clamp_u32("evaluation_windows", &mut self.evaluation_windows);
        clamp_u32("sample_every", &mut self.sample_every);
        if let Start::Scratch { size, tokenizer } = &mut self.start {
            *size = size.clamped();
            self.window = self.window.min(size.n_ctx);
            self.frozen_layers = self.frozen_layers.min(size.n_layer);
            if let TokenizerChoice::Bpe { vocab_size } = tokenizer {
                clamp_u32("vocab_size", vocab_size);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_within_its_own_limits() {
        assert_eq!(RunConfig::default().clamped(), RunConfig::default());
        assert_eq!(ModelSize::default().clamped(), ModelSize::default());
    }

    #[test]
    fn nonsense_is_pulled_into_range() {
        let wild = RunConfig { steps: 0, learning_rate: f64::NAN, dropout: 7.0, batch_size: 9_999, ..RunConfig::default() };
        let tame = wild.clamped();
        assert_eq!((tame.steps, tame.batch_size), (1, 64));
        assert_eq!((tame.learning_rate, tame.dropout), (1e-6, 0.9));
    }

    #[test]
    fn a_width_that_does_not_divide_is_rounded_down() {
        let size = ModelSize { n_layer: 2, n_head: 3, n_embd: 64, n_ctx: 64 }.clamped();
        assert_eq!(size.n_embd, 60);
    }

    #[test]
    fn the_parameter_count_is_that_of_the_bundled_model() {
        let nano = ModelSize { n_layer: 4, n_head: 4, n_embd: 128, n_ctx: 256 };
        assert_eq!(nano.parameters(4096), 1_350_400);
    }
}
