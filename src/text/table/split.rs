//! Examples into training, validation and test parts: the parts that the files bring, else a stratified, seeded split.
//!
//! Texts that are the same but for case and blanks never fall into different parts of a split that is made here. In parts that
//! the files bring they may; then it is reported, and on request the training rows are left out.

use super::MAX_LISTED;
use super::duplicates::{Groups, findings as duplicate_findings, groups, shown};
use super::examples::{Examples, Targets};
use super::labels::Spellings;
use super::store::Table;
use super::stratify::{Group, PARTS, quantile_bins, shares, stratify};
use super::values::part;
use crate::protocol::{SplitOptions, SplitPart, SplitReport, TableFinding, TableTask};

/// Streams of the seed that splits draw from; far from those of epochs.
const STREAM: u64 = 1 << 40;
/// Where an example can go, in the order of the bytes that are stored.
const KINDS: [SplitPart; 4] = [SplitPart::Training, SplitPart::Validation, SplitPart::Test, SplitPart::LeftOut];

/// Where each example went.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// One entry per example.
    pub parts: Vec<SplitPart>,
    pub report: SplitReport,
}

impl Split {
    /// Examples of a part, rising.
    pub fn examples(&self, part: SplitPart) -> impl Iterator<Item = usize> {
        self.parts.iter().enumerate().filter(move |(_, other)| **other == part).map(|(example, _)| example)
    }
}

impl Split {
    /// Gives examples the part that their row had in an earlier split of the same table, so that what was trained on is not tested on. Rows that were no
    /// examples then stay where they are. Findings are kept.
    pub fn keep(&mut self, examples: &Examples, earlier: &Examples, parts: &Self) {
        for (part, row) in self.parts.iter_mut().zip(&examples.rows) {
            if let Ok(before) = earlier.rows.binary_search(row) {
                *part = parts.parts[before];
            }
        }
        self.count(examples);
    }

    /// The parts as bytes, one per example.
    pub fn to_bytes(&self) -> Vec<u8> {
        let byte = |part: &SplitPart| KINDS.iter().position(|kind| kind == part).unwrap_or_default() as u8;
        self.parts.iter().map(byte).collect()
    }

    /// Puts back what [`Self::to_bytes`] gave for the same examples; `false` where it does not fit them. Findings are kept.
    pub fn put_back(&mut self, examples: &Examples, bytes: &[u8]) -> bool {
        let parts: Option<Vec<SplitPart>> = bytes.iter().map(|&byte| KINDS.get(byte as usize).copied()).collect();
        let Some(parts) = parts.filter(|parts| parts.len() == self.parts.len()) else { return false };
        self.parts = parts;
        self.count(examples);
        true
    }

    fn count(&mut self, examples: &Examples) {
        let count = |part: SplitPart| self.parts.iter().filter(|&&other| other == part).count() as u64;
        let [training, validation, test] = PARTS.map(count);
        let (left_out, classes) = (count(SplitPart::LeftOut), class_counts(examples, &self.parts));
        self.report = SplitReport { training, validation, test, left_out, classes, ..self.report.clone() };
    }
}

/// Splits the examples.
pub fn split(table: &Table, examples: &Examples, options: &SplitOptions) -> Split {
    let groups = groups(table, examples);
    let mut findings = duplicate_findings(table, examples, &groups);
    let (validation_share, test_share) = shares(options.validation_share, options.test_share);
    let ready = if options.ignore_ready { None } else { ready_parts(table, examples, &mut findings) };
    let is_ready = ready.is_some();
    let parts = match ready {
        Some(mut parts) => {
            complete(examples, &groups, &mut parts, validation_share, options.seed, &mut findings);
            leakage(table, examples, &groups, &mut parts, options.drop_leaks, &mut findings);
            parts
        }
        None => deal(examples, &groups, &(0..examples.len() as u32).collect::<Vec<_>>(), (validation_share, test_share), options.seed),
    };
    let count = |part: SplitPart| parts.iter().filter(|&&other| other == part).count() as u64;
    let counts = PARTS.map(count);
    let wished = [true, validation_share > 0.0, test_share > 0.0];
    for ((part, count), wished) in PARTS.into_iter().zip(counts).zip(wished) {
        let told = findings.iter().any(|finding| matches!(finding, TableFinding::MissingPart { part: missing, .. } if *missing == part));
        if count == 0 && wished && !told {
            findings.push(TableFinding::EmptyPart { part });
        }
    }
    let [training, validation, test] = counts;
    let left_out = count(SplitPart::LeftOut);
    let classes = class_counts(examples, &parts);
    unlearned(examples, &classes, is_ready, &mut findings);
    Split { report: SplitReport { ready: is_ready, training, validation, test, left_out, classes, findings }, parts }
}

