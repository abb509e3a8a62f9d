//! How likely an answer is in changed texts. Only for answers that `Predict` gives without the probabilities of all others.

use super::super::Session;
use super::super::breath::{Breath, Job};
use super::super::host::Host;
use super::judge::Judge;
use super::predict::{Predicting, Texts};
use crate::protocol::labels::{LabelAnswer, Weighed};
use crate::protocol::{Fault, FaultCode, NextAction};

impl<H: Host> Session<H> {
    pub(super) async fn weigh(&mut self, request: u32, texts: Texts, answer: Weighed) -> Result<(), Fault> {
        if self.labels.predicting.iter().any(|known| known.request == request) {
            return Ok(());
        }
        let kind = self.open_device().await?.info.kind;
        let (model, prepared, run, step) = self.label_model().await?;
        texts.check(&prepared.plan.config.choice.columns)?;
        let breath = Breath::default();
        let judge = Judge { model, prepared: prepared.clone(), kind, breath: breath.clone() };
        let weighed = async move {
            let Some(tokens) = &prepared.tokens else {
                let detail = "the probabilities of a whole text's classes come with its prediction";
                return Err(Fault::new(FaultCode::SettingsRefused, NextAction::None, detail));
            };
            Ok(LabelAnswer::Weighed { run, step, probabilities: tokens.weigh(&judge, &texts, &answer).await? })
        };
        self.labels.predicting.push_back(Predicting { request, job: Job::new(breath, weighed) });
        Ok(())
    }
}
