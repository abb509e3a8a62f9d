//! Rows of a report as the page gets them: the layout that `protocol::labels` describes.

use super::classes::probability;
use crate::protocol::labels::TextAnswer;
use crate::train::{Classify, Score, Several, Target};

/// Whole numbers, little-endian.
pub fn words(values: impl Iterator<Item = u32>) -> Vec<u8> {
    values.flat_map(u32::to_le_bytes).collect()
}

/// Numbers, little-endian.
pub fn floats(values: impl Iterator<Item = f32>) -> Vec<u8> {
    values.flat_map(f32::to_le_bytes).collect()
}

fn flags(set: &[u32], classes: usize) -> impl Iterator<Item = u8> {
    (0..classes as u32).map(|class| u8::from(set.contains(&class)))
}

/// What the rows are.
pub fn truth(targets: &[Target], classes: usize) -> Vec<u8> {
    match targets.first() {
        Some(Target::Set(_)) => targets.iter().flat_map(|target| flags(Several::set(target), classes)).collect(),
        Some(Target::Number(_)) => floats(targets.iter().map(|target| Score::number(target) as f32)),
        Some(Target::Class(_)) => words(targets.iter().map(|target| Classify::class(target) as u32)),
        None => Vec::new(),
    }
}

/// What a model or a baseline says of them.
pub fn said(answers: &[TextAnswer], classes: usize) -> Vec<u8> {
    match answers.first() {
        Some(TextAnswer::Classes { .. }) => answers.iter().flat_map(|answer| flags(Several::classes_of(answer), classes)).collect(),
        Some(TextAnswer::Score { .. }) => floats(answers.iter().map(|answer| Score::value_of(answer) as f32)),
        Some(TextAnswer::Class { .. }) => words(answers.iter().map(|answer| Classify::class_of(answer) as u32)),
        _ => Vec::new(),
    }
}

/// How sure the model is of it.
pub fn probabilities(answers: &[TextAnswer]) -> Vec<u8> {
    floats(answers.iter().flat_map(|answer| match answer {
        TextAnswer::Classes { probabilities, .. } => probabilities.clone(),
        _ => probability(answer).into_iter().collect(),
    }))
}
