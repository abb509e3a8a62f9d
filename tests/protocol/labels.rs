//! Labelled texts, from a table to a report and predictions: one class a text. Other tasks and what goes wrong are in the files beside it.

use super::page::{Page, tiny};
use attune::protocol::labels::{
    BaselineKind, ClassFigures, EpochReport, FigureName, LabelAnswer, LabelChoice, LabelCommand, LabelConfig, LabelNews, LabelPlan,
    LabelReport, TaskFigures, TextAnswer, TextPooling, TextPrediction,
};
use attune::protocol::{
    Command, Event, FaultCode, FileHead, ModelSize, SplitOptions, SplitPart, Start, StopReason, TableFinding, TableForm, TableOptions,
    TableTask, TokenizerChoice, TypedClass,
};

pub const GOOD: [&str; 4] = ["fine", "warm", "kind", "sweet"];
pub const BAD: [&str; 4] = ["cold", "sour", "rough", "dull"];

/// Sentences that one word decides.
pub fn sentences(words: [&str; 4]) -> Vec<String> {
    let things = ["day", "soup", "voice", "house", "song", "letter", "road", "cat"];
    things.iter().flat_map(|thing| words.iter().map(move |word| format!("the {thing} was {word}"))).collect()
}

pub fn csv() -> String {
    let rows = |words, label: &'static str| sentences(words).into_iter().map(move |text| format!("{text},{label}\n"));
    // In turns, so that a reader of the file sees both.
    let mixed = rows(GOOD, "good").zip(rows(BAD, "bad")).map(|(good, bad)| good + &bad);
    format!("text,label\n{}", mixed.collect::<String>())
}

pub fn classes() -> Vec<TypedClass> {
    let class = |name: &str, words| TypedClass { name: name.to_owned(), texts: sentences(words) };
    vec![class("good", GOOD), class("bad", BAD)]
}

pub fn ask(page: &mut Page, command: LabelCommand, buffers: Vec<Vec<u8>>) -> u32 {
    let request = page.next_request();
    page.send_with(Command::Labels { request, command }, buffers);
    request
}

/// Works until the question is answered; progress is no answer, and neither is what comes before a plan.
pub fn answered(page: &mut Page, wanted: u32, plan: bool) -> LabelAnswer {
    page.until("an answer", |event| match event {
        Event::Labels { answer: LabelAnswer::TableProgress { .. } | LabelAnswer::Tokenising { .. }, .. } => None,
        Event::Labels { answer: LabelAnswer::Examined { .. }, .. } if plan => None,
        Event::Labels { request, answer } if *request == wanted => Some(answer.clone()),
        Event::Fault { fault, .. } => panic!("{fault:?}"),
        _ => None,
    })
}

pub fn open(page: &mut Page, text: &str) -> LabelChoice {
    let files = vec![FileHead { name: "reviews.csv".to_owned(), encoding: None }];
    let request = ask(page, LabelCommand::OpenTable { files, options: TableOptions::default() }, vec![text.as_bytes().to_vec()]);
    let LabelAnswer::TableReady { reading, proposal } = answered(page, request, false) else { panic!() };
    assert_eq!((reading.form, reading.counts.kept), (TableForm::Delimited, text.lines().count() as u64 - 1));
    let columns = proposal.proposals[0].columns.clone();
    assert_eq!((columns.task, columns.text, columns.target), (TableTask::Classify, 0, Some(1)));
    LabelChoice { columns, merge_labels: false, split: SplitOptions { validation_share: 0.2, test_share: 0.2, ..SplitOptions::default() } }
}

/// A tiny model from noise: an epoch takes a fraction of a second.
pub fn config(choice: LabelChoice) -> LabelConfig {
    let Start::Scratch { size, .. } = tiny().start else { unreachable!() };
    let start = Start::Scratch { size: ModelSize { n_layer: 1, ..size }, tokenizer: TokenizerChoice::Bpe { vocab_size: 300 } };
    let pooling = TextPooling::Last;
    LabelConfig {
        start,
        epochs: 8,
        batch_size: 8,
        window: 32,
        pooling,
        learning_rate: 2e-2,
        dropout: 0.0,
        patience: 0,
        ..LabelConfig::new(choice)
    }
}

