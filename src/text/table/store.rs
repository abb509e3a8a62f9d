//! A table held compactly: all cells in one string, the ends of the cells in one list.
//!
//! A row may be narrower than the table (missing cells read as empty), so columns can be found while rows are read. A cell may hold
//! a list; its items stand between unit separators.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::error::TableError;
use super::values::Commas;
use super::{MAX_CELL_BYTES, MAX_COLUMNS};
use crate::protocol::RowPlace;

/// Rows and characters of the excerpt.
const EXCERPT_ROWS: usize = 20;
const EXCERPT_CHARACTERS: usize = 300;

/// Between the items of a list in a cell (ASCII unit separator).
const BETWEEN_ITEMS: char = '\u{1f}';

/// A column's name and what its cells hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Cells are lists.
    pub(super) list: bool,
    /// Cells that were strings where the format also has numbers (JSON): a number among them is "in quotation marks".
    pub(super) quoted_cells: u64,
    /// What its commas were before cells were changed: a corrected cell must not change what the others say.
    pub(super) commas: Option<Commas>,
}

/// Rows and columns of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) cells: String,
    /// End of each cell in `cells`, all rows together.
    pub(super) ends: Vec<u32>,
    /// Where each row's cells end in `ends`.
    pub(super) rows: Vec<u32>,
    pub(super) places: Vec<RowPlace>,
}

impl Table {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Name of a column; empty for a column that is not there.
    pub fn name(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |column| &column.name)
    }

    /// Whether cells of this column are lists; read them with [`Self::items`].
    pub fn is_list(&self, column: usize) -> bool {
        self.columns.get(column).is_some_and(|column| column.list)
    }

    pub(super) fn quoted_cells(&self, column: usize) -> u64 {
        self.columns.get(column).map_or(0, |column| column.quoted_cells)
    }

    /// What commas in the numbers of a column are. Linear in its cells.
    pub(super) fn commas(&self, column: usize) -> Commas {
        let kept = self.columns.get(column).and_then(|column| column.commas);
        kept.unwrap_or_else(|| Commas::of((0..self.rows()).map(|row| self.cell(row, column))))
    }

    /// A cell; empty where there is none. Items of a list stand between U+001F.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let first = if row == 0 { 0 } else { self.rows.get(row - 1).map_or(usize::MAX, |&end| end as usize) };
        let last = self.rows.get(row).map_or(0, |&end| end as usize);
        let Some(at) = first.checked_add(column).filter(|&at| at < last) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.cells[start..self.ends[at] as usize]
    }

    /// Cells that a row has; those beyond are empty.
    pub(super) fn width(&self, row: usize) -> usize {
        let first = if row == 0 { 0 } else { self.rows.get(row - 1).copied().unwrap_or(0) };
        self.rows.get(row).map_or(0, |&end| end.saturating_sub(first) as usize)
    }

    /// Items of a list; of any other cell the cell itself. An empty cell has none.
    pub fn items(&self, row: usize, column: usize) -> impl Iterator<Item = &str> + Clone {
        let cell = self.cell(row, column);
        let items = if self.is_list(column) { Some(cell.split(BETWEEN_ITEMS)) } else { None };
        let whole = if items.is_none() { Some(cell) } else { None };
        items.into_iter().flatten().chain(whole).filter(move |_| !cell.is_empty())
    }

    /// A cell to be read: items of a list with blanks between them.
    pub fn text(&self, row: usize, column: usize) -> Cow<'_, str> {
        let cell = self.cell(row, column);
        if self.is_list(column) && cell.contains(BETWEEN_ITEMS) { cell.replace(BETWEEN_ITEMS, " ").into() } else { cell.into() }
    }

    /// File and line where a row starts.
    pub fn place(&self, row: usize) -> RowPlace {
        self.places.get(row).copied().unwrap_or(RowPlace { file: 0, line: 0 })
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The column of this name, made when it is not there; `None` when the table is full.
    pub(super) fn column_or_new(&mut self, name: &str) -> Option<usize> {
        if let Some(found) = self.column(name) {
            return Some(found);
        }
        if self.columns.len() >= MAX_COLUMNS {
            return None;
        }
        self.columns.push(Column { name: name.to_owned(), list: false, quoted_cells: 0, commas: None });
        Some(self.columns.len() - 1)
    }

    /// The columns whose names differ from this one by case or the blanks around it at most.
    pub(super) fn columns_alike(&self, name: &str) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(move |&column| alike(&self.columns[column].name, name))
    }

    pub(super) fn mark_list(&mut self, column: usize) {
        if let Some(column) = self.columns.get_mut(column) {
            column.list = true;
        }
    }

    pub(super) fn count_quoted(&mut self, column: usize) {
        if let Some(column) = self.columns.get_mut(column) {
            column.quoted_cells += 1;
        }
    }

    /// Adds a row of cells in the order of the columns.
    ///
    /// # Errors
    /// `TooLarge` when the cells of all rows take too much memory.
    pub(super) fn push_row<'a>(&mut self, place: RowPlace, cells: impl Iterator<Item = &'a str>) -> Result<(), TableError> {
        for cell in cells.take(MAX_COLUMNS) {
            if self.cells.len() + cell.len() > MAX_CELL_BYTES {
                return Err(TableError::TooLarge { limit: MAX_CELL_BYTES as u64 });
            }
            self.cells.push_str(cell);
            // Both fit: MAX_CELL_BYTES and MAX_ROWS * MAX_COLUMNS are below 2^32.
            self.ends.push(self.cells.len() as u32);
        }
        self.rows.push(self.ends.len() as u32);
        self.places.push(place);
        Ok(())
    }

    /// The same table with other cells, by row and column. Rows that are narrower grow.
    ///
    /// # Errors
    /// `TooLarge` as when a table is read, `NoSuchColumn` for a column that is not there.
    pub fn with_cells(&self, cells: &BTreeMap<(u32, u32), String>) -> Result<Self, TableError> {
        if let Some(&(_, column)) = cells.keys().find(|(_, column)| *column as usize >= self.columns()) {
            return Err(TableError::NoSuchColumn { column, columns: self.columns() as u32 });
        }
        let mut changed = Self { columns: self.columns.clone(), ..Self::default() };
        let touched: BTreeSet<usize> = cells.keys().map(|&(_, column)| column as usize).collect();
        for column in touched {
            changed.columns[column].commas = Some(self.commas(column));
        }
        for row in 0..self.rows() {
            let first = if row == 0 { 0 } else { self.rows[row - 1] };
            let own = cells.range((row as u32, 0)..=(row as u32, u32::MAX));
            let wide = own.clone().map(|((_, column), _)| column + 1).max().unwrap_or(0).max(self.rows[row] - first);
            let cell = |column: u32| cells.get(&(row as u32, column)).map_or_else(|| self.cell(row, column as usize), String::as_str);
            changed.push_row(self.places[row], (0..wide).map(cell))?;
        }
        Ok(changed)
    }

    /// Drops the rows that are not wanted.
    pub(super) fn retain(&mut self, wanted: impl Fn(usize) -> bool) {
        let mut kept = Self { columns: std::mem::take(&mut self.columns), ..Self::default() };
        for row in (0..self.rows()).filter(|&row| wanted(row)) {
            let first = if row == 0 { 0 } else { self.rows[row - 1] as usize };
            for at in first..self.rows[row] as usize {
                let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
                kept.cells.push_str(&self.cells[start..self.ends[at] as usize]);
                kept.ends.push(kept.cells.len() as u32);
            }
            kept.rows.push(kept.ends.len() as u32);
            kept.places.push(self.places[row]);
        }
        *self = kept;
    }

    /// The first rows, their cells cut: what a page shows of the table.
    pub fn excerpt(&self) -> Vec<Vec<String>> {
        let cell = |row, column| self.text(row, column).chars().take(EXCERPT_CHARACTERS).collect();
        (0..self.rows().min(EXCERPT_ROWS)).map(|row| (0..self.columns()).map(|column| cell(row, column)).collect()).collect()
    }
}

