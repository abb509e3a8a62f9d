//! Labelled texts: tags of words, and answers to prompts, each from its table to its report and predictions.

use super::labels::{answered, ask, config, epochs, prepare, raw_report, run};
use super::page::Page;
use attune::metrics::{SpanReport, exact_match};
use attune::protocol::labels::{
    BaselineKind, ClassWeighting, FigureName, LabelAnswer, LabelChoice, LabelCommand, LabelConfig, SpanFigures, TaskFigures, TextAnswer,
    TextFigures, Trained,
};
use attune::protocol::{FaultCode, FileHead, NextAction, SplitOptions, TableFinding, TableOptions, TableTask, TaskColumns};

const PEOPLE: [&str; 6] = ["Mary", "John", "Ruth", "Edward", "Anna", "Peter"];
const PLACES: [&str; 6] = ["Oxford", "London", "Bristol", "York", "Ely", "Bath"];

/// Opens a file and takes the proposal for `task`, or its first and last column.
pub fn open(page: &mut Page, name: &str, text: &str, task: TableTask) -> LabelChoice {
    let files = vec![FileHead { name: name.to_owned(), encoding: None }];
    let request = ask(page, LabelCommand::OpenTable { files, options: TableOptions::default() }, vec![text.as_bytes().to_vec()]);
    let LabelAnswer::TableReady { proposal, .. } = answered(page, request, false) else { panic!() };
    let found = proposal.proposals.iter().find(|proposal| proposal.columns.task == task);
    let last = proposal.columns.len() as u32 - 1;
    // Short answers that repeat look like labels; the visitor chooses.
    let chosen = TaskColumns {
        task,
        text: 0,
        second: (last > 1).then_some(1),
        target: Some(last),
        more_targets: Vec::new(),
        split: None,
        label_separator: None,
    };
    let columns = found.map_or(chosen, |found| found.columns.clone());
    LabelChoice { columns, merge_labels: false, split: SplitOptions { validation_share: 0.2, test_share: 0.2, ..SplitOptions::default() } }
}

