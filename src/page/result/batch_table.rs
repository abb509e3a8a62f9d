//! The answers to a file of texts as a table to save.
//!
//! In: the texts with their answers, what the file says of each. Out: CSV; of several classes with a probability for each. Absent: the download.

use crate::page::report::csv::line;
use crate::page::report::records::name_of;
use crate::page::state::Said;
use crate::protocol::labels::{LabelAnswer, TextAnswer, TextPrediction};

const NO_END: &str = "end not read";
const NO_START: &str = "start not read";

/// Heading over what marks texts that were not read to their end; where the model writes, of prompts whose start was left out.
pub fn cut_heading(predictions: &[Option<TextPrediction>]) -> &'static str {
    let writes = predictions.iter().flatten().any(|prediction| matches!(prediction.answer, TextAnswer::Text { .. }));
    if writes { NO_START } else { NO_END }
}

/// A column of the file that the model was not asked about: its name, and a cell for each text.
pub type Other = (String, Vec<String>);

/// What else the file has, text, label, answer, whether it is right, probability, whether the text was cut, as far as there are such; an empty answer where the model could read
/// nothing. `labels`: none, or what the file says of each text.
pub fn table(said: &Said, labels: &[String], others: &[Other]) -> Option<String> {
    let LabelAnswer::Predicted { classes, predictions, .. } = said.answer.as_ref() else { return None };
    let answers = || predictions.iter().flatten().map(|prediction| &prediction.answer);
    let several = answers().any(|answer| matches!(answer, TextAnswer::Classes { .. }));
    let mut header = vec!["text".to_owned()];
    if !said.seconds.is_empty() {
        header.push("second text".to_owned());
    }
    let labelled = !labels.is_empty();
    // Numbers are never exactly right, and of written texts several may be.
    let judged = labelled && answers().any(|answer| !matches!(answer, TextAnswer::Score { .. } | TextAnswer::Text { .. }));
    header.extend(labelled.then(|| "label".to_owned()));
    header.push("answer".to_owned());
    header.extend(judged.then(|| "right".to_owned()));
    if several {
        header.extend(classes.iter().map(|class| format!("probability of {class}")));
    } else if answers().any(|answer| matches!(answer, TextAnswer::Class { .. })) {
        header.push("probability".to_owned());
    }
    let known = header.len();
    let cut = predictions.iter().flatten().any(|prediction| prediction.cut);
    header.extend(cut.then(|| cut_heading(predictions).to_owned()));
    // A table that was saved here before has columns of the same names.
    let apart = |name: &String| if header.contains(name) { format!("{name} (file)") } else { name.clone() };
    let header: Vec<String> = others.iter().map(|(name, _)| apart(name)).chain(header.iter().cloned()).collect();
    let mut csv = String::new();
    line(&mut csv, &header);
    for (number, (text, prediction)) in said.texts.iter().zip(predictions).enumerate() {
        let mut cells: Vec<String> = others.iter().map(|(_, cells)| cells.get(number).cloned().unwrap_or_default()).collect();
        cells.push(text.clone());
        cells.extend(said.seconds.get(number).cloned());
        let label = labels.get(number).map_or("", String::as_str);
        cells.extend(labelled.then(|| label.to_owned()));
        let mut said = prediction.as_ref().map(|prediction| answer(&prediction.answer, classes)).unwrap_or_default().into_iter();
        cells.push(said.next().unwrap_or_default());
        let flag = |is: Option<bool>| is.map(|is| u8::from(is).to_string()).unwrap_or_default();
        if judged {
            cells.push(flag(prediction.as_ref().and_then(|prediction| prediction.right)));
        }
        cells.extend(said);
        cells.resize(others.len() + known, String::new());
        cells.extend(cut.then(|| flag(prediction.as_ref().map(|prediction| prediction.cut))));
        line(&mut csv, &cells);
    }
    Some(csv)
}

