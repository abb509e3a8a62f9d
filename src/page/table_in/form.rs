//! How the files were read as a table, each part of it for correction: what they are, what stands between and around cells, the first row, the columns of
//! words and tags, the encoding.
//!
//! In: the engine's reading. Out: the files read again with the visitor's `TableOptions`. Test ids: `form`, `separator`, `quotes`, `header-row`,
//! `token-column`, `tag-column`, `table-encoding`, `table-form`. A correction that does not apply is not shown.

use super::several::LabelSeparator;
use crate::page::conductor::Conductor;
use crate::page::state::{Part, Store};
use crate::page::strings::label_words;
use crate::page::text_in::encodings::{ENCODINGS, shown};
use crate::protocol::{QuoteStyle, Separator, TableForm, TableReading};
use leptos::prelude::*;

/// Separators by their names in the list.
const SEPARATORS: [(&str, Separator); 4] =
    [("comma", Separator::Comma), ("tab", Separator::Tab), ("semicolon", Separator::Semicolon), ("pipe", Separator::Pipe)];
const QUOTES: [(&str, QuoteStyle); 3] = [("double", QuoteStyle::Double), ("single", QuoteStyle::Single), ("none", QuoteStyle::None)];
const FORMS: [(&str, TableForm); 7] = [
    ("delimited", TableForm::Delimited),
    ("json", TableForm::Json),
    ("json-lines", TableForm::JsonLines),
    ("conll", TableForm::Conll),
    ("lines", TableForm::Lines),
    ("documents", TableForm::Documents),
    ("parallel", TableForm::ParallelLines),
];
/// Columns of a file of words and tags that are offered; such files have no more, but for those that number the parts of every verb.
const TOKEN_COLUMNS: u32 = 24;

