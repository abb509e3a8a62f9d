//! How good a text classifier becomes, measured with the page's own engine, beside what it must beat.
//!
//! `cargo run --features engine --example bench_labels [SET] [NAME=VALUE …]` opens a set of `$ATTUNE_SHARED/data` (film reviews, `cls_en_rt_polarity`,
//! unless told) as a page would, trains the bundled base, and prints epochs, the report, and both baselines. Where the set brings a test part
//! (`valid.csv`) it is the test part; else the page's split makes one. Names: `recipe.rs`. CPU device.
//!
//! `… load [ROWS] [WORDS]` measures instead how long a table takes from file to tokens.

mod bench;
mod loading;
mod recipe;
mod sets;

use std::error::Error;
use std::time::Instant;

use attune::protocol::labels::{LabelAnswer, LabelCommand, LabelNews, LabelReport, Quality, TaskFigures};
use attune::protocol::{Command, Event, TableOptions};

use bench::{labels, send, session, until};
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
    let opened = began.elapsed().as_secs_f64();
    let config = recipe.config(proposal.proposals.first().ok_or("no task for these columns")?.columns.clone())?;
    if let Some(path) = &recipe.dump {
        return sets::dump(files, &config.choice, path);
    }
    let began = Instant::now();
    send(&mut session, &labels(2, LabelCommand::Prepare { config }), Vec::new())?;
    let (facts, plan) = until(&mut session, |event| match event {
        Event::Labels { request: 2, answer: LabelAnswer::Prepared { plan } } => Some(plan.clone()),
        _ => None,
    })
    .and_then(|plan| Ok((session.host().facts().ok_or("the examples were not told")?, plan)))?;
    println!("{set}: table read in {opened:.2} s, prepared in {:.2} s", began.elapsed().as_secs_f64());
    println!(
        "{} / {} / {} rows, {} parameters ({} frozen), {} steps of {} texts, {:.1} tokens a text, {:.0} texts/s, {:.0} s expected",
        facts.split.training,
        facts.split.validation,
        facts.split.test,
        plan.parameters,
        plan.frozen_parameters,
        plan.steps,
        plan.config.batch_size,
        plan.mean_tokens,
        plan.texts_per_second,
        plan.expected_seconds
    );

    let began = Instant::now();
    send(&mut session, &Command::Start { run: 1 }, Vec::new())?;
    let report = until(&mut session, |event| match event {
        Event::LabelRun { news: LabelNews::Report { report }, .. } => Some(report.clone()),
        _ => None,
    })?;
    print(&report, plan.classes.len());
    let baseline = report.baselines.last().map_or(f64::NAN, |baseline| baseline.figures.headline().1.estimate);
    let accuracy = quality(&report.figures).map_or(f64::NAN, |quality| quality.accuracy.estimate);
    // One line for a log.
    println!(
        "RESULT {set} seed={} {:?} rows={}/{} epochs={}/{} accuracy={accuracy:.4} headline={:.4} loss={:.4} last_baseline={baseline:.4} seconds={:.0}",
        plan.config.seed,
        report.part,
        facts.split.training,
        report.rows,
        report.best_epoch,
        report.epochs,
        report.figures.headline().1.estimate,
        report.loss,
        began.elapsed().as_secs_f64()
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
