//! JSON that is not quite JSON: `NaN` and infinities as Python writes them, characters of which only one half is there (`\ud83d` alone), and arrays with a
//! broken element, behind which the next one is looked for.
//!
//! In: text. Out: the value, or where to go on. What is valid is read as it stands; only what is not is looked at twice.

use super::json::{self, Json, first_value};

/// What Python writes for numbers that JSON does not have: no number.
const NO_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];
/// How deep values may lie in each other; the reader of JSON takes no more either.
const DEEPEST: usize = 128;

/// An element of an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// `halves`: characters of which only one half was there.
    Value { value: Json, bytes: usize, halves: u64 },
    /// Not valid; behind so many bytes the next one may begin.
    Broken { bytes: usize },
    /// Not valid, and where the next one begins, nobody knows.
    Lost,
}

/// The element that begins at byte `at`.
pub(super) fn element(text: &str, at: usize) -> Element {
    let rest = &text[at..];
    if let Some((value, bytes)) = first_value(rest) {
        return Element::Value { value, bytes, halves: 0 };
    }
    let Some(bytes) = extent(rest) else { return next_line_like(text, at).map_or(Element::Lost, |bytes| Element::Broken { bytes }) };
    let read = mended(&rest[..bytes]).and_then(|(sound, halves)| Some((json::whole(&sound)?, halves)));
    read.map_or(Element::Broken { bytes }, |(value, halves)| Element::Value { value, bytes, halves })
}

/// The whole text as one value, and the characters of which only one half was there.
pub(super) fn whole(text: &str) -> Option<(Json, u64)> {
    json::whole(text).map(|value| (value, 0)).or_else(|| {
        let (sound, halves) = mended(text)?;
        Some((json::whole(&sound)?, halves))
    })
}

/// Bytes up to the comma behind an element, to the end of its array, or to the next element where the comma is missing. `None` where brackets do not match
/// or a string does not end with its line: then the end may be anywhere.
fn extent(text: &str) -> Option<usize> {
    let (mut open, mut closed, mut inside, mut escaped) = (Vec::new(), None, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if inside {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => inside = false,
                b'\n' => return None,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => inside = true,
            b',' | b']' if open.is_empty() => return (at > 0).then_some(at),
            b'[' | b'{' if open.is_empty() && at > 0 => return Some(at),
            b'[' | b'{' if open.len() >= DEEPEST => return None,
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            // One closing bracket too many harms nothing.
            b'}' if open.is_empty() => {}
            b']' | b'}' => {
                if open.pop() != Some(byte) {
                    return None;
                }
                if open.is_empty() {
                    closed = Some(at + 1);
                }
            }
            _ => {}
        }
    }
    // The array has no end, but its last element has.
    closed.filter(|_| open.is_empty() && !inside)
}

/// Bytes up to the next line that opens as the line of this element does: with the same blanks and the same bracket.
fn next_line_like(text: &str, at: usize) -> Option<usize> {
    let (before, rest) = text.split_at(at);
    let bracket = rest.chars().next().filter(|first| matches!(first, '[' | '{'))?;
    let blanks = &before[before.trim_end_matches([' ', '\t']).len()..];
    if !before[..before.len() - blanks.len()].ends_with('\n') {
        return None;
    }
    let opening = format!("\n{blanks}{bracket}");
    rest.find(&opening).map(|found| found + 1)
}

/// The text with `null` for what is no number and `U+FFFD` for half characters, and how many those were. `None` where there is neither.
fn mended(text: &str) -> Option<(String, u64)> {
    let bytes = text.as_bytes();
    let (mut sound, mut copied, mut at, mut inside, mut halves) = (String::new(), 0, 0, false, 0);
    while let Some(&byte) = bytes.get(at) {
        let (length, instead) = match byte {
            b'"' => {
                inside = !inside;
                (1, None)
            }
            b'\\' if inside => {
                let (length, half) = escape(&bytes[at..]);
                halves += u64::from(half);
                (length, half.then_some("\\ufffd"))
            }
            b'N' | b'I' | b'-' if !inside => {
                let found = NO_NUMBERS.iter().find(|word| bytes[at..].starts_with(word.as_bytes()));
                found.map_or((1, None), |word| (word.len(), Some("null")))
            }
            _ => (1, None),
        };
        if let Some(instead) = instead {
            sound.push_str(&text[copied..at]);
            sound.push_str(instead);
            copied = at + length;
        }
        at += length;
    }
    sound.push_str(&text[copied..]);
    (copied > 0).then_some((sound, halves))
}

