//! The clock of a run: how fast it trains, how long the rest takes, and when the next read, picture and checkpoint are due.

use crate::metrics::{Throughput, seconds_left};

/// Seconds over which speed is averaged.
const SPAN: f64 = 5.0;
/// Losses are read about this often.
const READ_SECONDS: f64 = 0.1;
const MOST_UNREAD: f64 = 32.0;
/// Recording takes at most this share of the time unless the page says otherwise. Most of it goes to pictures, which never come more often
/// than [`PICTURE_SECONDS`]; the rest to keeping weights.
const RECORDING_SHARE: f64 = 0.05;
const PICTURES: f64 = 0.8;
/// What pictures give of their part while a sentence's past is made from kept weights.
const RELIVING: f64 = 0.5;
const PICTURE_SECONDS: f64 = 0.25;
/// Checkpoints: the first after [`FIRST_SAVE`], then as often as they are cheap.
const FIRST_SAVE: f64 = 10.0;
const SAVE_SHARE: f64 = 20.0;
const RAREST_SAVE: f64 = 30.0;

/// Times are seconds of the host's clock.
#[derive(Debug, Clone)]
pub struct Pace {
    throughput: Throughput,
    /// Seconds spent in steps and in waiting for them: the clock of `throughput`, which so does not see evaluations and pauses.
    training: f64,
    /// Seconds since the run started or went on, and in training since then: their ratio is what everything else costs.
    since: f64,
    training_at_since: f64,
    last_read: f64,
    training_at_read: f64,
    step_seconds: Option<f64>,
    next_picture: f64,
    /// Share of the time that recording may take.
    recording: f64,
    /// Seconds that a picture takes.
    picture_seconds: Option<f64>,
    /// A past is being made from kept weights, and its next piece comes not before.
    next_relived: Option<f64>,
    next_save: f64,
    /// From here on a checkpoint keeps to its share of the time.
    cheap_save: f64,
}

impl Pace {
    /// The run starts now.
    pub fn new(now: f64) -> Self {
        let mut throughput = Throughput::new(SPAN);
        throughput.start(0.0);
        Self {
            throughput,
            training: 0.0,
            since: now,
            training_at_since: 0.0,
            last_read: now,
            training_at_read: 0.0,
            step_seconds: None,
            next_picture: now,
            recording: RECORDING_SHARE,
            picture_seconds: None,
            next_relived: None,
            next_save: now + FIRST_SAVE,
            cheap_save: now,
        }
    }

    /// The run goes on after a pause.
    pub fn resume(&mut self, now: f64) {
        (self.since, self.training_at_since, self.last_read) = (now, self.training, now);
    }

    /// What has been measured so far does not count.
    pub fn forget(&mut self, now: f64) {
        self.throughput.start(self.training);
        (self.training_at_read, self.since, self.training_at_since) = (self.training, now, self.training);
    }

    /// A step was handed over in this time.
    pub fn stepped(&mut self, seconds: f64) {
        self.training += seconds;
    }

    /// So many steps wait to be read: is it time?
    pub fn should_read(&self, now: f64, unread: usize) -> bool {
        let most = self.step_seconds.map_or(1.0, |seconds| (READ_SECONDS / seconds).clamp(1.0, MOST_UNREAD));
        unread as f64 >= most.floor() || unread > 0 && now - self.last_read >= READ_SECONDS
    }

    /// The losses of some steps were read, which took `seconds` of waiting.
    pub fn read(&mut self, now: f64, seconds: f64, steps: usize, tokens_per_step: u64) {
        self.training += seconds;
        self.throughput.record(self.training, steps as u64 * tokens_per_step);
        self.step_seconds = Some((self.training - self.training_at_read) / steps.max(1) as f64);
        (self.last_read, self.training_at_read) = (now, self.training);
    }

    /// 0 before the first read.
    pub fn tokens_per_second(&self) -> f64 {
        self.throughput.tokens_per_second().unwrap_or_default()
    }

    /// The rest at the present speed, with evaluations and pictures in the proportion seen so far; 0 while nothing is known.
    pub fn seconds_left(&self, now: f64, steps: u32, tokens_per_step: u64) -> f64 {
        let training = self.training - self.training_at_since;
        let overhead = if training > 0.0 { ((now - self.since) / training).max(1.0) } else { 1.0 };
        seconds_left(u64::from(steps), tokens_per_step, self.tokens_per_second()).map_or(0.0, |seconds| seconds * overhead)
    }

    /// It is time for another picture.
    pub fn picture_due(&self, now: f64) -> bool {
        self.recording > 0.0 && now >= self.next_picture
    }

    /// A picture took this long. One that took far longer than the one before does not put off the next for minutes: the machine was busy, or slept.
    pub fn pictured(&mut self, now: f64, seconds: f64) {
        let seconds = self.picture_seconds.map_or(seconds, |before| seconds.min(2.0 * before));
        self.picture_seconds = Some(seconds);
        self.next_picture = now + self.rest_after(seconds).max(PICTURE_SECONDS);
    }

    /// What belongs to the last picture took so much longer.
    pub fn recorded(&mut self, seconds: f64) {
        self.next_picture += seconds + self.rest_after(seconds);
    }

