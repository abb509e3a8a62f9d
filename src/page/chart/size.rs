//! The size of an element as a signal, so that drawings fill their place without a page-wide resize listener.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, prelude::Closure};
use leptos::web_sys::{Element, ResizeObserver, ResizeObserverEntry};

/// Width and height of an element's content box in CSS pixels, rounded down; (0, 0) before the first layout.
pub type Size = (f64, f64);

/// Follows the size of `element` until the surrounding component ends.
pub fn follow_size(element: &Element, size: RwSignal<Size>) {
    let changed = Closure::<dyn FnMut(Vec<ResizeObserverEntry>)>::new(move |entries: Vec<ResizeObserverEntry>| {
        let Some(entry) = entries.last() else { return };
        let rect = entry.content_rect();
        let new = (rect.width().floor(), rect.height().floor());
        // Half pixels that come and go must not start a loop of layout and drawing.
        if size.try_get_untracked().is_some_and(|old| old != new) {
            size.set(new);
        }
    });
    let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let held = StoredValue::new_local((observer, changed));
    on_cleanup(move || {
        held.try_with_value(|(observer, _)| observer.disconnect());
    });
}
