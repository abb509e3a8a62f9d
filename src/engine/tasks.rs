//! Long work that ends before the next piece of anything else: making a plan, reading a saved run. One at a time; a newer one takes the place of
//! an older.

use std::future::Future;

use super::Session;
use super::breath::{Breath, Job, Progress};
use super::faults::out_of_turn;
use super::host::Host;
use super::labels::LabelTask;
use super::plan::{Prepared, Workshop, prepare};
use super::resume::{Restored, restore};
use crate::protocol::{Event, Fault, FaultCode, NextAction, RunConfig};

/// What is under way.
pub enum Task {
    Prepare {
        request: u32,
        job: Job<Result<Prepared, Fault>>,
    },
    /// `rate`: the learning rate that the visitor has set meanwhile; `rests`: Pause was pressed.
    Resume {
        run: u32,
        job: Job<Result<Restored, Fault>>,
        rate: Option<f64>,
        rests: bool,
    },
    Labels(LabelTask),
}

impl<H: Host> Session<H> {
    /// One piece of it; when it is done, what follows from it.
    pub(super) async fn advance_task(&mut self, interrupt: impl Future<Output = ()>) {
        let (request, run, outcome) = match &mut self.task {
            None => return,
            Some(Task::Prepare { request, job }) => {
                let request = *request;
                let Progress::Done(result) = job.advance(interrupt).await else { return };
                self.task = None;
                match result {
                    Ok(prepared) => (Some(request), None, self.take_prepared(request, prepared).await),
                    Err(fault) => (Some(request), self.start_when_ready.take(), Err(fault)),
                }
            }
            Some(Task::Labels(task)) => {
                let request = task.request();
                let Progress::Done(result) = task.job().advance(interrupt).await else { return };
                self.task = None;
                match result {
                    Ok(done) => (Some(request), None, self.take_labels(request, done).await),
                    Err(fault) => (Some(request), self.labels.drop_start(), Err(fault)),
                }
            }
            Some(Task::Resume { run, job, .. }) => {
                let run = *run;
                let Progress::Done(result) = job.advance(interrupt).await else { return };
                let Some(Task::Resume { rate, rests, .. }) = self.task.take() else { return };
                let mut taken_up = match result {
                    Ok(Restored::Text(restored)) => (None, Some(run), self.go_on(run, *restored).await),
                    Ok(Restored::Labels(restored)) => (None, Some(run), self.go_on_with_labels(run, *restored).await),
                    Err(fault) => (None, Some(run), Err(fault)),
                };
                if let Some(rate) = rate {
                    self.set_learning_rate(rate);
                    self.set_label_rate(rate);
                }
                if rests && taken_up.2.is_ok() {
                    taken_up.2 = if self.labels.is_chosen() { self.pause_labels().await } else { self.pause().await };
                }
                taken_up
            }
        };
        let Err(fault) = outcome else { return };
        match self.trouble() {
            Some(trouble) => self.lose_gpu(trouble).await,
            None => self.say_fault(request, run, fault),
        }
    }

    /// Answers `Prepare`, when the plan is made.
    pub(super) async fn begin_to_prepare(&mut self, request: u32, config: RunConfig) -> Result<(), Fault> {
        if matches!(&self.task, Some(Task::Prepare { request: under_way, .. }) if *under_way == request) {
            return Ok(());
        }
        if self.answered_plan == request && request != 0 {
            if let Some(prepared) = &self.prepared {
                self.tell(&Event::Prepared { request, plan: prepared.plan.clone() });
            }
            return Ok(());
        }
        if self.text.is_none() {
            return Err(Fault::new(FaultCode::EmptyText, NextAction::ChooseText, "no text is open"));
        }
        self.put_away().await?;
        self.leave_labels().await;
        self.prepare_again(request, config).await
    }

    async fn prepare_again(&mut self, request: u32, config: RunConfig) -> Result<(), Fault> {
        let Some(text) = self.text.clone() else { return Err(out_of_turn("no text is open")) };
        let shop = self.workshop(self.start_when_ready.unwrap_or(0)).await?;
        let breath = shop.breath.clone();
        self.task = Some(Task::Prepare { request, job: Job::new(breath, prepare(shop, text, config)) });
        Ok(())
    }

    pub(super) async fn workshop(&mut self, run: u32) -> Result<Workshop<H>, Fault> {
        let device = self.open_device().await?;
        let breath = Breath::default();
        Ok(Workshop {
            host: self.host.clone(),
            base_url: self.base_url.clone(),
            device,
            caches: self.caches.clone(),
            breath,
            run,
            quiet: false,
        })
    }

    async fn take_prepared(&mut self, request: u32, prepared: Prepared) -> Result<(), Fault> {
        self.stop_writing();
        self.answered_plan = request;
        (self.run, self.untrained, self.after_prompt, self.again) = (None, None, None, None);
        self.tell(&Event::Prepared { request, plan: prepared.plan.clone() });
        self.pin_from(&prepared.text);
        self.inside.forget_model();
        self.prepared = Some(prepared);
        match self.start_when_ready.take() {
            Some(run) => self.begin_run(run).await,
            None => self.picture_or_unpin().await,
        }
    }

    /// Answers `Start`: at once, or when what is being prepared is ready.
    pub(super) async fn start(&mut self, id: u32) -> Result<(), Fault> {
        if self.run.as_ref().is_some_and(|run| run.id == id) || self.start_when_ready == Some(id) {
            return Ok(());
        }
        if matches!(self.task, Some(Task::Prepare { .. })) {
            self.start_when_ready = Some(id);
            return Ok(());
        }
        if self.prepared.is_some() {
            return self.begin_run(id).await;
        }
        let Some(config) = self.again.clone() else { return Err(out_of_turn("nothing is prepared")) };
        self.start_when_ready = Some(id);
        self.prepare_again(0, config).await
    }

    /// Answers `ResumeSaved`, when the run is read.
    pub(super) async fn begin_to_resume(&mut self, run: u32) -> Result<(), Fault> {
        let under_way = matches!(&self.task, Some(Task::Resume { run: under_way, .. }) if *under_way == run);
        if under_way || self.run.as_ref().is_some_and(|known| known.id == run) || self.labels.has_run(run) {
            return Ok(());
        }
        self.put_away().await?;
        self.leave_labels().await;
        let shop = self.workshop(run).await?;
        self.texts_opened += 1;
        let breath = shop.breath.clone();
        self.start_when_ready = None;
        self.task = Some(Task::Resume { run, job: Job::new(breath, restore(shop, self.texts_opened)), rate: None, rests: false });
        Ok(())
    }

    /// Requests that will have no answer now, for telling the page why: what was being made, and the questions that wait.
    pub(super) fn drop_work(&mut self) -> (Option<u32>, Vec<u32>) {
        let preparing = match self.task.take() {
            Some(Task::Prepare { request, .. }) => Some(request),
            Some(Task::Labels(task)) => Some(task.request()),
            Some(Task::Resume { .. }) | None => None,
        };
        self.start_when_ready = None;
        let mut questions = self.inside.drop_all();
        questions.extend(self.labels.drop_questions());
        let writing = self.writing.take().map(|writing| writing.request());
        (preparing.or(writing), questions)
    }
}
