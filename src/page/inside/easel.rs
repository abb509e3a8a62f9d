//! A canvas in its frame: as large as the frame, in the page's colours, painted only when something changed and it is on the screen.
//!
//! In: what to paint, and what it depends on. Out: calls of the paint function. Absent: what is painted.

use crate::page::chart::pace::{EVERY_FRAME, Pace};
use crate::page::chart::palette::Palette;
use crate::page::chart::size::{Size, follow_size};
use crate::page::state::{Part, Store};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Paints a picture: context, picture, colours, pixels of the screen per CSS pixel.
pub type Paint<P> = fn(&CanvasRenderingContext2d, &P, &Palette, f64);

/// Around what is scrolled into view, CSS pixels.
const AROUND: i32 = 6;

/// A frame and the canvas inside it; copy it freely.
#[derive(Clone, Copy)]
pub struct Easel {
    pub frame: NodeRef<Div>,
    pub canvas: NodeRef<Canvas>,
    /// Of the frame.
    pub size: RwSignal<Size>,
}

impl Default for Easel {
    /// Not yet in the page.
    fn default() -> Self {
        Self { frame: NodeRef::new(), canvas: NodeRef::new(), size: RwSignal::new((0.0, 0.0)) }
    }
}

impl Easel {
    /// Scrolls a picture that is larger than its frame so that this rectangle of it is seen: whoever moves by keys must see where.
    pub fn reveal(self, from: (f64, f64), to: (f64, f64)) {
        let Some(frame) = self.frame.get_untracked() else { return };
        if let Some(left) = scrolled(frame.scroll_left(), frame.client_width(), from.0, to.0) {
            frame.set_scroll_left(left);
        }
        if let Some(top) = scrolled(frame.scroll_top(), frame.client_height(), from.1, to.1) {
            frame.set_scroll_top(top);
        }
    }

    /// Paints `picture`, which is `size_of` CSS pixels large, whenever something that `follow` reads, the attention or the colours change.
    pub fn paint<P: 'static>(
        self,
        store: Store,
        picture: impl Fn() -> Option<P> + 'static,
        size_of: fn(&P) -> (f64, f64),
        paint: Paint<P>,
        follow: impl Fn() + 'static,
    ) {
        let palette = StoredValue::new_local(None::<Palette>);
        let pace = Pace::new(EVERY_FRAME, move || {
            let (Some(canvas), Some(picture)) = (self.canvas.get_untracked(), picture()) else { return };
            if palette.with_value(Option::is_none) {
                palette.set_value(Some(Palette::at(&canvas)));
            }
            let (width, height) = size_of(&picture);
            let Some((context, scale)) = prepared(&canvas, width, height) else { return };
            palette.with_value(|palette| {
                if let Some(palette) = palette {
                    paint(&context, &picture, palette, scale);
                }
            });
        });
        let watching = pace.clone();
        self.frame.on_load(move |frame| {
            follow_size(&frame, self.size);
            watching.watch(&frame);
        });
        let recolour = pace.clone();
        Effect::new(move |_| {
            store.follow(Part::Look);
            palette.set_value(None);
            recolour.request();
        });
        Effect::new(move |_| {
            store.follow(Part::Attention);
            follow();
            pace.request();
        });
    }
}

/// How far to scroll a view of `room` that starts at `top` so that `from..to` is inside, with a little around it; `None` where it is.
fn scrolled(top: i32, room: i32, from: f64, to: f64) -> Option<i32> {
    let (from, to) = (from as i32 - AROUND, to as i32 + AROUND);
    (from < top || to > top + room).then_some((from + to - room) / 2)
}

/// The canvas sized for `width` × `height` CSS pixels on this screen, with its context and the screen's scale.
fn prepared(canvas: &HtmlCanvasElement, width: f64, height: f64) -> Option<(CanvasRenderingContext2d, f64)> {
    let scale = window().device_pixel_ratio().clamp(1.0, 3.0);
    let (pixels_x, pixels_y) = ((width * scale).round() as u32, (height * scale).round() as u32);
    // Setting a size clears the canvas and costs, so only when it differs.
    if canvas.width() != pixels_x || canvas.height() != pixels_y {
        canvas.set_width(pixels_x);
        canvas.set_height(pixels_y);
    }
    Some((canvas.get_context("2d").ok()??.unchecked_into(), scale))
}

#[cfg(test)]
mod tests {
    use super::scrolled;

    #[test]
    fn what_is_seen_does_not_scroll() {
        assert_eq!((scrolled(0, 300, 10.0, 20.0), scrolled(100, 300, 380.0, 390.0)), (None, None));
        assert_eq!((scrolled(0, 300, 390.0, 410.0), scrolled(100, 300, 10.0, 30.0)), (Some(250), Some(-130)));
    }
}
