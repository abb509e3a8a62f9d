//! The figures of tags: of the spans that they mark, or, where they mark none, of the words.
//!
//! Each row is counted once; intervals add counts up, so that a thousand draws cost little.

use super::{DIGITS, line, share};
use crate::metrics::{Bootstrap, ClassificationReport, MetricsError, Scores, SpanReport, present_labels};
use crate::protocol::labels::{Figure, FigureName, ScoreLine, SpanFigures};
use crate::train::Tags;

/// What one row counts for. Where tags mark no spans, every word is one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    hits: u64,
    said: u64,
    truth: u64,
    right: u64,
    words: u64,
}

impl Counts {
    fn plus(self, other: &Self) -> Self {
        Self {
            hits: self.hits + other.hits,
            said: self.said + other.said,
            truth: self.truth + other.truth,
            right: self.right + other.right,
            words: self.words + other.words,
        }
    }

    /// Precision, recall and F1 of spans, share of right words. As seqeval has them: 0 where there is nothing.
    fn shares(&self) -> [f64; 4] {
        let ratio = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        let (precision, recall) = (ratio(self.hits, self.said), ratio(self.hits, self.truth));
        let sum = precision + recall;
        [precision, recall, if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum }, ratio(self.right, self.words)]
    }
}

/// Counts of each row.
pub fn counts(tags: &Tags, truth: &[&[u32]], said: &[&[u32]]) -> Vec<Counts> {
    let row = |(truth, said): (&&[u32], &&[u32])| {
        let right = truth.iter().zip(*said).filter(|(is, said)| is == said).count() as u64;
        let words = truth.len() as u64;
        if !tags.marks_spans() {
            return Counts { hits: right, said: words, truth: words, right, words };
        }
        let (true_spans, said_spans) = (tags.spans(truth), tags.spans(said));
        let hits = true_spans.iter().filter(|span| said_spans.contains(span)).count() as u64;
        Counts { hits, said: said_spans.len() as u64, truth: true_spans.len() as u64, right, words }
    };
    truth.iter().zip(said).map(row).collect()
}

fn shares(counts: &[Counts], rows: impl Iterator<Item = usize>) -> [f64; 4] {
    rows.filter_map(|row| counts.get(row)).fold(Counts::default(), Counts::plus).shares()
}

/// F1 on drawn rows.
pub fn f1(counts: &[Counts], rows: &[usize]) -> Option<f64> {
    Some(shares(counts, rows.iter().copied())[2])
}

/// Figures of an epoch. Of spans only where the tags mark any.
pub fn epoch(tags: &Tags, counts: &[Counts]) -> Vec<Figure> {
    let [_, _, f1, right] = shares(counts, 0..counts.len());
    let spans = tags.marks_spans().then_some(Figure { name: FigureName::SpanF1, value: f1 });
    spans.into_iter().chain([Figure { name: FigureName::TagAccuracy, value: right }]).collect()
}

/// Figures of a report with their intervals drawn by `seed`.
///
/// # Errors
/// No rows.
pub fn figures(tags: &Tags, names: &[String], truth: &[&[u32]], said: &[&[u32]], seed: u64) -> Result<SpanFigures, MetricsError> {
    let counts = counts(tags, truth, said);
    let bootstrap = Bootstrap { seed, ..Bootstrap::default() };
    let all = shares(&counts, 0..counts.len());
    let total = counts.iter().fold(Counts::default(), Counts::plus);
    let share = |which: usize| {
        let on = |rows: &[usize]| Some(shares(&counts, rows.iter().copied())[which]);
        // Spans of a sentence are told together: no more units than sentences.
        let units = [total.said, total.truth, total.truth, total.words].map(|units| counts.len().min(units as usize))[which];
        share(bootstrap.interval(counts.len(), on), all[which], units)
    };
    let Lines { types, micro, macro_average, weighted, text } =
        if tags.marks_spans() { span_lines(tags, truth, said)? } else { word_lines(names, truth, said, all[3])? };
    Ok(SpanFigures {
        tags: names.to_vec(),
        marks_spans: tags.marks_spans(),
        types,
        micro_average: line("micro avg", micro),
        macro_average: line("macro avg", macro_average),
        weighted_average: line("weighted avg", weighted),
        precision: share(0),
        recall: share(1),
        f1: share(2),
        tag_accuracy: share(3),
        text,
    })
}

