//! One sentence for every fault, one label for every next action, and the words around them.

use crate::page::format::grouped;
use crate::protocol::{FaultCode, NextAction, SavedRun, SavedSettings};

/// The words of faults and of what follows them.
pub struct FaultWords {
    pub region: &'static str,
    pub sentence: fn(FaultCode) -> &'static str,
    /// The button's label; `None` where there is nothing to press.
    pub action: fn(NextAction) -> Option<&'static str>,
    pub details: &'static str,
    pub dismiss: &'static str,
    pub times: fn(u32) -> String,
    pub more: fn(usize) -> String,
    pub log: &'static str,
    pub resumed: &'static str,
    pub resume: &'static str,
    pub bring_back: &'static str,
    pub discard: &'static str,
    /// The offer to go on with a saved run: the run, and its age in seconds.
    pub offer: fn(&SavedRun, u64) -> String,
    /// What is learned from where there is no file: a table that was typed by hand.
    pub typed: &'static str,
    pub discard_title: &'static str,
    pub discard_body: &'static str,
    pub discard_yes: &'static str,
    pub overwrite_title: &'static str,
    pub overwrite_body: &'static str,
    pub overwrite_yes: &'static str,
    pub inject: &'static str,
}

fn sentence_en(code: FaultCode) -> &'static str {
    match code {
        FaultCode::EmptyText => "There are no words in this text. Choose a file with a few pages of plain text.",
        FaultCode::TextTooShort => "This text is too short to learn from. A page or two of plain text would do.",
        FaultCode::NothingToLearn => {
            "Nothing can be learned from this table as it is. What is in the way stands below it: mend that, or choose another text."
        }
        FaultCode::TextIsExamples => {
            "This is too short to write like, but it looks like examples with classes. Read as a table, the model can learn to tell them apart."
        }
        FaultCode::BinaryFile => {
            "This is not a text file. Choose a plain text or Markdown file; from a document, copy the words and paste them."
        }
        FaultCode::FileTooLarge => "More than 50 MB, or more than 50,000 files, do not fit. Choose a smaller file, or a part of it.",
        FaultCode::UnreadableEncoding => {
            "The letters of this file could not be recognised. Save it as UTF-8, which most text editors can, and bring it again."
        }
        FaultCode::FileGone => "This file cannot be read any more: it was moved, changed or deleted. Bring it again.",
        FaultCode::ModelNotLoaded => "The model could not be downloaded. Check the connection and try again.",
        FaultCode::ModelDamaged => "The model arrived damaged and was not used. Try again to download it anew.",
        FaultCode::ModelUnfit => "The parts of this model do not fit together, so it was not used. Choose another one.",
        FaultCode::UnknownModel => "This page has no model of that name; perhaps the link is an old one. Choose another model.",
        FaultCode::SettingsRefused => "The engine cannot run these settings with this text. Choose smaller numbers, or a longer text.",
        FaultCode::SentenceTooLong => {
            "That sentence is too long: 128 tokens can be shown, and no more than the model reads at once. Shorten it."
        }
        FaultCode::EmptyPrompt => "Type a few words to begin with.",
        FaultCode::NoSuchPart => "This model and sentence have no such head, layer or token. Choose another one.",
        FaultCode::HistoryOfAnotherModel => "The stored history was recorded with another model, so it was left aside. A new one begins.",
        FaultCode::NoAdapter => "No graphics card can be used from this browser. Training runs on the processor instead, more slowly.",
        FaultCode::AdapterUnfit => "This graphics card lacks something that training needs. It runs on the processor instead, more slowly.",
        FaultCode::DeviceLost => "The connection to the graphics card was lost.",
        FaultCode::GpuError => "The graphics card reported an error, so its results cannot be trusted.",
        FaultCode::OutOfMemory => "There is not enough memory for these settings. A smaller batch or a shorter window needs less.",
        FaultCode::WorkerCrashed => "The engine stopped unexpectedly. A fresh one was started; nothing you typed is lost.",
        FaultCode::LossNotFinite => "The loss is no longer a number: the steps were too large. A lower learning rate helps.",
        FaultCode::LossExploded => "The loss has shot up: the steps are too large. A lower learning rate helps.",
        FaultCode::StorageFull => "The browser's storage is full, so this run cannot be saved. Training goes on.",
        FaultCode::StorageRefused => {
            "This browser does not let the page store anything (a private window, perhaps), so runs cannot be saved."
        }
        FaultCode::CheckpointDamaged => "The saved run could not be read. It cannot be resumed.",
        FaultCode::EngineNotLoaded => "The engine could not be loaded. Check the connection and try again.",
        FaultCode::OutdatedEngine => "The page and its engine are of different versions. Reloading fetches both anew.",
        FaultCode::Internal => "Something went wrong inside the page. Your text is untouched; try again.",
    }
}

