//! The slider through the recorded steps, with base and now, and play.
//!
//! In: the frames of the store. Out: the step to show, told to the store, so that every view follows. Test ids: `history-slider`,
//! `history-base`, `history-step`, `history-now`, `history-play`. Keys: the slider's own.

use crate::page::state::{Part, use_store};
use crate::page::strings::words;
use leptos::prelude::*;
use std::time::Duration;

/// Time a frame stands while the history plays.
const PLAY_MILLIS: u64 = 160;

/// Where the slider is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// Frames there are.
    frames: usize,
    /// The shown one.
    index: usize,
    step: u32,
    first_step: u32,
    last_step: u32,
    /// The newest is followed.
    follows: bool,
}

/// The slider.
#[component]
pub fn HistorySlider() -> impl IntoView {
    let store = use_store();
    let place = store.memo(Part::Attention, |state| {
        let frames = state.attention.frames();
        let step = state.attention.shown()?.head.step;
        let index = frames.iter().position(|frame| frame.head.step == step)?;
        let (first, last) = (frames.first()?.head.step, frames.last()?.head.step);
        let follows = state.attention.shown_step().is_none();
        Some(Place { frames: frames.len(), index, step, first_step: first, last_step: last, follows })
    });
    let show = move |index: usize| {
        let step = store.peek(|state| state.attention.frames().get(index).map(|frame| frame.head.step));
        if let Some(step) = step {
            store.show_step(Some(step));
        }
    };
    let playing = RwSignal::new(false);
    Effect::new(move |_| {
        if !playing.get() {
            return;
        }
        let from_start = place.get_untracked().is_none_or(|place| place.index + 1 >= place.frames);
        if from_start {
            show(0);
        }
        let ticking = set_interval_with_handle(
            move || match place.get_untracked() {
                Some(place) if place.index + 2 < place.frames => show(place.index + 1),
                _ => {
                    store.show_step(None);
                    playing.set(false);
                }
            },
            Duration::from_millis(PLAY_MILLIS),
        );
        on_cleanup(move || {
            if let Ok(ticking) = ticking {
                ticking.clear();
            }
        });
    });
    let many = move || place.get().is_some_and(|place| place.frames > 1);
    let at = move |read: fn(Place) -> u32| place.get().map(read).unwrap_or_default();
    let between = move || place.get().is_some_and(|place| !place.follows && place.step != place.first_step);
    let at_base = move || place.get().is_some_and(|place| !place.follows && place.step == place.first_step);
    view! {
        <div class="time" class:idle=move || !many()>
            <button
                type="button"
                class="icon"
                data-testid="history-play"
                disabled=move || !many()
                aria-label=move || if playing.get() { words().inside.stop } else { words().inside.play }
                title=move || if playing.get() { words().inside.stop } else { words().inside.play }
                on:click=move |_| playing.update(|playing| *playing = !*playing)
            >
                {move || if playing.get() { "❚❚" } else { "▶" }}
            </button>
            <input
                type="range"
                min="0"
                max=move || place.get().map_or(0, |place| place.frames.saturating_sub(1)).to_string()
                prop:value=move || place.get().map_or(0, |place| place.index).to_string()
                disabled=move || !many()
                aria-label=words().inside.history
                aria-valuetext=move || (words().inside.at_step)(at(|place| place.step))
                data-testid="history-slider"
                on:input:target=move |event| {
                    playing.set(false);
                    if let Ok(index) = event.target().value().parse() {
                        show(index);
                    }
                }
            />
            <div class="seg" role="group" aria-label=words().inside.history>
                <button type="button" data-testid="history-base" disabled=move || !many() class:on=at_base on:click=move |_| { playing.set(false); show(0); }>
                    {words().inside.base}
                </button>
                <span class="step" class:on=between data-testid="history-step">{move || (words().inside.at_step)(at(|place| place.step))}</span>
                <button
                    type="button"
                    data-testid="history-now"
                    disabled=move || !many()
                    class:on=move || place.get().is_some_and(|place| place.follows)
                    title=move || (words().inside.at_step)(at(|place| place.last_step))
                    on:click=move |_| { playing.set(false); store.show_step(None); }
                >
                    {words().inside.now}
                </button>
            </div>
        </div>
    }
}
