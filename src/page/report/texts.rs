//! Texts of the rows behind figures, read from the engine a few at a time and kept as long as the report is shown.
//!
//! In: rows that somebody wants; answers in `Part::Rows`. Out: `ReadRows`; the texts known so far. Another view may ask the engine for rows as well, and
//! only the latest question is answered: what did not come is asked for again, a few times.

use crate::page::state::{Part, Store};
use crate::protocol::labels::RowText;
use leptos::prelude::*;
use std::collections::{HashMap, VecDeque};

/// Rows in one question; the engine answers 200 at most.
const AT_ONCE: usize = 200;
/// Questions in a row that bring nothing new before the waiting ends.
const MOST_TRIES: u32 = 4;

/// What is wanted, and what is on its way.
#[derive(Debug, Default)]
struct Queue {
    wanted: VecDeque<u32>,
    asked: Vec<u32>,
    tries: u32,
}

impl Queue {
    /// Wants these rows next, in this order.
    fn want(&mut self, rows: impl DoubleEndedIterator<Item = u32>) {
        for row in rows.rev() {
            self.wanted.push_front(row);
        }
    }

    /// The rows to ask for now; empty: nothing is missing, or it is no use.
    fn next(&mut self, known: impl Fn(u32) -> bool) -> Vec<u32> {
        let asked = std::mem::take(&mut self.asked);
        if asked.iter().any(|&row| known(row)) {
            self.tries = 0;
        }
        self.want(asked.into_iter());
        let mut next = Vec::new();
        while next.len() < AT_ONCE {
            let Some(row) = self.wanted.pop_front() else { break };
            if !known(row) && !next.contains(&row) {
                next.push(row);
            }
        }
        self.tries += 1;
        if self.tries > MOST_TRIES {
            *self = Self::default();
            return Vec::new();
        }
        if next.is_empty() {
            self.tries = 0;
        }
        self.asked.clone_from(&next);
        next
    }
}

/// Texts of rows; copy it freely.
#[derive(Clone, Copy)]
pub struct Texts {
    store: Store,
    queue: StoredValue<Queue, LocalStorage>,
    /// By row of the table.
    pub known: RwSignal<HashMap<u32, RowText>, LocalStorage>,
    /// Nothing is on its way: what is not known now does not come.
    pub idle: RwSignal<bool>,
}

impl Texts {
    /// Nothing is known yet. Follows the answers until the surrounding component ends.
    pub fn follow(store: Store) -> Self {
        let texts = Self {
            store,
            queue: StoredValue::new_local(Queue::default()),
            known: RwSignal::new_local(HashMap::new()),
            idle: RwSignal::new(true),
        };
        Effect::new(move |_| {
            store.follow(Part::Rows);
            texts.heard();
        });
        texts
    }

    /// Wants these rows next.
    pub fn want(&self, rows: Vec<u32>) {
        self.queue.update_value(|queue| queue.want(rows.into_iter()));
        self.ask();
    }

    fn heard(&self) {
        let (ours, owed) = self.queue.with_value(|queue| (!queue.asked.is_empty(), !queue.asked.is_empty() || !queue.wanted.is_empty()));
        let (waits, failed, rows) =
            self.store.peek(|state| (state.labels.rows.waits, state.labels.rows.fault.is_some(), state.labels.rows.latest.clone()));
        // What is there until the answer comes was the answer to an older question, maybe with labels that were corrected since.
        if !owed || waits {
            return;
        }
        if ours && failed {
            self.queue.set_value(Queue::default());
        } else if let Some(rows) = rows.filter(|_| ours).and_then(|rows| rows.open().ok()) {
            let known = self.known;
            if rows.iter().any(|row| known.with_untracked(|known| !known.contains_key(&row.row))) {
                known.update(|known| known.extend(rows.into_iter().map(|row| (row.row, row))));
            }
        }
        self.ask();
    }

    /// Asks for what is missing, unless an answer is still to come.
    fn ask(&self) {
        if self.store.peek(|state| state.labels.rows.waits) {
            self.idle.set(false);
            return;
        }
        let known = self.known;
        let missing = |queue: &mut Queue| known.with_untracked(|known| queue.next(|row| known.contains_key(&row)));
        let next = self.queue.try_update_value(missing).unwrap_or_default();
        self.idle.set(next.is_empty());
        if !next.is_empty() {
            self.store.read_rows(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_rows_are_not_asked_for_and_no_row_twice() {
        let mut queue = Queue::default();
        queue.want([1, 2, 3, 2].into_iter());
        assert_eq!(queue.next(|row| row == 1), [2, 3]);
        assert_eq!(queue.next(|_| true), [] as [u32; 0]);
    }

    #[test]
    fn what_is_wanted_later_comes_first() {
        let mut queue = Queue::default();
        queue.want(0..500);
        assert_eq!(queue.next(|_| false).len(), AT_ONCE);
        queue.want([900, 901].into_iter());
        let next = queue.next(|row| row < 200);
        assert_eq!((next[0], next[1], next[2], next.len()), (900, 901, 200, AT_ONCE));
    }

    #[test]
    fn an_engine_that_never_answers_is_not_asked_for_ever() {
        let mut queue = Queue::default();
        queue.want([7].into_iter());
        let asked = (0..20).filter(|_| !queue.next(|_| false).is_empty()).count();
        assert_eq!(asked, MOST_TRIES as usize);
    }
}
