//! A table as bytes, for storage, and back.
//!
//! Little-endian, lists with their lengths before them as `u32`: columns (name, 1 for lists, `u64` of quoted cells), the cells' text, the end of each cell,
//! the end of each row, file and line of each row. What is read is checked, so that no cell of it can lead outside its text.

use super::error::TableError;
use super::store::{Column, Table};
use super::values::Commas;
use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROWS};
use crate::protocol::RowPlace;

fn damaged(what: &'static str) -> TableError {
    TableError::Damaged(what)
}

/// Takes numbers and text off the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], TableError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(damaged("cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, TableError> {
        let bytes = self.bytes(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn text(&mut self) -> Result<&'a str, TableError> {
        let count = self.number()? as usize;
        std::str::from_utf8(self.bytes(count)?).map_err(|_| damaged("text"))
    }

    fn numbers(&mut self) -> Result<Vec<u32>, TableError> {
        let count = self.number()? as usize;
        let bytes = self.bytes(count.checked_mul(4).ok_or(damaged("length"))?)?;
        Ok(bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect())
    }
}

fn put(bytes: &mut Vec<u8>, numbers: impl ExactSizeIterator<Item = u32>) {
    bytes.extend_from_slice(&(numbers.len() as u32).to_le_bytes());
    numbers.for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    // At most MAX_CELL_BYTES, which is below 2^32.
    bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn rises(ends: &[u32]) -> bool {
    ends.windows(2).all(|two| two[0] <= two[1])
}

impl Table {
    /// The whole table.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.cells.len() + 4 * (self.ends.len() + 3 * self.rows.len()) + 64 * self.columns.len() + 64);
        bytes.extend_from_slice(&(self.columns.len() as u32).to_le_bytes());
        for column in &self.columns {
            put_text(&mut bytes, &column.name);
            let commas = match column.commas {
                None => 0,
                Some(Commas::Decimal) => 2,
                Some(Commas::Thousands) => 4,
            };
            bytes.push(u8::from(column.list) | commas);
            bytes.extend_from_slice(&column.quoted_cells.to_le_bytes());
        }
        put_text(&mut bytes, &self.cells);
        put(&mut bytes, self.ends.iter().copied());
        put(&mut bytes, self.rows.iter().copied());
        put(&mut bytes, self.places.iter().map(|place| place.file));
        put(&mut bytes, self.places.iter().map(|place| place.line));
        bytes
    }

    /// A table that was written by [`Self::to_bytes`].
    ///
    /// # Errors
    /// `Damaged` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TableError> {
        let mut reader = Reader(bytes);
        let count = reader.number()? as usize;
        if count > MAX_COLUMNS {
            return Err(damaged("columns"));
        }
        let mut columns = Vec::with_capacity(count);
        for _ in 0..count {
            let name = reader.text()?.to_owned();
            let flags = reader.bytes(1)?[0];
            let (list, commas) = match (flags & 1 != 0, flags >> 1) {
                (list, 0) => (list, None),
                (list, 1) => (list, Some(Commas::Decimal)),
                (list, 2) => (list, Some(Commas::Thousands)),
                _ => return Err(damaged("columns")),
            };
            let quoted_cells = u64::from(reader.number()?) | u64::from(reader.number()?) << 32;
            columns.push(Column { name, list, quoted_cells, commas });
        }
        let cells = reader.text()?.to_owned();
        let (ends, rows) = (reader.numbers()?, reader.numbers()?);
        let (files, lines) = (reader.numbers()?, reader.numbers()?);
        let fits = cells.len() <= MAX_CELL_BYTES && rows.len() <= MAX_ROWS as usize && reader.0.is_empty();
        if !fits || files.len() != rows.len() || lines.len() != rows.len() {
            return Err(damaged("lengths"));
        }
        let within =
            ends.last().is_none_or(|&end| end as usize == cells.len()) && rows.last().is_none_or(|&end| end as usize == ends.len());
        if !within || !rises(&ends) || !rises(&rows) || !ends.iter().all(|&end| cells.is_char_boundary(end as usize)) {
            return Err(damaged("ends of cells"));
        }
        let places = files.into_iter().zip(lines).map(|(file, line)| RowPlace { file, line }).collect();
        Ok(Self { columns, cells, ends, rows, places })
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::list_cell;
    use super::*;
    use proptest::prelude::*;

    fn table() -> Table {
        let mut table = Table::default();
        for name in ["text", "tags", "ünïcode"] {
            table.column_or_new(name);
        }
        table.mark_list(1);
        table.count_quoted(2);
        (table.columns[0].commas, table.columns[1].commas) = (Some(Commas::Decimal), Some(Commas::Thousands));
        let tags = list_cell(["O", "B-place"].into_iter());
        table.push_row(RowPlace { file: 0, line: 2 }, ["to 北京", tags.as_str(), "7"].into_iter()).unwrap();
        table.push_row(RowPlace { file: 1, line: 9 }, std::iter::empty()).unwrap();
        table.push_row(RowPlace { file: 1, line: 10 }, ["", "", "é"].into_iter()).unwrap();
        table
    }

    #[test]
    fn a_table_comes_back_as_it_was() {
        for table in [table(), Table::default()] {
            assert_eq!(Table::from_bytes(&table.to_bytes()).unwrap(), table);
        }
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let bytes = table().to_bytes();
        for length in 0..bytes.len() {
            assert!(Table::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_can_be_looked_at(place in 0usize..1_000, byte in any::<u8>()) {
            let mut bytes = table().to_bytes();
            let place = place % bytes.len();
            bytes[place] = byte;
            if let Ok(table) = Table::from_bytes(&bytes) {
                for row in 0..table.rows() {
                    for column in 0..table.columns() {
                        let _ = (table.cell(row, column), table.items(row, column).count(), table.place(row));
                    }
                }
            }
        }
    }
}
