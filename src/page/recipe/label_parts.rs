//! What of the model learns: a diagram from bottom to top, and the size of low-rank adapters.
//!
//! In: the plan's parts, the settings. Out: the settings. Test ids: `diagram` (its parts carry `data-learns`), `low-rank-N`, `set-rank`, `set-alpha`.

use super::NumberField;
use crate::page::conductor::Conductor;
use crate::page::format::{amount, grouped};
use crate::page::label_fields::{Dial, MATRICES, adapter_size};
use crate::page::settings::Settings;
use crate::page::state::Part;
use crate::page::strings::label_words;
use crate::protocol::labels::{PlanPart, Trained};
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

/// Size of the adapters, and beside which matrices they stand.
#[component]
pub fn LowRankFields(settings: Settings) -> impl IntoView {
    let own = &label_words().recipe;
    let there = Memo::new(move |_| {
        settings.labels.with(|config| matches!(config.as_ref().map(|config| config.trained), Some(Trained::LowRank { .. })))
    });
    let matrix = move |index: usize| {
        let (read, write) = (MATRICES[index].read, MATRICES[index].write);
        let checked = move || settings.labels.with(|config| config.as_ref().and_then(read)) == Some("yes");
        view! {
            <label>
                <input
                    type="checkbox"
                    data-testid=format!("low-rank-{index}")
                    prop:checked=checked
                    on:change:target=move |event| {
                        let wanted = if event.target().checked() { "yes" } else { "no" };
                        settings.edit_labels(|config| write(config, wanted));
                    }
                />
                " " {own.matrices[index]}
            </label>
        }
    };
    let size = move || {
        let one = |(dial, (words, default))| {
            let Dial { limit, read, write, .. } = dial;
            let value = Signal::derive(move || settings.labels.with(|config| config.as_ref().and_then(read)));
            let set = Callback::new(move |value: f64| settings.edit_labels(|config| write(config, value)));
            view! { <NumberField words limit value default=Some(default) set/> }
        };
        adapter_size().into_iter().zip([(own.rank, 8.0), (own.alpha, 16.0)]).map(one).collect_view()
    };
    view! {
        <Show when=move || there.get()>
            {size()}
            <p class="matrices" role="group" aria-label=own.matrices_title>{(0..4).map(matrix).collect_view()}</p>
        </Show>
    }
}
