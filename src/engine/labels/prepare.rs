//! From a table and a config to everything a run over labelled texts starts from, and to the plan that the visitor sees before pressing Play.

use std::cell::RefCell;
use std::rc::Rc;

use burn::tensor::Device;

use super::super::Session;
use super::super::base::{FirstWeights, scratch_config};
use super::super::breath::Job;
use super::super::host::Host;
use super::super::plan::Workshop;
use super::super::tasks::Task as Underway;
use super::plan::{check_memory, expected_seconds, plan};
use super::relabel::Carried;
use super::report::BaselineAnswers;
use super::table::{Chosen, OpenTable, choose};
use super::task::{targets, task};
use super::tokens::{self, TokenRows};
use super::{LabelDone, LabelTask};
use crate::checkpoint::{ModelConfig, NamedTensor};
use crate::model::init::initial_score;
use crate::model::parameters::read_floats;
use crate::model::{Adapted, Gpt, LowRankSetting, SequenceModel};
use crate::protocol::labels::{LabelAnswer, LabelConfig, LabelPlan, LowRankMatrices, TextPooling, Trained};
use crate::protocol::{DeviceKind, Event, Fault, FaultCode, Language, NextAction, RunPhase, SplitPart, Start, TokenizerChoice};
use crate::text::{Tokenizer, epoch_order};
use crate::train::{
    AdamWSetting, Example, LabelPass, Pooling, Reading, Score, SequencePass, SequenceTrainer, Shape, Target, Task, TrainerSetting, passes,
};

/// Texts tokenized between two breaths.
const TEXTS_AT_ONCE: usize = 256;
/// How long the speed is measured, in seconds.
const MEASURE_SECONDS: f64 = 0.7;
/// Floating-point operations of a pass that a processor does in about a tenth of a second; per parameter and token, forward and backward.
const PASS_OPERATIONS: u64 = 2_200_000_000;
const OPERATIONS: u64 = 6;

/// Everything a run starts from.
pub struct LabelPrepared {
    pub plan: LabelPlan,
    pub table: Rc<OpenTable>,
    pub chosen: Chosen,
    pub task: Rc<dyn Task>,
    pub tokenizer: Rc<Tokenizer>,
    pub model: ModelConfig,
    /// How numbers are standardised; of other tasks it says nothing.
    pub scale: Score,
    first: FirstWeights,
    /// The trained weights that it begins with instead, the head's last.
    carried: Option<Rc<Vec<NamedTensor>>>,
    /// Tokens and target of each example.
    ids: Vec<Vec<u32>>,
    targets: Vec<Target>,
    /// Where tokens have classes of their own; then `targets` say nothing.
    pub tokens: Option<TokenRows>,
    /// Made once for the test part, whatever the number of runs.
    pub baselines: RefCell<Option<Rc<BaselineAnswers>>>,
}

impl LabelPrepared {
    /// How texts are read.
    pub fn reading(&self) -> Reading {
        reading(&self.plan.config)
    }

    /// Shapes of passes on a device. `forward` for passes without gradients: three times as many rows take as long.
    pub fn shape(&self, kind: DeviceKind, forward: bool) -> Shape {
        shape(kind, &self.model, &self.plan.config, forward)
    }

