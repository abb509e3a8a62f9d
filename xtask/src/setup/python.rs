//! The Python of the reference tests and of pretraining: PyTorch and Hugging Face libraries in a virtual environment in the cache.
//!
//! In: a `python3`. Out: `<cache>/py` with the packages, in the versions of pretrain/requirements.txt and tests/reference/requirements.txt.
//! Nothing of the page or of its build uses it.

use crate::places::Places;
use crate::problem::{Outcome, Problem};
use crate::shell::{Program, find};
use std::env;
use std::path::PathBuf;

/// What pretraining needs: name to install, name to import.
const PRETRAINING: [(&str, &str); 6] = [
    ("numpy", "numpy"),
    ("torch", "torch"),
    ("transformers", "transformers"),
    ("tokenizers", "tokenizers"),
    ("accelerate", "accelerate"),
    ("safetensors", "safetensors"),
];

/// What reference tests compare with besides.
const COMPARISONS: [(&str, &str); 5] =
    [("scikit-learn", "sklearn"), ("scipy", "scipy"), ("seqeval", "seqeval"), ("sacrebleu", "sacrebleu"), ("rouge-score", "rouge_score")];

/// The Python that reference tests are given, if it has the packages.
pub fn interpreter(places: &Places) -> Option<PathBuf> {
    having(places, PRETRAINING.iter().chain(&COMPARISONS).map(|(_, module)| *module))
}

/// The Python that pretraining is given, if it has the packages for that.
pub fn for_pretraining(places: &Places) -> Option<PathBuf> {
    having(places, PRETRAINING.iter().map(|(_, module)| *module))
}

fn having(places: &Places, modules: impl Iterator<Item = &'static str>) -> Option<PathBuf> {
    let path = candidate(places);
    // Found, not imported: importing PyTorch takes many seconds.
    let check = "import sys, importlib.util as u; sys.exit(0 if all(u.find_spec(m) for m in sys.argv[1:]) else 1)";
    Program::new(places, &path).args(["-c", check]).args(modules).read().is_ok().then_some(path)
}

/// Whether reference tests can run.
pub fn present(places: &Places) -> bool {
    interpreter(places).is_some()
}

/// Makes the virtual environment.
///
/// # Errors
/// When there is no `python3`, or pip cannot install the packages.
pub fn install(places: &Places) -> Outcome<()> {
    if env::var_os("ATTUNE_PYTHON").is_some() {
        return Err(Problem::new("ATTUNE_PYTHON names a Python without the packages; they are not installed into it uninvited"));
    }
    if find(places, "python3").is_none() {
        return Err(Problem::new("there is no python3"));
    }
    Program::new(places, "python3").args(["-m", "venv"]).arg(&places.python_env).run()?;
    let names = PRETRAINING.iter().chain(&COMPARISONS).map(|(name, _)| *name);
    let mut program = Program::new(places, candidate(places)).args(["-m", "pip", "install", "--quiet"]).args(names);
    for versions in ["pretrain/requirements.txt", "tests/reference/requirements.txt"] {
        program = program.arg("--constraint").arg(places.root.join(versions));
    }
    program.run()
}

fn candidate(places: &Places) -> PathBuf {
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    env::var_os("ATTUNE_PYTHON").map(PathBuf::from).unwrap_or_else(|| places.python_env.join(inside))
}

#[cfg(test)]
mod tests {
    use super::PRETRAINING;

    #[test]
    fn pretraining_needs_what_its_requirements_list() {
        let text = include_str!("../../../pretrain/requirements.txt");
        let mut listed: Vec<&str> = text.lines().filter_map(|line| line.split_once("==")).map(|(name, _)| name).collect();
        let mut needed: Vec<&str> = PRETRAINING.iter().map(|(name, _)| *name).collect();
        listed.sort_unstable();
        needed.sort_unstable();
        assert_eq!(needed, listed);
    }
}
