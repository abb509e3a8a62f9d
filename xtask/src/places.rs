//! Where things are: the clone, the cache beside it, and what the environment overrides.
//!
//! In: environment variables. Out: paths. Nothing is built inside the clone except `dist/` and this package itself, so that a clone
//! stays small and several clones share one cache.
//!
//! | variable | meaning | otherwise |
//! | --- | --- | --- |
//! | `ATTUNE_CACHE` | build output, tools, Python packages | `$XDG_CACHE_HOME/attune`, `~/.cache/attune` |
//! | `CARGO_TARGET_DIR` | cargo's output | `<cache>/target` |
//! | `ATTUNE_SHARED` | the peers' benchmark harness, toolchain archives | `../shared` where it exists |
//! | `ATTUNE_PYTHON` | a Python with the reference packages | `<cache>/py/bin/python` |

use crate::problem::{Outcome, Problem};
use std::env;
use std::path::{Path, PathBuf};

/// The folders that every command works with.
#[derive(Debug, Clone)]
pub struct Places {
    /// The clone.
    pub root: PathBuf,
    /// Everything that may be deleted and comes back.
    pub cache: PathBuf,
    /// Cargo's output.
    pub target: PathBuf,
    /// The built site.
    pub dist: PathBuf,
    /// Screenshots and reports of tests.
    pub artifacts: PathBuf,
    /// Tools installed only for this project, because another version of them is already on the machine.
    pub tools: PathBuf,
    /// The virtual environment of the reference tests.
    pub python_env: PathBuf,
    /// Harness and archives from outside the clone, where there are any.
    pub shared: Option<PathBuf>,
}

impl Places {
    /// Reads the environment.
    ///
    /// # Errors
    /// When there is no home folder and no `ATTUNE_CACHE`.
    pub fn find() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default();
        let cache = absolute("ATTUNE_CACHE")
            .or_else(|| absolute("XDG_CACHE_HOME").map(|cache| cache.join("attune")))
            .or_else(|| absolute("HOME").map(|home| home.join(".cache/attune")))
            .or_else(|| absolute("LOCALAPPDATA").map(|local| local.join("attune")))
            .ok_or_else(|| Problem::new("no home folder is known: set ATTUNE_CACHE to a folder for build output"))?;
        let shared =
            absolute("ATTUNE_SHARED").or_else(|| root.parent().map(|parent| parent.join("shared"))).filter(|folder| folder.is_dir());
        Ok(Self {
            target: absolute("CARGO_TARGET_DIR").unwrap_or_else(|| cache.join("target")),
            dist: root.join("dist"),
            artifacts: cache.join("artifacts"),
            tools: cache.join("tools"),
            python_env: cache.join("py"),
            shared,
            root,
            cache,
        })
    }

    /// The folder where cargo puts the page's module.
    pub fn wasm_page(&self) -> PathBuf {
        self.target.join("wasm32-unknown-unknown/page")
    }

    /// The folder where cargo puts release builds for the browser.
    pub fn wasm_release(&self) -> PathBuf {
        self.target.join("wasm32-unknown-unknown/release")
    }
}

/// A path from a variable, if it is set and absolute; a relative one would mean another place for every child process.
fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}
