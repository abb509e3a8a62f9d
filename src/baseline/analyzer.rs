//! Cuts a text into terms as scikit-learn's vectorizers do: words, or runs of characters for scripts without spaces.

use regex_syntax::hir::{Class, HirKind};
use std::sync::LazyLock;

/// How a text becomes terms. Lower-cased in both cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Analyzer {
    /// Words of two or more letters, digits and underscores: `token_pattern=r"(?u)\b\w\w+\b"`, the default.
    Words,
    /// Runs of `shortest..=longest` characters, blanks among them (`analyzer="char"`). For Chinese, 1 and 2 do well.
    Characters { shortest: usize, longest: usize },
}

impl Analyzer {
    /// Characters when a fifth or more of the letters are of scripts that put no spaces between words (Chinese, Japanese, Thai, Lao, Khmer,
    /// Burmese); otherwise words.
    pub fn suiting<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut letters, mut unspaced) = (0_usize, 0_usize);
        for letter in texts.into_iter().flat_map(str::chars).filter(|letter| is_word(*letter)) {
            letters += 1;
            unspaced += usize::from(has_no_spaces(letter));
        }
        if letters > 0 && unspaced * 5 >= letters { Self::Characters { shortest: 1, longest: 2 } } else { Self::Words }
    }

    /// Calls `found` with each term, as often as it occurs.
    pub fn terms(self, text: &str, mut found: impl FnMut(&str)) {
        let text = text.to_lowercase();
        match self {
            Self::Words => {
                for word in text.split(|letter| !is_word(letter)).filter(|word| word.chars().nth(1).is_some()) {
                    found(word);
                }
            }
            Self::Characters { shortest, longest } => {
                let text = single_blanks(&text);
                // Where characters start, and the end.
                let starts: Vec<usize> = text.char_indices().map(|(start, _)| start).chain([text.len()]).collect();
                for length in shortest.max(1)..=longest.min(starts.len() - 1) {
                    for ends in starts.windows(length + 1) {
                        found(&text[ends[0]..ends[length]]);
                    }
                }
            }
        }
    }
}

/// Two blanks or more become one space; a single one, a line break too, stays what it is, as in scikit-learn.
fn single_blanks(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut blanks = 0;
    for letter in text.chars() {
        blanks = if is_blank(letter) { blanks + 1 } else { 0 };
        if blanks == 2 {
            joined.pop();
            joined.push(' ');
        } else if blanks < 2 {
            joined.push(letter);
        }
    }
    joined
}

/// `\s` of Python's `re`.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
}

/// `\w` of Python's `re`: letters, numbers and the underscore. `char::is_alphanumeric` would add the vowel signs of Indian scripts.
fn is_word(letter: char) -> bool {
    static TABLE: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        match regex_syntax::parse(r"[\p{L}\p{N}_]").as_ref().map(regex_syntax::hir::Hir::kind) {
            Ok(HirKind::Class(Class::Unicode(class))) => class.iter().map(|range| (range.start(), range.end())).collect(),
            // The pattern is a constant; a test would see the empty table at once.
            _ => Vec::new(),
        }
    });
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric() || letter == '_';
    }
    let after = TABLE.partition_point(|&(start, _)| start <= letter);
    after > 0 && letter <= TABLE[after - 1].1
}

/// Scripts whose words stand without spaces, by block.
fn has_no_spaces(letter: char) -> bool {
    matches!(letter,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(analyzer: Analyzer, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        analyzer.terms(text, |term| terms.push(term.to_owned()));
        terms
    }

    #[test]
    fn words_have_two_letters() {
        assert_eq!(terms(Analyzer::Words, "I can't e-mail ÀÉ_1 x²!"), ["can", "mail", "àé_1", "x²"]);
        // A vowel sign is no letter to Python: it ends the word.
        assert_eq!(terms(Analyzer::Words, "हिन्दी कम"), ["कम"]);
        assert_eq!(terms(Analyzer::Words, ""), Vec::<String>::new());
    }

    #[test]
    fn runs_of_characters_in_order_of_length() {
        let analyzer = Analyzer::Characters { shortest: 1, longest: 2 };
        assert_eq!(terms(analyzer, "春A眠"), ["春", "a", "眠", "春a", "a眠"]);
        assert_eq!(terms(analyzer, "a \n b\tc"), ["a", " ", "b", "\t", "c", "a ", " b", "b\t", "\tc"]);
        assert_eq!(terms(Analyzer::Characters { shortest: 2, longest: 4 }, "ab"), ["ab"]);
        assert_eq!(terms(analyzer, ""), Vec::<String>::new());
    }

    #[test]
    fn the_script_decides() {
        assert_eq!(Analyzer::suiting(["plain words"]), Analyzer::Words);
        assert_eq!(Analyzer::suiting(["", "春眠不覺曉"]), Analyzer::Characters { shortest: 1, longest: 2 });
        assert_eq!(Analyzer::suiting(["一 word of Chinese in much English"]), Analyzer::Words);
        assert_eq!(Analyzer::suiting([]), Analyzer::Words);
    }
}
