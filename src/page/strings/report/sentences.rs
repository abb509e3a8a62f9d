//! Sentences of the report with values in them, and figures in the digits that they deserve.

use super::CalibrationTerms;
use crate::page::chart::draw::{grouped as grouped_number, number};
use crate::page::format::{grouped, percent};
use crate::page::report::behind::{Behind, By};
use crate::page::report::calibration::{Calibrated, Leaning};
use crate::page::report::duel::{Duel, Verdict};
use crate::page::report::epochs::Standing;
use crate::protocol::labels::{BaselineKind, FigureInterval, FigureName};

pub(super) fn figure_en(name: FigureName) -> (&'static str, &'static str) {
    match name {
        FigureName::Loss => ("loss", "loss"),
        FigureName::Accuracy => ("rows that are right", "accuracy"),
        FigureName::MacroF1 => ("all classes counted alike", "macro F1"),
        FigureName::MicroF1 => ("all labels counted alike", "micro F1"),
        FigureName::SubsetAccuracy => ("rows right in every label", "subset accuracy"),
        FigureName::HammingLoss => ("labels that are wrong", "Hamming loss"),
        FigureName::Pearson => ("on one line with the truth", "Pearson"),
        FigureName::Spearman => ("in the order of the truth", "Spearman"),
        FigureName::MeanSquaredError => ("error, squared", "mean squared error"),
        FigureName::MeanAbsoluteError => ("how far it is off", "mean absolute error"),
        FigureName::RSquared => ("better than the mean by", "R²"),
        FigureName::SpanF1 => ("spans found and right", "span F1"),
        FigureName::TagAccuracy => ("words with the right tag", "tag accuracy"),
        FigureName::Chrf => ("letters in common, of 100", "chrF"),
        FigureName::RougeL => ("words in common, in order", "ROUGE-L"),
        FigureName::ExactMatch => ("written exactly", "exact match"),
        FigureName::TokenF1 => ("words in common", "token F1"),
    }
}

/// A figure in the digits that it deserves: shares with two.
pub fn value_of(name: FigureName, value: f64) -> String {
    said(name, value, value)
}

/// With the digits that suit a number of the size of `scale`: numbers beside each other have as many.
fn said(name: FigureName, value: f64, scale: f64) -> String {
    let text = match name {
        _ if !value.is_finite() => "–".to_owned(),
        // In the table's own unit, whatever its size: three digits that count.
        FigureName::MeanSquaredError | FigureName::MeanAbsoluteError => match scale.abs() {
            0.0 => "0".to_owned(),
            size if size >= 100.0 => grouped_number(value),
            size if size < 1e-5 => number(value),
            size => format!("{value:.*}", (2.0 - size.log10().floor()).max(0.0) as usize),
        },
        FigureName::Chrf => format!("{value:.1}"),
        FigureName::HammingLoss | FigureName::Loss => format!("{value:.3}"),
        _ => format!("{value:.2}"),
    };
    // A small lead below zero is no lead.
    let text =
        if text.trim_start_matches('-').trim_matches(['0', '.']).is_empty() { text.trim_start_matches('-').to_owned() } else { text };
    text.replace('-', "\u{2212}")
}

/// The size that the numbers of an interval have.
fn scale(figure: FigureInterval) -> f64 {
    [figure.estimate, figure.low, figure.high].into_iter().filter(|value| value.is_finite()).map(f64::abs).fold(0.0, f64::max)
}

/// A figure beside its interval, in as many digits.
pub fn estimate_of(name: FigureName, figure: FigureInterval) -> String {
    said(name, figure.estimate, scale(figure))
}

/// A figure's interval: `0.77 to 0.85`.
pub fn range_of(name: FigureName, figure: FigureInterval) -> String {
    let scale = scale(figure);
    format!("{} to {}", said(name, figure.low, scale), said(name, figure.high, scale))
}

