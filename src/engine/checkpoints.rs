//! Saving a run and going on with it.
//!
//! Two files take turns, so that whatever happens while one is written, the other is whole; the newest that can be read counts. A third, tiny
//! one notes that a graphics card failed: whoever goes on with the run then halves its batch.

use serde::{Deserialize, Serialize};

use super::Session;
use super::chores::Chore;
use super::history::History;
use super::host::{Host, HostError};
use super::run::{Run, Stage};
use crate::checkpoint::{NamedTensor, RunBundle};
use crate::protocol::{Event, Fault, FaultCode, NextAction, RunConfig, SavedRun};
use crate::text::BatchPosition;

/// The files that take turns.
const SLOTS: [&str; 2] = ["run-a.attune", "run-b.attune"];
/// Present after a graphics card failed during a run.
const FAILED: &str = "gpu-failed";
/// Bytes that tell how long a file's head is.
const HEAD_BYTES: usize = 20;

/// What a run was doing when it was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedStage {
    Running,
    Paused,
    Finished,
}

/// The engine's part of a run bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// Grows with every checkpoint: the larger one is the newer.
    pub serial: u64,
    pub run: u32,
    pub title: String,
    /// Seconds since 1970.
    pub saved_at: u64,
    /// Steps taken.
    pub step: u32,
    pub stage: SavedStage,
    pub config: RunConfig,
    pub position: BatchPosition,
    pub tokens_per_second: f64,
    pub sample_prompt: String,
    #[serde(default)]
    pub history: History,
}

/// A checkpoint on its way into the storage.
pub enum SaveStage {
    /// Reads the weights.
    Begin,
    /// Reads the optimiser's state and packs everything. Seconds spent so far.
    Moments(Vec<NamedTensor>, f64),
    /// Writes the packed run, which was in this stage.
    Write(Vec<u8>, SavedStage, f64),
    /// Writes what is recorded of the run.
    Past(f64),
}

/// Where the next checkpoint goes.
#[derive(Debug, Default)]
pub struct Slots {
    serial: u64,
    /// What this engine has saved last: run, step, stage and bytes.
    saved: Option<(u32, u32, SavedStage, u64)>,
    /// The slot that holds the newest checkpoint.
    newest: Option<usize>,
}

/// A file that looks like a run.
struct Found {
    slot: usize,
    meta: Meta,
    bytes: u64,
}

/// What the storage holds, newest first. Files whose head cannot be read are passed over.
async fn look<H: Host>(host: &H) -> Result<Vec<Found>, HostError> {
    let mut found = Vec::new();
    for (slot, name) in SLOTS.iter().enumerate() {
        let Some(start) = host.read_start(name, HEAD_BYTES).await? else { continue };
        let Ok(length) = RunBundle::head_len(&start.bytes) else { continue };
        let Some(length) = usize::try_from(length).ok().filter(|&length| length as u64 <= start.file_bytes) else { continue };
        let Some(head) = host.read_start(name, length).await? else { continue };
        let Ok(head) = RunBundle::peek(&head.bytes) else { continue };
        if let Ok(meta) = serde_json::from_str::<Meta>(&head.meta_json) {
            found.push(Found { slot, meta, bytes: start.file_bytes });
        }
    }
    found.sort_by_key(|found| std::cmp::Reverse(found.meta.serial));
    Ok(found)
}

/// The newest checkpoint that is whole.
///
/// # Errors
/// `CheckpointDamaged` when there is none, with what is wrong with the newest.
pub async fn read_newest<H: Host>(host: &H) -> Result<(Meta, RunBundle), Fault> {
    let mut wrong = None;
    for found in look(host).await? {
        let Some(bytes) = host.read(SLOTS[found.slot]).await? else { continue };
        match RunBundle::from_bytes(&bytes) {
            Ok(bundle) => return Ok((found.meta, bundle)),
            Err(error) => {
                wrong.get_or_insert(Fault::from(error));
            }
        }
    }
    Err(wrong.unwrap_or_else(|| Fault::new(FaultCode::CheckpointDamaged, NextAction::ChooseText, "no run is saved")))
}

impl Slots {
    /// Looks at what an earlier engine has left.
    ///
    /// # Errors
    /// When the storage cannot be used.
    pub async fn find<H: Host>(&mut self, host: &H) -> Result<Option<SavedRun>, HostError> {
        let found = look(host).await?;
        self.serial = found.iter().map(|found| found.meta.serial).max().unwrap_or_default().max(self.serial);
        let Some(Found { slot, meta, bytes }) = found.into_iter().next() else { return Ok(None) };
        self.newest = Some(slot);
        let Meta { run, step, title, saved_at, config, .. } = meta;
        Ok(Some(SavedRun { run, step, steps: config.steps, title, saved_at, config, bytes }))
    }

