//! Figures beside those of scikit-learn, scipy, seqeval, sacrebleu, rouge-score and the rules of SQuAD and CMRC, on random and on degenerate
//! cases (metrics.py). One Python answers all of them.

use crate::metrics_cases::{self as cases, Kind};
use crate::python;
use serde_json::{Map, Value};

/// Largest difference between two numbers; of numbers beyond 1, relative to them.
const TOLERANCE: f64 = 1e-9;

#[test]
fn every_figure_equals_the_reference() {
    let what = "metrics against scikit-learn, scipy, seqeval, sacrebleu and rouge-score";
    let kinds = cases::all();
    let asked: Map<String, Value> = kinds.iter().map(|Kind { name, cases, .. }| ((*name).to_owned(), Value::from(cases.clone()))).collect();
    let file = python::folder("metrics").join("cases.json");
    std::fs::write(&file, Value::from(asked).to_string()).unwrap();
    let Some(answer) = python::run(what, include_str!("metrics.py"), &[&file]) else { return };
    let theirs: Value = serde_json::from_str(&answer).unwrap();
    for Kind { name, cases, ours } in kinds {
        assert!(cases.len() >= 100, "{name}: {} cases", cases.len());
        assert_eq!(theirs[name].as_array().unwrap().len(), cases.len(), "{name}");
        for (index, (case, ours)) in cases.iter().zip(&ours).enumerate() {
            if let Err(difference) = agree(ours, &theirs[name][index]) {
                panic!("{name}, case {index}: {difference}\ncase: {case}\nours: {ours}\ntheirs: {}", theirs[name][index]);
            }
        }
    }
}

/// The same shape, the same texts, and numbers within the tolerance.
fn agree(ours: &Value, theirs: &Value) -> Result<(), String> {
    match (ours, theirs) {
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => ours
            .iter()
            .zip(theirs)
            .enumerate()
            .try_for_each(|(place, (a, b))| agree(a, b).map_err(|difference| format!("[{place}] {difference}"))),
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() <= TOLERANCE * a.abs().max(1.0) { Ok(()) } else { Err(format!("{a} is not {b}")) }
        }
        _ if ours == theirs => Ok(()),
        _ => Err(format!("ours is {ours}, theirs {theirs}")),
    }
}

#[test]
fn differences_are_found() {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert!(agree(&json("[1, [0.5, null], \"a\"]"), &json("[1.0, [0.50000000001, null], \"a\"]")).is_ok());
    for other in ["[1, [0.51, null], \"a\"]", "[1, [0.5, 0], \"a\"]", "[1, [0.5, null], \"b\"]", "[1, [0.5, null]]"] {
        assert!(agree(&json("[1, [0.5, null], \"a\"]"), &json(other)).is_err(), "{other}");
    }
}
