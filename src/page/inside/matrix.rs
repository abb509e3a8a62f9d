//! The matrix view as plain data: which cell is how dark, and where.
//!
//! In: one head of the shown maps, a threshold, whether rows are shown against their largest weight. Out: cells and places. Absent: drawing.

use super::geometry::columns;
use super::shown::Shown;

/// One cell that is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    pub query: usize,
    pub key: usize,
    /// 0..=1: the cell's opacity; signed, −1..=1, for a difference.
    pub shade: f32,
}

/// What the visitor set.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MatrixDials {
    /// Weights below this are not drawn, 0..=1.
    pub threshold: f32,
    /// Each row is shown against its largest weight.
    pub by_row: bool,
}

/// The cells of one head, row by row; only the causal half, and nothing below the threshold.
pub fn cells(shown: &Shown, layer: usize, head: usize, dials: MatrixDials) -> Vec<Cell> {
    let mut cells = Vec::new();
    let scale = shown.scale();
    for query in 0..shown.head().tokens.len() {
        let row: Vec<f32> = (0..=query).map(|key| shown.weight(layer, head, query, key).unwrap_or(0.0)).collect();
        let largest = row.iter().map(|weight| weight.abs()).fold(0.0, f32::max);
        let whole = if dials.by_row && largest > 0.0 { largest } else { scale };
        let kept = row.into_iter().enumerate().filter(|&(_, weight)| weight != 0.0 && weight.abs() >= dials.threshold);
        cells.extend(kept.map(|(key, weight)| Cell { query, key, shade: weight / whole }));
    }
    cells
}

/// The measures of a matrix picture, CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatrixGeometry {
    pub tokens: usize,
    /// Side of a cell.
    pub cell: f64,
    /// Left edge of the cells; row labels end here.
    pub left: f64,
    /// Upper edge of the cells; column labels, turned, end here.
    pub top: f64,
    pub font: f64,
    pub width: f64,
    pub height: f64,
}

/// Smallest cell that a finger or a pointer can still tell from its neighbour; longer sentences scroll.
const CELL_MIN: f64 = 10.0;
const CELL_MAX: f64 = 46.0;
/// From here on a whole matrix is better than a larger one that scrolls.
const CELL_GOOD: f64 = 11.0;

impl MatrixGeometry {
    /// Fits a matrix into `width` × `height`, as far as cells stay readable.
    pub fn new(width: f64, height: f64, labels: &[String]) -> Self {
        let tokens = labels.len();
        let longest = labels.iter().map(|label| columns(label)).max().unwrap_or(0).min(12) as f64;
        let font = match tokens {
            33.. => 10.0,
            _ if width > 760.0 && height > 520.0 => 15.0,
            _ => 12.0,
        };
        let margin = (longest * font * 0.61 + 10.0).min(width * 0.3);
        let side = |room: f64| (room / tokens.max(1) as f64).floor();
        // All of it, where that leaves room for the labels' type; else larger than its frame, which scrolls.
        let whole = side((width - margin - 2.0).min(height - margin - 2.0));
        let cell = if whole >= CELL_GOOD { whole } else { side((width - margin - 2.0).min((height - margin - 2.0).max(width * 0.4))) };
        let cell = cell.clamp(CELL_MIN, CELL_MAX);
        let font = font.min(cell.max(10.0));
        let side = cell * tokens as f64;
        let left = margin + ((width - margin - side) / 2.0).max(0.0);
        Self { tokens, cell, left, top: margin, font, width: (left + side + 2.0).max(width), height: margin + side + 2.0 }
    }

    /// Left edge of a key's column.
    pub fn x(&self, key: usize) -> f64 {
        self.left + key as f64 * self.cell
    }

    /// Upper edge of a query's row.
    pub fn y(&self, query: usize) -> f64 {
        self.top + query as f64 * self.cell
    }

    /// The (query, key) under a point, in the causal half or not.
    pub fn cell_at(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let index = |offset: f64| (offset / self.cell).floor();
        let (key, query) = (index(x - self.left), index(y - self.top));
        let inside = |index: f64| index >= 0.0 && index < self.tokens as f64;
        (inside(key) && inside(query)).then_some((query as usize, key as usize))
    }
}

