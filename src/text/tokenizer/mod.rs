//! Text to token ids and back, over a Hugging Face `tokenizer.json`.
//!
//! In: such a file, or a text to make one from. Out: ids, pieces for the eye, the file again. Two kinds are spoken here directly, because
//! the general library takes half a minute for 50 MB: byte-level BPE as GPT-2 has it, and single characters. Both give the very ids
//! that the library gives (tests hold them to it). Every other tokenizer goes through the `tokenizers` crate.
//!
//! `file` reads the JSON, `words` cuts a text as GPT-2 does, `bpe` merges, `bytes` maps bytes to GPT-2's printable characters,
//! `added` finds tokens such as `<|endoftext|>` in a text, `encoder` encodes step by step, `make` builds new tokenizers, `stream`
//! decodes ids as they come. Absent: padding, truncation, pairs, and the special tokens that a post-processor would add.

mod added;
mod bpe;
mod bytes;
mod encoder;
mod file;
mod hash;
mod make;
mod stream;
mod words;

pub use encoder::Encoder;
pub use stream::StreamDecoder;

use super::error::TextError;
use crate::protocol::Piece;
use added::AddedTokens;
use bpe::Bpe;
use hash::FastMap;

/// The token between texts, in GPT-2's spelling. Token 0 of every tokenizer made here.
pub const END_OF_TEXT: &str = "<|endoftext|>";
/// Other spellings, of tokenizers made elsewhere.
const OTHER_ENDS: &[&str] = &["</s>", "<|im_end|>", "<eos>", "[SEP]"];

/// How ids come about.
#[derive(Debug)]
enum Codec {
    /// Byte-level BPE.
    Bytes(Box<Bpe>),
    /// One token per character; the number is the unknown token.
    Characters { ids: FastMap<char, u32>, unknown: u32 },
    /// Anything else.
    General(Box<tokenizers::Tokenizer>),
}

/// A tokenizer, with the file that it came from.
#[derive(Debug)]
pub struct Tokenizer {
    json: Vec<u8>,
    codec: Codec,
    added: AddedTokens,
    /// Bytes of each token's text, by id; for [`Codec::General`] only a likeness.
    bytes: Vec<Box<[u8]>>,
    unknown: Option<u32>,
    end_of_text: Option<u32>,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// `TokenizerDamaged` when it is none, or one that contradicts itself.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        file::read(json)
    }

    /// The `tokenizer.json`, as read or made. Opens in `tokenizers` and `transformers`.
    pub fn to_json(&self) -> &[u8] {
        &self.json
    }

    /// Learns a byte-level BPE of at most `vocab_size` tokens (at least 257: `<|endoftext|>` and every byte) from a text. Fewer come out
    /// where the text has no more pairs to merge. Long texts are sampled, evenly.
    /// Source: Sennrich and others, arXiv 1508.07909; on bytes as in GPT-2.
    ///
    /// # Errors
    /// `TokenizerDamaged`, should the library refuse its own work.
    pub fn train_bpe(text: &str, vocab_size: u32) -> Result<Self, TextError> {
        make::train_bpe(text, vocab_size)
    }

    /// One token per character of the text; beyond some thousand different ones, the rarest become the unknown token.
    ///
    /// # Errors
    /// `TokenizerDamaged`, should the file made here not be readable.
    pub fn characters(text: &str) -> Result<Self, TextError> {
        make::characters(text)
    }

    /// All ids of a text at once. Special tokens that stand in the text are recognised, none are added.
    ///
    /// # Errors
    /// `Tokenizing` when the general library fails; byte-level and character tokenizers never do.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        let mut encoder = Encoder::new(self, text);
        encoder.step(usize::MAX)?;
        Ok(encoder.finish())
    }

    /// The text of ids, special tokens included; bytes that are no UTF-8 become U+FFFD, ids outside the vocabulary nothing.
    pub fn decode(&self, ids: &[u32]) -> String {
        match &self.codec {
            Codec::General(tokenizer) => {
                let known: Vec<u32> = ids.iter().copied().filter(|&id| (id as usize) < self.bytes.len()).collect();
                tokenizer.decode(&known, false).unwrap_or_default()
            }
            _ => {
                let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.token_bytes(id)).copied().collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        }
    }

    /// Each token with its text, spaces and line ends as they are; a part of a character shows as one U+FFFD.
    pub fn pieces(&self, ids: &[u32]) -> Vec<Piece> {
        ids.iter().map(|&id| Piece { id, text: self.piece(id) }).collect()
    }

    /// The text of one token, as in [`Self::pieces`].
    pub fn piece(&self, id: u32) -> String {
        let mut text = String::new();
        for chunk in self.token_bytes(id).utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() && !text.ends_with(char::REPLACEMENT_CHARACTER) {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }

    /// Number of ids, special tokens included: rows of the model's embedding.
    pub fn vocab_size(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// The token for what the tokenizer does not know. Byte-level tokenizers know everything and have none.
    pub fn unknown_id(&self) -> Option<u32> {
        self.unknown
    }

    /// The token between texts.
    pub fn end_of_text_id(&self) -> Option<u32> {
        self.end_of_text
    }

    /// How many of the ids are the unknown token.
    pub fn count_unknown(&self, ids: &[u32]) -> u64 {
        self.unknown.map_or(0, |unknown| ids.iter().filter(|&&id| id == unknown).count() as u64)
    }

    /// Bytes of text that the ids stand for. An unknown token counts with the three bytes of U+FFFD.
    pub fn byte_count(&self, ids: &[u32]) -> u64 {
        match &self.codec {
            Codec::General(_) => self.decode(ids).len() as u64,
            _ => ids.iter().map(|&id| self.token_bytes(id).len() as u64).sum(),
        }
    }

    fn token_bytes(&self, id: u32) -> &[u8] {
        self.bytes.get(id as usize).map_or(&[], |bytes| bytes)
    }

    /// Ids whose text depends on their neighbours (WordPiece and the like).
    fn is_general(&self) -> bool {
        matches!(self.codec, Codec::General(_))
    }
}

#[cfg(test)]
mod tests;
