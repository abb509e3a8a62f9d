//! Labelled texts: pairs, several classes a text, and numbers, each from its table to its report and predictions.

use super::labels::{answered, ask, config, epochs, of_classes, prepare, raw_report, report, run};
use super::page::Page;
use attune::metrics::{ClassificationReport, mean_absolute_error, pearson, spearman};
use attune::protocol::labels::{
    BaselineKind, ClassWeighting, FigureName, LabelAnswer, LabelChoice, LabelCommand, LabelConfig, LabelPlan, ModelPlace, PairReading,
    TaskFigures, TextAnswer, TextPooling, TextPrediction,
};
use attune::protocol::{FaultCode, FileHead, SplitOptions, TableFinding, TableOptions, TableTask};

const THINGS: [&str; 8] = ["day", "soup", "voice", "house", "song", "letter", "road", "cat"];

/// Opens a table and takes the proposal for `task`.
fn open(page: &mut Page, text: &str, task: TableTask) -> LabelChoice {
    let files = vec![FileHead { name: "table.csv".to_owned(), encoding: None }];
    let request = ask(page, LabelCommand::OpenTable { files, options: TableOptions::default() }, vec![text.as_bytes().to_vec()]);
    let LabelAnswer::TableReady { proposal, .. } = answered(page, request, false) else { panic!() };
    let found = proposal.proposals.iter().find(|proposal| proposal.columns.task == task);
    let columns = found.unwrap_or_else(|| panic!("{:?}", proposal.proposals)).columns.clone();
    LabelChoice { columns, merge_labels: false, split: SplitOptions { validation_share: 0.2, test_share: 0.2, ..SplitOptions::default() } }
}

const EPOCHS: usize = 40;

/// From the table to the end of a run.
fn learn(page: &mut Page, text: &str, task: TableTask, pooling: TextPooling) -> LabelPlan {
    learn_reading(page, text, task, pooling, PairReading::Together)
}

/// The same, with pairs read so.
fn learn_reading(page: &mut Page, text: &str, task: TableTask, pooling: TextPooling, pairs: PairReading) -> LabelPlan {
    let choice = open(page, text, task);
    assert_eq!(LabelConfig::new(choice.clone()).metric, FigureName::of(task)[0]);
    // So few rows say little by their F1: the loss decides which epoch is the best.
    let easy = LabelConfig { pooling, pairs, metric: FigureName::Loss, learning_rate: 1e-2, ..config(choice) };
    let config = LabelConfig { epochs: EPOCHS as u32, ..easy };
    let plan = prepare(page, &config);
    run(page, 1);
    assert_eq!(page.fault_codes(), []);
    plan
}

fn predict(page: &mut Page, texts: &[&str], seconds: &[&str], labels: &[&str]) -> LabelAnswer {
    let strings = |list: &[&str]| list.iter().map(|&item| item.to_owned()).collect::<Vec<String>>();
    let command = LabelCommand::Predict { texts: strings(texts), seconds: strings(seconds), labels: strings(labels) };
    let request = ask(page, command, Vec::new());
    answered(page, request, false)
}

fn answer(prediction: &Option<TextPrediction>) -> TextAnswer {
    prediction.as_ref().unwrap().answer.clone()
}

/// What every epoch says has the figures of the task, in their order, as far as they have a value.
fn figures_are_those_of(page: &Page, task: TableTask) {
    let epochs = epochs(page);
    assert_eq!(epochs.len(), EPOCHS + 1);
    for epoch in epochs {
        let names: Vec<FigureName> = epoch.validation.unwrap().figures.iter().map(|figure| figure.name).collect();
        let wanted: Vec<FigureName> = FigureName::of(task).iter().copied().filter(|name| names.contains(name)).collect();
        assert!(names == wanted && names.contains(&wanted[0]) && names.len() + 3 > FigureName::of(task).len(), "{names:?}");
    }
}

fn floats(words: &[u32]) -> Vec<f64> {
    words.iter().map(|&word| f64::from(f32::from_bits(word))).collect()
}

#[test]
fn pairs_are_told_apart() {
    let words = ["fine", "cold"];
    let mut rows = String::from("sentence1,sentence2,label\n");
    for (number, thing) in THINGS.iter().enumerate() {
        for (first, second) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            // Whether it is about fine things can be told from the second text alone: so it must be read.
            let label = if second == 0 { "yes" } else { "no" };
            let other = THINGS[(number + 3) % THINGS.len()];
            rows += &format!("the {thing} was {},this {other} is {},{label}\n", words[first], words[second]);
        }
    }
    told_apart(&rows, PairReading::Together, 1);
    told_apart(&rows, PairReading::Apart, 4);
}

