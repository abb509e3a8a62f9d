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
