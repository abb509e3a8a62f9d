//! A row that is nearly all zeros.

/// Features of one text: their numbers, ascending, and their values. Features that are not listed are 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SparseRow {
    pub indices: Vec<u32>,
    pub values: Vec<f64>,
}

impl SparseRow {
    /// Number and value of each feature that is not 0.
    pub fn iter(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.indices.iter().map(|&index| index as usize).zip(self.values.iter().copied())
    }

    /// Scales to Euclidean length 1; a row of zeros stays as it is.
    pub(super) fn normalise(&mut self) {
        let length = self.values.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length > 0.0 {
            self.values.iter_mut().for_each(|value| *value /= length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_length_one_or_nothing() {
        let mut row = SparseRow { indices: vec![1, 4], values: vec![3.0, 4.0] };
        row.normalise();
        assert_eq!(row.iter().collect::<Vec<_>>(), [(1, 0.6), (4, 0.8)]);
        let mut empty = SparseRow::default();
        empty.normalise();
        assert_eq!(empty, SparseRow::default());
    }
}
