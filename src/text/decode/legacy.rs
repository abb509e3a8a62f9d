//! Encodings from before Unicode: a guess from letter statistics (as Firefox guesses), and the 7-bit ones that look like ASCII.

use super::{Reading, read_with};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, ISO_2022_JP};

/// Label of HZ (RFC 1843): GB2312 between `~{` and `~}`. WHATWG maps it to "replacement", so it is read here.
pub(super) const HZ: &str = "hz-gb-2312";
/// Bytes of lines with anything beyond ASCII that the detector is shown: plenty for its statistics, quick on 50 MB.
const DETECTOR_BYTES: usize = 512 * 1024;
/// Letters that make `~{`..`~}` a sign of HZ rather than of a format string.
const MIN_LETTERS: u64 = 8;

/// The likeliest encoding of bytes that are not UTF-8. Always gives one; windows-1252 reads anything.
pub(super) fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = DETECTOR_BYTES;
    // Whole lines only: no encoding here has a line feed inside a character.
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if line.is_ascii() {
            continue;
        }
        let shown = &line[..line.len().min(left)];
        detector.feed(shown, false);
        left -= shown.len();
        if left == 0 {
            break;
        }
    }
    let encoding = detector.guess(None, Utf8Detection::Deny);
    // GB18030 holds all of GBK, and more.
    if encoding == GBK { GB18030 } else { encoding }
}

/// Reads ASCII bytes that spell another encoding: ISO-2022-JP with its escapes, or HZ.
pub(super) fn seven_bit(bytes: &[u8]) -> Option<Reading> {
    let has = |sign: &[u8]| bytes.windows(sign.len()).any(|window| window == sign);
    // Escapes into JIS X 0208 (ISO-2022-JP, RFC 1468) do not occur among those of terminals.
    let japanese = || has(b"\x1b$").then(|| read_japanese(bytes, true));
    let chinese = || has(b"~{").then(|| read_hz(bytes, true));
    japanese().filter(is_east_asian).or_else(|| chinese().filter(is_east_asian))
}

/// Whether a reading gave East Asian letters, and enough of them to not be chance.
fn is_east_asian(reading: &Reading) -> bool {
    let letters = reading.text.chars().filter(|c| matches!(c, '\u{3041}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}')).count() as u64;
    letters >= MIN_LETTERS && reading.replaced * 10 <= letters
}

/// Reads ISO-2022-JP. Escapes that are followed by another at once say nothing, but WHATWG counts them as errors; real files have them.
pub(super) fn read_japanese(bytes: &[u8], guessed: bool) -> Reading {
    const ESCAPE: u8 = 0x1b;
    const LENGTH: usize = 3;
    let mut clean = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == ESCAPE && bytes.get(at + LENGTH) == Some(&ESCAPE) {
            at += LENGTH;
        } else {
            clean.push(byte);
            at += 1;
        }
    }
    read_with(ISO_2022_JP, &clean, guessed)
}

/// Reads HZ (RFC 1843): `~{` and `~}` enclose GB2312 without its high bits, `~~` is a tilde, `~` before a line end joins lines.
pub(super) fn read_hz(bytes: &[u8], guessed: bool) -> Reading {
    let mut gb = Vec::with_capacity(bytes.len());
    let mut chinese = false;
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let taken = match (first, tail.first(), chinese) {
            (b'~', Some(b'{'), false) | (b'~', Some(b'}'), true) => {
                chinese = !chinese;
                2
            }
            (b'~', Some(b'~'), false) => {
                gb.push(b'~');
                2
            }
            (b'~', Some(b'\n'), false) => 2,
            // A line end closes what was left open.
            (b'\n', _, _) => {
                chinese = false;
                gb.push(first);
                1
            }
            (0x21..=0x7e, Some(&second @ 0x21..=0x7e), true) => {
                gb.extend([first | 0x80, second | 0x80]);
                2
            }
            (0x21..=0x7e, _, true) => {
                // Half a character: made unreadable for the decoder, so that it is counted.
                gb.push(0xff);
                1
            }
            _ => {
                gb.push(first);
                1
            }
        };
        rest = &rest[taken..];
    }
    let mut reading = read_with(GB18030, &gb, guessed);
    reading.encoding = HZ.to_owned();
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1843() {
        let reading = read_hz(b"This sentence is in ASCII.\n~{<:Ky2;S{#,NpJ)l6HK!#~}Bye.", true);
        assert_eq!(reading.text, "This sentence is in ASCII.\n己所不欲，勿施於人。Bye.");
        assert_eq!((reading.encoding.as_str(), reading.replaced), (HZ, 0));
    }

    #[test]
    fn tildes_and_format_strings_are_left_alone() {
        assert_eq!(read_hz(b"a~~b~\nc", false).text, "a~bc");
        assert!(seven_bit(b"(format t \"~{~a~^, ~}\" list) ; a Lisp loop").is_none());
        assert!(seven_bit(b"\x1b[31mred\x1b[0m and plain").is_none());
    }

    #[test]
    fn japanese_with_escapes() {
        let (bytes, ..) = ISO_2022_JP.encode("人類社会のすべての構成員の固有の尊厳");
        let bytes = [&bytes[..], b"\x1b$B\x1b(B"].concat();
        let reading = seven_bit(&bytes);
        assert_eq!(
            reading.map(|reading| (reading.text, reading.encoding)),
            Some(("人類社会のすべての構成員の固有の尊厳".to_owned(), "iso-2022-jp".to_owned()))
        );
    }

    #[test]
    fn late_foreign_letters_are_seen() {
        let mut bytes = b"plain ascii, line after line\n".repeat(50_000);
        bytes.extend_from_slice(&encoding_rs::GB18030.encode("人人生而自由，在尊严和权利上一律平等。").0);
        assert_eq!(guess(&bytes), GB18030);
    }
}
