//! Questions about the inside of the model, switches, and the recorded past, as the session keeps them.
//!
//! Questions wait in a row; one is answered at a time, a piece per tick, and no step is taken meanwhile, since the model must stand still for it. Between
//! two answers a run gets a turn, so that a page that asks without end slows training down but does not stop it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::mem::discriminant;
use std::rc::Rc;

use super::Session;
use super::breath::{Job, Progress};
use super::faults::out_of_turn;
use super::host::Host;
use super::inquiry::{Inquiry, Known, Told, no_such_part};
use super::past_files::PastFiles;
use super::reliving::Reliving;
use super::session::Subject;
use crate::explain::past::Past;
use crate::explain::switches;
use crate::model::Gpt;
use crate::protocol::explain::{Question, Switch};
use crate::protocol::{Event, Fault, FaultCode, NextAction};

/// Something to be answered.
#[derive(Debug, Clone)]
enum Wanted {
    Answer(u32, Question),
    /// What the switches do to the sentence.
    Switched,
}

/// Of what waits, only the newest of a kind is worth an answer; but the same numbers of two moments may be wanted for their difference, and one
/// question that is asked twice has two that wait for it.
fn is_outdone(older: &Wanted, newer: &Wanted) -> bool {
    match (older, newer) {
        (Wanted::Answer(_, older), Wanted::Answer(_, newer)) => {
            discriminant(older) == discriminant(newer) && older.at() == newer.at() && older != newer
        }
        (older, newer) => discriminant(older) == discriminant(newer),
    }
}

struct UnderWay {
    wanted: Wanted,
    request: u32,
    /// The run that it speaks of.
    run: u32,
    began: f64,
    /// The step of the model that it speaks of, and what is told.
    job: Job<Result<(u32, Told), Fault>>,
}

/// What the session knows of the inside of its model.
#[derive(Default)]
pub struct Inside {
    waiting: VecDeque<Wanted>,
    under_way: Option<UnderWay>,
    /// A run gets its turn first.
    after_run: bool,
    known: Rc<RefCell<Known>>,
    switches: Vec<Switch>,
    switch_request: u32,
    pub(super) past: Rc<RefCell<Past>>,
    /// Which model and text the past belongs to, once it was worked out.
    pub(super) mark: Option<Rc<str>>,
    pub(super) files: PastFiles,
    /// The pinned sentence on kept weights.
    pub(super) reliving: Reliving,
    /// Share of the time that recording may take; `None` for the usual one.
    pub(super) share: Option<f64>,
}

impl Inside {
    /// Another run or another device: what was made of the old one is worth nothing. What is asked for is answered from the new one.
    pub fn renew(&mut self) {
        self.known = Rc::default();
        if let Some(under_way) = self.under_way.take() {
            self.waiting.push_front(under_way.wanted);
        }
        self.reliving.renew();
    }

    /// Another model: switches, mark and past were the old one's.
    pub fn forget_model(&mut self) {
        self.renew();
        (self.switches, self.mark) = (Vec::new(), None);
        (self.past, self.reliving) = (Rc::default(), Reliving::default());
    }

    /// Nothing can be answered any more; the requests that waited.
    pub fn drop_all(&mut self) -> Vec<u32> {
        let request = |wanted: Wanted| match wanted {
            Wanted::Answer(request, _) => request,
            Wanted::Switched => self.switch_request,
        };
        let under_way = self.under_way.take().map(|under_way| under_way.wanted);
        let requests = under_way.into_iter().chain(std::mem::take(&mut self.waiting)).map(request).collect();
        self.reliving = Reliving::default();
        self.known = Rc::default();
        requests
    }

    fn want(&mut self, wanted: Wanted) {
        self.waiting.retain(|older| !is_outdone(older, &wanted));
        self.waiting.push_back(wanted);
    }

    /// With a new picture the effect of the switches is told again.
    pub fn want_switched(&mut self) {
        if !self.switches.is_empty() {
            self.want(Wanted::Switched);
        }
    }
}

impl<H: Host> Session<H> {
    /// Answers `Ask`, in its time.
    pub(super) async fn ask(&mut self, request: u32, question: Question) -> Result<(), Fault> {
        if self.subject().await?.is_none() {
            return Err(out_of_turn("no model is ready yet"));
        }
        self.inside.want(Wanted::Answer(request, question));
        Ok(())
    }

    /// Answers `SetSwitches`, in its time.
    pub(super) async fn set_switches(&mut self, request: u32, wanted: Vec<Switch>) -> Result<(), Fault> {
        let Some(subject) = self.subject().await? else { return Err(out_of_turn("no model is ready yet")) };
        if let Some(missing) = wanted.iter().find(|switch| !switches::exists(&subject.model, switch.part)) {
            let (layers, heads) = (subject.model.h.len(), subject.model.config.n_head);
            return Err(no_such_part(format!("{:?} of {layers} layers of {heads} heads", missing.part)));
        }
        self.sentence(&subject)?;
        (self.inside.switches, self.inside.switch_request) = (wanted, request);
        self.inside.want(Wanted::Switched);
        Ok(())
    }

