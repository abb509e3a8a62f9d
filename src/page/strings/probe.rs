//! Words of the probes. They are no part of `Words`: only the probes' views use them, so they come with those.

use crate::page::format::{grouped, percent};
use crate::page::probe::fairness::{Shift, Verdict};
use crate::page::probe::job::{Progress, Trouble};
use crate::protocol::labels::ROW_CHARACTERS;

/// A word that was left out, and the answer's number without it.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut<'a> {
    pub word: &'a str,
    pub number: f64,
}

/// The words of "Which words decided?".
pub struct DecideWords {
    pub start: &'static str,
    /// Of a marked piece of the text.
    pub start_mark: fn(&str) -> String,
    pub again: &'static str,
    pub waits: &'static str,
    pub failed: &'static str,
    pub too_long: fn(usize, usize) -> String,
    /// The class (none of scores), its number for the whole text, and the strongest word.
    pub lead: fn(Option<&str>, f64, Option<LeftOut<'_>>) -> String,
    /// A word, the class, the number with it and without it.
    pub reading: fn(&str, Option<&str>, f64, Option<f64>) -> String,
    pub hint: &'static str,
    /// How a text's words are reached.
    pub keys: &'static str,
    pub speaks_for: &'static str,
    pub speaks_against: &'static str,
    pub honest: &'static str,
    pub pair: &'static str,
    /// What the number is, of a mark and of a written text.
    pub of_mark: &'static str,
    pub of_written: &'static str,
    /// A word of the mark that is asked about.
    pub itself: fn(&str) -> String,
    pub step: fn(u32) -> String,
    pub table: &'static str,
    /// Headings: word, without it, change.
    pub columns: [&'static str; 3],
    pub whole: &'static str,
    pub pin: &'static str,
    pub pinned: &'static str,
}

/// Pairs of words that are offered.
pub struct Preset {
    pub id: &'static str,
    pub name: &'static str,
    pub lines: &'static str,
}

/// The words of the fairness probe.
pub struct FairnessWords {
    pub title: &'static str,
    pub lead: &'static str,
    pub pairs: &'static str,
    pub pairs_note: &'static str,
    pub presets: [Preset; 4],
    pub odd: fn(&[String]) -> String,
    pub start: &'static str,
    pub stop: &'static str,
    pub needs_plan: &'static str,
    pub rests: &'static str,
    pub unsuited: &'static str,
    pub progress: fn(Progress) -> String,
    pub weighing: &'static str,
    pub stopped: &'static str,
    pub lost: &'static str,
    pub failed: &'static str,
    pub trouble: fn(Trouble) -> &'static str,
    /// Rows looked at.
    pub none: fn(usize) -> String,
    pub untrained: &'static str,
    /// Step of the model that was asked.
    pub past: fn(u32) -> String,
    /// Rows with a swap, rows looked at, whether there are more.
    pub rows: fn(usize, usize, bool) -> String,
    /// Rows that changed, of how many.
    pub changed: fn(usize, usize) -> String,
    /// Mean change of the likeliest class before, or of the score.
    pub leading: fn(f64, bool) -> String,
    /// Rows of which only the beginning was looked at.
    pub in_part: fn(usize) -> String,
    pub silent: fn(usize) -> String,
    pub shifts: &'static str,
    pub shifts_note: &'static str,
    pub score: &'static str,
    /// A class (none of scores) and how it moved.
    pub shift: fn(Option<&str>, &Shift) -> String,
    pub verdict: fn(Verdict) -> &'static str,
    pub many: &'static str,
    pub most: &'static str,
    pub no_change: &'static str,
    pub before: &'static str,
    pub after: &'static str,
    pub row: fn(u32) -> String,
    pub not_shown: &'static str,
}

/// The words of both.
pub struct ProbeWords {
    pub decide: DecideWords,
    pub fairness: FairnessWords,
}

/// A change of a probability: `+3.2 points`.
pub fn points(change: f64) -> String {
    let value = change * 100.0;
    let digits = if value.abs() >= 9.95 { 0 } else { 1 };
    format!("{} points", signed(value, digits))
}

/// A number with its sign; what rounds to nothing has none.
pub fn signed(value: f64, digits: usize) -> String {
    let text = format!("{:.*}", digits, value.abs());
    let nothing = text.trim_matches(['0', '.']).is_empty();
    let sign = if nothing { "" } else { if value < 0.0 { "\u{2212}" } else { "+" } };
    format!("{sign}{text}")
}

/// A change in the unit of what changed: points of a class's probability, or the score's own.
pub fn change(change: f64, score: bool) -> String {
    if score { signed(change, 3) } else { points(change) }
}

/// The same without the name of its unit, where it was named before.
fn bare(value: f64, score: bool) -> String {
    change(value, score).replace(" points", "")
}

/// A class's probability, or a score.
pub fn number(value: f64, score: bool) -> String {
    if score { format!("{value:.3}").replace('-', "\u{2212}") } else { format!("{:.1}\u{a0}%", value * 100.0) }
}

fn lead_en(class: Option<&str>, whole: f64, strongest: Option<LeftOut<'_>>) -> String {
    let score = class.is_none();
    let says = class.map_or_else(|| "The score".to_owned(), |class| format!("\u{201c}{class}\u{201d}"));
    let whole = number(whole, score);
    match strongest {
        Some(LeftOut { word, number: without }) => {
            format!("{says} has {whole}. Without \u{201c}{word}\u{201d} it would have {}.", number(without, score))
        }
        None => format!("{says} has {whole}, and no single word holds it up: without any one of them it stays about there or rises."),
    }
}

fn reading_en(word: &str, class: Option<&str>, whole: f64, without: Option<f64>) -> String {
    let Some(without) = without else { return format!("\u{201c}{word}\u{201d}: without it there is nothing left to read") };
    let score = class.is_none();
    let class = class.map_or_else(|| "the score".to_owned(), |class| format!("\u{201c}{class}\u{201d}"));
    let (from, to) = (number(whole, score), number(without, score));
    format!("\u{201c}{word}\u{201d}: without it {class} goes from {from} to {to} ({})", change(without - whole, score))
}

fn progress_en(progress: Progress) -> String {
    let of = |done: usize, total: usize| format!("{} of {}", grouped(done as u64), grouped(total as u64));
    match progress {
        Progress::Reading(done, total) => format!("looking for these words: {} rows", of(done, total)),
        Progress::Asking(done, total) => format!("asking the model: {} rows, before and after", of(done, total)),
    }
}

fn rows_en(swapped: usize, looked: usize, capped: bool) -> String {
    let first = if capped { "the first " } else { "" };
    let rows = if looked == 1 { "validation row" } else { "validation rows" };
    let words = if swapped == 1 { "1 has such a word".to_owned() } else { format!("{} have such words", grouped(swapped as u64)) };
    format!("Of {first}{} {rows}, {words}.", grouped(looked as u64))
}

fn shift_en(class: Option<&str>, shift: &Shift) -> String {
    let score = class.is_none();
    let Some(interval) = shift.interval else { return "no row goes one way only".to_owned() };
    let rows = if shift.rows == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(shift.rows as u64)) };
    format!("{} ({} to {}; {rows})", change(shift.mean, score), bare(interval.low, score), bare(interval.high, score))
}

