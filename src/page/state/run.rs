//! The plain state of a run as the page knows it, and the rules by which events change it.

use super::{AttentionHistory, Part, Parts};
use crate::protocol::{
    AttentionFrame, DeviceInfo, Event, Fault, NextAction, Plan, RunConfig, RunPhase, SavedRun, StepReport, StopReason, TextReport,
    TokenChoice, VERSION,
};

/// Where the data on the screen comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Source {
    /// Nothing yet.
    #[default]
    Empty,
    /// A recorded run plays until the visitor opens a text or presses Play.
    Recorded,
    /// The engine, on the visitor's text.
    Live,
}

/// Where a run stands, in the few words that buttons need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// No run; a plan may be there or on its way.
    #[default]
    Idle,
    /// Started, or being resumed from storage; no word from the engine yet.
    Starting,
    Running,
    Paused,
    Finished(StopReason),
}

impl Stage {
    /// A run exists that has not ended.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Paused)
    }
}

/// What is known of the recorded run on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub title: String,
    pub steps: u32,
    /// The last event was played.
    pub ended: bool,
}

/// A point of the training curve: mean loss since the point before, nats per token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossPoint {
    pub step: u32,
    pub loss: f32,
    pub learning_rate: f64,
    pub gradient_norm: f32,
    pub tokens_per_second: f32,
}

/// An evaluation: mean losses in nats per token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidationPoint {
    pub step: u32,
    pub validation: f32,
    pub training: f32,
    pub bits_per_byte: f32,
}

/// A text written while training.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleText {
    pub step: u32,
    pub prompt: String,
    pub text: String,
}

/// One written token.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenToken {
    pub text: String,
    /// 0..=1, after the dials.
    pub probability: f32,
    pub choices: Vec<TokenChoice>,
}

/// A text written on from the visitor's prompt; streams in token by token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writing {
    pub request: u32,
    pub prompt: String,
    pub tokens: Vec<WrittenToken>,
    pub done: bool,
    pub tokens_per_second: f32,
    /// The latest `Reweigh`.
    pub reweigh_request: u32,
    /// Its answer: next-token choices under changed dials, likeliest first.
    pub reweighed: Vec<TokenChoice>,
}

/// A fault as the page keeps it: never lost, only put aside.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultEntry {
    pub id: u32,
    pub fault: Fault,
    /// How often it came in a row.
    pub times: u32,
    pub dismissed: bool,
}

/// Everything the page knows of engine, text and run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunState {
    /// The worker said `Ready` with our version and answers.
    pub engine_ready: bool,
    pub device: Option<DeviceInfo>,
    pub text: Option<TextReport>,
    /// What the text is called on the page: a sample's title or the files' names.
    pub text_title: String,
    /// The `OpenText` that has no answer yet.
    pub pending_text: Option<u32>,
    /// What the text of that request is called; a refused text leaves `text_title` as it was.
    pub pending_title: String,
    pub plan: Option<Plan>,
    /// The `Prepare` that has no answer yet.
    pub pending_plan: Option<u32>,
    /// Play was pressed before the plan was there: the run starts as soon as it is.
    pub play_waits: bool,
    /// The config of the run or plan on the screen, as the engine runs it.
    pub config: RunConfig,
    /// Id of the current run; events of any other are ignored. 0 before the first.
    pub run: u32,
    pub stage: Stage,
    /// What the engine is doing, as it last said.
    pub phase: Option<RunPhase>,
    pub step: Option<StepReport>,
    pub training: Vec<LossPoint>,
    pub validation: Vec<ValidationPoint>,
    pub attention: AttentionHistory,
    pub samples: Vec<SampleText>,
    pub writing: Writing,
    pub faults: Vec<FaultEntry>,
    /// A run in storage that can be resumed.
    pub resumable: Option<SavedRun>,
    /// Step of the current run's last checkpoint in storage.
    pub saved_step: Option<u32>,
    pub source: Source,
    /// The recorded run, while `source` is `Recorded`.
    pub recorded: Option<Recorded>,
    /// The visitor's sentence, for an engine that has to be told again; `None` before the first.
    pub pinned: Option<String>,
    /// What samples begin with, for the same reason.
    pub sample_prompt: Option<String>,
    /// The prepared model's own frame, kept back while a recording plays.
    pub(super) kept_base: Option<(AttentionFrame, Vec<u8>)>,
    pub(super) next_fault: u32,
}

