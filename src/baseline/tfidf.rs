//! TF-IDF features: how often a term stands in a text, times how rare it is among the training texts, each row scaled to length 1.
//!
//! In: training texts, one by one. Out: their rows and a [`Tfidf`] that turns other texts into rows. As scikit-learn's `TfidfVectorizer` by
//! default: raw counts, `idf = ln((1 + texts) / (1 + texts with the term)) + 1`, L2 norm, terms in the order of their code points.

use super::analyzer::Analyzer;
use super::error::BaselineError;
use super::sparse::SparseRow;
use std::collections::HashMap;

/// How many terms to keep, so that a regression over `classes` classes stays within about 200 MB of the worker's memory (one
/// million coefficients, each remembered some twenty times while it trains): 50,000 at most, 1,000 at least.
pub fn most_terms(classes: usize) -> usize {
    (1_000_000 / classes.max(1)).clamp(1_000, 50_000)
}

/// Counts the terms of the training texts.
#[derive(Debug, Clone)]
pub struct TfidfBuilder {
    analyzer: Analyzer,
    numbers: HashMap<String, u32>,
    /// Per text, the terms' provisional numbers with counts.
    texts: Vec<Vec<(u32, u32)>>,
}

impl TfidfBuilder {
    /// Nothing counted yet.
    pub fn new(analyzer: Analyzer) -> Self {
        Self { analyzer, numbers: HashMap::new(), texts: Vec::new() }
    }

    /// Counts one more training text.
    pub fn add(&mut self, text: &str) {
        let mut found: Vec<u32> = Vec::new();
        self.analyzer.terms(text, |term| {
            let next = self.numbers.len() as u32;
            let number = match self.numbers.get(term) {
                Some(&number) => number,
                None => *self.numbers.entry(term.to_owned()).or_insert(next),
            };
            found.push(number);
        });
        self.texts.push(counted(found));
    }

    /// The features and the rows of the texts, in the order in which they were added.
    ///
    /// Of more than `most` terms the most frequent are kept, by occurrences in all texts (scikit-learn's `max_features`); of equally
    /// frequent ones those that come first by code point.
    ///
    /// # Errors
    /// No texts, or no terms in them.
    pub fn finish(self, most: usize) -> Result<(Tfidf, Vec<SparseRow>), BaselineError> {
        if self.texts.is_empty() {
            return Err(BaselineError::NoRows);
        }
        let mut occurrences = vec![0_u64; self.numbers.len()];
        let mut texts_with = vec![0_u32; self.numbers.len()];
        for &(term, count) in self.texts.iter().flatten() {
            occurrences[term as usize] += u64::from(count);
            texts_with[term as usize] += 1;
        }
        let mut terms: Vec<(String, u32)> = self.numbers.into_iter().collect();
        terms.sort_unstable();
        if terms.len() > most {
            // Stable: equals stay in the order of their code points.
            terms.sort_by_key(|(_, number)| std::cmp::Reverse(occurrences[*number as usize]));
            terms.truncate(most);
            terms.sort_unstable();
        }
        if terms.is_empty() {
            return Err(BaselineError::NoTerms);
        }
        let texts = self.texts.len() as f64;
        let rarity = |number: u32| ((1.0 + texts) / (1.0 + f64::from(texts_with[number as usize]))).ln() + 1.0;
        let inverse_frequencies = terms.iter().map(|&(_, number)| rarity(number)).collect();
        let mut places = vec![None; occurrences.len()];
        for (place, &(_, number)) in (0_u32..).zip(&terms) {
            places[number as usize] = Some(place);
        }
        let columns = (0_u32..).zip(terms).map(|(place, (term, _))| (term, place)).collect();
        let tfidf = Tfidf { analyzer: self.analyzer, columns, inverse_frequencies };
        let place = |&(number, count): &(u32, u32)| Some((places[number as usize]?, count));
        let rows = self.texts.into_iter().map(|text| tfidf.weigh(text.iter().filter_map(place).collect())).collect();
        Ok((tfidf, rows))
    }
}