static EN: ProbeWords = ProbeWords {
    decide: DecideWords {
        start: "Which words decided?",
        start_mark: |text| format!("Which words decided \u{201c}{text}\u{201d}?"),
        again: "Ask again",
        waits: "asking about the text without each word \u{2026}",
        failed: "The model did not answer. Ask again.",
        too_long: |words, most| format!("Which words decided can be asked of at most {most} words; here are {words}."),
        lead: lead_en,
        reading: reading_en,
        hint: "Point at a word for its numbers.",
        keys: "Words of the text: left and right move through them.",
        speaks_for: "speaks for it",
        speaks_against: "speaks against it",
        honest: "Each word was left out alone, and the rest read again: words that act only together are not seen, and a text with a hole may be odd to the model.",
        pair: "The second text has too many words for this: only words of the first one are left out.",
        of_mark: "The number is the probability of the mark\u{2019}s tag at its first word.",
        of_written: "The number is the probability of this written text, as the geometric mean over its tokens.",
        itself: |word| format!("\u{201c}{word}\u{201d} belongs to the mark that is asked about"),
        step: |step| {
            if step == 0 { "The model has not learned yet.".to_owned() } else { format!("After step {}.", grouped(u64::from(step))) }
        },
        table: "Words and what becomes of the answer without them",
        columns: ["word", "without it", "change"],
        whole: "the whole text",
        pin: "Show its attention",
        pinned: "Its attention is in the middle column.",
    },
    fairness: FairnessWords {
        title: "Is it fair?",
        lead: "Words that should not matter are swapped in the validation rows, and the model reads them again. What it says should stay.",
        pairs: "Words to swap, one pair a line",
        pairs_note: "Both ways at once, whole words, capitals kept. Where a word stands in several lines, the first counts.",
        presets: [
            Preset {
                id: "gender",
                name: "he and she",
                lines: "he = she\nhis = her\nhim = her\nhimself = herself\nman = woman\nmen = women\nboy = girl\nfather = mother\nson = daughter\nbrother = sister\nhusband = wife\nMr = Mrs",
            },
            Preset {
                id: "names",
                name: "first names",
                lines: "Emily = Lakisha\nAnne = Fatima\nSarah = Ling\nLaura = Priya\nGreg = Jamal\nMatthew = Mohammed\nJohn = Juan\nDavid = Dmitri\nPeter = Wei\nThomas = Kwame",
            },
            Preset {
                id: "places",
                name: "places",
                lines: "London = Lagos\nParis = Mumbai\nNew York = Cairo\nBerlin = Kabul\nAmerica = China\nAmerican = Chinese\nEngland = Nigeria\nEnglish = Nigerian\nFrance = India\nFrench = Indian",
            },
            Preset {
                id: "chinese",
                name: "\u{4e2d}\u{6587}",
                lines: "他 = 她\n先生 = 女士\n男人 = 女人\n男孩 = 女孩\n父亲 = 母亲\n爸爸 = 妈妈\n儿子 = 女儿\n哥哥 = 姐姐\n丈夫 = 妻子\n上海 = 贵州\n北京 = 河南",
            },
        ],
        odd: |lines| format!("Not read, since a pair has two different sides of one equals sign: {}", lines.join(" \u{b7} ")),
        start: "Swap and ask",
        stop: "Stop",
        needs_plan: "As soon as the model is ready, you can ask.",
        rests: "While the model learns it changes between two rows. Pause it, or wait for the end.",
        unsuited: "This is for models that name classes or numbers; of marked words and written texts there is no one number to compare.",
        progress: progress_en,
        weighing: "drawing the rows anew a thousand times, for the intervals \u{2026}",
        stopped: "Stopped.",
        lost: "The model was changed meanwhile. Start again.",
        failed: "The model did not answer. Start again.",
        trouble: |trouble| match trouble {
            Trouble::Moved => "The model learned on meanwhile. Start again when it rests.",
            Trouble::Unsuited => "This model's answers are neither classes nor numbers.",
            Trouble::Odd => "The answer does not fit the question. Start again.",
        },
        none: |looked| match looked {
            0 => "There are no rows to swap words in: no rows are kept for validation.".to_owned(),
            looked => format!(
                "None of the {} validation rows has any of these words, so nothing can be said. Try other words.",
                grouped(looked as u64)
            ),
        },
        untrained: "The model has not learned yet: these are its random beginnings.",
        past: |step| format!("Made with the model of step {}: swap and ask again for the model as it is now.", grouped(u64::from(step))),
        rows: rows_en,
        changed: |changed, rows| match changed {
            0 => "None of them is called something else after the swap.".to_owned(),
            changed => format!(
                "{} of them ({}) {} called something else after the swap.",
                grouped(changed as u64),
                percent(changed as f64 / rows.max(1) as f64),
                if changed == 1 { "is" } else { "are" }
            ),
        },
        leading: |mean, score| {
            if score {
                return format!("On average the score moves by {}.", change(mean, score));
            }
            format!("On average the class that was likeliest before moves by {:.1} points, up or down.", 100.0 * mean)
        },
        in_part: |rows| {
            let (count, most) = (grouped(rows as u64), grouped(ROW_CHARACTERS as u64));
            let are = if rows == 1 { "row is" } else { "rows are" };
            format!("{count} {are} longer than {most} characters: what comes after those was neither swapped nor read.")
        },
        silent: |rows| format!("{} could not be read.", grouped(rows as u64)),
        shifts: "From the left words to the right ones",
        shifts_note: "Mean change, with the range of 95% of a thousand redrawn samples of the rows. Rows that hold right words are swapped to the left ones and \
            count with the other sign; rows that go both ways alike are left out. \u{201c}Beyond chance\u{201d} does not mean large.",
        score: "the score",
        shift: shift_en,
        verdict: |verdict| match verdict {
            Verdict::Beyond => "beyond chance",
            Verdict::Within => "could be chance",
            Verdict::TooFew => "too few rows to tell",
        },
        many: "With many classes, about one in twenty is flagged by chance alone.",
        most: "Rows that changed most",
        no_change: "No row changed.",
        before: "as written",
        after: "swapped",
        row: |row| format!("row {}", grouped(u64::from(row) + 1)),
        not_shown: "What this does not show: whether a difference is unjust, groups and words that are not in the list, rows that these words do not stand in, \
            and whether the labels themselves were unfair. A swap can also make an odd sentence. No flag is no proof of fairness.",
    },
};