impl RunState {
    /// Faults kept at most; the oldest dismissed ones go first.
    const MAX_FAULTS: usize = 20;

    /// Applies one event with its buffers and says what changed. Events of another run, an older step or an answered request change
    /// nothing, so any message may be dropped or repeated.
    pub fn apply(&mut self, event: Event, mut buffers: Vec<Vec<u8>>) -> Parts {
        match event {
            Event::Ready { version } => {
                self.engine_ready = version == VERSION;
                Part::Engine.into()
            }
            Event::Resumable { saved } => {
                self.resumable = saved;
                Part::Saved.into()
            }
            Event::Device { device } => {
                self.device = Some(device);
                Part::Device.into()
            }
            Event::TextReady { request, report } => self.text_ready(request, report),
            Event::Prepared { request, plan } => self.prepared(request, plan),
            Event::Phase { run, phase } => self.phase(run, phase),
            Event::Step { run, report } if self.is_current(run) => self.stepped(report),
            Event::Step { .. } => Parts::NONE,
            Event::Evaluated { run, step, validation, training, bits_per_byte } if self.is_current(run) => {
                self.evaluated(ValidationPoint { step, validation, training, bits_per_byte })
            }
            Event::Evaluated { .. } => Parts::NONE,
            Event::Attention { frame } => {
                let of_this_run = if self.stage == Stage::Idle { frame.step == 0 } else { frame.run == self.run };
                let weights = if buffers.is_empty() { Vec::new() } else { buffers.swap_remove(0) };
                if of_this_run && self.source == Source::Recorded {
                    self.kept_base = Some((frame, weights));
                    return Parts::NONE;
                }
                changed(of_this_run && self.attention.push(frame, weights), &[Part::Attention])
            }
            Event::Sample { run, step, prompt, text } if self.is_current(run) => self.sampled(SampleText { step, prompt, text }),
            Event::Sample { .. } => Parts::NONE,
            Event::Token { request, text, probability, choices } => {
                if request != self.writing.request || self.writing.done {
                    return Parts::NONE;
                }
                self.writing.tokens.push(WrittenToken { text, probability, choices });
                Part::Writing.into()
            }
            Event::Written { request, tokens_per_second, .. } => {
                if request != self.writing.request {
                    return Parts::NONE;
                }
                (self.writing.done, self.writing.tokens_per_second) = (true, tokens_per_second);
                Part::Writing.into()
            }
            Event::Choices { request, choices } => {
                if request != self.writing.reweigh_request {
                    return Parts::NONE;
                }
                self.writing.reweighed = choices;
                Part::Writing.into()
            }
            Event::Saved { run, step, .. } => {
                if run != self.run {
                    return Parts::NONE;
                }
                self.saved_step = Some(step);
                Part::Saved.into()
            }
            Event::Fault { request, run, fault } => self.fault(request, run, fault),
        }
    }

    /// Shows a recorded run from its beginning; only over an empty screen.
    pub fn begin_recording(&mut self, title: String, config: RunConfig) -> Parts {
        if self.source != Source::Empty || self.stage != Stage::Idle {
            return Parts::NONE;
        }
        self.kept_base = self.attention.newest().map(|frame| (frame.head.clone(), frame.weights.clone()));
        self.attention.clear();
        self.recorded = Some(Recorded { title, steps: config.steps, ended: false });
        (self.source, self.config) = (Source::Recorded, config);
        Parts::all()
    }

    /// Applies an event of the recorded run; whatever is not a picture of the run (device, text, plan, faults) stays the engine's.
    pub fn apply_recorded(&mut self, event: Event, mut buffers: Vec<Vec<u8>>) -> Parts {
        if self.source != Source::Recorded {
            return Parts::NONE;
        }
        match event {
            Event::Step { report, .. } => self.stepped(report),
            Event::Evaluated { step, validation, training, bits_per_byte, .. } => {
                self.evaluated(ValidationPoint { step, validation, training, bits_per_byte })
            }
            Event::Attention { frame } => {
                let weights = if buffers.is_empty() { Vec::new() } else { buffers.swap_remove(0) };
                changed(self.attention.push(frame, weights), &[Part::Attention])
            }
            Event::Sample { step, prompt, text, .. } => self.sampled(SampleText { step, prompt, text }),
            _ => Parts::NONE,
        }
    }

