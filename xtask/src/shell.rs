//! Starting other programs: with the project's environment, watched, and with their output passed on.
//!
//! In: a program and its arguments. Out: whether it succeeded, or what it wrote. Absent on purpose: a shell; nothing here is ever
//! interpreted by one.

use crate::places::Places;
use crate::problem::{Doing, Outcome, Problem};
use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program about to be started.
pub struct Program {
    command: Command,
    line: String,
}

impl Program {
    /// `name` is looked for on the path, the project's own tools first.
    pub fn new(places: &Places, name: impl AsRef<OsStr>) -> Self {
        let name = name.as_ref();
        let mut command = Command::new(find(places, name).unwrap_or_else(|| PathBuf::from(name)));
        command.current_dir(&places.root).env("CARGO_TARGET_DIR", &places.target).env("PATH", search_path(places));
        // What `cargo run` told this program about itself must not reach other builds: build scripts that watch these variables would
        // run again each time.
        for (key, _) in env::vars_os() {
            let key_text = key.to_string_lossy();
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"].iter().any(|own| key_text.starts_with(own))
            {
                command.env_remove(&key);
            }
        }
        Self { command, line: name.to_string_lossy().into_owned() }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.line.push(' ');
        self.line.push_str(&arg.as_ref().to_string_lossy());
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args<T: AsRef<OsStr>>(self, args: impl IntoIterator<Item = T>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets an environment variable for the child.
    pub fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Removes an environment variable for the child.
    pub fn without_env(mut self, key: &str) -> Self {
        self.command.env_remove(key);
        self
    }

    /// Starts in another folder than the clone.
    pub fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it with its output on our terminal.
    ///
    /// # Errors
    /// When it cannot be started or ends with an error.
    pub fn run(mut self) -> Outcome<()> {
        let status = self.command.status().doing(|| format!("start `{}`", self.line))?;
        if status.success() { Ok(()) } else { Err(Problem::new(format!("`{}` ended with {status}", self.line))) }
    }

    /// Runs it silently and returns what it wrote to standard output.
    ///
    /// # Errors
    /// When it cannot be started or ends with an error; the error then carries what it wrote to standard error.
    pub fn read(mut self) -> Outcome<String> {
        let output = self.command.stdin(Stdio::null()).output().doing(|| format!("start `{}`", self.line))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Problem::new(format!("`{}` ended with {}: {}", self.line, output.status, said.trim())))
        }
    }

    /// Runs it, passes each line of its standard output on, and shows it to `see`. Returns whether it ended well.
    ///
    /// # Errors
    /// When it cannot be started or its output cannot be read.
    pub fn watch(mut self, mut see: impl FnMut(&str)) -> Outcome<bool> {
        println!("$ {}", self.line);
        let mut child = self.command.stdout(Stdio::piped()).spawn().doing(|| format!("start `{}`", self.line))?;
        if let Some(stdout) = child.stdout.take() {
            let mut reader = BufReader::new(stdout);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).doing(|| format!("read what `{}` wrote", self.line))? > 0 {
                let line = String::from_utf8_lossy(&bytes);
                print!("{line}");
                // A closed terminal is no reason to abandon a test run.
                let _ = std::io::stdout().flush();
                see(line.trim_end());
                bytes.clear();
            }
        }
        Ok(child.wait().doing(|| format!("wait for `{}`", self.line))?.success())
    }
}

/// The `cargo` that started us, so that a toolchain chosen with `+name` stays chosen.
pub fn cargo(places: &Places) -> Program {
    Program::new(places, env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// The package of the end-to-end specs.
pub const SPECS: &str = "attune-e2e";
/// This package.
pub const OWN: &str = "xtask";

/// `cargo` for packages that wait for other programs, [`OWN`] and [`SPECS`]: optimising them and the WebDriver client would only make
/// them wait for the compiler, too.
pub fn quick_cargo(places: &Places, command: &str, packages: &[&str]) -> Program {
    let quick = ["--config", "profile.dev.opt-level=0", "--config", "profile.dev.package.\"*\".opt-level=0"];
    cargo(places).arg(command).args(packages.iter().flat_map(|package| ["--package", package])).args(quick)
}

/// Where a program is: the project's own tools first, then the path.
pub fn find(places: &Places, name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let name = Path::new(name.as_ref()).with_extension(env::consts::EXE_EXTENSION);
    if name.is_absolute() {
        return name.is_file().then_some(name);
    }
    env::split_paths(&search_path(places)).map(|folder| folder.join(&name)).find(|path| path.is_file())
}

fn search_path(places: &Places) -> OsString {
    let given = env::var_os("PATH").unwrap_or_default();
    // `cargo install` puts its programs here, which a bare machine may not have on its path.
    let cargo_home =
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let all = std::iter::once(places.tools.join("bin")).chain(env::split_paths(&given)).chain(cargo_home.map(|home| home.join("bin")));
    env::join_paths(all).unwrap_or(given)
}
