//! How right the answers to a large file are: the figures that the engine gives of a small one, reckoned on the page, since no one question was over all.
//!
//! In: predictions, names of classes or tags, the file's labels. Out: figures by name, in the order of a report. Absent: intervals, which take a thousand
//! draws; the labels that the model does not know, which the engine's findings tell of.

use crate::metrics::{
    ClassificationReport, SpanReport, accuracy, chinese_exact_match, chinese_token_f1, chinese_tokens, corpus_chrf, exact_match,
    hamming_loss, marks_spans, mean_absolute_error, pearson, present_labels, r_squared, root_mean_squared_error, rouge_l, rouge_l_of,
    spearman, token_f1,
};
use crate::protocol::labels::{FigureName, TextAnswer, TextPrediction};

/// What could be reckoned.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reckoned {
    /// Rows behind the figures.
    pub rows: usize,
    pub figures: Vec<(FigureName, f64)>,
    /// Numbers with commas: they are in no figure.
    pub unread: usize,
    /// Labels that the engine knows, but that are no class here. All of these answers are wrong: without them the rest would look too good, so there is no figure.
    pub unplaced: usize,
}

/// The answers and what the file says of them.
pub struct Answers<'a> {
    pub predictions: &'a [Option<TextPrediction>],
    pub classes: &'a [String],
    pub labels: &'a [String],
    /// Between several labels of a row.
    pub separator: char,
}

