//! The conversation: one command after the other, and between them one piece of work at a time.
//!
//! In: packets of the page ([`Session::handle`]), and the right to work for a moment ([`Session::tick`]). Out: events through the
//! [`Host`]. The loop around it yields between two ticks, so that Pause and Stop are heard within one step. Whatever goes wrong becomes one
//! [`Fault`], and the session answers the next command as if nothing had happened.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use super::attention::Pinned;
use super::device::{Devices, OpenDevice};
use super::host::Host;
use super::inside::Inside;
use super::labels::Labels;
use super::library;
use super::plan::{Caches, Prepared};
use super::run::{Run, context};
use super::slots::Slots;
use super::tasks::Task;
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
    pub(super) base_url: String,
    devices: Devices,
    pub(super) device: Option<OpenDevice>,
    preference: DevicePreference,
    pub(super) text: Option<Rc<OpenText>>,
    pub(super) texts_opened: u32,
    pub(super) caches: Rc<RefCell<Caches>>,
    pub(super) task: Option<Task>,
    pub(super) prepared: Option<Prepared>,
    /// The prepared model, for writing and attention.
    pub(super) untrained: Option<Gpt>,
    /// Config of a resumed run, for starting it anew.
    pub(super) again: Option<RunConfig>,
    pub(super) run: Option<Run>,
    /// Starts when what is being prepared is ready.
    pub(super) start_when_ready: Option<u32>,
    pub(super) writing: Option<Writing>,
    pub(super) after_prompt: Option<AfterPrompt>,
    pub(super) pinned: Option<Pinned>,
    pub(super) sample_prompt: String,
    pub(super) slots: Slots,
    pub(super) inside: Inside,
    pub(super) labels: Labels,
    /// The latest request of each kind that was answered: the same one again is a repeated message.
    pub(super) answered_text: u32,
    pub(super) answered_plan: u32,
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
            inside: Inside::default(),
            labels: Labels::default(),
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
        let asks = matches!(&command, Command::Ask { .. } | Command::SetSwitches { .. } | Command::Labels { .. });
        let request = match &command {
            Command::OpenText { request, .. }
            | Command::Prepare { request, .. }
            | Command::Generate { request, .. }
            | Command::Reweigh { request, .. }
            | Command::Ask { request, .. }
            | Command::SetSwitches { request, .. }
            | Command::Labels { request, .. } => Some(*request),
            _ => None,
        };
        if let Err(fault) = self.obey(command, packet.buffers).await {
            match self.trouble() {
                Some(trouble) => {
                    if let Some(question) = request.filter(|_| asks) {
                        self.say_lost(question, trouble.clone().into());
                    }
                    self.lose_gpu(trouble).await;
                }
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
                self.tell(&Event::ModelsKept { models: library::kept(&*self.host).await });
                Ok(())
            }
            Command::OpenDevice { preference } => self.change_device(preference).await,
            Command::OpenText { request, files } => self.open_text(request, files, buffers),
            Command::Prepare { request, config } => self.begin_to_prepare(request, config).await,
            Command::Start { run } if self.is_about_labels() => self.begin_label_run(run).await,
            Command::Start { run } => self.start(run).await,
            Command::Pause if self.labels.is_chosen() => self.pause_labels().await,
            Command::Pause => self.pause().await,
            Command::Resume if self.labels.is_chosen() => {
                self.resume_labels();
                Ok(())
            }
            Command::Resume => self.resume().await,
            Command::Step if self.labels.is_chosen() => {
                self.step_labels();
                Ok(())
            }
            Command::Step => self.single_step(),
            Command::Stop if self.labels.is_chosen() => self.stop_labels().await,
            Command::Stop => self.stop().await,
            Command::SetLearningRate { value } => {
                self.set_learning_rate(value);
                self.set_label_rate(value);
                Ok(())
            }
            Command::Pin { sentence } => self.pin(Pinned::new(sentence)).await,
            Command::Glance { sentence } => self.glance(sentence).await,
            Command::Ask { request, question } => self.ask(request, question).await,
            Command::SetSwitches { request, switches } => self.set_switches(request, switches).await,
            Command::SetRecording { share } => {
                self.set_recording(share);
                Ok(())
            }
            Command::SendHistory => {
                self.say_past();
                Ok(())
            }
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
            Command::Save => {
                self.save_labels_now().await;
                self.save_on_request().await
            }
            Command::Labels { request, command } => self.label_command(request, command, buffers).await,
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
        } else if self.has_inquiry() {
            self.advance_inquiry(interrupt).await;
            Tick::Busy
        } else if self.relives_now() {
            self.relive_on(interrupt).await;
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
        if self.writes_next || !(self.run_has_work() || self.labels.has_work()) {
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
        if self.labels.has_work() {
            if let Err(fault) = self.work_on_labels().await {
                self.fail_labels(fault).await;
            }
            return Tick::Busy;
        }
        if let Err(fault) = self.work_on_run().await {
            self.fail_run(fault).await;
        }
        Tick::Busy
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
        self.inside.renew();
        // What is being prepared was meant for the other device.
        self.move_run(&device).await?;
        self.move_labels(&device).await
    }

    /// The model that writing and attention speak of: the run's, else the prepared one.
    pub(super) async fn subject(&mut self) -> Result<Option<Subject>, Fault> {
        if let Some(run) = &self.run {
            let model = run.model();
            let context = context(&run.config, &model.config);
            return Ok(Some(Subject { model, tokenizer: run.tokenizer.clone(), context, run: run.id, step: run.step }));
        }
        if let Some(subject) = self.label_subject().await? {
            return Ok(Some(subject));
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
                    run.losses.inject_nan = true;
                }
                self.labels.inject_nan();
            }
            // The one panic that is wanted.
            InjectedFault::Panic => panic!("a test asked for this"),
        }
    }

    pub(super) fn tell(&self, event: &Event) {
        self.host.send(event, Vec::new());
    }

    pub(super) fn say_fault(&self, request: Option<u32>, run: Option<u32>, fault: Fault) {
        self.tell(&Event::Fault { request, run, fault });
    }
}
