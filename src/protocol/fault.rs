//! What can go wrong, as the visitor will be told: a code (the page holds the sentence in every language), one next action, and a
//! detail for developers.

use serde::{Deserialize, Serialize};

/// What happened. The page's `strings` room holds one sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    // Text
    EmptyText,
    TextTooShort,
    /// A table from which nothing can be learned as it is.
    NothingToLearn,
    /// Too short to write like, but its rows or files may be examples.
    TextIsExamples,
    BinaryFile,
    FileTooLarge,
    UnreadableEncoding,
    /// The browser cannot read a file that it was given before.
    FileGone,
    // Model and settings
    ModelNotLoaded,
    ModelDamaged,
    /// The files are the right ones, and yet they do not fit together or cannot be run.
    ModelUnfit,
    /// There is no bundled model of this name.
    UnknownModel,
    SettingsRefused,
    SentenceTooLong,
    EmptyPrompt,
    /// A layer, head or token that the model or the sentence does not have.
    NoSuchPart,
    /// The stored history was recorded with another model; it was left aside and a new one begins.
    HistoryOfAnotherModel,
    // Device
    NoAdapter,
    AdapterUnfit,
    DeviceLost,
    GpuError,
    OutOfMemory,
    WorkerCrashed,
    // Run
    LossNotFinite,
    LossExploded,
    StorageFull,
    StorageRefused,
    CheckpointDamaged,
    // Protocol
    /// The worker's module could not be fetched or started.
    EngineNotLoaded,
    OutdatedEngine,
    Internal,
}

impl FaultCode {
    /// A base model cannot be had.
    #[must_use]
    pub fn is_of_a_model(self) -> bool {
        matches!(self, Self::ModelNotLoaded | Self::ModelDamaged | Self::ModelUnfit | Self::UnknownModel)
    }
}

/// The one thing to do next; the page draws it as a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    /// Nothing to press: the engine already went on by itself (for example on the CPU); the page just says so.
    None,
    ChooseText,
    /// Read what was refused as a table of examples.
    ReadAsTable,
    ChooseModel,
    UseCpu,
    Retry,
    ResumeFromCheckpoint,
    LowerLearningRate,
    SmallerBatch,
    ReloadPage,
}

/// A fault on its way to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub code: FaultCode,
    pub action: NextAction,
    /// For developers and for the details fold on the page: the cause chain, a file's name, a number.
    pub detail: String,
}

impl Fault {
    /// A fault with its detail.
    pub fn new(code: FaultCode, action: NextAction, detail: impl Into<String>) -> Self {
        Self { code, action, detail: detail.into() }
    }
}
