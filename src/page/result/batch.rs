//! A file of texts, and what the model says of them: a table to save; how right it is, where the file brings its labels; what was odd.
//!
//! In: a file, read by the engine as tables are, or a text a line (`ReadTexts`). Out: one `Predict`; CSV (`batch_table`). Where the texts were found is
//! said. No row is dropped: what cannot be read is counted. Test ids: `try-batch`, `try-file`, `try-file-said`, `try-file-odd`, `try-file-save`.

use super::batch_table::{Known, table};
use crate::page::chart::save::save_text;
use crate::page::conductor::Conductor;
use crate::page::report::duel::headlines;
use crate::page::state::{Part, Said};
use crate::page::strings::report::interval_of;
use crate::page::strings::{label_words, report, words};
use crate::page::text_in::MAX_BYTES;
use crate::protocol::labels::{BroughtTexts, LabelAnswer, LabelCommand, MOST_BROUGHT};
use crate::protocol::{FaultCode, FileHead, TableFinding};
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Under which the store keeps what the engine read.
const NAME: &str = "batch";
/// Endings of names that the dialog offers; what a file is, its content says.
const ACCEPTED: &str = ".txt,.csv,.tsv,.tab,.psv,.json,.jsonl,.ndjson,.conll,text/plain,text/csv,application/json";

/// What is said of a file besides its answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct FileSaid {
    /// Why its texts cannot be asked about.
    refused: Option<&'static str>,
    /// Where they are, and whether there are more.
    notes: Vec<String>,
    odd: Vec<String>,
}

impl FileSaid {
    fn refused(code: FaultCode) -> Self {
        Self { refused: Some((words().faults.sentence)(code)), ..Self::default() }
    }

    fn of(file: &BroughtTexts) -> Self {
        let own = &label_words().trying;
        let blank = |texts: &[String]| texts.iter().all(|text| text.trim().is_empty());
        let refused = if blank(&file.texts) {
            Some(own.file_no_text)
        } else if !file.seconds.is_empty() && blank(&file.seconds) {
            Some(own.file_no_second)
        } else {
            None
        };
        let columns = file.columns.iter().any(|name| !name.is_empty()).then(|| (own.file_columns)(&file.columns));
        let notes = columns.into_iter().chain(file.more.then(|| (own.too_many)(MOST_BROUGHT))).collect();
        Self { refused, notes, odd: odd(&file.findings) }
    }
}

/// The answer in a sentence or two: how many texts have one, and how right those are whose label is known.
fn said(said: &Said) -> Option<String> {
    let own = &label_words().trying;
    let LabelAnswer::Predicted { run, predictions, figures, .. } = said.answer.as_ref() else { return None };
    let mut sentences: Vec<String> = (*run == 0).then(|| own.file_untrained.to_owned()).into_iter().collect();
    sentences.push((own.file_done)(predictions.iter().flatten().count(), predictions.len()));
    let headline = figures.as_ref().and_then(|figures| headlines(&figures.open().ok()?).into_iter().next());
    sentences.extend(headline.map(|(name, figure)| (own.file_right)((report::words().figure)(name).1, &interval_of(name, figure))));
    Some(sentences.join(" "))
}

/// What was odd, a sentence each, with what to do.
fn odd(findings: &[TableFinding]) -> Vec<String> {
    let own = &label_words().findings;
    let sentence =
        |finding| [Some((own.said)(finding, &[])), (own.advice)(&finding.repair())].into_iter().flatten().collect::<Vec<_>>().join(" ");
    findings.iter().map(sentence).collect()
}

