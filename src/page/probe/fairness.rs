//! What swapping words did: how many predictions changed, by how much, and whether a class gains or loses beyond chance.
//!
//! In: rows with both answers. Out: [`Outcome`], and per class a [`Shift`] with its bootstrap interval over rows. After Prabhakaran, Hutchinson and
//! Mitchell 2019, "Perturbation sensitivity analysis to detect unintended model biases", and Kiritchenko and Mohammad 2018, "Examining gender
//! and race bias in two hundred sentiment analysis systems". Signs: texts hold words of both sides, and a model that prefers one side gains where it comes and loses
//! where it goes. So changes count from left words to right words; rows swapped the other way count with the other sign, rows that go as
//! much one way as the other not at all. Absent: whether a difference is unjust.

use super::job::Tried;
use crate::metrics::{Bootstrap, Interval};

/// Rows below which an interval says nothing.
pub const FEWEST_ROWS: usize = 10;
/// Changes of probabilities (or numbers) below this are rounding.
const NOTHING: f64 = 1e-5;

/// Is a shift beyond chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The interval excludes 0.
    Beyond,
    /// The interval holds 0.
    Within,
    /// Too few rows to say.
    TooFew,
}

/// How a class (or the score) moves from left words to right words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    pub class: usize,
    /// Rows that go one way.
    pub rows: usize,
    /// Of the probability, or in the unit of the score.
    pub mean: f64,
    /// None without rows.
    pub interval: Option<Interval>,
    pub verdict: Verdict,
}

/// What can be counted at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Rows with both answers.
    pub rows: usize,
    /// Rows whose named classes changed; none of scores.
    pub changed: Option<usize>,
    /// Mean change of the score; of classes that of the probability of the one that was likeliest before, up or down alike: chosen for being the likeliest, it
    /// falls more often than it rises whatever is swapped.
    pub leading: f64,
    /// Numbers of an answer: classes, or 1.
    pub numbers: usize,
    /// Places in the list of the rows that changed most: those with another class first, then by the change of the likeliest class.
    pub most: Vec<usize>,
}

/// The change of the number that the answer before rested on.
pub fn leading_change(tried: &Tried) -> f64 {
    let leading = tried.before.leading();
    match (tried.before.numbers.get(leading), tried.after.numbers.get(leading)) {
        (Some(before), Some(after)) => after - before,
        _ => 0.0,
    }
}

/// The classes changed; never of scores.
pub fn is_changed(tried: &Tried) -> bool {
    tried.before.classes != tried.after.classes
}

/// Counts. `scores`: answers are numbers, not classes. `most`: rows to show.
pub fn outcome(tried: &[Tried], scores: bool, most: usize) -> Outcome {
    let rows = tried.len();
    let mut order: Vec<usize> = (0..rows).filter(|&at| is_changed(&tried[at]) || leading_change(&tried[at]).abs() > NOTHING).collect();
    order.sort_by(|&a, &b| {
        let key = |at: usize| (is_changed(&tried[at]), leading_change(&tried[at]).abs());
        key(b).0.cmp(&key(a).0).then(key(b).1.total_cmp(&key(a).1))
    });
    order.truncate(most);
    Outcome {
        rows,
        changed: (!scores).then(|| tried.iter().filter(|tried| is_changed(tried)).count()),
        leading: tried.iter().map(leading_change).map(|change| if scores { change } else { change.abs() }).sum::<f64>()
            / rows.max(1) as f64,
        numbers: tried.first().map_or(0, |tried| tried.before.numbers.len()),
        most: order,
    }
}

/// How class `class` moves. A thousand resamples of all rows: some milliseconds.
pub fn shift(tried: &[Tried], class: usize) -> Shift {
    let signed = |tried: &Tried| {
        let sign = f64::from(tried.row.leaning().signum());
        let change = tried.after.numbers.get(class)? - tried.before.numbers.get(class)?;
        (sign != 0.0).then_some(sign * change)
    };
    let changes: Vec<f64> = tried.iter().filter_map(signed).collect();
    let interval = Bootstrap::default().mean(&changes);
    let rounding = changes.iter().all(|change| change.abs() <= NOTHING);
    let verdict = match interval {
        _ if changes.len() < FEWEST_ROWS => Verdict::TooFew,
        Some(interval) if interval.excludes(0.0) && !rounding => Verdict::Beyond,
        _ => Verdict::Within,
    };
    Shift { class, rows: changes.len(), mean: interval.map_or(0.0, |interval| interval.estimate), interval, verdict }
}

#[cfg(test)]
mod tests {
    use super::super::heard::Heard;
    use super::super::job::Candidate;
    use super::super::swaps::{Swaps, parse};
    use super::*;

    fn tried(text: &str, before: f64, after: f64) -> Tried {
        let swapped = Swaps::new(&parse("he = she").0).swap(text);
        let heard = |good: f64| Heard { classes: vec![u32::from(good > 0.5)], numbers: vec![1.0 - good, good] };
        let row = Candidate { row: 0, text: text.to_owned(), second: String::new(), swapped: [swapped, None] };
        Tried { row, before: heard(before), after: heard(after) }
    }

    #[test]
    fn changes_are_counted_and_the_largest_come_first() {
        let rows = [tried("he", 0.9, 0.6), tried("he", 0.55, 0.45), tried("he", 0.7, 0.7), tried("she", 0.2, 0.25)];
        let outcome = outcome(&rows, false, 10);
        assert_eq!((outcome.rows, outcome.changed, outcome.numbers), (4, Some(1), 2));
        assert_eq!(outcome.most, [1, 0, 3], "another class first, no change not at all");
        assert!((outcome.leading - (0.3 + 0.1 + 0.05) / 4.0).abs() < 1e-12);
    }

    #[test]
    fn rows_swapped_the_other_way_count_with_the_other_sign() {
        // The model gives "he" 0.1 more, wherever it stands.
        let rows: Vec<Tried> = (0..20)
            .map(|row| {
                let base = 0.5 + f64::from(row) * 0.01;
                if row % 2 == 0 { tried("he", base + 0.1, base) } else { tried("she", base, base + 0.1) }
            })
            .collect();
        let shift = shift(&rows, 1);
        assert_eq!((shift.rows, shift.verdict), (20, Verdict::Beyond));
        assert!((shift.mean + 0.1).abs() < 1e-12);
        let other = super::shift(&rows, 0);
        assert!((other.mean - 0.1).abs() < 1e-12 && other.verdict == Verdict::Beyond);
    }

    #[test]
    fn changes_to_and_fro_are_within_chance() {
        let rows: Vec<Tried> =
            (0..40).map(|row| tried("he", 0.5, 0.5 + [0.1, -0.1, 0.03, -0.03][row % 4])).chain([tried("he she", 0.1, 0.9)]).collect();
        let shift = shift(&rows, 1);
        assert_eq!((shift.rows, shift.verdict), (40, Verdict::Within), "the row that goes both ways is left out");
    }

    #[test]
    fn few_rows_and_rounding_are_not_flagged() {
        let few: Vec<Tried> = (0..FEWEST_ROWS - 1).map(|_| tried("he", 0.9, 0.1)).collect();
        assert_eq!(shift(&few, 1).verdict, Verdict::TooFew);
        let rounding: Vec<Tried> = (0..30).map(|_| tried("he", 0.9, 0.9 + 1e-7)).collect();
        assert_eq!(shift(&rounding, 1).verdict, Verdict::Within);
        assert_eq!((shift(&[], 0).rows, shift(&[], 0).interval), (0, None));
    }
}
