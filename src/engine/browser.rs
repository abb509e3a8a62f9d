//! The browser as the engine's host: clock, messages, downloads.
//!
//! Only on wasm32, in a dedicated worker. What goes through JavaScript objects is looked up by name: these few calls are not worth a binding each.

use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Date, Error, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, ReadableStreamDefaultReader, Response};

use super::host::{FileStart, Host, HostError};
use super::opfs;
use super::pausing::Pausing;
use crate::protocol::{Event, Packet};

/// Milliseconds without a byte after which a connection counts as broken.
const STALLED_MILLIS: i32 = 30_000;

/// The worker that this runs in.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// What a thrown value says.
pub fn describe(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message.unwrap_or_else(|| format!("{error:?}"))
}

/// The host that every event of the session goes through.
pub struct Browser {
    pub pausing: Rc<Pausing>,
}

/// Posts an event; its buffers are transferred, not copied a second time.
pub fn post(event: &Event, buffers: &[Vec<u8>]) {
    let Ok(packet) = Packet::new(event, Vec::new()) else { return };
    let buffers: Array = buffers.iter().map(|bytes| JsValue::from(Uint8Array::from(bytes.as_slice()).buffer())).collect();
    let message = Object::new();
    let filled = Reflect::set(&message, &"head".into(), &Uint8Array::from(packet.head.as_slice()))
        .and_then(|_| Reflect::set(&message, &"buffers".into(), &buffers));
    if filled.is_ok() {
        // A message that cannot be sent is lost, as any may be.
        let _ = scope().post_message_with_transfer(&message, &buffers);
    }
}

/// Reads a message of the page.
pub fn read(data: &JsValue) -> Option<Packet> {
    let head = Reflect::get(data, &"head".into()).ok()?.dyn_into::<Uint8Array>().ok()?.to_vec();
    let buffers = Reflect::get(data, &"buffers".into()).ok()?;
    let buffers = if Array::is_array(&buffers) { Array::from(&buffers) } else { Array::new() };
    let bytes = buffers.iter().filter_map(|buffer| buffer.dyn_into::<ArrayBuffer>().ok()).map(|buffer| Uint8Array::new(&buffer).to_vec());
    Some(Packet { head, buffers: bytes.collect() })
}

impl Host for Browser {
    fn now(&self) -> f64 {
        scope().performance().map_or(0.0, |performance| performance.now() / 1_000.0)
    }

    fn unix_time(&self) -> u64 {
        (Date::now() / 1_000.0) as u64
    }

    fn send(&self, event: &Event, buffers: Vec<Vec<u8>>) {
        if self.pausing.allows(event) {
            post(event, &buffers);
        }
    }

    async fn fetch(&self, address: &str, progress: impl FnMut(u64, u64)) -> Result<Vec<u8>, HostError> {
        let refused = |cause: String| HostError::Fetch { path: address.to_owned(), cause };
        match download(address, progress).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(status)) => Err(refused(format!("the server answered {status}"))),
            Err(error) => Err(refused(describe(&error))),
        }
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, HostError> {
        opfs::read(name, None).await.map(|found| found.map(|start| start.bytes)).map_err(|error| opfs::refusal(&error))
    }

    async fn read_start(&self, name: &str, length: usize) -> Result<Option<FileStart>, HostError> {
        opfs::read(name, Some(length)).await.map_err(|error| opfs::refusal(&error))
    }

    async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), HostError> {
        opfs::write(name, bytes).await.map_err(|error| opfs::refusal(&error))
    }

    async fn remove(&self, name: &str) -> Result<(), HostError> {
        opfs::remove(name).await.map_err(|error| opfs::refusal(&error))
    }
}

/// A download that ends when nobody waits for it any more: the visitor chose another model meanwhile.
struct Abandoning {
    reader: ReadableStreamDefaultReader,
    /// Neither at its end nor broken: to cancel a broken one would be an error of its own.
    goes_on: bool,
}

