//! The pinned sentence: reading it as tokens, and taking its picture.

use std::rc::Rc;

use super::Session;
use super::host::Host;
use crate::explain;
use crate::protocol::{Event, Fault, FaultCode, NextAction};
use crate::text::Tokenizer;

/// Longer sentences cannot be drawn so that one could read them.
const MOST_TOKENS: usize = 128;

/// The sentence, as one tokenizer reads it.
pub struct Pinned {
    sentence: String,
    read: Option<(Rc<Tokenizer>, Vec<u32>)>,
}

impl Pinned {
    /// Not yet read.
    pub fn new(sentence: String) -> Self {
        Self { sentence, read: None }
    }

    /// Its ids.
    ///
    /// # Errors
    /// `EmptyPrompt` for a sentence without tokens, `SentenceTooLong` beyond the context or what can be drawn.
    fn ids(&mut self, tokenizer: &Rc<Tokenizer>, context: usize) -> Result<&[u32], Fault> {
        let known = self.read.take().filter(|(known, _)| Rc::ptr_eq(known, tokenizer));
        let (_, ids) = match known {
            Some(read) => self.read.insert(read),
            None => {
                let ids = tokenizer.encode(&self.sentence)?;
                let most = context.min(MOST_TOKENS);
                if ids.is_empty() {
                    return Err(Fault::new(FaultCode::EmptyPrompt, NextAction::None, "the sentence is empty"));
                }
                if ids.len() > most {
                    let detail = format!("the sentence has {} tokens, at most {most} can be shown", ids.len());
                    return Err(Fault::new(FaultCode::SentenceTooLong, NextAction::None, detail));
                }
                self.read.insert((tokenizer.clone(), ids))
            }
        };
        Ok(ids)
    }
}

impl<H: Host> Session<H> {
    /// Pins another sentence. One that cannot be shown leaves the old one pinned.
    pub(super) async fn pin(&mut self, sentence: String) -> Result<(), Fault> {
        let before = self.pinned.replace(Pinned::new(sentence));
        match self.picture().await {
            Ok(()) => Ok(()),
            Err(fault) => {
                self.pinned = before;
                Err(fault)
            }
        }
    }

    /// Takes the picture of the pinned sentence with the model as it is now; nothing without a sentence or a model.
    pub(super) async fn picture(&mut self) -> Result<(), Fault> {
        let Some(subject) = self.subject().await? else { return Ok(()) };
        let Some(pinned) = &mut self.pinned else { return Ok(()) };
        let ids = pinned.ids(&subject.tokenizer, subject.model.config.n_positions)?;
        let tokens = subject.tokenizer.pieces(ids).into_iter().map(|piece| piece.text).collect();
        let (frame, bytes) = explain::record(&subject.model, ids, tokens, subject.run, subject.step).await?;
        self.host.send(&Event::Attention { frame }, vec![bytes]);
        Ok(())
    }

    /// The picture of the pinned sentence; one that this tokenizer cannot show is unpinned and the page told.
    pub(super) async fn picture_or_unpin(&mut self) -> Result<(), Fault> {
        let Err(fault) = self.picture().await else { return Ok(()) };
        if !matches!(fault.code, FaultCode::SentenceTooLong | FaultCode::EmptyPrompt) {
            return Err(fault);
        }
        self.pinned = None;
        self.say_fault(None, self.run.as_ref().map(|run| run.id), fault);
        Ok(())
    }

    /// The run's picture, with its cost noted.
    pub(super) async fn picture_run(&mut self) -> Result<(), Fault> {
        let began = self.host.now();
        self.picture_or_unpin().await?;
        let now = self.host.now();
        if let Some(run) = &mut self.run {
            run.pace.pictured(now, now - began);
        }
        Ok(())
    }
}
