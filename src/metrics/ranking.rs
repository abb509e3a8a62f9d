//! Ranked lists: how near the top the wanted items stand.
//!
//! In, for one list: per item how much it is wanted (0 or more), and the score it was ranked by, higher first. Out: a number in `0..=1`; take
//! the mean over lists. NDCG after Järvelin and Kekäläinen 2002, with linear gains and ties averaged (McSherry and Najork 2008), as
//! `sklearn.metrics.ndcg_score`. For rank-based figures a tie counts as the worst place in it: a model that scores everything alike has
//! earned nothing.

/// Normalised discounted cumulative gain of the first `k` places. 0 where nothing is wanted, as in scikit-learn; `None` for no items, or
/// lists of unequal length, or a score that is not a number.
pub fn ndcg(wanted: &[f64], scores: &[f64], k: usize) -> Option<f64> {
    comparable(wanted, scores)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let (mut gain, mut place) = (0.0, 0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let mean = tied.iter().map(|&item| wanted[item]).sum::<f64>() / tied.len() as f64;
        gain += mean * (place..place + tied.len()).map(|place| discount(place, k)).sum::<f64>();
        place += tied.len();
    }
    let mut best = wanted.to_vec();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal: f64 = best.iter().enumerate().map(|(place, gain)| gain * discount(place, k)).sum();
    Some(if ideal == 0.0 { 0.0 } else { gain / ideal })
}

/// Whether a wanted item stands among the first `k`: 1 or 0. `None` as for [`ndcg`].
pub fn hit_rate(wanted: &[f64], scores: &[f64], k: usize) -> Option<f64> {
    comparable(wanted, scores)?;
    Some(f64::from(u8::from(first_wanted(wanted, scores).is_some_and(|rank| rank <= k))))
}

/// One over the rank of the first wanted item; 0 when nothing is wanted. Its mean over lists is the mean reciprocal rank. `None` as for
/// [`ndcg`].
pub fn reciprocal_rank(wanted: &[f64], scores: &[f64]) -> Option<f64> {
    comparable(wanted, scores)?;
    Some(first_wanted(wanted, scores).map_or(0.0, |rank| 1.0 / rank as f64))
}

/// Rank from 1 of the best wanted item: the number of items that score at least as much.
fn first_wanted(wanted: &[f64], scores: &[f64]) -> Option<usize> {
    let best = wanted.iter().zip(scores).filter(|(wanted, _)| **wanted > 0.0).map(|(_, score)| *score).reduce(f64::max)?;
    Some(scores.iter().filter(|score| **score >= best).count())
}

fn discount(place: usize, k: usize) -> f64 {
    if place < k { 1.0 / (place as f64 + 2.0).log2() } else { 0.0 }
}

fn comparable(wanted: &[f64], scores: &[f64]) -> Option<()> {
    let numbers = scores.iter().chain(wanted).all(|value| !value.is_nan());
    (wanted.len() == scores.len() && !wanted.is_empty() && numbers).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_order_scores_one() {
        assert_eq!(ndcg(&[3.0, 2.0, 0.0], &[9.0, 5.0, 1.0], 10), Some(1.0));
        assert_eq!(reciprocal_rank(&[1.0, 0.0], &[2.0, 1.0]), Some(1.0));
    }

    #[test]
    fn a_worked_example() {
        // The one wanted item stands third: 1 / log2(4).
        let (wanted, scores) = ([0.0, 0.0, 1.0, 0.0], [4.0, 3.0, 2.0, 1.0]);
        assert_eq!(ndcg(&wanted, &scores, 4), Some(0.5));
        assert_eq!(ndcg(&wanted, &scores, 2), Some(0.0));
        assert_eq!(hit_rate(&wanted, &scores, 2), Some(0.0));
        assert_eq!(hit_rate(&wanted, &scores, 3), Some(1.0));
        assert_eq!(reciprocal_rank(&wanted, &scores), Some(1.0 / 3.0));
    }

    #[test]
    fn ties_are_not_rewarded() {
        let (wanted, scores) = ([1.0, 0.0, 0.0], [0.5, 0.5, 0.5]);
        assert_eq!(hit_rate(&wanted, &scores, 2), Some(0.0));
        assert_eq!(reciprocal_rank(&wanted, &scores), Some(1.0 / 3.0));
        let mean = (1.0 + 1.0 / 3_f64.log2() + 0.5) / 3.0;
        assert!((ndcg(&wanted, &scores, 3).unwrap() - mean).abs() < 1e-12);
    }

    #[test]
    fn nothing_wanted_and_nothing_given() {
        assert_eq!(ndcg(&[0.0, 0.0], &[1.0, 2.0], 5), Some(0.0));
        assert_eq!(reciprocal_rank(&[0.0], &[1.0]), Some(0.0));
        assert_eq!(ndcg(&[], &[], 5), None);
        assert_eq!(hit_rate(&[1.0], &[], 5), None);
        assert_eq!(ndcg(&[1.0], &[f64::NAN], 5), None);
    }
}
