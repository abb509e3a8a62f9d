//! Going on with a saved run over labelled texts: the table is open again, the examples are taken and tokenised anew, the trainer is where it was.
//!
//! In: what `keeping` wrote. Out: the conversation as it stood: `TableReady`, `Examined`, `Prepared` under request 0, the curves, the report, and the run.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::Session;
use super::super::checkpoints::SavedStage;
use super::super::host::Host;
use super::super::plan::Workshop;
use super::super::run::Stage;
use super::super::slots::take_gpu_failure;
use super::judge::EpochRank;
use super::keeping::{GroundMeta, LabelMeta, Record, whole_state};
use super::plan::check_memory;
use super::prepared::{Basis, LabelPrepared, assemble};
use super::relabel::facts_beside;
use super::run::{Best, LabelRun};
use super::table::{OpenTable, choose};
use crate::checkpoint::{LabelBundle, LabelGround, NamedTensor};
use crate::model::ParameterError;
use crate::protocol::labels::{LabelAnswer, LabelNews};
use crate::protocol::{DeviceKind, Event, Fault, FaultCode, NextAction, RunPhase, StopReason};
use crate::text::Tokenizer;
use crate::text::table::{Table, propose};
use crate::train::Score;

/// A batch is cut into at most so many passes on a graphics card that failed.
const MOST_SHARES: u32 = 64;

/// A saved run, ready to go on.
pub struct RestoredLabels {
    meta: LabelMeta,
    bundle: LabelBundle,
    held: Vec<NamedTensor>,
    prepared: Rc<LabelPrepared>,
    /// With the labels that were corrected since.
    open: Rc<OpenTable>,
    record: Record,
}

fn damaged(detail: impl ToString) -> Fault {
    Fault::new(FaultCode::CheckpointDamaged, NextAction::ChooseText, detail.to_string())
}

fn unfit(error: ParameterError) -> Fault {
    match error {
        ParameterError::Read(_) => error.into(),
        _ => damaged(error),
    }
}

/// Makes the table and its examples ready again.
///
/// # Errors
/// Parts that do not fit together, or a device that cannot hold the model.
pub async fn restore<H: Host>(
    shop: Workshop<H>,
    meta: LabelMeta,
    bundle: LabelBundle,
    ground: LabelGround,
) -> Result<RestoredLabels, Fault> {
    let LabelGround { meta_json, config: model, tokenizer_json, table, parts, held, carried } = ground;
    let planned: GroundMeta = serde_json::from_str(&meta_json).map_err(damaged)?;
    shop.phase(RunPhase::Tokenizing);
    shop.breath.take().await;
    let rows = Table::from_bytes(&table)?;
    drop(table);
    let proposal = propose(&rows);
    let open = Rc::new(OpenTable::new(rows, planned.reading, proposal));
    shop.breath.take().await;
    let mut chosen = choose(&open.table, &planned.config.choice)?;
    if !chosen.split.put_back(&chosen.examples, &parts) {
        return Err(damaged("the parts do not fit the table"));
    }
    let tokenizer = Rc::new(Tokenizer::from_json(tokenizer_json.as_bytes())?);
    if tokenizer.vocab_size() as usize > model.vocab_size {
        return Err(damaged("the tokenizer has more tokens than the model"));
    }
    let [mean, deviation] = planned.scale.map(f64::from_bits);
    let carried = (!carried.is_empty()).then(|| Rc::new(carried));
    let basis = Basis { model, first: None, tokenizer, carried, scale: Some(Score { mean, deviation }) };
    let mut prepared = assemble(&shop, 0, open.clone(), chosen, planned.config, basis).await?;
    (prepared.plan.texts_per_second, prepared.plan.expected_seconds) = (planned.texts_per_second, planned.expected_seconds);
    if prepared.plan.steps != meta.steps {
        return Err(damaged("the steps do not fit the table"));
    }
    prepared.pass_share = meta.pass_share.clamp(1, MOST_SHARES);
    if take_gpu_failure(&*shop.host).await && shop.device.info.kind == DeviceKind::WebGpu {
        prepared.pass_share = (2 * prepared.pass_share).min(MOST_SHARES);
    }
    check_memory(&prepared, &shop.device)?;
    let open = if meta.corrections.is_empty() {
        open
    } else {
        let cells: BTreeMap<(u32, u32), String> =
            meta.corrections.iter().map(|(row, column, cell)| ((*row, *column), cell.clone())).collect();
        Rc::new(open.corrected(cells)?)
    };
    // Told by another build of the page: the run goes on without its past.
    let record = postcard::from_bytes(&bundle.course).unwrap_or_default();
    Ok(RestoredLabels { meta, bundle, held, prepared: Rc::new(prepared), open, record })
}