impl Drop for Abandoning {
    fn drop(&mut self) {
        if self.goes_on {
            // Nobody waits for the answer.
            let _ = self.reader.cancel();
        }
    }
}

/// The bytes, or the status that is not "OK".
async fn download(address: &str, mut progress: impl FnMut(u64, u64)) -> Result<Result<Vec<u8>, u16>, JsValue> {
    // Asked again each time, and unchanged files are not sent again: models are kept by this program, and by their version.
    let how = Object::new();
    Reflect::set(&how, &"cache".into(), &"no-cache".into())?;
    let stalled = JsValue::from(Error::new("no byte came for half a minute"));
    let asked: Promise = method(&scope(), "fetch")?.apply(&scope(), &Array::of2(&address.into(), &how))?.dyn_into()?;
    let response: Response = in_time(&asked, &stalled).await?.dyn_into()?;
    if !response.ok() {
        return Ok(Err(response.status()));
    }
    // The length on the wire; of a compressed answer it is not that of the bytes, so the bar may end early, which does no harm.
    let total = response.headers().get("content-length")?.and_then(|length| length.parse().ok()).unwrap_or(0u64);
    let Some(body) = response.body() else { return Ok(Ok(Vec::new())) };
    let mut download = Abandoning { reader: body.get_reader().dyn_into()?, goes_on: true };
    let mut bytes = Vec::with_capacity(usize::try_from(total).unwrap_or(0));
    loop {
        let piece = in_time(&download.reader.read(), &stalled).await.inspect_err(|error| download.goes_on = *error == stalled)?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            download.goes_on = false;
            break;
        }
        let piece: Uint8Array = Reflect::get(&piece, &"value".into())?.dyn_into()?;
        let begun = bytes.len();
        bytes.resize(begun + piece.length() as usize, 0);
        piece.copy_to(&mut bytes[begun..]);
        progress(bytes.len() as u64, total.max(bytes.len() as u64));
    }
    progress(bytes.len() as u64, bytes.len() as u64);
    Ok(Ok(bytes))
}

/// What a promise brings, or `stalled` where it takes longer than a connection may be silent.
async fn in_time(promise: &Promise, stalled: &JsValue) -> Result<JsValue, JsValue> {
    let mut timer = None;
    let late = Promise::new(&mut |_, refuse| {
        timer = scope().set_timeout_with_callback_and_timeout_and_arguments_1(&refuse, STALLED_MILLIS, stalled).ok();
    });
    let first = JsFuture::from(Promise::race(&Array::of2(promise, &late))).await;
    if let Some(timer) = timer {
        scope().clear_timeout_with_handle(timer);
    }
    first
}

fn method(object: &JsValue, name: &str) -> Result<Function, JsValue> {
    Reflect::get(object, &name.into())?.dyn_into()
}

/// Calls a method by its name and awaits the promise that it returns.
pub async fn call(object: &JsValue, name: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    let promise: Promise = method(object, name)?.apply(object, arguments)?.dyn_into()?;
    JsFuture::from(promise).await
}

/// What the graphics adapter is called: its description where the browser tells it, else maker and family.
pub async fn adapter_name() -> Option<String> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let gpu = Reflect::get(&navigator, &"gpu".into()).ok().filter(JsValue::is_object)?;
    let wanted = Object::new();
    Reflect::set(&wanted, &"powerPreference".into(), &"high-performance".into()).ok()?;
    let adapter = call(&gpu, "requestAdapter", &Array::of1(&wanted)).await.ok()?;
    let info = Reflect::get(&adapter, &"info".into()).ok()?;
    let word = |name: &str| Reflect::get(&info, &name.into()).ok().and_then(|word| word.as_string()).unwrap_or_default();
    let description = word("description");
    let name = if description.is_empty() { format!("{} {}", word("vendor"), word("architecture")) } else { description };
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
