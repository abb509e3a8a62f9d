//! Training a model with a head over whole texts or over every token: one optimiser step from the passes of a batch, and what the model says of texts.
//!
//! In: [`Pass`]es and a [`Task`]. Out: losses and outputs as tensors on the device. As [`super::trainer`] does it for windows of a text; the
//! mean is over the weights of all examples of the batch.

use burn::module::Module;
use burn::tensor::{Device, Gradients, Int, Tensor};
use std::rc::Rc;

use super::adamw::{AdamW, AdamWSetting};
use super::passes::SequencePass;
use super::task::{Task, class_losses};
use super::tokens::TokenPass;
use super::trainer::{StepTensors, TrainerSetting, accumulate};
use crate::model::parameters::{ParameterError, read_floats};
use crate::model::{Dropout, Parameters, SequenceModel};

/// Parameters of a block, and of the embeddings before them, in the order of the slots.
const PER_BLOCK: usize = 12;
const EMBEDDINGS: usize = 2;

/// Factors of the learning rate from the head down: the head and the last norm 1, the topmost block `decay`, the one below it `decay²`, …, the
/// embeddings the smallest. As ELECTRA is fine-tuned (arXiv 2003.10555), after Howard and Ruder (arXiv 1801.06146).
pub fn layer_scales(model: &mut SequenceModel, decay: f64) -> Vec<f64> {
    let layers = model.body.h.len();
    // An adapter learns as the block does in which it is.
    let adapters: Vec<usize> = model.body.adapters().flat_map(|(layer, _, _)| [layers - layer; 2]).collect();
    let count = model.slots().len() - adapters.len();
    let depth = |index: usize| match index.checked_sub(EMBEDDINGS) {
        None => layers + 1,
        Some(rest) if rest < PER_BLOCK * layers => layers - rest / PER_BLOCK,
        Some(_) => 0,
    };
    (0..count).map(depth).chain(adapters).map(|depth| decay.powi(depth as i32)).collect()
}

/// What goes through the model at once, and its part of the loss.
pub trait Pass {
    /// How much it counts in the mean that is minimised.
    fn weight(&self, task: &dyn Task) -> f64;

    /// Its losses times their weights, over `total`, the weight of the whole batch: `[1]`.
    fn loss(&self, model: &SequenceModel, task: &dyn Task, total: f64, dropout: &Dropout) -> Tensor<1>;
}

impl Pass for SequencePass {
    fn weight(&self, task: &dyn Task) -> f64 {
        self.targets.iter().map(|target| task.weight(target)).sum()
    }

    fn loss(&self, model: &SequenceModel, task: &dyn Task, total: f64, dropout: &Dropout) -> Tensor<1> {
        let (ids, pooling) = tensors(self, &model.device().inner());
        // Beside states that gradients flow through, the constant matrix must live on their side too.
        task.loss(model.forward(ids, Tensor::from_inner(pooling), self.time, dropout), &self.targets, total)
    }
}

impl Pass for TokenPass {
    fn weight(&self, task: &dyn Task) -> f64 {
        let weights = task.token_weights();
        let weight = |&target: &i32| weights.and_then(|weights| weights.get(target as usize).copied()).unwrap_or(1.0);
        self.targets.iter().filter(|target| **target >= 0).map(weight).sum()
    }

    fn loss(&self, model: &SequenceModel, task: &dyn Task, total: f64, dropout: &Dropout) -> Tensor<1> {
        let ids = Tensor::from_data(self.inputs.as_slice(), &model.device().inner());
        class_losses(model.token_outputs(ids, self.time, dropout), &self.targets, task.token_weights(), total)
    }
}

/// A pass of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelPass {
    Texts(SequencePass),
    Tokens(TokenPass),
}

impl LabelPass {
    fn inner(&self) -> &dyn Pass {
        match self {
            Self::Texts(pass) => pass,
            Self::Tokens(pass) => pass,
        }
    }
}

impl Pass for LabelPass {
    fn weight(&self, task: &dyn Task) -> f64 {
        self.inner().weight(task)
    }

    fn loss(&self, model: &SequenceModel, task: &dyn Task, total: f64, dropout: &Dropout) -> Tensor<1> {
        self.inner().loss(model, task, total, dropout)
    }
}

/// A model with a head, in training.
pub struct SequenceTrainer {
    pub model: SequenceModel,
    pub optimizer: AdamW,
    task: Rc<dyn Task>,
    setting: TrainerSetting,
    device: Device,
}

