//! Tokens per second over the last few seconds, and how long the rest will take. The clock is the caller's.

use std::collections::VecDeque;

/// Counts tokens against a clock. Times are seconds of any clock that does not run backwards (`performance.now() / 1000`).
#[derive(Debug, Clone)]
pub struct Throughput {
    span: f64,
    /// When a stretch ended, and the tokens done in it; the first entry only marks where counting starts.
    marks: VecDeque<(f64, u64)>,
}

impl Throughput {
    /// Looks back over about `span_seconds`.
    pub fn new(span_seconds: f64) -> Self {
        Self { span: span_seconds, marks: VecDeque::new() }
    }

    /// Counting starts now: at the run's start and after every pause, so that idle time is not counted.
    pub fn start(&mut self, now: f64) {
        self.marks.clear();
        self.marks.push_back((now, 0));
    }

    /// `tokens` were done since the last call. Without a `start` before, this call is the start and its tokens are not counted.
    pub fn record(&mut self, now: f64, tokens: u64) {
        self.marks.push_back((now, tokens));
        // Two marks always stay: a slow step may be longer than the span.
        while self.marks.len() > 2 && self.marks.get(1).is_some_and(|&(time, _)| now - time >= self.span) {
            self.marks.pop_front();
        }
    }

    /// Tokens per second over the span; `None` before the first stretch, or when no time has passed.
    pub fn tokens_per_second(&self) -> Option<f64> {
        let (first, last) = (self.marks.front()?.0, self.marks.back()?.0);
        let tokens: u64 = self.marks.iter().skip(1).map(|&(_, tokens)| tokens).sum();
        (last > first).then(|| tokens as f64 / (last - first))
    }
}

/// Seconds that `steps_left` steps of `tokens_per_step` tokens take at this speed; `None` when the speed is not known.
pub fn seconds_left(steps_left: u64, tokens_per_step: u64, tokens_per_second: f64) -> Option<f64> {
    (tokens_per_second.is_finite() && tokens_per_second > 0.0).then(|| steps_left as f64 * tokens_per_step as f64 / tokens_per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_tokens_over_the_time_between_start_and_last_record() {
        let mut speed = Throughput::new(10.0);
        assert_eq!(speed.tokens_per_second(), None);
        speed.start(100.0);
        assert_eq!(speed.tokens_per_second(), None);
        speed.record(100.5, 1024);
        assert_eq!(speed.tokens_per_second(), Some(2048.0));
        speed.record(102.0, 1024);
        assert_eq!(speed.tokens_per_second(), Some(1024.0));
    }

    #[test]
    fn what_lies_before_the_span_is_forgotten() {
        let mut speed = Throughput::new(10.0);
        speed.start(0.0);
        speed.record(1.0, 1_000_000);
        for second in 2..=30 {
            speed.record(f64::from(second), 50);
        }
        assert_eq!(speed.tokens_per_second(), Some(50.0));
    }

    #[test]
    fn a_step_longer_than_the_span_still_has_a_speed() {
        let mut speed = Throughput::new(1.0);
        speed.start(0.0);
        speed.record(20.0, 1024);
        speed.record(40.0, 2048);
        assert_eq!(speed.tokens_per_second(), Some(102.4));
    }

    #[test]
    fn a_pause_is_not_counted() {
        let mut speed = Throughput::new(10.0);
        speed.start(0.0);
        speed.record(1.0, 100);
        speed.start(1_000.0);
        speed.record(1_001.0, 100);
        assert_eq!(speed.tokens_per_second(), Some(100.0));
    }

    #[test]
    fn a_clock_that_stands_still_gives_no_speed() {
        let mut speed = Throughput::new(10.0);
        speed.start(5.0);
        speed.record(5.0, 100);
        assert_eq!(speed.tokens_per_second(), None);
    }

    #[test]
    fn the_rest_takes_steps_times_tokens_over_speed() {
        assert_eq!(seconds_left(380, 1024, 2048.0), Some(190.0));
        assert_eq!(seconds_left(0, 1024, 2048.0), Some(0.0));
        assert_eq!(seconds_left(1, 1024, 0.0), None);
        assert_eq!(seconds_left(1, 1024, f64::NAN), None);
    }
}
