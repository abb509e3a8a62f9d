//! What is said of a file of texts: where they were found, how many have an answer and how right those are, what was odd, each with what to do.
//!
//! In: what the engine read of the file, its answers. Out: sentences. Absent: asking, the view (`batch`).

use super::batch_figures::Reckoned;
use super::batch_job::{Answered, WHOLE};
use super::batch_table::cut_heading;
use crate::page::report::duel::headlines;
use crate::page::strings::report::{interval_of, value_of};
use crate::page::strings::{label_words, report, words};
use crate::protocol::labels::{BroughtTexts, FigureName, LabelAnswer, MOST_BROUGHT, TaskFigures, TextAnswer};
use crate::protocol::{FaultCode, Sealed, TableFinding};

/// What is said of a file besides its answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSaid {
    /// Why its texts cannot be asked about.
    pub refused: Option<&'static str>,
    /// Where they are, and whether there are more.
    pub notes: Vec<String>,
    pub odd: Vec<String>,
}

impl FileSaid {
    /// Nothing of it can be asked about.
    pub fn refused(code: FaultCode) -> Self {
        Self { refused: Some((words().faults.sentence)(code)), ..Self::default() }
    }

    /// Of a file that was read.
    pub fn of(file: &BroughtTexts) -> Self {
        let own = &label_words().trying;
        let blank = |texts: &[String]| texts.iter().all(|text| text.trim().is_empty());
        let refused = if blank(&file.texts) {
            Some(own.file_no_text)
        } else if !file.seconds.is_empty() && blank(&file.seconds) {
            Some(own.file_no_second)
        } else {
            None
        };
        let columns = file.columns.iter().any(|name| !name.is_empty()).then(|| (own.file_columns)(&file.columns));
        let notes = columns.into_iter().chain(file.more.then(|| (own.too_many)(MOST_BROUGHT))).collect();
        Self { refused, notes, odd: odd(&file.findings) }
    }
}

/// The answers in a sentence or two: how many texts have one, and how right those are whose label is known. `ended`: why it was not gone on; `past`: the
/// step whose model answered, where that is not the model as it is now.
pub fn said(answered: &Answered, ended: Option<&str>, past: Option<u32>) -> Option<String> {
    let own = &label_words().trying;
    let LabelAnswer::Predicted { run, predictions, figures, .. } = answered.said.answer.as_ref() else { return None };
    let mut sentences: Vec<String> = ended.into_iter().chain((*run == 0).then_some(own.file_untrained)).map(str::to_owned).collect();
    sentences.extend(past.map(label_words().batch.past));
    sentences.push((own.file_done)(predictions.iter().flatten().count(), answered.total));
    sentences.extend(answered.right.map(|(right, known)| (own.file_counted)(right, known)));
    sentences.extend(figures_said(figures.as_ref(), answered.reckoned.as_ref()));
    sentences.extend(answered.steps.map(|(first, last)| (own.file_moved)(first, last)));
    let pieces = predictions.iter().flatten().filter(|prediction| prediction.windows > 1).count();
    sentences.extend((pieces > 0).then(|| (label_words().batch.pieces)(pieces)));
    Some(sentences.join(" "))
}

/// The figures in words, with those that have no value: the engine's, with intervals, or those that were reckoned here.
fn figures_said(own: Option<&Sealed<TaskFigures>>, reckoned: Option<&Reckoned>) -> Vec<String> {
    let (trying, batch) = (&label_words().trying, &label_words().batch);
    let term = |name| (report::words().figure)(name).1;
    let (names, mut sentences): (Vec<FigureName>, Vec<String>) = if let Some(figures) = own.and_then(|figures| figures.open().ok()) {
        let all = headlines(&figures);
        let list: Vec<String> = all.iter().map(|&(name, figure)| format!("{} {}", term(name), interval_of(name, figure))).collect();
        (all.iter().map(|figure| figure.0).collect(), vec![(trying.file_right)(&list.join(", "))])
    } else if let Some(Reckoned { rows, figures, unread, unplaced }) = reckoned {
        let list: Vec<String> = figures.iter().map(|&(name, value)| format!("{} {}", term(name), value_of(name, value))).collect();
        let said = (!list.is_empty()).then(|| (batch.figures)(&list.join(", "), *rows, WHOLE));
        let left = (*unread > 0).then(|| (batch.unread)(*unread));
        let lost = (*unplaced > 0).then(|| (batch.unplaced)(*unplaced));
        (figures.iter().map(|figure| figure.0).collect(), said.into_iter().chain(left).chain(lost).collect())
    } else {
        return Vec::new();
    };
    // Only figures of numbers may have no value.
    let lacking = [FigureName::Pearson, FigureName::Spearman, FigureName::RSquared].into_iter().filter(|name| !names.contains(name));
    let lacking: Vec<&str> = lacking.filter(|_| names.contains(&FigureName::MeanSquaredError)).map(term).collect();
    sentences.extend((!lacking.is_empty()).then(|| (batch.undefined)(&lacking.join(", "))));
    sentences
}

