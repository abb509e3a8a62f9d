//! Saving a run over labelled texts: a checkpoint by the clock, after epochs, when it rests and at its end, in the storage that runs over texts use.
//!
//! In: the run, between two steps. Out: what stays the same (table, tokenizer, parts, weights that are held) once for each run, and with every checkpoint
//! what changes: weights that learn, the optimiser's state, the best epoch's weights, curves and report, corrected labels. `resume` reads it. The order of
//! rows comes from the seed, so that step and epoch say which batch is next.

use serde::{Deserialize, Serialize};

use super::super::Session;
use super::super::checkpoints::{SavedStage, internal};
use super::super::history::History;
use super::super::host::Host;
use super::super::run::Stage;
use super::super::slots::{GroundPlace, Moment};
use super::run::{Best, LabelRun, Measuring};
use crate::checkpoint::{LabelBundle, LabelGround, NamedTensor, OptimizerState};
use crate::model::{LearnedValues, SequenceModel};
use crate::protocol::labels::{EpochReport, LabelConfig, LabelReport};
use crate::protocol::{Event, Fault, FaultCode, NextAction, StopReason, TableReading};

/// A cell of the table that was corrected: row, column, what stands there now.
pub type Correction = (u32, u32, String);

/// The engine's part of a checkpoint. Numbers whose every bit decides are kept as bits: JSON may lose the last one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelMeta {
    /// Grows with every checkpoint of either kind: the larger one is the newer.
    pub serial: u64,
    pub run: u32,
    pub title: String,
    /// Seconds since 1970.
    pub saved_at: u64,
    /// Steps taken, and planned.
    pub step: u32,
    pub steps: u32,
    pub stage: SavedStage,
    /// Epochs that are complete.
    pub epoch: u32,
    /// As it runs.
    pub config: LabelConfig,
    pub ground: GroundPlace,
    pub best: Option<SavedBest>,
    pub without_gain: u32,
    pub stopped_early: bool,
    pub measuring: Option<Measuring>,
    /// A pass takes this part of a batch.
    pub pass_share: u32,
    pub corrections: Vec<Correction>,
}

/// The best epoch; its weights lie beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedBest {
    pub epoch: u32,
    /// Bits of the figure that decided.
    pub figure: u64,
    /// Bits of its loss; runs saved by earlier versions of the page have none.
    #[serde(default)]
    pub loss: Option<u64>,
}

/// The engine's part of what stays the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroundMeta {
    /// As planned.
    pub config: LabelConfig,
    pub reading: TableReading,
    /// Bits of the mean and the deviation by which numbers are standardised.
    pub scale: [u64; 2],
    pub texts_per_second: f64,
    pub expected_seconds: f64,
}

/// What the run has told so far, to be told again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub steps: History,
    pub epochs: Vec<EpochReport>,
    /// With its buffers.
    pub report: Option<(LabelReport, Vec<Vec<u8>>)>,
}

/// A checkpoint on its way into the storage, with the seconds spent so far.
pub enum LabelSave {
    /// Looks whether there is something to save.
    Begin,
    /// Writes what stays the same.
    Ground(f64),
    /// Reads the weights that learn.
    Weights(f64),
    /// Reads the optimiser's state and packs everything.
    Pack(LearnedValues, f64),
    Write(Vec<u8>, Moment, f64),
}

impl LabelRun {
    fn moment(&self) -> Moment {
        Moment { run: self.id, step: self.step, stage: self.stage.into(), revision: self.revision }
    }

    /// Saves as soon as the step under way is done.
    pub fn want_save(&mut self) {
        if self.forgotten || self.stage == Stage::Finished(StopReason::Fault) {
            return;
        }
        // One that is under way may hold what was before.
        self.save_again = self.saving.is_some();
        self.saving.get_or_insert(LabelSave::Begin);
    }

    /// What was read for a checkpoint is no longer so.
    pub fn save_anew(&mut self) {
        if let Some(saving) = &mut self.saving {
            *saving = LabelSave::Begin;
        }
    }

