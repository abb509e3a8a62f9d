//! What is done between two steps: looking at the validation windows, taking the picture of the pinned sentence, writing a sample, saving.
//! Each is cut into pieces of at most about one step's length, one piece per tick.

use std::collections::VecDeque;

use super::Session;
use super::checkpoints::SaveStage;
use super::history::{Evaluated, Sampled};
use super::host::Host;
use super::run::{Run, Stage, context, from_batch};
use super::writing::{Pen, Prompt};
use crate::metrics::bits_per_byte;
use crate::protocol::{Event, Fault, RunConfig, RunPhase, SamplingConfig, StopReason};
use crate::text::{Dataset, Part, Tokenizer};
use crate::train::{Windows, evaluate};

/// Length of a sample; on a device that writes slowly, what it writes in this many seconds.
const SAMPLE_TOKENS: u32 = 60;
const SAMPLE_SECONDS: f64 = 6.0;

/// Something to do before the next step.
pub enum Chore {
    Evaluate(Option<Evaluation>),
    Attention,
    /// Keeps the weights for the past of sentences pinned later.
    Keep,
    Sample(Option<Box<Pen>>),
    Save(SaveStage),
    /// The run ends here.
    Finish(StopReason),
}

/// The windows that every evaluation of a run looks at, as passes of one shape.
pub struct EvaluationSet {
    validation: Vec<Windows>,
    training: Vec<Windows>,
    /// Tokens predicted in the validation windows, and the bytes of their text.
    tokens: u64,
    bytes: u64,
}

impl EvaluationSet {
    /// At most `evaluation_windows` of the validation part, and as many of the training part. `rows_per_pass` is that of training: going
    /// forward only, three times as many take as long.
    pub fn new(dataset: &Dataset, tokenizer: &Tokenizer, config: &RunConfig, rows_per_pass: usize) -> Self {
        let rows = (3 * rows_per_pass).min(config.batch_size as usize);
        let validation = dataset.evaluation_batches(Part::Validation, config.evaluation_windows as usize, rows);
        let ids: Vec<u32> = validation.iter().flat_map(crate::text::Batch::target_ids).collect();
        let windows = ids.len().div_ceil(dataset.window());
        let training = dataset.evaluation_batches(Part::Training, windows, rows);
        Self {
            validation: validation.into_iter().map(from_batch).collect(),
            training: training.into_iter().map(from_batch).collect(),
            tokens: ids.len() as u64,
            bytes: tokenizer.byte_count(&ids),
        }
    }

    /// There is no validation part: nothing to say.
    pub fn is_empty(&self) -> bool {
        self.tokens == 0
    }
}

/// An evaluation under way.
pub struct Evaluation {
    step: u32,
    /// Passes to come: of the validation part or not, and which.
    rest: VecDeque<(bool, usize)>,
    /// Sum of losses and number of tokens, for training and validation.
    sums: [(f64, usize); 2],
}

impl Evaluation {
    fn new(set: &EvaluationSet, step: u32) -> Self {
        let validation = (0..set.validation.len()).map(|index| (true, index));
        let training = (0..set.training.len()).map(|index| (false, index));
        Self { step, rest: validation.chain(training).collect(), sums: [(0.0, 0); 2] }
    }

    async fn advance(&mut self, run: &Run) -> Result<bool, Fault> {
        let Some((validation, index)) = self.rest.pop_front() else { return Ok(true) };
        let set = if validation { &run.evaluation.validation } else { &run.evaluation.training };
        let Some(pass) = set.get(index) else { return Ok(self.rest.is_empty()) };
        if let Some(mean) = evaluate(&run.model(), std::slice::from_ref(pass)).await? {
            let (sum, count) = &mut self.sums[usize::from(validation)];
            *sum += mean * pass.counted() as f64;
            *count += pass.counted();
        }
        Ok(self.rest.is_empty())
    }

    fn result(&self, set: &EvaluationSet) -> Option<Evaluated> {
        let [training, validation] = self.sums.map(|(sum, count)| sum / count as f64);
        let finite = training.is_finite() && validation.is_finite();
        let bits = bits_per_byte(validation, set.tokens, set.bytes).filter(|_| finite)?;
        let (validation, training) = (validation as f32, training as f32);
        Some(Evaluated { step: self.step, validation, training, bits_per_byte: bits as f32 })
    }
}

