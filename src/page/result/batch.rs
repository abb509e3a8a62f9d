//! A file of texts, and what the model says of them: a table to save; how right it is, where the file brings its labels; what was odd.
//!
//! In: a file, read by the engine as tables are, or a text a line (`ReadTexts`). Out: `Predict`, a few texts at a time (`batch_job`); CSV (`batch_table`).
//! Where the texts were found is said. No row is dropped: what cannot be read is counted. After a stop what was answered so far can be saved. Test ids:
//! `try-batch`, `try-file`, `try-file-said`, `try-file-odd`, `try-file-stop`, `try-file-save`.

use super::batch_job::{Answered, BatchJob};
use super::batch_table::table;
use crate::page::chart::save::save_text;
use crate::page::conductor::Conductor;
use crate::page::report::duel::headlines;
use crate::page::state::Part;
use crate::page::strings::report::interval_of;
use crate::page::strings::{label_words, report, words};
use crate::page::text_in::MAX_BYTES;
use crate::protocol::labels::{BroughtTexts, LabelAnswer, LabelCommand, MOST_BROUGHT};
use crate::protocol::{FaultCode, FileHead, TableFinding, TableTask};
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
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

/// The answers in a sentence or two: how many texts have one, and how right those are whose label is known. `ended`: why it was not gone on.
fn said(answered: &Answered, ended: Option<&str>) -> Option<String> {
    let own = &label_words().trying;
    let LabelAnswer::Predicted { run, predictions, figures, .. } = answered.said.answer.as_ref() else { return None };
    let mut sentences: Vec<String> = ended.into_iter().chain((*run == 0).then_some(own.file_untrained)).map(str::to_owned).collect();
    sentences.push((own.file_done)(predictions.iter().flatten().count(), answered.total));
    let headline = figures.as_ref().and_then(|figures| headlines(&figures.open().ok()?).into_iter().next());
    sentences.extend(headline.map(|(name, figure)| (own.file_right)((report::words().figure)(name).1, &interval_of(name, figure))));
    sentences.extend(answered.right.map(|(right, known)| (own.file_counted)(right, known)));
    sentences.extend(answered.steps.map(|(first, last)| (own.file_moved)(first, last)));
    Some(sentences.join(" "))
}