    /// The visitor wants nothing of it kept; one that goes on is saved again in its time.
    pub fn forget(&mut self) {
        (self.saving, self.save_again, self.ground) = (None, false, None);
        self.forgotten = !self.is_active();
    }

    async fn ground_bytes(&mut self) -> Result<Vec<u8>, Fault> {
        let prepared = self.prepared.clone();
        let plan = &prepared.plan;
        let meta = GroundMeta {
            config: plan.config.clone(),
            reading: prepared.table.reading().clone(),
            scale: [prepared.scale.mean.to_bits(), prepared.scale.deviation.to_bits()],
            texts_per_second: plan.texts_per_second,
            expected_seconds: plan.expected_seconds,
        };
        let ground = LabelGround {
            meta_json: serde_json::to_string(&meta).map_err(|error| internal(&error))?,
            config: prepared.model.clone(),
            tokenizer_json: String::from_utf8(prepared.tokenizer.to_json().to_vec()).map_err(|error| internal(&error))?,
            table: prepared.table.table.to_bytes(),
            parts: prepared.chosen.split.to_bytes(),
            held: self.trainer.model.read_held().await?,
            carried: prepared.carried().map(<[NamedTensor]>::to_vec).unwrap_or_default(),
        };
        Ok(ground.to_bytes()?)
    }

    async fn bundle_bytes(&mut self, learned: &LearnedValues, meta: &LabelMeta) -> Result<Vec<u8>, Fault> {
        let model = &mut self.trainer.model;
        let mut optimizer = OptimizerState::default();
        if self.step > 0 {
            let names = model.learning_names();
            let learns = |tensor: &NamedTensor| names.contains(&tensor.name);
            optimizer = self.trainer.optimizer.read_state(&*model).await?;
            optimizer.m.retain(learns);
            optimizer.v.retain(learns);
        }
        let named = |values: &LearnedValues| values.named(model);
        let bundle = LabelBundle {
            meta_json: serde_json::to_string(meta).map_err(|error| internal(&error))?,
            course: postcard::to_allocvec(&self.record).map_err(|error| internal(&error))?,
            learned: named(learned),
            optimizer,
            best: self.best.as_ref().map(|best| named(&best.values)).unwrap_or_default(),
        };
        Ok(bundle.to_bytes()?)
    }

    fn meta(&self, ground: GroundPlace, serial: u64, saved_at: u64, corrections: Vec<Correction>) -> LabelMeta {
        LabelMeta {
            serial,
            run: self.id,
            title: self.prepared.table.title(),
            saved_at,
            step: self.step,
            steps: self.prepared.plan.steps,
            stage: self.stage.into(),
            epoch: self.epoch,
            config: self.config.clone(),
            ground,
            best: self.best.as_ref().map(|Best { epoch, rank, .. }| SavedBest {
                epoch: *epoch,
                figure: rank.figure.to_bits(),
                loss: Some(rank.loss.to_bits()),
            }),
            without_gain: self.without_gain,
            stopped_early: self.stopped_early,
            measuring: self.is_measuring_what(),
            pass_share: self.prepared.pass_share,
            corrections,
        }
    }
}

/// The optimiser's state, which is saved without the parameters that are held: of those nothing, as the optimiser wants it.
pub fn whole_state(model: &SequenceModel, names: &[String], mut state: OptimizerState) -> OptimizerState {
    use crate::model::Parameters;
    for (name, shape) in model.names() {
        if !names.contains(&name) {
            let nothing = NamedTensor { values: vec![0.0; shape.iter().product()], name, shape };
            state.m.push(nothing.clone());
            state.v.push(nothing);
        }
    }
    state
}

