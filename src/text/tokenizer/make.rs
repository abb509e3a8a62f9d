//! New tokenizers from a text. Both are written as a `tokenizer.json` first and then read like any other, so that what trains here is
//! what opens elsewhere.

use super::words::words;
use super::{END_OF_TEXT, Tokenizer, bytes, file};
use crate::text::check::character_counts;
use crate::text::error::TextError;
use serde_json::json;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::tokenizer::{AddedToken, Trainer};
use tokenizers::utils::parallelism::set_parallelism;

/// `<|endoftext|>` and the 256 bytes.
const MIN_VOCAB: u32 = 257;
/// Bytes that merges are learned from. Beyond this, the vocabulary hardly changes, but the time grows.
const SAMPLE_BYTES: usize = 2 * 1024 * 1024;
/// Pieces that make up the sample of a longer text.
const SAMPLE_PIECES: usize = 128;
/// Tokens of a character tokenizer at most.
const MAX_CHARACTERS: usize = 4_096;
/// Shows and decodes as the sign for "unreadable", and a text that holds this very sign means the same by it.
const UNKNOWN: char = char::REPLACEMENT_CHARACTER;

pub(super) fn train_bpe(text: &str, vocab_size: u32) -> Result<Tokenizer, TextError> {
    // There are no threads in a worker, and no difference in the result.
    set_parallelism(false);
    let damaged = |error: &dyn std::fmt::Display| TextError::TokenizerDamaged(error.to_string());
    let mut trainer = BpeTrainer::builder()
        .show_progress(false)
        .vocab_size(vocab_size.max(MIN_VOCAB) as usize)
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        .initial_alphabet((0..=u8::MAX).map(bytes::character).collect())
        .build();
    trainer.feed(sample(text).into_iter(), |piece| Ok(words(piece).map(bytes::spell).collect())).map_err(|error| damaged(&error))?;
    let mut model = BPE::default();
    trainer.train(&mut model).map_err(|error| damaged(&error))?;
    let model = serde_json::to_string(&model).map_err(|error| damaged(&error))?;
    let byte_level = |add_prefix_space: bool| json!({ "type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": true, "use_regex": true });
    file::read(write(&byte_level(false), &byte_level(true), &model).as_bytes())
}

pub(super) fn characters(text: &str) -> Result<Tokenizer, TextError> {
    let mut counts = character_counts(text);
    counts.retain(|&(c, _)| c != UNKNOWN);
    // The most frequent are kept; of equals, those with the lower code.
    counts.sort_by_key(|&(c, count)| (std::cmp::Reverse(count), c));
    counts.truncate(MAX_CHARACTERS - 2);
    counts.sort_by_key(|&(c, _)| c);
    let tokens = [END_OF_TEXT.to_owned(), UNKNOWN.to_string()].into_iter().chain(counts.iter().map(|(c, _)| c.to_string()));
    // Written by hand, so that ids stand in order; each token is escaped as JSON.
    let vocab: Vec<String> = (0..).zip(tokens).map(|(id, token): (u32, String)| format!("{}:{id}", json!(token))).collect();
    // BPE without merges gives one token per character, and has an unknown token; `Fuse` joins them again.
    let model = format!(
        r#"{{"type":"BPE","dropout":null,"unk_token":{},"continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"vocab":{{{}}},"merges":[]}}"#,
        json!(UNKNOWN.to_string()),
        vocab.join(",")
    );
    file::read(write(&serde_json::Value::Null, &json!({ "type": "Fuse" }), &model).as_bytes())
}

/// The whole file around a model. `<|endoftext|>` is token 0 of the model.
fn write(pre_tokenizer: &serde_json::Value, decoder: &serde_json::Value, model: &str) -> String {
    let added = json!([{ "id": 0, "content": END_OF_TEXT, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true }]);
    format!(
        r#"{{"version":"1.0","truncation":null,"padding":null,"added_tokens":{added},"normalizer":null,"pre_tokenizer":{pre_tokenizer},"post_processor":null,"decoder":{decoder},"model":{model}}}"#
    )
}

/// The text itself, or pieces of a long one, evenly spread and cut at white space.
fn sample(text: &str) -> Vec<&str> {
    if text.len() <= SAMPLE_BYTES {
        return vec![text];
    }
    let stride = text.len() / SAMPLE_PIECES;
    let pieces = (0..SAMPLE_PIECES).map(|piece| {
        let start = text.ceil_char_boundary(piece * stride);
        let end = text.ceil_char_boundary(piece * stride + SAMPLE_BYTES / SAMPLE_PIECES);
        let piece = &text[start..end];
        // From one space to another, where there are any: half a word would be learned as a word.
        let from = piece.find(char::is_whitespace).unwrap_or(0);
        let to = piece.rfind(char::is_whitespace).filter(|&to| to > from).unwrap_or(piece.len());
        &piece[from..to]
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_sampled_from_front_to_back() {
        let text: String = (0..1_000_000).map(|number| format!("{number} ")).collect();
        let pieces = sample(&text);
        let total: usize = pieces.iter().map(|piece| piece.len()).sum();
        assert_eq!(pieces.len(), SAMPLE_PIECES);
        assert!(total <= SAMPLE_BYTES && total > SAMPLE_BYTES * 9 / 10, "{total}");
        assert!(pieces[0].starts_with(" 1 ") && pieces[SAMPLE_PIECES - 1].contains(" 993000 "), "{}", &pieces[SAMPLE_PIECES - 1][..40]);
        let unspaced = "漢".repeat(2_000_000);
        assert!(sample(&unspaced).iter().all(|piece| piece.chars().all(|c| c == '漢')));
    }
}
