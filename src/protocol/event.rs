//! What the engine tells the page.

use super::catalogue::BaseModel;
use super::config::RunConfig;
use super::explain::Answer;
use super::fault::Fault;
use super::frame::AttentionFrame;
use super::labels::{LabelAnswer, LabelConfig, LabelNews};
use super::memory::MemoryUse;
use super::past::{Bookmark, HistoryPart};
use super::table::TableForm;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    WebGpu,
    Cpu,
}

/// The device that the engine runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    pub kind: DeviceKind,
    /// As the adapter names itself; empty where the browser hides it.
    pub name: String,
    /// The adapter is a program on the CPU (SwiftShader, lavapipe): correct, but slow.
    pub software: bool,
    /// Why it is the CPU although WebGPU was preferred.
    pub fallback: Option<Fault>,
}

/// One file of the open text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    pub name: String,
    pub bytes: u64,
    pub characters: u64,
    /// WHATWG label of the encoding in use, lower case.
    pub encoding: String,
    /// The encoding was guessed; the visitor may correct it.
    pub guessed: bool,
    /// Characters that could not be read and became U+FFFD.
    pub replaced: u64,
}

/// The language that most of the text is in, as far as its letters tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    English,
    OtherLatin,
    Chinese,
    Japanese,
    Korean,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Devanagari,
    Other,
}

/// What one can say of a text before it is learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataCheck {
    pub characters: u64,
    pub lines: u64,
    /// Different characters.
    pub alphabet: u32,
    /// Characters that occur fewer than three times, the rarest first; at most 40.
    pub rare_characters: Vec<char>,
    /// Lines (longer than 20 characters) that repeat an earlier one.
    pub duplicate_lines: u64,
    pub language: Language,
}

/// Answer to `OpenText`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextReport {
    pub files: Vec<FileReport>,
    pub check: DataCheck,
    /// The first few hundred characters, for the eye.
    pub excerpt: String,
    /// The form in which the files could be read as a table of examples instead; `Lines`: each of them is a class.
    pub table: Option<TableForm>,
}

/// What the numbers say about a text and a plan, in one word; the page holds the sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Fine,
    /// So short that it will be memorised.
    WillMemorise,
    /// Most of the text is in a language that the base model has not seen.
    LanguageMismatch,
    /// The tokenizer needs far more tokens than characters suggest: another tokenizer or model would do better.
    ManyTokens,
}

/// One token of a preview window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub id: u32,
    /// The token's text; a part of a character shows as `�`.
    pub text: String,
}

/// Answer to `Prepare`: what a run with this config will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub parameters: u64,
    pub vocab_size: u32,
    pub n_layer: u32,
    pub n_head: u32,
    pub n_embd: u32,
    pub n_ctx: u32,
    pub train_tokens: u64,
    pub validation_tokens: u64,
    /// Passes over the training part that the run amounts to.
    pub epochs: f64,
    /// Tokens unknown to the tokenizer.
    pub unknown_tokens: u64,
    /// Two real training windows as tokens.
    pub preview: Vec<Vec<Piece>>,
    pub verdict: Verdict,
    /// Measured on this device in about a second; warm-up excluded.
    pub tokens_per_second: f64,
    pub expected_seconds: f64,
    /// The config as the engine will run it (a window longer than the text is shortened, for example).
    pub config: RunConfig,
    /// Parameters that stay as they are.
    pub frozen_parameters: u64,
    pub memory: MemoryUse,
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    LoadingModel {
        done_bytes: u64,
        total_bytes: u64,
    },
    Tokenizing,
    /// Generating and compiling GPU kernels; `kernels` so far.
    WarmingUp {
        kernels: u32,
    },
    Measuring,
    Running,
    Paused,
    Evaluating,
    Finished {
        reason: StopReason,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    AllSteps,
    Stopped,
    Fault,
}

