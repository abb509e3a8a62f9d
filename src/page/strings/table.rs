//! Words of tables: tasks, columns, examples, parts, typing rows by hand. Findings have their own file.

use crate::page::format::{bytes, grouped};
use crate::page::table_in::lack::Lack;
use crate::protocol::labels::{ExampleFacts, LabelPlan};
use crate::protocol::{ColumnKind, SetAside, SplitReport, TableForm, TableReading, TableTask, TaskReason};

/// The words of tables.
pub struct TableWords {
    /// The choice of columns and parts, among settings that wait for a restart.
    pub choice: &'static str,
    pub type_title: &'static str,
    pub type_note: &'static str,
    pub type_name: &'static str,
    pub type_texts: fn(&str) -> String,
    pub type_class: fn(usize) -> String,
    pub type_add: &'static str,
    pub type_remove: fn(&str) -> String,
    pub type_use: &'static str,
    pub type_count: fn(usize) -> String,
    pub typed_title: &'static str,
    pub facts: fn(&TableReading) -> String,
    pub separator: &'static str,
    pub separators: [(&'static str, &'static str); 4],
    pub label_separator: &'static str,
    pub label_separators: [(&'static str, &'static str); 8],
    pub header: &'static str,
    pub header_yes: &'static str,
    pub header_no: &'static str,
    pub read_otherwise: &'static str,
    pub read_as: &'static str,
    pub form: fn(TableForm) -> &'static str,
    pub quotes: &'static str,
    pub quote_names: [(&'static str, &'static str); 3],
    pub token_column: &'static str,
    pub tag_column: &'static str,
    pub encoding: &'static str,
    pub excerpt: &'static str,
    pub all_columns: fn(usize) -> String,
    pub fewer_columns: &'static str,
    pub role_of: fn(&str) -> String,
    pub role_text: &'static str,
    pub role_first: &'static str,
    pub role_context: &'static str,
    pub role_second: &'static str,
    pub role_label: &'static str,
    pub role_part: &'static str,
    pub role_none: &'static str,
    pub kind: fn(ColumnKind) -> &'static str,
    pub reason: fn(TaskReason) -> String,
    pub no_task: &'static str,
    pub lack: fn(Lack) -> &'static str,
    pub read_plain: &'static str,
    pub classes: &'static str,
    /// `true`: of tags.
    pub examples: fn(&ExampleFacts, bool) -> String,
    pub set_aside: fn(&SetAside) -> Option<String>,
    pub more_classes: fn(usize) -> String,
    pub parts: fn(&SplitReport) -> String,
    pub parts_fold: &'static str,
    pub split_anew: &'static str,
    pub ready_parts: &'static str,
    pub draw: &'static str,
    pub tokenising: fn(u64, u64) -> String,
    pub tokenising_label: &'static str,
    pub plan: fn(&LabelPlan) -> String,
    pub cut: fn(&LabelPlan) -> Option<String>,
    pub widen: fn(u32) -> String,
    pub found: fn(usize) -> String,
    /// The form that so many files could be read in.
    pub hint: fn(TableForm, usize) -> String,
    pub hint_read: &'static str,
}

fn kind_en(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "text",
        ColumnKind::Label => "labels",
        ColumnKind::Labels => "several labels",
        ColumnKind::Number => "numbers",
        ColumnKind::Split => "parts",
        ColumnKind::Id => "names of rows",
        ColumnKind::Date => "dates",
        ColumnKind::Tokens => "words",
        ColumnKind::Tags => "tags",
        ColumnKind::Empty => "empty",
    }
}

fn form_en(form: TableForm) -> &'static str {
    match form {
        TableForm::Delimited => "a table",
        TableForm::Json => "JSON",
        TableForm::JsonLines => "JSON lines",
        TableForm::Conll => "words with tags",
        TableForm::Lines => "one text per line",
        TableForm::Documents => "one text per file",
        TableForm::ParallelLines => "files side by side",
        TableForm::Typed => "typed by hand",
    }
}

fn reason_en(reason: TaskReason) -> String {
    match reason {
        TaskReason::OnlyText => "There is nothing but text.".to_owned(),
        TaskReason::LabelBesideText { classes } => format!("Proposed because a column of {classes} repeating values stands beside a text."),
        TaskReason::LabelsBesideText => "Proposed because cells hold several labels each.".to_owned(),
        TaskReason::OnesAndZeros { columns } => format!("Proposed because {columns} columns hold only 0 and 1."),
        TaskReason::NumberBesideText => "Proposed because a column of numbers stands beside a text.".to_owned(),
        TaskReason::LabelBesideTwoTexts { classes } => {
            format!("Proposed because a column of {classes} repeating values stands beside two texts.")
        }
        TaskReason::NumberBesideTwoTexts => "Proposed because a column of numbers stands beside two texts.".to_owned(),
        TaskReason::TokensWithTags => "Proposed because every word has a tag.".to_owned(),
        TaskReason::QuestionContextAnswer => "Proposed because there are questions, contexts and answers.".to_owned(),
        TaskReason::SourceAndTarget => "Proposed because the columns are named so.".to_owned(),
        TaskReason::TwoTexts => "Proposed because two texts stand side by side.".to_owned(),
    }
}

