//! JSON documents of a layout that is known by its keys: SQuAD's, and what pandas writes with the names of the columns apart.

use super::MAX_CELL_BYTES;
use super::json::Json;

/// An object of these entries.
pub(super) fn object(entries: impl IntoIterator<Item = (&'static str, Json)>) -> Json {
    Json::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The rows of a document of a known layout.
pub(super) fn known(document: &Json) -> Option<Vec<Json>> {
    squad(document).or_else(|| split_frame(document))
}

/// `{"columns": [...], "index": [...], "data": [[...], ...]}`.
fn split_frame(document: &Json) -> Option<Vec<Json>> {
    let (names, data) = (document.get("columns")?.items(), document.get("data")?.items());
    if names.is_empty() || !names.iter().all(Json::is_scalar) || data.iter().any(|row| row.items().len() != names.len()) {
        return None;
    }
    let row = |row: &Json| Json::Object(names.iter().map(Json::to_cell).zip(row.items().iter().cloned()).collect());
    Some(data.iter().map(row).collect())
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
        known(&whole(text).unwrap()).unwrap_or_default().iter().map(Json::to_cell).collect()
    }

    #[test]
    fn a_data_frame_with_its_names_apart() {
        let text = r#"{"columns": ["text", "label"], "index": [0, 1], "data": [["a", "x"], ["b", "y"]]}"#;
        assert_eq!(rows(text), [r#"{"text":"a","label":"x"}"#, r#"{"text":"b","label":"y"}"#]);
        assert!(rows(r#"{"columns": ["text", "label"], "data": [["a", "x"], ["b"]]}"#).is_empty(), "another width");
        assert!(rows(r#"{"columns": [{"name": "text"}], "data": [["a"]]}"#).is_empty());
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
