//! A file of the site that a view needs beside the table.
//!
//! In: its path, a reader. Out: a signal with what was read, or that it failed. Absent: what the files hold.

use crate::page::fetch;
use crate::page::strings::scenario::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;

/// A fetched file.
pub enum File<T> {
    Coming,
    Here(Arc<T>),
    Failed,
}

impl<T> Clone for File<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Coming => Self::Coming,
            Self::Here(read) => Self::Here(read.clone()),
            Self::Failed => Self::Failed,
        }
    }
}

/// What was read of a file; copy it freely.
pub struct Fetched<T: Send + Sync + 'static> {
    file: RwSignal<File<T>>,
    path: StoredValue<String>,
    read: fn(&str) -> Option<T>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// Fetches `path` now. `read` gives nothing for a file that is not what it should be.
    pub fn fetch(path: String, read: fn(&str) -> Option<T>) -> Self {
        let fetched = Self { file: RwSignal::new(File::Coming), path: StoredValue::new(path), read };
        fetched.again();
        fetched
    }

    fn again(self) {
        let Self { file, path, read } = self;
        file.set(File::Coming);
        let path = path.get_value();
        spawn_local(async move {
            let found = match fetch::text(&path).await {
                Ok(text) => read(&text).map_or(File::Failed, |read| File::Here(Arc::new(read))),
                Err(detail) => {
                    leptos::logging::warn!("{detail}");
                    File::Failed
                }
            };
            // The view may be gone by then.
            let _gone = file.try_set(found);
        });
    }

    /// What was read, once it is here; follows.
    pub fn get(self) -> Option<Arc<T>> {
        match self.file.get() {
            File::Here(read) => Some(read),
            File::Coming | File::Failed => None,
        }
    }

    /// The same, not followed.
    pub fn peek(self) -> Option<Arc<T>> {
        untrack(|| self.get())
    }

    /// A word and a button where the fetching failed.
    pub fn complaint(self) -> impl IntoView {
        let failed = move || matches!(self.file.get(), File::Failed);
        view! {
            <p class="small complaint" role="status" data-testid="scenario-failed" hidden=move || !failed()>
                {words().file_failed} " "
                <button type="button" class="button small" on:click=move |_| self.again()>{words().file_again}</button>
            </p>
        }
    }
}
