//! All heads as small multiples, as plain data: in which order, where, and which cells of each are how dark.
//!
//! In: the shown maps, what is known of each head, the room. Out: places and runs of cells, the same for canvas and SVG. Absent: drawing.

use super::shown::Shown;
use crate::protocol::explain::{HeadPlace, Role};

/// In which order heads stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Row by row as in the model.
    Layer,
    /// The one that moved most first.
    Change,
    /// The one that looks at the fewest tokens first.
    Spread,
    /// Heads of one role together, the surest first.
    Role,
}

impl Sort {
    pub const ALL: [Self; 4] = [Self::Layer, Self::Change, Self::Spread, Self::Role];

    pub fn name(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Change => "change",
            Self::Spread => "spread",
            Self::Role => "role",
        }
    }
}

/// One head and what it is sorted by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tile {
    pub place: HeadPlace,
    /// Jensen–Shannon distance from the compared step.
    pub change: f32,
    /// Mean entropy of its rows of this sentence, 0..=1.
    pub spread: f32,
    /// Over the text, with its score, where it was measured.
    pub role: Option<(Role, f32)>,
}

/// Roles in the order in which they stand; what is not known comes last.
const ROLES: [Role; 9] =
    [Role::Previous, Role::Induction, Role::Same, Role::First, Role::Punctuation, Role::Itself, Role::Local, Role::Broad, Role::Mixed];

/// Puts tiles in order; equals stay as in the model.
pub fn arrange(tiles: &mut [Tile], sort: Sort) {
    let rank = |tile: &Tile| tile.role.map_or(ROLES.len(), |role| ROLES.iter().position(|&one| one == role.0).unwrap_or(ROLES.len()));
    let score = |tile: &Tile| tile.role.map_or(0.0, |role| role.1);
    tiles.sort_by_key(|tile| (tile.place.layer, tile.place.head));
    match sort {
        Sort::Layer => {}
        Sort::Change => tiles.sort_by(|a, b| b.change.total_cmp(&a.change)),
        Sort::Spread => tiles.sort_by(|a, b| a.spread.total_cmp(&b.spread)),
        Sort::Role => tiles.sort_by(|a, b| rank(a).cmp(&rank(b)).then(score(b).total_cmp(&score(a)))),
    }
}

/// Measures of the grid, CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    pub count: usize,
    pub columns: usize,
    /// Of a square.
    pub side: f64,
    /// Between two squares of a row: the more room there is, the longer their names may be.
    pub gap: f64,
    pub left: f64,
    pub width: f64,
    pub height: f64,
}

/// Above each square, for its name.
pub const CAPTION: f64 = 15.0;
const GAP: f64 = 6.0;
/// Squares that stand further apart are no longer one picture.
const GAP_MAX: f64 = 52.0;
/// For the outline of the outermost squares.
const EDGE: f64 = 2.0;
/// Narrower squares would be specks; there are fewer in a row instead.
const SIDE_MIN: f64 = 52.0;
/// To fit a low frame they may be this small; then the picture scrolls.
const SIDE_LOW: f64 = 40.0;
const SIDE_MAX: f64 = 190.0;

impl Grid {
    /// As large as `count` squares can be in this room; `columns` where the order asks for a number of them and it fits.
    pub fn new(width: f64, height: f64, count: usize, columns: Option<usize>) -> Self {
        let (room, height) = (width - 2.0 * EDGE, height - EDGE);
        let side_of = |columns: usize| {
            let rows = count.div_ceil(columns.max(1)).max(1) as f64;
            let wide = (room + GAP) / columns.max(1) as f64 - GAP;
            wide.min((height + GAP) / rows - GAP - CAPTION)
        };
        let fits = |columns: &usize| (room + GAP) / *columns as f64 - GAP >= SIDE_MIN;
        let best = || (1..=count.max(1)).filter(fits).max_by(|&a, &b| side_of(a).total_cmp(&side_of(b))).unwrap_or(1);
        let columns = columns.filter(|columns| *columns > 0 && fits(columns)).unwrap_or_else(best);
        let side = side_of(columns).clamp(SIDE_LOW, SIDE_MAX).min((room + GAP) / columns as f64 - GAP).floor();
        let rows = count.div_ceil(columns) as f64;
        let gap = ((room - columns as f64 * side) / (columns as f64 - 1.0).max(1.0)).clamp(GAP, GAP_MAX).floor();
        let used = columns as f64 * (side + gap) - gap;
        let left = ((width - used) / 2.0).max(EDGE).floor();
        Self { count, columns, side, gap, left, width, height: rows * (side + GAP + CAPTION) - GAP + EDGE }
    }

    /// Upper left corner of a square.
    pub fn corner(&self, index: usize) -> (f64, f64) {
        let (row, column) = (index / self.columns, index % self.columns);
        (self.left + column as f64 * (self.side + self.gap), row as f64 * (self.side + GAP + CAPTION) + CAPTION)
    }

    /// The square under a point, its name included.
    pub fn at(&self, x: f64, y: f64) -> Option<usize> {
        (0..self.count).find(|&index| {
            let (left, top) = self.corner(index);
            (left..left + self.side).contains(&x) && (top - CAPTION..top + self.side).contains(&y)
        })
    }

