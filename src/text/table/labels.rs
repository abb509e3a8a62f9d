//! The classes of a target column: which spellings there are, which of them are the same but for case and blanks, and their order.

use super::values::{Commas, number};
use super::{MAX_LISTED, excerpt};
use crate::protocol::{LabelMerge, TableFinding};
use std::collections::HashMap;

/// A text in lower case with single blanks: what is equal in this form is the same to a reader. `buffer` is reused.
pub(super) fn normalise<'a>(text: &str, buffer: &'a mut String) -> &'a str {
    buffer.clear();
    let mut blank = false;
    for c in text.trim().chars() {
        if c.is_whitespace() {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) {
            buffer.push(' ');
        }
        if c.is_ascii() { buffer.push(c.to_ascii_lowercase()) } else { buffer.extend(c.to_lowercase()) }
    }
    buffer
}

/// Spellings with their rows, in the order of appearance.
#[derive(Default)]
pub(super) struct Spellings {
    places: HashMap<String, usize>,
    found: Vec<(String, u64)>,
}

impl Spellings {
    pub(super) fn count(&mut self, label: &str) {
        match self.places.get(label) {
            Some(&at) => self.found[at].1 += 1,
            None => {
                self.places.insert(label.to_owned(), self.found.len());
                self.found.push((label.to_owned(), 1));
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The first spellings, cut.
    pub(super) fn first(&self, most: usize) -> Vec<(String, u64)> {
        self.found.iter().take(most).map(|(label, rows)| (excerpt(label), *rows)).collect()
    }

    /// Spellings that mean the same, most rows first.
    fn merges(&self) -> Vec<LabelMerge> {
        let mut buffer = String::new();
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, (label, _)) in self.found.iter().enumerate() {
            groups.entry(normalise(label, &mut buffer).to_owned()).or_default().push(at);
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
        for group in &mut groups {
            // The first of equals, so that the result does not depend on hashing.
            group.sort_by_key(|&at| (std::cmp::Reverse(self.found[at].1), at));
        }
        groups.sort();
        let merge = |group: &Vec<usize>| LabelMerge {
            into: self.found[group[0]].0.clone(),
            from: group[1..].iter().map(|&at| self.found[at].clone()).collect(),
        };
        groups.iter().map(merge).collect()
    }
}

/// Names of classes and the class of each spelling.
pub(super) struct Classes {
    pub(super) names: Vec<String>,
    of: HashMap<String, u32>,
    /// Known classes by their normal form, when spellings are merged.
    normal: HashMap<String, u32>,
}

impl Classes {
    /// Classes from spellings, in order: by number where all are numbers, else by their letters (as scikit-learn orders them). `known`
    /// are the classes of a model, which then are the only ones. `merge` takes spellings for one that differ by case or blanks.
    pub(super) fn new(spellings: &Spellings, merge: bool, known: Option<&[String]>, findings: &mut Vec<TableFinding>) -> Self {
        let merges = spellings.merges();
        if !merges.is_empty() && known.is_none() {
            let rows = merges.iter().flat_map(|merge| &merge.from).map(|(_, rows)| rows).sum();
            let listed = merges.iter().take(MAX_LISTED).cloned().collect();
            findings.push(TableFinding::SimilarLabels { merges: listed, rows, merged: merge });
        }
        let mut replaced: HashMap<&str, &str> = HashMap::new();
        if merge {
            for group in &merges {
                replaced.extend(group.from.iter().map(|(from, _)| (from.as_str(), group.into.as_str())));
            }
        }
        let names = known.map_or_else(
            || {
                let kept = spellings.found.iter().map(|(label, _)| label).filter(|label| !replaced.contains_key(label.as_str()));
                in_order(kept.cloned().collect())
            },
            <[String]>::to_vec,
        );
        let mut of: HashMap<String, u32> = (0_u32..).zip(&names).map(|(class, name)| (name.clone(), class)).collect();
        for (from, into) in replaced {
            if let Some(&class) = of.get(into) {
                of.insert(from.to_owned(), class);
            }
        }
        let mut buffer = String::new();
        let normal = if merge {
            (0_u32..).zip(&names).map(|(class, name)| (normalise(name, &mut buffer).to_owned(), class)).collect()
        } else {
            HashMap::new()
        };
        Self { names, of, normal }
    }

    /// The class of a spelling; `None` when it is unknown.
    pub(super) fn class(&self, label: &str) -> Option<u32> {
        self.of.get(label).copied().or_else(|| {
            let mut buffer = String::new();
            if self.normal.is_empty() { None } else { self.normal.get(normalise(label, &mut buffer)).copied() }
        })
    }
}

fn in_order(mut names: Vec<String>) -> Vec<String> {
    let commas = Commas::of(names.iter().map(String::as_str));
    let numbers: Option<Vec<f64>> = names.iter().map(|name| number(name, commas)).collect();
    match numbers {
        Some(values) => {
            let mut both: Vec<(f64, String)> = values.into_iter().zip(names).collect();
            both.sort_by(|one, other| one.0.total_cmp(&other.0).then_with(|| one.1.cmp(&other.1)));
            both.into_iter().map(|(_, name)| name).collect()
        }
        None => {
            names.sort();
            names
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(labels: &[&str]) -> Spellings {
        let mut all = Spellings::default();
        labels.iter().for_each(|label| all.count(label));
        all
    }

    #[test]
    fn spellings_are_reported_and_merged_only_on_request() {
        let all = spellings(&["good", " Good ", "bad", "good", "GOOD", "very  bad", "Very bad"]);
        for (merge, names) in
            [(false, vec![" Good ", "GOOD", "Very bad", "bad", "good", "very  bad"]), (true, vec!["bad", "good", "very  bad"])]
        {
            let mut findings = Vec::new();
            let classes = Classes::new(&all, merge, None, &mut findings);
            assert_eq!(classes.names, names);
            assert_eq!(classes.class("GOOD") == classes.class("good"), merge);
            let TableFinding::SimilarLabels { merges, rows, merged } = &findings[0] else { panic!("{findings:?}") };
            assert_eq!((merges.len(), *rows, *merged), (2, 3, merge));
            assert_eq!((merges[0].into.as_str(), merges[0].from.len()), ("good", 2));
        }
    }

    #[test]
    fn numbers_are_in_their_order_and_known_classes_in_theirs() {
        let mut findings = Vec::new();
        assert_eq!(Classes::new(&spellings(&["10", "9", "-1"]), false, None, &mut findings).names, ["-1", "9", "10"]);
        assert_eq!(Classes::new(&spellings(&["1,500", "900"]), false, None, &mut findings).names, ["900", "1,500"]);
        let known = ["z".to_owned(), "a".to_owned()];
        let classes = Classes::new(&spellings(&["a", "A", "b"]), false, Some(&known), &mut findings);
        assert_eq!((classes.class("a"), classes.class("A"), classes.class("b")), (Some(1), None, None));
        let merged = Classes::new(&spellings(&["a", "A", "b"]), true, Some(&known), &mut findings);
        assert_eq!((merged.class("A"), merged.class(" a ")), (Some(1), Some(1)));
        assert!(findings.is_empty());
    }

    #[test]
    fn the_normal_form_ignores_case_and_blanks() {
        let mut buffer = String::new();
        assert_eq!(normalise("  A\t\nB\u{3000}Ä ", &mut buffer), "a b ä");
        assert_eq!(normalise(" \n", &mut buffer), "");
    }
}
