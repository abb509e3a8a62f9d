//! What each column of a table is, by its cells first and its name second.

use super::header::plain;
use super::label_lists;
use super::store::Table;
use super::values::{is_date, is_integer, number, part};
use super::{MAX_LISTED, excerpt};
use crate::protocol::{ColumnFacts, ColumnKind, SplitPart};
use std::collections::HashSet;

/// Different values that are counted.
const MOST_DISTINCT: usize = 10_000;
const EXAMPLES: usize = 5;
/// Share of cells that makes a column one of numbers, dates or, where its name says so, parts.
const NEARLY_ALL: f64 = 0.9;

/// What the name of a column promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    Text,
    Label,
    Number,
    Id,
    Split,
    None,
}

const TEXT: &[&str] = &[
    "text",
    "texts",
    "sentence",
    "sentences",
    "review",
    "body",
    "content",
    "contents",
    "message",
    "comment",
    "tweet",
    "document",
    "doc",
    "question",
    "context",
    "passage",
    "paragraph",
    "source",
    "premise",
    "hypothesis",
    "query",
    "title",
    "headline",
    "utterance",
    "input",
    "prompt",
    "instruction",
    "abstract",
    "description",
    "article",
    "post",
    "文本",
    "内容",
    "评论",
    "句子",
    "问题",
    "标题",
    "正文",
];
const LABEL: &[&str] = &[
    "label",
    "labels",
    "class",
    "classes",
    "category",
    "categories",
    "tag",
    "tags",
    "sentiment",
    "intent",
    "topic",
    "topics",
    "genre",
    "genres",
    "target",
    "y",
    "polarity",
    "emotion",
    "emotions",
    "gold",
    "标签",
    "类别",
    "分类",
    "情感",
];
const NUMBER: &[&str] =
    &["score", "rating", "ratings", "stars", "similarity", "relatedness", "grade", "points", "price", "评分", "分数", "相似度"];
const ID: &[&str] = &["id", "ids", "idx", "index", "key", "uuid", "guid", "rowid", "no", "nr", "编号", "序号"];
const SPLIT: &[&str] = &["split", "splits", "set", "subset", "partition", "fold", "dataset"];

/// The hint of a name; of nested names (`review.body`) the last part counts.
pub(super) fn hint(name: &str) -> Hint {
    let word = plain(name.rsplit('.').next().unwrap_or(name));
    let is = |list: &[&str]| list.contains(&word.as_str());
    if is(TEXT) {
        Hint::Text
    } else if is(LABEL) {
        Hint::Label
    } else if is(NUMBER) {
        Hint::Number
    } else if is(ID) {
        Hint::Id
    } else if is(SPLIT) {
        Hint::Split
    } else {
        Hint::None
    }
}

/// Counts over the cells of a column.
#[derive(Default)]
struct Counts<'a> {
    filled: u64,
    numbers: u64,
    whole: u64,
    dates: u64,
    parts: u64,
    named_parts: HashSet<SplitPart>,
    with_blanks: u64,
    with_digits: u64,
    characters: u64,
    most_characters: u64,
    /// Every number so far is one more than the one before.
    consecutive: bool,
    last: Option<f64>,
    distinct: HashSet<&'a str>,
    examples: Vec<String>,
}

fn count<'a>(table: &'a Table, column: usize) -> Counts<'a> {
    let commas = table.commas(column);
    let mut counts = Counts { consecutive: true, ..Counts::default() };
    for row in 0..table.rows() {
        let cell = table.cell(row, column);
        let trimmed = cell.trim();
        if trimmed.is_empty() {
            continue;
        }
        counts.filled += 1;
        let characters = cell.chars().count() as u64;
        counts.characters += characters;
        counts.most_characters = counts.most_characters.max(characters);
        let value = number(trimmed, commas);
        counts.numbers += u64::from(value.is_some());
        counts.whole += u64::from(is_integer(trimmed));
        counts.consecutive &= match (counts.last, value) {
            (Some(last), Some(value)) => value == last + 1.0,
            (None, Some(_)) => counts.filled == 1,
            (_, None) => false,
        };
        counts.last = value;
        counts.dates += u64::from(is_date(trimmed));
        if let Some(part) = part(trimmed).filter(|_| characters < 16) {
            counts.parts += 1;
            counts.named_parts.insert(part);
        }
        counts.with_blanks += u64::from(trimmed.contains(char::is_whitespace));
        counts.with_digits += u64::from(trimmed.bytes().any(|byte| byte.is_ascii_digit()));
        if counts.distinct.len() < MOST_DISTINCT && counts.distinct.insert(cell) && counts.examples.len() < EXAMPLES {
            counts.examples.push(excerpt(&table.text(row, column)));
        }
    }
    counts
}

