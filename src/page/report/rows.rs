//! The rows behind a figure: a list, the worst first, with what each is, what it was called and how sure the model was; fifty at a time.
//!
//! In: the figure that was pressed; texts from the engine, read when their rows are shown. Out: elements. Test ids: `report-rows` (`data-count`),
//! `rows-title`, `rows-order`, `rows-all`, `rows-wrong`, `row-<n>` (rows of the table, from 0; `data-right`: true, false or none), `rows-earlier`,
//! `rows-later`, `rows-range`.

use super::behind::{Behind, Order};
use super::desk::Desk;
use super::relabel::{RefusedLabel, Relabel};
use super::row::{facts, tagged, written};
use crate::page::strings::report::words;
use crate::protocol::labels::ROW_CHARACTERS;
use leptos::prelude::*;

/// Rows on a page of the list.
pub const PAGE: usize = 50;
/// Longer texts are cut until somebody wants the rest; characters.
const LONG: usize = 320;

/// The positions on page `page` of `found`.
fn on_page(found: &[usize], page: usize) -> &[usize] {
    let first = (page * PAGE).min(found.len());
    &found[first..(first + PAGE).min(found.len())]
}

/// The list with its order and its pages.
#[component]
pub fn Rows(desk: Desk) -> impl IntoView {
    let own = words();
    let order = RwSignal::new(Order::default());
    let page = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let order = order.get();
        desk.behind.with(|behind| {
            desk.judged.with_value(|judged| judged.as_ref().map(|judged| desk.names.with_value(|names| behind.rows(judged, names, order))))
        })
    });
    let count = move || found.with(|found| found.as_ref().map_or(0, Vec::len));
    let visible = Memo::new(move |_| found.with(|found| on_page(found.as_deref().unwrap_or_default(), page.get()).to_vec()));
    Effect::new(move |_| {
        found.track();
        page.set(0);
    });
    Effect::new(move |_| {
        let rows = visible.with(|visible| {
            desk.judged.with_value(|judged| {
                judged.as_ref().map(|judged| visible.iter().filter_map(|&at| judged.rows.get(at).copied()).collect::<Vec<_>>())
            })
        });
        desk.texts.want(rows.unwrap_or_default());
    });
    let judged_right = desk.judged.with_value(|judged| judged.as_ref().is_some_and(|judged| judged.right(0).is_some()));
    let pick = move |id: &'static str, name: &'static str, behind: Behind| {
        let on = {
            let behind = behind.clone();
            move || desk.behind.with(|now| *now == behind)
        };
        let pressed = on.clone();
        view! {
            <button type="button" data-testid=id class:on=on aria-pressed=move || pressed().to_string() on:click=move |_| desk.behind.set(behind.clone())>
                {name}
            </button>
        }
    };
    let options = Order::ALL.map(|order| view! { <option value=order.id()>{(own.order_name)(order)}</option> }).collect_view();
    let title = move || desk.behind.with(|behind| desk.names.with_value(|names| (own.behind)(behind, names)));
    let range = move || {
        let first = page.get() * PAGE;
        (own.page)(first + 1, (first + PAGE).min(count()), count())
    };
    view! {
        <section class="report-rows" tabindex="-1" node_ref=desk.list aria-label=own.rows_title data-testid="report-rows" data-count=move || count().to_string()>
            <p data-testid="rows-title" role="status"><b>{title}</b> ": " {move || (own.rows)(count() as u64)}</p>
            <div class="rows-pick">
                <span class="seg seg-small" role="group" aria-label=own.rows_title>
                    {pick("rows-all", own.all_rows, Behind::All)}
                    {judged_right.then(|| pick("rows-wrong", own.only_wrong, Behind::Right(false)))}
                </span>
                <label class="small">
                    {own.order} " "
                    <select
                        class="field"
                        data-testid="rows-order"
                        on:change:target=move |event| {
                            let wanted = event.target().value();
                            order.set(Order::ALL.into_iter().find(|order| order.id() == wanted).unwrap_or_default());
                        }
                    >
                        {options}
                    </select>
                </label>
            </div>
            {move || match found.with(Option::is_none) {
                true => Some(view! { <p class="complaint">{own.rows_lost}</p> }),
                false if count() == 0 => Some(view! { <p class="complaint">{own.rows_none}</p> }),
                false => None,
            }}
            <RefusedLabel desk/>
            <ol class="judged" tabindex="0" aria-label=own.rows_title hidden=move || count() == 0>
                {move || visible.get().into_iter().map(|at| view! { <Row desk at/> }).collect_view()}
            </ol>
            <p class="pager" hidden=move || { count() <= PAGE }>
                <button type="button" class="icon" data-testid="rows-earlier" aria-label=own.earlier disabled=move || page.get() == 0 on:click=move |_| page.update(|page| *page = page.saturating_sub(1))>
                    "‹"
                </button>
                <span class="small" data-testid="rows-range">{range}</span>
                <button type="button" class="icon" data-testid="rows-later" aria-label=own.later disabled=move || { (page.get() + 1) * PAGE >= count() } on:click=move |_| page.update(|page| *page += 1)>
                    "›"
                </button>
            </p>
        </section>
    }
}

