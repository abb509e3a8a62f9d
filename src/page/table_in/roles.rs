//! Which column plays which part: between the engine's [`TaskColumns`] and one choice per column, without gaps or doubles.

use super::several::separator_of;
use crate::protocol::{ColumnFacts, ColumnKind, TableTask, TaskColumns, TaskProposal};

/// The part of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The text, or the first of two.
    Text,
    Second,
    /// What is learned: label, number, tags, text.
    Target,
    /// Names the part that a row belongs to.
    Split,
    Unused,
}

impl Role {
    /// Every role, in the order of a list.
    pub const ALL: [Role; 5] = [Self::Text, Self::Second, Self::Target, Self::Split, Self::Unused];

    /// Its name in a list.
    pub fn id(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Second => "second",
            Self::Target => "target",
            Self::Split => "split",
            Self::Unused => "unused",
        }
    }

    /// The role of that name.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}

/// Tasks that have two texts, or may have.
pub fn has_second(task: TableTask) -> bool {
    matches!(task, TableTask::ClassifyPair | TableTask::ScorePair | TableTask::TextToText)
}

/// The role of column `index`.
pub fn role_of(columns: &TaskColumns, index: u32) -> Role {
    match index {
        index if index == columns.text => Role::Text,
        index if Some(index) == columns.second => Role::Second,
        index if Some(index) == columns.target || columns.more_targets.contains(&index) => Role::Target,
        index if Some(index) == columns.split => Role::Split,
        _ => Role::Unused,
    }
}

/// The choice in which column `index` has `role`: who had it before changes places with it, so that a text and an answer remain. Where several
/// classes have a column of yes and no each, another such column joins them, and one that leaves makes no room; the last two become one of two classes.
pub fn with_role(columns: &TaskColumns, index: u32, role: Role, facts: &[ColumnFacts]) -> TaskColumns {
    let mut columns = columns.clone();
    let before = role_of(&columns, index);
    if before == role {
        return columns;
    }
    let several = columns.task == TableTask::ClassifySeveral;
    let flag = |at: u32| facts.get(at as usize).is_some_and(ColumnFacts::is_flag);
    if several && role == Role::Target && before != Role::Text && flag(index) && columns.target.is_some_and(flag) {
        put(&mut columns, before, None);
        columns.more_targets.push(index);
        columns.more_targets.sort_unstable();
        columns.label_separator = None;
        return columns;
    }
    if before == Role::Target && !columns.more_targets.is_empty() {
        if columns.target == Some(index) {
            columns.target = Some(columns.more_targets.remove(0));
        } else {
            columns.more_targets.retain(|&other| other != index);
        }
        if columns.more_targets.is_empty() {
            // One column of yes and no alone: two classes.
            columns.task = TableTask::Classify;
        }
        put(&mut columns, role, Some(index));
        return columns;
    }
    let displaced = match role {
        Role::Text => Some(columns.text),
        Role::Second => columns.second,
        Role::Target => columns.target,
        Role::Split => columns.split,
        Role::Unused => None,
    };
    // A text is always needed: it can be given to another column, not taken away.
    if before == Role::Text && displaced.is_none() {
        return columns;
    }
    put(&mut columns, before, displaced.filter(|_| before != Role::Unused));
    put(&mut columns, role, Some(index));
    if role == Role::Target {
        columns.more_targets.clear();
        columns.label_separator = separator_of(columns.task, facts.get(index as usize));
    }
    columns
}

fn put(columns: &mut TaskColumns, role: Role, index: Option<u32>) {
    match role {
        Role::Text => columns.text = index.unwrap_or(columns.text),
        Role::Second => columns.second = index,
        Role::Target => columns.target = index,
        Role::Split => columns.split = index,
        Role::Unused => {}
    }
}

/// The columns for another task: as proposed, else as near to the present choice as the task allows.
pub fn for_task(task: TableTask, now: Option<&TaskColumns>, proposals: &[TaskProposal], facts: &[ColumnFacts]) -> Option<TaskColumns> {
    if let Some(proposal) = proposals.iter().find(|proposal| proposal.columns.task == task) {
        return Some(proposal.columns.clone());
    }
    let longest = || longest_but(facts, &[]);
    let mut columns = match now {
        Some(now) => now.clone(),
        None => {
            TaskColumns { task, text: longest()?, second: None, target: None, more_targets: Vec::new(), split: None, label_separator: None }
        }
    };
    columns.task = task;
    if columns.target.is_none() {
        columns.target = (0..facts.len() as u32).rev().find(|&index| role_of(&columns, index) == Role::Unused);
    }
    if has_second(task) {
        let taken: Vec<u32> = [Some(columns.text), columns.target, columns.split].into_iter().flatten().collect();
        columns.second = columns.second.or_else(|| longest_but(facts, &taken)).filter(|_| task != TableTask::TextToText);
    } else {
        columns.second = None;
    }
    if task != TableTask::ClassifySeveral {
        columns.more_targets.clear();
    }
    columns.label_separator = separator_of(task, columns.target.and_then(|target| facts.get(target as usize)));
    Some(columns)
}

