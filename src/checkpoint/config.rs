//! GPT-2's config.json: read what we can run, refuse the rest with the field's name, write what `transformers` accepts.

use super::error::CheckpointError;
use super::safetensors::FileType;
use crate::protocol::ModelSize;
use serde::Deserialize;
use serde_json::Value;

/// The configuration of a GPT-2 language model, under Hugging Face's names. A value that came through [`ModelConfig::read`] or
/// [`ModelConfig::check`] is one that the engine can run.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    pub vocab_size: usize,
    /// Context: the longest window, in tokens.
    pub n_positions: usize,
    /// Width: length of a token's vector.
    pub n_embd: usize,
    pub n_layer: usize,
    pub n_head: usize,
    pub layer_norm_epsilon: f64,
    /// Dropout on the sum of token and position.
    pub embd_pdrop: f64,
    /// Dropout on attention weights.
    pub attn_pdrop: f64,
    /// Dropout on what each half block adds.
    pub resid_pdrop: f64,
    pub bos_token_id: Option<u32>,
    /// The token between texts.
    pub eos_token_id: Option<u32>,
}

/// As GPT-2 has it.
const LAYER_NORM_EPSILON: f64 = 1e-5;

/// config.json as it stands in a file: every field that changes what the model computes, with `GPT2Config`'s defaults.
#[derive(Deserialize)]
#[serde(default)]
struct Raw {
    model_type: Value,
    vocab_size: usize,
    #[serde(alias = "max_position_embeddings")]
    n_positions: Option<usize>,
    /// The old name of `n_positions`.
    n_ctx: Option<usize>,
    #[serde(alias = "hidden_size")]
    n_embd: usize,
    #[serde(alias = "num_hidden_layers")]
    n_layer: usize,
    #[serde(alias = "num_attention_heads")]
    n_head: usize,
    n_inner: Option<usize>,
    activation_function: String,
    layer_norm_epsilon: f64,
    embd_pdrop: f64,
    attn_pdrop: f64,
    resid_pdrop: f64,
    bos_token_id: Option<u32>,
    eos_token_id: Option<u32>,
    tie_word_embeddings: bool,
    scale_attn_weights: bool,
    scale_attn_by_inverse_layer_idx: bool,
    add_cross_attention: bool,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            model_type: Value::Null,
            vocab_size: 50_257,
            n_positions: None,
            n_ctx: None,
            n_embd: 768,
            n_layer: 12,
            n_head: 12,
            n_inner: None,
            activation_function: "gelu_new".to_owned(),
            layer_norm_epsilon: LAYER_NORM_EPSILON,
            embd_pdrop: 0.1,
            attn_pdrop: 0.1,
            resid_pdrop: 0.1,
            bos_token_id: None,
            eos_token_id: None,
            tie_word_embeddings: true,
            scale_attn_weights: true,
            scale_attn_by_inverse_layer_idx: false,
            add_cross_attention: false,
        }
    }
}

fn unsupported(field: &'static str, value: impl ToString, wanted: &'static str) -> CheckpointError {
    CheckpointError::Unsupported { field, value: value.to_string(), wanted }
}

fn require(holds: bool, field: &'static str, value: impl ToString, wanted: &'static str) -> Result<(), CheckpointError> {
    if holds { Ok(()) } else { Err(unsupported(field, value, wanted)) }
}

impl ModelConfig {
    /// A model of this shape as GPT-2 has it, without dropout and without a token between texts.
    pub fn new(size: ModelSize, vocab_size: u32) -> Self {
        Self {
            vocab_size: vocab_size as usize,
            n_positions: size.n_ctx as usize,
            n_embd: size.n_embd as usize,
            n_layer: size.n_layer as usize,
            n_head: size.n_head as usize,
            layer_norm_epsilon: LAYER_NORM_EPSILON,
            embd_pdrop: 0.0,
            attn_pdrop: 0.0,
            resid_pdrop: 0.0,
            bos_token_id: None,
            eos_token_id: None,
        }
    }

    /// Its shape, apart from the vocabulary.
    pub fn size(&self) -> ModelSize {
        let [n_layer, n_head, n_embd, n_ctx] = [self.n_layer, self.n_head, self.n_embd, self.n_positions].map(|number| number as u32);
        ModelSize { n_layer, n_head, n_embd, n_ctx }
    }

