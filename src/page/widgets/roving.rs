//! One stop for the Tab key in a row of many: the arrows go from one to the next (the ARIA practices' roving tabindex). A text of a hundred words would
//! otherwise take a hundred presses to pass.
//!
//! In: events of the row. Out: the focus, and `tabindex` of those that can have it: 0 for one of them, -1 for the others.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlElement};

/// The `tabindex` of the row's member `at`, before anything is focused.
pub const fn first_stop(at: usize) -> &'static str {
    if at == 0 { "0" } else { "-1" }
}

/// Which member has the focus after a key: none where the key means nothing here.
fn next(key: &str, now: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowRight" | "ArrowDown" => Some((now + 1).min(last)),
        "ArrowLeft" | "ArrowUp" => Some(now.saturating_sub(1)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

/// Those of the row that can have the focus, and which one the event comes from.
fn members(event: &Event) -> Option<(Vec<HtmlElement>, usize)> {
    let row: Element = event.current_target()?.dyn_into().ok()?;
    let found = row.query_selector_all("[tabindex]").ok()?;
    let members: Vec<HtmlElement> = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect();
    let from: Element = event.target()?.dyn_into().ok()?;
    let now = members.iter().position(|member| member.contains(Some(&from)))?;
    Some((members, now))
}

/// For the row's `keydown`.
pub fn on_key(event: &KeyboardEvent) {
    let Some((members, now)) = members(event) else { return };
    if let Some(member) = next(&event.key(), now, members.len()).and_then(|next| members.get(next)) {
        event.prevent_default();
        // What cannot take the focus leaves it where it is.
        let _focused = member.focus();
    }
}

/// For the row's `focusin`: whoever has the focus is the row's stop from now on.
pub fn on_focus(event: &FocusEvent) {
    let Some((members, now)) = members(event) else { return };
    for (at, member) in members.iter().enumerate() {
        member.set_tab_index(if at == now { 0 } else { -1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_stay_in_the_row() {
        assert_eq!(["ArrowRight", "ArrowLeft", "Home", "End", "a"].map(|key| next(key, 1, 3)), [Some(2), Some(0), Some(0), Some(2), None]);
        assert_eq!((next("ArrowDown", 2, 3), next("ArrowUp", 0, 3), next("End", 0, 0)), (Some(2), Some(0), None));
    }
}