fn lack_en(lack: Lack) -> &'static str {
    match lack {
        Lack::Task => "A table of nothing but texts has no labels to learn. Read as one text, the model can learn to write like it.",
        Lack::Target => "No column says what is to be learned: choose \u{201c}answer\u{201d} above one.",
        Lack::Second => "This task compares two texts: choose \u{201c}second text\u{201d} above another column, or another task.",
        Lack::Refused => "This choice of columns cannot be learned from: choose others above, or another task.",
    }
}

fn set_aside_en(aside: &SetAside) -> Option<String> {
    let reasons = [
        (aside.empty_text, "without a text"),
        (aside.empty_label, "without a label"),
        (aside.not_a_number, "without a number"),
        (aside.uneven_tags, "with words and tags that do not match"),
        (aside.unknown_label, "with an unknown label"),
    ];
    let said: Vec<String> = reasons.iter().filter(|(rows, _)| *rows > 0).map(|(rows, why)| format!("{} {why}", grouped(*rows))).collect();
    (!said.is_empty()).then(|| format!("Set aside: {}.", said.join(", ")))
}

fn plural(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(count)) }
}

/// English.
pub const EN: TableWords = TableWords {
    choice: "the choice of examples",
    type_title: "Type your own examples",
    type_note: "One example per line. Five per class are enough to press Play; more are better.",
    type_name: "class",
    type_texts: |class| format!("Examples of \u{201c}{class}\u{201d}, one per line"),
    type_class: |number| format!("class {number}"),
    type_add: "Add a class",
    type_remove: |class| format!("Remove \u{201c}{class}\u{201d}"),
    type_use: "Use these examples",
    type_count: |count| plural(count as u64, "example", "examples"),
    typed_title: "Typed examples",
    facts: |reading| {
        let size: u64 = reading.files.iter().map(|file| file.bytes).sum();
        let mut parts = vec![form_en(reading.form).to_owned(), plural(reading.counts.kept, "row", "rows")];
        if size > 0 {
            parts.push(bytes(size));
        }
        parts.join(", ")
    },
    separator: "between cells",
    separators: [("comma", "comma"), ("tab", "tab"), ("semicolon", "semicolon"), ("pipe", "bar")],
    label_separator: "between labels",
    label_separators: [
        ("semicolon", "semicolon"),
        ("bar", "bar"),
        ("comma", "comma"),
        ("slash", "slash"),
        ("blank", "blank"),
        ("list-comma", "Chinese list comma \u{3001}"),
        ("wide-semicolon", "Chinese semicolon \u{ff1b}"),
        ("wide-comma", "Chinese comma \u{ff0c}"),
    ],
    header: "first row",
    header_yes: "names",
    header_no: "an example",
    read_otherwise: "Read it otherwise",
    read_as: "the file is",
    form: form_en,
    quotes: "around cells",
    quote_names: [("double", "\" marks"), ("single", "' marks"), ("none", "nothing")],
    token_column: "words in column",
    tag_column: "tags in column",
    encoding: "encoding",
    excerpt: "The first rows. Say what each column is.",
    all_columns: |count| format!("Show all {count} columns"),
    fewer_columns: "Show fewer",
    role_of: |column| format!("What is the column \u{201c}{column}\u{201d}?"),
    role_text: "text",
    role_first: "first text",
    role_context: "context",
    role_second: "second text",
    role_label: "answer",
    role_part: "part",
    role_none: "not used",
    kind: kind_en,
    reason: reason_en,
    no_task: "Nothing to learn from was found in these columns. Say which column holds the text and which the answer.",
    lack: lack_en,
    read_plain: "Read it as one text",
    classes: "classes",
    examples: |facts, tags| match facts.classes.len() {
        0 => plural(facts.examples, "example", "examples"),
        classes if tags => format!("{} with {}", plural(facts.examples, "example", "examples"), plural(classes as u64, "tag", "tags")),
        classes => format!("{} in {}", plural(facts.examples, "example", "examples"), plural(classes as u64, "class", "classes")),
    },
    set_aside: set_aside_en,
    more_classes: |more| format!("and {more} more"),
    parts: |split| {
        let mut parts = vec![format!("{} to learn from", grouped(split.training))];
        parts.push(format!("{} for validation", grouped(split.validation)));
        parts.push(format!("{} for the final test", grouped(split.test)));
        if split.left_out > 0 {
            parts.push(format!("{} left out", grouped(split.left_out)));
        }
        let own = if split.ready { " The table brings these parts itself." } else { "" };
        format!("{}.{own}", parts.join(", "))
    },
    parts_fold: "Parts: learning, validation, test",
    split_anew: "Draw my own parts instead of the table\u{2019}s",
    ready_parts: "Use the parts that the table brings again",
    draw: "Draw again",
    tokenising: |done, total| format!("cutting into tokens, {} of {} rows", grouped(done), grouped(total)),
    tokenising_label: "How far the rows are cut into tokens",
    plan: |plan| format!("{:.0} tokens on average, at most {}", plan.mean_tokens, grouped(u64::from(plan.most_tokens))),
    cut: cut_en,
    widen: |tokens| format!("Read up to {} tokens at once", grouped(u64::from(tokens))),
    hint: |form, files| match form {
        TableForm::Lines => format!("These {files} files are read as one text. Is each a class of its own, with an example on each line?"),
        form => format!("This looks like {}. Read so, the model can learn its labels.", form_en(form)),
    },
    hint_read: "Read as a table",
    found: |count| if count == 1 { "1 thing noticed in the table".to_owned() } else { format!("{count} things noticed in the table") },
};

