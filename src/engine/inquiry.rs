//! Answering one question: everything an answer is made of, gathered before the first piece of work, so that the session only polls.
//!
//! The model must stand still until the answer is there: the session takes no step meanwhile.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use super::host::Host;
use super::kept::KeptWeights;
use super::plan::Workshop;
use super::reliving::{Relived, coarse_to_fine};
use super::session::Subject;
use crate::explain::arithmetic::Arithmetic;
use crate::explain::attribution::attribute;
use crate::explain::choices::likeliest;
use crate::explain::flow::{flow, lens};
use crate::explain::habits::{Tally, Window, signs};
use crate::explain::past::Past;
use crate::explain::roles;
use crate::explain::switches::{self, Means, Replacements, TextWindows};
use crate::explain::{Look, Sentence, compare, pack};
use crate::generate::Distribution;
use crate::model::Gpt;
use crate::protocol::explain::{Answer, Dials, MOST_CHOICES, ModelPart, Moment, Question, Switch, float_bytes};
use crate::protocol::past::{FrameMark, to_squares, to_triangles};
use crate::protocol::{Fault, FaultCode, NextAction, RunConfig, SamplingConfig, TokenChoice};
use crate::text::{Dataset, Tokenizer};

/// Windows of the visitor's text that roles and means are measured over, and the most tokens of each.
const WINDOWS: usize = 8;
const WINDOW_TOKENS: usize = 128;

/// What was made for an earlier answer about the same run and serves for later ones.
#[derive(Default)]
pub struct Known {
    pub(super) base: Option<Gpt>,
    base_tallies: Option<Vec<Tally>>,
    /// Made from kept weights, by their steps; the last made comes first.
    pub(super) kept: Vec<(u32, Gpt)>,
}

/// Everything an answer is made of.
pub struct Inquiry<H> {
    pub shop: Workshop<H>,
    pub subject: Subject,
    pub config: RunConfig,
    pub dataset: Arc<Dataset>,
    /// The pinned sentence, or why there is none.
    pub sentence: Result<Sentence, Fault>,
    pub past: Rc<RefCell<Past>>,
    pub known: Rc<RefCell<Known>>,
    /// Weights of the run's past, by step.
    pub kept: Vec<KeptWeights>,
}

fn sampling(Dials { temperature, top_k, top_p, repetition_penalty }: Dials) -> SamplingConfig {
    SamplingConfig { temperature, top_k, top_p, repetition_penalty, ..SamplingConfig::default() }
}

/// An answer with its buffers.
pub type Told = (Answer, Vec<Vec<u8>>);

/// The fault for a place that is not there.
pub fn no_such_part(detail: impl Into<String>) -> Fault {
    Fault::new(FaultCode::NoSuchPart, NextAction::None, detail)
}

/// Two looks at the sentence, to be compared: as the model says it, or as it was stored.
struct Shown {
    step: u32,
    loss: Option<f32>,
    /// Per layer, where a model said it.
    maps: Option<Vec<Vec<f32>>>,
    /// Bytes `[layers, heads, t, t]`.
    bytes: Vec<u8>,
}

impl Shown {
    fn live(step: u32, look: Look) -> Self {
        Self { step, loss: look.loss(), bytes: pack(&look.maps), maps: Some(look.maps) }
    }
}

impl<H: Host> Inquiry<H> {
    fn sentence(&self) -> Result<&Sentence, Fault> {
        self.sentence.as_ref().map_err(Clone::clone)
    }

    /// Windows from all over the training part.
    fn windows(&self) -> TextWindows {
        let most = self.subject.context.min(WINDOW_TOKENS);
        TextWindows { ids: self.dataset.preview(WINDOWS).into_iter().map(|ids| ids[..ids.len().min(most)].to_vec()).collect() }
    }

    /// What these switches put in the place of their parts.
    ///
    /// # Errors
    /// As [`Self::base`].
    pub async fn replacements(&self, wanted: &[Switch]) -> Result<Replacements, Fault> {
        let (means, base) = switches::needs(wanted);
        let means = if means { Some(Means::over(&self.subject.model, &self.windows(), self.pause()).await) } else { None };
        let base = if base { Some(self.base().await?) } else { None };
        Ok(Replacements { means, base })
    }

    fn pause(&self) -> impl AsyncFn() {
        let breath = self.shop.breath.clone();
        async move || breath.take().await
    }