impl Answers<'_> {
    /// The figures of the kind that the answers are.
    pub fn reckon(&self) -> Reckoned {
        match self.rows().next().map(|(prediction, _)| &prediction.answer) {
            Some(TextAnswer::Class { .. }) => self.one_class(),
            Some(TextAnswer::Classes { .. }) => self.several_classes(),
            Some(TextAnswer::Score { .. }) => self.numbers(),
            Some(TextAnswer::Tags { .. }) => self.tags(),
            Some(TextAnswer::Text { .. }) => self.written(),
            None => Reckoned::default(),
        }
    }

    fn rows(&self) -> impl Iterator<Item = (&TextPrediction, &str)> {
        self.predictions.iter().zip(self.labels).filter_map(|(prediction, label)| Some((prediction.as_ref()?, label.trim())))
    }

    /// The class that a label names, as the engine finds it among those that it knows.
    fn class(&self, label: &str) -> Option<usize> {
        let plain = |label: &str| label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let exact = self.classes.iter().position(|class| class.trim() == label);
        exact.or_else(|| self.classes.iter().position(|class| plain(class) == plain(label)))
    }

    fn one_class(&self) -> Reckoned {
        let (mut truth, mut said, mut unplaced) = (Vec::new(), Vec::new(), 0);
        for (prediction, label) in self.rows() {
            let (TextAnswer::Class { class, .. }, Some(right)) = (&prediction.answer, prediction.right) else { continue };
            match if right { Some(*class as usize) } else { self.class(label) } {
                Some(is) => {
                    truth.push(is);
                    said.push(*class as usize);
                }
                None => unplaced += 1,
            }
        }
        let report = ClassificationReport::of_classes(&truth, &said, self.classes, &present_labels(&truth, &said)).ok();
        let both =
            [(FigureName::MacroF1, report.map(|report| report.macro_average.f1)), (FigureName::Accuracy, accuracy(&truth, &said).ok())];
        Reckoned { rows: truth.len(), figures: if unplaced == 0 { there(both) } else { Vec::new() }, unplaced, unread: 0 }
    }

    fn several_classes(&self) -> Reckoned {
        let (mut truth, mut said, mut unplaced): (Vec<Vec<usize>>, Vec<Vec<usize>>, _) = (Vec::new(), Vec::new(), 0);
        for (prediction, label) in self.rows() {
            let (TextAnswer::Classes { classes, .. }, Some(right)) = (&prediction.answer, prediction.right) else { continue };
            let set: Vec<usize> = classes.iter().map(|&class| class as usize).collect();
            let names = label.split(self.separator).map(str::trim).filter(|name| !name.is_empty());
            match if right { Some(set.clone()) } else { names.map(|name| self.class(name)).collect() } {
                Some(is) => {
                    truth.push(is);
                    said.push(set);
                }
                None => unplaced += 1,
            }
        }
        let report = (!truth.is_empty()).then(|| ClassificationReport::multi_label(&truth, &said, self.classes).ok()).flatten();
        let of = |figure: fn(&ClassificationReport) -> f64| report.as_ref().map(figure);
        let all = [
            (FigureName::MacroF1, of(|report| report.macro_average.f1)),
            (FigureName::MicroF1, of(|report| report.micro.f1)),
            (FigureName::SubsetAccuracy, of(|report| report.accuracy)),
            (FigureName::HammingLoss, hamming_loss(&truth, &said, self.classes.len()).ok()),
        ];
        Reckoned { rows: truth.len(), figures: if unplaced == 0 { there(all) } else { Vec::new() }, unplaced, unread: 0 }
    }

    fn numbers(&self) -> Reckoned {
        let (mut truth, mut said, mut unread) = (Vec::new(), Vec::new(), 0);
        for (prediction, label) in self.rows() {
            let TextAnswer::Score { value } = prediction.answer else { continue };
            match number(label) {
                Some(is) => {
                    truth.push(is);
                    said.push(value);
                }
                None => unread += usize::from(label.contains(',') && number(&label.replace(',', "")).is_some()),
            }
        }
        let all = [
            (FigureName::MeanSquaredError, root_mean_squared_error(&truth, &said).map(|root| root * root)),
            (FigureName::MeanAbsoluteError, mean_absolute_error(&truth, &said)),
            (FigureName::Pearson, pearson(&truth, &said)),
            (FigureName::Spearman, spearman(&truth, &said)),
            (FigureName::RSquared, r_squared(&truth, &said)),
        ];
        Reckoned { rows: truth.len(), figures: there(all), unread, unplaced: 0 }
    }

    fn tags(&self) -> Reckoned {
        let (mut truth, mut said): (Vec<Vec<&str>>, Vec<Vec<&str>>) = (Vec::new(), Vec::new());
        for (prediction, label) in self.rows() {
            let (TextAnswer::Tags { words }, Some(_)) = (&prediction.answer, prediction.right) else { continue };
            truth.push(label.split_whitespace().collect());
            said.push(words.iter().map(|word| self.classes.get(word.tag as usize).map_or("", String::as_str)).collect());
        }
        let report = SpanReport::new(&truth, &said).ok();
        let spans = report.as_ref().filter(|_| marks_spans(self.classes)).map(|report| report.micro.f1);
        let both = [(FigureName::SpanF1, spans), (FigureName::TagAccuracy, report.map(|report| report.token_accuracy))];
        Reckoned { rows: truth.len(), figures: there(both), unread: 0, unplaced: 0 }
    }

    fn written(&self) -> Reckoned {
        let pairs = || {
            self.rows().filter(|(_, label)| !label.is_empty()).filter_map(|(prediction, label)| match &prediction.answer {
                TextAnswer::Text { text } => Some((text.as_str(), [label])),
                _ => None,
            })
        };
        let (said, wanted): (Vec<&str>, Vec<[&str; 1]>) = pairs().unzip();
        let chinese = is_chinese(&wanted);
        let mean = |of: fn(&str, &[&str; 1]) -> Option<f64>, of_chinese: fn(&str, &[&str; 1]) -> Option<f64>| {
            let each: Option<Vec<f64>> = pairs().map(|(said, wanted)| if chinese { of_chinese } else { of }(said, &wanted)).collect();
            each.filter(|each| !each.is_empty()).map(|each| each.iter().sum::<f64>() / each.len() as f64)
        };
        let all = [
            (FigureName::Chrf, corpus_chrf(&said, &wanted).ok()),
            (
                FigureName::RougeL,
                mean(
                    |said, [wanted]| Some(rouge_l(wanted, said).f1),
                    |said, [wanted]| Some(rouge_l_of(&chinese_tokens(wanted), &chinese_tokens(said)).f1),
                ),
            ),
            (
                FigureName::ExactMatch,
                mean(
                    |said, wanted| exact_match(said, wanted).ok().map(u8::from).map(f64::from),
                    |said, wanted| chinese_exact_match(said, wanted).ok().map(u8::from).map(f64::from),
                ),
            ),
            (FigureName::TokenF1, mean(|said, wanted| token_f1(said, wanted).ok(), |said, wanted| chinese_token_f1(said, wanted).ok())),
        ];
        Reckoned { rows: said.len(), figures: there(all), unread: 0, unplaced: 0 }
    }
}

