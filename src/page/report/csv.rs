//! The judged rows with their predictions as CSV (RFC 4180: commas, quotes doubled, lines end in CR LF), a column for each thing known of a row.
//!
//! In: judged rows, names of classes or tags, texts of the rows. Out: text. Absent: the download.

use super::judged::{Judged, Verdicts};
use super::records::{Answer, Record, Verdict, key_of, records};
use crate::protocol::labels::RowText;
use std::collections::HashMap;

/// The whole file. Rows whose text is not known have empty cells for what stands in the table.
pub fn csv(judged: &Judged, names: &[String], texts: &HashMap<u32, RowText>) -> String {
    let second = texts.values().any(|row| !row.second.is_empty());
    let cut = texts.values().any(|row| row.cut);
    let mut file = String::with_capacity(judged.len() * 120);
    let mut header = vec!["row".to_owned(), "text".to_owned()];
    if second {
        header.push("second_text".to_owned());
    }
    if cut {
        header.push("text_is_cut".to_owned());
    }
    header.extend(columns(&judged.verdicts, names));
    let baselines: Vec<&str> =
        judged.baselines.iter().filter(|baseline| baseline.said.is_some()).map(|baseline| key_of(baseline.kind)).collect();
    header.extend(baselines.iter().map(|&name| name.to_owned()));
    line(&mut file, &header);
    let between = if matches!(judged.verdicts, Verdicts::Spans { .. }) { " " } else { ";" };
    for mut record in records(judged, names, texts) {
        let mut cells = vec![record.row.to_string(), record.text.take().unwrap_or_default()];
        if second {
            cells.push(record.second_text.take().unwrap_or_default());
        }
        if cut {
            cells.push(flag(record.cut));
        }
        // Tags stand as those of the table do, between blanks.
        let answers: Vec<String> =
            baselines.iter().map(|name| record.baselines.get(name).map(|answer| cell(answer, between)).unwrap_or_default()).collect();
        cells.extend(verdict(record, names));
        cells.extend(answers);
        line(&mut file, &cells);
    }
    file
}

fn columns(verdicts: &Verdicts, names: &[String]) -> Vec<String> {
    let fixed: &[&str] = match verdicts {
        Verdicts::Classes { .. } => &["label", "prediction", "right", "probability", "loss"],
        Verdicts::Several { .. } => &["labels", "predictions", "right", "loss"],
        Verdicts::Score { .. } => &["value", "prediction", "error", "loss"],
        Verdicts::Spans { .. } => &["tags", "predicted_tags", "right", "loss"],
        Verdicts::Texts { .. } => &["wanted", "written", "chrf", "rouge_l", "exact_match", "token_f1", "loss"],
    };
    let mut columns: Vec<String> = fixed.iter().map(|&name| name.to_owned()).collect();
    if matches!(verdicts, Verdicts::Several { .. }) {
        columns.extend(names.iter().map(|name| format!("probability of {name}")));
    }
    columns
}

/// What a baseline says, several names between `between`.
fn cell(answer: &Answer, between: &str) -> String {
    match answer {
        Answer::Name(name) => name.clone(),
        Answer::Names(names) => names.join(between),
        Answer::Number(number) => number.to_string(),
    }
}

fn flag(is: bool) -> String {
    u8::from(is).to_string()
}