    /// An example as the trainer reads it.
    pub fn example(&self, number: usize) -> Example<'_> {
        Example { number, ids: &self.ids[number], target: self.targets[number].clone() }
    }

    /// What an example should give.
    pub fn target(&self, number: usize) -> &Target {
        &self.targets[number]
    }

    /// Its tokens.
    pub fn ids(&self, number: usize) -> &[u32] {
        &self.ids[number]
    }

    /// Examples of a part, rising.
    pub fn part(&self, part: SplitPart) -> Vec<usize> {
        self.chosen.split.examples(part).collect()
    }

    /// Examples as passes.
    pub fn passes(&self, numbers: &[usize], shape: Shape) -> Vec<SequencePass> {
        let examples: Vec<Example> = numbers.iter().map(|&number| self.example(number)).collect();
        passes(&examples, self.reading(), shape)
    }

    /// Examples as passes of the trainer, whatever the task.
    pub fn label_passes(&self, numbers: &[usize], shape: Shape) -> Vec<LabelPass> {
        match &self.tokens {
            Some(tokens) => tokens.passes(self, numbers, shape),
            None => self.passes(numbers, shape).into_iter().map(LabelPass::Texts).collect(),
        }
    }

    /// There is a head of its own; otherwise the body's own one is used.
    pub fn has_head(&self) -> bool {
        self.tokens.as_ref().is_none_or(TokenRows::has_head)
    }

    /// The model before its first step, on a device.
    ///
    /// # Errors
    /// Weights that do not fit; none of ours.
    pub fn model_on(&self, device: &Device) -> Result<SequenceModel, Fault> {
        let mut model = match self.carried.as_deref() {
            Some(values) => SequenceModel::from_values(self.model.clone(), values.clone(), device)?,
            None => {
                let body = Gpt::from_values(self.model.clone(), self.first.values(&self.model), device)?;
                let score = || initial_score(&self.model, self.task.outputs(), self.plan.config.seed);
                if self.has_head() { SequenceModel::new(body, score())? } else { SequenceModel::without_head(body) }
            }
        };
        adapt(&mut model, self.plan.config.trained, self.plan.config.seed);
        freeze(&mut model, self.plan.config.trained);
        Ok(model)
    }

    /// A trainer with the model before its first step.
    ///
    /// # Errors
    /// As [`Self::model_on`].
    pub fn trainer(&self, device: &Device, config: &LabelConfig) -> Result<SequenceTrainer, Fault> {
        Ok(self.trainer_of(self.model_on(&device.clone().autodiff())?, config))
    }

    /// A trainer for a model on an autodiff device.
    pub fn trainer_of(&self, model: SequenceModel, config: &LabelConfig) -> SequenceTrainer {
        let optimizer = AdamWSetting { weight_decay: config.weight_decay, clip_norm: config.clip_norm, ..AdamWSetting::default() };
        let setting = TrainerSetting { optimizer, dropout: config.dropout, seed: config.seed };
        SequenceTrainer::new(model, self.task.clone(), setting, config.layer_decay)
    }
}

/// Adds adapters, where they are what learns.
fn adapt(model: &mut SequenceModel, trained: Trained, seed: u64) {
    if let Trained::LowRank { rank, alpha, matrices } = trained {
        let LowRankMatrices { attention_in, attention_out, mlp_in, mlp_out } = matrices;
        let adapted = Adapted { attention_in, attention_out, mlp_in, mlp_out };
        model.body.adapt(&LowRankSetting { rank: rank as usize, alpha, adapted }, seed);
    }
}

/// Holds what the visitor wants held.
pub fn freeze(model: &mut SequenceModel, trained: Trained) {
    match trained {
        Trained::HeadOnly | Trained::LowRank { .. } => model.freeze_body(),
        Trained::TopLayers { layers } => {
            let below = model.body.h.len().saturating_sub(layers as usize);
            model.body.freeze(below);
        }
        Trained::Everything => {}
    }
}

/// How texts are read.
pub fn reading(config: &LabelConfig) -> Reading {
    let pooling = match config.pooling {
        TextPooling::Last => Pooling::Last,
        TextPooling::Mean => Pooling::Mean,
    };
    Reading { window: config.window as usize, pooling }
}

