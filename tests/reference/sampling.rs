//! Next-token distributions beside `transformers`' (fixtures/sampling.json, made by sampling.py).

use attune::generate::Distribution;
use attune::protocol::SamplingConfig;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    logits: Vec<Vec<f32>>,
    written: Vec<u32>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    logits: usize,
    temperature: f64,
    top_k: u32,
    top_p: f64,
    repetition_penalty: f64,
    probabilities: Vec<f64>,
}

#[test]
fn the_dials_give_the_distributions_of_transformers() {
    let fixture: Fixture = serde_json::from_str(include_str!("fixtures/sampling.json")).unwrap();
    assert!(fixture.cases.len() > 90);
    for case in &fixture.cases {
        let config = SamplingConfig {
            temperature: case.temperature,
            top_k: case.top_k,
            top_p: case.top_p,
            repetition_penalty: case.repetition_penalty,
            ..SamplingConfig::default()
        };
        let distribution = Distribution::new(&fixture.logits[case.logits], &fixture.written, &config).unwrap();
        for (id, &expected) in (0u32..).zip(&case.probabilities) {
            let found = distribution.probability(id);
            assert!((found - expected).abs() < 1e-8, "logits {}, {config:?}, token {id}: {found}, transformers {expected}", case.logits);
        }
        let kept = case.probabilities.iter().filter(|&&probability| probability > 0.0).count();
        assert_eq!(distribution.top(usize::MAX).len(), kept, "logits {}, {config:?}", case.logits);
    }
}
