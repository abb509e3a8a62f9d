//! The only words that page and engine exchange.
//!
//! The page sends a [`Command`] (an imperative), the engine answers with [`Event`]s (facts). Each travels as one [`Packet`]: a
//! head and a list of byte buffers that are transferred, not copied. Any message may be dropped or repeated without harm: run events
//! carry their run and step, answers carry the request they answer.
//!
//! Absent on purpose: burn, Leptos, web-sys. How a packet crosses a worker boundary is the business of `engine::worker` and
//! `page::client`; here are only plain data, so that the whole conversation also runs natively in a test.

mod catalogue;
mod command;
mod config;
mod event;
pub mod explain;
mod fault;
mod frame;
pub mod labels;
mod limits;
mod memory;
pub mod past;
mod sealed;
mod table;

pub use catalogue::{BaseModel, CATALOGUE_PATH, Catalogue, ModelEntry, ModelFile, Recipe};
pub use command::{Command, FileHead, InjectedFault, SamplingConfig};
pub use config::{DevicePreference, LearningRateSchedule, ModelSize, RunConfig, Start, TokenizerChoice};
pub use event::{
    DataCheck, DeviceInfo, DeviceKind, Event, FileReport, Language, Piece, Plan, RunPhase, SavedRun, SavedSettings, StepReport, StopReason,
    TextReport, TokenChoice, Verdict,
};
pub use fault::{Fault, FaultCode, NextAction};
pub use frame::AttentionFrame;
pub use limits::{LIMITS, Limit, limit};
pub use memory::MemoryUse;
pub use sealed::Sealed;
pub use table::{
    ColumnFacts, ColumnKind, FileRefusal, LabelMerge, QuoteStyle, RaggedPolicy, RaggedRow, RowCounts, RowPlace, Separator, SetAside,
    SplitOptions, SplitPart, SplitReport, TableFinding, TableForm, TableOptions, TableProposal, TableReading, TableRepair, TableTask,
    TaskColumns, TaskProposal, TaskReason, TypedClass,
};

use serde::{Serialize, de::DeserializeOwned};

/// Version of this protocol. Page and engine are built together; a cached old worker answers with another number and is replaced.
pub const VERSION: u32 = 11;

/// One message as it travels: a head in [postcard](https://postcard.jamesmunns.com)'s compact form, and buffers that the head speaks of by
/// position. Postcard, because reading JSON into these types takes a tenth of the page's module, and JSON has no NaN.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Packet {
    /// A [`Command`] or an [`Event`]. `Hello` and `Ready` come first in their lists, so that their versions can be read by any version.
    pub head: Vec<u8>,
    /// Bytes that travel beside the head: file contents, attention maps.
    pub buffers: Vec<Vec<u8>>,
}

/// Why a packet could not be read.
#[derive(Debug, thiserror::Error)]
#[error("a message between page and engine could not be read: {0}")]
pub struct PacketError(#[from] postcard::Error);

impl Packet {
    /// Packs a command or an event together with its buffers.
    ///
    /// # Errors
    /// When the head cannot be written (a list of unknown length; none of our types has one).
    pub fn new<T: Serialize>(message: &T, buffers: Vec<Vec<u8>>) -> Result<Self, PacketError> {
        Ok(Self { head: postcard::to_allocvec(message)?, buffers })
    }

    /// Reads the head.
    ///
    /// # Errors
    /// When the head does not hold a `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, PacketError> {
        Ok(postcard::from_bytes(&self.head)?)
    }
}
