//! Examples typed by hand: a column for each class, one example per line.

use crate::page::conductor::Conductor;
use crate::page::strings::label_words;
use crate::page::text_in::{ReadAs, TextSource};
use crate::page::widgets::Dialog;
use crate::protocol::TypedClass;
use leptos::prelude::*;

/// Whether the dialog is open; in the context, so that a finding can open it.
#[derive(Clone, Copy)]
pub struct TypedOpen(pub RwSignal<bool>);

/// Classes at most.
const MOST_CLASSES: usize = 12;

/// A class as it is being typed.
#[derive(Debug, Clone, Copy)]
struct Column {
    id: usize,
    name: RwSignal<String>,
    text: RwSignal<String>,
}

impl Column {
    fn new(id: usize) -> Self {
        Self { id, name: RwSignal::new((label_words().table.type_class)(id + 1)), text: RwSignal::new(String::new()) }
    }

    fn class(self) -> TypedClass {
        TypedClass { name: self.name.get_untracked().trim().to_owned(), texts: lines(&self.text.get_untracked()) }
    }
}

/// The examples in a field: its lines without the blank ones.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The dialog.
#[component]
pub fn TypeDialog(conductor: Conductor, open: TypedOpen) -> impl IntoView {
    let words = &label_words().table;
    let columns = RwSignal::new(vec![Column::new(0), Column::new(1)]);
    let next = RwSignal::new(2_usize);
    let some = Memo::new(move |_| columns.with(|columns| columns.iter().any(|column| column.text.with(|text| !lines(text).is_empty()))));
    let take = move |_| {
        let classes: Vec<TypedClass> =
            columns.with_untracked(|columns| columns.iter().map(|column| column.class()).filter(|class| !class.texts.is_empty()).collect());
        open.0.set(false);
        conductor.open(TextSource {
            title: words.typed_title.to_owned(),
            files: Vec::new(),
            sample: None,
            read_as: ReadAs::Typed(classes),
        });
    };
    let one = move |column: Column| {
        let count = move || (words.type_count)(column.text.with(|text| lines(text).len()));
        view! {
            <div class="type-class">
                <div class="type-head">
                    <input
                        class="field"
                        aria-label=words.type_name
                        data-testid=format!("type-class-{}", column.id)
                        maxlength="80"
                        prop:value=column.name
                        on:input:target=move |event| column.name.set(event.target().value())
                    />
                    <button
                        type="button"
                        class="quiet"
                        aria-label=move || (words.type_remove)(&column.name.get())
                        hidden={move || columns.with(Vec::len) <= 2}
                        on:click=move |_| columns.update(|columns| columns.retain(|other| other.id != column.id))
                    >
                        "×"
                    </button>
                </div>
                <textarea
                    class="field"
                    rows="7"
                    aria-label=move || (words.type_texts)(&column.name.get())
                    data-testid=format!("type-texts-{}", column.id)
                    prop:value=column.text
                    on:input:target=move |event| column.text.set(event.target().value())
                ></textarea>
                <span class="small">{count}</span>
            </div>
        }
    };
    view! {
        <Dialog open=open.0 on_close=move || open.0.set(false) title=words.type_title>
            <p class="mild">{words.type_note}</p>
            <div class="type-classes">
                <For each=move || columns.get() key=|column| column.id children=one/>
            </div>
            <p class="dialog-buttons">
                <button
                    type="button"
                    class="button"
                    data-testid="type-add"
                    disabled={move || columns.with(Vec::len) >= MOST_CLASSES}
                    on:click=move |_| {
                        columns.update(|columns| columns.push(Column::new(next.get_untracked())));
                        next.update(|next| *next += 1);
                    }
                >
                    {words.type_add}
                </button>
                <button class="button" on:click=move |_| open.0.set(false)>{crate::page::strings::words().bar.cancel}</button>
                <button class="button main" data-testid="type-use" disabled=move || !some.get() on:click=take>{words.type_use}</button>
            </p>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn every_line_that_is_not_blank_is_an_example() {
        assert_eq!(lines(" one \n\n\t\ntwo\r\n"), ["one", "two"]);
        assert!(lines("\n \n").is_empty());
    }
}
