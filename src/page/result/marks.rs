//! A typed text with what its words are marked as.
//!
//! In: the text, its words with their tags. Out: pieces that together are the text. Absent: elements.

use crate::metrics::{marks_spans, spans};
use crate::protocol::labels::TaggedWord;
use std::ops::Range;

/// What stands in a text marked as one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub kind: String,
    /// Its first word, by its place among the words.
    pub first: usize,
    /// In bytes of the text.
    pub span: Range<usize>,
}

/// A piece of a text whose words have tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub mark: Option<Mark>,
}

/// The text as it stands, cut where marks begin and end. Marks are the spans that the report counts; where tags mark none, each word with one.
pub fn marked_pieces(text: &str, words: &[TaggedWord], tags: &[String]) -> Vec<Piece> {
    let names: Vec<&str> = words.iter().map(|word| tags.get(word.tag as usize).map_or("O", String::as_str)).collect();
    let found: Vec<(usize, usize, String)> = if marks_spans(tags) {
        spans(&names).into_iter().map(|span| (span.first, span.last, span.kind)).collect()
    } else {
        names.iter().enumerate().filter(|(_, name)| **name != "O").map(|(at, name)| (at, at, (*name).to_owned())).collect()
    };
    let mut pieces: Vec<Piece> = Vec::new();
    let mut end = 0;
    let cut = |range: Range<usize>, mark| {
        let piece = text.get(range).filter(|text| !text.is_empty())?;
        Some(Piece { text: piece.to_owned(), mark })
    };
    for (first, last, kind) in found {
        let (Some(from), Some(to)) = (words.get(first), words.get(last)) else { continue };
        let span = from.start as usize..to.end as usize;
        pieces.extend(cut(end..span.start, None));
        end = span.end;
        pieces.extend(cut(span.clone(), Some(Mark { kind, first, span })));
    }
    pieces.extend(cut(end..text.len(), None));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str, words: &[(u32, u32, u32)], tags: &[&str]) -> Vec<Piece> {
        let words: Vec<TaggedWord> = words.iter().map(|&(start, end, tag)| TaggedWord { start, end, tag, probability: 1.0 }).collect();
        marked_pieces(text, &words, &tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<String>>())
    }

    fn marks(pieces: &[Piece]) -> Vec<(&str, &str, usize)> {
        let marked = pieces.iter().filter_map(|piece| piece.mark.as_ref().map(|mark| (piece, mark)));
        marked.map(|(piece, mark)| (piece.text.as_str(), mark.kind.as_str(), mark.first)).collect()
    }

    #[test]
    fn marks_hold_whole_spans_and_the_text_stays_as_it_is() {
        let text = "On 9  July, Ada came; Rome 9";
        let words = [(0, 2, 0), (3, 4, 1), (6, 10, 2), (10, 11, 0), (12, 15, 0), (16, 20, 0), (20, 21, 0), (22, 26, 3), (27, 28, 2)];
        let found = pieces(text, &words, &["O", "B-DATE", "I-DATE", "I-PLACE"]);
        assert_eq!(found.iter().map(|piece| piece.text.as_str()).collect::<String>(), text);
        assert_eq!(marks(&found), [("9  July", "DATE", 1), ("Rome", "PLACE", 7), ("9", "DATE", 8)]);
        assert_eq!(found[1].mark.as_ref().map(|mark| mark.span.clone()), Some(3..10));
    }

    #[test]
    fn spans_that_end_with_a_letter_of_their_own_are_whole() {
        let found = pieces("a b c d", &[(0, 1, 0), (2, 3, 1), (4, 5, 2), (6, 7, 3)], &["B-X", "I-X", "E-X", "S-X"]);
        assert_eq!(marks(&found), [("a b c", "X", 0), ("d", "X", 3)]);
    }

    #[test]
    fn tags_without_spans_mark_each_word() {
        let found = pieces("it is", &[(0, 2, 0), (3, 5, 0)], &["VERB"]);
        assert_eq!(marks(&found), [("it", "VERB", 0), ("is", "VERB", 1)]);
        assert_eq!(found[1].text, " ");
    }
}
