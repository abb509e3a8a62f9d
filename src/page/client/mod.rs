//! The page's side of the worker: starts it, talks to it, and replaces it when it dies.
//!
//! In: packets from the store, messages from the worker. Out: events into the store, and a [`Notice`] for whoever decides what comes
//! next. Events are gathered and applied once a frame and, where they only move charts, ten times a second. Until the worker is ready
//! everything but `Hello` is dropped: who is told [`Notice::Ready`] says again what the fresh engine has to know.
//!
//! Absent on purpose: decisions about runs (`page::conductor`).

mod watch;
mod worker;

use super::state::Store;
use crate::protocol::labels::{LabelAnswer, LabelNews};
use crate::protocol::{Command, Event, Fault, FaultCode, NextAction, Packet, VERSION};
use gloo_timers::callback::{Interval, Timeout};
use js_sys::Array;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use watch::Watch;
use worker::LiveWorker;

/// Milliseconds between two updates of what only moves charts.
const CHART_INTERVAL_MILLIS: f64 = 100.0;
/// Milliseconds between two greetings of a worker that has not answered: what is sent before its module runs is lost.
const HELLO_MILLIS: u32 = 300;

/// What happened that somebody may want to act on.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A worker answered for the first time; it knows nothing yet.
    Ready,
    /// The worker is gone: `may_restart` says whether it is worth another try.
    Lost {
        detail: String,
        may_restart: bool,
    },
    Device,
    TextReady,
    /// The examples of a table are counted.
    Examined,
    /// A run over a table has come to the end of an epoch.
    Epoch,
    Prepared,
    Resumable,
    Fault(Fault),
}

impl Notice {
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Device { .. } => Some(Self::Device),
            Event::TextReady { .. } => Some(Self::TextReady),
            Event::Prepared { .. } | Event::Labels { answer: LabelAnswer::Prepared { .. }, .. } => Some(Self::Prepared),
            Event::Labels { answer: LabelAnswer::TableReady { .. }, .. } => Some(Self::TextReady),
            Event::LabelRun { news: LabelNews::Epoch { .. }, .. } => Some(Self::Epoch),
            Event::Labels { answer: LabelAnswer::Examined { .. }, .. } => Some(Self::Examined),
            Event::Resumable { .. } => Some(Self::Resumable),
            Event::Fault { fault, .. } => Some(Self::Fault(fault.clone())),
            _ => None,
        }
    }
}

/// Handle to the worker; copy it freely.
#[derive(Clone, Copy)]
pub struct Client(StoredValue<Rc<Inner>, LocalStorage>);

type Listener = Rc<dyn Fn(Notice)>;

struct Inner {
    store: Store,
    listener: RefCell<Option<Listener>>,
    worker: RefCell<Option<LiveWorker>>,
    greeting: RefCell<Option<Interval>>,
    inbox: RefCell<Vec<(Event, Vec<Vec<u8>>)>>,
    flush_planned: Cell<bool>,
    last_flush: Cell<f64>,
    watch: RefCell<Watch>,
    /// Counts workers: what a worker of the past does late is not the present one's doing.
    generation: Cell<u32>,
}

impl Client {
    /// A client without a worker; the store's packets go through it from now on.
    pub fn new(store: Store) -> Self {
        let inner = Rc::new(Inner {
            store,
            listener: RefCell::default(),
            worker: RefCell::default(),
            greeting: RefCell::default(),
            inbox: RefCell::default(),
            flush_planned: Cell::default(),
            last_flush: Cell::default(),
            watch: RefCell::default(),
            generation: Cell::default(),
        });
        let sender = inner.clone();
        store.connect(move |packet| sender.send(&packet));
        let client = Self(StoredValue::new_local(inner));
        client.watch_for_silence();
        client
    }

    /// Who is told what happened.
    pub fn listen(&self, listener: impl Fn(Notice) + 'static) {
        self.inner().listener.replace(Some(Rc::new(listener)));
    }

    /// Starts a worker, ending the one before it.
    pub fn start(&self) {
        let inner = self.inner();
        inner.drop_worker();
        let (messages, errors) = (inner.clone(), inner.clone());
        let spawned = LiveWorker::spawn(move |head, buffers| messages.received(head, buffers), move |detail| errors.lost(detail));
        match spawned {
            Ok(worker) => {
                inner.worker.replace(Some(worker));
                inner.greet();
                let again = inner.clone();
                inner.greeting.replace(Some(Interval::new(HELLO_MILLIS, move || again.greet())));
            }
            Err(detail) => inner.lost(detail),
        }
    }

    /// Takes one of the restarts that are made without asking; false when too many in a row have led nowhere.
    pub fn may_restart(&self) -> bool {
        self.inner().watch.borrow_mut().may_restart()
    }

    /// Sends a command whose buffers are already JavaScript's: they are transferred and never pass through this module's memory.
    pub fn post(&self, command: &Command, buffers: &Array) {
        let inner = self.inner();
        if let (true, Ok(packet)) = (inner.is_ready(), Packet::new(command, Vec::new())) {
            inner.post(&packet.head, buffers);
        }
    }

    fn inner(&self) -> Rc<Inner> {
        self.0.get_value()
    }

