//! What a head mostly does, told from its maps: shares of attention, entropy, and the name that follows. docs/heads.md has the definitions and the
//! reasons for the thresholds.
//!
//! In: maps of one head over windows of text, and what the windows' tokens are. Out: a role. Plain numbers, no tensors.

use std::collections::HashMap;

use crate::protocol::explain::{HeadReading, Role};

/// A habit names a head when it takes at least this share of its attention, and
const SHARE: f32 = 0.3;
/// at least this many times what a head that looks at all tokens alike would give it.
const LIFT: f32 = 2.5;
/// Looking around is told by a larger share: five tokens are easily hit.
const LOCAL_SHARE: f32 = 0.6;
/// From this entropy on (1 is uniform) a head without a habit looks broadly.
const BROAD_ENTROPY: f32 = 0.75;
/// Tokens that count as near: the query's own and four before.
const NEAR: usize = 5;
/// Query tokens before which a share says nothing.
const FEWEST_ROWS: usize = 8;

/// A token, as far as habits can tell tokens apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSign {
    pub id: u32,
    /// The same number for tokens that are one word apart from letter case and the blank before it; `None` for blanks, and for parts of characters, whose
    /// texts are all alike.
    pub word: Option<u32>,
    /// Neither letter nor digit nor blank in it.
    pub punctuation: bool,
}

/// Signs of a window's tokens, from their ids and texts.
pub fn signs(tokens: &[(u32, String)]) -> Vec<TokenSign> {
    let mut words: HashMap<String, u32> = HashMap::new();
    tokens
        .iter()
        .map(|(id, text)| {
            let word = text.trim().to_lowercase();
            let punctuation =
                !word.is_empty() && !word.chars().any(|letter| letter.is_alphanumeric() || letter == char::REPLACEMENT_CHARACTER);
            let next = words.len() as u32;
            let whole = !word.is_empty() && !word.contains(char::REPLACEMENT_CHARACTER);
            let word = whole.then(|| *words.entry(word).or_insert(next));
            TokenSign { id: *id, word, punctuation }
        })
        .collect()
}

/// Where a habit would look from `query`, at least 2. The places of different habits are kept apart, so that one habit does not earn another
/// its name: the first token is `First`'s alone, and the token before is `Previous`'s even where it also followed the same token.
fn places(habit: Role, tokens: &[TokenSign], query: usize) -> Vec<usize> {
    let own = tokens[query];
    match habit {
        Role::Previous => vec![query - 1],
        Role::Induction => (1..query - 1).filter(|&key| tokens[key - 1].id == own.id).collect(),
        Role::Same => (1..query).filter(|&key| own.word.is_some() && tokens[key].word == own.word).collect(),
        Role::First => vec![0],
        Role::Punctuation => (1..query).filter(|&key| tokens[key].punctuation).collect(),
        Role::Itself => vec![query],
        // Where everything is near, nearness says nothing.
        Role::Local if query >= 2 * NEAR => (query + 1 - NEAR..=query).collect(),
        Role::Local | Role::Broad | Role::Mixed => Vec::new(),
    }
}

/// A window of text with the places where each habit would look, the same for all heads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    tokens: usize,
    /// Per habit of [`Role::SHARED`], per query token.
    places: Vec<Vec<Vec<usize>>>,
}

impl Window {
    /// From the tokens' signs, in order.
    pub fn new(signs: &[TokenSign]) -> Self {
        let of = |habit: Role| (0..signs.len()).map(|query| if query < 2 { Vec::new() } else { places(habit, signs, query) }).collect();
        Self { tokens: signs.len(), places: Role::SHARED.into_iter().map(of).collect() }
    }
}

/// Sums over the windows of a text, for one head.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Per habit of [`Role::SHARED`]: attention, what chance would give, and query tokens that gave occasion.
    shares: [(f64, f64, usize); Role::SHARED.len()],
    entropy: f64,
    entropy_rows: usize,
}

