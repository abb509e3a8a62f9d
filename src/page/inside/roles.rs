//! What a head does with the shown sentence, as numbers from which a sentence can be made.
//!
//! In: one head's map. Out: a [`Reading`]. The four habits are those that the literature finds in small models (Clark et al. 2019, arXiv
//! 1906.04341): the token before, the first token (an "attention sink", Xiao et al. 2023, arXiv 2309.17453), the token itself, the same
//! token earlier. Measured on one sentence only: a habit over a whole text needs many. Absent: words; they live in `page::strings`.

use crate::protocol::AttentionFrame;

/// A habit counts as a head's role when it takes at least this share of its attention, and
pub const ROLE_SHARE: f32 = 0.25;
/// at least this many times what a head that looks at all tokens alike would give it. In a short sentence everything gets a large share.
pub const ROLE_LIFT: f32 = 2.0;

/// A habit of looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// The token directly before.
    Previous,
    /// The first token: where a head rests that has nothing to look for.
    First,
    /// The token itself.
    Itself,
    /// The same token where it stood earlier.
    Same,
}

pub const HABITS: [Habit; 4] = [Habit::Previous, Habit::First, Habit::Itself, Habit::Same];

/// What one head does with one sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The habit with the largest share.
    pub habit: Habit,
    /// Mean share of attention that goes to this habit, 0..=1.
    pub share: f32,
    /// What a head that looks at all tokens alike would give it, 0..=1.
    pub chance: f32,
    /// Mean entropy of the rows divided by that of a uniform row: 0 looks at one place, 1 at all alike.
    pub spread: f32,
}

impl Reading {
    /// The habit, when its share is large enough to be called a role; else the head looks broadly, or has a habit that is not listed.
    pub fn role(&self) -> Option<Habit> {
        (self.share >= ROLE_SHARE && self.share >= ROLE_LIFT * self.chance).then_some(self.habit)
    }

    /// The share would be a role's in a longer sentence: in this one, chance alone gives the place nearly as much.
    pub fn is_short(&self) -> bool {
        self.share >= ROLE_SHARE && self.share < ROLE_LIFT * self.chance
    }
}

/// Mean share of attention that one habit takes, and what it would be by chance, over the tokens that could show it (from the third on, where
/// the token before is no longer the first); `None` when no token could.
pub fn share(frame: &AttentionFrame, buffer: &[u8], layer: usize, head: usize, habit: Habit) -> Option<(f32, f32)> {
    let (mut sum, mut chance) = (0.0, 0.0);
    let mut rows = 0_u32;
    for query in 2..frame.tokens.len() {
        let places: Vec<usize> = match habit {
            Habit::Previous => vec![query - 1],
            Habit::First => vec![0],
            Habit::Itself => vec![query],
            Habit::Same => (0..query).filter(|&key| same_word(&frame.tokens[key], &frame.tokens[query])).collect(),
        };
        if places.is_empty() {
            continue;
        }
        chance += places.len() as f32 / (query + 1) as f32;
        for key in places {
            sum += frame.weight(buffer, layer, head, query, key)?;
        }
        rows += 1;
    }
    (rows > 0).then(|| (sum / rows as f32, chance / rows as f32))
}

/// Reads one head; `None` for a sentence of fewer than three tokens or a head that is not in the frame.
pub fn read(frame: &AttentionFrame, buffer: &[u8], layer: usize, head: usize) -> Option<Reading> {
    // Reversed because `max_by` keeps the last of equals, and the list starts with the plainest habit.
    let (habit, (share, chance)) = HABITS
        .into_iter()
        .rev()
        .filter_map(|habit| Some((habit, share(frame, buffer, layer, head, habit)?)))
        .max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    Some(Reading { habit, share, chance, spread: spread(frame, buffer, layer, head) })
}

