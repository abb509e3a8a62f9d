//! Bytes of a file to a string: recognises the encoding, says which it was, and refuses what is no text.
//!
//! In: a file's name and bytes, perhaps the visitor's correction. Out: text with `\n` line ends and its `FileReport`.
//! The order of belief: the visitor, a byte order mark, the zero bytes of UTF-16, strict UTF-8, nearly clean UTF-8, and last a guess
//! from letter statistics. Nothing is mangled in silence: what could not be read is counted.

mod legacy;
mod signature;
mod unicode;

use super::error::TextError;
use crate::protocol::FileReport;
use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

/// A file as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Line ends are `\n`; no byte order mark.
    pub text: String,
    pub report: FileReport,
}

/// A text and how it was read; the parts of this room hand it to each other.
#[derive(Debug)]
struct Reading {
    text: String,
    /// WHATWG label, lower case.
    encoding: String,
    guessed: bool,
    replaced: u64,
}

/// Share of unreadable characters above which a guess is called wrong.
const MAX_REPLACED_SHARE: f64 = 0.1;

/// Reads a file. `encoding` is the visitor's correction: a WHATWG label such as `gb18030` (<https://encoding.spec.whatwg.org>), or
/// `hz-gb-2312`, which browsers no longer read.
///
/// # Errors
/// `Binary` for content that is no text, `UnknownEncoding` for a label that names none, `UnreadableEncoding` when a guess leaves
/// too much unread.
pub fn decode(name: &str, bytes: Vec<u8>, encoding: Option<&str>) -> Result<Decoded, TextError> {
    let size = bytes.len() as u64;
    if let Some(kind) = signature::kind(&bytes) {
        return Err(TextError::Binary { name: name.to_owned(), kind });
    }
    let reading = match encoding {
        Some(label) => read_as(bytes, label)?,
        None => recognise(name, bytes)?,
    };
    if let Some(kind) = signature::kind_by_controls(&reading.text) {
        return Err(TextError::Binary { name: name.to_owned(), kind });
    }
    let text = unix_line_ends(reading.text);
    let characters = text.chars().count() as u64;
    if reading.guessed && reading.replaced as f64 > MAX_REPLACED_SHARE * characters as f64 {
        return Err(TextError::UnreadableEncoding { name: name.to_owned(), encoding: reading.encoding });
    }
    let Reading { encoding, guessed, replaced, .. } = reading;
    Ok(Decoded { text, report: FileReport { name: name.to_owned(), bytes: size, characters, encoding, guessed, replaced } })
}

/// Reads bytes as the visitor says. A byte order mark of that encoding is removed.
fn read_as(bytes: Vec<u8>, label: &str) -> Result<Reading, TextError> {
    if label.trim().eq_ignore_ascii_case(legacy::HZ) {
        return Ok(legacy::read_hz(&bytes, false));
    }
    let encoding = Encoding::for_label(label.as_bytes())
        .filter(|&encoding| encoding != REPLACEMENT)
        .ok_or_else(|| TextError::UnknownEncoding(label.to_owned()))?;
    if encoding == ISO_2022_JP {
        return Ok(legacy::read_japanese(&bytes, false));
    }
    Ok(read_with(encoding, &bytes, false))
}

/// Reads bytes without being told the encoding.
fn recognise(name: &str, bytes: Vec<u8>) -> Result<Reading, TextError> {
    if unicode::has_utf32_mark(&bytes) {
        return Err(TextError::UnreadableEncoding { name: name.to_owned(), encoding: "utf-32".to_owned() });
    }
    if let Some((encoding, _)) = Encoding::for_bom(&bytes)
        && (encoding == UTF_16LE || encoding == UTF_16BE)
    {
        return Ok(read_with(encoding, &bytes, false));
    }
    if let Some(encoding) = unicode::utf16_without_mark(&bytes) {
        return Ok(read_with(encoding, &bytes, true));
    }
    if bytes.is_ascii()
        && let Some(reading) = legacy::seven_bit(&bytes)
    {
        return Ok(reading);
    }
    match unicode::read_utf8(bytes) {
        Ok(reading) => Ok(reading),
        Err(bytes) => Ok(read_with(legacy::guess(&bytes), &bytes, true)),
    }
}

/// Reads bytes in one encoding; what cannot be read becomes U+FFFD and is counted.
fn read_with(encoding: &'static Encoding, bytes: &[u8], guessed: bool) -> Reading {
    let (text, had_errors) = encoding.decode_with_bom_removal(bytes);
    let text = text.into_owned();
    let replaced = if had_errors { text.matches(char::REPLACEMENT_CHARACTER).count() as u64 } else { 0 };
    Reading { text, encoding: label(encoding), guessed, replaced }
}

