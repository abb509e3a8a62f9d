//! Roles of all heads, measured over windows of the visitor's text.

use crate::model::Gpt;
use crate::model::ops;
use crate::model::parameters::{ParameterError, read_many};
use crate::protocol::explain::{Answer, HeadPlace, HeadReport};

use super::habits::{Tally, Window};
use super::switches::TextWindows;

/// Tallies `[layers * heads]` over the windows, as habits see them; under a model without autodiff. `pause` is called between two
/// windows, during which the model must stand still.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn tally(model: &Gpt, windows: &TextWindows, seen: &[Window], pause: impl AsyncFn()) -> Result<Vec<Tally>, ParameterError> {
    let (layers, heads) = (model.h.len(), model.config.n_head);
    let device = model.wte.val().device();
    let mut tallies = vec![Tally::default(); layers * heads];
    for (ids, window) in windows.ids.iter().zip(seen) {
        let count = ids.len();
        let inside = model.inside(TextWindows::tensor(ids, &device), count);
        for (layer, block) in inside.blocks.into_iter().enumerate() {
            let maps = read_many(vec![ops::attention_weights(block.qkv, count, heads).flatten(0, 1)]).await?;
            for (head, map) in maps.iter().flat_map(|maps| maps.chunks_exact(count * count)).enumerate() {
                tallies[layer * heads + head].add(map, window);
            }
        }
        pause().await;
    }
    Ok(tallies)
}

/// Answers `Roles` from the tallies of now and of before the first step, over the same windows.
pub fn answer(now: &[Tally], base: &[Tally], heads: usize, windows: &TextWindows) -> Answer {
    let report = |(index, (now, base)): (usize, (&Tally, &Tally))| HeadReport {
        place: HeadPlace { layer: (index / heads.max(1)) as u32, head: (index % heads.max(1)) as u32 },
        now: now.reading(),
        base: base.reading(),
        shares: now.shares(),
        chances: now.chances(),
    };
    Answer::Roles {
        windows: windows.ids.len() as u32,
        tokens: windows.ids.iter().map(Vec::len).sum::<usize>() as u32,
        heads: now.iter().zip(base).enumerate().map(report).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::habits::signs;
    use super::*;
    use crate::checkpoint::{ModelConfig, NamedTensor, expected_tensors};
    use crate::protocol::explain::{HeadReading, Role};
    use burn::tensor::Device;
    use futures::executor::block_on;

    const VOCAB: usize = 20;
    const TIME: usize = 64;
    const D: usize = 128;
    const HEADS: usize = 2;
    const SIZE: usize = D / HEADS;
    /// Where the stream holds the token, the position, and (after the first layer) the token before; one number each is 1.
    const TOKEN: usize = 0;
    const POSITION: usize = 20;
    const BEFORE: usize = 84;
    /// Sharp enough that a match outweighs all others together.
    const SHARP: f32 = 1.5;

    /// A model of two layers whose weights are set by hand. Layer 0: head 0 finds the token before by its position and notes which it was; head 1 does
    /// nothing in particular. Layer 1: head 0 looks for tokens whose predecessor is the query's own token, which makes it an induction head (Elhage et
    /// al. 2021, "A Mathematical Framework for Transformer Circuits"); head 1 looks for the first position, whatever the query. No MLP.
    fn made_by_hand() -> Gpt {
        let config = ModelConfig {
            vocab_size: VOCAB,
            n_positions: TIME,
            n_embd: D,
            n_layer: 2,
            n_head: HEADS,
            layer_norm_epsilon: 1e-5,
            embd_pdrop: 0.0,
            attn_pdrop: 0.0,
            resid_pdrop: 0.0,
            bos_token_id: None,
            eos_token_id: None,
        };
        let mut values: Vec<NamedTensor> = expected_tensors(&config)
            .into_iter()
            .map(|(name, shape)| {
                let norm = name.contains("ln_") && name.ends_with("weight");
                let count = shape.iter().product();
                NamedTensor { name, shape, values: vec![if norm { 1.0 } else { 0.0 }; count] }
            })
            .collect();
        let mut set = |name: &str, row: usize, column: usize, value: f32| {
            let tensor = values.iter_mut().find(|tensor| tensor.name.ends_with(name)).unwrap();
            let width = tensor.shape.last().copied().unwrap();
            tensor.values[row * width + column] = value;
        };
        (0..VOCAB).for_each(|id| set("wte.weight", id, TOKEN + id, 1.0));
        (0..TIME).for_each(|place| set("wpe.weight", place, POSITION + place, 1.0));
        let (query, key, value) = (0, D, 2 * D);
        // Layer 0, head 0: the query at a position asks for the position before. `POSITION` has one number too many for a head: the last two share.
        for place in 0..TIME {
            let slot = place.min(SIZE - 1);
            set("h.0.attn.c_attn.weight", POSITION + place, query + slot, SHARP);
            set("h.0.attn.c_attn.weight", POSITION + place, key + (place + 1).min(SIZE - 1), SHARP);
        }
        for id in 0..VOCAB {
            set("h.0.attn.c_attn.weight", TOKEN + id, value + id, 1.0);
            // What comes out is scaled by the norm before; about back to 1.
            set("h.0.attn.c_proj.weight", id, BEFORE + id, 0.125);
            set("h.1.attn.c_attn.weight", TOKEN + id, query + id, 2.0 * SHARP);
            set("h.1.attn.c_attn.weight", BEFORE + id, key + id, 2.0 * SHARP);
        }
        // Layer 1, head 1: every query asks the same.
        set("h.1.attn.c_attn.bias", 0, query + SIZE, 10.0);
        set("h.1.attn.c_attn.weight", POSITION, key + SIZE, 4.0);
        Gpt::from_values(config, values, &Device::flex()).unwrap()
    }

    async fn nothing() {}

    #[test]
    fn heads_with_weights_set_by_hand_get_their_names() {
        let mut lot = 7u32;
        let mut draw = || {
            lot = lot.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (lot >> 16) % VOCAB as u32
        };
        let windows = TextWindows { ids: (0..4).map(|_| (0..TIME - 1).map(|_| draw()).collect()).collect() };
        let text = |ids: &Vec<u32>| ids.iter().map(|&id| (id, format!("w{id}"))).collect::<Vec<_>>();
        let seen: Vec<Window> = windows.ids.iter().map(|ids| Window::new(&signs(&text(ids)))).collect();
        let tallies = block_on(tally(&made_by_hand(), &windows, &seen, nothing)).unwrap();
        let readings: Vec<HeadReading> = tallies.iter().map(Tally::reading).collect();
        let roles: Vec<Role> = readings.iter().map(|reading| reading.role).collect();
        assert_eq!(roles, [Role::Previous, Role::Broad, Role::Induction, Role::First], "{readings:#?}");
        assert!(readings[0].score > 0.8 && readings[2].score > 0.6 && readings[3].score > 0.8, "{readings:#?}");
        assert!(readings[1].entropy > 0.99);
        let Answer::Roles { windows, tokens, heads } = answer(&tallies, &tallies, HEADS, &windows) else { panic!() };
        assert_eq!((windows, tokens as usize, heads.len()), (4, 4 * (TIME - 1), 4));
        assert_eq!((heads[2].place.layer, heads[2].place.head), (1, 0));
        assert_eq!(heads[2].now, heads[2].base);
    }
}
