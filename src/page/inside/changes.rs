//! How the heads differ between two moments: the heads that moved most, each one click away, and the scale of the colours.
//!
//! In: the shown maps and those they are compared with; between base and now the engine's own comparison, which knows the weights without rounding, as
//! soon as it has come. Out: a click shows that head. Test ids: `moved-most` (`data-exact` true when it is the engine's), `moved-N` (N from 0, the one
//! that moved most first; `data-layer`, `data-head` from 0, `data-distance`), `difference-scale` (`data-scale`).

use super::ask::keep_asking;
use super::picked::{Picked, View};
use super::shown::Shown;
use crate::metrics::triangle_distance;
use crate::page::state::{AttentionHistory, Latest, Part, Store, Topic, use_store};
use crate::page::strings::words;
use crate::protocol::explain::{Answer, HeadChange, HeadPlace, Moment, Question};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Heads in the list.
const MOST_HEADS: usize = 5;
/// A distance below this is the rounding of stored maps.
const ROUNDING: f32 = 0.03;
/// The slider rests this long before the engine is asked.
const REST_MILLIS: u32 = 300;

/// How far every head has moved between two frames, the one that moved most first.
pub fn changes(past: &AttentionHistory, from: usize, to: usize) -> Vec<HeadChange> {
    let (layers, heads) = past.shape();
    let tokens = past.tokens().len();
    let mut changes: Vec<HeadChange> = (0..layers)
        .flat_map(|layer| (0..heads).map(move |head| (layer, head)))
        .filter_map(|(layer, head)| {
            let distance = triangle_distance(past.triangle(from, layer, head)?, past.triangle(to, layer, head)?, tokens);
            Some(HeadChange { place: HeadPlace { layer: layer as u32, head: head as u32 }, distance })
        })
        .collect();
    changes.sort_by(|a, b| b.distance.total_cmp(&a.distance));
    changes
}

/// The changes from the compared step, or else from the first, to the shown one.
pub fn shown_changes(store: Store) -> Vec<HeadChange> {
    store.peek(|state| {
        let past = &state.attention;
        let from = past.reference_index().or(if past.frames().is_empty() { None } else { Some(0) });
        from.zip(past.shown_index()).map(|(from, to)| changes(past, from, to)).unwrap_or_default()
    })
}

/// What to ask the engine for this picture; nothing where a recorded frame takes part, which the page compares as well.
fn question(past: &AttentionHistory) -> Option<Question> {
    let from_base = past.reference_index()? == 0 && past.reference()?.head.step == 0;
    (from_base && past.shown_step().is_none()).then_some(Question::Compare { from: Moment::Base, to: Moment::Now })
}

/// The engine's changes, when they speak of these two steps; `follows`: or of a few steps later, since the model may have learned on since the newest
/// picture.
fn exact(answer: Option<&Latest>, from: u32, to: u32, follows: bool) -> Option<Vec<HeadChange>> {
    match &answer?.answer {
        Answer::Compared { from_step, to_step, changes, .. } if *from_step == from && (*to_step == to || follows && *to_step > to) => {
            Some(changes.clone())
        }
        _ => None,
    }
}

/// The list of heads that moved most, and the scale.
#[component]
pub fn MovedMost(picked: Picked) -> impl IntoView {
    let store = use_store();
    let rested = RwSignal::new(None::<Question>);
    let timer = StoredValue::new_local(None::<Timeout>);
    let wanted = Memo::new(move |_| store.with(Part::Attention, |state| question(&state.attention)));
    Effect::new(move |_| {
        let wanted = wanted.get();
        timer.set_value(Some(Timeout::new(REST_MILLIS, move || rested.set(wanted))));
    });
    let asked = keep_asking(store, Topic::Compare, move || rested.get());
    let moved = Memo::new(move |_| {
        store.follow(Part::Attention);
        let steps = store.peek(|state| {
            let past = &state.attention;
            Some((past.reference()?.head.step, past.shown()?.head.step, past.shown_step().is_none()))
        });
        let (from, to, follows) = steps?;
        let exact = asked.answer.with(|answer| exact(answer.as_ref(), from, to, follows));
        Some((exact.is_some(), exact.unwrap_or_else(|| shown_changes(store))))
    });
    let open = move |place: HeadPlace| {
        let view = if picked.view.get_untracked() == View::AllHeads { View::Matrix } else { picked.view.get_untracked() };
        picked.open_head(place.layer as usize, place.head as usize, view);
    };
    let link = move |(number, change): (usize, HeadChange)| {
        let place = change.place;
        view! {
            <button
                type="button"
                class="link"
                data-testid=format!("moved-{number}")
                data-layer=place.layer
                data-head=place.head
                data-distance=format!("{:.3}", change.distance)
                title=words().past.moved_hint
                on:click=move |_| open(place)
            >
                {(words().past.moved)(place.layer as usize + 1, place.head as usize + 1, change.distance)}
            </button>
        }
    };
    let list = move || {
        let (_, changes) = moved.get()?;
        let some: Vec<_> = changes.into_iter().filter(|change| change.distance >= ROUNDING).take(MOST_HEADS).enumerate().collect();
        if some.is_empty() {
            return Some(view! { <span>{words().past.nothing_moved}</span> }.into_any());
        }
        Some(view! { <b>{words().past.moved_most}</b> {some.into_iter().map(link).collect_view()} }.into_any())
    };
    let scale = Memo::new(move |_| Shown::follow(store).map_or(1.0, |shown| shown.scale()));
    view! {
        <div class="say heads-say moved" data-testid="moved-most" data-exact=move || moved.get().is_some_and(|moved| moved.0).to_string()>
            <p>{list}</p>
            <p class="small scale" data-testid="difference-scale" data-scale=move || scale.get().to_string() title=words().past.scale>
                <span>{move || (words().past.less)(scale.get())}</span>
                <i aria-hidden="true"></i>
                <span>{move || (words().past.more)(scale.get())}</span>
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::AttentionFrame;

    fn past() -> AttentionHistory {
        let mut past = AttentionHistory::default();
        let tokens = vec!["a".to_owned(), "b".to_owned()];
        for (step, second) in [(0, [255, 0]), (5, [0, 255])] {
            let frame = AttentionFrame { run: 1, step, layers: 1, heads: 2, tokens: tokens.clone(), loss: None };
            assert!(past.push(frame, vec![255, 0, 255, 0, 255, 0, second[0], second[1]]));
        }
        past
    }

    #[test]
    fn the_head_that_moved_comes_first() {
        let past = past();
        let found: Vec<_> = changes(&past, 0, 1).iter().map(|change| (change.place.head, change.distance)).collect();
        assert_eq!(found, [(1, 1.0), (0, 0.0)]);
        assert!(changes(&past, 1, 1).iter().all(|change| change.distance == 0.0));
        assert!(changes(&past, 0, 9).is_empty());
    }

    #[test]
    fn the_engine_is_asked_about_base_and_now_only() {
        let mut past = past();
        assert_eq!(question(&past), None);
        past.compare(Some(0));
        assert_eq!(question(&past), Some(Question::Compare { from: Moment::Base, to: Moment::Now }));
        past.show(Some(0));
        assert_eq!(question(&past), None);
        past.show(None);
        past.compare(Some(5));
        assert_eq!(question(&past), None);
    }
}