/// `vectors`: of a pair, that the head reads.
fn told_apart(rows: &str, pairs: PairReading, vectors: u64) {
    let mut page = Page::open();
    let plan = learn_reading(&mut page, rows, TableTask::ClassifyPair, TextPooling::Last, pairs);
    assert_eq!(plan.classes, ["no", "yes"]);
    let head = plan.parts.iter().find(|part| part.place == ModelPlace::Head).unwrap();
    assert_eq!(head.parameters, vectors * 2 * u64::from(plan.n_embd));
    figures_are_those_of(&page, TableTask::ClassifyPair);
    let (report, buffers) = report(&page);
    let figures = of_classes(&report.figures);
    assert!(figures.quality.accuracy.estimate > 0.9, "{}", figures.quality.text);
    let kinds: Vec<BaselineKind> = report.baselines.iter().map(|baseline| baseline.kind).collect();
    assert_eq!(kinds, [BaselineKind::MajorityClass, BaselineKind::TfidfLogistic]);

    let request = ask(&mut page, LabelCommand::ReadRows { rows: buffers[0].clone() }, Vec::new());
    let LabelAnswer::Rows { rows } = answered(&mut page, request, false) else { panic!() };
    let rows = rows.open().unwrap();
    for (row, &label) in rows.iter().zip(&buffers[1]) {
        assert!(row.text.starts_with("the ") && row.second.starts_with("this "), "{row:?}");
        assert_eq!(row.label, figures.classes[label as usize]);
    }

    let (texts, seconds) = (["the soup was fine", "the soup was fine", "the road was cold"], ["this cat is cold", "this cat is fine", " "]);
    let LabelAnswer::Predicted { predictions, figures, findings, .. } = predict(&mut page, &texts, &seconds, &["no", "yes", "yes"]) else {
        panic!()
    };
    let TextAnswer::Class { class: 0, probabilities } = answer(&predictions[0]) else { panic!("{predictions:?}") };
    assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    assert!(matches!(answer(&predictions[1]), TextAnswer::Class { class: 1, .. }));
    assert!(predictions[2].is_none());
    assert_eq!(findings, [TableFinding::EmptyTexts { rows: 1, places: Vec::new() }]);
    assert_eq!(of_classes(&figures.unwrap().open().unwrap()).quality.accuracy.estimate, 1.0);
    // A pair has two texts.
    let one = LabelCommand::Predict { texts: vec!["alone".to_owned()], seconds: Vec::new(), labels: Vec::new() };
    ask(&mut page, one, Vec::new());
    assert_eq!(page.only_fault().code, FaultCode::SettingsRefused);
}

/// Weather of each thing: every combination of three words, none too.
fn weather() -> String {
    let words = ["sunny", "rainy", "windy"];
    let mut rows = String::from("text,labels\n");
    for thing in THINGS {
        for set in 0..8 {
            let has = |place: usize| set >> place & 1 == 1;
            let said: Vec<&str> = (0..3).map(|place| if has(place) { words[place] } else { "dull" }).collect();
            let labels: Vec<&str> =
                ["sun", "rain", "wind"].into_iter().enumerate().filter(|(place, _)| has(*place)).map(|(_, label)| label).collect();
            rows += &format!("the {thing} was {} {} {},{}\n", said[0], said[1], said[2], labels.join(";"));
        }
    }
    rows
}