pub fn prepare(page: &mut Page, config: &LabelConfig) -> LabelPlan {
    let request = ask(page, LabelCommand::Prepare { config: config.clone() }, Vec::new());
    match answered(page, request, true) {
        LabelAnswer::Prepared { plan } => *plan,
        other => panic!("{other:?}"),
    }
}

pub fn epochs(page: &Page) -> Vec<EpochReport> {
    let report = |(event, _): &(Event, Vec<Vec<u8>>)| match event {
        Event::LabelRun { news: LabelNews::Epoch { report }, .. } => Some(report.clone()),
        _ => None,
    };
    page.events.iter().filter_map(report).collect()
}

/// The report with its buffers.
pub fn raw_report(page: &Page) -> (LabelReport, Vec<Vec<u8>>) {
    let found = page.events.iter().find_map(|(event, buffers)| match event {
        Event::LabelRun { news: LabelNews::Report { report, .. }, .. } => Some((report.open().unwrap(), buffers.clone())),
        _ => None,
    });
    found.expect("a report")
}

/// The report with its buffers as numbers.
pub fn report(page: &Page) -> (LabelReport, Vec<Vec<u32>>) {
    let numbers = |bytes: &Vec<u8>| bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
    let (report, buffers) = raw_report(page);
    (report, buffers.iter().map(numbers).collect())
}

pub fn of_classes(figures: &TaskFigures) -> &ClassFigures {
    if let TaskFigures::Classes(figures) = figures { figures } else { panic!("{figures:?}") }
}

pub fn run(page: &mut Page, id: u32) {
    page.send(Command::Start { run: id });
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    page.rest();
}

#[test]
fn a_table_is_opened_and_its_classes_are_learned() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    let request = ask(&mut page, LabelCommand::Examine { choice: choice.clone() }, Vec::new());
    let LabelAnswer::Examined { facts } = answered(&mut page, request, false) else { panic!() };
    assert_eq!((facts.classes.as_slice(), facts.class_counts.as_slice()), (["bad", "good"].map(str::to_owned).as_slice(), &[32, 32][..]));
    let split = &facts.split;
    assert_eq!(split.training + split.validation + split.test, 64);
    assert!(facts.blocking().is_none());

    let plan = prepare(&mut page, &config(choice));
    assert_eq!(u64::from(plan.steps_per_epoch), split.training.div_ceil(8));
    assert_eq!((plan.steps, plan.frozen_parameters, plan.cut_texts), (8 * plan.steps_per_epoch, 0, 0));
    assert!(plan.texts_per_second > 0.0 && plan.expected_seconds > 0.0 && plan.memory.weights == 4 * plan.parameters);

    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    let losses = page.losses();
    assert_eq!(losses.last().unwrap().0, plan.steps);
    assert!(losses.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let epochs = epochs(&page);
    assert_eq!(epochs.iter().map(|epoch| epoch.epoch).collect::<Vec<_>>(), (0..=8).collect::<Vec<_>>());
    assert!((epochs[0].training.loss - std::f64::consts::LN_2).abs() < 0.1, "an untrained head knows nothing: {:?}", epochs[0]);
    assert!(!epochs[0].best && epochs[1].best);
    assert_eq!(epochs[8].validation.as_ref().unwrap().rows, split.validation);

    let (report, buffers) = report(&page);
    assert_eq!((report.part, report.rows, report.epochs, report.stopped_early), (SplitPart::Test, split.test, 8, false));
    let figures = of_classes(&report.figures);
    assert!(figures.quality.accuracy.estimate > 0.9, "{}", figures.quality.text);
    assert!(figures.quality.text.contains("macro avg") && figures.quality.text.contains("precision"));
    assert_eq!(figures.quality.confusion.iter().flatten().sum::<u64>(), split.test);
    assert_eq!(figures.calibration.iter().map(|bin| bin.rows).sum::<u64>(), split.test);
    let kinds: Vec<BaselineKind> = report.baselines.iter().map(|baseline| baseline.kind).collect();
    assert_eq!(kinds, [BaselineKind::MajorityClass, BaselineKind::TfidfLogistic]);
    assert!(of_classes(&report.baselines[1].figures).quality.accuracy.estimate > 0.9, "single words decide");
    let beaten = report.baselines[0].model_minus_baseline.unwrap();
    assert!(beaten.low > 0.0, "{beaten:?}");

    // What the rows say is what the report says.
    assert_eq!(buffers.iter().map(Vec::len).collect::<Vec<_>>(), [report.rows as usize; 7]);
    let right = buffers[1].iter().zip(&buffers[2]).filter(|(is, said)| is == said).count();
    assert!((right as f64 / report.rows as f64 - figures.quality.accuracy.estimate).abs() < 1e-12);
    for (probability, loss) in buffers[3].iter().zip(&buffers[4]).map(|(p, l)| (f32::from_bits(*p), f32::from_bits(*l))) {
        assert!((0.5..=1.0).contains(&probability) && loss >= 0.0);
    }
    let request = ask(&mut page, LabelCommand::ReadRows { rows: buffers[0].clone() }, Vec::new());
    let LabelAnswer::Rows { rows } = answered(&mut page, request, false) else { panic!() };
    let rows = rows.open().unwrap();
    for (row, &label) in rows.iter().zip(&buffers[1]) {
        assert_eq!(row.label, figures.classes[label as usize]);
        assert!(row.text.starts_with("the ") && row.place.line > 1);
    }
}

