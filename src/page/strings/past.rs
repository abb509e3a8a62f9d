//! Words of the recorded past: moments and their difference, all heads at once, what heads do over the whole text.

use crate::page::format::grouped;
use crate::protocol::explain::{HeadReading, HeadReport, Role};
use crate::protocol::past::{Bookmark, Change};

/// The words of slider, switch, small multiples and roles. Layers and heads come numbered from 1. Sentences with values in them are functions.
pub struct PastWords {
    pub moment: fn(u32) -> String,
    /// The later step, and the one that is subtracted.
    pub minus: fn(u32, u32) -> String,
    /// A picture's title: layer, heads, moment.
    pub title: fn(usize, &[usize], &str) -> String,
    /// How a link has changed.
    pub change_of: fn(&str, &str, f32) -> String,
    pub table_caption: fn(usize, &str) -> String,
    pub table_change: &'static str,
    pub difference: &'static str,
    pub difference_hint: &'static str,
    pub against: &'static str,
    pub less: fn(f32) -> String,
    pub more: fn(f32) -> String,
    pub scale: &'static str,
    pub moved_most: &'static str,
    pub nothing_moved: &'static str,
    pub moved: fn(usize, usize, f32) -> String,
    pub moved_hint: &'static str,
    pub bookmark: fn(&Bookmark) -> String,
    pub loss: fn(f32) -> String,
    pub loss_line: &'static str,
    /// Positions, from 1, of tokens that the tokenizer does not know.
    pub unknown: fn(&[u32]) -> String,
    /// The link asks for more than the model's layers and heads.
    pub not_in_model: fn(usize, usize) -> String,

    pub all_heads_view: &'static str,
    pub all_heads_keys: &'static str,
    pub all_heads_hint: &'static str,
    pub all_heads_title: fn(&str) -> String,
    pub against_largest: &'static str,
    pub sort: &'static str,
    pub sort_layer: &'static str,
    pub sort_change: &'static str,
    pub sort_spread: &'static str,
    pub sort_role: &'static str,
    pub heads_fold: &'static str,
    pub place: fn(usize, usize) -> String,
    pub column_head: &'static str,
    pub column_role: &'static str,
    pub column_share: &'static str,
    pub column_spread: &'static str,
    pub column_change: &'static str,
    pub reading: fn(usize, usize, Option<&HeadReading>, Option<f32>, f32) -> String,

    pub role_name: fn(Role) -> &'static str,
    /// Head number, what it does over the text, and whether anything was learned since the base.
    pub role_said: fn(usize, &HeadReport, bool) -> String,
    /// Head number, and what is said of it in this sentence alone.
    pub role_here: fn(usize, &str) -> String,
    pub measure: &'static str,
    pub measure_again: &'static str,
    pub measuring: &'static str,
    /// Tokens, and the step of the model.
    pub measured: fn(u32, u32) -> String,
    pub not_shown: &'static [&'static str],
}

fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}

fn title_en(layer: usize, heads: &[usize], moment: &str) -> String {
    let numbers = heads.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    format!("Attention of layer {layer}, head{} {numbers}, {moment}", if heads.len() == 1 { "" } else { "s" })
}

fn bookmark_en(bookmark: &Bookmark) -> String {
    let what = match bookmark.change {
        Change::Head { place, distance } => {
            format!("head {} of layer {} looks elsewhere (moved by {distance:.2})", place.head + 1, place.layer + 1)
        }
        Change::Loss { by } if by < 0.0 => format!("the sentence's loss fell by {:.2}", -by),
        Change::Loss { by } => format!("the sentence's loss rose by {by:.2}"),
    };
    format!("Step {}: {what}", bookmark.step)
}

fn unknown_en(positions: &[u32]) -> String {
    let places = positions.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let (tokens, stand) = if positions.len() == 1 { ("Token", "stands") } else { ("Tokens", "stand") };
    format!("{tokens} {places} {stand} for characters that this model has never seen; it reads them all alike.")
}

fn role_name_en(role: Role) -> &'static str {
    match role {
        Role::Previous => "word before",
        Role::Induction => "next after same",
        Role::Same => "same word",
        Role::First => "first word",
        Role::Punctuation => "punctuation",
        Role::Itself => "itself",
        Role::Local => "nearby",
        Role::Broad => "broad",
        Role::Mixed => "mixed",
    }
}

