//! Settings in the link: `#v=1&steps=200&seed=7`. Typed, versioned, only what differs from the default, limits enforced on reading.
//! Never text.
//!
//! In and out: a [`Link`] and the hash of the address. Any string can be read: what is not understood is left at its default.

use super::fields;
use super::inside::picked::{Look, View};
use super::label_link::LabelLink;
use crate::protocol::{BaseModel, DevicePreference, LearningRateSchedule, ModelSize, RunConfig, Start, TokenizerChoice};
use std::fmt::Write;

/// Version of the link's form.
pub const LINK_VERSION: u32 = 1;
/// Heads that a link can name.
const MOST_HEADS: usize = 32;

/// Everything that a link can carry.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Link {
    pub config: RunConfig,
    /// The link says where to start; otherwise the page proposes it.
    pub chosen: bool,
    /// Id of a built-in sample; the visitor's own text never travels.
    pub sample: Option<String>,
    pub device: DevicePreference,
    /// Shows buttons that break things on purpose.
    pub debug: bool,
    /// Which view of which heads.
    pub look: Look,
    /// How a table is learned, and of a scenario what.
    pub labels: LabelLink,
}

/// The value of a name in `name=value` between `&`; the last one counts.
pub fn value_of<'a>(pairs: &'a str, name: &str) -> Option<&'a str> {
    pairs.split('&').rev().filter_map(|pair| pair.split_once('=')).find(|pair| pair.0 == name).map(|pair| pair.1)
}

impl Link {
    /// Reads a hash, with or without its `#`. A link of another version is read as empty: its numbers may mean something else.
    pub fn parse(hash: &str) -> Self {
        let pairs = hash.trim_start_matches('#');
        let value = |name: &str| value_of(pairs, name);
        let mut link = Self { debug: value("debug") == Some("1"), ..Self::default() };
        if value("v").is_some_and(|version| version != LINK_VERSION.to_string()) {
            return link;
        }
        link.sample = value("sample").filter(|id| is_sample_id(id)).map(str::to_owned);
        link.device = match value("device") {
            Some("webgpu") => DevicePreference::WebGpu,
            Some("cpu") => DevicePreference::Cpu,
            _ => DevicePreference::Auto,
        };
        link.look = Look {
            view: value("view").and_then(|name| View::ALL.into_iter().find(|view| view.name() == name)),
            layer: value("layer").and_then(|text| text.parse().ok()),
            heads: value("heads")
                .map(|list| list.split(',').take(MOST_HEADS).filter_map(|head| head.parse().ok()).collect())
                .unwrap_or_default(),
        };
        if value("start") == Some("scratch") {
            let tokenizer = match value("tokenizer") {
                Some("characters") => TokenizerChoice::Characters,
                _ => default_tokenizer(),
            };
            link.config.start = Start::Scratch { size: ModelSize::default(), tokenizer };
            link.chosen = true;
        } else if let Some(model) = value("model").and_then(BaseModel::named) {
            link.config.start = Start::Base { model };
            link.chosen = true;
        }
        link.config.schedule = match value("schedule") {
            Some("constant") => LearningRateSchedule::Constant,
            Some("linear") => LearningRateSchedule::Linear,
            _ => LearningRateSchedule::Cosine,
        };
        for &name in fields::NUMBERS {
            if let Some(number) = value(name).and_then(|text| text.parse::<f64>().ok()).filter(|number| !number.is_nan()) {
                fields::set_number(&mut link.config, name, number);
            }
        }
        link.config = link.config.clamped();
        link.labels = LabelLink::parse(&value);
        link
    }