    /// Answers `SetSwitches`.
    ///
    /// # Errors
    /// No sentence, no base model, or a device that fails.
    pub async fn switched(self, wanted: Vec<Switch>) -> Result<Told, Fault> {
        let sentence = self.sentence()?;
        let model = &self.subject.model;
        let with = self.replacements(&wanted).await?;
        self.shop.breath.take().await;
        let plain = sentence.look(model).await?;
        let switched = sentence.look(&switches::apply(model, &wanted, &with)).await?;
        let tokenizer = &self.subject.tokenizer;
        let choices = |look: &Look| -> Vec<TokenChoice> {
            let list = likeliest(&look.next, CHOICES);
            list.into_iter().map(|one| TokenChoice { id: one.id, text: tokenizer.piece(one.id), probability: one.probability }).collect()
        };
        let answer = Answer::Switched {
            switches: switches::last_of_each(&wanted),
            layers: model.h.len() as u32,
            heads: model.config.n_head as u32,
            tokens: sentence.tokens.clone(),
            plain_loss: plain.loss(),
            switched_loss: switched.loss(),
            plain_choices: choices(&plain),
            switched_choices: choices(&switched),
        };
        Ok((answer, vec![pack(&switched.maps), float_bytes(&plain.losses), float_bytes(&switched.losses)]))
    }

    /// Answers a question; returns also the step of the model that the answer speaks of.
    ///
    /// # Errors
    /// No sentence, a place that is not there, no base model, or a device that fails.
    pub async fn answer(self, question: Question) -> Result<(u32, Told), Fault> {
        let (step, model) = self.model_at(question.at().unwrap_or(Moment::Now)).await?;
        Ok((step, self.told(question, &model).await?))
    }

    async fn told(&self, question: Question, model: &Gpt) -> Result<Told, Fault> {
        let tokenizer = self.subject.tokenizer.clone();
        let text = |id: u32| tokenizer.piece(id);
        match question {
            Question::Compare { from, to } => self.compare(from, to).await,
            Question::Roles => self.roles().await,
            Question::SwitchMap { to } => {
                let sentence = self.sentence()?;
                if sentence.len() < 2 {
                    return Err(no_such_part("a sentence of one token has no loss"));
                }
                // Any part stands for all: what they need is the same.
                let part = ModelPart::Mlp { layer: 0 };
                let with = self.replacements(&[Switch { part, to }]).await?;
                Ok((switches::map(model, sentence, to, &with, self.pause()).await?, Vec::new()))
            }
            Question::Attribute { position, token, .. } => self.attribute(model, position, token).await,
            Question::Lens { top, .. } => Ok(lens(model, self.sentence()?, choices(top), &text, self.pause()).await?),
            Question::Flow { top, dials, .. } => {
                let config = sampling(dials);
                // Dials outside their meaning are refused here; a row of logits that is not finite leaves nothing to be written.
                Distribution::new(&[0.0], &[], &config)?;
                let sampled = |row: &[f32], written: &[u32], ids: &[u32]| match Distribution::new(row, written, &config) {
                    Ok(drawn) => ids.iter().map(|&id| drawn.probability(id) as f32).collect(),
                    Err(_) => vec![0.0; ids.len()],
                };
                Ok(flow(model, self.sentence()?, choices(top), &text, sampled, self.pause()).await?)
            }
            Question::Arithmetic { layer, head, query, .. } => {
                let sentence = self.sentence()?;
                let (layers, heads) = (model.h.len(), model.config.n_head);
                if layer as usize >= layers || head as usize >= heads || query as usize >= sentence.len() {
                    let there = format!("{layers} layers of {heads} heads, {} tokens", sentence.len());
                    return Err(no_such_part(format!("layer {layer}, head {head}, token {query} of {there}")));
                }
                let numbers = Arithmetic::of(model, sentence, layer as usize, head as usize, query as usize).await?;
                Ok(numbers.answer(sentence, layer, head, query))
            }
        }
    }

    async fn show(&self, moment: Moment) -> Result<Shown, Fault> {
        let sentence = self.sentence()?;
        match moment {
            Moment::Now => Ok(Shown::live(self.subject.step, sentence.look(&self.subject.model).await?)),
            Moment::Base => Ok(Shown::live(0, sentence.look(&self.base().await?).await?)),
            Moment::Step { step } => {
                let past = self.past.borrow();
                let known = past.nearest(step).filter(|_| past.subject().tokens == sentence.tokens);
                let (mark, triangles) = known.ok_or_else(|| no_such_part("nothing is recorded of this sentence"))?;
                Ok(Shown { step: mark.step, loss: mark.loss, maps: None, bytes: to_squares(triangles, sentence.len()) })
            }
        }
    }

