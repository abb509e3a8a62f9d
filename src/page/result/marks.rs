//! A typed text with what its words are marked as.
//!
//! In: the text, its words with their tags. Out: pieces that together are the text. Absent: elements.

use crate::page::format::mark_kind;
use crate::protocol::labels::TaggedWord;

/// A piece of a typed text whose words have tags.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    pub text: String,
    /// What it is marked as, with the place of its first word among the words.
    pub mark: Option<(String, usize)>,
}

/// The text as it stands, cut where marks begin and end. A tag that goes on (`I-` after the same kind) belongs to the mark before it.
pub fn marked_pieces(text: &str, words: &[TaggedWord], tags: &[String]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut end, mut before) = (0, None::<&str>);
    let plain = |from: usize, to: usize| text.get(from..to).filter(|text| !text.is_empty()).map(str::to_owned);
    for (at, word) in words.iter().enumerate() {
        let (start, stop) = (word.start as usize, word.end as usize);
        let tag = tags.get(word.tag as usize).map_or("O", String::as_str);
        let kind = mark_kind(tag);
        if kind.is_some() && kind == before && tag.starts_with("I-") {
            // The blank between its words is part of it.
            if let (Some(last), Some(more)) = (pieces.last_mut(), plain(end, stop)) {
                last.text.push_str(&more);
            }
        } else {
            pieces.extend(plain(end, start).map(|text| Piece { text, mark: None }));
            pieces.extend(plain(start, stop).map(|text| Piece { text, mark: kind.map(|kind| (kind.to_owned(), at)) }));
        }
        (end, before) = (stop, kind);
    }
    pieces.extend(plain(end, text.len()).map(|text| Piece { text, mark: None }));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_hold_whole_spans_and_the_text_stays_as_it_is() {
        let text = "On 9  July, Ada came; Rome 9";
        let tags = ["O", "B-DATE", "I-DATE", "I-PLACE"].map(str::to_owned);
        let word = |(start, end, tag)| TaggedWord { start, end, tag, probability: 1.0 };
        let words = [(0, 2, 0), (3, 4, 1), (6, 10, 2), (10, 11, 0), (12, 15, 0), (16, 20, 0), (20, 21, 0), (22, 26, 3), (27, 28, 2)];
        let pieces = marked_pieces(text, &words.map(word), &tags);
        let said: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(said, text);
        let marks: Vec<(&str, &str, usize)> =
            pieces.iter().filter_map(|piece| piece.mark.as_ref().map(|(kind, at)| (piece.text.as_str(), kind.as_str(), *at))).collect();
        assert_eq!(marks, [("9  July", "DATE", 1), ("Rome", "PLACE", 7), ("9", "DATE", 8)]);
    }

    #[test]
    fn tags_without_spans_mark_each_word() {
        let word = |(start, end)| TaggedWord { start, end, tag: 0, probability: 1.0 };
        let pieces = marked_pieces("it is", &[(0, 2), (3, 5)].map(word), &["VERB".to_owned()]);
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>(), ["it", " ", "is"]);
    }
}
