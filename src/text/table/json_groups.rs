//! Groups of rows in a JSON document: the name of its part or class on each row, and which rows are of one kind.

use super::json::Json;
use super::json_known::object;
use std::collections::HashSet;

/// What kind of rows there are, to tell whether others are like them.
#[derive(Default)]
pub(super) struct Kind<'a> {
    keys: HashSet<&'a str>,
    lists: bool,
    scalars: bool,
}

impl<'a> Kind<'a> {
    pub(super) fn of(rows: &'a [Json]) -> Self {
        let mut kind = Self::default();
        for row in rows {
            match row {
                Json::Object(entries) => kind.keys.extend(entries.iter().map(|(key, _)| key.as_str())),
                Json::List(_) => kind.lists = true,
                _ => kind.scalars = true,
            }
        }
        kind
    }

    /// A plain value where there are such, a list where there are such, an object with a key that others have.
    pub(super) fn has(&self, row: &Json) -> bool {
        match row {
            Json::Object(entries) => entries.iter().any(|(key, _)| self.keys.contains(key.as_str())),
            Json::List(_) => self.lists,
            _ => self.scalars,
        }
    }
}

/// A row with the name of its part or class. A column of the row itself goes before.
pub(super) fn with_group(row: Json, group: &'static str, name: &str) -> Json {
    let name = Json::Text(name.to_owned());
    let mut entries: Vec<(String, Json)> = match row {
        Json::Object(entries) if entries.iter().any(|(key, _)| key == group) => return Json::Object(entries),
        Json::Object(entries) => entries,
        Json::List(items) => items.into_iter().enumerate().map(|(at, item)| (format!("column {}", at + 1), item)).collect(),
        scalar => return object([("text", scalar), (group, name)]),
    };
    entries.push((group.to_owned(), name));
    Json::Object(entries)
}

#[cfg(test)]
mod tests {
    use super::super::json::whole;
    use super::*;

    #[test]
    fn rows_are_of_one_kind_by_a_key_or_by_what_they_are() {
        let value = |text: &str| whole(text).unwrap();
        let rows = [value(r#"{"a": 1}"#), value(r#"{"b": 1, "c": 2}"#)];
        let kind = Kind::of(&rows);
        let has = ["{\"c\": 3, \"d\": 4}", "{\"d\": 4}", "{}", "[1]", "1"].map(|text| kind.has(&value(text)));
        assert_eq!(has, [true, false, false, false, false]);
        let rows = [value("[1]"), value("null")];
        assert!(Kind::of(&rows).has(&value("[]")) && Kind::of(&rows).has(&value("2")) && !Kind::of(&rows).has(&value("{}")));
    }

    #[test]
    fn a_column_of_the_row_itself_goes_before() {
        let grouped = |text: &str| with_group(whole(text).unwrap(), "label", "x").to_cell();
        assert_eq!(grouped(r#"{"label":"own"}"#), r#"{"label":"own"}"#);
        assert_eq!(
            (grouped("[1]"), grouped("\"a\"")),
            (r#"{"column 1":1,"label":"x"}"#.to_owned(), r#"{"text":"a","label":"x"}"#.to_owned())
        );
    }
}
