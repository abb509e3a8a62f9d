//! The clipboard, where the browser has one.

use leptos::leptos_dom::helpers::window;
use wasm_bindgen_futures::JsFuture;

/// Copies a text; false where the browser refuses. Not every browser has a clipboard on every page: the promise then rejects or the object is missing.
pub async fn copy_text(text: &str) -> bool {
    let has = js_sys::Reflect::has(&window().navigator(), &"clipboard".into()).unwrap_or(false);
    has && JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}
