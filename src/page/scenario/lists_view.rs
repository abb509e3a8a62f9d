//! The recommender: each reader's titles ranked by the model, how good the order is beside a random one, one list to look at.
//!
//! In: the scenario's table, fetched; a model of pairs that has learned. Out: `Predict` of the test part's pairs, when asked for. Test ids: `lists-rank`,
//! `lists-status`, `lists-ndcg` and `lists-hits` (`data-model`, `data-chance`), `lists-verdict`, `lists-unfair`, `lists-reader`, `lists-line` (`data-clicked`,
//! `data-probability`).

use super::fetched::Fetched;
use super::lists::{Mean, Offer, Reader, Standing, chances, offers, readers, standing};
use super::typed::has_learned;
use crate::page::format::percent;
use crate::page::state::{Part, RunState, Store};
use crate::page::strings::scenario::words;
use crate::protocol::TableTask;
use crate::protocol::labels::{LabelAnswer, LabelCommand};
use leptos::prelude::*;

/// What was ranked.
#[derive(Debug, Clone, PartialEq)]
struct Ranked {
    readers: Vec<Reader>,
    standing: Option<Standing>,
    step: u32,
}

fn ranked(offers: &[Offer], answer: &LabelAnswer) -> Option<Ranked> {
    let LabelAnswer::Predicted { step, .. } = answer else { return None };
    let readers = readers(offers, &chances(answer)?);
    Some(Ranked { standing: standing(&readers), readers, step: *step })
}

/// The first text of the pairs that are learned is the title, and the second the history.
fn title_first(state: &RunState) -> bool {
    let column = state.labels.plan.as_ref().map(|plan| plan.config.choice.columns.text as usize);
    let table = state.labels.table.as_ref();
    column.zip(table).and_then(|(column, table)| table.proposal.columns.get(column)).is_some_and(|column| column.name == "title")
}

/// What is learned is a class of two texts; `None` while there is no plan.
fn learns_pairs(state: &RunState) -> Option<bool> {
    let columns = &state.labels.plan.as_ref()?.config.choice.columns;
    Some(columns.task == TableTask::ClassifyPair && columns.second.is_some())
}

/// The run keeps to the parts of the file: what is ranked here was held back from learning.
fn keeps_parts(state: &RunState) -> bool {
    let choice = state.labels.plan.as_ref().map(|plan| &plan.config.choice);
    choice.is_some_and(|choice| choice.columns.split.is_some() && !choice.split.ignore_ready)
}

/// The pairs as the engine is asked about them.
fn question(offers: &[Offer], title_first: bool) -> LabelCommand {
    let histories = offers.iter().map(|offer| offer.history.clone()).collect();
    let titles = offers.iter().map(|offer| offer.title.clone()).collect();
    let (texts, seconds) = if title_first { (titles, histories) } else { (histories, titles) };
    LabelCommand::Predict { texts, seconds, labels: Vec::new() }
}

