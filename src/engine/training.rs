//! What the buttons do to a run: start, pause, step, stop, learning rate; and what becomes of it when something fails.

use super::Session;
use super::checkpoints::SaveStage;
use super::chores::Chore;
use super::device::OpenDevice;
use super::faults::{GpuTrouble, out_of_turn};
use super::host::Host;
use super::run::{Run, Stage, trainer_setting};
use super::slots::note_gpu_failure;
use super::tasks::Task;
use crate::model::Gpt;
use crate::protocol::{DeviceKind, Event, Fault, NextAction, RunPhase, StopReason, limit};
use crate::text::BatchPosition;
use crate::train::Trainer;

impl<H: Host> Session<H> {
    /// Starts the prepared run from step 0.
    pub(super) async fn begin_run(&mut self, id: u32) -> Result<(), Fault> {
        let Some(prepared) = self.prepared.clone() else { return Err(out_of_turn("nothing is prepared")) };
        let device = self.open_device().await?;
        self.stop_writing();
        // The trainer changes its weights in place, so it gets its own.
        self.untrained = None;
        let values = prepared.first.values(&prepared.model);
        let mut model = Gpt::from_values(prepared.model.clone(), values, &device.device.clone().autodiff())?;
        model.freeze(prepared.plan.config.frozen_layers as usize);
        let trainer = Trainer::new(model, trainer_setting(&prepared.plan.config));
        let mut run = Run::new(id, &prepared, trainer, device.info.kind, (0, BatchPosition::default()), self.host.now());
        run.plan_first_chores();
        self.inside.renew();
        self.inside.files.renew();
        self.begin_recording(&mut run);
        run.say_running(&*self.host, device.info.kind);
        self.run = Some(run);
        Ok(())
    }

