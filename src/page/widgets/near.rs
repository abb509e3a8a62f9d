//! Something to do once, when an element comes near the screen.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use leptos::web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use std::cell::Cell;

/// Calls `act` once, when `element` first comes to the screen.
pub fn when_near(element: &Element, act: impl Fn() + 'static) {
    let done = Cell::new(false);
    let seen = Closure::<dyn FnMut(JsValue, IntersectionObserver)>::new(move |entries: JsValue, observer: IntersectionObserver| {
        let is_near =
            js_sys::Array::from(&entries).iter().any(|entry| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting());
        if is_near && !done.replace(true) {
            observer.disconnect();
            act();
        }
    });
    let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let held = StoredValue::new_local((observer, seen));
    on_cleanup(move || {
        held.try_with_value(|(observer, _)| observer.disconnect());
    });
}