/// Facts of every column.
pub(super) fn facts(table: &Table) -> Vec<ColumnFacts> {
    let mut all: Vec<ColumnFacts> = (0..table.columns()).map(|column| facts_of(table, column)).collect();
    pair_tokens_with_tags(table, &mut all);
    all
}

fn facts_of(table: &Table, column: usize) -> ColumnFacts {
    let counts = count(table, column);
    let name = table.name(column).to_owned();
    let label_separator = if table.is_list(column) || hint(&name) == Hint::Text { None } else { label_lists::separator(table, column) };
    let kind = if table.is_list(column) { list_kind(table, column) } else { kind(&counts, hint(&name), label_separator.is_some()) };
    ColumnFacts {
        name,
        kind,
        distinct: counts.distinct.len() as u64,
        empty: table.rows() as u64 - counts.filled,
        numbers: counts.numbers,
        mean_characters: counts.characters.checked_div(counts.filled).unwrap_or(0) as u32,
        most_characters: counts.most_characters as u32,
        label_separator: label_separator.filter(|_| kind == ColumnKind::Labels),
        examples: counts.examples,
    }
}

fn kind(counts: &Counts, hint: Hint, several: bool) -> ColumnKind {
    let (filled, distinct) = (counts.filled, counts.distinct.len() as u64);
    let nearly_all = |part: u64| part as f64 >= NEARLY_ALL * filled as f64;
    let mean = counts.characters.checked_div(filled).unwrap_or(0);
    if filled == 0 {
        return ColumnKind::Empty;
    }
    if counts.parts == filled && (hint == Hint::Split || (distinct > 1 && hint != Hint::Label)) {
        return ColumnKind::Split;
    }
    // A few cells that name no part make no ready split worthless: they are reported, and learned from.
    let several_parts = counts.named_parts.len() > 1 && counts.named_parts.contains(&SplitPart::Training);
    if hint == Hint::Split && several_parts && nearly_all(counts.parts) {
        return ColumnKind::Split;
    }
    if nearly_all(counts.dates) {
        return ColumnKind::Date;
    }
    if nearly_all(counts.numbers) {
        let few = counts.whole == counts.numbers && distinct <= 10 && distinct * 2 <= filled;
        return match hint {
            Hint::Id => ColumnKind::Id,
            Hint::Label if counts.whole == counts.numbers && (few || distinct * 2 <= filled) => ColumnKind::Label,
            Hint::Number => ColumnKind::Number,
            _ if counts.consecutive && filled >= 3 => ColumnKind::Id,
            _ if few => ColumnKind::Label,
            _ => ColumnKind::Number,
        };
    }
    let codes = counts.with_blanks == 0 && counts.with_digits * 5 >= filled * 4 && mean <= 40;
    if distinct == filled && hint != Hint::Text && filled >= 3 && (codes || (hint == Hint::Id && counts.with_blanks == 0)) {
        return ColumnKind::Id;
    }
    if several {
        return ColumnKind::Labels;
    }
    let short = counts.most_characters <= 100;
    let repeats = match hint {
        Hint::Text => false,
        Hint::Label => mean <= 60 && (distinct < filled || mean <= 20),
        // Of questions each of which comes twice, half are different.
        _ if distinct > 20 => mean <= 40 && distinct * 4 <= filled,
        _ if filled <= 20 => mean <= 20 && distinct < filled,
        _ => mean <= 40 && distinct * 2 <= filled,
    };
    if repeats && short { ColumnKind::Label } else { ColumnKind::Text }
}

/// A list by itself: labels when its items repeat.
fn list_kind(table: &Table, column: usize) -> ColumnKind {
    let (mut items, mut distinct) = (0_usize, HashSet::new());
    for row in 0..table.rows() {
        for item in table.items(row, column) {
            items += 1;
            if distinct.len() < MOST_DISTINCT {
                distinct.insert(item);
            }
        }
    }
    if items == 0 {
        ColumnKind::Empty
    } else if distinct.len() * 2 <= items.max(table.rows()) || hint(table.name(column)) == Hint::Label {
        ColumnKind::Labels
    } else {
        ColumnKind::Text
    }
}