    /// Reads config.json.
    ///
    /// # Errors
    /// No JSON of the right types, or a model that the engine would compute wrongly: the error names the field.
    pub fn read(json: &str) -> Result<Self, CheckpointError> {
        let raw: Raw = serde_json::from_str(json).map_err(CheckpointError::ConfigJson)?;
        require(raw.model_type == "gpt2", "model_type", &raw.model_type, "only \"gpt2\" can be run")?;
        require(raw.activation_function == "gelu_new", "activation_function", &raw.activation_function, "only gelu_new can be run")?;
        require(raw.tie_word_embeddings, "tie_word_embeddings", false, "only a head that shares the embedding can be run")?;
        require(raw.scale_attn_weights, "scale_attn_weights", false, "only scaled attention can be run")?;
        require(!raw.scale_attn_by_inverse_layer_idx, "scale_attn_by_inverse_layer_idx", true, "it must be false")?;
        require(!raw.add_cross_attention, "add_cross_attention", true, "it must be false")?;
        if let Some(inner) = raw.n_inner {
            require(Some(inner) == raw.n_embd.checked_mul(4), "n_inner", inner, "only null or four times n_embd can be run")?;
        }
        let config = Self {
            vocab_size: raw.vocab_size,
            n_positions: raw.n_positions.or(raw.n_ctx).unwrap_or(1024),
            n_embd: raw.n_embd,
            n_layer: raw.n_layer,
            n_head: raw.n_head,
            layer_norm_epsilon: raw.layer_norm_epsilon,
            embd_pdrop: raw.embd_pdrop,
            attn_pdrop: raw.attn_pdrop,
            resid_pdrop: raw.resid_pdrop,
            bos_token_id: raw.bos_token_id,
            eos_token_id: raw.eos_token_id,
        };
        config.check()?;
        Ok(config)
    }

    /// Every number is one that the engine can run.
    ///
    /// # Errors
    /// Names the first field that is not.
    pub fn check(&self) -> Result<(), CheckpointError> {
        let within = |field, value: usize, largest: usize, wanted| require((1..=largest).contains(&value), field, value, wanted);
        // Far above what a page can hold, far below where products of sizes overflow 32 bits.
        within("vocab_size", self.vocab_size, 1 << 20, "it must be between 1 and 1,048,576")?;
        within("n_positions", self.n_positions, 1 << 16, "it must be between 1 and 65,536")?;
        within("n_embd", self.n_embd, 1 << 12, "it must be between 1 and 4,096")?;
        within("n_layer", self.n_layer, 128, "it must be between 1 and 128")?;
        within("n_head", self.n_head, 128, "it must be between 1 and 128")?;
        require(self.n_embd.is_multiple_of(self.n_head), "n_embd", self.n_embd, "it must be a multiple of n_head")?;
        require(self.head_dim().is_multiple_of(4), "n_embd", self.n_embd, "it must be a multiple of four times n_head")?;
        let epsilon = self.layer_norm_epsilon;
        require(epsilon > 0.0 && epsilon <= 1.0, "layer_norm_epsilon", epsilon, "it must be above 0 and at most 1")?;
        for (field, share) in [("embd_pdrop", self.embd_pdrop), ("attn_pdrop", self.attn_pdrop), ("resid_pdrop", self.resid_pdrop)] {
            require((0.0..1.0).contains(&share), field, share, "it must be at least 0 and below 1")?;
        }
        for (field, token) in [("bos_token_id", self.bos_token_id), ("eos_token_id", self.eos_token_id)] {
            if let Some(token) = token {
                require((token as usize) < self.vocab_size, field, token, "it must be below vocab_size")?;
            }
        }
        Ok(())
    }

    /// config.json for `GPT2LMHeadModel.from_pretrained`, for weights stored as `file_type`.
    pub fn to_json(&self, file_type: FileType) -> String {
        let value = serde_json::json!({
            "architectures": ["GPT2LMHeadModel"],
            "model_type": "gpt2",
            "vocab_size": self.vocab_size,
            "n_positions": self.n_positions,
            "n_ctx": self.n_positions,
            "n_embd": self.n_embd,
            "n_layer": self.n_layer,
            "n_head": self.n_head,
            "n_inner": null,
            "activation_function": "gelu_new",
            "layer_norm_epsilon": self.layer_norm_epsilon,
            "embd_pdrop": self.embd_pdrop,
            "attn_pdrop": self.attn_pdrop,
            "resid_pdrop": self.resid_pdrop,
            "initializer_range": 0.02,
            "bos_token_id": self.bos_token_id,
            "eos_token_id": self.eos_token_id,
            "tie_word_embeddings": true,
            "torch_dtype": file_type.name(),
        });
        format!("{value:#}\n")
    }

    /// Number of parameters, the tied head counted once.
    pub fn parameters(&self) -> u64 {
        let (d, layers) = (self.n_embd as u64, self.n_layer as u64);
        (self.vocab_size as u64 + self.n_positions as u64) * d + layers * (12 * d * d + 13 * d) + 2 * d
    }

