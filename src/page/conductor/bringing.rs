//! How what was brought is read: as a text or as a table, with which corrections.

use super::Conductor;
use super::survive::choose_files;
use crate::page::text_in::encodings::meant;
use crate::page::text_in::{ReadAs, TextSource};
use crate::protocol::{TableOptions, TableTask};
use leptos::prelude::*;

impl Conductor {
    /// Reads the open files as something else.
    pub fn read_as(&self, read_as: ReadAs) {
        let Some(source) = self.source.get_value().filter(|source| !source.files.is_empty()) else { return };
        self.open(TextSource { read_as, ..source });
    }

    /// Reads as a table what was too short for a text.
    pub(super) fn read_refused_as_table(&self) {
        match self.refused.try_update_value(Option::take).flatten() {
            Some(source) => self.open(TextSource { read_as: ReadAs::Table(TableOptions::default()), ..source }),
            // It has been read, or another one was refused since.
            None => choose_files(),
        }
    }

    /// Reads the source's files as a table, for a task.
    pub fn read_for(&self, task: TableTask) {
        self.read_as(ReadAs::Table(TableOptions::default()));
        self.wanted.set_value(Some(task));
    }

    /// The open text or table is the visitor's own, from files.
    pub fn brought_own_files(&self) -> bool {
        self.source.with_value(|source| source.as_ref().is_some_and(|source| source.sample.is_none() && !source.files.is_empty()))
    }

    /// What is open can be read in another way: it came from the visitor in this visit, not with a saved run.
    pub fn can_read_again(&self) -> bool {
        self.source.with_value(Option::is_some)
    }

    /// Reads the file at `index` of the open text in another encoding; `None` lets the engine guess again.
    pub fn correct_encoding(&self, index: usize, encoding: Option<String>) {
        let Some(mut source) = self.source.get_value() else { return };
        if let Some(file) = source.files.get_mut(index) {
            file.encoding = encoding;
            self.open(source);
        }
    }

    /// Reads the files of the open table in another encoding that were read in the one that is shown.
    pub fn read_in(&self, encoding: &str) {
        let Some(mut source) = self.source.get_value() else { return };
        let own: Vec<(&str, bool)> = source.files.iter().map(|file| (file.name.as_str(), file.encoding.is_some())).collect();
        let meant =
            self.store.peek(|state| meant(&own, state.labels.table.as_ref().map_or(&[][..], |table| table.reading.files.as_slice())));
        let files = source.files.iter_mut().zip(meant).filter(|(_, meant)| *meant);
        files.for_each(|(file, _)| file.encoding = Some(encoding.to_owned()));
        self.open(source);
    }

    /// Reads the open table with another separator, header, and so on.
    pub fn correct_table(&self, edit: impl FnOnce(&mut TableOptions)) {
        let Some(mut source) = self.source.get_value() else { return };
        if let ReadAs::Table(options) = &mut source.read_as {
            edit(options);
            self.open(source);
        }
    }
}
