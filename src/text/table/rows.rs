//! Where rows of every form arrive: the growing table, the counts, and what was odd on the way.
//!
//! When the table is full, one row of every two goes and from then on only one of every two (four, eight, …) is taken. What stays is spread
//! evenly over the files whatever their length, which need not be known; files that are sorted by class lose no class. Which of the two stays
//! is drawn by their number: were it always the first, a file whose classes take turns would lose all but one.

use super::error::TableError;
use super::store::{Table, alike};
use super::{MAX_LISTED, MAX_ROWS, excerpt};
use crate::protocol::{RaggedRow, RowCounts, RowPlace, TableFinding};
use std::collections::HashSet;

/// What every row of a file has besides its own cells, with the column's name: its class, its part.
pub(super) type Extra = (&'static str, String);

/// The table that is being read.
pub(super) struct Rows {
    pub(super) table: Table,
    pub(super) counts: RowCounts,
    most: usize,
    /// Rows that were whole and within the width.
    offered: u64,
    /// How often half of the rows went: one of so many times two is kept.
    halvings: u32,
    shorter: u64,
    longer: u64,
    cut: u64,
    ragged_rows: Vec<RaggedRow>,
    ragged_width: usize,
    ragged_repaired: bool,
    stray: Option<(u64, RowPlace)>,
    unreadable: Vec<RowPlace>,
    rest_lost: bool,
    /// Characters of JSON of which only one half was there, and where the first stood.
    halves: Option<(u64, RowPlace)>,
    /// Keys of JSON documents beside the rows, and how many there were.
    beside: (Vec<String>, u64),
    /// Names of columns beyond the limit.
    surplus_columns: HashSet<String>,
}

impl Rows {
    pub(super) fn new(most_rows: Option<u32>) -> Self {
        Self {
            table: Table::default(),
            counts: RowCounts::default(),
            most: most_rows.unwrap_or(MAX_ROWS).clamp(2, MAX_ROWS) as usize,
            offered: 0,
            halvings: 0,
            shorter: 0,
            longer: 0,
            cut: 0,
            ragged_rows: Vec::new(),
            ragged_width: 0,
            ragged_repaired: true,
            stray: None,
            unreadable: Vec::new(),
            rest_lost: false,
            halves: None,
            beside: (Vec::new(), 0),
            surplus_columns: HashSet::new(),
        }
    }

    /// A column by name, whatever its case, made when it is new; `None`, and a count, beyond the limit.
    pub(super) fn column(&mut self, name: &str) -> Option<usize> {
        self.column_of_file(name, |_| false)
    }

    /// As [`Self::column`], for a file that has columns already: `Text` of this file may be `text` of another, but not its own.
    pub(super) fn column_of_file(&mut self, name: &str, is_own: impl Fn(usize) -> bool) -> Option<usize> {
        let exact = self.table.column(name);
        if let Some(found) =
            exact.filter(|&column| !is_own(column)).or_else(|| self.table.columns_alike(name).find(|&column| !is_own(column)))
        {
            return Some(found);
        }
        let number = |number: &u32| self.table.column(&numbered(name, *number)).is_none();
        let free = exact.and_then(|_| (2..).find(number)).map(|number| numbered(name, number));
        let name = free.as_deref().unwrap_or(name);
        let found = self.table.column_or_new(name);
        // The names are counted; nobody needs a million of them.
        if found.is_none() && self.surplus_columns.len() < 10_000 {
            self.surplus_columns.insert(name.to_owned());
        }
        found
    }

    /// Whether the next row is kept; makes room for it.
    fn admit(&mut self) -> bool {
        self.counts.read += 1;
        let row = self.offered;
        self.offered += 1;
        if !(1..=self.halvings).all(|halving| stays(row >> (halving - 1), halving)) {
            return false;
        }
        if self.table.rows() < self.most {
            return true;
        }
        // Every block of rows before this one has given one row to the table, so that a row's place there is the number of its block.
        let block = row >> self.halvings;
        self.halvings += 1;
        self.table.retain(|row| stays(row as u64, self.halvings));
        stays(block, self.halvings)
    }

    /// Adds a row of a file's own columns.
    pub(super) fn push<'a>(
        &mut self,
        place: RowPlace,
        columns: &FileColumns,
        cells: impl Iterator<Item = &'a str>,
    ) -> Result<(), TableError> {
        if !self.admit() {
            return Ok(());
        }
        if columns.plain {
            return self.table.push_row(place, cells);
        }
        let mut row = vec![""; self.table.columns()];
        for (cell, &at) in cells.zip(&columns.at) {
            if let Some(at) = at {
                row[at] = cell;
            }
        }
        for (at, value) in &columns.extras {
            row[*at] = value;
        }
        self.table.push_row(place, row.into_iter())
    }

    /// Adds a row of cells with their columns; the last cell of a column counts.
    pub(super) fn push_cells(&mut self, place: RowPlace, cells: &[(usize, String)]) -> Result<(), TableError> {
        if !self.admit() {
            return Ok(());
        }
        let mut row = vec![""; self.table.columns()];
        for (at, cell) in cells {
            if let Some(place) = row.get_mut(*at) {
                *place = cell;
            }
        }
        self.table.push_row(place, row.into_iter())
    }

    /// Notes a ragged row; it must then be pushed or left out.
    pub(super) fn ragged(&mut self, row: RaggedRow, width: usize, repaired: bool) {
        *if (row.cells as usize) < width { &mut self.shorter } else { &mut self.longer } += 1;
        self.ragged_width = width;
        self.ragged_repaired = repaired;
        if self.ragged_rows.len() < MAX_LISTED {
            self.ragged_rows.push(row);
        }
    }

    /// Notes that the last cells of the ragged row before were left out.
    pub(super) fn cut_surplus(&mut self) {
        self.cut += 1;
    }

    pub(super) fn leave_out_ragged(&mut self) {
        self.counts.read += 1;
        self.counts.ragged += 1;
    }

    /// A row that could not be parsed. With `rest_lost`, nothing after it could be either.
    pub(super) fn unreadable(&mut self, place: RowPlace, rest_lost: bool) {
        self.counts.read += 1;
        self.counts.unreadable += 1;
        self.rest_lost |= rest_lost;
        if self.unreadable.len() < MAX_LISTED {
            self.unreadable.push(place);
        }
    }

    /// Notes characters of which only one half was there.
    pub(super) fn half_characters(&mut self, characters: u64, place: RowPlace) {
        if characters > 0 {
            let (all, first) = self.halves.unwrap_or((0, place));
            self.halves = Some((all + characters, first));
        }
    }

    /// Notes lists and objects of a JSON document that are no rows.
    pub(super) fn passed_over(&mut self, keys: Vec<String>) {
        self.beside.1 += keys.len() as u64;
        let free = MAX_LISTED.saturating_sub(self.beside.0.len());
        self.beside.0.extend(keys.into_iter().take(free).map(|key| excerpt(&key)));
    }

    pub(super) fn stray_quotes(&mut self, cells: u64, first: RowPlace) {
        if cells > 0 {
            let (all, place) = self.stray.unwrap_or((0, first));
            self.stray = Some((all + cells, place));
        }
    }

    /// The table, the counts, and the findings of reading.
    pub(super) fn finish(mut self) -> (Table, RowCounts, Vec<TableFinding>) {
        self.counts.kept = self.table.rows() as u64;
        self.counts.over_limit = self.offered - self.counts.kept;
        let mut findings = Vec::new();
        if self.counts.kept == 0 {
            findings.push(TableFinding::NoRows);
        }
        if self.shorter + self.longer > 0 {
            findings.push(TableFinding::RaggedRows {
                expected: self.ragged_width as u32,
                shorter: self.shorter,
                longer: self.longer,
                cut: self.cut,
                repaired: self.ragged_repaired,
                rows: self.ragged_rows,
            });
        }
        if let Some((cells, first)) = self.stray {
            findings.push(TableFinding::StrayQuotes { cells, first });
        }
        if self.counts.unreadable > 0 {
            findings.push(TableFinding::UnreadableRows {
                rows: self.counts.unreadable,
                places: self.unreadable,
                rest_lost: self.rest_lost,
            });
        }
        if let Some((characters, first)) = self.halves {
            findings.push(TableFinding::HalfCharacters { characters, first });
        }
        if self.beside.1 > 0 {
            findings.push(TableFinding::NotRows { count: self.beside.1, names: self.beside.0 });
        }
        if self.counts.over_limit > 0 {
            findings.push(TableFinding::TooManyRows { rows: self.counts.read, limit: self.most as u64 });
        }
        if !self.surplus_columns.is_empty() {
            let columns = self.table.columns() + self.surplus_columns.len();
            findings.push(TableFinding::TooManyColumns { columns: columns as u64, limit: self.table.columns() as u32 });
        }
        (self.table, self.counts, findings)
    }
}

