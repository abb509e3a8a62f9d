//! What the buttons do to a run over labelled texts, and its work between two commands.

use super::super::Session;
use super::super::breath::Progress;
use super::super::device::OpenDevice;
use super::super::faults::out_of_turn;
use super::super::host::Host;
use super::super::run::Stage;
use super::super::tasks::Task;
use super::prepare::freeze;
use super::run::{LabelRun, Measured};
use crate::protocol::{DeviceKind, Fault, RunPhase, StopReason, limit};

impl<H: Host> Session<H> {
    /// Answers `Start`: at once, or when what is being prepared is ready. `false` when it is not about such a run.
    pub(super) fn label_start_waits(&mut self, id: u32) -> bool {
        let preparing = matches!(&self.task, Some(Task::Labels(task)) if task.prepares());
        if preparing {
            self.labels.start_when_ready = Some(id);
        }
        preparing || self.labels.run.as_ref().is_some_and(|run| run.id == id)
    }

    /// Starts the prepared run from step 0.
    pub(in crate::engine) async fn begin_label_run(&mut self, id: u32) -> Result<(), Fault> {
        if self.label_start_waits(id) {
            return Ok(());
        }
        let Some(prepared) = self.labels.prepared.clone() else { return Err(out_of_turn("nothing is prepared")) };
        if !prepared.can_begin() {
            return self.prepare_labels_anew(id, prepared).await;
        }
        let device = self.open_device().await?;
        self.labels.untrained = None;
        self.inside.renew();
        let config = prepared.plan.config.clone();
        let trainer = prepared.trainer(&device.device, &config)?;
        let run = LabelRun::new(id, prepared, config, trainer, device.info.kind, self.host.now());
        run.say_running(&*self.host);
        self.labels.run = Some(run);
        Ok(())
    }

    /// The buttons speak of a run over labelled texts.
    pub(in crate::engine) fn is_about_labels(&self) -> bool {
        self.labels.is_chosen() || matches!(&self.task, Some(Task::Labels(task)) if task.prepares())
    }

    pub(super) async fn work_on_label_run(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.labels.run else { return Ok(()) };
        if run.saving.is_some() && !run.is_within_step() {
            return self.save_labels_on().await;
        }
        if run.is_measuring() {
            return self.measure_on().await;
        }
        if run.is_between_epochs() {
            run.read_losses(&*self.host).await?;
            run.end_epoch(&*self.host);
            return Ok(());
        }
        let began = self.host.now();
        let complete = run.take_pass();
        let now = self.host.now();
        run.pace.stepped(now - began);
        if !complete {
            return Ok(());
        }
        let pause = std::mem::take(&mut run.single);
        if pause || run.is_between_epochs() || run.should_read(now) {
            run.read_losses(&*self.host).await?;
        }
        if run.is_between_epochs() {
            // Also of a single step: its epoch is judged, and then the run rests.
            run.end_epoch(&*self.host);
        } else if run.pace.save_due(now) {
            run.want_save();
        }
        if pause {
            run.stage = Stage::Paused;
            run.say(&*self.host, RunPhase::Paused);
            run.want_save();
        }
        Ok(())
    }

    async fn measure_on(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.labels.run else { return Ok(()) };
        let Some(job) = run.measuring() else { return Ok(()) };
        let Progress::Done(measured) = job.advance(std::future::pending()).await else { return Ok(()) };
        run.end_measuring();
        match measured? {
            Measured::Epoch(judged) => {
                if !run.take_epoch(&*self.host, judged).await? {
                    run.close(Some(StopReason::AllSteps));
                    run.want_save();
                } else {
                    let now = self.host.now();
                    if run.step > 0 && (run.stage == Stage::Paused || run.pace.may_save(now)) {
                        run.want_save();
                    }
                    if run.stage == Stage::Running {
                        run.pace.resume(now);
                        run.say_running(&*self.host);
                    }
                }
            }
            Measured::End(closing) => {
                if let Some(closing) = closing {
                    run.report_end(&*self.host, *closing);
                }
                let ending = run.take_ending();
                if let Some(reason) = ending {
                    self.finish_labels(reason);
                }
                if let Some(run) = &mut self.labels.run {
                    run.want_save();
                }
            }
        }
        Ok(())
    }

    fn finish_labels(&mut self, reason: StopReason) {
        let Some(run) = &mut self.labels.run else { return };
        run.stage = Stage::Finished(reason);
        run.say(&*self.host, RunPhase::Finished { reason });
    }

