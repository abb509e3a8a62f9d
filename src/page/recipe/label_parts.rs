//! What of the model learns: a diagram from bottom to top, and the size of low-rank adapters.
//!
//! In: the plan's parts, the settings. Out: the settings. Test ids: `diagram` (its parts carry `data-learns`), `low-rank-N`, `set-rank`, `set-alpha`.

use super::NumberField;
use super::labels::whole;
use crate::page::conductor::Conductor;
use crate::page::format::{amount, grouped};
use crate::page::settings::Settings;
use crate::page::state::Part;
use crate::page::strings::label_words;
use crate::protocol::Limit;
use crate::protocol::labels::{LowRankMatrices, PlanPart, Trained};
use leptos::prelude::*;

/// The model from bottom to top, what learns in colour.
#[component]
pub fn Diagram(conductor: Conductor) -> impl IntoView {
    let own = &label_words().recipe;
    let parts = conductor.store.memo(Part::Plan, |state| state.labels.plan.as_ref().map(|plan| plan.parts.clone()).unwrap_or_default());
    let part = move |part: PlanPart| {
        let learns = part.trainable > 0;
        let said = if learns { own.learns } else { own.stays };
        let (name, count) = ((own.place)(part.place), amount(part.parameters));
        let title = format!("{name}: {} {}, {said}", grouped(part.parameters), own.parameters);
        view! { <li class:learns=learns data-learns=learns.to_string() title=title><span>{name}</span> <small>{count}", "{said}</small></li> }
    };
    let drawn = move || parts.get().into_iter().map(part).collect_view();
    view! { <ol class="diagram" data-testid="diagram" aria-label=own.diagram>{drawn}</ol> }
}

type ReadMatrix = fn(&LowRankMatrices) -> bool;
type WriteMatrix = fn(&mut LowRankMatrices, bool);

/// Size of the adapters, and beside which matrices they stand.
#[component]
pub fn LowRankFields(settings: Settings) -> impl IntoView {
    let own = &label_words().recipe;
    let now = Memo::new(move |_| {
        settings.labels.with(|config| match config.as_ref().map(|config| config.trained) {
            Some(Trained::LowRank { rank, alpha, matrices }) => Some((rank, alpha, matrices)),
            _ => None,
        })
    });
    let set = move |change: &dyn Fn(&mut u32, &mut f64, &mut LowRankMatrices)| {
        settings.edit_labels(|config| {
            if let Trained::LowRank { rank, alpha, matrices } = &mut config.trained {
                change(rank, alpha, matrices);
            }
        });
    };
    let matrix = move |index: usize| {
        let (read, write): (ReadMatrix, WriteMatrix) = match index {
            0 => (|matrices| matrices.attention_in, |matrices, on| matrices.attention_in = on),
            1 => (|matrices| matrices.attention_out, |matrices, on| matrices.attention_out = on),
            2 => (|matrices| matrices.mlp_in, |matrices, on| matrices.mlp_in = on),
            _ => (|matrices| matrices.mlp_out, |matrices, on| matrices.mlp_out = on),
        };
        let checked = move || now.get().is_some_and(|(_, _, matrices)| read(&matrices));
        view! {
            <label>
                <input
                    type="checkbox"
                    data-testid=format!("low-rank-{index}")
                    prop:checked=checked
                    on:change:target=move |event| {
                        let on = event.target().checked();
                        set(&|_, _, matrices| write(matrices, on));
                    }
                />
                " " {own.matrices[index]}
            </label>
        }
    };
    view! {
        <Show when=move || now.get().is_some()>
            <NumberField
                words=own.rank
                limit=whole("rank", 1.0, 128.0)
                value=Signal::derive(move || now.get().map(|now| f64::from(now.0)))
                default=Some(8.0)
                set=Callback::new(move |value: f64| set(&|rank, _, _| *rank = value as u32))
            />
            <NumberField
                words=own.alpha
                limit=Limit { name: "alpha", min: 0.0, max: 512.0, step: 1.0, whole: false }
                value=Signal::derive(move || now.get().map(|now| now.1))
                default=Some(16.0)
                set=Callback::new(move |value: f64| set(&|_, alpha, _| *alpha = value))
            />
            <p class="matrices" role="group" aria-label=own.matrices_title>{(0..4).map(matrix).collect_view()}</p>
        </Show>
    }
}
