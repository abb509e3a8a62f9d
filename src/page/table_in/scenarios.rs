//! The ready-made scenarios: a list fetched from `scenarios/manifest.json`, each table fetched when it is chosen.

use super::task::TASKS;
use crate::page::conductor::Conductor;
use crate::page::fetch;
use crate::page::strings::words;
use crate::page::text_in::folder::FolderPicker;
use crate::page::text_in::{ReadAs, TextFile, TextSource, fetch_file};
use crate::protocol::{Fault, FaultCode, NextAction, TableOptions, TableTask};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

/// One scenario of the manifest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Scenario {
    pub id: String,
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// `en` or `zh`: what its texts are in.
    pub language: String,
    /// Name of its task, as in links.
    pub task: String,
    pub file: String,
    /// Names of columns, where what is proposed by itself is another choice.
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub second: Option<String>,
    #[serde(default)]
    pub target: Option<String>,
    /// Settings that its lesson needs, where they are not the usual ones, as a link has them: `pairs=apart&pooling=mean`.
    #[serde(default)]
    pub recipe: String,
    /// What one learns from it, in two or three sentences.
    pub lesson: String,
    /// Texts to try.
    #[serde(default)]
    pub try_texts: Vec<String>,
}

/// The scenarios, once they are known; copy it freely.
#[derive(Clone, Copy)]
pub struct Scenarios(RwSignal<Vec<Scenario>>);

impl Default for Scenarios {
    fn default() -> Self {
        Self(RwSignal::new(Vec::new()))
    }
}

impl Scenarios {
    /// Fetches the list, and opens the scenario that the link names.
    pub fn load(self, conductor: Conductor) {
        if self.0.with_untracked(|list| !list.is_empty()) {
            return;
        }
        spawn_local(async move {
            match fetch::json::<Vec<Scenario>>("scenarios/manifest.json").await {
                Ok(list) => {
                    self.0.set(list);
                    let named = conductor.settings.opened_with.get_value();
                    match named.as_deref().and_then(|id| self.get(id)) {
                        Some(scenario) => open(scenario, conductor),
                        None if named.is_some_and(|id| !conductor.samples.has(&id)) => conductor.samples.open_default(conductor),
                        None => {}
                    }
                }
                Err(detail) => conductor.store.note_fault(Fault::new(FaultCode::Internal, NextAction::ReloadPage, detail)),
            }
        });
    }

    /// The scenario of that name.
    pub fn get(self, id: &str) -> Option<Scenario> {
        self.0.with_untracked(|list| list.iter().find(|scenario| scenario.id == id).cloned())
    }

    /// The list is here, and has no scenario of this name.
    pub fn lacks(self, id: &str) -> bool {
        self.0.with_untracked(|list| !list.is_empty() && list.iter().all(|scenario| scenario.id != id))
    }

    /// The scenario that is open; follows.
    pub fn opened(self, conductor: Conductor) -> Option<Scenario> {
        let id = conductor.settings.sample.get()?;
        self.0.with(|list| list.iter().find(|scenario| scenario.id == id).cloned())
    }

    /// Opens the first scenario of a task.
    pub fn open_task(self, task: TableTask, conductor: Conductor) {
        let name = TASKS.iter().find(|(_, known)| *known == task).map(|(id, _)| *id);
        let found = self.0.with_untracked(|list| list.iter().find(|scenario| Some(scenario.task.as_str()) == name).cloned());
        if let Some(scenario) = found {
            open(scenario, conductor);
        } else {
            conductor.store.note_fault(Fault::new(FaultCode::Internal, NextAction::ChooseText, "no scenario of this task"));
        }
    }
}

fn open(scenario: Scenario, conductor: Conductor) {
    spawn_local(async move {
        let Some(blob) = fetch_file("scenarios", &scenario.file, conductor).await else { return };
        let name = scenario.file.rsplit('/').next().unwrap_or(&scenario.file).to_owned();
        conductor.open(TextSource {
            title: scenario.title,
            files: vec![TextFile { name, encoding: None, blob }],
            sample: Some(scenario.id),
            read_as: ReadAs::Table(TableOptions::default()),
        });
    });
}

/// The scenarios as small buttons; the open one is marked.
#[component]
pub fn ScenarioList(conductor: Conductor) -> impl IntoView {
    let open_id = conductor.settings.sample;
    conductor.scenarios.load(conductor);
    let one = move |scenario: Scenario| {
        let id = scenario.id.clone();
        let pressed = move || if open_id.with(|open| open.as_deref() == Some(id.as_str())) { "true" } else { "false" };
        let (testid, title, description) = (format!("scenario-{}", scenario.id), scenario.title.clone(), scenario.description.clone());
        view! {
            <li>
                <button class="pill" title=description data-testid=testid aria-pressed=pressed on:click=move |_| open(scenario.clone(), conductor)>
                    {title}
                </button>
            </li>
        }
    };
    let Scenarios(list) = conductor.scenarios;
    view! {
        <p class="small pills-title" hidden=move || list.with(Vec::is_empty)>{words().text.scenarios}</p>
        <ul class="pills" aria-label=words().text.scenarios>
            <For each=move || list.get() key=|scenario| scenario.id.clone() children=one/>
            <FolderPicker conductor/>
        </ul>
    }
}
