//! When a drawing draws: on an animation frame, never twice for one change, never faster than its pace, never out of sight.
//!
//! In: [`Pace::request`], as often as anything changes. Out: calls of the paint function. Absent: what is painted.

use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, prelude::Closure};
use leptos::web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Charts redraw at most ten times a second.
pub const CHART_GAP_MS: f64 = 100.0;
/// Hovering wants every frame.
pub const EVERY_FRAME: f64 = 0.0;

struct Inner {
    gap_ms: f64,
    last_ms: Cell<f64>,
    waiting: Cell<bool>,
    visible: Cell<bool>,
    missed: Cell<bool>,
    gone: Cell<bool>,
    paint: RefCell<Box<dyn FnMut()>>,
}

/// A drawing's clock. Clones share it.
#[derive(Clone)]
pub struct Pace(Rc<Inner>);

impl Pace {
    /// A clock that calls `paint` at most once in `gap_ms` milliseconds. It ends with the surrounding component.
    pub fn new(gap_ms: f64, paint: impl FnMut() + 'static) -> Self {
        let pace = Self(Rc::new(Inner {
            gap_ms,
            last_ms: Cell::new(f64::NEG_INFINITY),
            waiting: Cell::new(false),
            visible: Cell::new(true),
            missed: Cell::new(false),
            gone: Cell::new(false),
            paint: RefCell::new(Box::new(paint)),
        }));
        let ending = StoredValue::new_local(pace.clone());
        on_cleanup(move || {
            ending.try_with_value(|pace| pace.0.gone.set(true));
        });
        pace
    }

    /// Something changed: paint soon.
    pub fn request(&self) {
        let inner = &self.0;
        if !inner.visible.get() {
            inner.missed.set(true);
            return;
        }
        if inner.waiting.replace(true) {
            return;
        }
        let rest = inner.gap_ms - (now_ms() - inner.last_ms.get());
        let pace = self.clone();
        if rest > 0.0 {
            set_timeout(move || pace.on_frame(), Duration::from_millis(rest.ceil() as u64));
        } else {
            pace.on_frame();
        }
    }

    /// Paints only while `element` is on the screen; what was missed is painted when it comes back.
    pub fn watch(&self, element: &Element) {
        let pace = self.clone();
        let seen = Closure::<dyn FnMut(Vec<IntersectionObserverEntry>)>::new(move |entries: Vec<IntersectionObserverEntry>| {
            let Some(last) = entries.last() else { return };
            pace.0.visible.set(last.is_intersecting());
            if last.is_intersecting() && pace.0.missed.replace(false) {
                pace.request();
            }
        });
        let Ok(observer) = IntersectionObserver::new(seen.as_ref().unchecked_ref()) else { return };
        observer.observe(element);
        let held = StoredValue::new_local((observer, seen));
        on_cleanup(move || {
            held.try_with_value(|(observer, _)| observer.disconnect());
        });
    }

    fn on_frame(&self) {
        let pace = self.clone();
        request_animation_frame(move || {
            let inner = &pace.0;
            inner.waiting.set(false);
            if inner.gone.get() {
                return;
            }
            inner.last_ms.set(now_ms());
            (inner.paint.borrow_mut())();
        });
    }
}

/// Milliseconds of the page's monotonic clock.
pub fn now_ms() -> f64 {
    leptos::web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}
