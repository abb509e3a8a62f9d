//! Rows typed by hand: columns of classes, as a visitor fills them in.

use super::error::TableError;
use super::store::Table;
use crate::protocol::{RowPlace, TypedClass};

impl Table {
    /// A table of `text` and `label` from typed classes. Places: the class's position as file, the text's position (from 1) as line.
    /// Blank texts stay rows, so that they are counted where examples are collected.
    ///
    /// # Errors
    /// `TooLarge` for more text than a table holds.
    pub fn typed(classes: &[TypedClass]) -> Result<Self, TableError> {
        let mut table = Self::default();
        table.column_or_new("text");
        table.column_or_new("label");
        for (file, class) in (0_u32..).zip(classes) {
            for (line, text) in (1_u32..).zip(&class.texts) {
                table.push_row(RowPlace { file, line }, [text.as_str(), class.name.as_str()].into_iter())?;
            }
        }
        Ok(table)
    }
}
