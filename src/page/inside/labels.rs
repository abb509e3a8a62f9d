//! How a token is written in a picture: blanks and line breaks become visible, empty ones get a mark.
//!
//! In: a token's text. Out: a label. Absent: the token's id, which means nothing to a reader.

/// The label of one token. A leading blank, which most word tokens carry, is drawn as a low dot.
pub fn label(token: &str) -> String {
    if token.is_empty() {
        return "∅".to_owned();
    }
    token
        .chars()
        .map(|c| match c {
            ' ' => '·',
            '\n' => '↵',
            '\r' => '␍',
            '\t' => '⇥',
            '\u{a0}' => '⍽',
            '\u{3000}' => '□',
            c if c.is_control() => '␦',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_breaks_show() {
        assert_eq!(label(" the"), "·the");
        assert_eq!(label("\n"), "↵");
        assert_eq!(label("a\tb\r\n"), "a⇥b␍↵");
        assert_eq!(label(""), "∅");
        assert_eq!(label("春"), "春");
        assert_eq!(label("\u{7}"), "␦");
    }
}
