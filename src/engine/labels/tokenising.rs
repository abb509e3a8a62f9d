//! How far the rows of a table are cut into tokens: a breath every so many rows, so that it can be cancelled, and ten times a second a word to the page.

use std::cell::Cell;

use super::super::breath::Breath;
use super::super::host::Host;
use crate::protocol::Event;
use crate::protocol::labels::LabelAnswer;

/// Rows between two breaths.
const ROWS_AT_ONCE: usize = 256;
/// Seconds between two words of progress; the first rows, which are most often all of them, need none.
const PROGRESS_SECONDS: f64 = 0.1;

/// Rows that are being cut into tokens.
pub struct Tokenising<'a> {
    breath: &'a Breath,
    now: Box<dyn Fn() -> f64 + 'a>,
    tell: Box<dyn Fn(LabelAnswer) + 'a>,
    total: usize,
    told: Cell<f64>,
}

impl<'a> Tokenising<'a> {
    /// Of `total` rows, for a request; 0: nobody asked.
    pub fn new<H: Host>(breath: &'a Breath, host: &'a H, request: u32, total: usize) -> Self {
        let tell = move |answer| {
            if request > 0 {
                host.send(&Event::Labels { request, answer }, Vec::new());
            }
        };
        Self { breath, now: Box::new(|| host.now()), tell: Box::new(tell), total, told: Cell::new(host.now()) }
    }

    /// Comes to a row.
    pub async fn at(&self, row: usize) {
        if !row.is_multiple_of(ROWS_AT_ONCE) {
            return;
        }
        self.breath.take().await;
        let now = (self.now)();
        if row > 0 && now - self.told.get() >= PROGRESS_SECONDS {
            self.told.set(now);
            (self.tell)(LabelAnswer::Tokenising { done: row as u64, total: self.total as u64 });
        }
    }
}
