//! Recording: every picture of the pinned sentence goes into its past; weights are kept now and then; both are stored with the run and come back with
//! it.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::Session;
use super::attention::Pinned;
use super::checkpoints::SaveStage;
use super::chores::Chore;
use super::host::Host;
use super::kept::Kept;
use super::past_files;
use super::reliving::{Made, Reliving};
use super::run::{Run, Stage};
use super::session::Subject;
use crate::checkpoint::{FileType, ModelConfig};
use crate::explain::Sentence;
use crate::explain::past::{self, Past, StoredPast};
use crate::protocol::past::FrameMark;
use crate::protocol::{AttentionFrame, Event, Fault, FaultCode, NextAction, RunConfig, StopReason};
use crate::text::Tokenizer;

/// Bytes of maps in one message to the page.
const PART_BYTES: usize = 4 << 20;
/// Bytes of the text that tell it from others.
const TEXT_BYTES: usize = 64 * 1024;

/// Which model a past belongs to: what its first weights, its tokenizer and its text are made of, as 16 hexadecimal digits.
pub fn mark(config: &RunConfig, model: &ModelConfig, tokenizer: &Tokenizer, text: &str) -> Rc<str> {
    let mut hash = Sha256::new();
    let start = serde_json::to_vec(&config.start).unwrap_or_default();
    let text = text.as_bytes();
    let (front, back) = (&text[..text.len().min(TEXT_BYTES)], &text[text.len().saturating_sub(TEXT_BYTES)..]);
    for part in [model.to_json(FileType::F32).as_bytes(), tokenizer.to_json(), &start, &config.seed.to_le_bytes(), front, back] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update((text.len() as u64).to_le_bytes());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

impl<H: Host> Session<H> {
    /// The mark of the model that is spoken of.
    pub(super) fn model_mark(&mut self) -> Rc<str> {
        if let Some(mark) = &self.inside.mark {
            return mark.clone();
        }
        let mark = match (&self.run, &self.prepared) {
            (Some(run), _) => mark(&run.config, &run.trainer.model.config, &run.tokenizer, &run.text.corpus.text),
            (None, Some(prepared)) => mark(&prepared.plan.config, &prepared.model, &prepared.tokenizer, &prepared.text.corpus.text),
            (None, None) => "".into(),
        };
        self.inside.mark.insert(mark).clone()
    }

    /// Makes sure that the past is this sentence's in this run; true when another one begins.
    pub(super) fn begin_past(&mut self, subject: &Subject, sentence: &Sentence) -> bool {
        let mark = self.model_mark();
        let pinned = self.pinned.as_ref().map(Pinned::words).unwrap_or_default();
        let wanted = past::Subject {
            run: subject.run,
            model: mark.to_string(),
            layers: subject.model.h.len() as u32,
            heads: subject.model.config.n_head as u32,
            sentence: pinned.0,
            from_text: pinned.1,
            tokens: sentence.tokens.clone(),
        };
        let mut past = self.inside.past.borrow_mut();
        if past.subject().run == 0 && subject.step == 0 {
            // The prepared model's frame is the run's first.
            past.rename(subject.run);
        }
        let known = past.subject();
        let same = |known: &past::Subject| {
            (known.run, &known.model, known.layers, known.heads, &known.tokens)
                == (wanted.run, &wanted.model, wanted.layers, wanted.heads, &wanted.tokens)
        };
        if same(known) {
            return false;
        }
        *past = Past::new(wanted);
        drop(past);
        self.inside.files.renew();
        self.inside.reliving = Reliving::default();
        if subject.run != 0 && subject.step > 0 {
            self.inside.reliving.want();
        }
        true
    }

    /// A picture was taken.
    pub(super) fn note_frame(&mut self, frame: &AttentionFrame, bytes: &[u8]) {
        let mark = FrameMark { step: frame.step, loss: frame.loss, rerun: false };
        if self.inside.past.borrow_mut().push(mark, bytes) {
            self.say_bookmarks();
        }
    }

    /// The sentence was run again on kept weights.
    pub(super) fn take_relived(&mut self, frames: Vec<Made>) {
        for (mark, bytes) in frames {
            self.inside.past.borrow_mut().push(mark, &bytes);
        }
    }

    /// Keeps what was relived. While the run goes on, the next checkpoint takes it along.
    pub(super) fn save_relived(&mut self) {
        if let Some(run) =
            self.run.as_mut().filter(|run| matches!(run.stage, Stage::Paused | Stage::Finished(StopReason::AllSteps | StopReason::Stopped)))
        {
            run.chores.push_back(Chore::Save(SaveStage::Begin));
        }
    }

    /// Tells the page all that is recorded.
    pub(super) fn say_past(&self) {
        for (part, buffers) in self.inside.past.borrow().parts(PART_BYTES) {
            self.host.send(&Event::History { part }, buffers);
        }
        self.say_bookmarks();
    }

    fn say_bookmarks(&self) {
        let past = self.inside.past.borrow();
        self.tell(&Event::Bookmarks { run: past.subject().run, bookmarks: past.bookmarks().to_vec() });
    }

    /// A run begins, or goes on: nothing is recorded of it yet.
    pub(super) fn begin_recording(&mut self, run: &mut Run) {
        let mark = mark(&run.config, &run.trainer.model.config, &run.tokenizer, &run.text.corpus.text);
        run.kept = Kept::new(&mark, run.trainer.model.config.parameters(), run.config.steps, self.host.now());
        self.inside.mark = Some(mark);
        if let Some(share) = self.inside.share {
            run.pace.set_recording(share);
        }
        if self.inside.past.borrow().subject().run != 0 {
            *self.inside.past.borrow_mut() = Past::default();
        }
    }

    /// Keeps the weights as they are now.
    pub(super) async fn keep_weights(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.run else { return Ok(()) };
        let began = self.host.now();
        let values = run.trainer.model.read_values().await?;
        run.kept.keep(run.step, &values);
        let now = self.host.now();
        run.kept.spent(now, now - began, run.pace.keeping_share());
        Ok(())
    }

    /// One piece of storing the past; true while there is more. A storage that fails is told once and does not end the run.
    pub(super) async fn store_past(&mut self) -> bool {
        let Some(run) = &mut self.run else { return false };
        if self.inside.files.is_refused() {
            return false;
        }
        let rests = run.stage != Stage::Running;
        let stored = run.kept.store_one(&*self.host).await;
        let written = match stored {
            Ok(true) => return true,
            Ok(false) => {
                let next = self.inside.files.next(&self.inside.past.borrow(), run.kept.stored(), rests);
                match next {
                    Some(file) => self.inside.files.write(&*self.host, file).await,
                    None => Ok(()),
                }
            }
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            self.inside.files.refuse();
            let id = run.id;
            self.say_fault(None, Some(id), error.into());
        }
        false
    }

    /// Takes up what was stored with a run that goes on: the past up to its step, the pinned sentence where the visitor has chosen no other, and
    /// which weights are kept. A past of another model is left aside and the page told.
    pub(super) fn restore_past(&mut self, run: &mut Run, stored: Option<(usize, StoredPast)>) {
        let mark = self.inside.mark.clone().unwrap_or_default();
        let Some((slot, StoredPast { serial, kept, mut past })) = stored else { return };
        self.inside.files.found(slot, serial);
        let shape = (run.trainer.model.h.len() as u32, run.trainer.model.config.n_head as u32);
        if past.subject().model != *mark || (past.subject().layers, past.subject().heads) != shape {
            let detail = format!("recorded with model {}, this is {mark}", past.subject().model);
            let fault = Fault::new(FaultCode::HistoryOfAnotherModel, NextAction::None, detail);
            return self.say_fault(None, Some(run.id), fault);
        }
        past.rewind(run.step);
        past.rename(run.id);
        run.kept.restore(&kept, run.step);
        if self.pinned.as_ref().is_none_or(Pinned::is_from_text) {
            let past::Subject { sentence, from_text, .. } = past.subject().clone();
            self.pinned = Some(Pinned::restored(sentence, from_text));
        }
        *self.inside.past.borrow_mut() = past;
        self.say_past();
    }

    /// Forgets what is stored of any run's past.
    pub(super) async fn discard_past(&mut self) -> Result<(), Fault> {
        past_files::discard(&*self.host).await?;
        self.inside.files.renew();
        Ok(())
    }
}
