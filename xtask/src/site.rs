//! Building the site: both wasm modules and everything the page fetches, in one folder that any static host can serve.
//!
//! In: the clone. Out: `dist/`. Trunk compiles and binds; this file then does what Trunk does not: it cuts the page's module (`cut`), drops function names
//! from the modules, and moves the worker's files into a folder named after their content. Without that a browser could pair today's page
//! with yesterday's engine from its cache, for Trunk gives the worker's files fixed names.

use crate::cut;
use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use crate::shell::{Program, cargo, find};
use crate::wasm;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, UNIX_EPOCH};

/// The attribute in `index.html` that tells the page where the worker starts, as written in the source.
const WORKER_IN_SOURCE: &str = "content=\"./engine_loader.js\"";
/// The worker's files as Trunk names them.
const WORKER_FILES: [&str; 3] = ["engine_loader.js", "engine.js", "engine_bg.wasm"];

/// A built module and what a visitor downloads for it.
#[derive(Debug, Clone)]
pub struct ModuleSize {
    /// `page`, `views`, `shared` (by views and labels), `labels` or `engine`.
    pub name: &'static str,
    /// Bytes of the file.
    pub raw: u64,
    /// Bytes as sent with gzip, where the program is on this machine.
    pub gzip: Option<u64>,
    /// Bytes as a host sends that packs files once, with brotli's best, where the program is on this machine.
    pub brotli: Option<u64>,
}

/// What the site is made from.
const SOURCES: [&str; 10] =
    ["Cargo.toml", "Cargo.lock", "build.rs", "Trunk.toml", ".cargo", "src", "www", "static", "xtask/src/site.rs", "xtask/src/cut.rs"];

/// Builds `dist/` unless it is there already, made from the files as they are.
///
/// # Errors
/// As for [`build`].
pub fn build_if_needed(places: &Places) -> Outcome<()> {
    let stamp = places.root.join("target/site-made-from");
    let now = fingerprint(&places.root)?;
    if fs::read_to_string(&stamp).is_ok_and(|then| then == now) && worker_folder(&places.dist).is_ok() {
        println!("{} is up to date", places.dist.display());
        return Ok(());
    }
    build(places)?;
    fs::create_dir_all(places.root.join("target")).doing(|| "make the folder target".to_owned())?;
    fs::write(&stamp, now).doing(|| format!("write {}", stamp.display()))
}

/// Names, lengths and times of all sources, in short.
fn fingerprint(root: &Path) -> Outcome<String> {
    let mut hash = Fnv::new();
    for source in SOURCES {
        let path = root.join(source);
        for file in if path.is_dir() { files(&path)? } else { vec![path] } {
            let data = fs::metadata(&file).doing(|| format!("look at {}", file.display()))?;
            let time = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
            hash.add(file.to_string_lossy().as_bytes());
            hash.add(&data.len().to_le_bytes());
            hash.add(&time.as_nanos().to_le_bytes());
        }
    }
    Ok(hash.name())
}

/// Builds `dist/`.
///
/// # Errors
/// When a module does not compile or a file is missing afterwards.
pub fn build(places: &Places) -> Outcome<()> {
    let began = Instant::now();
    // Trunk stays offline, or it would look for newer tools by itself; it passes that on to cargo, so the packages must be here.
    cargo(places).args(["fetch", "--quiet", "--target", "wasm32-unknown-unknown"]).run()?;
    Program::new(places, "trunk")
        .args(["build", "--release", "--offline"])
        .arg("--dist")
        .arg(&places.dist)
        // Trunk reads this variable as one of its flags and stops at any value but true or false.
        .without_env("NO_COLOR")
        .run()?;
    cut::page(places, &places.dist)?;
    for file in files(&places.dist)?.into_iter().filter(|file| has_ending(file, "wasm")) {
        let module = fs::read(&file).doing(|| format!("read {}", file.display()))?;
        fs::write(&file, wasm::without_names(&module)?).doing(|| format!("write {}", file.display()))?;
    }
    name_worker_after_content(&places.dist)?;
    println!("built {} in {} s", places.dist.display(), began.elapsed().as_secs());
    Ok(())
}

/// The folder of the built site that holds the worker's files.
///
/// # Errors
/// When the site has not been built.
pub fn worker_folder(dist: &Path) -> Outcome<PathBuf> {
    let loader = files(dist)?.into_iter().find(|file| file.ends_with(WORKER_FILES[0]));
    loader.and_then(|file| file.parent().map(Path::to_path_buf)).ok_or_else(|| Problem::new("the built site has no worker"))
}

