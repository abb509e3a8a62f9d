//! The TF-IDF regressions beside scikit-learn's (baseline.py): features and coefficients on generated texts, predictions on real ones.

use crate::metrics_cases::Draw;
use crate::python;
use attune::baseline::{Analyzer, LogisticFit, LogisticModel, LogisticSetting, RidgeFit, RidgeSetting, SparseRow, Tfidf, TfidfBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Deserialize)]
struct Made {
    terms: Vec<String>,
    rows: Vec<Vec<f64>>,
    new: Vec<Vec<f64>>,
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
    probabilities: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Numbers {
    coefficients: Vec<f64>,
    intercept: f64,
    predicted: Vec<f64>,
}

#[derive(Deserialize)]
struct Predicted {
    texts: Vec<String>,
    labels: Vec<usize>,
    predicted: Vec<usize>,
    seconds: f64,
}

const WORDS: &[&str] =
    &["good", "Bad", "film", "a", "PLOT", "naïve", "x_1", "हिन्दी", "北京", "大学", "the", "don't", "e-mail", "42", "ΣΊΣΥΦΟΣ", "ﬁne", "👍🏽"];
const BLANKS: &[&str] = &[" ", " ", " ", ", ", "\n", "  ", "\t \t", ""];

struct Case {
    analyzer: Analyzer,
    classes: usize,
    c: f64,
    texts: Vec<String>,
    labels: Vec<usize>,
    new: Vec<String>,
}

fn case(seed: u64) -> Case {
    let mut draw = Draw::new(seed);
    let analyzer = if seed.is_multiple_of(3) { Analyzer::Characters { shortest: 1, longest: 2 } } else { Analyzer::Words };
    let classes = 2 + draw.below(4);
    let rows = classes + 2 + draw.below(30);
    let mut texts = draw.list(rows, |draw| draw.text(8, WORDS, BLANKS));
    texts.push("at least one word".to_owned());
    // Every class occurs: scikit-learn knows no others.
    let labels = (0..texts.len()).map(|row| if row < classes { row } else { draw.below(classes) }).collect();
    let new = draw.list(4, |draw| draw.text(8, WORDS, BLANKS));
    Case { analyzer, classes, c: [1.0, 0.1, 10.0][draw.below(3)], texts, labels, new }
}

fn fit(rows: &[SparseRow], labels: &[usize], classes: usize, features: usize, setting: LogisticSetting) -> (LogisticModel, usize) {
    let mut fit = LogisticFit::new(rows, labels, classes, features, setting).unwrap();
    while fit.step() {}
    let steps = fit.steps();
    (fit.into_model(), steps)
}

fn features(analyzer: Analyzer, texts: impl Iterator<Item = impl AsRef<str>>) -> (Tfidf, Vec<SparseRow>) {
    let mut builder = TfidfBuilder::new(analyzer);
    texts.for_each(|text| builder.add(text.as_ref()));
    builder.finish(usize::MAX).unwrap()
}

fn runs(analyzer: Analyzer) -> Value {
    match analyzer {
        Analyzer::Words => Value::Null,
        Analyzer::Characters { shortest, longest } => json!([shortest, longest]),
    }
}

fn ask(what: &str, name: &str, cases: &Value) -> Option<Value> {
    let file = python::folder(name).join("cases.json");
    std::fs::write(&file, cases.to_string()).unwrap();
    python::run(what, include_str!("baseline.py"), &[&file]).map(|answer| serde_json::from_str(&answer).unwrap())
}

fn same_row(what: &str, ours: &SparseRow, theirs: &[f64]) {
    let mut full = vec![0.0; theirs.len()];
    ours.iter().for_each(|(feature, value)| full[feature] = value);
    assert!(full.iter().zip(theirs).all(|(a, b)| (a - b).abs() < 1e-9), "{what}: {full:?}\n{theirs:?}");
}

#[test]
fn features_and_coefficients_equal_scikit_learns() {
    let cases: Vec<Case> = (1..=60).map(case).collect();
    let asked: Vec<Value> = cases
        .iter()
        .map(|case| json!({ "runs": runs(case.analyzer), "texts": case.texts, "labels": case.labels, "new": case.new, "c": case.c }))
        .collect();
    let Some(mut answer) = ask("the TF-IDF baseline against scikit-learn", "baseline", &json!({ "made": asked, "files": [] })) else {
        return;
    };
    let made: Vec<Made> = serde_json::from_value(answer["made"].take()).unwrap();
    assert_eq!(made.len(), cases.len());
    for (number, (case, theirs)) in cases.iter().zip(made).enumerate() {
        let (tfidf, rows) = features(case.analyzer, case.texts.iter());
        assert_eq!(tfidf.terms(), theirs.terms, "case {number}");
        rows.iter().zip(&theirs.rows).for_each(|(ours, theirs)| same_row(&format!("case {number}"), ours, theirs));
        let setting = LogisticSetting { c: case.c, tolerance: 1e-9, most_steps: 2_000 };
        let (model, _) = fit(&rows, &case.labels, case.classes, tfidf.features(), setting);
        // Two classes: scikit-learn keeps the second's weights only.
        for (index, (coefficients, intercept)) in theirs.coefficients.iter().zip(&theirs.intercepts).enumerate() {
            let class = if case.classes == 2 { 1 } else { index };
            assert!((model.intercept(class) - intercept).abs() < 1e-5, "case {number}: {} {intercept}", model.intercept(class));
            for (feature, theirs) in coefficients.iter().enumerate() {
                let ours = model.weight(feature, class);
                assert!((ours - theirs).abs() < 1e-5, "case {number}, class {class}, feature {feature}: {ours} {theirs}");
            }
        }
        for ((text, row), probabilities) in case.new.iter().zip(&theirs.new).zip(&theirs.probabilities) {
            let ours = tfidf.row(text);
            same_row(text, &ours, row);
            let found = model.probabilities(&ours);
            assert!(found.iter().zip(probabilities).all(|(a, b)| (a - b).abs() < 1e-5), "case {number}: {found:?} {probabilities:?}");
        }
    }
}

#[test]
fn numbers_equal_scikit_learns_ridge() {
    let cases: Vec<(Case, Vec<f64>)> = (101..=160)
        .map(|seed| {
            let (case, mut draw) = (case(seed), Draw::new(seed + 1_000));
            // Of any size, and now and then all alike.
            let unit = [1.0, 1e-3, 1e4][draw.below(3)];
            let spread = if seed.is_multiple_of(10) { 1 } else { 200 };
            let numbers = case.texts.iter().map(|_| unit * (draw.below(spread) as f64 - 50.0)).collect();
            (case, numbers)
        })
        .collect();
    let asked: Vec<Value> = cases
        .iter()
        .map(|(case, numbers)| json!({ "runs": runs(case.analyzer), "texts": case.texts, "numbers": numbers, "new": case.new }))
        .collect();
    let Some(mut answer) = ask("the ridge baseline against scikit-learn", "ridge", &json!({ "numbers": asked })) else { return };
    let answers: Vec<Numbers> = serde_json::from_value(answer["numbers"].take()).unwrap();
    assert_eq!(answers.len(), cases.len());
    for (number, ((case, numbers), theirs)) in cases.iter().zip(answers).enumerate() {
        let (tfidf, rows) = features(case.analyzer, case.texts.iter());
        let mut fit = RidgeFit::new(&rows, numbers, tfidf.features(), RidgeSetting::default()).unwrap();
        while fit.step() {}
        let model = fit.into_model();
        let near = |what: &str, ours: f64, theirs: f64| {
            assert!((ours - theirs).abs() <= 1e-6 * theirs.abs().max(1.0), "case {number}, {what}: {ours}, scikit-learn {theirs}");
        };
        near("intercept", model.intercept(), theirs.intercept);
        assert_eq!(theirs.coefficients.len(), tfidf.features());
        theirs.coefficients.iter().enumerate().for_each(|(feature, wanted)| near("weight", model.weight(feature), *wanted));
        case.new.iter().zip(&theirs.predicted).for_each(|(text, wanted)| near("prediction", model.predict(&tfidf.row(text)), *wanted));
    }
}

/// The folder of shared data, or `None` and a line on the terminal.
fn shared(what: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::var_os("ATTUNE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from).join("data");
    if data.is_dir() {
        return Some(data);
    }
    python::skipped(what, &format!("{} is not there; set ATTUNE_SHARED", data.display()));
    None
}

#[test]
fn predictions_on_real_texts_equal_scikit_learns() {
    let what = "the TF-IDF baseline on labelled sets";
    let Some(data) = shared(what) else { return };
    let sets = [
        ("cls_en_rt_polarity/train.csv", Analyzer::Words, 4_000),
        ("cls_en_stackoverflow_topics/train.csv", Analyzer::Words, 2_000),
        ("cls_zh_poets/train.csv", Analyzer::Characters { shortest: 1, longest: 2 }, 1_000),
    ];
    let asked: Vec<Value> =
        sets.iter().map(|(path, analyzer, most)| json!({ "path": data.join(path), "runs": runs(*analyzer), "most": most })).collect();
    let Some(mut answer) = ask(what, "baseline_files", &json!({ "made": [], "files": asked })) else { return };
    let answers: Vec<Predicted> = serde_json::from_value(answer["files"].take()).unwrap();
    for ((path, analyzer, _), theirs) in sets.into_iter().zip(answers) {
        assert_eq!(Analyzer::suiting(theirs.texts.iter().take(100).map(String::as_str)), analyzer, "{path}");
        let start = Instant::now();
        let (kept, learned): (Vec<usize>, Vec<usize>) = (0..theirs.texts.len()).partition(|row| row % 5 == 0);
        let (tfidf, rows) = features(analyzer, learned.iter().map(|&row| &theirs.texts[row]));
        let labels: Vec<usize> = learned.iter().map(|&row| theirs.labels[row]).collect();
        let classes = 1 + theirs.labels.iter().max().unwrap();
        let setting = LogisticSetting { tolerance: 1e-7, most_steps: 2_000, ..LogisticSetting::default() };
        let (model, steps) = fit(&rows, &labels, classes, tfidf.features(), setting);
        let predict = |model: &LogisticModel| kept.iter().map(|&row| model.predict(&tfidf.row(&theirs.texts[row]))).collect::<Vec<usize>>();
        let predicted = predict(&model);
        let seconds = start.elapsed().as_secs_f64();
        let right = predicted.iter().zip(&kept).filter(|(said, row)| **said == theirs.labels[**row]).count();
        assert_eq!(predicted, theirs.predicted, "{path}");
        // What the page uses, which stops earlier, says the same but for a row in a hundred.
        let (start, (quick, quick_steps)) = (Instant::now(), fit(&rows, &labels, classes, tfidf.features(), LogisticSetting::default()));
        let quick_seconds = start.elapsed().as_secs_f64();
        let other = predict(&quick).iter().zip(&predicted).filter(|(a, b)| a != b).count();
        assert!(other * 100 <= kept.len(), "{path}: {other} of {} differ", kept.len());
        let _ = writeln!(
            std::io::stderr(),
            "{path}: {} rows, {} terms, {classes} classes: accuracy {:.4}; {steps} steps in {seconds:.2} s (scikit-learn {:.2} s); \
             default: {quick_steps} steps, {quick_seconds:.2} s, {other} predictions differ",
            learned.len(),
            tfidf.features(),
            right as f64 / kept.len() as f64,
            theirs.seconds,
        );
    }
}
