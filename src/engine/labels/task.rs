//! From a choice of columns to the trainer's task, and from labels to its targets. A task that can be trained has its name here.

use std::rc::Rc;

use super::table::Chosen;
use crate::protocol::labels::{ClassWeighting, LabelConfig};
use crate::protocol::{Fault, FaultCode, NextAction, SplitPart, TableTask};
use crate::text::table::{Targets, WrittenLabel};
use crate::train::{Classify, Pair, Score, Several, Target, Task};

/// There is a trainer for it.
pub fn is_trainable(task: TableTask) -> bool {
    task != TableTask::Write
}

/// A task that this build has no trainer for.
pub fn untrainable(task: TableTask) -> Fault {
    Fault::new(FaultCode::SettingsRefused, NextAction::ChooseText, format!("{task:?} cannot be trained from a table yet"))
}

/// A label that was understood, as the trainer reads it.
pub fn target(label: WrittenLabel) -> Target {
    match label {
        WrittenLabel::Class(class) => Target::Class(class),
        WrittenLabel::Set(classes) => Target::Set(classes),
        WrittenLabel::Number(number) => Target::Number(number),
    }
}

/// What each example should give, and how the numbers of the training part are standardised.
pub fn targets(chosen: &Chosen) -> (Vec<Target>, Score) {
    let examples = &chosen.examples;
    let numbers = if let Targets::Numbers(numbers) = &examples.targets { numbers.as_slice() } else { &[] };
    let training: Vec<f64> = chosen.split.examples(SplitPart::Training).filter_map(|number| numbers.get(number).copied()).collect();
    let target = |number: usize| match &examples.targets {
        Targets::Numbers(numbers) => Target::Number(numbers[number]),
        Targets::Lists { .. } => Target::Set(examples.classes_of(number).to_vec()),
        Targets::Classes(_) | Targets::Texts => Target::Class(examples.classes_of(number).first().copied().unwrap_or(0)),
    };
    ((0..examples.len()).map(target).collect(), Score::standardised_by(&training))
}

/// The task by its name. Where every token has a class, the task is to tell that: of tags, or of the token that follows among `vocabulary`.
///
/// # Errors
/// A task that cannot be trained.
pub fn task(chosen: &Chosen, config: &LabelConfig, scale: Score, vocabulary: usize) -> Result<Rc<dyn Task>, Fault> {
    let classes = chosen.examples.classes.len();
    let classify = || match config.weighting {
        ClassWeighting::Equal => Classify::new(classes),
        ClassWeighting::Balanced => {
            let counts: Vec<u64> = chosen.split.report.classes.iter().map(|parts| parts[0]).collect();
            Classify::new(classes).balanced(&counts)
        }
    };
    Ok(match config.choice.columns.task {
        TableTask::Classify => Rc::new(classify()),
        TableTask::ClassifyPair => Rc::new(Pair(classify())),
        TableTask::ClassifySeveral => Rc::new(Several::new(classes)),
        TableTask::Score => Rc::new(scale),
        TableTask::ScorePair => Rc::new(Pair(scale)),
        TableTask::TagTokens => Rc::new(Classify::new(classes)),
        TableTask::TextToText => Rc::new(Classify::new(vocabulary)),
        task @ TableTask::Write => return Err(untrainable(task)),
    })
}
