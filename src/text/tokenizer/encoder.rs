//! Encodes a text a bounded piece at a time, so that a worker can answer in between. The ids equal those of encoding at once: a step ends
//! between two words, and a word is always cut with the whole rest of the text in view.

use super::added::{Finder, Found};
use super::bpe::{Bpe, Scratch};
use super::hash::FastMap;
use super::words::Cutter;
use super::{Codec, Tokenizer};
use crate::text::error::TextError;

/// Words longer than this are not remembered: they hardly come again.
const MAX_CACHED_WORD: usize = 32;
/// Words remembered at once: a bound on memory, rarely reached.
const MAX_CACHED_WORDS: usize = 1 << 18;

/// An encoding under way.
#[derive(Debug)]
pub struct Encoder<'a> {
    tokenizer: &'a Tokenizer,
    text: &'a str,
    /// Bytes of the text that are encoded.
    done: usize,
    ids: Vec<u32>,
    finder: Finder<'a>,
    /// The added token that comes next.
    next_added: Option<Found>,
    words: WordCache<'a>,
}

/// Where in the output a word's ids stand already.
#[derive(Debug, Default)]
struct WordCache<'a> {
    places: FastMap<&'a [u8], (u32, u32)>,
    scratch: Scratch,
}

impl<'a> Encoder<'a> {
    /// Begins at the front of the text.
    pub fn new(tokenizer: &'a Tokenizer, text: &'a str) -> Self {
        let mut finder = tokenizer.added.finder(text);
        let next_added = finder.find(text, 0);
        // English has about four bytes per token. Too little costs a copy, not an error.
        let ids = Vec::with_capacity(text.len() / 4 + 16);
        Self { tokenizer, text, done: 0, ids, finder, next_added, words: WordCache::default() }
    }

    /// Encodes about `max_bytes` more; true when the text is done. A general tokenizer takes the whole text in one step, because where it may
    /// be cut is not known.
    ///
    /// # Errors
    /// `Tokenizing` when the general library fails.
    pub fn step(&mut self, max_bytes: usize) -> Result<bool, TextError> {
        if let Codec::General(tokenizer) = &self.tokenizer.codec {
            if self.done < self.text.len() {
                let encoding = tokenizer.encode_fast(self.text, false).map_err(|error| TextError::Tokenizing(error.to_string()))?;
                self.ids.extend_from_slice(encoding.get_ids());
                self.done = self.text.len();
            }
            return Ok(true);
        }
        let goal = self.done.saturating_add(max_bytes.max(1)).min(self.text.len());
        while self.done < goal {
            match self.next_added {
                Some(found) if found.start == self.done => {
                    self.ids.push(found.id);
                    self.done = found.end;
                    self.next_added = self.finder.find(self.text, self.done);
                }
                found => self.encode_until(found.map_or(self.text.len(), |found| found.start), goal),
            }
        }
        Ok(self.done >= self.text.len())
    }

    /// Encodes plain text up to `end`, stopping at the first word's end at or after `goal`.
    fn encode_until(&mut self, end: usize, goal: usize) {
        match &self.tokenizer.codec {
            Codec::Bytes(bpe) => {
                let cutter = Cutter::new();
                while self.done < goal.min(end) {
                    let rest = &self.text[self.done..end];
                    let word = &rest.as_bytes()[..cutter.first(rest)];
                    self.words.encode(bpe, word, &mut self.ids);
                    self.done += word.len();
                }
            }
            Codec::Characters { ids, unknown } => {
                let goal = self.text.ceil_char_boundary(goal.min(end));
                self.ids.extend(self.text[self.done..goal].chars().map(|c| ids.get(&c).copied().unwrap_or(*unknown)));
                self.done = goal;
            }
            Codec::General(_) => self.done = end,
        }
    }

    /// Share of the text that is encoded, in 0..=1.
    pub fn progress(&self) -> f32 {
        if self.text.is_empty() { 1.0 } else { self.done as f32 / self.text.len() as f32 }
    }

    /// The ids so far.
    pub fn finish(self) -> Vec<u32> {
        self.ids
    }
}

impl<'a> WordCache<'a> {
    fn encode(&mut self, bpe: &Bpe, word: &'a [u8], out: &mut Vec<u32>) {
        if word.len() > MAX_CACHED_WORD {
            bpe.encode_word(word, &mut self.scratch, out);
            return;
        }
        if let Some(&(start, end)) = self.places.get(word) {
            out.extend_from_within(start as usize..end as usize);
            return;
        }
        let start = out.len() as u32;
        bpe.encode_word(word, &mut self.scratch, out);
        if self.places.len() < MAX_CACHED_WORDS {
            self.places.insert(word, (start, out.len() as u32));
        }
    }
}
