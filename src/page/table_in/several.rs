//! Several labels in a cell: what stands between them, for correction.
//!
//! In: the choice of columns. Out: another choice. Test id: `label-separator`. Absent: columns of `0` and `1`, each of which is a label (`roles`).

use super::form::{correction, owned};
use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::label_words;
use crate::protocol::labels::LabelConfig;
use crate::protocol::{ColumnFacts, ColumnKind, TableTask, TaskColumns};
use leptos::prelude::*;

/// What may stand between labels, by its name in the list.
const SEPARATORS: [(&str, char); 8] = [
    ("semicolon", ';'),
    ("bar", '|'),
    ("comma", ','),
    ("slash", '/'),
    ("blank", ' '),
    ("list-comma", '、'),
    ("wide-semicolon", '；'),
    ("wide-comma", '，'),
];

/// What separates the labels in a column for this task; `None` for other tasks, and for cells that are lists already.
pub fn separator_of(task: TableTask, facts: Option<&ColumnFacts>) -> Option<char> {
    let facts = facts.filter(|_| task == TableTask::ClassifySeveral)?;
    facts.label_separator.or((facts.kind != ColumnKind::Labels).then_some(TaskColumns::USUAL_SEPARATOR))
}

/// The separator by its name in the list, where the choice has one; one that is not in the list has no name.
fn shown(columns: &TaskColumns) -> Option<&'static str> {
    let separator = columns.label_separator.filter(|_| columns.task == TableTask::ClassifySeveral && columns.more_targets.is_empty())?;
    Some(SEPARATORS.iter().find(|(_, known)| *known == separator).map_or("", |(name, _)| name))
}

/// The list; hidden where cells have one label, or columns are labels.
#[component]
pub fn LabelSeparator(conductor: Conductor) -> impl IntoView {
    let words = &label_words().table;
    let active = conductor.store.memo(Part::Text, |state| state.labels.active);
    let value = Memo::new(move |_| {
        let name = |config: &Option<LabelConfig>| shown(&config.as_ref()?.choice.columns).map(str::to_owned);
        conductor.settings.labels.with(name).filter(|_| active.get())
    });
    let choose = move |name: &str| {
        let columns = conductor.settings.labels.with_untracked(|config| config.as_ref().map(|config| config.choice.columns.clone()));
        if let (Some((_, separator)), Some(mut columns)) = (SEPARATORS.iter().find(|(known, _)| *known == name), columns) {
            columns.label_separator = Some(*separator);
            conductor.choose_columns(columns);
        }
    };
    correction(("label-separator", words.label_separator), owned(words.label_separators), value, || false, choose)
}

#[cfg(test)]
mod tests {
    use super::super::roles::tests::{columns, facts};
    use super::*;

    #[test]
    fn only_cells_with_several_labels_have_something_between_them() {
        let facts = facts(3);
        assert_eq!(separator_of(TableTask::Classify, facts.first()), None);
        assert_eq!(separator_of(TableTask::ClassifySeveral, facts.first()), Some(';'));
        let lists = ColumnFacts { kind: ColumnKind::Labels, ..facts[0].clone() };
        assert_eq!(separator_of(TableTask::ClassifySeveral, Some(&lists)), None, "a list needs none");
        let marked = ColumnFacts { label_separator: Some('|'), ..lists };
        assert_eq!(separator_of(TableTask::ClassifySeveral, Some(&marked)), Some('|'));
    }

    #[test]
    fn the_list_names_what_was_chosen() {
        let several = |separator| TaskColumns { task: TableTask::ClassifySeveral, label_separator: separator, ..columns() };
        assert_eq!([shown(&several(Some('、'))), shown(&several(Some('#'))), shown(&several(None))], [Some("list-comma"), Some(""), None]);
        assert_eq!(shown(&TaskColumns { more_targets: vec![3], ..several(Some(';')) }), None);
        assert_eq!(shown(&TaskColumns { label_separator: Some(';'), ..columns() }), None);
        let offered = label_words().table.label_separators.map(|(name, _)| name);
        assert_eq!(offered, SEPARATORS.map(|(name, _)| name));
    }
}
