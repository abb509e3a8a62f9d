//! One question for each state of affairs: asked when the engine is free to answer, never twice.
//!
//! In: a key that says what the question is about, and the question for it. Out: the answer, as long as it belongs to the key of now. Absent: what is asked.

use crate::page::state::{Part, Store};
use crate::protocol::labels::{LabelAnswer, LabelCommand};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use std::rc::Rc;

/// Milliseconds that a key must stand before it is asked about: typing goes on.
const ASK_AFTER_MILLIS: u32 = 250;

/// A question that follows a key; copy it freely.
pub struct Asking<K: Send + Sync + 'static> {
    store: Store,
    asker: &'static str,
    key: Memo<Option<K>>,
    asked: StoredValue<Option<K>>,
}

impl<K: Send + Sync + 'static> Clone for Asking<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Send + Sync + 'static> Copy for Asking<K> {}

impl<K: Clone + PartialEq + Send + Sync + 'static> Asking<K> {
    /// Asks `question` of every key until the surrounding component ends; of `None` nothing.
    pub fn follow(store: Store, asker: &'static str, key: Memo<Option<K>>, question: impl Fn(&K) -> LabelCommand + Copy + 'static) -> Self {
        let asking = Self { store, asker, key, asked: StoredValue::new(None) };
        let timer = StoredValue::new_local(None::<Timeout>);
        Effect::new(move |_| {
            let wanted = key.get();
            store.follow(Part::Asides);
            if wanted.as_ref().is_none_or(|wanted| !asking.owes(wanted)) {
                timer.set_value(None);
                return;
            }
            timer.set_value(Some(Timeout::new(ASK_AFTER_MILLIS, move || {
                if let Some(key) = key.try_get_untracked().flatten().filter(|key| asking.owes(key)) {
                    let command = question(&key);
                    asking.asked.set_value(Some(key));
                    store.ask_aside(asker, command);
                }
            })));
        });
        asking
    }

    /// Nobody has asked about this key, and nothing else is under way.
    fn owes(&self, key: &K) -> bool {
        let asked = self.asked.try_with_value(|asked| asked.as_ref() == Some(key)).unwrap_or(true);
        self.store.peek(|state| {
            let Some(slot) = state.labels.asides.get(self.asker) else { return true };
            let known = asked && (slot.latest.is_some() || slot.fault.is_some());
            !slot.waits && !known
        })
    }

    /// The answer about the key of now; follows.
    pub fn answer(&self) -> Option<Rc<LabelAnswer>> {
        let key = self.key.get()?;
        let answer = self.store.with(Part::Asides, |state| {
            let slot = state.labels.asides.get(self.asker)?;
            slot.latest.clone().filter(|_| !slot.waits && slot.fault.is_none())
        })?;
        self.asked.with_value(|asked| asked.as_ref() == Some(&key)).then_some(answer)
    }

    /// The question about the key of now could not be answered; follows.
    pub fn failed(&self) -> bool {
        let Some(key) = self.key.get() else { return false };
        let failed = self.store.with(Part::Asides, |state| state.labels.asides.get(self.asker).is_some_and(|aside| aside.fault.is_some()));
        failed && self.asked.with_value(|asked| asked.as_ref() == Some(&key))
    }
}