    /// Seconds of other work that pay for these of pictures.
    fn rest_after(&self, seconds: f64) -> f64 {
        let part = if self.next_relived.is_some() { 1.0 - RELIVING } else { 1.0 };
        rest(seconds, part * PICTURES * self.recording)
    }

    /// It is time for another piece of a past that is made from kept weights.
    pub fn relive_due(&self, now: f64) -> bool {
        self.recording > 0.0 && self.next_relived.is_none_or(|next| now >= next)
    }

    /// A piece took this long.
    pub fn relived(&mut self, now: f64, seconds: f64) {
        self.next_relived = Some(now + rest(seconds, RELIVING * PICTURES * self.recording));
    }

    /// There is nothing more to be made: the time is the pictures' again.
    pub fn all_relived(&mut self) {
        self.next_relived = None;
    }

    /// The share of the time that recording may take from now on, 0..=0.5; 0 records nothing by the clock.
    pub fn set_recording(&mut self, share: f64) {
        self.recording = share;
    }

    /// The part of it that keeping weights may take.
    pub fn keeping_share(&self) -> f64 {
        (1.0 - PICTURES) * self.recording
    }

    /// It is time for another checkpoint.
    pub fn save_due(&self, now: f64) -> bool {
        now >= self.next_save
    }

    /// A checkpoint at a good moment, before it is time for one, would still keep to its share.
    pub fn may_save(&self, now: f64) -> bool {
        now >= self.cheap_save
    }

    /// A checkpoint took this long.
    pub fn saved(&mut self, now: f64, seconds: f64) {
        self.cheap_save = now + (seconds * SAVE_SHARE).min(RAREST_SAVE);
        self.next_save = now + (seconds * SAVE_SHARE).clamp(FIRST_SAVE, RAREST_SAVE);
    }

    /// No more checkpoints by the clock: they fail.
    pub fn stop_saving(&mut self) {
        (self.next_save, self.cheap_save) = (f64::INFINITY, f64::INFINITY);
    }
}

/// Seconds of other work that pay for these, at this share of the time.
fn rest(seconds: f64, share: f64) -> f64 {
    seconds * (1.0 / share.max(1e-6) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_steps_are_read_one_by_one_and_fast_ones_together() {
        let mut pace = Pace::new(0.0);
        assert!(pace.should_read(0.0, 1), "nothing is known yet");
        pace.stepped(0.5);
        pace.read(0.5, 0.0, 1, 100);
        assert!(pace.should_read(0.5, 1));
        pace.stepped(0.018);
        pace.read(0.52, 0.0, 2, 100);
        assert!(!pace.should_read(0.53, 10) && pace.should_read(0.53, 11));
        assert!(pace.should_read(0.63, 1) && !pace.should_read(0.63, 0));
    }

    #[test]
    fn speed_counts_training_and_the_rest_counts_all() {
        let mut pace = Pace::new(100.0);
        pace.stepped(1.0);
        pace.read(102.0, 1.0, 1, 1_000);
        assert_eq!(pace.tokens_per_second(), 500.0);
        // Two of four seconds were training, so each of the ten steps of 2 s takes 4 s.
        assert_eq!(pace.seconds_left(104.0, 10, 1_000), 40.0);
        pace.resume(1_000.0);
        pace.stepped(2.0);
        pace.read(1_002.0, 0.0, 1, 1_000);
        assert_eq!(pace.seconds_left(1_002.0, 10, 1_000), 20.0);
    }

    #[test]
    fn pictures_and_checkpoints_keep_to_their_share() {
        let mut pace = Pace::new(0.0);
        assert!(pace.picture_due(0.0) && !pace.save_due(9.9) && pace.save_due(10.0));
        pace.pictured(1.0, 0.5);
        assert!(!pace.picture_due(12.9) && pace.picture_due(13.0));
        pace.pictured(13.0, 60.0);
        assert!(!pace.picture_due(36.9) && pace.picture_due(37.0), "as if it had taken a second");
        pace.pictured(11.0, 0.0001);
        assert!(!pace.picture_due(11.2) && pace.picture_due(11.25));
        pace.saved(20.0, 1.0);
        assert!(!pace.save_due(39.9) && pace.save_due(40.0));
        pace.saved(40.0, 60.0);
        assert!(pace.save_due(70.0));
        pace.saved(70.0, 0.1);
        assert!(!pace.may_save(71.9) && pace.may_save(72.0) && !pace.save_due(79.9), "sooner where the moment is good");
        pace.stop_saving();
        assert!(!pace.save_due(1e12) && !pace.may_save(1e12));
    }

    #[test]
    fn a_past_that_is_made_late_takes_half_of_the_pictures_part() {
        let mut pace = Pace::new(0.0);
        assert!(pace.relive_due(0.0));
        pace.relived(20.0, 2.0);
        assert!(!pace.relive_due(117.9) && pace.relive_due(118.0));
        pace.pictured(20.0, 0.5);
        assert!(!pace.picture_due(44.4) && pace.picture_due(44.5));
        pace.all_relived();
        pace.pictured(50.0, 0.5);
        assert!(!pace.picture_due(61.9) && pace.picture_due(62.0));
        pace.set_recording(0.0);
        assert!(!pace.relive_due(1e9));
    }
}
