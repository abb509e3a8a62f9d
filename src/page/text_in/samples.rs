//! The built-in samples: a list fetched from `samples/manifest.json`, each text fetched when it is chosen.

use super::source::{TextSource, refuse};
use crate::page::conductor::Conductor;
use crate::page::fetch;
use crate::page::state::{RunState, Stage};
use crate::page::strings::words;
use crate::protocol::{Fault, FaultCode, NextAction};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use web_sys::Blob;

/// The sample that is opened by itself, so that Play is one click.
pub const DEFAULT_SAMPLE: &str = "verse";

/// One line of the manifest; further fields are for people.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Sample {
    pub id: String,
    pub title: String,
    pub description: String,
    /// `en` or `zh`.
    pub language: String,
    pub file: String,
}

/// The samples, once they are known; copy it freely.
#[derive(Clone, Copy)]
pub struct Samples(RwSignal<Vec<Sample>>);

impl Default for Samples {
    fn default() -> Self {
        Self(RwSignal::new(Vec::new()))
    }
}

impl Samples {
    /// Fetches the list and opens the sample that the link names, or the default one.
    pub fn load(self, conductor: Conductor) {
        spawn_local(async move {
            match fetch::json::<Vec<Sample>>("samples/manifest.json").await {
                Ok(list) => {
                    let wanted = conductor.settings.opened_with.get_value();
                    let by_id = |id: &str| list.iter().find(|sample| sample.id == id).cloned();
                    // What is no sample may be a scenario: those come a moment later, and open the default sample if it is neither.
                    let first = match wanted.as_deref() {
                        Some(id) if by_id(id).is_some() || !conductor.scenarios.lacks(id) => by_id(id),
                        _ => by_id(DEFAULT_SAMPLE).or_else(|| list.first().cloned()),
                    };
                    self.0.set(list);
                    if let Some(sample) = first.filter(|_| conductor.store.peek(wants_a_sample)) {
                        open(sample, conductor, false);
                    }
                }
                Err(detail) => conductor.store.note_fault(Fault::new(FaultCode::Internal, NextAction::ReloadPage, detail)),
            }
        });
    }

    /// There is a sample of this name, or the list has not come yet.
    pub fn has(self, id: &str) -> bool {
        self.0.with_untracked(|list| list.is_empty() || list.iter().any(|sample| sample.id == id))
    }

    /// Opens the sample of this name, if there is one, asking first where that ends a run.
    pub fn open(self, id: &str, conductor: Conductor) {
        if let Some(sample) = self.0.with_untracked(|list| list.iter().find(|sample| sample.id == id).cloned()) {
            open(sample, conductor, true);
        }
    }

    /// Opens the default sample, asking first where that ends a run.
    pub fn open_default(self, conductor: Conductor) {
        let sample = self.0.with_untracked(|list| list.iter().find(|sample| sample.id == DEFAULT_SAMPLE).or_else(|| list.first()).cloned());
        if let Some(sample) = sample {
            open(sample, conductor, true);
        }
    }
}

/// A sample that nobody asked for never takes the place of a text that is open or on its way, or of a run that was taken up again.
fn wants_a_sample(state: &RunState) -> bool {
    state.stage == Stage::Idle && state.text_title.is_empty() && state.pending_text.is_none()
}

fn open(sample: Sample, conductor: Conductor, chosen: bool) {
    spawn_local(async move {
        let Some(blob) = fetch_file("samples", &sample.file, conductor).await else { return };
        let source = TextSource::single(&sample.title, sample.file, blob, Some(sample.id));
        if chosen {
            conductor.open(source);
        } else if conductor.store.peek(wants_a_sample) {
            // Asked again: while the sample was fetched, a visitor may have dropped a text.
            conductor.open_now(source);
        }
    });
}

/// A file of the site that is to be opened; what keeps it from coming is told.
pub async fn fetch_file(folder: &str, file: &str, conductor: Conductor) -> Option<Blob> {
    let fetched = fetch::blob(&format!("{folder}/{file}")).await;
    let fault = match fetched {
        Ok(blob) => match refuse(&[file.to_owned()], blob.size()) {
            None => return Some(blob),
            Some(fault) => fault,
        },
        Err(detail) => Fault::new(FaultCode::Internal, NextAction::Retry, detail),
    };
    conductor.store.note_fault(fault);
    None
}

/// The samples as a row of small buttons; the open one is marked.
#[component]
pub fn SampleList(conductor: Conductor) -> impl IntoView {
    let (words, samples) = (&words().text, conductor.samples);
    let open_id = conductor.settings.sample;
    let one = move |sample: Sample| {
        let id = sample.id.clone();
        let pressed = move || if open_id.with(|open| open.as_deref() == Some(id.as_str())) { "true" } else { "false" };
        let (testid, title, description) = (format!("sample-{}", sample.id), sample.title.clone(), sample.description.clone());
        let language = sample.language.clone();
        view! {
            <li>
                <button
                    class="pill"
                    lang=language
                    title=description
                    data-testid=testid
                    aria-pressed=pressed
                    on:click=move |_| open(sample.clone(), conductor, true)
                >
                    {title}
                </button>
            </li>
        }
    };
    view! {
        <ul class="pills" aria-label=words.samples>
            <For each=move || samples.0.get() key=|sample| sample.id.clone() children=one/>
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_waits_for_nobody_and_displaces_nothing() {
        let state = |change: fn(&mut RunState)| {
            let mut state = RunState::default();
            change(&mut state);
            state
        };
        assert!(wants_a_sample(&RunState::default()));
        assert!(!wants_a_sample(&state(|state| state.pending_text = Some(1))), "a text is on its way");
        assert!(!wants_a_sample(&state(|state| state.text_title = "mine.txt".to_owned())), "a text is open");
        assert!(!wants_a_sample(&state(|state| state.stage = Stage::Paused)), "a run was taken up");
    }
}