/// The cell after an arrow key, within the causal half.
pub fn moved(from: Option<(usize, usize)>, down: i32, right: i32, tokens: usize) -> Option<(usize, usize)> {
    let last = tokens.checked_sub(1)? as i64;
    let Some((query, key)) = from else { return Some((0, 0)) };
    let query = (query as i64 + i64::from(down)).clamp(0, last);
    let key = (key as i64 + i64::from(right)).clamp(0, query);
    Some((query as usize, key as usize))
}

#[cfg(test)]
mod tests {
    use super::super::scene::tests::two_heads;
    use super::super::shown::tests::only;
    use super::*;

    #[test]
    fn only_the_causal_half_above_the_threshold_is_drawn() {
        let (frame, mut buffer) = two_heads(&["a", "b", "c"]);
        buffer[2 * 3] = 51;
        let shown = only(frame, buffer);
        let all = cells(&shown, 0, 0, MatrixDials::default());
        assert_eq!(all.len(), 4);
        let strong = cells(&shown, 0, 0, MatrixDials { threshold: 0.3, by_row: false });
        assert_eq!(strong.iter().map(|cell| (cell.query, cell.key)).collect::<Vec<_>>(), [(0, 0), (1, 0), (2, 1)]);
    }

    #[test]
    fn a_row_is_shown_against_its_largest() {
        let (frame, mut buffer) = two_heads(&["a", "b", "c"]);
        (buffer[2 * 3], buffer[2 * 3 + 1]) = (51, 102);
        let mut shown = only(frame, buffer);
        let shade = |shown: &Shown, by_row| cells(shown, 0, 0, MatrixDials { threshold: 0.0, by_row }).last().unwrap().shade;
        assert!((shade(&shown, false) - 0.4).abs() < 1e-6);
        assert!((shade(&shown, true) - 1.0).abs() < 1e-6);
        // A difference is signed, and full at the end of its scale, a half here.
        let mut before = (*shown.frame).clone();
        before.weights[2 * 3 + 1] = 204;
        shown.from = Some(before.into());
        assert!((shade(&shown, false) + 0.8).abs() < 1e-6);
        assert!((shade(&shown, true) + 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_point_finds_its_cell() {
        let labels: Vec<String> = (0..8).map(|i| format!("t{i}")).collect();
        let geometry = MatrixGeometry::new(600.0, 340.0, &labels);
        assert_eq!(geometry.cell_at(geometry.x(3) + 1.0, geometry.y(5) + 1.0), Some((5, 3)));
        assert_eq!(geometry.cell_at(geometry.left - 1.0, geometry.top + 1.0), None);
        assert!(geometry.height <= 342.0, "{geometry:?}");
        let labels: Vec<String> = (0..14).map(|i| format!("token{i}")).collect();
        let low = MatrixGeometry::new(560.0, 250.0, &labels);
        assert!(low.height <= 250.0 && low.font <= low.cell, "{low:?}");
    }

    #[test]
    fn long_sentences_keep_cells_one_can_point_at() {
        let labels: Vec<String> = (0..64).map(|i| format!("token{i}")).collect();
        let geometry = MatrixGeometry::new(358.0, 330.0, &labels);
        assert_eq!(geometry.cell, CELL_MIN);
        assert!(geometry.width >= 640.0, "wider than the frame, which scrolls: {geometry:?}");
    }

    #[test]
    fn arrows_stay_in_the_causal_half() {
        assert_eq!(moved(None, 1, 0, 3), Some((0, 0)));
        assert_eq!(moved(Some((0, 0)), 0, 1, 3), Some((0, 0)));
        assert_eq!(moved(Some((2, 2)), -1, 0, 3), Some((1, 1)));
        assert_eq!(moved(Some((2, 0)), 5, -1, 3), Some((2, 0)));
        assert_eq!(moved(None, 0, 0, 0), None);
    }
}
