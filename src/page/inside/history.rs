//! The slider through the recorded steps, with play, and the switch between base, one step, now and the difference.
//!
//! In: the recorded past in the store. Out: the step to show and the one to compare with, told to the store, so that every view follows.
//! Test ids: `history-slider`, `history-base`, `history-step`, `history-now`, `history-difference`, `history-against`, `history-loss`, `history-play`.
//! Keys: the slider's own.

use super::strip::PastStrip;
use crate::page::format::grouped;
use crate::page::state::{AttentionHistory, Part, use_store};
use crate::page::strings::words;
use crate::protocol::TableTask;
use leptos::prelude::*;
use std::time::Duration;

/// Time a frame stands while the history plays.
const PLAY_MILLIS: u64 = 160;
/// For whoever wants less motion: so many stills, each so long.
const STILLS: usize = 8;
const STILL_MILLIS: u64 = 1_200;

/// Where the slider is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    /// Frames there are.
    frames: usize,
    /// The shown one.
    index: usize,
    step: u32,
    first_step: u32,
    last_step: u32,
    /// Of the sentence, at the shown step.
    loss: Option<f32>,
    /// The newest is followed.
    follows: bool,
    /// The step that is subtracted.
    against: Option<u32>,
}

impl Place {
    fn of(past: &AttentionHistory) -> Option<Self> {
        let frames = past.frames();
        let index = past.shown_index()?;
        let mark = frames.get(index)?.mark;
        Some(Self {
            frames: frames.len(),
            index,
            step: mark.step,
            first_step: frames.first()?.mark.step,
            last_step: frames.last()?.mark.step,
            loss: mark.loss,
            follows: past.shown_step().is_none(),
            against: past.reference().map(|frame| frame.head.step),
        })
    }

    /// The frame after this one while the history plays; `None` at the end.
    fn next(self, still: bool) -> Option<usize> {
        let stride = if still { self.frames.div_ceil(STILLS) } else { 1 };
        Some(self.index + stride).filter(|next| next + 1 < self.frames)
    }
}

/// The slider.
#[component]
pub fn HistorySlider() -> impl IntoView {
    let store = use_store();
    let place = store.memo(Part::Attention, |state| Place::of(&state.attention));
    let show = move |index: usize| {
        let step = store.peek(|state| state.attention.frames().get(index).map(|frame| frame.mark.step));
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
        let still = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|query| query.matches());
        let ticking = set_interval_with_handle(
            move || match place.get_untracked().and_then(|place| place.next(still)) {
                Some(next) => show(next),
                None => {
                    store.show_step(None);
                    playing.set(false);
                }
            },
            Duration::from_millis(if still { STILL_MILLIS } else { PLAY_MILLIS }),
        );
        on_cleanup(move || {
            if let Ok(ticking) = ticking {
                ticking.clear();
            }
        });
    });
    let many = Memo::new(move |_| place.get().is_some_and(|place| place.frames > 1));
    let at = move |read: fn(Place) -> u32| place.get().map(read).unwrap_or_default();
    let plain = move || place.get().filter(|place| place.against.is_none());
    let choose = move |step: u32| {
        playing.set(false);
        store.show_step(Some(step));
    };
    // What a head over whole texts or words learns says nothing of the next token.
    let writes = move || {
        store.follow(Part::Text);
        store.with(Part::Plan, |state| {
            let task = state.labels.plan.as_ref().map(|plan| plan.config.choice.columns.task);
            !state.labels.active || task == Some(TableTask::TextToText)
        })
    };
    let loss = move || place.get().filter(|_| writes()).and_then(|place| place.loss).map(words().past.loss);
    view! {
        <div class="time" class:idle=move || !many.get()>
            <button
                type="button"
                class="icon"
                data-testid="history-play"
                disabled=move || !many.get()
                aria-label=move || if playing.get() { words().inside.stop } else { words().inside.play }
                title=move || if playing.get() { words().inside.stop } else { words().inside.play }
                on:click=move |_| playing.update(|playing| *playing = !*playing)
            >
                {move || if playing.get() { "❚❚" } else { "▶" }}
            </button>
            <div class="track">
                <input
                    type="range"
                    min="0"
                    max=move || place.get().map_or(0, |place| place.frames.saturating_sub(1)).to_string()
                    prop:value=move || place.get().map_or(0, |place| place.index).to_string()
                    disabled=move || !many.get()
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
                <PastStrip on_choose=Callback::new(choose)/>
            </div>
            <div class="moments">
                <div class="seg" role="group" aria-label=words().inside.history>
                    <button
                        type="button"
                        data-testid="history-base"
                        disabled=move || !many.get()
                        class:on=move || plain().is_some_and(|place| !place.follows && place.step == place.first_step)
                        on:click=move |_| { playing.set(false); store.show_against(None); show(0); }
                    >
                        // A sentence that is new has no picture of the base until the model has gone back there.
                        {move || match at(|place| place.first_step) { 0 => words().inside.base.to_owned(), first => (words().inside.at_step)(first) }}
                    </button>
                    <span
                        class="step"
                        class:on=move || plain().is_some_and(|place| !place.follows && place.step != place.first_step)
                        data-testid="history-step"
                        data-step=move || at(|place| place.step)
                    >
                        {move || (words().inside.at_step)(at(|place| place.step))}
                    </span>
                    <button
                        type="button"
                        data-testid="history-now"
                        disabled=move || !many.get()
                        class:on=move || plain().is_some_and(|place| place.follows)
                        title=move || (words().inside.at_step)(at(|place| place.last_step))
                        on:click=move |_| { playing.set(false); store.show_against(None); store.show_step(None); }
                    >
                        {words().inside.now}
                    </button>
                    <DifferenceButton place=place.into() many/>
                </div>
                <p class="small past-line">
                    {move || place.get().is_some_and(|place| place.against.is_some()).then(|| view! { <Against/> })}
                    <span data-testid="history-loss" title=words().past.loss_line>{loss}</span>
                </p>
            </div>
        </div>
    }
}

