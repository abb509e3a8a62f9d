//! The recorded past of a run in the storage, beside its checkpoints.
//!
//! Two files take turns, as those of the run do. A long past is many megabytes: it is written again only when it has grown by an eighth, or when
//! the run rests. Kept weights have a file each, written once (`kept`).

use super::host::{Host, HostError};
use super::kept;
use crate::explain::past::{Past, StoredPast};

const SLOTS: [&str; 2] = ["past-a.attune", "past-b.attune"];
/// Bytes of maps that are written with every checkpoint.
const SMALL: usize = 2 << 20;

/// First and last step, number of frames, number of kept weights.
type State = (u32, u32, usize, usize);

/// A file about to be written.
pub struct NextFile {
    slot: usize,
    bytes: Vec<u8>,
    state: State,
}

/// Where the next file goes, and what the last one held.
#[derive(Debug, Clone, Default)]
pub struct PastFiles {
    serial: u64,
    newest: Option<usize>,
    /// As written last.
    written: Option<State>,
    /// The storage failed; it was said once.
    refused: bool,
}

/// The newest past that can be read, and its slot.
pub async fn read_newest<H: Host>(host: &H) -> Option<(usize, StoredPast)> {
    let mut newest: Option<(usize, StoredPast)> = None;
    for (slot, name) in SLOTS.iter().enumerate() {
        let Some(bytes) = host.read(name).await.ok().flatten() else { continue };
        let Ok(stored) = Past::from_bytes(&bytes) else { continue };
        if newest.as_ref().is_none_or(|(_, known)| known.serial < stored.serial) {
            newest = Some((slot, stored));
        }
    }
    newest
}

/// Removes everything.
///
/// # Errors
/// When the storage cannot be used.
pub async fn discard<H: Host>(host: &H) -> Result<(), HostError> {
    for name in SLOTS.into_iter().map(str::to_owned).chain(kept::names()) {
        host.remove(&name).await?;
    }
    Ok(())
}

impl PastFiles {
    /// Goes on after what was found.
    pub fn found(&mut self, slot: usize, serial: u64) {
        (self.newest, self.serial) = (Some(slot), serial.max(self.serial));
    }

    /// Another run begins: what is written of it is new.
    pub fn renew(&mut self) {
        (self.written, self.refused) = (None, false);
    }

    /// The storage does not take it.
    pub fn refuse(&mut self) {
        self.refused = true;
    }

    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// The file to write, and where, if it is worth it; `rests` says that the run does.
    pub fn next(&self, past: &Past, kept: Vec<(u32, u32)>, rests: bool) -> Option<NextFile> {
        let (first, last) = past.steps()?;
        let state = (first, last, past.len(), kept.len());
        let grown = |(_, before, ..): State| u64::from(last - before.min(last)) * 8 >= u64::from(last - first);
        let worth = match self.written {
            None => true,
            Some(written) if written == state => false,
            Some(written) => rests || past.bytes() <= SMALL || grown(written),
        };
        let slot = self.newest.map_or(0, |newest| (newest + 1) % SLOTS.len());
        let bytes = if worth { past.to_bytes(self.serial + 1, kept).ok()? } else { return None };
        Some(NextFile { slot, bytes, state })
    }

    /// Writes it.
    ///
    /// # Errors
    /// A storage that is full or cannot be used.
    pub async fn write<H: Host>(&mut self, host: &H, file: NextFile) -> Result<(), HostError> {
        host.write(SLOTS[file.slot], &file.bytes).await?;
        (self.serial, self.newest, self.written) = (self.serial + 1, Some(file.slot), Some(file.state));
        Ok(())
    }
}
