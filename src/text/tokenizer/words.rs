//! Cuts a text into words as GPT-2 does, without a regular expression.
//!
//! The expression is `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+` (GPT-2's `encoder.py`). Every
//! character belongs to exactly one word. The look-ahead makes the regex engine some thirty times slower than these few lines.

use regex_syntax::hir::{Class, HirKind};
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Number,
    Space,
    Other,
}

/// Ranges of code points, sorted.
type Ranges = Vec<(char, char)>;

static LETTERS: LazyLock<Ranges> = LazyLock::new(|| ranges(r"\p{L}"));
static NUMBERS: LazyLock<Ranges> = LazyLock::new(|| ranges(r"\p{N}"));
/// Kinds of the basic plane; beyond it the ranges are searched.
static BASIC: LazyLock<Vec<Kind>> = LazyLock::new(|| (0..0x1_0000).map(|code| char::from_u32(code).map_or(Kind::Other, look_up)).collect());

/// The same Unicode tables that the regex engine of the `tokenizers` crate uses.
fn ranges(class: &str) -> Ranges {
    match regex_syntax::parse(class).as_ref().map(regex_syntax::hir::Hir::kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class.iter().map(|range| (range.start(), range.end())).collect(),
        // Both classes are constants; a test would see an empty table at once.
        _ => Vec::new(),
    }
}

fn look_up(c: char) -> Kind {
    let within = |ranges: &Ranges| {
        let after = ranges.partition_point(|&(start, _)| start <= c);
        after > 0 && c <= ranges[after - 1].1
    };
    if c.is_whitespace() {
        Kind::Space
    } else if within(&LETTERS) {
        Kind::Letter
    } else if within(&NUMBERS) {
        Kind::Number
    } else {
        Kind::Other
    }
}

/// Cuts words off the front of a text.
#[derive(Clone, Copy)]
pub(super) struct Cutter {
    basic: &'static [Kind],
}

impl Cutter {
    pub(super) fn new() -> Self {
        // Taken once: the lock is not asked for every character.
        Self { basic: &BASIC }
    }

    fn kind(self, c: char) -> Kind {
        self.basic.get(c as usize).copied().unwrap_or_else(|| look_up(c))
    }

    /// Length in bytes of the first word; 0 only for an empty text.
    pub(super) fn first(self, text: &str) -> usize {
        let bytes = text.as_bytes();
        if bytes.first() == Some(&b'\'')
            && let Some(len) = contraction(bytes)
        {
            return len;
        }
        let mut characters = text.char_indices();
        let Some((_, first)) = characters.next() else { return 0 };
        // One space may lead a word; any other white space stands for itself.
        let (start, kind) = match characters.clone().next() {
            Some((at, second)) if first == ' ' && self.kind(second) != Kind::Space => (at, self.kind(second)),
            _ => (0, self.kind(first)),
        };
        let run = self.run(&text[start..], kind);
        let end = start + run;
        if kind != Kind::Space || end == text.len() {
            return end;
        }
        // White space before a word leaves its last character to that word, unless it is the only one.
        let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
        if last < end { end - last } else { end }
    }

    /// Length in bytes of the characters of one kind at the front.
    fn run(self, text: &str, kind: Kind) -> usize {
        text.char_indices().find(|&(_, c)| self.kind(c) != kind).map_or(text.len(), |(at, _)| at)
    }
}

fn contraction(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b's' | b't' | b'm' | b'd' => Some(2),
        b'r' | b'v' if bytes.get(2) == Some(&b'e') => Some(3),
        b'l' if bytes.get(2) == Some(&b'l') => Some(3),
        _ => None,
    }
}

/// All words of a text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let cutter = Cutter::new();
    let mut rest = text;
    std::iter::from_fn(move || {
        let (word, tail) = rest.split_at(cutter.first(rest));
        rest = tail;
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokenizers::pre_tokenizers::byte_level::ByteLevel;
    use tokenizers::tokenizer::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer};

    /// The words as the `tokenizers` crate cuts them with the expression itself.
    fn reference(text: &str) -> Vec<String> {
        let mut split = PreTokenizedString::from(text);
        ByteLevel::new(false, true, true).pre_tokenize(&mut split).unwrap();
        let offsets = split.get_splits(OffsetReferential::Original, OffsetType::Byte);
        offsets.into_iter().map(|(_, (start, end), _)| text[start..end].to_owned()).collect()
    }

    fn check(text: &str) {
        assert_eq!(words(text).collect::<Vec<_>>(), reference(text), "{text:?}");
    }

    #[test]
    fn cases_of_the_expression() {
        for text in [
            "",
            " ",
            "  ",
            "a",
            " a",
            "  a",
            "a ",
            "a  ",
            "\n\na",
            "\n a",
            " \n a",
            "\t\tb",
            "a\u{a0}b",
            "a \u{a0} b",
            "it's we'll I'd they've 're 'x '",
            "''s",
            " 's",
            "x'llama",
            "3.14 is pi2",
            "人人生而自由，在尊严 和权利",
            "½ ² Ⅷ ١٢",
            "😀😀 ok",
            "e\u{301}e",
            "a\r\n\r\nb",
            "...\"'s",
            "'S 'T",
            "\u{85}a",
        ] {
            check(text);
        }
    }

    proptest! {
        #[test]
        fn words_equal_the_expression(text in "[a-z'’ 0-9.,!\\n\\t\u{a0}\u{3000}é漢Ⅷ😀\u{301}]{0,60}") {
            check(&text);
        }

        #[test]
        fn any_string_is_cut_alike(text in any::<String>()) {
            check(&text);
        }
    }
}
