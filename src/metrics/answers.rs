//! Short answers: exact match and token F1, in English and in Chinese.
//!
//! In: a prediction and the answers that would be right. Out: the best score over these. English after the evaluation script of SQuAD 2.0
//! (Rajpurkar, Jia and Liang 2018): lower case, ASCII punctuation and articles removed. Chinese after that of CMRC 2018 (Cui et al. 2019),
//! character by character; offered separately because English words would be cut apart by it and Chinese sentences not at all by the other.

use super::error::MetricsError;
use super::overlap::{Overlap, is_blank, words};
use std::collections::HashMap;

/// Lower-cased, without ASCII punctuation and the words "a", "an", "the"; words apart by one space.
pub fn squad_normalised(answer: &str) -> String {
    let text: String = answer.to_lowercase().chars().filter(|letter| !letter.is_ascii_punctuation()).collect();
    // What is left between two letters or digits is one word to the script's regular expression, even across no space: "\b".
    let inside = |letter: char| letter.is_alphanumeric();
    let mut without = String::with_capacity(text.len());
    for part in text.split_inclusive(|letter| !inside(letter)) {
        let (word, rest) = part.split_at(part.find(|letter| !inside(letter)).unwrap_or(part.len()));
        without.push_str(if matches!(word, "a" | "an" | "the") { " " } else { word });
        without.push_str(rest);
    }
    words(&without).collect::<Vec<&str>>().join(" ")
}

/// Whether the prediction is one of the answers, after normalisation.
///
/// # Errors
/// No answers.
pub fn exact_match(prediction: &str, answers: &[impl AsRef<str>]) -> Result<bool, MetricsError> {
    let prediction = squad_normalised(prediction);
    best(answers, |answer| f64::from(u8::from(squad_normalised(answer) == prediction))).map(|score| score == 1.0)
}

/// F1 of the words in common, as a bag, with the answer that fits best. An answer without words is matched only by such a prediction
/// (as in SQuAD 2.0; the script of 1.1 would give 0 for two empty texts).
///
/// # Errors
/// No answers.
pub fn token_f1(prediction: &str, answers: &[impl AsRef<str>]) -> Result<f64, MetricsError> {
    let prediction = squad_normalised(prediction);
    let predicted: Vec<&str> = words(&prediction).collect();
    best(answers, |answer| {
        let answer = squad_normalised(answer);
        let wanted: Vec<&str> = words(&answer).collect();
        if wanted.is_empty() || predicted.is_empty() {
            return f64::from(u8::from(wanted == predicted));
        }
        let mut left: HashMap<&str, usize> = HashMap::new();
        wanted.iter().for_each(|word| *left.entry(word).or_default() += 1);
        let mut common = 0;
        for word in &predicted {
            if let Some(count @ 1..) = left.get_mut(word) {
                *count -= 1;
                common += 1;
            }
        }
        Overlap::new(common, wanted.len(), predicted.len()).f1
    })
}

/// Punctuation that CMRC's script leaves out; the ellipsis stays, because the script looks for two of them in one character.
const CHINESE_PUNCTUATION: &str = "-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』";

