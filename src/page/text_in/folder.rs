//! Folders on their way in: what was dropped or picked as a folder, as files that keep their paths, since a sub-folder's name can be a class.
//!
//! In: entries of a drop, or the files of a folder picker. Out: a `TextSource` whose files have paths such as `moods/good/1.txt`. A dropped folder is known by
//! the File and Directory Entries API (<https://wicg.github.io/entries-api/>), which every browser has; `web-sys` binds it only with features that its
//! other users would have to be built anew for, hence the few lines of bindings. Hidden files are left out, as a desktop shows them.

use super::source::{MAX_BYTES, looks_like_table, open_named};
use crate::page::conductor::Conductor;
use crate::page::format::bytes;
use crate::page::strings::words;
use crate::protocol::{Fault, FaultCode, NextAction};
use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, HtmlInputElement};

/// Files of a folder at most: each becomes a buffer of its own.
const MOST_FILES: usize = 50_000;
/// Names beginning so are left out, with what is in them.
const HIDDEN: char = '.';

#[wasm_bindgen]
extern "C" {
    type Item;
    #[wasm_bindgen(method, js_name = webkitGetAsEntry)]
    fn entry(this: &Item) -> Option<Entry>;

    type Entry;
    #[wasm_bindgen(method, getter, js_name = isDirectory)]
    fn is_directory(this: &Entry) -> bool;
    /// From the drop's root: `/moods/good/1.txt`.
    #[wasm_bindgen(method, getter, js_name = fullPath)]
    fn full_path(this: &Entry) -> String;
    #[wasm_bindgen(method)]
    fn file(this: &Entry, done: &Function, failed: &Function);
    #[wasm_bindgen(method, js_name = createReader)]
    fn reader(this: &Entry) -> Reader;

    type Reader;
    #[wasm_bindgen(method, js_name = readEntries)]
    fn read(this: &Reader, done: &Function, failed: &Function);
}

/// Entries of what was dropped, where a folder is among it. Only within the event can they be had.
pub fn dropped(data: &DataTransfer) -> Option<Array> {
    let items = data.items();
    let entries: Vec<Entry> = (0..items.length()).filter_map(|at| items.get(at)?.unchecked_into::<Item>().entry()).collect();
    entries.iter().any(Entry::is_directory).then(|| entries.iter().collect())
}

/// Opens what was dropped, folders with all that is in them.
pub fn open_dropped(entries: Array, conductor: Conductor) {
    spawn_local(async move {
        match files_below(entries.iter().map(JsCast::unchecked_into).collect()).await {
            Ok(files) => open(files, conductor),
            Err(fault) => conductor.store.note_fault(fault),
        }
    });
}

/// Every file at or below these entries, with its path.
async fn files_below(mut ahead: Vec<Entry>) -> Result<Vec<(String, File)>, Fault> {
    let failed = |error| Fault::new(FaultCode::FileGone, NextAction::ChooseText, format!("{error:?}"));
    let (mut files, mut total) = (Vec::new(), 0.0);
    while let Some(entry) = ahead.pop() {
        let path = entry.full_path().trim_start_matches('/').to_owned();
        if is_hidden(&path) {
            continue;
        }
        if entry.is_directory() {
            let reader = entry.reader();
            // A reader gives some entries at a time, and none at the end.
            loop {
                let some = Promise::new(&mut |done, failed| reader.read(&done, &failed));
                let some: Array = JsFuture::from(some).await.map_err(failed)?.unchecked_into();
                if some.length() == 0 {
                    break;
                }
                ahead.extend(some.iter().map(JsCast::unchecked_into::<Entry>));
            }
        } else {
            let file = Promise::new(&mut |done, failed| entry.file(&done, &failed));
            let file: File = JsFuture::from(file).await.map_err(failed)?.unchecked_into();
            total += file.size();
            files.push((path, file));
        }
        // A whole disk is not walked through before it is refused.
        if files.len() > MOST_FILES || total > MAX_BYTES {
            break;
        }
    }
    Ok(files)
}

/// Opens the files of a folder: with folders in it as a table whose classes they are.
fn open(mut files: Vec<(String, File)>, conductor: Conductor) {
    files.retain(|(path, _)| !is_hidden(path));
    files.sort_by(|one, other| one.0.cmp(&other.0));
    let title = title(files.iter().map(|(path, _)| path.as_str()));
    if files.len() > MOST_FILES {
        let total: f64 = files.iter().map(|(_, file)| file.size()).sum();
        let fault = Fault::new(FaultCode::FileTooLarge, NextAction::ChooseText, format!("{title}: {}", bytes(total as u64)));
        return conductor.store.note_fault(fault);
    }
    let is_table = are_labelled(&files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>());
    open_named(title, files, is_table, conductor);
}

/// A part of the path is hidden.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with(HIDDEN))
}

/// The files say more than running text: by a name, by a folder within the one that was opened, or by several folders that were dropped together.
fn are_labelled(paths: &[&str]) -> bool {
    let mut folders = paths.iter().filter_map(|path| path.split_once('/')).map(|(top, _)| top);
    let first = folders.next();
    folders.any(|top| Some(top) != first) || paths.iter().any(|path| looks_like_table(path) || path.split('/').count() > 2)
}

/// What the source is called: the folders at the top, each once.
fn title<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let mut tops: Vec<&str> = paths.map(|path| path.split('/').next().unwrap_or(path)).collect();
    tops.dedup();
    tops.join(", ")
}

/// A button that lets a folder be chosen; not on phones, whose browsers know no folders.
#[component]
pub fn FolderPicker(conductor: Conductor) -> impl IntoView {
    let words = &words().text;
    let picked = move |event: web_sys::Event| {
        let input = event_target::<HtmlInputElement>(&event);
        let list = input.files().filter(|list| list.length() > 0);
        let path = |file: &File| Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        let one = |file: File| (path(&file).filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file);
        if let Some(list) = list {
            open((0..list.length()).filter_map(|at| list.get(at)).map(one).collect(), conductor);
        }
        input.set_value("");
    };
    view! {
        <li class="wide-only">
            <label class="pill" title=words.folder_note for="folder-input">{words.folder}</label>
            <input id="folder-input" class="visually-hidden" data-testid="folder-input" type="file" prop:webkitdirectory=true on:change=picked/>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_within_a_folder_are_classes_and_hidden_files_are_none() {
        assert!(are_labelled(&["moods/good/1.txt"]) && are_labelled(&["rows.csv"]) && are_labelled(&["good/1.txt", "bad/1.txt"]));
        assert!(!are_labelled(&["letters/1.txt", "letters/2.txt"]) && !are_labelled(&["1.txt"]) && !are_labelled(&[]));
        assert!(is_hidden("moods/.DS_Store") && is_hidden(".git/config") && !is_hidden("moods/good/1.txt"));
    }

    #[test]
    fn a_source_is_called_by_the_folders_at_the_top() {
        assert_eq!(title(["good/1.txt", "good/2.txt", "bad/1.txt"].into_iter()), "good, bad");
        assert_eq!(title(["moods/good/1.txt", "moods/bad/1.txt"].into_iter()), "moods");
    }
}
