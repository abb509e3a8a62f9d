//! A page without a browser: sends commands, gives the engine its ticks, and keeps every event. Its storage outlives the engine, as a browser's does.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use attune::engine::{FileStart, Host, HostError, Session, Tick};
use attune::protocol::{
    Command, DevicePreference, Event, Fault, FaultCode, FileHead, ModelSize, Packet, Plan, RunConfig, RunPhase, SamplingConfig, Start,
    StopReason, TokenizerChoice, VERSION,
};
use futures::executor::block_on;

/// Files that survive the engine.
#[derive(Default)]
pub struct Disk {
    pub files: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Writes fail with this from now on.
    pub refuses: RefCell<Option<HostError>>,
}

/// The world of one engine: a clock that moves when it is looked at, the clone's `static/` as the server, and a disk.
pub struct World {
    time: Cell<f64>,
    tick_seconds: Cell<f64>,
    heard: RefCell<Vec<(Event, Vec<Vec<u8>>)>>,
    pub disk: Rc<Disk>,
    /// Addresses that are answered by these bytes instead; `None` is "not found".
    pub served: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
    /// Addresses that fail this many times before they answer.
    pub hiccups: RefCell<BTreeMap<String, u32>>,
    /// Addresses in the order in which they were asked for.
    pub fetched: RefCell<Vec<String>>,
}

impl Host for World {
    fn now(&self) -> f64 {
        self.time.set(self.time.get() + self.tick_seconds.get());
        self.time.get()
    }

    fn unix_time(&self) -> u64 {
        1_700_000_000
    }

    fn send(&self, event: &Event, buffers: Vec<Vec<u8>>) {
        // As it travels: what cannot be read back on the other side must not pass here.
        let packet = Packet::new(event, buffers).unwrap();
        self.heard.borrow_mut().push((packet.read().unwrap(), packet.buffers));
    }

    async fn fetch(&self, address: &str, mut progress: impl FnMut(u64, u64)) -> Result<Vec<u8>, HostError> {
        self.fetched.borrow_mut().push(address.to_owned());
        if let Some(hiccups) = self.hiccups.borrow_mut().get_mut(address).filter(|hiccups| **hiccups > 0) {
            *hiccups -= 1;
            // Half way, where there is something to be had.
            if let Some(Some(bytes)) = self.served.borrow().get(address) {
                progress(bytes.len() as u64 / 2, bytes.len() as u64);
            }
            return Err(HostError::Fetch { path: address.to_owned(), cause: "the connection broke".to_owned() });
        }
        let missing = || HostError::Fetch { path: address.to_owned(), cause: "not found".to_owned() };
        let bytes = match self.served.borrow().get(address) {
            Some(bytes) => bytes.clone().ok_or_else(missing)?,
            None => fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("static").join(address)).map_err(|_| missing())?,
        };
        progress(bytes.len() as u64 / 2, bytes.len() as u64);
        progress(bytes.len() as u64, bytes.len() as u64);
        Ok(bytes)
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, HostError> {
        Ok(self.disk.files.borrow().get(name).cloned())
    }

    async fn read_start(&self, name: &str, length: usize) -> Result<Option<FileStart>, HostError> {
        let files = self.disk.files.borrow();
        let start = |bytes: &Vec<u8>| FileStart { bytes: bytes[..length.min(bytes.len())].to_vec(), file_bytes: bytes.len() as u64 };
        Ok(files.get(name).map(start))
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), HostError> {
        if let Some(error) = self.disk.refuses.borrow().clone() {
            return Err(error);
        }
        self.disk.files.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), HostError> {
        self.disk.files.borrow_mut().remove(name);
        Ok(())
    }
}

/// The page, with an engine on the CPU behind it.
pub struct Page {
    session: Session<World>,
    pub events: Vec<(Event, Vec<Vec<u8>>)>,
    requests: u32,
}

/// A loss as reported, with its step.
pub type Losses = Vec<(u32, f32)>;

impl Page {
    /// A fresh engine on a fresh disk.
    pub fn open() -> Self {
        Self::open_on(Rc::default())
    }

    /// A fresh engine on a disk that an earlier one may have written to.
    pub fn open_on(disk: Rc<Disk>) -> Self {
        // The clock moves a fifth of a second at each look, so that every step is read and reported alone.
        let world = World {
            time: Cell::new(0.0),
            tick_seconds: Cell::new(0.2),
            heard: RefCell::default(),
            disk,
            served: RefCell::default(),
            hiccups: RefCell::default(),
            fetched: RefCell::default(),
        };
        let mut page = Self { session: Session::new(world), events: Vec::new(), requests: 0 };
        page.send(Command::Hello { version: VERSION, base_url: String::new() });
        page.send(Command::OpenDevice { preference: DevicePreference::Cpu });
        page
    }

    pub fn world(&self) -> &World {
        self.session.host()
    }

    pub fn next_request(&mut self) -> u32 {
        self.requests += 1;
        self.requests
    }

    /// Sends a command and hears what is said at once.
    pub fn send(&mut self, command: Command) {
        self.send_with(command, Vec::new());
    }

    pub fn send_with(&mut self, command: Command, buffers: Vec<Vec<u8>>) {
        block_on(self.session.handle(Packet::new(&command, buffers).unwrap()));
        self.hear();
    }

