//! A file of texts, one a line, and what the model says of them: a table to save; how right it is, where the lines bring their labels; what was odd.
//!
//! In: a file, whose lines may have a second text and a label behind tabs. Out: one `Predict`; CSV. No line is dropped: what cannot be read is counted. Test ids:
//! `try-batch`, `try-file`, `try-file-said`, `try-file-odd`, `try-file-save`.

use crate::page::chart::save::save_text;
use crate::page::conductor::Conductor;
use crate::page::report::csv::line;
use crate::page::report::duel::headlines;
use crate::page::state::{Part, Said};
use crate::page::strings::report::interval_of;
use crate::page::strings::{label_words, report, words};
use crate::page::table_in::typed::lines;
use crate::protocol::labels::{LabelAnswer, TextAnswer};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Lines of a file that are read.
const MOST_LINES: usize = 5_000;

/// The lines of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Lines {
    texts: Vec<String>,
    /// Of pairs, one for each text; perhaps empty.
    seconds: Vec<String>,
    /// None, or one for each text; perhaps empty.
    labels: Vec<String>,
}

/// Cuts lines at tabs: the text, of pairs the second text, and where one is left, the label.
fn read(file: &str, pair: bool) -> Lines {
    let mut read = Lines::default();
    for line in lines(file) {
        let (first, rest) = if pair { line.split_once('\t').unwrap_or((&line, "")) } else { ("", line.as_str()) };
        let (last, label) = rest.rsplit_once('\t').unwrap_or((rest, ""));
        let (text, second) = if pair { (first, last) } else { (last, "") };
        read.texts.push(text.trim().to_owned());
        read.labels.push(label.trim().to_owned());
        if pair {
            read.seconds.push(second.trim().to_owned());
        }
    }
    if read.labels.iter().all(String::is_empty) {
        read.labels.clear();
    }
    read
}

/// The answer in a sentence or two: how many texts have one, and how right those are whose label is known.
fn said(said: &Said) -> Option<String> {
    let own = &label_words().trying;
    let LabelAnswer::Predicted { predictions, figures, .. } = said.answer.as_ref() else { return None };
    let mut sentences = vec![(own.file_done)(predictions.iter().flatten().count(), predictions.len())];
    let headline = figures.as_ref().and_then(|figures| headlines(&figures.open().ok()?).into_iter().next());
    sentences.extend(headline.map(|(name, figure)| (own.file_right)((report::words().figure)(name).1, &interval_of(name, figure))));
    Some(sentences.join(" "))
}

/// What was odd, a sentence each, with what to do.
fn odd(said: &Said) -> Vec<String> {
    let LabelAnswer::Predicted { findings, .. } = said.answer.as_ref() else { return Vec::new() };
    let own = &label_words().findings;
    let sentence =
        |finding| [Some((own.said)(finding, &[])), (own.advice)(&finding.repair())].into_iter().flatten().collect::<Vec<_>>().join(" ");
    findings.iter().map(sentence).collect()
}

/// The answer to a file as CSV: text, answer, probability.
fn table(said: &Said) -> Option<String> {
    let LabelAnswer::Predicted { classes, predictions, .. } = said.answer.as_ref() else { return None };
    let name = |class: &u32| classes.get(*class as usize).map_or("", String::as_str);
    let pair = !said.seconds.is_empty();
    let mut csv = if pair { "text,second text,answer,probability\r\n" } else { "text,answer,probability\r\n" }.to_owned();
    for (number, (text, prediction)) in said.texts.iter().zip(predictions).enumerate() {
        let (answer, probability) = match prediction.as_ref().map(|prediction| &prediction.answer) {
            Some(TextAnswer::Class { class, probabilities }) => {
                (name(class).to_owned(), probabilities.get(*class as usize).map(|probability| format!("{probability:.4}")))
            }
            Some(TextAnswer::Classes { classes, .. }) => (classes.iter().map(name).collect::<Vec<_>>().join(";"), None),
            Some(TextAnswer::Score { value }) => (format!("{value}"), None),
            Some(TextAnswer::Tags { words }) => (words.iter().map(|word| name(&word.tag)).collect::<Vec<_>>().join(" "), None),
            Some(TextAnswer::Text { text }) => (text.clone(), None),
            None => (String::new(), None),
        };
        let cells = [Some(text.clone()), said.seconds.get(number).cloned(), Some(answer), Some(probability.unwrap_or_default())];
        line(&mut csv, &cells.into_iter().flatten().collect::<Vec<String>>());
    }
    Some(csv)
}

