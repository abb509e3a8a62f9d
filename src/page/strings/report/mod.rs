//! Words of the report on labelled texts. They are no part of `Words`: only the report's views use them, so they come with those.

mod parts;
mod sentences;

use crate::page::format::{grouped, percent};
use crate::page::report::Hindrance;
use crate::page::report::behind::{Behind, Order};
use crate::page::report::calibration::Calibrated;
use crate::page::report::duel::Duel;
use crate::page::report::epochs::Standing;
use crate::protocol::SplitPart;
use crate::protocol::labels::{BaselineKind, CorrectedRows, FigureName};
use parts::{corrected_en, learn_on_not_en, part_en, part_how_en, part_name_en};
use sentences::{baseline_en, behind_en, calibrated_en, calibration_terms_en, count, duel_en, figure_en, standing_en};
pub use sentences::{estimate_of, interval_of, range_of, value_of};

/// The words of the report. Sentences with values in them are functions.
pub struct ReportWords {
    pub epochs: &'static str,
    pub epoch: &'static str,
    /// Only so many of the validation rows are answered after an epoch.
    pub epochs_drawn: fn(u64, u64) -> String,
    pub epochs_table: &'static str,
    pub best: &'static str,
    pub epochs_word: fn(u32) -> &'static str,
    pub training: &'static str,
    pub validation: &'static str,
    pub standing: fn(&Standing) -> String,
    pub title: &'static str,
    pub waits: &'static str,
    /// Every row is learned from.
    pub unkept: &'static str,
    /// Which rows the report speaks of, and how many.
    /// Of which part, over how many rows, of how many, and how many reports of this visit looked at them.
    pub part: fn(SplitPart, u64, u64, usize) -> String,
    pub part_warning: &'static str,
    /// Plain name and term of a figure.
    pub figure: fn(FigureName) -> (&'static str, &'static str),
    pub table: &'static str,
    /// Headings of the table: plain name, term.
    pub columns: [(&'static str, &'static str); 4],
    pub class: &'static str,
    pub span_type: &'static str,
    pub tag: &'static str,
    pub columns_help: &'static str,
    pub averages: [&'static str; 4],
    pub accuracy: &'static str,
    pub as_text: fn(&str) -> String,
    pub copy: &'static str,
    pub copied: &'static str,
    pub copy_refused: &'static str,
    pub matrix: &'static str,
    pub matrix_how: &'static str,
    pub matrix_truth: &'static str,
    pub matrix_said: &'static str,
    /// Most frequent confusion: true class, said class. Its rows follow.
    pub confused: fn(&str, &str) -> String,
    pub confused_none: &'static str,
    pub cell: fn(&str, &str, u64, f64) -> String,
    /// Above the four counts of each of several labels.
    pub labels_table: &'static str,
    pub label_columns: [&'static str; 4],
    pub calibration: &'static str,
    /// Before the calibration error, the error, and after it: it is a button.
    pub calibrated: fn(&Calibrated) -> [String; 3],
    pub calibration_error: &'static str,
    /// Of rows, or of the labels of rows.
    pub calibration_terms: fn(of_labels: bool) -> CalibrationTerms,
    pub calibration_table: &'static str,
    pub baselines: &'static str,
    pub the_model: &'static str,
    pub baseline: fn(BaselineKind) -> &'static str,
    pub duel: fn(&Duel, FigureName) -> String,
    pub interval_help: &'static str,
    pub scatter: &'static str,
    pub scatter_x: &'static str,
    pub scatter_y: &'static str,
    pub scatter_how: &'static str,
    pub rows: fn(u64) -> String,
    pub show_rows: fn(&str, &str) -> String,
    pub behind: fn(&Behind, &[String]) -> String,
    pub rows_title: &'static str,
    pub rows_none: &'static str,
    pub rows_lost: &'static str,
    pub row_waits: &'static str,
    pub row_failed: &'static str,
    pub order: &'static str,
    pub order_name: fn(Order) -> &'static str,
    pub only_wrong: &'static str,
    pub all_rows: &'static str,
    pub page: fn(usize, usize, usize) -> String,
    pub earlier: &'static str,
    pub later: &'static str,
    pub row: &'static str,
    pub label: &'static str,
    pub said: &'static str,
    pub probability: &'static str,
    pub loss: &'static str,
    pub no_label: &'static str,
    pub wanted: &'static str,
    pub written: &'static str,
    pub off_by: &'static str,
    pub whole_text: &'static str,
    pub cut_text: fn(usize) -> String,
    pub correct: &'static str,
    pub corrected: fn(CorrectedRows) -> String,
    pub correct_refused: fn(&str) -> String,
    pub learn_on: &'static str,
    pub learn_on_not: fn(Hindrance) -> &'static str,
    pub rows_of: &'static str,
    pub part_name: fn(SplitPart) -> &'static str,
    /// Which part, how many of its rows, of how many.
    pub part_how: fn(SplitPart, u64, u64) -> String,
    pub part_waits: &'static str,
    pub part_failed: &'static str,
    pub part_again: &'static str,
    pub export: &'static str,
    pub export_csv: &'static str,
    pub export_json: &'static str,
    pub export_markdown: &'static str,
    /// Of the document: heading, the base, no base.
    pub settings: &'static str,
    pub rate_set_last: &'static str,
    pub base: &'static str,
    pub scratch: &'static str,
    pub export_reads: fn(usize, usize) -> String,
    pub export_partial: &'static str,
    pub export_refused: &'static str,
}

/// The words of the page's language.
pub fn words() -> &'static ReportWords {
    &EN
}

/// How the columns and axes of a calibration are called.
#[derive(Clone, Copy)]
pub struct CalibrationTerms {
    /// Up the square.
    pub y: &'static str,
    /// Heads of the table; the first goes along the square.
    pub bin: [&'static str; 4],
    pub count: fn(u64) -> String,
}

/// English.
pub static EN: ReportWords = ReportWords {
    epochs: "Epoch by epoch",
    epoch: "epoch",
    epochs_drawn: |answered, rows| {
        format!(
            "Writing takes long: after an epoch {answered} of the {} validation rows are answered, and the figures of what was written are theirs. The loss is that of all.",
            grouped(rows)
        )
    },
    epochs_table: "Every epoch as a table",
    best: "best",
    epochs_word: |epochs| if epochs == 1 { "epoch" } else { "epochs" },
    training: "training",
    validation: "validation",
    standing: standing_en,
    title: "Report",
    unkept: "There will be no report: every row is learned from. Keep some rows for the test, or add rows, and there will be one.",
    waits: "The report comes when the run has ended: on rows that the model has never seen.",
    part: part_en,
    part_warning: "The best epoch was chosen by these rows, so the figures are better than they would be on new texts. Keep some rows for a test.",
    figure: figure_en,
    table: "Classification report",
    columns: [("rightly called so", "precision"), ("found", "recall"), ("both together", "F1"), ("rows", "support")],
    class: "class",
    span_type: "type",
    tag: "tag",
    columns_help: "Precision: of what was called so, the share that is. Recall: of what is, the share that was found. F1 is high only when both are. Press a number for the rows behind it.",
    averages: ["all together", "classes alike", "by their size", "row by row"],
    accuracy: "right",
    as_text: |program| format!("As {program} prints it"),
    copy: "Copy",
    copied: "Copied",
    copy_refused: "The browser does not allow it: select the text and copy it.",
    matrix: "What is taken for what",
    matrix_how: "Confusion matrix: a row for each true class, a column for each class the model says. Green is right; the deeper, the larger the share of its row.",
    matrix_truth: "is",
    matrix_said: "called",
    confused: |truth, said| format!("Most often \u{201c}{truth}\u{201d} is called \u{201c}{said}\u{201d}"),
    confused_none: "No class is taken for another.",
    cell: |truth, said, rows, share| format!("is {truth}, called {said}: {}, {} of its class", count(rows, "row", "rows"), percent(share)),
    labels_table: "Each label: found, missed, wrongly given",
    label_columns: ["found", "missed", "wrongly given", "rightly not given"],
    calibration: "Is it as right as it says?",
    calibrated: calibrated_en,
    calibration_error: "expected calibration error",
    calibration_terms: calibration_terms_en,
    calibration_table: "The same as a table",
    baselines: "Did the Transformer earn its keep?",
    the_model: "The Transformer",
    baseline: baseline_en,
    duel: duel_en,
    interval_help: "In brackets and as a line: where the figure would lie in 95 of 100 samples of as many rows.",
    scatter: "Said and true",
    scatter_x: "true",
    scatter_y: "said",
    scatter_how: "A dot for each row; on the line it would be exactly right. Press a dot for its row.",
    rows: |rows| count(rows, "row", "rows"),
    show_rows: |what, value| format!("{what}: {value}. Show the rows"),
    behind: behind_en,
    rows_title: "Rows behind it",
    rows_none: "No row is like that.",
    rows_lost: "The rows did not come with this report, so only its figures can be shown.",
    row_waits: "The text comes\u{2026}",
    row_failed: "The texts could not be read.",
    order: "Order",
    order_name: |order| match order {
        Order::WorstFirst => "worst first",
        Order::BestFirst => "best first",
        Order::AsInTable => "as in the table",
    },
    only_wrong: "Wrong ones",
    all_rows: "All rows",
    page: |first, last, all| format!("{first}\u{2013}{last} of {}", grouped(all as u64)),
    earlier: "Earlier rows",
    later: "Later rows",
    row: "row",
    label: "is",
    said: "called",
    probability: "probability",
    loss: "loss",
    no_label: "none",
    wanted: "Wanted",
    written: "Written",
    off_by: "off by",
    whole_text: "Whole text",
    cut_text: |characters| format!("The text goes on; its first {} characters are shown, the model reads on.", grouped(characters as u64)),
    correct: "label",
    corrected: corrected_en,
    correct_refused: |label| {
        format!("The table does not take \u{201c}{label}\u{201d}, so the label is what it was: write it as it stands in the other rows.")
    },
    learn_on: "Learn on",
    learn_on_not: learn_on_not_en,
    rows_of: "Rows of which part",
    part_name: part_name_en,
    part_how: part_how_en,
    part_waits: "The model reads these rows\u{2026}",
    part_failed: "These rows could not be read.",
    part_again: "Try again",
    export: "Keep the report",
    export_csv: "Rows (CSV)",
    export_json: "Everything (JSON)",
    export_markdown: "Report (Markdown)",
    settings: "Settings",
    rate_set_last: "learning rate as it was set last, while it learned",
    base: "base model",
    scratch: "none: from scratch",
    export_reads: |done, all| format!("Reading texts: {} of {}.", grouped(done as u64), grouped(all as u64)),
    export_partial: "The texts could not be read; the file has the rows without them.",
    export_refused: "The browser does not allow downloads here.",
};