/// What was odd, a sentence each, with what to do.
fn odd(findings: &[TableFinding]) -> Vec<String> {
    let own = &label_words().findings;
    let sentence = |finding| {
        [Some((own.said)(finding, &[], &[])), (own.advice)(&finding.repair())].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    findings.iter().map(sentence).collect()
}

/// A file of texts in, a table out. `pair`: the task reads two texts.
#[component]
pub fn Batch(conductor: Conductor, #[prop(into)] pair: Signal<bool>) -> impl IntoView {
    let store = conductor.store;
    let own = &label_words().trying;
    let file = RwSignal::new(FileSaid::default());
    // The engine reads the file.
    let reading = RwSignal::new(false);
    let job = StoredValue::new_local(None::<BatchJob>);
    let progress = RwSignal::new(None::<(usize, usize)>);
    // What has been answered, and why no more of it.
    let result = RwSignal::new_local(None::<Rc<Answered>>);
    let ended = RwSignal::new(None::<&'static str>);
    let end = move |why: Option<&'static str>| {
        let answered = job.try_update_value(Option::take).flatten().and_then(|job| job.answered());
        progress.set(None);
        ended.set(why);
        result.set(answered.map(Rc::new));
    };
    let go_on = move || match job.with_value(|job| job.as_ref().and_then(BatchJob::ask)) {
        Some(question) => {
            progress.set(job.with_value(|job| job.as_ref().map(BatchJob::progress)));
            store.ask_aside(NAME, question);
        }
        None => end(None),
    };
    let begin = move |read: BroughtTexts| {
        let about = FileSaid::of(&read);
        let columns = store.peek(|state| state.labels.plan.as_ref().map(|plan| plan.config.choice.columns.clone()));
        if let Some(columns) = columns.filter(|_| about.refused.is_none()) {
            job.set_value(Some(BatchJob::new(read, columns.task == TableTask::TextToText)));
        }
        file.set(about);
        if job.with_value(Option::is_some) {
            go_on();
        }
    };
    // What the engine has read of the file is asked about, a few texts at a time.
    Effect::new(move |_| {
        store.follow(Part::Asides);
        let busy = job.with_value(Option::is_some);
        let aside = store.peek(|state| state.labels.asides.get(NAME).cloned());
        let fault = aside.as_ref().and_then(|aside| aside.fault.as_ref()).map(|fault| fault.code);
        match aside {
            None if busy => end(Some(own.file_lost)),
            None if reading.get_untracked() => {
                reading.set(false);
                file.set(FileSaid::refused(FaultCode::Internal));
            }
            // Another model: what the one before said is past.
            None if ended.get_untracked() != Some(own.file_lost) => result.set(None),
            Some(aside) if busy && !aside.waits => {
                let fits = aside
                    .latest
                    .is_some_and(|answer| job.try_update_value(|job| job.as_mut().is_some_and(|job| job.hear(&answer))) == Some(true));
                if fits { go_on() } else { end(Some(fault.map_or(own.file_lost, words().faults.sentence))) }
            }
            Some(aside) if reading.get_untracked() && !aside.waits => {
                reading.set(false);
                match aside.latest.as_deref() {
                    Some(LabelAnswer::TextsRead { texts }) if texts.open().is_ok() => texts.open().into_iter().for_each(begin),
                    _ => file.set(FileSaid::refused(fault.unwrap_or(FaultCode::Internal))),
                }
            }
            _ => {}
        }
    });
    let picked = move |event: web_sys::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        if let Some(chosen) = input.files().and_then(|files| files.get(0)) {
            file.set(FileSaid::default());
            end(None);
            result.set(None);
            spawn_local(async move {
                if chosen.size() > MAX_BYTES {
                    return file.set(FileSaid::refused(FaultCode::FileTooLarge));
                }
                let Ok(bytes) = JsFuture::from(chosen.array_buffer()).await else {
                    return file.set(FileSaid::refused(FaultCode::Internal));
                };
                reading.set(true);
                let head = FileHead { name: chosen.name(), encoding: None };
                store.ask_aside_with(NAME, LabelCommand::ReadTexts { file: head }, vec![Uint8Array::new(&bytes).to_vec()]);
            });
        }
        input.set_value("");
    };
    let keep = move |_| {
        let csv = result.with_untracked(|result| result.as_ref().and_then(|answered| table(&answered.said, &answered.labels)));
        if let Some(csv) = csv {
            // A browser that refuses says so itself.
            let _ = save_text("classes.csv", &csv, "text/csv");
        }
    };
    let ready = move || store.with(Part::Plan, |state| state.labels.plan.is_some());
    // The answers to the file before say nothing of one that is read now, or cannot be.
    let told = Memo::new(move |_| {
        let FileSaid { refused, notes, odd } = file.get();
        if reading.get() {
            return (own.file_reading.to_owned(), Vec::new(), false);
        }
        if let Some(refused) = refused {
            return (refused.to_owned(), odd, false);
        }
        if let Some((done, total)) = progress.get() {
            return ((own.file_wait)(done, total), odd, false);
        }
        let why = ended.get();
        let answered = result.with(|result| result.as_ref().map(|answered| (said(answered, why), self::odd(&answered.findings))));
        let Some((said, more)) = answered else { return (why.unwrap_or_default().to_owned(), odd, false) };
        (said.into_iter().chain(notes).collect::<Vec<_>>().join(" "), odd.into_iter().chain(more).collect(), true)
    });
    let asks = move || progress.get().is_some();
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
                disabled=move || !ready() || asks()
                on:change=picked
            />
            <p class="small" role="status" data-testid="try-file-said">{move || told.get().0}</p>
            <ul class="findings" data-testid="try-file-odd">{found}</ul>
            <button type="button" class="button small" data-testid="try-file-stop" hidden=move || !asks() on:click=move |_| end(Some(own.file_stopped))>{own.file_stop}</button>
            <button type="button" class="button small" data-testid="try-file-save" hidden=move || !told.get().2 on:click=keep>{own.file_save}</button>
        </details>
    }
}

/// A text with an answer, and one that the model could not read.
#[cfg(test)]
pub fn answered(seconds: &[&str]) -> crate::page::state::Said {
    use crate::protocol::labels::{TextAnswer, TextPrediction};
    let answer = TextAnswer::Class { class: 1, probabilities: vec![0.25, 0.75] };
    let answer = LabelAnswer::Predicted {
        run: 1,
        step: 7,
        classes: ["bad", "good, really"].map(str::to_owned).to_vec(),
        predictions: vec![Some(TextPrediction { answer, tokens: 3, windows: 1, cut: false, right: None }), None],
        figures: None,
        findings: Vec::new(),
    };
    let seconds = seconds.iter().map(|&second| second.to_owned()).collect();
    crate::page::state::Said { texts: vec!["a \"fine\" day".to_owned(), " ".to_owned()], seconds, answer: std::rc::Rc::new(answer) }
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

    fn all_of(said: crate::page::state::Said) -> Answered {
        Answered { total: said.texts.len(), said, labels: Vec::new(), right: None, steps: None, findings: Vec::new() }
    }

    #[test]
    fn what_came_of_a_large_file_is_said_with_its_reasons() {
        let own = &label_words().trying;
        let some = Answered { total: 5_000, right: Some((1, 1)), steps: Some((40, 80)), ..all_of(answered(&[])) };
        assert_eq!(
            said(&some, Some(own.file_stopped)).unwrap_or_default(),
            "Stopped. 1 of 5,000 texts has an answer. Where the label is known, 1 of 1 answers is right (100\u{a0}%). The model learned on meanwhile: the answers \
             are those of steps 40 to 80."
        );
    }

    #[test]
    fn what_the_model_could_not_read_or_does_not_know_is_counted_with_what_to_do() {
        assert_eq!(said(&all_of(answered(&[])), None).as_deref(), Some("1 of 2 texts has an answer."));
        let mut untrained = answered(&[]);
        if let Some(LabelAnswer::Predicted { run, .. }) = std::rc::Rc::get_mut(&mut untrained.answer) {
            *run = 0;
        }
        let guesses = said(&all_of(untrained), None).unwrap_or_default();
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
