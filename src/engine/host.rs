//! What the engine needs from the world around it: a clock, a mouth, model files, and a few files of its own.
//!
//! In the worker this is the browser (`worker`), in tests a few vectors. Nothing here is sent between threads: the worker has one.

use std::future::Future;

use crate::protocol::{Event, Fault, FaultCode, NextAction};

/// Why the world did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    #[error("{path} could not be fetched: {cause}")]
    Fetch { path: String, cause: String },
    #[error("the storage is full: {0}")]
    StorageFull(String),
    #[error("the storage cannot be used: {0}")]
    StorageRefused(String),
}

impl From<HostError> for Fault {
    fn from(error: HostError) -> Self {
        let (code, action) = match error {
            HostError::Fetch { .. } => (FaultCode::ModelNotLoaded, NextAction::Retry),
            HostError::StorageFull(_) => (FaultCode::StorageFull, NextAction::None),
            HostError::StorageRefused(_) => (FaultCode::StorageRefused, NextAction::None),
        };
        Fault::new(code, action, error.to_string())
    }
}

/// The first bytes of a stored file, and its whole length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStart {
    pub bytes: Vec<u8>,
    pub file_bytes: u64,
}

/// The world around a [`super::Session`].
pub trait Host: 'static {
    /// Seconds of a clock that does not run backwards; where it begins does not matter.
    fn now(&self) -> f64;

    /// Seconds since 1970.
    fn unix_time(&self) -> u64;

    /// Tells the page.
    fn send(&self, event: &Event, buffers: Vec<Vec<u8>>);

    /// The bytes at an address (`base_url` of `Hello` and a path below it). `progress` hears bytes so far and in all, 0 where that is not known.
    ///
    /// # Errors
    /// [`HostError::Fetch`].
    fn fetch(&self, address: &str, progress: impl FnMut(u64, u64)) -> impl Future<Output = Result<Vec<u8>, HostError>>;

    /// A stored file, `None` where there is none of that name.
    ///
    /// # Errors
    /// When the storage cannot be used.
    fn read(&self, name: &str) -> impl Future<Output = Result<Option<Vec<u8>>, HostError>>;

    /// At most `length` bytes from the front of a stored file.
    ///
    /// # Errors
    /// When the storage cannot be used.
    fn read_start(&self, name: &str, length: usize) -> impl Future<Output = Result<Option<FileStart>, HostError>>;

    /// Writes a whole file, replacing one of the same name, and waits until it is safe. After a failure the file may be gone or damaged.
    ///
    /// # Errors
    /// When the storage is full or cannot be used.
    fn write(&self, name: &str, bytes: &[u8]) -> impl Future<Output = Result<(), HostError>>;

    /// Removes a file; one that is not there is as good as removed.
    ///
    /// # Errors
    /// When the storage cannot be used.
    fn remove(&self, name: &str) -> impl Future<Output = Result<(), HostError>>;
}
