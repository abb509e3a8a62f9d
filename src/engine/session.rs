//! The conversation: one command after the other, and between them one piece of work at a time.
//!
//! In: packets of the page ([`Session::handle`]), and the right to work for a moment ([`Session::tick`]). Out: events through the
//! [`Host`]. The loop around it yields between two ticks, so that Pause and Stop are heard within one step. Whatever goes wrong becomes one
//! [`Fault`], and the session answers the next command as if nothing had happened.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use super::attention::Pinned;
use super::breath::{Breath, Job, Progress};
use super::checkpoints::Slots;
use super::device::{Devices, OpenDevice};
use super::faults::out_of_turn;
use super::host::Host;
use super::plan::{Caches, Prepared, Workshop, prepare};
use super::resume::{Restored, restore};
use super::run::{Run, context};
use super::text::OpenText;
use super::writing::{AfterPrompt, Writing};
use crate::model::Gpt;
use crate::protocol::{Command, DevicePreference, Event, Fault, FaultCode, InjectedFault, NextAction, Packet, RunConfig, VERSION};
use crate::text::Tokenizer;

/// Whether there is more to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// Tick again after yielding.
    Busy,
    /// Nothing to do until the next command.
    Idle,
}

/// Long work that must end before the next command that depends on it.
enum Task {
    Prepare { request: u32, job: Job<Result<Prepared, Fault>> },
    Resume { run: u32, job: Job<Result<Restored, Fault>> },
}

enum Finished {
    Prepare(u32, Result<Prepared, Fault>),
    Resume(u32, Result<Restored, Fault>),
}

/// The model that writing and attention speak of, as it is now.
pub struct Subject {
    /// Without autodiff. Its weights change with the next step.
    pub model: Gpt,
    pub tokenizer: Rc<Tokenizer>,
    /// Tokens that it can look back on when it writes.
    pub context: usize,
    /// 0 for a prepared, untrained model.
    pub run: u32,
    pub step: u32,
}

/// Everything the engine knows.
pub struct Session<H: Host> {
    pub(super) host: Rc<H>,
    base_url: String,
    devices: Devices,
    pub(super) device: Option<OpenDevice>,
    preference: DevicePreference,
    pub(super) text: Option<Rc<OpenText>>,
    pub(super) texts_opened: u32,
    caches: Rc<RefCell<Caches>>,
    task: Option<Task>,
    pub(super) prepared: Option<Prepared>,
    /// The prepared model, for writing and attention.
    pub(super) untrained: Option<Gpt>,
    /// Config of a resumed run, for starting it anew.
    pub(super) again: Option<RunConfig>,
    pub(super) run: Option<Run>,
    /// Starts when what is being prepared is ready.
    start_when_ready: Option<u32>,
    pub(super) writing: Option<Writing>,
    pub(super) after_prompt: Option<AfterPrompt>,
    pub(super) pinned: Option<Pinned>,
    pub(super) sample_prompt: String,
    pub(super) slots: Slots,
    /// The latest request of each kind that was answered: the same one again is a repeated message.
    pub(super) answered_text: u32,
    answered_plan: u32,
    pub(super) answered_writing: u32,
    /// Training and writing take turns.
    writes_next: bool,
}

impl<H: Host> Session<H> {
    /// A session that has heard nothing yet.
    pub fn new(host: H) -> Self {
        Self {
            host: Rc::new(host),
            base_url: String::new(),
            devices: Devices::default(),
            device: None,
            preference: DevicePreference::Auto,
            text: None,
            texts_opened: 0,
            caches: Rc::default(),
            task: None,
            prepared: None,
            untrained: None,
            again: None,
            run: None,
            start_when_ready: None,
            writing: None,
            after_prompt: None,
            pinned: None,
            sample_prompt: String::new(),
            slots: Slots::default(),
            answered_text: 0,
            answered_plan: 0,
            answered_writing: 0,
            writes_next: false,
        }
    }

    /// The world around it.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Follows one command.
    pub async fn handle(&mut self, packet: Packet) {
        let command = match packet.read::<Command>() {
            Ok(command) => command,
            Err(error) => {
                let fault = Fault::new(FaultCode::OutdatedEngine, NextAction::ReloadPage, error.to_string());
                return self.say_fault(None, None, fault);
            }
        };
        let request = match &command {
            Command::OpenText { request, .. }
            | Command::Prepare { request, .. }
            | Command::Generate { request, .. }
            | Command::Reweigh { request, .. } => Some(*request),
            _ => None,
        };
        if let Err(fault) = self.obey(command, packet.buffers).await {
            match self.trouble() {
                Some(trouble) => self.lose_gpu(trouble).await,
                None => self.say_fault(request, None, fault),
            }
        }
        self.look_after_gpu().await;
    }

