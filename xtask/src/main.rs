//! `cargo xtask`: one command per job. Each sets up what it needs, once, and says so.
//!
//! | command | does |
//! | --- | --- |
//! | `serve [--open] [--port N]` | builds the site and serves it on this machine |
//! | `build` | builds `dist/`, ready for any static host |
//! | `test [--only lint,native,site,browser,e2e]` | every test; ends with `N passed, N failed` |
//! | `bench [arguments for the peers' harness]` | measures speed, beside other programs where their harness is at hand |
//! | `models` | brings the list of base models up to date with their files |
//! | `pretrain --config NAME [arguments for the script]` | makes a base model, by Python |
//! | `setup` | only installs what the tests need |
//!
//! `--no-install`, or `ATTUNE_NO_INSTALL=1`, forbids every installation.

mod bench;
mod cut;
mod places;
mod pretrain;
mod problem;
mod setup;
mod shell;
mod site;
mod suite;
mod wasm;

use places::Places;
use problem::{Doing, Outcome, Problem};
use shell::{Program, find};
use site_server::Server;
use std::env;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask serve [--open] [--port N]   build the page and serve it on this machine
cargo xtask build                       build dist/, ready for any static host
cargo xtask test [--only PART,PART]     every test, or parts: lint, native, site, browser, e2e
cargo xtask bench [ARGUMENTS]           measure; arguments go to the peers' harness
cargo xtask models                      bring the list of base models up to date with their files
cargo xtask pretrain --config NAME      make a base model; other arguments go to pretrain/pretrain.py
cargo xtask setup                       only install what the tests need

--no-install (or ATTUNE_NO_INSTALL=1)   install nothing; say what is missing";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let may_install = !take_flag(&mut arguments, "--no-install") && env::var_os("ATTUNE_NO_INSTALL").is_none_or(|value| value == "0");
    let done = match arguments.first().map(String::as_str) {
        Some("serve") => serve(arguments.split_off(1), may_install),
        Some("build") => build(arguments.split_off(1), may_install),
        Some("test") => test(arguments.split_off(1), may_install),
        Some("bench") => Places::find().and_then(|places| bench::run(&places, &arguments[1..], may_install)),
        Some("models") => models(arguments.split_off(1)),
        Some("pretrain") => pretrain(arguments.split_off(1), may_install),
        Some("setup") => Places::find().and_then(|places| setup::ensure(&places, setup::TEST, may_install)),
        Some("help" | "--help" | "-h") | None => {
            println!("{USAGE}");
            Ok(())
        }
        Some(other) => Err(Problem::new(format!("there is no command `{other}`\n\n{USAGE}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn serve(mut arguments: Vec<String>, may_install: bool) -> Outcome<()> {
    let open = take_flag(&mut arguments, "--open");
    let port = match take_value(&mut arguments, "--port")? {
        Some(port) => port.parse().doing(|| format!("read `{port}` as a port"))?,
        None => 8080u16,
    };
    nothing_left(&arguments)?;
    let places = Places::find()?;
    setup::ensure(&places, setup::BUILD, may_install)?;
    site::build_if_needed(&places)?;
    // The usual port may be taken; another one is better than none, unless it was asked for.
    let server = Server::start(places.dist.clone(), "/", port)
        .or_else(|error| if port == 8080 { Server::start(places.dist.clone(), "/", 0) } else { Err(error) })
        .doing(|| format!("listen on port {port}"))?;
    println!("\n  {}\n\nCtrl+C ends it.", server.address());
    if open {
        open_browser(&places, &server.address());
    }
    loop {
        std::thread::park();
    }
}

fn build(arguments: Vec<String>, may_install: bool) -> Outcome<()> {
    nothing_left(&arguments)?;
    let places = Places::find()?;
    setup::ensure(&places, setup::BUILD, may_install)?;
    site::build(&places)?;
    site::print_sizes(&site::sizes(&places)?);
    Ok(())
}

fn test(mut arguments: Vec<String>, may_install: bool) -> Outcome<()> {
    let only = take_value(&mut arguments, "--only")?;
    nothing_left(&arguments)?;
    let parts = suite::Part::parse(only.as_deref())?;
    suite::run(&Places::find()?, &parts, may_install)
}

/// Computes sizes, hashes and shapes into `static/models/index.json`, and holds the result to what the page expects.
fn models(arguments: Vec<String>) -> Outcome<()> {
    nothing_left(&arguments)?;
    let places = Places::find()?;
    let test = ["test", "--quiet", "--package", "attune", "--features", "text", "--test", "models"];
    shell::cargo(&places).args(test).args(["--", "the_catalogue"]).env("ATTUNE_WRITE_CATALOGUE", "1").run()?;
    shell::cargo(&places).args(test).run()?;
    println!("static/models/index.json is up to date");
    Ok(())
}

fn pretrain(mut arguments: Vec<String>, may_install: bool) -> Outcome<()> {
    let config = take_value(&mut arguments, "--config")?;
    pretrain::run(&Places::find()?, config, &arguments, may_install)
}

fn open_browser(places: &Places, address: &str) {
    let openers = if cfg!(windows) { ["explorer"].as_slice() } else { ["xdg-open", "open"].as_slice() };
    let opened = openers
        .iter()
        .filter(|opener| find(places, opener).is_some())
        .any(|opener| Program::new(places, opener).arg(address).run().is_ok());
    if !opened {
        println!("No browser could be opened; please open the address yourself.");
    }
}

fn take_flag(arguments: &mut Vec<String>, flag: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| argument != flag);
    arguments.len() < before
}

fn take_value(arguments: &mut Vec<String>, name: &str) -> Outcome<Option<String>> {
    let Some(at) = arguments.iter().position(|argument| argument == name) else { return Ok(None) };
    if at + 1 >= arguments.len() {
        return Err(Problem::new(format!("{name} needs a value")));
    }
    let value = arguments.remove(at + 1);
    arguments.remove(at);
    Ok(Some(value))
}

fn nothing_left(arguments: &[String]) -> Outcome<()> {
    match arguments.first() {
        None => Ok(()),
        Some(first) => Err(Problem::new(format!("`{first}` means nothing here\n\n{USAGE}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn flags_and_values_are_taken_out() {
        let mut given = arguments("--open --port 9000");
        assert!(take_flag(&mut given, "--open") && !take_flag(&mut given, "--open"));
        assert_eq!(take_value(&mut given, "--port"), Ok(Some("9000".to_owned())));
        assert_eq!(nothing_left(&given), Ok(()));
    }

    #[test]
    fn a_missing_value_and_a_stray_word_are_said() {
        assert!(take_value(&mut arguments("--port"), "--port").is_err());
        assert!(nothing_left(&arguments("fast")).is_err());
    }
}