#[test]
fn several_classes_are_learned_each_for_itself() {
    let mut page = Page::open();
    let plan = learn(&mut page, &weather(), TableTask::ClassifySeveral, TextPooling::Mean);
    assert_eq!(plan.classes, ["rain", "sun", "wind"]);
    figures_are_those_of(&page, TableTask::ClassifySeveral);
    let losses: Vec<f64> = epochs(&page).iter().map(|epoch| epoch.training.loss).collect();
    assert!((losses[0] - std::f64::consts::LN_2).abs() < 0.1 && losses[EPOCHS] < 0.2, "{losses:?}");

    let (report, buffers) = raw_report(&page);
    let TaskFigures::Several(figures) = &report.figures else { panic!() };
    assert!(figures.micro_f1.estimate > 0.8 && figures.hamming_loss.estimate < 0.2, "{}", figures.text);
    assert!(figures.micro_f1.low <= figures.micro_f1.estimate && figures.micro_f1.estimate <= figures.micro_f1.high);
    assert!(figures.text.contains("samples avg"));
    // What the rows say is what the report says.
    let rows = report.rows as usize;
    let sets = |flags: &[u8]| -> Vec<Vec<usize>> {
        assert_eq!(flags.len(), rows * 3);
        flags.chunks(3).map(|flags| (0..3).filter(|&class| flags[class] == 1).collect()).collect()
    };
    let (truth, said) = (sets(&buffers[1]), sets(&buffers[2]));
    let again = ClassificationReport::multi_label(&truth, &said, &figures.classes).unwrap();
    assert_eq!((again.text(2), again.accuracy), (figures.text.clone(), figures.subset_accuracy.estimate));
    assert_eq!((buffers[3].len(), buffers[5].len()), (4 * 3 * rows, 3 * rows));
    assert_eq!(figures.calibration.iter().map(|bin| bin.rows).sum::<u64>(), 3 * report.rows, "every label of every row");
    assert!(figures.expected_calibration_error.is_some());
    for (class, matrix) in figures.confusion.iter().enumerate() {
        let both = truth.iter().zip(&said).filter(|(truth, said)| truth.contains(&class) && said.contains(&class)).count();
        assert_eq!((matrix[1][1], matrix.iter().flatten().sum::<u64>()), (both as u64, report.rows));
    }
    let kinds: Vec<BaselineKind> = report.baselines.iter().map(|baseline| baseline.kind).collect();
    assert_eq!(kinds, [BaselineKind::FrequentLabels, BaselineKind::TfidfLogistic]);
    let TaskFigures::Several(tfidf) = &report.baselines[1].figures else { panic!() };
    assert!(tfidf.micro_f1.estimate > 0.9, "single words decide: {}", tfidf.text);
    assert!(report.baselines[0].model_minus_baseline.is_some());

    let texts = ["the cat was sunny dull windy", "the road was dull dull dull", "the day was dull rainy dull"];
    let LabelAnswer::Predicted { predictions, figures, findings, .. } = predict(&mut page, &texts, &[], &["wind; sun", "", "snow;rain"])
    else {
        panic!()
    };
    let classes = |at: usize| match answer(&predictions[at]) {
        TextAnswer::Classes { classes, probabilities } => (classes, probabilities.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!([classes(0), classes(1), classes(2)], [(vec![1, 2], 3), (Vec::new(), 3), (vec![0], 3)]);
    let right: Vec<Option<bool>> = predictions.iter().flatten().map(|said| said.right).collect();
    assert_eq!(right, [Some(true), Some(true), None]);
    let TaskFigures::Several(figures) = figures.unwrap().open().unwrap() else { panic!() };
    assert_eq!(figures.subset_accuracy.estimate, 1.0, "over the two whose labels are known");
    assert_eq!(findings, [TableFinding::UnknownLabels { rows: 1, labels: vec![("snow".to_owned(), 1)] }]);
}

#[test]
fn numbers_are_learned_in_their_own_unit() {
    // Around 1,000: not to be had without standardising.
    let words = [("poor", 940.0), ("fair", 980.0), ("good", 1020.0), ("great", 1060.0)];
    let mut rows = String::from("text,score\n");
    for (place, thing) in THINGS.iter().enumerate() {
        for (word, value) in words {
            rows += &format!("the {thing} was {word},{}\nthat {thing} is {word},{}\n", value + place as f64 * 0.5, value - 0.5);
        }
    }
    let mut page = Page::open();
    let plan = learn(&mut page, &rows, TableTask::Score, TextPooling::Mean);
    assert!(plan.classes.is_empty() && plan.config.metric == FigureName::Loss);
    figures_are_those_of(&page, TableTask::Score);
    let first = &epochs(&page)[0].training;
    assert!((first.loss - 1.0).abs() < 0.5, "an untrained head says about the mean: {first:?}");
    assert!((first.figure(FigureName::MeanSquaredError).unwrap() / first.loss / 44.7f64.powi(2) - 1.0).abs() < 0.15);

    let (report, buffers) = report(&page);
    let TaskFigures::Score(figures) = &report.figures else { panic!() };
    assert!((figures.mean - 1000.0).abs() < 15.0 && (figures.deviation - 44.7).abs() < 5.0, "{figures:?}");
    assert!(figures.r_squared.unwrap().estimate > 0.8 && figures.mean_absolute_error.estimate < 20.0, "{figures:?}");
    let (truth, said) = (floats(&buffers[1]), floats(&buffers[2]));
    assert!((pearson(&truth, &said).unwrap() - figures.pearson.unwrap().estimate).abs() < 1e-6);
    assert!((spearman(&truth, &said).unwrap() - figures.spearman.unwrap().estimate).abs() < 1e-6);
    assert!((mean_absolute_error(&truth, &said).unwrap() - figures.mean_absolute_error.estimate).abs() < 1e-3);
    assert!(buffers[3].is_empty() && buffers[4].len() == truth.len());
    let kinds: Vec<BaselineKind> = report.baselines.iter().map(|baseline| baseline.kind).collect();
    assert_eq!(kinds, [BaselineKind::Mean, BaselineKind::TfidfRidge]);
    let TaskFigures::Score(ridge) = &report.baselines[1].figures else { panic!() };
    assert!(ridge.pearson.unwrap().estimate > 0.8, "single words decide: {ridge:?}");
    let better = report.baselines[0].model_minus_baseline.unwrap();
    assert!(better.high < 0.0, "the smaller the better: {better:?}");
    let TaskFigures::Score(mean) = &report.baselines[0].figures else { panic!() };
    assert!(mean.pearson.is_none() && mean.r_squared.unwrap().estimate <= 0.0);

    let texts = ["the song was great", "the song was poor", "the song was fair"];
    let LabelAnswer::Predicted { predictions, figures, findings, .. } = predict(&mut page, &texts, &[], &["1060", "940", "little"]) else {
        panic!()
    };
    let value = |at: usize| match answer(&predictions[at]) {
        TextAnswer::Score { value } => value,
        other => panic!("{other:?}"),
    };
    assert!((value(0) - 1060.0).abs() < 20.0 && (value(1) - 940.0).abs() < 20.0, "{} {}", value(0), value(1));
    assert!(matches!(&findings[..], [TableFinding::NotNumbers { rows: 1, examples, .. }] if examples == &["little"]), "{findings:?}");
    let TaskFigures::Score(figures) = figures.unwrap().open().unwrap() else { panic!() };
    assert!(figures.mean_absolute_error.estimate < 20.0);
}

#[test]
fn numbers_of_pairs_are_learned() {
    let mut rows = String::from("sentence1,sentence2,score\n");
    for (place, thing) in THINGS.iter().enumerate() {
        for (word, value) in [("like", 5.0), ("near", 3.0), ("far", 1.0)] {
            rows += &format!("the {thing} was seen,it is {word} the {},{value}\n", THINGS[(place + 1) % 8]);
            rows += &format!("a {thing} was heard,it is {word} a {},{value}\n", THINGS[(place + 2) % 8]);
        }
    }
    let mut page = Page::open();
    learn(&mut page, &rows, TableTask::ScorePair, TextPooling::Mean);
    let (report, _) = report(&page);
    let TaskFigures::Score(figures) = &report.figures else { panic!() };
    assert!(figures.pearson.unwrap().estimate > 0.9, "{figures:?}");
    let kinds: Vec<BaselineKind> = report.baselines.iter().map(|baseline| baseline.kind).collect();
    assert_eq!(kinds, [BaselineKind::Mean, BaselineKind::TfidfRidge]);
    let LabelAnswer::Predicted { predictions, .. } = predict(&mut page, &["the cat was seen"], &["it is like the day"], &[]) else {
        panic!()
    };
    let TextAnswer::Score { value } = answer(&predictions[0]) else { panic!() };
    assert!((value - 5.0).abs() < 1.0, "{value}");
}

#[test]
fn rare_classes_count_more_on_request() {
    // One row in eight has the class "wind".
    let mut rows = String::from("text,labels\n");
    for thing in THINGS {
        for number in 0..8 {
            let (said, label) = if number == 0 { ("windy", "wind") } else { ("sunny", "sun") };
            rows += &format!("the {thing} was {said} at {number},{label};day\n");
        }
    }
    let mut page = Page::open();
    let choice = open(&mut page, &rows, TableTask::ClassifySeveral);
    let config = LabelConfig { epochs: 1, weighting: ClassWeighting::Balanced, metric: FigureName::Loss, ..config(choice) };
    let plan = prepare(&mut page, &config);
    assert_eq!(
        (plan.config.weighting, plan.classes.as_slice()),
        (ClassWeighting::Balanced, &["day", "sun", "wind"].map(str::to_owned)[..])
    );
    run(&mut page, 1);
    assert_eq!(page.fault_codes(), []);
    // Before the first step every class has about one half. Of the training part (about seven in eight have "sun", one in eight "wind", all "day"): rows
    // with "wind" count about seven times, those with "sun" a seventh, "day" a hundredth. The mean of the losses is then far from ln 2.
    let first = epochs(&page)[0].training.loss;
    let share = |with: f64, weight: f64| (with * weight + 1.0 - with) * std::f64::consts::LN_2;
    let wanted = (share(0.125, 7.0) + share(0.875, 1.0 / 7.0) + share(1.0, 0.01)) / 3.0;
    assert!((first - wanted).abs() < 0.1, "{first} {wanted}");
    // The report's loss is that of the rows as they are.
    assert!((raw_report(&page).0.loss - first).abs() > 1e-3);
}
