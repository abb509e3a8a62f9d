//! What a run has reported so far, bounded, so that the chart is whole again after a reload.

use serde::{Deserialize, Serialize};

use crate::protocol::{Event, StepReport};

/// Points kept of each curve; beyond that every second one goes.
const MOST_POINTS: usize = 1_000;
const MOST_SAMPLES: usize = 60;

/// Mean losses in nats per token.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    pub step: u32,
    pub validation: f32,
    pub training: f32,
    pub bits_per_byte: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    pub step: u32,
    pub prompt: String,
    pub text: String,
}

/// Oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    steps: Vec<StepReport>,
    evaluations: Vec<Evaluated>,
    samples: Vec<Sampled>,
}

impl History {
    /// Notes a report.
    pub fn step(&mut self, report: StepReport) {
        self.steps.push(report);
        thin(&mut self.steps, MOST_POINTS);
    }

    /// Notes an evaluation.
    pub fn evaluated(&mut self, evaluated: Evaluated) {
        self.evaluations.push(evaluated);
        thin(&mut self.evaluations, MOST_POINTS);
    }

    /// Notes a sample.
    pub fn sampled(&mut self, sampled: Sampled) {
        self.samples.push(sampled);
        thin(&mut self.samples, MOST_SAMPLES);
    }

    /// The same facts again, as a run's of this id, in the order of their steps.
    pub fn events(&self, run: u32) -> Vec<Event> {
        let steps = self.steps.iter().map(|&report| (report.step, Event::Step { run, report }));
        let evaluations = self.evaluations.iter().map(|&Evaluated { step, validation, training, bits_per_byte }| {
            (step, Event::Evaluated { run, step, validation, training, bits_per_byte })
        });
        let samples = self.samples.iter().cloned().map(|Sampled { step, prompt, text }| (step, Event::Sample { run, step, prompt, text }));
        let mut events: Vec<(u32, Event)> = steps.chain(evaluations).chain(samples).collect();
        events.sort_by_key(|(step, _)| *step);
        events.into_iter().map(|(_, event)| event).collect()
    }
}

/// Drops every second entry, but never the newest.
fn thin<T>(list: &mut Vec<T>, most: usize) {
    if list.len() <= most {
        return;
    }
    let last = list.len() - 1;
    let mut index = 0;
    list.retain(|_| {
        let keep = index % 2 == 0 || index == last;
        index += 1;
        keep
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(step: u32) -> StepReport {
        StepReport { step, loss: 3.0, learning_rate: 1e-3, gradient_norm: 1.0, tokens_per_second: 9.0, seconds_left: 1.0 }
    }

    #[test]
    fn it_is_bounded_and_keeps_both_ends() {
        let mut history = History::default();
        (1..=5_000).for_each(|step| history.step(report(step)));
        assert!(history.steps.len() <= MOST_POINTS);
        assert_eq!((history.steps[0].step, history.steps.last().unwrap().step), (1, 5_000));
    }

    #[test]
    fn it_comes_back_from_json_and_speaks_in_order() {
        let mut history = History::default();
        history.evaluated(Evaluated { step: 0, validation: 4.0, training: 4.0, bits_per_byte: 2.0 });
        (1..=3).for_each(|step| history.step(report(step)));
        history.sampled(Sampled { step: 2, prompt: "a".to_owned(), text: "b".to_owned() });
        let read: History = serde_json::from_str(&serde_json::to_string(&history).unwrap()).unwrap();
        let steps: Vec<u32> = read
            .events(9)
            .iter()
            .map(|event| match event {
                Event::Step { run: 9, report } => report.step,
                Event::Evaluated { run: 9, step, .. } => *step,
                Event::Sample { run: 9, step, .. } => 10 + step,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(steps, [0, 1, 2, 12, 3]);
    }
}
