//! Which tasks the columns of a table allow, the likeliest first.
//!
//! Names that say what a column is for (`question`, `context`, `answer`) go before kinds, and kinds before order. Every proposal is a
//! complete choice of columns, which the visitor can change.

use super::columns::{Hint, facts, hint, not_numbers};
use super::header::plain;
use super::store::Table;
use super::task_names::{PAIRS, SOURCE_TARGET, TITLES};
use crate::protocol::{ColumnFacts, ColumnKind, TableFinding, TableProposal, TableTask, TaskColumns, TaskProposal, TaskReason};

/// Most proposals that are made.
const MOST: usize = 12;
/// A number column with this many values at most may also be classes.
const MOST_NUMBER_CLASSES: u64 = 50;
/// Up to so many different targets are classes, however few rows there are.
const MOST_TARGET_CLASSES: u64 = 20;

/// Looks at a table. Linear in its cells.
pub fn propose(table: &Table) -> TableProposal {
    let columns = facts(table);
    let mut findings = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let others = table.rows() as u64 - column.empty - column.numbers;
        let quoted = column.numbers > 0 && table.quoted_cells(at) >= column.numbers;
        if (column.kind == ColumnKind::Number && others > 0)
            || (matches!(column.kind, ColumnKind::Number | ColumnKind::Label) && quoted && others == 0)
        {
            let examples = if others > 0 { not_numbers(table, at) } else { column.examples.clone() };
            findings.push(TableFinding::NumbersAsText { column: at as u32, numbers: column.numbers, others, examples });
        }
    }
    let proposals = Chooser { columns: &columns, rows: table.rows() as u64, proposals: Vec::new() }.choose();
    TableProposal { columns, proposals, findings }
}

struct Chooser<'a> {
    columns: &'a [ColumnFacts],
    rows: u64,
    proposals: Vec<TaskProposal>,
}