/// A figure with its interval: `0.81 (0.77 to 0.85)`.
pub fn interval_of(name: FigureName, figure: FigureInterval) -> String {
    format!("{} ({})", estimate_of(name, figure), range_of(name, figure))
}

pub(super) fn count(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(count)) }
}

fn small(number: u32) -> String {
    const NAMES: [&str; 10] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    NAMES.get(number as usize).map_or_else(|| number.to_string(), |name| (*name).to_owned())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

pub(super) fn standing_en(standing: &Standing) -> String {
    let said = |name: FigureName, value: f64| format!("{} {}", figure_en(name).1, value_of(name, value));
    match *standing {
        Standing::Nothing => "An epoch is one pass over all training rows. The first reading comes before the first step.".to_owned(),
        Standing::Unchecked { done, planned } => {
            format!("Epoch {done} of {planned}. No rows are kept for validation, so no epoch can be called the best: the last one stays.")
        }
        Standing::Before { name, value } => format!("Before the first step: {} on the validation rows.", said(name, value)),
        Standing::Under { best, value, done, planned, left, name } => {
            let ends = match left {
                None => String::new(),
                Some(0) => " The run ends here.".to_owned(),
                Some(left) => {
                    let more = if done == best { "" } else { " more" };
                    let epochs = if left == 1 { "epoch" } else { "epochs" };
                    let end = if left == 1 { "ends" } else { "end" };
                    format!(" {}{more} {epochs} without gain {end} the run.", capital(&small(left)))
                }
            };
            if best == 0 {
                return format!("Epoch {done} of {planned}: none is better yet than before training ({}).{ends}", said(name, value));
            }
            let which = if best == done {
                format!("Epoch {best} of {planned} is the best so far")
            } else {
                format!("Epoch {done} of {planned}: epoch {best} is still the best")
            };
            format!("{which}: {}.{ends}", said(name, value))
        }
        Standing::Ended { best, value, done, early, name } => {
            let epochs = count(done.into(), "epoch", "epochs");
            let which = match best {
                0 => format!("After {epochs} none was better than before training, and the model you have is that one again"),
                1 if done == 1 => "The model you have is that of the only epoch".to_owned(),
                best if best == done => format!("After {epochs} the last is the best, and the model you have"),
                best => format!("After {epochs} the model you have is that of epoch {best}, the best"),
            };
            let why = if early { " The run ended early, since it had stopped getting better." } else { "" };
            format!("{which}: {} on the validation rows.{why}", said(name, value))
        }
    }
}

pub(super) fn calibration_terms_en(of_labels: bool) -> CalibrationTerms {
    if of_labels {
        let count = |labels| count(labels, "label", "labels");
        CalibrationTerms { y: "share that applies", bin: ["it says", "on average", "apply", "labels"], count }
    } else {
        CalibrationTerms { y: "it is right", bin: ["it says", "on average", "right", "rows"], count: super::EN.rows }
    }
}

pub(super) fn calibrated_en(calibrated: &Calibrated) -> [String; 3] {
    let Calibrated { error, leaning, overall, rows, of_labels } = *calibrated;
    let numbers = overall.map(|(said, right)| match of_labels {
        true => format!(": it gives them {} on average, and {} apply", percent(said), percent(right)),
        false => format!(": it says {} on average and is right in {}", percent(said), percent(right)),
    });
    let numbers = numbers.unwrap_or_default();
    let says = match leaning {
        Leaning::Fair if of_labels => format!("Labels apply about as often as it says{numbers}."),
        Leaning::TooSure if of_labels => format!("Labels apply less often than it says{numbers}."),
        Leaning::TooModest if of_labels => format!("Labels apply more often than it says{numbers}."),
        Leaning::Mixed if of_labels => "Some labels apply more often than it says, others less often.".to_owned(),
        Leaning::Fair => format!("It is about as right as it says{numbers}."),
        Leaning::TooSure => format!("It is surer than it is right{numbers}."),
        Leaning::TooModest => format!("It is more often right than it says{numbers}."),
        Leaning::Mixed => "It is too sure of some rows and not sure enough of others.".to_owned(),
    };
    let counted = (calibration_terms_en(of_labels).count)(rows);
    let few = if rows < 100 { format!(" With {counted} this is only a rough picture.") } else { String::new() };
    let before = format!("{says} Its probabilities are off by {} on average ({} ", percent(error), super::EN.calibration_error);
    [before, format!("{error:.3}"), format!(").{few}")]
}

pub(super) fn baseline_en(kind: BaselineKind) -> &'static str {
    match kind {
        BaselineKind::MajorityClass => "Always the commonest class",
        BaselineKind::TfidfLogistic => "Counting words (TF-IDF, logistic regression)",
        BaselineKind::Mean => "Always the mean",
        BaselineKind::MostFrequentTag => "Each word\u{2019}s most frequent tag",
        BaselineKind::CopySource => "The text, copied",
        BaselineKind::FrequentLabels => "The labels that half of the rows have",
        BaselineKind::TfidfRidge => "Counting words (TF-IDF, ridge regression)",
    }
}

