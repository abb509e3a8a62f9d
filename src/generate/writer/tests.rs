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

fn letter(id: u32) -> Vec<u8> {
    vec![b'a' + id as u8]
}

#[test]
fn it_feeds_the_prompt_once_and_then_one_token_at_a_time() {
    let mut writer = Writer::new(&[1, 2, 3], 16, None, greedy(3, "")).unwrap();
    assert_eq!(writer.next_input(), Some(Input { tokens: &[1, 2, 3], position: 0 }));
    assert_eq!(writer.next_input(), writer.next_input());
    let step = writer.accept(&wants(4), letter).unwrap();
    assert_eq!((step.id, step.text.as_str(), step.end, step.choices.as_slice()), (4, "e", None, [(4, 1.0)].as_slice()));
    assert_eq!(writer.next_input(), Some(Input { tokens: &[4], position: 3 }));
    writer.accept(&wants(5), letter).unwrap();
    assert_eq!(writer.next_input(), Some(Input { tokens: &[5], position: 4 }));
    let last = writer.accept(&wants(6), letter).unwrap();
    assert_eq!((last.end, writer.next_input(), writer.text()), (Some(EndReason::Length), None, "efg"));
    assert_eq!(writer.written(), [4, 5, 6]);
    assert_eq!(writer.accept(&wants(6), letter), Err(GenerateError::Ended));
}

#[test]
fn a_full_context_starts_anew_with_its_later_half() {
    let context = 6;
    let mut writer = Writer::new(&[0, 1, 2, 3, 4, 5, 6, 7, 0], context, None, greedy(40, "")).unwrap();
    let (mut cache, mut all, mut restarts) = (Cache::default(), vec![0, 1, 2, 3, 4, 5, 6, 7, 0], 0);
    while let Some(input) = writer.next_input() {
        restarts += u32::from(input.position == 0);
        cache.feed(input);
        assert!(cache.0.len() <= context);
        assert!(all.ends_with(&cache.0), "{all:?} {:?}", cache.0);
        assert!(cache.0.len() >= context / 2);
        let id = (all.len() % 8) as u32;
        writer.accept(&wants(id), letter).unwrap();
        all.push(id);
    }
    // The long prompt fills the context at once; then each half context brings a restart: 3 tokens, then up to 6 again.
    assert_eq!(restarts, 1 + 39u32.div_ceil(4));
}

#[test]
fn a_forgotten_cache_is_fed_again() {
    let mut writer = Writer::new(&[1, 2], 8, None, greedy(5, "")).unwrap();
    writer.accept(&wants(3), letter).unwrap();
    writer.forget_cache();
    assert_eq!(writer.next_input(), Some(Input { tokens: &[1, 2, 3], position: 0 }));
    writer.accept(&wants(4), letter).unwrap();
    assert_eq!(writer.next_input(), Some(Input { tokens: &[4], position: 3 }));
}

#[test]
fn it_stops_before_the_stop_text_across_tokens() {
    let mut writer = Writer::new(&[0], 8, None, greedy(9, "cd")).unwrap();
    let texts: Vec<String> = [1, 2, 1, 2, 3].map(|id| writer.accept(&wants(id), letter).unwrap().text).to_vec();
    assert_eq!(texts, ["b", "", "cb", "", ""]);
    assert_eq!((writer.end(), writer.text()), (Some(EndReason::StopText), "bcb"));
}

#[test]
fn the_end_of_text_token_ends_and_is_not_text() {
    let mut writer = Writer::new(&[1], 8, Some(0), greedy(9, "x")).unwrap();
    writer.accept(&wants(2), letter).unwrap();
    let step = writer.accept(&wants(0), letter).unwrap();
    assert_eq!((step.end, step.text.as_str(), writer.text()), (Some(EndReason::EndOfText), "", "c"));
}

#[test]
fn characters_split_over_tokens_come_whole() {
    let bytes = |id: u32| vec!["好".as_bytes()[id as usize]];
    let mut writer = Writer::new(&[1], 8, None, greedy(4, "")).unwrap();
    let texts: Vec<String> = [0, 1, 2, 0].map(|id| writer.accept(&wants(id), bytes).unwrap().text).to_vec();
    // The fourth token is the start of a character that never comes.
    assert_eq!(texts, ["", "", "好", "\u{fffd}"]);
}

#[test]
fn an_interruption_releases_what_was_held_back() {
    let mut writer = Writer::new(&[1], 8, None, greedy(9, "cde")).unwrap();
    writer.accept(&wants(2), letter).unwrap();
    writer.accept(&wants(3), letter).unwrap();
    assert_eq!(writer.text(), "");
    assert_eq!(writer.interrupt(), "cd");
    assert_eq!((writer.end(), writer.text(), writer.next_input()), (Some(EndReason::Interrupted), "cd", None));
    assert_eq!(writer.interrupt(), "");
}

#[test]
fn the_stored_logits_answer_to_other_dials() {
    let config = SamplingConfig { temperature: 1.0, top_k: 0, max_tokens: 9, ..SamplingConfig::default() };
    let mut writer = Writer::new(&[1], 8, None, config.clone()).unwrap();
    assert_eq!(writer.after_prompt(), None);
    let logits: Vec<f32> = (0..8).map(|id| id as f32 * 0.5).collect();
    let first = writer.accept(&logits, letter).unwrap();
    writer.accept(&wants(0), letter).unwrap();
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
    let mut writer = Writer::new(&[1], 8, None, config).unwrap().with_choices(2);
    let mut outside = 0;
    while writer.next_input().is_some() {
        let step = writer.accept(&[0.0; 8], letter).unwrap();
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
        let mut writer = Writer::new(&[1], 8, None, config).unwrap();
        while writer.next_input().is_some() {
            writer.accept(&[0.0; 8], letter).unwrap();
        }
        writer.text().to_owned()
    };
    assert_eq!(write(3), write(3));
    assert_ne!(write(3), write(4));
}

#[test]
fn broken_logits_leave_the_writer_as_it_was() {
    let mut writer = Writer::new(&[1], 8, None, greedy(9, "")).unwrap();
    assert!(matches!(writer.accept(&[f32::NAN; 8], letter), Err(GenerateError::NotFinite { .. })));
    assert_eq!(writer.next_input(), Some(Input { tokens: &[1], position: 0 }));
    assert_eq!(writer.accept(&wants(2), letter).unwrap().id, 2);
}

#[test]
fn a_writer_that_cannot_write_is_refused() {
    assert_eq!(Writer::new(&[], 8, None, greedy(9, "")).unwrap_err(), GenerateError::EmptyPrompt);
    assert_eq!(Writer::new(&[1], 1, None, greedy(9, "")).unwrap_err(), GenerateError::Context(1));
    assert_eq!(Writer::new(&[1], 8, None, greedy(0, "")).unwrap().next_input(), None);
}