#[component]
fn DifferenceButton(place: Signal<Option<Place>>, many: Memo<bool>) -> impl IntoView {
    let store = use_store();
    let on = move || place.get().is_some_and(|place| place.against.is_some());
    let press = move |_| {
        let Some(place) = place.get_untracked() else { return };
        if place.against.is_some() {
            store.show_against(None);
            return;
        }
        store.show_against(Some(place.first_step));
        // The base minus itself is an empty picture.
        if place.index == 0 {
            store.show_step(None);
        }
    };
    view! {
        <button
            type="button"
            data-testid="history-difference"
            disabled=move || !many.get()
            class:on=on
            aria-pressed=move || on().to_string()
            title=words().past.difference_hint
            on:click=press
        >
            {words().past.difference}
        </button>
    }
}

/// The step to compare with: the base, any bookmark, or the step that was on show.
#[component]
fn Against() -> impl IntoView {
    let store = use_store();
    let steps = store.memo(Part::Attention, |state| {
        let past = &state.attention;
        let chosen = past.reference().map(|frame| frame.head.step);
        let mut steps: Vec<u32> = past.frames().first().map(|frame| frame.mark.step).into_iter().chain(chosen).collect();
        steps.extend(past.bookmarks().iter().map(|bookmark| bookmark.step));
        steps.sort_unstable();
        steps.dedup();
        (steps, chosen)
    });
    let option = |(step, chosen): (u32, bool)| {
        let name = if step == 0 { words().inside.base.to_owned() } else { grouped(u64::from(step)) };
        view! { <option value=step.to_string() selected=chosen>{name}</option> }
    };
    view! {
        <label>
            {words().past.against} " "
            <select
                class="bare"
                data-testid="history-against"
                on:change:target=move |event| if let Ok(step) = event.target().value().parse() { store.show_against(Some(step)) }
            >
                {move || {
                    let (steps, chosen) = steps.get();
                    steps.into_iter().map(|step| option((step, Some(step) == chosen))).collect_view()
                }}
            </select>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playing_ends_before_the_newest_and_has_few_stills() {
        let at = |index| Place { frames: 100, index, step: 0, first_step: 0, last_step: 9, loss: None, follows: false, against: None };
        assert_eq!((at(0).next(false), at(97).next(false), at(98).next(false)), (Some(1), Some(98), None));
        assert_eq!((at(0).next(true), at(90).next(true)), (Some(13), None));
    }
}