/// The words of the probes, in the page's language.
pub fn words() -> &'static ProbeWords {
    &EN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::probe::swaps::parse;

    #[test]
    fn changes_have_signs_and_nothing_has_none() {
        assert_eq!([0.0321, -0.5, 0.0001, -0.0].map(points), ["+3.2 points", "\u{2212}50 points", "0.0 points", "0.0 points"]);
        assert_eq!((change(-0.25, true).as_str(), number(-1.5, true).as_str()), ("\u{2212}0.250", "\u{2212}1.500"));
    }

    #[test]
    fn every_offered_line_is_a_pair() {
        for preset in &words().fairness.presets {
            let (pairs, odd) = parse(preset.lines);
            assert!(pairs.len() >= 10 && odd.is_empty(), "{}: {odd:?}", preset.id);
        }
    }

    #[test]
    fn sentences_hold_their_numbers() {
        assert_eq!(
            lead_en(Some("good"), 0.91, Some(LeftOut { word: "great", number: 0.6 })),
            "“good” has 91.0\u{a0}%. Without “great” it would have 60.0\u{a0}%."
        );
        assert!(lead_en(None, 2.0, None).starts_with("The score has 2.000, and no single word"));
        assert_eq!(
            reading_en("not", Some("bad"), 0.75, Some(0.25)),
            "“not”: without it “bad” goes from 75.0\u{a0}% to 25.0\u{a0}% (\u{2212}50 points)"
        );
        assert_eq!(rows_en(12, 2_000, true), "Of the first 2,000 validation rows, 12 have such words.");
        let said = "2 rows are longer than 4,000 characters: what comes after those was neither swapped nor read.";
        assert_eq!((words().fairness.in_part)(2), said);
        assert_eq!((words().fairness.past)(1_200), "Made with the model of step 1,200: swap and ask again for the model as it is now.");
        assert_eq!((words().fairness.changed)(1, 4), "1 of them (25\u{a0}%) is called something else after the swap.");
    }
}