/// Those that have a value.
fn there<const COUNT: usize>(figures: [(FigureName, Option<f64>); COUNT]) -> Vec<(FigureName, f64)> {
    figures.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A number as the engine reads it. What a comma divides, only the column of the open table says: such a number is not read here.
fn number(label: &str) -> Option<f64> {
    let bare = label.strip_suffix('%').map_or(label, str::trim_end);
    let starts = bare.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'));
    bare.parse().ok().filter(|value: &f64| starts && value.is_finite())
}

/// Most letters of the wanted texts are Chinese: the engine then counts characters as words, and so is it done here.
fn is_chinese(wanted: &[[&str; 1]]) -> bool {
    let letters = || wanted.iter().flatten().flat_map(|text| text.chars()).filter(|letter| letter.is_alphabetic());
    let chinese = letters().filter(|letter| matches!(letter, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')).count();
    2 * chinese > letters().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::TaggedWord;

    fn reckon(answers: Vec<(TextAnswer, Option<bool>)>, classes: &[&str], labels: &[&str]) -> Reckoned {
        let predict = |(answer, right)| Some(TextPrediction { answer, tokens: 1, windows: 1, cut: false, right });
        // The model could not read the last text.
        let predictions: Vec<_> = answers.into_iter().map(predict).chain([None]).collect();
        let strings = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<String>>();
        let (classes, labels) = (strings(classes), strings(&[labels, &["a"]].concat()));
        Answers { predictions: &predictions, classes: &classes, labels: &labels, separator: ';' }.reckon()
    }

    fn values(reckoned: &Reckoned) -> Vec<(FigureName, f64)> {
        reckoned.figures.iter().map(|&(name, value)| (name, (value * 1e9).round() / 1e9)).collect()
    }

    #[test]
    fn the_mean_over_classes_is_over_those_that_are_true_or_said() {
        // The example of scikit-learn's documentation, with a class that nobody names, and a label that the model does not know.
        let said = [(0, true), (0, false), (2, true), (2, true), (1, false)];
        let class = |class| TextAnswer::Class { class, probabilities: Vec::new() };
        let mut answers: Vec<_> = said.iter().map(|&(number, right)| (class(number), Some(right))).collect();
        answers.push((class(3), None));
        let found = reckon(answers, &["a", "b", "c", "d"], &["a", "b", "c", "c", " C ", "odd"]);
        assert_eq!((found.rows, found.unplaced), (5, 0));
        let expected = (2.0 / 3.0 + 0.0 + 0.8) / 3.0;
        assert_eq!(values(&found), [(FigureName::MacroF1, (expected * 1e9_f64).round() / 1e9), (FigureName::Accuracy, 0.6)]);
        let lost = reckon(vec![(class(0), Some(false)), (class(0), Some(true))], &["a", "b"], &["else", "a"]);
        assert_eq!((lost.unplaced, lost.figures.len()), (1, 0));
    }

    #[test]
    fn several_labels_are_told_apart_by_what_stands_between_them() {
        let classes = |classes: &[u32]| TextAnswer::Classes { classes: classes.to_vec(), probabilities: Vec::new() };
        let answers = vec![(classes(&[1]), Some(false)), (classes(&[]), Some(true)), (classes(&[0]), Some(false))];
        let found = reckon(answers, &["a", "b", "c"], &["a; b", "", "c"]);
        let third = (1e9_f64 / 3.0).round() / 1e9;
        assert_eq!(
            values(&found),
            [
                (FigureName::MacroF1, third),
                (FigureName::MicroF1, 0.4),
                (FigureName::SubsetAccuracy, third),
                (FigureName::HammingLoss, third),
            ]
        );
    }

    #[test]
    fn numbers_have_errors_and_correlations_unless_a_comma_leaves_them_open() {
        let score = |value| (TextAnswer::Score { value }, None);
        let found = reckon(vec![score(1.0), score(2.0), score(4.0), score(9.0), score(9.0)], &[], &["1", "3 %", "3", "1,500", "n/a"]);
        assert_eq!((found.rows, found.unread), (3, 1));
        let names: Vec<FigureName> = found.figures.iter().map(|figure| figure.0).collect();
        use FigureName::{MeanAbsoluteError, MeanSquaredError, Pearson, RSquared, Spearman};
        assert_eq!(names, [MeanSquaredError, MeanAbsoluteError, Pearson, Spearman, RSquared]);
        assert_eq!(values(&found)[..2], [(MeanSquaredError, 0.666_666_667), (MeanAbsoluteError, 0.666_666_667)]);
        let same = reckon(vec![score(1.0), score(2.0)], &[], &["1", "1"]);
        assert_eq!(same.figures.len(), 2, "no correlation with equal numbers");
    }

    #[test]
    fn tags_are_read_as_spans_where_they_mark_any() {
        let tagged = |tags: &[u32], right| {
            let word = |&tag: &u32| TaggedWord { start: 0, end: 1, tag, probability: 1.0 };
            (TextAnswer::Tags { words: tags.iter().map(word).collect() }, right)
        };
        let answers = || vec![tagged(&[1, 0], Some(true)), tagged(&[0, 1], Some(false)), tagged(&[0], None)];
        let found = reckon(answers(), &["O", "B-PER"], &["B-PER O", "O O", "odd"]);
        assert_eq!((found.rows, values(&found)), (2, vec![(FigureName::SpanF1, 0.666_666_667), (FigureName::TagAccuracy, 0.75)]));
        let found = reckon(answers(), &["NOUN", "VERB"], &["VERB NOUN", "NOUN NOUN", "odd"]);
        assert_eq!(values(&found), [(FigureName::TagAccuracy, 0.75)]);
    }

    #[test]
    fn written_texts_are_held_against_the_wanted_ones() {
        let text = |text: &str| (TextAnswer::Text { text: text.to_owned() }, None);
        let found = reckon(vec![text("the cat"), text("no"), text("x")], &[], &["cat", "yes", ""]);
        assert_eq!(found.rows, 2);
        let names: Vec<FigureName> = found.figures.iter().map(|figure| figure.0).collect();
        assert_eq!(names, [FigureName::Chrf, FigureName::RougeL, FigureName::ExactMatch, FigureName::TokenF1]);
        assert_eq!(values(&found)[2..], [(FigureName::ExactMatch, 0.5), (FigureName::TokenF1, 0.5)]);
        let chinese = reckon(vec![text("北京大学。")], &[], &["北京大学"]);
        assert_eq!(values(&chinese)[1..], [(FigureName::RougeL, 1.0), (FigureName::ExactMatch, 1.0), (FigureName::TokenF1, 1.0)]);
    }

    #[test]
    fn without_a_row_there_is_no_figure() {
        assert_eq!(reckon(Vec::new(), &[], &[]), Reckoned::default());
    }
}
