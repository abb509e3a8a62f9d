//! The judged rows with their predictions as records, for JSON with lists as lists, and for the CSV (`csv`), which adds what follows from them.
//!
//! In: judged rows, names of classes or tags, texts of the rows. Out: records. Absent: the download.

use super::judged::{Judged, Verdicts, of_row};
use super::leads::{BaselineRows, Said};
use crate::protocol::labels::{BaselineKind, RowText};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A judged row. Texts that were not read are left out, numbers that are not known are null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Record {
    /// Counted from 1, as a spreadsheet does.
    pub row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_text: Option<String>,
    /// A text is longer than what is here.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    #[serde(flatten)]
    pub verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
    pub loss: Option<f32>,
    /// What the baselines say, by [`key_of`] each.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub baselines: BTreeMap<&'static str, Answer>,
}

/// What a baseline says of a row.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Name(String),
    Names(Vec<String>),
    Number(f32),
}

/// Truth and prediction, under the names that the CSV's columns have.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Verdict {
    Class { label: String, prediction: String, probability: Option<f32> },
    Several { labels: Vec<String>, predictions: Vec<String>, probabilities: BTreeMap<String, f32> },
    Score { value: Option<f32>, prediction: Option<f32> },
    Tags { tags: Vec<String>, predicted_tags: Vec<String> },
    Written { wanted: String, written: String, chrf: Option<f32>, rouge_l: Option<f32>, exact_match: Option<f32>, token_f1: Option<f32> },
}

/// A name, or a number where there is none.
pub fn name_of(names: &[String], index: u32) -> String {
    names.get(index as usize).cloned().unwrap_or_else(|| index.to_string())
}

/// The classes of a row of several labels.
pub fn set_of(names: &[String], flags: &[bool], at: usize) -> Vec<String> {
    let row = of_row(flags, names.len(), at).unwrap_or_default();
    row.iter().zip(names).filter(|(flag, _)| **flag).map(|(_, name)| name.clone()).collect()
}

/// Every judged row, in the order of the table.
pub fn records(judged: &Judged, names: &[String], texts: &HashMap<u32, RowText>) -> impl Iterator<Item = Record> {
    let one = move |(at, &row): (usize, &u32)| {
        let known = texts.get(&row);
        Record {
            row: u64::from(row) + 1,
            text: known.map(|row| row.text.clone()),
            second_text: known.map(|row| row.second.clone()).filter(|second| !second.is_empty()),
            cut: known.is_some_and(|row| row.cut),
            verdict: verdict(&judged.verdicts, at, names),
            right: judged.right(at),
            loss: judged.losses.get(at).copied(),
            baselines: judged.baselines.iter().filter_map(|baseline| Some((key_of(baseline.kind), answer(baseline, at, names)?))).collect(),
        }
    };
    judged.rows.iter().enumerate().map(one)
}

/// A baseline in files: what it is, and of copied texts what is known of them.
pub fn key_of(kind: BaselineKind) -> &'static str {
    match kind {
        BaselineKind::MajorityClass => "majority_class",
        BaselineKind::TfidfLogistic => "tfidf_logistic",
        BaselineKind::Mean => "mean",
        BaselineKind::MostFrequentTag => "most_frequent_tag",
        BaselineKind::CopySource => "copy_source_chrf",
        BaselineKind::TfidfRidge => "tfidf_ridge",
        BaselineKind::FrequentLabels => "frequent_labels",
    }
}

fn answer(baseline: &BaselineRows, at: usize, names: &[String]) -> Option<Answer> {
    Some(match baseline.said.as_ref()? {
        Said::Classes(classes) => Answer::Name(name_of(names, *classes.get(at)?)),
        Said::Several(flags) => Answer::Names(set_of(names, flags, at)),
        Said::Tags(words) => Answer::Names(words.get(at)?.iter().map(|&tag| name_of(names, tag)).collect()),
        Said::Scores(numbers) | Said::Copied(numbers) => Answer::Number(*numbers.get(at)?),
    })
}

