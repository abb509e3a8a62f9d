//! A few files in the origin's private file system (OPFS), written through the synchronous handle that workers have.
//!
//! `write` is not atomic: whoever must not lose the old file writes beside it (`checkpoints` lets two files take turns). A handle is closed
//! whatever happens, since an open one locks the file.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetFileOptions, FileSystemSyncAccessHandle};

use super::browser::{call, describe, scope};
use super::host::{FileStart, HostError};

/// What a thrown value of the file system means.
pub fn refusal(error: &JsValue) -> HostError {
    let detail = describe(error);
    if is_named(error, "QuotaExceededError") { HostError::StorageFull(detail) } else { HostError::StorageRefused(detail) }
}

fn is_named(error: &JsValue, name: &str) -> bool {
    Reflect::get(error, &"name".into()).ok().and_then(|found| found.as_string()).is_some_and(|found| found == name)
}

async fn folder() -> Result<FileSystemDirectoryHandle, JsValue> {
    // Where there is no OPFS (an insecure address, a private window) these throw.
    let storage = Reflect::get(&scope().navigator(), &"storage".into())?;
    call(&storage, "getDirectory", &Array::new()).await?.dyn_into()
}

async fn open(name: &str, create: bool) -> Result<Option<FileSystemFileHandle>, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(create);
    match JsFuture::from(folder().await?.get_file_handle_with_options(name, &options)).await {
        Ok(file) => Ok(Some(file.dyn_into()?)),
        Err(error) if is_named(&error, "NotFoundError") => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file from its front: all of it, or at most `length` bytes; `None` where there is none of that name.
///
/// # Errors
/// What the file system throws.
pub async fn read(name: &str, length: Option<usize>) -> Result<Option<FileStart>, JsValue> {
    let Some(file) = open(name, false).await? else { return Ok(None) };
    // A snapshot: needs no lock.
    let blob: web_sys::File = JsFuture::from(file.get_file()).await?.dyn_into()?;
    let file_bytes = blob.size();
    let wanted = length.map_or(file_bytes, |length| file_bytes.min(length as f64));
    let part = blob.slice_with_f64_and_f64(0.0, wanted)?;
    let buffer = JsFuture::from(part.array_buffer()).await?;
    Ok(Some(FileStart { bytes: js_sys::Uint8Array::new(&buffer).to_vec(), file_bytes: file_bytes as u64 }))
}

/// Writes a whole file and waits until it is on the disk.
///
/// # Errors
/// What the file system throws, and a disk that took only a part.
pub async fn write(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let Some(file) = open(name, true).await? else { return Err(JsValue::from_str("the file could not be made")) };
    let handle: FileSystemSyncAccessHandle = JsFuture::from(file.create_sync_access_handle()).await?.dyn_into()?;
    let written = fill(&handle, bytes);
    handle.close();
    written
}

fn fill(handle: &FileSystemSyncAccessHandle, bytes: &[u8]) -> Result<(), JsValue> {
    handle.truncate_with_f64(0.0)?;
    let written = handle.write_with_u8_array(bytes)?;
    if written < bytes.len() as f64 {
        return Err(js_sys::Error::new("only a part could be written").into());
    }
    handle.flush()
}

/// Removes a file; one that is not there is as good as removed.
///
/// # Errors
/// What the file system throws.
pub async fn remove(name: &str) -> Result<(), JsValue> {
    match JsFuture::from(folder().await?.remove_entry(name)).await {
        Err(error) if !is_named(&error, "NotFoundError") => Err(error),
        _ => Ok(()),
    }
}
