//! What form a single file has, by its content first and its extension second.

use super::chats::is_chat;
use super::conll::{self, ConllShape};
use super::dialect::{Sample, declared, recognise_dialect};
use super::json_loose::{Element, element, whole};
use crate::protocol::{QuoteStyle, Separator, TableForm, TableOptions};

/// The form of a file, with what was found out on the way.
pub(super) enum Shape {
    Delimited(Sample),
    Json,
    JsonLines,
    Conll(ConllShape),
    Prose,
}

/// Recognises a file's form, unless `options` name it. `extension` is lower case.
pub(super) fn shape(text: &str, extension: &str, options: &TableOptions) -> Shape {
    let separator = options.separator.filter(|separator| *separator != Separator::Blanks);
    let cells = |separator, quote| recognise_dialect(text, extension, separator, quote).map_or(Shape::Prose, Shape::Delimited);
    match options.form {
        Some(TableForm::Delimited) => {
            // Asked for a table, anything is one, if only of one column.
            let found = recognise_dialect(text, extension, separator, options.quote);
            let found = found.or_else(|| recognise_dialect(text, "csv", separator, options.quote));
            return found.map_or(Shape::Prose, Shape::Delimited);
        }
        Some(TableForm::Json) => return Shape::Json,
        Some(TableForm::JsonLines) => return Shape::JsonLines,
        Some(TableForm::Conll) => {
            let fallback = ConllShape { separator: Separator::Blanks, width: 2, token: 0, tag: 1, counted: false };
            return Shape::Conll(corrected(conll::shape(text, extension).unwrap_or(fallback), options));
        }
        Some(TableForm::Lines | TableForm::Documents | TableForm::ParallelLines | TableForm::Typed) => return Shape::Prose,
        None => {}
    }
    if let Some(json) = json(text, extension) {
        return json;
    }
    if separator.is_none()
        && declared(text).is_none()
        && options.quote.is_none_or(|quote| quote == QuoteStyle::None)
        && let Some(found) = conll::recognise(text, extension)
    {
        return Shape::Conll(corrected(found, options));
    }
    cells(separator, options.quote)
}

fn corrected(found: ConllShape, options: &TableOptions) -> ConllShape {
    let separator = options.separator.filter(|separator| matches!(separator, Separator::Tab | Separator::Blanks));
    let column = |wish: Option<u32>, found| wish.map_or(found, |wish| wish as usize);
    ConllShape {
        separator: separator.unwrap_or(found.separator),
        token: column(options.token_column, found.token),
        tag: column(options.tag_column, found.tag),
        ..found
    }
}

fn json(text: &str, extension: &str) -> Option<Shape> {
    let named_lines = ["jsonl", "ndjson", "jsonlines"].contains(&extension);
    if named_lines {
        return Some(Shape::JsonLines);
    }
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return (extension == "json").then_some(Shape::Json);
    }
    let mut lines = start.lines().filter(|line| !line.trim().is_empty());
    let mut value = || lines.next().and_then(whole).map(|(value, _)| value);
    let (first, second) = (value(), value());
    // "[1]" above "[2]" is a text's numbering as likely as JSON: rows are objects or arrays with something in them.
    // Two files of an array of rows each, one behind the other, are two lines as well.
    let is_table =
        |value: &super::json::Json| value.items().iter().all(|item| matches!(item, super::json::Json::Object(_))) && !is_chat(value);
    let is_row =
        |value: &super::json::Json| !value.is_scalar() && value.items().len() != 1 && (value.items().is_empty() || !is_table(value));
    if first.as_ref().is_some_and(is_row) && second.as_ref().is_some_and(is_row) {
        return Some(Shape::JsonLines);
    }
    if extension == "json" {
        return Some(Shape::Json);
    }
    let is_value = |text| matches!(element(text, 0), Element::Value { .. });
    let valid = match start.strip_prefix('[') {
        Some(inside) => {
            let inside = inside.trim_start();
            // An array of rows, not "[Scene: a wood]".
            inside.starts_with(['{', '[']) && is_value(inside)
        }
        None => is_value(start),
    };
    valid.then_some(Shape::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str, extension: &str) -> &'static str {
        match shape(text, extension, &TableOptions::default()) {
            Shape::Delimited(_) => "delimited",
            Shape::Json => "json",
            Shape::JsonLines => "lines of json",
            Shape::Conll(_) => "conll",
            Shape::Prose => "prose",
        }
    }

    #[test]
    fn forms_by_content() {
        assert_eq!(name("[\n {\"a\": 1}\n]", "txt"), "json");
        assert_eq!(name("{\"a\": 1}\n{\"a\": 2}\n", "txt"), "lines of json");
        assert_eq!(name("[\"a\", 1]\n[\"b\", 2]\n", ""), "lines of json");
        assert_eq!(name("[{\"a\": 1}, {\"a\": 2}]\n[{\"a\": 3}, {\"a\": 4}]\n", "txt"), "json");
        let chat = r#"[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]"#;
        assert_eq!(name(&format!("{chat}\n{chat}\n"), "json"), "lines of json", "a conversation a line");
        assert_eq!(name("{\n\"a\": [1]\n}", "txt"), "json");
        assert_eq!(name("not json", "json"), "json", "the name counts when the content says nothing; the reader will say what is wrong");
        assert_eq!(name("{not json}\n", "jsonl"), "lines of json");
        assert_eq!(name("[Scene: a wood]\nEnter a fox.\n", "txt"), "prose");
        assert_eq!(name("[1]\n[2]\n", "txt"), "prose");
        assert_eq!(name("text,label\na,b\n", "txt"), "delimited");
        assert_eq!(name("He\tO\nran\tO\naway\tO\n\nShe\tO\nsat\tO\n", "txt"), "conll");
        assert_eq!(name("Once upon a time.\n", "txt"), "prose");
    }

    #[test]
    fn the_visitor_is_believed() {
        let wish = |form| TableOptions { form: Some(form), ..TableOptions::default() };
        assert!(matches!(shape("Once, upon", "txt", &wish(TableForm::Delimited)), Shape::Delimited(_)));
        assert!(matches!(shape("a,b\nc,d\n", "csv", &wish(TableForm::Lines)), Shape::Prose));
        let options = TableOptions { tag_column: Some(1), ..wish(TableForm::Conll) };
        assert!(matches!(shape("a b c\n", "txt", &options), Shape::Conll(ConllShape { token: 0, tag: 1, width: 3, .. })));
    }
}