fn place_en(role: Role) -> Option<&'static str> {
    Some(match role {
        Role::Previous => "the word before",
        Role::Induction => "the word that followed the same word earlier (\u{201c}induction\u{201d})",
        Role::Same => "the same word earlier",
        Role::First => "the first word, a resting place with no meaning of its own (\u{201c}attention sink\u{201d})",
        Role::Punctuation => "punctuation",
        Role::Itself => "the word itself",
        Role::Local => "the last few words",
        Role::Broad | Role::Mixed => return None,
    })
}

fn spread_en(entropy: f32) -> &'static str {
    match entropy {
        ..0.25 => "at one or two words",
        ..0.5 => "at a few words",
        ..0.75 => "at several words",
        _ => "at many words about alike",
    }
}

/// What the head did before training.
fn before_en(now: &HeadReading, base: &HeadReading) -> String {
    if base.role == now.role {
        format!("{} before training", percent(base.score))
    } else {
        format!("before training it was {}", article_en(base.role))
    }
}

fn article_en(role: Role) -> String {
    match role {
        Role::Broad => "broad".to_owned(),
        Role::Mixed => "mixed".to_owned(),
        role => format!("a \u{201c}{}\u{201d} head", role_name_en(role)),
    }
}

fn role_said_en(head: usize, report: &HeadReport, learned: bool) -> String {
    let (now, base) = (&report.now, &report.base);
    let spread = if learned {
        format!("Looks {} (spread {:.2}, was {:.2}).", spread_en(now.entropy), now.entropy, base.entropy)
    } else {
        format!("Looks {} (spread {:.2}).", spread_en(now.entropy), now.entropy)
    };
    let what = match place_en(now.role) {
        Some(place) => {
            let then = if learned { format!(" ({})", before_en(now, base)) } else { String::new() };
            format!("{} of its attention goes to {place}{then}", percent(now.score))
        }
        None => {
            let then = if learned && base.role != now.role { format!("; {}", before_en(now, base)) } else { String::new() };
            let what = if now.role == Role::Broad { "it looks around with no favourite" } else { "it has no single habit" };
            format!("{what}{then}")
        }
    };
    format!("Head {head}: {what}. {spread}")
}

fn reading_en(layer: usize, head: usize, role: Option<&HeadReading>, change: Option<f32>, spread: f32) -> String {
    let role = role.map(|role| match place_en(role.role) {
        Some(_) => format!(" \u{b7} {} {}", role_name_en(role.role), percent(role.score)),
        None => format!(" \u{b7} {}", role_name_en(role.role)),
    });
    let change = change.map(|change| format!(" \u{b7} moved by {change:.2}"));
    format!("Layer {layer}, head {head}{}{} \u{b7} spread {spread:.2}", role.unwrap_or_default(), change.unwrap_or_default())
}

