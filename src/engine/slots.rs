//! Where saved runs lie in the storage, whatever they learn from: one can be resumed, the newest.
//!
//! Two files take turns, so that whatever happens while one is written, the other is whole; the newest that can be read counts. A run over labelled
//! texts stands on a ground besides (its table and all that stays the same): a file that is written once for each run, in one of two places of its own, and
//! named by its checksum, so that a checkpoint never stands on another run's. A last, tiny file notes that a graphics card failed: whoever goes on with
//! the run then takes half as much at once.

use super::checkpoints::{Meta, SavedStage};
use super::host::{Host, HostError};
use super::labels::keeping::LabelMeta;
use crate::checkpoint::{LabelBundle, LabelGround, RunBundle, RunKind, head_len, mark_of, peek};
use crate::protocol::{Fault, FaultCode, NextAction, SavedRun, SavedSettings};

/// The files that take turns.
const SLOTS: [&str; 2] = ["run-a.attune", "run-b.attune"];
/// What runs over labelled texts stand on.
const GROUNDS: [&str; 2] = ["table-a.attune", "table-b.attune"];
/// Present after a graphics card failed during a run.
const FAILED: &str = "gpu-failed";
/// Bytes that tell how long a file's head is.
const HEAD_BYTES: usize = 20;

/// What a checkpoint holds that no later one needs to hold again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub run: u32,
    pub step: u32,
    pub stage: SavedStage,
    /// Counts what changes without a step.
    pub revision: u32,
}

/// Which ground a run stands on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct GroundPlace {
    slot: usize,
    mark: String,
}

/// Where the next checkpoint goes.
#[derive(Debug, Default)]
pub struct Slots {
    serial: u64,
    /// What this engine has saved last, and its bytes.
    saved: Option<(Moment, u64)>,
    /// Its number.
    written: u64,
    /// The slot that holds the newest checkpoint.
    newest: Option<usize>,
    /// The ground that each slot's checkpoint stands on.
    grounds: [Option<GroundPlace>; 2],
}

/// What a file's head says.
enum AnyMeta {
    Text(Meta),
    Labels(LabelMeta),
}

/// A file that looks like a run.
struct Found {
    slot: usize,
    meta: AnyMeta,
    bytes: u64,
}

/// A saved run, read and whole.
pub enum SavedBundle {
    Text(Box<(Meta, RunBundle)>),
    Labels(Box<(LabelMeta, LabelBundle, LabelGround)>),
}

impl AnyMeta {
    fn read(kind: RunKind, json: &str) -> Option<Self> {
        match kind {
            RunKind::Text => serde_json::from_str(json).ok().map(Self::Text),
            RunKind::Labels => serde_json::from_str(json).ok().map(Self::Labels),
        }
    }

    fn serial(&self) -> u64 {
        match self {
            Self::Text(meta) => meta.serial,
            Self::Labels(meta) => meta.serial,
        }
    }

    fn ground(&self) -> Option<GroundPlace> {
        match self {
            Self::Text(_) => None,
            Self::Labels(meta) => Some(meta.ground.clone()),
        }
    }
}

/// What the storage holds, newest first. Files whose head cannot be read are passed over.
async fn look<H: Host>(host: &H) -> Result<Vec<Found>, HostError> {
    let mut found = Vec::new();
    for (slot, name) in SLOTS.iter().enumerate() {
        let Some(start) = host.read_start(name, HEAD_BYTES).await? else { continue };
        let Ok(length) = head_len(&start.bytes) else { continue };
        let Some(length) = usize::try_from(length).ok().filter(|&length| length as u64 <= start.file_bytes) else { continue };
        let Some(head) = host.read_start(name, length).await? else { continue };
        let Ok(head) = peek(&head.bytes) else { continue };
        if let Some(meta) = AnyMeta::read(head.kind, &head.meta_json) {
            found.push(Found { slot, meta, bytes: start.file_bytes });
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.meta.serial()));
    Ok(found)
}

fn damaged(detail: &str) -> Fault {
    Fault::new(FaultCode::CheckpointDamaged, NextAction::ChooseText, detail)
}

async fn read<H: Host>(host: &H, found: Found) -> Result<SavedBundle, Fault> {
    let bytes = host.read(SLOTS[found.slot]).await?.ok_or(damaged("the saved run is gone"))?;
    match found.meta {
        AnyMeta::Text(meta) => Ok(SavedBundle::Text(Box::new((meta, RunBundle::from_bytes(&bytes)?)))),
        AnyMeta::Labels(meta) => {
            let bundle = LabelBundle::from_bytes(&bytes)?;
            drop(bytes);
            let place = GROUNDS.get(meta.ground.slot).ok_or(damaged("the saved run stands on no table"))?;
            let bytes = host.read(place).await?.ok_or(damaged("the table of the saved run is gone"))?;
            let ground = LabelGround::from_bytes(&bytes)?;
            if mark_of(&bytes) != meta.ground.mark {
                return Err(damaged("the stored table is another run's"));
            }
            Ok(SavedBundle::Labels(Box::new((meta, bundle, ground))))
        }
    }
}

