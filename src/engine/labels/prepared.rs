//! Everything a run over labelled texts starts from: examples as tokens and targets, the model before its first step, the plan.
//!
//! In: the examples of a choice, and what they are put to ([`Basis`]). Out: [`LabelPrepared`]. Where those come from (a base, a saved run, the run before)
//! is not asked here.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use burn::tensor::Device;

use super::super::base::FirstWeights;
use super::super::faults::out_of_turn;
use super::super::host::Host;
use super::super::plan::Workshop;
use super::plan::plan;
use super::report::BaselineAnswers;
use super::table::{Chosen, OpenTable};
use super::task::{targets, task, tokens_of};
use super::tokenising::Tokenising;
use super::tokens::{self, TokenRows};
use crate::checkpoint::{ModelConfig, NamedTensor};
use crate::model::init::initial_score;
use crate::model::sequence::{SCORE, head_vectors};
use crate::model::{Adapted, LowRankSetting, ParameterError, SequenceModel};
use crate::protocol::labels::{LabelConfig, LabelPlan, LowRankMatrices, TextPooling, Trained};
use crate::protocol::{DeviceKind, Fault, SplitPart};
use crate::text::Tokenizer;
use crate::train::{
    AdamWSetting, Example, LabelPass, Pooling, Reading, Score, SequencePass, SequenceTrainer, Shape, Target, Task, TrainerSetting, passes,
};

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
    /// `None` after a resume: then they are not at hand.
    pub first: Option<FirstWeights>,
    /// The trained weights that it begins with instead, the head's last.
    carried: Option<Rc<Vec<NamedTensor>>>,
    /// On a graphics card a pass takes this part of a batch: 1, and more where a card has failed.
    pub pass_share: u32,
    /// Tokens and target of each example.
    ids: Vec<Vec<u32>>,
    /// Of second texts that are read apart; otherwise empty.
    seconds: Vec<Vec<u32>>,
    targets: Vec<Target>,
    /// Where tokens have classes of their own; then `targets` say nothing.
    pub tokens: Option<TokenRows>,
    /// Made once for the test part, whatever the number of runs.
    pub baselines: RefCell<Option<Rc<BaselineAnswers>>>,
    /// [`LabelPrepared::tokens_read`], counted when first asked for: a run asks with every loss.
    tokens_read: OnceCell<f64>,
}

impl LabelPrepared {
    /// How texts are read.
    pub fn reading(&self) -> Reading {
        reading(&self.plan.config)
    }

    /// Shapes of passes on a device. `forward` for passes without gradients: three times as many rows take as long.
    pub fn shape(&self, kind: DeviceKind, forward: bool) -> Shape {
        let shape = shape(kind, &self.model, &self.plan.config, forward);
        let share = if kind == DeviceKind::WebGpu { self.pass_share as usize } else { 1 };
        Shape { rows: (shape.rows / share).max(1), ..shape }
    }

    /// The weights that it begins with are at hand.
    pub fn can_begin(&self) -> bool {
        self.first.is_some() || self.carried.is_some()
    }

    /// The trained weights that it begins with, if it does.
    pub fn carried(&self) -> Option<&[NamedTensor]> {
        self.carried.as_deref().map(Vec::as_slice)
    }

    /// An example as the trainer reads it.
    pub fn example(&self, number: usize) -> Example<'_> {
        let second = self.seconds.get(number).map(Vec::as_slice);
        Example { number, ids: &self.ids[number], second, target: self.targets[number].clone() }
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

    /// Examples as passes of an epoch's training: of long texts perhaps a part.
    pub fn training_passes(&self, numbers: &[usize], epoch: u32, shape: Shape) -> Vec<LabelPass> {
        if !self.plan.config.reads_parts() {
            return self.label_passes(numbers, shape);
        }
        let (reading, seed) = (self.reading(), self.plan.config.seed);
        let examples: Vec<Example> = numbers.iter().map(|&number| self.example(number).part(reading, seed, epoch.into())).collect();
        passes(&examples, reading, shape).into_iter().map(LabelPass::Texts).collect()
    }

