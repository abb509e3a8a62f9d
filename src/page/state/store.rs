//! The one store: the state behind one signal per part, and the way out to the engine.

use super::{Age, Part, Parts, RunState, Stage, Topic, Writing};
use crate::protocol::explain::{Question, Switch};
use crate::protocol::{Command, Event, Fault, Packet, RunConfig, SamplingConfig, SavedRun};
use leptos::prelude::*;
use std::rc::Rc;

type Sender = Rc<dyn Fn(Packet)>;

/// Handle to the state; copy it freely. Views get it with [`use_store`].
#[derive(Clone, Copy)]
pub struct Store {
    state: StoredValue<RunState, LocalStorage>,
    /// One counter per [`Part`]: a view follows a part by reading its counter.
    versions: [RwSignal<u32>; Part::COUNT],
    sender: StoredValue<Option<Sender>, LocalStorage>,
    requests: StoredValue<u32>,
    /// The sampling dials: where they are set, and where one looks at what they do.
    pub dials: RwSignal<SamplingConfig>,
}

/// The page's store from the context; an empty, unconnected one where there is none.
pub fn use_store() -> Store {
    use_context::<Store>().unwrap_or_default()
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store that sends nowhere.
    pub fn new() -> Self {
        Self {
            state: StoredValue::new_local(RunState::default()),
            versions: std::array::from_fn(|_| RwSignal::new(0)),
            sender: StoredValue::new_local(None),
            requests: StoredValue::new(0),
            dials: RwSignal::new(SamplingConfig::default()),
        }
    }

    /// Reads the state and follows `part`: the surrounding effect or view runs again when that part changes.
    pub fn with<T>(&self, part: Part, read: impl FnOnce(&RunState) -> T) -> T {
        self.follow(part);
        self.peek(read)
    }

    /// Reads the state without following anything (in event handlers).
    pub fn peek<T>(&self, read: impl FnOnce(&RunState) -> T) -> T {
        self.state.with_value(read)
    }

    /// Follows a part without reading: `store.follow(Part::Look)`.
    pub fn follow(&self, part: Part) {
        self.versions[part as usize].track();
    }

    /// A memo of something in one part: its readers wake only when the value differs.
    pub fn memo<T: PartialEq + Send + Sync + 'static>(&self, part: Part, read: impl Fn(&RunState) -> T + Send + Sync + 'static) -> Memo<T> {
        let store = *self;
        Memo::new(move |_| store.with(part, &read))
    }

    /// Applies one event and wakes who follows what it changed.
    pub fn apply(&self, event: Event, buffers: Vec<Vec<u8>>) {
        self.change(|state| state.apply(event, buffers));
    }

    /// Applies many events and wakes each follower once.
    pub fn apply_all(&self, events: Vec<(Event, Vec<Vec<u8>>)>) {
        self.change(|state| events.into_iter().fold(Parts::NONE, |parts, (event, buffers)| parts.and(state.apply(event, buffers))));
    }

    /// Changes the state by hand; `change` says which parts it touched.
    pub fn change(&self, change: impl FnOnce(&mut RunState) -> Parts) {
        let parts = self.state.try_update_value(change).unwrap_or_default();
        for part in Part::ALL {
            if parts.contains(part) {
                self.versions[part as usize].update(|version| *version = version.wrapping_add(1));
            }
        }
    }

    /// Colours changed: canvas drawings draw again.
    pub fn look_changed(&self) {
        self.change(|_| Part::Look.into());
    }

    /// Where packets to the engine go from now on.
    pub fn connect(&self, sender: impl Fn(Packet) + 'static) {
        self.sender.set_value(Some(Rc::new(sender)));
    }

    /// Sends a command without buffers.
    pub fn send(&self, command: &Command) {
        self.send_with(command, Vec::new());
    }

    /// Sends a command with its buffers; without an engine it is dropped, as any message may be.
    pub fn send_with(&self, command: &Command, buffers: Vec<Vec<u8>>) {
        // Cloned out, so that a sender may itself use the store.
        let sender = self.sender.with_value(Clone::clone);
        if let (Some(sender), Ok(packet)) = (sender, Packet::new(command, buffers)) {
            sender(packet);
        }
    }

    /// A number that no request had before.
    pub fn next_request(&self) -> u32 {
        self.requests.update_value(|last| *last += 1);
        self.requests.get_value()
    }

    /// Notes that a text is on its way to the engine and returns the request it will travel under. `title` names it on the page.
    pub fn expect_text(&self, title: String) -> u32 {
        let request = self.next_request();
        self.change(|state| {
            (state.pending_text, state.pending_title) = (Some(request), title);
            Part::Text.into()
        });
        request
    }

    /// Asks for a plan of a run with `config`.
    pub fn prepare(&self, config: RunConfig) {
        let request = self.next_request();
        self.change(|state| {
            state.pending_plan = Some(request);
            state.plan_void |= state.plan.as_ref().is_some_and(|plan| plan.config.start != config.start);
            Part::Plan.into()
        });
        self.send(&Command::Prepare { request, config });
    }

    /// Starts the prepared run from step 0.
    pub fn start(&self) {
        let run = self.peek(|state| state.run) + 1;
        self.change(|state| state.begin_run(run));
        self.send(&Command::Start { run });
    }

    /// Goes on with a saved run.
    pub fn resume_saved(&self, saved: &SavedRun) {
        let run = self.peek(|state| state.run).max(saved.run) + 1;
        self.change(|state| state.begin_resumed(run, saved));
        self.send(&Command::ResumeSaved { run });
    }

    /// Ends the run and goes back to the prepared, untrained model; the caller has asked the visitor.
    pub fn reset(&self) {
        if self.peek(|state| state.stage != Stage::Idle) {
            self.send(&Command::Stop);
        }
        self.change(RunState::reset_run);
    }

    /// Writes on from `prompt`.
    pub fn generate(&self, prompt: String, sampling: SamplingConfig) {
        let request = self.next_request();
        self.change(|state| {
            state.writing = Writing { request, prompt: prompt.clone(), ..Writing::default() };
            Part::Writing.into()
        });
        self.send(&Command::Generate { request, prompt, sampling });
    }

    /// Ends the writing.
    pub fn stop_generate(&self) {
        self.send(&Command::StopGenerate);
    }

    /// Asks what the last prompt's next token would be under other dials; no forward pass.
    pub fn reweigh(&self, sampling: SamplingConfig) {
        let request = self.next_request();
        self.change(|state| {
            state.writing.reweigh_request = request;
            Parts::NONE
        });
        self.send(&Command::Reweigh { request, sampling });
    }

    /// Shows the attention of another sentence.
    pub fn pin(&self, sentence: String) {
        self.change(|state| {
            state.pinned = Some(sentence.clone());
            // A recording cannot show it.
            state.leave_recording()
        });
        self.send(&Command::Pin { sentence });
    }

    /// Asks about the inside of the model, which is of this age. `page::inside::ask` knows when that is good.
    pub fn ask(&self, topic: Topic, question: Question, age: Age) {
        let request = self.next_request();
        self.change(|state| {
            state.answers.ask(topic, request, question.clone(), age);
            Part::Answers.into()
        });
        self.send(&Command::Ask { request, question });
    }

    /// Turns these parts off and all others on, in what is shown and written.
    pub fn set_switches(&self, switches: Vec<Switch>) {
        let request = self.next_request();
        self.change(|state| {
            state.answers.set_switches(request, switches.clone());
            Part::Answers.into()
        });
        self.send(&Command::SetSwitches { request, switches });
    }

    /// Samples written while training start with `prompt` from now on.
    pub fn set_sample_prompt(&self, prompt: String) {
        self.change(|state| {
            state.sample_prompt = Some(prompt.clone());
            Parts::NONE
        });
        self.send(&Command::SetSamplePrompt { prompt });
    }

    /// Looks at the attention of another step; `None` follows the newest.
    pub fn show_step(&self, step: Option<u32>) {
        self.change(|state| {
            state.attention.show(step);
            Part::Attention.into()
        });
    }

    /// Shows how the attention differs from that of this step; `None` shows it as it is.
    pub fn show_against(&self, step: Option<u32>) {
        self.change(|state| {
            state.attention.compare(step);
            Part::Attention.into()
        });
    }

    /// Puts a fault aside; `None`: all of them.
    pub fn dismiss_fault(&self, id: Option<u32>) {
        self.change(|state| {
            state.faults.iter_mut().filter(|entry| id.is_none_or(|id| id == entry.id)).for_each(|entry| entry.dismissed = true);
            Part::Faults.into()
        });
    }

    /// Notes a fault found by the page.
    pub fn note_fault(&self, fault: Fault) {
        self.change(|state| state.note_fault(fault));
    }
}