/// What was odd, a sentence each, with what to do.
pub fn odd(findings: &[TableFinding]) -> Vec<String> {
    let (own, batch) = (&label_words().findings, &label_words().batch);
    let sentence = |finding: &TableFinding| format!("{} {}", (own.said)(finding, &[], &[]), (batch.advice)(finding));
    findings.iter().map(sentence).collect()
}

/// The same of the answers, and how many texts were not read whole.
pub fn odd_answers(answered: &Answered) -> Vec<String> {
    let mut said = odd(&answered.findings);
    if let LabelAnswer::Predicted { predictions, .. } = answered.said.answer.as_ref() {
        let cut = || predictions.iter().flatten().filter(|prediction| prediction.cut);
        let own = &label_words().batch;
        let sentence = if cut().any(|prediction| matches!(prediction.answer, TextAnswer::Text { .. })) { own.no_start } else { own.no_end };
        let count = cut().count();
        said.extend((count > 0).then(|| sentence(count, cut_heading(predictions))));
    }
    said
}

/// A text with an answer, and one that the model could not read.
#[cfg(test)]
pub fn answered(seconds: &[&str]) -> crate::page::state::Said {
    use crate::protocol::labels::TextPrediction;
    let answer = TextAnswer::Class { class: 1, probabilities: vec![0.25, 0.75] };
    let answer = LabelAnswer::Predicted {
        run: 1,
        step: 7,
        classes: ["bad", "good, really"].map(str::to_owned).to_vec(),
        predictions: vec![Some(TextPrediction { answer, tokens: 3, windows: 1, cut: false, right: None }), None],
        figures: None,
        findings: Vec::new(),
    };
    let seconds = seconds.iter().map(|&second| second.to_owned()).collect();
    crate::page::state::Said { texts: vec!["a \"fine\" day".to_owned(), " ".to_owned()], seconds, answer: std::rc::Rc::new(answer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought(columns: [&str; 3], texts: &[&str], seconds: &[&str]) -> BroughtTexts {
        let strings = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<String>>();
        BroughtTexts {
            columns: columns.map(str::to_owned),
            texts: strings(texts),
            seconds: strings(seconds),
            labels: Vec::new(),
            others: Vec::new(),
            more: false,
            findings: Vec::new(),
        }
    }

    fn all_of(said: crate::page::state::Said) -> Answered {
        Answered {
            total: said.texts.len(),
            said,
            labels: Vec::new(),
            others: Vec::new(),
            right: None,
            reckoned: None,
            steps: None,
            findings: Vec::new(),
        }
    }

    #[test]
    fn what_came_of_a_large_file_is_said_with_its_reasons() {
        let own = &label_words().trying;
        let some = Answered { total: 5_000, right: Some((1, 1)), steps: Some((40, 80)), ..all_of(answered(&[])) };
        assert_eq!(
            said(&some, Some(own.file_stopped), None).unwrap_or_default(),
            "Stopped. 1 of 5,000 texts has an answer. Where the label is known, 1 of 1 answers is right (100\u{a0}%). The model learned on meanwhile: the answers \
             are those of steps 40 to 80."
        );
    }

    #[test]
    fn figures_are_said_for_any_number_of_rows_and_so_is_what_has_no_value() {
        let reckoned =
            Reckoned { rows: 4_812, figures: vec![(FigureName::MacroF1, 0.8123), (FigureName::Accuracy, 0.9)], unread: 0, unplaced: 0 };
        assert_eq!(
            figures_said(None, Some(&reckoned)),
            [
                "In figures, over the 4,812 rows whose label is known: macro F1 0.81, accuracy 0.90. Ranges are drawn for files of up to 200 rows."
            ]
        );
        assert_eq!(
            figures_said(None, Some(&Reckoned { unplaced: 2, ..Reckoned::default() })),
            ["2 labels are written otherwise than the classes, so there are no figures: write them alike and bring the file again."]
        );
        let figures = vec![(FigureName::MeanSquaredError, 0.25), (FigureName::MeanAbsoluteError, 0.5), (FigureName::Pearson, 0.75)];
        let said = figures_said(None, Some(&Reckoned { rows: 1, figures, unread: 1, unplaced: 0 })).join(" ");
        assert!(
            said.contains("over the row whose label is known: mean squared error 0.250, mean absolute error 0.500, Pearson 0.75. Ranges"),
            "{said}"
        );
        assert!(said.contains(" 1 with a comma is in no figure: ") && said.contains(" No value has Spearman, R\u{b2}: bring"), "{said}");
        assert!(figures_said(None, None).is_empty() && figures_said(None, Some(&Reckoned::default())).is_empty());
    }

    #[test]
    fn what_the_model_could_not_read_or_does_not_know_is_counted_with_what_to_do() {
        assert_eq!(said(&all_of(answered(&[])), None, None).as_deref(), Some("1 of 2 texts has an answer."));
        let mut untrained = answered(&[]);
        if let Some(LabelAnswer::Predicted { run, .. }) = std::rc::Rc::get_mut(&mut untrained.answer) {
            *run = 0;
        }
        let guesses = said(&all_of(untrained), None, None).unwrap_or_default();
        let past = said(&all_of(answered(&[])), None, Some(1_200)).unwrap_or_default();
        assert_eq!(
            past,
            "Made with the model of step 1,200: choose the file again for the model as it is now. 1 of 2 texts has an answer."
        );
        assert_eq!(guesses, "The model has not learned yet: these are guesses. 1 of 2 texts has an answer.");
        let findings = [
            TableFinding::EmptyTexts { rows: 1, places: Vec::new() },
            TableFinding::UnknownLabels { rows: 1, labels: vec![("awful".to_owned(), 1)] },
        ];
        assert_eq!(
            odd(&findings),
            [
                "1 row has no text. Fill them in and bring the file again, or go on without these rows.",
                "1 row has a label that the model does not know: \u{201c}awful\u{201d}. Correct the labels and bring the file again, or go on: such rows have an \
                 answer, but count in no figure.",
            ]
        );
    }

    /// The first text was read in so many pieces, and not whole.
    fn long(windows: u32, cut: bool, answer: Option<TextAnswer>) -> Answered {
        let mut said = answered(&[]);
        let Some(LabelAnswer::Predicted { predictions, .. }) = std::rc::Rc::get_mut(&mut said.answer) else { unreachable!() };
        if let Some(first) = predictions[0].as_mut() {
            (first.windows, first.cut) = (windows, cut);
            first.answer = answer.unwrap_or_else(|| first.answer.clone());
        }
        all_of(said)
    }

    #[test]
    fn long_texts_are_counted_with_what_to_do() {
        assert!(odd_answers(&long(1, false, None)).is_empty());
        let pieces = long(3, false, None);
        assert!(odd_answers(&pieces).is_empty());
        assert!(said(&pieces, None, None).is_some_and(|said| said.ends_with("Read in overlapping pieces, for its length: 1 text.")));
        assert_eq!(
            odd_answers(&long(16, true, None)),
            [
                "The end of 1 text was not read, for its length. Shorten what \u{201c}end not read\u{201d} marks in the saved table, or divide it over several \
                 rows, and bring the file again."
            ]
        );
        assert_eq!(
            odd_answers(&long(1, true, Some(TextAnswer::Text { text: "so".to_owned() }))),
            [
                "1 text did not fit into the prompt: the start of the longest part was not read. Shorten what \u{201c}start not read\u{201d} marks in the saved \
                 table and bring the file again, or raise \u{201c}longest piece\u{201d} and learn again."
            ]
        );
    }

    #[test]
    fn where_the_texts_were_found_is_said() {
        let lines = FileSaid::of(&brought(["", "", ""], &["one"], &[]));
        assert_eq!(lines, FileSaid::default());
        let one = FileSaid::of(&BroughtTexts { more: true, ..brought(["review", "", "stars"], &["one"], &[]) });
        assert_eq!(
            one.notes.join(" "),
            "Texts from \u{201c}review\u{201d}, labels from \u{201c}stars\u{201d}. Only the first 5,000 texts are read: divide the file to have answers to the rest."
        );
        let two = FileSaid::of(&brought(["a", "b", ""], &["one"], &["two"]));
        assert_eq!(
            (two.refused, two.notes[0].clone()),
            (None, "Texts from \u{201c}a\u{201d}, second texts from \u{201c}b\u{201d}.".to_owned())
        );
    }

    #[test]
    fn a_file_without_what_the_task_reads_is_refused_with_what_to_do() {
        let own = &label_words().trying;
        assert_eq!(FileSaid::of(&brought(["a", "", ""], &["one", ""], &["", " "])).refused, Some(own.file_no_second));
        assert_eq!(FileSaid::of(&brought(["a", "", ""], &[" "], &[])).refused, Some(own.file_no_text));
        let nothing = FileSaid::of(&BroughtTexts { findings: vec![TableFinding::NoRows], ..brought(["", "", ""], &[], &[]) });
        assert_eq!((nothing.refused, nothing.odd.len()), (Some(own.file_no_text), 1));
        assert!(FileSaid::refused(FaultCode::BinaryFile).refused.is_some_and(|said| said.contains("not a text file")));
    }
}
