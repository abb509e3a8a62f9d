//! Measuring: Attune's own figures, and, where the peers' harness is at hand, Attune beside other programs in the same run.
//!
//! In: arguments for the harness (such as `--config base --runs 3`), or `--memory webgpu 2000` for memory over that many steps. Out: tables on the terminal. The harness is copied into the
//! cache and our adapter (`tests/peers/attune.mjs`) is put beside its peers, with the built engine in `attune/`, so that neither the clone
//! nor the harness is written to.

use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use crate::setup;
use crate::shell::{Program, cargo, find};
use crate::site;
use std::fs;
use std::path::Path;

/// The line of the harness after which our adapter is listed among the peers.
const PEERS_BEGIN: &str = "export const PEERS = {\n";
const OURS: &str = "  attune: { kind: 'page', backends: ['webgpu', 'wasm'] },\n";

/// Runs the native benchmark, then the peers' harness if it is there.
///
/// # Errors
/// When a benchmark does not build or run.
pub fn run(places: &Places, arguments: &[String], may_install: bool) -> Outcome<()> {
    setup::ensure(places, setup::BUILD, may_install)?;
    println!("── native, CPU device ──");
    cargo(places)
        .args(["run", "--quiet", "--package", "attune", "--features", "engine", "--example", "bench_native", "--", "cpu", "base"])
        .run()?;
    println!("── looking inside, native, CPU device ──");
    cargo(places).args(["run", "--quiet", "--package", "attune", "--features", "engine", "--example", "bench_inside"]).run()?;
    let harness = places.shared.as_ref().map(|shared| shared.join("peers")).filter(|peers| peers.join("bench.mjs").is_file());
    let Some(harness) = harness else {
        println!("skipped: other programs in the same run (set ATTUNE_SHARED to the folder that holds `peers/`)");
        return Ok(());
    };
    let adapter = places.root.join("tests/peers/attune.mjs");
    if !adapter.is_file() || find(places, "node").is_none() {
        println!("skipped: other programs in the same run (needs node and {})", adapter.display());
        return Ok(());
    }
    setup::ensure(places, &[setup::Need::Chromium, setup::Need::Python], may_install)?;
    site::build_if_needed(places)?;
    let work = places.cache.join("peers");
    prepare(places, &harness, &adapter, &work)?;
    if !work.join("node_modules").is_dir() {
        if !may_install {
            return Err(Problem::new("the harness needs its packages, and installing was forbidden"));
        }
        println!("set-up: installing the packages of the peers' harness into the cache (once)");
        Program::new(places, "npm").within(&work).args(["install", "--no-audit", "--no-fund"]).run()?;
    }
    println!("── beside other programs ──");
    let memory = arguments.first().is_some_and(|first| first == "--memory");
    let script = if memory { "memory.mjs" } else { "bench.mjs" };
    let mut program = Program::new(places, "node").within(&work).arg(script);
    let arguments = if memory { &arguments[1..] } else { arguments };
    if arguments.is_empty() && !memory {
        program = program.args(["--backends", "attune:wasm,torch:eager-1t,attune:webgpu,jaxjs:webgpu", "--config", "base", "--runs", "3"]);
    }
    for (name, path) in setup::browser_programs(places) {
        program = program.env(name, path);
    }
    if let Some(python) = setup::python_interpreter(places) {
        program = program.env("TORCH_PY", python);
    }
    program.args(arguments).run()
}

/// Copies the harness into the work folder and adds our adapter and the built site to it.
fn prepare(places: &Places, harness: &Path, adapter: &Path, work: &Path) -> Outcome<()> {
    copy_folder(harness, work)?;
    fs::copy(adapter, work.join("peers/attune.mjs")).doing(|| "copy our adapter".to_owned())?;
    let memory = adapter.with_file_name("memory.mjs");
    fs::copy(&memory, work.join("memory.mjs")).doing(|| format!("copy {}", memory.display()))?;
    copy_folder(&site::worker_folder(&places.dist)?, &work.join("attune"))?;
    let script = harness.join("bench.mjs");
    let text = fs::read_to_string(&script).doing(|| format!("read {}", script.display()))?;
    if !text.contains(PEERS_BEGIN) {
        return Err(Problem::new("the peers' harness has changed: its list of peers is not where it was"));
    }
    fs::write(work.join("bench.mjs"), text.replacen(PEERS_BEGIN, &format!("{PEERS_BEGIN}{OURS}"), 1))
        .doing(|| "write the harness".to_owned())
}

fn copy_folder(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to).doing(|| format!("make {}", to.display()))?;
    for entry in fs::read_dir(from).doing(|| format!("look into {}", from.display()))?.flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            let bytes = fs::read(entry.path()).doing(|| format!("read {}", entry.path().display()))?;
            // Written anew, not copied: the harness may be read-only, its copy must not be.
            fs::write(&target, bytes).doing(|| format!("write {}", target.display()))?;
        }
    }
    Ok(())
}
