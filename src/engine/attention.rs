//! The pinned sentence: reading it as tokens, and taking its picture.

use std::rc::Rc;

use super::Session;
use super::host::Host;
use super::inside::nothing_pinned;
use super::session::Subject;
use super::text::OpenText;
use crate::explain::{self, Sentence};
use crate::protocol::{Event, Fault, FaultCode, NextAction};
use crate::text::Tokenizer;

/// Longer sentences cannot be drawn so that one could read them.
const MOST_TOKENS: usize = 128;

/// Tokens of a sentence that nobody chose: as many as can be read at a glance.
const GLANCE_TOKENS: usize = 20;
const SENTENCE_ENDS: [char; 9] = ['.', '!', '?', ';', ',', '。', '！', '？', '，'];
/// Characters of a line that stands well for a text.
const LINE_CHARACTERS: std::ops::RangeInclusive<usize> = 12..=72;

/// The sentence, as one tokenizer reads it.
pub struct Pinned {
    sentence: String,
    /// Taken from the text, since the visitor has not chosen one: cut where it is too long, and replaced with the text.
    from_text: bool,
    read: Option<(Rc<Tokenizer>, Vec<u32>)>,
}

impl Pinned {
    /// Not yet read.
    pub fn new(sentence: String) -> Self {
        Self { sentence, from_text: false, read: None }
    }

    /// As it was pinned when a run was saved.
    pub fn restored(sentence: String, from_text: bool) -> Self {
        Self { sentence, from_text, read: None }
    }

    /// As it was typed, and whether nobody chose it.
    pub fn words(&self) -> (String, bool) {
        (self.sentence.clone(), self.from_text)
    }

    /// Nobody chose it.
    pub fn is_from_text(&self) -> bool {
        self.from_text
    }

    /// A sentence of the text, as far as a line can be told to be one, or else its first line.
    fn from_text(text: &str) -> Self {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let sentence = |line: &&str| {
            let length = line.chars().count();
            LINE_CHARACTERS.contains(&length)
                && line.ends_with(SENTENCE_ENDS)
                && line.chars().any(|letter| !letter.is_uppercase() && letter.is_alphabetic())
        };
        let line = lines().find(sentence).or_else(|| lines().next()).unwrap_or_default();
        Self { sentence: line.to_owned(), from_text: true, read: None }
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
                let mut ids = tokenizer.encode(&self.sentence)?;
                let most = context.min(MOST_TOKENS);
                if self.from_text {
                    ids.truncate(most.min(GLANCE_TOKENS));
                }
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
    /// Shows a sentence that nobody chose, as long as the visitor has chosen none.
    pub(super) async fn glance(&mut self, sentence: String) -> Result<(), Fault> {
        if self.pinned.as_ref().is_some_and(|pinned| !pinned.from_text) {
            return self.picture().await.map(|_| ());
        }
        self.pin(Pinned::restored(sentence, true)).await
    }

    /// Pins another sentence. One that cannot be shown leaves the old one pinned.
    pub(super) async fn pin(&mut self, pinned: Pinned) -> Result<(), Fault> {
        let before = self.pinned.replace(pinned);
        match self.picture().await {
            Ok(true) => Ok(()),
            // The same sentence again.
            Ok(false) => self.say_sentence().await,
            Err(fault) => {
                self.pinned = before;
                Err(fault)
            }
        }
    }

    /// Where the visitor has chosen no sentence, the text gives one.
    pub(super) fn pin_from(&mut self, text: &OpenText) {
        if self.pinned.as_ref().is_none_or(|pinned| pinned.from_text) {
            self.pinned = Some(Pinned::from_text(&text.corpus.text));
        }
    }

    /// Takes the picture of the pinned sentence with the model as it is now; nothing without a sentence or a model. Returns whether another
    /// sentence, or another model's, was begun with it.
    pub(super) async fn picture(&mut self) -> Result<bool, Fault> {
        let Some(subject) = self.subject().await? else { return Ok(false) };
        if self.pinned.is_none() {
            return Ok(false);
        }
        let sentence = self.sentence(&subject)?;
        let (frame, bytes) = explain::record(&subject.model, &sentence, subject.run, subject.step).await?;
        let begun = self.begin_past(&subject, &sentence);
        if begun {
            self.say_tokens(&subject, &sentence);
        }
        self.note_frame(&frame, &bytes);
        self.inside.want_switched();
        self.host.send(&Event::Attention { frame }, vec![bytes]);
        Ok(begun)
    }

    /// The pinned sentence as the model reads it.
    ///
    /// # Errors
    /// Nothing is pinned, or it cannot be read as [`Pinned::ids`] says.
    pub(super) fn sentence(&mut self, subject: &Subject) -> Result<Sentence, Fault> {
        let Some(pinned) = &mut self.pinned else { return Err(nothing_pinned()) };
        let ids = pinned.ids(&subject.tokenizer, subject.model.config.n_positions)?.to_vec();
        let tokens = subject.tokenizer.pieces(&ids).into_iter().map(|piece| piece.text).collect();
        Ok(Sentence { ids, tokens })
    }

    async fn say_sentence(&mut self) -> Result<(), Fault> {
        let Some(subject) = self.subject().await? else { return Ok(()) };
        let sentence = self.sentence(&subject)?;
        self.say_tokens(&subject, &sentence);
        Ok(())
    }

    fn say_tokens(&self, subject: &Subject, sentence: &Sentence) {
        let unknown = subject.tokenizer.unknown_id();
        let positions = sentence.ids.iter().enumerate().filter(|(_, id)| Some(**id) == unknown).map(|(position, _)| position as u32);
        let tokens = subject.tokenizer.pieces(&sentence.ids);
        let text = subject.tokenizer.decode(&sentence.ids);
        self.tell(&Event::Sentence { run: subject.run, tokens, text, unknown: positions.collect() });
    }

    /// The picture of the pinned sentence; one that this tokenizer cannot show is unpinned and the page told.
    pub(super) async fn picture_or_unpin(&mut self) -> Result<(), Fault> {
        let Err(fault) = self.picture().await else { return Ok(()) };
        if !matches!(fault.code, FaultCode::SentenceTooLong | FaultCode::EmptyPrompt) {
            return Err(fault);
        }
        self.pinned = None;
        self.say_fault(None, self.run.as_ref().map(|run| run.id), fault);
        // What was shown is another model's: a sentence of the text takes its place.
        if let Some(text) = self.text.clone() {
            self.pin_from(&text);
            match self.picture().await {
                Err(fault) if fault.code == FaultCode::EmptyPrompt => self.pinned = None,
                other => drop(other?),
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_prose_stands_for_a_text() {
        let chosen = |text: &str| Pinned::from_text(text).sentence;
        assert_eq!(
            chosen("A Title of Some Length\n\nACT I. A HARBOUR.\n\nThe bell was rung at dawn.\nMore.\n"),
            "The bell was rung at dawn."
        );
        assert_eq!(chosen("春曉\n孟浩然\n春眠不覺曉，處處聞啼鳥。\n"), "春眠不覺曉，處處聞啼鳥。");
        assert_eq!(chosen("\n  short\n"), "short");
        assert_eq!(chosen(""), "");
    }
}