    fn next(&self) -> usize {
        self.newest.map_or(0, |newest| (newest + 1) % SLOTS.len())
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

/// Half the windows per pass and twice the passes: as many tokens per step in half the memory.
pub fn halve_batch(config: &mut RunConfig) {
    if config.batch_size > 1 && config.batch_size.is_multiple_of(2) {
        (config.batch_size, config.accumulation) = (config.batch_size / 2, config.accumulation * 2);
    } else if config.batch_size > 1 {
        config.batch_size = config.batch_size.div_ceil(2);
    }
}

impl<H: Host> Session<H> {
    /// Says whether a run can be resumed.
    pub(super) async fn tell_resumable(&mut self) {
        // A storage that cannot be used holds nothing.
        let saved = self.slots.find(&*self.host).await.unwrap_or_default();
        self.tell(&Event::Resumable { saved });
    }

    /// Forgets what is saved.
    pub(super) async fn discard_saved(&mut self) -> Result<(), Fault> {
        for name in SLOTS.into_iter().chain([FAILED]) {
            self.host.remove(name).await?;
        }
        self.discard_past().await?;
        self.slots = Slots { serial: self.slots.serial, ..Slots::default() };
        if let Some(run) = &mut self.run {
            run.chores.retain(|chore| !matches!(chore, Chore::Save(_)));
            // One that goes on is saved again in its time.
            run.forgotten = !run.is_active();
        }
        self.tell(&Event::Resumable { saved: None });
        Ok(())
    }

    /// One piece of a checkpoint of the run; `None` when it is done. A storage that fails is told once and does not end the run.
    pub(super) async fn do_save(&mut self, stage: SaveStage) -> Result<Option<SaveStage>, Fault> {
        let Some(run) = self.run.as_mut().filter(|run| !run.forgotten) else { return Ok(None) };
        let began = self.host.now();
        match stage {
            SaveStage::Begin => {
                // A broken model is not worth keeping; the checkpoint before it is.
                run.read_losses(&*self.host).await?;
                let known = self.slots.saved.filter(|&(id, step, stage, _)| (id, step, stage) == (run.id, run.step, saved_stage(run)));
                if let Some((run, step, _, bytes)) = known {
                    self.host.send(&Event::Saved { run, step, bytes }, Vec::new());
                    // Another sentence may have been pinned since.
                    return Ok(Some(SaveStage::Past(0.0)));
                }
                let weights = run.trainer.model.read_values().await?;
                if weights.iter().flat_map(|tensor| &tensor.values).any(|value| !value.is_finite()) {
                    let detail = format!("a weight is no number after step {}", run.step);
                    return Err(Fault::new(FaultCode::LossNotFinite, NextAction::LowerLearningRate, detail));
                }
                Ok(Some(SaveStage::Moments(weights, self.host.now() - began)))
            }
            SaveStage::Moments(weights, spent) => {
                let optimizer = run.trainer.optimizer.read_state(&run.trainer.model).await?;
                self.slots.serial += 1;
                let meta = meta(run, self.slots.serial, self.host.unix_time(), &self.sample_prompt);
                let bundle = RunBundle {
                    meta_json: serde_json::to_string(&meta).map_err(|error| internal(&error))?,
                    config: run.trainer.model.config.clone(),
                    tokenizer_json: String::from_utf8(run.tokenizer.to_json().to_vec()).map_err(|error| internal(&error))?,
                    text: run.text.corpus.text.clone(),
                    weights,
                    optimizer,
                };
                Ok(Some(SaveStage::Write(bundle.to_bytes()?, meta.stage, spent + self.host.now() - began)))
            }
            SaveStage::Write(bytes, stage, spent) => {
                let mut spent_so_far = None;
                let slot = self.slots.next();
                let written = self.host.write(SLOTS[slot], &bytes).await;
                let now = self.host.now();
                match written {
                    Ok(()) => {
                        run.pace.saved(now, spent + now - began);
                        spent_so_far = Some(spent + now - began);
                        let (step, bytes) = (run.step, bytes.len() as u64);
                        self.slots.newest = Some(slot);
                        self.slots.saved = Some((run.id, step, stage, bytes));
                        self.host.send(&Event::Saved { run: run.id, step, bytes }, Vec::new());
                    }
                    Err(error) => {
                        run.pace.stop_saving();
                        let id = run.id;
                        self.say_fault(None, Some(id), error.into());
                    }
                }
                Ok(spent_so_far.map(SaveStage::Past))
            }
            SaveStage::Past(spent) => {
                let more = self.store_past().await;
                let now = self.host.now();
                let spent = spent + now - began;
                if let Some(run) = &mut self.run {
                    run.pace.saved(now, spent);
                }
                Ok(more.then_some(SaveStage::Past(spent)))
            }
        }
    }

    /// A whole checkpoint at once.
    pub(super) async fn save_now(&mut self) -> Result<(), Fault> {
        let mut stage = Some(SaveStage::Begin);
        while let Some(next) = stage {
            stage = self.do_save(next).await?;
        }
        Ok(())
    }
}

fn internal(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(FaultCode::Internal, NextAction::Retry, error.to_string())
}

fn saved_stage(run: &Run) -> SavedStage {
    match run.stage {
        Stage::Running => SavedStage::Running,
        Stage::Paused => SavedStage::Paused,
        Stage::Finished(_) => SavedStage::Finished,
    }
}

fn meta(run: &Run, serial: u64, saved_at: u64, sample_prompt: &str) -> Meta {
    Meta {
        serial,
        run: run.id,
        title: run.text.title.clone(),
        saved_at,
        step: run.step,
        stage: saved_stage(run),
        config: run.config.clone(),
        position: run.position,
        tokens_per_second: run.plan.tokens_per_second,
        sample_prompt: sample_prompt.to_owned(),
        history: run.history.clone(),
    }
}