    pub(super) fn run_has_work(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.stage == Stage::Running || !run.chores.is_empty())
    }

    /// The first chore's next piece, or a step.
    pub(super) async fn work_on_run(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.run else { return Ok(()) };
        if !run.chores.is_empty() && !run.is_within_step() {
            return self.do_chore().await;
        }
        if run.is_complete() {
            // Resumed at its very end.
            self.finish(StopReason::AllSteps);
            return Ok(());
        }
        let began = self.host.now();
        let complete = run.take_pass();
        let now = self.host.now();
        run.pace.stepped(now - began);
        if !complete {
            return Ok(());
        }
        run.plan_chores(now);
        let pause = std::mem::take(&mut run.single);
        if pause || !run.chores.is_empty() || run.should_read(now) {
            run.read_losses(&*self.host).await?;
        }
        if pause && !run.is_complete() {
            self.rest();
        }
        Ok(())
    }

    /// Pauses where the run is.
    fn rest(&mut self) {
        let Some(run) = &mut self.run else { return };
        run.stage = Stage::Paused;
        run.say(&*self.host, RunPhase::Paused);
        run.chores.push_back(Chore::Save(SaveStage::Begin));
    }

    pub(super) async fn pause(&mut self) -> Result<(), Fault> {
        if let Some(Task::Resume { rests, .. }) = &mut self.task {
            *rests = true;
            return Ok(());
        }
        let Some(run) = &mut self.run else { return Ok(()) };
        if run.stage != Stage::Running {
            self.say_stage();
            return Ok(());
        }
        if run.is_within_step() {
            // The step is finished first; the page need not wait for that.
            run.single = true;
            run.say(&*self.host, RunPhase::Paused);
            return Ok(());
        }
        run.single = false;
        match run.read_losses(&*self.host).await {
            Ok(()) => self.rest(),
            Err(fault) => self.fail_run(fault).await,
        }
        Ok(())
    }

    pub(super) async fn resume(&mut self) -> Result<(), Fault> {
        if let Some(Task::Resume { rests, .. }) = &mut self.task {
            *rests = false;
            return Ok(());
        }
        let kind = self.open_device().await?.info.kind;
        let Some(run) = &mut self.run else { return Ok(()) };
        if run.stage == Stage::Paused {
            run.stage = Stage::Running;
            run.pace.resume(self.host.now());
            run.say_running(&*self.host, kind);
        } else {
            // A pause that waits for its step to end is taken back.
            run.single = false;
            self.say_stage();
        }
        Ok(())
    }

    pub(super) fn single_step(&mut self) -> Result<(), Fault> {
        let Some(run) = self.run.as_mut().filter(|run| run.is_active()) else { return Ok(()) };
        if run.stage == Stage::Paused {
            run.pace.resume(self.host.now());
        }
        (run.single, run.stage) = (true, Stage::Running);
        Ok(())
    }

    /// Ends the run and keeps its model. Nothing for a run that has ended.
    pub(super) async fn stop(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.run else { return Ok(()) };
        if !run.is_active() {
            self.say_stage();
            return Ok(());
        }
        run.abandon_step();
        if let Err(fault) = run.read_losses(&*self.host).await {
            self.fail_run(fault).await;
            return Ok(());
        }
        run.chores.clear();
        run.chores.push_back(Chore::Attention);
        run.chores.push_back(Chore::Save(SaveStage::Begin));
        self.finish(StopReason::Stopped);
        Ok(())
    }

    /// A run that is still going ends here, and is kept.
    pub(super) async fn put_away(&mut self) -> Result<(), Fault> {
        if self.run.as_ref().is_some_and(Run::is_active) {
            self.stop().await?;
            self.save_on_request().await?;
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, reason: StopReason) {
        let Some(run) = &mut self.run else { return };
        run.stage = Stage::Finished(reason);
        run.say(&*self.host, RunPhase::Finished { reason });
    }

    /// Says again what the run is doing: the page asks for what is so already.
    fn say_stage(&self) {
        let Some(run) = &self.run else { return };
        let phase = match run.stage {
            Stage::Running => RunPhase::Running,
            Stage::Paused => RunPhase::Paused,
            Stage::Finished(reason) => RunPhase::Finished { reason },
        };
        run.say(&*self.host, phase);
    }

    /// The peak of the schedule, from the next step on; of the prepared run too.
    pub(super) fn set_learning_rate(&mut self, value: f64) {
        let Some(limit) = limit("learning_rate") else { return };
        let value = limit.clamp(value);
        if let Some(Task::Resume { rate, .. }) = &mut self.task {
            *rate = Some(value);
        }
        if let Some(run) = &mut self.run {
            run.config.learning_rate = value;
        }
        if let Some(prepared) = &mut self.prepared {
            prepared.plan.config.learning_rate = value;
        }
    }

    /// Answers `Save`.
    pub(super) async fn save_on_request(&mut self) -> Result<(), Fault> {
        let failed = matches!(self.run.as_ref().map(|run| run.stage), Some(Stage::Finished(StopReason::Fault)));
        if failed {
            return Ok(());
        }
        if let Err(fault) = self.save_now().await {
            self.fail_run(fault).await;
        }
        Ok(())
    }

    /// Takes the run, with its optimiser, to another device.
    pub(super) async fn move_run(&mut self, device: &OpenDevice) -> Result<(), Fault> {
        self.stop_writing();
        let Some(run) = &mut self.run else { return Ok(()) };
        run.abandon_step();
        let moved = async {
            run.read_losses(&*self.host).await?;
            let values = run.trainer.model.read_values().await?;
            let state = run.trainer.optimizer.read_state(&run.trainer.model).await?;
            let mut model = Gpt::from_values(run.trainer.model.config.clone(), values, &device.device.clone().autodiff())?;
            model.freeze(run.config.frozen_layers as usize);
            let mut trainer = Trainer::new(model, trainer_setting(&run.config));
            trainer.optimizer.load_state(&trainer.model, state, run.step)?;
            Ok(trainer)
        };
        match moved.await {
            Ok(trainer) => {
                run.trainer = trainer;
                run.change_passes(device.info.kind);
                run.warm = device.info.kind == DeviceKind::Cpu;
                // What was half done begins again.
                for chore in &mut run.chores {
                    match chore {
                        Chore::Sample(pen) => *pen = None,
                        Chore::Evaluate(evaluation) => *evaluation = None,
                        Chore::Save(stage) => *stage = SaveStage::Begin,
                        Chore::Attention | Chore::Keep | Chore::Finish(_) => {}
                    }
                }
                run.pace.resume(self.host.now());
            }
            Err(fault) => self.fail_run(fault).await,
        }
        Ok(())
    }

    /// Ends the run because of a fault.
    pub(super) async fn fail_run(&mut self, fault: Fault) {
        if let Some(trouble) = self.trouble() {
            return self.lose_gpu(trouble).await;
        }
        let id = self.run.as_ref().map(|run| run.id);
        self.say_fault(None, id, fault);
        if let Some(run) = &mut self.run {
            run.chores.clear();
        }
        self.finish(StopReason::Fault);
    }

    /// What the graphics card has complained of.
    pub(super) fn trouble(&self) -> Option<GpuTrouble> {
        self.device.as_ref().and_then(OpenDevice::trouble)
    }

    /// Nothing that a troubled card computes can be trusted: looked at after every command and every piece of work.
    pub(super) async fn look_after_gpu(&mut self) {
        if let Some(trouble) = self.trouble() {
            self.lose_gpu(trouble).await;
        }
    }

    /// A question stays without an answer since the card is lost. What is to be done about that is said once, for all of them.
    pub(super) fn say_lost(&self, question: u32, fault: Fault) {
        self.say_fault(Some(question), None, Fault { action: NextAction::None, ..fault });
    }

    /// Lets go of everything on the card and tells the page. What is in storage and in this module's memory stays.
    pub(super) async fn lose_gpu(&mut self, trouble: GpuTrouble) {
        let run = self.run.take().filter(Run::is_active);
        let (request, questions) = self.drop_work();
        let labelled = self.lose_labels();
        if run.is_some() || labelled.is_some() {
            // Before the page hears of it and ends this worker. Without the note the run goes on with its whole batch.
            let _ = note_gpu_failure(&*self.host).await;
        }
        (self.device, self.untrained, self.after_prompt) = (None, None, None);
        let fault = Fault::from(trouble);
        for question in questions {
            self.say_lost(question, fault.clone());
        }
        self.say_fault(request, run.as_ref().map(|run| run.id).or(labelled), fault);
        if let Some(run) = labelled {
            self.tell(&Event::Phase { run, phase: RunPhase::Finished { reason: StopReason::Fault } });
        }
        if let Some(run) = run {
            run.say(&*self.host, RunPhase::Finished { reason: StopReason::Fault });
        }
    }
}