fn label(encoding: &'static Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}

fn utf8_label() -> String {
    label(UTF_8)
}

/// `\r\n` and `\r` become `\n`.
fn unix_line_ends(text: String) -> String {
    if !text.as_bytes().contains(&b'\r') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\r') {
        out.push_str(&rest[..at]);
        out.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENGLISH: &str = "The old man looked at the sea, and the sea looked back at him.\n";

    fn report(bytes: &[u8]) -> (String, FileReport) {
        let decoded = decode("a.txt", bytes.to_vec(), None).unwrap();
        (decoded.text, decoded.report)
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn utf8_with_and_without_mark() {
        for bytes in [ENGLISH.as_bytes().to_vec(), [b"\xEF\xBB\xBF", ENGLISH.as_bytes()].concat()] {
            let (text, report) = report(&bytes);
            assert_eq!(text, ENGLISH);
            assert_eq!((report.encoding.as_str(), report.guessed, report.replaced), ("utf-8", false, 0));
            assert_eq!(report.bytes, bytes.len() as u64);
        }
    }

    #[test]
    fn utf8_cut_in_the_last_character_stays_utf8() {
        let whole = "人人生而自由，在尊严和权利上一律平等。";
        let (text, report) = report(&whole.as_bytes()[..whole.len() - 1]);
        assert!(text.starts_with("人人生而自由") && text.ends_with('\u{FFFD}'));
        assert_eq!((report.encoding.as_str(), report.replaced), ("utf-8", 1));
    }

    #[test]
    fn a_few_bad_bytes_do_not_turn_utf8_into_nonsense() {
        let mut bytes = "Größe, Maß und Übermut. ".repeat(40).into_bytes();
        bytes.extend_from_slice(b"\xFF and on");
        let (text, report) = report(&bytes);
        assert!(text.starts_with("Größe, Maß"));
        assert_eq!((report.encoding.as_str(), report.guessed, report.replaced), ("utf-8", true, 1));
    }

    #[test]
    fn utf16_with_and_without_mark() {
        for little in [true, false] {
            for text in
                [ENGLISH, "人人生而自由，在尊严和权利上一律平等。\n他们赋有理性和良心。\n", "Все люди рождаются свободными и равными.\n"]
            {
                let plain = utf16(text, little);
                let mark: &[u8] = if little { b"\xFF\xFE" } else { b"\xFE\xFF" };
                let expected = if little { "utf-16le" } else { "utf-16be" };
                for (bytes, guessed) in [([mark, plain.as_slice()].concat(), false), (plain, true)] {
                    let (read, report) = report(&bytes);
                    assert_eq!(read, text);
                    assert_eq!((report.encoding.as_str(), report.guessed), (expected, guessed));
                }
            }
        }
    }

    #[test]
    fn legacy_encodings_are_guessed_and_said_to_be() {
        let chinese = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。";
        for (encoding, text, expected) in [
            (encoding_rs::GB18030, chinese, "gb18030"),
            (encoding_rs::BIG5, "人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神相對待。", "big5"),
            (encoding_rs::WINDOWS_1252, "Déclaration universelle : tous les êtres humains naissent libres et égaux.", "windows-1252"),
            (encoding_rs::KOI8_U, "Все люди рождаются свободными и равными в своем достоинстве и правах.", "koi8-u"),
            (encoding_rs::SHIFT_JIS, "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。", "shift_jis"),
        ] {
            let (bytes, _, unmappable) = encoding.encode(text);
            assert!(!unmappable);
            let (read, report) = report(&bytes);
            assert_eq!(read, text);
            assert_eq!((report.encoding.as_str(), report.guessed, report.replaced), (expected, true, 0));
        }
    }

    #[test]
    fn the_visitor_is_believed() {
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode("Привет, мир");
        let decoded = decode("a.txt", bytes.to_vec(), Some("windows-1251")).unwrap();
        assert_eq!(decoded.text, "Привет, мир");
        assert_eq!((decoded.report.encoding.as_str(), decoded.report.guessed), ("windows-1251", false));
        let wrong = decode("a.txt", b"caf\xE9 caf\xE9".to_vec(), Some("utf-8")).unwrap();
        assert_eq!(wrong.report.replaced, 2);
        assert_eq!(decode("a.txt", b"x".to_vec(), Some("klingon")), Err(TextError::UnknownEncoding("klingon".to_owned())));
        assert_eq!(decode("a.txt", b"x".to_vec(), Some("replacement")), Err(TextError::UnknownEncoding("replacement".to_owned())));
    }

    #[test]
    fn line_ends_become_one_kind() {
        assert_eq!(report(b"a\r\nb\rc\n\r\nd\r").0, "a\nb\nc\n\nd\n");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let zip = [b"PK\x03\x04".as_slice(), &[7; 300]].concat();
        let noise: Vec<u8> = (0..4000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
        for bytes in [b"\x89PNG\r\n\x1a\n0000".to_vec(), zip, b"%PDF-1.7 rest".to_vec(), b"\0asm\x01\0\0\0".to_vec(), noise] {
            let refused = decode("x", bytes.clone(), None);
            assert!(matches!(refused, Err(TextError::Binary { .. })), "{:?} became {refused:?}", &bytes[..8]);
        }
        assert!(matches!(decode("x", b"%PDF-1.7 rest".to_vec(), Some("utf-8")), Err(TextError::Binary { .. })));
    }

    #[test]
    fn a_stray_zero_byte_is_survived() {
        let text = [ENGLISH.repeat(40).as_bytes(), b"\0", ENGLISH.as_bytes()].concat();
        assert_eq!(report(&text).1.encoding, "utf-8");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600), label in "[a-z0-9-]{0,12}") {
            let _ = decode("x", bytes.clone(), None);
            let _ = decode("x", bytes, Some(&label));
        }

        #[test]
        fn a_string_comes_back(text in "[\\PC\n]{0,200}") {
            let read = decode("x", text.clone().into_bytes(), Some("utf-8")).unwrap();
            prop_assert_eq!(&read.text, text.strip_prefix('\u{FEFF}').unwrap_or(&text));
            prop_assert_eq!(read.report.characters, read.text.chars().count() as u64);
        }
    }
}
