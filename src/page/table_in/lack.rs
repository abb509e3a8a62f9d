//! What a choice of columns still lacks before anything can be learned from it, and what to do about it.
//!
//! In: the chosen columns; whether the engine refused them. Out: a sentence; of a table of nothing but texts, the way to read it as one. Test ids: `lack`
//! (`data-lack`), `read-plain`.

use super::roles::has_second;
use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::label_words;
use crate::page::text_in::ReadAs;
use crate::protocol::{TableTask, TaskColumns};
use leptos::prelude::*;

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// There is nothing but text: no task over a table suits it.
    Task,
    /// A column that says what is to be learned.
    Target,
    /// The second text of a pair.
    Second,
    /// Something else; the engine has refused the choice.
    Refused,
}

impl Lack {
    fn of(columns: &TaskColumns) -> Option<Self> {
        if columns.task == TableTask::Write {
            return Some(Self::Task);
        }
        if columns.target.is_none() {
            return Some(Self::Target);
        }
        let needs_second = has_second(columns.task) && columns.task != TableTask::TextToText;
        (needs_second && columns.second.is_none()).then_some(Self::Second)
    }

    fn id(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Target => "target",
            Self::Second => "second",
            Self::Refused => "refused",
        }
    }
}

/// The sentence, and the way on; nothing where nothing is missing.
#[component]
pub fn Lacking(conductor: Conductor) -> impl IntoView {
    let words = &label_words().table;
    let refused = conductor.store.memo(Part::Table, |state| state.labels.facts.fault.is_some());
    let lack = Memo::new(move |_| {
        let lack = conductor.settings.labels.with(|config| Lack::of(&config.as_ref()?.choice.columns));
        lack.or_else(|| refused.get().then_some(Lack::Refused))
    });
    let plain = move || lack.get() == Some(Lack::Task) && conductor.brought_own_files();
    view! {
        <div class="complaint" role="status" data-testid="lack" data-lack=move || lack.get().map_or("", Lack::id) hidden=move || lack.get().is_none()>
            {move || lack.get().map(words.lack)}
            <p hidden=move || !plain()>
                <button type="button" class="button small" data-testid="read-plain" on:click=move |_| conductor.read_as(ReadAs::Text)>
                    {words.read_plain}
                </button>
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::label_link::tests::config;

    #[test]
    fn what_is_missing_is_seen_without_the_engine() {
        let columns = |task| config(task).choice.columns;
        assert_eq!(Lack::of(&columns(TableTask::Write)), Some(Lack::Task));
        assert_eq!(Lack::of(&columns(TableTask::ClassifyPair)), None);
        assert_eq!(Lack::of(&TaskColumns { second: None, ..columns(TableTask::ScorePair) }), Some(Lack::Second));
        assert_eq!(Lack::of(&TaskColumns { second: None, ..columns(TableTask::TextToText) }), None, "a context is no must");
        assert_eq!(Lack::of(&TaskColumns { target: None, ..columns(TableTask::Classify) }), Some(Lack::Target));
    }
}
