//! The confusion matrix as a heat map: a table whose cells with rows are buttons; of several labels a table of four counts for each class.
//!
//! In: counts. Out: elements; a press shows the rows behind a cell. Test ids: `matrix`, `cell-<true>-<said>` (`data-rows`), `confused`,
//! `confused-rows`, `labels-table`, `label-<class>-found`, `-missed`, `-given`, `-not`.

use super::behind::Behind;
use super::desk::Desk;
use super::matrix::{Confusion, most_confused, shade, shares};
use crate::page::format::grouped;
use crate::page::strings::report::words;
use crate::protocol::labels::TaskFigures;
use leptos::prelude::*;

/// From so many classes on, the names above the columns stand upright.
const UPRIGHT_FROM: usize = 4;

/// What is taken for what; nothing for tasks without classes.
#[component]
pub fn Matrix(desk: Desk) -> impl IntoView {
    let counts = desk.report(|report| match &report.figures {
        TaskFigures::Classes(figures) => Some((figures.classes.clone(), figures.quality.confusion.clone())),
        _ => None,
    });
    counts.map(|(names, counts)| {
        let own = words();
        let says = match most_confused(&counts, 1).first() {
            Some(&Confusion { truth, said, rows }) => {
                let says = (own.confused)(&name(&names, truth), &name(&names, said));
                let behind = Behind::Cell { truth: truth as u32, said: said as u32 };
                let number = desk.number("confused-rows", (own.rows)(rows), &says, behind);
                view! { {says} ": " {number} "." }.into_any()
            }
            None => own.confused_none.into_any(),
        };
        let heads = names.iter().map(|name| view! { <th scope="col"><span>{name.clone()}</span></th> }).collect_view();
        let shares = shares(&counts);
        let rows = counts
            .iter()
            .zip(shares)
            .enumerate()
            .map(|(truth, (row, shares))| {
                let cells = row.iter().zip(shares).enumerate().map(|(said, (&rows, share))| cell(desk, &names, (truth, said), rows, share));
                view! { <tr><th scope="row">{name(&names, truth)}</th>{cells.collect_view()}</tr> }
            })
            .collect_view();
        view! {
            <h4>{own.matrix}</h4>
            <p data-testid="confused">{says}</p>
            <div class="table-frame matrix-frame" tabindex="0" role="group" aria-label=own.matrix>
                <table class="confusion" class:upright={names.len() >= UPRIGHT_FROM} data-testid="matrix">
                    <thead><tr><td class="corner small">{own.matrix_truth} " \u{2193} " {own.matrix_said} " \u{2192}"</td>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="mild">{own.matrix_how}</p>
        }
    })
}

fn name(names: &[String], class: usize) -> String {
    names.get(class).cloned().unwrap_or_else(|| class.to_string())
}

fn cell(desk: Desk, names: &[String], (truth, said): (usize, usize), rows: u64, share: f64) -> AnyView {
    if rows == 0 {
        return view! { <td class="none">"\u{b7}"</td> }.into_any();
    }
    let label = (words().cell)(&name(names, truth), &name(names, said), rows, share);
    let behind = Behind::Cell { truth: truth as u32, said: said as u32 };
    view! {
        <td class:diagonal=truth == said>
            <button
                type="button"
                class="cell"
                style=format!("--s:{}%", shade(share))
                data-testid=format!("cell-{truth}-{said}")
                data-rows=rows.to_string()
                aria-label=label.clone()
                title=label
                on:click=move |_| desk.look(behind.clone())
            >
                {grouped(rows)}
            </button>
        </td>
    }
    .into_any()
}

/// Of several labels: for each class the rows with and without it, found and not.
#[component]
pub fn Labels(desk: Desk) -> impl IntoView {
    let counts = desk.report(|report| match &report.figures {
        TaskFigures::Several(figures) => Some((figures.classes.clone(), figures.confusion.clone())),
        _ => None,
    });
    counts.map(|(names, counts)| {
        let own = words();
        let row = |(class, (name, counts)): (usize, (String, [[u64; 2]; 2]))| {
            let [[neither, given], [missed, found]] = counts;
            let cells = [
                (found, true, true, "found"),
                (missed, true, false, "missed"),
                (given, false, true, "given"),
                (neither, false, false, "not"),
            ];
            let cells = cells.into_iter().zip(own.label_columns).map(|((rows, truth, said, id), plain)| {
                let behind = Behind::Label { class: class as u32, truth, said };
                let number = desk.number(format!("label-{class}-{id}"), grouped(rows), &format!("{name}, {plain}"), behind);
                view! { <td class="num">{number}</td> }
            });
            let cells = cells.collect_view();
            view! { <tr><th scope="row">{name}</th>{cells}</tr> }
        };
        let heads = own.label_columns.map(|plain| view! { <th scope="col" class="num">{plain}</th> }).collect_view();
        let rows = names.into_iter().zip(counts).enumerate().map(row).collect_view();
        view! {
            <h4>{own.labels_table}</h4>
            <div class="table-frame">
                <table class="lines" data-testid="labels-table">
                    <thead><tr><th scope="col">{own.class}</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    })
}
