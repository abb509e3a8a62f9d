//! The first rows of the table, with a choice above each column of what it is. Of a wide table the first columns and those that play a part are drawn, the
//! others on request; those of the proposal stand first, lest they lie beyond the edge.

use super::form::Form;
use super::lack::Lacking;
use super::roles::{Role, has_second, role_of, with_role};
use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::label_words;
use crate::protocol::{TableTask, TaskColumns};
use leptos::prelude::*;

/// Rows drawn.
const ROWS: usize = 4;
/// Columns drawn from the left; of the others, those that play a part.
const MOST_COLUMNS: usize = 12;

/// The columns that are drawn of so many, in their order; `all` on request. None moves while roles are chosen: what was `proposed` stays.
fn drawn_of(count: usize, all: bool, proposed: impl Fn(usize) -> bool, plays: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut drawn: Vec<usize> = (0..count).filter(|&at| all || at < MOST_COLUMNS || plays(at) || proposed(at)).collect();
    if count > MOST_COLUMNS {
        drawn.sort_by_key(|&at| !proposed(at));
    }
    drawn
}

fn role_name(role: Role, task: Option<TableTask>) -> &'static str {
    let words = &label_words().table;
    match role {
        Role::Text if task.is_some_and(TableTask::has_pairs) => words.role_first,
        Role::Text => words.role_text,
        Role::Second if task == Some(TableTask::TextToText) => words.role_context,
        Role::Second => words.role_second,
        Role::Target => words.role_label,
        Role::Split => words.role_part,
        Role::Unused => words.role_none,
    }
}

/// Rows, roles and form.
#[component]
pub fn Columns(conductor: Conductor) -> impl IntoView {
    let (store, settings) = (conductor.store, conductor.settings);
    let words = &label_words().table;
    let chosen = Memo::new(move |_| settings.labels.with(|config| config.as_ref().map(|config| config.choice.columns.clone())));
    let count = store.memo(Part::Table, |state| state.labels.table.as_ref().map_or(0, |table| table.proposal.columns.len()));
    let proposed = store.memo(Part::Table, |state| {
        state.labels.table.as_ref().and_then(|table| table.proposal.proposals.first()).map(|proposal| proposal.columns.clone())
    });
    let all = RwSignal::new(false);
    let drawn = Memo::new(move |_| {
        let plays = |columns: &Option<TaskColumns>, at| columns.as_ref().is_some_and(|columns| role_of(columns, at as u32) != Role::Unused);
        proposed.with(|proposed| chosen.with(|chosen| drawn_of(count.get(), all.get(), |at| plays(proposed, at), |at| plays(chosen, at))))
    });
    let wide = move || count.get() > MOST_COLUMNS && (all.get() || drawn.with(Vec::len) < count.get());
    let head = move || {
        let facts =
            store.with(Part::Table, |state| state.labels.table.as_ref().map(|table| table.proposal.columns.clone()).unwrap_or_default());
        let one = |(index, column): (usize, crate::protocol::ColumnFacts)| {
            let index = index as u32;
            let role = Memo::new(move |_| chosen.with(|chosen| chosen.as_ref().map_or(Role::Unused, |chosen| role_of(chosen, index))));
            let task = move || chosen.with(|chosen| chosen.as_ref().map(|chosen| chosen.task));
            let change = move |event: web_sys::Event| {
                if let (Some(role), Some(now)) = (Role::named(&event_target_value(&event)), chosen.get_untracked()) {
                    let facts =
                        store.peek(|state| state.labels.table.as_ref().map(|table| table.proposal.columns.clone()).unwrap_or_default());
                    conductor.choose_columns(with_role(&now, index, role, &facts));
                }
                let select = event_target::<web_sys::HtmlSelectElement>(&event);
                select.set_value(role.get_untracked().id());
            };
            let options = move || {
                let task = task();
                let offered = Role::ALL.into_iter().filter(move |role| *role != Role::Second || task.is_some_and(has_second));
                offered
                    .map(move |one| view! { <option value=one.id() selected=move || role.get() == one>{role_name(one, task)}</option> })
                    .collect_view()
            };
            view! {
                <th scope="col" class=move || format!("role-{}", role.get().id())>
                    <span class="column-name" title=(words.kind)(column.kind)>{column.name.clone()}</span>
                    <select
                        class="bare"
                        aria-label=(words.role_of)(&column.name)
                        data-testid=format!("column-role-{index}")
                        prop:value=move || role.get().id()
                        on:change=change
                    >
                        {options}
                    </select>
                </th>
            }
        };
        drawn.get().into_iter().filter_map(|at| Some((at, facts.get(at)?.clone()))).map(one).collect_view()
    };
    let body = move || {
        let rows = store.with(Part::Table, |state| {
            state
                .labels
                .table
                .as_ref()
                .map(|table| table.reading.excerpt.iter().take(ROWS).cloned().collect::<Vec<_>>())
                .unwrap_or_default()
        });
        let cell = |(index, cell): (usize, String)| {
            let unused = move || chosen.with(|chosen| chosen.as_ref().is_none_or(|chosen| role_of(chosen, index as u32) == Role::Unused));
            view! { <td class:unused=unused title=cell.clone()>{cell.clone()}</td> }
        };
        rows.into_iter()
            .map(|row| {
                let cells = drawn.get().into_iter().filter_map(|at| Some((at, row.get(at)?.clone())));
                view! { <tr>{cells.map(cell).collect_view()}</tr> }
            })
            .collect_view()
    };
    let reason = move || {
        store.with(Part::Table, |state| {
            let proposals = &state.labels.table.as_ref()?.proposal.proposals;
            let now = chosen.get();
            let proposal = proposals.iter().find(|proposal| Some(&proposal.columns) == now.as_ref());
            Some(proposal.map_or_else(
                || if now.is_none() { words.no_task.to_owned() } else { String::new() },
                |proposal| (words.reason)(proposal.reason),
            ))
        })
    };
    view! {
        <div class="excerpt-scroll" tabindex="0" role="region" aria-label=words.excerpt>
            <table class="excerpt-table" id="table-excerpt" data-testid="table-excerpt">
                <thead><tr>{head}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        <p hidden=move || !wide()>
            <button
                type="button"
                class="button small"
                data-testid="all-columns"
                aria-controls="table-excerpt"
                aria-expanded=move || all.get().to_string()
                on:click=move |_| all.update(|all| *all = !*all)
            >
                {move || if all.get() { words.fewer_columns.to_owned() } else { (words.all_columns)(count.get()) }}
            </button>
        </p>
        <p class="small" data-testid="task-reason">{reason}</p>
        <Lacking conductor/>
        <Form conductor/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_wide_table_can_be_reached() {
        let plays = |at| at == 40;
        let few = drawn_of(128, false, |_| false, plays);
        assert_eq!((few.len(), few.last()), (MOST_COLUMNS + 1, Some(&40)), "one that plays a part is always there");
        assert_eq!(drawn_of(128, true, |_| false, plays), (0..128).collect::<Vec<_>>());
        assert_eq!(drawn_of(3, false, |at| at == 2, plays), [0, 1, 2]);
    }

    #[test]
    fn what_was_proposed_of_a_wide_table_stands_first() {
        let order = |all| drawn_of(128, all, |at| at == 90 || at == 40, |at| at == 90);
        assert_eq!(order(false)[..3], [40, 90, 0]);
        assert_eq!((order(true).len(), &order(true)[..3]), (128, &[40, 90, 0][..]));
    }
}