fn real(value: Option<f32>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A row's cells under [`columns`].
fn verdict(record: Record, names: &[String]) -> Vec<String> {
    let (right, loss) = (record.right.map(flag).unwrap_or_default(), real(record.loss));
    match record.verdict {
        Verdict::Class { label, prediction, probability } => vec![label, prediction, right, real(probability), loss],
        Verdict::Several { labels, predictions, probabilities } => {
            let cells = vec![labels.join(";"), predictions.join(";"), right, loss];
            cells.into_iter().chain(names.iter().map(|name| real(probabilities.get(name).copied()))).collect()
        }
        Verdict::Score { value, prediction } => {
            let error = value.zip(prediction).map(|(value, prediction)| prediction - value);
            vec![real(value), real(prediction), real(error), loss]
        }
        Verdict::Tags { tags, predicted_tags } => vec![tags.join(" "), predicted_tags.join(" "), right, loss],
        Verdict::Written { wanted, written, chrf, rouge_l, exact_match, token_f1 } => {
            vec![wanted, written, real(chrf), real(rouge_l), real(exact_match), real(token_f1), loss]
        }
    }
}

/// Adds a line of cells to a file.
pub fn line(file: &mut String, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            file.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            file.push('"');
            file.push_str(&cell.replace('"', "\"\""));
            file.push('"');
        } else {
            file.push_str(cell);
        }
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::super::samples::{against, classes, score, several, spans, texts, whole};
    use super::*;
    use crate::protocol::RowPlace;
    use crate::protocol::labels::BaselineKind;

    fn known(row: u32, text: &str, label: &str) -> (u32, RowText) {
        let place = RowPlace { file: 0, line: row + 2 };
        (row, RowText { row, place, text: text.to_owned(), second: String::new(), cut: false, label: label.to_owned() })
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_row_has_its_text_its_label_and_what_was_said() {
        let judged = Judged::of(&classes()).unwrap();
        let file = csv(&judged, &names(&["good", "bad"]), &HashMap::from([known(5, "so, \"so\"\nlong", "good")]));
        let expected = "row,text,label,prediction,right,probability,loss\r\n4,,good,good,1,0.9,0.1\r\n6,\"so, \"\"so\"\"\nlong\",good,bad,0,0.75,1.4\r\n";
        assert!(file.starts_with(expected), "{file}");
        assert_eq!(file.matches("\r\n").count(), 7);
    }

    #[test]
    fn baselines_stand_behind_what_the_model_says() {
        let stored = against(against(classes(), None, whole(&[0; 6])), None, Vec::new());
        let file = csv(&Judged::of(&stored).unwrap(), &names(&["good", "bad"]), &HashMap::new());
        let lines: Vec<&str> = file.lines().collect();
        assert_eq!((lines[0].rsplit(',').next(), lines[3]), (Some("majority_class"), "8,,bad,bad,1,0.7,0.36,good"));
        let stored = against(spans(), Some(BaselineKind::MostFrequentTag), whole(&[3, 0, 0, 1, 1]));
        let file = csv(&Judged::of(&stored).unwrap(), &names(&["O", "B-PER", "I-PER", "B-LOC"]), &HashMap::new());
        assert_eq!(file.lines().nth(2), Some("12,,O B-PER I-PER,O B-PER I-PER,1,0.1,O B-PER B-PER"));
    }

    #[test]
    fn several_labels_stand_between_semicolons_with_a_probability_each() {
        let judged = Judged::of(&several()).unwrap();
        let file = csv(&judged, &names(&["a", "b", "c"]), &HashMap::new());
        let lines: Vec<&str> = file.lines().collect();
        assert_eq!(lines[0], "row,text,labels,predictions,right,loss,probability of a,probability of b,probability of c");
        assert_eq!(lines[2], "3,,b,c,0,1.1,0.2,0.3,0.7");
    }

    #[test]
    fn numbers_tags_and_texts_have_columns_of_their_own() {
        let score = csv(&Judged::of(&score()).unwrap(), &[], &HashMap::new());
        assert_eq!(score.lines().nth(3), Some("5,,3,2,-1,1"));
        let spans = csv(&Judged::of(&spans()).unwrap(), &names(&["O", "B-PER", "I-PER", "B-LOC"]), &HashMap::new());
        assert_eq!(spans.lines().nth(2), Some("12,,O B-PER I-PER,O B-PER I-PER,1,0.1"));
        let texts = csv(&Judged::of(&texts()).unwrap(), &[], &HashMap::from([known(6, "summer", "l'été")]));
        assert_eq!(texts.lines().nth(2), Some("7,summer,l'été,été,40,0.5,0,0,2"));
    }
}