/// English.
pub const EN: PastWords = PastWords {
    moment: |step| format!("step {step}"),
    minus: |step, from| format!("step {step} minus step {from}"),
    title: title_en,
    change_of: |from, to, change| {
        let more = if change < 0.0 { "less" } else { "more" };
        format!("\u{201c}{from}\u{201d} looks at \u{201c}{to}\u{201d}: {:.1} points {more}", change.abs() * 100.0)
    },
    table_caption: |layer, moment| format!("Layer {layer}, {moment}: up to three links of each word"),
    table_change: "change",
    difference: "difference",
    difference_hint: "What became more and what became less since another step",
    against: "since step",
    less: |scale| format!("{} less", percent(scale)),
    more: |scale| format!("{} more", percent(scale)),
    scale: "Scale of the colours, in points of attention",
    moved_most: "Moved most",
    nothing_moved: "No head has moved between these two steps.",
    moved: |layer, head, distance| format!("{layer}.{head} by {distance:.2}"),
    moved_hint: "Layer and head, and their Jensen\u{2013}Shannon distance: 0 looks the same, 1 has nothing in common. Click to see this head.",
    bookmark: bookmark_en,
    loss: |loss| format!("this sentence: loss {loss:.2}"),
    loss_line: "Loss of this sentence at the recorded steps, nats per token",
    unknown: unknown_en,
    not_in_model: |layers, heads| {
        format!(
            "The link asks for a layer or head that this model does not have: it has {layers} layers of {heads} heads. The nearest is shown."
        )
    },

    all_heads_view: "All heads",
    all_heads_keys: "Arrow keys move through the heads, Enter opens one as a matrix, H as lines.",
    all_heads_hint: "Every head of every layer. Click opens one as a matrix, with Shift as lines.",
    all_heads_title: |moment| format!("Attention of all heads, {moment}"),
    against_largest: "each against its largest weight",
    sort: "sort by",
    sort_layer: "layer",
    sort_change: "change",
    sort_spread: "spread",
    sort_role: "role",
    heads_fold: "All heads as a list",
    place: |layer, head| format!("layer {layer}, head {head}"),
    column_head: "head",
    column_role: "over the text",
    column_share: "share",
    column_spread: "spread here",
    column_change: "moved by",
    reading: reading_en,

    role_name: role_name_en,
    role_said: role_said_en,
    role_here: |head, said| format!("In this sentence it {}", said.trim_start_matches(&format!("Head {head} "))),
    measure: "Measure what the heads do over the whole text",
    measure_again: "measure again",
    measuring: "measuring\u{2026}",
    measured: |tokens, step| format!("Heads measured over {} tokens of your text at step {step}.", grouped(u64::from(tokens))),
    not_shown: &[
        "A thick line says that a word was read, not that it decided what came next: what a head takes from a word can be next to nothing.",
        "Most of what a model knows sits in the layers between, which have no picture of this kind.",
        "A head named after a habit may do something else in another text. To see whether it matters, turn it off.",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::explain::HeadPlace;

    fn report(now: (Role, f32, f32), base: (Role, f32, f32)) -> HeadReport {
        let reading = |(role, score, entropy)| HeadReading { role, score, entropy };
        HeadReport { place: HeadPlace { layer: 0, head: 1 }, now: reading(now), base: reading(base), shares: vec![], chances: vec![] }
    }

    #[test]
    fn a_role_tells_how_both_numbers_moved() {
        let said = role_said_en(2, &report((Role::Previous, 0.61, 0.3), (Role::Previous, 0.18, 0.62)), true);
        assert_eq!(
            said,
            "Head 2: 61 % of its attention goes to the word before (18 % before training). Looks at a few words (spread 0.30, was 0.62)."
        );
        let said = role_said_en(2, &report((Role::Induction, 0.4, 0.3), (Role::Broad, 0.9, 0.9)), true);
        assert!(said.contains("(before training it was broad)"), "{said}");
        let said = role_said_en(1, &report((Role::Broad, 0.9, 0.9), (Role::Previous, 0.5, 0.2)), true);
        assert!(said.contains("no favourite; before training it was a \u{201c}word before\u{201d} head. Looks at many"), "{said}");
        let untrained = role_said_en(1, &report((Role::Mixed, 0.6, 0.6), (Role::Mixed, 0.6, 0.6)), false);
        assert_eq!(untrained, "Head 1: it has no single habit. Looks at several words (spread 0.60).");
    }

    #[test]
    fn bookmarks_say_what_changed() {
        let head = Bookmark { step: 40, change: Change::Head { place: HeadPlace { layer: 1, head: 2 }, distance: 0.413 } };
        assert_eq!(bookmark_en(&head), "Step 40: head 3 of layer 2 looks elsewhere (moved by 0.41)");
        let fell = Bookmark { step: 9, change: Change::Loss { by: -0.62 } };
        assert_eq!(bookmark_en(&fell), "Step 9: the sentence's loss fell by 0.62");
    }

    #[test]
    fn titles_name_their_heads_and_moment() {
        assert_eq!(title_en(2, &[1, 3], &(EN.moment)(80)), "Attention of layer 2, heads 1, 3, step 80");
        assert_eq!(title_en(1, &[4], &(EN.minus)(80, 0)), "Attention of layer 1, head 4, step 80 minus step 0");
    }

    #[test]
    fn one_unknown_token_is_one() {
        assert!(unknown_en(&[3]).starts_with("Token 3 stands for"));
        assert!(unknown_en(&[3, 5]).starts_with("Tokens 3, 5 stand for"));
    }
}
