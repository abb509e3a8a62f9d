//! Words of column 2: attention. One struct of words, one constant a language.

use crate::page::inside::roles::{Habit, Reading};

/// The words of the attention pictures. Sentences with values in them are functions.
pub struct InsideWords {
    pub heads_view: &'static str,
    pub matrix_view: &'static str,
    pub arithmetic_view: &'static str,
    pub flow_view: &'static str,
    pub test_fold: &'static str,
    pub decided_fold: &'static str,
    /// How many parts of the model are switched off.
    pub switched: fn(usize) -> String,
    pub all_on: &'static str,
    pub views: &'static str,
    pub sentence: &'static str,
    pub sentence_help: &'static str,
    pub sentence_empty: &'static str,
    pub sentence_too_long: &'static str,
    pub layer: &'static str,
    pub head: &'static str,
    pub head_chip_hint: &'static str,
    pub solo_hint: &'static str,
    pub hint: &'static str,
    pub hint_touch: &'static str,
    pub not_why: &'static str,
    pub waiting: &'static str,
    pub picture_keys: &'static str,
    pub matrix_keys: &'static str,
    pub threshold: &'static str,
    pub by_row: &'static str,
    pub later_token: &'static str,
    pub rows_look: &'static str,
    pub columns_seen: &'static str,
    pub table_fold: &'static str,
    pub table_head: &'static str,
    pub table_from: &'static str,
    pub table_to: &'static str,
    pub table_weight: &'static str,
    pub history: &'static str,
    pub base: &'static str,
    pub now: &'static str,
    pub play: &'static str,
    pub stop: &'static str,
    pub save_svg: &'static str,
    pub save_png: &'static str,
    pub save: &'static str,
    pub sink: &'static str,
    pub mean_of: fn(usize) -> String,
    pub at_step: fn(u32) -> String,
    /// "Head 2 looks mostly at the word before": head number from 1, what it does, and the share and step of the first frame.
    pub role: fn(usize, &Reading, Option<(u32, f32)>) -> String,
    pub quoted: fn(&str) -> String,
    /// What an isolated token looks at (true) or is looked at by (false).
    pub looks: fn(bool, &str) -> String,
    pub weight_of: fn(&str, &str, f32) -> String,
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

fn role_en(head: usize, reading: &Reading, base: Option<(u32, f32)>) -> String {
    let place = match reading.habit {
        Habit::Previous => "the word before",
        Habit::First => "the first word",
        Habit::Itself => "the word itself",
        Habit::Same => "the same word earlier",
    };
    let then = base.map(|(step, share)| format!(" ({} at step {step})", percent(share))).unwrap_or_default();
    match reading.role() {
        Some(_) if reading.share >= 0.5 => format!("Head {head} looks mostly at {place}: {}{then}.", percent(reading.share)),
        Some(_) => format!("Head {head} often looks at {place}: {}{then}.", percent(reading.share)),
        None if reading.spread > 0.7 && !reading.is_short() => {
            format!("Head {head} looks broadly: at most {} at {place}{then}.", percent(reading.share))
        }
        // In a few words chance alone gives one place so much.
        None if reading.is_short() => {
            format!("Head {head}: {} at {place}{then}. The sentence is too short to tell a habit.", percent(reading.share))
        }
        None => format!("Head {head} has a habit of its own: only {} at {place}{then}.", percent(reading.share)),
    }
}

/// English.
pub const EN: InsideWords = InsideWords {
    heads_view: "Heads",
    matrix_view: "Matrix",
    arithmetic_view: "Arithmetic",
    flow_view: "Flow",
    test_fold: "Test it: turn parts off",
    decided_fold: "Which words decided?",
    switched: |count| {
        let parts = if count == 1 { "One part is".to_owned() } else { format!("{count} parts are") };
        format!("{parts} switched off or replaced: what the model writes now is written so.")
    },
    all_on: "Turn all on",
    views: "View",
    sentence: "Sentence to look at",
    sentence_help: "Press Enter to see it",
    sentence_empty: "Type a few words: the pictures show how the model reads them.",
    sentence_too_long: "Too long to be shown: 128 tokens at most, and no more than the model reads at once. Shorten the sentence.",
    layer: "layer",
    head: "head",
    head_chip_hint: "Click: on or off. Double-click: this head alone.",
    solo_hint: "double-click for one alone",
    hint: "Hover shows, click pins, Esc lets go.",
    hint_touch: "Tap shows and pins, tap again to let go.",
    not_why: "Attention is where it looked, not why.",
    waiting: "The picture appears as soon as the model has read the sentence.",
    picture_keys: "Up and down move through the words, left and right change sides, Enter pins, Escape lets go, Page Up and Page Down change the layer, a digit shows that head.",
    matrix_keys: "Arrow keys move through the cells, Enter pins, Escape lets go, Page Up and Page Down change the layer, a digit shows that head.",
    threshold: "hide below",
    by_row: "each row against its largest",
    later_token: "comes later, cannot be seen",
    rows_look: "rows look",
    columns_seen: "columns are looked at",
    table_fold: "Strongest links as a table",
    table_head: "head",
    table_from: "word",
    table_to: "looks at",
    table_weight: "weight",
    history: "Step shown",
    base: "base",
    now: "now",
    play: "Play the steps",
    stop: "Stop playing",
    save_svg: "SVG",
    save_png: "PNG",
    save: "Save this picture as",
    sink: "A resting place with no meaning of its own, an \u{201c}attention sink\u{201d}.",
    mean_of: |count| format!("mean of {count} heads"),
    at_step: |step| format!("step {step}"),
    role: role_en,
    quoted: |token| format!("\u{201c}{token}\u{201d}"),
    looks: |looks, token| {
        if looks { format!("\u{201c}{token}\u{201d} looks at") } else { format!("\u{201c}{token}\u{201d} is looked at by") }
    },
    weight_of: |from, to, weight| format!("\u{201c}{from}\u{201d} looks at \u{201c}{to}\u{201d}: {:.1} %", weight * 100.0),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_a_sentence_with_both_values() {
        let reading = Reading { habit: Habit::Previous, share: 0.614, chance: 0.1, spread: 0.3 };
        assert_eq!(role_en(2, &reading, Some((0, 0.18))), "Head 2 looks mostly at the word before: 61 % (18 % at step 0).");
        assert_eq!(role_en(2, &reading, None), "Head 2 looks mostly at the word before: 61 %.");
        assert_eq!(role_en(4, &Reading { share: 0.33, ..reading }, None), "Head 4 often looks at the word before: 33 %.");
    }

    #[test]
    fn a_head_without_a_role_is_not_given_one() {
        let broad = Reading { habit: Habit::First, share: 0.2, chance: 0.1, spread: 0.95 };
        assert!(role_en(1, &broad, None).contains("broadly"));
        let other = Reading { habit: Habit::First, share: 0.2, chance: 0.1, spread: 0.3 };
        assert!(role_en(1, &other, None).contains("of its own"));
    }
}