/// A file of texts in, a table out. `pair`: the task reads two texts.
#[component]
pub fn Batch(conductor: Conductor, #[prop(into)] pair: Signal<bool>) -> impl IntoView {
    let store = conductor.store;
    let own = &label_words().trying;
    let file = RwSignal::new(FileSaid::default());
    // What the file says of the texts that were asked about last.
    let known = StoredValue::new(Vec::<String>::new());
    let reads = store.memo(Part::Asides, |state| state.labels.asides.get(NAME).is_some_and(|aside| aside.waits));
    let waits = store.memo(Part::Prediction, |state| state.labels.batch.waits.then_some(state.labels.batch_asked.0.len()));
    let failed = store.memo(Part::Prediction, |state| state.labels.batch.fault.as_ref().map(|fault| fault.code));
    let done = store.memo(Part::Prediction, |state| {
        let batch = &state.labels.batch;
        batch.latest.as_ref().filter(|_| !batch.waits && batch.fault.is_none()).map(|answer| {
            let LabelAnswer::Predicted { findings, .. } = answer.answer.as_ref() else { return (None, Vec::new()) };
            (said(answer), odd(findings))
        })
    });
    // What the engine has read of the file is asked about.
    Effect::new(move |_| {
        store.follow(Part::Asides);
        let Some(aside) = store.peek(|state| state.labels.asides.get(NAME).filter(|aside| !aside.waits).cloned()) else { return };
        store.drop_aside(NAME);
        let read = match aside.latest.as_deref() {
            Some(LabelAnswer::TextsRead { texts }) => texts.open().ok(),
            _ => None,
        };
        let Some(read) = read else {
            return file.set(FileSaid::refused(aside.fault.map_or(FaultCode::Internal, |fault| fault.code)));
        };
        let about = FileSaid::of(&read);
        if about.refused.is_none() {
            known.set_value(read.labels.clone());
            store.predict_batch(read.texts, read.seconds, read.labels);
        }
        file.set(about);
    });
    let picked = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        if let Some(chosen) = input.files().and_then(|files| files.get(0)) {
            file.set(FileSaid::default());
            spawn_local(async move {
                if chosen.size() > MAX_BYTES {
                    return file.set(FileSaid::refused(FaultCode::FileTooLarge));
                }
                let Ok(bytes) = JsFuture::from(chosen.array_buffer()).await else {
                    return file.set(FileSaid::refused(FaultCode::Internal));
                };
                let head = FileHead { name: chosen.name(), encoding: None };
                store.ask_aside_with(NAME, LabelCommand::ReadTexts { file: head }, vec![Uint8Array::new(&bytes).to_vec()]);
            });
        }
        input.set_value("");
    };
    let keep = move |_| {
        let csv = store.peek(|state| {
            let separator = state.labels.plan.as_ref()?.config.choice.columns.written_separator();
            table(state.labels.batch.latest.as_ref()?, &Known { labels: known.get_value(), separator })
        });
        if let Some(csv) = csv {
            // A browser that refuses says so itself.
            let _ = save_text("classes.csv", &csv, "text/csv");
        }
    };
    let ready = move || store.with(Part::Plan, |state| state.labels.plan.is_some());
    // The answers to the file before say nothing of one that is read now, or cannot be.
    let told = Memo::new(move |_| {
        let FileSaid { refused, notes, odd } = file.get();
        if reads.get() {
            return (own.file_reading.to_owned(), Vec::new(), false);
        }
        if let Some(refused) = refused {
            return (refused.to_owned(), odd, false);
        }
        if let Some(texts) = waits.get() {
            return ((own.file_wait)(texts), odd, false);
        }
        if let Some(code) = failed.get() {
            return ((words().faults.sentence)(code).to_owned(), odd, false);
        }
        let Some((said, more)) = done.get() else { return Default::default() };
        (said.into_iter().chain(notes).collect::<Vec<_>>().join(" "), odd.into_iter().chain(more).collect(), true)
    });
    let found = move || told.get().1.into_iter().map(|said| view! { <li class="finding">{said}</li> }).collect_view();
    view! {
        <details class="fold" data-testid="try-batch">
            <summary>{own.file}</summary>
            <p class="small">{move || if pair.get() { own.file_note_pair } else { own.file_note }}</p>
            <input
                type="file"
                accept=ACCEPTED
                aria-label=own.file
                data-testid="try-file"
                disabled=move || !ready()
                on:change=picked
            />
            <p class="small" role="status" data-testid="try-file-said">{move || told.get().0}</p>
            <ul class="findings" data-testid="try-file-odd">{found}</ul>
            <button type="button" class="button small" data-testid="try-file-save" hidden=move || !told.get().2 on:click=keep>{own.file_save}</button>
        </details>
    }
}