fn verdict(verdicts: &Verdicts, at: usize, names: &[String]) -> Verdict {
    let name = |classes: &[u32]| classes.get(at).map(|&class| name_of(names, class)).unwrap_or_default();
    let tags = |words: &[Vec<u32>]| words.get(at).map(|words| words.iter().map(|&tag| name_of(names, tag)).collect()).unwrap_or_default();
    let real = |values: &[f32]| values.get(at).copied();
    match verdicts {
        Verdicts::Classes { truth, said, probability } => {
            Verdict::Class { label: name(truth), prediction: name(said), probability: real(probability) }
        }
        Verdicts::Several { classes, truth, said, probability } => Verdict::Several {
            labels: set_of(names, truth, at),
            predictions: set_of(names, said, at),
            probabilities: names.iter().cloned().zip(probability.iter().copied().skip(at * classes)).take(*classes).collect(),
        },
        Verdicts::Score { truth, said } => Verdict::Score { value: real(truth), prediction: real(said) },
        Verdicts::Spans { truth, said } => Verdict::Tags { tags: tags(truth), predicted_tags: tags(said) },
        Verdicts::Texts { wanted, said, chrf, rouge_l, exact, token_f1 } => Verdict::Written {
            wanted: wanted.get(at).cloned().unwrap_or_default(),
            written: said.get(at).cloned().unwrap_or_default(),
            chrf: real(chrf),
            rouge_l: real(rouge_l),
            exact_match: real(exact),
            token_f1: real(token_f1),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::{against, classes, real, score, several, spans, texts, whole};
    use super::*;
    use crate::page::state::StoredReport;
    use crate::protocol::RowPlace;
    use serde_json::{Value, json};

    fn second(stored: &StoredReport, names: &[&str], texts: &HashMap<u32, RowText>) -> Value {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        // By way of text, so that single precision stays as short as it was.
        let text = serde_json::to_string(&records(&Judged::of(stored).unwrap(), &names, texts).collect::<Vec<Record>>()).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()[1].clone()
    }

    #[test]
    fn each_task_has_its_own_fields() {
        let none = HashMap::new();
        assert_eq!(
            second(&classes(), &["good", "bad"], &none),
            json!({"row": 6, "label": "good", "prediction": "bad", "probability": 0.75, "right": false, "loss": 1.4})
        );
        assert_eq!(
            second(&several(), &["a", "b", "c"], &none),
            json!({"row": 3, "labels": ["b"], "predictions": ["c"], "probabilities": {"a": 0.2, "b": 0.3, "c": 0.7}, "right": false, "loss": 1.1})
        );
        assert_eq!(second(&score(), &[], &none), json!({"row": 2, "value": 2.0, "prediction": 2.0, "loss": 0.0}));
        assert_eq!(
            second(&spans(), &["O", "B-PER", "I-PER", "B-LOC"], &none),
            json!({"row": 12, "tags": ["O", "B-PER", "I-PER"], "predicted_tags": ["O", "B-PER", "I-PER"], "right": true, "loss": 0.1})
        );
    }

    #[test]
    fn baselines_say_what_they_say() {
        let answers = |stored: &StoredReport, names: &[&str]| second(stored, names, &HashMap::new())["baselines"].clone();
        let stored = against(against(classes(), None, Vec::new()), None, whole(&[1; 6]));
        assert_eq!(answers(&stored, &["good", "bad"]), json!({"tfidf_logistic": "bad"}));
        let stored = against(several(), Some(BaselineKind::FrequentLabels), vec![1, 0, 0, 1, 0, 1]);
        assert_eq!(answers(&stored, &["a", "b", "c"]), json!({"frequent_labels": ["a", "c"]}));
        assert_eq!(answers(&against(texts(), Some(BaselineKind::CopySource), real(&[60.0, 45.5])), &[]), json!({"copy_source_chrf": 45.5}));
    }

    #[test]
    fn texts_stand_beside_what_was_written() {
        let place = RowPlace { file: 0, line: 8 };
        let row =
            RowText { row: 6, place, text: "summer".to_owned(), second: "a season".to_owned(), cut: true, label: "l'été".to_owned() };
        assert_eq!(
            second(&texts(), &[], &HashMap::from([(6, row)])),
            json!({"row": 7, "text": "summer", "second_text": "a season", "cut": true, "wanted": "l'été", "written": "été", "chrf": 40.0, "rouge_l": 0.5,
                "exact_match": 0.0, "token_f1": 0.0, "right": false, "loss": 2.0})
        );
    }
}
