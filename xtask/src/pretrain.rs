//! Making base models: starts `pretrain/pretrain.py` under `accelerate launch` with one of the configurations beside it.
//!
//! In: the name of a configuration, or a path; further arguments go to the script. Out: the script's run folder, in the cache, so that a
//! clone stays small and an interrupted run is taken up by the same command. Absent on purpose: training; it is Python's, so that the
//! same script runs on a cluster without this program.

use crate::places::Places;
use crate::problem::{Outcome, Problem};
use crate::setup;
use crate::shell::Program;
use std::path::{Path, PathBuf};

/// Runs the script.
///
/// # Errors
/// When there is no such configuration, no Python with the packages, or the script fails.
pub fn run(places: &Places, config: Option<String>, arguments: &[String], may_install: bool) -> Outcome<()> {
    let folder = places.root.join("pretrain");
    let config = find(&folder.join("configs"), config)?;
    // A Python that has no packages for the reference tests will do.
    if setup::pretraining_python(places).is_none() {
        setup::ensure(places, &[setup::Need::Python], may_install)?;
    }
    let Some(python) = setup::pretraining_python(places) else {
        return Err(Problem::new("pretraining needs Python with the packages of pretrain/requirements.txt"));
    };
    let name = config.file_stem().unwrap_or_default();
    let run = places.cache.join("pretrain").join(name);
    println!("pretrain: {} → {} (the same command takes an interrupted run up)", config.display(), run.display());
    let mut program = Program::new(places, &python)
        .args(["-m", "accelerate.commands.launch"])
        .arg(folder.join("pretrain.py"))
        .arg("--config")
        .arg(&config)
        .arg("--run")
        .arg(&run)
        .args(arguments);
    if std::env::var_os("ATTUNE_DATA").is_none()
        && let Some(shared) = &places.shared
    {
        program = program.env("ATTUNE_DATA", shared.join("data"));
    }
    program.run()
}

/// A path as it stands, or the configuration of that name.
fn find(configs: &Path, given: Option<String>) -> Outcome<PathBuf> {
    let mut known: Vec<String> = std::fs::read_dir(configs)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned))
        // Lists of sources that configurations share are none themselves.
        .filter(|name| !name.starts_with("texts-"))
        .collect();
    known.sort();
    let known = known.join(", ");
    let Some(given) = given else { return Err(Problem::new(format!("--config NAME is needed; there are {known}"))) };
    let named = configs.join(format!("{given}.toml"));
    if named.is_file() {
        return Ok(named);
    }
    let path = PathBuf::from(&given);
    match std::path::absolute(&path) {
        Ok(path) if path.is_file() => Ok(path),
        _ => Err(Problem::new(format!("there is no configuration `{given}`; there are {known}, or give a path"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configs() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../pretrain/configs")
    }

    #[test]
    fn configurations_are_found_by_name_and_by_path() {
        let named = find(&configs(), Some("attune-en-nano".to_owned())).unwrap();
        assert!(named.ends_with("attune-en-nano.toml"));
        assert!(find(&configs(), Some(named.display().to_string())).unwrap().is_file());
    }

    #[test]
    fn what_is_missing_names_what_there_is() {
        for given in [None, Some("attune-en-giant".to_owned())] {
            let said = find(&configs(), given).unwrap_err().to_string();
            assert!(said.contains("attune-en-nano") && said.contains("attune-zh-small") && !said.contains("texts-en"), "{said}");
        }
    }
}
