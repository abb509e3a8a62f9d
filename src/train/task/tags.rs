//! Every word of a text to a tag: names of people and places, parts of speech, slots of a request.
//!
//! Template: the words, with a space between two of them where their script has spaces. Head: a logit per tag over every token's state. Loss:
//! cross-entropy over the **last** token of each word: a decoder has not seen the rest of a word before that. (Encoders are usually trained on the first,
//! which for them has seen everything.) The other tokens do not count. Metrics: spans as seqeval's default mode reads them where the tags
//! are of the kind `B-place`, the share of words that are right otherwise.

use std::collections::HashMap;

use super::Classify;
use crate::metrics::{Span, marks_spans, spans};
use crate::text::{TextError, Tokenizer, spaced};

/// Words as tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WordTokens {
    pub ids: Vec<u32>,
    /// Place of each word's last token; `None` for a word that the tokenizer makes nothing of.
    pub lasts: Vec<Option<u32>>,
}

impl WordTokens {
    /// For each token the tag of the word that ends with it, or −1. `tags` has one entry per word.
    pub fn targets(&self, tags: &[u32]) -> Vec<i32> {
        let mut targets = vec![-1; self.ids.len()];
        for (last, &tag) in self.lasts.iter().zip(tags) {
            if let Some(target) = last.and_then(|last| targets.get_mut(last as usize)) {
                *target = tag as i32;
            }
        }
        targets
    }

    /// Words without a token.
    pub fn unread(&self) -> usize {
        self.lasts.iter().filter(|last| last.is_none()).count()
    }
}

/// Reads words, and remembers them: words come again.
#[derive(Debug)]
pub struct WordReader<'a> {
    tokenizer: &'a Tokenizer,
    known: HashMap<String, Vec<u32>>,
}

impl<'a> WordReader<'a> {
    /// Reads for this tokenizer.
    pub fn new(tokenizer: &'a Tokenizer) -> Self {
        Self { tokenizer, known: HashMap::new() }
    }

    /// Words of one text, each word for itself, so that it is known which tokens are whose.
    ///
    /// # Errors
    /// Should the tokenizer fail.
    pub fn read(&mut self, words: &[&str]) -> Result<WordTokens, TextError> {
        let mut read = WordTokens::default();
        let mut before = "";
        for &word in words {
            let word = word.trim();
            let text = if !word.is_empty() && spaced(before, word) { format!(" {word}") } else { word.to_owned() };
            let ids = match self.known.get(&text) {
                Some(ids) => ids,
                None => {
                    let ids = self.tokenizer.encode(&text)?;
                    self.known.entry(text).or_insert(ids)
                }
            };
            read.ids.extend(ids);
            read.lasts.push(if ids.is_empty() { None } else { Some(read.ids.len() as u32 - 1) });
            if !word.is_empty() {
                before = word;
            }
        }
        Ok(read)
    }
}

/// The tags of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    names: Vec<String>,
    marks_spans: bool,
    outside: u32,
}

impl Tags {
    /// From their names.
    pub fn new(names: &[String]) -> Self {
        let marks_spans = marks_spans(names);
        let outside = names.iter().position(|name| name == "O").unwrap_or(0) as u32;
        Self { names: names.to_vec(), marks_spans, outside }
    }

    /// The tags mark spans (`B-place`, `I-place`, `O`) rather than say something of each word (`NOUN`).
    pub fn marks_spans(&self) -> bool {
        self.marks_spans
    }

    /// The tag of a word that was not read: outside, or the first.
    pub fn outside(&self) -> u32 {
        self.outside
    }

    /// Names of numbers.
    pub fn names<'a>(&'a self, tags: &'a [u32]) -> Vec<&'a str> {
        tags.iter().map(|&tag| self.names.get(tag as usize).map_or("O", String::as_str)).collect()
    }

    /// The spans that tags mark, each `first..=last` in words; none where tags do not mark any. Tags that cannot stand where they stand are read
    /// as seqeval's default mode does: a span that begins with `I-` begins all the same.
    pub fn spans(&self, tags: &[u32]) -> Vec<Span> {
        if self.marks_spans { spans(&self.names(tags)) } else { Vec::new() }
    }

    /// Each word's tag, and its probability, from the outputs at its last token. `output` gives them by the place of the token.
    pub fn decode<'o>(&self, words: &WordTokens, output: impl Fn(usize) -> &'o [f32]) -> Vec<(u32, f32)> {
        let tag = |last: &Option<u32>| match last {
            None => (self.outside, 0.0),
            Some(last) => {
                let outputs = output(*last as usize);
                let tag = Classify::predict(outputs);
                (tag as u32, Classify::probabilities(outputs).get(tag).copied().unwrap_or(0.0))
            }
        };
        words.lasts.iter().map(tag).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Tags {
        Tags::new(&names.iter().map(|&name| name.to_owned()).collect::<Vec<String>>())
    }

    #[test]
    fn a_words_tag_is_asked_of_its_last_token() {
        let tokenizer = Tokenizer::characters("ab c,你好").unwrap();
        let mut reader = WordReader::new(&tokenizer);
        let read = reader.read(&["ab", "", "c", "你", "好"]).unwrap();
        // "ab", " c", "你", "好": no space where there is none in Chinese, and none for nothing.
        assert_eq!(tokenizer.decode(&read.ids), "ab c你好");
        assert_eq!(read.lasts, [Some(1), None, Some(3), Some(4), Some(5)]);
        assert_eq!(read.targets(&[7, 8, 9, 0, 1]), [-1, 7, -1, 9, 0, 1]);
        assert_eq!((read.unread(), reader.read(&["ab"]).unwrap().ids.as_slice()), (1, &read.ids[..2]));
    }

    #[test]
    fn tags_that_mark_spans_are_told_from_others() {
        assert!(named(&["B-place", "I-place", "O"]).marks_spans());
        assert!(named(&["I-X", "O"]).marks_spans() && named(&["B", "I", "O"]).marks_spans());
        assert!(!named(&["NOUN", "VERB", "O"]).marks_spans() && !named(&["O"]).marks_spans() && !named(&["B-X", "NOUN"]).marks_spans());
        assert!(named(&["NOUN", "VERB"]).spans(&[0, 1]).is_empty());
    }

    #[test]
    fn tags_are_decoded_and_broken_ones_repaired() {
        let tags = named(&["B-x", "I-x", "O"]);
        let words = WordTokens { ids: vec![1, 2, 3, 4], lasts: vec![Some(0), Some(2), None, Some(3)] };
        let outputs = [0.0, 3.0, 1.0, /**/ 9.0, 0.0, 0.0, /**/ 0.0, 2.0, 0.0, /**/ 1.0, 1.0, 0.0];
        let said = tags.decode(&words, |place| &outputs[3 * place..3 * place + 3]);
        let numbers: Vec<u32> = said.iter().map(|(tag, _)| *tag).collect();
        assert_eq!(numbers, [1, 1, 2, 0]);
        let wanted = 3f32.exp() / (1.0 + 3f32.exp() + 1f32.exp());
        assert!((said[0].1 - wanted).abs() < 1e-6 && said[2].1 == 0.0);
        let found: Vec<(usize, usize)> = tags.spans(&numbers).into_iter().map(|span| (span.first, span.last)).collect();
        assert_eq!(found, [(0, 1), (3, 3)]);
    }
}
