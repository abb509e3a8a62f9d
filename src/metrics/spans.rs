//! Marked words: which spans a sequence of tags names, and how exactly they were found, as `seqeval` scores them.
//!
//! In: tags per sentence, such as `B-place`, `I-place`, `O`. Out: [`Span`]s and a [`SpanReport`]. This is seqeval's default, lenient mode,
//! which is that of the `conlleval` script (Tjong Kim Sang and Buchholz 2000): IOB1, IOB2, IOE, BIOES and mixtures are read alike, and a tag
//! that cannot stand where it stands opens a span rather than being an error. Absent: the strict mode, tags with the letter at the end.

use super::error::{MetricsError, same_length};
use super::scores::{Counts, Scores, Summary, macro_average, ratio, table, weighted_average};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Tokens `first..=last` of a sequence, of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub kind: String,
    pub first: usize,
    pub last: usize,
}

/// The spans that one sentence's tags name, in order.
pub fn spans(tags: &[impl AsRef<str>]) -> Vec<Span> {
    let mut reader = SpanReader::default();
    tags.iter().for_each(|tag| reader.read(tag.as_ref()));
    reader.finish()
}

/// Tags of these names mark spans (`B-place`, `I-place`, `O`) rather than say something of each word (`NOUN`).
pub fn marks_spans(names: &[impl AsRef<str>]) -> bool {
    let inside = |name: &str| matches!(name.as_bytes(), [b'B' | b'I' | b'E' | b'S', b'-', ..] | [b'B' | b'I']);
    names.iter().all(|name| name.as_ref() == "O" || inside(name.as_ref())) && names.iter().any(|name| inside(name.as_ref()))
}

/// Per kind and on average. A span counts as found when kind, first and last token are right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanReport {
    /// Kinds that occur on either side, by name.
    pub kinds: Vec<(String, Scores)>,
    /// From all spans together: the usual headline figure is its F1.
    pub micro: Scores,
    #[serde(rename = "macro")]
    pub macro_average: Scores,
    pub weighted: Scores,
    /// Share of tokens whose tag is right, to the letter.
    pub token_accuracy: f64,
}

impl SpanReport {
    /// Compares tags sentence by sentence. Without any span on either side all scores are 0 (seqeval has no report then).
    ///
    /// # Errors
    /// No sentences, unequal numbers of sentences, or of tags in one of them.
    pub fn new<S: AsRef<[T]>, T: AsRef<str>>(truth: &[S], predicted: &[S]) -> Result<Self, MetricsError> {
        same_length(truth.len(), predicted.len())?;
        let (mut tokens, mut right) = (0, 0);
        for (sentence, (truth, predicted)) in truth.iter().zip(predicted).enumerate() {
            let (truth, predicted) = (truth.as_ref(), predicted.as_ref());
            if truth.len() != predicted.len() {
                return Err(MetricsError::SentenceLengths { sentence, truth: truth.len(), predicted: predicted.len() });
            }
            tokens += truth.len() as u64;
            right += truth.iter().zip(predicted).filter(|(is, said)| is.as_ref() == said.as_ref()).count() as u64;
        }
        let (truth, predicted) = (all_spans(truth), all_spans(predicted));
        let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
        truth.iter().for_each(|span| counts.entry(&span.kind).or_default().truth += 1);
        predicted.iter().for_each(|span| counts.entry(&span.kind).or_default().predicted += 1);
        truth.intersection(&predicted).for_each(|span| counts.entry(&span.kind).or_default().hits += 1);
        let kinds: Vec<(String, Scores)> = counts.iter().map(|(kind, count)| ((*kind).to_owned(), scores(*count))).collect();
        let each: Vec<Scores> = kinds.iter().map(|(_, scores)| *scores).collect();
        Ok(Self {
            micro: scores(counts.values().fold(Counts::default(), |sum, count| sum.plus(*count))),
            macro_average: macro_average(&each),
            weighted: weighted_average(&each),
            token_accuracy: ratio(right, tokens),
            kinds,
        })
    }

    /// The report as seqeval prints it, with `digits` decimals (its default is 2). Ends with a line break.
    pub fn text(&self, digits: usize) -> String {
        let summaries = [
            Summary::Average("micro avg", self.micro),
            Summary::Average("macro avg", self.macro_average),
            Summary::Average("weighted avg", self.weighted),
        ];
        table(self.kinds.iter().map(|(kind, scores)| (kind.as_str(), *scores)), &summaries, digits, 0)
    }
}

/// seqeval takes F1 from precision and recall, not from the counts: the last bit can differ.
fn scores(counts: Counts) -> Scores {
    let scores = counts.scores();
    let sum = scores.precision + scores.recall;
    Scores { f1: if sum == 0.0 { 0.0 } else { 2.0 * scores.precision * scores.recall / sum }, ..scores }
}

/// All sentences' spans, numbered through, with an `O` after each sentence as seqeval joins them.
fn all_spans<S: AsRef<[T]>, T: AsRef<str>>(sentences: &[S]) -> BTreeSet<Span> {
    let mut reader = SpanReader::default();
    for sentence in sentences {
        sentence.as_ref().iter().for_each(|tag| reader.read(tag.as_ref()));
        reader.read("O");
    }
    reader.finish().into_iter().collect()
}

