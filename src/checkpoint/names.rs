//! The names and shapes of GPT-2's tensors, as `GPT2LMHeadModel` calls them, and the check that a file holds exactly these.

use super::config::ModelConfig;
use super::error::{CheckpointError, Mismatch};
use super::tensor::NamedTensor;
use std::collections::HashMap;

/// What `GPT2LMHeadModel` puts before every name; files of the bare `GPT2Model` lack it.
pub const PREFIX: &str = "transformer.";

const HEAD: &str = "lm_head.weight";

/// Names and shapes of all weights, in the order of `GPT2LMHeadModel.named_parameters()`. The projections (`c_attn`, `c_proj`, `c_fc`) are GPT-2's
/// `Conv1D`: `[in, out]`, not transposed. The head shares `wte` and does not stand in the list.
pub fn expected_tensors(config: &ModelConfig) -> Vec<(String, Vec<usize>)> {
    let d = config.n_embd;
    let mut tensors =
        vec![(format!("{PREFIX}wte.weight"), vec![config.vocab_size, d]), (format!("{PREFIX}wpe.weight"), vec![config.n_positions, d])];
    for layer in 0..config.n_layer {
        let block: [(&str, Vec<usize>); 12] = [
            ("ln_1.weight", vec![d]),
            ("ln_1.bias", vec![d]),
            ("attn.c_attn.weight", vec![d, 3 * d]),
            ("attn.c_attn.bias", vec![3 * d]),
            ("attn.c_proj.weight", vec![d, d]),
            ("attn.c_proj.bias", vec![d]),
            ("ln_2.weight", vec![d]),
            ("ln_2.bias", vec![d]),
            ("mlp.c_fc.weight", vec![d, 4 * d]),
            ("mlp.c_fc.bias", vec![4 * d]),
            ("mlp.c_proj.weight", vec![4 * d, d]),
            ("mlp.c_proj.bias", vec![d]),
        ];
        tensors.extend(block.into_iter().map(|(name, shape)| (format!("{PREFIX}h.{layer}.{name}"), shape)));
    }
    tensors.push((format!("{PREFIX}ln_f.weight"), vec![d]));
    tensors.push((format!("{PREFIX}ln_f.bias"), vec![d]));
    tensors
}

/// The causal mask that old checkpoints carry along: no weight.
pub(super) fn is_buffer(name: &str) -> bool {
    name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias")
}

