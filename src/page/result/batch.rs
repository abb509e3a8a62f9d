//! A file of texts, and what the model says of them: a table to save; how right it is, where the file brings its labels; what was odd.
//!
//! In: a file, read by the engine as tables are, or a text a line (`ReadTexts`). Out: `Predict`, a few texts at a time (`batch_job`); CSV (`batch_table`).
//! Where the texts were found is said. No row is dropped: what cannot be read is counted. After a stop what was answered so far can be saved. Test ids:
//! `try-batch`, `try-file`, `try-file-said`, `try-file-odd`, `try-file-stop`, `try-file-save`.

use super::age::{made_with, past};
use super::batch_job::{Answered, BatchJob};
use super::batch_said::{FileSaid, odd_answers, said};
use super::batch_table::table;
use crate::page::chart::save::save_text;
use crate::page::conductor::Conductor;
use crate::page::state::Part;
use crate::page::strings::{label_words, words};
use crate::page::text_in::MAX_BYTES;
use crate::protocol::labels::{BroughtTexts, LabelAnswer, LabelCommand};
use crate::protocol::{FaultCode, FileHead};
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use wasm_bindgen_futures::JsFuture;

/// Under which the store keeps what the engine read.
const NAME: &str = "batch";
/// Endings of names that the dialog offers; what a file is, its content says.
const ACCEPTED: &str = ".txt,.csv,.tsv,.tab,.psv,.json,.jsonl,.ndjson,.conll,text/plain,text/csv,application/json";

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
    // The step of the model that answered.
    let made = RwSignal::new(0_u32);
    let end = move |why: Option<&'static str>| {
        let answered = job.try_update_value(Option::take).flatten().and_then(|job| job.answered());
        progress.set(None);
        ended.set(why);
        let step = answered.as_ref().and_then(Answered::step);
        made.set(store.peek(|state| made_with(state, step.unwrap_or_default())));
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
            job.set_value(Some(BatchJob::new(read, &columns)));
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
        let csv =
            result.with_untracked(|result| result.as_ref().and_then(|answered| table(&answered.said, &answered.labels, &answered.others)));
        if let Some(csv) = csv {
            // A browser that refuses says so itself.
            let _ = save_text("classes.csv", &csv, "text/csv");
        }
    };
    let ready = move || store.with(Part::Plan, |state| state.labels.plan.is_some());
    let past = past(store, made);
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
        let answered = result.with(|result| result.as_ref().map(|answered| (said(answered, why, past.get()), odd_answers(answered))));
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
