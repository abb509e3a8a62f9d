//! The strip under the slider: the sentence's loss at the recorded steps as a small line, and the bookmarks as ticks one can click.
//!
//! In: the recorded steps with their losses, the bookmarks, the shown step. Out: the step to show. Test ids: `history-loss-line`, `bookmark-N` (N
//! from 0, by step; `data-step`, `data-reason` head or loss).

use crate::page::state::{Part, use_store};
use crate::page::strings::words;
use crate::protocol::past::{Bookmark, Change};
use leptos::prelude::*;
use std::fmt::Write;

/// Units of the line's box; it is stretched to the slider's width.
const WIDTH: f32 = 1000.0;
const HEIGHT: f32 = 20.0;

/// The losses as an SVG path over equally wide steps, as the slider has them; a frame without a loss leaves a gap.
pub fn loss_path(losses: &[Option<f32>]) -> String {
    let known = || losses.iter().flatten().copied().filter(|loss| loss.is_finite());
    let (low, high) = known().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), loss| (low.min(loss), high.max(loss)));
    let range = (high - low).max(1e-3);
    let step = WIDTH / losses.len().saturating_sub(1).max(1) as f32;
    let mut path = String::new();
    let mut pen_up = true;
    for (index, loss) in losses.iter().enumerate() {
        let Some(loss) = loss.filter(|loss| loss.is_finite()) else {
            pen_up = true;
            continue;
        };
        let y = 1.0 + (HEIGHT - 2.0) * (high - loss) / range;
        // Writing to a string cannot fail.
        let _ = write!(path, "{}{:.1} {y:.1}", if pen_up { 'M' } else { 'L' }, index as f32 * step);
        pen_up = false;
    }
    path
}

/// Where along the slider a frame stands, 0..=1.
fn place(index: usize, frames: usize) -> f32 {
    index as f32 / frames.saturating_sub(1).max(1) as f32
}

/// The strip.
#[component]
pub fn PastStrip(
    /// Called when a bookmark is chosen.
    on_choose: Callback<u32>,
) -> impl IntoView {
    let store = use_store();
    let path =
        store.memo(Part::Attention, |state| loss_path(&state.attention.frames().iter().map(|frame| frame.mark.loss).collect::<Vec<_>>()));
    let here = store.memo(Part::Attention, |state| Some(place(state.attention.shown_index()?, state.attention.frames().len())));
    let since = store.memo(Part::Attention, |state| Some(place(state.attention.reference_index()?, state.attention.frames().len())));
    let marks = store.memo(Part::Attention, |state| {
        let frames = state.attention.frames();
        let find = |bookmark: &Bookmark| frames.binary_search_by_key(&bookmark.step, |frame| frame.mark.step).ok();
        state.attention.bookmarks().iter().filter_map(|mark| Some((*mark, place(find(mark)?, frames.len())))).collect::<Vec<_>>()
    });
    let tick = move |(number, (mark, at)): (usize, (Bookmark, f32))| {
        let reason = if matches!(mark.change, Change::Head { .. }) { "head" } else { "loss" };
        let said = (words().past.bookmark)(&mark);
        view! {
            <button
                type="button"
                class="mark"
                style=format!("left:{:.2}%", at * 100.0)
                data-testid=format!("bookmark-{number}")
                data-step=mark.step
                data-reason=reason
                title=said.clone()
                aria-label=said
                on:click=move |_| on_choose.run(mark.step)
            />
        }
    };
    let line_at = |class: &'static str, at: Memo<Option<f32>>| {
        move || at.get().map(|at| view! { <i class=class style=format!("left:{:.2}%", at * 100.0)/> })
    };
    view! {
        <div class="strip">
            <svg
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                role="img"
                aria-label=words().past.loss_line
                data-testid="history-loss-line"
            >
                <title>{words().past.loss_line}</title>
                <path d=path vector-effect="non-scaling-stroke"/>
            </svg>
            {line_at("since", since)}
            {line_at("here", here)}
            {move || marks.get().into_iter().enumerate().map(tick).collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_falls_with_the_loss_and_leaves_gaps() {
        assert_eq!(loss_path(&[Some(4.0), Some(2.0), Some(3.0)]), "M0.0 1.0L500.0 19.0L1000.0 10.0");
        assert_eq!(loss_path(&[Some(4.0), None, Some(f32::NAN), Some(2.0), Some(4.0)]).matches('M').count(), 2);
        assert_eq!(loss_path(&[]), "");
        assert_eq!(loss_path(&[Some(1.0)]), "M0.0 1.0");
    }

    #[test]
    fn bookmarks_stand_where_the_slider_would() {
        assert_eq!((place(0, 5), place(1, 5), place(4, 5), place(0, 1)), (0.0, 0.25, 1.0, 0.0));
    }
}
