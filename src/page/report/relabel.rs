//! Correcting labels: a select, or a field where labels are no names, at each row; and going on to learn from what was corrected.
//!
//! In: the row's label as it stands in the table. Out: `Relabel`; a run that begins with the model as it is. The report stays what it was: it speaks of the
//! labels that it was made with. Test ids: `relabel-<row>`, `corrections` (`data-count`), `learn-on`.

use super::desk::Desk;
use super::judged::Verdicts;
use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::report::words;
use leptos::prelude::*;

impl Desk {
    /// Corrects the label of a row of the table.
    fn correct(&self, row: u32, label: String) {
        let unchanged = self.texts.known.with_untracked(|known| known.get(&row).is_none_or(|known| known.label == label));
        if unchanged {
            return;
        }
        self.texts.known.update(|known| {
            if let Some(known) = known.get_mut(&row) {
                known.label.clone_from(&label);
            }
        });
        self.corrected.update(|corrected| {
            corrected.insert(row);
        });
        self.store.relabel(vec![(row, label)]);
    }
}

/// The classes, and first the label as it stands where it is none of them.
fn choices(mut names: Vec<String>, now: &str) -> Vec<String> {
    if !names.iter().any(|name| name == now) {
        names.insert(0, now.to_owned());
    }
    names
}

/// The label of a row, to correct; `label` follows the table.
#[component]
pub fn Relabel(desk: Desk, row: u32, #[prop(into)] label: Signal<Option<String>>) -> impl IntoView {
    let own = words();
    let named = desk.judged.with_value(|judged| matches!(judged.as_ref().map(|judged| &judged.verdicts), Some(Verdicts::Classes { .. })));
    let id = format!("relabel-{row}");
    let field = if named {
        // A label that is no class name as it stands (other case, blanks) is an option of its own.
        let options = move || {
            let now = label.get().unwrap_or_default();
            let names = choices(desk.names.get_value(), &now);
            names.into_iter().map(|name| view! { <option value=name.clone() selected={name == now}>{name.clone()}</option> }).collect_view()
        };
        view! {
            <select class="bare" data-testid=id on:change:target=move |event| desk.correct(row, event.target().value())>
                {options}
            </select>
        }
        .into_any()
    } else {
        view! {
            <input
                class="field"
                data-testid=id
                prop:value=move || label.get().unwrap_or_default()
                on:change:target=move |event| desk.correct(row, event.target().value())
            />
        }
        .into_any()
    };
    let long = desk.judged.with_value(|judged| {
        matches!(judged.as_ref().map(|judged| &judged.verdicts), Some(Verdicts::Spans { .. } | Verdicts::Texts { .. }))
    });
    view! { <label class="relabel" class:long=long hidden=move || label.with(Option::is_none)>{own.correct} " " {field}</label> }
}

/// How many labels were corrected, and the way on; nothing before the first.
#[component]
pub fn Corrections(conductor: Conductor, desk: Desk) -> impl IntoView {
    let own = words();
    let count = move || desk.corrected.with(|corrected| corrected.len());
    let refused = desk.store.memo(Part::Table, |state| state.labels.facts.fault.is_some());
    view! {
        <div class="say" data-testid="corrections" data-count=move || count().to_string() role="status" hidden=move || count() == 0>
            {move || if refused.get() { own.correct_refused.to_owned() } else { (own.corrected)(count()) }}
            <p class="say-buttons">
                <button type="button" class="button small" data-testid="learn-on" disabled=move || refused.get() on:click=move |_| conductor.learn_on()>
                    {own.learn_on}
                </button>
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_as_it_stands_can_always_be_chosen() {
        let names = ["good".to_owned(), "bad".to_owned()].to_vec();
        assert_eq!(choices(names.clone(), "bad"), ["good", "bad"]);
        assert_eq!(choices(names, " Bad"), [" Bad", "good", "bad"]);
    }
}
