//! Reads a `tokenizer.json`: decides whether it is one of the two kinds spoken here, and builds the tables.

use super::added::AddedTokens;
use super::bpe::{Bpe, Merge};
use super::hash::FastMap;
use super::{Codec, END_OF_TEXT, OTHER_ENDS, Tokenizer, bytes};
use crate::text::error::TextError;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

/// Ids beyond this are taken for damage: a table is made of them.
const MAX_VOCAB: u32 = 4_000_000;

#[derive(Deserialize)]
struct TokenizerFile {
    #[serde(default)]
    added_tokens: Vec<AddedEntry>,
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    decoder: Value,
    model: Value,
}

#[derive(Deserialize)]
struct AddedEntry {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    normalized: bool,
}

#[derive(Deserialize)]
struct BpeModel {
    vocab: HashMap<String, u32>,
    merges: Vec<Pair>,
    #[serde(default)]
    unk_token: Option<String>,
    #[serde(default)]
    dropout: Option<f32>,
    #[serde(default)]
    continuing_subword_prefix: Option<String>,
    #[serde(default)]
    end_of_word_suffix: Option<String>,
    #[serde(default)]
    fuse_unk: bool,
    #[serde(default)]
    byte_fallback: bool,
    #[serde(default)]
    ignore_merges: bool,
}

/// Newer files write a merge as a pair, older ones with a space between.
#[derive(Deserialize)]
#[serde(untagged)]
enum Pair {
    Two(String, String),
    Spaced(String),
}

impl Pair {
    fn halves(&self) -> Option<(&str, &str)> {
        match self {
            Self::Two(left, right) => Some((left, right)),
            Self::Spaced(both) => both.split_once(' '),
        }
    }
}

fn damaged(reason: impl Into<String>) -> TextError {
    TextError::TokenizerDamaged(reason.into())
}

pub(super) fn read(json: &[u8]) -> Result<Tokenizer, TextError> {
    let file: TokenizerFile = serde_json::from_slice(json).map_err(|error| damaged(error.to_string()))?;
    if file.added_tokens.iter().any(|entry| entry.id >= MAX_VOCAB) {
        return Err(damaged("an id is out of all range"));
    }
    let direct = match plain_bpe(&file) {
        Some(model) if is_byte_level(&file) => byte_level(&model)?,
        Some(model) if is_characters(&file, &model) => characters(&file, &model)?,
        _ => None,
    };
    match direct {
        Some(parts) => Ok(parts.finish(json, &file)),
        None => general(json, &file),
    }
}

/// What the codecs differ in.
struct Parts {
    codec: Codec,
    bytes: Vec<Box<[u8]>>,
    unknown: Option<u32>,
}

impl Parts {
    fn finish(mut self, json: &[u8], file: &TokenizerFile) -> Tokenizer {
        let added = AddedTokens::new(file.added_tokens.iter().map(|entry| (entry.content.clone(), entry.id)));
        for (text, id) in added.iter() {
            set_bytes(&mut self.bytes, id, text.as_bytes());
        }
        let find = |wanted: &str| added.iter().find(|(text, _)| *text == wanted).map(|(_, id)| id);
        let end_of_text = std::iter::once(&END_OF_TEXT).chain(OTHER_ENDS).find_map(|end| find(end));
        Tokenizer { json: json.to_vec(), codec: self.codec, bytes: self.bytes, unknown: self.unknown, end_of_text, added }
    }
}

fn set_bytes(table: &mut Vec<Box<[u8]>>, id: u32, bytes: &[u8]) {
    let at = id as usize;
    if table.len() <= at {
        table.resize_with(at + 1, Box::default);
    }
    table[at] = bytes.into();
}

/// The model, when it is a BPE without any of the extras, and the added tokens are as simple as GPT-2's.
fn plain_bpe(file: &TokenizerFile) -> Option<BpeModel> {
    if !matches!(file.model.get("type").and_then(Value::as_str), None | Some("BPE")) {
        return None;
    }
    let model = BpeModel::deserialize(&file.model).ok()?;
    let blank = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
    let plain = !model.fuse_unk
        && !model.byte_fallback
        && !model.ignore_merges
        && model.dropout.is_none_or(|share| share == 0.0)
        && blank(&model.continuing_subword_prefix)
        && blank(&model.end_of_word_suffix);
    let simple = file.added_tokens.iter().all(|entry| !entry.single_word && !entry.lstrip && !entry.rstrip);
    // Tokens of both kinds are searched one kind after the other, which the finder here does not do.
    let one_kind = file.added_tokens.windows(2).all(|pair| pair[0].normalized == pair[1].normalized);
    (plain && simple && one_kind && file.normalizer.is_null()).then_some(model)
}