    async fn obey(&mut self, command: Command, buffers: Vec<Vec<u8>>) -> Result<(), Fault> {
        match command {
            Command::Hello { base_url, .. } => {
                self.base_url = base_url;
                self.tell(&Event::Ready { version: VERSION });
                self.tell_resumable().await;
                Ok(())
            }
            Command::OpenDevice { preference } => self.change_device(preference).await,
            Command::OpenText { request, files } => self.open_text(request, files, buffers),
            Command::Prepare { request, config } => self.begin_to_prepare(request, config).await,
            Command::Start { run } => self.start(run).await,
            Command::Pause => self.pause().await,
            Command::Resume => self.resume().await,
            Command::Step => self.single_step(),
            Command::Stop => self.stop().await,
            Command::SetLearningRate { value } => {
                self.set_learning_rate(value);
                Ok(())
            }
            Command::Pin { sentence } => self.pin(sentence).await,
            Command::SetSamplePrompt { prompt } => {
                self.sample_prompt = prompt;
                Ok(())
            }
            Command::Generate { request, prompt, sampling } => self.generate(request, &prompt, sampling).await,
            Command::StopGenerate => {
                self.stop_writing();
                Ok(())
            }
            Command::Reweigh { request, sampling } => self.reweigh(request, &sampling),
            Command::ResumeSaved { run } => self.begin_to_resume(run).await,
            Command::DiscardSaved => self.discard_saved().await,
            Command::Save => self.save_on_request().await,
            Command::InjectFault { fault } => {
                self.inject(fault);
                Ok(())
            }
        }
    }

    /// One piece of work. `interrupt` becomes ready when a command has arrived; only waiting for the network or the storage ends early for it,
    /// a step is always finished.
    pub async fn tick(&mut self, interrupt: impl Future<Output = ()>) -> Tick {
        let tick = if self.task.is_some() {
            self.advance_task(interrupt).await;
            Tick::Busy
        } else {
            self.work().await
        };
        self.look_after_gpu().await;
        if let Some(run) = &mut self.run {
            run.say_warm_up(&*self.host);
        }
        tick
    }

    async fn work(&mut self) -> Tick {
        self.writes_next = !self.writes_next && self.writing.is_some();
        if self.writes_next || !self.run_has_work() {
            if self.writing.is_none() {
                return Tick::Idle;
            }
            if let Err((request, fault)) = self.write_on().await {
                match self.trouble() {
                    Some(trouble) => self.lose_gpu(trouble).await,
                    None => self.say_fault(Some(request), None, fault),
                }
            }
            return Tick::Busy;
        }
        if let Err(fault) = self.work_on_run().await {
            self.fail_run(fault).await;
        }
        Tick::Busy
    }

    async fn advance_task(&mut self, interrupt: impl Future<Output = ()>) {
        let finished = match &mut self.task {
            None => return,
            Some(Task::Prepare { request, job }) => match job.advance(interrupt).await {
                Progress::Done(result) => Finished::Prepare(*request, result),
                Progress::More | Progress::Interrupted => return,
            },
            Some(Task::Resume { run, job }) => match job.advance(interrupt).await {
                Progress::Done(result) => Finished::Resume(*run, result),
                Progress::More | Progress::Interrupted => return,
            },
        };
        self.task = None;
        let (request, run, outcome) = match finished {
            Finished::Prepare(request, Ok(prepared)) => (Some(request), None, self.take_prepared(request, prepared).await),
            Finished::Prepare(request, Err(fault)) => (Some(request), self.start_when_ready.take(), Err(fault)),
            Finished::Resume(run, Ok(restored)) => (None, Some(run), self.go_on(run, restored).await),
            Finished::Resume(run, Err(fault)) => (None, Some(run), Err(fault)),
        };
        let Err(fault) = outcome else { return };
        match self.trouble() {
            Some(trouble) => self.lose_gpu(trouble).await,
            None => self.say_fault(request, run, fault),
        }
    }

    async fn begin_to_prepare(&mut self, request: u32, config: RunConfig) -> Result<(), Fault> {
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
        self.prepare_again(request, config).await
    }

    async fn prepare_again(&mut self, request: u32, config: RunConfig) -> Result<(), Fault> {
        let Some(text) = self.text.clone() else { return Err(out_of_turn("no text is open")) };
        let shop = self.workshop(self.start_when_ready.unwrap_or(0)).await?;
        let breath = shop.breath.clone();
        self.task = Some(Task::Prepare { request, job: Job::new(breath, prepare(shop, text, config)) });
        Ok(())
    }

