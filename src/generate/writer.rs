//! Writes on from a prompt, one token per call. Whoever has the model asks [`Writer::next_input`] what to feed, runs the forward pass (now or
//! later), and hands the last position's logits to [`Writer::accept`].

use super::error::GenerateError;
use super::sampler::{Distribution, TokenRng};
use super::stop::StopText;
use crate::protocol::SamplingConfig;

/// Turns ids into text as they come. A character may be spread over several tokens; what is not whole yet comes with a later token.
pub trait TokenText {
    /// Takes the next id; gives the text that is whole now.
    fn push(&mut self, id: u32) -> String;
    /// Nothing more comes: gives what was held back.
    fn finish(&mut self) -> String;
}

/// What the model must see next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input<'a> {
    /// Ids to feed, at least one, at consecutive positions.
    pub tokens: &'a [u32],
    /// Position of the first of them. At 0 the key-value cache starts anew; else it holds exactly this many positions.
    pub position: usize,
}

/// Why writing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// `max_tokens` are written.
    Length,
    /// The stop text came.
    StopText,
    /// The model ended the text itself.
    EndOfText,
    /// [`Writer::interrupt`].
    Interrupted,
}

/// One token, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenToken {
    pub id: u32,
    /// Probability in 0..=1 under the dials.
    pub probability: f32,
    /// The likeliest tokens under the dials, likeliest first; the chosen one stands last if it is not among the first few.
    pub choices: Vec<(u32, f32)>,
    /// Text that is certain now: whole characters that cannot belong to a stop text. May be empty, or reach back to earlier tokens.
    pub text: String,
    /// Set on the last token.
    pub end: Option<EndReason>,
}

/// The logits at one position, kept so that other dials can be tried without a forward pass.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredLogits {
    /// `[vocabulary]`.
    pub logits: Vec<f32>,
    /// All ids before this position, for the repetition penalty.
    pub written: Vec<u32>,
}

impl StoredLogits {
    /// The `count` likeliest next tokens under these dials, likeliest first.
    ///
    /// # Errors
    /// As [`Distribution::new`].
    pub fn choices(&self, config: &SamplingConfig, count: usize) -> Result<Vec<(u32, f32)>, GenerateError> {
        Ok(Distribution::new(&self.logits, &self.written, config)?.top(count))
    }
}

/// The state of one piece of writing.
#[derive(Debug, Clone)]
pub struct Writer<T> {
    config: SamplingConfig,
    /// The model's context, in tokens.
    context: usize,
    end_of_text: Option<u32>,
    choices: usize,
    rng: TokenRng,
    /// Prompt and everything written.
    ids: Vec<u32>,
    prompt_len: usize,
    /// The model sees `ids[start..]`; the cache holds `ids[start..cached]`.
    start: usize,
    cached: usize,
    decoder: T,
    stop: StopText,
    text: String,
    after_prompt: Option<StoredLogits>,
    end: Option<EndReason>,
}

impl<T: TokenText> Writer<T> {
    /// Candidates that [`WrittenToken::choices`] holds unless [`Writer::with_choices`] says otherwise.
    pub const CHOICES: usize = 10;

    /// Starts from `prompt` with a model that sees `context` tokens; of a longer prompt it sees the end. `end_of_text` is the token with which
    /// the model ends a text, if it has one. The draws come from `config.seed`.
    /// `decoder` is fresh: the prompt was not pushed through it.
    ///
    /// # Errors
    /// An empty prompt, or a context shorter than two tokens.
    pub fn new(
        prompt: &[u32],
        context: usize,
        end_of_text: Option<u32>,
        config: SamplingConfig,
        decoder: T,
    ) -> Result<Self, GenerateError> {
        if prompt.is_empty() {
            return Err(GenerateError::EmptyPrompt);
        }
        if context < 2 {
            return Err(GenerateError::Context(context));
        }
        let start = prompt.len().saturating_sub(context);
        Ok(Self {
            rng: TokenRng::new(config.seed),
            stop: StopText::new(&config.stop),
            end: (config.max_tokens == 0).then_some(EndReason::Length),
            context,
            end_of_text,
            choices: Self::CHOICES,
            ids: prompt.to_vec(),
            prompt_len: prompt.len(),
            start,
            cached: start,
            decoder,
            text: String::new(),
            after_prompt: None,
            config,
        })
    }