impl Tally {
    /// Counts one window with its map `[t, t]`.
    pub fn add(&mut self, map: &[f32], window: &Window) {
        let count = window.tokens;
        for query in 1..count {
            let row = &map[query * count..=query * count + query];
            let entropy: f64 = row.iter().map(|&p| f64::from(p)).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum();
            self.entropy += entropy / ((query + 1) as f64).ln();
            self.entropy_rows += 1;
            for (places, (share, chance, rows)) in window.places.iter().zip(&mut self.shares) {
                let places = &places[query];
                if !places.is_empty() {
                    *share += places.iter().map(|&key| f64::from(row[key])).sum::<f64>();
                    *chance += places.len() as f64 / (query + 1) as f64;
                    *rows += 1;
                }
            }
        }
    }

    fn mean(&self, read: impl Fn(&(f64, f64, usize)) -> f64) -> Vec<Option<f32>> {
        self.shares.iter().map(|entry| (entry.2 >= FEWEST_ROWS).then(|| (read(entry) / entry.2 as f64) as f32)).collect()
    }

    /// Mean share of attention per habit of [`Role::SHARED`]; `None` where the text gave fewer than eight occasions.
    pub fn shares(&self) -> Vec<Option<f32>> {
        self.mean(|entry| entry.0)
    }

    /// What a head that looks at all tokens alike would have given each.
    pub fn chances(&self) -> Vec<Option<f32>> {
        self.mean(|entry| entry.1)
    }