    async fn compare(&self, from: Moment, to: Moment) -> Result<Told, Fault> {
        let (from, to) = (self.show(from).await?, self.show(to).await?);
        let (count, heads) = (self.sentence()?.len(), self.subject.model.config.n_head);
        let changes = match (&from.maps, &to.maps) {
            (Some(from), Some(to)) => compare::changes(from, to, count, heads),
            _ => compare::stored_changes(&to_triangles(&from.bytes, count), &to_triangles(&to.bytes, count), count, heads),
        };
        let answer = Answer::Compared {
            from_step: from.step,
            to_step: to.step,
            from_loss: from.loss,
            to_loss: to.loss,
            layers: self.subject.model.h.len() as u32,
            heads: heads as u32,
            tokens: self.sentence()?.tokens.clone(),
            changes,
        };
        Ok((answer, vec![from.bytes, to.bytes]))
    }

    async fn roles(&self) -> Result<Told, Fault> {
        let windows = self.windows();
        let tokenizer: &Tokenizer = &self.subject.tokenizer;
        let text = |ids: &Vec<u32>| ids.iter().map(|&id| (id, tokenizer.piece(id))).collect::<Vec<_>>();
        let seen: Vec<Window> = windows.ids.iter().map(|ids| Window::new(&signs(&text(ids)))).collect();
        let now = roles::tally(&self.subject.model, &windows, &seen, self.pause()).await?;
        let known = if self.subject.run == 0 { Some(now.clone()) } else { self.known.borrow().base_tallies.clone() };
        let base = match known {
            Some(base) => base,
            None => {
                let base = roles::tally(&self.base().await?, &windows, &seen, self.pause()).await?;
                self.known.borrow_mut().base_tallies = Some(base.clone());
                base
            }
        };
        Ok((roles::answer(&now, &base, self.subject.model.config.n_head, &windows), Vec::new()))
    }

    async fn attribute(&self, model: &Gpt, position: u32, token: Option<u32>) -> Result<Told, Fault> {
        let sentence = self.sentence()?;
        let vocabulary = model.config.vocab_size;
        let count = position as usize + 1;
        if count > sentence.len() || token.is_some_and(|token| token as usize >= vocabulary) {
            let there = format!("{} tokens, {vocabulary} in the vocabulary", sentence.len());
            return Err(no_such_part(format!("token {position}, next {token:?} of {there}")));
        }
        let token = match token.or_else(|| sentence.ids.get(count).copied()) {
            Some(token) => token,
            None => likeliest(&sentence.look(model).await?.next, 1).first().map_or(0, |best| best.id),
        };
        let found = attribute(model, &sentence.ids[..count], token, self.pause()).await?;
        let text = self.subject.tokenizer.piece(token);
        let answer = Answer::Attributed {
            position,
            token: TokenChoice { id: token, text, probability: found.log_probability.exp() },
            tokens: sentence.tokens.clone(),
            log_probability: found.log_probability,
            baseline_log_probability: found.baseline_log_probability,
            gap: found.gap,
            points: found.points as u32,
        };
        Ok((answer, vec![float_bytes(&found.gradient_input), float_bytes(&found.integrated)]))
    }

    /// The sentence before the first step and at the steps whose weights were kept, noted one by one with a breath between them. Kept weights that
    /// cannot be read, and a base model that cannot be had, are passed over.
    ///
    /// # Errors
    /// No sentence, or a device that fails.
    pub async fn relive(self, relived: Relived) -> Result<(), Fault> {
        let sentence = self.sentence()?;
        let note = |step: u32, look: Look, rerun: bool| relived.note(FrameMark { step, loss: look.loss(), rerun }, pack(&look.maps));
        let base = self.base().await;
        relived.fetches.set(false);
        if let Ok(base) = base {
            self.shop.breath.take().await;
            note(0, sentence.look(&base).await?, false);
        }
        let config = &self.subject.model.config;
        let before: Vec<&KeptWeights> = self.kept.iter().filter(|weights| weights.step > 0 && weights.step < self.subject.step).collect();
        for place in coarse_to_fine(before.len()) {
            self.shop.breath.take().await;
            let weights = before[place];
            let Some(values) = weights.read(&*self.shop.host, config).await else { continue };
            let model = Gpt::from_values(config.clone(), values, &self.shop.device.device)?;
            note(weights.step, sentence.look(&model).await?, true);
        }
        Ok(())
    }
}

/// Likeliest next tokens in `Switched`.
const CHOICES: usize = 10;

fn choices(top: u32) -> usize {
    top.clamp(1, MOST_CHOICES) as usize
}
