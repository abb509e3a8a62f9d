//! Decides what to ask of the engine, and when: what Play does, when a plan is made again, how a run survives a dead worker.
//!
//! In: what the visitor pressed, and [`Notice`]s of the client. Out: commands through the store. It asks before anything is lost
//! ([`Question`]). The engine is told by state, not by a queue: whenever a fresh worker is ready, it hears the device, the text and the
//! settings as they are then.
//!
//! Absent: drawing, words, and how a worker is run.

mod bringing;
mod planning;
mod play;
mod survive;
mod tables;

pub use play::{PlayAction, can_start, next_play};
pub use tables::is_chinese;

use super::client::{Client, Notice};
use super::models::{Models, Suggestion};
use super::settings::Settings;
use super::state::{Part, RunState, Stage, Store};
use super::table_in::scenarios::Scenarios;
use super::text_in::{Samples, TextSource};
use super::url::Link;
use crate::protocol::{Command, DevicePreference, InjectedFault, Start, TableTask};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// A question that has to be answered before something is lost.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Discard the run; `again`: and start over at once.
    Reset { again: bool },
    /// End the run and open another text.
    Replace(TextSource),
    /// Discard the saved run.
    Discard,
    /// Start a run although a saved one waits, which it will replace; `step`: for one step.
    Overwrite { step: bool },
}

