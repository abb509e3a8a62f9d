//! Where the rows are in a JSON document that is no plain array: an object that holds one, an object of parts, classes or columns, an object of rows by
//! their ids, what `json_known` knows by its keys. Objects inside are read in the same way, so that the parts may be objects of columns.
//!
//! Single values beside the rows are notes on them. Lists and objects that are no rows are named, so that nothing is left out in silence.

use super::chats;
use super::columns::{Hint, hint};
use super::header::has_header;
use super::json::Json;
use super::json_groups::{Kind, with_group};
use super::json_known::known;
use super::paths::part_of;
use super::values::part_word;
use std::collections::{HashMap, HashSet};

type Entries = Vec<(String, Json)>;

/// What a document holds.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) rows: Vec<Json>,
    /// Keys of lists and objects that are no rows.
    pub(super) passed_over: Vec<String>,
}

/// Rows looked at to tell whether others are like them.
const SAMPLE: usize = 20;
/// Objects that are parts: of more, names of parts are names of rows.
const MOST_PARTS: usize = 6;

/// The rows that a document holds.
pub(super) fn records(document: Json) -> Records {
    if let Some(rows) = known(&document) {
        return Records::of(rows);
    }
    match document {
        Json::List(rows) => Records::of(rows),
        Json::Object(entries) if entries.iter().any(|(key, value)| chats::is_document(key, value)) => {
            Records::of(vec![Json::Object(entries)])
        }
        Json::Object(entries) if has_parts(&entries) => parts(entries),
        Json::Object(entries) if entries.iter().any(is_list) => lists(entries),
        Json::Object(entries) => objects(entries),
        scalar => Records::of(vec![scalar]),
    }
}

impl Records {
    fn of(rows: Vec<Json>) -> Self {
        Self { rows, passed_over: Vec::new() }
    }

    /// Adds the rows of a part or a class, with its name.
    fn add(&mut self, found: Records, group: &'static str, name: &str) {
        self.rows.extend(found.rows.into_iter().map(|row| with_group(row, group, name)));
        self.passed_over.extend(found.passed_over);
    }

    /// The rows that an entry holds where they are of this kind; else the entry is passed over.
    fn like(&mut self, kind: &Kind, key: String, value: Json) -> Option<(String, Records)> {
        let found = records(value);
        if found.rows.iter().take(SAMPLE).any(|row| kind.has(row)) {
            return Some((key, found));
        }
        self.passed_over.push(key);
        None
    }
}

