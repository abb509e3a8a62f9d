//! The words under the picture: what the isolated token looks at, and what the heads do.
//!
//! In: the shown frame and the first one, what is picked. Out: sentences. Test ids: `focus-reading`, `head-sentence` (one paragraph for each
//! active head, at most three; `data-head` from 0, `data-habit`, `data-share`; where the heads were measured also `data-role`, `data-role-share`,
//! `data-role-entropy`).

use super::head_words::{reports, role_word};
use super::heads_draw::signed_percent;
use super::picked::{Picked, shown};
use super::roles::{Habit, read, share};
use super::scene::bars;
use super::selection::Side;
use super::shown::Shown;
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
        let maps = Shown::follow(store)?;
        let focus = picked.pointing.get().focus()?;
        let labels = picked.shape.get()?.labels;
        let heads = picked.heads.get();
        let mut bars = bars(&maps, picked.layer.get(), heads, Some(focus));
        bars.sort_by(|a, b| b.total.abs().total_cmp(&a.total.abs()));
        let mut text = (words().inside.looks)(focus.side == Side::Query, labels.get(focus.token)?);
        for (index, bar) in bars.iter().take(MOST_LINKS).filter(|bar| bar.total.abs() >= 0.005).enumerate() {
            text.push_str(if index == 0 { " " } else { " \u{b7} " });
            let number = if maps.is_difference() { signed_percent(bar.total) } else { format!("{:.0} %", bar.total * 100.0) };
            text.push_str(&format!("{} {number}", (words().inside.quoted)(labels.get(bar.token)?)));
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
    /// Over the whole text, where it was measured: the role's word, its share, entropy, and the sentence.
    role: Option<(String, f32, f32, String)>,
}

/// What the active heads do, in words.
#[component]
pub fn HeadSentences(picked: Picked) -> impl IntoView {
    let store = use_store();
    let said = Memo::new(move |_| {
        store.follow(Part::Attention);
        let layer = picked.layer.get();
        let Some(frame) = shown(store) else { return Vec::new() };
        store.follow(Part::Answers);
        let first = store.peek(|state| state.attention.unpacked(0));
        let first = first.filter(|first| first.head.step != frame.head.step);
        let reports = reports(store);
        let learned = store.peek(|state| state.steps_done() > 0);
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
                let report = reports.iter().find(|report| (report.place.layer as usize, report.place.head as usize) == (layer, head));
                let role = report.map(|report| {
                    let said = (words().past.role_said)(head + 1, report, learned);
                    (role_word(report.now.role), report.now.score, report.now.entropy, said)
                });
                Some(Said {
                    role,
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
        let over_text = said.role.as_ref().map(|role| role.3.clone());
        view! {
            <p
                data-testid="head-sentence"
                data-head=said.head
                data-habit=format!("{:?}", said.habit).to_lowercase()
                data-share=said.share
                data-role=said.role.as_ref().map(|role| role.0.clone())
                data-role-share=said.role.as_ref().map(|role| format!("{:.3}", role.1))
                data-role-entropy=said.role.as_ref().map(|role| format!("{:.3}", role.2))
                style=format!("--head:var(--h{})", said.head % 8 + 1)
            >
                {match over_text {
                    Some(role) => view! { {role} <span class="aside">" " {(words().past.role_here)(said.head + 1, &said.words)}</span> }.into_any(),
                    None => said.words.into_any(),
                }}
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
