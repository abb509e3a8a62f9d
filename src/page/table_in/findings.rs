//! What was noticed in the table: what is in the way first, then what is lost or makes figures too good, the rest in a fold; a button where the page can
//! mend it.

use super::typed::TypedOpen;
use crate::page::conductor::Conductor;
use crate::page::state::{Part, RunState};
use crate::page::strings::label_words;
use crate::protocol::labels::ClassWeighting;
use crate::protocol::{QuoteStyle, RaggedPolicy, TableFinding, TableForm, TableReading, TableRepair};
use leptos::prelude::*;

/// Findings of reading, columns, examples and parts, each once; those that are in the way first.
pub fn findings(state: &RunState) -> Vec<TableFinding> {
    let labels = &state.labels;
    let mut all = Vec::new();
    if let Some(table) = &labels.table {
        all.extend(table.reading.findings.iter().chain(&table.proposal.findings).cloned());
    }
    if let Some(facts) = &labels.facts.latest {
        all.extend(facts.findings.iter().chain(&facts.split.findings).cloned());
    }
    let mut apart: Vec<TableFinding> = Vec::new();
    for finding in all {
        if !apart.contains(&finding) {
            apart.push(finding);
        }
    }
    apart.sort_by_key(|finding| !finding.blocks());
    apart
}

impl Conductor {
    /// Does what a finding's button says.
    fn repair(&self, repair: &TableRepair, typed: TypedOpen) {
        match repair {
            TableRepair::SetRaggedAside => self.correct_table(|options| options.ragged = Some(RaggedPolicy::SetAside)),
            TableRepair::ReadWithoutQuotes => self.correct_table(|options| options.quote = Some(QuoteStyle::None)),
            TableRepair::MergeLabels => self.edit_choice(|choice| choice.merge_labels = true),
            TableRepair::WeighClasses => self.settings.edit_labels(|config| config.weighting = ClassWeighting::Balanced),
            TableRepair::DropLeaks => self.edit_choice(|choice| choice.split.drop_leaks = true),
            TableRepair::SplitAnew => self.edit_choice(|choice| choice.split.ignore_ready = true),
            TableRepair::AddRows | TableRepair::AddRowsTo { .. } => typed.0.set(true),
            _ => {}
        }
    }
}

