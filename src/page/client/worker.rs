//! The browser's side of a worker: a message is `{head: Uint8Array, buffers: ArrayBuffer[]}`, its buffers transferred.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use leptos::leptos_dom::helpers::{document, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

/// Where the worker starts when the page does not say.
const WORKER_SCRIPT: &str = "./engine_loader.js";

/// A running worker; ended when dropped.
pub struct LiveWorker {
    worker: Worker,
    // Kept alive as long as the worker may call them.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
    _on_unreadable: Closure<dyn FnMut(MessageEvent)>,
}

impl LiveWorker {
    /// Starts a module worker from the script that the page names in `<meta name="attune-worker">`.
    pub fn spawn(
        mut message: impl FnMut(Vec<u8>, Vec<Vec<u8>>) + 'static,
        error: impl Fn(String) + Clone + 'static,
    ) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("attune-engine");
        let worker = Worker::new_with_options(&script(), &options).map_err(|error| describe(&error))?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some((head, buffers)) = read(&event.data()) {
                message(head, buffers);
            }
        });
        let crashed = error.clone();
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            // The page reports it in its own words.
            event.prevent_default();
            // A module that cannot be fetched gives a plain event without a message.
            let detail = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
            crashed(detail.filter(|detail| !detail.is_empty()).unwrap_or_else(|| "the worker could not be loaded".to_owned()));
        });
        let on_unreadable = Closure::<dyn FnMut(MessageEvent)>::new(move |_| error("a message could not be unpacked".to_owned()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_unreadable.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message, _on_error: on_error, _on_unreadable: on_unreadable })
    }

    /// Sends a message; its buffers are gone afterwards. One that cannot be sent is dropped, as any message may be.
    pub fn post(&self, head: &[u8], buffers: &Array) {
        let message = Object::new();
        let filled = Reflect::set(&message, &"head".into(), &Uint8Array::from(head))
            .and_then(|_| Reflect::set(&message, &"buffers".into(), buffers));
        if filled.is_ok() {
            let _ = self.worker.post_message_with_transfer(&message, buffers);
        }
    }
}

impl Drop for LiveWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
    }
}

/// Bytes as JavaScript buffers of their own.
pub fn to_buffers(buffers: &[Vec<u8>]) -> Array {
    buffers.iter().map(|bytes| Uint8Array::from(bytes.as_slice()).buffer()).collect()
}

/// The folder of the page, with its slash at the end.
pub fn base_url() -> String {
    let address = document().base_uri().ok().flatten().unwrap_or_default();
    let path = address.split(['#', '?']).next().unwrap_or_default();
    path.rfind('/').map_or_else(String::new, |slash| path[..=slash].to_owned())
}

/// Milliseconds since the page opened.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// The page cannot be seen and gets no animation frames.
pub fn is_hidden() -> bool {
    document().hidden()
}

fn script() -> String {
    let meta = document().query_selector("meta[name='attune-worker']").ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_else(|| WORKER_SCRIPT.to_owned())
}

fn read(data: &JsValue) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    let head = Reflect::get(data, &"head".into()).ok()?.dyn_into::<Uint8Array>().ok()?.to_vec();
    let buffers = Reflect::get(data, &"buffers".into()).ok()?;
    let buffers = if Array::is_array(&buffers) { Array::from(&buffers) } else { Array::new() };
    let bytes = buffers.iter().filter_map(|buffer| buffer.dyn_into::<ArrayBuffer>().ok()).map(|buffer| Uint8Array::new(&buffer).to_vec());
    Some((head, bytes.collect()))
}

fn describe(error: &JsValue) -> String {
    Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string()).unwrap_or_else(|| format!("{error:?}"))
}
