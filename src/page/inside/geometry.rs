//! Where things stand in the head picture.
//!
//! In: the width at hand, the height wished for, the tokens' labels. Out: CSS pixels, and which token is under a point. Long sentences
//! first shrink the rows, then make the picture taller than its frame, which scrolls. Absent: drawing.

use super::selection::{Focus, Side};

/// Rows never get lower than this; the type in them is still readable.
const ROW_MIN: f64 = 15.0;
/// Rows of the plain size; where there is room they grow with their type, for the last row of a classroom.
const ROW_PLAIN: f64 = 31.0;
const ROW_MAX: f64 = 44.0;
/// Space above the first and below the last row.
const PAD: f64 = 8.0;
/// Width of the lines at the plain size of rows.
const MIDDLE_PLAIN: f64 = 460.0;
/// Between a label and the lines' ends.
const GAP: f64 = 8.0;

/// The measures of one head picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    pub tokens: usize,
    pub width: f64,
    pub height: f64,
    pub row: f64,
    /// Type size of the labels.
    pub font: f64,
    /// Width of a label column.
    pub label: f64,
    /// Width of the space for bars outside each label column.
    pub bar: f64,
}

impl Geometry {
    /// Fits labels into `width` and, as far as rows stay readable, into `height`.
    pub fn new(width: f64, height: f64, labels: &[String]) -> Self {
        let tokens = labels.len();
        let row = ((height - 2.0 * PAD) / tokens.max(1) as f64).clamp(ROW_MIN, ROW_MAX);
        let font = (row * 0.72).clamp(11.0, 13.0) + (row - ROW_PLAIN).max(0.0) * 0.35;
        let longest = labels.iter().map(|label| columns(label)).max().unwrap_or(0) as f64;
        // At least a third of the width stays for the lines, whatever the labels want.
        let bar = (width * 0.15).clamp(46.0, 120.0);
        let room = (width * 0.66 - 2.0 * bar) / 2.0 - GAP;
        let label = (longest * font * 0.62 + 6.0).min(room).max(20.0);
        Self { tokens, width, height: tokens as f64 * row + 2.0 * PAD, row, font, label, bar }
    }

    /// Middle of a token's row.
    pub fn y(&self, token: usize) -> f64 {
        PAD + (token as f64 + 0.5) * self.row
    }

    /// Where lines start, right of the left labels.
    pub fn left(&self) -> f64 {
        self.inset() + self.bar + self.label + GAP
    }

    /// Where lines end, left of the right labels.
    pub fn right(&self) -> f64 {
        self.width - self.left()
    }

    /// Left edge of a column of labels.
    pub fn label_x(&self, side: Side) -> f64 {
        match side {
            Side::Query => self.inset() + self.bar,
            Side::Key => self.right() + GAP,
        }
    }

    /// Where the bars of a column start; they grow away from the labels, to the left on the left side.
    pub fn bar_x(&self, side: Side) -> f64 {
        match side {
            Side::Query => self.inset() + self.bar - 4.0,
            Side::Key => self.right() + GAP + self.label + 4.0,
        }
    }

    /// The token of either column under a point. The lines belong to no token.
    pub fn token_at(&self, x: f64, y: f64) -> Option<Focus> {
        let side = if x <= self.left() {
            Side::Query
        } else if x >= self.right() {
            Side::Key
        } else {
            return None;
        };
        let token = ((y - PAD) / self.row).floor();
        (token >= 0.0 && token < self.tokens as f64).then_some(Focus { side, token: token as usize })
    }

    /// A wide picture does not stretch its lines without end: beyond this the columns move inwards.
    fn inset(&self) -> f64 {
        let middle = self.width - 2.0 * (self.bar + self.label + GAP);
        ((middle - MIDDLE_PLAIN * (self.row / ROW_PLAIN).max(1.0)) / 2.0).max(0.0)
    }
}

/// Columns of a label in a monospaced face: wide letters (Chinese, Japanese, Korean, emoji) take two.
pub fn columns(label: &str) -> usize {
    label.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(c as u32, 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFF60 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD)
}

/// A label of at most `most` columns, its end cut with an ellipsis.
pub fn shortened(label: &str, most: usize) -> String {
    if columns(label) <= most {
        return label.to_owned();
    }
    let mut used = 1;
    let mut short: String = label
        .chars()
        .take_while(|&c| {
            used += if is_wide(c) { 2 } else { 1 };
            used <= most
        })
        .collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("token{i}")).collect()
    }

    #[test]
    fn a_short_sentence_fits_its_frame() {
        let geometry = Geometry::new(600.0, 330.0, &labels(10));
        assert!(geometry.height <= 330.0, "{geometry:?}");
        assert!(geometry.right() - geometry.left() > 180.0, "{geometry:?}");
    }

    #[test]
    fn a_large_screen_gets_larger_type() {
        let (plain, large) = (Geometry::new(600.0, 300.0, &labels(10)), Geometry::new(1200.0, 700.0, &labels(10)));
        assert!(plain.font <= 13.0 && large.font > 16.0 && large.height <= 700.0, "{plain:?} {large:?}");
        assert!(large.right() - large.left() > 600.0);
    }

    #[test]
    fn sixty_four_tokens_shrink_and_then_grow_the_picture() {
        let geometry = Geometry::new(358.0, 330.0, &labels(64));
        assert_eq!(geometry.row, ROW_MIN);
        assert!(geometry.font >= 10.5 && geometry.height > 900.0);
        assert!(geometry.right() - geometry.left() > 90.0, "room for lines on a phone: {geometry:?}");
    }

    #[test]
    fn a_point_finds_its_token_and_the_lines_are_nobodys() {
        let geometry = Geometry::new(600.0, 330.0, &labels(10));
        for token in 0..10 {
            assert_eq!(geometry.token_at(geometry.left() - 1.0, geometry.y(token)), Some(Focus { side: Side::Query, token }));
            assert_eq!(geometry.token_at(geometry.right() + 1.0, geometry.y(token)), Some(Focus { side: Side::Key, token }));
        }
        assert_eq!(geometry.token_at(300.0, 100.0), None);
        assert_eq!(geometry.token_at(0.0, -5.0), None);
        assert_eq!(geometry.token_at(0.0, geometry.height + 5.0), None);
    }

    #[test]
    fn both_columns_mirror_each_other() {
        let geometry = Geometry::new(900.0, 140.0, &labels(4));
        assert!((geometry.right() - geometry.left() - 460.0).abs() < 1e-9);
        assert!((geometry.bar_x(Side::Query) + geometry.bar_x(Side::Key) - 900.0).abs() < 1e-9);
    }

    #[test]
    fn long_and_wide_labels_are_cut() {
        assert_eq!(columns("春ab"), 4);
        assert_eq!(shortened("unbelievable", 6), "unbel…");
        assert_eq!(shortened("春夏秋冬", 6), "春夏…");
        assert_eq!(shortened("short", 6), "short");
    }
}
