//! The help desk: a question, what is wanted, the nearest answer, a drafted reply; each step on its own.
//!
//! In: the typed question and its class, at rest; the knowledge base, fetched. Out: `Nearest` among its entries. Test ids: `desk-intent` (`data-intent`,
//! `data-probability`), `desk-search` (`data-narrowed`), `desk-answer` (`data-entry`), `desk-reply`, `desk-copy`, `desk-wait`.

use super::asking::Asking;
use super::copy::CopyButton;
use super::desk::{Entry, Search, entries, found, meaning, reply, search};
use super::fetched::Fetched;
use super::typed::Typed;
use crate::page::format::percent;
use crate::page::state::Store;
use crate::page::strings::scenario::words;
use crate::protocol::labels::{LabelAnswer, LabelCommand};
use leptos::prelude::*;

/// Entries on show: the nearest, and what comes next.
const MOST: usize = 3;

/// A question, the entries that are looked at, and the meanings of all of them, which it is held against.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    text: String,
    moment: (u32, u32),
    among: Vec<usize>,
    meanings: Vec<String>,
}

/// The three steps.
#[component]
pub fn HelpDesk(store: Store, typed: Memo<Option<Typed>>, folder: String) -> impl IntoView {
    let own = &words().desk;
    let base: Fetched<Vec<Entry>> = Fetched::fetch(format!("{folder}/answers.json"), entries);
    let searched = move || -> Option<Search> {
        let (typed, base) = (typed.get()?, base.get()?);
        Some(search(&base, &typed.class, typed.probability))
    };
    let key = Memo::new(move |_| {
        let (asked, base) = (typed.get()?, base.get()?);
        let among = search(&base, &asked.class, asked.probability).among;
        let meanings = base.iter().map(meaning).collect();
        Some(Wanted { text: asked.text, moment: asked.moment, among, meanings })
    });
    let nearest = Asking::follow(store, "knowledge-base", key, |wanted| LabelCommand::Nearest {
        text: wanted.text.clone(),
        among: wanted.meanings.clone(),
        most: wanted.meanings.len() as u32,
    });
    let answers = move || -> Option<Vec<(Entry, f32)>> {
        let (base, key, answer) = (base.get()?, key.get()?, nearest.answer()?);
        let LabelAnswer::Nearest { neighbours, .. } = answer.as_ref() else { return None };
        Some(found(&base, &key.among, neighbours, MOST).into_iter().map(|(entry, similarity)| (entry.clone(), similarity)).collect())
    };
    let intent = move || {
        typed.get().map(|typed| {
            let probability = format!("{:.4}", typed.probability);
            view! {
                <p data-testid="desk-intent" data-intent=typed.class.clone() data-probability=probability>
                    <b>{typed.class.clone()}</b> " · " {percent(f64::from(typed.probability))}
                </p>
            }
        })
    };
    let looked = move || {
        let (class, search) = (typed.get()?.class, searched()?);
        let said = if search.narrowed { own.narrowed } else { own.everywhere };
        Some(
            view! { <p class="small" data-testid="desk-search" data-narrowed=search.narrowed.to_string()>{said(search.among.len(), &class)}</p> },
        )
    };
    let answer = move || {
        let found = answers()?;
        let (first, rest) = found.split_first()?;
        let next = |(entry, similarity): &(Entry, f32)| format!("{} ({similarity:.2})", entry.title);
        let others = (!rest.is_empty()).then(|| {
            view! { <p class="small">{own.next} " " {rest.iter().map(next).collect::<Vec<_>>().join(" · ")}</p> }
        });
        Some(view! {
            <p data-testid="desk-answer" data-entry=first.0.id.clone()><b>{first.0.title.clone()}</b> " · " {(own.similarity)(first.1)}</p>
            {others}
        })
    };
    let waits = move || {
        if nearest.failed() { Some(own.failed) } else { (key.with(Option::is_some) && answers().is_none()).then_some(own.waits) }
    };
    let drafted = Memo::new(move |_| answers().and_then(|found| found.first().map(|(entry, _)| reply(entry))));
    let heading =
        move |step: usize| view! { <h4><span class="step" aria-hidden="true">{(step + 1).to_string()}</span>{own.steps[step]}</h4> };
    let warning = move |step: usize| view! { <p class="mild">{own.wrong[step]}</p> };
    view! {
        {base.complaint()}
        <p class="small" hidden=move || typed.with(Option::is_some)>{own.waits_text}</p>
        <ol class="desk-steps" hidden=move || typed.with(Option::is_none)>
            <li>{heading(0)} {intent} {warning(0)}</li>
            <li>
                {heading(1)} {looked} {answer}
                <p class="small" role="status" data-testid="desk-wait" hidden=move || waits().is_none()>{waits}</p>
                {warning(1)}
            </li>
            <li>
                {heading(2)}
                <div hidden=move || drafted.with(Option::is_none)>
                    <p class="drafted" data-testid="desk-reply">{move || drafted.get()}</p>
                    <p class="small">{own.drafted}</p>
                    <CopyButton testid="desk-copy" text=move || drafted.get()/>
                </div>
                {warning(2)}
            </li>
        </ol>
    }
}
