//! The training examples nearest to a typed text, to the model as it is.
//!
//! In: the typed text and its class, if it has one, at rest; of pairs that are read together both texts. Out: `Nearest` among the training rows, then `ReadRows` of those found. Test ids: `near` (`data-looked-at`),
//! `near-example` (one each, with `data-similarity`, `data-label`), `near-wait`.

use super::asking::Asking;
use super::typed::Typed;
use crate::page::state::Store;
use crate::page::strings::scenario::words;
use crate::protocol::labels::{LabelAnswer, LabelCommand, Neighbour, RowText};
use leptos::prelude::*;

/// Examples on show.
const MOST: u32 = 3;

/// An example on show.
#[derive(Debug, Clone, PartialEq)]
struct Example {
    text: String,
    /// Empty without one.
    second: String,
    label: String,
    similarity: f32,
}

/// The neighbours with their texts, nearest first; one whose row did not come is left out.
fn examples(neighbours: &[Neighbour], rows: &[RowText]) -> Vec<Example> {
    let one = |near: &Neighbour| {
        let row = rows.iter().find(|row| row.row == near.place)?;
        Some(Example { text: row.text.clone(), second: row.second.clone(), label: row.label.clone(), similarity: near.similarity })
    };
    neighbours.iter().filter_map(one).collect()
}

/// The nearest examples and what "near" means.
#[component]
pub fn NearExamples(store: Store, typed: Memo<Option<Typed>>) -> impl IntoView {
    let own = &words().near;
    let key = Memo::new(move |_| typed.with(|typed| typed.as_ref().map(|typed| (typed.meant.clone(), typed.moment))));
    let nearest = Asking::follow(store, "near-examples", key, |(text, _)| LabelCommand::Nearest {
        text: text.clone(),
        among: Vec::new(),
        most: MOST,
    });
    let found = move || match nearest.answer()?.as_ref() {
        LabelAnswer::Nearest { neighbours, looked_at } => Some((neighbours.clone(), *looked_at)),
        _ => None,
    };
    let places = Memo::new(move |_| found().map(|(near, _)| near.iter().map(|near| near.place).collect::<Vec<_>>()));
    let texts = Asking::follow(store, "near-texts", places, |rows| LabelCommand::ReadRows { rows: rows.clone() });
    let shown = move || {
        let (neighbours, _) = found()?;
        match texts.answer()?.as_ref() {
            LabelAnswer::Rows { rows } => Some(examples(&neighbours, &rows.open().ok()?)),
            _ => None,
        }
    };
    let list = move || {
        let one = |example: Example| {
            let second = (!example.second.is_empty()).then(|| format!(" / {}", example.second));
            let same = typed.with(|typed| typed.as_ref().is_some_and(|typed| typed.is_said(&example.label)));
            view! {
                <li data-testid="near-example" data-similarity=format!("{:.4}", example.similarity) data-label=example.label.clone()>
                    <p class="near-text">{example.text} {second}</p>
                    <p class="small"><b class:other=!same>{example.label.clone()}</b> " · " {(own.similarity)(example.similarity)}</p>
                </li>
            }
        };
        shown().map(|shown| shown.into_iter().map(one).collect_view())
    };
    let apart = move || typed.with(|typed| typed.as_ref().is_some_and(|typed| typed.apart)).then_some(own.apart);
    let failed = move || nearest.failed() || texts.failed();
    view! {
        <section class="near" data-testid="near" data-looked-at=move || found().map(|(_, looked_at)| looked_at.to_string()) hidden=move || key.with(Option::is_none)>
            <h3>{own.title}</h3>
            <ol class="near-list">{list}</ol>
            <p class="small" role="status" data-testid="near-wait" hidden=move || shown().is_some()>
                {move || if failed() { own.failed } else { own.waits }}
            </p>
            <p class="mild">{own.meaning} " " {apart} " " {move || found().map(|(_, looked_at)| (own.among)(looked_at))}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RowPlace;

    #[test]
    fn neighbours_keep_their_order_whatever_the_order_of_their_rows() {
        let row = |row: u32, label: &str| RowText {
            row,
            place: RowPlace { file: 0, line: row + 1 },
            text: format!("text {row}"),
            second: String::new(),
            cut: false,
            label: label.to_owned(),
        };
        let near = |place, similarity| Neighbour { place, similarity };
        let found = examples(&[near(9, 0.8), near(2, 0.5), near(7, 0.1)], &[row(2, "b"), row(9, "a")]);
        assert_eq!(
            found.iter().map(|example| (example.text.as_str(), example.label.as_str())).collect::<Vec<_>>(),
            [("text 9", "a"), ("text 2", "b")]
        );
    }
}
