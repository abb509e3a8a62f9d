//! The worker's engine: it hears commands, has the other rooms calculate, and tells what happened. It translates; it calculates nothing itself.
//!
//! In: [`crate::protocol::Packet`]s with commands. Out: events, through a [`Host`]. [`Session`] is the conversation and everything it
//! remembers; it knows no browser, so that tests hold the same conversation natively. `worker`, on wasm32 only, is the loop around it
//! and the browser as its host.
//!
//! By subject: `device` and `self_test` (which device), `text` (the open text), `library`, `base`, `plan`, `probe`, `memory`, `tasks` (`Prepare`), `run`, `pace`, `losses`,
//! `chores`, `training`, `pausing` (a run and its buttons), `attention`, `inside`, `inquiry` (looking into the model), `recording`, `reliving`, `kept`,
//! `past_files` (its past), `labels` (learning from labelled texts), `writing`, `slots`, `checkpoints`, `resume`, `history` (keeping a run), `faults`.

mod attention;
mod base;
#[cfg(target_arch = "wasm32")]
pub mod bench;
mod breath;
#[cfg(target_arch = "wasm32")]
mod browser;
mod checkpoints;
mod chores;
mod device;
mod faults;
mod history;
mod host;
mod inquiry;
mod inside;
mod kept;
mod labels;
mod library;
mod losses;
mod memory;
mod moments;
#[cfg(target_arch = "wasm32")]
mod opfs;
mod pace;
mod past_files;
#[cfg(any(target_arch = "wasm32", test))]
mod pausing;
mod plan;
mod probe;
mod recording;
mod reliving;
mod resume;
mod run;
mod self_test;
mod session;
mod slots;
mod tasks;
mod text;
mod training;
#[cfg(target_arch = "wasm32")]
pub mod worker;
mod writing;

pub use host::{FileStart, Host, HostError};
pub use session::{Session, Tick};
