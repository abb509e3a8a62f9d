//! Programs of the operating system: browsers, their drivers, fonts, brotli.
//!
//! In: package names. Out: they are installed where apt and the right to use it are at hand; elsewhere a sentence says what to
//! install. The environment may name any of the browsers and drivers (`CHROMIUM`, `CHROMEDRIVER`, `FIREFOX`, `GECKODRIVER`).

use crate::places::Places;
use crate::problem::{Outcome, Problem};
use crate::shell::{Program, find};
use std::env;
use std::path::PathBuf;

/// Chromium or Chrome.
pub fn chromium(places: &Places) -> Option<PathBuf> {
    named(places, "CHROMIUM", &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
}

/// ChromeDriver.
pub fn chromedriver(places: &Places) -> Option<PathBuf> {
    named(places, "CHROMEDRIVER", &["chromedriver"])
}

/// Firefox.
pub fn firefox(places: &Places) -> Option<PathBuf> {
    named(places, "FIREFOX", &["firefox-esr", "firefox"])
}

/// geckodriver.
pub fn geckodriver(places: &Places) -> Option<PathBuf> {
    named(places, "GECKODRIVER", &["geckodriver"])
}

/// brotli's command line.
pub fn has_brotli(places: &Places) -> bool {
    find(places, "brotli").is_some()
}

/// Some font covers Chinese. Where fontconfig is missing nobody can tell, and nothing is installed on a guess.
pub fn has_cjk_font(places: &Places) -> bool {
    Program::new(places, "fc-list").args([":lang=zh", "family"]).read().map_or(true, |fonts| !fonts.trim().is_empty())
}

/// Installs packages with apt.
///
/// # Errors
/// When there is no apt, no right to use it, or it fails.
pub fn install(places: &Places, packages: &[&str]) -> Outcome<()> {
    let wanted = packages.join(" ");
    if find(places, "apt-get").is_none() {
        return Err(Problem::new(format!("please install these with your system's package manager: {wanted}")));
    }
    let root = Program::new(places, "id").arg("-u").read().is_ok_and(|id| id.trim() == "0");
    if !root && Program::new(places, "sudo").args(["-n", "true"]).read().is_err() {
        return Err(Problem::new(format!("please run: sudo apt-get install {wanted}")));
    }
    let apt = || {
        match root {
            true => Program::new(places, "apt-get"),
            false => Program::new(places, "sudo").args(["-n", "apt-get"]),
        }
        .env("DEBIAN_FRONTEND", "noninteractive")
    };
    // An outdated list of packages is no reason to stop: the packages may still be found by it.
    if let Err(problem) = apt().args(["update", "-q"]).run() {
        println!("set-up: {problem}; trying with the list of packages as it is");
    }
    apt().args(["install", "-y", "-q", "--no-install-recommends"]).args(packages).run()
}

fn named(places: &Places, variable: &str, names: &[&str]) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file()).or_else(|| names.iter().find_map(|name| find(places, name)))
}