/// Two lists that are equally long in (nearly) every row are tokens and their tags; tags are the ones with fewer different items.
fn pair_tokens_with_tags(table: &Table, facts: &mut [ColumnFacts]) {
    let lists: Vec<usize> = (0..table.columns()).filter(|&column| table.is_list(column)).collect();
    let rows = table.rows().min(500);
    let mut best: Option<(usize, usize, usize)> = None;
    for (at, &one) in lists.iter().enumerate() {
        for &other in &lists[at + 1..] {
            let even = (0..rows).filter(|&row| table.items(row, one).count() == table.items(row, other).count()).count();
            let longer = (0..rows).filter(|&row| table.items(row, one).count() > 1).count();
            if even * 10 < rows * 9 || longer * 2 < rows || rows == 0 {
                continue;
            }
            let different = |column| {
                let items: HashSet<&str> = (0..rows).flat_map(|row| table.items(row, column)).take(MOST_DISTINCT).collect();
                items.len()
            };
            let (one_different, other_different) = (different(one), different(other));
            let (tokens, tags) = if one_different >= other_different { (one, other) } else { (other, one) };
            let spread = one_different.abs_diff(other_different);
            if best.is_none_or(|(found, ..)| spread > found) {
                best = Some((spread, tokens, tags));
            }
        }
    }
    if let Some((_, tokens, tags)) = best {
        facts[tokens].kind = ColumnKind::Tokens;
        facts[tags].kind = ColumnKind::Tags;
    }
}

/// Examples of cells of a number column that are no numbers.
pub(super) fn not_numbers(table: &Table, column: usize) -> Vec<String> {
    let commas = table.commas(column);
    let other = |cell: &&str| !cell.trim().is_empty() && number(cell, commas).is_none();
    let cells = (0..table.rows()).map(|row| table.cell(row, column)).filter(other);
    let mut found: Vec<String> = Vec::new();
    for cell in cells {
        let cell = excerpt(cell);
        if !found.contains(&cell) {
            found.push(cell);
        }
        if found.len() == MAX_LISTED {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::RowPlace;

    fn kind_of(name: &str, cells: &[(&str, usize)]) -> ColumnKind {
        let mut table = Table::default();
        table.column_or_new(name);
        for cell in cells.iter().flat_map(|(cell, rows)| std::iter::repeat_n(*cell, *rows)) {
            table.push_row(RowPlace { file: 0, line: 1 }, [cell].into_iter()).unwrap();
        }
        facts(&table)[0].kind
    }

    #[test]
    fn whole_numbers_that_pandas_wrote_are_classes_and_measurements_are_not() {
        assert_eq!(kind_of("toxic", &[("0.0", 15), ("1.0", 5), ("", 1)]), ColumnKind::Label);
        assert_eq!(kind_of("label", &[("0.0", 9), ("1", 5), ("2.0", 3)]), ColumnKind::Label);
        assert_eq!(kind_of("quality", &[("4.0", 9), ("4.5", 5), ("5.0", 3)]), ColumnKind::Number);
        assert_eq!(kind_of("score", &[("0.0", 9), ("1.0", 5)]), ColumnKind::Number, "as 0 and 1 would be");
        assert_eq!(kind_of("row", &[("1.0", 1), ("2.0", 1), ("3.0", 1)]), ColumnKind::Id);
    }

    #[test]
    fn a_few_cells_that_name_no_part_leave_a_split_a_split() {
        assert_eq!(kind_of("split", &[("train", 15), ("test", 3), ("extra", 2)]), ColumnKind::Split);
        assert_eq!(kind_of("split", &[("train", 15), ("test", 2), ("extra", 3)]), ColumnKind::Label, "too many");
        assert_eq!(kind_of("split", &[("dev", 15), ("test", 3), ("extra", 2)]), ColumnKind::Label, "none to learn from");
        assert_eq!(kind_of("kind", &[("train", 15), ("test", 3), ("plane", 2)]), ColumnKind::Label, "means of transport");
        assert_eq!(kind_of("kind", &[("train", 15), ("test", 5)]), ColumnKind::Split);
    }
}