/// The parts that the split column names; `None` where it does not name training and one other. Where it names others only, that is said.
fn ready_parts(table: &Table, examples: &Examples, findings: &mut Vec<TableFinding>) -> Option<Vec<SplitPart>> {
    let column = examples.columns.split?;
    let mut unknown = Spellings::default();
    let mut unknown_rows = 0;
    let parts: Vec<SplitPart> = (0..examples.len())
        .map(|example| {
            let cell = examples.cell(table, example, Some(column));
            part(cell).unwrap_or_else(|| {
                unknown.count(cell.trim());
                unknown_rows += 1;
                SplitPart::Training
            })
        })
        .collect();
    let checked = parts.iter().any(|&part| part != SplitPart::Training);
    if !checked {
        return None;
    }
    if !parts.contains(&SplitPart::Training) {
        findings.push(TableFinding::NoTrainingPart { rows: parts.len() as u64 });
        return None;
    }
    if unknown_rows > 0 {
        findings.push(TableFinding::UnknownParts { rows: unknown_rows, values: unknown.first(MAX_LISTED) });
    }
    Some(parts)
}

/// A validation part from training where the files bring none. A test part is never made up: whoever brings parts knows their test.
fn complete(examples: &Examples, groups: &Groups, parts: &mut [SplitPart], share: f64, seed: u64, findings: &mut Vec<TableFinding>) {
    if !parts.contains(&SplitPart::Validation) && share > 0.0 {
        let training: Vec<u32> = (0..parts.len() as u32).filter(|&example| parts[example as usize] == SplitPart::Training).collect();
        let dealt = deal(examples, groups, &training, (share, 0.0), seed);
        let mut taken = 0;
        for (&example, part) in training.iter().zip(dealt) {
            parts[example as usize] = part;
            taken += u64::from(part == SplitPart::Validation);
        }
        findings.push(TableFinding::MissingPart { part: SplitPart::Validation, taken_from_training: taken });
    }
    if !parts.contains(&SplitPart::Test) {
        findings.push(TableFinding::MissingPart { part: SplitPart::Test, taken_from_training: 0 });
    }
}

/// Deals `chosen` examples to the parts, groups whole. One entry per chosen example.
fn deal(examples: &Examples, groups: &Groups, chosen: &[u32], shares: (f64, f64), seed: u64) -> Vec<SplitPart> {
    let bins = if let Targets::Numbers(values) = &examples.targets { quantile_bins(values) } else { Vec::new() };
    let strata = if bins.is_empty() { examples.classes.len() } else { 10 };
    let mut positions = vec![u32::MAX; groups.members.len()];
    let mut own: Vec<Group> = Vec::new();
    for &example in chosen {
        let group = &mut positions[groups.of[example as usize] as usize];
        if *group == u32::MAX {
            *group = own.len() as u32;
            own.push(Group { size: 0, strata: Vec::new() });
        }
        let group = &mut own[*group as usize];
        group.size += 1;
        // Tags differ within every sentence: sentences are dealt as they come.
        let classes = if examples.columns.task == TableTask::TagTokens { &[] } else { examples.classes_of(example as usize) };
        for &stratum in classes.iter().chain(bins.get(example as usize)) {
            if !group.strata.contains(&stratum) {
                group.strata.push(stratum);
            }
        }
    }
    let parts = stratify(&own, strata, shares, seed, STREAM);
    chosen.iter().map(|&example| parts[positions[groups.of[example as usize] as usize] as usize]).collect()
}

/// Texts that are in two parts.
fn leakage(table: &Table, examples: &Examples, groups: &Groups, parts: &mut [SplitPart], drop: bool, findings: &mut Vec<TableFinding>) {
    let before = parts.to_vec();
    for (trained, checked) in
        [(SplitPart::Training, SplitPart::Validation), (SplitPart::Training, SplitPart::Test), (SplitPart::Validation, SplitPart::Test)]
    {
        let has = |members: &[u32], part| members.iter().any(|&member| before[member as usize] == part);
        let (mut rows, mut shown_examples) = (0, Vec::new());
        for members in groups.members.iter().filter(|members| has(members, trained) && has(members, checked)) {
            if shown_examples.len() < MAX_LISTED {
                shown_examples.push(shown(table, examples, members[0] as usize));
            }
            for &member in members.iter().filter(|&&member| before[member as usize] == trained) {
                rows += 1;
                if drop {
                    parts[member as usize] = SplitPart::LeftOut;
                }
            }
        }
        if rows > 0 {
            findings.push(TableFinding::Leakage { trained, checked, rows, examples: shown_examples, removed: drop });
        }
    }
}