    /// Every text's tokens, of pairs that are read apart those of each.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        self.ids.iter().chain(&self.seconds).map(Vec::len)
    }

    /// Tokens of an example that an epoch of training reads, on average.
    pub fn tokens_read(&self) -> f64 {
        if !self.plan.config.reads_parts() {
            return self.plan.mean_tokens;
        }
        *self.tokens_read.get_or_init(|| {
            let window = self.reading().window;
            self.lengths().map(|tokens| tokens.min(window)).sum::<usize>() as f64 / self.ids.len().max(1) as f64
        })
    }

    /// What reading whole texts costs beside what an epoch of training reads of them.
    pub fn whole_cost(&self) -> f64 {
        if !self.plan.config.reads_parts() {
            return 1.0;
        }
        let (reading, texts) = (self.reading(), self.lengths().count());
        self.lengths().map(|tokens| reading.windows(tokens).len()).sum::<usize>() as f64 / texts.max(1) as f64
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
        if let Some(values) = self.carried() {
            return Ok(self.model_of(values.to_vec(), device)?);
        }
        let first = self.first.as_ref().ok_or_else(|| out_of_turn("the weights before the first step are not at hand"))?;
        let mut values = first.values(&self.model);
        if self.has_head() {
            values.push(initial_score(
                &self.model,
                self.task.outputs(),
                head_vectors(self.plan.config.reads_apart()),
                self.plan.config.seed,
            ));
        }
        Ok(self.model_of(values, device)?)
    }

    /// The model with these weights under their names, on a device, with what is held held. Adapters are those before the first step.
    ///
    /// # Errors
    /// Weights that do not fit.
    pub fn model_of(&self, mut values: Vec<NamedTensor>, device: &Device) -> Result<SequenceModel, ParameterError> {
        // The head's last.
        values.sort_by_key(|tensor| tensor.name == SCORE);
        let mut model = SequenceModel::from_values(self.model.clone(), values, device)?;
        if model.score.is_some() != self.has_head() {
            return Err(ParameterError::Missing(SCORE.to_owned()));
        }
        if let Some(score) = model.score.as_ref().map(|score| score.val().dims()) {
            let expected = [self.task.outputs(), head_vectors(self.plan.config.reads_apart()) * self.model.n_embd];
            if score != expected {
                return Err(ParameterError::Shape { name: SCORE.to_owned(), expected: expected.to_vec(), found: score.to_vec() });
            }
        }
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
        TextPooling::Both => Pooling::Both,
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

/// What examples are put to: a body and its tokenizer, and what a run takes over from one before it.
pub struct Basis {
    pub model: ModelConfig,
    pub first: Option<FirstWeights>,
    pub tokenizer: Rc<Tokenizer>,
    pub carried: Option<Rc<Vec<NamedTensor>>>,
    /// `None`: by the numbers of the training part.
    pub scale: Option<Score>,
}

/// Tokenises examples for a request (0: nobody asked) and plans their run; what is measured is not in the plan yet.
///
/// # Errors
/// Should the tokenizer fail, or settings that the task cannot be run with.
pub async fn assemble<H: Host>(
    shop: &Workshop<H>,
    request: u32,
    open: Rc<OpenTable>,
    chosen: Chosen,
    mut config: LabelConfig,
    basis: Basis,
) -> Result<LabelPrepared, Fault> {
    let Basis { model, first, tokenizer, carried, scale } = basis;
    config.window = config.window.min(model.n_positions as u32);
    let (targets, own) = targets(&chosen);
    let scale = scale.unwrap_or(own);
    let progress = Tokenising::new(&shop.breath, &*shop.host, request, tokens::rows_to_read(&chosen));
    let tokens = tokens::read(&progress, &open, &chosen, &config, &tokenizer).await?;
    let task = task(&chosen, &config, scale, model.vocab_size, tokens.as_ref().map(|(_, tokens)| tokens))?;
    let (ids, seconds, tokens) = match tokens {
        Some((ids, tokens)) => (ids, Vec::new(), Some(tokens)),
        None => {
            let (ids, seconds) = tokenized(&progress, &open, &chosen, &*task, &tokenizer, config.reads_apart()).await?;
            (ids, seconds, None)
        }
    };
    let outputs = if tokens.as_ref().is_none_or(TokenRows::has_head) { task.outputs() } else { 0 };
    let mut plan = plan(&config, &model, &chosen, &tokenizer, (&ids, &seconds), outputs);
    if let Some(tokens) = &tokens {
        tokens.amend(&mut plan, model.vocab_size);
    }
    drop(progress);
    let (baselines, pass_share) = (RefCell::default(), 1);
    Ok(LabelPrepared {
        plan,
        table: open,
        chosen,
        task,
        tokenizer,
        model,
        scale,
        first,
        carried,
        pass_share,
        ids,
        seconds,
        targets,
        tokens,
        baselines,
        tokens_read: OnceCell::new(),
    })
}

/// Tokens of every example, and of its second text where that is read apart.
async fn tokenized(
    progress: &Tokenising<'_>,
    open: &OpenTable,
    chosen: &Chosen,
    task: &dyn Task,
    tokenizer: &Tokenizer,
    apart: bool,
) -> Result<(Vec<Vec<u32>>, Vec<Vec<u32>>), Fault> {
    let examples = &chosen.examples;
    let (mut ids, mut seconds) = (Vec::with_capacity(examples.len()), Vec::new());
    for number in 0..examples.len() {
        progress.at(number).await;
        let texts = [examples.text(&open.table, number), examples.second(&open.table, number)];
        let (first, second) = tokens_of(task, tokenizer, texts.each_ref().map(|text| &**text), apart)?;
        ids.push(first);
        seconds.extend(second);
    }
    Ok((ids, seconds))
}
