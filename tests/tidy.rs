//! Rules that a reviewer should not have to remember, as a test: module headers, the map of rooms, file sizes, and nothing in the
//! clone that belongs to one machine.
//!
//! The lists of exceptions ratchet: they may only shrink. An entry that is no longer needed fails the test until it is removed.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Most lines of a source file.
const MOST_LINES: usize = 400;
/// Longer files: path and the lines it may have at most. Never add one; look for the file's second subject instead.
const LONGER: &[(&str, usize)] = &[];

/// Most bytes of a file.
const MOST_BYTES: u64 = 700_000;
/// Larger files and why.
const LARGER: &[(&str, &str)] = &[];

/// The weights of base models: `tests/models.rs` bounds their size.
fn is_weights(name: &str) -> bool {
    name.starts_with("static/models/") && name.ends_with("/model.safetensors")
}

/// Which rooms of `src/` a room may use, and which crates it must not touch. `docs/architecture.md` draws the same map.
const ROOMS: &[(&str, &[&str], &[&str])] = &[
    ("protocol", &[], &["burn", "leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("metrics", &[], &["burn", "leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("baseline", &[], &["burn", "leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("text", &["protocol"], &["burn", "leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("checkpoint", &["protocol"], &["burn", "leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("generate", &["protocol"], &["burn", "leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("model", &["checkpoint"], &["leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("train", &["model", "checkpoint", "text", "metrics", "protocol"], &["leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("explain", &["model", "checkpoint", "metrics", "protocol"], &["leptos", "web_sys", "js_sys", "wasm_bindgen"]),
    ("engine", &["protocol", "metrics", "text", "model", "train", "generate", "explain", "checkpoint", "baseline"], &["leptos"]),
    ("page", &["protocol", "metrics"], &["burn"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the clone with its path from the root, without what git ignores.
fn files() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            if ["target", "dist", ".git", "node_modules"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((name, path));
            }
        }
    }
    found.sort();
    assert!(found.iter().any(|(name, _)| name == "src/lib.rs"), "the walk did not find the sources");
    found
}

/// Files of Rust with their text.
fn sources() -> Vec<(String, String)> {
    files().into_iter().filter(|(name, _)| name.ends_with(".rs")).map(|(name, path)| (name, fs::read_to_string(path).unwrap())).collect()
}

/// Fails with every finding at once.
fn none(findings: Vec<String>, rule: &str) {
    assert!(findings.is_empty(), "{rule}\n{}", findings.join("\n"));
}

#[test]
fn every_source_file_opens_with_what_it_is_for() {
    let bare = sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(name, _)| name).collect();
    none(bare, "These files do not open with `//!`:");
}

#[test]
fn source_files_are_short_and_the_list_of_longer_ones_shrinks() {
    let lines: BTreeMap<String, usize> = sources().into_iter().map(|(name, text)| (name, text.lines().count())).collect();
    let mut findings: Vec<String> = lines
        .iter()
        .filter(|(name, count)| **count > LONGER.iter().find(|(longer, _)| longer == name).map_or(MOST_LINES, |(_, most)| *most))
        .map(|(name, count)| format!("{name}: {count} lines; look for its second subject"))
        .collect();
    for (name, most) in LONGER {
        match lines.get(*name) {
            None => findings.push(format!("{name} is gone: remove it from LONGER")),
            Some(count) if *count <= MOST_LINES => findings.push(format!("{name} is short now: remove it from LONGER")),
            Some(count) if count < most => findings.push(format!("{name} has shrunk: write {count} into LONGER")),
            Some(_) => {}
        }
    }
    none(findings, "File sizes:");
}

#[test]
fn rooms_use_only_the_rooms_on_the_map() {
    let mut findings = Vec::new();
    for (name, text) in sources() {
        let Some(inside) = name.strip_prefix("src/") else { continue };
        let Some((room, file)) = inside.split_once('/') else { continue };
        let Some((_, allowed, forbidden)) = ROOMS.iter().find(|(known, _, _)| *known == room) else {
            if room != "bin" {
                findings.push(format!("{name}: the room `{room}` is not on the map"));
            }
            continue;
        };
        for used in used_rooms(&text).into_iter().filter(|used| used != room && !allowed.contains(&used.as_str())) {
            findings.push(format!("{name}: `{room}` must not use `{used}`"));
        }
        for used in forbidden.iter().filter(|krate| uses_crate(&text, krate)) {
            findings.push(format!("{name}: `{room}` must not use the crate `{used}`"));
        }
        // `super::` from the top of a room would reach its neighbours unseen.
        if file == "mod.rs" && text.lines().any(|line| line.starts_with("use super::") || line.starts_with("pub use super::")) {
            findings.push(format!("{name}: name other rooms with `crate::`, not `super::`"));
        }
    }
    none(findings, "The map of rooms (docs/architecture.md):");
}

#[test]
fn no_large_files() {
    let mut findings = Vec::new();
    for (name, path) in files().into_iter().filter(|(name, _)| !is_weights(name)) {
        let bytes = fs::metadata(path).unwrap().len();
        let listed = LARGER.iter().any(|(larger, _)| *larger == name);
        if bytes > MOST_BYTES && !listed {
            findings.push(format!("{name}: {bytes} bytes"));
        } else if bytes <= MOST_BYTES && listed {
            findings.push(format!("{name} is small: remove it from LARGER"));
        }
    }
    none(findings, "Large files:");
}

#[test]
fn nothing_of_one_machine_is_in_the_clone() {
    // Written in two halves, so that this file does not find itself.
    let machine = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/wo", "rk/"),
        concat!("C:\\", "Users"),
        concat!("index.", "crates.io"),
        concat!("static.", "crates.io"),
        concat!("registry.", "npmjs.org"),
        concat!("pypi.", "org"),
        concat!("files.", "pythonhosted.org"),
        concat!("deb.", "debian.org"),
        concat!("download.", "pytorch.org"),
    ];
    let mut findings = Vec::new();
    for (name, path) in files() {
        // Binary files hold no paths that anyone would follow.
        let Ok(text) = String::from_utf8(fs::read(path).unwrap()) else { continue };
        for found in machine.iter().filter(|found| text.contains(**found)) {
            findings.push(format!("{name}: `{found}`"));
        }
    }
    none(findings, "These files name one machine's folders or a registry's host:");
}

#[test]
fn every_locked_package_comes_from_the_public_registry() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let sources: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("source = ")).collect();
    assert!(!sources.is_empty());
    let other = sources.into_iter().filter(|source| *source != "\"registry+https://github.com/rust-lang/crates.io-index\"");
    none(other.map(str::to_owned).collect(), "Cargo.lock names other sources:");
}

/// Lines that are neither comments nor empty.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with("//"))
}

/// Rooms named as `crate::room`, also in `use crate::{a, b::C}`.
fn used_rooms(text: &str) -> Vec<String> {
    let code: String = code(text).collect::<Vec<_>>().join("\n");
    let mut rooms = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        // `$crate::` and a crate whose name ends in `crate` are something else.
        if code[..at].ends_with(|before: char| before == '$' || before == '_' || before.is_alphanumeric()) {
            continue;
        }
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            Some(list) => rooms.extend(heads(list)),
            None => rooms.push(word(rest)),
        }
    }
    rooms.sort();
    rooms.dedup();
    rooms
}

/// First words of the entries of a brace list, to its closing brace.
fn heads(list: &str) -> Vec<String> {
    let (mut depth, mut fresh, mut heads) = (0, true, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if fresh && letter.is_alphabetic() => {
                heads.push(word(&list[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Whether a crate is named in code: `use burn`, `burn::`, but not `my_burn::` or `text::burn::`.
fn uses_crate(text: &str, name: &str) -> bool {
    code(text).any(|line| {
        line.match_indices(name).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + name.len()..]);
            let starts = !before.ends_with(|letter: char| letter == '_' || letter == ':' || letter == '"' || letter.is_alphanumeric());
            starts && (after.starts_with("::") || (before.trim_end().ends_with("use") && after.starts_with([';', ' '])))
        })
    })
}

#[test]
fn imports_are_recognised() {
    let text = "use crate::{protocol::{Command, Event}, text};\n// crate::page\nfn f() { crate::model::ops::g(); $crate::engine!(); }";
    assert_eq!(used_rooms(text), ["model", "protocol", "text"]);
    assert!(uses_crate("use burn::tensor::Tensor;", "burn"));
    assert!(uses_crate("let t: burn::Tensor = x;", "burn"));
    assert!(!uses_crate("//! never burn::\nlet a = heart_burn::b(); let c = text::burn::d();", "burn"));
}
