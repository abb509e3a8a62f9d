//! JSON as it stands in the file: keys in their order, numbers as text. `serde_json`'s own value sorts keys, which would shuffle columns.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    /// Numbers and truth values, as text.
    Plain(String),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Plain(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Plain(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Plain(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Plain(serde_json::Number::from_f64(value).map_or_else(String::new, |number| number.to_string())))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

/// The first value of a text and the bytes up to its end. `None` where there is none, or it is not valid.
pub(super) fn first_value(text: &str) -> Option<(Json, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

/// The whole text as one value.
pub(super) fn whole(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

impl Json {
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }

    /// A scalar as text, anything else as JSON.
    pub(super) fn to_cell(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Plain(text) | Self::Text(text) => text.clone(),
            Self::List(_) | Self::Object(_) => {
                let mut out = String::new();
                self.write(&mut out);
                out
            }
        }
    }

    fn write(&self, out: &mut String) {
        let text = |out: &mut String, text: &str| out.push_str(&serde_json::Value::from(text).to_string());
        match self {
            Self::Null => out.push_str("null"),
            Self::Plain(value) => out.push_str(value),
            Self::Text(value) => text(out, value),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    text(out, key);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// The value of a key of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Items of a list, nothing for all else.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_numbers_stay() {
        let text = r#"{"z": 1, "a": [1.0, -2, 18446744073709551615, true, null, "x\"y"], "m": {"k": "v"}}"#;
        let value = whole(text).unwrap();
        assert_eq!(value.to_cell(), r#"{"z":1,"a":[1.0,-2,18446744073709551615,true,null,"x\"y"],"m":{"k":"v"}}"#);
        assert_eq!(value.get("a").unwrap().items().len(), 6);
    }

    #[test]
    fn values_one_after_another() {
        let text = "[1,2] rest";
        assert_eq!(first_value(text).unwrap().1, 5);
        assert_eq!(first_value("1,2").unwrap(), (Json::Plain("1".to_owned()), 1));
        assert_eq!(first_value("  "), None);
        assert_eq!(first_value("{\"a\": "), None);
        assert!(whole(&"[".repeat(10_000)).is_none(), "depth is bounded");
    }
}