/// A text with an answer, and one that the model could not read.
#[cfg(test)]
pub fn answered(seconds: &[&str]) -> Said {
    use crate::protocol::labels::{TextAnswer, TextPrediction};
    let answer = TextAnswer::Class { class: 1, probabilities: vec![0.25, 0.75] };
    let answer = LabelAnswer::Predicted {
        run: 1,
        step: 7,
        classes: ["bad", "good, really"].map(str::to_owned).to_vec(),
        predictions: vec![Some(TextPrediction { answer, tokens: 3, windows: 1, cut: false }), None],
        figures: None,
        findings: Vec::new(),
    };
    let seconds = seconds.iter().map(|&second| second.to_owned()).collect();
    Said { texts: vec!["a \"fine\" day".to_owned(), " ".to_owned()], seconds, answer: std::rc::Rc::new(answer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought(columns: [&str; 3], texts: &[&str], seconds: &[&str]) -> BroughtTexts {
        let strings = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<String>>();
        BroughtTexts {
            columns: columns.map(str::to_owned),
            texts: strings(texts),
            seconds: strings(seconds),
            labels: Vec::new(),
            more: false,
            findings: Vec::new(),
        }
    }

    #[test]
    fn what_the_model_could_not_read_or_does_not_know_is_counted_with_what_to_do() {
        assert_eq!(said(&answered(&[])).as_deref(), Some("1 of 2 texts has an answer."));
        let mut untrained = answered(&[]);
        if let Some(LabelAnswer::Predicted { run, .. }) = std::rc::Rc::get_mut(&mut untrained.answer) {
            *run = 0;
        }
        let guesses = said(&untrained).unwrap_or_default();
        assert_eq!(guesses, "The model has not learned yet: these are guesses. 1 of 2 texts has an answer.");
        let findings = [
            TableFinding::EmptyTexts { rows: 1, places: Vec::new() },
            TableFinding::UnknownLabels { rows: 1, labels: vec![("awful".to_owned(), 1)] },
        ];
        assert_eq!(
            odd(&findings),
            [
                "1 row has no text. Fill them in and bring the file again, or go on without these rows.",
                "1 row has a label that the model does not know: \u{201c}awful\u{201d}. Correct the labels, or go on as it is.",
            ]
        );
    }

    #[test]
    fn where_the_texts_were_found_is_said() {
        let lines = FileSaid::of(&brought(["", "", ""], &["one"], &[]));
        assert_eq!(lines, FileSaid::default());
        let one = FileSaid::of(&BroughtTexts { more: true, ..brought(["review", "", "stars"], &["one"], &[]) });
        assert_eq!(
            one.notes.join(" "),
            "Texts from \u{201c}review\u{201d}, labels from \u{201c}stars\u{201d}. Only the first 5,000 texts are read."
        );
        let two = FileSaid::of(&brought(["a", "b", ""], &["one"], &["two"]));
        assert_eq!(
            (two.refused, two.notes.join(" ")),
            (None, "Texts from \u{201c}a\u{201d}, second texts from \u{201c}b\u{201d}.".to_owned())
        );
    }

    #[test]
    fn a_file_without_what_the_task_reads_is_refused_with_what_to_do() {
        let own = &label_words().trying;
        assert_eq!(FileSaid::of(&brought(["a", "", ""], &["one", ""], &["", " "])).refused, Some(own.file_no_second));
        assert_eq!(FileSaid::of(&brought(["a", "", ""], &[" "], &[])).refused, Some(own.file_no_text));
        let nothing = FileSaid::of(&BroughtTexts { findings: vec![TableFinding::NoRows], ..brought(["", "", ""], &[], &[]) });
        assert_eq!((nothing.refused, nothing.odd.len()), (Some(own.file_no_text), 1));
        assert!(FileSaid::refused(FaultCode::BinaryFile).refused.is_some_and(|said| said.contains("not a text file")));
    }
}
