//! The history as a film: every frame is drawn on a canvas of its own, and the browser's recorder makes a file of it (WebM; MP4 in Safari).
//!
//! In: the stored frames, layer and heads picked, lines or matrix. Out: a download. A browser without a recorder is told so. Absent: GIF; a film of the
//! same pictures is a tenth of its size, and browsers make it themselves.

use super::frames::pieces;
use super::geometry::{Geometry, shortened};
use super::heads_draw::{HeadsPicture, draw_heads};
use super::matrix::{MatrixDials, MatrixGeometry, cells};
use super::matrix_draw::{MatrixPicture, draw_matrix};
use super::picked::{Picked, View};
use super::scene::{bars, links};
use super::selection::Side;
use super::sheet::page_palette;
use super::shown::Shown;
use crate::page::chart::palette::Palette;
use crate::page::chart::save::{save_blob, save_pieces};
use crate::page::state::{Part, StoredFrame, use_store};
use crate::page::strings::{questions, words};
use gloo_timers::future::TimeoutFuture;
use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use leptos::web_sys::{Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlCanvasElement};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

/// The film's size, CSS pixels; it is drawn at twice that.
const SIZE: (f64, f64) = (640.0, 420.0);
const TITLE: f64 = 34.0;
const SCALE: f64 = 2.0;
/// How long a frame stands, milliseconds: shorter in a long history, so that no film takes much longer than [`LONGEST`] to make.
const STANDS: (usize, usize) = (50, 250);
const LONGEST: usize = 12_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = HtmlCanvasElement)]
    type FilmCanvas;
    #[wasm_bindgen(method, catch, js_name = captureStream)]
    fn capture_stream(this: &FilmCanvas) -> Result<JsValue, JsValue>;

    type MediaRecorder;
    #[wasm_bindgen(constructor, catch)]
    fn new(stream: &JsValue) -> Result<MediaRecorder, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn start(this: &MediaRecorder) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn stop(this: &MediaRecorder) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter, js_name = mimeType)]
    fn mime_type(this: &MediaRecorder) -> String;
    #[wasm_bindgen(method, setter)]
    fn set_ondataavailable(this: &MediaRecorder, act: &JsValue);
    #[wasm_bindgen(method, setter)]
    fn set_onstop(this: &MediaRecorder, act: &JsValue);
}

/// What of the history is filmed.
struct Film {
    frames: Vec<Rc<StoredFrame>>,
    layer: usize,
    heads: super::selection::HeadSet,
    matrix: bool,
    labels: Vec<String>,
    palette: Palette,
}

/// Milliseconds that a frame stands in a film of so many.
fn stands(frames: usize) -> u32 {
    (LONGEST / frames.max(1)).clamp(STANDS.0, STANDS.1) as u32
}

fn new_canvas(height: f64) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width((SIZE.0 * SCALE) as u32);
    canvas.set_height((height * SCALE) as u32);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    Ok((canvas, context))
}

impl Film {
    /// Height of the picture.
    fn height(&self) -> f64 {
        if self.matrix {
            MatrixGeometry::new(SIZE.0, SIZE.1, &self.labels).height
        } else {
            Geometry::new(SIZE.0, SIZE.1, &self.labels).height
        }
    }

    /// Draws a frame's picture, without its title.
    fn draw(&self, context: &CanvasRenderingContext2d, frame: &Rc<StoredFrame>) -> Result<(), JsValue> {
        let shown = Shown { frame: frame.clone(), from: None };
        if self.matrix {
            let geometry = MatrixGeometry::new(SIZE.0, SIZE.1, &self.labels);
            let one = self.heads.first();
            let cells = cells(&shown, self.layer, one, MatrixDials::default());
            let labels = MatrixPicture::cut(&self.labels, &geometry);
            let name = format!("{}.{}", self.layer + 1, one + 1);
            draw_matrix(
                context,
                &MatrixPicture { geometry, head: one, name, cells, signed: false, labels, at: None },
                &self.palette,
                SCALE,
            );
            return Ok(());
        }
        let geometry = Geometry::new(SIZE.0, SIZE.1, &self.labels);
        let picture = HeadsPicture {
            geometry,
            links: links(&shown, self.layer, self.heads, None),
            bars: bars(&shown, self.layer, self.heads, None),
            focus: None,
            heads: self.heads,
            scale: None,
        };
        draw_heads(context, &picture, &self.palette, SCALE);
        context.set_font(&format!("{}px {}", geometry.font, self.palette.mono));
        context.set_fill_style_str(&self.palette.ink);
        context.set_text_baseline("middle");
        let most = (geometry.label / (geometry.font * 0.6)) as usize;
        for (token, label) in self.labels.iter().enumerate() {
            let label = shortened(label, most.max(2));
            context.set_text_align("right");
            context.fill_text(&label, geometry.left() - 8.0, geometry.y(token))?;
            context.set_text_align("left");
            context.fill_text(&label, geometry.label_x(Side::Key), geometry.y(token))?;
        }
        Ok(())
    }

