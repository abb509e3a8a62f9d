//! Tools that cargo builds from the registry, each in one version.
//!
//! In: name and version. Out: the program is on our path in that version. A tool that is already on the machine in another version
//! stays untouched; ours then goes into the cache.

use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use crate::shell::{Program, cargo, find};
use std::fs;

/// Builds the site. 0.21 is the last that the oldest supported compiler can build.
pub const TRUNK: Pinned = Pinned { package: "trunk", program: "trunk", version: "0.21.14", locked: true, features: None };
/// Runs the tests in the browser.
pub const WASM_PACK: Pinned = Pinned { package: "wasm-pack", program: "wasm-pack", version: "0.15.1", locked: true, features: None };
/// Drives Firefox.
pub const GECKODRIVER: Pinned = Pinned { package: "geckodriver", program: "geckodriver", version: "0.37.1", locked: true, features: None };

/// Cuts the page's module in two.
pub const WASM_SPLIT: Pinned =
    Pinned { package: "wasm_split_cli_support", program: "wasm-split-cli", version: "0.2.4", locked: true, features: Some("build-binary") };

/// A tool whose version stands in this file.
pub struct Pinned {
    package: &'static str,
    program: &'static str,
    version: &'static str,
    locked: bool,
    /// What to switch on to get the program at all.
    features: Option<&'static str>,
}

impl Pinned {
    /// As a tool to look for.
    pub fn tool(&self) -> Tool {
        Tool {
            package: self.package,
            program: self.program,
            version: self.version.to_owned(),
            locked: self.locked,
            features: self.features,
        }
    }
}

/// A program that `cargo install` can build.
pub struct Tool {
    package: &'static str,
    program: &'static str,
    version: String,
    locked: bool,
    features: Option<&'static str>,
}

/// `wasm-bindgen`, whose version must be that of the library in `Cargo.lock`, or it refuses the module.
///
/// # Errors
/// When `Cargo.lock` cannot be read or does not list it.
pub fn wasm_bindgen(places: &Places) -> Outcome<Tool> {
    let path = places.root.join("Cargo.lock");
    let lock = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
    let version = locked_version(&lock, "wasm-bindgen").ok_or_else(|| Problem::new("Cargo.lock lists no wasm-bindgen"))?;
    // Without `--locked`: one of the versions it was released with has been withdrawn from the registry.
    Ok(Tool { package: "wasm-bindgen-cli", program: "wasm-bindgen", version: version.to_owned(), locked: false, features: None })
}

impl Tool {
    /// Whether the program is there in the wanted version.
    pub fn present(&self, places: &Places) -> bool {
        if Program::new(places, self.program).arg("--version").read().is_ok_and(|said| says_version(&said, &self.version)) {
            return true;
        }
        // Some programs do not tell their version; cargo does.
        find(places, self.program).is_some()
            && [cargo(places).args(["install", "--list"]), cargo(places).args(["install", "--list", "--root"]).arg(&places.tools)]
                .into_iter()
                .any(|program| program.read().is_ok_and(|list| lists(&list, self.package, &self.version)))
    }

    /// Builds and installs it.
    ///
    /// # Errors
    /// When cargo cannot.
    pub fn install(&self, places: &Places) -> Outcome<()> {
        let mut program = cargo(places).args(["install", self.package, "--version", &self.version]);
        if self.locked {
            program = program.arg("--locked");
        }
        if let Some(features) = self.features {
            program = program.args(["--features", features]);
        }
        if find(places, self.program).is_some() {
            program = program.arg("--root").arg(&places.tools);
        }
        // Their own release profiles are for people who start them all day: without whole-program optimisation Trunk is there in a
        // third of the time.
        program
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2")
            .without_env("CARGO_TARGET_DIR")
            .without_env("RUSTFLAGS")
            .run()
    }
}

/// Whether the first line of what a program says about itself contains exactly this version.
fn says_version(said: &str, version: &str) -> bool {
    said.lines().next().is_some_and(|line| line.split_whitespace().any(|word| word.trim_start_matches('v') == version))
}

/// Whether `cargo install --list` names this version of a package.
fn lists(list: &str, package: &str, version: &str) -> bool {
    list.lines().any(|line| line.trim_end_matches(':') == format!("{package} v{version}"))
}

/// The version of a package in the text of a `Cargo.lock`.
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_exact_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-test\"\nversion = \"0.3.80\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }

    #[test]
    fn cargo_knows_what_it_installed() {
        let list = "trunk v0.21.14:\n    trunk\nwasm_split_cli_support v0.2.4:\n    wasm-split-cli\n";
        assert!(lists(list, "wasm_split_cli_support", "0.2.4"));
        assert!(!lists(list, "wasm_split_cli_support", "0.2"));
    }

    #[test]
    fn a_version_is_a_whole_word() {
        assert!(says_version("trunk 0.21.14\n", "0.21.14"));
        assert!(says_version("wasm-bindgen v0.2.130 (abc)", "0.2.130"));
        assert!(!says_version("trunk 0.21.140", "0.21.14"));
        assert!(!says_version("", "0.21.14"));
    }
}