/// A file of texts in, a table out. `pair`: the task reads two texts.
#[component]
pub fn Batch(conductor: Conductor, #[prop(into)] pair: Signal<bool>) -> impl IntoView {
    let store = conductor.store;
    let own = &label_words().trying;
    let too_many = RwSignal::new(false);
    let waits = store.memo(Part::Prediction, |state| state.labels.batch.waits.then_some(state.labels.batch_asked.0.len()));
    let failed = store.memo(Part::Prediction, |state| state.labels.batch.fault.as_ref().map(|fault| fault.code));
    let done = store.memo(Part::Prediction, |state| {
        let batch = &state.labels.batch;
        batch.latest.as_ref().filter(|_| !batch.waits && batch.fault.is_none()).map(|answer| (said(answer), odd(answer)))
    });
    let picked = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            spawn_local(async move {
                let Ok(text) = JsFuture::from(file.text()).await else { return };
                let Lines { mut texts, mut seconds, mut labels } = read(&text.as_string().unwrap_or_default(), pair.get_untracked());
                too_many.set(texts.len() > MOST_LINES);
                [&mut texts, &mut seconds, &mut labels].into_iter().for_each(|list| list.truncate(MOST_LINES));
                if !texts.is_empty() {
                    store.predict_batch(texts, seconds, labels);
                }
            });
        }
        input.set_value("");
    };
    let keep = move |_| {
        let csv = store.peek(|state| state.labels.batch.latest.as_ref().and_then(table));
        if let Some(csv) = csv {
            // A browser that refuses says so itself.
            let _ = save_text("classes.csv", &csv, "text/csv");
        }
    };
    let ready = move || store.with(Part::Plan, |state| state.labels.plan.is_some());
    let found =
        move || done.get().into_iter().flat_map(|(_, odd)| odd).map(|said| view! { <li class="finding">{said}</li> }).collect_view();
    view! {
        <details class="fold" data-testid="try-batch">
            <summary>{own.file}</summary>
            <p class="small">{move || if pair.get() { own.file_note_pair } else { own.file_note }}</p>
            <input
                type="file"
                accept=".txt,.tsv,text/plain"
                aria-label=own.file
                data-testid="try-file"
                disabled=move || !ready()
                on:change=picked
            />
            <p class="small" role="status" data-testid="try-file-said">
                {move || waits.get().map(own.file_wait)}
                {move || failed.get().filter(|_| waits.get().is_none()).map(|code| (words().faults.sentence)(code))}
                {move || done.get().and_then(|(said, _)| said)}
                {move || too_many.get().then(|| format!(" {}", (own.too_many)(MOST_LINES)))}
            </p>
            <ul class="findings" data-testid="try-file-odd">{found}</ul>
            <button type="button" class="button small" data-testid="try-file-save" hidden=move || done.get().is_none() on:click=keep>{own.file_save}</button>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::TableFinding;
    use crate::protocol::labels::TextPrediction;
    use std::rc::Rc;

    fn answered(seconds: &[&str]) -> Said {
        let answer = TextAnswer::Class { class: 1, probabilities: vec![0.25, 0.75] };
        let answer = LabelAnswer::Predicted {
            run: 1,
            step: 7,
            classes: ["bad", "good, really"].map(str::to_owned).to_vec(),
            predictions: vec![Some(TextPrediction { answer, tokens: 3, windows: 1, cut: false }), None],
            figures: None,
            findings: vec![
                TableFinding::EmptyTexts { rows: 1, places: Vec::new() },
                TableFinding::UnknownLabels { rows: 1, labels: vec![("awful".to_owned(), 1)] },
            ],
        };
        let seconds = seconds.iter().map(|&second| second.to_owned()).collect();
        Said { texts: vec!["a \"fine\" day".to_owned(), " ".to_owned()], seconds, answer: Rc::new(answer) }
    }

    #[test]
    fn a_file_becomes_a_table_in_which_cells_are_quoted() {
        let csv = table(&answered(&[])).unwrap();
        assert_eq!(csv, "text,answer,probability\r\n\"a \"\"fine\"\" day\",\"good, really\",0.7500\r\n ,,\r\n");
        let pairs = table(&answered(&["b", "c"])).unwrap();
        assert!(pairs.starts_with("text,second text,answer") && pairs.ends_with("\r\n ,c,,\r\n"), "{pairs}");
    }

    #[test]
    fn what_the_model_could_not_read_or_does_not_know_is_counted_with_what_to_do() {
        assert_eq!(said(&answered(&[])).as_deref(), Some("1 of 2 texts has an answer."));
        assert_eq!(
            odd(&answered(&[])),
            [
                "1 row has no text. Fill them in and bring the file again, or go on without these rows.",
                "1 row has a label that the model does not know: \u{201c}awful\u{201d}. Correct the labels, or go on as it is.",
            ]
        );
    }

    #[test]
    fn lines_are_cut_at_tabs_and_none_is_lost() {
        let strings = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<String>>();
        let plain = read("one\n\n two \r\n", false);
        assert_eq!(plain, Lines { texts: strings(&["one", "two"]), ..Lines::default() });
        let labelled = read("one\tgood\ntwo\na\tb\tbad", false);
        assert_eq!((labelled.texts, labelled.labels), (strings(&["one", "two", "a\tb"]), strings(&["good", "", "bad"])));
        let pairs = read("one\tuno\tyes\ntwo\nthree\ttres", true);
        assert_eq!((pairs.texts, pairs.seconds), (strings(&["one", "two", "three"]), strings(&["uno", "", "tres"])));
        assert_eq!(pairs.labels, strings(&["yes", "", ""]));
    }
}