fn named<T: PartialEq + Copy>(list: &[(&'static str, T)], wanted: T) -> Option<String> {
    list.iter().find(|(_, known)| *known == wanted).map(|(name, _)| (*name).to_owned())
}

fn of_name<T: Copy>(list: &[(&'static str, T)], name: &str) -> Option<T> {
    list.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// A part of the reading by its name in the list; `None` where it does not apply.
type Now = fn(&TableReading) -> Option<String>;

/// One correction: a choice with what is so now; hidden where it does not apply, and `fixed` where it cannot be changed.
pub fn correction(
    (id, label): (&'static str, &'static str),
    options: Vec<(String, String)>,
    value: Memo<Option<String>>,
    fixed: impl Fn() -> bool + Send + 'static,
    choose: impl Fn(&str) + 'static,
) -> AnyView {
    let option = move |(name, label): (String, String)| {
        let own = name.clone();
        view! { <option value=name selected=move || value.with(|value| value.as_ref() == Some(&own))>{label}</option> }
    };
    view! {
        <li hidden=move || value.with(Option::is_none)>
            <label for=id>{label}</label>
            <select
                id=id
                class="bare"
                data-testid=id
                disabled=fixed
                prop:value=move || value.get().unwrap_or_default()
                on:change=move |event| choose(&event_target_value(&event))
            >
                {options.into_iter().map(option).collect_view()}
            </select>
        </li>
    }
    .into_any()
}

/// A part of the reading: the files are read again, for which they must still be there.
fn of_reading(
    conductor: Conductor,
    names: (&'static str, &'static str),
    options: Vec<(String, String)>,
    now: Now,
    choose: fn(Conductor, &str),
) -> AnyView {
    let value = conductor.store.memo(Part::Table, move |state| now(&state.labels.table.as_ref()?.reading));
    let fixed = move || value.with(Option::is_some) && !conductor.can_read_again();
    correction(names, options, value, fixed, move |name| choose(conductor, name))
}

/// Names and labels of a list.
pub fn owned(list: impl IntoIterator<Item = (&'static str, &'static str)>) -> Vec<(String, String)> {
    list.into_iter().map(|(name, label)| (name.to_owned(), label.to_owned())).collect()
}

/// Columns by their numbers, as people count them.
fn columns() -> Vec<(String, String)> {
    (0..TOKEN_COLUMNS).map(|column| (column.to_string(), (column + 1).to_string())).collect()
}

/// Encodings to choose from, and the one that was recognised where it is none of these.
fn encodings(conductor: Conductor) -> AnyView {
    let read = conductor.store.memo(Part::Table, |state| {
        let known = |label: &str| ENCODINGS.iter().any(|(name, _)| *name == label);
        let encoding = shown(&state.labels.table.as_ref()?.reading.files)?.to_owned();
        (!known(&encoding)).then_some(encoding)
    });
    let list = move || {
        let other = read.get().map(|encoding| (encoding.clone(), encoding));
        let options = owned(ENCODINGS.iter().copied()).into_iter().chain(other).collect();
        of_reading(
            conductor,
            ("table-encoding", label_words().table.encoding),
            options,
            |reading| shown(&reading.files).map(str::to_owned),
            |conductor, name| conductor.read_in(name),
        )
    };
    list.into_any()
}

/// The files are there, and not typed by hand.
fn has_files(store: Store) -> bool {
    store.with(Part::Table, |state| state.labels.table.as_ref().is_some_and(|table| table.reading.form != TableForm::Typed))
}

/// What was recognised, for correction: what is most often wrong at once, the rest in a fold.
#[component]
pub fn Form(conductor: Conductor) -> impl IntoView {
    let words = &label_words().table;
    let separator: Now = |reading| {
        reading.separator.filter(|_| reading.form == TableForm::Delimited).map(|known| named(&SEPARATORS, known).unwrap_or_default())
    };
    let header: Now =
        |reading| (reading.form == TableForm::Delimited).then(|| if reading.header == Some(true) { "names" } else { "example" }.to_owned());
    let quote: Now = |reading| reading.quote.filter(|_| reading.form == TableForm::Delimited).and_then(|known| named(&QUOTES, known));
    let at_once = [
        of_reading(conductor, ("separator", words.separator), owned(words.separators), separator, |conductor, name| {
            conductor.correct_table(|options| options.separator = of_name(&SEPARATORS, name));
        }),
        of_reading(
            conductor,
            ("header-row", words.header),
            owned([("names", words.header_yes), ("example", words.header_no)]),
            header,
            |conductor, name| conductor.correct_table(|options| options.header = Some(name == "names")),
        ),
    ];
    let forms = FORMS.iter().map(|&(name, form)| (name, (words.form)(form)));
    let rest = [
        of_reading(
            conductor,
            ("table-form", words.read_as),
            owned(forms),
            |reading| named(&FORMS, reading.form),
            |conductor, name| {
                conductor.correct_table(|options| options.form = of_name(&FORMS, name));
            },
        ),
        of_reading(conductor, ("quotes", words.quotes), owned(words.quote_names), quote, |conductor, name| {
            conductor.correct_table(|options| options.quote = of_name(&QUOTES, name));
        }),
        of_reading(
            conductor,
            ("token-column", words.token_column),
            columns(),
            |reading| reading.token_column.map(|column| column.to_string()),
            |conductor, name| conductor.correct_table(|options| options.token_column = name.parse().ok()),
        ),
        of_reading(
            conductor,
            ("tag-column", words.tag_column),
            columns(),
            |reading| reading.tag_column.map(|column| column.to_string()),
            |conductor, name| conductor.correct_table(|options| options.tag_column = name.parse().ok()),
        ),
        encodings(conductor),
    ];
    let store = conductor.store;
    view! {
        <ul class="facts">{at_once.into_iter().collect_view()} <LabelSeparator conductor/></ul>
        <details class="fold" data-testid="form" hidden=move || !has_files(store)>
            <summary>{words.read_otherwise}</summary>
            <ul class="facts">{rest.into_iter().collect_view()}</ul>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_files_have_can_be_chosen() {
        for form in [TableForm::Delimited, TableForm::Conll, TableForm::Documents] {
            let name = named(&FORMS, form).unwrap();
            assert_eq!(of_name(&FORMS, &name), Some(form));
        }
        assert_eq!(named(&FORMS, TableForm::Typed), None);
        assert_eq!(of_name(&QUOTES, "odd"), None);
        assert_eq!(columns()[0], ("0".to_owned(), "1".to_owned()));
    }
}
