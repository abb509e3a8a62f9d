//! Formatting, and clippy for every feature set on every target it is built for. Each feature is looked at by itself: all of them
//! together would hide a leak between the page and the engine.

use super::{Count, Tally, note};
use crate::places::Places;
use crate::problem::Outcome;
use crate::shell::{OWN, SPECS, cargo, quick_cargo};

const WASM: &str = "wasm32-unknown-unknown";

/// One run of clippy.
struct Look {
    what: &'static str,
    args: &'static [&'static str],
    /// Code for the browser is also held to `xtask/clippy-wasm/clippy.toml`: no clocks, threads, files, no blocking read-backs.
    in_browser: bool,
}

const LOOKS: [Look; 6] = [
    Look { what: "clippy: protocol and metrics alone, native", args: &["--lib", "--tests"], in_browser: false },
    Look { what: "clippy: text without tensors, native", args: &["--lib", "--tests", "--features", "text"], in_browser: false },
    Look { what: "clippy: page, native", args: &["--lib", "--tests", "--features", "page"], in_browser: false },
    Look { what: "clippy: page, browser", args: &["--lib", "--bin", "attune", "--features", "page", "--target", WASM], in_browser: true },
    Look { what: "clippy: engine, native", args: &["--all-targets", "--features", "engine"], in_browser: false },
    Look {
        what: "clippy: engine, browser",
        args: &["--lib", "--bin", "engine", "--test", "wasm", "--features", "engine", "--target", WASM],
        in_browser: true,
    },
];

/// Runs all of it.
pub fn run(places: &Places, tally: &mut Tally) {
    tally.section("format and lint", |count| {
        note(count, "format", cargo(places).args(["fmt", "--all", "--check"]).run());
        let own = quick_cargo(places, "clippy", &[OWN, SPECS]).args(["--quiet", "--all-targets", "--test", "e2e", "--", "-D", "warnings"]);
        note(count, "clippy: developer commands and end-to-end specs", own.run());
        for look in &LOOKS {
            clippy(places, look, count);
        }
    });
}

fn clippy(places: &Places, look: &Look, count: &mut Count) {
    let mut program = cargo(places).args(["clippy", "--quiet", "--package", "attune"]).args(look.args).args(["--", "-D", "warnings"]);
    if look.in_browser {
        program = program.env("CLIPPY_CONF_DIR", places.root.join("xtask/clippy-wasm"));
    }
    let found: Outcome<()> = program.run();
    note(count, look.what, found);
}
