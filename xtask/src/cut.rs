//! Cuts the page's module: what the first paint needs, the views that are fetched after it, and those of tables and what is learned from them.
//!
//! In: the linked module, in which `src/page/later.rs` marks the seams and `build.rs` had the linker leave its relocations; the site as Trunk made it.
//! Out: the same site with the first part in place of Trunk's module, the others and their loader beside it, all named after their content. What more than
//! one of the others needs and the first does not is a part of its own. The cutting is `wasm-split-cli`'s, the binding wasm-bindgen's; this file only
//! brings them together.

use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use crate::shell::Program;
use crate::site::{Fnv, files, has_ending};
use std::fs;
use std::path::{Path, PathBuf};

/// The loader's name as the cutter writes it.
const LOADER: &str = "__wasm_split.js";
/// How the cutter starts the names of parts, which go on with the seam's name in `src/page/later.rs`.
const PART: &str = "split_";
/// How the cutter starts the names of what several parts share, which go on with a number.
const CHUNK: &str = "chunk_";
/// What the parts are called in the site, before their content's hash.
pub const VIEWS: &str = "views";
pub const LABELS: &str = "labels";
pub const SHARED: &str = "shared";
/// What the loader is called in the site, before its content's hash.
const LOADS: &str = "parts";

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
    let (cut, again) = (work.join("cut"), work.join("bound"));
    Program::new(places, "wasm-split-cli").arg(places.wasm_page().join("attune.wasm")).arg(&cut).args(["--out-name", stem]).run()?;
    Program::new(places, "wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", stem, "--out-dir"])
        .arg(&again)
        .arg(cut.join(format!("{stem}.wasm")))
        .run()?;

    let loader = cut.join(LOADER);
    let mut loads = fs::read_to_string(&loader).doing(|| format!("read {}", loader.display()))?;
    for part in files(&cut)?.into_iter().filter(|file| has_ending(file, "wasm")) {
        let own = part.file_stem().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(called) = called(&own) else { continue };
        let mut hash = Fnv::new();
        hash.add(&read(&part)?);
        // Parts fit the first one that they were cut from, and no other.
        hash.add(name.as_bytes());
        let called = format!("{called}-{}.wasm", hash.name());
        copy(&part, &dist.join(&called))?;
        loads = replaced(&loads, LOADER, &format!("\"./{own}.wasm\""), &format!("\"./{called}\""))?;
    }
    let mut hash = Fnv::new();
    hash.add(loads.as_bytes());
    let parts = format!("{LOADS}-{}.js", hash.name());
    write(&dist.join(&parts), &loads)?;
    // Only where the script imports it: the same words also name what the module asks for, and that stays.
    let script = again.join(format!("{stem}.js"));
    let text = fs::read_to_string(&script).doing(|| format!("read {}", script.display()))?;
    let text = replaced(&text, &script.to_string_lossy(), &format!("from \"./{LOADER}\""), &format!("from \"./{parts}\""))?;
    write(&dist.join(format!("{stem}.js")), &text)?;
    copy(&again.join(&name), &bound)
}

/// What a part is called in the site; nothing for the first part.
fn called(own: &str) -> Option<&str> {
    if own.starts_with(CHUNK) { Some(SHARED) } else { own.strip_prefix(PART) }
}

/// The page's module as Trunk left it.
fn page_module(dist: &Path) -> Outcome<PathBuf> {
    let page =
        |file: &PathBuf| has_ending(file, "wasm") && file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("attune-"));
    files(dist)?.into_iter().find(page).ok_or_else(|| Problem::new("the built site has no module of the page"))
}

/// A text with one name changed. A name that is not there means that a tool changed its ways.
fn replaced(text: &str, file: &str, from: &str, to: &str) -> Outcome<String> {
    if text.contains(from) { Ok(text.replace(from, to)) } else { Err(Problem::new(format!("{file} does not mention {from}"))) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_called_after_their_seams_and_what_they_share_after_neither() {
        assert_eq!(["split_views", "split_labels", "chunk_3", "attune-1f"].map(called), [Some(VIEWS), Some(LABELS), Some(SHARED), None]);
        assert!(replaced("import \"./a.js\"", "x", "./b.js", "./c.js").is_err());
    }
}
