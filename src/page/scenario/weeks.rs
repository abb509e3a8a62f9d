//! Moods over time: how many texts of each week are negative, and whether a week is worse than chance explains.
//!
//! In: dated texts with their labels, what the model says of them. Out: counts per week, by the model and by the labels, with a one-sided exact binomial
//! test of each week against the weeks before it. Absent: drawing, words.

use super::csv::columns;
use super::dates::{day_number, monday};
use crate::protocol::labels::{LabelAnswer, TextAnswer};

/// The mood that is counted.
pub const NEGATIVE: &str = "negative";
/// Chance of one false alarm or more in a whole stream without a surge.
pub const FALSE_ALARM: f64 = 0.05;

/// A dated text.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Days since 1 January 1970.
    pub day: i64,
    pub text: String,
    /// Its label says negative.
    pub negative: bool,
}

/// The stream of the scenario's file; `None` where it is not such a file.
pub fn items(csv: &str) -> Option<Vec<Item>> {
    let rows = columns(csv, ["date", "text", "mood"])?;
    rows.into_iter().map(|[date, text, mood]| Some(Item { day: day_number(&date)?, text, negative: mood == NEGATIVE })).collect()
}

/// Which texts the model calls negative; `None` for one that it could not read. `None` altogether where it knows no such class.
pub fn negatives(answer: &LabelAnswer) -> Option<Vec<Option<bool>>> {
    let LabelAnswer::Predicted { classes, predictions, .. } = answer else { return None };
    let wanted = classes.iter().position(|class| class.eq_ignore_ascii_case(NEGATIVE))? as u32;
    let one = |answer: &TextAnswer| match answer {
        TextAnswer::Class { class, .. } => Some(*class == wanted),
        _ => None,
    };
    Some(predictions.iter().map(|prediction| one(&prediction.as_ref()?.answer)).collect())
}

/// A week held against those before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// Share of negatives in the weeks before, without those that were flagged.
    pub before: f64,
    /// Chance of so many negatives or more, if this week were like those.
    pub p: f64,
    /// Less than [`FALSE_ALARM`], shared out over all weeks that are tested (Bonferroni).
    pub flagged: bool,
}

/// Negatives among texts, and the test; the first week has none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Count {
    pub negative: u64,
    pub test: Option<Test>,
}

/// A week of the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// Its Monday.
    pub monday: i64,
    pub texts: u64,
    pub model: Count,
    pub labels: Count,
}

/// Week by week; weeks without a text are left out. `said` has an entry for each item; what the model could not read counts on neither side.
pub fn weeks(items: &[Item], said: &[Option<bool>]) -> Vec<Week> {
    let mut counts: std::collections::BTreeMap<i64, [u64; 3]> = std::collections::BTreeMap::new();
    for (item, said) in items.iter().zip(said) {
        let Some(said) = said else { continue };
        let [texts, model, labels] = counts.entry(monday(item.day)).or_default();
        (*texts, *model, *labels) = (*texts + 1, *model + u64::from(*said), *labels + u64::from(item.negative));
    }
    let by = |which: usize| counted(&counts.values().map(|count| (count[which], count[0])).collect::<Vec<_>>());
    let sides = by(1).into_iter().zip(by(2));
    counts.iter().zip(sides).map(|((&monday, count), (model, labels))| Week { monday, texts: count[0], model, labels }).collect()
}

/// Tests each (negatives, texts) against those before it. A flagged week is no example of what is usual: it is left out for the weeks after it.
fn counted(weeks: &[(u64, u64)]) -> Vec<Count> {
    let level = FALSE_ALARM / weeks.len().saturating_sub(1).max(1) as f64;
    let (mut negatives, mut texts) = (0_u64, 0_u64);
    let mut found = Vec::with_capacity(weeks.len());
    for &(negative, all) in weeks {
        let test = (texts > 0).then(|| {
            // Laplace's rule of succession: weeks without a single negative do not make the first one impossible.
            let p = binomial_tail(negative, all, (negatives + 1) as f64 / (texts + 2) as f64);
            Test { before: negatives as f64 / texts as f64, p, flagged: p < level }
        });
        if !test.is_some_and(|test| test.flagged) {
            (negatives, texts) = (negatives + negative, texts + all);
        }
        found.push(Count { negative, test });
    }
    found
}

