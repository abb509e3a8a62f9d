//! Examples whose text is the same but for case and blanks.

use super::examples::{Examples, Targets};
use super::labels::normalise;
use super::store::Table;
use super::{MAX_LISTED, excerpt};
use crate::protocol::TableFinding;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

/// Examples by their text.
pub(super) struct Groups {
    /// Group of each example, numbered by first appearance.
    pub(super) of: Vec<u32>,
    /// Examples of each group, rising.
    pub(super) members: Vec<Vec<u32>>,
}

/// Groups examples by what a model reads of them: the text, of pairs both texts, of questions the context too.
///
/// Texts are compared by 64 bits of SipHash: two different ones meet by chance once in 10^9 tables of 200,000 rows, and then merely stay in
/// one part.
pub(super) fn groups(table: &Table, examples: &Examples) -> Groups {
    let mut places: HashMap<u64, u32> = HashMap::with_capacity(examples.len());
    let mut groups = Groups { of: Vec::with_capacity(examples.len()), members: Vec::new() };
    let mut buffer = String::new();
    for example in 0..examples.len() {
        let mut hasher = DefaultHasher::new();
        for text in [examples.text(table, example), examples.second(table, example)] {
            hasher.write(normalise(&text, &mut buffer).as_bytes());
            hasher.write_u8(0xFF);
        }
        let next = groups.members.len() as u32;
        let group = *places.entry(hasher.finish()).or_insert(next);
        if group == next {
            groups.members.push(Vec::new());
        }
        groups.of.push(group);
        groups.members[group as usize].push(example as u32);
    }
    groups
}

/// What repeats, and what contradicts itself.
pub(super) fn findings(table: &Table, examples: &Examples, groups: &Groups) -> Vec<TableFinding> {
    let repeated: Vec<&Vec<u32>> = groups.members.iter().filter(|members| members.len() > 1).collect();
    let mut findings = Vec::new();
    let text = |members: &[u32]| shown(table, examples, members[0] as usize);
    if !repeated.is_empty() {
        findings.push(TableFinding::DuplicateTexts {
            rows: (examples.len() - groups.members.len()) as u64,
            texts: repeated.len() as u64,
            examples: repeated.iter().take(MAX_LISTED).map(|members| text(members)).collect(),
        });
    }
    if !matches!(examples.targets, Targets::Classes(_) | Targets::Lists { .. }) {
        // Two translations of a sentence, or two people's scores, are no contradiction.
        return findings;
    }
    let differs =
        |members: &[u32]| members.iter().any(|&one| examples.classes_of(one as usize) != examples.classes_of(members[0] as usize));
    let conflicts: Vec<&Vec<u32>> = repeated.into_iter().filter(|members| differs(members)).collect();
    if !conflicts.is_empty() {
        let example = |members: &&Vec<u32>| {
            let mut labels: Vec<String> = Vec::new();
            for &member in *members {
                let names: Vec<&str> =
                    examples.classes_of(member as usize).iter().map(|&class| examples.classes[class as usize].as_str()).collect();
                let label = excerpt(&names.join(" "));
                if !labels.contains(&label) && labels.len() < MAX_LISTED {
                    labels.push(label);
                }
            }
            (text(members), labels)
        };
        findings.push(TableFinding::ConflictingLabels {
            texts: conflicts.len() as u64,
            rows: conflicts.iter().map(|members| members.len() as u64).sum(),
            examples: conflicts.iter().take(MAX_LISTED).map(example).collect(),
        });
    }
    findings
}

/// An example's text for the eye.
pub(super) fn shown(table: &Table, examples: &Examples, example: usize) -> String {
    excerpt(&examples.text(table, example))
}
