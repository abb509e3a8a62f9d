//! Joins bytes to text: a token may end in the middle of a character.

/// Turns pieces of UTF-8 into text as soon as characters are complete. Bytes that are no UTF-8 become `�`, by the rules of
/// [`String::from_utf8_lossy`]; the text of all pieces together is what that function makes of all bytes together.
#[derive(Debug, Clone, Default)]
pub struct Utf8Joiner {
    /// At most three bytes: the start of a character.
    pending: Vec<u8>,
}

impl Utf8Joiner {
    /// Nothing pending.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes; returns the text that is certain now.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let complete = self.pending.len() - unfinished(&self.pending);
        let text = String::from_utf8_lossy(&self.pending[..complete]).into_owned();
        self.pending.drain(..complete);
        text
    }

    /// Nothing more comes: the start of a character, if one is pending, as `�`.
    pub fn finish(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending.clear();
        text
    }
}

/// Bytes at the end that may be the start of a character whose rest is still to come.
fn unfinished(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(_) => return 0,
            Err(error) => match error.error_len() {
                None => return rest.len() - error.valid_up_to(),
                Some(length) => rest = &rest[error.valid_up_to() + length..],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_character_comes_when_its_last_byte_does() {
        let mut joiner = Utf8Joiner::new();
        let bytes = "é好😀".as_bytes();
        let pieces: Vec<String> = bytes.iter().map(|&byte| joiner.push(&[byte])).collect();
        assert_eq!(pieces, ["", "é", "", "", "好", "", "", "", "😀"]);
        assert_eq!(joiner.finish(), "");
    }

    #[test]
    fn half_a_character_at_the_end_is_shown_as_missing() {
        let mut joiner = Utf8Joiner::new();
        assert_eq!(joiner.push(&"a好".as_bytes()[..3]), "a");
        assert_eq!(joiner.finish(), "\u{fffd}");
        assert_eq!(joiner.finish(), "");
    }

    proptest! {
        #[test]
        fn pieces_add_up_to_the_whole(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 0..12)) {
            let mut joiner = Utf8Joiner::new();
            let mut text: String = pieces.iter().map(|piece| joiner.push(piece)).collect();
            prop_assert!(joiner.pending.len() <= 3);
            text += &joiner.finish();
            prop_assert_eq!(text, String::from_utf8_lossy(&pieces.concat()).into_owned());
        }

        #[test]
        fn real_text_survives_any_cut(text in "\\PC{0,20}", cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
            let bytes = text.as_bytes();
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
            ends.sort_unstable();
            let mut joiner = Utf8Joiner::new();
            let joined: String = ends.windows(2).map(|pair| joiner.push(&bytes[pair[0]..pair[1]])).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
