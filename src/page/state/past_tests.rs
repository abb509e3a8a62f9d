//! The recorded past in the page's state: parts, bookmarks, what is shown and what it is compared with.

use super::*;
use crate::protocol::explain::HeadPlace;
use crate::protocol::past::{Bookmark, Change, FrameMark, HistoryPart, MOST_FRAME_BYTES, MOST_FRAMES, triangle_len};
use crate::protocol::*;

fn running() -> RunState {
    let mut state = RunState::default();
    state.begin_run(1);
    state.apply(Event::Phase { run: 1, phase: RunPhase::Running }, vec![]);
    state
}

fn live(state: &mut RunState, step: u32) -> Parts {
    let tokens = vec!["a".to_owned(), "b".to_owned()];
    let frame = AttentionFrame { run: 1, step, layers: 1, heads: 1, tokens, loss: Some(step as f32) };
    state.apply(Event::Attention { frame }, vec![vec![255, 0, step as u8, 255 - step as u8]])
}

fn part(run: u32, steps: &[u32], first: bool) -> (Event, Vec<Vec<u8>>) {
    let frames = steps.iter().map(|&step| FrameMark { step, loss: Some(1.0), rerun: true }).collect();
    let tokens = vec!["a".to_owned(), "b".to_owned()];
    let part = HistoryPart { run, model: "m".into(), layers: 1, heads: 1, tokens, frames, first, more: false };
    let buffers = steps.iter().map(|&step| vec![255, 100 + step as u8, 155 - step as u8]).collect();
    (Event::History { part }, buffers)
}

fn steps(state: &RunState) -> Vec<u32> {
    state.attention.frames().iter().map(|frame| frame.mark.step).collect()
}

#[test]
fn recorded_frames_come_in_by_step_and_leave_the_newest() {
    let mut state = running();
    live(&mut state, 3);
    live(&mut state, 40);
    let (event, buffers) = part(1, &[0, 10, 20], true);
    assert!(state.apply(event, buffers).contains(Part::Attention));
    assert_eq!(steps(&state), [0, 10, 20, 40], "what was there goes, but for the frame on the screen");
    let (event, buffers) = part(1, &[5, 40], false);
    state.apply(event, buffers);
    assert_eq!(steps(&state), [0, 5, 10, 20, 40]);
    state.attention.show(Some(12));
    let shown = state.attention.shown().unwrap();
    assert_eq!((shown.head.step, &shown.weights[..]), (10, &[255, 0, 110, 145][..]));
}

#[test]
fn foreign_and_damaged_parts_change_nothing() {
    let mut state = running();
    live(&mut state, 3);
    let before = state.clone();
    let (event, buffers) = part(7, &[0], true);
    assert!(state.apply(event, buffers).is_empty());
    let (event, mut buffers) = part(1, &[0, 1], true);
    buffers[1].pop();
    assert!(state.apply(event.clone(), buffers).is_empty());
    assert!(state.apply(event, vec![]).is_empty());
    assert_eq!(state, before);
}

#[test]
fn a_difference_needs_two_frames_and_outlives_the_sentence() {
    let mut state = running();
    let (event, buffers) = part(1, &[0, 10, 20], true);
    state.apply(event, buffers);
    assert!(state.attention.reference().is_none());
    state.attention.compare(Some(14));
    assert_eq!(state.attention.reference().map(|frame| frame.head.step), Some(10));
    assert_eq!(state.attention.shown().map(|frame| frame.head.step), Some(20));
    state.attention.clear();
    assert_eq!((state.attention.against(), state.attention.reference()), (Some(14), None));
}

#[test]
fn bookmarked_frames_survive_the_thinning() {
    let mut state = running();
    live(&mut state, 0);
    let bookmark = Bookmark { step: 3, change: Change::Head { place: HeadPlace { layer: 0, head: 0 }, distance: 0.4 } };
    state.apply(Event::Bookmarks { run: 9, bookmarks: vec![bookmark] }, vec![]);
    assert!(state.attention.bookmarks().is_empty(), "another run's");
    state.apply(Event::Bookmarks { run: 1, bookmarks: vec![bookmark] }, vec![]);
    for step in 1..2 * MOST_FRAMES as u32 {
        live(&mut state, step);
    }
    let steps = steps(&state);
    assert_eq!((steps.len(), steps[0], steps.contains(&3)), (MOST_FRAMES, 0, true));
    assert!(steps.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= 4), "evenly");
    assert_eq!(state.attention.triangle(0, 0, 0).map(<[u8]>::len), Some(triangle_len(2)));
    assert_eq!(state.attention.triangle(0, 0, 1), None);
}

#[test]
fn unknown_tokens_are_kept_until_the_next_sentence() {
    let mut state = running();
    let tokens = vec![Piece { id: 1, text: "a".into() }, Piece { id: 0, text: "\u{fffd}".into() }];
    let event = |unknown| Event::Sentence { run: 1, tokens: tokens.clone(), text: "ab".into(), unknown };
    assert!(state.apply(event(vec![1, 8]), vec![]).contains(Part::Attention));
    assert_eq!(state.unknown_tokens, [1]);
    state.apply(event(vec![]), vec![]);
    assert!(state.unknown_tokens.is_empty());
}

#[test]
fn five_hundred_frames_of_sixty_four_tokens_fit_into_64_mb() {
    let mut state = running();
    let tokens: Vec<String> = (0..64).map(|token| format!("t{token}")).collect();
    for step in 0..500 {
        let frame = AttentionFrame { run: 1, step, layers: 6, heads: 8, tokens: tokens.clone(), loss: None };
        let weights = vec![step as u8; frame.buffer_len()];
        state.apply(Event::Attention { frame }, vec![weights]);
    }
    assert_eq!(state.attention.frames().len(), 500);
    let kept: usize = state.attention.frames().iter().map(|frame| frame.triangles.capacity()).sum();
    // What is drawn, and what it is compared with, are unpacked.
    state.attention.compare(Some(0));
    let drawn = [state.attention.shown(), state.attention.reference()].into_iter().flatten().map(|frame| frame.weights.capacity());
    let all = kept + drawn.sum::<usize>();
    assert!(all <= MOST_FRAME_BYTES.min(64_000_000), "{all} bytes");
}
