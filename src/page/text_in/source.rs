//! A text on its way in: files as the browser keeps them, refused early where size alone says so.

use crate::page::client::Client;
use crate::page::conductor::Conductor;
use crate::page::format::bytes;
use crate::page::state::Store;
use crate::protocol::labels::LabelCommand;
use crate::protocol::{Command, Event, Fault, FaultCode, FileHead, NextAction};
use crate::protocol::{TableOptions, TypedClass};
use js_sys::Array;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, FileList};

/// Most bytes of one text, all files together.
pub const MAX_BYTES: f64 = 50e6;

/// One file of a text; its bytes stay with the browser.
#[derive(Debug, Clone, PartialEq)]
pub struct TextFile {
    pub name: String,
    /// The visitor's correction of its encoding.
    pub encoding: Option<String>,
    pub blob: Blob,
}

/// How the files are read.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum ReadAs {
    /// As running text to write like.
    #[default]
    Text,
    /// As a table of examples.
    Table(TableOptions),
    /// No files: classes with texts that were typed.
    Typed(Vec<TypedClass>),
}

/// What the visitor brought: a text, or a table of labelled texts.
#[derive(Debug, Clone, PartialEq)]
pub struct TextSource {
    /// What it is called on the page.
    pub title: String,
    pub files: Vec<TextFile>,
    /// Id of the built-in sample that it is.
    pub sample: Option<String>,
    pub read_as: ReadAs,
}

impl TextSource {
    /// A text of one blob.
    pub fn single(title: &str, name: String, blob: Blob, sample: Option<String>) -> Self {
        Self { title: title.to_owned(), files: vec![TextFile { name, encoding: None, blob }], sample, read_as: ReadAs::Text }
    }

    /// The same files, read as a table both times, with other corrections.
    pub fn reads_otherwise(&self, before: &Self) -> bool {
        let are_tables = matches!((&self.read_as, &before.read_as), (ReadAs::Table(_), ReadAs::Table(_)));
        let same_files = self.files.iter().map(|file| &file.blob).eq(before.files.iter().map(|file| &file.blob));
        are_tables && self.sample == before.sample && same_files
    }

    /// Sends the text to the engine: each blob becomes a buffer of its own, transferred.
    pub fn send(self, request: u32, client: Client, store: Store) {
        spawn_local(async move {
            let buffers = Array::new();
            for file in &self.files {
                match JsFuture::from(file.blob.array_buffer()).await {
                    Ok(buffer) => buffers.push(&buffer),
                    Err(error) => {
                        let fault = Fault::new(FaultCode::FileGone, NextAction::ChooseText, format!("{}: {error:?}", file.name));
                        // As if the engine had refused it: nobody waits for an answer, and what was open stays.
                        store.apply(Event::Fault { request: Some(request), run: None, fault }, Vec::new());
                        return;
                    }
                };
            }
            if store.peek(|state| state.pending_text != Some(request)) {
                // While the browser read it, another text was opened, or a run taken up again.
                return;
            }
            let files = self.files.iter().map(|file| FileHead { name: file.name.clone(), encoding: file.encoding.clone() }).collect();
            let command = match self.read_as {
                ReadAs::Text => Command::OpenText { request, files },
                ReadAs::Table(options) => Command::Labels { request, command: LabelCommand::OpenTable { files, options } },
                ReadAs::Typed(classes) => Command::Labels { request, command: LabelCommand::TypeTable { classes } },
            };
            client.post(&command, &buffers);
        });
    }
}

/// Opens files that were dropped or picked; none at all is not a mistake (the dialog was closed).
pub fn open_files(list: Option<FileList>, conductor: Conductor) {
    let Some(list) = list.filter(|list| list.length() > 0) else { return };
    let files = (0..list.length()).filter_map(|index| list.get(index)).map(|file| (file.name(), file));
    let files: Vec<(String, File)> = files.collect();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let (title, is_table) = (names.join(", "), names.iter().any(|name| looks_like_table(name)));
    open_named(title, files, is_table, conductor);
}

/// Opens files under their names, or their paths; those that size alone rules out are refused.
pub(super) fn open_named(title: String, files: Vec<(String, File)>, is_table: bool, conductor: Conductor) {
    let total: f64 = files.iter().map(|(_, file)| file.size()).sum();
    if let Some(fault) = refuse(std::slice::from_ref(&title), total) {
        conductor.store.note_fault(fault);
        return;
    }
    let files = files.into_iter().map(|(name, file)| TextFile { name, encoding: None, blob: file.into() }).collect();
    let read_as = if is_table { ReadAs::Table(TableOptions::default()) } else { ReadAs::Text };
    conductor.open(TextSource { title, files, sample: None, read_as });
}

/// Endings of names by which a file is first taken for a table; the visitor can have it read as a text all the same.
const TABLE_ENDINGS: [&str; 12] =
    [".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".conll", ".conllu", ".bio", ".iob", ".iob2", ".psv"];

/// A file of this name is first read as a table.
pub fn looks_like_table(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TABLE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// A text typed or pasted, as a blob.
pub fn text_blob(text: &str) -> Option<Blob> {
    Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(text))).ok()
}

/// Why files of these names and of this size together are not even read.
pub fn refuse(names: &[String], total_bytes: f64) -> Option<Fault> {
    let list = || names.join(", ");
    if total_bytes > MAX_BYTES {
        let detail = format!("{}: {}", list(), bytes(total_bytes as u64));
        Some(Fault::new(FaultCode::FileTooLarge, NextAction::ChooseText, detail))
    } else if total_bytes == 0.0 {
        Some(Fault::new(FaultCode::EmptyText, NextAction::ChooseText, list()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_alone_refuses_only_the_empty_and_the_huge() {
        let names = ["a.txt".to_owned(), "b.txt".to_owned()];
        assert_eq!(refuse(&names, 0.0).map(|fault| fault.code), Some(FaultCode::EmptyText));
        assert_eq!(refuse(&names, 50e6), None);
        let fault = refuse(&names, 50e6 + 1.0);
        assert_eq!(fault.map(|fault| (fault.code, fault.detail)), Some((FaultCode::FileTooLarge, "a.txt, b.txt: 50\u{a0}MB".to_owned())));
    }
}