fn is_list((_, value): &(String, Json)) -> bool {
    matches!(value, Json::List(_))
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::List(items) => items.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

/// A list with something else in it than plain values.
fn is_nested((_, value): &(String, Json)) -> bool {
    value.items().iter().any(|item| !item.is_scalar())
}

fn keys(entries: Entries) -> Vec<String> {
    entries.into_iter().map(|(key, _)| key).collect()
}

/// Whether entries are the parts of a split: a list that is called so, or a few objects of different parts with lists or objects inside.
fn has_parts(entries: &[(String, Json)]) -> bool {
    let called = entries.iter().filter(|(_, value)| !value.is_scalar()).filter_map(|(key, value)| Some((part_of(key)?, value)));
    let called: Vec<_> = called.collect();
    if called.iter().any(|(_, value)| matches!(value, Json::List(_))) {
        return true;
    }
    let holds = |value: &Json| matches!(value, Json::Object(inside) if inside.iter().any(|(_, value)| !value.is_scalar()));
    let different = called.iter().map(|(part, _)| part).collect::<HashSet<_>>().len();
    different > 1 && called.len() <= MOST_PARTS && called.iter().all(|(_, value)| holds(value))
}

/// An object of parts.
fn parts(entries: Entries) -> Records {
    let (mut found, mut sample, mut beside) = (Records::default(), Vec::new(), Vec::new());
    for (key, value) in entries {
        match part_of(&key) {
            _ if value.is_scalar() || is_empty(&value) => {}
            Some(part) => {
                let of_part = records(value);
                sample.extend(of_part.rows.iter().take(SAMPLE).cloned());
                found.add(of_part, "split", part_word(part));
            }
            None => beside.push((key, value)),
        }
    }
    let kind = Kind::of(&sample);
    for (key, value) in beside {
        if let Some((_, rows)) = found.like(&kind, key, value) {
            found.add(rows, "split", "");
        }
    }
    found
}

/// A text beside lists and objects, so that these belong to one row; titles and the like are those of the whole.
fn is_text((key, value): &(String, Json)) -> bool {
    value.is_scalar() && hint(key) == Hint::Text && !["title", "description", "message"].contains(&key.to_lowercase().as_str())
}

/// An object with lists in it: columns, rows by their ids with a list beside, the rows, their classes, or a single row.
fn lists(mut entries: Entries) -> Records {
    let plain = |entry: &(String, Json)| !matches!(entry.1, Json::Object(_)) && !is_nested(entry);
    if entries.iter().any(is_text) && entries.iter().all(plain) {
        return Records::of(vec![Json::Object(entries)]);
    }
    entries.retain(|(_, value)| !value.is_scalar() && !is_empty(value));
    if let Some(are_columns) = columns_among(&entries) {
        let mut at = are_columns.into_iter();
        let (chosen, others): (Entries, Entries) = entries.into_iter().partition(|_| at.next() == Some(true));
        return Records { rows: columns(&chosen), passed_over: keys(others) };
    }
    let (lists, objects): (Entries, Entries) = entries.into_iter().partition(is_list);
    if are_rows(&objects) && objects.len() > lists.len() && !lists.iter().any(is_nested) {
        return Records { rows: by_id(objects), passed_over: keys(lists) };
    }
    let any_nested = lists.iter().any(is_nested);
    let (groups, others): (Entries, Entries) = lists.into_iter().partition(|list| !any_nested || is_nested(list));
    let sample: Vec<Json> = groups.iter().flat_map(|(_, value)| value.items().iter().take(SAMPLE)).take(8 * SAMPLE).cloned().collect();
    let mut found = Records::default();
    let mut groups: Vec<(String, Records)> = groups.into_iter().map(|(key, value)| (key, records(value))).collect();
    let kind = Kind::of(&sample);
    for (key, value) in others.into_iter().chain(objects) {
        groups.extend(found.like(&kind, key, value));
    }
    if groups.len() == 1 {
        for (_, group) in groups {
            found.rows.extend(group.rows);
            found.passed_over.extend(group.passed_over);
        }
        return found;
    }
    groups.into_iter().for_each(|(key, group)| found.add(group, "label", &key));
    found
}

/// Which entries are columns: lists of the length that most have, at least one with the name of a column. `None` where none are: most lists of objects are
/// rows, and so are lists of lists of one width.
fn columns_among(entries: &[(String, Json)]) -> Option<Vec<bool>> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    entries.iter().filter(|entry| is_list(entry)).for_each(|(_, value)| *counts.entry(value.items().len()).or_default() += 1);
    let (length, count) = counts.into_iter().max_by_key(|&(length, count)| (count, length)).filter(|&(_, count)| count > 1)?;
    let is_column = |(_, value): &(String, Json)| value.items().len() == length;
    let chosen = || entries.iter().filter(|entry| is_column(entry));
    let items = || chosen().flat_map(|(_, value)| value.items());
    let width = items().next().map_or(0, |item| item.items().len());
    let of_one_width = length > 1 && width > 1 && items().all(|item| item.items().len() == width);
    let of_objects = chosen().filter(|(_, value)| matches!(value.items().first(), Some(Json::Object(_)))).count();
    let named = chosen().any(|(key, _)| has_header(&[vec![key.clone()]]));
    let rows_left = entries.iter().any(|entry| !is_column(entry) && is_nested(entry));
    if !named || of_one_width || 2 * of_objects >= count || rows_left {
        return None;
    }
    Some(entries.iter().map(is_column).collect())
}