pub fn predict(page: &mut Page, texts: &[&str], seconds: &[&str], labels: &[&str]) -> LabelAnswer {
    let strings = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<String>>();
    let command = LabelCommand::Predict { texts: strings(texts), seconds: strings(seconds), labels: strings(labels) };
    let request = ask(page, command, Vec::new());
    answered(page, request, false)
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

fn of_spans(figures: &TaskFigures) -> &SpanFigures {
    match figures {
        TaskFigures::Spans(figures) => figures,
        other => panic!("{other:?}"),
    }
}

fn of_texts(figures: &TaskFigures) -> &TextFigures {
    match figures {
        TaskFigures::Texts(figures) => figures,
        other => panic!("{other:?}"),
    }
}

/// One word a line; `tag` says what a person's or place's name is called.
pub fn words(tag: impl Fn(&str, &str) -> String) -> String {
    let mut text = String::new();
    for person in PEOPLE {
        for place in PLACES {
            let family = if place.len() % 2 == 0 { "Smith" } else { "Brown" };
            for (word, kind) in [(person, "B-person"), (family, "I-person"), ("went", "O"), ("to", "O"), (place, "B-place"), (".", "O")] {
                text += &format!("{word}\t{}\n", tag(word, kind));
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn words_are_tagged_and_spans_are_counted() {
    let mut page = Page::open();
    let choice = open(&mut page, "names.conll", &words(|_, kind| kind.to_owned()), TableTask::TagTokens);
    // Windows shorter than a sentence.
    let config = LabelConfig { epochs: 10, window: 8, ..config(choice) };
    let plan = prepare(&mut page, &config);
    assert_eq!(plan.classes, ["B-person", "B-place", "I-person", "O"]);
    assert_eq!((plan.config.metric, plan.cut_texts, plan.unread_words, plan.answer_tokens), (FigureName::SpanF1, 0, 0, 0));
    assert_eq!(plan.parameters - plan.frozen_parameters, plan.parameters);
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    let epochs = epochs(&page);
    let names: Vec<FigureName> = epochs[0].validation.as_ref().unwrap().figures.iter().map(|figure| figure.name).collect();
    assert_eq!(names, FigureName::of(TableTask::TagTokens));
    assert!((epochs[0].training.loss - 4f64.ln()).abs() < 0.2, "an untrained head knows nothing: {:?}", epochs[0]);
    let f1 = |epoch: usize| epochs[epoch].validation.as_ref().unwrap().figure(FigureName::SpanF1).unwrap();
    assert!(f1(0) < 0.6 && f1(10) > 0.9, "{} {}", f1(0), f1(10));

    let (report, buffers) = raw_report(&page);
    let figures = of_spans(&report.figures);
    assert!(figures.marks_spans && figures.f1.estimate > 0.9, "{}", figures.text);
    assert_eq!(report.baselines.iter().map(|baseline| baseline.kind).collect::<Vec<_>>(), [BaselineKind::MostFrequentTag]);
    assert!(report.baselines[0].model_minus_baseline.is_some());
    // The buffers say what the report says.
    let buffers: Vec<Vec<u32>> = buffers.iter().map(|bytes| numbers(bytes)).collect();
    assert_eq!((buffers[0].len() as u64, buffers[5].as_slice()), (report.rows, vec![6; report.rows as usize].as_slice()));
    let named = |tags: &[u32]| -> Vec<Vec<&str>> {
        tags.chunks(6).map(|row| row.iter().map(|&tag| plan.classes[tag as usize].as_str()).collect()).collect()
    };
    let again = SpanReport::new(&named(&buffers[1]), &named(&buffers[2])).unwrap();
    assert_eq!(
        (again.micro.f1, again.token_accuracy, again.text(2)),
        (figures.f1.estimate, figures.tag_accuracy.estimate, figures.text.clone())
    );
    assert_eq!((buffers[3].len(), buffers[4].len(), buffers[6].len()), (buffers[1].len(), buffers[0].len(), buffers[1].len()));
    let request = ask(&mut page, LabelCommand::ReadRows { rows: vec![0] }, Vec::new());
    let LabelAnswer::Rows { rows } = answered(&mut page, request, false) else { panic!() };
    let rows = rows.open().unwrap();
    assert_eq!((rows[0].text.as_str(), rows[0].label.as_str()), ("Mary Smith went to Oxford .", "B-person I-person O O B-place O"));

    let text = "Ruth Brown went to York.";
    let LabelAnswer::Predicted { predictions, classes, .. } = predict(&mut page, &[text, " "], &[], &[]) else { panic!() };
    assert!(predictions[1].is_none());
    let prediction = predictions[0].clone().unwrap();
    let TextAnswer::Tags { words } = prediction.answer else { panic!() };
    let said: Vec<(&str, &str)> =
        words.iter().map(|word| (&text[word.start as usize..word.end as usize], classes[word.tag as usize].as_str())).collect();
    let wanted = [("Ruth", "B-person"), ("Brown", "I-person"), ("went", "O"), ("to", "O"), ("York", "B-place"), (".", "O")];
    assert_eq!(said, wanted);
    assert!(prediction.windows > 1 && !prediction.cut, "{} tokens", prediction.tokens);
    let labels = ["B-person I-person O O B-place O", "O", "O O O O B-river O"];
    let texts = ["Ruth Brown went to York .", "Ruth Brown", "Ruth Brown went to York ."];
    let LabelAnswer::Predicted { predictions, figures, findings, .. } = predict(&mut page, &texts, &[], &labels) else { panic!() };
    let right: Vec<Option<bool>> = predictions.iter().flatten().map(|said| said.right).collect();
    assert_eq!(right, [Some(true), None, None]);
    assert_eq!(of_spans(&figures.unwrap().open().unwrap()).f1.estimate, 1.0);
    let unknown = TableFinding::UnknownLabels { rows: 1, labels: vec![("B-river".to_owned(), 1)] };
    assert_eq!(findings, [TableFinding::UnevenTags { rows: 1, places: Vec::new() }, unknown]);
}

#[test]
fn tags_that_mark_no_spans_are_judged_word_by_word() {
    let mut page = Page::open();
    let text = words(|word, kind| if kind == "O" && word != "." { "VERB" } else { "NOUN" }.to_owned());
    let choice = open(&mut page, "speech.conll", &text, TableTask::TagTokens);
    let plan = prepare(&mut page, &LabelConfig { epochs: 4, ..config(choice) });
    assert_eq!(plan.config.metric, FigureName::TagAccuracy);
    run(&mut page, 1);
    let (report, _) = raw_report(&page);
    let figures = of_spans(&report.figures);
    assert!(!figures.marks_spans && figures.tag_accuracy.estimate > 0.9 && figures.text.contains("NOUN"), "{}", figures.text);
    assert!(epochs(&page).iter().any(|epoch| epoch.best));
}

/// Colours in another tongue.
const COLOURS: [(&str, &str); 6] =
    [("red", "rouge"), ("blue", "bleu"), ("green", "vert"), ("white", "blanc"), ("black", "noir"), ("grey", "gris")];

pub fn translations() -> String {
    let things =
        ["day", "soup", "voice", "house", "song", "letter", "road", "cat", "tree", "door", "coat", "ship", "bird", "lamp", "book", "hill"];
    let mut text = String::from("source\ttarget\n");
    for thing in things {
        for (colour, other) in COLOURS {
            text += &format!("the {thing} is {colour}\t{other}\n");
        }
    }
    text
}

#[test]
fn answers_are_learned_and_written() {
    const EPOCHS: u32 = 80;
    let mut page = Page::open();
    let choice = open(&mut page, "colours.tsv", &translations(), TableTask::TextToText);
    let config = LabelConfig { epochs: EPOCHS, learning_rate: 1e-2, ..config(choice.clone()) };
    let plan = prepare(&mut page, &config);
    assert_eq!((plan.config.prompt.as_deref(), plan.cut_texts), (Some("{source}\n=> {answer}"), 0));
    assert!((2..=16).contains(&plan.answer_tokens), "{}", plan.answer_tokens);
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    let epochs = epochs(&page);
    let (first, last) = (&epochs[0].validation.clone().unwrap(), &epochs[EPOCHS as usize].validation.clone().unwrap());
    assert_eq!(last.figures.iter().map(|figure| figure.name).collect::<Vec<_>>(), FigureName::of(TableTask::TextToText));
    assert!(first.loss > 4.0 && last.loss < 0.5, "{first:?} {last:?}");
    assert!(epochs[EPOCHS as usize].training.figures.is_empty(), "answers are written for validation rows only");

    let (report, buffers) = raw_report(&page);
    let figures = *of_texts(&report.figures);
    assert!(figures.exact_match.estimate > 0.7 && figures.chrf.estimate > 70.0 && !figures.chinese, "{figures:?}");
    assert_eq!((report.rows, report.baselines[0].kind), (report.part_rows, BaselineKind::CopySource));
    assert_eq!(of_texts(&report.baselines[0].figures).exact_match.estimate, 0.0);
    assert!(report.baselines[0].model_minus_baseline.unwrap().low > 0.0);
    // The written texts, cut from the buffer, have the figures of the report.
    let (rows, lengths) = (numbers(&buffers[0]), numbers(&buffers[5]));
    assert_eq!((rows.len() as u64, buffers.len(), numbers(&buffers[4]).len()), (report.rows, 11, rows.len()));
    assert_eq!(buffers[10].len(), 4 * rows.len(), "chrF of each row's copied source");
    let (mut at, mut right) = (0, 0);
    for (row, length) in rows.iter().zip(&lengths) {
        let written = std::str::from_utf8(&buffers[2][at..at + *length as usize]).unwrap();
        at += *length as usize;
        right += u32::from(exact_match(written, &[COLOURS[*row as usize % COLOURS.len()].1]).unwrap());
    }
    assert_eq!(at, buffers[2].len());
    assert!((f64::from(right) / rows.len() as f64 - figures.exact_match.estimate).abs() < 1e-12);

    let LabelAnswer::Predicted { predictions, figures, .. } =
        predict(&mut page, &["the cat is blue", "the road is red"], &[], &["bleu", ""])
    else {
        panic!()
    };
    let TextAnswer::Text { text } = &predictions[0].as_ref().unwrap().answer else { panic!() };
    assert_eq!((text.as_str(), of_texts(&figures.unwrap().open().unwrap()).exact_match.estimate), ("bleu", 1.0));

    // Learning on from the model as it is: it knows the answers before its first step.
    page.take();
    prepare(&mut page, &LabelConfig { epochs: 1, go_on: true, ..config });
    run(&mut page, 2);
    assert!(super::labels::epochs(&page)[0].validation.as_ref().unwrap().loss < 0.5);
}

#[test]
fn what_is_too_long_is_cut_and_counted() {
    let mut page = Page::open();
    let mut text = String::from("question\tcontext\tanswer\n");
    for (number, (colour, other)) in COLOURS.iter().cycle().take(24).enumerate() {
        let filler = "on and on it goes ".repeat(number % 8);
        text += &format!("what is {colour} {number}?\t{filler}{colour} is {other}\t{other}\n");
    }
    let mut choice = open(&mut page, "questions.tsv", &text, TableTask::TextToText);
    (choice.columns.second, choice.columns.target) = (Some(1), Some(2));
    let config = LabelConfig { epochs: 1, prompt: Some("{context}\n{question} {answer}".to_owned()), ..config(choice) };
    let plan = prepare(&mut page, &config);
    assert!(plan.cut_texts > 0 && plan.cut_texts < 24 && plan.long_texts == 0, "{}", plan.cut_texts);
    assert!(plan.most_tokens <= plan.config.window);
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    assert!(raw_report(&page).0.baselines.is_empty(), "nobody takes a question for its answer");
    let long = "on and on it goes ".repeat(30);
    let LabelAnswer::Predicted { predictions, .. } = predict(&mut page, &["what is red?", "what is red?"], &[&long, "red is rouge"], &[])
    else {
        panic!()
    };
    let cut: Vec<bool> = predictions.iter().map(|prediction| prediction.as_ref().unwrap().cut).collect();
    assert_eq!(cut, [true, false]);
}

#[test]
fn a_prompt_that_cannot_be_read_is_refused_with_its_reason() {
    let mut page = Page::open();
    let choice = open(&mut page, "colours.tsv", &translations(), TableTask::TextToText);
    let refusals =
        [("{source}", "{answer}"), ("{answer}", "{source}"), ("{source} {label} {answer}", "{label}"), ("{source {answer}", "brace")];
    for (prompt, said) in refusals {
        let config = LabelConfig { prompt: Some(prompt.to_owned()), ..config(choice.clone()) };
        ask(&mut page, LabelCommand::Prepare { config }, Vec::new());
        page.rest();
        let fault = page.only_fault();
        assert_eq!((fault.code, fault.action), (FaultCode::SettingsRefused, NextAction::None));
        assert!(fault.detail.contains(said), "{prompt}: {}", fault.detail);
        page.take();
    }
    let config = LabelConfig { trained: Trained::HeadOnly, ..config(choice) };
    ask(&mut page, LabelCommand::Prepare { config }, Vec::new());
    page.rest();
    assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
}

#[test]
fn tags_are_weighted_on_request() {
    let mut page = Page::open();
    let choice = open(&mut page, "names.conll", &words(|_, kind| kind.to_owned()), TableTask::TagTokens);
    let config = LabelConfig { epochs: 10, weighting: ClassWeighting::Balanced, baselines: false, ..config(choice) };
    let plan = prepare(&mut page, &config);
    assert_eq!(plan.config.weighting, ClassWeighting::Balanced);
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    let f1 = epochs(&page)[10].validation.as_ref().unwrap().figure(FigureName::SpanF1).unwrap();
    assert!(f1 > 0.9, "{f1}");
    // Half of the words stand outside: with all tags weighing alike, the losses are others than in an equal run.
    let weighted = page.losses();
    page.take();
    prepare(&mut page, &LabelConfig { weighting: ClassWeighting::Equal, epochs: 1, ..config });
    run(&mut page, 2);
    let equal = page.losses();
    assert!(equal.iter().zip(&weighted).skip(1).any(|(equal, weighted)| (equal.1 - weighted.1).abs() > 1e-4), "{equal:?}");
}
