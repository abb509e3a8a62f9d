//! The recorded past: thinning, bookmarks, and its way into a file and back.

use super::*;
use crate::protocol::past::to_squares;

fn subject(tokens: usize, layers: u32, heads: u32) -> Subject {
    let tokens = (0..tokens).map(|index| index.to_string()).collect();
    Subject { run: 1, model: "m".to_owned(), layers, heads, sentence: "s".to_owned(), from_text: false, tokens }
}

fn mark(step: u32, loss: f32) -> FrameMark {
    FrameMark { step, loss: Some(loss), rerun: false }
}

/// One head over three tokens that looks at the first token, or at itself.
fn looking(itself: bool) -> Vec<u8> {
    if itself { to_squares(&[255, 0, 255, 0, 0, 255], 3) } else { to_squares(&[255, 255, 0, 255, 0, 0], 3) }
}

fn steps(past: &Past) -> Vec<u32> {
    past.frames.iter().map(|frame| frame.mark.step).collect()
}

#[test]
fn frames_are_sorted_and_replaced() {
    let mut past = Past::new(subject(3, 1, 1));
    for step in [5, 0, 9, 5] {
        past.push(mark(step, step as f32), &looking(false));
    }
    assert_eq!(steps(&past), [0, 5, 9]);
    assert_eq!(past.nearest(6).unwrap().0.step, 5);
    assert_eq!(past.nearest(100).unwrap().0.step, 9);
    past.push(mark(7, 1.0), &[1, 2, 3]);
    assert_eq!(past.len(), 3, "maps of another size");
    past.rewind(5);
    assert_eq!(steps(&past), [0, 5]);
}

#[test]
fn old_frames_are_thinned_evenly_and_both_ends_stay() {
    let mut past = Past { most_frames: 50, ..Past::new(subject(3, 1, 1)) };
    for step in 0..=2_000 {
        past.push(mark(step, 1.0), &looking(false));
    }
    let steps = steps(&past);
    assert_eq!((steps.len(), steps[0], steps[49]), (50, 0, 2_000));
    let gaps: Vec<u32> = steps.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (least, most) = (gaps[..48].iter().min().unwrap(), gaps.iter().max().unwrap());
    assert!(most <= &(4 * least.max(&20)), "{gaps:?}");
}

#[test]
fn the_largest_usual_sentence_stays_in_its_bounds() {
    let mut past = Past::new(subject(128, 6, 8));
    let squares = vec![7; 6 * 8 * 128 * 128];
    for step in 0..180 {
        past.push(mark(step, 1.0), &squares);
    }
    assert!(past.bytes() <= MOST_FRAME_BYTES && past.len() > 150, "{}", past.len());
}

#[test]
fn a_large_change_is_bookmarked_once() {
    let mut past = Past::new(subject(3, 1, 1));
    assert!(!past.push(mark(0, 3.0), &looking(false)));
    assert!(!past.push(mark(1, 2.9), &looking(false)));
    assert!(past.push(mark(2, 2.8), &looking(true)));
    assert!(!past.push(mark(3, 2.7), &looking(true)));
    assert!(past.push(mark(4, 2.0), &looking(true)));
    let [head, loss] = past.bookmarks() else { panic!("{:?}", past.bookmarks()) };
    assert_eq!(head.step, 2);
    assert!(matches!(head.change, Change::Head { place: HeadPlace { layer: 0, head: 0 }, distance } if distance > 0.9));
    assert_eq!(loss.step, 4);
    assert!(matches!(loss.change, Change::Loss { by } if (by + 0.8).abs() < 1e-6));
    // A frame in between is looked at too.
    let mut other = Past::new(subject(3, 1, 1));
    other.push(mark(0, 3.0), &looking(false));
    other.push(mark(9, 3.0), &looking(false));
    assert!(other.push(mark(4, 3.0), &looking(true)));
    assert_eq!(other.bookmarks().iter().map(|bookmark| bookmark.step).collect::<Vec<_>>(), [4, 9]);
}

#[test]
fn bookmarks_are_few_and_their_frames_stay() {
    let mut past = Past { most_frames: 20, ..Past::new(subject(3, 1, 1)) };
    for step in 0..300 {
        // Losses wander by more and more.
        past.push(mark(step, (step as f32 / 10.0).sin() * step as f32 / 20.0), &looking(false));
    }
    assert!(!past.bookmarks().is_empty() && past.bookmarks().len() <= MOST_BOOKMARKS);
    let steps = steps(&past);
    for bookmark in past.bookmarks() {
        assert!(steps.contains(&bookmark.step), "{bookmark:?} in {steps:?}");
    }
    assert!(past.len() <= 20);
}

#[test]
fn it_comes_back_from_its_file_and_damage_is_seen() {
    let mut past = Past::new(subject(3, 1, 1));
    past.push(mark(0, 3.0), &looking(false));
    past.push(FrameMark { step: 8, loss: None, rerun: true }, &looking(true));
    let bytes = past.to_bytes(5, vec![(8, 0)]).unwrap();
    assert_eq!(Past::from_bytes(&bytes).unwrap(), StoredPast { serial: 5, kept: vec![(8, 0)], past });
    for place in [0, 9, 14, 40, bytes.len() - 12, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1;
        assert!(Past::from_bytes(&damaged).is_err(), "{place}");
    }
    for length in [0, 7, 30, bytes.len() - 1] {
        assert!(Past::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn the_page_gets_it_in_parts() {
    let mut past = Past::new(subject(3, 1, 1));
    (0..5).for_each(|step| {
        past.push(mark(step, 1.0), &looking(false));
    });
    let parts = past.parts(12);
    assert_eq!(
        parts.iter().map(|(part, _)| (part.frames.len(), part.first, part.more)).collect::<Vec<_>>(),
        [(2, true, true), (2, false, true), (1, false, false)]
    );
    assert!(parts.iter().all(|(part, buffers)| buffers.iter().all(|buffer| buffer.len() == part.buffer_len())));
    assert!(Past::new(subject(3, 1, 1)).parts(12).is_empty());
}