/// The newest checkpoint that is whole.
///
/// # Errors
/// `CheckpointDamaged` when there is none, with what is wrong with the newest.
pub async fn read_newest<H: Host>(host: &H) -> Result<SavedBundle, Fault> {
    let mut wrong = None;
    for found in look(host).await? {
        match read(host, found).await {
            Ok(bundle) => return Ok(bundle),
            Err(fault) => {
                wrong.get_or_insert(fault);
            }
        }
    }
    Err(wrong.unwrap_or_else(|| damaged("no run is saved")))
}

impl Slots {
    /// Looks at what an earlier engine has left.
    ///
    /// # Errors
    /// When the storage cannot be used.
    pub async fn find<H: Host>(&mut self, host: &H) -> Result<Option<SavedRun>, HostError> {
        let found = look(host).await?;
        self.serial = found.iter().map(|found| found.meta.serial()).max().unwrap_or_default().max(self.serial);
        for found in &found {
            self.grounds[found.slot] = found.meta.ground();
        }
        let Some(Found { slot, meta, bytes }) = found.into_iter().next() else { return Ok(None) };
        self.newest = Some(slot);
        Ok(Some(match meta {
            AnyMeta::Text(Meta { run, step, title, saved_at, config, .. }) => {
                SavedRun { run, step, steps: config.steps, title, saved_at, settings: SavedSettings::Text { config }, bytes }
            }
            AnyMeta::Labels(LabelMeta { run, step, steps, title, saved_at, config, epoch, .. }) => {
                let settings = SavedSettings::Labels { config: Box::new(config), epoch };
                SavedRun { run, step, steps, title, saved_at, settings, bytes }
            }
        }))
    }

    /// The number of the checkpoint that is made now: larger than any before.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Forgets what this engine has saved where it is not in the storage any more: another tab of the page has discarded or replaced it. True for that.
    pub async fn forget_lost<H: Host>(&mut self, host: &H) -> bool {
        let Some(slot) = self.newest.filter(|_| self.saved.is_some()) else { return false };
        // A storage that cannot be read now is no reason to write to it.
        let Ok(found) = look(host).await else { return false };
        let lost = !found.iter().any(|found| found.slot == slot && found.meta.serial() == self.written);
        if lost {
            *self = Self { serial: self.serial, ..Self::default() };
        }
        lost
    }

    /// The bytes of the last checkpoint, where it holds this moment.
    pub fn holds(&self, moment: Moment) -> Option<u64> {
        self.saved.filter(|(saved, _)| *saved == moment).map(|(_, bytes)| bytes)
    }

    /// Writes a checkpoint, and then removes grounds that no checkpoint stands on any more.
    ///
    /// # Errors
    /// A storage that is full or cannot be used. The checkpoint before is still there.
    pub async fn write<H: Host>(&mut self, host: &H, moment: Moment, bytes: &[u8], ground: Option<GroundPlace>) -> Result<(), HostError> {
        let slot = self.newest.map_or(0, |newest| (newest + 1) % SLOTS.len());
        let before = self.grounds.clone();
        // Whatever comes of it, what was there is gone.
        self.grounds[slot] = None;
        host.write(SLOTS[slot], bytes).await?;
        self.grounds[slot] = ground;
        (self.newest, self.saved, self.written) = (Some(slot), Some((moment, bytes.len() as u64)), self.serial);
        for place in before.into_iter().flatten().map(|ground| ground.slot) {
            if !self.grounds.iter().flatten().any(|ground| ground.slot == place) {
                // One that stays only takes room.
                let _ = host.remove(GROUNDS[place.min(GROUNDS.len() - 1)]).await;
            }
        }
        Ok(())
    }

    /// Writes what a run over labelled texts stands on, where the newest checkpoint does not need its own.
    ///
    /// # Errors
    /// A storage that is full or cannot be used.
    pub async fn write_ground<H: Host>(&self, host: &H, bytes: &[u8]) -> Result<GroundPlace, HostError> {
        let needed = self.newest.and_then(|newest| self.grounds[newest].as_ref()).map(|ground| ground.slot);
        let slot = usize::from(needed == Some(0));
        host.write(GROUNDS[slot], bytes).await?;
        Ok(GroundPlace { slot, mark: mark_of(bytes) })
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the storage cannot be used.
    pub async fn discard<H: Host>(&mut self, host: &H) -> Result<(), HostError> {
        for name in SLOTS.into_iter().chain(GROUNDS).chain([FAILED]) {
            host.remove(name).await?;
        }
        *self = Self { serial: self.serial, ..Self::default() };
        Ok(())
    }
}

/// Notes that the graphics card failed.
///
/// # Errors
/// When the storage cannot be used.
pub async fn note_gpu_failure<H: Host>(host: &H) -> Result<(), HostError> {
    host.write(FAILED, b"1").await
}

/// Whether the graphics card failed since this was last asked.
pub async fn take_gpu_failure<H: Host>(host: &H) -> bool {
    let failed = matches!(host.read(FAILED).await, Ok(Some(_)));
    if failed {
        // A note that stays only halves a batch once more.
        let _ = host.remove(FAILED).await;
    }
    failed
}