    /// The share of the time that recording may take.
    pub(super) fn set_recording(&mut self, share: f64) {
        let share = if share.is_finite() { share.clamp(0.0, 0.5) } else { 0.0 };
        self.inside.share = Some(share);
        if let Some(run) = &mut self.run {
            run.pace.set_recording(share);
        }
    }

    /// A question waits or is being answered, and it is its turn.
    pub(super) fn has_inquiry(&mut self) -> bool {
        if self.inside.under_way.is_some() {
            return true;
        }
        let waits_for_run = std::mem::take(&mut self.inside.after_run) && self.run_has_work();
        !self.inside.waiting.is_empty() && !waits_for_run
    }

    /// One piece of an answer; when it is whole, it is told.
    pub(super) async fn advance_inquiry(&mut self, interrupt: impl Future<Output = ()>) {
        if self.inside.under_way.is_none() {
            let Some(wanted) = self.inside.waiting.pop_front() else { return };
            let request = match &wanted {
                Wanted::Answer(request, _) => *request,
                Wanted::Switched => self.inside.switch_request,
            };
            match self.begin_inquiry(wanted, request).await {
                Ok(under_way) => self.inside.under_way = Some(under_way),
                Err(fault) => return self.say_unanswered(request, fault).await,
            }
        }
        let Some(under_way) = &mut self.inside.under_way else { return };
        let Progress::Done(result) = under_way.job.advance(interrupt).await else { return };
        let Some(UnderWay { wanted, request, run, began, .. }) = self.inside.under_way.take() else { return };
        self.inside.after_run = true;
        if matches!(wanted, Wanted::Switched)
            && let Some(live) = self.run.as_mut()
        {
            let now = self.host.now();
            live.pace.recorded(now - began);
        }
        match result {
            Ok((step, (answer, buffers))) => self.host.send(&Event::Answered { request, run, step, answer }, buffers),
            Err(fault) => self.say_unanswered(request, fault).await,
        }
    }

    async fn say_unanswered(&mut self, request: u32, fault: Fault) {
        match self.trouble() {
            Some(trouble) => {
                self.say_lost(request, trouble.clone().into());
                self.lose_gpu(trouble).await;
            }
            None => self.say_fault(Some(request), None, fault),
        }
    }

    async fn begin_inquiry(&mut self, wanted: Wanted, request: u32) -> Result<UnderWay, Fault> {
        let Some(subject) = self.subject().await? else { return Err(out_of_turn("no model is ready yet")) };
        let (run, step, began) = (subject.run, subject.step, self.host.now());
        let inquiry = self.inquiry(subject).await?;
        let breath = inquiry.shop.breath.clone();
        let job = match wanted.clone() {
            Wanted::Answer(_, question) => Job::new(breath, inquiry.answer(question)),
            Wanted::Switched => {
                let switches = self.inside.switches.clone();
                Job::new(breath, async move { Ok((step, inquiry.switched(switches).await?)) })
            }
        };
        Ok(UnderWay { wanted, request, run, began, job })
    }

    /// Everything that an answer about this model is made of.
    pub(super) async fn inquiry(&mut self, subject: Subject) -> Result<Inquiry<H>, Fault> {
        let (config, dataset) = match (&self.run, &self.prepared) {
            (Some(run), _) => (run.config.clone(), run.dataset.clone()),
            (None, Some(prepared)) => (prepared.plan.config.clone(), prepared.dataset.clone()),
            (None, None) => return Err(out_of_turn("no model is ready yet")),
        };
        let mut shop = self.workshop(subject.run).await?;
        shop.quiet = true;
        let sentence = self.sentence(&subject);
        let (past, known) = (self.inside.past.clone(), self.inside.known.clone());
        let kept = self.run.as_ref().map(|run| run.kept.list()).unwrap_or_default();
        Ok(Inquiry { shop, subject, config, dataset, sentence, past, known, kept })
    }

    /// The model with the switches on, for writing.
    ///
    /// # Errors
    /// A base model that cannot be fetched again, or a device that fails.
    pub(super) async fn with_switches(&mut self, model: Gpt) -> Result<Gpt, Fault> {
        if self.inside.switches.is_empty() {
            return Ok(model);
        }
        let Some(subject) = self.subject().await? else { return Ok(model) };
        let wanted = self.inside.switches.clone();
        let with = self.inquiry(Subject { model: model.clone(), ..subject }).await?.replacements(&wanted).await?;
        Ok(switches::apply(&model, &wanted, &with))
    }
}

/// The answer where nothing is pinned.
pub fn nothing_pinned() -> Fault {
    Fault::new(FaultCode::EmptyPrompt, NextAction::None, "no sentence is pinned")
}
