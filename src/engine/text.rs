//! The open text: reading it, and what is kept of it.

use std::rc::Rc;

use super::Session;
use super::host::Host;
use crate::protocol::{Event, Fault, FileHead};
use crate::text::Corpus;

/// A text as opened. The number tells texts apart in caches.
#[derive(Debug)]
pub struct OpenText {
    pub id: u32,
    pub title: String,
    pub corpus: Corpus,
}

impl<H: Host> Session<H> {
    /// Answers `OpenText`. A text that cannot be read leaves the one before it open.
    pub(super) fn open_text(&mut self, request: u32, files: Vec<FileHead>, buffers: Vec<Vec<u8>>) -> Result<(), Fault> {
        if self.answered_text == request {
            // The message was repeated; its answer may have been lost.
            if let Some(text) = &self.text {
                self.tell(&Event::TextReady { request, report: text.corpus.report.clone() });
                return Ok(());
            }
        }
        let corpus = Corpus::open(files.into_iter().zip(buffers).collect())?;
        let report = corpus.report.clone();
        self.keep_text(corpus.title(), corpus);
        self.answered_text = request;
        self.tell(&Event::TextReady { request, report });
        Ok(())
    }

    /// Makes a text the open one.
    pub(super) fn keep_text(&mut self, title: String, corpus: Corpus) -> Rc<OpenText> {
        self.texts_opened += 1;
        let text = Rc::new(OpenText { id: self.texts_opened, title, corpus });
        self.text = Some(text.clone());
        text
    }
}
