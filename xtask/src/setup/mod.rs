//! Set-up: what a command needs is looked for by version, and installed once if it is missing.
//!
//! In: the list of needs of a command. Out: the machine has them, or one sentence says what is missing and how to get it.
//! Every installation is announced; `--no-install` (or `ATTUNE_NO_INSTALL=1`) forbids all of them. Optional needs (Firefox, the Python
//! packages of the reference tests, brotli) never fail a command: what cannot be had is said, and the tests for it are skipped in
//! plain sight.

mod cargo_tools;
mod python;
mod system;
mod wasm_target;

pub use python::for_pretraining as pretraining_python;
pub use python::interpreter as python_interpreter;

use crate::places::Places;
use crate::problem::{Outcome, Problem};

/// Something that a command cannot do without, or would rather not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The standard library for `wasm32-unknown-unknown`.
    WasmTarget,
    /// `wasm-bindgen` in exactly the version of `Cargo.lock`.
    WasmBindgen,
    /// Builds the site.
    Trunk,
    /// Cuts the page's module in two.
    WasmSplit,
    /// Runs the tests in the browser.
    WasmPack,
    /// Chromium and its driver.
    Chromium,
    /// A font with Chinese, so that screenshots show words and not boxes.
    CjkFont,
    /// Compresses the modules to see what a visitor downloads.
    Brotli,
    /// A second browser with a second implementation of WebGPU, and its driver.
    Firefox,
    /// PyTorch, transformers and friends, which the reference tests compare with and pretraining runs on.
    Python,
}

/// Needs of building the site.
pub const BUILD: &[Need] = &[Need::WasmTarget, Need::WasmBindgen, Need::Trunk, Need::WasmSplit];
/// Needs of the whole test suite.
pub const TEST: &[Need] = &[
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::Trunk,
    Need::WasmSplit,
    Need::WasmPack,
    Need::Chromium,
    Need::CjkFont,
    Need::Brotli,
    Need::Firefox,
    Need::Python,
];

impl Need {
    /// Whether the command is worth running without it.
    fn optional(self) -> bool {
        matches!(self, Self::CjkFont | Self::Brotli | Self::Firefox | Self::Python)
    }

    fn name(self) -> &'static str {
        match self {
            Self::WasmTarget => "the wasm32-unknown-unknown standard library",
            Self::WasmBindgen => "wasm-bindgen",
            Self::Trunk => "Trunk",
            Self::WasmSplit => "wasm-split-cli",
            Self::WasmPack => "wasm-pack",
            Self::Chromium => "Chromium and ChromeDriver",
            Self::CjkFont => "a font with Chinese characters",
            Self::Brotli => "brotli",
            Self::Firefox => "Firefox and geckodriver",
            Self::Python => "Python packages for reference tests and pretraining",
        }
    }

    fn present(self, places: &Places) -> Outcome<bool> {
        Ok(match self {
            Self::WasmTarget => wasm_target::present(places)?,
            Self::WasmBindgen => cargo_tools::wasm_bindgen(places)?.present(places),
            Self::Trunk => cargo_tools::TRUNK.tool().present(places),
            Self::WasmSplit => cargo_tools::WASM_SPLIT.tool().present(places),
            Self::WasmPack => cargo_tools::WASM_PACK.tool().present(places),
            Self::Chromium => system::chromium(places).is_some() && system::chromedriver(places).is_some(),
            Self::CjkFont => system::has_cjk_font(places),
            Self::Brotli => system::has_brotli(places),
            Self::Firefox => system::firefox(places).is_some() && system::geckodriver(places).is_some(),
            Self::Python => python::present(places),
        })
    }

    fn install(self, places: &Places) -> Outcome<()> {
        match self {
            Self::WasmTarget => wasm_target::install(places),
            Self::WasmBindgen => cargo_tools::wasm_bindgen(places)?.install(places),
            Self::Trunk => cargo_tools::TRUNK.tool().install(places),
            Self::WasmSplit => cargo_tools::WASM_SPLIT.tool().install(places),
            Self::WasmPack => cargo_tools::WASM_PACK.tool().install(places),
            Self::Chromium => system::install(places, &["chromium", "chromium-driver"]),
            Self::CjkFont => system::install(places, &["fonts-noto-cjk"]),
            Self::Brotli => system::install(places, &["brotli"]),
            Self::Firefox => {
                if system::firefox(places).is_none() {
                    system::install(places, &["firefox-esr", "mesa-vulkan-drivers"])?;
                }
                let driver = cargo_tools::GECKODRIVER.tool();
                if system::geckodriver(places).is_none() { driver.install(places) } else { Ok(()) }
            }
            Self::Python => python::install(places),
        }
    }
}

/// Makes sure that the machine has what a command needs.
///
/// # Errors
/// When something that is not optional is missing and cannot, or must not, be installed.
pub fn ensure(places: &Places, needs: &[Need], may_install: bool) -> Outcome<()> {
    let mut missing = Vec::new();
    for &need in needs {
        if need.present(places)? {
            continue;
        }
        if !may_install {
            if need.optional() {
                println!("set-up: {} missing; what needs it is skipped", need.name());
            } else {
                missing.push(need.name());
            }
            continue;
        }
        println!("set-up: installing {} (once; `--no-install` forbids it)", need.name());
        let installed = need.install(places).and_then(|()| match need.present(places)? {
            true => Ok(()),
            false => Err(Problem::new(format!("{} was installed but is not found", need.name()))),
        });
        match installed {
            Ok(()) => println!("set-up: {} is there", need.name()),
            Err(problem) if need.optional() => println!("set-up: no {} ({problem}); what needs it is skipped", need.name()),
            Err(problem) => return Err(problem),
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!("missing, and installing was forbidden: {}. README.md says how to install each by hand", missing.join(", "))))
}

/// Programs of the browser tests, as environment variables for them: only those that are there.
pub fn browser_programs(places: &Places) -> Vec<(&'static str, std::path::PathBuf)> {
    [
        ("CHROMIUM", system::chromium(places)),
        ("CHROMEDRIVER", system::chromedriver(places)),
        ("FIREFOX", system::firefox(places)),
        ("GECKODRIVER", system::geckodriver(places)),
    ]
    .into_iter()
    .filter_map(|(name, path)| Some((name, path?)))
    .collect()
}
