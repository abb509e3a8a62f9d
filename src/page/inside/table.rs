//! The strongest links as a table: for screen readers, for whoever wants the numbers, and for tests.
//!
//! In: the shown maps, layer and heads. Out: rows of head, token, looked-at token, weight; for a difference how much more or less, under a caption
//! that names the moment. The rows are only made while the fold is open.
//! Test ids: `attention-fold`, `attention-table`; each row carries `data-head`, `data-query`, `data-key` (from 0) and `data-weight`
//! (0 to 1, of a difference −1 to 1; three digits). The table itself has `data-moment`: `step`, or `difference`, and `data-step`: the step of its rows,
//! which follow a moving slider when it rests.

use super::calm::calmed;
use super::heads_draw::signed_percent;
use super::picked::Picked;
use super::selection::HeadSet;
use super::shown::Shown;
use crate::page::state::use_store;
use crate::page::strings::words;
use leptos::prelude::*;

/// Links of one token in the table at most.
const PER_TOKEN: usize = 3;
/// Smallest weight worth a row.
const SMALLEST: f32 = 0.05;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    pub head: usize,
    pub query: usize,
    pub key: usize,
    pub weight: f32,
}

/// For every active head and token its strongest links, strongest first; at least one a token.
pub fn rows(shown: &Shown, layer: usize, heads: HeadSet) -> Vec<Row> {
    let mut rows = Vec::new();
    for head in heads.iter() {
        for query in 0..shown.head().tokens.len() {
            let mut links: Vec<Row> =
                (0..=query).filter_map(|key| Some(Row { head, query, key, weight: shown.weight(layer, head, query, key)? })).collect();
            links.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
            rows.extend(
                links
                    .into_iter()
                    .take(PER_TOKEN)
                    .enumerate()
                    .filter(|(at, row)| *at == 0 || row.weight.abs() >= SMALLEST)
                    .map(|(_, row)| row),
            );
        }
    }
    rows
}

/// A difference in percent points; none at all as 0.
fn change_of(difference: f32) -> String {
    Some(signed_percent(difference)).filter(|text| !text.is_empty()).unwrap_or_else(|| "0 %".to_owned())
}

/// The contents of the fold.
#[component]
pub fn AttentionTable(picked: Picked) -> impl IntoView {
    let store = use_store();
    let calm = calmed(store);
    let shown = move || {
        calm.track();
        Shown::of(store)
    };
    let difference = Memo::new(move |_| shown().is_some_and(|shown| shown.is_difference()));
    let step = Memo::new(move |_| shown().map(|shown| shown.head().step));
    let caption = move || Some((words().past.table_caption)(picked.layer.get() + 1, &shown()?.moment()));
    let body = move || {
        let (shown, labels) = (shown()?, picked.shape.get()?.labels);
        let rows = rows(&shown, picked.layer.get(), picked.heads.get());
        let signed = shown.is_difference();
        let name = |token: usize| labels.get(token).cloned().unwrap_or_default();
        let row = |row: Row| {
            view! {
                <tr data-head=row.head data-query=row.query data-key=row.key data-weight=format!("{:.3}", row.weight)>
                    <td>{row.head + 1}</td>
                    <th scope="row">{name(row.query)}</th>
                    <td>{name(row.key)}</td>
                    <td class="num">{if signed { change_of(row.weight) } else { format!("{:.0} %", row.weight * 100.0) }}</td>
                </tr>
            }
        };
        Some(rows.into_iter().map(row).collect_view())
    };
    view! {
        <div class="table-frame">
            <table
                data-testid="attention-table"
                data-moment=move || if difference.get() { "difference" } else { "step" }
                data-step=move || step.get()
            >
                <caption>{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words().inside.table_head}</th>
                        <th scope="col">{words().inside.table_from}</th>
                        <th scope="col">{words().inside.table_to}</th>
                        <th scope="col" class="num">
                            {move || if difference.get() { words().past.table_change } else { words().inside.table_weight }}
                        </th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::tests::{heads_of, two_heads};
    use super::super::shown::tests::only;
    use super::*;

    #[test]
    fn every_token_has_its_strongest_link_first() {
        let (frame, mut buffer) = two_heads(&["a", "b", "c"]);
        (buffer[2 * 3], buffer[2 * 3 + 1], buffer[2 * 3 + 2]) = (51, 178, 26);
        let found = rows(&only(frame, buffer), 0, HeadSet::only(0, 2));
        let pairs: Vec<_> = found.iter().map(|row| (row.query, row.key)).collect();
        assert_eq!(pairs, [(0, 0), (1, 0), (2, 1), (2, 0), (2, 2)]);
        assert!((found[2].weight - 178.0 / 255.0).abs() < 1e-6);
    }

    #[test]
    fn tiny_links_are_left_out_but_no_token_is() {
        let (frame, mut buffer) = two_heads(&["a", "b"]);
        (buffer[2], buffer[3]) = (5, 4);
        let shown = only(frame, buffer);
        let found = rows(&shown, 0, HeadSet::only(0, 2));
        assert_eq!(found.iter().map(|row| (row.query, row.key)).collect::<Vec<_>>(), [(0, 0), (1, 0)]);
        assert!(rows(&shown, 7, HeadSet::only(0, 2)).is_empty());
    }

    #[test]
    fn of_a_difference_the_largest_change_comes_first_with_its_sign() {
        let mut shown = heads_of(&["a", "b"]);
        let mut before = (*shown.frame).clone();
        (before.weights[2], before.weights[3]) = (204, 51);
        shown.from = Some(before.into());
        let found = rows(&shown, 0, HeadSet::only(0, 2));
        let read: Vec<_> = found.iter().map(|row| (row.query, row.key, change_of(row.weight))).collect();
        assert_eq!(read, [(0, 0, "0 %".into()), (1, 0, "+20 %".into()), (1, 1, "\u{2212}20 %".into())]);
    }
}