/// What a baseline does.
fn act(kind: BaselineKind) -> &'static str {
    match kind {
        BaselineKind::MajorityClass => "always saying the commonest class",
        BaselineKind::TfidfLogistic | BaselineKind::TfidfRidge => "counting words",
        BaselineKind::Mean => "always saying the mean",
        BaselineKind::MostFrequentTag => "giving each word its most frequent tag",
        BaselineKind::CopySource => "copying the text",
        BaselineKind::FrequentLabels => "always giving the labels that at least half of the rows have",
    }
}

pub(super) fn duel_en(duel: &Duel, name: FigureName) -> String {
    let other = act(duel.kind);
    let unknown = || format!("There are too few rows to tell whether the Transformer is better than {other}.");
    let Some(lead) = duel.lead.filter(|_| duel.verdict != Verdict::Unknown) else { return unknown() };
    let term = figure_en(name).1;
    let turned = FigureInterval { estimate: -lead.estimate, low: -lead.high, high: -lead.low };
    match duel.verdict {
        Verdict::Ahead => format!("The Transformer is ahead of {other} by {} in {term}: beyond chance.", interval_of(name, lead)),
        Verdict::Behind => {
            let counts = matches!(duel.kind, BaselineKind::TfidfLogistic | BaselineKind::TfidfRidge);
            let advice = if counts { " Use that, or train longer, or from another base." } else { "" };
            format!("{} is ahead by {} in {term}: beyond chance.{advice}", capital(other), interval_of(name, turned))
        }
        Verdict::Unknown => unknown(),
        Verdict::Even if lead.estimate < 0.0 => {
            format!(
                "The Transformer cannot be told apart from {other}: it is behind by {} in {term}, which may be chance.",
                interval_of(name, turned)
            )
        }
        Verdict::Even => {
            format!("The Transformer cannot be told apart from {other}: its lead of {} in {term} may be chance.", interval_of(name, lead))
        }
    }
}

