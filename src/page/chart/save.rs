//! Keeping a picture: an SVG document becomes a file, as it is or as PNG.
//!
//! In: SVG text with its own colours (no custom properties). Out: a download that the browser offers. Absent: drawing.

use leptos::prelude::{LocalStorage, StoredValue};
use leptos::wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use leptos::web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement, Url, window,
};

/// PNGs are drawn at twice the size on screen: sharp in print and on dense screens.
const PNG_SCALE: f64 = 2.0;

/// File formats of a kept picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Svg,
    Png,
}

/// A finished picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// File name without its ending.
    pub name: String,
    pub svg: String,
    pub width: f64,
    pub height: f64,
}

/// Makes the picture on show, when there is one.
pub type PictureMaker = Box<dyn Fn() -> Option<Picture>>;
/// Where a view leaves the maker of its picture for whoever saves it.
pub type Keep = StoredValue<Option<PictureMaker>, LocalStorage>;

/// Offers the picture as a download. A browser that refuses says so itself; the page goes on.
pub fn save(picture: &Picture, format: Format) {
    let _unsaved = match format {
        Format::Svg => save_text(&format!("{}.svg", picture.name), &picture.svg, "image/svg+xml"),
        Format::Png => save_png(picture),
    };
}

/// Offers a text as a download.
///
/// # Errors
/// When the browser has no downloads (a frame without permission, for example).
pub fn save_text(name: &str, text: &str, kind: &str) -> Result<(), JsValue> {
    save_pieces(name, std::slice::from_ref(&text), kind)
}

/// Offers a text that comes in pieces as a download.
///
/// # Errors
/// As [`save_text`].
pub fn save_pieces(name: &str, pieces: &[impl AsRef<str>], kind: &str) -> Result<(), JsValue> {
    save_blob(name, &text_blob(pieces, kind)?)
}

/// Offers a file as a download.
///
/// # Errors
/// As [`save_text`].
pub fn save_blob(name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    click(name, &url)?;
    Url::revoke_object_url(&url)
}

fn save_png(picture: &Picture) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(&text_blob(&[&picture.svg], "image/svg+xml")?)?;
    let image = HtmlImageElement::new()?;
    let (name, width, height) = (format!("{}.png", picture.name), picture.width, picture.height);
    let loaded = {
        let (image, url) = (image.clone(), url.clone());
        Closure::once_into_js(move || {
            let _unsaved = draw_png(&image, width, height).and_then(|png| click(&name, &png));
            let _kept = Url::revoke_object_url(&url);
        })
    };
    image.set_onload(Some(loaded.unchecked_ref()));
    image.set_src(&url);
    Ok(())
}

fn draw_png(image: &HtmlImageElement, width: f64, height: f64) -> Result<String, JsValue> {
    let document = window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    canvas.set_width((width * PNG_SCALE) as u32);
    canvas.set_height((height * PNG_SCALE) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width * PNG_SCALE, height * PNG_SCALE)?;
    canvas.to_data_url_with_type("image/png")
}

fn text_blob(pieces: &[impl AsRef<str>], kind: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts: js_sys::Array = pieces.iter().map(|piece| JsValue::from_str(piece.as_ref())).collect();
    Blob::new_with_str_sequence_and_options(&parts, &options)
}

fn click(name: &str, url: &str) -> Result<(), JsValue> {
    let document = window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    anchor.set_href(url);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}