/// Puts the tensors of a file into the order of [`expected_tensors`], under the full names. Names may lack the prefix; the causal mask and a
/// copy of the embedding as `lm_head.weight` are left out.
///
/// # Errors
/// Tensors missing, unexpected or of another shape (all of them listed), a head that is not the embedding, a name used twice, or numbers that
/// are not finite.
pub fn arrange(config: &ModelConfig, tensors: Vec<NamedTensor>) -> Result<Vec<NamedTensor>, CheckpointError> {
    let mut found: HashMap<String, NamedTensor> = HashMap::with_capacity(tensors.len());
    let mut head = None;
    for mut tensor in tensors.into_iter().filter(|tensor| !is_buffer(&tensor.name)) {
        tensor.check_size()?;
        if tensor.name == HEAD {
            head = Some(tensor);
            continue;
        }
        if !tensor.name.starts_with(PREFIX) {
            tensor.name.insert_str(0, PREFIX);
        }
        if let Some(twin) = found.insert(tensor.name.clone(), tensor) {
            return Err(CheckpointError::Duplicate(twin.name));
        }
    }

    let mut mismatch = Mismatch::default();
    let mut arranged = Vec::with_capacity(found.len());
    for (name, shape) in expected_tensors(config) {
        match found.remove(&name) {
            None => mismatch.missing.push(name),
            Some(tensor) if tensor.shape != shape => mismatch.misshapen.push((name, shape, tensor.shape)),
            Some(tensor) => arranged.push(tensor),
        }
    }
    mismatch.unexpected = found.into_keys().collect();
    mismatch.unexpected.sort_unstable();
    if !mismatch.is_empty() {
        return Err(CheckpointError::Mismatch(mismatch));
    }
    if let Some(tensor) = arranged.iter().find(|tensor| tensor.values.iter().any(|value| !value.is_finite())) {
        return Err(CheckpointError::NotFinite(tensor.name.clone()));
    }
    // The first of the expected tensors is the embedding.
    match (head, arranged.first()) {
        (Some(head), Some(embedding)) if head.shape != embedding.shape || head.values != embedding.values => {
            Err(CheckpointError::HeadNotTied)
        }
        _ => Ok(arranged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ModelSize;

    fn config() -> ModelConfig {
        ModelConfig::new(ModelSize { n_layer: 2, n_head: 2, n_embd: 8, n_ctx: 6 }, 5)
    }

    /// Every value differs, so that a swap would be seen.
    fn all() -> Vec<NamedTensor> {
        let mut next = 0f32;
        expected_tensors(&config())
            .into_iter()
            .map(|(name, shape)| {
                let values = (0..shape.iter().product::<usize>())
                    .map(|_| {
                        next += 1.0;
                        next
                    })
                    .collect();
                NamedTensor::new(name, shape, values).unwrap()
            })
            .collect()
    }

    fn mismatch(tensors: Vec<NamedTensor>) -> Mismatch {
        match arrange(&config(), tensors) {
            Err(CheckpointError::Mismatch(mismatch)) => mismatch,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_shapes_add_up_to_the_parameters() {
        let total: usize = expected_tensors(&config()).iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
        assert_eq!(total as u64, config().parameters());
    }

    #[test]
    fn any_order_with_and_without_prefix_gives_the_same() {
        let mut shuffled = all();
        shuffled.reverse();
        for tensor in shuffled.iter_mut().step_by(2) {
            tensor.name = tensor.name.replacen(PREFIX, "", 1);
        }
        assert_eq!(arrange(&config(), shuffled).unwrap(), all());
    }

    #[test]
    fn masks_and_a_tied_head_are_left_out() {
        let mut tensors = all();
        let head = NamedTensor { name: "lm_head.weight".into(), ..tensors[0].clone() };
        tensors.push(head);
        tensors.push(NamedTensor::new("transformer.h.0.attn.bias", vec![1, 1], vec![1.0]).unwrap());
        tensors.push(NamedTensor::new("h.1.attn.masked_bias", vec![], vec![-1e4]).unwrap());
        assert_eq!(arrange(&config(), tensors).unwrap(), all());
    }

    #[test]
    fn another_head_is_refused() {
        let mut tensors = all();
        let mut head = NamedTensor { name: "lm_head.weight".into(), ..tensors[0].clone() };
        head.values[3] += 1.0;
        tensors.push(head);
        assert!(matches!(arrange(&config(), tensors), Err(CheckpointError::HeadNotTied)));
    }

    #[test]
    fn all_that_does_not_fit_is_listed() {
        let mut tensors = all();
        tensors.remove(1);
        tensors[0].shape = vec![8, 5];
        tensors.push(NamedTensor::new("transformer.h.2.ln_1.bias", vec![8], vec![0.0; 8]).unwrap());
        tensors.push(NamedTensor::new("extra", vec![1], vec![0.0]).unwrap());
        let mismatch = mismatch(tensors);
        assert_eq!(mismatch.missing, ["transformer.wpe.weight"]);
        assert_eq!(mismatch.unexpected, ["transformer.extra", "transformer.h.2.ln_1.bias"]);
        assert_eq!(mismatch.misshapen, [("transformer.wte.weight".to_owned(), vec![5, 8], vec![8, 5])]);
    }

    #[test]
    fn one_name_twice_is_refused() {
        let mut tensors = all();
        tensors.push(NamedTensor { name: "wte.weight".into(), ..tensors[0].clone() });
        assert!(matches!(arrange(&config(), tensors), Err(CheckpointError::Duplicate(name)) if name == "transformer.wte.weight"));
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused() {
        for bad in [f32::NAN, f32::INFINITY] {
            let mut tensors = all();
            tensors[4].values[2] = bad;
            assert!(matches!(arrange(&config(), tensors), Err(CheckpointError::NotFinite(name)) if name.ends_with("c_attn.weight")));
        }
    }
}
