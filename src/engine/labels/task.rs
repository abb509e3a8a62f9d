//! From a choice of columns to the trainer's task, and from labels to its targets. A task that can be trained has its name here.

use std::rc::Rc;

use super::table::Chosen;
use super::tokens::TokenRows;
use crate::protocol::labels::{ClassWeighting, LabelConfig};
use crate::protocol::{Fault, FaultCode, NextAction, SplitPart, TableTask};
use crate::text::table::{Targets, WrittenLabel};
use crate::text::{TextError, Tokenizer};
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

/// Tokens of an example: of its text, or of both texts of a pair; and of a second text that is read apart.
///
/// # Errors
/// Should the tokenizer fail.
pub fn tokens_of(
    task: &dyn Task,
    tokenizer: &Tokenizer,
    [text, second]: [&str; 2],
    apart: bool,
) -> Result<(Vec<u32>, Option<Vec<u32>>), TextError> {
    if apart {
        return Ok((task.template(tokenizer, text, "")?, Some(task.template(tokenizer, second, "")?)));
    }
    Ok((task.template(tokenizer, text, second)?, None))
}

/// The task by its name. Where every token has a class, the task is to tell that: of tags, or of the token that follows among `vocabulary`. `tokens`: those
/// rows, which say how often each tag is there.
///
/// # Errors
/// A task that cannot be trained.
pub fn task(
    chosen: &Chosen,
    config: &LabelConfig,
    scale: Score,
    vocabulary: usize,
    tokens: Option<&TokenRows>,
) -> Result<Rc<dyn Task>, Fault> {
    let classes = chosen.examples.classes.len();
    let balanced = config.weighting == ClassWeighting::Balanced;
    let split = &chosen.split;
    let counts: Vec<u64> = split.report.classes.iter().map(|parts| parts[0]).collect();
    let weighted = |counts: &[u64]| if balanced { Classify::new(classes).balanced(counts) } else { Classify::new(classes) };
    let classify = || weighted(&counts);
    let several = || if balanced { Several::new(classes).balanced(&counts, split.report.training) } else { Several::new(classes) };
    let tags = || weighted(&tokens.map(|tokens| tokens.counts(split.examples(SplitPart::Training), classes)).unwrap_or_default());
    Ok(match config.choice.columns.task {
        TableTask::Classify => Rc::new(classify()),
        TableTask::ClassifyPair => Rc::new(Pair(classify())),
        TableTask::ClassifySeveral => Rc::new(several()),
        TableTask::Score => Rc::new(scale),
        TableTask::ScorePair => Rc::new(Pair(scale)),
        TableTask::TagTokens => Rc::new(tags()),
        TableTask::TextToText => Rc::new(Classify::new(vocabulary)),
        task @ TableTask::Write => return Err(untrainable(task)),
    })
}
