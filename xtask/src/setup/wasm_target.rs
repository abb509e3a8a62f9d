//! The standard library for the browser.
//!
//! rustup installs it in seconds, and that is tried first. On a machine whose rustup cannot download, or has none, it is built once
//! from the library's source with the installed compiler, about half a minute; afterwards cargo, Trunk and wasm-pack behave as if
//! rustup had put it there. The source is looked for in this order: the toolchain itself, Debian's `rust-src` of exactly this
//! version, an archive `toolchain/rust-library-<version>.tar.xz` in `ATTUNE_SHARED`.

use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use crate::shell::{Program, cargo, find};
use std::fs;
use std::path::{Path, PathBuf};

const TARGET: &str = "wasm32-unknown-unknown";

/// Whether the compiler can build for the browser.
///
/// # Errors
/// When there is no `rustc`.
pub fn present(places: &Places) -> Outcome<bool> {
    let libraries = target_libraries(places)?;
    Ok(fs::read_dir(libraries).is_ok_and(|files| files.flatten().any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))))
}

/// Puts it there.
///
/// # Errors
/// When neither rustup nor a source can be had.
pub fn install(places: &Places) -> Outcome<()> {
    if find(places, "rustup").is_some() {
        match Program::new(places, "rustup").args(["target", "add", TARGET]).run() {
            Ok(()) if present(places)? => return Ok(()),
            Ok(()) => println!("set-up: rustup added the target to another toolchain than the one in use"),
            Err(problem) => println!("set-up: {problem}"),
        }
    }
    println!("set-up: building the standard library from source instead");
    let sysroot = sysroot(places)?;
    let library = sysroot.join("lib/rustlib/src/rust/library");
    if !library.join("std/Cargo.toml").is_file() {
        fetch_source(places, &sysroot)?;
    }
    build(places)
}

fn sysroot(places: &Places) -> Outcome<PathBuf> {
    Ok(PathBuf::from(Program::new(places, "rustc").args(["--print", "sysroot"]).read()?.trim()))
}

fn target_libraries(places: &Places) -> Outcome<PathBuf> {
    Ok(PathBuf::from(Program::new(places, "rustc").args(["--print", "target-libdir", "--target", TARGET]).read()?.trim()))
}

/// `1.95.0` of `rustc 1.95.0 (59807616e 2026-04-14)`.
fn compiler_version(places: &Places) -> Outcome<String> {
    let said = Program::new(places, "rustc").arg("--version").read()?;
    said.split_whitespace().nth(1).map(str::to_owned).ok_or_else(|| Problem::new(format!("rustc says its version as `{}`", said.trim())))
}

/// Puts the directory `library` of the compiler's own source into the toolchain.
fn fetch_source(places: &Places, sysroot: &Path) -> Outcome<()> {
    let version = compiler_version(places)?;
    let destination = sysroot.join("lib/rustlib/src/rust");
    fs::create_dir_all(&destination).doing(|| format!("write to the toolchain at {}", destination.display()))?;
    match debian_source(places, &version) {
        Ok(library) => {
            return Program::new(places, "cp").arg("-rL").arg(library).arg(&destination).run();
        }
        Err(problem) => println!("set-up: no source from Debian: {problem}"),
    }
    let archive = places.shared.as_ref().map(|shared| shared.join(format!("toolchain/rust-library-{version}.tar.xz")));
    match archive.filter(|path| path.is_file()) {
        Some(archive) => Program::new(places, "tar").arg("-C").arg(destination).arg("-xJf").arg(archive).run(),
        None => Err(Problem::new(format!(
            "rustc {version} cannot build for the browser, and the source of its standard library is nowhere to be had; \
             `rustup target add {TARGET}` on a machine with a network is the ordinary way"
        ))),
    }
}

