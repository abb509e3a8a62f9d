//! Moods over time: how many texts of each week are negative, and whether a week is worse than chance explains.
//!
//! In: dated texts with their topics and labels, what the model says of them. Out: counts per topic; counts per week, of one topic or of all, by the model
//! and by the labels, with Fisher's exact test, one-sided, of each week against the weeks before it. Absent: drawing, words.

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
    /// As the table gives it: the model learns the mood alone.
    pub topic: String,
    /// Its label says negative.
    pub negative: bool,
}

/// The stream of the scenario's file; `None` where it is not such a file.
pub fn items(csv: &str) -> Option<Vec<Item>> {
    let rows = columns(csv, ["date", "text", "topic", "mood"])?;
    let one = |[date, text, topic, mood]: [String; 4]| Some(Item { day: day_number(&date)?, text, topic, negative: mood == NEGATIVE });
    rows.into_iter().map(one).collect()
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

/// A text that the model could read, and whether it calls it negative.
pub type Read<'a> = (&'a Item, bool);

/// How many texts a topic has, and how many of them the model calls negative.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Empty for all topics together.
    pub name: String,
    pub texts: u64,
    pub negative: u64,
}

/// All topics together, then each by its name.
pub fn topics(read: &[Read]) -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    for (item, negative) in read {
        for name in ["", &item.topic] {
            // The empty name sorts before all others.
            let at = topics.binary_search_by(|topic| topic.name.as_str().cmp(name)).unwrap_or_else(|at| {
                topics.insert(at, Topic { name: name.to_owned(), texts: 0, negative: 0 });
                at
            });
            topics[at].texts += 1;
            topics[at].negative += u64::from(*negative);
        }
    }
    topics
}

/// The topic that has more negatives than any other; `None` where two have as many, since then neither stands out.
fn foremost(read: &[Read]) -> Option<Topic> {
    let topics = topics(read);
    let most = topics.iter().skip(1).map(|topic| topic.negative).max().filter(|&most| most > 0)?;
    let mut with_most = topics.into_iter().skip(1).filter(|topic| topic.negative == most);
    let first = with_most.next()?;
    with_most.next().is_none().then_some(first)
}

/// A week held against those before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// Share of negatives in the weeks before, without those that were flagged.
    pub before: f64,
    /// Chance of so many negatives or more, if this week were like those.
    pub p: f64,
    /// Less than [`FALSE_ALARM`], shared out over all weeks that are tested, of all streams that can be looked at (Bonferroni).
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
    /// What its negatives, by the model, are about most often.
    pub foremost: Option<Topic>,
}

/// Week by week; weeks without a text are left out. `streams`: how many such rows of weeks the visitor can look through for an alert; a topic is one
/// of several, and the more there are, the likelier one of them stands out by chance.
pub fn weeks(read: &[Read], streams: usize) -> Vec<Week> {
    let mut by_week: std::collections::BTreeMap<i64, Vec<Read>> = std::collections::BTreeMap::new();
    for &(item, said) in read {
        by_week.entry(monday(item.day)).or_default().push((item, said));
    }
    let by = |negative: fn(&Read) -> bool| {
        let counts = by_week.values().map(|week| (week.iter().filter(|text| negative(text)).count() as u64, week.len() as u64));
        counted(&counts.collect::<Vec<_>>(), streams)
    };
    let sides = by(|(_, said)| *said).into_iter().zip(by(|(item, _)| item.negative));
    let one = |((&monday, week), (model, labels)): ((&i64, &Vec<Read>), _)| Week {
        monday,
        texts: week.len() as u64,
        model,
        labels,
        foremost: foremost(week),
    };
    by_week.iter().zip(sides).map(one).collect()
}

/// Tests each (negatives, texts) against those before it. A flagged week is no example of what is usual: it is left out for the weeks after it.
fn counted(weeks: &[(u64, u64)], streams: usize) -> Vec<Count> {
    let level = FALSE_ALARM / (weeks.len().saturating_sub(1) * streams).max(1) as f64;
    let (mut negatives, mut texts) = (0_u64, 0_u64);
    let mut found = Vec::with_capacity(weeks.len());
    for &(negative, all) in weeks {
        let test = (texts > 0).then(|| {
            let p = hypergeometric_tail(negative, all, negatives + negative, texts + all);
            Test { before: negatives as f64 / texts as f64, p, flagged: p < level }
        });
        if !test.is_some_and(|test| test.flagged) {
            (negatives, texts) = (negatives + negative, texts + all);
        }
        found.push(Count { negative, test });
    }
    found
}

