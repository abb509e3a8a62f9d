//! Tests without a browser: the library with the engine on the CPU device, the page's plain logic, the integration tests, and this
//! package itself. Reference tests compare with PyTorch and `transformers` where a Python with them is at hand.

use super::Tally;
use crate::places::Places;
use crate::setup;
use crate::shell::{OWN, Program, cargo, quick_cargo};

/// Runs all of it.
pub fn run(places: &Places, tally: &mut Tally) {
    let python = setup::python_interpreter(places);
    if python.is_none() {
        println!("skipped: tests against PyTorch and transformers (no Python with these packages)");
    }
    let mut section = |name: &str, program: Program| {
        tally.section(name, |count| {
            let mut program = match &python {
                Some(python) => program.env("ATTUNE_PYTHON", python),
                None => program.without_env("ATTUNE_PYTHON"),
            };
            if let Some(shared) = &places.shared {
                program = program.env("ATTUNE_SHARED", shared);
            }
            match program.watch(|line| count.read_line(line)) {
                Ok(well) => count.ended(well),
                Err(problem) => {
                    println!("{problem}");
                    count.ended(false);
                }
            }
            if python.is_none() {
                count.skipped += 1;
            }
        });
    };
    section("native: developer commands", quick_cargo(places, "test", &[OWN]));
    section("native: page logic", cargo(places).args(["test", "--package", "attune", "--lib", "--features", "page"]));
    section(
        "native: engine and integration",
        cargo(places).args(["test", "--package", "attune", "--features", "engine", "--no-fail-fast"]),
    );
}
