//! Builds the site and looks into what came out.
//!
//! Three checks guard against faults that no other test sees: exports wrapped by the linker (each call into the engine would first
//! run thousands of constructors), kernels that ask for subgroups (the web never grants them, and the invalid kernel takes good ones
//! with it), and modules that grow past what a school's network carries.

use super::{Count, Tally, note};
use crate::places::Places;
use crate::problem::{Outcome, Problem};
use crate::site::{self, ModuleSize};
use crate::wasm;
use std::fs;
use std::path::Path;

/// Most bytes after brotli of what a visitor fetches at a time: the first paint, the views after it (with what they share with those of tables), the views
/// of tables, the engine.
const BUDGETS: [(&str, &[&str], u64); 4] = [
    ("page", &["page"], 350_000),
    ("views", &["views", "shared"], 250_000),
    ("views of tables", &["labels"], 370_000),
    ("engine", &["engine"], 4_000_000),
];

/// Builds, then runs all checks.
pub fn run(places: &Places, tally: &mut Tally) {
    tally.section("site", |count| match site::build(places).and_then(|()| site::sizes(places)) {
        Ok(sizes) => {
            note(count, "the site builds", Ok(()));
            site::print_sizes(&sizes);
            budgets(&sizes, count);
            note(
                count,
                "the engine's exports are not wrapped by constructors",
                site::linked_engine(places).and_then(|module| unwrapped(&module)),
            );
            note(count, "no kernel asks for subgroups", site::linked_engine(places).and_then(|module| no_subgroups(&module)));
            note(count, "every address in the page is relative", relative(&places.dist));
        }
        Err(problem) => note(count, "the site builds", Err(problem)),
    });
}

fn budgets(sizes: &[ModuleSize], count: &mut Count) {
    for (name, modules, most) in BUDGETS {
        let measured: Option<u64> =
            modules.iter().map(|module| sizes.iter().find(|size| size.name == *module).and_then(|size| size.brotli)).sum();
        match measured {
            Some(bytes) => {
                let within = if bytes <= most { Ok(()) } else { Err(Problem::new(format!("{bytes} bytes"))) };
                note(count, &format!("the {name}: at most {} KB after brotli", most / 1000), within);
            }
            None => {
                println!("skipped: size of the {name} (brotli is not on this machine)");
                count.skipped += 1;
            }
        }
    }
}

/// The linker wraps every export into a `<name>.command_export` when nothing refers to `__wasm_call_ctors`. The names are the proof:
/// without them nothing could be said.
fn unwrapped(module: &[u8]) -> Outcome<()> {
    if !wasm::has_names(module)? {
        return Err(Problem::new("the linked module has no names to look at"));
    }
    if wasm::exports(module)?.is_empty() {
        return Err(Problem::new("the linked module has no exports to look at"));
    }
    match wasm::mentions(module, ".command_export") {
        false => Ok(()),
        true => Err(Problem::new(
            "the module contains `.command_export`: the worker's entry must refer to `__wasm_call_ctors` and call it once",
        )),
    }
}

fn no_subgroups(module: &[u8]) -> Outcome<()> {
    match wasm::mentions(module, "enable subgroups") {
        false => Ok(()),
        true => Err(Problem::new("the module contains the text `enable subgroups`")),
    }
}

/// A page below a folder of its host must find its parts: no address may start at the root.
fn relative(dist: &Path) -> Outcome<()> {
    let html = fs::read_to_string(dist.join("index.html")).map_err(|error| Problem::new(error.to_string()))?;
    let rooted = ["href=\"/", "src=\"/", "from '/", "from \"/", "import('/", "url(/", "init('/", "'/attune-"];
    match rooted.iter().find(|start| html.contains(**start)) {
        None => Ok(()),
        Some(start) => Err(Problem::new(format!("index.html contains `{start}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_module_and_one_without_names_are_refused() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([7, 6, 1, 2, b'g', b'o', 0, 0]);
        assert!(unwrapped(&module).is_err());
        module.extend([0, 7, 4, b'n', b'a', b'm', b'e', 1, 2]);
        assert_eq!(unwrapped(&module), Ok(()));
        let wrapped = b"go.command_export";
        module.extend([0, wrapped.len() as u8 + 2, 1, b'x']);
        module.extend(wrapped);
        assert!(unwrapped(&module).is_err());
    }
}
