//! From a table and a config to everything a run over labelled texts starts from, and to the plan that the visitor sees before pressing Play.

use std::rc::Rc;

use super::super::Session;
use super::super::base::{FirstWeights, scratch_config};
use super::super::breath::Job;
use super::super::host::Host;
use super::super::plan::Workshop;
use super::super::tasks::Task as Underway;
use super::plan::{check_memory, expected_seconds};
use super::prepared::{Basis, assemble};
pub use super::prepared::{LabelPrepared, freeze, reading};
use super::relabel::Carried;
use super::table::{Chosen, OpenTable, choose};
use super::{LabelDone, LabelTask, tokens};
use crate::model::parameters::read_floats;
use crate::protocol::labels::{LabelAnswer, LabelConfig};
use crate::protocol::{Event, Fault, FaultCode, Language, NextAction, RunPhase, SplitPart, Start, TokenizerChoice};
use crate::text::{Tokenizer, epoch_order};

/// How long the speed is measured, in seconds.
const MEASURE_SECONDS: f64 = 0.7;

fn refused(detail: impl Into<String>) -> Fault {
    Fault::new(FaultCode::SettingsRefused, NextAction::ChooseText, detail)
}

/// Does everything that comes before step 0.
///
/// # Errors
/// A choice that nothing can be learned from, a model that cannot be had, or a device that fails.
pub async fn prepare<H: Host>(
    shop: Workshop<H>,
    request: u32,
    open: Rc<OpenTable>,
    config: LabelConfig,
    carried: Option<Carried>,
) -> Result<LabelDone, Fault> {
    let mut config = config.clamped();
    let mut chosen = choose(&open.table, &config.choice)?;
    if let Some(Carried { from, .. }) = carried.as_ref().filter(|carried| carried.from.table.is_same(&open)) {
        chosen.split.keep(&chosen.examples, &from.chosen.examples, &from.chosen.split);
    }
    tokens::settle(&mut config, &chosen)?;
    let facts = chosen.facts(open.reading());
    shop.host.send(&Event::Labels { request, answer: LabelAnswer::Examined { facts: facts.clone() } }, Vec::new());
    if let Some(finding) = facts.blocking() {
        return Err(refused(format!("nothing can be learned from this choice: {finding:?}")));
    }
    shop.breath.take().await;
    let basis = match carried {
        // The head's numbers go on meaning what they meant.
        Some(Carried { from, weights }) => Basis {
            model: from.model.clone(),
            first: from.first.clone(),
            tokenizer: from.tokenizer.clone(),
            carried: Some(Rc::new(weights)),
            scale: Some(from.scale),
        },
        None => body(&shop, &open, &chosen, &config).await?,
    };
    shop.phase(RunPhase::Tokenizing);
    let mut prepared = assemble(&shop, request, open, chosen, config, basis).await?;
    check_memory(&prepared, &shop.device)?;
    let speed = measure(&shop, &prepared).await?;
    prepared.plan.texts_per_second = speed;
    prepared.plan.expected_seconds = expected_seconds(&prepared, speed);
    Ok(LabelDone::Prepared(Box::new(prepared)))
}

/// The model under the head, with its tokenizer.
async fn body<H: Host>(shop: &Workshop<H>, open: &OpenTable, chosen: &Chosen, config: &LabelConfig) -> Result<Basis, Fault> {
    match config.start {
        Start::Base { model } => {
            let (base, _) = shop.base(model, Language::Other).await?;
            let (model, tokenizer) = (base.config.clone(), base.tokenizer.clone());
            Ok(Basis { model, first: Some(FirstWeights::Base(base)), tokenizer, carried: None, scale: None })
        }
        Start::Scratch { size, tokenizer } => {
            shop.phase(RunPhase::Tokenizing);
            shop.breath.take().await;
            let training = chosen.split.examples(SplitPart::Training);
            let mut text = training.map(|number| chosen.whole_text(&open.table, number)).collect::<Vec<_>>().join("\n");
            // A prompt's own words are read as often as any.
            text.extend(config.prompt.iter().flat_map(|prompt| ["\n", prompt]));
            let tokenizer = Rc::new(match tokenizer {
                TokenizerChoice::Bpe { vocab_size } => Tokenizer::train_bpe(&text, vocab_size)?,
                TokenizerChoice::Characters => Tokenizer::characters(&text)?,
            });
            let first = Some(FirstWeights::Noise { seed: config.seed });
            Ok(Basis { model: scratch_config(size, &tokenizer)?, first, tokenizer, carried: None, scale: None })
        }
    }
}

