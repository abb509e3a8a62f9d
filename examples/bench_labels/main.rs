//! How good a text classifier becomes, measured with the page's own engine, beside what it must beat.
//!
//! `cargo run --features engine --example bench_labels [SET] [NAME=VALUE …]` opens a set of `$ATTUNE_SHARED/data` (film reviews, `cls_en_rt_polarity`,
//! unless told) as a page would, trains a bundled base once for each seed, and prints epochs, the report, and the baselines. Where the set brings a
//! validation file it is the test part; else the page's split makes one. Names: `recipe.rs`; `dump=FILE` writes the run for a rival instead. CPU device.
//!
//! `… load [ROWS] [WORDS]` measures instead how long a table takes from file to tokens.

mod bench;
mod dump;
mod loading;
mod recipe;
mod sets;

use std::error::Error;
use std::time::Instant;

use attune::engine::Session;
use attune::protocol::labels::{LabelAnswer, LabelCommand, LabelConfig, LabelNews, LabelReport, Quality, TaskFigures};
use attune::protocol::{Command, Event, TableOptions};

use bench::{Bench, labels, send, session, spent, until};
use recipe::Recipe;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Classes up to which the whole report is printed.
const FEW_CLASSES: usize = 20;

/// The figures of classes; other tasks have their headline alone.
fn quality(figures: &TaskFigures) -> Option<&Quality> {
    match figures {
        TaskFigures::Classes(figures) => Some(&figures.quality),
        _ => None,
    }
}

fn print(report: &LabelReport, classes: usize) {
    if let Some(quality) = quality(&report.figures).filter(|_| classes <= FEW_CLASSES) {
        println!("{}", quality.text);
    }
    let said = |figures: &TaskFigures| {
        let (name, figure) = figures.headline();
        format!("{name:?} {:.3} [{:.3}, {:.3}]", figure.estimate, figure.low, figure.high)
    };
    println!("{}, loss {:.3}", said(&report.figures), report.loss);
    for baseline in &report.baselines {
        print!("{:?}: {}", baseline.kind, said(&baseline.figures));
        match baseline.model_minus_baseline {
            Some(gap) => println!("; the model minus it {:+.3} [{:+.3}, {:+.3}]", gap.estimate, gap.low, gap.high),
            None => println!(),
        }
    }
}

/// Opens a set and trains on it once for each seed.
fn train(set: &str, recipe: &Recipe) -> Outcome<()> {
    let Some(files) = sets::files(set, recipe)? else { return Ok(()) };
    let mut session = session()?;
    let (heads, buffers): (Vec<_>, Vec<_>) = files.clone().into_iter().unzip();
    let began = Instant::now();
    send(&mut session, &labels(1, LabelCommand::OpenTable { files: heads, options: TableOptions::default() }), buffers)?;
    let proposal = until(&mut session, |event| match event {
        Event::Labels { request: 1, answer: LabelAnswer::TableReady { proposal, .. } } => Some(proposal.clone()),
        _ => None,
    })?;
    let mut config = recipe.config(proposal.proposals.first().ok_or("no task for these columns")?.columns.clone())?;
    println!("{set}: {:?}, table read in {:.2} s", config.choice.columns.task, began.elapsed().as_secs_f64());
    if let Some(path) = &recipe.dump {
        return dump::write(set, files, &config, &recipe.seeds, path);
    }
    for (run, &seed) in recipe.seeds.iter().enumerate() {
        // Baselines are the same whatever the seed.
        config.baselines &= run == 0;
        config.seed = seed;
        one_run(&mut session, set, run as u32 + 1, &config)?;
    }
    Ok(())
}

fn one_run(session: &mut Session<Bench>, set: &str, run: u32, config: &LabelConfig) -> Outcome<()> {
    let began = Instant::now();
    let request = 1 + run;
    send(session, &labels(request, LabelCommand::Prepare { config: config.clone() }), Vec::new())?;
    let plan = until(session, |event| match event {
        Event::Labels { request: told, answer: LabelAnswer::Prepared { plan } } if *told == request => Some(plan.clone()),
        _ => None,
    })?;
    let facts = session.host().facts().ok_or("the examples were not told")?;
    println!(
        "{} / {} / {} rows, {} classes, {} parameters ({} frozen), {} steps of {} texts, {:.1} tokens a text, {} cut, {:.0} texts/s, {:.0} s expected, \
         prepared in {:.2} s",
        facts.split.training,
        facts.split.validation,
        facts.split.test,
        plan.classes.len(),
        plan.parameters,
        plan.frozen_parameters,
        plan.steps,
        plan.config.batch_size,
        plan.mean_tokens,
        plan.cut_texts,
        plan.texts_per_second,
        plan.expected_seconds,
        began.elapsed().as_secs_f64()
    );
    let (began, worked) = (Instant::now(), spent());
    send(session, &Command::Start { run }, Vec::new())?;
    let report = until(session, |event| match event {
        Event::LabelRun { run: told, news: LabelNews::Report { report, .. }, .. } if *told == run => Some(report.clone()),
        _ => None,
    })?
    .open()?;
    let (seconds, worked) = (began.elapsed().as_secs_f64(), spent() - worked);
    print(&report, plan.classes.len());
    let baseline = report.baselines.last().map_or(f64::NAN, |baseline| baseline.figures.headline().1.estimate);
    let accuracy = quality(&report.figures).map_or(f64::NAN, |quality| quality.accuracy.estimate);
    // One line for a log.
    println!(
        "RESULT {set} seed={} {:?} rows={}/{} epochs={}/{} accuracy={accuracy:.4} headline={:.4} loss={:.4} baseline={baseline:.4} \
         seconds={seconds:.0} processor={worked:.0}",
        config.seed,
        report.part,
        facts.split.training,
        report.rows,
        report.best_epoch,
        report.epochs,
        report.figures.headline().1.estimate,
        report.loss,
    );
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "load") {
        let number = |at: usize, usual| arguments.get(at).map_or(Ok(usual), |text| text.parse::<usize>());
        return loading::run(number(1, 20_000)?, number(2, 75)?);
    }
    let named = arguments.first().is_some_and(|first| !first.contains('='));
    let set = if named { arguments[0].as_str() } else { "cls_en_rt_polarity" };
    train(set, &Recipe::read(&arguments[usize::from(named)..])?)
}