impl Chooser<'_> {
    fn choose(mut self) -> Vec<TaskProposal> {
        let texts = self.texts();
        self.tags();
        self.questions();
        self.sources();
        if let Some(&text) = texts.first() {
            let pair = self.pair(&texts);
            self.several(text);
            let labels = self.of_kind(ColumnKind::Label);
            if let Some(label) = self.plain_label(&labels) {
                self.label(text, pair.filter(|(_, sure)| *sure), label);
            }
            self.flags(text);
            let numbers = self.of_kind(ColumnKind::Number);
            for &label in labels.iter().take(1) {
                self.label(text, pair.filter(|(_, sure)| *sure), label);
            }
            for &number in numbers.iter().take(1) {
                self.number(text, pair.filter(|(_, sure)| *sure), number);
            }
            self.two_texts(&texts, !labels.is_empty() || !numbers.is_empty());
            for &label in labels.iter().take(4) {
                self.label(text, pair, label);
                self.label(text, None, label);
                if self.columns[label].numbers > 0 && self.columns[label].distinct > 1 {
                    self.number(text, None, label);
                }
            }
            for &number in numbers.iter().take(4) {
                self.number(text, None, number);
                if self.columns[number].distinct <= MOST_NUMBER_CLASSES {
                    self.label(text, None, number);
                }
            }
            self.add(TableTask::Write, text, None, None, TaskReason::OnlyText);
        }
        self.proposals.truncate(MOST);
        self.proposals
    }

    /// Columns of a kind: those whose name says so first, then the rightmost (where labels usually are); made ones (`file`) last.
    fn of_kind(&self, kind: ColumnKind) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.columns.len()).filter(|&at| self.columns[at].kind == kind).collect();
        let wanted = if kind == ColumnKind::Number { Hint::Number } else { Hint::Label };
        found.sort_by_key(|&at| {
            let name = &self.columns[at].name;
            (name == "file", hint(name) != wanted, std::cmp::Reverse(at))
        });
        found
    }

    /// Text columns, the one to read first: named so, and not a title; then the longest. Without any, the column with most values stands in.
    fn texts(&self) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.columns.len()).filter(|&at| self.columns[at].kind == ColumnKind::Text).collect();
        found.sort_by_key(|&at| {
            let column = &self.columns[at];
            let named = hint(&column.name) == Hint::Text && !self.is_title(at);
            (!named, std::cmp::Reverse(column.mean_characters), at)
        });
        if found.is_empty() {
            let stands_in = (0..self.columns.len()).filter(|&at| {
                let column = &self.columns[at];
                matches!(column.kind, ColumnKind::Label | ColumnKind::Id | ColumnKind::Labels | ColumnKind::Number)
                    && (hint(&column.name) == Hint::None || hint(&column.name) == Hint::Text || self.columns.len() == 1)
            });
            found.extend(stands_in.max_by_key(|&at| (self.columns[at].distinct, self.columns[at].mean_characters)));
        }
        found
    }

    fn is_title(&self, at: usize) -> bool {
        TITLES.contains(&plain(&self.columns[at].name).as_str())
    }

    fn named(&self, names: &[&str]) -> Option<usize> {
        (0..self.columns.len()).find(|&at| self.is_named(at, names))
    }

    fn is_named(&self, at: usize, names: &[&str]) -> bool {
        let column = &self.columns[at];
        let name = plain(column.name.rsplit('.').next().unwrap_or(""));
        names.contains(&name.as_str()) && !matches!(column.kind, ColumnKind::Empty | ColumnKind::Split)
    }

    /// Two columns of these names; of several those of one object of the file, as `messages.prompt` and `messages.response`.
    fn together(&self, one: &str, other: &str) -> Option<(usize, usize)> {
        let all = |name: &str| (0..self.columns.len()).filter(|&at| self.is_named(at, &[name])).collect::<Vec<usize>>();
        let object = |at: usize| self.columns[at].name.rsplit_once('.').map(|(object, _)| object);
        let (ones, others) = (all(one), all(other));
        let beside = |at: usize| others.iter().find(|&&other| object(other) == object(at)).map(|&other| (at, other));
        ones.iter().find_map(|&at| beside(at)).or_else(|| ones.first().copied().zip(others.first().copied()))
    }

    fn add(&mut self, task: TableTask, text: usize, second: Option<usize>, target: Option<usize>, reason: TaskReason) {
        let position = |at: usize| at as u32;
        let split = self.columns.iter().position(|column| column.kind == ColumnKind::Split).map(position);
        if target == Some(text) || (second.is_some() && (second == target || second == Some(text))) {
            return;
        }
        let label_separator =
            if task == TableTask::ClassifySeveral { target.and_then(|at| self.columns[at].label_separator) } else { None };
        let columns = TaskColumns {
            task,
            text: position(text),
            second: second.map(position),
            target: target.map(position),
            more_targets: Vec::new(),
            split,
            label_separator,
        };
        if !self.proposals.iter().any(|other| other.columns == columns) {
            self.proposals.push(TaskProposal { columns, reason });
        }
    }

    fn tags(&mut self) {
        let of = |kind| self.columns.iter().position(|column| column.kind == kind);
        if let (Some(tokens), Some(tags)) = (of(ColumnKind::Tokens), of(ColumnKind::Tags)) {
            self.add(TableTask::TagTokens, tokens, None, Some(tags), TaskReason::TokensWithTags);
        }
    }

    fn questions(&mut self) {
        let question = self.named(&["question", "query", "问题"]);
        let context = self.named(&["context", "passage", "paragraph", "document", "文章", "段落", "上下文"]);
        let answer = self.named(&["answer", "answers", "answertext", "答案", "response"]);
        if let (Some(question), Some(context), Some(answer)) = (question, context, answer)
            && (self.columns[answer].kind != ColumnKind::Label || self.hardly_comes_again(answer))
        {
            self.add(TableTask::TextToText, question, Some(context), Some(answer), TaskReason::QuestionContextAnswer);
        }
    }

    /// "target" may name a class, or a short text: of many, most of which come once, none is a class.
    fn hardly_comes_again(&self, target: usize) -> bool {
        let column = &self.columns[target];
        column.kind == ColumnKind::Label && column.distinct > MOST_TARGET_CLASSES && column.distinct * 2 > self.rows - column.empty
    }

    fn sources(&mut self) {
        for (source, target) in SOURCE_TARGET {
            let Some((source_at, target_at)) = self.together(source, target) else { continue };
            let is_text = |at: usize| matches!(self.columns[at].kind, ColumnKind::Text | ColumnKind::Id);
            if is_text(source_at) && (is_text(target_at) || self.hardly_comes_again(target_at)) {
                // Instructions often come with an input beside them.
                let context = if *source == "instruction" { self.named(&["input", "context"]) } else { None };
                self.add(TableTask::TextToText, source_at, context, Some(target_at), TaskReason::SourceAndTarget);
            }
        }
    }

    /// Two texts that may be compared, in the order of the columns, and whether they likely are.
    fn pair(&self, texts: &[usize]) -> Option<((usize, usize), bool)> {
        for (one, other) in PAIRS {
            if let (Some(one), Some(other)) = (self.named(&[*one]), self.named(&[*other]))
                && texts.contains(&one)
                && texts.contains(&other)
            {
                return Some(((one, other), true));
            }
        }
        let stem = |at: usize| {
            let name = plain(&self.columns[at].name);
            let short = name.strip_suffix(['a', 'b']).map(str::to_owned);
            short.filter(|short| !short.is_empty()).unwrap_or(name)
        };
        for (at, &one) in texts.iter().enumerate() {
            if let Some(&other) = texts[at + 1..].iter().find(|&&other| stem(other) == stem(one) && stem(one) != "column") {
                return Some(((one.min(other), one.max(other)), true));
            }
        }
        let [one, other] = *texts else { return None };
        let lengths = [self.columns[one].mean_characters.max(1), self.columns[other].mean_characters.max(1)];
        let alike = lengths[0].max(lengths[1]) <= 3 * lengths[0].min(lengths[1]);
        Some(((one.min(other), one.max(other)), alike && !self.is_title(one) && !self.is_title(other)))
    }

    fn several(&mut self, text: usize) {
        for target in self.of_kind(ColumnKind::Labels) {
            self.add(TableTask::ClassifySeveral, text, None, Some(target), TaskReason::LabelsBesideText);
        }
    }

    /// The one column that is plainly called the label: columns of yes and no beside it say something else of the rows.
    fn plain_label(&self, labels: &[usize]) -> Option<usize> {
        let mut called = labels.iter().copied().filter(|&at| hint(&self.columns[at].name) == Hint::Label);
        called.next().filter(|_| called.next().is_none())
    }

    /// Columns of yes and no, each of which is a label.
    fn flags(&mut self, text: usize) {
        let binary: Vec<usize> = (0..self.columns.len()).filter(|&at| self.columns[at].is_flag()).collect();
        if let [first, rest @ ..] = &binary[..]
            && !rest.is_empty()
        {
            let before = self.proposals.len();
            let reason = TaskReason::OnesAndZeros { columns: binary.len() as u32 };
            self.add(TableTask::ClassifySeveral, text, None, Some(*first), reason);
            if let Some(added) = self.proposals.get_mut(before) {
                added.columns.more_targets = rest.iter().map(|&at| at as u32).collect();
            }
        }
    }

    fn label(&mut self, text: usize, pair: Option<((usize, usize), bool)>, label: usize) {
        let classes = self.columns[label].distinct as u32;
        match pair {
            Some(((one, other), _)) => {
                self.add(TableTask::ClassifyPair, one, Some(other), Some(label), TaskReason::LabelBesideTwoTexts { classes });
            }
            None => self.add(TableTask::Classify, text, None, Some(label), TaskReason::LabelBesideText { classes }),
        }
    }

    fn number(&mut self, text: usize, pair: Option<((usize, usize), bool)>, number: usize) {
        match pair {
            Some(((one, other), _)) => {
                self.add(TableTask::ScorePair, one, Some(other), Some(number), TaskReason::NumberBesideTwoTexts);
            }
            None => self.add(TableTask::Score, text, None, Some(number), TaskReason::NumberBesideText),
        }
    }

    /// Without anything else to learn, the second text is the one to write.
    fn two_texts(&mut self, texts: &[usize], has_target: bool) {
        if let &[first, second, ..] = texts {
            let (source, target) = if self.is_title(second) { (first, second) } else { (first.min(second), first.max(second)) };
            if !has_target || texts.len() == 2 {
                self.add(TableTask::TextToText, source, None, Some(target), TaskReason::TwoTexts);
            }
        }
    }
}
