//! What looking inside costs: `cargo run --features engine --example bench_inside -- [pairs] [seconds]`.
//!
//! One run of the bundled model on the CPU device with a pinned sentence of 64 tokens, recorded and not recorded in turns of some seconds; prints
//! tokens per second of every turn (all work counted: pictures, kept weights, steps) and the ratio of the medians. Then what each question
//! takes, also for the largest usual shape, 6 layers of 8 heads. Where the system tells it (Linux), time is that of the processor spent on
//! this one thread, so that a busy machine does not matter.

use std::cell::RefCell;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use attune::engine::{FileStart, Host, HostError, Session};
use attune::protocol::explain::{Dials, ModelPart, Moment, Question, Switch, SwitchTo};
use attune::protocol::past::{MOST_FRAMES, triangle_len};
use attune::protocol::{Command, DevicePreference, Event, FileHead, ModelSize, Packet, RunConfig, Start, TokenizerChoice, VERSION};
use futures::executor::block_on;

const SAMPLE: &str = "verse.txt";
const TOKENS: usize = 64;
/// Recorded over unrecorded speed that is promised.
const PROMISED: f64 = 0.95;

type Outcome<T> = Result<T, Box<dyn Error>>;

struct World {
    began: Instant,
    heard: RefCell<Vec<(Event, usize)>>,
    folder: PathBuf,
}

