//! Tasks whose tokens have classes of their own: tags of words, and answers to prompts, where the class is the token that follows.
//!
//! In: the examples of a choice, a tokenizer. Out: token ids with their targets; figures of an epoch; the report; predictions. `tags` and `answers` have a
//! task each, from reading rows to judging them; `predict` and `weigh` answer questions about texts. What whole texts need instead stands beside this
//! folder; runs, buttons and plans are shared.

mod answers;
mod predict;
mod tags;
mod weigh;

pub use answers::AnswerWork;
pub use predict::Predicted;
pub use tags::TagWork;

use super::judge::{Judge, Judged, Sample};
use super::prepare::LabelPrepared;
use super::report::{Closing, Course};
use super::table::{Chosen, OpenTable};
use super::tokenising::Tokenising;
use crate::protocol::labels::{FigureName, LabelConfig, LabelPlan, Trained, default_template, read_template};
use crate::protocol::{Fault, FaultCode, NextAction, TableTask};
use crate::text::{PromptReader, Tokenizer};
use crate::train::{LabelPass, Shape, TokenExample, token_passes};

/// What such a task knows beside ids and targets.
pub enum Work {
    Tags(TagWork),
    Answers(AnswerWork),
}

/// The examples of such a task.
pub struct TokenRows {
    /// Per example, as many as it has ids: classes, −1 where none counts.
    targets: Vec<Vec<i32>>,
    pub work: Work,
}

/// Settles what such a task needs of its settings: the prompt, a figure that exists.
///
/// # Errors
/// `SettingsRefused` for a prompt that cannot be read, or where nothing would learn.
pub fn settle(config: &mut LabelConfig, chosen: &Chosen) -> Result<(), Fault> {
    let refused = |detail: String| Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, detail));
    match config.choice.columns.task {
        TableTask::TagTokens => {
            // Without spans there is no F1 of them, and no epoch would be the best.
            if config.metric == FigureName::SpanF1 && !crate::train::Tags::new(&chosen.examples.classes).marks_spans() {
                config.metric = FigureName::TagAccuracy;
            }
            Ok(())
        }
        TableTask::TextToText => {
            if config.trained == Trained::HeadOnly {
                return refused("a model that writes has no head of its own: let its topmost layers learn".to_owned());
            }
            let has_context = config.choice.columns.second.is_some();
            let prompt = config.prompt.get_or_insert_with(|| default_template(has_context).to_owned());
            match read_template(prompt, has_context) {
                Ok(_) => Ok(()),
                Err(error) => refused(error.to_string()),
            }
        }
        _ => Ok(()),
    }
}

/// Rows that are cut into tokens before a run can start: of written answers those that are learned from are looked at before, for their lengths.
pub fn rows_to_read(chosen: &Chosen) -> usize {
    let twice = if chosen.examples.columns.task == TableTask::TextToText { chosen.split.report.training as usize } else { 0 };
    chosen.examples.len() + twice
}

/// Reads the rows of such a task; `None` for tasks over whole texts. `config` is settled.
///
/// # Errors
/// Should the tokenizer fail, or have no token that ends an answer.
pub async fn read(
    progress: &Tokenising<'_>,
    open: &OpenTable,
    chosen: &Chosen,
    config: &LabelConfig,
    tokenizer: &Tokenizer,
) -> Result<Option<(Vec<Vec<u32>>, TokenRows)>, Fault> {
    Ok(match config.choice.columns.task {
        TableTask::TagTokens => Some(tags::read(progress, open, chosen, tokenizer).await?),
        TableTask::TextToText => {
            let has_context = config.choice.columns.second.is_some();
            let template = config.prompt.as_deref().unwrap_or_else(|| default_template(has_context));
            let parts = read_template(template, has_context)
                .map_err(|error| Fault::new(FaultCode::SettingsRefused, NextAction::None, error.to_string()))?;
            let reader = PromptReader::new(tokenizer, &parts)?;
            Some(answers::read(progress, open, chosen, tokenizer, reader, config.window as usize).await?)
        }
        _ => None,
    })
}

impl TokenRows {
    /// There is a head of its own.
    pub fn has_head(&self) -> bool {
        matches!(self.work, Work::Tags(_))
    }

    /// How often each class is to be told in some examples: tags of the words that count.
    pub fn counts(&self, numbers: impl Iterator<Item = usize>, classes: usize) -> Vec<u64> {
        class_counts(numbers.flat_map(|number| &self.targets[number]), classes)
    }

    /// Examples as passes.
    pub fn passes(&self, prepared: &LabelPrepared, numbers: &[usize], shape: Shape) -> Vec<LabelPass> {
        let example = |&number: &usize| TokenExample { number, ids: prepared.ids(number), targets: &self.targets[number] };
        let examples: Vec<TokenExample> = numbers.iter().map(example).collect();
        token_passes(&examples, prepared.plan.config.window as usize, shape).into_iter().map(LabelPass::Tokens).collect()
    }

    /// What the plan says otherwise than for whole texts.
    pub fn amend(&self, plan: &mut LabelPlan, vocabulary: usize) {
        match &self.work {
            Work::Tags(work) => {
                // Every window is read, whatever their number.
                plan.cut_texts = 0;
                plan.unread_words = work.unread();
            }
            Work::Answers(work) => {
                (plan.long_texts, plan.cut_texts) = (0, work.cut);
                plan.answer_tokens = work.room.usual() as u32;
                let tokens = u64::from(plan.config.batch_size) * u64::from(plan.config.window);
                // Logits and their gradients.
                plan.memory.activations += 2 * 4 * tokens * vocabulary as u64;
            }
        }
    }

    /// Judges an epoch.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn judge(&self, judge: &Judge) -> Result<Judged, Fault> {
        match &self.work {
            Work::Tags(work) => work.judge(judge).await,
            Work::Answers(work) => work.judge(judge).await,
        }
    }

    /// Measures the model on rows whose answers are known; `None` when there is none.
    ///
    /// # Errors
    /// A device that fails.
    pub async fn close(&self, judge: &Judge, sample: Sample, course: Course) -> Result<Option<Closing>, Fault> {
        match &self.work {
            Work::Tags(work) => work.close(judge, sample, course).await,
            Work::Answers(work) => work.close(judge, sample, course).await,
        }
    }
}

/// How often each class is there; −1 is none.
fn class_counts<'a>(targets: impl Iterator<Item = &'a i32>, classes: usize) -> Vec<u64> {
    let mut counts = vec![0; classes];
    for target in targets {
        if let Some(count) = usize::try_from(*target).ok().and_then(|class| counts.get_mut(class)) {
            *count += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_that_count_are_counted() {
        assert_eq!(class_counts([-1, 2, 0, -1, 2, 9].iter(), 3), [1, 0, 2]);
        assert_eq!(class_counts([].iter(), 2), [0, 0]);
    }
}