    pub(in crate::engine) async fn pause_labels(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.labels.run else { return Ok(()) };
        if run.stage != Stage::Running {
            self.say_label_stage();
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
            Ok(()) => {
                run.stage = Stage::Paused;
                run.say(&*self.host, RunPhase::Paused);
                run.want_save();
            }
            Err(fault) => self.fail_labels(fault).await,
        }
        Ok(())
    }

    pub(in crate::engine) fn resume_labels(&mut self) {
        let Some(run) = &mut self.labels.run else { return };
        if run.stage == Stage::Paused {
            run.stage = Stage::Running;
            run.pace.resume(self.host.now());
            run.say_running(&*self.host);
        } else {
            run.single = false;
            self.say_label_stage();
        }
    }

    pub(in crate::engine) fn step_labels(&mut self) {
        let Some(run) = self.labels.run.as_mut().filter(|run| run.is_active()) else { return };
        if run.stage == Stage::Paused {
            run.pace.resume(self.host.now());
        }
        (run.single, run.stage) = (true, Stage::Running);
    }

    /// Ends the run, keeps its best model and measures it.
    pub(in crate::engine) async fn stop_labels(&mut self) -> Result<(), Fault> {
        let Some(run) = &mut self.labels.run else { return Ok(()) };
        if !run.is_active() {
            self.say_label_stage();
            return Ok(());
        }
        run.abandon_step();
        if let Err(fault) = run.read_losses(&*self.host).await {
            self.fail_labels(fault).await;
            return Ok(());
        }
        run.end_measuring();
        if run.step > 0 {
            run.close(None);
        }
        self.finish_labels(StopReason::Stopped);
        if let Some(run) = &mut self.labels.run {
            run.want_save();
        }
        Ok(())
    }

    /// Something else is prepared: the run ends here, unmeasured, and is kept as if it had paused. The table stays open.
    pub(in crate::engine) async fn leave_labels(&mut self) {
        if let Some(run) = self.labels.run.as_mut().filter(|run| run.is_active()) {
            run.abandon_step();
            if run.step > 0 {
                run.stage = Stage::Paused;
                self.save_labels_now().await;
            }
        }
        if self.labels.run.as_ref().is_some_and(LabelRun::is_active) {
            self.finish_labels(StopReason::Stopped);
        }
        self.labels.leave();
    }

    fn say_label_stage(&self) {
        let Some(run) = &self.labels.run else { return };
        match run.stage {
            Stage::Running => run.say_running(&*self.host),
            Stage::Paused => run.say(&*self.host, RunPhase::Paused),
            Stage::Finished(reason) => run.say(&*self.host, RunPhase::Finished { reason }),
        }
    }

    /// The peak of the schedule, from the next step on. Another start begins with the plan's again.
    pub(in crate::engine) fn set_label_rate(&mut self, value: f64) {
        let Some(limit) = limit("learning_rate") else { return };
        if let Some(run) = &mut self.labels.run {
            run.config.learning_rate = limit.clamp(value);
            run.revision += 1;
        }
    }

    /// Ends the run because of a fault.
    pub(in crate::engine) async fn fail_labels(&mut self, fault: Fault) {
        if let Some(trouble) = self.trouble() {
            return self.lose_gpu(trouble).await;
        }
        let id = self.labels.run.as_ref().map(|run| run.id);
        self.say_fault(None, id, fault);
        if let Some(run) = &mut self.labels.run {
            run.end_measuring();
            run.abandon_step();
            (run.saving, run.save_again) = (None, false);
        }
        self.labels.predicting.clear();
        self.finish_labels(StopReason::Fault);
    }

    /// Takes the run, with its optimiser, to another device.
    pub(super) async fn move_label_run(&mut self, device: &OpenDevice) -> Result<(), Fault> {
        let Some(run) = &mut self.labels.run else { return Ok(()) };
        run.abandon_step();
        let moved = async {
            run.read_losses(&*self.host).await?;
            let state = run.trainer.optimizer.read_state(&run.trainer.model).await?;
            let mut model = run.trainer.model.moved(&device.device.clone().autodiff()).await?;
            freeze(&mut model, run.config.trained);
            let mut trainer = run.prepared.trainer_of(model, &run.config);
            trainer.optimizer.load_state(&trainer.model, state, run.step)?;
            Ok(trainer)
        };
        match moved.await {
            Ok(trainer) => {
                run.trainer = trainer;
                run.kind = device.info.kind;
                run.warm = device.info.kind == DeviceKind::Cpu;
                run.measure_again();
                run.save_anew();
                run.pace.resume(self.host.now());
            }
            Err(fault) => self.fail_labels(fault).await,
        }
        Ok(())
    }
}
