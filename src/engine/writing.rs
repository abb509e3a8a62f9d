//! Writing on from a prompt with the key-value cache: for the visitor (`Generate`, streamed) and for samples.

use super::Session;
use super::faults::out_of_turn;
use super::host::Host;
use crate::generate::{GenerateError, StoredLogits, TokenText, Writer, WrittenToken};
use crate::model::parameters::read_floats;
use crate::model::{Gpt, KeyValueCache};
use crate::protocol::{Event, Fault, FaultCode, NextAction, SamplingConfig, TokenChoice};
use crate::text::{StreamDecoder, TextError, Tokenizer};
use std::rc::Rc;

/// Seconds of prompt that are fed before commands are looked at again.
const FEED_SECONDS: f64 = 0.03;
/// Alternatives shown for a token.
const CHOICES: usize = 10;

/// A tokenizer's text, as it comes.
struct TextOf {
    tokenizer: Rc<Tokenizer>,
    stream: StreamDecoder,
}

impl TokenText for TextOf {
    fn push(&mut self, id: u32) -> String {
        self.stream.push(&self.tokenizer, id)
    }

    fn finish(&mut self) -> String {
        self.stream.finish(&self.tokenizer)
    }
}

/// A prompt as the model should read it. Tokens of byte-level tokenizers begin with their space: after a space of its own the model is lost, so
/// one space at the end is left to the model to write, and not shown a second time.
pub struct Prompt {
    ids: Vec<u32>,
    space_left_out: bool,
}

impl Prompt {
    /// Reads a prompt.
    ///
    /// # Errors
    /// Should the tokenizer fail.
    pub fn read(tokenizer: &Tokenizer, text: &str) -> Result<Self, TextError> {
        let without = text.strip_suffix(' ').filter(|rest| rest.chars().next_back().is_some_and(|last| !last.is_whitespace()));
        Ok(Self { ids: tokenizer.encode(without.unwrap_or(text))?, space_left_out: without.is_some() })
    }
}

impl From<Vec<u32>> for Prompt {
    fn from(ids: Vec<u32>) -> Self {
        Self { ids, space_left_out: false }
    }
}

/// A writer with its cache.
pub struct Pen {
    writer: Writer<TextOf>,
    cache: KeyValueCache,
    /// Tokens of the writer's present input that are in the cache already.
    fed: usize,
    began: f64,
    /// The first space belongs to the prompt.
    space_left_out: bool,
    begun: bool,
}

impl Pen {
    /// Starts from a prompt. The model is one without autodiff, and must be the same for the whole text; it sees `context` tokens at a time.
    ///
    /// # Errors
    /// An empty prompt, or dials out of range.
    pub fn new(
        model: &Gpt,
        context: usize,
        tokenizer: &Rc<Tokenizer>,
        prompt: &Prompt,
        sampling: SamplingConfig,
        now: f64,
    ) -> Result<Self, GenerateError> {
        let text = TextOf { tokenizer: tokenizer.clone(), stream: StreamDecoder::default() };
        let writer = Writer::new(&prompt.ids, context, tokenizer.end_of_text_id(), sampling, text)?.with_choices(CHOICES);
        let cache = KeyValueCache::new(model);
        Ok(Self { writer, cache, fed: 0, began: now, space_left_out: prompt.space_left_out, begun: false })
    }

    /// Feeds the model for a moment; returns a token when one was written.
    ///
    /// # Errors
    /// A device that fails, or logits that are no numbers.
    pub async fn advance<H: Host>(&mut self, model: &Gpt, host: &H) -> Result<Option<WrittenToken>, Fault> {
        let Some(input) = self.writer.next_input() else { return Ok(None) };
        if input.position == 0 && self.fed == 0 {
            self.cache.clear();
        }
        let began = host.now();
        let mut logits = None;
        for &id in &input.tokens[self.fed..] {
            logits = model.step(id, &mut self.cache);
            self.fed += 1;
            if host.now() - began >= FEED_SECONDS {
                break;
            }
        }
        if self.fed < input.tokens.len() {
            return Ok(None);
        }
        self.fed = 0;
        let logits = logits.ok_or_else(|| Fault::new(FaultCode::Internal, NextAction::Retry, "the cache is full"))?;
        let logits = read_floats(logits).await?;
        let mut token = self.writer.accept(&logits)?;
        if !self.begun && !token.text.is_empty() {
            self.begun = true;
            if self.space_left_out && token.text.starts_with(' ') {
                token.text.remove(0);
            }
        }
        Ok(Some(token))
    }

