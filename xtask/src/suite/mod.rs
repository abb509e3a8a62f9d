//! The whole test suite, cheapest first: lint, native tests, the built site, tests in the browser, end to end.
//!
//! In: which parts to run. Out: everything on the terminal, a table, and the last line `N passed, N failed`. A part that fails does
//! not keep the others from running.

mod browser;
mod lint;
mod native;
mod site_checks;
mod tally;

use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use crate::setup;
use std::fs;
use tally::{Count, Tally};

/// A part of the suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Formatting, clippy for every feature set and target.
    Lint,
    /// Tests that need no browser.
    Native,
    /// The built site: what is in the modules, and how large they are.
    Site,
    /// Tests inside a browser's worker.
    Browser,
    /// The page as a visitor uses it.
    EndToEnd,
}

impl Part {
    const ALL: [(&'static str, Self); 5] =
        [("lint", Self::Lint), ("native", Self::Native), ("site", Self::Site), ("browser", Self::Browser), ("e2e", Self::EndToEnd)];

    /// Parts from a list with commas; all of them when there is none.
    ///
    /// # Errors
    /// When a name is not one of a part.
    pub fn parse(names: Option<&str>) -> Outcome<Vec<Self>> {
        let Some(names) = names else { return Ok(Self::ALL.iter().map(|(_, part)| *part).collect()) };
        names
            .split(',')
            .map(|name| {
                let found = Self::ALL.iter().find(|(known, _)| *known == name);
                found
                    .map(|(_, part)| *part)
                    .ok_or_else(|| Problem::new(format!("there is no part `{name}`: lint, native, site, browser, e2e")))
            })
            .collect()
    }

    fn needs(self) -> &'static [setup::Need] {
        use setup::Need;
        match self {
            Self::Lint => &[Need::WasmTarget],
            Self::Native => &[Need::Python],
            Self::Site => &[Need::WasmTarget, Need::WasmBindgen, Need::Trunk, Need::WasmSplit, Need::Brotli],
            Self::Browser => &[Need::WasmTarget, Need::WasmBindgen, Need::WasmPack, Need::Chromium],
            Self::EndToEnd => {
                &[Need::WasmTarget, Need::WasmBindgen, Need::Trunk, Need::WasmSplit, Need::Chromium, Need::CjkFont, Need::Firefox]
            }
        }
    }
}

/// Runs the parts.
///
/// # Errors
/// When set-up fails, or any test does.
pub fn run(places: &Places, parts: &[Part], may_install: bool) -> Outcome<()> {
    let mut needs: Vec<setup::Need> = setup::TEST.to_vec();
    needs.retain(|need| parts.iter().any(|part| part.needs().contains(need)));
    setup::ensure(places, &needs, may_install)?;
    fs::create_dir_all(&places.artifacts).doing(|| format!("make {}", places.artifacts.display()))?;
    let mut tally = Tally::new();
    if parts.contains(&Part::Lint) {
        lint::run(places, &mut tally);
    }
    if parts.contains(&Part::Native) {
        native::run(places, &mut tally);
    }
    if parts.contains(&Part::Site) || parts.contains(&Part::EndToEnd) {
        site_checks::run(places, &mut tally);
    }
    if parts.contains(&Part::Browser) {
        browser::worker_tests(places, &mut tally);
    }
    if parts.contains(&Part::EndToEnd) {
        browser::end_to_end(places, &mut tally);
    }
    if tally.finish() {
        return Ok(());
    }
    // The line with the sum stays the last one of standard output.
    Err(Problem::new("not everything passed"))
}

/// Counts a check of our own and says what it found.
fn note(count: &mut Count, what: &str, found: Outcome<()>) {
    count.check(found.is_ok());
    match found {
        Ok(()) => println!("ok: {what}"),
        Err(problem) => println!("FAILED: {what}: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_builds_the_site_has_the_tools_for_it() {
        for part in [Part::Site, Part::EndToEnd] {
            assert!(setup::BUILD.iter().all(|need| part.needs().contains(need)), "{part:?}");
        }
        let all: Vec<_> = Part::ALL.iter().flat_map(|(_, part)| part.needs()).collect();
        assert!(setup::TEST.iter().all(|need| all.contains(&need)));
    }

    #[test]
    fn parts_are_read() {
        assert_eq!(Part::parse(Some("native,e2e")), Ok(vec![Part::Native, Part::EndToEnd]));
        assert_eq!(Part::parse(None).unwrap().len(), 5);
        assert!(Part::parse(Some("fast")).is_err());
    }
}
