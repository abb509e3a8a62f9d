//! Whether the quotation marks of a text are those of a table: opened at the start of a cell and closed at its end.

use crate::protocol::{QuoteStyle, Separator};

/// The byte between two cells.
pub(super) fn separator_byte(separator: Separator) -> u8 {
    match separator {
        Separator::Comma => b',',
        Separator::Tab => b'\t',
        Separator::Semicolon => b';',
        Separator::Pipe => b'|',
        Separator::Blanks => b' ',
    }
}

/// The byte around a cell; `None` where marks are text.
pub(super) fn quote_byte(quote: QuoteStyle) -> Option<u8> {
    match quote {
        QuoteStyle::Double => Some(b'"'),
        QuoteStyle::Single => Some(b'\''),
        QuoteStyle::None => None,
    }
}

/// What [`audit`] counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Audit {
    /// Cells that begin with the mark.
    pub(super) quoted: u64,
    /// Those of them whose closing mark is missing or is followed by more text.
    pub(super) stray: u64,
    /// Line (from 1) where the first of these begins.
    pub(super) first_stray: u32,
    /// Lines of the text, blank ones not counted.
    pub(super) lines: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    MarkInside,
}

/// Walks over a text as a reader of quoted cells would, and counts where the marks do not fit. Linear.
pub(super) fn audit(text: &str, separator: u8, mark: u8) -> Audit {
    let mut found = Audit::default();
    let (mut state, mut line, mut opened, mut blank) = (State::CellStart, 1_u32, 1_u32, true);
    let stray = |found: &mut Audit, opened| {
        found.stray += 1;
        if found.first_stray == 0 {
            found.first_stray = opened;
        }
    };
    for &byte in text.as_bytes() {
        state = match (state, byte) {
            (State::CellStart, _) if byte == mark => {
                found.quoted += 1;
                opened = line;
                State::Quoted
            }
            (State::Quoted, _) if byte == mark => State::MarkInside,
            (State::Quoted, _) => State::Quoted,
            (State::MarkInside, _) if byte == mark => State::Quoted,
            (_, b'\n') => State::CellStart,
            (_, _) if byte == separator => State::CellStart,
            (State::MarkInside, _) => {
                stray(&mut found, opened);
                State::Plain
            }
            _ => State::Plain,
        };
        if byte == b'\n' {
            line += 1;
            found.lines += u64::from(!blank);
            blank = true;
        } else {
            blank = false;
        }
    }
    found.lines += u64::from(!blank);
    if state == State::Quoted {
        stray(&mut found, opened);
    }
    found
}

/// The quoting of a text whose separator is known.
pub(super) fn recognise(text: &str, separator: u8) -> QuoteStyle {
    let double = audit(text, separator, b'"');
    if double.quoted > 0 {
        // A few strays among many good ones are mistakes; otherwise the marks belong to the text.
        return if double.stray * 5 <= double.quoted { QuoteStyle::Double } else { QuoteStyle::None };
    }
    let single = audit(text, separator, b'\'');
    // Many texts begin with an apostrophe; only when about every row has one and all close well are they quotation marks.
    if single.stray == 0 && single.quoted >= 2 && single.quoted * 2 >= single.lines { QuoteStyle::Single } else { QuoteStyle::Double }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strays_are_found_with_their_line() {
        let good = "a,\"b, \"\"c\"\"\nd\"\n\"e\",f\n";
        assert_eq!(audit(good, b',', b'"'), Audit { quoted: 2, stray: 0, first_stray: 0, lines: 3 });
        let stray = "a,b\n\"good\" he said,c\n\"open,d\n";
        assert_eq!(audit(stray, b',', b'"'), Audit { quoted: 2, stray: 2, first_stray: 2, lines: 3 });
    }

    #[test]
    fn quoting_is_recognised() {
        assert_eq!(recognise("\"a\",b\n\"c\",d\n", b','), QuoteStyle::Double);
        assert_eq!(recognise("a,b\nc,d\n", b','), QuoteStyle::Double);
        assert_eq!(recognise("\"Run\" is a verb.\tx\nHe ran.\ty\n", b'\t'), QuoteStyle::None);
        assert_eq!(recognise("'a, b',c\n'd',e\n", b','), QuoteStyle::Single);
        assert_eq!(recognise("'tis so,a\nwell,b\n", b','), QuoteStyle::Double);
    }
}