fn action_en(action: NextAction) -> Option<&'static str> {
    match action {
        NextAction::None => None,
        NextAction::ChooseText => Some("Choose a text"),
        NextAction::ReadAsTable => Some("Read as a table"),
        NextAction::ChooseModel => Some("Choose a model"),
        NextAction::UseCpu => Some("Use the processor"),
        NextAction::Retry => Some("Try again"),
        NextAction::ResumeFromCheckpoint => Some("Go on from the checkpoint"),
        NextAction::LowerLearningRate => Some("Lower the learning rate"),
        NextAction::SmallerBatch => Some("Halve the batch"),
        NextAction::ReloadPage => Some("Reload the page"),
    }
}

fn age_en(seconds: u64) -> String {
    match seconds {
        0..90 => "a moment ago".to_owned(),
        90..5_400 => format!("{} minutes ago", (seconds + 30) / 60),
        5_400..172_800 => format!("{} hours ago", (seconds + 1_800) / 3_600),
        _ => format!("{} days ago", (seconds + 43_200) / 86_400),
    }
}

const TYPED: &str = "Typed examples";

/// English.
pub const EN: FaultWords = FaultWords {
    region: "Messages",
    sentence: sentence_en,
    action: action_en,
    details: "Details",
    dismiss: "Put this message aside",
    times: |times| format!("{times} times"),
    more: |count| format!("and {count} more"),
    log: "What went wrong so far",
    resumed: "A fresh engine takes over.",
    resume: "Go on",
    bring_back: "Bring it back",
    discard: "Discard it",
    offer: |saved, age| {
        let (step, steps, age) = (grouped(u64::from(saved.step)), grouped(u64::from(saved.steps)), age_en(age));
        let title = if saved.title.is_empty() { TYPED } else { &saved.title };
        match &saved.settings {
            SavedSettings::Text { .. } => format!("A run on \u{201c}{title}\u{201d} was saved {age} at step {step} of {steps}."),
            SavedSettings::Labels { config, epoch } => {
                let (done, epochs) = (*epoch, config.epochs);
                format!(
                    "A run on the labelled texts of \u{201c}{title}\u{201d} was saved {age} at step {step} of {steps}, with {done} of {epochs} epochs complete."
                )
            }
        }
    },
    typed: TYPED,
    discard_title: "Discard the saved run?",
    discard_body: "What the model learned in that run is lost.",
    discard_yes: "Discard",
    overwrite_title: "Start a new run?",
    overwrite_body: "It takes the place of the saved run. What the model learned in that one is lost.",
    overwrite_yes: "Start the new run",
    inject: "Break something on purpose",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_in_words() {
        assert_eq!([5, 130, 7_300, 200_000].map(age_en), ["a moment ago", "2 minutes ago", "2 hours ago", "2 days ago"]);
    }

    #[test]
    fn an_offer_says_what_was_learned_from_and_how_far() {
        use crate::protocol::labels::{LabelChoice, LabelConfig};
        use crate::protocol::{RunConfig, SplitOptions, TableTask, TaskColumns};
        let columns = TaskColumns {
            task: TableTask::Classify,
            text: 0,
            second: None,
            target: Some(1),
            more_targets: Vec::new(),
            split: None,
            label_separator: None,
        };
        let config = LabelConfig::new(LabelChoice { columns, merge_labels: false, split: SplitOptions::default() });
        let labels = SavedSettings::Labels { config: Box::new(config), epoch: 3 };
        let text = SavedSettings::Text { config: RunConfig::default() };
        let saved =
            |title: &str, settings| SavedRun { run: 1, step: 1_200, steps: 3_000, title: title.into(), saved_at: 0, settings, bytes: 1 };
        let offer = |saved: SavedRun| (EN.offer)(&saved, 5);
        assert_eq!(offer(saved("a.txt", text)), "A run on \u{201c}a.txt\u{201d} was saved a moment ago at step 1,200 of 3,000.");
        let told = offer(saved("a.csv", labels.clone()));
        assert!(told.contains("labelled texts of \u{201c}a.csv\u{201d}") && told.ends_with("with 3 of 8 epochs complete."), "{told}");
        assert!(!offer(saved("", labels)).contains("\u{201c}\u{201d}"), "examples typed by hand have a name too");
    }

    #[test]
    fn sentences_speak_to_a_visitor() {
        for code in [FaultCode::GpuError, FaultCode::WorkerCrashed, FaultCode::Internal, FaultCode::AdapterUnfit] {
            let sentence = sentence_en(code);
            assert!(sentence.ends_with('.') && !sentence.contains("panic") && !sentence.contains("worker"), "{sentence}");
        }
    }
}