/// Whether a block of rows, rather than its neighbour, is the one of the two that stays at this halving. Blocks 0 and 1 are neighbours, 2 and 3, and so on. A
/// coin that only the two and the halving decide (`SplitMix64`): the same file gives the same rows.
fn stays(block: u64, halving: u32) -> bool {
    let mut coin = ((block >> 1) << 6 | u64::from(halving)).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    coin = (coin ^ coin >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    coin = (coin ^ coin >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    (coin ^ coin >> 31) & 1 == block & 1
}

/// Where a file's columns are in the table, and what every row of the file has besides (its class, its part).
pub(super) struct FileColumns {
    at: Vec<Option<usize>>,
    extras: Vec<(usize, String)>,
    /// The file's columns are those of the table, in order, and there is nothing besides.
    plain: bool,
}

impl FileColumns {
    /// Columns of the same name in several files are one, whatever its case. A name that comes twice in one file gets a number.
    pub(super) fn new(names: &[String], extras: &[Extra], rows: &mut Rows) -> Self {
        let mut taken: HashSet<String> = HashSet::new();
        let unique = names.iter().map(|name| {
            let mut unique = name.clone();
            let mut number = 2;
            while !taken.insert(unique.clone()) {
                unique = numbered(name, number);
                number += 1;
            }
            unique
        });
        let unique: Vec<String> = unique.collect();
        // What is called the same goes before what is merely alike.
        let mut own: HashSet<usize> = unique.iter().filter_map(|name| rows.table.column(name)).collect();
        let mut column = |name: &String| {
            let found = rows.table.column(name).or_else(|| rows.column_of_file(name, |column| own.contains(&column)));
            own.extend(found);
            found
        };
        let at: Vec<Option<usize>> = unique.iter().map(&mut column).collect();
        let extras = extra_columns(extras, &taken, rows);
        let plain = extras.is_empty() && at.iter().enumerate().all(|(column, at)| *at == Some(column));
        Self { at, extras, plain }
    }
}

fn numbered(name: &str, number: u32) -> String {
    format!("{name} ({number})")
}

/// Columns for what every row of a file has besides; a column of the file itself goes before.
fn extra_columns(extras: &[Extra], taken: &HashSet<String>, rows: &mut Rows) -> Vec<(usize, String)> {
    let free = extras.iter().filter(|(name, _)| !taken.iter().any(|own| alike(own, name)));
    free.filter_map(|(name, value)| Some((rows.column(name)?, value.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_keeps_rows_evenly_and_counts_the_rest() {
        let mut rows = Rows::new(Some(100));
        let columns = FileColumns::new(&["n".to_owned()], &[], &mut rows);
        for n in 0..1_000_u32 {
            rows.push(RowPlace { file: 0, line: n }, &columns, [n.to_string().as_str()].into_iter()).unwrap();
        }
        let (table, counts, findings) = rows.finish();
        let kept: Vec<u32> = (0..table.rows()).map(|row| table.cell(row, 0).parse().unwrap()).collect();
        let mut blocks: Vec<u32> = kept.iter().map(|row| row / 16).collect();
        blocks.retain(|&block| block < 62);
        assert_eq!(blocks, (0..62).collect::<Vec<_>>(), "one of every 16, in their order");
        for stride in [2, 4, 8] {
            let mut of_turn = vec![0; stride];
            kept.iter().for_each(|&row| of_turn[row as usize % stride] += 1);
            assert!(of_turn.iter().all(|&rows| rows > 0), "each of {stride} classes that take turns is there: {of_turn:?}");
        }
        assert_eq!((counts.read, counts.kept + counts.over_limit), (1_000, 1_000));
        assert_eq!(findings, [TableFinding::TooManyRows { rows: 1_000, limit: 100 }]);
    }

    #[test]
    fn a_row_stays_for_what_it_is_and_not_for_when_the_table_was_full() {
        for most in [2, 3, 7, 50, 99] {
            for offered in [most, most + 1, 2 * most, 2 * most + 1, 400] {
                let mut rows = Rows::new(Some(most));
                let columns = FileColumns::new(&["n".to_owned()], &[], &mut rows);
                for n in 0..offered {
                    rows.push(RowPlace { file: 0, line: n }, &columns, [n.to_string().as_str()].into_iter()).unwrap();
                }
                let halvings = rows.halvings;
                let (table, counts, _) = rows.finish();
                assert!((1..=u64::from(most)).contains(&counts.kept) && (offered > most) == (halvings > 0), "{counts:?}");
                let kept: Vec<u32> = (0..table.rows()).map(|row| table.cell(row, 0).parse().unwrap()).collect();
                let all = (0..offered).filter(|row| (1..=halvings).all(|halving| stays(u64::from(row >> (halving - 1)), halving)));
                assert_eq!(kept, all.collect::<Vec<_>>(), "{most} of {offered}");
            }
        }
    }

    #[test]
    fn columns_of_several_files_meet_by_name() {
        let mut rows = Rows::new(None);
        let names = |names: &[&str]| -> Vec<String> { names.iter().map(|&name| name.to_owned()).collect() };
        let one = FileColumns::new(&names(&["text", "label"]), &[("split", "train".to_owned())], &mut rows);
        rows.push(RowPlace { file: 0, line: 2 }, &one, ["a", "x"].into_iter()).unwrap();
        let two = FileColumns::new(&names(&["label", "label", "text"]), &[("split", "test".to_owned())], &mut rows);
        rows.push(RowPlace { file: 1, line: 2 }, &two, ["y", "z", "b"].into_iter()).unwrap();
        let (table, ..) = rows.finish();
        let cells: Vec<Vec<&str>> = (0..2).map(|row| (0..4).map(|column| table.cell(row, column)).collect()).collect();
        assert_eq!(cells, [["a", "x", "train", ""], ["b", "y", "test", "z"]]);
        assert_eq!(table.name(3), "label (2)");
    }

    #[test]
    fn names_that_differ_by_case_meet_across_files_and_not_within_one() {
        let mut rows = Rows::new(None);
        let mut columns = |names: &[&str], extras: &[Extra]| -> Vec<usize> {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            let found = FileColumns::new(&names, extras, &mut rows);
            found.at.into_iter().flatten().chain(found.extras.into_iter().map(|(column, _)| column)).collect()
        };
        assert_eq!(columns(&["text", "Label"], &[]), [0, 1]);
        assert_eq!(columns(&[" TEXT ", "label"], &[("Label", "x".to_owned())]), [0, 1], "the file's own label goes before");
        assert_eq!(columns(&["Text", "text"], &[("label", "x".to_owned())]), [2, 0, 1], "two of one file are two");
        assert_eq!(columns(&["text", "Text"], &[]), [0, 2]);
    }
}