/// The cells of an answer.
fn answer(answer: &TextAnswer, classes: &[String]) -> Vec<String> {
    let name = |&class: &u32| name_of(classes, class);
    let share = |probability: &f32| format!("{probability:.4}");
    match answer {
        TextAnswer::Class { class, probabilities } => {
            std::iter::once(name(class)).chain(probabilities.get(*class as usize).map(share)).collect()
        }
        TextAnswer::Classes { classes: found, probabilities } => {
            let found = found.iter().map(name).collect::<Vec<_>>().join(";");
            std::iter::once(found).chain(probabilities.iter().map(share)).collect()
        }
        TextAnswer::Score { value } => vec![value.to_string()],
        TextAnswer::Tags { words } => vec![words.iter().map(|word| name(&word.tag)).collect::<Vec<_>>().join(" ")],
        TextAnswer::Text { text } => vec![text.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::batch_said::answered;
    use super::*;
    use std::rc::Rc;

    fn known(labels: &[&str]) -> Vec<String> {
        labels.iter().map(|&label| label.to_owned()).collect()
    }

    /// The same, with a word on whether the first answer is right.
    fn judged(mut said: Said, is: bool) -> Said {
        if let Some(LabelAnswer::Predicted { predictions, .. }) = Rc::get_mut(&mut said.answer) {
            predictions.iter_mut().flatten().for_each(|prediction| prediction.right = Some(is));
        }
        said
    }

    #[test]
    fn labels_of_the_file_stand_beside_the_answers() {
        let csv = table(&judged(answered(&[]), false), &known(&["bad", "bad"]), &[]).unwrap();
        assert_eq!(csv, "text,label,answer,right,probability\r\n\"a \"\"fine\"\" day\",bad,\"good, really\",0,0.7500\r\n ,bad,,,\r\n");
        let csv = table(&answered(&["b", "c"]), &known(&["awful", ""]), &[]).unwrap();
        assert!(csv.contains("day\",b,awful,\"good, really\",,0.7500"), "the model does not know the label: {csv}");
    }

    #[test]
    fn a_number_has_no_column_of_probabilities() {
        let prediction = TextPrediction { answer: TextAnswer::Score { value: 2.5 }, tokens: 1, windows: 1, cut: false, right: None };
        let (predictions, findings) = (vec![Some(prediction)], Vec::new());
        let answer = LabelAnswer::Predicted { run: 1, step: 7, classes: Vec::new(), predictions, figures: None, findings };
        let said = Said { texts: vec!["mild".to_owned()], seconds: Vec::new(), answer: Rc::new(answer) };
        assert_eq!(table(&said, &known(&[]), &[]).unwrap(), "text,answer\r\nmild,2.5\r\n");
        assert_eq!(table(&said, &known(&["3"]), &[]).unwrap(), "text,label,answer\r\nmild,3,2.5\r\n");
    }

    #[test]
    fn a_file_becomes_a_table_in_which_cells_are_quoted() {
        let csv = table(&answered(&[]), &known(&[]), &[]).unwrap();
        assert_eq!(csv, "text,answer,probability\r\n\"a \"\"fine\"\" day\",\"good, really\",0.7500\r\n ,,\r\n");
        let pairs = table(&answered(&["b", "c"]), &known(&[]), &[]).unwrap();
        assert!(pairs.starts_with("text,second text,answer") && pairs.ends_with("\r\n ,c,,\r\n"), "{pairs}");
    }

    #[test]
    fn other_columns_of_the_file_come_back_before_the_text() {
        let others = [("id".to_owned(), vec!["7".to_owned(), "8, or so".to_owned()]), ("day".to_owned(), vec!["Monday".to_owned()])];
        let csv = table(&answered(&[]), &known(&[]), &others).unwrap();
        assert_eq!(
            csv,
            "id,day,text,answer,probability\r\n7,Monday,\"a \"\"fine\"\" day\",\"good, really\",0.7500\r\n\"8, or so\",, ,,\r\n"
        );
    }

    #[test]
    fn a_table_that_was_saved_before_keeps_its_columns_apart() {
        let others = [("answer".to_owned(), vec!["bad".to_owned(), "good".to_owned()])];
        let csv = table(&answered(&[]), &known(&[]), &others).unwrap();
        assert!(csv.starts_with("answer (file),text,answer,probability\r\nbad,"), "{csv}");
    }

    #[test]
    fn texts_that_were_not_read_whole_are_marked_where_there_are_any() {
        let mut said = answered(&[]);
        let Some(LabelAnswer::Predicted { predictions, .. }) = Rc::get_mut(&mut said.answer) else { unreachable!() };
        predictions[0].as_mut().unwrap().cut = true;
        let whole = TextPrediction { cut: false, ..predictions[0].clone().unwrap() };
        predictions.insert(1, Some(whole));
        said.texts.insert(1, "short".to_owned());
        let csv = table(&said, &known(&[]), &[]).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], "text,answer,probability,end not read");
        assert!(lines[1].ends_with(",0.7500,1") && lines[2].ends_with(",0.7500,0") && lines[3] == " ,,,", "{csv}");
    }

    #[test]
    fn of_written_texts_it_is_the_start_of_the_prompt_that_is_missing() {
        let answer = TextAnswer::Text { text: "so".to_owned() };
        let predictions = vec![Some(TextPrediction { answer, tokens: 1, windows: 1, cut: true, right: None })];
        let answer = LabelAnswer::Predicted { run: 1, step: 7, classes: Vec::new(), predictions, figures: None, findings: Vec::new() };
        let said = Said { texts: vec!["long".to_owned()], seconds: Vec::new(), answer: Rc::new(answer) };
        assert_eq!(table(&said, &known(&[]), &[]).unwrap(), "text,answer,start not read\r\nlong,so,1\r\n");
    }

    #[test]
    fn several_classes_come_with_a_probability_each() {
        let prediction = |classes: &[u32], probabilities: &[f32]| {
            let answer = TextAnswer::Classes { classes: classes.to_vec(), probabilities: probabilities.to_vec() };
            Some(TextPrediction { answer, tokens: 3, windows: 1, cut: false, right: None })
        };
        let answer = LabelAnswer::Predicted {
            run: 1,
            step: 7,
            classes: ["sun", "rain", "wind"].map(str::to_owned).to_vec(),
            predictions: vec![prediction(&[1, 2], &[0.125, 0.5, 0.75]), None, prediction(&[], &[0.0, 0.25, 0.5])],
            figures: None,
            findings: Vec::new(),
        };
        let texts = ["storm", "", "fog"].map(str::to_owned).to_vec();
        let csv = table(&Said { texts, seconds: Vec::new(), answer: Rc::new(answer) }, &known(&[]), &[]).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], "text,answer,probability of sun,probability of rain,probability of wind");
        assert_eq!(&lines[1..], ["storm,rain;wind,0.1250,0.5000,0.7500", ",,,,", "fog,,0.0000,0.2500,0.5000"]);
    }
}
