//! Rows of which part are listed: those that the report speaks of, or others, judged when somebody wants to see them. Wrong labels do most harm among the rows that were
//! learned from, and are found there.
//!
//! In: the parts of the prepared split; `PartJudged`. Out: `JudgePart`. Test ids: `rows-of` (`data-part`), `rows-part-<part>`, `rows-part-how`,
//! `rows-part-waits`, `rows-part-failed`.

use super::desk::Desk;
use super::part_id;
use super::relabel::Corrections;
use super::rows::Rows;
use crate::page::conductor::Conductor;
use crate::page::state::{Part, RunState, StoredReport};
use crate::page::strings::report::words;
use crate::protocol::SplitPart;
use crate::protocol::labels::{LabelAnswer, LabelCommand};
use leptos::prelude::*;
use std::rc::Rc;

/// The name that a part's rows are asked for under.
fn aside(part: SplitPart) -> &'static str {
    match part {
        SplitPart::Training => "judged-training",
        _ => "judged-validation",
    }
}

/// Of the report's part, then what else there is to look at.
fn parts(measured: SplitPart, state: &RunState) -> Vec<SplitPart> {
    let Some(facts) = &state.labels.facts.latest else { return vec![measured] };
    let others = [(SplitPart::Training, facts.split.training), (SplitPart::Validation, facts.split.validation)];
    let others = others.into_iter().filter(|&(part, rows)| rows > 0 && part != measured).map(|(part, _)| part);
    std::iter::once(measured).chain(others).collect()
}

/// What came of a question about a part.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Came {
    Waits,
    Failed,
    /// By the place of the answer, which is another one for another answer.
    Judged(usize),
}

fn came(part: SplitPart, state: &RunState) -> Option<Came> {
    let owed = state.labels.asides.get(aside(part))?;
    Some(match &owed.latest {
        _ if owed.fault.is_some() => Came::Failed,
        Some(answer) => Came::Judged(Rc::as_ptr(answer) as usize),
        None => Came::Waits,
    })
}

fn judged(part: SplitPart, state: &RunState) -> Option<StoredReport> {
    let answer = state.labels.asides.get(aside(part))?.latest.as_deref()?;
    let LabelAnswer::PartJudged { report, buffers, .. } = answer else { return None };
    Some(StoredReport { report: report.open().ok()?, buffers: Rc::new(buffers.clone()) })
}

/// The rows of the report, and those of the other parts.
#[component]
pub fn RowsByPart(conductor: Conductor, desk: Desk) -> impl IntoView {
    let own = words();
    let store = desk.store;
    let measured = desk.report(|report| report.part);
    let shown = desk.part;
    let all = store.memo(Part::Table, move |state| parts(measured, state));
    let ask = move |part: SplitPart| store.ask_aside(aside(part), LabelCommand::JudgePart { part });
    let choose = move |part: SplitPart| {
        if part != measured && store.peek(|state| came(part, state)).is_none() {
            ask(part);
        }
        shown.set(part);
    };
    let what = Memo::new(move |_| {
        let part = shown.get();
        store.with(Part::Asides, |state| came(part, state))
    });
    Effect::new(move |_| {
        // Another model: what was said of these rows is gone with the one before.
        if what.get().is_none() {
            shown.set(measured);
        }
    });
    let button = move |part: SplitPart| {
        let on = move || shown.get() == part;
        view! {
            <button type="button" data-testid=format!("rows-part-{}", part_id(part)) class:on=on aria-pressed=move || on().to_string() on:click=move |_| choose(part)>
                {(own.part_name)(part)}
            </button>
        }
    };
    let other = move || {
        let part = shown.get();
        match what.get().filter(|_| part != measured)? {
            Came::Waits => Some(view! { <p class="mild" role="status" data-testid="rows-part-waits">{own.part_waits}</p> }.into_any()),
            Came::Failed => Some(
                view! {
                    <p class="complaint" data-testid="rows-part-failed">
                        {own.part_failed} " "
                        <button type="button" class="button small" on:click=move |_| ask(part)>{own.part_again}</button>
                    </p>
                }
                .into_any(),
            ),
            Came::Judged(_) => {
                let stored = Rc::new(store.peek(|state| judged(part, state))?);
                let how = (own.part_how)(part, stored.report.rows, stored.report.part_rows);
                let desk = Desk::beside(desk, stored);
                Some(view! { <p class="small" data-testid="rows-part-how">{how}</p> <Rows desk/> }.into_any())
            }
        }
    };
    view! {
        <div class="rows-of" data-testid="rows-of" data-part=move || part_id(shown.get())>
            <h4>{own.rows_title}</h4>
            <span class="seg seg-small" role="group" aria-label=own.rows_of hidden=move || all.with(|all| all.len() < 2)>
                {move || all.get().into_iter().map(button).collect_view()}
            </span>
            <Corrections conductor desk/>
            <div hidden=move || shown.get() != measured><Rows desk/></div>
            {other}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::ExampleFacts;

    #[test]
    fn the_reports_part_comes_first_and_parts_without_rows_not_at_all() {
        let mut state = RunState::default();
        assert_eq!(parts(SplitPart::Test, &state), [SplitPart::Test]);
        let mut facts = ExampleFacts::default();
        (facts.split.training, facts.split.validation) = (80, 10);
        state.labels.facts.latest = Some(Rc::new(facts.clone()));
        assert_eq!(parts(SplitPart::Test, &state), [SplitPart::Test, SplitPart::Training, SplitPart::Validation]);
        assert_eq!(parts(SplitPart::Validation, &state), [SplitPart::Validation, SplitPart::Training]);
        facts.split.validation = 0;
        state.labels.facts.latest = Some(Rc::new(facts));
        assert_eq!(parts(SplitPart::Test, &state), [SplitPart::Test, SplitPart::Training]);
    }
}