    fn watch_for_silence(&self) {
        let inner = self.inner();
        // The timer lives as long as the page.
        Interval::new(1_000, move || {
            let owes = inner.is_ready() && inner.store.peek(watch::owes_an_answer);
            if inner.watch.borrow_mut().tick(owes) {
                inner.lost("no answer for a long time".to_owned());
            }
        })
        .forget();
    }
}

impl Inner {
    fn is_ready(&self) -> bool {
        self.store.peek(|state| state.engine_ready)
    }

    fn notify(&self, notice: Notice) {
        // Cloned out, so that a listener may use the client.
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener(notice);
        }
    }

    fn greet(&self) {
        let hello = Command::Hello { version: VERSION, base_url: worker::base_url() };
        if let Ok(packet) = Packet::new(&hello, Vec::new()) {
            self.post(&packet.head, &Array::new());
        }
    }

    fn send(&self, packet: &Packet) {
        if self.is_ready() {
            self.post(&packet.head, &worker::to_buffers(&packet.buffers));
        }
    }

    fn post(&self, head: &[u8], buffers: &Array) {
        if let Some(worker) = self.worker.borrow().as_ref() {
            worker.post(head, buffers);
        }
    }

    fn drop_worker(&self) {
        self.generation.set(self.generation.get() + 1);
        self.greeting.replace(None);
        self.worker.replace(None);
        self.inbox.borrow_mut().clear();
        self.watch.borrow_mut().heard();
    }

    /// The worker died or fell silent. Told in a task of its own, since this may be called from the worker's own handlers.
    fn lost(self: &Rc<Self>, detail: String) {
        let inner = self.clone();
        let generation = self.generation.get();
        Timeout::new(0, move || {
            if generation != inner.generation.get() {
                return;
            }
            let was_ready = inner.is_ready();
            inner.drop_worker();
            inner.store.change(super::state::RunState::lose_engine);
            let may_restart = inner.watch.borrow_mut().may_restart();
            let (code, action) = match (was_ready, may_restart) {
                (true, true) => (Some(FaultCode::WorkerCrashed), NextAction::None),
                (true, false) => (Some(FaultCode::WorkerCrashed), NextAction::Retry),
                (false, true) => (None, NextAction::None),
                (false, false) => (Some(FaultCode::EngineNotLoaded), NextAction::Retry),
            };
            if let Some(code) = code {
                inner.store.note_fault(Fault::new(code, action, detail.clone()));
            }
            inner.notify(Notice::Lost { detail, may_restart });
        })
        .forget();
    }

    fn received(self: &Rc<Self>, head: Vec<u8>, buffers: Vec<Vec<u8>>) {
        self.watch.borrow_mut().heard();
        let event = match (Packet { head, buffers: Vec::new() }).read::<Event>() {
            Ok(event) => event,
            Err(error) => {
                self.store.note_fault(Fault::new(FaultCode::OutdatedEngine, NextAction::ReloadPage, error.to_string()));
                return;
            }
        };
        if let Event::Ready { version } = event {
            self.greeted(version);
            return;
        }
        if matches!(event, Event::Step { .. }) {
            self.watch.borrow_mut().made_progress();
        }
        let urgent = !matches!(event, Event::Step { .. } | Event::Evaluated { .. } | Event::Attention { .. } | Event::Sample { .. });
        self.inbox.borrow_mut().push((event, buffers));
        self.plan_flush(urgent);
    }

    fn greeted(self: &Rc<Self>, version: u32) {
        if self.is_ready() {
            return;
        }
        self.greeting.replace(None);
        self.store.apply(Event::Ready { version }, Vec::new());
        // A worker says that it is ready when its module runs; what it was told before that is lost.
        self.greet();
        if version == VERSION {
            self.notify(Notice::Ready);
        } else {
            let detail = format!("page speaks version {VERSION}, engine {version}");
            self.store.note_fault(Fault::new(FaultCode::OutdatedEngine, NextAction::ReloadPage, detail));
        }
    }

    /// Applies what came with the next frame; what only moves charts waits until they may move again. A hidden page has no frames.
    fn plan_flush(self: &Rc<Self>, urgent: bool) {
        let wait = if urgent { 0.0 } else { (self.last_flush.get() + CHART_INTERVAL_MILLIS - worker::now()).max(0.0) };
        if wait > 0.0 || worker::is_hidden() {
            let inner = self.clone();
            Timeout::new(wait as u32, move || inner.flush()).forget();
        } else if !self.flush_planned.replace(true) {
            let inner = self.clone();
            request_animation_frame(move || inner.flush());
        }
    }

    fn flush(&self) {
        self.flush_planned.set(false);
        let events = self.inbox.take();
        if events.is_empty() {
            return;
        }
        self.last_flush.set(worker::now());
        let mut notices: Vec<Notice> = events.iter().filter_map(|(event, _)| Notice::of(event)).collect();
        // A run that is taken up again tells all its epochs at once.
        notices.dedup_by(|next, before| *next == Notice::Epoch && *before == Notice::Epoch);
        self.store.apply_all(events);
        for notice in notices {
            self.notify(notice);
        }
    }
}
