//! How likely an answer is in changed texts. Only for answers that `Predict` gives without the probabilities of all others.

use super::super::Session;
use super::super::breath::Job;
use super::super::host::Host;
use super::predict::{Predicting, Question, Texts};
use crate::protocol::labels::{LabelAnswer, Weighed};
use crate::protocol::{Fault, FaultCode, NextAction};

async fn answer(question: Question, answer: Weighed) -> Result<LabelAnswer, Fault> {
    let Question { judge, run, step, texts } = question;
    let Some(tokens) = &judge.prepared.tokens else {
        let detail = "the probabilities of a whole text's classes come with its prediction";
        return Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, detail));
    };
    Ok(LabelAnswer::Weighed { run, step, probabilities: tokens.weigh(&judge, &texts, &answer).await? })
}

impl<H: Host> Session<H> {
    pub(super) async fn weigh(&mut self, request: u32, texts: Texts, weighed: Weighed) -> Result<(), Fault> {
        if self.is_asked(request) {
            return Ok(());
        }
        let question = self.question(texts).await?;
        self.labels.predicting.push_back(Predicting { request, job: Job::new(question.judge.breath.clone(), answer(question, weighed)) });
        Ok(())
    }
}