/// The conductor; copy it freely.
#[derive(Clone, Copy)]
pub struct Conductor {
    pub store: Store,
    pub settings: Settings,
    pub client: Client,
    pub models: Models,
    pub samples: Samples,
    pub scenarios: Scenarios,
    /// The question on the screen.
    pub question: RwSignal<Option<Question>, LocalStorage>,
    /// The open text, to be told again to a fresh worker.
    source: StoredValue<Option<TextSource>, LocalStorage>,
    /// A text that the engine has not accepted yet; refused, it leaves everything as it was.
    candidate: StoredValue<Option<TextSource>, LocalStorage>,
    /// A text that the engine would rather read as a table.
    refused: StoredValue<Option<TextSource>, LocalStorage>,
    /// The task for which the files are read as a table.
    wanted: StoredValue<Option<TableTask>>,
    /// Resume the saved run as soon as the engine has said which there is.
    resume_next: StoredValue<bool>,
    /// Divide the learning rate by three once the run has been resumed.
    lower_next: StoredValue<bool>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Conductor {
    /// Connects store, settings and client.
    pub fn new(store: Store, settings: Settings, client: Client) -> Self {
        let conductor = Self {
            store,
            settings,
            client,
            models: Models::default(),
            samples: Samples::default(),
            scenarios: Scenarios::default(),
            question: RwSignal::new_local(None),
            source: StoredValue::new_local(None),
            candidate: StoredValue::new_local(None),
            refused: StoredValue::new_local(None),
            wanted: StoredValue::new(None),
            resume_next: StoredValue::new(false),
            lower_next: StoredValue::new(false),
            timer: StoredValue::new_local(None),
        };
        client.listen(move |notice| conductor.noticed(notice));
        conductor.follow_settings();
        conductor.follow_label_settings();
        conductor
    }

    /// The big button.
    pub fn press_play(&self) {
        match self.store.peek(next_play) {
            PlayAction::Start => self.start_or_wait(),
            PlayAction::StopWaiting => self.wait_to_play(false),
            PlayAction::Pause => {
                self.store.send(&Command::Pause);
                self.store.send(&Command::Save);
            }
            PlayAction::Resume => self.store.send(&Command::Resume),
            PlayAction::Again => self.question.set(Some(Question::Reset { again: true })),
        }
    }

    /// One step, then pause. From the start it begins the run.
    pub fn press_step(&self) {
        if self.store.peek(|state| state.stage == Stage::Idle && state.resumable.is_some()) {
            self.question.set(Some(Question::Overwrite { step: true }));
            return;
        }
        if self.store.peek(|state| state.stage == Stage::Idle) {
            self.catch_up();
            if !self.may_start() {
                // What it would begin with is still being made.
                return;
            }
            self.store.start();
        }
        self.store.send(&Command::Step);
    }

    /// Back to the untrained model; asks when something was learned.
    pub fn press_reset(&self) {
        if self.store.peek(RunState::steps_at_stake) > 0 {
            self.question.set(Some(Question::Reset { again: false }));
        } else if self.store.peek(|state| state.stage == Stage::Idle) {
            self.store.change(RunState::leave_recording);
        } else {
            self.reset(false);
        }
    }

    /// Restarts with the settings of the form; asks when something was learned.
    pub fn press_restart(&self) {
        self.question.set(Some(Question::Reset { again: true }));
    }

    /// Puts the form back to what the run uses.
    pub fn undo_changes(&self) {
        if let Some(requested) = self.settings.requested.get_untracked() {
            self.models.catalogue.with_untracked(|catalogue| self.settings.put_back(requested, catalogue));
        }
    }

    /// Opens a text that the visitor chose; asks when that ends a run.
    pub fn open(&self, source: TextSource) {
        self.wanted.set_value(None);
        if self.store.peek(RunState::steps_at_stake) > 0 {
            self.question.set(Some(Question::Replace(source)));
        } else {
            self.store.change(RunState::leave_recording);
            self.open_now(source);
        }
    }

    /// Opens a text without asking: the default sample when the page opens.
    pub fn open_now(&self, source: TextSource) {
        self.candidate.set_value(Some(source));
        self.send_text();
    }

    /// The visitor chose a device; a run goes on there.
    pub fn choose_device(&self, preference: DevicePreference) {
        self.settings.device.set(preference);
        self.store.send(&Command::OpenDevice { preference });
    }

    /// Answers the question on the screen.
    pub fn answer(&self, yes: bool) {
        let question = self.question.get_untracked();
        self.question.set(None);
        match question.filter(|_| yes) {
            None => {}
            Some(Question::Reset { again }) => self.reset(again),
            Some(Question::Replace(source)) => self.open_now(source),
            Some(Question::Discard) => self.discard_saved(),
            Some(Question::Overwrite { step }) => {
                self.discard_saved();
                if step { self.press_step() } else { self.start_or_wait() }
            }
        }
    }

    /// Breaks something on purpose; only on a page opened with `#debug=1`.
    pub fn inject(&self, fault: InjectedFault) {
        if self.settings.debug.get_untracked() {
            self.store.send(&Command::InjectFault { fault });
        }
    }

    fn start_or_wait(&self) {
        if self.store.peek(|state| state.resumable.is_some()) {
            self.question.set(Some(Question::Overwrite { step: false }));
            return;
        }
        self.store.change(RunState::leave_recording);
        self.catch_up();
        if self.may_start() {
            self.store.start();
        } else {
            self.wait_to_play(true);
            self.plan_if_none();
        }
    }

    fn wait_to_play(&self, wait: bool) {
        self.store.change(|state| {
            state.play_waits = wait;
            Part::Phase.into()
        });
    }

    fn reset(&self, again: bool) {
        self.end_run();
        self.prepare();
        if again {
            self.wait_to_play(true);
        }
    }

    fn end_run(&self) {
        self.store.change(RunState::leave_recording);
        self.store.reset();
        self.discard_saved();
    }

    /// Forgets the saved run, here and in storage.
    fn discard_saved(&self) {
        self.store.send(&Command::DiscardSaved);
        self.store.change(|state| {
            state.resumable = None;
            Part::Saved.into()
        });
    }

    fn send_text(&self) {
        if let Some(source) = self.candidate.get_value().or_else(|| self.source.get_value()) {
            let request = self.store.expect_text(source.title.clone());
            if self.store.peek(|state| state.engine_ready) {
                source.send(request, self.client, self.store);
            }
        }
    }

    /// The engine can read the candidate: it is the open text now, and ends the run on the text before it.
    fn text_accepted(&self) {
        // Word of an older text: the candidate is still being read.
        if self.store.peek(|state| state.pending_text.is_some()) {
            return;
        }
        if let Some(source) = self.candidate.get_value() {
            self.candidate.set_value(None);
            if self.store.peek(|state| state.stage != Stage::Idle) {
                self.end_run();
            }
            let again = self.source.with_value(|before| before.as_ref().is_some_and(|before| source.reads_otherwise(before)));
            self.settings.sample.set(source.sample.clone());
            self.source.set_value(Some(source));
            self.suit();
            if self.store.peek(|state| state.labels.active) {
                return self.table_accepted(again);
            }
        } else if self.store.peek(|state| state.labels.active) {
            // Told again to a fresh worker: what was chosen stays chosen. A run that is taken up again says itself what it was made from.
            if self.store.peek(|state| state.stage == Stage::Idle) {
                self.examine();
            }
            return;
        }
        if self.store.peek(|state| state.stage == Stage::Idle) {
            self.prepare();
        }
    }

    fn noticed(&self, notice: Notice) {
        match notice {
            Notice::Ready => self.introduce(),
            Notice::Device => {
                // Another device, another speed, perhaps another model: an idle plan is made again.
                if self.store.peek(|state| state.stage == Stage::Idle) {
                    self.suit();
                }
                if self.store.peek(|state| state.stage == Stage::Idle && (state.has_plan() || state.plan_void)) {
                    self.prepare();
                }
            }
            Notice::TextReady => self.text_accepted(),
            Notice::Examined => self.examined(),
            Notice::Epoch => self.look_again(),
            Notice::Prepared => {
                if let Some(start) = self.store.peek(RunState::planned_start) {
                    self.settings.works(start);
                }
                if self.store.peek(|state| state.labels.active && state.stage == Stage::Idle) {
                    self.look_again();
                }
                if self.store.peek(|state| state.stage == Stage::Idle) {
                    self.catch_up();
                }
                if self.store.peek(|state| state.play_waits) && self.may_start() {
                    self.store.start();
                }
            }
            Notice::Resumable => self.resume_if_waited_for(),
            Notice::Lost { may_restart, .. } => self.worker_lost(may_restart),
            Notice::Fault(fault) => self.fault(&fault),
        }
    }

    /// Proposes the start that suits text and device, as long as the visitor has chosen none.
    pub(super) fn suit(&self) {
        let suggestion = self.store.peek(|state| {
            let language = state.text.as_ref()?.check.language;
            Some(self.models.catalogue.with_untracked(|catalogue| Suggestion::for_text(catalogue, language, state.device.as_ref())))
        });
        if let Some(suggestion) = suggestion {
            self.settings.suit(suggestion);
        }
    }

    /// The list of models has come: what was proposed without it may change.
    pub fn models_listed(&self) {
        if self.store.peek(|state| state.stage == Stage::Idle) {
            self.suit();
        }
    }

    /// The visitor chooses a model, or to start from scratch.
    pub fn choose_start(&self, start: Start) {
        self.store.change(RunState::dismiss_model_faults);
        self.models.catalogue.with_untracked(|catalogue| self.settings.choose(start, catalogue));
    }

    /// A link that the visitor put into the address bar of the open page: its settings, its device, its sample.
    pub fn follow(&self, link: Link) {
        let (device, sample) = (link.device, link.sample.clone());
        let other = sample.is_some() && sample != self.settings.sample.get_untracked();
        self.settings.follow(link);
        if device != self.settings.device.get_untracked() {
            self.choose_device(device);
        }
        match sample.filter(|_| other) {
            Some(id) => self.samples.open(&id, *self),
            None => self.suit(),
        }
    }

    /// Tells a fresh engine what it has to know.
    fn introduce(&self) {
        let preference = self.settings.device.get_untracked();
        self.store.send(&Command::OpenDevice { preference });
        let (pinned, sample_prompt) = self.store.peek(|state| (state.pinned.clone(), state.sample_prompt.clone()));
        if let Some(sentence) = pinned {
            self.store.send(&Command::Pin { sentence });
        }
        if let Some(prompt) = sample_prompt {
            self.store.send(&Command::SetSamplePrompt { prompt });
        }
        if !self.resume_next.get_value() {
            self.send_text();
        }
    }
}
