//! GPT-2's spelling of bytes as printable characters (`encoder.py` of the GPT-2 release): a space is `Ġ`, a line feed `Ċ`.

use std::sync::LazyLock;

/// The character of each byte: itself where it prints, else the next one from U+0100 on.
static CHARACTERS: LazyLock<[char; 256]> = LazyLock::new(|| {
    let mut next = 0x100_u32;
    std::array::from_fn(|byte| {
        let code = match byte as u32 {
            printable @ (0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff) => printable,
            _ => {
                next += 1;
                next - 1
            }
        };
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
    })
});

/// The byte of each character up to U+0143, the last in use.
static BYTES: LazyLock<[Option<u8>; 0x144]> = LazyLock::new(|| {
    let mut bytes = [None; 0x144];
    for (byte, &c) in (0..=u8::MAX).zip(CHARACTERS.iter()) {
        if let Some(slot) = bytes.get_mut(c as usize) {
            *slot = Some(byte);
        }
    }
    bytes
});

/// A byte as its character.
pub(super) fn character(byte: u8) -> char {
    CHARACTERS[usize::from(byte)]
}

/// Text as a tokenizer file spells it.
pub(super) fn spell(text: &str) -> String {
    text.bytes().map(character).collect()
}

/// The bytes of a token as a tokenizer file spells it; `None` where a character stands for no byte.
pub(super) fn unspell(token: &str) -> Option<Vec<u8>> {
    token.chars().map(|c| BYTES.get(c as usize).copied().flatten()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_spellings() {
        assert_eq!(spell(" a\n\u{e9}"), "ĠaĊÃ©");
        assert_eq!((character(0), character(0xad)), ('Ā', 'Ń'));
    }

    #[test]
    fn every_byte_comes_back() {
        let all: String = (0..=255).map(character).collect();
        assert_eq!(unspell(&all), Some((0..=255).collect()));
        assert_eq!(unspell("漢"), None);
    }
}