/// Chinese characters (`U+4E00..=U+9FA5`) one by one, and dashes; what lies between them cut at white space; punctuation left out; lower case.
///
/// The same as CMRC's script where the pieces between Chinese characters are plain words: it would cut those further as English, with NLTK
/// (which is where the dashes come from).
pub fn chinese_tokens(text: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    for letter in text.to_lowercase().chars().filter(|letter| !CHINESE_PUNCTUATION.contains(*letter)) {
        let alone = matches!(letter, '\u{4e00}'..='\u{9fa5}' | '—');
        if alone || is_blank(letter) {
            tokens.push(if alone { letter.to_string() } else { String::new() });
        }
        if alone {
            tokens.push(String::new());
        } else if let Some(last) = tokens.last_mut().filter(|_| !is_blank(letter)) {
            last.push(letter);
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// Whether the prediction is one of the answers, punctuation and case aside.
///
/// # Errors
/// No answers.
pub fn chinese_exact_match(prediction: &str, answers: &[impl AsRef<str>]) -> Result<bool, MetricsError> {
    let bare = |text: &str| {
        let kept: String =
            text.to_lowercase().trim_matches(is_blank).chars().filter(|letter| !CHINESE_PUNCTUATION.contains(*letter)).collect();
        kept
    };
    let prediction = bare(prediction);
    best(answers, |answer| f64::from(u8::from(bare(answer) == prediction))).map(|score| score == 1.0)
}

/// F1 of the longest run of tokens that stands unbroken in both, with the answer that fits best.
///
/// # Errors
/// No answers.
pub fn chinese_token_f1(prediction: &str, answers: &[impl AsRef<str>]) -> Result<f64, MetricsError> {
    let predicted = chinese_tokens(prediction);
    best(answers, |answer| {
        let wanted = chinese_tokens(answer);
        Overlap::new(longest_run(&wanted, &predicted), wanted.len(), predicted.len()).f1
    })
}

/// Length of the longest contiguous run that two lists share.
fn longest_run(a: &[String], b: &[String]) -> usize {
    let mut longest = 0;
    let mut above = vec![0; b.len() + 1];
    for left in a {
        let mut row = vec![0; b.len() + 1];
        for (column, right) in b.iter().enumerate() {
            if left == right {
                row[column + 1] = above[column] + 1;
                longest = longest.max(row[column + 1]);
            }
        }
        above = row;
    }
    longest
}

fn best(answers: &[impl AsRef<str>], score: impl Fn(&str) -> f64) -> Result<f64, MetricsError> {
    answers.iter().map(|answer| score(answer.as_ref())).reduce(f64::max).ok_or(MetricsError::NoReference { row: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_and_punctuation_do_not_count() {
        assert_eq!(squad_normalised(" The  U.S.'s theatre, a an apple-A "), "uss theatre applea");
        assert_eq!(squad_normalised("the—an"), "—");
        assert!(exact_match("the Cat!", &["a dog", "cat"]).unwrap());
        assert!(!exact_match("cats", &["cat"]).unwrap());
    }

    #[test]
    fn words_in_common_as_a_bag() {
        // Two of three words are right, of two wanted.
        assert!((token_f1("big red big", &["big red"]).unwrap() - 0.8).abs() < 1e-12);
        assert_eq!(token_f1("x", &["y", "x"]).unwrap(), 1.0);
        assert_eq!(token_f1("", &["the"]).unwrap(), 1.0);
        assert_eq!(token_f1("", &["y"]).unwrap(), 0.0);
    }

    #[test]
    fn chinese_is_cut_into_characters_and_words() {
        assert_eq!(chinese_tokens("我爱，Rust 语言1999年。"), ["我", "爱", "rust", "语", "言", "1999", "年"]);
        assert_eq!(chinese_tokens(" 。\u{3000}"), Vec::<String>::new());
        assert_eq!(chinese_tokens("a……b——c"), ["a……b", "—", "—", "c"]);
    }

    #[test]
    fn the_longest_unbroken_run_counts() {
        // "北京" of "北京大学" (4) and "在北京" (3).
        let expected = 2.0 * (2.0 / 3.0) * 0.5 / (2.0 / 3.0 + 0.5);
        assert!((chinese_token_f1("在北京", &["北京大学"]).unwrap() - expected).abs() < 1e-12);
        assert!(chinese_exact_match("《红楼梦》", &["红楼梦"]).unwrap());
        assert_eq!(chinese_token_f1("", &[""]).unwrap(), 0.0);
    }

    #[test]
    fn no_answers_are_an_error() {
        let none: [&str; 0] = [];
        assert_eq!(token_f1("a", &none), Err(MetricsError::NoReference { row: 0 }));
        assert_eq!(chinese_exact_match("a", &none), Err(MetricsError::NoReference { row: 0 }));
    }
}