    /// The square after an arrow key.
    pub fn moved(&self, from: Option<usize>, down: i64, right: i64) -> Option<usize> {
        let last = self.count.checked_sub(1)? as i64;
        let Some(from) = from else { return Some(0) };
        let to = from as i64 + right + down * self.columns as i64;
        Some(if (0..=last).contains(&to) { to as usize } else { from })
    }
}

/// Neighbouring cells of one row that are as dark as each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub query: usize,
    pub from: usize,
    /// Past the last.
    pub to: usize,
    /// ± eighths of full.
    pub level: i8,
}

pub const LEVELS: i8 = 8;

/// The cells of one head in eighths: weights of the head's largest, differences of the scale. What is fainter than a sixteenth is left out.
pub fn runs(shown: &Shown, layer: usize, head: usize, scale: f32) -> Vec<Run> {
    let tokens = shown.head().tokens.len();
    let weight = |query, key| shown.weight(layer, head, query, key).unwrap_or(0.0);
    let full = if shown.is_difference() {
        scale
    } else {
        let largest = (1..tokens).flat_map(|query| (0..=query).map(move |key| (query, key))).map(|(query, key)| weight(query, key));
        largest.fold(0.0, f32::max)
    };
    let full = if full > 0.0 { full } else { 1.0 };
    let mut runs: Vec<Run> = Vec::new();
    for query in 0..tokens {
        for key in 0..=query {
            let level = (weight(query, key) / full * f32::from(LEVELS)).round().clamp(-f32::from(LEVELS), f32::from(LEVELS)) as i8;
            match runs.last_mut() {
                Some(last) if level != 0 && (last.query, last.to, last.level) == (query, key, level) => last.to += 1,
                _ if level != 0 => runs.push(Run { query, from: key, to: key + 1, level }),
                _ => {}
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::scene::tests::heads_of;
    use super::*;

    fn tile(layer: u32, head: u32, change: f32, spread: f32, role: Option<(Role, f32)>) -> Tile {
        Tile { place: HeadPlace { layer, head }, change, spread, role }
    }

    #[test]
    fn heads_stand_in_the_order_that_was_asked_for() {
        let mut tiles = [
            tile(1, 0, 0.3, 0.2, Some((Role::Broad, 0.9))),
            tile(0, 1, 0.1, 0.9, None),
            tile(0, 0, 0.2, 0.5, Some((Role::Previous, 0.4))),
            tile(1, 1, 0.2, 0.5, Some((Role::Previous, 0.7))),
        ];
        let mut order = |sort| {
            arrange(&mut tiles, sort);
            tiles.map(|tile| (tile.place.layer, tile.place.head))
        };
        assert_eq!(order(Sort::Layer), [(0, 0), (0, 1), (1, 0), (1, 1)]);
        assert_eq!(order(Sort::Change), [(1, 0), (0, 0), (1, 1), (0, 1)]);
        assert_eq!(order(Sort::Spread), [(1, 0), (0, 0), (1, 1), (0, 1)]);
        assert_eq!(order(Sort::Role), [(1, 1), (0, 0), (1, 0), (0, 1)]);
    }

    #[test]
    fn the_grid_fits_a_desktop_and_a_phone() {
        let desktop = Grid::new(576.0, 330.0, 16, Some(4));
        assert!((desktop.columns, desktop.height <= 330.0) == (4, true) && desktop.side >= 60.0, "{desktop:?}");
        let low = Grid::new(560.0, 255.0, 16, Some(4));
        assert!(low.height <= 255.0, "{low:?}");
        let phone = Grid::new(326.0, 380.0, 48, Some(8));
        assert!(phone.side >= SIDE_LOW && phone.columns as f64 * (phone.side + phone.gap) - phone.gap <= 326.0, "{phone:?}");
        for grid in [desktop, phone] {
            for index in 0..grid.count {
                let (x, y) = grid.corner(index);
                assert_eq!(grid.at(x + 1.0, y + grid.side - 1.0), Some(index));
                // The outline of a marked square is two pixels around it, and none of it is cut off.
                let outline = [x - EDGE, grid.width - EDGE - x - grid.side, y - EDGE, grid.height - EDGE - y - grid.side];
                assert!(outline.iter().all(|&room| room >= 0.0), "{index}: {outline:?} of {grid:?}");
            }
            assert_eq!(grid.at(-5.0, 3.0), None);
        }
        assert_eq!((desktop.moved(Some(1), 1, 0), desktop.moved(Some(15), 1, 0), desktop.moved(None, 0, 1)), (Some(5), Some(15), Some(0)));
    }

    #[test]
    fn cells_that_are_alike_become_one_run() {
        let mut shown = heads_of(&["a", "b", "c"]);
        let all: Vec<_> = runs(&shown, 0, 0, 1.0).iter().map(|run| (run.query, run.from, run.to, run.level)).collect();
        assert_eq!(all, [(0, 0, 1, 8), (1, 0, 1, 8), (2, 1, 2, 8)]);
        let mut before = (*shown.frame).clone();
        before.weights[6..9].copy_from_slice(&[127, 255, 0]);
        let mut now = (*shown.frame).clone();
        now.weights[6..9].copy_from_slice(&[0, 128, 127]);
        (shown.from, shown.frame) = (Some(before.into()), now.into());
        let changed: Vec<_> = runs(&shown, 0, 0, 0.5).iter().map(|run| (run.query, run.from, run.to, run.level)).collect();
        assert_eq!(changed, [(2, 0, 2, -8), (2, 2, 3, 8)]);
    }
}