/// Names that are the same but for case and the blanks around them.
pub(super) fn alike(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|name| name.trim().chars().flat_map(char::to_lowercase));
    one.eq(other)
}

/// The cell that holds these items.
pub(super) fn list_cell<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let mut cell = String::new();
    for (at, item) in items.enumerate() {
        if at > 0 {
            cell.push(BETWEEN_ITEMS);
        }
        cell.extend(item.chars().map(|c| if c == BETWEEN_ITEMS { ' ' } else { c }));
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: RowPlace = RowPlace { file: 0, line: 1 };

    #[test]
    fn cells_come_back_and_missing_ones_are_empty() {
        let mut table = Table::default();
        assert_eq!((table.column_or_new("a"), table.column_or_new("b"), table.column_or_new("a")), (Some(0), Some(1), Some(0)));
        table.push_row(HERE, ["x", ""].into_iter()).unwrap();
        table.push_row(HERE, std::iter::empty()).unwrap();
        table.push_row(HERE, ["y"].into_iter()).unwrap();
        let cells: Vec<&str> = (0..4).flat_map(|row| [table.cell(row, 0), table.cell(row, 1)]).collect();
        assert_eq!(cells, ["x", "", "", "", "y", "", "", ""]);
        assert_eq!((table.rows(), table.columns(), table.name(1), table.name(9)), (3, 2, "b", ""));
    }

    #[test]
    fn cells_are_changed_and_narrow_rows_grow() {
        let mut table = Table::default();
        assert_eq!((table.column_or_new("a"), table.column_or_new("b")), (Some(0), Some(1)));
        table.push_row(HERE, ["x", "y"].into_iter()).unwrap();
        table.push_row(HERE, ["z"].into_iter()).unwrap();
        let changed = table.with_cells(&BTreeMap::from([((0, 0), "long".to_owned()), ((1, 1), "w".to_owned())])).unwrap();
        let cells: Vec<&str> = (0..2).flat_map(|row| [changed.cell(row, 0), changed.cell(row, 1)]).collect();
        assert_eq!(cells, ["long", "y", "z", "w"]);
        assert_eq!(table.with_cells(&BTreeMap::new()).unwrap(), table);
        let missing = BTreeMap::from([((0, 2), String::new())]);
        assert_eq!(table.with_cells(&missing), Err(TableError::NoSuchColumn { column: 2, columns: 2 }));
    }

    #[test]
    fn lists_are_cells_with_items() {
        let mut table = Table::default();
        table.column_or_new("tokens");
        table.mark_list(0);
        table.push_row(HERE, [list_cell(["a b", "c\u{1f}d"].into_iter()).as_str()].into_iter()).unwrap();
        table.push_row(HERE, [""].into_iter()).unwrap();
        assert_eq!(table.items(0, 0).collect::<Vec<_>>(), ["a b", "c d"]);
        assert_eq!(table.items(1, 0).count(), 0);
        assert_eq!((table.text(0, 0), table.text(1, 0), table.text(9, 9)), ("a b c d".into(), "".into(), "".into()));
    }
}
