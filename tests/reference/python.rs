//! Runs Python where there is one with `torch`, `transformers`, `tokenizers` and `safetensors`: `ATTUNE_PYTHON` names it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs `script` (Python source) with `arguments` and returns what it printed; `None`, and a line on the terminal, without Python.
/// A script that fails is a failed test.
pub fn run(what: &str, script: &str, arguments: &[&Path]) -> Option<String> {
    let Some(python) = std::env::var_os("ATTUNE_PYTHON") else {
        // Not `eprintln`: that is swallowed when a test passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED {what}: set ATTUNE_PYTHON to a Python with torch and transformers");
        return None;
    };
    let output = Command::new(&python)
        .arg("-c")
        .arg(script)
        .args(arguments)
        .env("HF_HUB_OFFLINE", "1")
        .env("TRANSFORMERS_VERBOSITY", "error")
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", Path::new(&python).display()));
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// An empty folder for one test, under cargo's folder for such things.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
