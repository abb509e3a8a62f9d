//! An engine in a world with a clock and the clone's models, and no storage; what it says is printed as it comes.
//!
//! In: commands. Out: the event that one waits for. Used by the other files of this example.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use attune::engine::{FileStart, Host, HostError, Session, Tick};
use attune::protocol::labels::{ExampleFacts, LabelAnswer, LabelCommand, LabelNews};
use attune::protocol::{Command, DevicePreference, Event, Packet, RunPhase, VERSION};
use futures::executor::block_on;

use crate::Outcome;

/// A world with a clock and the clone's models, and no storage.
pub struct Bench {
    began: Instant,
    heard: RefCell<Vec<Event>>,
    told: Cell<u32>,
    /// When a phase began, by [`spent`].
    phases: RefCell<Vec<(RunPhase, f64)>>,
    examined: RefCell<Option<ExampleFacts>>,
}

/// Seconds of processor time of this thread, or of the wall's clock where that is not told.
pub fn spent() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()), |told| told / 1e9)
}

impl Host for Bench {
    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn unix_time(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn send(&self, event: &Event, _buffers: Vec<Vec<u8>>) {
        if let Event::Step { report, .. } = event
            && report.step >= self.told.get() + 50
        {
            self.told.set(report.step);
            println!("  step {:>4}: loss {:.3}, {:.0} s left", report.step, report.loss, report.seconds_left);
        }
        if let Event::Phase { phase, .. } = event {
            self.phases.borrow_mut().push((*phase, spent()));
        }
        if let Event::Labels { answer: LabelAnswer::Examined { facts }, .. } = event {
            *self.examined.borrow_mut() = Some(facts.clone());
        }
        self.heard.borrow_mut().push(event.clone());
    }

    async fn fetch(&self, address: &str, mut progress: impl FnMut(u64, u64)) -> Result<Vec<u8>, HostError> {
        let failed = |error: std::io::Error| HostError::Fetch { path: address.to_owned(), cause: error.to_string() };
        let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("static").join(address)).map_err(failed)?;
        progress(bytes.len() as u64, bytes.len() as u64);
        Ok(bytes)
    }

    async fn read(&self, _name: &str) -> Result<Option<Vec<u8>>, HostError> {
        Ok(None)
    }

    async fn read_start(&self, _name: &str, _length: usize) -> Result<Option<FileStart>, HostError> {
        Ok(None)
    }

    async fn write(&self, _name: &str, _bytes: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    async fn remove(&self, _name: &str) -> Result<(), HostError> {
        Ok(())
    }
}

/// Sends a command.
pub fn send(session: &mut Session<Bench>, command: &Command, buffers: Vec<Vec<u8>>) -> Outcome<()> {
    block_on(session.handle(Packet::new(command, buffers)?));
    Ok(())
}

/// Works until an event pleases.
pub fn until<T>(session: &mut Session<Bench>, pleases: impl Fn(&Event) -> Option<T>) -> Outcome<T> {
    loop {
        let tick = block_on(session.tick(std::future::ready(())));
        let heard = session.host().heard.take();
        for event in &heard {
            if let Event::Fault { fault, .. } = event {
                return Err(format!("{fault:?}").into());
            }
            if let Event::LabelRun { news: LabelNews::Epoch { report }, .. } = event {
                let validation = report.validation.as_ref().map_or(String::new(), |scores| {
                    let figures: String = scores.figures.iter().map(|figure| format!(", {:?} {:.3}", figure.name, figure.value)).collect();
                    format!(", validation: loss {:.3}{figures}", scores.loss)
                });
                println!(
                    "epoch {}: training loss {:.3}{validation}{}",
                    report.epoch,
                    report.training.loss,
                    if report.best { " *" } else { "" }
                );
            }
        }
        if let Some(found) = heard.iter().find_map(&pleases) {
            return Ok(found);
        }
        if tick == Tick::Idle {
            return Err("nothing more to do".into());
        }
    }
}

pub fn labels(request: u32, command: LabelCommand) -> Command {
    Command::Labels { request, command }
}

/// A session that has greeted, on the CPU device.
pub fn session() -> Outcome<Session<Bench>> {
    let bench = Bench {
        began: Instant::now(),
        heard: RefCell::default(),
        told: Cell::new(0),
        phases: RefCell::default(),
        examined: RefCell::default(),
    };
    let mut session = Session::new(bench);
    send(&mut session, &Command::Hello { version: VERSION, base_url: String::new() }, Vec::new())?;
    send(&mut session, &Command::OpenDevice { preference: DevicePreference::Cpu }, Vec::new())?;
    Ok(session)
}

impl Bench {
    /// When a phase last began, by [`spent`].
    pub fn began(&self, pleases: impl Fn(&RunPhase) -> bool) -> Option<f64> {
        self.phases.borrow().iter().rev().find(|(phase, _)| pleases(phase)).map(|(_, at)| *at)
    }

    /// The examples that were examined last.
    pub fn facts(&self) -> Option<ExampleFacts> {
        self.examined.borrow().clone()
    }
}
