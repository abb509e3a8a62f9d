//! Where the rows are in a JSON document that is no plain array: an object that holds one, an object of arrays (parts, classes or columns),
//! SQuAD's layout, what pandas writes, an object of rows by their ids.

use super::MAX_CELL_BYTES;
use super::header::has_header;
use super::json::Json;
use super::paths::part_of;
use super::values::part_word;

fn object(entries: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The rows that a document holds.
pub(super) fn records(document: Json) -> Vec<Json> {
    if let Some(rows) = squad(&document) {
        return rows;
    }
    let Json::Object(mut entries) = document else { return vec![document] };
    let lists = entries.iter().filter(|(_, value)| matches!(value, Json::List(_))).count();
    if lists == 0 {
        return objects(entries);
    }
    entries.retain(|(_, value)| matches!(value, Json::List(_)));
    if lists == 1 && part_of(&entries[0].0).is_none() {
        return entries.into_iter().flat_map(|(_, value)| if let Json::List(items) = value { items } else { Vec::new() }).collect();
    }
    let scalars = entries.iter().all(|(_, value)| value.items().iter().all(Json::is_scalar));
    let parts = entries.iter().any(|(key, _)| part_of(key).is_some());
    let length = entries[0].1.items().len();
    let even = entries.iter().all(|(_, value)| value.items().len() == length);
    let named = entries.iter().any(|(key, _)| has_header(&[vec![key.clone()]]));
    if scalars && !parts && even && named {
        return columns(entries);
    }
    let group = if parts { "split" } else { "label" };
    entries.into_iter().flat_map(|(key, value)| grouped(group, &key, value, parts)).collect()
}

/// Rows of one array among several: the key is their part or their class.
fn grouped(group: &'static str, key: &str, value: Json, parts: bool) -> Vec<Json> {
    let name = if parts { part_of(key).map_or("", part_word).to_owned() } else { key.to_owned() };
    let Json::List(items) = value else { return Vec::new() };
    let with = |item: Json| {
        let name = Json::Text(name.clone());
        match item {
            Json::Object(mut entries) => {
                // A column of the rows themselves goes before.
                if !entries.iter().any(|(key, _)| key == group) {
                    entries.push((group.to_owned(), name));
                }
                Json::Object(entries)
            }
            Json::List(items) => {
                let mut entries: Vec<(String, Json)> =
                    items.into_iter().enumerate().map(|(at, item)| (format!("column {}", at + 1), item)).collect();
                entries.push((group.to_owned(), name));
                Json::Object(entries)
            }
            scalar => object([("text", scalar), (group, name)]),
        }
    };
    items.into_iter().map(with).collect()
}

/// An object without arrays: of columns as pandas writes them, of rows by their ids, or a single row.
fn objects(entries: Vec<(String, Json)>) -> Vec<Json> {
    let keys = |value: &Json| match value {
        Json::Object(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
        _ => Vec::new(),
    };
    let first: Vec<String> = entries.first().map_or_else(Vec::new, |(_, value)| keys(value));
    if first.is_empty() || !entries.iter().all(|(_, value)| matches!(value, Json::Object(_))) {
        return vec![Json::Object(entries)];
    }
    let counted = first.iter().enumerate().all(|(at, key)| *key == at.to_string());
    if counted && entries.iter().all(|(_, value)| keys(value) == first) {
        let lists = entries.into_iter().map(|(name, value)| {
            let items = if let Json::Object(cells) = value { cells.into_iter().map(|(_, cell)| cell).collect() } else { Vec::new() };
            (name, Json::List(items))
        });
        return columns(lists.collect());
    }
    let row = |(key, value)| {
        let Json::Object(mut cells) = value else { return value };
        if !cells.iter().any(|(name, _)| name == "id") {
            cells.insert(0, ("id".to_owned(), Json::Text(key)));
        }
        Json::Object(cells)
    };
    entries.into_iter().map(row).collect()
}

/// Arrays that are columns, to rows.
fn columns(entries: Vec<(String, Json)>) -> Vec<Json> {
    let length = entries.iter().map(|(_, value)| value.items().len()).max().unwrap_or(0);
    let cell = |value: &Json, row: usize| value.items().get(row).cloned().unwrap_or(Json::Null);
    let row = |row| Json::Object(entries.iter().map(|(name, value)| (name.clone(), cell(value, row))).collect());
    (0..length).map(row).collect()
}

/// SQuAD 1.1 and 2.0, CMRC, XQuAD: articles of paragraphs of questions. All different answers of a question are a list.
fn squad(document: &Json) -> Option<Vec<Json>> {
    let articles = document.get("data")?.items();
    articles.first()?.get("paragraphs")?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for paragraph in articles.iter().filter_map(|article| article.get("paragraphs")).flat_map(Json::items) {
        let context = paragraph.get("context").cloned().unwrap_or(Json::Null);
        for question in paragraph.get("qas").map_or(&[][..], Json::items) {
            bytes += if let Json::Text(text) = &context { text.len() } else { 0 };
            if bytes > 2 * MAX_CELL_BYTES {
                // More than the table takes; it will say so.
                return Some(rows);
            }
            let mut answers: Vec<Json> = Vec::new();
            for answer in question.get("answers").map_or(&[][..], Json::items).iter().filter_map(|answer| answer.get("text")) {
                if !answers.contains(answer) {
                    answers.push(answer.clone());
                }
            }
            let of = |key: &str| question.get(key).cloned().unwrap_or(Json::Null);
            rows.push(object([
                ("id", of("id")),
                ("context", context.clone()),
                ("question", of("question")),
                ("answer", Json::List(answers)),
            ]));
        }
    }
    Some(rows)
}

#[cfg(test)]
mod tests {
    use super::super::json::whole;
    use super::*;

    fn rows(text: &str) -> Vec<String> {
        records(whole(text).unwrap()).iter().map(Json::to_cell).collect()
    }

    #[test]
    fn an_object_that_holds_the_rows() {
        assert_eq!(rows(r#"{"version": 1, "rows": [{"a": 1}, {"a": 2}]}"#), [r#"{"a":1}"#, r#"{"a":2}"#]);
        assert_eq!(rows(r#"{"text": "a", "label": "b"}"#), [r#"{"text":"a","label":"b"}"#], "a single row");
        assert_eq!(rows(r#"{"q1": {"text": "a"}, "q2": {"text": "b"}}"#), [r#"{"id":"q1","text":"a"}"#, r#"{"id":"q2","text":"b"}"#]);
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
    }

    #[test]
    fn questions_on_paragraphs() {
        let text = r#"{"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "c", "qas": [
            {"id": "1", "question": "q", "answers": [{"text": "a", "answer_start": 0}, {"text": "b"}, {"text": "a"}]},
            {"id": "2", "question": "r", "answers": []}]}]}]}"#;
        assert_eq!(
            rows(text),
            [r#"{"id":"1","context":"c","question":"q","answer":["a","b"]}"#, r#"{"id":"2","context":"c","question":"r","answer":[]}"#]
        );
    }
}
