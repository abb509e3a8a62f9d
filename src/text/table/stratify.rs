//! Groups of examples into parts, so that every class (or range of numbers) has its share of each.
//!
//! Iterative stratification (Sechidis, Tsoumakas and Vlahavas, *On the Stratification of Multi-Label Data*, 2011), on groups instead of
//! single examples: the class with the fewest groups left is dealt out first, each group to the part that lacks most of this class.
//! With one class per example it is the plain stratified split.

use super::super::shuffle::{epoch_generator, shuffle};
use crate::protocol::SplitPart;
use std::collections::BTreeSet;

/// Parts in the order of the arrays below.
pub(super) const PARTS: [SplitPart; 3] = [SplitPart::Training, SplitPart::Validation, SplitPart::Test];

/// Examples that stay together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) size: u64,
    /// Classes of its examples, each once.
    pub(super) strata: Vec<u32>,
}

/// How many of `n` examples of a class go to training, validation and test.
///
/// Rounded shares; of three or more at least one is for validation, of five or more one for test as well, so that small sets can be
/// checked at all; of one or two none, for there would be too little left to learn.
pub(super) fn allot(n: u64, validation_share: f64, test_share: f64) -> [u64; 3] {
    let part = |share: f64, from: u64| {
        let rounded = (n as f64 * share).round() as u64;
        if share <= 0.0 || n < from { 0 } else { rounded.max(1) }
    };
    let (mut validation, mut test) = (part(validation_share, 3), part(test_share, 5));
    while validation + test >= n.max(1) {
        if test > validation {
            test -= 1
        } else {
            validation = validation.saturating_sub(1)
        }
        if validation + test == 0 {
            break;
        }
    }
    [n - validation - test, validation, test]
}

/// Shares that leave at least a fifth for training; what is no number counts as none.
pub(super) fn shares(validation: f64, test: f64) -> (f64, f64) {
    let tame = |share: f64| if share.is_nan() { 0.0 } else { share.clamp(0.0, 0.5) };
    let (validation, test) = (tame(validation), tame(test));
    let scale = if validation + test > 0.8 { 0.8 / (validation + test) } else { 1.0 };
    (validation * scale, test * scale)
}

/// The part of each group. `strata` is the number of classes; a group without any counts as one more.
pub(super) fn stratify(groups: &[Group], strata: usize, shares: (f64, f64), seed: u64, stream: u64) -> Vec<SplitPart> {
    let alone = [strata as u32];
    let strata_of = |group: &Group| if group.strata.is_empty() { alone.to_vec() } else { group.strata.clone() };
    let mut of_stratum: Vec<Vec<u32>> = vec![Vec::new(); strata + 1];
    let mut sizes = vec![0_u64; strata + 1];
    let mut order: Vec<u32> = (0..groups.len() as u32).collect();
    shuffle(&mut epoch_generator(seed, stream), &mut order);
    for &group in &order {
        for stratum in strata_of(&groups[group as usize]) {
            of_stratum[stratum as usize].push(group);
            sizes[stratum as usize] += groups[group as usize].size;
        }
    }
    let wanted = |size: u64| allot(size, shares.0, shares.1).map(|count| count as i64);
    let mut lacking: Vec<[i64; 3]> = sizes.iter().map(|&size| wanted(size)).collect();
    let mut lacking_all = wanted(groups.iter().map(|group| group.size).sum());
    let mut left: Vec<usize> = of_stratum.iter().map(Vec::len).collect();
    let mut queue: BTreeSet<(usize, usize)> =
        left.iter().enumerate().filter(|(_, left)| **left > 0).map(|(at, &left)| (left, at)).collect();
    let mut parts: Vec<Option<SplitPart>> = vec![None; groups.len()];
    while let Some((_, stratum)) = queue.pop_first() {
        let mut open: Vec<u32> = std::mem::take(&mut of_stratum[stratum]);
        open.retain(|&group| parts[group as usize].is_none());
        // Large groups fit worse the later they come. The sort keeps the shuffled order of equals.
        open.sort_by_key(|&group| std::cmp::Reverse(groups[group as usize].size));
        for group in open {
            let Group { size, .. } = groups[group as usize];
            let mut best = 0;
            for part in 1..3 {
                if (lacking[stratum][part], lacking_all[part]) > (lacking[stratum][best], lacking_all[best]) {
                    best = part;
                }
            }
            parts[group as usize] = Some(PARTS[best]);
            lacking_all[best] -= size as i64;
            for other in strata_of(&groups[group as usize]) {
                let other = other as usize;
                lacking[other][best] -= size as i64;
                if other != stratum && queue.remove(&(left[other], other)) {
                    left[other] -= 1;
                    if left[other] > 0 {
                        queue.insert((left[other], other));
                    }
                }
            }
        }
    }
    parts.into_iter().map(|part| part.unwrap_or(SplitPart::Training)).collect()
}

