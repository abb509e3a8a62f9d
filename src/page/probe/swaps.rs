//! Words to swap for each other, and a text with them swapped.
//!
//! In: lines `he = she`, a text. Out: the text with each of these words replaced by its counterpart, both ways at once, in one pass from left to
//! right. Whole words only (Chinese and Japanese have no blanks: there characters), whatever their case; the case is carried over.

use super::pieces::in_word;
use std::collections::HashMap;
use std::ops::Range;

/// Pairs that are read at most.
pub const MOST_PAIRS: usize = 500;

/// Words that are swapped for each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub left: String,
    pub right: String,
}

/// The pairs in a field, one a line, and the lines that hold none (two different sides of an equals sign).
pub fn parse(field: &str) -> (Vec<Pair>, Vec<String>) {
    let tidy = |side: &str| side.split_whitespace().collect::<Vec<_>>().join(" ");
    let (mut pairs, mut odd) = (Vec::new(), Vec::new());
    for line in field.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let sides: Vec<String> = line.split('=').map(tidy).collect();
        match sides.as_slice() {
            [left, right] if !left.is_empty() && !right.is_empty() && lowered(left) != lowered(right) && pairs.len() < MOST_PAIRS => {
                pairs.push(Pair { left: left.clone(), right: right.clone() });
            }
            _ => odd.push(line.to_owned()),
        }
    }
    (pairs, odd)
}

/// A text with words swapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swapped {
    pub text: String,
    /// Where the words were, in bytes of the original, and where their counterparts are, in bytes of `text`.
    pub was: Vec<Range<usize>>,
    pub is: Vec<Range<usize>>,
    /// Left words that became right ones, less right words that became left ones.
    pub leaning: i32,
}

#[derive(Debug, Clone)]
struct Term {
    characters: Vec<char>,
    /// As it stands in the pair.
    written: String,
    becomes: String,
    leaning: i32,
}

/// Pairs, ready to be looked for.
#[derive(Debug, Clone, Default)]
pub struct Swaps {
    /// By their first character, the longest first.
    terms: HashMap<char, Vec<Term>>,
}

impl Swaps {
    /// Of these pairs. Where a word stands in several, the first counts.
    pub fn new(pairs: &[Pair]) -> Self {
        let mut terms: HashMap<char, Vec<Term>> = HashMap::new();
        for pair in pairs {
            for (from, to, leaning) in [(&pair.left, &pair.right, 1), (&pair.right, &pair.left, -1)] {
                let characters = lowered(from);
                let Some(first) = characters.first() else { continue };
                let known = terms.entry(*first).or_default();
                if known.iter().all(|term| term.characters != characters) {
                    known.push(Term { characters, written: from.clone(), becomes: to.clone(), leaning });
                }
            }
        }
        terms.values_mut().for_each(|terms| terms.sort_by_key(|term| std::cmp::Reverse(term.characters.len())));
        Self { terms }
    }

    /// There is nothing to swap.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The text with the words swapped; nothing where it has none of them.
    pub fn swap(&self, text: &str) -> Option<Swapped> {
        let characters: Vec<(usize, char)> = text.char_indices().collect();
        let mut swapped = Swapped { text: String::with_capacity(text.len()), was: Vec::new(), is: Vec::new(), leaning: 0 };
        let mut at = 0;
        while let Some(&(start, character)) = characters.get(at) {
            let Some(term) = self.term_at(&characters, at) else {
                swapped.text.push(character);
                at += 1;
                continue;
            };
            at += term.characters.len();
            let end = characters.get(at).map_or(text.len(), |next| next.0);
            let begin = swapped.text.len();
            swapped.text += &dressed(text.get(start..end).unwrap_or_default(), term);
            swapped.was.push(start..end);
            swapped.is.push(begin..swapped.text.len());
            swapped.leaning += term.leaning;
        }
        (!swapped.was.is_empty()).then_some(swapped)
    }

    fn term_at(&self, characters: &[(usize, char)], at: usize) -> Option<&Term> {
        let word = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|found| in_word(found.1));
        // Inside a word: the character before belongs to it.
        if word(at.checked_sub(1)) && word(Some(at)) {
            return None;
        }
        self.terms.get(&lower(characters.get(at)?.1))?.iter().find(|term| {
            let end = at + term.characters.len();
            let same = characters.get(at..end).is_some_and(|found| found.iter().zip(&term.characters).all(|(a, b)| lower(a.1) == *b));
            same && !(word(end.checked_sub(1)) && word(Some(end)))
        })
    }
}

/// The counterpart in the case in which the word was found: as written, ALL CAPITALS, Capital first, or as the counterpart is written.
fn dressed(found: &str, term: &Term) -> String {
    if found == term.written {
        return term.becomes.clone();
    }
    let letters = || found.chars().filter(|character| character.is_alphabetic());
    if letters().count() > 1 && letters().all(char::is_uppercase) {
        return term.becomes.to_uppercase();
    }
    let mut characters = term.becomes.chars();
    match (letters().next(), characters.next()) {
        (Some(letter), Some(first)) if letter.is_uppercase() => first.to_uppercase().chain(characters).collect(),
        (Some(_), Some(_)) if letters().all(char::is_lowercase) => term.becomes.to_lowercase(),
        _ => term.becomes.clone(),
    }
}

fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

fn lowered(text: &str) -> Vec<char> {
    text.chars().map(lower).collect()
}

/// The part of a text around its first marked words, in pieces that are marked or not; at most about `most` characters, with an ellipsis where more is.
pub fn excerpt(text: &str, marks: &[Range<usize>], most: usize) -> Vec<(String, bool)> {
    let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).chain([text.len()]).collect();
    let total = starts.len() - 1;
    let first = marks.first().map_or(0, |mark| starts.partition_point(|&start| start < mark.start));
    let from = if total <= most { 0 } else { first.saturating_sub(most / 4).min(total - most) };
    let to = (from + most).min(total);
    let (begin, end) = (starts[from], starts[to]);
    let mut parts: Vec<(String, bool)> = Vec::new();
    let mut push = |range: Range<usize>, marked: bool| {
        if let Some(part) = text.get(range).filter(|part| !part.is_empty()) {
            parts.push((part.to_owned(), marked));
        }
    };
    let mut at = begin;
    for mark in marks.iter().filter(|mark| mark.start < end && mark.end > begin) {
        push(at..mark.start.max(begin), false);
        push(mark.start.max(begin)..mark.end.min(end), true);
        at = mark.end.min(end);
    }
    push(at..end, false);
    if from > 0 {
        parts.insert(0, ("\u{2026}".to_owned(), false));
    }
    if to < total {
        parts.push(("\u{2026}".to_owned(), false));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swaps(field: &str) -> Swaps {
        Swaps::new(&parse(field).0)
    }

    fn swap(field: &str, text: &str) -> String {
        swaps(field).swap(text).map_or_else(|| "-".to_owned(), |swapped| swapped.text)
    }

    #[test]
    fn lines_are_pairs_or_are_named() {
        let (pairs, odd) = parse(" he = she \n\nNew   York=Lagos\nalone\na = b = c\nHe = he\n = x");
        assert_eq!(pairs.len(), 2);
        assert_eq!((pairs[1].left.as_str(), pairs[1].right.as_str()), ("New York", "Lagos"));
        assert_eq!(odd, ["alone", "a = b = c", "He = he", "= x"]);
    }

    #[test]
    fn both_ways_at_once_and_whole_words_only() {
        assert_eq!(swap("he = she", "he said she knew the shed"), "she said he knew the shed");
        assert_eq!(swap("he = she", "the hero"), "-");
        assert_eq!(swap("he = she", "he's (he)"), "she's (she)");
        let swapped = swaps("he = she").swap("he, he, she").unwrap();
        assert_eq!((swapped.leaning, swapped.was, swapped.is), (1, vec![0..2, 4..6, 8..11], vec![0..3, 5..8, 10..12]));
    }

    #[test]
    fn swapping_twice_gives_the_text_back() {
        let swaps = swaps("he = she\nhimself = herself\nJohn = Amina");
        let text = "HE saw John; Amina saw he. Herself!";
        let once = swaps.swap(text).unwrap();
        assert_ne!(once.text, text);
        assert_eq!(swaps.swap(&once.text).unwrap().text, text);
    }

    #[test]
    fn capitals_are_kept() {
        assert_eq!(swap("he = she", "He HE he"), "She SHE she");
        assert_eq!(swap("John = Amina", "john, John, JOHN"), "amina, Amina, AMINA");
        assert_eq!(swap("New York = Lagos", "new york, New York"), "lagos, Lagos");
        assert_eq!(swap("mr = mrs", "Mr Smith"), "Mrs Smith");
    }

    #[test]
    fn the_longest_and_the_first_line_win() {
        assert_eq!(swap("york = bath\nNew York = Lagos", "New York and York"), "Lagos and Bath");
        assert_eq!(swap("his = her\nhim = her", "her him his"), "his her her");
    }

    #[test]
    fn chinese_has_no_blanks_between_words() {
        assert_eq!(swap("他 = 她", "他们说她来了"), "她们说他来了");
        assert_eq!(swap("北京 = 上海", "在北京"), "在上海");
        assert_eq!(swap("élan = verve", "Élan vital, élané"), "Verve vital, élané");
    }

    #[test]
    fn an_excerpt_holds_the_words_and_says_where_it_was_cut() {
        let text = format!("{} he {}", "a".repeat(500), "b".repeat(500));
        let marks = swaps("he = she").swap(&text).unwrap().was;
        let parts = excerpt(&text, &marks, 100);
        assert_eq!(parts.iter().filter(|part| part.1).map(|part| part.0.as_str()).collect::<Vec<_>>(), ["he"]);
        assert_eq!((parts[0].0.as_str(), parts.last().unwrap().0.as_str()), ("…", "…"));
        assert_eq!(parts.iter().map(|part| part.0.chars().count()).sum::<usize>(), 102);
        assert_eq!(excerpt("he is", std::slice::from_ref(&(0..2)), 100), [("he".to_owned(), true), (" is".to_owned(), false)]);
        assert_eq!(excerpt("", &[], 10), []);
    }
}