/// Unpacks Debian's `rust-src` of this version into the cache; returns the directory `library`. The archive's address is the one that
/// this machine's apt already uses; suites beyond the configured ones are asked through lists of our own, so nothing of the machine's
/// configuration changes and apt checks the signatures.
fn debian_source(places: &Places, version: &str) -> Outcome<PathBuf> {
    let folder = places.cache.join("rust-src");
    let lists = folder.join("lists/partial");
    fs::create_dir_all(&lists).doing(|| format!("make {}", lists.display()))?;
    let said = Program::new(places, "apt-get").args(["indextargets", "--format", "$(REPO_URI) $(COMPONENT)"]).read()?;
    let repository = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(address, component)| *component == "main" && !address.contains("security"))
        .map(|(address, _)| address.to_owned())
        .ok_or_else(|| Problem::new("apt has no package lists"))?;
    let suites = ["trixie-backports", "stable-backports", "stable", "testing", "unstable"];
    let mut why = Problem::new("apt knows no suite");
    for suite in suites {
        let list = folder.join("sources.list");
        fs::write(&list, format!("deb {repository} {suite} main\n")).doing(|| format!("write {}", list.display()))?;
        let apt = || {
            let path = |key: &str, path: &Path| format!("{key}={}", path.display());
            Program::new(places, "apt-get").within(&folder).args([
                "-o".to_owned(),
                path("Dir::Etc::SourceList", &list),
                "-o".to_owned(),
                "Dir::Etc::SourceParts=-".to_owned(),
                "-o".to_owned(),
                path("Dir::State::Lists", &folder.join("lists")),
                "-o".to_owned(),
                path("Dir::Cache", &folder),
                "-q".to_owned(),
            ])
        };
        let fetched = apt().arg("update").read().and_then(|_| apt().args(["download", &format!("rust-src={version}*")]).read());
        match fetched {
            Ok(_) => {
                let packages = fs::read_dir(&folder).doing(|| format!("look into {}", folder.display()))?;
                let package = packages
                    .flatten()
                    .map(|entry| entry.path())
                    .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("rust-src_{version}"))))
                    .ok_or_else(|| Problem::new("apt downloaded rust-src but it is not there"))?;
                Program::new(places, "dpkg").arg("-x").arg(package).arg(&folder).run()?;
                return find_library(&folder.join("usr"), 6).ok_or_else(|| Problem::new("the package holds no library/std"));
            }
            Err(problem) => why = problem,
        }
    }
    Err(why)
}

/// The first directory `library` below `folder` that holds the standard library.
fn find_library(folder: &Path, depth: u32) -> Option<PathBuf> {
    let here = folder.join("library");
    if here.join("std/Cargo.toml").is_file() {
        return Some(here);
    }
    if depth == 0 {
        return None;
    }
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .find_map(|path| find_library(&path, depth - 1))
}

/// Builds the standard library by way of an empty crate and copies what came out into the toolchain.
fn build(places: &Places) -> Outcome<()> {
    let name = "attune_empty";
    let folder = places.cache.join("wasm-std");
    let source = folder.join("src");
    fs::create_dir_all(&source).doing(|| format!("make {}", source.display()))?;
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n");
    fs::write(folder.join("Cargo.toml"), manifest).doing(|| "write the empty crate".to_owned())?;
    fs::write(source.join("lib.rs"), "#![no_std]\n").doing(|| "write the empty crate".to_owned())?;
    let target = folder.join("target");
    cargo(places)
        .within(&folder)
        .args(["build", "-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro", "--release", "--target", TARGET])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_TARGET_DIR", &target)
        .run()?;
    let libraries = target_libraries(places)?;
    fs::create_dir_all(&libraries).doing(|| format!("write to the toolchain at {}", libraries.display()))?;
    let built = target.join(TARGET).join("release/deps");
    for entry in fs::read_dir(&built).doing(|| format!("look into {}", built.display()))?.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.ends_with(".rlib") && !file.starts_with(&format!("lib{name}")) {
            fs::copy(entry.path(), libraries.join(&file)).doing(|| format!("copy {file} into the toolchain"))?;
        }
    }
    Ok(())
}