/// The column with the longest cells, but for these.
fn longest_but(facts: &[ColumnFacts], taken: &[u32]) -> Option<u32> {
    let free = facts.iter().zip(0u32..).filter(|(facts, index)| facts.kind != ColumnKind::Empty && !taken.contains(index));
    free.max_by_key(|(facts, _)| facts.mean_characters).map(|(_, index)| index)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// So many columns of texts.
    pub fn facts(count: usize) -> Vec<ColumnFacts> {
        let column = |index: usize| ColumnFacts {
            name: format!("c{index}"),
            kind: ColumnKind::Text,
            distinct: 9,
            empty: 0,
            numbers: 0,
            mean_characters: index as u32 * 10,
            most_characters: 99,
            label_separator: None,
            examples: Vec::new(),
        };
        (0..count).map(column).collect()
    }

    /// A pair and its class.
    pub fn columns() -> TaskColumns {
        TaskColumns {
            task: TableTask::ClassifyPair,
            text: 0,
            second: Some(1),
            target: Some(2),
            more_targets: Vec::new(),
            split: None,
            label_separator: None,
        }
    }

    #[test]
    fn columns_change_places() {
        let changed = with_role(&columns(), 2, Role::Text, &facts(4));
        assert_eq!((changed.text, changed.second, changed.target), (2, Some(1), Some(0)));
        let changed = with_role(&columns(), 3, Role::Target, &facts(4));
        assert_eq!((changed.target, role_of(&changed, 2)), (Some(3), Role::Unused));
        assert_eq!(with_role(&columns(), 1, Role::Unused, &facts(4)).second, None);
    }

    /// A text and four columns of yes and no.
    fn flags() -> Vec<ColumnFacts> {
        let flag = |facts| ColumnFacts { kind: ColumnKind::Label, distinct: 2, examples: vec!["0".to_owned(), "1".to_owned()], ..facts };
        facts(5).into_iter().enumerate().map(|(at, facts)| if at == 0 { facts } else { flag(facts) }).collect()
    }

    fn several() -> TaskColumns {
        TaskColumns { task: TableTask::ClassifySeveral, second: None, target: Some(1), more_targets: vec![2, 4], ..columns() }
    }

    #[test]
    fn columns_of_yes_and_no_join_and_leave() {
        let targets = |columns: &TaskColumns| (columns.target, columns.more_targets.clone());
        let joined = with_role(&several(), 3, Role::Target, &flags());
        assert_eq!(targets(&joined), (Some(1), vec![2, 3, 4]));
        let left = with_role(&joined, 1, Role::Unused, &flags());
        assert_eq!(targets(&left), (Some(2), vec![3, 4]));
        let two = with_role(&left, 3, Role::Unused, &flags());
        assert_eq!((targets(&two), two.task), ((Some(2), vec![4]), TableTask::ClassifySeveral));
        let one = with_role(&two, 2, Role::Unused, &flags());
        assert_eq!((targets(&one), one.task, one.label_separator), ((Some(4), vec![]), TableTask::Classify, None));
        let alone = TaskColumns { more_targets: vec![], label_separator: Some('|'), ..several() };
        assert_eq!(with_role(&alone, 2, Role::Target, &flags()).label_separator, None, "columns need none");
        let split = with_role(&left, 4, Role::Split, &flags());
        assert_eq!((targets(&split), split.split), ((Some(2), vec![3]), Some(4)));
        let text = with_role(&left, 4, Role::Text, &flags());
        assert_eq!((targets(&text), text.text, role_of(&text, 0)), ((Some(2), vec![3]), 4, Role::Unused));
        // A column of another kind takes the place of all.
        let one = with_role(&several(), 3, Role::Target, &[&flags()[..3], &facts(5)[3..]].concat());
        assert_eq!((targets(&one), one.label_separator), ((Some(3), vec![]), Some(';')));
    }

    #[test]
    fn a_text_cannot_be_taken_away() {
        assert_eq!(with_role(&columns(), 0, Role::Unused, &facts(4)), columns());
        assert_eq!(with_role(&columns(), 0, Role::Split, &facts(4)), columns());
    }

    #[test]
    fn a_task_without_a_proposal_keeps_what_was_chosen() {
        let one = for_task(TableTask::Classify, Some(&columns()), &[], &facts(4)).unwrap();
        assert_eq!((one.task, one.text, one.second, one.target), (TableTask::Classify, 0, None, Some(2)));
        let pair = for_task(TableTask::ClassifyPair, Some(&one), &[], &facts(4)).unwrap();
        assert_eq!(pair.second, Some(3), "the longest that is free");
        let fresh = for_task(TableTask::Score, None, &[], &facts(3)).unwrap();
        assert_eq!((fresh.text, fresh.target), (2, Some(1)));
        assert_eq!(for_task(TableTask::Score, None, &[], &[]), None);
    }

    proptest! {
        #[test]
        fn whatever_is_chosen_no_column_has_two_parts(choices in proptest::collection::vec((0u32..5, 0usize..5), 0..12), pair: bool) {
            let (mut columns, facts) = if pair { (columns(), facts(5)) } else { (several(), flags()) };
            for (index, role) in choices {
                columns = with_role(&columns, index, Role::ALL[role], &facts);
                let single = [Some(columns.text), columns.second, columns.target, columns.split];
                let used: Vec<u32> = single.into_iter().flatten().chain(columns.more_targets.iter().copied()).collect();
                let mut apart = used.clone();
                apart.sort_unstable();
                apart.dedup();
                prop_assert_eq!(apart.len(), used.len());
            }
        }
    }
}