/// The range that each number is in: up to ten, of about equally many examples; equal numbers are in one range.
pub(super) fn quantile_bins(values: &[f64]) -> Vec<u32> {
    let bins = (values.len() / 10).clamp(1, 10);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let bin = |value: &f64| {
        let rank = sorted.partition_point(|other| other.total_cmp(value).is_lt());
        (rank * bins / sorted.len().max(1)) as u32
    };
    values.iter().map(bin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_classes_are_checked_where_that_leaves_enough() {
        let of = |n| allot(n, 0.1, 0.1);
        assert_eq!([of(0), of(1), of(2)], [[0, 0, 0], [1, 0, 0], [2, 0, 0]]);
        assert_eq!([of(3), of(4), of(5)], [[2, 1, 0], [3, 1, 0], [3, 1, 1]]);
        assert_eq!([of(10), of(100), of(104)], [[8, 1, 1], [80, 10, 10], [84, 10, 10]]);
        assert_eq!(allot(5, 0.0, 0.0), [5, 0, 0]);
        assert_eq!(shares(0.9, f64::NAN), (0.5, 0.0));
        assert!(shares(0.5, 0.5).0 + shares(0.5, 0.5).1 < 0.81);
    }

    #[test]
    fn several_classes_keep_their_proportions() {
        // 1,000 examples, each with any of four classes of very different frequency.
        let mut groups = Vec::new();
        for n in 0..1_000_u32 {
            let strata =
                [(2, 0), (5, 1), (20, 2), (50, 3)].iter().filter(|(every, _)| n * 7_919 % every == 0).map(|(_, class)| *class).collect();
            groups.push(Group { size: 1, strata });
        }
        let parts = stratify(&groups, 4, (0.1, 0.1), 3, 0);
        for class in 0..4_u32 {
            let with: Vec<SplitPart> =
                groups.iter().zip(&parts).filter(|(group, _)| group.strata.contains(&class)).map(|(_, part)| *part).collect();
            for part in [SplitPart::Validation, SplitPart::Test] {
                let share = with.iter().filter(|&&other| other == part).count() as f64 / with.len() as f64;
                assert!((share - 0.1).abs() < 0.03, "class {class}: {share} of {}", with.len());
            }
        }
    }

    #[test]
    fn numbers_are_binned_by_rank() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let bins = quantile_bins(&values);
        assert_eq!((bins[0], bins[9], bins[10], bins[99]), (0, 0, 1, 9));
        assert_eq!(quantile_bins(&[1.0; 50]), [0; 50]);
        assert_eq!(quantile_bins(&[]), Vec::<u32>::new());
    }

    proptest! {
        #[test]
        fn single_classes_are_dealt_exactly(counts in proptest::collection::vec(0_u64..60, 1..8), seed in 0_u64..100) {
            let groups: Vec<Group> = (0_u32..).zip(&counts)
                .flat_map(|(class, &count)| (0..count).map(move |_| Group { size: 1, strata: vec![class] }))
                .collect();
            let parts = stratify(&groups, counts.len(), (0.1, 0.1), seed, 0);
            prop_assert_eq!(&parts, &stratify(&groups, counts.len(), (0.1, 0.1), seed, 0));
            for (class, &count) in (0_u32..).zip(&counts) {
                let found = PARTS.map(|part| {
                    groups.iter().zip(&parts).filter(|(group, other)| group.strata[0] == class && **other == part).count() as u64
                });
                prop_assert_eq!(found, allot(count, 0.1, 0.1));
            }
        }
    }
}