    /// Puts the recorded run away; the prepared model's own frame takes its place.
    pub fn leave_recording(&mut self) -> Parts {
        if self.source != Source::Recorded {
            return Parts::NONE;
        }
        self.clear_run();
        self.attention.clear();
        (self.source, self.recorded) = (Source::Live, None);
        if let Some(plan) = &self.plan {
            self.config = plan.config.clone();
        }
        if let Some((frame, weights)) = self.kept_base.take() {
            self.attention.push(frame, weights);
        }
        Parts::all()
    }

    /// Steps done in this run.
    pub fn steps_done(&self) -> u32 {
        self.step.map_or(0, |report| report.step)
    }

    /// The open text is the one that a saved run calls by this title: the names of its files.
    pub fn has_open(&self, title: &str) -> bool {
        let names = |text: &TextReport| text.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
        self.text.as_ref().is_some_and(|text| names(text) == title)
    }

    /// Steps that are not in storage.
    pub fn unsaved_steps(&self) -> u32 {
        if self.source == Source::Live && self.stage != Stage::Idle {
            self.steps_done() - self.saved_step.unwrap_or(0).min(self.steps_done())
        } else {
            0
        }
    }

    /// Closing the page now would lose more than a moment's work.
    pub fn would_lose_much(&self) -> bool {
        self.unsaved_steps() > (self.config.steps / 20).max(10)
    }

    /// Begins run `run` from step 0: curves, samples and frames of the run before go; the untrained frame stays as its base.
    pub fn begin_run(&mut self, run: u32) -> Parts {
        self.leave_recording();
        self.clear_run();
        (self.run, self.stage, self.play_waits, self.source) = (run, Stage::Starting, false, Source::Live);
        self.attention.rewind(run, 0);
        Parts::all()
    }

    /// Goes on with a saved run under a new id, from `step`: what is known of it up to there stays on the screen.
    pub fn begin_resumed(&mut self, run: u32, saved: &SavedRun) -> Parts {
        self.leave_recording();
        if self.stage == Stage::Idle || self.run != saved.run {
            // Another run than the one on the screen: the engine will say what it knows.
            self.clear_run();
            self.attention.clear();
        }
        if !self.has_open(&saved.title) {
            (self.text, self.plan) = (None, None);
            self.text_title.clone_from(&saved.title);
        }
        self.training.retain(|point| point.step <= saved.step);
        self.validation.retain(|point| point.step <= saved.step);
        self.samples.retain(|sample| sample.step <= saved.step);
        self.step = self.step.filter(|report| report.step <= saved.step);
        self.attention.rewind(run, saved.step);
        self.config = saved.config.clone();
        (self.run, self.stage, self.play_waits, self.source) = (run, Stage::Starting, false, Source::Live);
        (self.saved_step, self.resumable) = (Some(saved.step), None);
        Parts::all()
    }

    /// Puts the run away: back to the prepared, untrained model.
    pub fn reset_run(&mut self) -> Parts {
        self.clear_run();
        self.attention.clear();
        self.stage = Stage::Idle;
        Parts::all()
    }

    /// Notes a fault found by the page itself.
    pub fn note_fault(&mut self, fault: Fault) -> Parts {
        if let Some(last) = self.faults.last_mut().filter(|last| last.fault == fault) {
            last.times += 1;
            last.dismissed = false;
        } else {
            self.next_fault += 1;
            self.faults.push(FaultEntry { id: self.next_fault, fault, times: 1, dismissed: false });
        }
        if self.faults.len() > Self::MAX_FAULTS {
            let oldest = self.faults.iter().position(|entry| entry.dismissed).unwrap_or(0);
            self.faults.remove(oldest);
        }
        Part::Faults.into()
    }

    /// The newest fault was answered without the visitor: its button goes, its sentence stays.
    pub fn no_action_needed(&mut self) -> Parts {
        if let Some(last) = self.faults.last_mut() {
            last.fault.action = NextAction::None;
        }
        Part::Faults.into()
    }