pub(super) fn behind_en(behind: &Behind, names: &[String]) -> String {
    let name = |class: u32| names.get(class as usize).map_or_else(|| class.to_string(), |name| format!("\u{201c}{name}\u{201d}"));
    let by = |by: By, name: String| match by {
        By::Truth => format!("Rows that are {name}"),
        By::Model => format!("Rows that the model calls {name}"),
        By::Either => format!("Rows that are {name}, or are called so"),
    };
    match behind {
        Behind::All => "All rows".to_owned(),
        Behind::Right(true) => "Rows that are right".to_owned(),
        Behind::Right(false) => "Rows that are wrong".to_owned(),
        Behind::Class { class, by: who } => by(*who, name(*class)),
        Behind::Cell { truth, said } if truth == said => format!("Rows that are {} and are called so", name(*truth)),
        Behind::Cell { truth, said } => format!("Rows that are {} and are called {}", name(*truth), name(*said)),
        Behind::Probability { low, high } => format!("Rows given a probability of {} to {}", percent(*low), percent(*high)),
        Behind::Label { class, truth, said } => match (truth, said) {
            (true, true) => format!("Rows with {}, found", name(*class)),
            (true, false) => format!("Rows with {}, missed", name(*class)),
            (false, true) => format!("Rows without {}, but called so", name(*class)),
            (false, false) => format!("Rows without {}, and not called so", name(*class)),
        },
        Behind::Span { name, by: By::Truth } => format!("Rows with a {name}"),
        Behind::Span { name, by: By::Model } => format!("Rows in which the model marks a {name}"),
        Behind::Span { name, by: By::Either } => format!("Rows with a {name}, marked or meant"),
        Behind::Tag { tag, by: By::Truth } => format!("Rows with a word that is {}", name(*tag)),
        Behind::Tag { tag, by: By::Model } => format!("Rows with a word that the model calls {}", name(*tag)),
        Behind::Tag { tag, by: By::Either } => format!("Rows with a word that is {}, or is called so", name(*tag)),
        Behind::One(_) => "One row".to_owned(),
        Behind::Mistakes => "Rows that are wrong, by how sure the model was".to_owned(),
        Behind::Apart { kind, ours, theirs, .. } => {
            let [ours, theirs] = [ours, theirs].map(|rows| grouped(*rows as u64));
            format!("Rows where only one of the two is right (the Transformer in {ours}, {} in {theirs})", act(*kind))
        }
        Behind::Nearer { kind, .. } => format!("Rows where {} is nearer to what is wanted than the Transformer", act(*kind)),
        Behind::Lowest(figure) => format!("All rows, the lowest {} first", figure_en(*figure).1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_run_stands_is_a_sentence() {
        let under =
            |best, done, left| standing_en(&Standing::Under { best, value: 0.8123, done, planned: 8, left, name: FigureName::MacroF1 });
        assert_eq!(under(3, 3, Some(2)), "Epoch 3 of 8 is the best so far: macro F1 0.81. Two epochs without gain end the run.");
        assert_eq!(
            under(3, 4, Some(1)),
            "Epoch 4 of 8: epoch 3 is still the best: macro F1 0.81. One more epoch without gain ends the run."
        );
        assert_eq!(under(0, 1, None), "Epoch 1 of 8: none is better yet than before training (macro F1 0.81).");
        let ended = Standing::Ended { best: 2, value: 0.7, done: 4, early: true, name: FigureName::Accuracy };
        assert!(standing_en(&ended).contains("that of epoch 2, the best: accuracy 0.70"));
        let only = Standing::Ended { best: 1, value: 0.7, done: 1, early: false, name: FigureName::Accuracy };
        assert!(standing_en(&only).starts_with("The model you have is that of the only epoch: accuracy 0.70"), "{}", standing_en(&only));
    }

    #[test]
    fn figures_have_the_digits_they_deserve() {
        assert_eq!(value_of(FigureName::MacroF1, 0.8149), "0.81");
        assert_eq!(value_of(FigureName::MacroF1, -0.041), "\u{2212}0.04");
        assert_eq!(value_of(FigureName::MacroF1, -0.001), "0.00");
        assert_eq!(value_of(FigureName::MacroF1, f64::NAN), "–");
        let figure = FigureInterval { estimate: 71.54, low: 65.0, high: 80.02 };
        assert_eq!(interval_of(FigureName::Chrf, figure), "71.5 (65.0 to 80.0)");
        // Errors, in the table's own unit.
        let error = |estimate, low, high| interval_of(FigureName::MeanSquaredError, FigureInterval { estimate, low, high });
        assert_eq!(error(0.0928, 0.0441, 0.15), "0.093 (0.044 to 0.150)");
        assert_eq!(error(2.0, 1.25, 2.75), "2.00 (1.25 to 2.75)");
        assert_eq!(error(0.000_012, -0.5, 0.5), "0.000 (\u{2212}0.500 to 0.500)");
        assert_eq!(error(25_310.4, 9_000.0, 40_000.0), "25,310 (9,000 to 40,000)");
        assert_eq!([1e-7, 0.0, 0.05].map(|value| value_of(FigureName::MeanAbsoluteError, value)), ["1.0e\u{2212}7", "0", "0.0500"]);
    }

    #[test]
    fn a_duel_is_said_from_the_winners_side() {
        let figure = |estimate, low, high| Some(FigureInterval { estimate, low, high });
        let says = |verdict, lead| duel_en(&Duel { kind: BaselineKind::TfidfLogistic, verdict, lead }, FigureName::MacroF1);
        let ahead = says(Verdict::Ahead, figure(0.04, 0.01, 0.07));
        assert_eq!(ahead, "The Transformer is ahead of counting words by 0.04 (0.01 to 0.07) in macro F1: beyond chance.");
        let behind = says(Verdict::Behind, figure(-0.04, -0.07, -0.01));
        assert!(behind.starts_with("Counting words is ahead by 0.04 (0.01 to 0.07) in macro F1: beyond chance."), "{behind}");
        let even = says(Verdict::Even, figure(0.01, -0.02, 0.04));
        assert!(even.contains("cannot be told apart from counting words") && even.contains("its lead of 0.01 (−0.02 to 0.04)"), "{even}");
        let even = says(Verdict::Even, figure(-0.05, -0.21, 0.13));
        assert!(even.contains("it is behind by 0.05 (−0.13 to 0.21) in macro F1, which may be chance"), "{even}");
        for lead in [None, figure(1.0, 1.0, 1.0)] {
            assert_eq!(
                says(Verdict::Unknown, lead),
                "There are too few rows to tell whether the Transformer is better than counting words."
            );
        }
    }

    #[test]
    fn few_rows_are_said_to_be_few() {
        let says =
            calibrated_en(&Calibrated { error: 0.08, leaning: Leaning::TooSure, overall: Some((0.91, 0.83)), rows: 40, of_labels: false })
                .concat();
        assert!(says.starts_with("It is surer than it is right: it says 91\u{a0}% on average and is right in 83\u{a0}%."), "{says}");
        assert!(says.ends_with("With 40 rows this is only a rough picture."));
        assert!(
            !calibrated_en(&Calibrated { error: 0.08, leaning: Leaning::Mixed, overall: None, rows: 100, of_labels: false })
                .concat()
                .contains("rough")
        );
    }

    #[test]
    fn every_figure_names_its_rows() {
        let names = ["pos".to_owned(), "neg".to_owned()];
        assert_eq!(
            behind_en(&Behind::Cell { truth: 1, said: 0 }, &names),
            "Rows that are \u{201c}neg\u{201d} and are called \u{201c}pos\u{201d}"
        );
        let apart = Behind::Apart { other: 1, kind: BaselineKind::TfidfLogistic, ours: 1_234, theirs: 4 };
        assert_eq!(
            behind_en(&apart, &names),
            format!("Rows where only one of the two is right (the Transformer in {}, counting words in 4)", grouped(1_234))
        );
        let given = behind_en(&Behind::Probability { low: 0.4, high: 0.47 }, &names);
        assert_eq!(given, "Rows given a probability of 40\u{a0}% to 47\u{a0}%");
        let word = behind_en(&Behind::Tag { tag: 0, by: By::Model }, &names);
        assert_eq!(word, "Rows with a word that the model calls \u{201c}pos\u{201d}");
        assert_eq!(behind_en(&Behind::Class { class: 7, by: By::Truth }, &names), "Rows that are 7");
    }
}