/// One row; `at` is its position among the judged rows.
#[component]
fn Row(desk: Desk, at: usize) -> impl IntoView {
    let own = words();
    let open = RwSignal::new(false);
    let judged = desk.judged;
    let (row, right, texts, facts) = judged.with_value(|judged| {
        judged.as_ref().map_or((0, None, None, Vec::new()), |judged| {
            let facts = desk.names.with_value(|names| facts(judged, at, names));
            (judged.rows.get(at).copied().unwrap_or(0), judged.right(at), written(judged, at), facts)
        })
    });
    let known = Memo::new(move |_| desk.texts.known.with(|known| known.get(&row).cloned()));
    let line = move || known.get().map(|known| (known.place.line, known.second));
    let text = move || {
        let Some(known) = known.get() else {
            let waits = if desk.texts.idle.get() { own.row_failed } else { own.row_waits };
            return view! { <p class="small">{waits}</p> }.into_any();
        };
        let marked = judged.with_value(|judged| desk.names.with_value(|names| tagged(judged.as_ref()?, at, names, &known.text)));
        if let Some(words) = marked {
            return words.into_iter().map(word).collect_view().into_any();
        }
        let long = known.text.chars().count() > LONG;
        let shown: String =
            if long && !open.get() { known.text.chars().take(LONG).chain(['\u{2026}']).collect() } else { known.text.clone() };
        let more = (long && !open.get()).then(|| {
            view! { " " <button type="button" class="quiet" on:click=move |_| open.set(true)>{own.whole_text}</button> }
        });
        // The engine sends the beginning of what is longer than that, of a pair of both.
        let cut = (known.cut && more.is_none()).then(|| view! { <p class="small">{(own.cut_text)(ROW_CHARACTERS)}</p> });
        view! { <p class="row-text">{shown}{more}</p> {cut} }.into_any()
    };
    let label = Signal::derive(move || known.get().map(|known| known.label));
    let beside = texts.map(|[wanted, written]| {
        view! {
            <dl class="beside">
                <div><dt class="small">{own.wanted}</dt><dd>{wanted}</dd></div>
                <div><dt class="small">{own.written}</dt><dd>{written}</dd></div>
            </dl>
        }
    });
    let facts = facts.into_iter().map(|(word, value)| view! { <span>{word} " " <b>{value}</b></span> }).collect_view();
    view! {
        <li
            class:wrong=right == Some(false)
            data-testid=format!("row-{row}")
            data-right=right.map_or_else(|| "none".to_owned(), |right| right.to_string())
        >
            {text}
            {move || line().filter(|(_, second)| !second.is_empty()).map(|(_, second)| view! { <p class="row-text second">{second}</p> })}
            {beside}
            <p class="small row-facts"><Relabel desk row label/> {facts} <span>{own.row} " " {row + 1}</span></p>
        </li>
    }
}

fn word(tagged: super::row::Tagged) -> impl IntoView {
    let class = tagged.class();
    let title = match class {
        "" => String::new(),
        "hit" => tagged.truth.clone(),
        _ => format!("{} {}, {} {}", words().label, tagged.truth, words().said, tagged.said),
    };
    let tags = (class == "miss").then(|| view! { <sub>{format!("{}\u{2192}{}", tagged.truth, tagged.said)}</sub> });
    let tag = (class == "hit").then(|| view! { <sub>{tagged.truth.clone()}</sub> });
    view! { <span class=format!("word {class}") title=title>{tagged.word}{tags}{tag}</span> " " }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_fifty_and_the_last_the_rest() {
        let found: Vec<usize> = (0..120).collect();
        assert_eq!((on_page(&found, 0).len(), on_page(&found, 2)[0], on_page(&found, 2).len()), (50, 100, 20));
        assert!(on_page(&found, 3).is_empty() && on_page(&[], 0).is_empty());
    }
}
