//! The plain state of a run as the page knows it, and the rules by which events change it.

use super::{
    Answers, AttentionHistory, FaultEntry, LabelState, LossPoint, Part, Parts, Recorded, SampleText, Source, Stage, StoredFrame, Told,
    ValidationPoint, Writing, WrittenToken,
};
use crate::protocol::{
    AttentionFrame, BaseModel, DeviceInfo, Event, Fault, FileReport, Plan, RunConfig, RunPhase, SavedRun, SavedSettings, StepReport,
    TextReport, VERSION,
};
use std::rc::Rc;

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
    /// The plan is of another text, or of settings that could not be had: nothing starts from it.
    pub plan_void: bool,
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
    pub answers: Answers,
    /// Positions in the pinned sentence of tokens that stand for characters the tokenizer does not know.
    pub unknown_tokens: Vec<u32>,
    pub samples: Vec<SampleText>,
    pub writing: Writing,
    pub faults: Vec<FaultEntry>,
    /// The open table and what was learned from it.
    pub labels: LabelState,
    /// A run in storage that can be resumed.
    pub resumable: Option<SavedRun>,
    /// Base models in storage: choosing one of them needs no download.
    pub kept_models: Vec<BaseModel>,
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
            Event::ModelsKept { models } => {
                self.kept_models = models;
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
                self.writing.weighable = true;
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
            Event::Sentence { tokens, text, unknown, .. } => {
                let unknown = unknown.into_iter().filter(|&at| (at as usize) < tokens.len()).collect();
                self.unknown_tokens = unknown;
                self.answers.begin_sentence(tokens.into_iter().map(|piece| piece.text).collect(), text);
                Parts::of(&[Part::Attention, Part::Answers])
            }
            Event::History { part } => {
                let of_this_run = if self.stage == Stage::Idle { part.run == 0 } else { part.run == self.run };
                let taken = of_this_run && self.source != Source::Recorded && self.attention.take_part(part, buffers);
                changed(taken, &[Part::Attention])
            }
            Event::Bookmarks { run, bookmarks } => {
                let of_this_run = self.is_current(run) && self.source != Source::Recorded;
                changed(of_this_run && self.attention.take_bookmarks(bookmarks), &[Part::Attention])
            }
            Event::Answered { request, run, step, answer } => {
                changed(self.answers.told(request, Told { run, step, answer, buffers }), &[Part::Answers])
            }
            Event::Labels { request, answer } => self.labels_answered(request, answer),
            Event::LabelRun { run, news } if self.is_current(run) => self.label_news(news, buffers),
            Event::LabelRun { .. } => Parts::NONE,
        }
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
            Event::Bookmarks { bookmarks, .. } => changed(self.attention.take_bookmarks(bookmarks), &[Part::Attention]),
            Event::Sample { step, prompt, text, .. } => self.sampled(SampleText { step, prompt, text }),
            _ => Parts::NONE,
        }
    }

    /// The newest frame of the engine's model: while a recording plays, not the one that is shown.
    pub fn live_frame(&self) -> Option<Rc<StoredFrame>> {
        match (self.source, &self.kept_base) {
            (Source::Recorded, Some((head, weights))) => Some(Rc::new(StoredFrame { head: head.clone(), weights: weights.clone() })),
            (Source::Recorded, None) => None,
            _ => self.attention.newest(),
        }
    }

    /// Steps done in this run.
    pub fn steps_done(&self) -> u32 {
        self.step.map_or(0, |report| report.step)
    }

    /// What a saved run learns from is open here: a text or a table whose files have the names that are its title, or what the run on the screen has.
    pub fn has_open(&self, saved: &SavedRun) -> bool {
        let names = |files: &[FileReport]| files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
        match saved.settings {
            SavedSettings::Text { .. } => self.text.as_ref().is_some_and(|text| names(&text.files) == saved.title),
            SavedSettings::Labels { .. } => self.labels.table.as_ref().is_some_and(|table| {
                // Typed tables have no names.
                let same_run = self.stage != Stage::Idle && self.run == saved.run;
                names(&table.reading.files) == saved.title && (same_run || !saved.title.is_empty())
            }),
        }
    }

    /// What answers no request of ours, but tells a run that is being taken up again.
    pub(super) fn is_resumed_by(&self, request: u32) -> bool {
        request == 0 && self.stage == Stage::Starting
    }

    /// A plan is there for what is open: a text or a table.
    pub fn has_plan(&self) -> bool {
        if self.labels.active { self.labels.plan.is_some() } else { self.plan.is_some() && !self.plan_void }
    }

    /// Something is open that can be learned from.
    pub fn has_subject(&self) -> bool {
        self.text.is_some() || self.labels.table.is_some()
    }

    /// Steps that would be lost with the run on the screen: those of a saved run too, while it is being taken up again.
    pub fn steps_at_stake(&self) -> u32 {
        if self.source == Source::Live { self.steps_done().max(self.saved_step.unwrap_or(0)) } else { 0 }
    }

    /// Steps of the run or plan on the screen.
    pub fn steps_total(&self) -> u32 {
        match &self.labels.plan {
            Some(plan) if self.labels.active && self.source != Source::Recorded => plan.steps,
            _ => self.config.steps,
        }
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
        self.unsaved_steps() > (self.steps_total() / 20).max(10)
    }

    fn text_ready(&mut self, request: u32, report: TextReport) -> Parts {
        // An answer that nobody waits for any more: a text that was still being read when a saved run was taken up again.
        if self.pending_text != Some(request) {
            return Parts::NONE;
        }
        if self.pending_text.take().is_some() {
            self.text_title = std::mem::take(&mut self.pending_title);
        }
        (self.text, self.plan_void) = (Some(report), true);
        if self.labels.active {
            self.leave_table();
            return Parts::of(&[Part::Text, Part::Table, Part::Plan, Part::Epochs, Part::Report, Part::Rows, Part::Prediction]);
        }
        Part::Text.into()
    }

    fn prepared(&mut self, request: u32, plan: Plan) -> Parts {
        if self.pending_plan != Some(request) && !self.is_resumed_by(request) {
            return Parts::NONE;
        }
        if self.source != Source::Recorded {
            self.config = plan.config.clone();
        }
        if self.plan.as_ref().is_some_and(|before| before.config.start != plan.config.start) {
            // What another model wrote.
            self.writing = Writing::default();
        }
        (self.writing.weighable, self.plan_void) = (false, false);
        (self.pending_plan, self.plan) = (None, Some(plan));
        self.answers.another_model();
        Parts::of(&[Part::Plan, Part::Answers, Part::Writing])
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
        // A run that is taken up again is told from its beginning, whatever is still on the screen.
        if self.training.last().is_none_or(|last| last.step < report.step) {
            self.training.push(LossPoint {
                step: report.step,
                loss: report.loss,
                learning_rate: report.learning_rate,
                gradient_norm: report.gradient_norm,
                tokens_per_second: report.tokens_per_second,
            });
        }
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
        // A question's fault is told where it was asked.
        if request.is_some_and(|request| self.answers.failed(request, &fault)) {
            return Part::Answers.into();
        }
        if let Some(parts) = request.and_then(|request| self.label_question_failed(request, &fault)) {
            return parts;
        }
        let mut parts = Parts::NONE;
        if request.is_some() && request == self.pending_text {
            // Play does not wait for what will not come.
            (self.pending_text, self.labels.progress, self.play_waits) = (None, None, false);
            parts = parts.and(Parts::of(&[Part::Text, Part::Table, Part::Phase]));
        }
        if request.is_some() && request == self.pending_plan {
            (self.pending_plan, self.play_waits) = (None, false);
            if self.stage == Stage::Idle {
                // The engine let go of what was prepared before, or it is not what was asked for.
                (self.labels.plan, self.plan_void) = (None, true);
            }
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