    /// Sends what is no command.
    pub fn send_raw(&mut self, head: &[u8]) {
        block_on(self.session.handle(Packet { head: head.to_owned(), buffers: Vec::new() }));
        self.hear();
    }

    fn hear(&mut self) {
        let heard = self.session.host().heard.take();
        self.events.extend(heard);
    }

    /// One piece of work; whether there is more.
    pub fn tick(&mut self) -> bool {
        let tick = block_on(self.session.tick(std::future::ready(())));
        self.hear();
        tick == Tick::Busy
    }

    /// Works until an event pleases; returns it.
    pub fn until<T>(&mut self, what: &str, pleases: impl Fn(&Event) -> Option<T>) -> T {
        let mut looked_at = 0;
        for _ in 0..100_000 {
            while let Some((event, _)) = self.events.get(looked_at) {
                looked_at += 1;
                if let Some(found) = pleases(event) {
                    return found;
                }
            }
            if !self.tick() && looked_at == self.events.len() {
                break;
            }
        }
        panic!("in vain: {what}; the last events: {:#?}", self.events.iter().rev().take(5).map(|(event, _)| event).collect::<Vec<_>>());
    }

    /// Works until there is nothing to do.
    pub fn rest(&mut self) {
        for _ in 0..100_000 {
            if !self.tick() {
                return;
            }
        }
        panic!("the engine never rests");
    }

    /// Everything heard since the last call.
    pub fn take(&mut self) -> Vec<Event> {
        self.events.drain(..).map(|(event, _)| event).collect()
    }

    /// Opens a text of one file; its answer is among the events.
    pub fn open_text(&mut self, text: &str) {
        let request = self.next_request();
        let files = vec![FileHead { name: "test.txt".to_owned(), encoding: None }];
        self.send_with(Command::OpenText { request, files }, vec![text.as_bytes().to_vec()]);
    }

    /// Prepares a run and waits for its plan.
    pub fn prepare(&mut self, config: &RunConfig) -> Plan {
        let wanted = self.next_request();
        self.send(Command::Prepare { request: wanted, config: config.clone() });
        self.until("a plan", |event| match event {
            Event::Prepared { request, plan } if *request == wanted => Some(plan.clone()),
            Event::Fault { fault, .. } => panic!("{fault:?}"),
            _ => None,
        })
    }

    /// Opens the usual text and prepares the usual run.
    pub fn ready(&mut self, config: &RunConfig) -> Plan {
        self.open_text(&rhymes());
        self.prepare(config)
    }

    /// Works until the run has reported this step.
    pub fn until_step(&mut self, wanted: u32) {
        self.until("a step", |event| match event {
            Event::Step { report, .. } if report.step >= wanted => Some(()),
            Event::Fault { fault, .. } => panic!("{fault:?}"),
            _ => None,
        });
    }

    /// Works until the run has ended.
    pub fn until_finished(&mut self) -> StopReason {
        self.until("the end", |event| match event {
            Event::Phase { phase: RunPhase::Finished { reason }, .. } => Some(*reason),
            _ => None,
        })
    }

    /// Losses heard so far.
    pub fn losses(&self) -> Losses {
        let loss = |(event, _): &(Event, Vec<Vec<u8>>)| match event {
            Event::Step { report, .. } => Some((report.step, report.loss)),
            _ => None,
        };
        self.events.iter().filter_map(loss).collect()
    }

    /// Faults heard so far.
    pub fn faults(&self) -> Vec<Fault> {
        let fault = |(event, _): &(Event, Vec<Vec<u8>>)| match event {
            Event::Fault { fault, .. } => Some(fault.clone()),
            _ => None,
        };
        self.events.iter().filter_map(fault).collect()
    }

    /// The one fault that was heard.
    #[track_caller]
    pub fn only_fault(&self) -> Fault {
        let faults = self.faults();
        assert_eq!(faults.len(), 1, "{faults:#?}");
        faults[0].clone()
    }

    /// Codes of the faults heard so far.
    pub fn fault_codes(&self) -> Vec<FaultCode> {
        self.faults().into_iter().map(|fault| fault.code).collect()
    }
}

/// A tiny model from scratch and a short run: a step takes milliseconds.
pub fn tiny() -> RunConfig {
    RunConfig {
        start: Start::Scratch { size: ModelSize { n_layer: 2, n_head: 2, n_embd: 32, n_ctx: 32 }, tokenizer: TokenizerChoice::Characters },
        steps: 40,
        batch_size: 4,
        window: 16,
        learning_rate: 1e-2,
        warmup: 2,
        evaluate_every: 20,
        evaluation_windows: 4,
        sample_every: 20,
        ..RunConfig::default()
    }
}

/// A text with a pattern that a tiny model learns at once. Who sits where is drawn by lot, so that it cannot be learned by heart.
pub fn rhymes() -> String {
    // Of different lengths, so that windows begin anywhere in a line.
    let animals = ["cat", "bear", "owl", "tiger", "hen"];
    let mut lot = 1u32;
    let mut draw = || {
        lot = lot.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        animals[(lot >> 16) as usize % animals.len()]
    };
    (0..200).map(|_| format!("the {} sat on the {}.\n", draw(), draw())).collect()
}

/// Dials for a short, seeded text.
pub fn short(max_tokens: u32) -> SamplingConfig {
    SamplingConfig { max_tokens, ..SamplingConfig::default() }
}