impl<H: Host> Session<H> {
    /// One piece of a checkpoint of the run. A storage that fails is told once and does not end the run.
    pub(super) async fn save_labels_on(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.labels.run else { return Ok(()) };
        let Some(saving) = run.saving.take() else { return Ok(()) };
        let began = self.host.now();
        let next = match saving {
            LabelSave::Begin => {
                // A broken model is not worth keeping; the checkpoint before it is.
                run.read_losses(&*self.host).await?;
                let moment = run.moment();
                if self.slots.forget_lost(&*self.host).await {
                    run.ground = None;
                }
                if let Some(bytes) = self.slots.holds(moment).filter(|_| run.ground.is_some()) {
                    self.host.send(&Event::Saved { run: moment.run, step: moment.step, bytes }, Vec::new());
                    None
                } else if run.ground.is_some() {
                    Some(LabelSave::Weights(self.host.now() - began))
                } else {
                    Some(LabelSave::Ground(self.host.now() - began))
                }
            }
            LabelSave::Ground(spent) => {
                let bytes = run.ground_bytes().await?;
                match self.slots.write_ground(&*self.host, &bytes).await {
                    Ok(place) => {
                        run.ground = Some(place);
                        Some(LabelSave::Weights(spent + self.host.now() - began))
                    }
                    Err(error) => return self.refuse_to_save(error.into()),
                }
            }
            LabelSave::Weights(spent) => {
                let learned = run.trainer.model.read_learned().await?;
                if learned.is_broken() {
                    let detail = format!("a weight is no number after step {}", run.step);
                    return Err(Fault::new(FaultCode::LossNotFinite, NextAction::LowerLearningRate, detail));
                }
                Some(LabelSave::Pack(learned, spent + self.host.now() - began))
            }
            LabelSave::Pack(learned, spent) => {
                let Some(ground) = run.ground.clone() else { return Ok(()) };
                let corrections = self.labels.table.as_ref().filter(|open| open.is_same(&run.prepared.table));
                let corrections = corrections.map(|open| open.corrections()).unwrap_or_default();
                let meta = run.meta(ground, self.slots.next_serial(), self.host.unix_time(), corrections);
                let moment = run.moment();
                let bytes = run.bundle_bytes(&learned, &meta).await?;
                Some(LabelSave::Write(bytes, moment, spent + self.host.now() - began))
            }
            LabelSave::Write(bytes, moment, spent) => {
                if let Err(error) = self.slots.write(&*self.host, moment, &bytes, run.ground.clone()).await {
                    return self.refuse_to_save(error.into());
                }
                let now = self.host.now();
                run.pace.saved(now, spent + now - began);
                self.host.send(&Event::Saved { run: run.id, step: moment.step, bytes: bytes.len() as u64 }, Vec::new());
                None
            }
        };
        run.saving = next;
        if run.saving.is_none() && std::mem::take(&mut run.save_again) {
            run.saving = Some(LabelSave::Begin);
        }
        Ok(())
    }

    fn refuse_to_save(&mut self, fault: Fault) -> Result<(), Fault> {
        if let Some(run) = &mut self.labels.run {
            run.pace.stop_saving();
            run.save_again = false;
            let id = run.id;
            self.say_fault(None, Some(id), fault);
        }
        Ok(())
    }

    /// Answers `Save`: a whole checkpoint at once.
    pub(in crate::engine) async fn save_labels_now(&mut self) {
        if let Some(run) = &mut self.labels.run {
            run.want_save();
        }
        while self.labels.run.as_ref().is_some_and(|run| run.saving.is_some()) {
            if let Err(fault) = self.save_labels_on().await {
                return self.fail_labels(fault).await;
            }
        }
    }

    /// Nothing of it is to be kept.
    pub(in crate::engine) fn forget_labels(&mut self) {
        if let Some(run) = &mut self.labels.run {
            run.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_comes_back_bit_by_bit() {
        let scores = crate::protocol::labels::PartScores { rows: 3, loss: f64::NAN, figures: Vec::new() };
        let epoch = EpochReport { epoch: 1, step: 9, training: scores, validation: None, best: true };
        let record = Record { epochs: vec![epoch], ..Record::default() };
        let read: Record = postcard::from_bytes(&postcard::to_allocvec(&record).unwrap()).unwrap();
        assert!(read.epochs[0].training.loss.is_nan() && read.epochs[0].best, "a number that JSON does not have");
        assert_eq!(f64::from_bits((1.0f64 / 3.0).to_bits()), 1.0 / 3.0);
    }
}
