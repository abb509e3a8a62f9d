//! Records the run that the page plays in its first second: the default sample, the default settings, on the CPU, with the times at which its
//! events came.
//!
//! `cargo run --features engine --example record` writes `static/recorded/first.json` and lists it in `static/recorded/index.json`. In: the
//! engine, as the page has it. Out: its own events, thinned so that the file stays small; no value is changed.

use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use attune::engine::{FileStart, Host, HostError, Session};
use attune::protocol::{Command, DevicePreference, Event, FileHead, Packet, RunConfig, RunPhase, VERSION};
use futures::executor::block_on;
use serde_json::json;

const SAMPLE: &str = "verse.txt";
const TITLE: &str = "Verse drama";
/// From the sample; short enough to read every token of it.
const SENTENCE: &str = "Good morrow, Hestra, if the morrow's come.";
const PROMPT: &str = "Good morrow, ";
/// Steps between two frames that are kept, and between two reports.
const FRAME_STEPS: u32 = 4;
const REPORT_STEPS: u32 = 2;
const MOST_BYTES: usize = 400_000;
/// The recorded run is played at its own pace, but no longer than this many seconds.
const PLAYED_SECONDS: f64 = 20.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Seconds since the session began, the event, and the bytes that travel with it.
type Heard = (f64, Event, Vec<Vec<u8>>);

struct Recorder {
    began: Instant,
    heard: RefCell<Vec<Heard>>,
    folder: PathBuf,
}

impl Host for Recorder {
    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn unix_time(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn send(&self, event: &Event, buffers: Vec<Vec<u8>>) {
        self.heard.borrow_mut().push((self.now(), event.clone(), buffers));
    }

    async fn fetch(&self, address: &str, _: impl FnMut(u64, u64)) -> Result<Vec<u8>, HostError> {
        fs::read(self.folder.join(address)).map_err(|error| HostError::Fetch { path: address.to_owned(), cause: error.to_string() })
    }

    async fn read(&self, _: &str) -> Result<Option<Vec<u8>>, HostError> {
        Ok(None)
    }

    async fn read_start(&self, _: &str, _: usize) -> Result<Option<FileStart>, HostError> {
        Ok(None)
    }

    async fn write(&self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    async fn remove(&self, _: &str) -> Result<(), HostError> {
        Ok(())
    }
}

fn main() -> Outcome<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let text = fs::read(folder.join("samples").join(SAMPLE))?;
    let config = RunConfig::default();
    let (events, began) = record(&folder, text, &config)?;
    let last = events.last().map_or(began, |(time, ..)| *time);
    let pace = (PLAYED_SECONDS / (last - began)).min(1.0);
    let mut kept = Vec::new();
    let (mut next_frame, mut next_report) = (0, 0);
    for (time, event, buffers) in events {
        let wanted = match &event {
            Event::Attention { frame } => due(&mut next_frame, frame.step, FRAME_STEPS, config.steps),
            Event::Step { report, .. } => due(&mut next_report, report.step, REPORT_STEPS, config.steps),
            Event::Evaluated { .. } | Event::Sample { .. } => true,
            _ => false,
        };
        if wanted {
            let buffers: Vec<String> = buffers.iter().map(|bytes| base64(bytes)).collect();
            kept.push(
                json!({ "t_ms": ((time - began) * pace * 1_000.0).round(), "head": base64(&Packet::new(&event, Vec::new())?.head), "buffers": buffers }),
            );
        }
    }
    let count = kept.len();
    let recording =
        json!({ "version": 2, "title": TITLE, "config": base64(&Packet::new(&config, Vec::new())?.head), "events": kept }).to_string();
    if recording.len() > MOST_BYTES {
        return Err(format!("{} bytes are too many: keep fewer frames", recording.len()).into());
    }
    fs::write(folder.join("recorded/first.json"), &recording)?;
    fs::write(folder.join("recorded/index.json"), "[\"first.json\"]\n")?;
    println!(
        "{count} events, {} bytes; the run took {:.1} s, the recording plays at {:.2} of its time",
        recording.len(),
        last - began,
        pace
    );
    Ok(())
}

/// The run's events, and when it began.
fn record(folder: &Path, text: Vec<u8>, config: &RunConfig) -> Outcome<(Vec<Heard>, f64)> {
    let host = Recorder { began: Instant::now(), heard: RefCell::default(), folder: folder.to_owned() };
    let mut session = Session::new(host);
    let files = vec![FileHead { name: SAMPLE.to_owned(), encoding: None }];
    let commands = [
        (Command::Hello { version: VERSION, base_url: String::new() }, vec![]),
        (Command::OpenDevice { preference: DevicePreference::Cpu }, vec![]),
        (Command::Pin { sentence: SENTENCE.to_owned() }, vec![]),
        (Command::SetSamplePrompt { prompt: PROMPT.to_owned() }, vec![]),
        (Command::OpenText { request: 1, files }, vec![text]),
        (Command::Prepare { request: 2, config: config.clone() }, vec![]),
    ];
    for (command, buffers) in commands {
        block_on(session.handle(Packet::new(&command, buffers)?));
    }
    work_until(&mut session, |event| matches!(event, Event::Prepared { .. }))?;
    let began = session.host().now();
    session.host().heard.borrow_mut().clear();
    block_on(session.handle(Packet::new(&Command::Start { run: 1 }, vec![])?));
    work_until(&mut session, |event| matches!(event, Event::Phase { phase: RunPhase::Finished { .. }, .. }))?;
    let heard = session.host().heard.take();
    Ok((heard, began))
}

fn work_until(session: &mut Session<Recorder>, pleases: impl Fn(&Event) -> bool) -> Outcome<()> {
    loop {
        block_on(session.tick(std::future::ready(())));
        let heard = session.host().heard.borrow();
        if let Some((_, Event::Fault { fault, .. }, _)) = heard.iter().find(|(_, event, _)| matches!(event, Event::Fault { .. })) {
            return Err(format!("{fault:?}").into());
        }
        if heard.iter().any(|(_, event, _)| pleases(event)) {
            return Ok(());
        }
    }
}

/// Every so many steps, and the last.
fn due(next: &mut u32, step: u32, every: u32, last: u32) -> bool {
    if step < *next && step != last {
        return false;
    }
    *next = (step / every + 1) * every;
    true
}

/// Standard base64 (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63] as char;
            text.push(if place <= group.len() { letter } else { '=' });
        }
    }
    text
}