    /// When it was taken up, by the host's clock.
    pub fn began(&self) -> f64 {
        self.began
    }

    /// Ends the text here.
    pub fn stop(&mut self) {
        self.writer.interrupt();
    }

    /// Nothing more will come.
    pub fn has_ended(&self) -> bool {
        self.writer.end().is_some()
    }

    /// The text so far, without the prompt.
    pub fn text(&self) -> &str {
        let text = self.writer.text();
        if self.space_left_out { text.strip_prefix(' ').unwrap_or(text) } else { text }
    }
}

/// An answer to `Generate` under way.
pub struct Writing {
    request: u32,
    pen: Pen,
    /// As it was when the writing began: training may go on meanwhile.
    model: Gpt,
    tokenizer: Rc<Tokenizer>,
    tokens: u32,
}

impl Writing {
    /// The request that it answers.
    pub fn request(&self) -> u32 {
        self.request
    }
}

/// What `Reweigh` asks about: the logits after the last prompt.
pub struct AfterPrompt {
    pub logits: StoredLogits,
    pub tokenizer: Rc<Tokenizer>,
}

impl<H: Host> Session<H> {
    /// Begins to write for the visitor; whatever was being written ends.
    pub(super) async fn generate(&mut self, request: u32, prompt: &str, sampling: SamplingConfig) -> Result<(), Fault> {
        if self.answered_writing == request {
            return Ok(());
        }
        self.stop_writing();
        self.answered_writing = request;
        let Some(subject) = self.subject().await? else { return Err(out_of_turn("no model is ready yet")) };
        let prompt = Prompt::read(&subject.tokenizer, prompt)?;
        let device = self.open_device().await?.device;
        let model = match &mut self.run {
            // Training changes the weights in place: a copy stays as it is.
            Some(run) if run.is_active() => {
                let values = run.trainer.model.read_values().await?;
                Gpt::from_values(subject.model.config.clone(), values, &device)?
            }
            _ => subject.model,
        };
        let model = self.with_switches(model).await?;
        let pen = Pen::new(&model, subject.context, &subject.tokenizer, &prompt, sampling, self.host.now())?;
        self.after_prompt = None;
        self.writing = Some(Writing { request, pen, model, tokenizer: subject.tokenizer, tokens: 0 });
        Ok(())
    }

    /// One token, or a piece of the prompt.
    pub(super) async fn write_on(&mut self) -> Result<(), (u32, Fault)> {
        let Some(writing) = &mut self.writing else { return Ok(()) };
        let request = writing.request;
        let written = match writing.pen.advance(&writing.model, &*self.host).await {
            Ok(written) => written,
            Err(fault) => {
                self.writing = None;
                return Err((request, fault));
            }
        };
        if let Some(token) = written {
            writing.tokens += 1;
            if self.after_prompt.is_none() {
                let logits = writing.pen.writer.after_prompt().cloned();
                self.after_prompt = logits.map(|logits| AfterPrompt { logits, tokenizer: writing.tokenizer.clone() });
            }
            let choices = choices(&token.choices, &writing.tokenizer);
            self.host.send(&Event::Token { request, text: token.text, probability: token.probability, choices }, Vec::new());
        }
        if writing.pen.has_ended() {
            self.end_writing();
        }
        Ok(())
    }

    /// Ends the writing where it is.
    pub(super) fn stop_writing(&mut self) {
        if let Some(writing) = &mut self.writing {
            writing.pen.stop();
            self.end_writing();
        }
    }

    fn end_writing(&mut self) {
        let Some(writing) = self.writing.take() else { return };
        let seconds = (self.host.now() - writing.pen.began()).max(1e-6);
        let tokens_per_second = (f64::from(writing.tokens) / seconds) as f32;
        self.tell(&Event::Written { request: writing.request, text: writing.pen.text().to_owned(), tokens_per_second });
    }

    /// The next token's choices after the last prompt under other dials.
    pub(super) fn reweigh(&self, request: u32, sampling: &SamplingConfig) -> Result<(), Fault> {
        let Some(after) = &self.after_prompt else { return Err(GenerateError::EmptyPrompt.into()) };
        let list = after.logits.choices(sampling, CHOICES)?;
        self.tell(&Event::Choices { request, choices: choices(&list, &after.tokenizer) });
        Ok(())
    }
}

fn choices(list: &[(u32, f32)], tokenizer: &Tokenizer) -> Vec<TokenChoice> {
    list.iter().map(|&(id, probability)| TokenChoice { id, text: tokenizer.piece(id), probability }).collect()
}