/// One optimiser step. Not every step is reported: the page hears at most ten a second, averages over the steps between.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepReport {
    /// Steps done, 1 for the first.
    pub step: u32,
    /// Mean training loss since the last report, nats per token.
    pub loss: f32,
    pub learning_rate: f64,
    /// Global gradient norm before clipping, of the last step.
    pub gradient_norm: f32,
    pub tokens_per_second: f32,
    pub seconds_left: f32,
}

/// One candidate for the next token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenChoice {
    pub id: u32,
    pub text: String,
    /// Probability in 0..=1 after the dials.
    pub probability: f32,
}

/// A run found in storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedRun {
    pub run: u32,
    pub step: u32,
    pub steps: u32,
    /// Names of the files; empty for a table that was typed by hand.
    pub title: String,
    /// Seconds since 1970.
    pub saved_at: u64,
    pub settings: SavedSettings,
    /// Bytes in storage.
    pub bytes: u64,
}

/// What a saved run learns from, and its settings as they were last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedSettings {
    Text {
        config: RunConfig,
    },
    /// Labelled texts; `epoch` epochs are complete.
    Labels {
        config: Box<LabelConfig>,
        epoch: u32,
    },
}

/// A fact from engine to page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Ready {
        version: u32,
    },
    Resumable {
        saved: Option<SavedRun>,
    },
    /// Base models that the browser keeps: choosing one of them needs no download.
    ModelsKept {
        models: Vec<BaseModel>,
    },
    Device {
        device: DeviceInfo,
    },
    TextReady {
        request: u32,
        report: TextReport,
    },
    Prepared {
        request: u32,
        plan: Plan,
    },
    Phase {
        run: u32,
        phase: RunPhase,
    },
    Step {
        run: u32,
        report: StepReport,
    },
    /// Mean loss over validation windows, and over as many training windows, nats per token. `bits_per_byte` is the validation loss
    /// per byte of text, which can be compared between tokenizers.
    Evaluated {
        run: u32,
        step: u32,
        validation: f32,
        training: f32,
        bits_per_byte: f32,
    },
    /// The packet's first buffer holds the weights.
    Attention {
        frame: AttentionFrame,
    },
    /// The pinned sentence as the model reads it. `unknown` are the positions of tokens that stand for characters the tokenizer does not know.
    Sentence {
        run: u32,
        tokens: Vec<Piece>,
        /// The sentence itself: tokens that are parts of a character do not add up to it.
        text: String,
        unknown: Vec<u32>,
    },
    /// A part of the recorded past; one buffer per frame. Comes after `Pin`, after a saved run is resumed, and when asked for.
    History {
        part: HistoryPart,
    },
    /// All bookmarks of the recorded past, by step; whenever they change.
    Bookmarks {
        run: u32,
        bookmarks: Vec<Bookmark>,
    },
    /// The answer to an `Ask` or a `SetSwitches`; `run` and `step` say which model it speaks of, `answer` what the buffers hold.
    Answered {
        request: u32,
        run: u32,
        step: u32,
        answer: Answer,
    },
    /// Text written at this step from the sample prompt.
    Sample {
        run: u32,
        step: u32,
        prompt: String,
        text: String,
    },
    /// One token of a `Generate`; `choices` are the likeliest, the chosen one among them.
    Token {
        request: u32,
        text: String,
        probability: f32,
        choices: Vec<TokenChoice>,
    },
    Written {
        request: u32,
        text: String,
        tokens_per_second: f32,
    },
    Choices {
        request: u32,
        choices: Vec<TokenChoice>,
    },
    Saved {
        run: u32,
        step: u32,
        bytes: u64,
    },
    /// The answer to a `Labels` command.
    Labels {
        request: u32,
        answer: LabelAnswer,
    },
    /// News of a run over labelled texts; a report's buffers hold its rows.
    LabelRun {
        run: u32,
        news: LabelNews,
    },
    /// `request` names the command that failed, where there was one.
    Fault {
        request: Option<u32>,
        run: Option<u32>,
        fault: Fault,
    },
}
