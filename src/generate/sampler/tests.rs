//! The dials against their definitions, written plainly.

use super::*;
use proptest::prelude::*;

fn plain() -> SamplingConfig {
    SamplingConfig { temperature: 1.0, top_k: 0, top_p: 1.0, repetition_penalty: 1.0, ..SamplingConfig::default() }
}

#[test]
fn without_dials_it_is_the_softmax() {
    let distribution = Distribution::new(&[0.0, 2f32.ln(), 4f32.ln()], &[], &plain()).unwrap();
    for (id, expected) in [(2, 4.0 / 7.0), (1, 2.0 / 7.0), (0, 1.0 / 7.0)] {
        assert!((distribution.probability(id) - expected).abs() < 1e-7);
    }
    assert_eq!(distribution.top(9).iter().map(|choice| choice.0).collect::<Vec<_>>(), [2, 1, 0]);
}

#[test]
fn temperature_zero_takes_the_likeliest_and_the_lower_id_of_two() {
    let config = SamplingConfig { temperature: 0.0, ..plain() };
    let distribution = Distribution::new(&[1.0, 3.0, 3.0, -1.0], &[], &config).unwrap();
    assert_eq!(distribution.top(5), [(1, 1.0)]);
    assert_eq!(distribution.choose(0.999), (1, 1.0));
    let repeated = SamplingConfig { repetition_penalty: 1.5, ..config };
    assert_eq!(Distribution::new(&[1.0, 3.0, 2.9, -1.0], &[1], &repeated).unwrap().choose(0.0).0, 2);
}

#[test]
fn the_penalty_divides_above_zero_and_multiplies_below_once_per_token() {
    let config = SamplingConfig { repetition_penalty: 2.0, ..plain() };
    let penalised = Distribution::new(&[2.0, -1.0, 0.0, 0.5], &[0, 0, 1, 2, 77], &config).unwrap();
    let expected = Distribution::new(&[1.0, -2.0, 0.0, 0.5], &[], &plain()).unwrap();
    assert_eq!(penalised, expected);
}

#[test]
fn a_tiny_temperature_does_not_overflow() {
    let config = SamplingConfig { temperature: 1e-300, ..plain() };
    assert_eq!(Distribution::new(&[1.0, 90.0, 89.0], &[], &config).unwrap().choose(0.9999), (1, 1.0));
}

#[test]
fn broken_numbers_and_dials_are_refused() {
    let refused = |logits: &[f32], config: &SamplingConfig| Distribution::new(logits, &[], config).unwrap_err();
    assert!(matches!(refused(&[0.0, f32::NAN], &plain()), GenerateError::NotFinite { id: 1, .. }));
    assert!(matches!(refused(&[f32::INFINITY], &plain()), GenerateError::NotFinite { id: 0, .. }));
    assert!(matches!(refused(&[0.0, f32::NEG_INFINITY], &plain()), GenerateError::NotFinite { id: 1, .. }));
    assert_eq!(refused(&[], &plain()), GenerateError::NoLogits);
    for temperature in [-0.1, f64::NAN, f64::INFINITY] {
        let config = SamplingConfig { temperature, ..plain() };
        assert!(matches!(refused(&[0.0], &config), GenerateError::Dial { name: "temperature", .. }));
    }
    for top_p in [-0.1, 1.1, f64::NAN] {
        let config = SamplingConfig { top_p, ..plain() };
        assert!(matches!(refused(&[0.0], &config), GenerateError::Dial { name: "top_p", .. }));
    }
    for repetition_penalty in [0.0, -1.0, f64::NAN] {
        let config = SamplingConfig { repetition_penalty, ..plain() };
        assert!(matches!(refused(&[0.0], &config), GenerateError::Dial { name: "repetition_penalty", .. }));
    }
}

#[test]
fn the_stream_of_a_seed_never_changes() {
    // Seeds stand in shared links: these numbers may not move with a new release of a dependency.
    let mut rng = TokenRng::new(1);
    let drawn: Vec<u64> = (0..3).map(|_| (rng.uniform() * 1e9) as u64).collect();
    assert_eq!(drawn, [402_485_663, 80_383_708, 596_560_180]);
}