    /// Length of one head's query, key and value vectors.
    pub fn head_dim(&self) -> usize {
        self.n_embd / self.n_head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NANO: &str = include_str!("../../static/models/attune-en-nano/config.json");
    const FROM_TRANSFORMERS: &str = include_str!("../../tests/reference/fixtures/gpt2_small/config.json");

    #[test]
    fn the_bundled_model_is_read() {
        let config = ModelConfig::read(NANO).unwrap();
        assert_eq!((config.vocab_size, config.n_positions, config.n_embd, config.n_layer, config.n_head), (4096, 256, 128, 4, 4));
        assert_eq!((config.parameters(), config.head_dim(), config.eos_token_id), (1_350_400, 32, Some(0)));
    }

    #[test]
    fn what_transformers_writes_is_read_and_comes_back() {
        let config = ModelConfig::read(FROM_TRANSFORMERS).unwrap();
        assert_eq!((config.vocab_size, config.n_positions, config.n_embd, config.attn_pdrop), (96, 32, 32, 0.0));
        assert_eq!(ModelConfig::read(&config.to_json(FileType::F16)).unwrap(), config);
        assert!(config.to_json(FileType::F16).contains("\"torch_dtype\": \"float16\""));
    }

    #[test]
    fn missing_fields_are_those_of_gpt2() {
        let config = ModelConfig::read(r#"{"model_type":"gpt2"}"#).unwrap();
        assert_eq!((config.n_positions, config.n_embd, config.attn_pdrop, config.parameters()), (1024, 768, 0.1, 124_439_808));
        assert_eq!(ModelConfig::read(r#"{"model_type":"gpt2","n_ctx":64}"#).unwrap().n_positions, 64);
        assert_eq!(ModelConfig::read(r#"{"model_type":"gpt2","hidden_size":48}"#).unwrap().n_embd, 48);
    }

    #[test]
    fn what_we_would_compute_wrongly_is_refused_by_name() {
        let cases = [
            ("model_type", r#""llama""#),
            ("model_type", "null"),
            ("activation_function", r#""relu""#),
            ("tie_word_embeddings", "false"),
            ("scale_attn_weights", "false"),
            ("scale_attn_by_inverse_layer_idx", "true"),
            ("add_cross_attention", "true"),
            ("n_inner", "100"),
            ("vocab_size", "0"),
            ("vocab_size", "18446744073709551615"),
            ("n_positions", "0"),
            ("n_embd", "18446744073709551615"),
            ("n_embd", "130"),
            ("n_embd", "24"),
            ("n_layer", "100000"),
            ("n_head", "0"),
            ("layer_norm_epsilon", "0"),
            ("attn_pdrop", "1.0"),
            ("embd_pdrop", "-0.1"),
            ("eos_token_id", "4096"),
        ];
        for (field, value) in cases {
            let mut json: Value = serde_json::from_str(NANO).unwrap();
            json[field] = serde_json::from_str(value).unwrap();
            let error = ModelConfig::read(&json.to_string()).unwrap_err();
            assert!(matches!(&error, CheckpointError::Unsupported { field: named, .. } if *named == field), "{field} {value}: {error}");
            assert!(error.to_string().contains(field));
        }
    }

    #[test]
    fn an_inner_width_of_four_times_is_what_null_means() {
        let spelled = NANO.replace("\"n_inner\": null", "\"n_inner\": 512");
        assert_ne!(spelled, NANO);
        assert_eq!(ModelConfig::read(&spelled).unwrap(), ModelConfig::read(NANO).unwrap());
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        for json in ["", "null", "{", r#"{"model_type":"gpt2","n_embd":"128"}"#, r#"{"model_type":"gpt2","n_layer":-1}"#] {
            assert!(matches!(ModelConfig::read(json), Err(CheckpointError::ConfigJson(_))), "{json}");
        }
        assert!(ModelConfig::read("[]").is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_is_read_can_overflow(
            vocab_size in any::<usize>(), n_positions in any::<usize>(), n_embd in prop_oneof![0usize..5000, any::<usize>()],
            n_layer in 0usize..200, n_head in prop_oneof![0usize..200, any::<usize>()], bytes in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let json = format!(r#"{{"model_type":"gpt2","vocab_size":{vocab_size},"n_positions":{n_positions},"n_embd":{n_embd},"n_layer":{n_layer},"n_head":{n_head}}}"#);
            if let Ok(config) = ModelConfig::read(&json) {
                prop_assert!(config.parameters() > 0);
            }
            let _ = ModelConfig::read(&String::from_utf8_lossy(&bytes));
        }
    }
}