    /// The name, what it is given for, and the entropy.
    pub fn reading(&self) -> HeadReading {
        let entropy = (self.entropy / self.entropy_rows.max(1) as f64) as f32;
        let known = Role::SHARED.into_iter().zip(self.shares()).zip(self.chances());
        let known: Vec<(Role, f32, f32)> = known.filter_map(|((role, share), chance)| Some((role, share?, chance?))).collect();
        let named =
            |role: Role, share: f32, chance: f32| share >= if role == Role::Local { LOCAL_SHARE } else { SHARE } && share >= LIFT * chance;
        let narrow = known.iter().filter(|&&(role, share, chance)| role != Role::Local && named(role, share, chance));
        // Reversed because `max_by` keeps the last of equals, and the list starts with the plainest habit.
        let best = narrow.rev().max_by(|a, b| a.1.total_cmp(&b.1));
        let local = known.iter().find(|&&(role, share, chance)| role == Role::Local && named(role, share, chance));
        // One of the near tokens names a head that looks around only if it gets most of that.
        let near = |&&(role, share, _): &&(Role, f32, f32)| {
            matches!(role, Role::Previous | Role::Itself) && local.is_some_and(|&(_, around, _)| share < around / 2.0)
        };
        let best = best.filter(|best| !near(best)).or(local);
        match best {
            Some(&(role, score, _)) => HeadReading { role, score, entropy },
            None if entropy >= BROAD_ENTROPY => HeadReading { role: Role::Broad, score: entropy, entropy },
            None => HeadReading { role: Role::Mixed, score: entropy, entropy },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of 40 words: repeats at odd distances, full stops, capitals.
    fn text() -> Vec<TokenSign> {
        let words = "the cat saw the dog . The dog saw a bird and the bird saw the cat . a hen met the owl , the owl met a cat and \
                     the hen saw a dog . the end of the day";
        let mut ids = HashMap::new();
        let tokens: Vec<(u32, String)> = words
            .split_whitespace()
            .map(|word| {
                let next = ids.len() as u32;
                (*ids.entry(word.to_owned()).or_insert(next), format!(" {word}"))
            })
            .collect();
        signs(&tokens)
    }

    /// A map that puts all of each row's attention on these keys alike, or on the first token where there are none.
    fn looks(tokens: &[TokenSign], at: impl Fn(usize) -> Vec<usize>) -> Vec<f32> {
        let count = tokens.len();
        let mut map = vec![0.0; count * count];
        for query in 0..count {
            let keys = at(query);
            for &key in &keys {
                map[query * count + key] += 1.0 / keys.len() as f32;
            }
            if keys.is_empty() {
                map[query * count] = 1.0;
            }
        }
        map
    }

    fn role(map: &[f32], tokens: &[TokenSign]) -> HeadReading {
        let mut tally = Tally::default();
        tally.add(map, &Window::new(tokens));
        tally.reading()
    }

    #[test]
    fn signs_know_words_and_marks() {
        let signs =
            signs(&[(1, " The".to_owned()), (2, "the".to_owned()), (3, ".".to_owned()), (4, " ".to_owned()), (5, "\u{fffd}".to_owned())]);
        assert_eq!(signs[0].word, signs[1].word);
        assert_eq!(signs.iter().map(|sign| sign.punctuation).collect::<Vec<_>>(), [false, false, true, false, false]);
        assert_eq!((signs[3].word, signs[4].word), (None, None));
        assert_ne!(signs[0].id, signs[1].id);
    }

    #[test]
    fn built_heads_get_their_names() {
        let tokens = text();
        let followers = |query: usize| (1..query).filter(|&key| tokens[key - 1].id == tokens[query].id).collect::<Vec<_>>();
        let same = |query: usize| (0..query).filter(|&key| tokens[key].word == tokens[query].word).collect::<Vec<_>>();
        let marks = |query: usize| (0..=query).filter(|&key| tokens[key].punctuation).collect::<Vec<_>>();
        let near = |query: usize| (query.saturating_sub(4)..=query).collect::<Vec<_>>();
        let built: [(Role, Vec<f32>); 8] = [
            (Role::Previous, looks(&tokens, |query| vec![query.saturating_sub(1)])),
            (Role::Induction, looks(&tokens, followers)),
            (Role::Same, looks(&tokens, same)),
            (Role::First, looks(&tokens, |_| vec![0])),
            (Role::Punctuation, looks(&tokens, marks)),
            (Role::Itself, looks(&tokens, |query| vec![query])),
            (Role::Local, looks(&tokens, near)),
            (Role::Broad, looks(&tokens, |query| (0..=query).collect())),
        ];
        for (wanted, map) in built {
            let reading = role(&map, &tokens);
            assert_eq!(reading.role, wanted, "{reading:?}");
        }
    }

    #[test]
    fn scores_and_entropy_are_the_shares() {
        let tokens = text();
        // Nine tenths on the token before, the rest on the first.
        let count = tokens.len();
        let mut map = looks(&tokens, |query| vec![query.saturating_sub(1)]);
        map.iter_mut().for_each(|weight| *weight *= 0.9);
        (0..count).for_each(|query| map[query * count] += 0.1);
        let mut tally = Tally::default();
        tally.add(&map, &Window::new(&tokens));
        let reading = tally.reading();
        assert_eq!(reading.role, Role::Previous);
        assert!((reading.score - 0.9).abs() < 1e-6, "{reading:?}");
        assert!((tally.shares()[3].unwrap() - 0.1).abs() < 1e-6);
        // A third on the token before, the rest on its neighbours: it looks around.
        let near = looks(&tokens, |query| {
            let weights = [query.saturating_sub(1), query.saturating_sub(1), query, query.saturating_sub(2), query.saturating_sub(3)];
            weights.to_vec()
        });
        assert_eq!(role(&near, &tokens).role, Role::Local, "{:?}", role(&near, &tokens));
        let uniform = role(&looks(&tokens, |query| (0..=query).collect()), &tokens);
        assert!((uniform.entropy - 1.0).abs() < 1e-6);
        assert_eq!(role(&looks(&tokens, |query| vec![query]), &tokens).entropy, 0.0);
    }

    #[test]
    fn without_occasions_there_is_no_share() {
        let tokens = signs(&["a", "b", "c", "d", "e"].map(|word| (u32::from(word.as_bytes()[0]), word.to_owned())));
        let mut tally = Tally::default();
        tally.add(&looks(&tokens, |query| vec![query.saturating_sub(1)]), &Window::new(&tokens));
        assert!(tally.shares().iter().all(Option::is_none), "three rows are too few: {:?}", tally.shares());
        for _ in 0..3 {
            tally.add(&looks(&tokens, |query| vec![query.saturating_sub(1)]), &Window::new(&tokens));
        }
        assert_eq!(tally.shares()[0], Some(1.0));
        assert_eq!(tally.shares()[1], None, "nothing repeats");
        assert_eq!(tally.reading().role, Role::Previous);
    }
}
