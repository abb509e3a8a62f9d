//! The words of a text, as somebody would count them: what stands between blanks and signs; of Chinese and Japanese each character.

use std::ops::Range;

/// Written without blanks between words: each character counts as one.
pub fn stands_alone(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ffff}')
}

/// Part of a word that goes on.
pub fn in_word(character: char) -> bool {
    let mark = matches!(character, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}');
    (character.is_alphanumeric() || mark || character == '_') && !stands_alone(character)
}

/// Signs between two letters that do not part a word: `don't`, `well-made`.
fn joins(character: char) -> bool {
    matches!(character, '\'' | '\u{2019}' | '-')
}

fn is_picture(character: char) -> bool {
    matches!(character, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}' | '\u{200d}' | '\u{fe0f}')
}

/// Where the words are, in bytes, in order. Signs are no words; a run of emoji is one.
pub fn pieces(text: &str) -> Vec<Range<usize>> {
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let kind = |at: usize| {
        let character = characters.get(at).map(|found| found.1)?;
        let beside = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|found| in_word(found.1));
        if stands_alone(character) {
            Some(0)
        } else if in_word(character) || (joins(character) && beside(at.checked_sub(1)) && beside(Some(at + 1))) {
            Some(1)
        } else {
            is_picture(character).then_some(2)
        }
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut before = None;
    for (at, (start, character)) in characters.iter().enumerate() {
        let now = kind(at);
        let end = start + character.len_utf8();
        match (now, found.last_mut()) {
            (Some(1 | 2), Some(last)) if before == now => last.end = end,
            (Some(_), _) => found.push(*start..end),
            (None, _) => {}
        }
        before = now;
    }
    found
}

/// The text without a piece of it, and without the second of two blanks that would meet there; with a blank where two words would become one.
pub fn without(text: &str, piece: &Range<usize>) -> String {
    let (before, after) = (text.get(..piece.start).unwrap_or_default(), text.get(piece.end..).unwrap_or_default());
    if before.ends_with(in_word) && after.starts_with(in_word) {
        return format!("{before} {after}");
    }
    let meets = before.is_empty() || before.ends_with(char::is_whitespace);
    format!("{before}{}", if meets { after.trim_start() } else { after })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        pieces(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn words_are_counted_as_people_count_them() {
        assert_eq!(words("It wasn't well-made, was it?"), ["It", "wasn't", "well-made", "was", "it"]);
        assert_eq!(words("- so 'good' -"), ["so", "good"]);
        assert_eq!(words("电影 good! 3.5 ❤️❤️ café"), ["电", "影", "good", "3", "5", "❤️❤️", "café"]);
        assert_eq!(words(" ... "), [] as [&str; 0]);
    }

    #[test]
    fn leaving_a_word_out_leaves_no_gap() {
        let text = "a fine day, really";
        let found = pieces(text);
        assert_eq!(without(text, &found[0]), "fine day, really");
        assert_eq!(without(text, &found[1]), "a day, really");
        assert_eq!(without(text, &found[2]), "a fine , really");
        assert_eq!(without(text, &found[3]), "a fine day, ");
        assert_eq!(without("好看", &pieces("好看")[0]), "看");
        assert_eq!(without("iPhone和iPad", &pieces("iPhone和iPad")[1]), "iPhone iPad");
    }
}