fn is_byte_level(file: &TokenizerFile) -> bool {
    let kind = |value: &Value| value.get("type").and_then(Value::as_str) == Some("ByteLevel");
    let flag = |name: &str| file.pre_tokenizer.get(name).and_then(Value::as_bool);
    kind(&file.pre_tokenizer) && kind(&file.decoder) && flag("add_prefix_space") == Some(false) && flag("use_regex") != Some(false)
}

fn is_characters(file: &TokenizerFile, model: &BpeModel) -> bool {
    file.pre_tokenizer.is_null() && model.merges.is_empty() && file.decoder.get("type").and_then(Value::as_str) == Some("Fuse")
}

/// `None` when not every byte has a token; the general library then knows what to do.
fn byte_level(model: &BpeModel) -> Result<Option<Parts>, TextError> {
    let mut ids = [0_u32; 256];
    for (byte, slot) in (0..=u8::MAX).zip(&mut ids) {
        match model.vocab.get(bytes::character(byte).encode_utf8(&mut [0; 4]) as &str) {
            Some(&id) => *slot = id,
            None => return Ok(None),
        }
    }
    let mut merges = FastMap::default();
    for (rank, pair) in (0_u32..).zip(&model.merges) {
        let (left, right) = pair.halves().ok_or_else(|| damaged(format!("merge {rank} is no pair")))?;
        let id = |token: &str| model.vocab.get(token).copied().ok_or_else(|| damaged(format!("merge {rank} speaks of an unknown token")));
        // The same pair twice: the library keeps the later rank, and so do we.
        merges.insert((id(left)?, id(right)?), Merge { rank, id: id(&format!("{left}{right}"))? });
    }
    let bytes = table(model, |token| bytes::unspell(token).unwrap_or_else(|| token.as_bytes().to_vec()))?;
    let unknown = model.unk_token.as_ref().and_then(|token| model.vocab.get(token)).copied();
    // Every byte is known, so this token never comes out; it is named all the same.
    Ok(Some(Parts { codec: Codec::Bytes(Box::new(Bpe::new(ids, merges))), bytes, unknown }))
}

/// `None` when a token has several characters and is not an added one, or when there is no unknown token.
fn characters(file: &TokenizerFile, model: &BpeModel) -> Result<Option<Parts>, TextError> {
    let Some(&unknown) = model.unk_token.as_ref().and_then(|token| model.vocab.get(token)) else { return Ok(None) };
    let mut ids = FastMap::default();
    for (token, &id) in &model.vocab {
        let mut characters = token.chars();
        match (characters.next(), characters.next()) {
            (Some(c), None) => {
                ids.insert(c, id);
            }
            _ if file.added_tokens.iter().any(|entry| entry.content == *token) => {}
            _ => return Ok(None),
        }
    }
    let bytes = table(model, |token| token.as_bytes().to_vec())?;
    Ok(Some(Parts { codec: Codec::Characters { ids, unknown }, bytes, unknown: Some(unknown) }))
}

/// Bytes of each token by id.
fn table(model: &BpeModel, bytes_of: impl Fn(&str) -> Vec<u8>) -> Result<Vec<Box<[u8]>>, TextError> {
    let mut table = Vec::with_capacity(model.vocab.len());
    for (token, &id) in &model.vocab {
        if id >= MAX_VOCAB {
            return Err(damaged("an id is out of all range"));
        }
        set_bytes(&mut table, id, &bytes_of(token));
    }
    Ok(table)
}

fn general(json: &[u8], file: &TokenizerFile) -> Result<Tokenizer, TextError> {
    tokenizers::utils::parallelism::set_parallelism(false);
    let mut tokenizer = tokenizers::Tokenizer::from_bytes(json).map_err(|error| damaged(error.to_string()))?;
    // Windows have a shape of their own: no cutting, no filling up.
    tokenizer.with_truncation(None).map_err(|error| damaged(error.to_string()))?;
    tokenizer.with_padding(None);
    let vocab = tokenizer.get_vocab(true);
    let mut bytes = Vec::with_capacity(vocab.len());
    for (token, &id) in &vocab {
        if id >= MAX_VOCAB {
            return Err(damaged("an id is out of all range"));
        }
        // How a single token reads depends on its neighbours; alone, it shows as the library decodes it alone.
        let text = tokenizer.decode(&[id], false).unwrap_or_else(|_| token.clone());
        set_bytes(&mut bytes, id, text.as_bytes());
    }
    let unknown = file.model.get("unk_token").and_then(Value::as_str).and_then(|token| vocab.get(token)).copied();
    Ok(Parts { codec: Codec::General(Box::new(tokenizer)), bytes, unknown }.finish(json, file))
}
