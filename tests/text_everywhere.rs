//! The text room gives the same numbers natively and in a browser's worker: a seed or a tokenizer in a link means the same everywhere.
//!
//! In a browser: `wasm-pack test --headless --chrome . --no-default-features --features text --test text_everywhere`.
#![cfg(feature = "text")]

use attune::protocol::{FileHead, Language};
use attune::text::{Batches, Corpus, Dataset, Encoder, Tokenizer};
use std::sync::Arc;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SAMPLE: &[u8] = include_bytes!("../static/samples/tales.txt");
const NANO: &[u8] = include_bytes!("../static/models/attune-en-nano/tokenizer.json");

fn corpus() -> Corpus {
    Corpus::open(vec![(FileHead { name: "tales.txt".to_owned(), encoding: None }, SAMPLE.to_vec())]).unwrap()
}

/// FNV-1a, to write a long result down as one number.
fn digest(numbers: impl IntoIterator<Item = u32>) -> u32 {
    numbers.into_iter().fold(0x811c_9dc5, |hash, number| (hash ^ number).wrapping_mul(0x0100_0193))
}

#[test]
fn the_bundled_tokenizer_encodes_in_steps() {
    let corpus = corpus();
    assert_eq!(corpus.report.check.language, Language::English);
    let tokenizer = Tokenizer::from_json(NANO).unwrap();
    assert_eq!(tokenizer.encode("Once upon a time").unwrap(), [47, 1199, 563, 259, 583]);
    let mut encoder = Encoder::new(&tokenizer, &corpus.text);
    while !encoder.step(1_000).unwrap() {}
    let ids = encoder.finish();
    assert_eq!(ids, tokenizer.encode(&corpus.text).unwrap());
    assert_eq!(tokenizer.decode(&ids), corpus.text);
}

#[test]
fn a_tokenizer_is_learned_without_threads_and_alike_everywhere() {
    let text = corpus().text;
    let tokenizer = Tokenizer::train_bpe(&text, 512).unwrap();
    assert_eq!(tokenizer.vocab_size(), 512);
    assert_eq!(tokenizer.decode(&tokenizer.encode(&text).unwrap()), text);
    // Of a fixed text, so that a change of the sample does not matter here.
    let rhyme = "one for the master, two for the dame, three for the little boy who lives down the lane ".repeat(20);
    let small = Tokenizer::train_bpe(&rhyme, 300).unwrap();
    assert_eq!(digest(small.to_json().iter().map(|&byte| u32::from(byte))), 2_667_441_813);
    let characters = Tokenizer::characters(&text).unwrap();
    assert_eq!(characters.decode(&characters.encode(&text).unwrap()), text);
}

#[test]
fn a_seed_draws_the_same_windows_everywhere() {
    let mut batches = Batches::new(Arc::new(Dataset::new((0..5_000).collect(), 0.1, 32).unwrap()), 4, 12_345);
    let drawn = (0..50).flat_map(|_| batches.next_batch().inputs);
    assert_eq!(digest(drawn), 3_101_367_813);
}