/// An object without lists: of columns as pandas writes them, of rows by their ids, another one that holds the rows, or a single row.
fn objects(mut entries: Entries) -> Records {
    let inside = |value: &Json| match value {
        Json::Object(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        _ => Vec::new(),
    };
    let nested =
        |value: &Json| matches!(value, Json::Object(inside) if !inside.is_empty() && inside.iter().all(|(_, value)| !value.is_scalar()));
    let is_object = |(_, value): &(String, Json)| matches!(value, Json::Object(_));
    let count = entries.iter().filter(|entry| is_object(entry)).count();
    if count == 1
        && !entries.iter().any(is_text)
        && let Some(at) = entries.iter().position(|(_, value)| nested(value))
    {
        return records(entries.swap_remove(at).1);
    }
    let first: Vec<String> = entries.first().map_or_else(Vec::new, |(_, value)| inside(value));
    let counted = !first.is_empty() && first.iter().enumerate().all(|(at, key)| *key == at.to_string());
    if counted && entries.iter().all(|(_, value)| inside(value) == first) {
        let list = |value| if let Json::Object(cells) = value { cells.into_iter().map(|(_, cell)| cell).collect() } else { Vec::new() };
        let lists: Entries = entries.into_iter().map(|(name, value)| (name, Json::List(list(value)))).collect();
        return Records::of(columns(&lists));
    }
    if count == entries.len() && entries.iter().any(|(_, value)| !is_empty(value)) {
        return Records::of(by_id(entries));
    }
    if count > 2 && 2 * count > entries.len() {
        let (rows, notes): (Entries, Entries) = entries.into_iter().partition(is_object);
        if are_rows(&rows) {
            return Records::of(by_id(rows));
        }
        return Records::of(vec![Json::Object(notes.into_iter().chain(rows).collect())]);
    }
    Records::of(vec![Json::Object(entries)])
}

/// Objects of one kind: each has a key of the first.
fn are_rows(objects: &[(String, Json)]) -> bool {
    let [(_, first), rest @ ..] = objects else { return false };
    let kind = Kind::of(std::slice::from_ref(first));
    !rest.is_empty() && rest.iter().all(|(_, row)| kind.has(row))
}

/// Rows with their keys as ids.
fn by_id(entries: Entries) -> Vec<Json> {
    let row = |(key, value)| {
        let Json::Object(mut cells) = value else { return value };
        if !cells.iter().any(|(name, _)| name == "id") {
            cells.insert(0, ("id".to_owned(), Json::Text(key)));
        }
        Json::Object(cells)
    };
    entries.into_iter().map(row).collect()
}

/// Lists that are columns, to rows.
fn columns(entries: &[(String, Json)]) -> Vec<Json> {
    let length = entries.iter().map(|(_, value)| value.items().len()).max().unwrap_or(0);
    let cell = |value: &Json, row: usize| value.items().get(row).cloned().unwrap_or(Json::Null);
    let row = |row| Json::Object(entries.iter().map(|(name, value)| (name.clone(), cell(value, row))).collect());
    (0..length).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::json::whole;
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        let found = records(whole(text).unwrap());
        assert!(found.passed_over.is_empty(), "{text}: {:?}", found.passed_over);
        found.rows.iter().map(Json::to_cell).collect()
    }

    /// Rows, and what is none.
    fn beside(text: &str) -> (usize, Vec<String>) {
        let found = records(whole(text).unwrap());
        (found.rows.len(), found.passed_over)
    }

    #[test]
    fn an_object_that_holds_the_rows() {
        assert_eq!(rows(r#"{"version": 1, "rows": [{"a": 1}, {"a": 2}]}"#), [r#"{"a":1}"#, r#"{"a":2}"#]);
        assert_eq!(rows(r#"{"text": "a", "label": "b"}"#), [r#"{"text":"a","label":"b"}"#], "a single row");
        let by_id = [r#"{"id":"q1","text":"a"}"#, r#"{"id":"q2","text":"b"}"#, r#"{"id":"q3","text":"c"}"#];
        assert_eq!(rows(r#"{"q1": {"text": "a"}, "q2": {"text": "b"}}"#), by_id[..2]);
        assert_eq!(rows(r#"{"version": 2, "q1": {"text": "a"}, "q2": {"text": "b"}, "q3": {"text": "c"}}"#), by_id);
        assert_eq!(rows(r#"{"name": "n", "data": {"q1": {"text": "a"}, "q2": {"text": "b"}}}"#), by_id[..2], "one more object around");
        assert_eq!(rows(r#"{"data": {"text": ["a", "b"], "y": [1, 0]}}"#), [r#"{"text":"a","y":1}"#, r#"{"text":"b","y":0}"#]);
        let one = r#"{"text":"a","author":{"links":["b"]}}"#;
        assert_eq!(rows(one), [one], "a single row with an object in it");
        let one = r#"{"text":"a","labels":["x","y"],"notes":[]}"#;
        assert_eq!(rows(one), [one], "a single row with lists in it");
    }

    #[test]
    fn an_object_of_parts_classes_or_columns() {
        assert_eq!(
            rows(r#"{"train": [["a", "x"]], "oos_test": [["b", "y"]]}"#),
            [r#"{"column 1":"a","column 2":"x","split":"train"}"#, r#"{"column 1":"b","column 2":"y","split":"test"}"#]
        );
        assert_eq!(rows(r#"{"good": ["a"], "bad": ["b"]}"#), [r#"{"text":"a","label":"good"}"#, r#"{"text":"b","label":"bad"}"#]);
        assert_eq!(rows(r#"{"text": ["a", "b"], "label": [0, 1]}"#), [r#"{"text":"a","label":0}"#, r#"{"text":"b","label":1}"#]);
        assert_eq!(rows(r#"{"text": {"0": "a", "1": "b"}, "y": {"0": 0, "1": 1}}"#), [r#"{"text":"a","y":0}"#, r#"{"text":"b","y":1}"#]);
        assert_eq!(
            rows(r#"{"tokens": [["a", "b"], ["c"]], "tags": [["O", "O"], ["X"]]}"#),
            [r#"{"tokens":["a","b"],"tags":["O","O"]}"#, r#"{"tokens":["c"],"tags":["X"]}"#]
        );
        let classes = r#"{"review": [["a", 1], ["b", 2]], "comment": [["c", 3], ["d", 4]]}"#;
        assert_eq!(rows(classes)[3], r#"{"column 1":"d","column 2":4,"label":"comment"}"#, "lists of one width are rows");
    }

    #[test]
    fn parts_that_are_objects_of_columns_or_of_rows() {
        let expected = [
            r#"{"text":"a","label":1,"split":"train"}"#,
            r#"{"text":"b","label":0,"split":"train"}"#,
            r#"{"text":"c","label":1,"split":"test"}"#,
        ];
        let columns = r#"{"text": ["a", "b"], "label": [1, 0]}"#;
        assert_eq!(rows(&format!(r#"{{"train": {columns}, "test": {{"text": ["c"], "label": [1]}}}}"#)), expected);
        assert_eq!(rows(&format!(r#"{{"train": {columns}, "test": [{{"text": "c", "label": 1}}]}}"#)), expected);
        assert_eq!(rows(&format!(r#"{{"v": 1, "data": {{"train": {columns}, "test": [{{"text": "c", "label": 1}}]}}}}"#)), expected);
        let ids = r#"{"train_1": {"text": "a", "at": {"x": 1}}, "train_2": {"text": "b", "at": {"x": 2}}}"#;
        assert_eq!(rows(ids)[1], r#"{"id":"train_2","text":"b","at":{"x":2}}"#, "names of rows");
    }

    #[test]
    fn what_is_no_row_is_named() {
        let named = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect::<Vec<_>>();
        let train = r#""train": [{"text": "a"}], "test": [{"text": "b"}]"#;
        assert_eq!(
            beside(&format!(r#"{{{train}, "label_names": {{"0": "bad"}}, "names": ["x", "y"]}}"#)),
            (2, named(&["label_names", "names"]))
        );
        assert_eq!(beside(&format!(r#"{{{train}, "extra": {{"text": ["c", "d"], "label": [1, 2]}}, "empty": []}}"#)), (4, named(&[])));
        assert_eq!(beside(r#"{"data": [{"text": "a"}], "meta": {"by": "me"}, "classes": ["x"]}"#), (1, named(&["classes", "meta"])));
        assert_eq!(beside(r#"{"a": {"text": "x"}, "b": {"text": "y"}, "tags": ["u", "v", "w"]}"#), (2, named(&["tags"])));
        assert_eq!(beside(r#"{"text": ["a", "b", "c"], "label": [0, 1, 0], "names": ["no", "yes"]}"#), (3, named(&["names"])));
        assert_eq!(beside(r#"{"good": ["a", "b"], "bad": ["c"], "info": {"by": "me"}}"#), (3, named(&["info"])));
        assert_eq!(beside(r#"{"good": [{"text": "a"}], "bad": {"x": {"text": "b"}, "y": {"text": "c"}}}"#), (3, named(&[])));
    }

    #[test]
    fn a_document_that_is_one_conversation_is_a_row() {
        let turns = r#"[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]"#;
        assert_eq!(rows(&format!(r#"{{"id": 1, "messages": {turns}}}"#)), [format!(r#"{{"id":1,"messages":{turns}}}"#)]);
        assert_eq!(rows(&format!(r#"{{"rows": {turns}}}"#)).len(), 2);
    }
}