/// The class of a prediction, and the probabilities.
pub fn class(prediction: &Option<TextPrediction>) -> Option<(usize, Vec<f32>)> {
    match prediction.as_ref().map(|prediction| prediction.answer.clone()) {
        Some(TextAnswer::Class { class, probabilities }) => Some((class as usize, probabilities)),
        None => None,
        other => panic!("{other:?}"),
    }
}

pub fn predict(page: &mut Page, texts: &[&str], labels: &[&str]) -> LabelAnswer {
    let strings = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<String>>();
    let request = ask(page, LabelCommand::Predict { texts: strings(texts), seconds: Vec::new(), labels: strings(labels) }, Vec::new());
    answered(page, request, false)
}

#[test]
fn typed_classes_are_learned_and_texts_are_told_apart() {
    let mut page = Page::open();
    let request = ask(&mut page, LabelCommand::TypeTable { classes: classes() }, Vec::new());
    let LabelAnswer::TableReady { reading, proposal } = answered(&mut page, request, false) else { panic!() };
    assert_eq!((reading.form, reading.counts.kept), (TableForm::Typed, 64));
    let choice = LabelChoice { columns: proposal.proposals[0].columns.clone(), merge_labels: false, split: SplitOptions::default() };
    prepare(&mut page, &config(choice));
    let LabelAnswer::Predicted { run: 0, step: 0, predictions, .. } = predict(&mut page, &["the day was fine"], &[]) else { panic!() };
    let (_, probabilities) = class(&predictions[0]).unwrap();
    assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);

    page.send(Command::Start { run: 3 });
    page.until_step(2);
    // During the run, between two steps.
    let LabelAnswer::Predicted { run: 3, step, .. } = predict(&mut page, &["the day was fine"], &[]) else { panic!() };
    assert!(step >= 2);
    page.until_finished();
    page.rest();

    let texts = ["the soup was sour", "the road was sweet", " ", "the song was dull"];
    let LabelAnswer::Predicted { predictions, classes, figures, findings, .. } =
        predict(&mut page, &texts, &["bad", "good", "good", "terrible"])
    else {
        panic!()
    };
    let said: Vec<Option<&str>> = predictions.iter().map(|text| class(text).map(|(class, _)| classes[class].as_str())).collect();
    assert_eq!(said, [Some("bad"), Some("good"), None, Some("bad")]);
    assert!(class(&predictions[0]).unwrap().1[0] > 0.6);
    assert_eq!(
        of_classes(&figures.unwrap().open().unwrap()).quality.accuracy.estimate,
        1.0,
        "over the two whose labels are known and whose texts are there"
    );
    assert_eq!(
        findings,
        [
            TableFinding::EmptyTexts { rows: 1, places: Vec::new() },
            TableFinding::UnknownLabels { rows: 1, labels: vec![("terrible".to_owned(), 1)] }
        ]
    );
    let long = "the day was fine and ".repeat(40);
    let LabelAnswer::Predicted { predictions, .. } = predict(&mut page, &[&long], &[]) else { panic!() };
    let long = predictions[0].as_ref().unwrap();
    assert!(long.tokens > 32 && long.windows > 1, "{long:?}");

    assert_eq!(page.fault_codes(), []);
    ask(&mut page, LabelCommand::Predict { texts: vec!["  ".to_owned()], seconds: Vec::new(), labels: Vec::new() }, Vec::new());
    assert_eq!(page.only_fault().code, FaultCode::EmptyPrompt);
}