/// Classes that training never sees, and training that sees only one of them. A table with one class has said so already.
fn unlearned(examples: &Examples, counts: &[[u64; 3]], ready: bool, findings: &mut Vec<TableFinding>) {
    let named = || counts.iter().zip(&examples.classes);
    let missed: Vec<&String> =
        named().filter(|([training, rest @ ..], _)| *training == 0 && *rest != [0, 0]).map(|(_, name)| name).collect();
    if missed.is_empty() {
        return;
    }
    let mut learned = named().filter(|([training, ..], _)| *training > 0);
    if examples.columns.task != TableTask::ClassifySeveral
        && let (Some(([rows, ..], label)), None) = (learned.next(), learned.next())
    {
        findings.push(TableFinding::OneClassLearned { label: label.clone(), rows: *rows, ready });
    }
    let labels = missed.iter().take(MAX_LISTED).map(|label| (*label).clone()).collect();
    findings.push(TableFinding::UnlearnedClasses { labels, count: missed.len() as u64, ready });
}

fn class_counts(examples: &Examples, parts: &[SplitPart]) -> Vec<[u64; 3]> {
    let mut counts = vec![[0; 3]; examples.classes.len()];
    for (example, part) in parts.iter().enumerate() {
        let Some(at) = PARTS.iter().position(|other| other == part) else { continue };
        let mut classes = examples.classes_of(example).to_vec();
        classes.sort_unstable();
        classes.dedup();
        for class in classes {
            counts[class as usize][at] += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::super::examples::ExampleOptions;
    use super::*;
    use crate::protocol::{RowPlace, TableRepair, TaskColumns};

    /// The split of rows with a label and a ready part each.
    fn parts_of(rows: &[(&str, &str)]) -> SplitReport {
        let mut table = Table::default();
        ["text", "label", "split"].iter().for_each(|name| _ = table.column_or_new(name));
        for (row, (label, part)) in rows.iter().enumerate() {
            let place = RowPlace { file: 0, line: row as u32 + 2 };
            table.push_row(place, [format!("text {row}").as_str(), label, part].into_iter()).unwrap();
        }
        let columns = TaskColumns {
            task: TableTask::Classify,
            text: 0,
            second: None,
            target: Some(1),
            more_targets: Vec::new(),
            split: Some(2),
            label_separator: None,
        };
        let examples = Examples::collect(&table, columns, &ExampleOptions::default()).unwrap();
        split(&table, &examples, &SplitOptions::default()).report
    }

    #[test]
    fn parts_without_one_to_learn_from_are_not_passed_over_in_silence() {
        let rows: Vec<(&str, &str)> = (0..20).map(|row| (["a", "b"][row % 2], if row < 15 { "test" } else { "dev" })).collect();
        let report = parts_of(&rows);
        assert!(!report.ready && report.training > report.test);
        assert_eq!(report.findings, [TableFinding::NoTrainingPart { rows: 20 }]);
        let all: Vec<(&str, &str)> = rows.iter().map(|(label, _)| (*label, "train")).collect();
        assert!(parts_of(&all).findings.is_empty(), "all are for learning: there is nothing to respect");
    }

    #[test]
    fn classes_that_are_never_learned_are_named() {
        let mut rows: Vec<(&str, &str)> = (0..20).map(|row| (["a", "b"][row % 2], ["train", "train", "dev", "test"][row / 5])).collect();
        assert!(parts_of(&rows).findings.is_empty());
        rows.extend([("neutral", "test"), ("neutral", "test"), ("mixed", "dev")]);
        let missed = TableFinding::UnlearnedClasses { labels: vec!["mixed".to_owned(), "neutral".to_owned()], count: 2, ready: true };
        assert_eq!((parts_of(&rows).findings, missed.blocks(), missed.repair()), (vec![missed.clone()], false, TableRepair::SplitAnew));
        rows.retain(|row| *row != ("b", "train"));
        let findings = parts_of(&rows).findings;
        let one = TableFinding::OneClassLearned { label: "a".to_owned(), rows: 5, ready: true };
        assert!(findings[0] == one && one.blocks(), "{findings:?}");
        assert!(matches!(findings[1], TableFinding::UnlearnedClasses { count: 3, .. }), "{findings:?}");
    }
}
