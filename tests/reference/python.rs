//! Runs Python where there is one with `torch`, `transformers`, `tokenizers` and `safetensors`: `ATTUNE_PYTHON` names it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says on the terminal that a check was left out. Not with `eprintln`: that is swallowed when a test passes.
pub fn skipped(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED {what}: {why}");
}

/// Python, ready for arguments; `None`, and a line on the terminal, without one.
fn python(what: &str) -> Option<Command> {
    let Some(python) = std::env::var_os("ATTUNE_PYTHON") else {
        skipped(what, "set ATTUNE_PYTHON to a Python with torch and transformers");
        return None;
    };
    let mut command = Command::new(python);
    // Nothing is fetched, nothing is left beside the scripts.
    command.env("HF_HUB_OFFLINE", "1").env("TRANSFORMERS_VERBOSITY", "error").env("PYTHONDONTWRITEBYTECODE", "1");
    Some(command)
}

/// Runs Python source with `arguments` and returns what it printed; `None` without Python. A script that fails is a failed test.
pub fn run(what: &str, source: &str, arguments: &[&Path]) -> Option<String> {
    let output = python(what)?.arg("-c").arg(source).args(arguments).output().unwrap();
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A script of this folder, ready for arguments; `None` without Python.
#[allow(dead_code, reason = "each test binary that includes this file uses a part of it")]
pub fn script(what: &str, path: &Path) -> Option<Command> {
    let mut command = python(what)?;
    command.arg(path).stdout(std::process::Stdio::null());
    Some(command)
}

/// An empty folder for one test, under cargo's folder for such things.
#[allow(dead_code, reason = "each test binary that includes this file uses a part of it")]
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
