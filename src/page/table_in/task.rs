//! What to learn: to write like a text, or one of the tasks over a table; and that a text looks like a table, where it does.
//!
//! Test ids: `task`, `table-hint`, `table-hint-read`.

use super::roles::for_task;
use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::{label_words, words};
use crate::page::text_in::ReadAs;
use crate::protocol::{TableOptions, TableTask};
use leptos::prelude::*;

/// The tasks in the order of the list, with their names in links.
pub const TASKS: [(&str, TableTask); 8] = [
    ("write", TableTask::Write),
    ("classify", TableTask::Classify),
    ("several", TableTask::ClassifySeveral),
    ("score", TableTask::Score),
    ("pair", TableTask::ClassifyPair),
    ("rate-pair", TableTask::ScorePair),
    ("tag", TableTask::TagTokens),
    ("rewrite", TableTask::TextToText),
];

/// The list of tasks.
#[component]
pub fn TaskChoice(conductor: Conductor) -> impl IntoView {
    let (store, settings) = (conductor.store, conductor.settings);
    let words = &words().text;
    let active = store.memo(Part::Text, |state| state.labels.active);
    let value = Memo::new(move |_| {
        let task = settings.labels.with(|config| config.as_ref().map(|config| config.choice.columns.task));
        let task = if active.get() { task } else { Some(TableTask::Write) };
        TASKS.iter().find(|(_, known)| Some(*known) == task).map_or("", |(id, _)| *id)
    });
    let choose = move |event: web_sys::Event| {
        if let Some(&(_, task)) = TASKS.iter().find(|(id, _)| *id == event_target_value(&event)) {
            conductor.choose_task(task);
        }
        // What needs a question first, or cannot be had, leaves the list as it was.
        let select = event_target::<web_sys::HtmlSelectElement>(&event);
        select.set_value(value.get_untracked());
    };
    let options = TASKS.map(|(id, task)| view! { <option value=id selected=move || value.get() == id>{(words.task_name)(task)}</option> });
    view! {
        <select class="field task-choice" aria-label=words.task data-testid="task" prop:value=move || value.get() on:change=choose>
            {options}
        </select>
        <Hint conductor/>
    }
}

/// Offers to read the visitor's text as the table that it could be.
#[component]
fn Hint(conductor: Conductor) -> impl IntoView {
    let words = &label_words().table;
    let found = conductor.store.memo(Part::Text, move |state| {
        let text = state.text.as_ref().filter(|_| !state.labels.active && conductor.brought_own_files())?;
        Some((text.table?, text.files.len()))
    });
    view! {
        <Show when=move || found.get().is_some()>
            <p class="say" data-testid="table-hint">
                {move || found.get().map(|(form, files)| (words.hint)(form, files))} " "
                <button
                    type="button"
                    class="button small"
                    data-testid="table-hint-read"
                    on:click=move |_| conductor.read_as(ReadAs::Table(TableOptions::default()))
                >
                    {words.hint_read}
                </button>
            </p>
        </Show>
    }
}

impl Conductor {
    /// The visitor chooses what is learned. From a text to a task over a table: the visitor's own files are read as a table, a sample gives way to a
    /// scenario of that task. Back: the visitor's own files are read as a text, else
    /// the default sample is opened.
    pub fn choose_task(&self, task: TableTask) {
        let active = self.store.peek(|state| state.labels.active);
        match (active, task) {
            (true, TableTask::Write) if self.brought_own_files() => self.read_as(ReadAs::Text),
            (true, TableTask::Write) => self.samples.open_default(*self),
            (true, _) => {
                let columns = self.store.peek(|state| {
                    let proposal = &state.labels.table.as_ref()?.proposal;
                    let now = self.settings.labels.get_untracked().map(|config| config.choice.columns);
                    for_task(task, now.as_ref(), &proposal.proposals, &proposal.columns)
                });
                if let Some(columns) = columns {
                    self.choose_columns(columns);
                }
            }
            (false, TableTask::Write) => {}
            (false, _) if self.brought_own_files() => self.read_for(task),
            (false, _) => self.scenarios.open_task(task, *self),
        }
    }
}