#[test]
fn draws_follow_the_probabilities() {
    let distribution = Distribution::new(&[0.0, 1.0, 2.0, -3.0], &[], &plain()).unwrap();
    let (mut rng, mut counts, draws) = (TokenRng::new(7), [0u32; 4], 40_000);
    for _ in 0..draws {
        counts[distribution.choose(rng.uniform()).0 as usize] += 1;
    }
    for (id, count) in (0u32..).zip(counts) {
        let expected = distribution.probability(id);
        // Five standard deviations.
        let allowed = 5.0 * (expected * (1.0 - expected) / f64::from(draws)).sqrt();
        assert!((f64::from(count) / f64::from(draws) - expected).abs() < allowed, "token {id}: {count}");
    }
}

/// The dials by their definitions, slow and plain: ranks by counting, no sorting shared with the code above.
fn by_definition(logits: &[f32], written: &[u32], config: &SamplingConfig) -> Vec<f64> {
    let mut scores: Vec<f64> = logits.iter().map(|&value| f64::from(value)).collect();
    for (id, score) in scores.iter_mut().enumerate() {
        if written.iter().any(|&seen| seen as usize == id) {
            *score *= if *score < 0.0 { config.repetition_penalty } else { 1.0 / config.repetition_penalty };
        }
    }
    let larger = |scores: &[f64], id: usize| scores.iter().filter(|&&other| other > scores[id]).count();
    let kept: Vec<bool> = (0..scores.len()).map(|id| config.top_k == 0 || larger(&scores, id) < config.top_k as usize).collect();
    let softmax = |kept: &[bool]| -> Vec<f64> {
        let weights: Vec<f64> =
            scores.iter().zip(kept).map(|(score, &kept)| if kept { (score / config.temperature).exp() } else { 0.0 }).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    };
    let first = softmax(&kept);
    // A token stays if the tokens before it, likeliest first, do not yet reach p.
    let before = |id: usize| -> f64 {
        (0..first.len())
            .filter(|&other| first[other] > first[id] || (first[other] == first[id] && other < id))
            .map(|other| first[other])
            .sum()
    };
    let nucleus: Vec<bool> = (0..first.len()).map(|id| kept[id] && (config.top_p >= 1.0 || before(id) < config.top_p)).collect();
    softmax(&nucleus)
}

proptest! {
    #[test]
    fn the_dials_do_what_their_definitions_say(
        logits in prop::collection::vec(-8f32..8.0, 1..40),
        written in prop::collection::vec(0u32..50, 0..10),
        temperature in 0.2f64..2.0, top_k in 0u32..45, top_p in 0.05f64..1.0, repetition_penalty in 1.0f64..2.0,
    ) {
        let config = SamplingConfig { temperature, top_k, top_p, repetition_penalty, ..plain() };
        let distribution = Distribution::new(&logits, &written, &config).unwrap();
        let expected = by_definition(&logits, &written, &config);
        for (id, expected) in (0u32..).zip(expected) {
            prop_assert!((distribution.probability(id) - expected).abs() < 1e-9, "token {}: {} and {}", id, distribution.probability(id), expected);
        }
    }

    #[test]
    fn a_choice_is_always_one_of_the_candidates(
        logits in prop::collection::vec(-80f32..80.0, 1..40), temperature in 0f64..3.0, top_k in 0u32..45, top_p in 0f64..=1.0, uniform in 0f64..1.0,
    ) {
        let config = SamplingConfig { temperature, top_k, top_p, ..plain() };
        let distribution = Distribution::new(&logits, &[], &config).unwrap();
        let (id, probability) = distribution.choose(uniform);
        prop_assert!((id as usize) < logits.len() && probability > 0.0);
        prop_assert!((distribution.candidates.iter().map(|candidate| candidate.1).sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(distribution.top(100).windows(2).all(|pair| pair[0].1 >= pair[1].1));
    }

    #[test]
    fn whatever_comes_in_nothing_panics(
        bits in prop::collection::vec(any::<u32>(), 0..20), written in prop::collection::vec(any::<u32>(), 0..5),
        temperature in any::<f64>(), top_k in any::<u32>(), top_p in any::<f64>(), repetition_penalty in any::<f64>(), uniform in any::<f64>(),
    ) {
        let logits: Vec<f32> = bits.into_iter().map(f32::from_bits).collect();
        let config = SamplingConfig { temperature, top_k, top_p, repetition_penalty, ..plain() };
        if let Ok(distribution) = Distribution::new(&logits, &written, &config) {
            let (id, _) = distribution.choose(uniform);
            prop_assert!((id as usize) < logits.len());
        }
    }
}
