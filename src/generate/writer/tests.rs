//! The writer beside models that do as they are told: what is fed, what comes out, when it ends.

use super::*;

/// A model that always wants `next(last id)`, over 8 tokens.
fn wants(id: u32) -> Vec<f32> {
    (0..8).map(|other| if other == id { 9.0 } else { 0.0 }).collect()
}

fn greedy(max_tokens: u32, stop: &str) -> SamplingConfig {
    SamplingConfig { temperature: 0.0, max_tokens, stop: stop.to_owned(), ..SamplingConfig::default() }
}

/// The cache as a model would keep it: must always equal the positions that the writer speaks of.
#[derive(Default)]
struct Cache(Vec<u32>);

impl Cache {
    fn feed(&mut self, input: Input<'_>) {
        assert!(!input.tokens.is_empty());
        if input.position == 0 {
            self.0.clear();
        }
        assert_eq!(self.0.len(), input.position);
        self.0.extend_from_slice(input.tokens);
    }
}

/// Token 0 is `a`, 1 is `b`, ...
#[derive(Debug, Clone)]
struct Letters;

impl TokenText for Letters {
    fn push(&mut self, id: u32) -> String {
        char::from(b'a' + id as u8).to_string()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

/// Every two tokens make one character; half of one is shown as missing.
#[derive(Debug, Clone, Default)]
struct Halves(Option<u32>);

impl TokenText for Halves {
    fn push(&mut self, id: u32) -> String {
        self.0.take().map_or_else(
            || {
                self.0 = Some(id);
                String::new()
            },
            |first| format!("<{first}{id}>"),
        )
    }

    fn finish(&mut self) -> String {
        self.0.take().map_or_else(String::new, |_| char::REPLACEMENT_CHARACTER.to_string())
    }
}

fn letters(prompt: &[u32], context: usize, end_of_text: Option<u32>, config: SamplingConfig) -> Writer<Letters> {
    Writer::new(prompt, context, end_of_text, config, Letters).unwrap()
}

#[test]
fn it_feeds_the_prompt_once_and_then_one_token_at_a_time() {
    let mut writer = letters(&[1, 2, 3], 16, None, greedy(3, ""));
    assert_eq!(writer.next_input(), Some(Input { tokens: &[1, 2, 3], position: 0 }));
    assert_eq!(writer.next_input(), writer.next_input());
    let step = writer.accept(&wants(4)).unwrap();
    assert_eq!((step.id, step.text.as_str(), step.end, step.choices.as_slice()), (4, "e", None, [(4, 1.0)].as_slice()));
    assert_eq!(writer.next_input(), Some(Input { tokens: &[4], position: 3 }));
    writer.accept(&wants(5)).unwrap();
    assert_eq!(writer.next_input(), Some(Input { tokens: &[5], position: 4 }));
    let last = writer.accept(&wants(6)).unwrap();
    assert_eq!((last.end, writer.next_input(), writer.text()), (Some(EndReason::Length), None, "efg"));
    assert_eq!(writer.written(), [4, 5, 6]);
    assert_eq!(writer.accept(&wants(6)), Err(GenerateError::Ended));
}

#[test]
fn a_full_context_starts_anew_with_its_later_half() {
    let context = 6;
    let mut writer = letters(&[0, 1, 2, 3, 4, 5, 6, 7, 0], context, None, greedy(40, ""));
    let (mut cache, mut all, mut restarts) = (Cache::default(), vec![0, 1, 2, 3, 4, 5, 6, 7, 0], 0);
    while let Some(input) = writer.next_input() {
        restarts += u32::from(input.position == 0);
        cache.feed(input);
        assert!(cache.0.len() <= context);
        assert!(all.ends_with(&cache.0), "{all:?} {:?}", cache.0);
        assert!(cache.0.len() >= context / 2);
        let id = (all.len() % 8) as u32;
        writer.accept(&wants(id)).unwrap();
        all.push(id);
    }
    // The long prompt fills the context at once; then each half context brings a restart: 3 tokens, then up to 6 again.
    assert_eq!(restarts, 1 + 39u32.div_ceil(4));
}

#[test]
fn a_forgotten_cache_is_fed_again() {
    let mut writer = letters(&[1, 2], 8, None, greedy(5, ""));
    writer.accept(&wants(3)).unwrap();
    writer.forget_cache();
    assert_eq!(writer.next_input(), Some(Input { tokens: &[1, 2, 3], position: 0 }));
    writer.accept(&wants(4)).unwrap();
    assert_eq!(writer.next_input(), Some(Input { tokens: &[4], position: 3 }));
}

#[test]
fn it_stops_before_the_stop_text_across_tokens() {
    let mut writer = letters(&[0], 8, None, greedy(9, "cd"));
    let texts: Vec<String> = [1, 2, 1, 2, 3].map(|id| writer.accept(&wants(id)).unwrap().text).to_vec();
    assert_eq!(texts, ["b", "", "cb", "", ""]);
    assert_eq!((writer.end(), writer.text()), (Some(EndReason::StopText), "bcb"));
}

#[test]
fn the_end_of_text_token_ends_and_is_not_text() {
    let mut writer = letters(&[1], 8, Some(0), greedy(9, "x"));
    writer.accept(&wants(2)).unwrap();
    let step = writer.accept(&wants(0)).unwrap();
    assert_eq!((step.end, step.text.as_str(), writer.text()), (Some(EndReason::EndOfText), "", "c"));
}

#[test]
fn characters_split_over_tokens_come_whole() {
    let mut writer = Writer::new(&[1], 8, None, greedy(3, ""), Halves::default()).unwrap();
    let texts: Vec<String> = [4, 2, 5].map(|id| writer.accept(&wants(id)).unwrap().text).to_vec();
    // The third token is half a character whose rest never comes.
    assert_eq!(texts, ["", "<42>", "\u{fffd}"]);
    let mut writer = Writer::new(&[1], 8, None, greedy(9, ""), Halves::default()).unwrap();
    writer.accept(&wants(4)).unwrap();
    assert_eq!(writer.interrupt(), "\u{fffd}");
}

#[test]
fn an_interruption_releases_what_was_held_back() {
    let mut writer = letters(&[1], 8, None, greedy(9, "cde"));
    writer.accept(&wants(2)).unwrap();
    writer.accept(&wants(3)).unwrap();
    assert_eq!(writer.text(), "");
    assert_eq!(writer.interrupt(), "cd");
    assert_eq!((writer.end(), writer.text(), writer.next_input()), (Some(EndReason::Interrupted), "cd", None));
    assert_eq!(writer.interrupt(), "");
}

#[test]
fn the_stored_logits_answer_to_other_dials() {
    let config = SamplingConfig { temperature: 1.0, top_k: 0, max_tokens: 9, ..SamplingConfig::default() };
    let mut writer = letters(&[1], 8, None, config.clone());
    assert_eq!(writer.after_prompt(), None);
    let logits: Vec<f32> = (0..8).map(|id| id as f32 * 0.5).collect();
    let first = writer.accept(&logits).unwrap();
    writer.accept(&wants(0)).unwrap();
    let stored = writer.after_prompt().unwrap();
    assert_eq!((stored.logits.as_slice(), stored.written.as_slice()), (logits.as_slice(), [1].as_slice()));
    assert_eq!(stored.choices(&config, 10).unwrap(), first.choices);
    let cold = stored.choices(&SamplingConfig { temperature: 0.1, top_k: 2, ..config }, 10).unwrap();
    assert_eq!(cold.len(), 2);
    assert!(cold[0].1 > first.choices[0].1);
}

#[test]
fn the_chosen_token_is_among_the_choices() {
    let config = SamplingConfig { temperature: 2.0, top_k: 0, max_tokens: 200, ..SamplingConfig::default() };
    let mut writer = letters(&[1], 8, None, config).with_choices(2);
    let mut outside = 0;
    while writer.next_input().is_some() {
        let step = writer.accept(&[0.0; 8]).unwrap();
        assert_eq!(step.choices.len(), 2);
        assert!(step.choices.contains(&(step.id, step.probability)));
        outside += u32::from(step.choices[1].0 != 1);
    }
    assert!(outside > 50);
}

#[test]
fn the_same_seed_writes_the_same_text() {
    let write = |seed: u64| {
        let config = SamplingConfig { temperature: 1.0, seed, max_tokens: 50, ..SamplingConfig::default() };
        let mut writer = letters(&[1], 8, None, config);
        while writer.next_input().is_some() {
            writer.accept(&[0.0; 8]).unwrap();
        }
        writer.text().to_owned()
    };
    assert_eq!(write(3), write(3));
    assert_ne!(write(3), write(4));
}

#[test]
fn broken_logits_leave_the_writer_as_it_was() {
    let mut writer = letters(&[1], 8, None, greedy(9, ""));
    assert!(matches!(writer.accept(&[f32::NAN; 8]), Err(GenerateError::NotFinite { .. })));
    assert_eq!(writer.next_input(), Some(Input { tokens: &[1], position: 0 }));
    assert_eq!(writer.accept(&wants(2)).unwrap().id, 2);
}

#[test]
fn a_writer_that_cannot_write_is_refused() {
    assert_eq!(Writer::new(&[], 8, None, greedy(9, ""), Letters).unwrap_err(), GenerateError::EmptyPrompt);
    assert_eq!(Writer::new(&[1], 1, None, greedy(9, ""), Letters).unwrap_err(), GenerateError::Context(1));
    assert_eq!(letters(&[1], 8, None, greedy(0, "")).next_input(), None);
}
