//! What can be said of a text before it is learned: counts, rare characters, repeats, language, and one word of verdict.

use super::language::language;
use crate::protocol::{DataCheck, Language, Verdict};
use std::collections::HashMap;

/// Characters that occur fewer times than this are called rare.
const RARE_BELOW: u64 = 3;
const MAX_RARE: usize = 40;
/// Shorter lines repeat in any text ("Yes.", "Act I").
const DUPLICATE_LINE_LENGTH: usize = 20;

/// Looks a text over. Linear in its length: under a second for 50 MB natively.
pub fn data_check(text: &str) -> DataCheck {
    let counts = character_counts(text);
    let mut rare: Vec<(u64, char)> =
        counts.iter().filter(|&&(c, count)| count < RARE_BELOW && c != '\n').map(|&(c, count)| (count, c)).collect();
    rare.sort_unstable();
    DataCheck {
        characters: counts.iter().map(|(_, count)| count).sum(),
        lines: text.lines().count() as u64,
        alphabet: counts.len() as u32,
        rare_characters: rare.into_iter().take(MAX_RARE).map(|(_, c)| c).collect(),
        duplicate_lines: duplicate_lines(text),
        language: language(text, counts.iter().copied()),
    }
}

/// Every character of a text with the number of its occurrences, by code point.
pub(super) fn character_counts(text: &str) -> Vec<(char, u64)> {
    // The basic plane as a table: a hash per character would take seconds on 50 MB.
    let mut table = vec![0_u64; 0x1_0000];
    let mut beyond: HashMap<char, u64> = HashMap::new();
    for c in text.chars() {
        match table.get_mut(c as usize) {
            Some(count) => *count += 1,
            None => *beyond.entry(c).or_default() += 1,
        }
    }
    let mut counts: Vec<(char, u64)> =
        (0_u32..).zip(table).filter(|&(_, count)| count > 0).filter_map(|(code, count)| Some((char::from_u32(code)?, count))).collect();
    let mut beyond: Vec<(char, u64)> = beyond.into_iter().collect();
    beyond.sort_unstable();
    counts.extend(beyond);
    counts
}

/// Lines that repeat an earlier one.
fn duplicate_lines(text: &str) -> u64 {
    let mut seen = std::collections::HashSet::new();
    let long =
        text.lines().map(str::trim).filter(|line| line.len() > DUPLICATE_LINE_LENGTH && line.chars().nth(DUPLICATE_LINE_LENGTH).is_some());
    long.filter(|line| !seen.insert(*line)).count() as u64
}

/// What [`verdict`] weighs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VerdictInput {
    /// Tokens of the training part.
    pub train_tokens: u64,
    /// Tokens of the whole text.
    pub tokens: u64,
    /// Tokens that the tokenizer does not know.
    pub unknown_tokens: u64,
    /// Characters of the whole text.
    pub characters: u64,
    pub text_language: Language,
    /// What the base model was pretrained on; `None` from scratch.
    pub model_language: Option<Language>,
    /// Parameters of the model.
    pub parameters: u64,
}

/// Parameters per training token above which a run of a few hundred steps learns the text by heart. A rule of thumb: a Transformer can
/// store about 3.6 bits per parameter (arXiv 2505.24832), so every text that fits a browser *could* be memorised; in a short run it
/// shows from about here on.
const MEMORISING_PARAMETERS_PER_TOKEN: u64 = 100;
/// A tokenizer made for a text's language needs at most about one token per character; English needs a quarter.
const MANY_TOKENS_PER_CHARACTER: f64 = 1.25;
const MANY_UNKNOWN_SHARE: f64 = 0.02;

/// The most important thing to say of a text and a model, in one word.
pub fn verdict(input: VerdictInput) -> Verdict {
    let per_character = input.tokens as f64 / input.characters.max(1) as f64;
    let unknown_share = input.unknown_tokens as f64 / input.tokens.max(1) as f64;
    if input.model_language.is_some_and(|language| language != input.text_language) {
        Verdict::LanguageMismatch
    } else if per_character > MANY_TOKENS_PER_CHARACTER || unknown_share > MANY_UNKNOWN_SHARE {
        Verdict::ManyTokens
    } else if input.parameters > MEMORISING_PARAMETERS_PER_TOKEN * input.train_tokens {
        Verdict::WillMemorise
    } else {
        Verdict::Fine
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_of_a_small_text() {
        let text = "The same line, said once more.\nshort\nThe same line, said once more.\nshort\n漢😀\n";
        let check = data_check(text);
        assert_eq!(check.characters, text.chars().count() as u64);
        assert_eq!((check.lines, check.duplicate_lines), (5, 1));
        assert_eq!(check.language, Language::English);
        assert!(check.rare_characters.contains(&'漢') && check.rare_characters.contains(&'😀'));
        assert!(!check.rare_characters.contains(&'e') && !check.rare_characters.contains(&'\n'));
        let alphabet: std::collections::HashSet<char> = text.chars().collect();
        assert_eq!(check.alphabet as usize, alphabet.len());
    }

    #[test]
    fn the_rarest_come_first_and_are_bounded() {
        let text: String = ('\u{4E00}'..'\u{4E64}').collect::<String>() + "ab ab ab bb \u{4E00}";
        let check = data_check(&text);
        assert_eq!(check.rare_characters.len(), MAX_RARE);
        assert!(!check.rare_characters.contains(&'\u{4E00}'), "it occurs twice, others once");
    }

    #[test]
    fn verdicts_by_weight() {
        let fine = VerdictInput {
            train_tokens: 90_000,
            tokens: 100_000,
            unknown_tokens: 0,
            characters: 400_000,
            text_language: Language::English,
            model_language: Some(Language::English),
            parameters: 1_350_400,
        };
        assert_eq!(verdict(fine), Verdict::Fine);
        assert_eq!(verdict(VerdictInput { train_tokens: 2_000, ..fine }), Verdict::WillMemorise);
        assert_eq!(verdict(VerdictInput { text_language: Language::Chinese, ..fine }), Verdict::LanguageMismatch);
        assert_eq!(verdict(VerdictInput { text_language: Language::Chinese, model_language: None, ..fine }), Verdict::Fine);
        assert_eq!(verdict(VerdictInput { characters: 40_000, model_language: None, ..fine }), Verdict::ManyTokens);
        assert_eq!(verdict(VerdictInput { unknown_tokens: 5_000, ..fine }), Verdict::ManyTokens);
    }

    proptest! {
        #[test]
        fn counts_add_up(text in "\\PC{0,300}") {
            let check = data_check(&text);
            prop_assert_eq!(check.characters, text.chars().count() as u64);
            prop_assert!(check.rare_characters.len() <= MAX_RARE);
            prop_assert!(u64::from(check.alphabet) <= check.characters);
        }
    }
}