/// Chance of `least` hits or more in `n` tries that each hit with chance `p`.
fn binomial_tail(least: u64, n: u64, p: f64) -> f64 {
    if least == 0 {
        return 1.0;
    }
    let (hit, miss) = (p.ln(), (-p).ln_1p());
    // ln of n over k, k rising.
    let (mut ways, mut sum) = (0.0_f64, 0.0_f64);
    for k in 0..=n {
        if k > 0 {
            ways += ((n - k + 1) as f64).ln() - (k as f64).ln();
        }
        if k >= least {
            // 0 · −∞ has no value, but nothing to the power of 0 is 1.
            let power = |times: u64, ln: f64| if times == 0 { 0.0 } else { times as f64 * ln };
            sum += (ways + power(k, hit) + power(n - k, miss)).exp();
        }
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::typed::tests::predicted;
    use super::*;

    #[test]
    fn tails_are_those_of_scipy() {
        // scipy.stats.binomtest(k, n, p, alternative="greater").pvalue
        for (k, n, p, wanted) in
            [(7, 10, 0.5, 0.171_875), (38, 52, 0.2, 2.347_284_025_103_082_5e-16), (1, 40, 0.01, 0.331_028_241_430_319_5), (0, 5, 0.3, 1.0)]
        {
            let found = binomial_tail(k, n, p);
            assert!((found / wanted - 1.0).abs() < 1e-6, "{k} of {n}: {found}");
        }
        assert_eq!((binomial_tail(3, 3, 1.0), binomial_tail(1, 3, 0.0)), (1.0, 0.0));
    }

    #[test]
    fn a_surge_is_flagged_and_does_not_hide_the_next_one() {
        let found = counted(&[(8, 40), (10, 40), (30, 40), (9, 40), (28, 40)]);
        let flagged: Vec<bool> = found.iter().map(|count| count.test.is_some_and(|test| test.flagged)).collect();
        assert_eq!(flagged, [false, false, true, false, true]);
        assert_eq!(found[0].test, None);
        assert_eq!(found[3].test.unwrap().before, 18.0 / 80.0);
    }

    #[test]
    fn a_bad_day_of_a_usual_week_is_none() {
        assert!(counted(&[(8, 40), (10, 40), (14, 40)]).iter().all(|count| count.test.is_none_or(|test| !test.flagged)));
    }

    #[test]
    fn model_and_labels_are_counted_apart_and_what_was_not_read_not_at_all() {
        let item = |day: i64, negative| Item { day: 20_150 + day, text: String::new(), negative };
        let items = [item(0, true), item(6, false), item(7, true), item(8, true)];
        let said = negatives(&predicted(["Positive", "Negative"], &[Some(0.9), Some(0.8), Some(0.1), None])).unwrap();
        assert_eq!(said, [Some(true), Some(true), Some(false), None]);
        let found = weeks(&items, &said);
        let counts: Vec<_> =
            found.iter().map(|week| (week.monday - 20_150, week.texts, week.model.negative, week.labels.negative)).collect();
        assert_eq!(counts, [(0, 2, 2, 1), (7, 1, 0, 1)]);
        assert_eq!(negatives(&predicted(["harbour", "sport"], &[Some(0.9)])), None);
    }

    #[test]
    fn the_labels_of_the_scenario_s_stream_have_one_surge() {
        let csv = std::fs::read_to_string(format!("{}/static/scenarios/news/news.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let items = items(&csv).unwrap();
        let said: Vec<Option<bool>> = items.iter().map(|item| Some(item.negative)).collect();
        let found = weeks(&items, &said);
        let flagged: Vec<i64> =
            found.iter().filter(|week| week.labels.test.is_some_and(|test| test.flagged)).map(|week| week.monday).collect();
        assert_eq!((found.len(), flagged), (12, vec![day_number("2025-04-21").unwrap()]));
    }
}