impl Run {
    /// What is due after the step just taken.
    pub fn plan_chores(&mut self, now: f64) {
        let complete = self.is_complete();
        let every = |steps: u32| self.step.is_multiple_of(steps.max(1)) || complete;
        let (evaluate, sample) = (every(self.config.evaluate_every), every(self.config.sample_every));
        if evaluate && !self.evaluation.is_empty() {
            self.chores.push_back(Chore::Evaluate(None));
        }
        if self.single || complete || self.pace.picture_due(now) {
            self.chores.push_back(Chore::Attention);
        }
        if self.kept.is_due(self.step, now) && self.pace.keeping_share() > 0.0 {
            self.chores.push_back(Chore::Keep);
        }
        if sample {
            self.chores.push_back(Chore::Sample(None));
        }
        if complete {
            self.chores.push_back(Chore::Finish(StopReason::AllSteps));
            self.chores.push_back(Chore::Save(SaveStage::Begin));
        } else if self.pace.save_due(now) {
            self.chores.push_back(Chore::Save(SaveStage::Begin));
        }
    }

    /// What is shown before the first step.
    pub fn plan_first_chores(&mut self) {
        self.chores.push_back(Chore::Attention);
        if !self.evaluation.is_empty() {
            self.chores.push_back(Chore::Evaluate(None));
        }
        self.chores.push_back(Chore::Sample(None));
    }
}

impl<H: Host> Session<H> {
    /// One piece of the run's first chore.
    pub(super) async fn do_chore(&mut self) -> Result<(), Fault> {
        let Some(chore) = self.run.as_mut().and_then(|run| run.chores.pop_front()) else { return Ok(()) };
        let rest = match chore {
            Chore::Evaluate(under_way) => self.do_evaluation(under_way).await?,
            Chore::Attention => {
                self.picture_run().await?;
                None
            }
            Chore::Keep => {
                self.keep_weights().await?;
                None
            }
            Chore::Sample(pen) => self.do_sample(pen).await?,
            Chore::Save(stage) => self.do_save(stage).await?.map(Chore::Save),
            Chore::Finish(reason) => {
                self.finish(reason);
                None
            }
        };
        if let (Some(chore), Some(run)) = (rest, &mut self.run) {
            run.chores.push_front(chore);
        }
        Ok(())
    }

    async fn do_evaluation(&mut self, under_way: Option<Evaluation>) -> Result<Option<Chore>, Fault> {
        let Some(run) = &mut self.run else { return Ok(None) };
        let shown = run.warm && run.stage == Stage::Running;
        let mut evaluation = under_way.unwrap_or_else(|| {
            if shown {
                run.say(&*self.host, RunPhase::Evaluating);
            }
            Evaluation::new(&run.evaluation, run.step)
        });
        if !evaluation.advance(run).await? {
            return Ok(Some(Chore::Evaluate(Some(evaluation))));
        }
        if let Some(evaluated) = evaluation.result(&run.evaluation) {
            run.history.evaluated(evaluated);
            let Evaluated { step, validation, training, bits_per_byte } = evaluated;
            self.host.send(&Event::Evaluated { run: run.id, step, validation, training, bits_per_byte }, Vec::new());
        }
        if shown {
            run.say(&*self.host, RunPhase::Running);
        }
        Ok(None)
    }

    async fn do_sample(&mut self, pen: Option<Box<Pen>>) -> Result<Option<Chore>, Fault> {
        let Some(run) = &mut self.run else { return Ok(None) };
        let model = run.model();
        let mut pen = match pen {
            Some(pen) => pen,
            None => {
                let prompt = sample_prompt(&self.sample_prompt, &run.tokenizer, &run.dataset)?;
                // The same draws every time, so that a change in the text is a change in the model.
                let sampling = SamplingConfig { max_tokens: SAMPLE_TOKENS, seed: run.config.seed, ..SamplingConfig::default() };
                Box::new(Pen::new(&model, context(&run.config, &model.config), &run.tokenizer, &prompt, sampling, self.host.now())?)
            }
        };
        pen.advance(&model, &*self.host).await?;
        if self.host.now() - pen.began() >= SAMPLE_SECONDS {
            pen.stop();
        }
        if !pen.has_ended() {
            return Ok(Some(Chore::Sample(Some(pen))));
        }
        let sampled = Sampled { step: run.step, prompt: self.sample_prompt.clone(), text: pen.text().to_owned() };
        let Sampled { step, prompt, text } = sampled.clone();
        run.history.sampled(sampled);
        self.host.send(&Event::Sample { run: run.id, step, prompt, text }, Vec::new());
        Ok(None)
    }
}

/// The prompt as ids. Without one a sample begins as a text does: after the token between texts, or with the text's own first token.
fn sample_prompt(prompt: &str, tokenizer: &Tokenizer, dataset: &Dataset) -> Result<Prompt, Fault> {
    if !prompt.is_empty() {
        return Ok(Prompt::read(tokenizer, prompt)?);
    }
    let first = tokenizer.end_of_text_id().or_else(|| dataset.ids().first().copied());
    Ok(first.into_iter().collect::<Vec<_>>().into())
}