/// A step whose passes are not all done.
pub struct SequenceStep {
    /// The weight of all examples of the batch.
    total: f64,
    passes: usize,
    losses: Vec<Tensor<1>>,
    gradients: Option<Gradients>,
}

/// `[rows * time]` and `[vectors, rows * time]`.
fn tensors(pass: &SequencePass, device: &Device) -> (Tensor<1, Int>, Tensor<2>) {
    let pooling: Tensor<1> = Tensor::from_data(pass.pooling.as_slice(), device);
    let places = pass.inputs.len();
    (Tensor::from_data(pass.inputs.as_slice(), device), pooling.reshape([pass.pooling.len() / places.max(1), places]))
}

impl SequenceTrainer {
    /// A trainer for a model on an autodiff device. `decay` is the layer-wise decay of the learning rate; 1 for none.
    pub fn new(mut model: SequenceModel, task: Rc<dyn Task>, setting: TrainerSetting, decay: f64) -> Self {
        let scales = layer_scales(&mut model, decay);
        let optimizer = AdamW::new(&mut model, setting.optimizer).with_scales(scales);
        let device = model.device().inner();
        Self { model, optimizer, task, setting, device }
    }

    /// The settings of its optimiser.
    pub fn optimizer_setting(&self) -> AdamWSetting {
        self.setting.optimizer
    }

    /// One step over the passes of a batch.
    pub fn step<P: Pass>(&mut self, passes: &[P], learning_rate: f64) -> StepTensors {
        let mut under_way = self.begin(passes);
        for pass in passes {
            self.pass(&mut under_way, pass);
        }
        self.finish(under_way, learning_rate)
    }

    /// Begins a step over these passes. The model stays as it is until [`Self::finish`].
    pub fn begin<P: Pass>(&self, passes: &[P]) -> SequenceStep {
        let total: f64 = passes.iter().map(|pass| pass.weight(&*self.task)).sum();
        let total = if total > 0.0 { total } else { 1.0 };
        SequenceStep { total, passes: passes.len(), losses: Vec::with_capacity(passes.len()), gradients: None }
    }

    /// The next of the step's passes.
    pub fn pass<P: Pass>(&mut self, step: &mut SequenceStep, pass: &P) {
        let dropout = self.setting.pass_dropout(self.optimizer.steps(), (step.losses.len(), step.passes), &self.device);
        let loss = pass.loss(&self.model, &*self.task, step.total, &dropout);
        let fresh = loss.backward();
        step.losses.push(loss.inner());
        step.gradients = Some(accumulate(&mut self.model, step.gradients.take(), fresh));
    }

    /// Moves the model by the gradients of the passes so far.
    pub fn finish(&mut self, step: SequenceStep, learning_rate: f64) -> StepTensors {
        let mut gradients: Vec<Gradients> = step.gradients.into_iter().collect();
        let clip = self.optimizer.step(&mut self.model, &mut gradients, learning_rate);
        StepTensors { losses: step.losses, clip }
    }

    /// The model as it is now, without autodiff, adapters merged. It shares the parameters' memory, which the next step changes in place.
    pub fn inference_model(&self) -> SequenceModel {
        let mut model = self.model.valid();
        model.body.merge();
        model
    }
}

/// What a model without autodiff says of the texts of a pass: `outputs` numbers for each, in the order of the pass. Reads back once.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn sequence_outputs(model: &SequenceModel, pass: &SequencePass) -> Result<Vec<f32>, ParameterError> {
    let (ids, pooling) = tensors(pass, &model.device());
    let outputs = model.forward(ids, pooling, pass.time, &model.body.no_dropout());
    let mut read = read_floats(outputs).await?;
    read.truncate(pass.targets.len() * model.outputs());
    Ok(read)
}

/// The vectors of the texts of a pass without second texts, before the head: `[texts, d]`, one after the other. Reads back once.
///
/// # Errors
/// As [`sequence_outputs`].
pub async fn sequence_states(model: &SequenceModel, pass: &SequencePass) -> Result<Vec<f32>, ParameterError> {
    let (ids, pooling) = tensors(pass, &model.device());
    let mut read = read_floats(model.pooled(ids, pooling, pass.time, &model.body.no_dropout())).await?;
    read.truncate(pass.targets.len() * model.body.config.n_embd);
    Ok(read)
}