/// Button, figures, a list.
#[component]
pub fn ReadingLists(store: Store, file: String) -> impl IntoView {
    let own = &words().lists;
    let table: Fetched<Vec<Offer>> = Fetched::fetch(file, offers);
    let learned = Memo::new(move |_| {
        store.follow(Part::Plan);
        store.follow(Part::Step);
        store.with(Part::Phase, has_learned)
    });
    let pairs = store.memo(Part::Plan, learns_pairs);
    let fair = store.memo(Part::Plan, keeps_parts);
    let waits = store.memo(Part::Asides, |state| state.labels.asides.get("lists").is_some_and(|aside| aside.waits));
    let failed = store.memo(Part::Asides, |state| state.labels.asides.get("lists").is_some_and(|aside| aside.fault.is_some()));
    let rank = move |_| {
        if let Some(offers) = table.peek() {
            store.ask_aside("lists", question(&offers, store.peek(title_first)));
        }
    };
    let answer = move || store.with(Part::Asides, |state| state.labels.asides.get("lists").and_then(|aside| aside.latest.clone()));
    let found = Memo::new(move |_| ranked(table.get()?.as_slice(), answer()?.as_ref()));
    let unknown = move || answer().is_some() && table.get().is_some() && found.with(Option::is_none);
    let status = move || {
        if pairs.get() == Some(false) {
            Some(own.no_click.to_owned())
        } else if waits.get() {
            Some((own.ranking)(table.get().map_or(0, |offers| offers.len())))
        } else if failed.get() {
            Some(own.failed.to_owned())
        } else if !learned.get() && found.with(Option::is_none) {
            Some(own.waits_run.to_owned())
        } else {
            unknown().then(|| own.no_click.to_owned())
        }
    };
    let figure = move |id: &'static str, (plain, term): (&'static str, &'static str), mean: Mean| {
        view! {
            <tr data-testid=id data-model=format!("{:.4}", mean.model) data-chance=format!("{:.4}", mean.chance)>
                <th scope="row">{plain} " " <span class="term">{term}</span></th>
                <td class="num">{format!("{:.2}", mean.model)}</td>
                <td class="num">{format!("{:.2}", mean.chance)}</td>
                <td class="num">{(own.difference)(&mean)}</td>
            </tr>
        }
    };
    let figures = move || {
        if !fair.get() {
            return found
                .with(Option::is_some)
                .then(|| view! { <p class="say warn" data-testid="lists-unfair">{own.own_parts}</p> }.into_any());
        }
        let (standing, step) = found.with(|found| found.as_ref().and_then(|found| Some((found.standing?, found.step))))?;
        Some(
            view! {
                <p class="say" data-testid="lists-verdict">{(own.verdict)(&standing.ndcg)}</p>
                <table class="scenario-table">
                    <thead><tr>{own.columns.map(|column| view! { <th scope="col">{column}</th> }).collect_view()}</tr></thead>
                    <tbody>{figure("lists-ndcg", own.ndcg, standing.ndcg)} {figure("lists-hits", own.hits, standing.hits)}</tbody>
                </table>
                <p class="mild">{(own.judged)(standing.readers, store.peek(|state| state.labels.step_of_model(step)))}</p>
            }
            .into_any(),
        )
    };
    let picked = RwSignal::new(0_usize);
    let count = Memo::new(move |_| found.with(|found| found.as_ref().map_or(0, |found| found.readers.len())));
    let options = move || (0..count.get()).map(|at| view! { <option value=at.to_string()>{(own.number)(at + 1)}</option> }).collect_view();
    let reader = move || {
        let reader = found.with(|found| found.as_ref().and_then(|found| found.readers.get(picked.get()).cloned()))?;
        let line = |line: super::lists::Line| {
            view! {
                <li data-testid="lists-line" data-clicked=line.clicked.to_string() data-probability=format!("{:.4}", line.chance)>
                    <span class="list-title">{line.title} {line.clicked.then(|| view! { " " <b class="list-clicked">{own.clicked}</b> })}</span>
                    <span class="num">{percent(f64::from(line.chance))}</span>
                </li>
            }
        };
        Some(view! {
            <p class="small">{own.before} " " {reader.history}</p>
            <ol class="reader-list">{reader.lines.into_iter().map(line).collect_view()}</ol>
            <p class="mild">{own.explain}</p>
        })
    };
    let choose = move |event: web_sys::Event| picked.set(event_target_value(&event).parse().unwrap_or(0));
    view! {
        {table.complaint()}
        <p>
            <button type="button" class="button" data-testid="lists-rank" disabled=move || !learned.get() || pairs.get() != Some(true) || waits.get() || table.get().is_none() on:click=rank>
                {own.rank}
            </button>
        </p>
        <p class="small" role="status" data-testid="lists-status" hidden=move || status().is_none()>{status}</p>
        <div class="lists-found" hidden=move || found.with(Option::is_none)>
            {figures}
            <label class="reader-pick">
                <span>{own.reader}</span>
                <select class="field" data-testid="lists-reader" prop:value=move || picked.get().to_string() on:change=choose>{options}</select>
            </label>
            {reader}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::super::typed::tests::predicted;
    use super::*;
    use crate::protocol::labels::{LabelChoice, LabelConfig};
    use crate::protocol::{SplitOptions, TaskColumns};
    use std::rc::Rc;

    #[test]
    fn pairs_are_asked_about_in_the_order_in_which_they_are_learned() {
        let offers = [Offer { history: "read".to_owned(), title: "new".to_owned(), clicked: true }];
        let LabelCommand::Predict { texts, seconds, .. } = question(&offers, false) else { unreachable!() };
        assert_eq!((texts, seconds), (vec!["read".to_owned()], vec!["new".to_owned()]));
        let LabelCommand::Predict { texts, .. } = question(&offers, true) else { unreachable!() };
        assert_eq!(texts, ["new"]);
    }

    #[test]
    fn figures_need_the_parts_of_the_file() {
        let state = |split: Option<u32>, ignore_ready| {
            let columns = TaskColumns {
                task: TableTask::ClassifyPair,
                text: 0,
                second: Some(1),
                target: Some(2),
                more_targets: Vec::new(),
                split,
                label_separator: None,
            };
            let split = SplitOptions { ignore_ready, ..SplitOptions::default() };
            let config = LabelConfig::new(LabelChoice { columns, merge_labels: false, split });
            let mut state = RunState::default();
            state.labels.plan = Some(Rc::new(crate::page::label_link::tests::plan(config)));
            state
        };
        assert!(keeps_parts(&state(Some(3), false)));
        assert!(!keeps_parts(&state(Some(3), true)) && !keeps_parts(&state(None, false)) && !keeps_parts(&RunState::default()));
    }

    #[test]
    fn an_answer_becomes_lists_with_their_figures() {
        let offer = |title: &str, clicked| Offer { history: "read".to_owned(), title: title.to_owned(), clicked };
        let offers = [offer("a", false), offer("b", true)];
        let found = ranked(&offers, &predicted(["no", "yes"], &[Some(0.1), Some(0.8)])).unwrap();
        assert_eq!((found.readers[0].lines[0].title.as_str(), found.step), ("b", 40));
        assert_eq!(found.standing.unwrap().ndcg.model, 1.0);
        assert_eq!(ranked(&offers, &predicted(["praise", "blame"], &[Some(0.1), Some(0.8)])), None);
    }
}
