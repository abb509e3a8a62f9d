//! Going on with a saved run: reading it, making its text and tokenizer ready again, and putting the trainer back where it was.

use std::rc::Rc;

use super::Session;
use super::base::FirstWeights;
use super::checkpoints::{Meta, SavedStage, halve_batch};
use super::host::Host;
use super::labels::{self, RestoredLabels};
use super::memory;
use super::past_files;
use super::plan::{Prepared, Workshop, plan};
use super::run::{Run, Stage, trainer_setting};
use super::slots::{SavedBundle, read_newest, take_gpu_failure};
use super::text::OpenText;
use crate::checkpoint::RunBundle;
use crate::explain::past::StoredPast;
use crate::model::Gpt;
use crate::protocol::{DeviceKind, Event, Fault, FaultCode, NextAction, RunPhase, StopReason, TextReport};
use crate::text::{Corpus, Tokenizer, data_check};
use crate::train::Trainer;

const EXCERPT_CHARACTERS: usize = 400;

/// A saved run of either kind, ready to go on.
pub enum Restored {
    Text(Box<RestoredText>),
    Labels(Box<RestoredLabels>),
}

/// A saved run over a text.
pub struct RestoredText {
    meta: Meta,
    bundle: RunBundle,
    prepared: Prepared,
    /// What was recorded of it, with the slot where it lies.
    past: Option<(usize, StoredPast)>,
}

fn damaged(detail: &str) -> Fault {
    Fault::new(FaultCode::CheckpointDamaged, NextAction::ChooseText, detail)
}

/// A text that was open in an earlier session; what is known of its files is gone.
fn corpus(text: String) -> Corpus {
    let excerpt = text.trim_start().chars().take(EXCERPT_CHARACTERS).collect();
    Corpus { report: TextReport { files: Vec::new(), check: data_check(&text), excerpt, table: None }, text }
}

/// Reads the newest checkpoint and makes what it learns from ready again.
///
/// # Errors
/// No checkpoint that is whole, or one whose parts do not fit together.
pub async fn restore<H: Host>(shop: Workshop<H>, text_id: u32) -> Result<Restored, Fault> {
    let saved = read_newest(&*shop.host).await?;
    shop.breath.take().await;
    Ok(match saved {
        SavedBundle::Text(saved) => Restored::Text(Box::new(restore_text(shop, text_id, *saved).await?)),
        SavedBundle::Labels(saved) => {
            let (meta, bundle, ground) = *saved;
            Restored::Labels(Box::new(labels::restore(shop, meta, bundle, ground).await?))
        }
    })
}

async fn restore_text<H: Host>(shop: Workshop<H>, text_id: u32, saved: (Meta, RunBundle)) -> Result<RestoredText, Fault> {
    let (mut meta, mut bundle) = saved;
    meta.config = meta.config.clamped();
    let failed = take_gpu_failure(&*shop.host).await;
    if failed && shop.device.info.kind == DeviceKind::WebGpu {
        halve_batch(&mut meta.config);
    }
    memory::check(&bundle.config, &meta.config, &shop.device)?;
    shop.phase(RunPhase::Tokenizing);
    shop.breath.take().await;
    let tokenizer = Rc::new(Tokenizer::from_json(bundle.tokenizer_json.as_bytes())?);
    if tokenizer.vocab_size() as usize > bundle.config.vocab_size {
        return Err(damaged("the tokenizer has more tokens than the model"));
    }
    let text = Rc::new(OpenText { id: text_id, title: meta.title.clone(), corpus: corpus(std::mem::take(&mut bundle.text)) });
    let dataset = shop.dataset(&text, &tokenizer, meta.config.validation_share, meta.config.window).await?;
    if dataset.window() as u32 != meta.config.window || dataset.window() > bundle.config.n_positions {
        return Err(damaged("the run's windows fit neither its text nor its model"));
    }
    // Which language the base knew was said when the run began.
    let plan = plan(&meta.config, &bundle.config, None, &text, &tokenizer, &dataset, meta.tokens_per_second);
    // Not to start anew from: `Start` prepares afresh.
    let first = FirstWeights::Noise { seed: meta.config.seed };
    let prepared = Prepared { plan, text, model: bundle.config.clone(), first, tokenizer, dataset };
    shop.breath.take().await;
    let past = past_files::read_newest(&*shop.host).await;
    Ok(RestoredText { meta, bundle, prepared, past })
}

impl<H: Host> Session<H> {
    /// Puts the run back where it was saved, tells its history, and lets it go on.
    pub(super) async fn go_on(&mut self, id: u32, restored: RestoredText) -> Result<(), Fault> {
        let RestoredText { meta, bundle, prepared, past } = restored;
        let device = self.open_device().await?;
        let mut model = Gpt::from_values(bundle.config, bundle.weights, &device.device.clone().autodiff())?;
        model.freeze(meta.config.frozen_layers as usize);
        let mut trainer = Trainer::new(model, trainer_setting(&meta.config));
        if !bundle.optimizer.m.is_empty() {
            trainer.optimizer.load_state(&trainer.model, bundle.optimizer, meta.step)?;
        }
        let mut run = Run::new(id, &prepared, trainer, device.info.kind, (meta.step, meta.position), self.host.now());
        run.history = meta.history;
        run.stage = match meta.stage {
            SavedStage::Running => Stage::Running,
            SavedStage::Paused => Stage::Paused,
            SavedStage::Finished => Stage::Finished(StopReason::Stopped),
        };
        if run.is_complete() {
            run.stage = Stage::Finished(StopReason::AllSteps);
        }
        self.stop_writing();
        self.after_prompt = None;
        (self.prepared, self.untrained, self.again) = (None, None, Some(meta.config));
        self.pin_from(&prepared.text);
        self.text = Some(prepared.text.clone());
        if self.sample_prompt.is_empty() {
            self.sample_prompt = meta.sample_prompt;
        }
        self.tell(&Event::Prepared { request: 0, plan: prepared.plan });
        for event in run.history.events(id) {
            self.tell(&event);
        }
        self.inside.forget_model();
        self.inside.files.renew();
        self.begin_recording(&mut run);
        self.restore_past(&mut run, past);
        match run.stage {
            Stage::Running => run.say_running(&*self.host, device.info.kind),
            Stage::Paused => run.say(&*self.host, RunPhase::Paused),
            Stage::Finished(reason) => run.say(&*self.host, RunPhase::Finished { reason }),
        }
        run.chores.push_back(super::chores::Chore::Attention);
        self.run = Some(run);
        Ok(())
    }
}
