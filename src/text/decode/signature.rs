//! Tells files that are no text: by their first bytes, or by control characters where text has none.

/// First bytes of common formats, at offset 0, and what a visitor would call them.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an office document (docx, xlsx, epub)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old office document (doc, xls)"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xFD7zXZ\0", "an xz archive"),
    (b"\x28\xB5\x2F\xFD", "a zstd archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7-zip archive"),
    (b"Rar!\x1A\x07", "a rar archive"),
    (b"\0asm", "a WebAssembly module"),
    (b"\x7FELF", "a program"),
    (b"\xCA\xFE\xBA\xBE", "a program"),
    (b"SQLite format 3\0", "a database"),
    (b"PAR1", "a Parquet table"),
    (b"GGUF", "a model file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"ID3", "a sound file"),
    (b"\x1A\x45\xDF\xA3", "a video"),
];

/// What the first bytes give away, or `None` where this may be text.
pub(super) fn kind(bytes: &[u8]) -> Option<&'static str> {
    // "BZh" is followed by a digit; a text may well start with these three letters.
    let bzip2_looks_like_text = bytes.starts_with(b"BZh") && !bytes.get(3).is_some_and(u8::is_ascii_digit);
    if let Some((_, name)) = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start))
        && !bzip2_looks_like_text
    {
        return Some(name);
    }
    match bytes.get(..12)? {
        [b'R', b'I', b'F', b'F', _, _, _, _, rest @ ..] => match rest {
            b"WAVE" => Some("a sound file"),
            b"WEBP" => Some("a WebP picture"),
            b"AVI " => Some("a video"),
            _ => None,
        },
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("a video"),
        _ => None,
    }
}

/// Zero bytes per character above which a text is none.
const MAX_NUL_SHARE: f64 = 0.001;
/// Other control characters per character above which a text is none.
const MAX_CONTROL_SHARE: f64 = 0.02;

/// Finds decoded content that is no text although nothing in its first bytes said so. One stray control character is forgiven:
/// real files have them.
pub(super) fn kind_by_controls(text: &str) -> Option<&'static str> {
    let (mut characters, mut nul, mut other) = (0_u64, 0_u64, 0_u64);
    for c in text.chars() {
        characters += 1;
        match c {
            '\0' => nul += 1,
            // Escape sequences of terminals, page breaks, and the end mark of old systems do occur in texts.
            '\t' | '\n' | '\r' | '\u{8}' | '\u{b}' | '\u{c}' | '\u{1a}' | '\u{1b}' | '\u{85}' => {}
            c if c.is_control() => other += 1,
            _ => {}
        }
    }
    let limit = |share: f64| (share * characters as f64).max(1.0);
    if nul as f64 > limit(MAX_NUL_SHARE) || other as f64 > limit(MAX_CONTROL_SHARE) {
        Some("it holds bytes that no text has")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_begin_like_a_format_are_texts() {
        assert_eq!(kind(b"BZhang said"), None);
        assert_eq!(kind(b"RIFFLE through the pages"), None);
        assert_eq!(kind(b"BZh91AY&SY"), Some("a bzip2 archive"));
        assert_eq!(kind(b"RIFF\x10\0\0\0WAVEfmt "), Some("a sound file"));
    }

    #[test]
    fn controls_are_counted_against_length() {
        assert_eq!(kind_by_controls("a\0b"), None);
        assert!(kind_by_controls("a\0b\0c").is_some());
        assert!(kind_by_controls(&"ab\u{1}\u{2}".repeat(50)).is_some());
        assert_eq!(kind_by_controls(&"\u{1b}[31mred\u{1b}[0m\n".repeat(50)), None);
    }
}