    async fn workshop(&mut self, run: u32) -> Result<Workshop<H>, Fault> {
        let device = self.open_device().await?;
        let breath = Breath::default();
        Ok(Workshop { host: self.host.clone(), base_url: self.base_url.clone(), device, caches: self.caches.clone(), breath, run })
    }

    async fn take_prepared(&mut self, request: u32, prepared: Prepared) -> Result<(), Fault> {
        self.stop_writing();
        self.answered_plan = request;
        (self.run, self.untrained, self.after_prompt, self.again) = (None, None, None, None);
        self.tell(&Event::Prepared { request, plan: prepared.plan.clone() });
        self.pin_from(&prepared.text);
        self.prepared = Some(prepared);
        match self.start_when_ready.take() {
            Some(run) => self.begin_run(run).await,
            None => self.picture_or_unpin().await,
        }
    }

    async fn start(&mut self, id: u32) -> Result<(), Fault> {
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

    async fn begin_to_resume(&mut self, run: u32) -> Result<(), Fault> {
        let under_way = matches!(&self.task, Some(Task::Resume { run: under_way, .. }) if *under_way == run);
        if under_way || self.run.as_ref().is_some_and(|known| known.id == run) {
            return Ok(());
        }
        self.put_away().await?;
        let shop = self.workshop(run).await?;
        self.texts_opened += 1;
        let breath = shop.breath.clone();
        self.start_when_ready = None;
        self.task = Some(Task::Resume { run, job: Job::new(breath, restore(shop, self.texts_opened)) });
        Ok(())
    }

    /// The device in use; opens one where none is.
    pub(super) async fn open_device(&mut self) -> Result<OpenDevice, Fault> {
        if let Some(device) = &self.device {
            return Ok(device.clone());
        }
        let device = self.devices.open(self.preference).await?;
        self.tell(&Event::Device { device: device.info.clone() });
        Ok(self.device.insert(device).clone())
    }

    async fn change_device(&mut self, preference: DevicePreference) -> Result<(), Fault> {
        let device = self.devices.open(preference).await?;
        self.preference = preference;
        let same = self.device.as_ref().is_some_and(|before| before.info.kind == device.info.kind && before.trouble().is_none());
        self.tell(&Event::Device { device: device.info.clone() });
        self.device = Some(device.clone());
        if same {
            return Ok(());
        }
        self.untrained = None;
        // What is being prepared was meant for the other device.
        self.move_run(&device).await
    }

    /// The model that writing and attention speak of: the run's, else the prepared one.
    pub(super) async fn subject(&mut self) -> Result<Option<Subject>, Fault> {
        if let Some(run) = &self.run {
            let model = run.model();
            let context = context(&run.config, &model.config);
            return Ok(Some(Subject { model, tokenizer: run.tokenizer.clone(), context, run: run.id, step: run.step }));
        }
        let Some(prepared) = self.prepared.clone() else { return Ok(None) };
        let model = match &self.untrained {
            Some(model) => model.clone(),
            None => {
                let values = prepared.first.values(&prepared.model);
                let device = self.open_device().await?.device;
                self.untrained.insert(Gpt::from_values(prepared.model, values, &device)?).clone()
            }
        };
        let context = context(&prepared.plan.config, &model.config);
        Ok(Some(Subject { model, tokenizer: prepared.tokenizer, context, run: 0, step: 0 }))
    }

    fn inject(&mut self, fault: InjectedFault) {
        match fault {
            InjectedFault::DestroyDevice => {
                if let Some(gpu) = self.device.as_ref().and_then(|device| device.gpu.as_ref()) {
                    gpu.destroy();
                }
            }
            InjectedFault::NanLoss => {
                if let Some(run) = &mut self.run {
                    run.inject_nan = true;
                }
            }
            // The one panic that is wanted.
            InjectedFault::Panic => panic!("a test asked for this"),
        }
    }

    /// Requests that will have no answer now; for telling the page why.
    pub(super) fn drop_work(&mut self) -> Option<u32> {
        let preparing = match self.task.take() {
            Some(Task::Prepare { request, .. }) => Some(request),
            _ => None,
        };
        self.start_when_ready = None;
        let writing = self.writing.take().map(|writing| writing.request());
        preparing.or(writing)
    }

    pub(super) fn tell(&self, event: &Event) {
        self.host.send(event, Vec::new());
    }

    pub(super) fn say_fault(&self, request: Option<u32>, run: Option<u32>, fault: Fault) {
        self.tell(&Event::Fault { request, run, fault });
    }
}