/// What is read otherwise than as one piece, and what is not read.
fn cut_en(plan: &LabelPlan) -> Option<String> {
    let window = plan.config.window;
    let texts = |count: u64| if count == 1 { "1 text is".to_owned() } else { format!("{} texts are", grouped(count)) };
    let long = |read: &str| (plan.long_texts > 0).then(|| format!("{} longer than {window} tokens: {read}", texts(plan.long_texts)));
    let (long, cut) = match plan.config.choice.columns.task {
        TableTask::TextToText => {
            let rows = plural(plan.cut_texts, "row does", "rows do");
            (
                None,
                format!(
                    "{rows} not fit into {window} tokens: the start of the longest part of the prompt, or the end of the answer, is not read."
                ),
            )
        }
        TableTask::TagTokens => {
            let read = "read in overlapping windows; each word counts once.";
            (long(read), String::new())
        }
        _ if plan.config.reads_parts() => {
            let read = "each epoch learns from one part, drawn anew; for validation and test, the whole is read in overlapping windows whose meanings are averaged.";
            (long(read), format!("Of {} the end is not read then.", plural(plan.cut_texts, "very long text", "very long texts")))
        }
        _ => {
            let read = "read in overlapping windows whose meanings are averaged.";
            (long(read), format!("Of {} the end is not read.", plural(plan.cut_texts, "very long text", "very long texts")))
        }
    };
    let unread = match plan.unread_words {
        0 => None,
        words => Some(format!("{} the model nothing to read: no tag is learned for them.", plural(words, "word gives", "words give"))),
    };
    let said: Vec<String> = [long, (plan.cut_texts > 0).then_some(cut), unread].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::label_link::tests::{config as config_of, plan as plan_of};
    use crate::protocol::labels::LabelConfig;

    #[test]
    fn what_is_set_aside_is_counted_by_reason() {
        assert_eq!((EN.set_aside)(&SetAside::default()), None);
        let aside = SetAside { empty_text: 2, empty_label: 1_200, ..SetAside::default() };
        assert_eq!((EN.set_aside)(&aside).as_deref(), Some("Set aside: 2 without a text, 1,200 without a label."));
    }

    #[test]
    fn what_is_not_read_is_said_for_every_task() {
        let plan = |task, long_texts, cut_texts, unread_words| {
            let config = LabelConfig { window: 64, ..config_of(task) };
            cut_en(&LabelPlan { config, long_texts, cut_texts, unread_words, ..plan_of(config_of(task)) })
        };
        assert_eq!(plan(TableTask::Classify, 0, 0, 0), None);
        assert!(
            plan(TableTask::Classify, 2, 1, 0)
                .is_some_and(|said| said.contains("2 texts are") && said.contains("one part") && said.contains("1 very long text"))
        );
        let answers = plan(TableTask::TextToText, 0, 3, 0).unwrap();
        assert!(answers.starts_with("3 rows do not fit into 64 tokens"), "{answers}");
        let tags = plan(TableTask::TagTokens, 1, 0, 2).unwrap();
        assert!(tags.contains("each word counts once") && tags.contains("2 words give") && !tags.contains("averaged"), "{tags}");
    }

    #[test]
    fn parts_are_told_with_what_is_left_out() {
        let split =
            SplitReport { ready: true, training: 80, validation: 10, test: 9, left_out: 1, classes: Vec::new(), findings: Vec::new() };
        assert_eq!(
            (EN.parts)(&split),
            "80 to learn from, 10 for validation, 9 for the final test, 1 left out. The table brings these parts itself."
        );
    }
}