/// Seconds of processor time of this thread, or of the wall's clock where that is not told.
fn seconds(began: Instant) -> f64 {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = spent.and_then(|spent| spent.split(' ').next()?.parse::<f64>().ok());
    nanos.map_or_else(|| began.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

impl Host for World {
    fn now(&self) -> f64 {
        seconds(self.began)
    }

    fn unix_time(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn send(&self, event: &Event, buffers: Vec<Vec<u8>>) {
        // Written as it travels, so that this is paid too.
        let bytes = Packet::new(event, Vec::new()).map_or(0, |packet| packet.head.len()) + buffers.iter().map(Vec::len).sum::<usize>();
        self.heard.borrow_mut().push((event.clone(), bytes));
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

struct Page {
    session: Session<World>,
    requests: u32,
}

impl Page {
    /// A page with a run of this config prepared and a sentence of 64 tokens pinned.
    fn open(config: RunConfig) -> Outcome<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
        let text = fs::read_to_string(folder.join("samples").join(SAMPLE))?;
        let session = Session::new(World { began: Instant::now(), heard: RefCell::default(), folder });
        let mut page = Self { session, requests: 10 };
        page.send(Command::Hello { version: VERSION, base_url: String::new() }, vec![])?;
        page.send(Command::OpenDevice { preference: DevicePreference::Cpu }, vec![])?;
        let files = vec![FileHead { name: SAMPLE.to_owned(), encoding: None }];
        page.send(Command::OpenText { request: 1, files }, vec![text.clone().into_bytes()])?;
        page.send(Command::Prepare { request: 2, config }, vec![])?;
        page.until(|event| matches!(event, Event::Prepared { .. }))?;
        // As many of the text's words as make 64 tokens.
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut count = 20;
        loop {
            page.send(Command::Pin { sentence: words[..count].join(" ") }, vec![])?;
            let tokens = page.session.host().heard.take().into_iter().rev().find_map(|(event, _)| match event {
                Event::Sentence { tokens, .. } => Some(tokens.len()),
                _ => None,
            });
            match tokens {
                Some(tokens) if tokens < TOKENS => count += 1,
                _ => break,
            }
        }
        Ok(page)
    }

    fn send(&mut self, command: Command, buffers: Vec<Vec<u8>>) -> Outcome<()> {
        block_on(self.session.handle(Packet::new(&command, buffers)?));
        Ok(())
    }

    fn until(&mut self, pleases: impl Fn(&Event) -> bool) -> Outcome<usize> {
        loop {
            for (event, bytes) in self.session.host().heard.take() {
                if let Event::Fault { fault, .. } = &event {
                    return Err(format!("{fault:?}").into());
                }
                if pleases(&event) {
                    return Ok(bytes);
                }
            }
            block_on(self.session.tick(std::future::ready(())));
        }
    }

    /// Trains for some seconds; returns tokens per second and pictures taken.
    fn train(&mut self, length: f64, tokens_per_step: f64) -> Outcome<(f64, usize)> {
        let (clock, began) = (self.session.host().began, seconds(self.session.host().began));
        let passed = || seconds(clock) - began;
        let (mut first, mut last, mut pictures) = (None, (0, 0.0), 0);
        // At least a few steps, however slow the machine.
        while passed() < length || first.is_none_or(|(step, _)| last.0 < step + 3) {
            block_on(self.session.tick(std::future::ready(())));
            for (event, _) in self.session.host().heard.take() {
                match event {
                    Event::Step { report, .. } => {
                        last = (report.step, passed());
                        first.get_or_insert(last);
                    }
                    Event::Attention { .. } => pictures += 1,
                    Event::Fault { fault, .. } => return Err(format!("{fault:?}").into()),
                    _ => {}
                }
            }
        }
        let first = first.ok_or("no step in this time")?;
        Ok((f64::from(last.0 - first.0) * tokens_per_step / (last.1 - first.1), pictures))
    }

    /// Milliseconds until the answer, and its bytes.
    fn ask(&mut self, question: Question) -> Outcome<(f64, usize)> {
        self.requests += 1;
        let request = self.requests;
        self.answer(request, Command::Ask { request, question })
    }

    fn answer(&mut self, wanted: u32, command: Command) -> Outcome<(f64, usize)> {
        let clock = self.session.host().began;
        let began = seconds(clock);
        self.send(command, vec![])?;
        let bytes = self.until(|event| matches!(event, Event::Answered { request, .. } if *request == wanted))?;
        Ok(((seconds(clock) - began) * 1_000.0, bytes))
    }
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let pairs: usize = arguments.next().map_or(Ok(5), |pairs| pairs.parse())?;
    let length: f64 = arguments.next().map_or(Ok(6.0), |seconds| seconds.parse())?;
    let config = RunConfig { steps: 20_000, evaluate_every: 5_000, sample_every: 5_000, ..RunConfig::default() };
    let tokens_per_step = f64::from(config.batch_size * config.window * config.accumulation);
    let mut page = Page::open(config)?;
    page.send(Command::Start { run: 1 }, vec![])?;
    page.train(2.0, tokens_per_step)?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for pair in 0..pairs {
        for recorded in [pair % 2 == 0, pair % 2 != 0] {
            page.send(Command::SetRecording { share: if recorded { 0.05 } else { 0.0 } }, vec![])?;
            let (speed, pictures) = page.train(length, tokens_per_step)?;
            println!("{} {speed:.0} tokens/s, {pictures} pictures", if recorded { "recorded    " } else { "not recorded" });
            if recorded { with.push(speed) } else { without.push(speed) }
        }
    }
    let ratio = median(with) / median(without);
    println!("recorded over not recorded: {ratio:.3} (promised: {PROMISED})");
    page.send(Command::Pause, vec![])?;
    questions("bundled model, 4 layers of 4 heads", &mut page)?;

    let size = ModelSize { n_layer: 6, n_head: 8, n_embd: 256, n_ctx: 128 };
    let start = Start::Scratch { size, tokenizer: TokenizerChoice::Bpe { vocab_size: 2_048 } };
    let mut page = Page::open(RunConfig { start, window: 128, ..RunConfig::default() })?;
    questions("6 layers of 8 heads, width 256", &mut page)?;
    let frame = 48 * triangle_len(TOKENS);
    println!("a frame of {TOKENS} tokens: {frame} bytes; {MOST_FRAMES} of them {:.1} MB", (frame * MOST_FRAMES) as f64 / 1e6);
    Ok(())
}

fn questions(what: &str, page: &mut Page) -> Outcome<()> {
    println!("── {what}, {TOKENS} tokens: milliseconds (median of 3) and bytes ──");
    let last = TOKENS as u32 - 1;
    let list = [
        ("compare base and now", Question::Compare { from: Moment::Base, to: Moment::Now }),
        ("roles", Question::Roles),
        ("map of all switches, zero", Question::SwitchMap { to: SwitchTo::Zero }),
        ("map of all switches, mean", Question::SwitchMap { to: SwitchTo::Mean }),
        ("attribution of the last token", Question::Attribute { position: last, token: None, at: Moment::Now }),
        ("logit lens", Question::Lens { top: 5, at: Moment::Now }),
        ("arithmetic", Question::Arithmetic { layer: 1, head: 1, query: last, at: Moment::Now }),
        ("flow", Question::Flow { top: 5, at: Moment::Now, dials: Dials::NONE }),
    ];
    for (name, question) in list {
        let answers = (0..3).map(|_| page.ask(question.clone())).collect::<Outcome<Vec<_>>>()?;
        println!("{name}: {:.0} ms, {} bytes", median(answers.iter().map(|answer| answer.0).collect()), answers[0].1);
    }
    for to in [SwitchTo::Zero, SwitchTo::Mean, SwitchTo::Base] {
        page.requests += 1;
        let request = page.requests;
        let switches = vec![Switch { part: ModelPart::Head { layer: 1, head: 0 }, to }];
        let (millis, bytes) = page.answer(request, Command::SetSwitches { request, switches })?;
        println!("one switch, {to:?}: {millis:.0} ms, {bytes} bytes");
    }
    Ok(())
}
