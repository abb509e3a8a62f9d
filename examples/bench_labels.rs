//! How good a text classifier becomes, measured with the page's own engine, beside what it must beat.
//!
//! `cargo run --features engine --example bench_labels [SET] [ROWS] [EPOCHS] [RATE]` opens `$ATTUNE_SHARED/data/SET/{train,valid}.csv` (film reviews,
//! `cls_en_rt_polarity`, unless told; ROWS of training, 0 for all) as a page would, trains the bundled base, and prints epochs, the report, and
//! both baselines. `valid.csv` is the test part; for validation a tenth is taken from training. CPU device.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use attune::engine::{FileStart, Host, HostError, Session, Tick};
use attune::protocol::labels::{
    FigureInterval, FigureName, LabelAnswer, LabelChoice, LabelCommand, LabelConfig, LabelNews, LabelReport, TaskFigures,
};
use attune::protocol::{Command, DevicePreference, Event, FileHead, Packet, RunPhase, SplitOptions, TableOptions, VERSION};
use futures::executor::block_on;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A world with a clock and the clone's models, and no storage.
struct Bench {
    began: Instant,
    heard: RefCell<Vec<Event>>,
    told: Cell<u32>,
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
fn send(session: &mut Session<Bench>, command: &Command, buffers: Vec<Vec<u8>>) -> Outcome<()> {
    block_on(session.handle(Packet::new(command, buffers)?));
    Ok(())
}

/// Works until an event pleases.
fn until<T>(session: &mut Session<Bench>, pleases: impl Fn(&Event) -> Option<T>) -> Outcome<T> {
    loop {
        let tick = block_on(session.tick(std::future::ready(())));
        let heard = session.host().heard.take();
        for event in &heard {
            if let Event::Fault { fault, .. } = event {
                return Err(format!("{fault:?}").into());
            }
            if let Event::LabelRun { news: LabelNews::Epoch { report }, .. } = event {
                let validation = report.validation.as_ref().map_or(String::new(), |scores| {
                    let figures = scores.figures.iter().map(|figure| format!(", {:?} {:.3}", figure.name, figure.value));
                    format!(", validation: loss {:.3}{}", scores.loss, figures.collect::<String>())
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

fn labels(request: u32, command: LabelCommand) -> Command {
    Command::Labels { request, command }
}

/// The first rows of a file, with its header.
fn first_rows(bytes: Vec<u8>, rows: usize) -> Vec<u8> {
    if rows == 0 {
        return bytes;
    }
    let end = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(rows).map_or(bytes.len(), |(at, _)| at + 1);
    bytes[..end].to_vec()
}

fn shown(name: FigureName, figure: FigureInterval) -> String {
    format!("{name:?} {:.3} [{:.3}, {:.3}]", figure.estimate, figure.low, figure.high)
}

/// The printed table where there is one, and the figures.
fn figures(figures: &TaskFigures) -> String {
    let (name, headline) = figures.headline();
    let headline = shown(name, headline);
    match figures {
        TaskFigures::Classes(of) => format!("{}{headline}, {}", of.quality.text, shown(FigureName::Accuracy, of.quality.accuracy)),
        TaskFigures::Several(of) => format!("{}{headline}, {}", of.text, shown(FigureName::MicroF1, of.micro_f1)),
        TaskFigures::Score(of) => {
            let rest = [(FigureName::Pearson, of.pearson), (FigureName::Spearman, of.spearman)];
            let rest: Vec<String> = rest.into_iter().filter_map(|(name, figure)| Some(shown(name, figure?))).collect();
            format!("{headline}, {}", rest.join(", "))
        }
        TaskFigures::Spans(of) => format!("{}{headline}", of.text),
        TaskFigures::Texts(_) => headline,
    }
}

fn print(report: &LabelReport, seconds: f64) {
    println!("{:?} part, {} rows, best epoch {} of {}, {seconds:.0} s", report.part, report.rows, report.best_epoch, report.epochs);
    println!("{}, loss {:.3}", figures(&report.figures), report.loss);
    for baseline in &report.baselines {
        let (name, headline) = baseline.figures.headline();
        print!("{:?}: {}", baseline.kind, shown(name, headline));
        match baseline.model_minus_baseline {
            Some(gap) => println!("; the model has {:+.3} [{:+.3}, {:+.3}]", gap.estimate, gap.low, gap.high),
            None => println!(),
        }
    }
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let set = arguments.first().map_or("cls_en_rt_polarity", String::as_str);
    let rows: usize = arguments.get(1).map_or(Ok(0), |rows| rows.parse())?;
    let folder = std::env::var_os("ATTUNE_SHARED").map(|shared| PathBuf::from(shared).join("data").join(set));
    let Some(folder) = folder.filter(|folder| folder.join("train.csv").is_file() && folder.join("valid.csv").is_file()) else {
        println!("SKIPPED {set}: set ATTUNE_SHARED to a folder with data/{set}/train.csv and valid.csv");
        return Ok(());
    };
    let mut session = Session::new(Bench { began: Instant::now(), heard: RefCell::default(), told: Cell::new(0) });
    send(&mut session, &Command::Hello { version: VERSION, base_url: String::new() }, Vec::new())?;
    send(&mut session, &Command::OpenDevice { preference: DevicePreference::Cpu }, Vec::new())?;

    let file = |name: &str| FileHead { name: name.to_owned(), encoding: None };
    let open = LabelCommand::OpenTable { files: vec![file("train.csv"), file("test.csv")], options: TableOptions::default() };
    let buffers = vec![first_rows(fs::read(folder.join("train.csv"))?, rows), fs::read(folder.join("valid.csv"))?];
    let began = Instant::now();
    send(&mut session, &labels(1, open), buffers)?;
    let proposal = until(&mut session, |event| match event {
        Event::Labels { request: 1, answer: LabelAnswer::TableReady { proposal, .. } } => Some(proposal.clone()),
        _ => None,
    })?;
    let opened = began.elapsed().as_secs_f64();
    let columns = proposal.proposals.first().ok_or("no task for these columns")?.columns.clone();
    let mut config = LabelConfig::new(LabelChoice { columns, merge_labels: false, split: SplitOptions::default() });
    if let Some(epochs) = arguments.get(2) {
        config.epochs = epochs.parse()?;
    }
    if let Some(rate) = arguments.get(3) {
        config.learning_rate = rate.parse()?;
    }
    let began = Instant::now();
    send(&mut session, &labels(2, LabelCommand::Prepare { config }), Vec::new())?;
    let plan = until(&mut session, |event| match event {
        Event::Labels { request: 2, answer: LabelAnswer::Prepared { plan } } => Some((**plan).clone()),
        _ => None,
    })?;
    println!("{set}: table read in {opened:.2} s, prepared in {:.2} s", began.elapsed().as_secs_f64());
    println!(
        "{} parameters, {} steps of {} texts, {:.1} tokens a text, {:.0} texts/s, {:.0} s expected",
        plan.parameters, plan.steps, plan.config.batch_size, plan.mean_tokens, plan.texts_per_second, plan.expected_seconds
    );

    let began = Instant::now();
    send(&mut session, &Command::Start { run: 1 }, Vec::new())?;
    let report = until(&mut session, |event| match event {
        Event::LabelRun { news: LabelNews::Report { report }, .. } => Some(report.clone()),
        Event::Phase { phase: RunPhase::Finished { .. }, .. } => None,
        _ => None,
    })?;
    print(&report, began.elapsed().as_secs_f64());
    Ok(())
}
