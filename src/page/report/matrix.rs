//! The confusion matrix as shades: how deep a cell is.
//!
//! In: counts `[true class][predicted class]`. Out: shares of each row and shades; which confusions are the most frequent. Absent: words, elements.

/// A cell off the diagonal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confusion {
    pub truth: usize,
    pub said: usize,
    pub rows: u64,
}

/// The share of its row that each cell has; an empty row has shares of 0.
pub fn shares(counts: &[Vec<u64>]) -> Vec<Vec<f64>> {
    let row = |row: &Vec<u64>| {
        let total: u64 = row.iter().sum();
        row.iter().map(|&count| if total == 0 { 0.0 } else { count as f64 / total as f64 }).collect()
    };
    counts.iter().map(row).collect()
}

/// The deepest shade: on a deeper one the number, written in the page's ink, would be hard to read in one of the themes.
const DEEPEST: f64 = 50.0;

/// How much of its colour a share takes, in per cent: even small shares differ from none.
pub fn shade(share: f64) -> u32 {
    if share <= 0.0 { 0 } else { (6.0 + share.clamp(0.0, 1.0) * (DEEPEST - 6.0)).round() as u32 }
}

/// The most frequent confusions, largest first.
pub fn most_confused(counts: &[Vec<u64>], most: usize) -> Vec<Confusion> {
    let mut found: Vec<Confusion> = counts
        .iter()
        .enumerate()
        .flat_map(|(truth, row)| row.iter().enumerate().map(move |(said, &rows)| Confusion { truth, said, rows }))
        .filter(|cell| cell.truth != cell.said && cell.rows > 0)
        .collect();
    found.sort_by_key(|cell| std::cmp::Reverse(cell.rows));
    found.truncate(most);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_true_class() {
        assert_eq!(shares(&[vec![3, 1], vec![0, 0]]), [vec![0.75, 0.25], vec![0.0, 0.0]]);
    }

    #[test]
    fn none_is_white_and_a_little_is_not() {
        assert_eq!([0.0, 0.02, 0.5, 1.0].map(shade), [0, 7, 28, 50]);
    }

    #[test]
    fn the_diagonal_is_no_confusion() {
        let found = most_confused(&[vec![9, 1, 0], vec![4, 9, 2], vec![0, 0, 9]], 2);
        assert_eq!(found, [Confusion { truth: 1, said: 0, rows: 4 }, Confusion { truth: 1, said: 2, rows: 2 }]);
        assert!(most_confused(&[vec![5, 0], vec![0, 5]], 3).is_empty());
    }
}