/// A press that takes a repair back, by the words on its button.
type WayBack = (&'static str, fn(Conductor));

/// The way back from a repair that the finding says was made.
fn way_back(finding: &TableFinding) -> Option<WayBack> {
    let words = &label_words().findings;
    Some(match finding {
        TableFinding::RaggedRows { repaired: false, .. } => {
            (words.mend_ragged, |conductor| conductor.correct_table(|options| options.ragged = None))
        }
        TableFinding::SimilarLabels { merged: true, .. } => {
            (words.keep_labels_apart, |conductor| conductor.edit_choice(|choice| choice.merge_labels = false))
        }
        TableFinding::Leakage { removed: true, .. } => {
            (words.put_leaks_back, |conductor| conductor.edit_choice(|choice| choice.split.drop_leaks = false))
        }
        _ => return None,
    })
}

/// Typed rows take the place of the table: offered where they are what it was made of, or where it has none.
fn offers_typing(finding: &TableFinding, typed: bool) -> bool {
    typed || matches!(finding, TableFinding::NoRows)
}

/// The list.
#[component]
pub fn Findings(conductor: Conductor) -> impl IntoView {
    let store = conductor.store;
    let typed: TypedOpen = expect_context();
    let all = Memo::new(move |_| store.with(Part::Table, findings));
    let balanced =
        move || conductor.settings.labels.with(|config| config.as_ref().is_some_and(|config| config.weighting == ClassWeighting::Balanced));
    let one = move |finding: &TableFinding| {
        let words = &label_words().findings;
        let names =
            |reading: &TableReading| (reading.columns.clone(), reading.files.iter().map(|file| file.name.clone()).collect::<Vec<_>>());
        let (columns, files) = store.peek(|state| state.labels.table.as_ref().map(|table| names(&table.reading)).unwrap_or_default());
        let (repair, blocks) = (finding.repair(), finding.blocks());
        let advice = (words.advice)(&repair);
        let weighs = repair == TableRepair::WeighClasses;
        let typed_table = store.peek(|state| state.labels.table.as_ref().is_some_and(|table| table.reading.form == TableForm::Typed));
        let replaces = matches!(repair, TableRepair::AddRows | TableRepair::AddRowsTo { .. }) && !offers_typing(finding, typed_table);
        let back = way_back(finding).map(|(name, go_back)| {
            view! {
                <button type="button" class="button small" data-testid="repair-undo" on:click=move |_| go_back(conductor)>
                    {name}
                </button>
            }
        });
        let button = (words.repair)(&repair).filter(|_| !replaces).map(|name| {
            view! {
                <button
                    type="button"
                    class="button small"
                    data-testid="repair"
                    hidden=move || weighs && balanced()
                    on:click=move |_| conductor.repair(&repair, typed)
                >
                    {name}
                </button>
            }
        });
        view! {
            <li class="finding" class:warn=blocks data-testid="finding" data-blocks=blocks.to_string()>
                <span>{(words.said)(finding, &columns, &files)} " " {advice}</span>
                {button}
                {back}
            </li>
        }
    };
    let open = move || all.with(|all| all.iter().filter(|finding| finding.matters()).map(one).collect_view());
    let rest = move || all.with(|all| all.iter().filter(|finding| !finding.matters()).map(one).collect_view());
    let others = move || all.with(|all| all.iter().filter(|finding| !finding.matters()).count());
    view! {
        <ul class="findings" role="status" data-testid="findings">{open}</ul>
        <details class="fold" hidden=move || others() == 0 data-testid="noticed">
            <summary>{move || (label_words().table.found)(others())}</summary>
            <ul class="findings">{rest}</ul>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::SplitPart;
    use crate::protocol::labels::{CorrectedRows, ExampleFacts};
    use crate::protocol::{SetAside, SplitReport};
    use std::rc::Rc;

    #[test]
    fn what_is_lost_or_too_good_is_seen_without_asking() {
        let leak = |removed| TableFinding::Leakage {
            trained: SplitPart::Training,
            checked: SplitPart::Test,
            rows: 4,
            examples: Vec::new(),
            removed,
        };
        let ragged = |cut, repaired| TableFinding::RaggedRows { expected: 3, shorter: 1, longer: cut, cut, repaired, rows: Vec::new() };
        let seen = [leak(false), ragged(1, true), ragged(0, false), TableFinding::TooManyRows { rows: 9, limit: 3 }, TableFinding::NoClass];
        assert!(seen.iter().all(TableFinding::matters));
        let folded = [leak(true), ragged(0, true), TableFinding::DuplicateTexts { rows: 2, texts: 1, examples: Vec::new() }];
        assert!(!folded.iter().any(TableFinding::matters));
    }

    #[test]
    fn what_is_in_the_way_comes_first_and_nothing_twice() {
        let one_class = TableFinding::OneClass { label: "a".to_owned(), rows: 3 };
        let empty = TableFinding::EmptyPart { part: SplitPart::Test };
        let split = SplitReport {
            ready: false,
            training: 3,
            validation: 0,
            test: 0,
            left_out: 0,
            classes: Vec::new(),
            findings: vec![empty.clone(), one_class.clone()],
        };
        let facts = ExampleFacts {
            classes: Vec::new(),
            class_counts: Vec::new(),
            examples: 3,
            set_aside: SetAside::default(),
            findings: vec![one_class.clone()],
            split,
            corrected: CorrectedRows::default(),
        };
        let mut state = RunState::default();
        state.labels.facts.latest = Some(Rc::new(facts));
        assert_eq!(findings(&state), [one_class, empty]);
    }
}