/// The module of the worker as the linker left it, before wasm-bindgen, names included.
///
/// # Errors
/// When it has not been built.
pub fn linked_engine(places: &Places) -> Outcome<Vec<u8>> {
    let path = places.wasm_release().join("engine.wasm");
    fs::read(&path).doing(|| format!("read {}", path.display()))
}

/// Prints sizes as a small table.
pub fn print_sizes(sizes: &[ModuleSize]) {
    let kilobytes =
        |bytes: Option<u64>| bytes.map_or_else(|| "not measured".to_owned(), |bytes| format!("{:.0} KB", bytes as f64 / 1000.0));
    for size in sizes {
        let (raw, gzip, brotli) = (kilobytes(Some(size.raw)), kilobytes(size.gzip), kilobytes(size.brotli));
        println!("{:<7} {raw:>10}   gzip {gzip:>12}   brotli {brotli:>12}", size.name);
    }
}

/// Measures the modules of the built site.
///
/// # Errors
/// When a module is missing.
pub fn sizes(places: &Places) -> Outcome<Vec<ModuleSize>> {
    let all = files(&places.dist)?;
    let modules = [("page", "attune-"), ("views", cut::VIEWS), ("shared", cut::SHARED), ("labels", cut::LABELS), ("engine", "engine_bg")];
    modules
        .into_iter()
        .map(|(name, start)| {
            let starts = |file: &&PathBuf| file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(start));
            let file = all.iter().filter(|file| has_ending(file, "wasm")).find(starts);
            let file = file.ok_or_else(|| Problem::new(format!("the built site has no module of the {name}")))?;
            let raw = fs::metadata(file).doing(|| format!("measure {}", file.display()))?.len();
            Ok(ModuleSize { name, raw, gzip: packed(places, "gzip", &["-9"], file), brotli: packed(places, "brotli", &["-q", "11"], file) })
        })
        .collect()
}

/// Bytes of a file after a compressor that writes to its standard output; nothing where the program is missing or fails.
fn packed(places: &Places, program: &str, args: &[&str], file: &Path) -> Option<u64> {
    let path = find(places, program)?;
    let output = std::process::Command::new(path).args(args).arg("-c").arg(file).output().ok()?;
    output.status.success().then_some(output.stdout.len() as u64)
}

fn name_worker_after_content(dist: &Path) -> Outcome<()> {
    let mut hash = Fnv::new();
    for name in WORKER_FILES {
        let file = dist.join(name);
        hash.add(&fs::read(&file).doing(|| format!("read the worker's {}", file.display()))?);
    }
    let folder = format!("engine-{}", hash.name());
    fs::create_dir_all(dist.join(&folder)).doing(|| format!("make dist/{folder}"))?;
    // Helper scripts stay where Trunk put them, beside the page; the worker's script is now one folder further down.
    let script = dist.join("engine.js");
    let text = fs::read_to_string(&script).doing(|| "read dist/engine.js".to_owned())?;
    if text.contains("./snippets/") {
        fs::write(&script, text.replace("./snippets/", "../snippets/")).doing(|| "write dist/engine.js".to_owned())?;
    }
    for name in WORKER_FILES {
        fs::rename(dist.join(name), dist.join(&folder).join(name)).doing(|| format!("move {name}"))?;
    }
    let index = dist.join("index.html");
    let html = fs::read_to_string(&index).doing(|| "read dist/index.html".to_owned())?;
    if !html.contains(WORKER_IN_SOURCE) {
        return Err(Problem::new(format!("index.html does not say where the worker starts: expected an attribute {WORKER_IN_SOURCE}")));
    }
    let html = html.replace(WORKER_IN_SOURCE, &format!("content=\"./{folder}/engine_loader.js\""));
    fs::write(&index, html).doing(|| "write dist/index.html".to_owned())
}

/// Whether a file has this ending.
pub fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|own| own == ending)
}

/// Every file below a folder.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).doing(|| format!("look into {}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// FNV-1a, 64 bits: names by content, with no claim against forgers.
pub struct Fnv(u64);

impl Fnv {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// As sixteen digits.
    pub fn name(&self) -> String {
        format!("{:016x}", self.0)
    }

    /// Takes in more.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_fnv_1a() {
        let mut hash = Fnv::new();
        hash.add(b"foobar");
        assert_eq!(hash.0, 0x85944171f73967e8);
    }
}
