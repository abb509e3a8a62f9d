//! Tests that need a browser: inside a dedicated worker through wasm-pack, and end to end over WebDriver.

use super::{Count, Tally};
use crate::places::Places;
use crate::setup;
use crate::shell::{Program, SPECS, quick_cargo};

/// Seconds until wasm-bindgen's runner gives up: the software adapter of a busy machine is slow, a hang is not for ever.
const WORKER_TEST_SECONDS: &str = "1500";

/// The engine on WebGPU and on the CPU, in headless Chromium, in a dedicated worker. The browser's flags stand in `webdriver.json`,
/// so that a developer's own `wasm-pack test --headless --chrome` sees the same browser.
pub fn worker_tests(places: &Places, tally: &mut Tally) {
    tally.section("in a worker: Chromium", |count| {
        let mut program = Program::new(places, "wasm-pack").args(["test", "--headless", "--chrome", "--release"]);
        for (name, path) in setup::browser_programs(places) {
            if name == "CHROMEDRIVER" {
                program = program.arg("--chromedriver").arg(path);
            }
        }
        let program = program
            .args(["--mode", "no-install", "--", "--no-default-features", "--features", "engine", "--test", "wasm"])
            .env("WASM_BINDGEN_TEST_TIMEOUT", WORKER_TEST_SECONDS)
            .env("WASM_BINDGEN_TEST_STARTUP_TIMEOUT", "60")
            .env("WASM_BINDGEN_TEST_PAGE_LOAD_TIMEOUT", "120")
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30");
        watched(program, count);
        if count.passed == 0 {
            // A filter or a broken harness that runs nothing must not look like success.
            count.ended(false);
        }
    });
}

/// The built site as a visitor uses it, in Chromium and, where it is at hand, in Firefox.
pub fn end_to_end(places: &Places, tally: &mut Tally) {
    tally.section("end to end: Chromium", |count| watched(specs(places, &["--skip", "firefox"]), count));
    let programs = setup::browser_programs(places);
    let has = |wanted: &str| programs.iter().any(|(name, _)| *name == wanted);
    if has("FIREFOX") && has("GECKODRIVER") {
        tally.section("end to end: Firefox", |count| watched(specs(places, &["firefox"]), count));
    } else {
        tally.section("end to end: Firefox", |count| {
            println!("skipped: Firefox or geckodriver is not on this machine");
            count.skipped += 1;
        });
    }
}

fn specs(places: &Places, filter: &[&str]) -> Program {
    let mut program = quick_cargo(places, "test", &[SPECS])
        .args(["--test", "e2e"])
        .args(["--", "--test-threads=1", "--nocapture"])
        .args(filter)
        .env("ATTUNE_DIST", &places.dist)
        .env("ATTUNE_ARTIFACTS", &places.artifacts);
    for (name, path) in setup::browser_programs(places) {
        program = program.env(name, path);
    }
    program
}

fn watched(program: Program, count: &mut Count) {
    match program.watch(|line| count.read_line(line)) {
        Ok(well) => count.ended(well),
        Err(problem) => {
            println!("{problem}");
            count.ended(false);
        }
    }
}