struct Lines {
    types: Vec<ScoreLine>,
    micro: Scores,
    macro_average: Scores,
    weighted: Scores,
    text: String,
}

fn span_lines(tags: &Tags, truth: &[&[u32]], said: &[&[u32]]) -> Result<Lines, MetricsError> {
    let named =
        |rows: &[&[u32]]| -> Vec<Vec<String>> { rows.iter().map(|row| tags.names(row).into_iter().map(str::to_owned).collect()).collect() };
    let report = SpanReport::new(&named(truth), &named(said))?;
    Ok(Lines {
        types: report.kinds.iter().map(|(kind, scores)| line(kind, *scores)).collect(),
        micro: report.micro,
        macro_average: report.macro_average,
        weighted: report.weighted,
        text: report.text(DIGITS),
    })
}

fn word_lines(names: &[String], truth: &[&[u32]], said: &[&[u32]], accuracy: f64) -> Result<Lines, MetricsError> {
    let flat = |rows: &[&[u32]]| -> Vec<usize> { rows.iter().flat_map(|row| row.iter().map(|&tag| tag as usize)).collect() };
    let (truth, said) = (flat(truth), flat(said));
    let report = ClassificationReport::of_classes(&truth, &said, names, &present_labels(&truth, &said))?;
    Ok(Lines {
        types: report.classes.iter().map(|class| line(&class.name, class.scores)).collect(),
        // Every word has one tag: precision and recall of all together are the share that is right.
        micro: Scores { precision: accuracy, recall: accuracy, f1: accuracy, support: truth.len() as u64 },
        macro_average: report.macro_average,
        weighted: report.weighted,
        text: report.text(DIGITS),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn spans_are_seqevals_and_a_tag_that_cannot_stand_there_is_repaired() {
        let names = names(&["B-x", "I-x", "O"]);
        let tags = Tags::new(&names);
        // The second row's span is begun with `I-`, and found all the same; the first row's is a word short.
        let (truth, said): ([&[u32]; 2], [&[u32]; 2]) = ([&[0, 1, 2], &[2, 0, 1]], [&[0, 2, 2], &[2, 1, 1]]);
        let figures = figures(&tags, &names, &truth, &said, 1).unwrap();
        assert_eq!((figures.f1.estimate, figures.micro_average.support, figures.tag_accuracy.estimate), (0.5, 2, 4.0 / 6.0));
        assert_eq!(figures.micro_average.f1, figures.f1.estimate);
        assert!(figures.text.contains("micro avg       0.50"), "{}", figures.text);
        let found: Vec<(FigureName, f64)> = epoch(&tags, &counts(&tags, &truth, &said)).iter().map(|f| (f.name, f.value)).collect();
        assert_eq!(found, [(FigureName::SpanF1, 0.5), (FigureName::TagAccuracy, 4.0 / 6.0)]);
    }

    #[test]
    fn tags_without_spans_are_counted_word_by_word() {
        let names = names(&["NOUN", "VERB"]);
        let tags = Tags::new(&names);
        let (truth, said): ([&[u32]; 2], [&[u32]; 2]) = ([&[0, 1], &[0, 0]], [&[0, 0], &[0, 0]]);
        let figures = figures(&tags, &names, &truth, &said, 1).unwrap();
        assert_eq!((figures.f1.estimate, figures.tag_accuracy.estimate, figures.types.len()), (0.75, 0.75, 2));
        assert!(figures.text.contains("accuracy") && !figures.marks_spans);
        assert_eq!(epoch(&tags, &counts(&tags, &truth, &said)).len(), 1);
    }
}
