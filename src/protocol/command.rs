//! What the page asks of the engine.

use super::config::{DevicePreference, RunConfig};
use super::explain::{Question, Switch};
use super::labels::LabelCommand;
use serde::{Deserialize, Serialize};

/// A file that travels in the packet's buffer of the same position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHead {
    pub name: String,
    /// The visitor's correction of the recognised encoding: a WHATWG label such as `gb18030`.
    pub encoding: Option<String>,
}

/// How tokens are drawn from logits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SamplingConfig {
    /// 0 always takes the likeliest token.
    pub temperature: f64,
    /// Keep this many of the likeliest tokens; 0 keeps all.
    pub top_k: u32,
    /// Keep the smallest set of tokens whose probabilities reach this sum; 1 keeps all.
    pub top_p: f64,
    /// Above 1: logits of tokens already written are pushed down (CTRL, arXiv 1909.05858).
    pub repetition_penalty: f64,
    pub seed: u64,
    pub max_tokens: u32,
    /// Writing ends before this text; empty: never.
    pub stop: String,
}

impl Default for SamplingConfig {
    fn default() -> Self {
        Self { temperature: 0.8, top_k: 40, top_p: 1.0, repetition_penalty: 1.0, seed: 1, max_tokens: 120, stop: String::new() }
    }
}

/// An imperative from page to engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// First of all. `base_url` is the folder of the page: models are fetched from `{base_url}models/`. Answer: `Ready`, then
    /// `Resumable`.
    Hello {
        version: u32,
        base_url: String,
    },
    /// Opens (or changes) the device. Answer: `Device`, or `Fault`.
    OpenDevice {
        preference: DevicePreference,
    },
    /// Reads the files in the packet's buffers as one text. Answer: `TextReady`, or `Fault`.
    OpenText {
        request: u32,
        files: Vec<FileHead>,
    },
    /// Makes ready for a run with this config on the open text: loads the model, tokenizes, measures the speed for a second.
    /// Answer: `Prepared`, or `Fault`. Also changes what generation and attention speak of: the untrained run at step 0.
    Prepare {
        request: u32,
        config: RunConfig,
    },
    /// Starts the prepared run from step 0. Answer: `Phase`, then `Step`, `Evaluated`, `Attention`, `Sample`, `Saved` as they come.
    Start {
        run: u32,
    },
    /// Stops after the current step; the run can go on.
    Pause,
    Resume,
    /// One step, then pause.
    Step,
    /// Ends the run and keeps its model for writing and attention.
    Stop,
    /// The peak learning rate from the next step on.
    SetLearningRate {
        value: f64,
    },
    /// The sentence whose attention is shown from now on. Answer: `Sentence`, `Attention`, then `History` with the sentence on the weights that were
    /// kept of the run so far; or `Fault`, and the old sentence stays.
    Pin {
        sentence: String,
    },
    /// As `Pin`, with a sentence that the visitor did not choose: it gives way to any other, and one that was chosen stays.
    Glance {
        sentence: String,
    },
    /// Asks about the inside of the model. Answer: `Answered`, or `Fault`; answers come in the order of the requests.
    Ask {
        request: u32,
        question: Question,
    },
    /// Turns these parts off (or back) in what is shown and written, not in training; an empty list turns all on. From now on `Generate` writes with
    /// them. Answer: `Answered` with `Switched`, again with every picture while a run trains; or `Fault`, and the old switches stay.
    SetSwitches {
        request: u32,
        switches: Vec<Switch>,
    },
    /// Share of the time that recording may take during training, 0..=0.5; 0 records nothing. 0.05 unless told.
    SetRecording {
        share: f64,
    },
    /// Sends the recorded past of the pinned sentence again. Answer: `History` in one or more parts, `Bookmarks`.
    SendHistory,
    /// Text that samples during training start with.
    SetSamplePrompt {
        prompt: String,
    },
    /// Writes on from a prompt with the model as it is now; during training, between steps. Answer: `Token`s, then `Written`.
    Generate {
        request: u32,
        prompt: String,
        sampling: SamplingConfig,
    },
    StopGenerate,
    /// Next-token choices for the last prompt's stored logits under other dials; no forward pass. Answer: `Choices`.
    Reweigh {
        request: u32,
        sampling: SamplingConfig,
    },
    /// Continues the saved run. Answer: `Prepared` (of a run over labelled texts `Labels` with `TableReady`, `Examined` and `Prepared`, all under request
    /// 0), what was reported so far, then as `Start`; paused if the run was paused.
    ResumeSaved {
        run: u32,
    },
    /// Forgets the saved run.
    DiscardSaved,
    /// Writes a checkpoint now (the page sends it before it is hidden or closed).
    Save,
    /// Tables of labelled texts and what is learned from them ([`super::labels`]). Answer: `Labels`, or `Fault`.
    Labels {
        request: u32,
        command: LabelCommand,
    },
    /// Breaks something on purpose, so that tests can see that it is survived. Ignored unless the page was opened with `#debug=1`.
    InjectFault {
        fault: InjectedFault,
    },
}

/// Faults that a test can inject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InjectedFault {
    /// `GPUDevice.destroy` on the live device.
    DestroyDevice,
    /// The next loss is NaN.
    NanLoss,
    /// The worker panics.
    Panic,
}
