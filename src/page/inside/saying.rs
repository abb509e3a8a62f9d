//! The words under the picture: what the isolated token looks at, and what the heads do.
//!
//! In: the shown frame and the first one, what is picked. Out: sentences. Test ids: `focus-reading`, `head-sentence` (one paragraph for each
//! active head, at most three; `data-head` from 0, `data-habit`, `data-share`).

use super::picked::{Picked, shown};
use super::roles::{Habit, read, share};
use super::scene::bars;
use super::selection::Side;
use crate::page::state::{Part, use_store};
use crate::page::strings::words;
use leptos::prelude::*;

/// Heads that are put into words at once; more would be a wall of text.
const MOST_HEADS: usize = 3;
/// Links named in the reading of one token.
const MOST_LINKS: usize = 4;

/// The line that reads the isolated token, or says how to isolate one.
#[component]
pub fn FocusReading(picked: Picked) -> impl IntoView {
    let store = use_store();
    let reading = move || {
        store.follow(Part::Attention);
        let focus = picked.pointing.get().focus()?;
        let (frame, labels) = (shown(store)?, picked.shape.get()?.labels);
        let heads = picked.heads.get();
        let mut bars = bars(&frame.head, &frame.weights, picked.layer.get(), heads, Some(focus));
        bars.sort_by(|a, b| b.total.total_cmp(&a.total));
        let mut text = (words().inside.looks)(focus.side == Side::Query, labels.get(focus.token)?);
        for (index, bar) in bars.iter().take(MOST_LINKS).filter(|bar| bar.total >= 0.005).enumerate() {
            text.push_str(if index == 0 { " " } else { " \u{b7} " });
            text.push_str(&format!("{} {:.0} %", (words().inside.quoted)(labels.get(bar.token)?), bar.total * 100.0));
        }
        if heads.count() > 1 {
            text.push_str(&format!(" ({})", (words().inside.mean_of)(heads.count())));
        }
        Some(text)
    };
    view! {
        <p class="reading" data-testid="focus-reading" aria-live="polite" class:hint=move || picked.pointing.get().focus().is_none()>
            {move || reading().map_or_else(
                || view! { <span class="mouse-hint">{words().inside.hint}</span><span class="touch-hint">{words().inside.hint_touch}</span> }.into_any(),
                |text| view! { <span>{text}</span> }.into_any(),
            )}
        </p>
    }
}

/// What one head does, with its value at the first frame.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    head: usize,
    habit: Habit,
    share: String,
    words: String,
    sink: bool,
}

/// What the active heads do, in words.
#[component]
pub fn HeadSentences(picked: Picked) -> impl IntoView {
    let store = use_store();
    let said = Memo::new(move |_| {
        store.follow(Part::Attention);
        let layer = picked.layer.get();
        let Some(frame) = shown(store) else { return Vec::new() };
        let first = store.peek(|state| state.attention.frames().first().cloned());
        let first = first.filter(|first| first.head.step != frame.head.step);
        picked
            .heads
            .get()
            .iter()
            .take(MOST_HEADS)
            .filter_map(|head| {
                let reading = read(&frame.head, &frame.weights, layer, head)?;
                let then = first.as_ref().and_then(|first| {
                    share(&first.head, &first.weights, layer, head, reading.habit).map(|(share, _)| (first.head.step, share))
                });
                Some(Said {
                    head,
                    habit: reading.habit,
                    share: format!("{:.3}", reading.share),
                    words: (words().inside.role)(head + 1, &reading, then),
                    sink: reading.role() == Some(Habit::First),
                })
            })
            .collect()
    });
    let sentence = |said: Said| {
        view! {
            <p
                data-testid="head-sentence"
                data-head=said.head
                data-habit=format!("{:?}", said.habit).to_lowercase()
                data-share=said.share
                style=format!("--head:var(--h{})", said.head % 8 + 1)
            >
                {said.words}
                {said.sink.then(|| view! { <span class="aside">" " {words().inside.sink}</span> })}
            </p>
        }
    };
    view! {
        <div class="say heads-say" aria-live="off">
            {move || {
                let said = said.get();
                // The explanation of a sink is said once.
                let mut told = false;
                said.into_iter()
                    .map(|mut one| {
                        let first = one.sink && !told;
                        told |= one.sink;
                        one.sink = first;
                        sentence(one)
                    })
                    .collect_view()
            }}
        </div>
    }
}
