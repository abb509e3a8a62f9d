//! UTF-8 that is nearly clean, and UTF-16 that does not say so.

use super::{Reading, read_with, utf8_label};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes looked at to tell UTF-16: enough for certainty.
const SAMPLE: usize = 64 * 1024;
/// A text with some broken bytes is still UTF-8 while this many characters of several bytes are whole for each that is not. Text in
/// another encoding almost never contains such a sequence by chance.
const WHOLE_PER_BROKEN: u64 = 8;

/// UTF-32, which browsers refuse as well: `FF FE 00 00` or `00 00 FE FF`.
pub(super) fn has_utf32_mark(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF")
}

/// Reads UTF-8, or gives the bytes back when another encoding is likelier. With broken bytes inside, the reading counts as a guess;
/// a file that was cut in its last character does not.
pub(super) fn read_utf8(mut bytes: Vec<u8>) -> Result<Reading, Vec<u8>> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Reading { text, encoding: utf8_label(), guessed: false, replaced: 0 }),
        Err(error) => {
            let cut_at_the_end = error.utf8_error().error_len().is_none();
            let bytes = error.into_bytes();
            let (mut whole, mut broken) = (0_u64, 0_u64);
            for chunk in bytes.utf8_chunks() {
                whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
                broken += u64::from(!chunk.invalid().is_empty());
            }
            if whole < WHOLE_PER_BROKEN * broken {
                return Err(bytes);
            }
            Ok(read_with(UTF_8, &bytes, !cut_at_the_end))
        }
    }
}

/// UTF-16 without a byte order mark, told by its zero bytes: they stand in every second place only, and the rest reads as text.
pub(super) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let pairs = sample.len() / 2;
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let (encoding, high_zeros, low_zeros) = if odd >= even { (UTF_16LE, odd, even) } else { (UTF_16BE, even, odd) };
    // The low byte is zero in about one of 256 characters beyond Latin, never as often as the high byte of spaces and line ends.
    if high_zeros == 0 || low_zeros * 8 > high_zeros {
        return None;
    }
    // ASCII with a stray zero byte has few of them, and is valid UTF-8; Chinese as UTF-16 has few as well, but is not.
    if high_zeros * 10 < pairs && std::str::from_utf8(sample).is_ok() {
        return None;
    }
    let mut text = String::with_capacity(sample.len() * 2);
    // `last` is false: the sample may end between the two halves of a character.
    let (_, _, had_errors) = encoding.new_decoder_without_bom_handling().decode_to_string(sample, &mut text, false);
    let is_odd = |c: char| (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')) || matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FFF0}'..='\u{FFFF}');
    if had_errors || text.chars().any(is_odd) { None } else { Some(encoding) }
}