    /// The worker is gone: nothing that it owed will come. What is on the screen stays.
    pub fn lose_engine(&mut self) -> Parts {
        (self.engine_ready, self.pending_text, self.pending_plan) = (false, None, None);
        self.writing.done = true;
        if self.stage.is_active() {
            self.stage = Stage::Finished(StopReason::Fault);
        }
        self.phase = None;
        Parts::of(&[Part::Engine, Part::Text, Part::Plan, Part::Phase, Part::Writing])
    }

    fn clear_run(&mut self) {
        (self.step, self.saved_step, self.phase) = (None, None, None);
        self.training.clear();
        self.validation.clear();
        self.samples.clear();
        self.writing = Writing { request: self.writing.request, done: true, ..Writing::default() };
    }

    fn text_ready(&mut self, request: u32, report: TextReport) -> Parts {
        // The text of a resumed run answers no request of ours; it comes while the run is starting.
        if self.pending_text != Some(request) && self.stage != Stage::Starting {
            return Parts::NONE;
        }
        if self.pending_text.take().is_some() {
            self.text_title = std::mem::take(&mut self.pending_title);
        }
        self.text = Some(report);
        Part::Text.into()
    }

    fn prepared(&mut self, request: u32, plan: Plan) -> Parts {
        // A resumed run's plan answers no request of ours; it comes while the run is starting.
        if self.pending_plan != Some(request) && self.stage != Stage::Starting {
            return Parts::NONE;
        }
        if self.source != Source::Recorded {
            self.config = plan.config.clone();
        }
        (self.pending_plan, self.plan) = (None, Some(plan));
        Part::Plan.into()
    }

    fn phase(&mut self, run: u32, phase: RunPhase) -> Parts {
        let preparing =
            matches!(phase, RunPhase::LoadingModel { .. } | RunPhase::Tokenizing | RunPhase::WarmingUp { .. } | RunPhase::Measuring);
        // Before a run starts only preparations can be ours; a late `Running` is the run's before.
        let ours = if self.stage == Stage::Idle { preparing } else { run == self.run };
        if !ours {
            return Parts::NONE;
        }
        self.phase = Some(phase);
        self.stage = match phase {
            RunPhase::Running | RunPhase::Evaluating => Stage::Running,
            RunPhase::Paused => Stage::Paused,
            RunPhase::Finished { reason } => Stage::Finished(reason),
            _ => self.stage,
        };
        Part::Phase.into()
    }

    fn is_current(&self, run: u32) -> bool {
        run == self.run && self.stage != Stage::Idle
    }

    fn stepped(&mut self, report: StepReport) -> Parts {
        if report.step <= self.steps_done() {
            return Parts::NONE;
        }
        self.training.push(LossPoint {
            step: report.step,
            loss: report.loss,
            learning_rate: report.learning_rate,
            gradient_norm: report.gradient_norm,
            tokens_per_second: report.tokens_per_second,
        });
        self.step = Some(report);
        Parts::of(&[Part::Step, Part::Loss])
    }

    fn evaluated(&mut self, point: ValidationPoint) -> Parts {
        if self.validation.last().is_some_and(|last| last.step >= point.step) {
            return Parts::NONE;
        }
        self.validation.push(point);
        Part::Loss.into()
    }

    fn sampled(&mut self, sample: SampleText) -> Parts {
        let newer = self.samples.last().is_none_or(|last| last.step < sample.step || last.step == sample.step && last.text != sample.text);
        if newer {
            self.samples.push(sample);
        }
        changed(newer, &[Part::Samples])
    }

    fn fault(&mut self, request: Option<u32>, run: Option<u32>, fault: Fault) -> Parts {
        if run.is_some_and(|run| run != self.run && run != 0) {
            return Parts::NONE;
        }
        let mut parts = Parts::NONE;
        if request.is_some() && request == self.pending_text {
            self.pending_text = None;
            parts = parts.and(Part::Text.into());
        }
        if request.is_some() && request == self.pending_plan {
            (self.pending_plan, self.play_waits) = (None, false);
            parts = parts.and(Parts::of(&[Part::Plan, Part::Phase]));
        }
        if request == Some(self.writing.request) && !self.writing.done {
            self.writing.done = true;
            parts = parts.and(Part::Writing.into());
        }
        parts.and(self.note_fault(fault))
    }
}

fn changed(changed: bool, parts: &[Part]) -> Parts {
    if changed { Parts::of(parts) } else { Parts::NONE }
}