/// The graphics card takes a whole batch, in few shapes; the processor is not to be heard from until a pass is done, so there it is as large as a
/// tenth of a second allows. By size, not by the clock: the same run always gives the same losses.
fn shape(kind: DeviceKind, model: &ModelConfig, config: &LabelConfig, forward: bool) -> Shape {
    let batch = config.batch_size as usize;
    match kind {
        DeviceKind::WebGpu => Shape { rows: batch, fixed: true },
        DeviceKind::Cpu => {
            let (d, layers) = (model.n_embd as u64, model.n_layer as u64);
            let row = OPERATIONS * 12 * d * d * layers * u64::from(config.window);
            let rows = ((PASS_OPERATIONS / row.max(1)) as usize).max(1);
            Shape { rows: if forward { 3 * rows } else { rows.min(batch) }, fixed: false }
        }
    }
}

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
    let facts = chosen.facts();
    shop.host.send(&Event::Labels { request, answer: LabelAnswer::Examined { facts: facts.clone() } }, Vec::new());
    if let Some(finding) = facts.blocking() {
        return Err(refused(format!("nothing can be learned from this choice: {finding:?}")));
    }
    shop.breath.take().await;
    let (model, first, tokenizer) = match &carried {
        Some(Carried { from, .. }) => (from.model.clone(), from.first.clone(), from.tokenizer.clone()),
        None => body(&shop, &open, &chosen, &config).await?,
    };
    config.window = config.window.min(model.n_positions as u32);
    shop.phase(RunPhase::Tokenizing);
    let (targets, scale) = targets(&chosen);
    // The head's numbers go on meaning what they meant.
    let scale = carried.as_ref().map_or(scale, |carried| carried.from.scale);
    let tokens = tokens::read(&shop.breath, &open, &chosen, &config, &tokenizer).await?;
    let task = task(&chosen, &config, scale, model.vocab_size, tokens.as_ref().map(|(_, tokens)| tokens))?;
    let (ids, tokens) = match tokens {
        Some((ids, tokens)) => (ids, Some(tokens)),
        None => (tokenized(&shop, &open, &chosen, &*task, &tokenizer).await?, None),
    };
    let outputs = if tokens.as_ref().is_none_or(TokenRows::has_head) { task.outputs() } else { 0 };
    let mut plan = plan(&config, &model, &chosen, &tokenizer, &ids, outputs);
    if let Some(tokens) = &tokens {
        tokens.amend(&mut plan, model.vocab_size);
    }
    let baselines = RefCell::default();
    let carried = carried.map(|carried| Rc::new(carried.weights));
    let mut prepared =
        LabelPrepared { plan, table: open, chosen, task, tokenizer, model, scale, first, carried, ids, targets, tokens, baselines };
    check_memory(&prepared, &shop.device)?;
    let speed = measure(&shop, &prepared).await?;
    prepared.plan.texts_per_second = speed;
    prepared.plan.expected_seconds = expected_seconds(&prepared, speed);
    Ok(LabelDone::Prepared(Box::new(prepared)))
}

/// The model under the head, with its tokenizer.
async fn body<H: Host>(
    shop: &Workshop<H>,
    open: &OpenTable,
    chosen: &Chosen,
    config: &LabelConfig,
) -> Result<(ModelConfig, FirstWeights, Rc<Tokenizer>), Fault> {
    match config.start {
        Start::Base { model } => {
            let (base, _) = shop.base(model, Language::Other).await?;
            Ok((base.config.clone(), FirstWeights::Base(base.clone()), base.tokenizer.clone()))
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
            Ok((scratch_config(size, &tokenizer)?, FirstWeights::Noise { seed: config.seed }, tokenizer))
        }
    }
}

async fn tokenized<H: Host>(
    shop: &Workshop<H>,
    open: &OpenTable,
    chosen: &Chosen,
    task: &dyn Task,
    tokenizer: &Tokenizer,
) -> Result<Vec<Vec<u32>>, Fault> {
    let examples = &chosen.examples;
    let mut ids = Vec::with_capacity(examples.len());
    for number in 0..examples.len() {
        if number % TEXTS_AT_ONCE == 0 {
            shop.breath.take().await;
        }
        ids.push(task.template(tokenizer, examples.text(&open.table, number), examples.second(&open.table, number))?);
    }
    Ok(ids)
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
        let passes = prepared.label_passes(batch, shape);
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
        self.leave_labels();
        let shop = self.workshop(0).await?;
        let breath = shop.breath.clone();
        let job = Job::new(breath, prepare(shop, request, open, config, carried));
        self.task = Some(Underway::Labels(LabelTask { request, prepares: true, job }));
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
