//! Cuts the page's module in two: what the first paint needs, and the views that are fetched after it.
//!
//! In: the linked module, in which `src/page/later.rs` marks the seam and `build.rs` had the linker leave its relocations; the site as Trunk made it.
//! Out: the same site with the first half in place of Trunk's module, the second half and its loader beside it, both named after their content.
//! The cutting is `wasm-split-cli`'s, the binding wasm-bindgen's; this file only brings them together.

use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use crate::shell::Program;
use crate::site::{Fnv, files, has_ending};
use std::fs;
use std::path::{Path, PathBuf};

/// The loader's name as the cutter writes it.
const LOADER: &str = "__wasm_split.js";
/// The second half's name as the cutter writes it, without its ending: after the seam's name in `src/page/later.rs`.
const SECOND: &str = "split_views";
/// What the second half and its loader are called in the site, before their content's hash.
pub const VIEWS: &str = "views";

/// Cuts the page's module of the site in `dist`.
///
/// # Errors
/// When a tool fails or a file is not where it is expected.
pub fn page(places: &Places, dist: &Path) -> Outcome<()> {
    let bound = page_module(dist)?;
    let name = bound.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.trim_end_matches("_bg.wasm");
    let work = places.target.join("cut");
    if work.exists() {
        fs::remove_dir_all(&work).doing(|| format!("empty {}", work.display()))?;
    }
    let (halves, again) = (work.join("halves"), work.join("bound"));
    Program::new(places, "wasm-split-cli").arg(places.wasm_page().join("attune.wasm")).arg(&halves).args(["--out-name", stem]).run()?;
    Program::new(places, "wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", stem, "--out-dir"])
        .arg(&again)
        .arg(halves.join(format!("{stem}.wasm")))
        .run()?;

    let second = halves.join(format!("{SECOND}.wasm"));
    let mut hash = Fnv::new();
    hash.add(&read(&second)?);
    hash.add(name.as_bytes());
    let views = format!("{VIEWS}-{}", hash.name());
    copy(&second, &dist.join(format!("{views}.wasm")))?;
    let loader = replaced(&halves.join(LOADER), SECOND, &views)?;
    write(&dist.join(format!("{views}.js")), &loader)?;
    // Only where the script imports it: the same words also name what the module asks for, and that stays.
    let script = replaced(&again.join(format!("{stem}.js")), &format!("from \"./{LOADER}\""), &format!("from \"./{views}.js\""))?;
    write(&dist.join(format!("{stem}.js")), &script)?;
    copy(&again.join(&name), &bound)
}

/// The page's module as Trunk left it.
fn page_module(dist: &Path) -> Outcome<PathBuf> {
    let page =
        |file: &PathBuf| has_ending(file, "wasm") && file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("attune-"));
    files(dist)?.into_iter().find(page).ok_or_else(|| Problem::new("the built site has no module of the page"))
}

/// The text of a file with one name changed. A name that is not there means that a tool changed its ways.
fn replaced(file: &Path, from: &str, to: &str) -> Outcome<String> {
    let text = fs::read_to_string(file).doing(|| format!("read {}", file.display()))?;
    if text.contains(from) { Ok(text.replace(from, to)) } else { Err(Problem::new(format!("{} does not mention {from}", file.display()))) }
}

fn read(file: &Path) -> Outcome<Vec<u8>> {
    fs::read(file).doing(|| format!("read {}", file.display()))
}

fn write(file: &Path, text: &str) -> Outcome<()> {
    fs::write(file, text).doing(|| format!("write {}", file.display()))
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::copy(from, to).doing(|| format!("copy {} to {}", from.display(), to.display())).map(|_| ())
}