    /// The hash without its `#`; empty when everything is at its default.
    pub fn to_hash(&self) -> String {
        let mut out = String::new();
        let mut put = |key: &str, value: &str| {
            let joint = if out.is_empty() { "" } else { "&" };
            // Writing to a string cannot fail.
            let _ = write!(out, "{joint}{key}={value}");
        };
        let mut base = RunConfig::default();
        match self.config.start {
            Start::Base { model } if self.chosen => put("model", model.folder()),
            _ => {}
        }
        if let Start::Scratch { tokenizer, .. } = self.config.start {
            put("start", "scratch");
            if tokenizer == TokenizerChoice::Characters {
                put("tokenizer", "characters");
            }
            let default = if tokenizer == TokenizerChoice::Characters { tokenizer } else { default_tokenizer() };
            base.start = Start::Scratch { size: ModelSize::default(), tokenizer: default };
        }
        match self.config.schedule {
            LearningRateSchedule::Cosine => {}
            LearningRateSchedule::Constant => put("schedule", "constant"),
            LearningRateSchedule::Linear => put("schedule", "linear"),
        }
        for &name in fields::NUMBERS {
            let value = fields::number(&self.config, name);
            if let Some(value) = value.filter(|_| value != fields::number(&base, name)) {
                put(name, &value.to_string());
            }
        }
        if let Some(sample) = &self.sample {
            put("sample", sample);
        }
        for (name, value) in self.labels.pairs() {
            put(name, &value);
        }
        match self.device {
            DevicePreference::Auto => {}
            DevicePreference::WebGpu => put("device", "webgpu"),
            DevicePreference::Cpu => put("device", "cpu"),
        }
        if let Some(view) = self.look.view {
            put("view", view.name());
        }
        if let Some(layer) = self.look.layer {
            put("layer", &layer.to_string());
        }
        if !self.look.heads.is_empty() {
            put("heads", &self.look.heads.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
        }
        if self.debug {
            put("debug", "1");
        }
        if out.is_empty() { out } else { format!("v={LINK_VERSION}&{out}") }
    }
}

/// The tokenizer that a model from scratch starts with.
pub fn default_tokenizer() -> TokenizerChoice {
    TokenizerChoice::Bpe { vocab_size: 512 }
}

fn is_sample_id(id: &str) -> bool {
    (1..=40).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_needs_no_hash() {
        assert_eq!(Link::default().to_hash(), "");
        assert_eq!(Link::parse(""), Link::default());
        assert_eq!(Link::parse("#"), Link::default());
    }

    #[test]
    fn only_what_differs_is_written() {
        let link = Link { config: RunConfig { steps: 200, learning_rate: 7e-4, ..RunConfig::default() }, ..Link::default() };
        assert_eq!(link.to_hash(), "v=1&steps=200&learning_rate=0.0007");
    }

    #[test]
    fn limits_hold_and_nonsense_is_left_out() {
        let link = Link::parse("#v=1&steps=99999999&dropout=-3&seed=x&window=NaN&sample=../../etc&learning_rate=inf");
        assert_eq!((link.config.steps, link.config.dropout, link.config.seed), (20_000, 0.0, 1));
        assert_eq!((link.config.window, link.config.learning_rate), (RunConfig::default().window, 0.1));
        assert_eq!(link.sample, None);
    }

    #[test]
    fn a_chosen_model_is_named_and_what_is_no_name_is_left_out() {
        let link = Link { chosen: true, ..Link::default() };
        assert_eq!(link.to_hash(), "v=1&model=attune-en-nano");
        assert_eq!(Link::parse("v=1&model=attune-en-nano"), link);
        assert_eq!(Link::parse("v=1&model=../../etc"), Link::default());
    }

    #[test]
    fn a_head_is_shared_with_its_view() {
        let look = Look { view: Some(View::Matrix), layer: Some(3), heads: vec![1, 4] };
        let link = Link { look, ..Link::default() };
        assert_eq!(link.to_hash(), "v=1&view=matrix&layer=3&heads=1,4");
        assert_eq!(Link::parse("v=1&view=tables&layer=-1&heads=x,,2").look, Look { heads: vec![2], ..Look::default() });
    }

    #[test]
    fn another_version_is_not_guessed_at() {
        assert_eq!(Link::parse("v=2&steps=7"), Link::default());
    }

    fn any_link() -> impl Strategy<Value = Link> {
        let size = (1u32..13, 1u32..13, 1u32..800, 1u32..1100).prop_map(|(n_layer, n_head, n_embd, n_ctx)| ModelSize {
            n_layer,
            n_head,
            n_embd,
            n_ctx,
        });
        let tokenizer =
            prop_oneof![Just(TokenizerChoice::Characters), (200u32..20_000).prop_map(|vocab_size| TokenizerChoice::Bpe { vocab_size })];
        let base = "[a-z0-9-]{1,40}".prop_map(|id| Start::Base { model: BaseModel::named(&id).unwrap() });
        let start =
            prop_oneof![Just(Start::default()), base, (size, tokenizer).prop_map(|(size, tokenizer)| Start::Scratch { size, tokenizer })];
        let numbers = proptest::collection::vec(prop_oneof![-10.0..30_000.0, 0.0..1.0f64], fields::NUMBERS.len());
        let schedule =
            prop_oneof![Just(LearningRateSchedule::Constant), Just(LearningRateSchedule::Cosine), Just(LearningRateSchedule::Linear)];
        let device = prop_oneof![Just(DevicePreference::Auto), Just(DevicePreference::WebGpu), Just(DevicePreference::Cpu)];
        let look =
            (proptest::option::of(0..View::ALL.len()), proptest::option::of(any::<u32>()), proptest::collection::vec(any::<u32>(), 0..9))
                .prop_map(|(view, layer, heads)| Look { view: view.map(|at| View::ALL[at]), layer, heads });
        (start, numbers, schedule, device, proptest::option::of("[a-z0-9-]{1,40}"), any::<bool>(), look).prop_map(
            |(start, numbers, schedule, device, sample, debug, look)| {
                let mut config = RunConfig { start, schedule, ..RunConfig::default() };
                for (&name, value) in fields::NUMBERS.iter().zip(numbers) {
                    fields::set_number(&mut config, name, value);
                }
                let chosen = config.start != Start::default();
                Link { config: config.clamped(), chosen, sample, device, debug, look, labels: LabelLink::default() }
            },
        )
    }

    proptest! {
        #[test]
        fn a_link_comes_back_as_it_went(link in any_link()) {
            prop_assert_eq!(Link::parse(&link.to_hash()), link);
        }

        #[test]
        fn any_string_is_read_within_limits(hash in ".{0,200}") {
            let link = Link::parse(&hash);
            prop_assert_eq!(link.config.clone().clamped(), link.config);
        }

        #[test]
        fn any_pairs_are_read_within_limits(pairs in proptest::collection::vec((0..fields::NUMBERS.len(), "[0-9eE.+-]{0,12}"), 0..8)) {
            let hash = pairs.iter().map(|(name, value)| format!("&{}={value}", fields::NUMBERS[*name])).collect::<String>();
            let link = Link::parse(&format!("start=scratch{hash}"));
            prop_assert_eq!(link.config.clone().clamped(), link.config);
        }
    }
}
