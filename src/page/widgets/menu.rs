//! A button with a small sheet below it. Escape, a click elsewhere, or leaving it with Tab closes the sheet.

use leptos::ev;
use leptos::html::Details;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

/// A menu; `label` is what the closed button shows, `children` the sheet.
#[component]
pub fn Menu(
    /// What the button shows.
    label: impl IntoView + 'static,
    /// What the button is for, for screen readers and as a hint.
    hint: &'static str,
    #[prop(into)] testid: String,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<Details>::new();
    let close = move |focus: bool| {
        if let Some(details) = element.get_untracked().filter(|details| details.open()) {
            details.set_open(false);
            if let Some(button) = details.query_selector("summary").ok().flatten().filter(|_| focus) {
                let _ = button.unchecked_into::<HtmlElement>().focus();
            }
        }
    };
    let inside = move |target: Option<web_sys::EventTarget>| {
        let node = target.and_then(|target| target.dyn_into::<Node>().ok());
        element.get_untracked().is_some_and(|details| details.contains(node.as_ref()))
    };
    let click = window_event_listener(ev::pointerdown, move |event| {
        if !inside(event.target()) {
            close(false);
        }
    });
    on_cleanup(move || click.remove());
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close(true);
        }
    };
    let left = move |event: ev::FocusEvent| {
        if event.related_target().is_some() && !inside(event.related_target()) {
            close(false);
        }
    };
    view! {
        <details node_ref=element class=format!("menu {class}") on:keydown=key on:focusout=left>
            <summary title=hint data-testid=testid>{label}</summary>
            <div class="menu-sheet">{children()}</div>
        </details>
    }
}