/// Texts per second of training: some real steps at a learning rate of zero, on a copy that is thrown away.
async fn measure<H: Host>(shop: &Workshop<H>, prepared: &LabelPrepared) -> Result<f64, Fault> {
    let config = &prepared.plan.config;
    let mut trainer = prepared.trainer(&shop.device.device, config)?;
    let shape = prepared.shape(shop.device.info.kind, false);
    let training = prepared.part(SplitPart::Training);
    let order = epoch_order(config.seed, 0, training.len());
    let batches: Vec<Vec<usize>> =
        order.chunks(config.batch_size as usize).map(|batch| batch.iter().map(|&at| training[at as usize]).collect()).collect();
    shop.phase(RunPhase::Measuring);
    let (mut seconds, mut texts) = (0.0, 0);
    // The first step warms up: it compiles kernels and says nothing about speed.
    for (number, batch) in batches.iter().cycle().enumerate() {
        shop.breath.take().await;
        let began = shop.host.now();
        let passes = prepared.training_passes(batch, 0, shape);
        let mut step = trainer.begin(&passes);
        for pass in &passes {
            trainer.pass(&mut step, pass);
            shop.breath.take().await;
        }
        read_floats(trainer.finish(step, 0.0).clip).await?;
        if let Some(trouble) = shop.device.trouble() {
            return Err(trouble.into());
        }
        if number > 0 {
            seconds += (shop.host.now() - began).max(1e-6);
            texts += batch.len();
        }
        if seconds >= MEASURE_SECONDS {
            break;
        }
    }
    Ok(texts as f64 / seconds.max(1e-6))
}

impl<H: Host> Session<H> {
    pub(super) async fn prepare_labels(&mut self, request: u32, config: LabelConfig) -> Result<(), Fault> {
        if self.labels.answered_plan == request && request != 0 {
            if let Some(prepared) = &self.labels.prepared {
                self.answer(request, LabelAnswer::Prepared { plan: Box::new(prepared.plan.clone()) });
            }
            return Ok(());
        }
        let open = self.table()?;
        let carried = if config.go_on { Some(self.carry(&open, &config).await?) } else { None };
        self.labels.choice = Some(config.choice.clone());
        self.put_away().await?;
        self.leave_labels().await;
        let shop = self.workshop(0).await?;
        let breath = shop.breath.clone();
        let job = Job::new(breath, prepare(shop, request, open, config, carried));
        self.task = Some(Underway::Labels(LabelTask { request, prepares: true, job }));
        Ok(())
    }

    /// A resumed run is to begin anew: what it began with is fetched or made again first, from the table that it was made from.
    pub(super) async fn prepare_labels_anew(&mut self, run: u32, prepared: Rc<LabelPrepared>) -> Result<(), Fault> {
        let shop = self.workshop(run).await?;
        let breath = shop.breath.clone();
        let job = Job::new(breath, prepare(shop, 0, prepared.table.clone(), prepared.plan.config.clone(), None));
        self.task = Some(Underway::Labels(LabelTask { request: 0, prepares: true, job }));
        self.labels.start_when_ready = Some(run);
        Ok(())
    }

    pub(super) async fn take_label_plan(&mut self, request: u32, prepared: LabelPrepared) -> Result<(), Fault> {
        self.stop_writing();
        // The buttons speak of this run from now on.
        (self.run, self.prepared, self.untrained, self.after_prompt, self.again) = (None, None, None, None, None);
        (self.labels.run, self.labels.untrained) = (None, None);
        self.inside.forget_model();
        self.labels.answered_plan = request;
        self.answer(request, LabelAnswer::Prepared { plan: Box::new(prepared.plan.clone()) });
        self.labels.prepared = Some(Rc::new(prepared));
        match self.labels.start_when_ready.take() {
            Some(run) => self.begin_label_run(run).await,
            None => Ok(()),
        }
    }
}
