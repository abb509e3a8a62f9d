//! Words of a text and the spaces between them.
//!
//! In: a text, or two words. Out: byte ranges of words; whether a space stands between the two. For text that a visitor types where a table had lists
//! of words: the table's own division into words is not known, so this one is plain: white space divides, marks stand alone, and in scripts without
//! spaces every character is a word. Absent: dictionaries.

use std::ops::Range;

/// Scripts that are written without spaces between words: Chinese characters, kana, and their marks.
pub(super) fn stands_alone(letter: char) -> bool {
    matches!(letter, '\u{2E80}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FF65}' | '\u{20000}'..='\u{3FFFF}')
}

/// A space stands between these two words. Not at the start of a text, and not beside a character of a script without spaces.
pub fn spaced(before: &str, word: &str) -> bool {
    let (Some(last), Some(first)) = (before.chars().next_back(), word.chars().next()) else { return false };
    !stands_alone(last) && !stands_alone(first)
}

/// The words of a text as byte ranges: cut at white space, marks at either end of a piece on their own, characters of scripts without spaces too.
pub fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        if letter.is_whitespace() || stands_alone(letter) {
            if let Some(start) = start.take() {
                piece(text, start..at, &mut found);
            }
            if !letter.is_whitespace() {
                found.push(at..at + letter.len_utf8());
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(start) = start {
        piece(text, start..text.len(), &mut found);
    }
    found
}

/// What stands between two spaces: marks at its ends are words of their own, those inside ("don't", "3.5") are not.
fn piece(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let part = &text[range.clone()];
    let inside = |letter: char| letter.is_alphanumeric();
    let Some(first) = part.find(inside) else {
        found.extend(part.char_indices().map(|(at, mark)| range.start + at..range.start + at + mark.len_utf8()));
        return;
    };
    let last = part.char_indices().rev().find(|(_, letter)| inside(*letter)).map_or(part.len(), |(at, letter)| at + letter.len_utf8());
    let marks = |from: usize, to: usize| {
        part[from..to].char_indices().map(move |(at, mark)| range.start + from + at..range.start + from + at + mark.len_utf8())
    };
    found.extend(marks(0, first));
    found.push(range.start + first..range.start + last);
    found.extend(marks(last, part.len()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn marks_at_the_ends_stand_alone_and_those_inside_do_not() {
        assert_eq!(cut("(He didn't pay 3.5 €...)"), ["(", "He", "didn't", "pay", "3.5", "€", ".", ".", ".", ")"]);
        assert_eq!(cut("  "), Vec::<&str>::new());
        assert_eq!(cut("I爱Rust。"), ["I", "爱", "Rust", "。"]);
    }

    #[test]
    fn spaces_stand_between_words_of_scripts_that_have_them() {
        assert!(spaced("a", "b") && spaced("a", ",") && !spaced("", "b") && !spaced("爱", "Rust") && !spaced("a", "爱"));
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_lost(text in "[a-z0-9 .,'’爱。\\n()é-]{0,30}") {
            let kept: String = cut(&text).concat();
            let all: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
            prop_assert_eq!(kept, all);
            prop_assert!(words(&text).windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