    /// How many alternatives each token carries.
    #[must_use]
    pub fn with_choices(mut self, count: usize) -> Self {
        self.choices = count;
        self
    }

    /// What to feed for the next token's logits; `None` when writing has ended. Asking again gives the same answer.
    ///
    /// When the context is full, it starts anew with the later half, so that a long text costs one long pass per half context.
    pub fn next_input(&self) -> Option<Input<'_>> {
        self.end.is_none().then(|| Input { tokens: &self.ids[self.cached..], position: self.cached - self.start })
    }

    /// The cache is gone or stale (the model has learned in between): the next input starts at position 0 again.
    pub fn forget_cache(&mut self) {
        self.cached = self.start;
    }

    /// Takes the logits (`[vocabulary]`) at the last token of [`Writer::next_input`] and chooses the next token.
    ///
    /// # Errors
    /// As [`Distribution::new`], and when writing has ended. After an error the writer is as before.
    pub fn accept(&mut self, logits: &[f32]) -> Result<WrittenToken, GenerateError> {
        if self.end.is_some() {
            return Err(GenerateError::Ended);
        }
        let distribution = Distribution::new(logits, &self.ids, &self.config)?;
        if self.after_prompt.is_none() {
            self.after_prompt = Some(StoredLogits { logits: logits.to_vec(), written: self.ids.clone() });
        }
        // One number per token whatever the dials, so that the same seed stays in step when a dial moves.
        let (id, probability) = distribution.choose(self.rng.uniform());
        let mut choices = distribution.top(self.choices);
        if !choices.iter().any(|choice| choice.0 == id) {
            choices.pop();
            choices.push((id, probability));
        }
        self.cached = self.ids.len();
        self.ids.push(id);
        if self.ids.len() - self.start > self.context {
            self.start = self.ids.len() - self.context.div_ceil(2);
            self.cached = self.start;
        }
        let mut text = String::new();
        if self.end_of_text == Some(id) {
            self.end = Some(EndReason::EndOfText);
        } else {
            text = self.stop.push(&self.decoder.push(id));
            if self.stop.stopped() {
                self.end = Some(EndReason::StopText);
            } else if self.written().len() >= self.config.max_tokens as usize {
                self.end = Some(EndReason::Length);
            }
        }
        if self.end.is_some() {
            text += &self.release();
        }
        self.text += &text;
        Ok(WrittenToken { id, probability, choices, text, end: self.end })
    }

    /// Ends writing now; returns text that was held back.
    pub fn interrupt(&mut self) -> String {
        if self.end.is_some() {
            return String::new();
        }
        self.end = Some(EndReason::Interrupted);
        let rest = self.release();
        self.text += &rest;
        rest
    }

    /// Everything held back, because nothing more comes.
    fn release(&mut self) -> String {
        // With the decoder's rest the stop text may come at last.
        let mut text = self.stop.push(&self.decoder.finish());
        text += &self.stop.finish();
        text
    }

    /// Why writing ended, once it has.
    pub fn end(&self) -> Option<EndReason> {
        self.end
    }

    /// The text written so far, without the prompt and without what is held back.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The ids written so far, without the prompt.
    pub fn written(&self) -> &[u32] {
        &self.ids[self.prompt_len..]
    }

    /// The logits right after the prompt, once the first token is written: what other dials are tried on.
    pub fn after_prompt(&self) -> Option<&StoredLogits> {
        self.after_prompt.as_ref()
    }
}

#[cfg(test)]
mod tests;