/// The head that is the most worth seeing first, as (layer, head): the one that looks most at the token before. A resting head (first token) or
/// a broad one is a poor first picture: it looks like a fault.
pub fn telling_head(frame: &AttentionFrame, buffer: &[u8]) -> (usize, usize) {
    let mut best = (0, 0);
    let mut best_share = 0.0;
    for layer in 0..frame.layers as usize {
        for head in 0..frame.heads as usize {
            let Some((share, _)) = share(frame, buffer, layer, head, Habit::Previous) else { continue };
            if share > best_share {
                (best, best_share) = ((layer, head), share);
            }
        }
    }
    best
}

/// Mean entropy of the rows divided by that of a uniform row: 0 looks at one place, 1 at all alike.
pub fn spread(frame: &AttentionFrame, buffer: &[u8], layer: usize, head: usize) -> f32 {
    let tokens = frame.tokens.len();
    let mut sum = 0.0;
    for query in 1..tokens {
        let row: Vec<f32> = (0..=query).filter_map(|key| frame.weight(buffer, layer, head, query, key)).collect();
        let total: f32 = row.iter().sum();
        if total > 0.0 {
            let entropy: f32 = row.iter().map(|&weight| weight / total).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum();
            sum += entropy / ((query + 1) as f32).ln();
        }
    }
    sum / (tokens.max(2) - 1) as f32
}

/// Letter case and the blank that belongs to a token do not make another word; a blank alone is no word, nor is a part of a character, which looks
/// like any other part.
fn same_word(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    !a.is_empty() && !a.contains(char::REPLACEMENT_CHARACTER) && a.to_lowercase() == b.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::scene::tests::two_heads;
    use super::*;

    #[test]
    fn words_are_the_same_but_for_case_and_blanks_and_parts_of_characters_are_none() {
        assert!(same_word(" The", "the") && !same_word("the", "then") && !same_word(" ", " "));
        assert!(!same_word("\u{fffd}", "\u{fffd}"));
    }

    #[test]
    fn built_heads_are_named() {
        let (frame, buffer) = two_heads(&["To", " be", " or", " not", " to"]);
        let previous = read(&frame, &buffer, 0, 0).unwrap();
        assert_eq!((previous.role(), previous.share), (Some(Habit::Previous), 1.0));
        assert!(previous.spread < 1e-6);
        // The fifth token repeats the first, so resting there is also looking at the same word: the broader habit is the first token.
        assert_eq!(share(&frame, &buffer, 0, 1, Habit::First).unwrap().0, 1.0);
        assert_eq!(share(&frame, &buffer, 0, 1, Habit::Same), Some((1.0, 0.2)));
        assert_eq!(telling_head(&frame, &buffer), (0, 0));
    }

    #[test]
    fn the_same_word_needs_a_repeat() {
        let (frame, buffer) = two_heads(&["a", "b", "c", "d"]);
        assert_eq!(share(&frame, &buffer, 0, 0, Habit::Same), None);
        assert_eq!(read(&frame, &buffer, 0, 1).unwrap().habit, Habit::First);
    }

    #[test]
    fn a_uniform_head_is_broad() {
        let size = 6;
        let mut buffer = vec![0; size * size];
        for query in 0..size {
            for key in 0..=query {
                buffer[query * size + key] = (255 / (query + 1)) as u8;
            }
        }
        let tokens = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
        let frame = AttentionFrame { run: 1, step: 0, layers: 1, heads: 1, tokens, loss: None };
        let reading = read(&frame, &buffer, 0, 0).unwrap();
        assert_eq!(reading.role(), None);
        assert!(reading.spread > 0.99, "{}", reading.spread);
    }

    #[test]
    fn a_share_that_a_short_sentence_gives_to_everything_is_no_role() {
        let reading = Reading { habit: Habit::Previous, share: 0.3, chance: 0.2, spread: 0.9 };
        assert_eq!(reading.role(), None);
        assert_eq!(Reading { chance: 0.1, ..reading }.role(), Some(Habit::Previous));
    }

    #[test]
    fn a_sentence_of_two_tokens_says_nothing() {
        let (frame, buffer) = two_heads(&["a", "b"]);
        assert_eq!(read(&frame, &buffer, 0, 0), None);
        assert_eq!(read(&frame, &buffer, 5, 0), None);
    }
}