/// Reads tags one by one.
#[derive(Default)]
struct SpanReader {
    /// Letter and kind of the tag before; none before the first.
    before: Option<(char, String)>,
    /// Tokens read.
    place: usize,
    /// Where the last span opened.
    opened: usize,
    found: Vec<Span>,
}

impl SpanReader {
    fn read(&mut self, tag: &str) {
        let (letter, kind) = letter_and_kind(tag);
        let (before, kind_before) = self.before.take().unwrap_or(('O', String::new()));
        let changed = kind != kind_before;
        let closes = matches!((before, letter), ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O')) || (changed && !matches!(before, 'O' | '.'));
        let opens = matches!((before, letter), (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I')) || (changed && !matches!(letter, 'O' | '.'));
        if closes {
            // A tag of no known letter can close what nothing opened; seqeval then counts from the last opening.
            self.found.push(Span { kind: kind_before, first: self.opened, last: self.place.saturating_sub(1) });
        }
        if opens {
            self.opened = self.place;
        }
        self.before = Some((letter, kind.to_owned()));
        self.place += 1;
    }

    fn finish(mut self) -> Vec<Span> {
        self.read("O");
        self.found
    }
}

/// `B-geo-place` is `B` and `geo-place`; a bare letter has the kind `_`; an empty tag stands outside.
fn letter_and_kind(tag: &str) -> (char, &str) {
    let mut letters = tag.chars();
    let letter = letters.next().unwrap_or('O');
    let rest = letters.as_str();
    let kind = rest.split_once('-').map_or(rest, |(_, kind)| kind);
    (letter, if kind.is_empty() { "_" } else { kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tags: &[&str]) -> Vec<(String, usize, usize)> {
        spans(tags).into_iter().map(|span| (span.kind, span.first, span.last)).collect()
    }

    fn named(expected: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
        expected.iter().map(|&(kind, first, last)| (kind.to_owned(), first, last)).collect()
    }

    #[test]
    fn iob2_iob1_and_bioes_are_read_alike() {
        let expected = named(&[("PER", 0, 1), ("LOC", 3, 3)]);
        assert_eq!(found(&["B-PER", "I-PER", "O", "B-LOC"]), expected);
        assert_eq!(found(&["I-PER", "I-PER", "O", "I-LOC"]), expected);
        assert_eq!(found(&["B-PER", "E-PER", "O", "S-LOC"]), expected);
    }

    #[test]
    fn neighbours_are_kept_apart() {
        assert_eq!(found(&["B-A", "B-A", "I-B", "S-B"]), named(&[("A", 0, 0), ("A", 1, 1), ("B", 2, 2), ("B", 3, 3)]));
        assert_eq!(found(&["E-A", "E-A", "I-A", "O"]), named(&[("A", 0, 0), ("A", 1, 1), ("A", 2, 2)]));
    }

    #[test]
    fn odd_tags() {
        assert_eq!(found(&["B", "I", "B-a-b", ""]), named(&[("_", 0, 1), ("a-b", 2, 2)]));
        assert_eq!(found(&["O", "O"]), []);
        assert_eq!(found(&[]), []);
    }

    #[test]
    fn the_example_of_seqevals_documentation() {
        let truth = [vec!["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], vec!["B-PER", "I-PER", "O"]];
        let predicted = [vec!["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], vec!["B-PER", "I-PER", "O"]];
        let report = SpanReport::new(&truth, &predicted).unwrap();
        let expected = [
            "              precision    recall  f1-score   support\n",
            "\n",
            "        MISC       0.00      0.00      0.00         1\n",
            "         PER       1.00      1.00      1.00         1\n",
            "\n",
            "   micro avg       0.50      0.50      0.50         2\n",
            "   macro avg       0.50      0.50      0.50         2\n",
            "weighted avg       0.50      0.50      0.50         2\n",
        ];
        assert_eq!(report.text(2), expected.concat());
        assert_eq!(report.token_accuracy, 0.8);
    }

    #[test]
    fn a_span_does_not_reach_into_the_next_sentence() {
        let report = SpanReport::new(&[vec!["B-A"], vec!["I-A"]], &[vec!["B-A"], vec!["I-A"]]).unwrap();
        assert_eq!(report.micro.support, 2);
    }

    #[test]
    fn nothing_marked_scores_zero_and_ragged_input_is_an_error() {
        let report = SpanReport::new(&[vec!["O"]], &[vec!["O"]]).unwrap();
        assert_eq!((report.kinds.len(), report.micro.f1, report.macro_average.f1), (0, 0.0, 0.0));
        let none: [Vec<&str>; 0] = [];
        assert_eq!(SpanReport::new(&none, &none), Err(MetricsError::NoRows));
        let error = SpanReport::new(&[vec!["O"], vec![]], &[vec!["O"], vec!["O"]]);
        assert_eq!(error, Err(MetricsError::SentenceLengths { sentence: 1, truth: 0, predicted: 1 }));
    }
}
