//! The tokenizer as a whole: worked examples, identity, and the `tokenizers` crate as reference.

use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

const NANO: &[u8] = include_bytes!("../../../static/models/attune-en-nano/tokenizer.json");
const TALE: &str = "Once upon a time there was a miller who had three sons, his mill, a donkey and a cat. The sons had to grind, the donkey had to \
                    get the grain and carry away the flour, and the cat had to keep away the mice. When the miller died, the three sons divided \
                    up the inheritance: the oldest got the mill, the second the donkey, and the third the cat, it was all that was left.\n";

static NANO_TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::from_json(NANO).unwrap());
static NANO_REFERENCE: LazyLock<tokenizers::Tokenizer> = LazyLock::new(|| tokenizers::Tokenizer::from_bytes(NANO).unwrap());
static TRAINED: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::train_bpe(&TALE.repeat(3), 350).unwrap());

fn is_direct(tokenizer: &Tokenizer) -> bool {
    !tokenizer.is_general()
}

#[test]
fn the_bundled_tokenizer_gives_the_ids_of_its_card() {
    assert!(is_direct(&NANO_TOKENIZER));
    assert_eq!(NANO_TOKENIZER.encode("Once upon a time").unwrap(), [47, 1199, 563, 259, 583]);
    assert_eq!((NANO_TOKENIZER.vocab_size(), NANO_TOKENIZER.end_of_text_id(), NANO_TOKENIZER.unknown_id()), (4096, Some(0), None));
    assert_eq!(NANO_TOKENIZER.encode("a<|endoftext|>b").unwrap()[1], 0);
}

#[test]
fn pieces_show_parts_of_characters_as_such() {
    let ids = NANO_TOKENIZER.encode(" the\n漢").unwrap();
    let pieces = NANO_TOKENIZER.pieces(&ids);
    assert_eq!(pieces[0].text, " the");
    assert_eq!(pieces[1].text, "\n");
    assert!(pieces.len() > 3 && pieces[2..].iter().all(|piece| piece.text == "\u{FFFD}"), "{pieces:?}");
    assert_eq!(NANO_TOKENIZER.byte_count(&ids), 8);
}

#[test]
fn training_is_repeatable_and_opens_in_the_library() {
    let trained = &*TRAINED;
    let again = Tokenizer::train_bpe(&TALE.repeat(3), 350).unwrap();
    assert_eq!(trained.to_json(), again.to_json());
    assert!(is_direct(trained));
    assert_eq!((trained.vocab_size(), trained.end_of_text_id()), (350, Some(0)));
    let library = tokenizers::Tokenizer::from_bytes(trained.to_json()).unwrap();
    for text in [TALE, "unseen words, 漢字 and 😀 <|endoftext|> too"] {
        let ids = trained.encode(text).unwrap();
        assert_eq!(ids, library.encode(text, true).unwrap().get_ids());
        assert_eq!(library.decode(&ids, false).unwrap(), text);
    }
    assert!(trained.encode(TALE).unwrap().len() * 2 < TALE.len(), "merges were learned");
}

#[test]
fn tiny_vocabularies_are_bytes_and_small_texts_have_few_merges() {
    let bytes = Tokenizer::train_bpe(TALE, 1).unwrap();
    assert_eq!(bytes.vocab_size(), 257);
    assert_eq!(bytes.encode("漢").unwrap().len(), 3);
    assert!(Tokenizer::train_bpe("ab ab", 4_000).unwrap().vocab_size() < 262);
    assert_eq!(Tokenizer::train_bpe("", 300).unwrap().vocab_size(), 257);
}

#[test]
fn characters_are_tokens_and_open_in_the_library() {
    let text = "白日依山盡，黃河入海流。\nAbc \"quoted\\\" 😀";
    let tokenizer = Tokenizer::characters(text).unwrap();
    assert!(is_direct(&tokenizer));
    let ids = tokenizer.encode(text).unwrap();
    assert_eq!(ids.len(), text.chars().count());
    assert_eq!(tokenizer.decode(&ids), text);
    assert_eq!(tokenizer.unknown_id(), Some(1));
    let strange = "白<|endoftext|>Ω山ΩΩ";
    let ids = tokenizer.encode(strange).unwrap();
    assert_eq!((ids[1], tokenizer.count_unknown(&ids)), (0, 3));
    assert_eq!(tokenizer.decode(&ids), "白<|endoftext|>\u{FFFD}山\u{FFFD}\u{FFFD}");
    let library = tokenizers::Tokenizer::from_bytes(tokenizer.to_json()).unwrap();
    for text in [text, strange] {
        let ids = tokenizer.encode(text).unwrap();
        assert_eq!(ids, library.encode(text, true).unwrap().get_ids());
        assert_eq!(library.decode(&ids, false).unwrap(), tokenizer.decode(&ids));
    }
}

#[test]
fn the_rarest_of_very_many_characters_are_unknown() {
    let common: String = ('\u{4E00}'..'\u{5E00}').collect::<String>().repeat(2);
    let rare = "ΑΒΓ";
    let tokenizer = Tokenizer::characters(&format!("{common}{rare}")).unwrap();
    assert_eq!(tokenizer.vocab_size(), 4_096);
    assert_eq!(tokenizer.count_unknown(&tokenizer.encode(rare).unwrap()), 3);
    let empty = Tokenizer::characters("").unwrap();
    assert_eq!((empty.vocab_size(), empty.encode("ab").unwrap()), (2, vec![1, 1]));
}

