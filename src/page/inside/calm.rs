//! Tables of recorded attention follow the slider when it rests: making a thousand rows anew at every place that a drag passes would cost frames.
//!
//! In: changes of the attention in the store. Out: a counter that grows at once after a calm moment, and else when calm returns. Absent: pictures, which
//! follow every frame.

use crate::page::chart::pace::now_ms;
use crate::page::state::{Part, Store};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Two changes closer than this are one movement.
const CALM_MILLIS: u32 = 200;

/// Grows with the attention; follow it in place of [`Part::Attention`]. For as long as the surrounding view lives.
pub fn calmed(store: Store) -> ReadSignal<u32> {
    let (count, set_count) = signal(0_u32);
    let last = StoredValue::new(f64::NEG_INFINITY);
    let timer = StoredValue::new_local(None::<Timeout>);
    Effect::new(move |_| {
        store.follow(Part::Attention);
        let now = now_ms();
        let calm = now - last.get_value() > f64::from(CALM_MILLIS);
        last.set_value(now);
        timer.set_value(None);
        if calm {
            set_count.update(|count| *count = count.wrapping_add(1));
        } else {
            let tell = move || {
                // The view may have gone meanwhile.
                let _ = set_count.try_update(|count| *count = count.wrapping_add(1));
            };
            timer.set_value(Some(Timeout::new(CALM_MILLIS, tell)));
        }
    });
    count
}