impl<H: Host> Session<H> {
    /// Puts the run back where it was saved, tells its past, and lets it go on.
    pub(in crate::engine) async fn go_on_with_labels(&mut self, id: u32, restored: RestoredLabels) -> Result<(), Fault> {
        let RestoredLabels { meta, bundle, held, prepared, open, record } = restored;
        let device = self.open_device().await?;
        let all = held.into_iter().chain(bundle.learned.iter().cloned()).collect();
        let mut model = prepared.model_of(all, &device.device.clone().autodiff()).map_err(unfit)?;
        let learned = model.learned_of(&bundle.learned).map_err(unfit)?;
        model.restore(&learned);
        let best = match meta.best {
            Some(best) => Some(Best {
                epoch: best.epoch,
                rank: EpochRank { figure: f64::from_bits(best.figure), loss: best.loss.map_or(f64::NAN, f64::from_bits) },
                values: model.learned_of(&bundle.best).map_err(unfit)?,
            }),
            None => None,
        };
        let names = model.learning_names();
        let mut trainer = prepared.trainer_of(model, &meta.config);
        if meta.step > 0 {
            let state = whole_state(&trainer.model, &names, bundle.optimizer);
            trainer.optimizer.load_state(&trainer.model, state, meta.step).map_err(unfit)?;
        }
        let mut run = LabelRun::new(id, prepared.clone(), meta.config.clone(), trainer, device.info.kind, self.host.now());
        run.stage = match meta.stage {
            SavedStage::Running => Stage::Running,
            SavedStage::Paused => Stage::Paused,
            SavedStage::Finished if meta.stopped_early || meta.epoch >= meta.config.epochs => Stage::Finished(StopReason::AllSteps),
            SavedStage::Finished => Stage::Finished(StopReason::Stopped),
        };
        run.go_on_from(&meta, best, record);
        self.stop_writing();
        (self.run, self.prepared, self.untrained, self.after_prompt, self.again) = (None, None, None, None, None);
        self.labels.leave();
        self.inside.forget_model();
        let (reading, proposal) = open.said();
        self.answer(0, LabelAnswer::TableReady { reading, proposal });
        self.answer(0, LabelAnswer::Examined { facts: facts_beside(&open, &prepared.plan.config.choice, Some(&prepared))? });
        self.answer(0, LabelAnswer::Prepared { plan: Box::new(prepared.plan.clone()) });
        self.tell_again(&run);
        (self.labels.table, self.labels.choice) = (Some(open), Some(prepared.plan.config.choice.clone()));
        self.labels.prepared = Some(prepared);
        match run.stage {
            Stage::Running => run.say_running(&*self.host),
            Stage::Paused => run.say(&*self.host, RunPhase::Paused),
            Stage::Finished(reason) => run.say(&*self.host, RunPhase::Finished { reason }),
        }
        self.labels.run = Some(run);
        Ok(())
    }

    fn tell_again(&self, run: &LabelRun) {
        let Record { steps, epochs, report } = &run.record;
        // An epoch's figures belong after the steps that led to it.
        let epoch = |report: &crate::protocol::labels::EpochReport| {
            (report.step, Event::LabelRun { run: run.id, news: LabelNews::Epoch { report: report.clone() } })
        };
        let steps = steps.events(run.id).into_iter().filter_map(|event| match &event {
            Event::Step { report, .. } => Some((report.step, event)),
            _ => None,
        });
        let mut events: Vec<(u32, Event)> = steps.chain(epochs.iter().map(epoch)).collect();
        events.sort_by_key(|(step, _)| *step);
        events.iter().for_each(|(_, event)| self.tell(event));
        if let Some((report, buffers)) = report {
            self.host.send(&Event::LabelRun { run: run.id, news: LabelNews::report(report) }, buffers.clone());
        }
    }
}
