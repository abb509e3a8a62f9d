//! Words of column 1's upper half: bringing a text, seeing it as tokens, the data check.

use crate::page::format::{clock, grouped, percent};
use crate::protocol::{Language, Plan, TableTask, Verdict};

/// The words of the text part.
pub struct TextWords {
    pub title: &'static str,
    pub task: &'static str,
    pub task_name: fn(TableTask) -> &'static str,
    pub scenarios: &'static str,
    pub folder: &'static str,
    pub folder_note: &'static str,
    pub type_rows: &'static str,
    pub table_reading: fn(u64, u64, u64) -> String,
    pub table_cancel: &'static str,
    pub drop: &'static str,
    pub pick: &'static str,
    pub paste: &'static str,
    pub samples: &'static str,
    pub drop_here: &'static str,
    pub drop_note: &'static str,
    pub paste_title: &'static str,
    pub paste_label: &'static str,
    pub paste_note: &'static str,
    pub paste_use: &'static str,
    pub pasted_name: &'static str,
    pub reading: &'static str,
    pub waits_for_engine: &'static str,
    pub empty: &'static str,
    pub preview: &'static str,
    pub preview_hint: &'static str,
    pub encoding: &'static str,
    pub guessed: &'static str,
    pub tokens: &'static str,
    pub parts: &'static str,
    pub passes: &'static str,
    pub check: &'static str,
    pub characters: &'static str,
    pub lines: &'static str,
    pub alphabet: &'static str,
    pub rare: &'static str,
    pub none: &'static str,
    pub duplicates: &'static str,
    pub language: &'static str,
    pub unknown: &'static str,
    pub replaced: &'static str,
    pub memory: &'static str,
    pub several: fn(usize) -> String,
    pub split: fn(u64, u64) -> String,
    pub passes_of: fn(f64) -> String,
    pub language_name: fn(Language) -> &'static str,
    pub verdict: fn(Verdict, &Plan) -> String,
    pub time: fn(f64) -> String,
}

fn verdict_en(verdict: Verdict, plan: &Plan) -> String {
    let passes = plan.epochs;
    match verdict {
        Verdict::Fine if passes > 15.0 => {
            format!("Enough to pick up the manner. Read {passes:.0} times over, it will begin to repeat whole lines.")
        }
        Verdict::Fine => "Enough to pick up the manner of this text.".to_owned(),
        Verdict::WillMemorise if passes < 1.0 => "Short, and these settings do not read all of it once. More steps do.".to_owned(),
        Verdict::WillMemorise => {
            format!("Short: read {passes:.0} times over, it will be learned by heart in part.")
        }
        Verdict::LanguageMismatch => {
            "The base model has not seen this language. It will learn, but slowly; a model from scratch may do better.".to_owned()
        }
        Verdict::ManyTokens => {
            "This model cuts the text into very small pieces. From scratch, with pieces learned from the text, does better.".to_owned()
        }
    }
}

fn task_en(task: TableTask) -> &'static str {
    match task {
        TableTask::Write => "Write like this text",
        TableTask::Classify => "Sort texts into classes",
        TableTask::ClassifySeveral => "Give several labels",
        TableTask::Score => "Give a number",
        TableTask::ClassifyPair => "Compare two texts",
        TableTask::ScorePair => "Rate two texts",
        TableTask::TagTokens => "Mark words",
        TableTask::TextToText => "Turn one text into another",
    }
}

fn language_en(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::OtherLatin => "Latin letters, not English",
        Language::Chinese => "Chinese",
        Language::Japanese => "Japanese",
        Language::Korean => "Korean",
        Language::Cyrillic => "Cyrillic",
        Language::Greek => "Greek",
        Language::Arabic => "Arabic",
        Language::Hebrew => "Hebrew",
        Language::Devanagari => "Devanagari",
        Language::Other => "mixed or other",
    }
}

/// English.
pub const EN: TextWords = TextWords {
    title: "Text",
    task: "What to learn",
    task_name: task_en,
    scenarios: "or learn from labels:",
    folder: "Folder\u{2026}",
    folder_note: "A folder with a folder for each class: every file in it is a text of that class",
    type_rows: "Type",
    table_reading: |done, total, rows| {
        let share = if total > 0 { done as f64 / total as f64 } else { 0.0 };
        format!("reading {}, {} rows", percent(share), grouped(rows))
    },
    table_cancel: "Cancel",
    drop: "Drop a text,",
    pick: "File",
    paste: "Paste",
    samples: "Samples",
    drop_here: "Let go to open this text",
    drop_note: "Plain text or Markdown, up to 50 MB. It stays in this tab.",
    paste_title: "Paste a text",
    paste_label: "Text to learn from",
    paste_note: "A few pages are enough. It stays in this tab.",
    paste_use: "Use this text",
    pasted_name: "Pasted text",
    reading: "Reading the text",
    waits_for_engine: "Read as soon as the engine is there",
    empty: "No text yet.",
    preview: "As the model sees it",
    preview_hint: "Each chip is one token. A dot is a space, an arrow a line break.",
    encoding: "Encoding",
    guessed: "guessed",
    tokens: "tokens",
    parts: "for learning / validation",
    passes: "reads the text",
    check: "Data check",
    characters: "characters",
    lines: "lines",
    alphabet: "different characters",
    rare: "rare characters",
    none: "none",
    duplicates: "repeated lines",
    language: "language",
    unknown: "unknown tokens",
    replaced: "unreadable characters",
    memory: "memory for training",
    several: |count| format!("{count} files"),
    split: |train, validation| {
        let all = (train + validation).max(1) as f64;
        format!("{} / {}", percent(train as f64 / all), percent(validation as f64 / all))
    },
    passes_of: |epochs| if epochs < 9.95 { format!("{epochs:.1} times") } else { format!("{} times", grouped(epochs.round() as u64)) },
    language_name: language_en,
    verdict: verdict_en,
    time: |seconds| if seconds < 5.0 { "It takes a few seconds.".to_owned() } else { format!("It takes about {}.", clock(seconds)) },
};
