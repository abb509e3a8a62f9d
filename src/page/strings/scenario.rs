//! Words of the nearest examples and of the scenarios. They are no part of `Words`: only views that come later use them, so they come with those.

use crate::page::format::{grouped, percent};
use crate::page::scenario::{Date, Mean, Test};

/// The words of the nearest examples and of the scenarios.
pub struct ScenarioWords {
    pub title: &'static str,
    pub file_failed: &'static str,
    pub file_again: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub copy_refused: &'static str,
    pub near: NearWords,
    pub desk: DeskWords,
    pub news: NewsWords,
    pub lists: ListWords,
}

/// Of the nearest training examples.
pub struct NearWords {
    pub title: &'static str,
    pub similarity: fn(f32) -> String,
    pub waits: &'static str,
    pub failed: &'static str,
    pub meaning: &'static str,
    /// Of pairs whose texts are read apart.
    pub apart: &'static str,
    pub among: fn(u32) -> String,
}

/// Of the help desk.
pub struct DeskWords {
    /// Headings of the three steps.
    pub steps: [&'static str; 3],
    /// How each can be wrong by itself.
    pub wrong: [&'static str; 3],
    pub waits_text: &'static str,
    pub narrowed: fn(usize, &str) -> String,
    pub everywhere: fn(usize, &str) -> String,
    pub similarity: fn(f32) -> String,
    pub waits: &'static str,
    pub failed: &'static str,
    pub next: &'static str,
    pub drafted: &'static str,
    pub greeting: &'static str,
    pub closing: &'static str,
}

/// Of the moods of the news.
pub struct NewsWords {
    pub read: &'static str,
    pub waits_run: &'static str,
    pub reading: fn(usize) -> String,
    pub failed: &'static str,
    pub no_negative: &'static str,
    pub topic: &'static str,
    /// Of a topic's name, negatives, texts. An empty name, here and below, stands for all topics.
    pub topic_of: fn(&str, u64, u64) -> String,
    pub chart: &'static str,
    pub axis: &'static str,
    pub model: &'static str,
    pub labels: &'static str,
    pub quiet: fn(usize, &str) -> String,
    pub alert: fn(Date, &str, u64, u64, &Test) -> String,
    pub foremost: fn(&str, u64, u64) -> String,
    pub labels_quiet: &'static str,
    pub labels_alert: fn(&[Date]) -> String,
    pub test: fn(usize, usize) -> String,
    pub learned: fn(u64, usize, u32) -> String,
    pub table: &'static str,
    pub columns: [&'static str; 5],
    pub week: fn(Date) -> String,
    pub press: &'static str,
    pub texts: fn(Date) -> String,
    /// Negative by the model, by the label.
    pub said: fn(bool, bool) -> &'static str,
    pub chance: fn(f64) -> String,
}

/// Of the ranked lists.
pub struct ListWords {
    pub rank: &'static str,
    pub waits_run: &'static str,
    pub ranking: fn(usize) -> String,
    pub failed: &'static str,
    pub no_click: &'static str,
    pub columns: [&'static str; 4],
    pub ndcg: (&'static str, &'static str),
    pub hits: (&'static str, &'static str),
    /// Instead of figures, where the run does not keep to the file's parts.
    pub own_parts: &'static str,
    pub difference: fn(&Mean) -> String,
    pub judged: fn(usize, u32) -> String,
    pub verdict: fn(&Mean) -> &'static str,
    pub reader: &'static str,
    pub number: fn(usize) -> String,
    pub before: &'static str,
    pub clicked: &'static str,
    pub explain: &'static str,
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

fn day(date: Date) -> String {
    format!("{} {}", date.day, MONTHS.get(date.month as usize - 1).copied().unwrap_or_default())
}

/// A small probability as one says it.
fn chance(p: f64) -> String {
    if p < 0.0001 {
        "less than 1 in 10,000".to_owned()
    } else if p < 0.1 {
        format!("about 1 in {}", grouped((1.0 / p).round() as u64))
    } else {
        format!("{p:.2}")
    }
}

/// What bad news are about; nothing where no topic was chosen.
fn about(topic: &str) -> String {
    if topic.is_empty() { String::new() } else { format!(" about {topic}") }
}

/// A probability as tables have it.
fn p_value(p: f64) -> String {
    if p < 0.001 { format!("{p:.0e}").replace("e-", "e\u{2212}") } else { format!("{p:.3}") }
}

fn signed(value: f64) -> String {
    if value < 0.0 { format!("\u{2212}{:.2}", -value) } else { format!("+{value:.2}") }
}

static EN: ScenarioWords = ScenarioWords {
    title: "What this scenario teaches",
    file_failed: "A file of this scenario could not be fetched.",
    file_again: "Try again",
    copy: "Copy",
    copied: "Copied",
    copy_refused: "The browser did not allow it; select the text and copy it by hand.",
    near: NearWords {
        title: "Nearest training examples",
        similarity: |similarity| format!("similarity {similarity:.2}"),
        waits: "looking for them \u{2026}",
        failed: "They could not be found. Change the text to try again.",
        meaning: "Near means near to this model: before it decides, it turns each text into a list of numbers, and these are the examples whose numbers \
                  point most nearly the same way (1: the same way, 0: no relation).",
        apart: "Of each pair only the first text is compared.",
        among: |looked_at| format!("Compared with {} training examples.", grouped(u64::from(looked_at))),
    },
    desk: DeskWords {
        steps: ["What is wanted?", "Which answer is nearest?", "What is written back?"],
        wrong: [
            "Wrong here, and the search looks among the wrong answers.",
            "Wrong here, and a good reading of the question still gets another question\u{2019}s answer.",
            "Wrong here, and the right answer still does not fit what was asked.",
        ],
        waits_text: "Type a question above, or take one of the examples, while the model rests. Each step shows what it found.",
        narrowed: |entries, class| format!("Looked at the {entries} answers filed under {class}."),
        everywhere: |entries, class| {
            format!("The model is not sure of {class}, or nothing is filed under it: looked at all {entries} answers.")
        },
        similarity: |similarity| format!("similarity {similarity:.2}"),
        waits: "looking for it \u{2026}",
        failed: "It could not be found. Change the text to try again.",
        next: "Next nearest:",
        drafted: "Drafted from the nearest answer, not written by the model: read it before you send it.",
        greeting: "Hello,\n\nthank you for writing to us.",
        closing: "If this does not answer your question, write back and one of us will look into it.\n\nRivet Cycles",
    },
    news: NewsWords {
        read: "Read the stream",
        waits_run: "First let the model learn; then it can read the twelve weeks.",
        reading: |texts| format!("reading {} texts \u{2026}", grouped(texts as u64)),
        failed: "The stream could not be read. Press the button again.",
        no_negative: "The model knows no class \u{201c}negative\u{201d}: choose the mood as what is learned, and let it learn.",
        topic: "Topic, as the table gives it",
        topic_of: |topic, negative, texts| {
            format!("{}: {negative} of {texts} negative", if topic.is_empty() { "All topics" } else { topic })
        },
        chart: "Share of negative news per week, in per cent",
        axis: "weeks",
        model: "the model says",
        labels: "the labels say",
        quiet: |weeks, topic| {
            format!(
                "No alert: none of the {weeks} weeks that can be held against earlier ones has more bad news{} than chance explains.",
                about(topic)
            )
        },
        alert: |monday, topic, negative, texts, test| {
            format!(
                "Alert: in the week of {} the model calls {negative} of {texts} texts{} negative ({}); in the weeks before it was {}. The chance of so many in a \
                 usual week is {} (p = {}).",
                day(monday),
                about(topic),
                percent(negative as f64 / texts.max(1) as f64),
                percent(test.before),
                chance(test.p),
                p_value(test.p),
            )
        },
        foremost: |topic, most, negative| format!("{most} of the {negative} are about {topic}, more than about any other topic."),
        labels_quiet: "By the labels, no week stands out.",
        labels_alert: |mondays| {
            let weeks: Vec<String> = mondays.iter().map(|&monday| day(monday)).collect();
            format!("By the labels, the week of {} stands out.", weeks.join(" and of "))
        },
        test: |weeks, streams| {
            let topics = if streams > 1 { format!(" of each of {streams} topics") } else { String::new() };
            format!(
                "Each week is held against all weeks before it (Fisher\u{2019}s exact test, one-sided); since {weeks} weeks{topics} are tested, the limit of 5 % is divided by their \
                 number."
            )
        },
        learned: |learned, all, step| {
            format!(
                "To be honest: the model (after step {}) has learned from {} of these {} texts with their labels, so it is likely to be better here than on news that it has \
                 never seen. The report below says how good it is on those.",
                grouped(u64::from(step)),
                grouped(learned),
                grouped(all as u64)
            )
        },
        table: "Week by week, in numbers",
        columns: ["Week of", "Texts", "Negative: model", "Negative: labels", "p (model)"],
        week: day,
        press: "Press a week for its news.",
        texts: |monday| format!("News of the week of {}", day(monday)),
        said: |model, label| match (model, label) {
            (true, true) => "negative",
            (true, false) => "negative by the model, not by its label",
            (false, true) => "negative by its label, not by the model",
            (false, false) => "",
        },
        chance: p_value,
    },
    lists: ListWords {
        rank: "Rank what readers were shown",
        waits_run: "First let the model learn; then it can rank titles for each reader.",
        ranking: |rows| format!("weighing {} titles \u{2026}", grouped(rows as u64)),
        failed: "The lists could not be ranked. Press the button again.",
        no_click: "To rank, the model must compare two texts: in column 1 choose \u{201c}Compare two texts\u{201d}, with history and title as the texts and the clicks as the answer, and let it learn.",
        columns: ["", "Model", "Random order", "Difference"],
        ndcg: ("Clicks near the top", "NDCG@5"),
        hits: ("A click among the first three", "hit rate@3"),
        own_parts: "No figures: they need clicks that were held back from learning, and the model may have learned from these. In column 1 choose the column \
                    \u{201c}split\u{201d} as the part and draw no parts of your own; then let it learn again.",
        difference: |mean| format!("{} ({} to {})", signed(mean.gain.estimate), signed(mean.gain.low), signed(mean.gain.high)),
        judged: |readers, step| {
            format!(
                "Means over {} readers, of clicks held back from learning; the model after step {}. In brackets: where the difference lies with 95 % confidence.",
                grouped(readers as u64),
                grouped(u64::from(step))
            )
        },
        verdict: |mean| {
            if mean.gain.low > 0.0 {
                "The model\u{2019}s order is better than a random one, beyond chance."
            } else if mean.gain.high < 0.0 {
                "The model\u{2019}s order is worse than a random one, beyond chance."
            } else {
                "The model\u{2019}s order cannot be told from a random one."
            }
        },
        reader: "Look at one reader\u{2019}s list",
        number: |number| format!("Reader {number}"),
        before: "Clicked before:",
        clicked: "clicked",
        explain: "Likeliest click first, with the model\u{2019}s probability. A good list has its clicks at the top.",
    },
};

/// The words, in the page's language.
pub fn words() -> &'static ScenarioWords {
    &EN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_said_in_words() {
        assert_eq!([1e-9, 0.004, 0.25].map(chance), ["less than 1 in 10,000", "about 1 in 250", "0.25"].map(str::to_owned));
        assert_eq!((EN.news.chance)(0.00004), "4e\u{2212}5");
    }

    #[test]
    fn an_alert_names_the_week_and_both_shares() {
        let test = Test { before: 0.2, p: 2e-4, flagged: true };
        let said = |topic| (EN.news.alert)(Date { year: 2025, month: 4, day: 21 }, topic, 38, 52, &test);
        let all = said("");
        assert!(all.contains("21 April") && all.contains("38 of 52 texts negative") && all.contains("about 1 in 5,000"), "{all}");
        assert!(said("harbour").contains("38 of 52 texts about harbour negative"));
    }
}