#[test]
fn ids_out_of_range_are_passed_over() {
    assert_eq!(NANO_TOKENIZER.decode(&[47, 99_999, u32::MAX]), NANO_TOKENIZER.decode(&[47]));
    assert_eq!(NANO_TOKENIZER.piece(4_096), "");
}

#[test]
fn damaged_files_are_refused() {
    for json in
        [&b""[..], b"{}", b"[]", b"{\"model\":3}", b"{\"model\":{\"type\":\"BPE\",\"vocab\":{},\"merges\":[]}", &NANO[..NANO.len() / 2]]
    {
        assert!(matches!(Tokenizer::from_json(json), Err(TextError::TokenizerDamaged(_))));
    }
    let huge = String::from_utf8_lossy(NANO).replacen("\"id\":0", "\"id\":4294967295", 1).replacen("\"id\": 0", "\"id\": 4294967295", 1);
    assert!(Tokenizer::from_json(huge.as_bytes()).is_err());
    let merge = serde_json::json!({ "model": { "type": "BPE", "vocab": { "a": 0 }, "merges": [["a", "b"]] } });
    assert!(Tokenizer::from_json(merge.to_string().as_bytes()).is_err());
}

#[test]
fn a_general_tokenizer_goes_through_the_library() {
    let words = serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": { "type": "Lowercase" },
        "pre_tokenizer": { "type": "Whitespace" }, "post_processor": null, "decoder": null,
        "model": { "type": "WordLevel", "vocab": { "[UNK]": 0, "the": 1, "cat": 2 }, "unk_token": "[UNK]" },
    });
    let tokenizer = Tokenizer::from_json(words.to_string().as_bytes()).unwrap();
    assert!(tokenizer.is_general());
    let ids = tokenizer.encode("The CAT sat").unwrap();
    assert_eq!((ids.as_slice(), tokenizer.unknown_id(), tokenizer.count_unknown(&ids)), (&[1, 2, 0][..], Some(0), 1));
    assert_eq!(tokenizer.decode(&ids), "the cat [UNK]");
    let mut stream = StreamDecoder::default();
    let written: String = ids.iter().map(|&id| stream.push(&tokenizer, id)).collect();
    assert_eq!(written + &stream.finish(&tokenizer), "the cat [UNK]");
}

#[test]
fn progress_is_told() {
    let text = TALE.repeat(20);
    let mut encoder = Encoder::new(&NANO_TOKENIZER, &text);
    let mut last = -1.0;
    while !encoder.step(500).unwrap() {
        assert!(encoder.progress() > last && encoder.progress() < 1.0);
        last = encoder.progress();
    }
    assert!(last > 0.9);
    assert_eq!(encoder.progress(), 1.0);
}

/// Strings that stress every branch: words, runs without spaces, several scripts, special tokens.
fn texts() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        any::<String>(),
        "[a-z ,.'\n]{0,80}",
        "[a-c]{60,90}",
        "[\u{4E00}-\u{4E20}，。]{0,40}",
        Just(END_OF_TEXT.to_owned()),
        Just("<|endoftext".to_owned()),
        Just("👨‍👩‍👧 é".to_owned()),
    ];
    proptest::collection::vec(parts, 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(text in texts()) {
        for tokenizer in [&*NANO_TOKENIZER, &*TRAINED] {
            let ids = tokenizer.encode(&text).unwrap();
            prop_assert_eq!(tokenizer.decode(&ids), text.as_str());
            prop_assert_eq!(tokenizer.byte_count(&ids), text.len() as u64);
        }
    }

    #[test]
    fn characters_of_the_text_itself_come_back(text in texts()) {
        let tokenizer = Tokenizer::characters(&text).unwrap();
        prop_assert_eq!(tokenizer.decode(&tokenizer.encode(&text).unwrap()), text.as_str());
    }

    #[test]
    fn ids_equal_the_library(text in texts()) {
        let expected = NANO_REFERENCE.encode(text.as_str(), true).unwrap();
        prop_assert_eq!(NANO_TOKENIZER.encode(&text).unwrap(), expected.get_ids());
    }

    #[test]
    fn steps_equal_one_go(text in texts(), step in 1_usize..40) {
        let characters = Tokenizer::characters(TALE).unwrap();
        for tokenizer in [&*NANO_TOKENIZER, &characters] {
            let mut encoder = Encoder::new(tokenizer, &text);
            while !encoder.step(step).unwrap() {}
            prop_assert_eq!(encoder.finish(), tokenizer.encode(&text).unwrap());
        }
    }

    #[test]
    fn a_stream_gives_what_decoding_gives(ids in proptest::collection::vec(0_u32..4_200, 0..60), text in texts()) {
        for ids in [ids, NANO_TOKENIZER.encode(&text).unwrap()] {
            let mut stream = StreamDecoder::default();
            let written: String = ids.iter().map(|&id| stream.push(&NANO_TOKENIZER, id)).collect();
            prop_assert_eq!(written + &stream.finish(&NANO_TOKENIZER), NANO_TOKENIZER.decode(&ids));
        }
    }

    #[test]
    fn any_file_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Tokenizer::from_json(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_file_with_damage_is_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>(), small in prop::sample::select(vec!["words", "characters"])) {
        let tokenizer = if small == "words" { Tokenizer::train_bpe("ab abc abcd", 270) } else { Tokenizer::characters("ab漢") }.unwrap();
        let mut json = tokenizer.to_json().to_vec();
        let at = at.index(json.len());
        json[at] = byte;
        if let Ok(tokenizer) = Tokenizer::from_json(&json) {
            let ids = tokenizer.encode("abcd 漢").unwrap_or_default();
            tokenizer.decode(&ids);
        }
    }
}
