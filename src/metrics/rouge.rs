//! ROUGE-L: the longest sequence of words, gaps allowed, that a summary shares with its reference.
//!
//! In: two texts, or two lists of tokens. Out: [`Overlap`]. After Lin 2004, as the `rouge-score` package 0.1 calculates `rougeL` and
//! `rougeLsum` without stemming. Its words are runs of `a-z0-9` after lower-casing: texts in other scripts have none and score 0; for
//! those give [`rouge_l_of`] tokens of your own, such as [`super::chinese_tokens`].

use super::overlap::{Overlap, common_subsequences};
use std::collections::{BTreeSet, HashMap};

/// ROUGE-L of whole texts.
pub fn rouge_l(reference: &str, prediction: &str) -> Overlap {
    rouge_l_of(&rouge_tokens(reference), &rouge_tokens(prediction))
}

/// ROUGE-L of tokens.
pub fn rouge_l_of<T: PartialEq>(reference: &[T], prediction: &[T]) -> Overlap {
    Overlap::new(common_subsequences(reference, prediction)[reference.len()][prediction.len()], reference.len(), prediction.len())
}

/// ROUGE-L of summaries of several sentences, one a line: each sentence of the reference takes the union of what it has in common with every
/// sentence of the prediction, and no word counts more often than it stands on either side.
pub fn rouge_l_sum(reference: &str, prediction: &str) -> Overlap {
    let sentences = |text: &str| text.split('\n').map(rouge_tokens).collect::<Vec<Vec<String>>>();
    let (reference, prediction) = (sentences(reference), sentences(prediction));
    let counted = |sentences: &[Vec<String>]| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        sentences.iter().flatten().for_each(|word| *counts.entry(word.clone()).or_default() += 1);
        counts
    };
    let (mut wanted, mut offered) = (counted(&reference), counted(&prediction));
    let mut hits = 0;
    for sentence in &reference {
        let common: BTreeSet<usize> = prediction.iter().flat_map(|other| places(sentence, other)).collect();
        for word in common.into_iter().filter_map(|place| sentence.get(place)) {
            if let (Some(left @ 1..), Some(right @ 1..)) = (wanted.get_mut(word), offered.get_mut(word)) {
                *left -= 1;
                *right -= 1;
                hits += 1;
            }
        }
    }
    Overlap::new(hits, reference.iter().map(Vec::len).sum(), prediction.iter().map(Vec::len).sum())
}

/// Places in `sentence` of one longest sequence that it shares with `other`. Of several as long, the one that `rouge-score` finds, since the
/// union depends on it.
fn places(sentence: &[String], other: &[String]) -> Vec<usize> {
    let table = common_subsequences(sentence, other);
    let (mut row, mut column) = (sentence.len(), other.len());
    let mut places = Vec::new();
    while row > 0 && column > 0 {
        if sentence[row - 1] == other[column - 1] {
            places.push(row - 1);
            row -= 1;
            column -= 1;
        } else if table[row][column - 1] > table[row - 1][column] {
            column -= 1;
        } else {
            row -= 1;
        }
    }
    places
}

/// Lower-cased runs of ASCII letters and digits.
pub fn rouge_tokens(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    text.split(|letter: char| !letter.is_ascii_lowercase() && !letter.is_ascii_digit())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_paper() {
        // Lin 2004, section 3.1: "police killed the gunman" against "police kill the gunman" and "the gunman kill police".
        assert_eq!(rouge_l("police killed the gunman", "police kill the gunman").f1, 0.75);
        assert_eq!(rouge_l("police killed the gunman", "the gunman kill police").f1, 0.5);
    }

    #[test]
    fn case_and_punctuation_do_not_count() {
        assert_eq!(rouge_l("The cat, SAT!", "the-cat sat").f1, 1.0);
        assert_eq!(rouge_tokens("It's 3.5 naïve"), ["it", "s", "3", "5", "na", "ve"]);
    }

    #[test]
    fn nothing_in_common_and_nothing_at_all() {
        assert_eq!(rouge_l("a b", "c d"), Overlap::default());
        assert_eq!(rouge_l("", ""), Overlap::default());
        assert_eq!(rouge_l_sum("", "a"), Overlap::default());
        assert_eq!(rouge_l("你好", "你好"), Overlap::default());
        assert_eq!(rouge_l_of(&['你', '好'], &['你', '好']).f1, 1.0);
    }

    #[test]
    fn sentences_may_be_in_another_order_in_the_summary_measure() {
        assert_eq!(rouge_l_sum("one two\nthree four", "three four\none two").f1, 1.0);
        assert_eq!(rouge_l("one two\nthree four", "three four\none two").f1, 0.5);
    }
}