/// Bytes of an escape, and whether it is half a character: one of two surrogates without the other.
fn escape(bytes: &[u8]) -> (usize, bool) {
    match unit(bytes) {
        Some(0xD800..=0xDBFF) if matches!(bytes.get(6..).and_then(unit), Some(0xDC00..=0xDFFF)) => (12, false),
        Some(0xD800..=0xDFFF) => (6, true),
        Some(_) => (6, false),
        None => (2, false),
    }
}

/// The number of an escape `\uXXXX`.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let value = |all: u16, digit: &u8| Some(all << 4 | (*digit as char).to_digit(16)? as u16);
    digits.iter().try_fold(0, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, u64)> {
        whole(text).map(|(value, halves)| (value.to_cell(), halves))
    }

    #[test]
    fn what_python_writes_for_no_number_is_null() {
        let expected = Some((r#"{"a":null,"b":[null,null,-1],"c":"NaN, -Infinity"}"#.to_owned(), 0));
        assert_eq!(read(r#"{"a": NaN, "b": [Infinity, -Infinity, -1], "c": "NaN, -Infinity"}"#), expected);
        assert_eq!(read(r#"["\\", NaN, "\"NaN"]"#), Some((r#"["\\",null,"\"NaN"]"#.to_owned(), 0)));
        for broken in ["NaNny", "{NaN: 1}", "[nan]", "[1NaN]", "NaN NaN"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn half_characters_are_replaced_and_counted() {
        assert_eq!(read(r#""a\ud83d""#), Some(("a\u{fffd}".to_owned(), 1)));
        assert_eq!(read(r#"["\uDE00é\ud83d\ud83d\ude00", "\\ud83d"]"#), Some(("[\"\u{fffd}é\u{fffd}😀\",\"\\\\ud83d\"]".to_owned(), 2)));
        for broken in [r#""\ud8""#, r#""\ud83d"#, "\"a\nb\"", r#""\é\ud83d""#] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn the_end_of_a_broken_element_is_found_by_its_brackets_or_by_the_lines() {
        let broken = |text: &str| match element(text, 0) {
            Element::Broken { bytes } => Some(text[bytes..].to_owned()),
            _ => None,
        };
        let rest = |text: &str| Some(text.to_owned());
        assert_eq!(broken(r#"{"a": 1 2, "b": [3]}, {"a": 2}]"#), rest(r#", {"a": 2}]"#));
        assert_eq!(broken(r#"{"a": "},{" x}} {"a": 2}]"#), rest(r#"{"a": 2}]"#), "without a comma");
        assert_eq!(broken("and so on]"), rest("]"));
        assert_eq!(broken(r#"{"a": ["b"}, {"a": 2}]"#), None);
        assert_eq!(broken(r#"{"a": "b}, {"a": 2}]"#), None);
        let lines = "[\n  {\"a\": \"5\" tall\"},\n    {},\n  {\"a\": 2}\n]";
        assert_eq!(element(lines, 4), Element::Broken { bytes: lines.len() - 4 - "{\"a\": 2}\n]".len() - 2 });
        assert_eq!(element(&lines[..lines.len() - 12], 4), Element::Lost);
    }

    #[test]
    fn deep_and_endless_elements_take_no_time() {
        let text = "[\n".to_owned() + &"{\"a\": [\n".repeat(50_000);
        let (mut at, mut broken) = (2, 0);
        while let Element::Broken { bytes } = element(&text, at) {
            at += bytes;
            broken += 1;
        }
        assert_eq!(broken, 49_999);
    }
}
