//! Which view, which layer, which heads.
//!
//! Test ids: `view-heads`, `view-matrix`, `view-all-heads`, `view-arithmetic`, `view-flow`, `layer-N`, `head-chip-N` (N from 1; pressed ones have
//! `aria-pressed="true"`).
//! Keys: left and right move along a row of controls; Enter or Space acts; on a head, `s` shows it alone.

use super::picked::{Picked, View};
use crate::page::chart::palette::{HEAD_COLOURS, dash};
use crate::page::strings::words;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;

/// Moves the focus along the buttons of a row; returns whether the key was one of its own.
pub fn move_focus(event: &KeyboardEvent) -> bool {
    let step = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        _ => return false,
    };
    let Some(here) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
    let next = if step > 0 { here.next_element_sibling() } else { here.previous_element_sibling() };
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _focused = next.focus();
    }
    event.prevent_default();
    true
}

/// The switch between views.
#[component]
pub fn ViewSwitch(picked: Picked) -> impl IntoView {
    let button = move |view: View, id: &'static str, words: &'static str| {
        view! {
            <button
                type="button"
                data-testid=id
                class:on=move || picked.view.get() == view
                aria-pressed=move || (picked.view.get() == view).to_string()
                on:click=move |_| picked.view.set(view)
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="seg views" role="group" aria-label=words().inside.views on:keydown=|event| { move_focus(&event); }>
            {button(View::Heads, "view-heads", words().inside.heads_view)}
            {button(View::Matrix, "view-matrix", words().inside.matrix_view)}
            {button(View::AllHeads, "view-all-heads", words().past.all_heads_view)}
            {button(View::Arithmetic, "view-arithmetic", words().inside.arithmetic_view)}
            {button(View::Flow, "view-flow", words().inside.flow_view)}
        </div>
    }
}

/// Layers as a segmented control. Picking is part of moving, as with radio buttons.
#[component]
pub fn LayerPicker(picked: Picked) -> impl IntoView {
    let layers = Memo::new(move |_| picked.shape.with(|shape| shape.as_ref().map_or(0, |shape| shape.layers)));
    let on_key = move |event: KeyboardEvent| {
        let last = layers.get_untracked().saturating_sub(1);
        let now = picked.layer.get_untracked();
        match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => picked.pick_layer((now + 1).min(last)),
            "ArrowLeft" | "ArrowUp" => picked.pick_layer(now.saturating_sub(1)),
            _ => return,
        }
        move_focus(&event);
    };
    view! {
        <span class="pick">
            <span class="pick-name" id="layer-name">{words().inside.layer}</span>
            <div class="seg" role="radiogroup" aria-labelledby="layer-name" on:keydown=on_key>
                <For each=move || 0..layers.get() key=|layer| *layer let:layer>
                    <button
                        type="button"
                        role="radio"
                        data-testid=format!("layer-{}", layer + 1)
                        class:on=move || picked.layer.get() == layer
                        aria-checked=move || (picked.layer.get() == layer).to_string()
                        tabindex=move || if picked.layer.get() == layer { "0" } else { "-1" }
                        on:click=move |_| picked.pick_layer(layer)
                    >
                        {layer + 1}
                    </button>
                </For>
            </div>
        </span>
    }
}

/// Heads as chips: colour, number, and the dash pattern of their lines.
#[component]
pub fn HeadPicker(picked: Picked) -> impl IntoView {
    let heads = Memo::new(move |_| picked.shape.with(|shape| shape.as_ref().map_or(0, |shape| shape.heads)));
    let chip = move |head: usize| {
        let on = move || picked.heads.get().contains(head);
        let pattern = dash(head).iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
        view! {
            <button
                type="button"
                class="chip"
                class:off=move || !on()
                style=format!("--head:var(--h{})", head % HEAD_COLOURS + 1)
                data-testid=format!("head-chip-{}", head + 1)
                aria-pressed=move || on().to_string()
                aria-label=format!("{} {}", words().inside.head, head + 1)
                title=words().inside.head_chip_hint
                on:click=move |event| {
                    // The second click of a double click has another meaning, and undoing the first one would flicker.
                    if event.detail() < 2 { picked.click_head(head) }
                }
                on:dblclick=move |_| picked.solo_head(head)
                on:keydown=move |event| if event.key() == "s" { picked.solo_head(head) }
            >
                {head + 1}
                <svg class="chip-dash" viewBox="0 0 20 3" aria-hidden="true"><line x1="0" x2="20" y1="1.5" y2="1.5" stroke-dasharray=pattern/></svg>
            </button>
        }
    };
    view! {
        <span class="pick">
            <span class="pick-name">{words().inside.head}</span>
            <div class="chips" role="group" aria-label=words().inside.head on:keydown=|event| { move_focus(&event); }>
                <For each=move || 0..heads.get() key=|head| *head let:head>{chip(head)}</For>
            </div>
            <span class="small wide-only" hidden=move || { heads.get() > 4 }>{words().inside.solo_hint}</span>
        </span>
    }
}
