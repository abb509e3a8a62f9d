//! The recorded comparison: the same model with and without pretraining, on the same text.
//!
//! In: `recorded/pretraining.json`, written by `examples/pretraining_buys.rs`. Out: curves, and what stands at a step. Absent: drawing.

use serde::Deserialize;

/// Version of the file's form.
pub const RECORD_VERSION: u32 = 1;

/// All recorded pairs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Record {
    pub version: u32,
    pub pairs: Vec<Pair>,
}

/// One text, learned twice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Pair {
    pub title: String,
    /// The base model's plain name.
    pub model: String,
    pub parameters: u64,
    pub prompt: String,
    pub steps: u32,
    pub with: Run,
    pub without: Run,
    /// Step at which the run without pretraining was at its best.
    pub goal_step: u32,
    /// Step at which the run with pretraining was as good; `None`: never.
    pub reached_step: Option<u32>,
}

/// One of the two runs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Run {
    pub learning_rate: f64,
    /// Of the best step.
    pub bits_per_byte: f64,
    pub points: Vec<Point>,
}

/// What was measured and written at a step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Point {
    pub step: u32,
    /// Nats per token on text that is not learned.
    pub loss: f64,
    pub text: String,
}

impl Run {
    /// The latest point at or before a step.
    pub fn at(&self, step: f64) -> Option<&Point> {
        let after = self.points.partition_point(|point| f64::from(point.step) <= step);
        self.points.get(after.max(1) - 1)
    }

    /// The curve.
    pub fn curve(&self) -> Vec<(f64, f64)> {
        self.points.iter().map(|point| (f64::from(point.step), point.loss)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(losses: &[f64]) -> Run {
        let points = (0u32..).zip(losses).map(|(index, &loss)| Point { step: 10 * index, loss, text: format!("text {index}") }).collect();
        Run { learning_rate: 1e-3, bits_per_byte: 2.0, points }
    }

    #[test]
    fn a_step_shows_the_latest_that_was_measured() {
        let run = run(&[5.0, 4.0, 3.5]);
        let text = |step| run.at(step).map(|point| point.text.clone()).unwrap_or_default();
        assert_eq!([0.0, 9.9, 10.0, 25.0].map(text), ["text 0", "text 0", "text 1", "text 2"]);
        assert_eq!(run.curve()[2], (20.0, 3.5));
        assert_eq!(Run { points: vec![], ..run }.at(3.0), None);
    }

    #[test]
    fn the_bundled_record_shows_what_it_claims() {
        let record: Record = serde_json::from_str(include_str!("../../../static/recorded/pretraining.json")).unwrap();
        assert_eq!(record.version, RECORD_VERSION);
        assert!(record.pairs.len() >= 2);
        for pair in &record.pairs {
            let best = |run: &Run| run.points.iter().map(|point| point.loss).fold(f64::INFINITY, f64::min);
            assert!(best(&pair.with) < best(&pair.without), "{}: pretraining ends better", pair.title);
            let reached = pair.reached_step.unwrap_or(u32::MAX);
            assert!(reached * 5 <= pair.goal_step, "{}: step {reached} for what takes {} without", pair.title, pair.goal_step);
            assert!([&pair.with, &pair.without].iter().all(|run| run.points.last().is_some_and(|point| point.step == pair.steps)));
        }
    }
}