/// Turns texts into rows of features.
#[derive(Debug, Clone)]
pub struct Tfidf {
    analyzer: Analyzer,
    columns: HashMap<String, u32>,
    /// Per feature: the factor that makes rare terms count more.
    inverse_frequencies: Vec<f64>,
}

impl Tfidf {
    /// Number of features.
    pub fn features(&self) -> usize {
        self.inverse_frequencies.len()
    }

    /// The features' terms, by number. For showing which words decided.
    pub fn terms(&self) -> Vec<&str> {
        let mut terms: Vec<(&u32, &str)> = self.columns.iter().map(|(term, place)| (place, term.as_str())).collect();
        terms.sort_unstable();
        terms.into_iter().map(|(_, term)| term).collect()
    }

    /// The row of a text. Terms that the training texts did not have are left out; without any other the row is empty.
    pub fn row(&self, text: &str) -> SparseRow {
        let mut found = Vec::new();
        self.analyzer.terms(text, |term| found.extend(self.columns.get(term)));
        self.weigh(counted(found))
    }

    fn weigh(&self, mut counts: Vec<(u32, u32)>) -> SparseRow {
        counts.sort_unstable();
        let weight = |&(place, count): &(u32, u32)| f64::from(count) * self.inverse_frequencies[place as usize];
        let mut row =
            SparseRow { values: counts.iter().map(weight).collect(), indices: counts.into_iter().map(|(place, _)| place).collect() };
        row.normalise();
        row
    }
}

/// Each number once, ascending, with how often it was there.
fn counted(mut numbers: Vec<u32>) -> Vec<(u32, u32)> {
    numbers.sort_unstable();
    numbers.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(texts: &[&str], most: usize) -> Result<(Tfidf, Vec<SparseRow>), BaselineError> {
        let mut builder = TfidfBuilder::new(Analyzer::Words);
        texts.iter().for_each(|text| builder.add(text));
        builder.finish(most)
    }

    #[test]
    fn rare_terms_weigh_more() {
        let (tfidf, rows) = build(&["red fish", "blue fish fish", ""], 100).unwrap();
        assert_eq!(tfidf.terms(), ["blue", "fish", "red"]);
        // idf: fish ln(4/3) + 1, blue and red ln(4/2) + 1.
        let (fish, blue) = ((4.0_f64 / 3.0).ln() + 1.0, 2.0_f64.ln() + 1.0);
        let length = (4.0 * fish * fish + blue * blue).sqrt();
        assert_eq!(rows[1].indices, [0, 1]);
        assert!((rows[1].values[0] - blue / length).abs() < 1e-15 && (rows[1].values[1] - 2.0 * fish / length).abs() < 1e-15);
        assert_eq!(rows[2], SparseRow::default());
        assert_eq!(tfidf.row("blue fish fish"), rows[1]);
        assert_eq!(tfidf.row("unknown"), SparseRow::default());
    }

    #[test]
    fn the_most_frequent_terms_stay() {
        let (tfidf, rows) = build(&["aa bb cc", "cc dd", "cc bb"], 2).unwrap();
        assert_eq!(tfidf.terms(), ["bb", "cc"]);
        assert_eq!(rows[1].indices, [1]);
        // All once but "cc": the first by code point.
        assert_eq!(build(&["zz cc", "aa cc"], 2).unwrap().0.terms(), ["aa", "cc"]);
    }

    #[test]
    fn nothing_to_learn_from() {
        assert_eq!(build(&[], 9).unwrap_err(), BaselineError::NoRows);
        assert_eq!(build(&["", "a b c"], 9).unwrap_err(), BaselineError::NoTerms);
    }

    #[test]
    fn many_classes_get_fewer_terms() {
        assert_eq!((most_terms(2), most_terms(150), most_terms(5_000)), (50_000, 6_666, 1_000));
    }
}
