//! Saving a run and going on with it.
//!
//! In: the run, between two steps. Out: a checkpoint in one of the files of [`super::slots`]. Runs over labelled texts have `labels::keeping`.

use serde::{Deserialize, Serialize};

use super::Session;
use super::chores::Chore;
use super::history::History;
use super::host::Host;
use super::run::{Run, Stage};
use super::slots::Moment;
use crate::checkpoint::{NamedTensor, RunBundle};
use crate::protocol::{Event, Fault, FaultCode, NextAction, RunConfig};
use crate::text::BatchPosition;

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
        self.slots.discard(&*self.host).await?;
        self.discard_past().await?;
        self.forget_labels();
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
                let Moment { run: id, step, .. } = moment(run);
                self.slots.forget_lost(&*self.host).await;
                if let Some(bytes) = self.slots.holds(moment(run)) {
                    self.host.send(&Event::Saved { run: id, step, bytes }, Vec::new());
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
                let meta = meta(run, self.slots.next_serial(), self.host.unix_time(), &self.sample_prompt);
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
                let written = self.slots.write(&*self.host, Moment { stage, ..moment(run) }, &bytes, None).await;
                let now = self.host.now();
                match written {
                    Ok(()) => {
                        run.pace.saved(now, spent + now - began);
                        spent_so_far = Some(spent + now - began);
                        let (step, bytes) = (run.step, bytes.len() as u64);
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

/// What cannot go wrong.
pub fn internal(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(FaultCode::Internal, NextAction::Retry, error.to_string())
}

impl From<Stage> for SavedStage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Running => Self::Running,
            Stage::Paused => Self::Paused,
            Stage::Finished(_) => Self::Finished,
        }
    }
}

fn moment(run: &Run) -> Moment {
    Moment { run: run.id, step: run.step, stage: run.stage.into(), revision: 0 }
}

fn meta(run: &Run, serial: u64, saved_at: u64, sample_prompt: &str) -> Meta {
    Meta {
        serial,
        run: run.id,
        title: run.text.title.clone(),
        saved_at,
        step: run.step,
        stage: run.stage.into(),
        config: run.config.clone(),
        position: run.position,
        tokens_per_second: run.plan.tokens_per_second,
        sample_prompt: sample_prompt.to_owned(),
        history: run.history.clone(),
    }
}
