//! How likely an answer is in changed texts: marks of words and written texts, against what predictions and reports say of the same.

use super::labels::{answered, ask, config, prepare, raw_report, run};
use super::labels_words::{open, predict, translations, words};
use super::page::Page;
use attune::protocol::labels::{LabelAnswer, LabelCommand, LabelConfig, TextAnswer, Weighed};
use attune::protocol::{FaultCode, TableTask};

fn command(texts: &[&str], answer: Weighed) -> LabelCommand {
    LabelCommand::Weigh { texts: texts.iter().map(|&text| text.to_owned()).collect(), seconds: Vec::new(), answer }
}

fn weighed(page: &mut Page, texts: &[&str], answer: Weighed) -> Vec<Option<f64>> {
    let request = ask(page, command(texts, answer), Vec::new());
    let LabelAnswer::Weighed { run: 1, step, probabilities } = answered(page, request, false) else { panic!() };
    assert!(step > 0);
    probabilities
}

fn refused(page: &mut Page, texts: &[&str], answer: Weighed) {
    page.take();
    ask(page, command(texts, answer), Vec::new());
    page.rest();
    assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
    page.take();
}

#[test]
fn a_mark_has_the_probability_of_its_prediction() {
    let mut page = Page::open();
    let choice = open(&mut page, "names.conll", &words(|_, kind| kind.to_owned()), TableTask::TagTokens);
    prepare(&mut page, &LabelConfig { epochs: 6, ..config(choice) });
    run(&mut page, 1);
    let text = "Ruth Brown went to York.";
    let LabelAnswer::Predicted { predictions, classes, .. } = predict(&mut page, &[text], &[], &[]) else { panic!() };
    let TextAnswer::Tags { words } = predictions[0].clone().unwrap().answer else { panic!() };
    let york = &words[4];
    assert_eq!((&text[york.start as usize..york.end as usize], classes[york.tag as usize].as_str()), ("York", "B-place"));

    // The whole text; without the word in front; the word itself gone; a place where no word begins.
    let texts = [text, "Ruth Brown went York.", "Ruth Brown went to .", text];
    let starts = vec![Some(york.start), Some(york.start - 3), None, Some(york.start + 1)];
    let own = weighed(&mut page, &texts, Weighed::Tag { tag: york.tag, starts: starts.clone() });
    assert!((own[0].unwrap() - f64::from(york.probability)).abs() < 1e-5, "{own:?} {york:?}");
    assert!((own[0].unwrap() - own[1].unwrap()).abs() > 1e-4, "the word in front says something: {own:?}");
    assert_eq!(own[2..], [None, None]);
    // All tags of a word together are certain.
    let all: f64 =
        (0..4).map(|tag| weighed(&mut page, &texts[..1], Weighed::Tag { tag, starts: vec![Some(york.start)] })[0].unwrap()).sum();
    assert!((all - 1.0).abs() < 1e-5, "{all}");

    refused(&mut page, &texts[..1], Weighed::Written { text: "Oxford".to_owned() });
    refused(&mut page, &texts[..1], Weighed::Tag { tag: york.tag, starts });
    refused(&mut page, &texts[..1], Weighed::Tag { tag: 4, starts: vec![Some(0)] });
}

#[test]
fn a_written_text_has_the_loss_of_its_row() {
    let mut page = Page::open();
    let choice = open(&mut page, "colours.tsv", &translations(), TableTask::TextToText);
    prepare(&mut page, &LabelConfig { epochs: 4, learning_rate: 1e-2, ..config(choice) });
    run(&mut page, 1);
    let (_, buffers) = raw_report(&page);
    let four = |bytes: &[u8]| [bytes[0], bytes[1], bytes[2], bytes[3]];
    let row = u32::from_le_bytes(four(&buffers[0]));
    let loss = f64::from(f32::from_le_bytes(four(&buffers[4])));
    let table = translations();
    let (source, target) = table.lines().nth(row as usize + 1).and_then(|line| line.split_once('\t')).unwrap();
    let own = weighed(&mut page, &[source, " ", "the"], Weighed::Written { text: target.to_owned() });
    assert!((own[0].unwrap().ln() + loss).abs() < 1e-4, "{own:?} {loss}");
    assert!(own[1].is_none() && own[2].unwrap() < own[0].unwrap(), "what was asked counts: {own:?}");
    refused(&mut page, &[source], Weighed::Tag { tag: 0, starts: vec![Some(0)] });
}

#[test]
fn classes_of_whole_texts_are_not_weighed() {
    let mut page = Page::open();
    let rows: String = (0..12).map(|row| format!("text number {row},{}\n", ["a", "b"][row % 2])).collect();
    let choice = open(&mut page, "rows.csv", &format!("text,label\n{rows}"), TableTask::Classify);
    prepare(&mut page, &LabelConfig { epochs: 1, ..config(choice) });
    refused(&mut page, &["text"], Weighed::Written { text: "a".to_owned() });
}