#[test]
fn a_run_that_gets_no_better_ends_early_with_its_best_model() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    // So fast that it overshoots: the loss on unseen rows is best early and then rises.
    let config = LabelConfig { epochs: 40, patience: 2, metric: FigureName::Loss, learning_rate: 3e-2, ..config(choice) };
    prepare(&mut page, &config);
    run(&mut page, 1);
    let epochs = epochs(&page);
    let (report, _) = report(&page);
    assert!(report.stopped_early && report.epochs < 40, "{epochs:?}");
    let best = epochs.iter().rev().find(|epoch| epoch.best).unwrap();
    assert_eq!((report.best_epoch, report.epochs), (best.epoch, best.epoch + 2));
    let loss = |epoch: &EpochReport| epoch.validation.as_ref().unwrap().loss;
    assert!(epochs.iter().skip(1).all(|epoch| loss(epoch) >= loss(best)));

    // The model that is left is the best one: over the validation rows it has that epoch's accuracy, and more than rounding sets its loss apart
    // from the last epoch's.
    let texts: Vec<String> = sentences(GOOD).into_iter().chain(sentences(BAD)).collect();
    let labels: Vec<String> = (0..texts.len()).map(|at| if at < texts.len() / 2 { "good" } else { "bad" }.to_owned()).collect();
    let all = |page: &mut Page| {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        match predict(page, &texts, &labels) {
            LabelAnswer::Predicted { predictions, .. } => predictions,
            other => panic!("{other:?}"),
        }
    };
    let kept = all(&mut page);
    // The same run again, stopped by its number of epochs at the best one.
    let again = LabelConfig { epochs: 40, patience: 0, ..config.clone() };
    prepare(&mut page, &again);
    page.take();
    page.send(Command::Start { run: 2 });
    let last = best.epoch;
    page.until("the best epoch", |event| match event {
        Event::LabelRun { news: LabelNews::Epoch { report }, .. } if report.epoch == last => Some(()),
        _ => None,
    });
    assert_eq!(all(&mut page), kept);
}

#[test]
fn the_same_seed_gives_the_same_run_and_buttons_are_obeyed() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    let config = LabelConfig { epochs: 3, dropout: 0.1, baselines: false, ..config(choice) };
    prepare(&mut page, &config);
    run(&mut page, 1);
    let (once, figures) = (page.losses(), epochs(&page));
    assert!(report(&page).0.baselines.is_empty());
    page.take();
    // With pauses, single steps and repeated messages: the same numbers.
    for _ in 0..2 {
        page.send(Command::Start { run: 2 });
    }
    page.until_step(2);
    for _ in 0..2 {
        page.send(Command::Pause);
    }
    page.rest();
    let paused = page.losses().len();
    page.rest();
    assert_eq!(page.losses().len(), paused, "a paused run takes no steps");
    page.send(Command::Step);
    page.rest();
    assert_eq!(page.losses().len(), paused + 1);
    page.send(Command::Resume);
    assert_eq!(page.until_finished(), StopReason::AllSteps);
    page.rest();
    assert_eq!((page.losses(), epochs(&page)), (once, figures));

    page.take();
    page.send(Command::Start { run: 3 });
    page.until_step(4);
    page.send(Command::Stop);
    assert_eq!(page.until_finished(), StopReason::Stopped);
    page.rest();
    assert!(report(&page).0.rows > 0, "what was learned so far is measured");
    let steps = page.losses().len();
    page.send(Command::Resume);
    page.rest();
    assert_eq!(page.losses().len(), steps, "it has ended");
}