/// Chance that of `drawn` texts out of `all`, of which `negatives` are negative, `least` or more are: the upper tail of the hypergeometric distribution, which is
/// Fisher's exact test of two rows of counts (Fisher 1922, "On the interpretation of chi-squared from contingency tables"). What is usual is estimated from few
/// weeks; this counts for how few.
fn hypergeometric_tail(least: u64, drawn: u64, negatives: u64, all: u64) -> f64 {
    // Logarithms of the factorials of 0 to `all`.
    let mut factorials = vec![0.0_f64];
    for number in 1..=all {
        factorials.push(factorials[number as usize - 1] + (number as f64).ln());
    }
    let ln = |number: u64| factorials.get(number as usize).copied().unwrap_or_default();
    let ways = |of: u64, chosen: u64| ln(of) - ln(chosen) - ln(of - chosen);
    let others = all - negatives;
    let possible = least.max(drawn.saturating_sub(others))..=drawn.min(negatives);
    let chance = |hits: u64| (ways(negatives, hits) + ways(others, drawn - hits) - ways(all, drawn)).exp();
    possible.map(chance).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::typed::tests::predicted;
    use super::*;

    #[test]
    fn tails_are_those_of_scipy() {
        // scipy.stats.fisher_exact([[hits, n - hits], [before, n_before - before]], alternative="greater")
        for ((hits, n), (before, n_before), wanted) in [
            ((30, 40), (18, 80), 3.761_935_058_086_407e-8),
            ((1, 40), (0, 60), 0.4),
            ((0, 5), (3, 9), 1.0),
            ((38, 52), (100, 500), 1.570_130_852_870_077_3e-14),
            ((5, 5), (0, 1), 1.0 / 6.0),
        ] {
            let found = hypergeometric_tail(hits, n, hits + before, n + n_before);
            assert!((found / wanted - 1.0).abs() < 1e-9, "{hits} of {n}: {found}");
        }
    }

    #[test]
    fn a_surge_is_flagged_and_does_not_hide_the_next_one() {
        let found = counted(&[(8, 40), (10, 40), (30, 40), (9, 40), (28, 40)], 1);
        let flagged: Vec<bool> = found.iter().map(|count| count.test.is_some_and(|test| test.flagged)).collect();
        assert_eq!(flagged, [false, false, true, false, true]);
        assert_eq!(found[0].test, None);
        assert_eq!(found[3].test.unwrap().before, 18.0 / 80.0);
    }

    #[test]
    fn a_bad_day_of_a_usual_week_is_none() {
        assert!(counted(&[(8, 40), (10, 40), (14, 40)], 1).iter().all(|count| count.test.is_none_or(|test| !test.flagged)));
    }

    #[test]
    fn the_more_streams_one_can_look_through_the_less_likely_an_alert() {
        // p is 0.0048: below 0.05 shared out among 6, not among 60.
        let flagged = |streams| counted(&[(8, 40), (20, 40)], streams)[1].test.unwrap().flagged;
        assert!(flagged(1) && flagged(6) && !flagged(60));
    }

    fn item(day: i64, topic: &str, negative: bool) -> Item {
        Item { day: 20_150 + day, text: String::new(), topic: topic.to_owned(), negative }
    }

    #[test]
    fn model_and_labels_are_counted_apart() {
        let items = [item(0, "", true), item(6, "", false), item(7, "", true), item(8, "", true)];
        let said = negatives(&predicted(["Positive", "Negative"], &[Some(0.9), Some(0.8), Some(0.1), None])).unwrap();
        assert_eq!(said, [Some(true), Some(true), Some(false), None]);
        let read: Vec<Read> = items.iter().zip(said).filter_map(|(item, said)| Some((item, said?))).collect();
        let counts: Vec<_> =
            weeks(&read, 1).iter().map(|week| (week.monday - 20_150, week.texts, week.model.negative, week.labels.negative)).collect();
        assert_eq!(counts, [(0, 2, 2, 1), (7, 1, 0, 1)]);
        assert_eq!(negatives(&predicted(["harbour", "sport"], &[Some(0.9)])), None);
    }

    #[test]
    fn topics_are_counted_by_name_after_all_together() {
        let items = [item(0, "sport", false), item(1, "harbour", true), item(2, "sport", false), item(9, "harbour", false)];
        let read: Vec<Read> = items.iter().zip([true, true, false, false]).collect();
        let found = topics(&read);
        let found: Vec<_> = found.iter().map(|topic| (topic.name.as_str(), topic.negative, topic.texts)).collect();
        assert_eq!(found, [("", 2, 4), ("harbour", 1, 2), ("sport", 1, 2)]);
        assert_eq!(topics(&[]), []);
    }

    #[test]
    fn a_week_s_foremost_topic_has_more_negatives_by_the_model_than_any_other() {
        let items = [
            item(0, "sport", false),
            item(1, "harbour", true),
            item(2, "sport", false),
            item(9, "harbour", true),
            item(10, "sport", false),
        ];
        let read: Vec<Read> = items.iter().zip([true, true, true, false, false]).collect();
        let found = weeks(&read, 1);
        let first = found[0].foremost.as_ref().unwrap();
        assert_eq!((first.name.as_str(), first.negative), ("sport", 2));
        // Without a negative none is foremost, nor where two have as many.
        assert_eq!((found[1].foremost.as_ref(), foremost(&read[..2])), (None, None));
        // The only topic of a week is.
        assert_eq!(foremost(&read[..1]).unwrap().negative, 1);
    }

    #[test]
    fn the_labels_of_the_scenario_s_stream_have_one_surge_mostly_about_the_harbour() {
        let csv = std::fs::read_to_string(format!("{}/static/scenarios/news/news.csv", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let items = items(&csv).unwrap();
        let read: Vec<Read> = items.iter().map(|item| (item, item.negative)).collect();
        let found = weeks(&read, 1);
        let flagged: Vec<&Week> = found.iter().filter(|week| week.labels.test.is_some_and(|test| test.flagged)).collect();
        assert_eq!((found.len(), flagged.len(), flagged[0].monday), (12, 1, day_number("2025-04-21").unwrap()));
        assert_eq!(flagged[0].foremost, Some(Topic { name: "harbour".to_owned(), texts: 18, negative: 15 }));
        let names: Vec<String> = topics(&read).into_iter().map(|topic| topic.name).collect();
        assert_eq!(names, ["", "culture", "harbour", "schools", "sport", "transport", "weather"]);
    }
}
