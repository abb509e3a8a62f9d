//! UTF-8 that is nearly clean, and UTF-16 that does not say so.

use super::{Reading, read_with, utf8_label};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes looked at to tell UTF-16: enough for certainty.
const SAMPLE: usize = 64 * 1024;
/// Share of spaces, line ends, ASCII and East Asian stops that any text has.
const MIN_USUAL_SHARE: f64 = 0.03;
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

/// UTF-16 without a byte order mark. It has zero bytes (in every space and line end at least), and read in the right order of bytes it is all
/// text; read in the wrong one it is seldom text at all, and never has as many spaces, letters and stops.
pub(super) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let zeros = sample.iter().filter(|&&byte| byte == 0).count();
    // ASCII with a stray zero byte has few of them, and is valid UTF-8; Chinese as UTF-16 has few as well, but is not.
    if zeros == 0 || (zeros * 20 < sample.len() && std::str::from_utf8(sample).is_ok()) {
        return None;
    }
    let (little, big) = (usual_share(UTF_16LE, sample), usual_share(UTF_16BE, sample));
    let (encoding, share) = if little >= big { (UTF_16LE, little) } else { (UTF_16BE, big) };
    (share >= MIN_USUAL_SHARE).then_some(encoding)
}

/// Share of characters that every text is full of; 0 when the bytes cannot be text in this encoding.
fn usual_share(encoding: &'static Encoding, sample: &[u8]) -> f64 {
    let mut text = String::with_capacity(sample.len() * 2);
    // `last` is false: the sample may end between the two halves of a character.
    let (_, _, had_errors) = encoding.new_decoder_without_bom_handling().decode_to_string(sample, &mut text, false);
    let (mut characters, mut usual) = (0_u32, 0_u32);
    for c in text.chars() {
        characters += 1;
        match c {
            '\t' | '\n' | '\r' | '\u{c}' | ' '..='~' | '\u{3000}'..='\u{3002}' | '\u{FF0C}' => usual += 1,
            // Private use and specials do not occur in texts.
            '\u{E000}'..='\u{F8FF}' | '\u{FFF0}'..='\u{FFFF}' => return 0.0,
            c if c.is_control() => return 0.0,
            _ => {}
        }
    }
    if had_errors { 0.0 } else { f64::from(usual) / f64::from(characters.max(1)) }
}