    /// Draws every frame in its time while the recorder runs, and offers the film.
    async fn make(&self) -> Result<(), JsValue> {
        let height = self.height();
        let ((canvas, context), (page, picture)) = (new_canvas(height + TITLE)?, new_canvas(height)?);
        let recorder = MediaRecorder::new(&canvas.unchecked_ref::<FilmCanvas>().capture_stream()?)?;
        let chunks = js_sys::Array::new();
        let kept = chunks.clone();
        let gather = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            if let Ok(data) = js_sys::Reflect::get(&event, &"data".into()) {
                kept.push(&data);
            }
        });
        recorder.set_ondataavailable(gather.as_ref());
        let stopped = js_sys::Promise::new(&mut |done, _| recorder.set_onstop(&done));
        recorder.start()?;
        let heads: Vec<usize> = self.heads.iter().take(if self.matrix { 1 } else { usize::MAX }).map(|head| head + 1).collect();
        let draw = |frame: &Rc<StoredFrame>| -> Result<(), JsValue> {
            self.draw(&picture, frame)?;
            context.set_fill_style_str(&self.palette.panel);
            context.fill_rect(0.0, 0.0, SIZE.0 * SCALE, (height + TITLE) * SCALE);
            context.draw_image_with_html_canvas_element(&page, 0.0, TITLE * SCALE)?;
            context.set_fill_style_str(&self.palette.ink);
            context.set_font(&format!("{}px {}", 13.0 * SCALE, self.palette.sans));
            context.fill_text(
                &(words().past.title)(self.layer + 1, &heads, &(words().past.moment)(frame.head.step)),
                12.0 * SCALE,
                22.0 * SCALE,
            )
        };
        let pause = stands(self.frames.len());
        for frame in &self.frames {
            draw(frame)?;
            TimeoutFuture::new(pause).await;
        }
        // The last frame stands a little, or the film would end before one has seen it.
        if let Some(last) = self.frames.last() {
            draw(last)?;
            TimeoutFuture::new(STANDS.1 as u32 * 3).await;
        }
        recorder.stop()?;
        wasm_bindgen_futures::JsFuture::from(stopped).await?;
        let kind = recorder.mime_type();
        let options = BlobPropertyBag::new();
        options.set_type(&kind);
        let blob = Blob::new_with_blob_sequence_and_options(&chunks, &options)?;
        let ending = if kind.contains("mp4") { "mp4" } else { "webm" };
        save_blob(&format!("attention-layer{}-history.{ending}", self.layer + 1), &blob)
    }
}

/// The history as a film and as JSON. Test ids: `save-film` (`data-filming`), `save-frames`, `film-complaint`.
#[component]
pub fn KeepHistory(picked: Picked) -> impl IntoView {
    let store = use_store();
    let own = &questions::words().keep;
    let many = store.memo(Part::Attention, |state| state.attention.frames().len() > 1);
    let filming = RwSignal::new(false);
    let refused = RwSignal::new(false);
    let frames = move || store.peek(|state| state.attention.all());
    let make = move |_| {
        let Some(shape) = picked.shape.get_untracked() else { return };
        let film = Film {
            frames: frames(),
            layer: picked.layer.get_untracked(),
            heads: picked.heads.get_untracked(),
            matrix: picked.view.get_untracked() == View::Matrix,
            labels: shape.labels,
            palette: page_palette(),
        };
        filming.set(true);
        spawn_local(async move {
            refused.set(film.make().await.is_err());
            filming.set(false);
        });
    };
    let save = move |_| {
        if let Some(pieces) = pieces(&frames()) {
            // A browser that refuses a download says so itself.
            let _unsaved = save_pieces("attention-frames.json", &pieces, "application/json");
        }
    };
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="save-film"
            data-filming=move || filming.get().to_string()
            title=move || if refused.get() { own.no_film } else { own.film_hint }
            disabled=move || !many.get() || filming.get() || refused.get()
            on:click=make
        >
            {move || if filming.get() { own.filming } else { own.film }}
        </button>
        <button type="button" class="quiet" data-testid="save-frames" title=own.frames_hint disabled=move || !many.get() on:click=save>
            {own.frames}
        </button>
        <span class="visually-hidden" role="status" data-testid="film-complaint">{move || refused.get().then_some(own.no_film)}</span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_is_neither_hectic_nor_endless() {
        assert_eq!([2, 60, 1_000].map(stands), [250, 200, 50]);
    }
}
