//! Ids to text as they are written, one by one: a character whose bytes are spread over several tokens is held back until it is whole.

use super::Tokenizer;

/// What is not yet shown of a growing text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamDecoder {
    /// Bytes of a character that is not complete.
    held: Vec<u8>,
    /// For tokenizers whose text depends on neighbours: all ids, and how many bytes of their text are out.
    ids: Vec<u32>,
    shown: usize,
}

impl StreamDecoder {
    /// Takes the next id; gives the text that is complete now and was not given before. All gifts and [`Self::finish`] together are
    /// [`Tokenizer::decode`] of all ids.
    pub fn push(&mut self, tokenizer: &Tokenizer, id: u32) -> String {
        if tokenizer.is_general() {
            self.ids.push(id);
            let text = tokenizer.decode(&self.ids);
            let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER).len();
            let fresh = text.get(self.shown..whole).unwrap_or_default().to_owned();
            self.shown = self.shown.max(whole);
            return fresh;
        }
        self.held.extend_from_slice(tokenizer.token_bytes(id));
        let mut text = String::new();
        let mut rest = self.held.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    rest = &[];
                    break;
                }
                Err(error) => {
                    let (valid, tail) = rest.split_at(error.valid_up_to());
                    text.push_str(std::str::from_utf8(valid).unwrap_or_default());
                    rest = tail;
                    // No length: more bytes may complete it.
                    let Some(broken) = error.error_len() else { break };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &rest[broken..];
                }
            }
        }
        self.held = rest.to_vec();
        text
    }

    /// The end: what was held back will not be completed.
    pub fn finish(&mut self, tokenizer: &Tokenizer) -> String {
        if tokenizer.is_general() {
            let text = tokenizer.decode(&self.ids);
            let rest = text.get(self.shown..).unwrap_or_default().to_owned();
            *self = Self::default();
            return rest;
        }
        String::from_utf8_lossy(&std::mem::take(&mut self.held)).into_owned()
    }
}
