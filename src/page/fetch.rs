//! Fetching the page's own files, below its own folder. Nothing else is ever fetched, and nothing is sent.

use leptos::leptos_dom::helpers::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

/// A file's text, read as JSON.
///
/// # Errors
/// A sentence for developers: which file, and what was wrong.
pub async fn json<T: DeserializeOwned>(path: &str) -> Result<T, String> {
    serde_json::from_str(&text(path).await?).map_err(|error| format!("{path}: {error}"))
}

/// A file's text.
///
/// # Errors
/// As for [`json`].
pub async fn text(path: &str) -> Result<String, String> {
    let text = JsFuture::from(get(path).await?.text().map_err(|error| describe(path, &error))?).await;
    Ok(text.map_err(|error| describe(path, &error))?.as_string().unwrap_or_default())
}

/// A file as a blob.
///
/// # Errors
/// As for [`json`].
pub async fn blob(path: &str) -> Result<Blob, String> {
    let blob = JsFuture::from(get(path).await?.blob().map_err(|error| describe(path, &error))?).await;
    blob.map_err(|error| describe(path, &error))?.dyn_into().map_err(|error| describe(path, &error))
}

async fn get(path: &str) -> Result<Response, String> {
    let response = JsFuture::from(window().fetch_with_str(&format!("./{path}"))).await.map_err(|error| describe(path, &error))?;
    let response: Response = response.dyn_into().map_err(|error| describe(path, &error))?;
    if response.ok() { Ok(response) } else { Err(format!("{path}: HTTP status {}", response.status())) }
}

fn describe(path: &str, error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    format!("{path}: {}", message.unwrap_or_else(|| format!("{error:?}")))
}
